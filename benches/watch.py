"""Measures what a sample of `framecat watch` costs, beside `ss` of iproute2 on the same sockets.

Part of run.py (`python3 benches/run.py watch`). A helper holds 5,000 connections of loopback, which are 10,000 sockets
and a listener. In each round, in turn:

- ours: the example `sample`, which takes samples of every TCP, UDP and Unix socket, with owners and other ends, and says
  what CPU time each took. Its first sample is for itself: it finds the owners, and the others keep them.
- `ss -tanpi`: the TCP sockets with owners and TCP_INFO. It has to find the owners anew each time.
- `ss -tani`: the same without owners.

All figures are CPU time, user and system. The last is of samples that are a second apart, as a watch takes them: caches
are cold then.
"""

import os
import re
import shlex
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

from common import ROOT, TARGET, Failure, in_columns

CONNECTIONS = 5_000
GOAL_PERCENT = 5
BACK_TO_BACK, APART = 20, 10
SS = {"ss -tanpi": ["ss", "-tanpi"], "ss -tani": ["ss", "-tani"]}
SAMPLE = TARGET / "release" / "examples" / "sample"

# With a linger of 0 s a connection ends with a reset: nothing of it is left in TIME_WAIT for the next run.
HELPER = """
import socket, struct, sys
listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
held = []
for _ in range(int(sys.argv[1])):
    held.append(socket.create_connection(listener.getsockname()))
    held.append(listener.accept()[0])
for connection in held:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
print("ready", flush=True)
sys.stdin.read()
"""


@dataclass
class Found:
    """Milliseconds of CPU, a value a round or a sample."""

    first: list[float] = field(default_factory=list)
    steady: list[float] = field(default_factory=list)
    apart: list[float] = field(default_factory=list)
    memory_mib: list[float] = field(default_factory=list)
    sockets: int = 0
    ss: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SS})


@contextmanager
def connections(count: int):
    command = [sys.executable, "-c", HELPER, str(count)]
    helper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with helper:
        if helper.stdout.readline().strip() != "ready":
            raise Failure(f"the helper did not get its {count} connections")
        yield
        helper.stdin.close()


def run(command: list[str]) -> tuple[str, float]:
    """What it wrote, and its milliseconds of CPU."""
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is missing; ss is in Debian's package iproute2") from None
    # The name of a process is any bytes.
    wrote = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failure(f"{shlex.join(command)} ended with {process.returncode}")
    return wrote, (usage.ru_utime + usage.ru_stime) * 1e3


def samples(found: Found, count: int, apart_ms: int) -> list[float]:
    """What each took."""
    wrote, _ = run([str(SAMPLE), "--count", str(count), "--every", str(apart_ms)])
    lines = re.findall(r"([\d.]+) ms, (\d+) sockets, (\d+) owned", wrote)
    least = 2 * CONNECTIONS
    if len(lines) != count or any(int(owned) < least for _, _, owned in lines):
        raise Failure(f"not every sample has {least} sockets with owners:\n{wrote}")
    found.sockets = int(lines[-1][1])
    # Not of wait4: what it calls the most is never less than what its parent had.
    found.memory_mib.append(int(re.search(r"VmHWM:\s+(\d+) kB", wrote)[1]) / 1024)
    return [float(millis) for millis, _, _ in lines]


def one_round(found: Found, turned: bool) -> None:
    def ours() -> None:
        first, *rest = samples(found, BACK_TO_BACK, 0)
        found.first.append(first)
        found.steady.append(median(rest))

    def theirs(name: str, command: list[str]):
        return lambda: found.ss[name].append(run(command)[1])

    sides = [ours, *(theirs(name, command) for name, command in SS.items())]
    for side in reversed(sides) if turned else sides:
        side()


def spread(values: list[float]) -> str:
    return f"({min(values):.1f} .. {max(values):.1f})"


def table(found: Found) -> str:
    lines = [("watch", "ms of CPU", "(min..max)", "to ours")]
    lines.append((f"ours, {found.sockets} sockets", f"{median(found.steady):.1f}", spread(found.steady), "1"))
    for name, values in found.ss.items():
        ratio = median(theirs / ours for theirs, ours in zip(values, found.steady))
        lines.append((name, f"{median(values):.1f}", spread(values), f"{ratio:.1f}"))
    lines.append(("ours, the first sample", f"{median(found.first):.1f}", spread(found.first), ""))
    return in_columns(lines)


def measure(rounds: int) -> tuple[str, bool]:
    """What is to be printed, and whether the goal was met."""
    build = ["cargo", "build", "--quiet", "--release", "-p", "framecat", "--example", "sample"]
    subprocess.run(build, cwd=ROOT, check=True)
    found = Found()
    with connections(CONNECTIONS):
        for number in range(rounds):
            one_round(found, number % 2 == 1)
            shown = ", ".join(f"{name} {values[-1]:.1f} ms" for name, values in found.ss.items())
            print(f"  {number + 1}/{rounds}  watch: ours {found.steady[-1]:.1f} ms, {shown}", file=sys.stderr)
        found.apart = samples(found, 1 + APART, 1000)[1:]
    percent = median(found.apart) / 10
    ok = percent < GOAL_PERCENT
    memory = max(found.memory_mib)
    line = (
        f"watch, a sample a second: {median(found.apart):.1f} ms {spread(found.apart)} of CPU, {percent:.1f} % of a core, "
        f"goal < {GOAL_PERCENT} %: {'ok' if ok else 'MISSED'}; at most {memory:.1f} MiB"
    )
    return f"{table(found)}\n{line}", ok
