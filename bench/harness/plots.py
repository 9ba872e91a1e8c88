"""bench/run plots: the newest results drawn by `cellwright plot`, beside the JSON they come from."""
import json
import os
import re
import subprocess
import sys

from . import results
from .table import rows_of

TITLES = {"lstm-onednn": "LSTM, forward + backward: times faster than oneDNN", "lstm-pytorch": "LSTM, forward + backward: times faster than PyTorch",
          "gru-onednn": "GRU (reset after), forward + backward: times faster than oneDNN",
          "variants-pytorch": "", "text": "Whole training steps: times faster than PyTorch",
          "own-cell": "A cell of one's own: its GFLOP/s beside our LSTM's", "inference": "Batched inference: times faster than ONNX Runtime",
          "step": "Streaming step: times faster than RTNeural"}


def peers(data):
    """(name, plot) a group of works, of variants a cell: bars of ratios, their quartiles as whiskers."""
    plots = {}
    for (group, name, shape), both in rows_of(data).items():
        if group in TITLES:
            cell = name.split(",")[0]
            key = (f"{group}-{cell}", f"{cell}, forward + backward: times faster than PyTorch") if group == "variants-pytorch" else (group, TITLES[group])
            plots.setdefault(key, []).append((cell, shape, both))
    for (file, title), works in plots.items():
        several = len({cell for cell, _, _ in works}) > 1
        series = []
        for n in (1, 2):
            found = [both.get(n) for _, _, both in works]
            if any(found):
                column = lambda key: [row["ratio"][key] if row else None for row in found]
                series.append({"name": f"{n} thread{'s' if n > 1 else ''}", "y": column("median"), "low": column("q1"), "high": column("q3")})
        yield file, {"kind": "bar", "title": title, "categories": [cell if several else shape for cell, shape, _ in works], "series": series,
                     "x": "" if several else "I,H" if file == "step" else "T,B,I,H,L", "y": {"label": "ratio of times", "min": 0},
                     "marks": [{"y": 1, "label": "equal"}]}


def growth(data):
    labels = {"steps": ("steps T of a window", True), "units": ("units H", True), "layers": ("layers", False), "threads": ("threads", False)}
    for axis, (label, log) in labels.items():
        works = {}
        for row in data["rows"]:
            if row["axis"] == axis:
                works.setdefault(row["work"], []).append(row)
        if not works:
            continue
        series = []
        for work, rows in works.items():
            rows.sort(key=lambda r: r["at"])
            tokens = [r["us_a_token"] / r["ms"]["median"] for r in rows]
            series.append({"name": work, "x": [r["at"] for r in rows], "y": [r["us_a_token"] for r in rows],
                           "low": [r["ms"]["q1"] * k for r, k in zip(rows, tokens)], "high": [r["ms"]["q3"] * k for r, k in zip(rows, tokens)]})
        if not log:  # few whole numbers
            places = sorted({x for line in series for x in line["x"]})
            for line in series:
                for column in ("y", "low", "high"):
                    known = dict(zip(line["x"], line[column]))
                    line[column] = [known.get(place) for place in places]
            for line in series:
                del line["x"]
            yield axis, {"kind": "bar", "title": f"Cost of a token by {label}", "categories": [str(p) for p in places], "series": series,
                         "x": label, "y": {"label": "µs a token", "min": 0}}
            continue
        yield axis, {"kind": "line", "title": f"Cost of a token by {label}", "x": {"label": label, "log": log},
                     "y": {"label": "µs a token", "log": axis == "units", **({} if axis == "units" else {"min": 0})}, "series": series}


def micro(data):
    lines = {}
    for row in data["rows"]:
        found = re.fullmatch(r"product/(\w+)/M:(\d+)/H:(\d+)", row["name"])
        if found and found[1] == data["machine"]["simd"][0]:
            lines.setdefault(int(found[3]), []).append((int(found[2]), row["share"]))
    if lines:
        yield "products", {"kind": "line", "title": f"An LSTM step's product on packed weights, {data['machine']['simd'][0]}",
                           "x": {"label": "rows M (lanes of the batch)", "log": True}, "y": {"label": "share of the multiply-add peak", "min": 0, "max": 1},
                           "series": [{"name": f"H {h}", "x": [m for m, _ in sorted(p)], "y": [min(1, y) for _, y in sorted(p)]} for h, p in sorted(lines.items())]}


def run(build):
    app = os.path.join(build, "app", "cellwright")
    for kind, plots in (("peers", peers), ("growth", growth), ("micro", micro)):
        path = results.newest(kind)
        if path is None:
            continue
        for name, plot in plots(results.load(path)):
            out = path[:-len(".json")] + f"-{name}.svg"
            done = subprocess.run([app, "plot", "-", "--out", out], input=json.dumps(plot), text=True, capture_output=True)
            if done.returncode != 0:
                sys.exit(f"bench/run plots: {name}: {done.stderr.strip()}")
            print(out)
