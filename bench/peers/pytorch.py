#!/usr/bin/python3
"""PyTorch as a program that bench/run asks in turn (../serve.h). usage: pytorch.py THREADS

  train CELL T,B,I,H,L              forward and backward; lstm, gru_reset_after: nn.LSTM, nn.GRU; lstm_peephole, lstm_coupled,
                                    mut1, lstm_depth_gated: a loop over unbind() with addmm, jit-scripted
  text V,E,H,L,T,B sgd|adam         a whole training step of a language model
The threads of the BLAS are the caller's to set: OMP_NUM_THREADS, OPENBLAS_NUM_THREADS.
"""
import statistics
import sys
import time
from typing import List

import torch
from torch import Tensor, nn

torch.set_num_threads(int(sys.argv[1]))


# One layer of each cell as PyTorch's users write a fast one: the input's products of all steps first and at once, unbind (x[t]
# would make backward quadratic in T), one addmm a step. Each takes (inputs, parameters) to outputs: [x] or [x, C_below].


def peephole(x: Tensor, c: Tensor, h: Tensor, w: Tensor, u: Tensor, b: Tensor, p: Tensor) -> Tensor:
    outputs: List[Tensor] = []
    for row in (torch.matmul(x, w) + b).unbind(0):
        i, f, g, o = torch.addmm(row, h, u).chunk(4, 1)
        i, f, g = torch.sigmoid(i + p[0] * c), torch.sigmoid(f + p[1] * c), torch.tanh(g)
        c = f * c + i * g
        h = torch.sigmoid(o + p[2] * c) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs)


def coupled(x: Tensor, c: Tensor, h: Tensor, w: Tensor, u: Tensor, b: Tensor, p: Tensor) -> Tensor:
    outputs: List[Tensor] = []
    for row in (torch.matmul(x, w) + b).unbind(0):
        f, g, o = torch.addmm(row, h, u).chunk(3, 1)
        f = torch.sigmoid(f)
        c = f * c + (1.0 - f) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs)


def mut1(x: Tensor, u: Tensor, h: Tensor, w: Tensor, u_r: Tensor, b: Tensor, b_h: Tensor) -> Tensor:
    outputs: List[Tensor] = []
    z, r = (torch.matmul(x, w) + b).chunk(2, 2)
    zs, rs, xs = torch.sigmoid(z).unbind(0), r.unbind(0), (torch.tanh(x) + b_h).unbind(0)
    for t in range(len(zs)):
        r_t = torch.sigmoid(torch.addmm(rs[t], h, u_r))
        g = torch.tanh(torch.addmm(xs[t], r_t * h, u))
        h = g * zs[t] + h * (1.0 - zs[t])
        outputs.append(h)
    return torch.stack(outputs)


def depth_gated(x: Tensor, below: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, b: Tensor, w_d: Tensor, b_d: Tensor,
                p: Tensor) -> List[Tensor]:
    """below [T,B,H] is the memory of the layer below; p [2,H] peepholes of d on C and on below."""
    outputs: List[Tensor] = []
    cs: List[Tensor] = []
    rows, depths, belows = (torch.matmul(x, w) + b).unbind(0), (torch.matmul(x, w_d) + b_d + p[1] * below).unbind(0), below.unbind(0)
    for t in range(len(rows)):
        i, f, g, o = torch.addmm(rows[t], h, u).chunk(4, 1)
        d = torch.sigmoid(depths[t] + p[0] * c)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g) + d * belows[t]
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(h)
        cs.append(c)
    return [torch.stack(outputs), torch.stack(cs)]


def depth_gated_first(x: Tensor, w_0: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor, b: Tensor, w_d: Tensor, b_d: Tensor,
                      p: Tensor) -> List[Tensor]:
    """The first layer: W_0·x stands for the memory below, and no peephole is on it."""
    outputs: List[Tensor] = []
    cs: List[Tensor] = []
    rows, depths, belows = (torch.matmul(x, w) + b).unbind(0), (torch.matmul(x, w_d) + b_d).unbind(0), torch.matmul(x, w_0).unbind(0)
    for t in range(len(rows)):
        i, f, g, o = torch.addmm(rows[t], h, u).chunk(4, 1)
        d = torch.sigmoid(depths[t] + p[0] * c)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g) + d * belows[t]
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(h)
        cs.append(c)
    return [torch.stack(outputs), torch.stack(cs)]


def weights(*shape):
    return (torch.randn(shape) * 0.05).requires_grad_()


def custom(cell, B, I, H, L):
    """Forward of L layers as a function of x, and its parameters."""
    parameters, layers, zero = [], [], torch.zeros(B, H)
    kind = {"lstm_peephole": peephole, "lstm_coupled": coupled, "mut1": mut1}.get(cell)
    scripted = torch.jit.script(kind) if kind else None
    first, upper = (torch.jit.script(depth_gated_first), torch.jit.script(depth_gated)) if cell == "lstm_depth_gated" else (None, None)
    if cell == "mut1" and I != H:
        raise ValueError("mut1 needs x as wide as h")
    for l in range(L):
        n = I if l == 0 else H
        if cell == "mut1":
            p = [weights(H, H), weights(n, 2 * H), weights(H, H), weights(2 * H), weights(H)]
        elif cell == "lstm_depth_gated":
            p = [weights(n, 4 * H), weights(H, 4 * H), weights(4 * H), weights(n, H), weights(H), weights(2, H)]
            if l == 0:
                p.insert(0, weights(n, H))
        else:
            gates = 3 if cell == "lstm_coupled" else 4
            p = [weights(n, gates * H), weights(H, gates * H), weights(gates * H), weights(3, H)]
        parameters += p
        layers.append(p)

    def run(x):
        y, below = x, None
        for l, p in enumerate(layers):
            if cell == "mut1":
                y = scripted(y, p[0], zero, p[1], p[2], p[3], p[4])
            elif cell == "lstm_depth_gated":
                y, below = first(y, p[0], zero, zero, *p[1:]) if l == 0 else upper(y, below, zero, zero, *p)
            else:
                y = scripted(y, zero, zero, *p)
        return y

    return run, parameters


def train(cell, shape):
    T, B, I, H, L = map(int, shape.split(","))
    torch.manual_seed(0)
    x, d_y = torch.randn(T, B, I, requires_grad=True), torch.randn(T, B, H)
    if cell in ("lstm", "gru_reset_after"):
        model = (nn.LSTM if cell == "lstm" else nn.GRU)(I, H, L)
        parameters, forward = list(model.parameters()), lambda x: model(x)[0]
    else:
        forward, parameters = custom(cell, B, I, H, L)

    def step():
        for p in parameters:
            p.grad = None
        x.grad = None
        forward(x).backward(d_y)

    if cell not in ("lstm", "gru_reset_after"):
        for _ in range(3):  # the scripting compiler profiles, then specialises
            step()
    return step


class LanguageModel(nn.Module):
    def __init__(self, V, E, H, L):
        super().__init__()
        self.embedding, self.layers, self.head = nn.Embedding(V, E), nn.LSTM(E, H, L), nn.Linear(H, V)

    def forward(self, x, state):
        y, state = self.layers(self.embedding(x), state)
        return self.head(y), state


def text(shape, rule):
    V, E, H, L, T, B = map(int, shape.split(","))
    torch.manual_seed(0)
    model = LanguageModel(V, E, H, L)
    optimizer = torch.optim.Adam(model.parameters(), 2e-3) if rule == "adam" else torch.optim.SGD(model.parameters(), 1.0)
    tokens = torch.randint(0, V, (T + 1, B))
    held = [(torch.zeros(L, B, H), torch.zeros(L, B, H))]

    def step():
        logits, state = model(tokens[:-1], tuple(s.detach() for s in held[0]))
        held[0] = state
        loss = nn.functional.cross_entropy(logits.view(-1, V), tokens[1:].reshape(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        loss.item()

    return step


def milliseconds(f):
    begin = time.perf_counter()
    f()
    return (time.perf_counter() - begin) * 1e3


def main():
    print(f"PyTorch {torch.__version__}", flush=True)
    work = None
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "load":
                work = None
                work = train(*words[2:]) if words[1] == "train" else text(*words[2:])
                work()
                print("ready 0", flush=True)
            else:
                print(f"{statistics.median(milliseconds(work) for _ in range(int(words[1]))):.6f}", flush=True)
        except Exception as error:  # whatever PyTorch throws: the harness reports the row as absent
            print("absent", " ".join(str(error).split())[:300], flush=True)


main()
