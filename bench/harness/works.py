"""The works that are measured against peers, with their targets: the table of docs/performance.md, row by row."""
import os
from dataclasses import dataclass, field

from .machine import ROOT

# (T, B, I, H, L): steps, lanes, inputs, units, layers.
SHAPES = ["100,32,128,128,1", "100,64,256,256,2", "35,20,200,200,2", "35,20,650,650,2", "784,32,1,128,1", "50,64,512,512,2",
          "100,1,256,256,1"]
FIVE_ROWS = os.path.join(ROOT, "bench", "cells", "five_rows.cell")


@dataclass
class Work:
    group: str  # "lstm-onednn": what `bench/run peers GROUP` chooses by
    name: str  # the row in tables
    shape: str
    ours: str  # as bench/ours/works.h
    peer: str  # a key of peers.START
    theirs: str  # the same work in the peer's words
    target: dict = field(default_factory=dict)  # threads -> least ratio
    by_rate: bool = False  # the ratio is of GFLOP/s, since the two do not do the same
    peer_threads: int = 0  # 0: as many as ours
    share_counts: bool = True  # the target is also met by a share of the peak

    def share_that_is_enough(self, threads):
        """Of the multiply-add peak: a target is met by this too."""
        if not self.share_counts:
            return 2
        return 0.80 if threads == 1 else 0.75


def works():
    for shape in SHAPES:
        thin = shape == "784,32,1,128,1"
        yield Work("lstm-onednn", "lstm, forward + backward", shape, f"train lstm {shape}", "onednn", f"train lstm {shape}",
                   {1: 1.5 if thin else 1.15, 2: 1.3})
    for shape in SHAPES:
        yield Work("lstm-pytorch", "lstm, forward + backward", shape, f"train lstm {shape}", "pytorch", f"train lstm {shape}",
                   {1: 1.4, 2: 1.6})
    for shape in SHAPES:
        yield Work("gru-onednn", "gru_reset_after, forward + backward", shape, f"train gru_reset_after {shape}", "onednn",
                   f"train gru {shape}", {1: 1.1, 2: 1.2})
    for cell in ("lstm_peephole", "lstm_coupled", "mut1", "lstm_depth_gated"):
        for shape in SHAPES:
            yield Work("variants-pytorch", f"{cell}, forward + backward", shape, f"train {cell} {shape}", "pytorch",
                       f"train {cell} {shape}", {1: 1.5, 2: 1.8})
    for shape in SHAPES:
        yield Work("own-cell", "five_rows against our lstm, GFLOP/s", shape, f"train {FIVE_ROWS} {shape}", "ours",
                   f"train lstm {shape}", {1: 0.95, 2: 0.95}, by_rate=True)
    for cell, most in (("lstm_coupled", 0.85), ("lstm_peephole", 1.10)):  # time beside lstm's, as docs/results.md has it
        shape = "35,20,200,200,2"
        yield Work("variants-lstm", f"{cell} against our lstm", shape, f"train {cell} {shape}", "ours", f"train lstm {shape}",
                   {1: round(1 / most, 3), 2: round(1 / most, 3)}, share_counts=False)
    for name, sizes, rule in (("PTB small", "10000,200,200,2,35,20", "sgd"), ("PTB medium", "10000,650,650,2,35,20", "sgd"),
                              ("char 2×512", "65,512,512,2,50,50", "adam"), ("char 1×128", "65,128,128,1,50,50", "adam")):
        yield Work("text", f"{name}, whole training step", sizes, f"text {sizes} {rule}", "pytorch", f"text {sizes} {rule}",
                   {1: 1.5, 2: 1.6})
    for shape in ("100,32,128,128,1", "100,64,256,256,1"):
        yield Work("inference", "lstm, batched inference", shape, f"infer lstm {shape}", "onnxruntime", f"infer lstm {shape}",
                   {1: 1.0, 2: 1.0})
    for sizes in ("1,16", "1,32", "1,64", "40,128", "128,256", "256,512"):
        yield Work("step", "lstm, streaming step", sizes, f"step lstm {sizes}", "rtneural", f"step lstm {sizes}", {1: 1.0})
    shape = "16384,1,256,256,1"
    yield Work("scan", "min_gru, --scan against one thread", shape, f"scan min_gru {shape}", "ours", f"scan min_gru {shape}",
               {2: 1.6}, peer_threads=1, share_counts=False)
