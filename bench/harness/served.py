"""Programs that run once for every request on their standard input and answer with milliseconds (bench/serve.h): several are
asked in turn, so that what else the machine does falls on all alike."""
import os
import subprocess
import time


class Absent(Exception):
    """A program, or a work of it, that cannot be had here, and why."""


class Program:
    def __init__(self, command, environment=None):
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                             text=True, env={**os.environ, **(environment or {})})
        except OSError as error:
            raise Absent(str(error)) from None
        self.name = self._process.stdout.readline().strip()
        if not self.name:
            raise Absent(self._last_words() or f"{command[0]} said nothing")

    def _last_words(self):
        lines = self._process.stderr.read().strip().splitlines()
        return lines[-1] if lines else ""

    def _ask(self, request):
        try:
            self._process.stdin.write(request + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline().strip()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise Absent(self._last_words() or "it ended")
        if answer.startswith("absent "):
            raise Absent(answer[len("absent "):])
        return answer

    def load(self, work):
        """Makes a work ready; returns the floating-point operations of its products, 0 where the program does not count them."""
        return float(self._ask(f"load {work}").split()[1])

    def run(self, times=1):
        """Milliseconds of the median of so many runs in a row."""
        return float(self._ask(f"run {times}"))

    def close(self):
        self._process.stdin.close()
        self._process.wait()


SHORTEST = 0.020  # seconds that a timed run lasts at least, if need be by doing the work several times
REST = 0.03  # between two runs: threads of the one before that still spin go to sleep


def repetitions(program):
    """How often a work, run once by load(), is to be done for one timing: the clock on the wall decides, for run() tells the time
    of a unit."""
    begin = time.perf_counter()
    program.run()
    return max(1, min(200, int(SHORTEST / max(1e-6, time.perf_counter() - begin)) + 1))


def in_turn(programs, pairs, seconds, between=None):
    """Runs the programs in turn, `pairs` (least, most) times within about so many seconds. Returns a list of times a program.
    `between` is called about once a second, and takes no part in the times."""
    counts = [repetitions(p) for p in programs]
    times = [[] for _ in programs]
    begin = last = time.perf_counter()
    while len(times[0]) < pairs[1] and (len(times[0]) < pairs[0] or time.perf_counter() - begin < seconds):
        if between and (not times[0] or time.perf_counter() - last > 1):
            between()
            last = time.perf_counter()
        for program, count, mine in zip(programs, counts, times):
            mine.append(program.run(count))
            time.sleep(REST)
    return times
