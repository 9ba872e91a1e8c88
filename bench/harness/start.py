"""bench/run start: from the start of the command line to the end of the first inference of a 1×256 model, and the memory it takes."""
import os
import subprocess
import tempfile
import time

from . import results

KEYS = ("work",)
RUNS = 31
MOST_MS, MOST_MB = 20, 30


def run(build):
    app = os.path.join(build, "app", "cellwright")
    kept = results.Results("start", build, KEYS)
    with tempfile.TemporaryDirectory() as folder:
        text, model = os.path.join(folder, "text.txt"), os.path.join(folder, "m.safetensors")
        with open(text, "w", encoding="utf-8") as file:
            file.write("".join(chr(33 + (7 * i + i // 94) % 94) for i in range(3000)))
        subprocess.run([app, "train", "text", text, "--units", "256", "--batch", "2", "--steps", "10", "--epochs", "1", "--out", model],
                       check=True, capture_output=True)
        times, peaks = [], []
        for _ in range(RUNS):
            begin = time.perf_counter()
            process = subprocess.Popen([app, "sample", model, "--prime", "A", "--length", "1"], stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            times.append(1e3 * (time.perf_counter() - begin))
            process.returncode = status
            if status != 0:
                raise SystemExit("bench/run start: the model could not be sampled")
            peaks.append(usage.ru_maxrss * 1024 / 1e6)
    row = {"work": "lstm 1×256: process start to the first token and the end", "ms": results.spread(times), "target_ms": MOST_MS,
           # The peak counts this interpreter's memory before it became the command line: an upper bound.
           "resident_MB": results.significant(max(peaks), 3), "target_MB": MOST_MB}
    kept.add(row)
    print(f"{row['work']}: {row['ms']['median']:.1f} ms ({row['ms']['q1']:.1f}–{row['ms']['q3']:.1f}; target {MOST_MS}), "
          f"at most {row['resident_MB']:.1f} MB resident (target {MOST_MB})\n\nkept in {kept.path}")
