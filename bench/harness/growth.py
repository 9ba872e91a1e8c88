"""bench/run growth: how cost grows along one axis at a time: steps at a constant budget of memory, units, layers, threads."""
import os
import statistics
import sys

from . import machine, results
from .served import Absent, Program, in_turn

KEYS = ("axis", "work", "at")
BUDGET = "64MB"


def points(quick):
    """(axis, what it is of, where on the axis, threads, work, by how much a time is divided)."""
    for T in (32, 128, 512, 2048) + (() if quick else (8192,)):
        yield "steps", f"lstm 1×128, B 20, one training step, {BUDGET}", T, 1, f"text 65,128,128,1,{T},20 adam {BUDGET}", T * 20
    for H in (16, 32, 64, 128, 256, 512) + (() if quick else (1024,)):
        yield "units", "lstm, T 50, B 32, forward + backward", H, 1, f"train lstm 50,32,{H},{H},1", 50 * 32
    for L in (1, 2, 4, 8):
        yield "layers", "lstm 128, T 50, B 32, forward + backward", L, 1, f"train lstm 50,32,128,128,{L}", 50 * 32
    for n in range(1, machine.processors() + 1):
        for shape in ("35,20,200,200,2", "100,64,256,256,2"):
            T, B = map(int, shape.split(",")[:2])
            yield "threads", f"lstm {shape}, forward + backward", n, n, f"train lstm {shape}", T * B


def run(build, axes, quick):
    known = {p[0] for p in points(quick)}
    for axis in axes:
        if axis not in known:
            sys.exit(f"bench/run growth: no axis '{axis}'; there are {', '.join(sorted(known))}")
    kept = results.Results("growth", build, KEYS)
    programs = {}
    for axis, work, at, threads, words, tokens in points(quick):
        if axes and axis not in axes:
            continue
        if threads not in programs:
            programs[threads] = Program([os.path.join(build, "bench", "ours"), str(threads)])
        try:
            flop = programs[threads].load(words)
        except Absent as absent:
            print(f"{axis:8} {at:>6}  {work}: {absent}")
            continue
        [times] = in_turn([programs[threads]], (3, 31), 0.5 if quick else 2)
        ms = statistics.median(times)
        row = {"axis": axis, "work": work, "at": at, "threads": threads, "ms": results.spread(times),
               "us_a_token": results.significant(1e3 * ms / tokens), "GFLOPs": results.significant(flop / ms / 1e6)}
        kept.add(row)
        print(f"{axis:8} {at:>6}  {work:48} {ms:10.4g} ms  {row['us_a_token']:9.4g} µs a token  {row['GFLOPs']:6.1f} GFLOP/s", flush=True)
    for program in programs.values():
        program.close()
    print(f"\nkept in {kept.path}")
