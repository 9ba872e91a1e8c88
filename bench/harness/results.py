"""Results as dated JSON under bench/results (or BENCH_RESULTS). A file is {"kind", "machine", "compiler", "rows": […]}; a row carries the commit and
the time of its own measurement, and replaces the one of the same keys that was measured before on the same day."""
import json
import os
import statistics

from . import machine

FOLDER = os.environ.get("BENCH_RESULTS") or os.path.join(machine.ROOT, "bench", "results")


def quantile(values, q):
    """By linear interpolation, as numpy's default."""
    ordered = sorted(values)
    at = q * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def spread(values):
    """Median and quartiles."""
    return {"median": significant(statistics.median(values)), "q1": significant(quantile(values, 0.25)),
            "q3": significant(quantile(values, 0.75))}


def significant(value, digits=5):
    return float(f"{value:.{digits}g}")


def path_of(kind, date=None):
    return os.path.join(FOLDER, f"{date or machine.today()}-{kind}.json")


def newest(kind):
    """The last dated file of a kind, or None."""
    dated = sorted(name for name in os.listdir(FOLDER) if name.endswith(f"-{kind}.json")) if os.path.isdir(FOLDER) else []
    return os.path.join(FOLDER, dated[-1]) if dated else None


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Results:
    """Today's file of a kind; `keys` tell rows apart."""

    def __init__(self, kind, build, keys):
        self.path = path_of(kind)
        self._keys = keys
        self._data = load(self.path) if os.path.exists(self.path) else {"kind": kind, "rows": []}
        self._data.update(machine=machine.machine(), compiler=machine.compiler(build))
        self._commit = machine.commit()

    def add(self, row):
        self.add_all([row])

    def add_all(self, rows):
        kept = self._data["rows"]
        for row in rows:
            row = {**row, "measured": machine.now(), "commit": self._commit}
            key = [row.get(k) for k in self._keys]
            at = next((i for i, other in enumerate(kept) if [other.get(k) for k in self._keys] == key), len(kept))
            kept[at:at + 1] = [row]
        self._write()

    def _write(self):
        os.makedirs(FOLDER, exist_ok=True)
        head = {k: v for k, v in self._data.items() if k != "rows"}
        lines = json.dumps(head, ensure_ascii=False)[:-1] + ', "rows": [\n'
        lines += ",\n".join(json.dumps(row, ensure_ascii=False) for row in self._data["rows"]) + "\n]}\n"
        with open(self.path + ".tmp", "w", encoding="utf-8") as file:
            file.write(lines)
        os.replace(self.path + ".tmp", self.path)
