#!/usr/bin/python3
"""The shipped lstm against the same equations under other names, read from a file: training steps in turn.

usage: bench/own_cell.py build/bench/layers THREADS [RUNS] [T,B,I,H,L]
Prints both medians and the median of the paired ratios own/shipped (1: the same speed).
"""
import re
import sys
import tempfile

from served import pairs, quartiles

layers, threads = sys.argv[1], sys.argv[2]
runs = int(sys.argv[3]) if len(sys.argv) > 3 else 31
shape = sys.argv[4] if len(sys.argv) > 4 else "35,20,200,200,2"
NAMES = {"lstm": "my_cell", "f": "keep", "i": "write", "C̃": "news", "C": "belt", "o": "show", "h": "out"}
text = open("cells/lstm.cell", encoding="utf-8").read()
text = re.sub(r"#.*", "", text)
text = re.sub(r"\b(W|b)_(f|i|C|o)\b", lambda m: f"{m[1]}_{NAMES[m[2]]}", text)
text = re.sub(r"(?<![\w])(lstm|C̃|f|i|C|o|h)(?![\w̃])", lambda m: NAMES[m[1]], text)
with tempfile.NamedTemporaryFile("w", suffix=".cell", encoding="utf-8") as file:
    file.write(text)
    file.flush()

    serve = lambda cell: [layers, cell, shape, threads, "train", "serve"]
    shipped, own, ratios = pairs(serve("lstm"), serve(file.name), runs)
print(text.strip())
print(f"\n{shape}, {threads} thread(s), {runs} pairs: shipped {shipped:.2f} ms, own {own:.2f} ms, own/shipped {quartiles(ratios)}")
