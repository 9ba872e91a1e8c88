"""bench/run table: results of `bench/run peers` as Markdown, for docs/performance.md."""
import sys

from . import results
from .works import works


def _time(ms):
    return f"{1e3 * ms:.3g} µs" if ms < 0.1 else f"{ms:.3g} ms" if ms < 100 else f"{ms:.0f} ms"


def rows_of(data):
    """One row a work, in the order of works.py, with both numbers of threads beside each other."""
    together = {(w.group, w.name, w.shape): {} for w in works()}
    for row in data["rows"]:
        together.setdefault((row["group"], row["name"], row["shape"]), {})[row["threads"]] = row
    return {key: both for key, both in together.items() if both}


def _cell(row):
    if row is None:
        return ""
    r = row["ratio"]
    text = f"{r['of_medians']:.2f} ({r['q1']:.2f}–{r['q3']:.2f}), {100 * row['share_of_peak']:.0f} %"
    if row.get("target") is None:
        return text
    return ("**" + text.split(" ")[0] + "** " + text.split(" ", 1)[1]) if row["met"] else text


def _target(both, threads):
    row = both.get(threads)
    return "" if row is None or row.get("target") is None else f"{row['target']:g}"


def run(which):
    path = which[0] if which else results.newest("peers")
    if path is None:
        sys.exit("bench/run table: no results yet; bench/run peers makes them")
    data = results.load(path)
    m = data["machine"]
    print(f"{m['processor']}, {m['processors']} processors, {m['simd'][0]}, {m['system']}; {data['compiler']}; {path.rsplit('/', 1)[-1]}\n")
    last = None
    for (group, name, shape), both in rows_of(data).items():
        if group != last:
            any_row = next(iter(both.values()))
            print(f"\n**{group}**: against {any_row['peer_version'].split(', ')[0]}; targets {_target(both, 1) or '–'} and {_target(both, 2) or '–'}\n")
            print("| work | shape | ours | theirs | 1 thread: ratio (quartiles), share of peak | ours | theirs | 2 threads |")
            print("|---|---|---|---|---|---|---|---|")
            last = group
        cells = [name, shape]
        for n in (1, 2):
            row = both.get(n)
            cells += [_time(row["ours_ms"]["median"]), _time(row["peer_ms"]["median"]), _cell(row)] if row else ["", "", ""]
        print("| " + " | ".join(cells) + " |")
