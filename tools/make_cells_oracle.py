#!/usr/bin/python3
"""Writes tests/oracle/cells.safetensors: what cells' papers say, evaluated and differentiated by PyTorch in double.

Usage: tools/make_cells_oracle.py [FILE]       needs Debian's python3-torch; the test needs only the file

The equations below are written by hand from the papers that cells/*.cell cite, one function a cell: a step from the inputs
and the old states to the outputs and the new states. Names of parameters and states are the cell files', so that the test can
put them in place; a matrix over several vectors has its columns in the order in which they are given here.

A case CELL, or CELL.VARIANT, holds with T=5 steps and B=3 lanes, all random:
  CELL/in.X [T,B,·], CELL/start.S [B,·], CELL/parameter.P [rows, columns] or [rows]            what goes in
  CELL/out.Y [T,B,·], CELL/final.S [B,·]                                                        what comes out
  CELL/weight.out.Y, CELL/weight.final.S                                       given gradients of what comes out
  CELL/d.in.X, CELL/d.start.S, CELL/d.parameter.P        gradients of sum(weight.out*out) + sum(weight.final*final)
"""
import json
import os
import struct
import sys

import torch
from torch import cat, exp, log, relu, sigmoid, sqrt, tanh

T, B, N, M = 5, 3, 4, 3
root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "tests", "oracle", "cells.safetensors")
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


class Parameters(dict):
    """Made at their first use."""

    def matrix(self, name, rows, *vectors):
        x = cat(vectors, 1)
        if name not in self:
            self[name] = (0.5 * torch.randn(rows, x.shape[1])).requires_grad_(True)
        return x @ self[name].T

    def vector(self, name, size=N):
        if name not in self:
            self[name] = (0.5 * torch.randn(size)).requires_grad_(True)
        return self[name]


def affine(p, gate, *vectors, rows=N):
    return p.matrix("W_" + gate, rows, *vectors) + p.vector("b_" + gate, rows)


# Yao et al. 2015, equations of section 3; the carry of the first layer is W_0 x.
def depth_gated(p, t, x, s):
    h, c = s["h"], s["C"]
    i, f, o = (sigmoid(affine(p, g, h, x["x"])) for g in "ifo")
    d = affine(p, "d", x["x"]) + p.vector("p_c") * c
    if "C_below" in x:
        below = x["C_below"]
        d = d + p.vector("p_l") * below
    else:
        below = p.matrix("W_0", N, x["x"])
    c = sigmoid(d) * below + f * c + i * tanh(affine(p, "C", h, x["x"]))
    h = o * tanh(c)
    return {"h": h, "C": c}, {"h": h, "C": c}


# Koutník et al. 2014: group k of one unit and period 2^k; it sees itself and the slower groups, and rests between its times.
def clockwork(p, t, x, s):
    h = s["h"]
    drive = p.matrix("W", N, x["x"]) + p.vector("b")
    if "U" not in p:
        p["U"] = torch.triu(0.5 * torch.randn(N, N)).requires_grad_(True)
    new = []
    for k in range(N):
        if t % 2**k == 0:
            new.append(tanh(drive[:, k] + h[:, k:] @ p["U"][k, k:]))
        else:
            new.append(h[:, k])
    h = torch.stack(new, 1)
    return {"h": h}, {"h": h}


# Kalchbrenner et al. 2015, equations 8 to 10 with o * tanh(m); gates in the order f, i, o, g.
def grid(p, t, x, s):
    def transform(name, memory, *vectors):
        g = p.matrix("W_" + name, 4 * N, *vectors) + p.vector("b_" + name, 4 * N)
        f, i, o, u = sigmoid(g[:, :N]), sigmoid(g[:, N:2 * N]), sigmoid(g[:, 2 * N:3 * N]), tanh(g[:, 3 * N:])
        memory = f * memory + i * u
        return o * tanh(memory), memory

    h_s, c_s = transform("s", s["C_s"], x["h_below"], s["h_s"])
    h_d, c_d = transform("d", x["C_below"], x["h_below"], h_s)
    return {"h_d": h_d, "C_d": c_d}, {"h_s": h_s, "C_s": c_s}


def edge(p, t, x, s):
    return {"h": affine(p, "h", x["x"]), "C": affine(p, "C", x["x"])}, {}


# Greff et al. 2015, section 2 and appendix: the vanilla block and its eight changes.
def greff(kind):
    def step(p, t, x, s):
        h, c, x = s["h"], s["C"], x["x"]
        peephole = (lambda g, c: 0) if kind == "np" else lambda g, c: p.vector("p_" + g) * c
        gates = [s["i"], s["f"], s["o"]] if kind == "fgr" else []
        z = affine(p, "C", h, x)
        z = z if kind == "niaf" else tanh(z)
        one = torch.ones(B, N)
        i = one if kind == "nig" else sigmoid(affine(p, "i", h, x, *gates) + peephole("i", c))
        if kind == "nfg":
            f = one
        elif kind == "cifg":
            f = 1 - i
        else:
            f = sigmoid(affine(p, "f", h, x, *gates) + peephole("f", c))
        c = z * i + c * f
        o = one if kind == "nog" else sigmoid(affine(p, "o", h, x, *gates) + peephole("o", c))
        h = (c if kind == "noaf" else tanh(c)) * o
        after = {"h": h, "C": c}
        if kind == "fgr":
            after.update(i=i, f=f, o=o)
        return {"h": h}, after

    return step


# Jozefowicz et al. 2015, section 4.
def mut1(p, t, x, s):
    h, x = s["h"], x["x"]
    z = sigmoid(affine(p, "z", x))
    r = sigmoid(p.matrix("W_r", N, x) + p.matrix("U_r", N, h) + p.vector("b_r"))
    h = tanh(p.matrix("U", N, r * h) + tanh(x) + p.vector("b")) * z + h * (1 - z)
    return {"h": h}, {"h": h}


def mut2(p, t, x, s):
    h, x = s["h"], x["x"]
    z = sigmoid(p.matrix("W_z", N, x) + p.matrix("U_z", N, h) + p.vector("b_z"))
    r = sigmoid(x + p.matrix("U_r", N, h) + p.vector("b_r"))
    h = tanh(p.matrix("U", N, r * h) + p.matrix("W", N, x) + p.vector("b")) * z + h * (1 - z)
    return {"h": h}, {"h": h}


def mut3(p, t, x, s):
    h, x = s["h"], x["x"]
    z = sigmoid(p.matrix("W_z", N, x) + p.matrix("U_z", N, tanh(h)) + p.vector("b_z"))
    r = sigmoid(p.matrix("W_r", N, x) + p.matrix("U_r", N, h) + p.vector("b_r"))
    h = tanh(p.matrix("U", N, r * h) + p.matrix("W", N, x) + p.vector("b")) * z + h * (1 - z)
    return {"h": h}, {"h": h}


# Sak et al. 2014 without peepholes and the second projection; 6 cells.
def projected(p, t, x, s):
    h, x = s["h"], x["x"]
    i, f, o = (sigmoid(affine(p, g, h, x, rows=6)) for g in "ifo")
    c = f * s["C"] + i * tanh(affine(p, "C", h, x, rows=6))
    h = p.matrix("W_h", N, o * tanh(c))
    return {"h": h}, {"h": h, "C": c}


# Melis et al. 2020, equations 1 and 2, then the LSTM.
def mogrifier(p, t, x, s):
    h, x = s["h"], x["x"]
    for i in range(1, 6):
        if i % 2 == 1:
            x = 2 * sigmoid(p.matrix("Q_%d" % i, M, h)) * x
        else:
            h = 2 * sigmoid(p.matrix("R_%d" % i, N, x)) * h
    i, f, o = (sigmoid(affine(p, g, h, x)) for g in "ifo")
    c = f * s["C"] + i * tanh(affine(p, "C", h, x))
    h = o * tanh(c)
    return {"h": h}, {"h": h, "C": c}


# Li et al. 2018, equation 2.
def indrnn(p, t, x, s):
    h = relu(p.matrix("W", N, x["x"]) + p.vector("u") * s["h"] + p.vector("b"))
    return {"h": h}, {"h": h}


# Lei et al. 2018, equations 1 to 4 with the scaled highway.
def sru(p, t, x, s):
    x = x["x"]
    f = sigmoid(affine(p, "f", x) + p.vector("v_f") * s["C"])
    c = f * s["C"] + (1 - f) * p.matrix("W", N, x)
    r = sigmoid(affine(p, "r", x) + p.vector("v_r") * s["C"])
    return {"h": r * c + (1 - r) * x * 3**0.5}, {"C": c}


# Feng et al. 2024, section 3.2.
def min_lstm(p, t, x, s):
    f, i = sigmoid(affine(p, "f", x["x"])), sigmoid(affine(p, "i", x["x"]))
    h = f / (f + i) * s["h"] + i / (f + i) * affine(p, "h", x["x"])
    return {"h": h}, {"h": h}


# De et al. 2024, equations 1 to 4, c = 8, in log space as its appendix does.
def rg_lru(p, t, x, s):
    x = x["x"]
    r, i = sigmoid(affine(p, "r", x)), sigmoid(affine(p, "i", x))
    a = exp(8 * r * log(sigmoid(p.vector("Λ"))))
    h = a * s["h"] + sqrt(1 - a**2) * (i * x)
    return {"h": h}, {"h": h}


def linear(p, t, x, s):
    return {"h": p.matrix("W", N, x["x"]) + p.vector("b")}, {}


lstm = {"h": N, "C": N}
cases = {  # inputs, states
    "lstm_depth_gated.first": (depth_gated, {"x": M}, lstm),
    "lstm_depth_gated.upper": (depth_gated, {"x": N, "C_below": N}, lstm),
    "clockwork": (clockwork, {"x": M}, {"h": N}),
    "grid_lstm": (grid, {"h_below": M, "C_below": N}, {"h_s": N, "C_s": N}),
    "grid_edge": (edge, {"x": M}, {}),
    "linear": (linear, {"x": M}, {}),
    "mut1": (mut1, {"x": N}, {"h": N}),
    "mut2": (mut2, {"x": N}, {"h": N}),
    "mut3": (mut3, {"x": M}, {"h": N}),
    "lstm_projected": (projected, {"x": M}, {"h": N, "C": 6}),
    "mogrifier_lstm": (mogrifier, {"x": M}, lstm),
    "indrnn": (indrnn, {"x": M}, {"h": N}),
    "sru": (sru, {"x": N}, {"C": N}),
    "min_lstm": (min_lstm, {"x": M}, {"h": N}),
    "rg_lru": (rg_lru, {"x": N}, {"h": N}),
}
for kind in ["v", "nig", "nfg", "nog", "niaf", "noaf", "np", "cifg", "fgr"]:
    states = dict(lstm, i=N, f=N, o=N) if kind == "fgr" else lstm
    cases["greff_" + kind] = (greff(kind), {"x": M}, states)


def agrees_with_torch(p, x, start, out):
    """nn.LSTM's proj_size is the projected cell."""
    module = torch.nn.LSTM(M, 6, proj_size=N).double()
    for kind, columns in [("hh", slice(0, N)), ("ih", slice(N, N + M))]:
        weight = cat([p["W_" + g][:, columns] for g in ["i", "f", "C", "o"]])
        getattr(module, "weight_%s_l0" % kind).data = weight.detach()
    module.bias_ih_l0.data = cat([p["b_" + g] for g in ["i", "f", "C", "o"]]).detach()
    module.bias_hh_l0.data.zero_()
    module.weight_hr_l0.data = p["W_h"].detach()
    theirs = module(x["x"], (start["h"][None], start["C"][None]))[0]
    assert torch.allclose(theirs, out["h"], rtol=0, atol=1e-14)


tensors = {}
for number, (name, (step, inputs, states)) in enumerate(sorted(cases.items())):
    torch.manual_seed(1000 + number)
    x = {k: torch.randn(T, B, n).requires_grad_(True) for k, n in inputs.items()}
    start = {k: (0.5 * torch.randn(B, n)).requires_grad_(True) for k, n in states.items()}
    p, s, steps = Parameters(), start, []
    for t in range(T):
        y, s = step(p, t, {k: v[t] for k, v in x.items()}, s)
        steps.append(y)
    made = {"out." + k: torch.stack([y[k] for y in steps]) for k in steps[0]}
    if name == "lstm_projected":
        agrees_with_torch(p, x, start, {"h": made["out.h"]})
    made.update({"final." + k: v for k, v in s.items()})
    weights = {k: torch.randn(v.shape) for k, v in made.items()}
    sum((weights[k] * v).sum() for k, v in made.items()).backward()
    given = {"in." + k: v for k, v in x.items()}
    given.update({"start." + k: v for k, v in start.items()})
    given.update({"parameter." + k: v for k, v in p.items()})
    here = dict(given, **made)
    here.update({"weight." + k: v for k, v in weights.items()})
    here.update({"d." + k: v.grad for k, v in given.items()})
    tensors.update({name + "/" + k: v for k, v in here.items()})

header, data = {"__metadata__": {"made by": "tools/make_cells_oracle.py", "torch": torch.__version__}}, b""
for name, tensor in tensors.items():
    values = tensor.detach().contiguous().flatten().tolist()
    raw = struct.pack("<%dd" % len(values), *values)
    header[name] = {"dtype": "F64", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
text += b" " * (-len(text) % 8)
with open(path, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
