#!/usr/bin/python3
"""Writes tests/oracle/torch_*.safetensors: what PyTorch computes, in double, for rnn, lstm and gru, single and stacked.

Usage: tools/make_torch_oracle.py [FOLDER]       needs Debian's python3-torch; the tests need only the files

A file holds, in PyTorch's own names and row orders (lstm i,f,g,o; gru r,z,n), with T=7, B=3, I=5, H=6 and L layers:
  x [T,B,I], h0 and for lstm c0 [L,B,H], weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, … _l1     what goes in
  y [T,B,H], h_n, c_n [L,B,H]                                                                     what comes out
  g_y, g_h_n, g_c_n                                                          given gradients of what comes out
  d_NAME for everything that goes in: the gradient of sum(g_y*y) + sum(g_h_n*h_n) + sum(g_c_n*c_n)
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


def make(kind, layers, seed):
    torch.manual_seed(seed)
    module = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](I, H, layers).double()
    given = {"x": torch.randn(T, B, I, dtype=torch.float64)}
    for state in ["h", "c"] if kind == "lstm" else ["h"]:
        given[state + "0"] = 0.5 * torch.randn(layers, B, H, dtype=torch.float64)
    for name, parameter in module.named_parameters():
        parameter.data = 0.5 * torch.randn(parameter.shape, dtype=torch.float64)
    for tensor in given.values():
        tensor.requires_grad_(True)

    start = (given["h0"], given["c0"]) if kind == "lstm" else given["h0"]
    y, final = module(given["x"], start)
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
    name = "torch_%s%s.safetensors" % (kind, "_2" if layers == 2 else "")
    write(os.path.join(folder, name), tensors, {
        "made by": "tools/make_torch_oracle.py",
        "torch": torch.__version__,
        "module": "torch.nn.%s, %d layer(s), float64" % (kind.upper(), layers),
        "seed": str(seed),
    })


for number, kind in enumerate(["rnn", "lstm", "gru"]):
    make(kind, 1, 100 + number)
    make(kind, 2, 200 + number)
