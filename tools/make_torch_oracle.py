#!/usr/bin/python3
"""Writes tests/oracle/torch_*.safetensors: what PyTorch computes, in double, for rnn, lstm and gru: single, stacked, projected, in
both directions, over sequences of unequal length.

Usage: tools/make_torch_oracle.py [FOLDER]       needs Debian's python3-torch; the tests need only the files

A file holds, in PyTorch's own names and row orders (lstm i,f,g,o; gru r,z,n), with T=7, B=3, I=5, H=6 and L layers:
  x [T,B,I], h0 and for lstm c0 [L,B,H], weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, … _l1     what goes in
  y [T,B,H], h_n, c_n [L,B,H]                                                                     what comes out
  g_y, g_h_n, g_c_n                                                          given gradients of what comes out
  d_NAME for everything that goes in: the gradient of sum(g_y*y) + sum(g_h_n*h_n) + sum(g_c_n*c_n)
In both directions the tensors of the second end in _reverse, states are [2L,B,H] and y is [T,B,2H]. Projected (P=4): weight_hr_l0 [P,H], y
and h [.,B,P]. Of unequal lengths: lengths [B], and y is 0 behind a sequence's end (packed sequences).
"""
import json
import os
import struct
import sys

import torch

T, B, I, H = 7, 3, 5, 6
root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "tests", "oracle")
torch.set_num_threads(1)


def write(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in tensors.items():
        values = tensor.detach().double().contiguous().flatten().tolist()
        raw = struct.pack("<%dd" % len(values), *values)
        header[name] = {"dtype": "F64", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def make(kind, layers, seed, label="", both=False, projected=0, lengths=None):
    torch.manual_seed(seed)
    options = {"bidirectional": both}
    if projected:
        options["proj_size"] = projected
    module = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](I, H, layers, **options).double()
    lanes = len(lengths) if lengths else B
    given = {"x": torch.randn(T, lanes, I, dtype=torch.float64)}
    for state in ["h", "c"] if kind == "lstm" else ["h"]:
        width = projected if projected and state == "h" else H
        given[state + "0"] = 0.5 * torch.randn(layers * (2 if both else 1), lanes, width, dtype=torch.float64)
    for name, parameter in module.named_parameters():
        parameter.data = 0.5 * torch.randn(parameter.shape, dtype=torch.float64)
    for tensor in given.values():
        tensor.requires_grad_(True)

    start = (given["h0"], given["c0"]) if kind == "lstm" else given["h0"]
    rows = given["x"]
    if lengths:
        rows = torch.nn.utils.rnn.pack_padded_sequence(rows, lengths, enforce_sorted=False)
    y, final = module(rows, start)
    if lengths:
        y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, total_length=T)
    made = {"y": y}
    if kind == "lstm":
        made["h_n"], made["c_n"] = final
    else:
        made["h_n"] = final
    weights = {name: torch.randn(value.shape, dtype=torch.float64) for name, value in made.items()}
    sum((weights[name] * value).sum() for name, value in made.items()).backward()

    given.update(module.named_parameters())
    tensors = dict(given)
    tensors.update(made)
    tensors.update({"g_" + name: value for name, value in weights.items()})
    tensors.update({"d_" + name: value.grad for name, value in given.items()})
    if lengths:
        tensors["lengths"] = torch.tensor(lengths)
    name = "torch_%s%s.safetensors" % (kind, "_" + label if label else "_2" if layers == 2 else "")
    write(os.path.join(folder, name), tensors, {
        "made by": "tools/make_torch_oracle.py",
        "torch": torch.__version__,
        "module": "torch.nn.%s, %d layer(s), float64" % (kind.upper(), layers) + (", both directions" if both else "")
        + (", projected" if projected else "") + (", packed" if lengths else ""),
        "seed": str(seed),
    })


for number, kind in enumerate(["rnn", "lstm", "gru"]):
    make(kind, 1, 100 + number)
    make(kind, 2, 200 + number)

make("lstm", 1, 300, "projected", projected=4)
make("lstm", 2, 301, "both", both=True)
make("gru", 2, 302, "both", both=True)
make("rnn", 2, 303, "packed", lengths=[3, 7, 1, 5])
make("lstm", 2, 304, "packed_both", both=True, lengths=[5, 1, 7, 7, 2])
make("gru", 2, 305, "packed_both", both=True, lengths=[6, 7, 2, 1])
make("lstm", 2, 306, "projected_packed_both", both=True, projected=4, lengths=[4, 7, 1])
