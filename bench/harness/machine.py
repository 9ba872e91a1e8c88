"""What a figure depends on besides the code: the machine, the compiler, the commit, versions."""
import datetime
import os
import platform
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()
    except OSError:
        return ""


def _first(path, pattern):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            found = re.search(pattern, file.read(), re.M)
            return found[1].strip() if found else ""
    except OSError:
        return ""


def processors():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def machine():
    flags = set(_first("/proc/cpuinfo", r"^flags\s*: (.*)$").split())
    return {
        "processor": _first("/proc/cpuinfo", r"^model name\s*: (.*)$") or platform.processor(),
        "processors": processors(),
        "simd": [name for name, flag in (("avx512", "avx512f"), ("avx2", "avx2"), ("sse4", "sse4_2")) if flag in flags],
        "memory_GiB": round(int(_first("/proc/meminfo", r"^MemTotal:\s*(\d+)") or 0) / 2**20),
        "system": _first("/etc/os-release", r'^PRETTY_NAME="(.*)"$') or platform.platform(),
    }


def compiler(build):
    """Of a build folder, as CMake found it."""
    path = _first(os.path.join(build, "CMakeCache.txt"), r"^CMAKE_CXX_COMPILER:\w+=(.*)$")
    return _output(path, "--version").splitlines()[0] if path else ""


def commit():
    return _output("git", "describe", "--always", "--dirty", "--abbrev=10")


def today():
    return datetime.date.today().isoformat()


def now():
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")
