"""What the benchmarks share: where things are, pinned servers, and what others take of the machine."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BUILD = TARGET / "bench"
LOAD, LIMIT = BUILD / "load", BUILD / "limit_server"


class Failure(Exception):
    """A run that gave no figure; its text is all there is to say."""


@dataclass(frozen=True)
class Server:
    pid: int
    port: int


def pinned(cpu: int | None):
    """Set before the program starts: a runtime counts the cores it may use to choose its threads."""
    return None if cpu is None else lambda: os.sched_setaffinity(0, {cpu})


@contextmanager
def running(command: list[str], cpu: int | None):
    # A file, not a pipe: nobody has to read while the server runs, however much it says.
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, preexec_fn=pinned(cpu), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said
        )
        try:
            yield Server(process.pid, listening_port(process, said))
        except Failure as failure:
            raise Failure(f"{failure}\n{shlex.join(command)} said:\n{heard(said)[-2000:]}") from None
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def heard(said) -> str:
    # pread leaves the offset alone, which the server's own writes use too.
    return os.pread(said.fileno(), 1 << 20, 0).decode(errors="replace")


def listening_port(process: subprocess.Popen, said) -> int:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and process.poll() is None:
        line = re.search(r"listening on tcp://127\.0\.0\.1:(\d+)\b.*\n", heard(said))
        if line:
            return int(line[1])
        time.sleep(0.005)
    raise Failure("the server did not say where it listens")


def busy_share() -> float:
    """What others take of all cores just now. (The load average would still show our own last run.)"""

    def ticks() -> tuple[int, int]:
        user, nice, system, idle, iowait, *rest = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:])
        return idle + iowait, user + nice + system + idle + iowait + sum(rest[:3])

    idle, total = ticks()
    time.sleep(0.5)
    idle_later, total_later = ticks()
    return 1 - (idle_later - idle) / (total_later - total)


def compile_c() -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    for program in (LOAD, LIMIT):
        source = ROOT / "benches" / f"{program.name}.c"
        subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-o", str(program), str(source)], check=True)


def release_binary(given: Path | None) -> Path:
    """The framecat to measure: the one given, or the release build, which is made if there is none."""
    framecat = given or TARGET / "release" / "framecat"
    if not given and not framecat.exists():
        subprocess.run(["cargo", "build", "--release", "-p", "framecat-cli"], cwd=ROOT, check=True)
    return framecat


def warn_if_busy() -> None:
    busy = busy_share()
    if busy > 0.05:
        print(f"others use {busy:.0%} of this machine: do not trust the figures", file=sys.stderr)


def in_columns(lines: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
