"""bench/run peers: ours and each peer that is installed, run by run in turn."""
import fnmatch
import statistics
import time

from . import results
from .peers import Peers
from .served import Absent, in_turn
from .works import works

KEYS = ("group", "name", "shape", "threads", "peer")


def chosen(patterns):
    """Works whose group, name or shape one of the patterns names; all without patterns."""
    everything = list(works())
    if not patterns:
        return everything
    found = []
    for pattern in patterns:
        hits = [w for w in everything
                if any(fnmatch.fnmatch(text, pattern) for text in (w.group, w.peer, w.shape, w.ours, w.ours.split()[1]))]
        if not hits:
            raise SystemExit(f"bench/run peers: no work is called '{pattern}'; 'bench/run peers --list' names them")
        found += [w for w in hits if w not in found]
    return found


def measure(work, threads, peers, quick):
    """One row. Absent when ours or the peer cannot run it."""
    [(_, ours)] = peers.configurations("ours", threads)
    theirs_threads = work.peer_threads or threads
    if work.peer == "ours":  # against ourselves: another process
        [(_, theirs)] = peers.configurations("ours", theirs_threads, "as peer")
        peer, their_flop = "ours", theirs.load(work.theirs)
        name = f"cellwright, {work.theirs.split()[1]}" + (f", {theirs_threads} thread" if work.peer_threads else "")
    else:
        theirs, name, their_flop = peers.load(work.peer, theirs_threads, work.theirs)
        peer = work.peer
    flop = ours.load(work.ours)
    [(_, roofline)] = peers.configurations("ours", threads, "roofline")
    peak_flop = roofline.load("peak")
    peak = 0  # the best of all bursts: whatever disturbs one makes it too low

    def burst():
        nonlocal peak
        time.sleep(0.03)  # a peer's threads may still spin
        peak = max(peak, peak_flop / min(roofline.run() for _ in range(6)) / 1e6)

    times = in_turn([ours, theirs], (3, 9) if quick else (9, 41), 1.5 if quick else 5, burst)
    burst()
    ratios = [b / a for a, b in zip(*times)]
    if work.by_rate:
        ratios = [r * flop / their_flop for r in ratios]
    mine, other = (statistics.median(t) for t in times)
    ratio = other / mine * (flop / their_flop if work.by_rate else 1)
    rate = flop / mine / 1e6
    target, share = work.target.get(threads), rate / peak
    row = {"group": work.group, "name": work.name, "shape": work.shape, "threads": threads, "peer": peer, "peer_version": name,
           "simd": ours.name.split()[-1], "ours_ms": results.spread(times[0]), "peer_ms": results.spread(times[1]),
           "pairs": len(ratios), "ratio": {**results.spread(ratios), "of_medians": results.significant(ratio)},
           "GFLOPs": results.significant(rate), "peak_GFLOPs": results.significant(peak),
           "share_of_peak": results.significant(share, 3), "target": target}
    if target is not None:
        row["met"] = "ratio" if ratio >= target else "share" if share >= work.share_that_is_enough(threads) else ""
    return row


def line(row):
    if "absent" in row:
        return f"{row['name']:40} {row['shape']:>22} {row['threads']}T  absent: {row['absent']}"
    r = row["ratio"]
    verdict = "" if row.get("target") is None else f"target {row['target']:g}: " + (f"met by {row['met']}" if row["met"] else "missed")
    return (f"{row['name']:40} {row['shape']:>22} {row['threads']}T {row['ours_ms']['median']:>10.4g} ms  {row['peer_version']:28} "
            f"{row['peer_ms']['median']:>9.4g} ms  ratio {r['of_medians']:5.2f} ({r['q1']:.2f}–{r['q3']:.2f})  "
            f"{row['GFLOPs']:6.1f} of {row['peak_GFLOPs']:5.1f} GFLOP/s = {100 * row['share_of_peak']:2.0f} %  {verdict}")


def run(build, patterns, threads, quick):
    peers = Peers(build)
    kept = results.Results("peers", build, KEYS)
    told = set()
    for work in chosen(patterns):
        for n in threads:
            if n not in work.target:
                continue
            try:
                row = measure(work, n, peers, quick)
            except Absent as absent:
                row = {"name": work.name, "shape": work.shape, "threads": n, "absent": f"{work.peer}: {absent}"}
                if str(absent) in told and work.peer != "ours":
                    continue  # the same reason once
                told.add(str(absent))
            else:
                kept.add(row)
            print(line(row), flush=True)
    peers.close()
    print(f"\nkept in {kept.path}")
