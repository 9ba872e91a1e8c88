#!/usr/bin/python3
"""Cells against the shipped lstm: a training step (forward and backward) of each in turn with one of lstm.

usage: bench/variants.py build-bench/bench/layers THREADS [RUNS] [T,B,I,H,L] [CELL…]
"""
import sys

from served import pairs, quartiles

layers, threads = sys.argv[1], sys.argv[2]
runs = int(sys.argv[3]) if len(sys.argv) > 3 else 41
shape = sys.argv[4] if len(sys.argv) > 4 else "35,20,200,200,2"
for cell in sys.argv[5:] or ["lstm_coupled", "lstm_peephole"]:
    command = lambda name: [layers, name, shape, threads, "train", "serve"]
    lstm, other, ratios = pairs(command("lstm"), command(cell), runs)
    print(f"{shape}, {threads} thread(s), {runs} pairs: lstm {lstm:.2f} ms, {cell} {other:.2f} ms, ratio {quartiles(ratios)}",
          flush=True)
