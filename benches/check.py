"""Measures `framecat check`: confirmed cases a second, a long run's resources, and the time of one whole check.

Part of run.py (`python3 benches/run.py check`). All is measured as a person would: from the start of the process to its
end, with what it learns of the target before the first case.

- rate: beside it run two scripts that split by hand (sleeping_split.py): one sleeps 100 ms a cut, one 1 ms in 64
  threads. They run few cases, and their rate is taken for that of a long run. The second hopes only, and on a busy
  machine in vain: that 1 ms was enough is not known of any of its cuts.
- many: 200,000 cases in one process, looked at ten times a second in /proc.
- whole: an exchange of 40 bytes that passes all plans.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from common import LIMIT, ROOT, Failure, Server, in_columns, pinned, running

SLEEPING = ROOT / "benches" / "sleeping_split.py"
ASYNCIO = ROOT / "tests" / "peers" / "asyncio_lines.py"
GOAL_RATE, GOAL_SECONDS = 5_000, 3
# The largest that `random` takes, and one less, so that the two plans of one run have names apart.
MANY = (100_000, 99_999)
PATIENCE = 600


@dataclass(frozen=True)
class Placement:
    name: str
    server: int | None
    client: int | None


@dataclass
class Rate:
    """Cases a second of one plan and size, a value a round; and those of the scripts."""

    title: str
    ours: list[float] = field(default_factory=list)
    asleep_100: list[float] = field(default_factory=list)
    asleep_1: list[float] = field(default_factory=list)
    goal: bool = False

    def ratio(self, others: list[float]) -> float:
        return median(ours / other for ours, other in zip(self.ours, others))

    @property
    def verdict(self) -> str:
        if not self.goal:
            return ""
        return "ok" if median(self.ours) >= GOAL_RATE else "MISSED"


# --- one run ------------------------------------------------------------------------------------------------------


def check(framecat: Path, cpu: int | None, *words: str, watch=None) -> tuple[dict, float]:
    """Runs a check that must pass: its report, and the seconds from the start of the process to its end."""
    command = [str(framecat), "check", "--json", *words]
    start = time.monotonic()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
        streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": said}
        with subprocess.Popen(command, preexec_fn=pinned(cpu), **streams) as run:
            if watch:
                watch(run.pid)
            try:
                status = run.wait(PATIENCE)
            except BaseException:
                run.kill()
                raise
        seconds = time.monotonic() - start
        out.seek(0), said.seek(0)
        heard, complaint = out.read(), said.read()
    if status != 0:
        raise Failure(f"{shlex.join(command)} ended with {status}: {complaint.strip() or heard[-2000:]}")
    return json.loads(heard), seconds


def sleeping(server: Server, cpu: int | None, size: int, cases: int, sleep: float, threads: int) -> float:
    command = [sys.executable, str(SLEEPING), str(server.port), str(size)]
    command += ["--cases", str(cases), "--sleep", str(sleep), "--threads", str(threads)]
    run = subprocess.run(command, preexec_fn=pinned(cpu), capture_output=True, text=True, timeout=PATIENCE)
    if run.returncode != 0:
        raise Failure(f"{shlex.join(command)} ended with {run.returncode}: {run.stderr.strip()}")
    _, cases_run, _, seconds = run.stdout.split()
    return int(cases_run) / float(seconds)


def exchange(server: Server, size: int) -> list[str]:
    return [f"127.0.0.1:{server.port}", "--frame", "u32be", "--send", "x" * size]


# --- rate ---------------------------------------------------------------------------------------------------------


def rates(framecat: Path, place: Placement, rounds: int) -> list[Rate]:
    wanted = [("random:20000", 64), ("split", 1000), ("split", 4000)]
    found = [Rate(f"{plan} of {size} B, {place.name}", goal=plan == "split" and size == 4000) for plan, size in wanted]
    for number in range(rounds):
        for (plan, size), rate in zip(wanted, found):
            with running([str(LIMIT), "0"], place.server) as server:
                sides = [
                    lambda: rate.ours.append(confirmed_rate(framecat, place, server, plan, size)),
                    lambda: rate.asleep_100.append(sleeping(server, place.client, size, 20, 0.1, 1)),
                    lambda: rate.asleep_1.append(sleeping(server, place.client, size, 2000, 0.001, 64)),
                ]
                for side in sides if number % 2 == 0 else reversed(sides):
                    side()
            shown = f"ours {rate.ours[-1]:.0f}/s, 100 ms {rate.asleep_100[-1]:.1f}/s, 1 ms {rate.asleep_1[-1]:.0f}/s"
            print(f"  {number + 1}/{rounds}  {rate.title}: {shown}", file=sys.stderr)
    return found


def confirmed_rate(framecat: Path, place: Placement, server: Server, plan: str, size: int) -> float:
    report, seconds = check(framecat, place.client, *exchange(server, size), "--plan", plan)
    cuts = report["cuts"]
    if cuts["timed"] or cuts["not_read"] or cuts["confirmed"] < report["cases"]:
        raise Failure(f"not every cut was confirmed: {cuts}")
    return report["cases"] / seconds


def rate_table(found: list[Rate]) -> str:
    lines = [("check", "confirmed", "(min..max)", "asleep 100 ms", "ratio", "asleep 1 ms x 64", "ratio", "goal", "")]
    for rate in found:
        lines.append(
            (
                rate.title,
                f"{median(rate.ours):.0f}/s",
                f"({min(rate.ours):.0f} .. {max(rate.ours):.0f})",
                f"{median(rate.asleep_100):.1f}/s",
                f"{rate.ratio(rate.asleep_100):.0f}",
                f"{median(rate.asleep_1):.0f}/s",
                f"{rate.ratio(rate.asleep_1):.1f}",
                f">= {GOAL_RATE}/s" if rate.goal else "-",
                rate.verdict,
            )
        )
    return in_columns(lines)


# --- many ---------------------------------------------------------------------------------------------------------


@dataclass
class Sample:
    at: float
    resident: int
    descriptors: int
    time_wait: int


def many(framecat: Path, place: Placement) -> str:
    samples: list[Sample] = []
    over = threading.Event()

    def look(pid: int) -> None:
        start = time.monotonic()
        while not over.wait(0.1):
            try:
                resident = int(re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)[1])
                descriptors = len(os.listdir(f"/proc/{pid}/fd"))
            except (OSError, TypeError):
                return  # it has ended
            waiting = int(re.search(r"^TCP:.* tw (\d+)", Path("/proc/net/sockstat").read_text(), re.M)[1])
            samples.append(Sample(time.monotonic() - start, resident, descriptors, waiting))

    watcher: list[threading.Thread] = []

    def watch(pid: int) -> None:
        watcher.append(threading.Thread(target=look, args=(pid,)))
        watcher[0].start()

    plans = ",".join(f"random:{count}" for count in MANY)
    with running([str(LIMIT), "0"], place.server) as server:
        try:
            report, seconds = check(framecat, place.client, *exchange(server, 64), "--plan", plans, watch=watch)
        finally:
            over.set()
            for thread in watcher:
                thread.join()
    if report["cases"] != sum(MANY):
        raise Failure(f"{report['cases']} cases were run instead of {sum(MANY)}")
    early, half, last = (samples[len(samples) * part // 100] for part in (10, 50, 98))
    resident = ", ".join(f"{sample.resident / 1024:.1f}" for sample in (early, half, last))
    cuts, most = report["cuts"], max(sample.resident for sample in samples) / 1024
    # A port or a descriptor that was not to be had would be a case that fails.
    return (
        f"many, {place.name}: {report['cases']} cases, {report['verdict']}, in {seconds:.1f} s "
        f"({report['cases'] / seconds:.0f}/s); "
        f"{cuts['confirmed']} cuts confirmed, {cuts['timed']} timed, {cuts['not_read']} not read; "
        f"resident {resident} MiB at 10 %, 50 %, 98 % of the time (most {most:.1f}); "
        f"at most {max(sample.descriptors for sample in samples)} descriptors, "
        f"and {max(sample.time_wait for sample in samples)} sockets in TIME_WAIT on this machine"
    )


# --- whole --------------------------------------------------------------------------------------------------------

# Each message has 40 bytes on the wire.
WHOLE = [
    ("C echo", f"{shlex.quote(str(LIMIT))} {{port}}", ["--frame", "u32be", "--send", "x" * 36]),
    (
        "redis",
        "redis-server --port {port} --bind 127.0.0.1 --save '' --appendonly no",
        ["--send", "*2\\r\\n$4\\r\\nECHO\\r\\n$19\\r\\n" + "x" * 19 + "\\r\\n"],
    ),
    (
        "asyncio lines, 10 ms a reply",
        f"{shlex.join([sys.executable, str(ASYNCIO)])} 127.0.0.1:{{port}}",
        ["--frame", "line", "--send", "x" * 39],
    ),
]


def whole(framecat: Path, rounds: int) -> list[str]:
    lines = []
    for name, start, words in WHOLE:
        try:
            runs = [check(framecat, None, "--start", start, *words)[0] for _ in range(rounds)]
        except Failure as failure:
            lines.append(f"whole, {name}: {failure}")
            continue
        seconds = [run["seconds"] for run in runs]
        verdict = "ok" if median(seconds) < GOAL_SECONDS else "MISSED"
        lines.append(
            f"whole, {name}: 40 B, {runs[0]['cases']} cases, {runs[0]['verdict']}, {median(seconds):.2f} s "
            f"({min(seconds):.2f} .. {max(seconds):.2f}), goal < {GOAL_SECONDS} s: {verdict}"
        )
    return lines


# --- all of it ----------------------------------------------------------------------------------------------------


def measure(framecat: Path, rounds: int) -> tuple[str, bool]:
    """What is to be printed, and whether every goal was met."""
    cpus = sorted(os.sched_getaffinity(0))
    places = [Placement("one core", cpus[0], cpus[0])]
    if len(cpus) > 1:
        places += [Placement("two cores", cpus[0], cpus[1]), Placement("unpinned", None, None)]
    found = [rate for place in places for rate in rates(framecat, place, rounds)]
    lines = [rate_table(found), many(framecat, places[-1]), *whole(framecat, rounds)]
    return "\n".join(lines), not any("MISSED" in line for line in lines)
