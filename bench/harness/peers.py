"""How each peer is started, and where it is looked for. None is part of the repository; one that is not installed is absent."""
import glob
import os
import time

from .machine import ROOT
from .served import Absent, Program

PEERS = os.path.join(ROOT, "bench", "peers")
BLAS = "/usr/lib/*-linux-gnu/{}-openmp"  # PyTorch's two pools of threads get in each other's way with any other build


def _threads(n):
    return {"OMP_NUM_THREADS": str(n), "OPENBLAS_NUM_THREADS": str(n), "BLIS_NUM_THREADS": str(n)}


def _built(build, name, hint):
    path = os.path.join(build, "bench", name)
    if not os.path.exists(path):
        raise Absent(hint)
    return path


def _ours(build, threads):
    return [("", Program([_built(build, "ours", "not built"), str(threads)]))]


def _onednn(build, threads):
    path = _built(build, "peer_onednn", "apt-get install libdnnl-dev, then build again")
    return [("", Program([path], _threads(threads)))]


def _onnxruntime(build, threads):
    library = os.environ.get("ONNXRUNTIME", "")
    if not library:
        raise Absent("set ONNXRUNTIME to its library, and ONNXRUNTIME_INCLUDE to the folder of its header; see bench/README.md")
    path = _built(build, "peer_onnxruntime", "set ONNXRUNTIME_INCLUDE to the folder of onnxruntime_c_api.h and build again")
    return [("", Program([path, library, str(threads), "/usr/bin/python3"]))]


def _rtneural(build, threads):
    path = _built(build, "peer_rtneural", "set RTNEURAL to its source folder and build again; see bench/README.md")
    return [("", Program([path]))]


def _pytorch(build, threads):
    """One process a BLAS: which is best differs by work."""
    started = []
    for blas in ("openblas", "blis"):
        for folder in glob.glob(BLAS.format(blas)):
            where = {**_threads(threads), "LD_LIBRARY_PATH": folder + ":" + os.environ.get("LD_LIBRARY_PATH", "")}
            started.append((blas, Program(["/usr/bin/python3", os.path.join(PEERS, "pytorch.py"), str(threads)], where)))
    if not started:
        raise Absent("apt-get install libopenblas0-openmp: without an OpenMP BLAS it would be slowed down")
    return started


START = {"ours": _ours, "onednn": _onednn, "onnxruntime": _onnxruntime, "rtneural": _rtneural, "pytorch": _pytorch}


def _best(program):
    """Milliseconds of the best of several runs, for a choice."""
    begin, best = time.perf_counter(), program.run()
    while time.perf_counter() - begin < 0.4:
        best = min(best, program.run())
    return best


class Peers:
    """Programs by name, threads and the role they play, started when first asked for and kept: some take seconds to start."""

    def __init__(self, build):
        self._build = build
        self._started = {}

    def configurations(self, name, threads, role=""):
        key = (name, threads, role)
        if key not in self._started:
            try:
                self._started[key] = START[name](self._build, threads)
            except Absent as absent:
                self._started[key] = absent
        if isinstance(self._started[key], Absent):
            raise self._started[key]
        return self._started[key]

    def load(self, name, threads, work):
        """The program, with the work ready in its best configuration; its name; its count of operations."""
        ready = []
        for label, program in self.configurations(name, threads):
            flop = program.load(work)
            ready.append((label, program, flop))
        if len(ready) > 1:
            tried = {label: _best(program) for label, program, _ in ready}
            ready.sort(key=lambda r: tried[r[0]])
        label, program, flop = ready[0]
        return program, program.name + (f", {label}" if label else ""), flop

    def close(self):
        for started in self._started.values():
            if not isinstance(started, Absent):
                for _, program in started:
                    program.close()
