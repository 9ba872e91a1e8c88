"""bench/run micro: the small benchmarks by Google Benchmark, kept as JSON and shown as a table."""
import json
import os
import subprocess
import sys

from . import results

KEYS = ("name",)


def _row(found):
    row = {"name": found["name"], "ns": results.significant(found["real_time"])}
    for name in ("GFLOP/s", "share", "ulp", "absolute"):
        if name in found:
            row[name] = results.significant(found[name], 4)
    for name, short in (("s/number", "ns_a_number"), ("s/unit", "ns_a_unit")):
        if name in found:
            row[short] = results.significant(1e9 * found[name], 4)
    return row


def _line(row):
    parts = [f"{row['name']:52} {row['ns']:>12.4g} ns"]
    if "GFLOP/s" in row:
        parts.append(f"{row['GFLOP/s']:7.1f} GFLOP/s  {100 * row['share']:4.0f} % of the peak")
    for name in ("ns_a_number", "ns_a_unit"):
        if name in row:
            parts.append(f"{row[name]:7.3f} ns a {name.split('_')[-1]}")
    if "ulp" in row:
        parts.append(f"largest error {row['ulp']:9.4g} ulp, {row['absolute']:.2g} absolute")
    return "  ".join(parts)


def run(build, filters, quick):
    program = os.path.join(build, "bench", "micro")
    if not os.path.exists(program):
        sys.exit("bench/run micro: Google Benchmark is not installed (apt-get install libbenchmark-dev)")
    kept = results.Results("micro", build, KEYS)
    command = [program, "--benchmark_format=json", f"--benchmark_min_time={0.01 if quick else 0.05}"]
    if filters:
        command.append("--benchmark_filter=" + "|".join(filters))
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0 or not done.stdout.strip():
        sys.exit(f"bench/run micro: nothing is called {' '.join(filters)}")
    rows = [_row(found) for found in json.loads(done.stdout)["benchmarks"]]
    by_name = {row["name"]: row for row in rows}
    for row in rows:
        hand = by_name.get(row["name"].replace("/interpreted/", "/by_hand/"))
        if "/interpreted/" in row["name"] and hand:
            row["over_by_hand"] = results.significant(row["ns"] / hand["ns"], 4)
        print(_line(row) + (f"  {row['over_by_hand']:.3f} × by hand" if "over_by_hand" in row else ""))
    kept.add_all(rows)
    print(f"\nkept in {kept.path}")
