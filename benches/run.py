#!/usr/bin/env python3
"""Measures framecat's framed echo against a C epoll server that does the same work (limit_server.c).

    python3 benches/run.py [CASE ...] [--rounds N] [--all]

Cases: echo (pipelined messages), ping (single round trips), idle (memory of 10,000 connections), burst (4,000 connects
at once); all four without a name. --all adds more message sizes and the placement on two cores. Two more by
name: `check` is measured beside scripts that split by hand, and for itself (check.py), `watch` beside ss (watch.py).

A figure from one machine says little on another, and on a virtual machine little about an hour later. So:

- The verdict is a ratio. Both servers run in turn in every round, whoever goes first changes from round to round, and
  the ratio is the median of the rounds' own ratios: what slows the machine slows both.
- Everything is pinned. A wake-up across two cores costs many times one on the same core, and left alone the kernel
  picks either at its whim. `same` puts server and client on one core, `split` on two.
- Every run is a fresh process, as the layout of memory is part of the noise that a median has to take out.
- It is run by hand, on a machine that does nothing else: never in CI, where a shared core decides the verdict.

C against itself (`--ours 'target/bench/limit_server 0'`) shows the noise: believe no difference smaller than that.
"""

import argparse
import json
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Callable

import check
import watch
from common import (
    LIMIT, LOAD, Failure, Server, compile_c, in_columns, pinned, release_binary, running, warn_if_busy,
)

SERVE = "serve 127.0.0.1:0 --frame u32be --service echo --quiet --max-connections 20000"

SECONDS = 1
ROUND_TRIPS = 20_000
IDLE = 10_000
BURST = 4_000
# Enough messages outstanding that a wake-up is shared by many, and never more than the socket buffers hold.
WINDOWS = {16: 1024, 64: 1024, 1024: 256, 65536: 16}


# --- what is measured ---------------------------------------------------------------------------------------------


def load(cpu: int, mode: str, server: Server, *figures: int) -> dict[str, float]:
    """One run of the load generator: its figures by name."""
    run = subprocess.run(
        load_command(mode, server, *figures), preexec_fn=pinned(cpu), capture_output=True, text=True, timeout=120
    )
    if run.returncode != 0:
        raise Failure(f"load {mode} ended with {run.returncode}: {run.stderr.strip()}")
    words = run.stdout.split()
    return {name: float(value) for name, value in zip(words[::2], words[1::2])}


def load_command(mode: str, server: Server, *figures: int) -> list[str]:
    return [str(LOAD), mode, str(server.port), *map(str, figures)]


def echo(size: int):
    return lambda server, cpu: load(cpu, "pipeline", server, size, WINDOWS[size], SECONDS)


def ping(server: Server, cpu: int) -> dict[str, float]:
    return load(cpu, "ping", server, 64, ROUND_TRIPS)


def idle(server: Server, cpu: int) -> dict[str, float]:
    time.sleep(0.2)  # a runtime that is still starting threads would have them counted as connections
    before = memory_kib(server.pid)
    with subprocess.Popen(
        load_command("idle", server, IDLE),
        preexec_fn=pinned(cpu),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        if client.stdout.readline().split() != ["ready", str(IDLE)]:
            raise Failure(f"load idle did not get its {IDLE} connections")
        after = memory_kib(server.pid)
    return {"KiB": (after - before) / IDLE}


def memory_kib(pid: int) -> int:
    """User memory: the proportional set size, in KiB. What the kernel keeps for a socket is the same for everybody."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.M)[1])


def burst(server: Server, cpu: int) -> dict[str, float]:
    before = lost_connects()
    seen = load(cpu, "burst", server, BURST)
    unfinished = BURST - seen["finished"]
    return {
        "overflows": lost_connects() - before,
        "stalls": seen["stalled"] + unfinished,
        "seconds": seen["seconds"],
    }


def lost_connects() -> int:
    """Connects dropped because an accept queue was full, in the whole network namespace; one may count in both."""
    lines = [line.split() for line in Path("/proc/net/netstat").read_text().splitlines()]
    names, values = (line for line in lines if line[0] == "TcpExt:")
    counters = dict(zip(names[1:], map(int, values[1:])))
    return counters["ListenOverflows"] + counters["ListenDrops"]


# --- the cases and their goals ------------------------------------------------------------------------------------


@dataclass
class Row:
    """One line of the table: a figure of both servers, a value a round."""

    title: str
    figure: str
    goal: str = ""
    met: Callable[["Row"], bool] = lambda row: True
    ours: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' ratios; None where the limit is 0, as for a count of failures."""
        if not self.limit or min(self.limit) <= 0:
            return None
        return median(ours / limit for ours, limit in zip(self.ours, self.limit))

    @property
    def verdict(self) -> str:
        if not self.goal:
            return ""
        return "ok" if self.met(self) else "MISSED"


@dataclass(frozen=True)
class Case:
    measure: Callable[[Server, int], dict[str, float]]
    rows: list[Row]
    placement: str = "same"


def cases(wanted: list[str], everything: bool) -> list[Case]:
    placements = ["same", "split"] if everything else ["same"]
    sizes = sorted(WINDOWS) if everything else [64]
    found = []
    for placement in placements:
        if "echo" in wanted:
            found += [echo_case(size, placement) for size in sizes]
        if "ping" in wanted:
            found.append(ping_case(placement))
    if "idle" in wanted:
        row = Row(f"idle {IDLE}, a connection", "KiB", "at most 2 KiB", lambda row: median(row.ours) <= 2)
        found.append(Case(idle, [row]))
    if "burst" in wanted:
        # Judged by the worst round: one overflow is a client that waited a second.
        rows = [Row(f"burst {BURST} {what}", what, "none", lambda row: max(row.ours) == 0) for what in ("overflows", "stalls")]
        found.append(Case(burst, [*rows, Row(f"burst {BURST} time", "seconds")]))
    return found


def echo_case(size: int, placement: str) -> Case:
    row = Row(f"echo {size} B {placement}", "msg/s")
    if (size, placement) == (64, "same"):
        row.goal, row.met = "ratio >= 0.80", lambda row: row.ratio >= 0.8
    return Case(echo(size), [row], placement)


def ping_case(placement: str) -> Case:
    row = Row(f"ping 64 B {placement} p50", "p50")
    if placement == "same":
        row.goal, row.met = "ratio <= 1.15", lambda row: row.ratio <= 1.15
    return Case(ping, [row, Row(f"ping 64 B {placement} p99", "p99")], placement)


# --- running them -------------------------------------------------------------------------------------------------


def measure(case: Case, ours: list[str], rounds: int) -> None:
    """Fills the rows of a case."""
    cpus = sorted(os.sched_getaffinity(0))
    server_cpu, client_cpu = cpus[0], cpus[0 if case.placement == "same" else 1]
    for number in range(rounds):
        turns = [(ours, "ours"), ([str(LIMIT), "0"], "limit")]
        for command, side in turns if number % 2 == 0 else reversed(turns):
            with running(command, server_cpu) as server:
                seen = case.measure(server, client_cpu)
            for row in case.rows:
                getattr(row, side).append(seen[row.figure])
        for row in case.rows:
            pair = f"ours {shown(row.ours[-1], row.figure)}, C {shown(row.limit[-1], row.figure)}"
            print(f"  {number + 1}/{rounds}  {row.title}: {pair}", file=sys.stderr)


def our_command(options: argparse.Namespace) -> list[str]:
    if options.ours:
        return shlex.split(options.ours)
    return [str(release_binary(options.framecat)), *SERVE.split()]


# --- saying it ----------------------------------------------------------------------------------------------------


def shown(value: float, figure: str) -> str:
    if figure == "msg/s":
        return f"{value / 1e6:.2f} M/s" if value >= 1e6 else f"{value / 1e3:.1f} k/s"
    if figure in ("p50", "p99"):
        return f"{value:.2f} us"
    if figure == "KiB":
        return f"{value:.2f} KiB"
    return f"{value:.3f} s" if figure == "seconds" else f"{value:.0f}"


def table(rows: list[Row]) -> str:
    lines = [("case", "ours", "(min..max)", "C limit", "ratio", "goal", "")]
    for row in rows:
        ours, least, most, limit = (
            shown(value, row.figure) for value in (median(row.ours), min(row.ours), max(row.ours), median(row.limit))
        )
        ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append((row.title, ours, f"({least} .. {most})", limit, ratio, row.goal or "-", row.verdict))
    return in_columns(lines)


def as_json(row: Row) -> str:
    facts = {"case": row.title, "figure": row.figure, "ours": row.ours, "limit": row.limit, "ratio": row.ratio}
    return json.dumps(facts | {"goal": row.goal or None, "ok": row.verdict == "ok" if row.goal else None})


def arguments() -> argparse.Namespace:
    names = ["echo", "ping", "idle", "burst"]
    by_name = ["check", "watch"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", metavar="CASE", help=f"{', '.join(names)} (all four without a name), {', '.join(by_name)}")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="runs of each server (default: %(default)s)")
    parser.add_argument("--all", action="store_true", help="also 16, 1024 and 65536 bytes, and two cores")
    parser.add_argument("--framecat", type=Path, metavar="PATH", help="the binary (default: target/release/framecat)")
    parser.add_argument("--ours", metavar="CMD", help="any server in its place: the whole command")
    parser.add_argument("--json", action="store_true", help="an object a line, with every round's value")
    parser.add_argument("--fail", action="store_true", help="exit 3 when a goal is missed")
    options = parser.parse_args()
    unknown = set(options.case) - {*names, *by_name}
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))} (there are {', '.join(names + by_name)})")
    if options.json and {*by_name} & {*options.case}:
        parser.error(f"{' and '.join(by_name)} have no --json")
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    if options.all and len(os.sched_getaffinity(0)) < 2:
        parser.error("--all needs two cores")
    options.case = options.case or names
    return options


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended on the way out
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        warn_if_busy()
        found = cases(options.case, options.all)
        reports = []
        if options.case != ["watch"]:
            compile_c()
            ours = our_command(options)
            print(f"ours: {shlex.join(ours)}", file=sys.stderr)
            for case in found:
                measure(case, ours, options.rounds)
        if "check" in options.case:
            reports.append(check.measure(release_binary(options.framecat), options.rounds))
        if "watch" in options.case:
            reports.append(watch.measure(options.rounds))
    except (Failure, OSError, subprocess.SubprocessError) as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130

    rows = [row for case in found for row in case.rows]
    if rows:
        print("\n".join(map(as_json, rows)) if options.json else table(rows))
    for report, _ in reports:
        print(report)
    ok = all(ok for _, ok in reports)
    return 3 if options.fail and (not ok or any(row.verdict == "MISSED" for row in rows)) else 0


if __name__ == "__main__":
    sys.exit(main())
