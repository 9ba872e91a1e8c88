#!/usr/bin/python3
"""One training step of LSTM stacks, ours and PyTorch's in turn, run by run.

usage: /usr/bin/python3 bench/peers/compare.py build/bench/layers THREADS [RUNS] [T,B,I,H,L ...]
Prints medians, the median of the paired ratios torch/ours (above 1: ours is faster) and its quartiles. PyTorch's BLAS: set
LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/openblas-openmp for the OpenMP build of OpenBLAS, the best there on two threads.
"""
import os
import statistics
import subprocess
import sys
import time

threads = int(sys.argv[2])
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
import torch  # noqa: E402  (after the environment is set)

torch.set_num_threads(threads)
runs = int(sys.argv[3]) if len(sys.argv) > 3 else 15
shapes = sys.argv[4:] or ["35,20,200,200,2", "100,32,128,128,1", "100,64,256,256,2"]
print(f"torch {torch.__version__}, {threads} thread(s), {runs} pairs, forward+backward, ms (median)")
print(f"{'T,B,I,H,L':>18} {'ours':>9} {'torch':>9} {'torch/ours':>11} {'quartiles':>15} {'GFLOP/s ours':>13}")
for shape in shapes:
    T, B, I, H, L = map(int, shape.split(","))
    ours = subprocess.Popen([sys.argv[1], "lstm", shape, str(threads), "train", "serve"], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    model = torch.nn.LSTM(I, H, L)
    x, g = torch.randn(T, B, I, requires_grad=True), torch.randn(T, B, H)

    def peer():
        begin = time.perf_counter()
        for p in model.parameters():
            p.grad = None
        x.grad = None
        y, _ = model(x)
        y.backward(g)
        return (time.perf_counter() - begin) * 1e3

    def mine():
        ours.stdin.write("\n")
        ours.stdin.flush()
        return float(ours.stdout.readline())

    peer(), mine()
    pairs = [(mine(), peer()) for _ in range(runs)]
    ours.stdin.close()
    ours.wait()
    ratios = sorted(b / a for a, b in pairs)
    a, b = (statistics.median(v) for v in zip(*pairs))
    flop = 3 * sum(2 * 4 * T * B * H * ((I if l == 0 else H) + H) for l in range(L))
    print(f"{shape:>18} {a:9.2f} {b:9.2f} {statistics.median(ratios):11.2f} "
          f"{ratios[len(ratios) // 4]:7.2f}–{ratios[3 * len(ratios) // 4]:.2f} {flop / a / 1e6:13.1f}", flush=True)
