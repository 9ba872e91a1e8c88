"""Programs that run once for every line on their standard input and answer with milliseconds: timed in turn, so that what
else the machine does falls on both alike."""
import statistics
import subprocess


def pairs(first, second, runs):
    """Runs two command lines in turn. Returns (median of first, median of second, ratios second/first ascending)."""
    both = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for command in (first, second)]

    def step(process):
        process.stdin.write("\n")
        process.stdin.flush()
        return float(process.stdout.readline())

    times = [(step(both[0]), step(both[1])) for _ in range(runs)]
    for process in both:
        process.stdin.close()
        process.wait()
    medians = [statistics.median(column) for column in zip(*times)]
    return *medians, sorted(b / a for a, b in times)


def quartiles(ratios):
    n = len(ratios)
    return f"{statistics.median(ratios):.3f} (quartiles {ratios[n // 4]:.3f}–{ratios[3 * n // 4]:.3f})"
