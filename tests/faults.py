"""Faults at random moments of real runs: `python -m tests.faults --seconds 120 --seed 1`.

Each round takes one kind of fault, runs `spteproof prove` over a few texts of the library with it, and compares what that
run reported, and what an undisturbed run after it reports from the same cache, with the first undisturbed run of all. A
verdict may be missing or unknown where a run was disturbed; it may never be another one.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

TEXTS = ("spec/mail/whole_value_written_back.spte", "spec/mail/non_leaf.spte")
JUMPING_CLOCK = """\
import random, time
real = time.time
time.time = lambda: real() + random.uniform(-1e6, 1e6)
"""
Verdicts = dict[tuple[str, ...], str]


class Wrong(Exception):
    """Something that must never be; the message says what."""


class Runs:
    """Real runs of the command in a folder of their own, with a cache of their own."""

    def __init__(self, place: Path, texts: Sequence[str], random: Random) -> None:
        self.cache, self.here, self.out = place / "cache", place / "here", place / "here" / "out.json"
        self.random = random
        self.here.mkdir()
        clock = place / "clock"
        clock.mkdir()
        (clock / "sitecustomize.py").write_text(JUMPING_CLOCK)
        self.clock = os.pathsep.join([str(clock), *([before] if (before := os.environ.get("PYTHONPATH")) else [])])
        self.texts = [str(Path(text).resolve()) for text in texts]
        self.seconds = 0.0

    def start(self, *more: str, **options: Any) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "spteproof", "prove", *self.texts, "--jobs", "2", "--format", "json", *more]
        environment = {**os.environ, "SPTEPROOF_CACHE_DIR": str(self.cache), **options.pop("environment", {})}
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen(words, cwd=self.here, env=environment, start_new_session=True, **streams)

    def to_file(self, *more: str, **options: Any) -> subprocess.Popen[bytes]:
        return self.start("--output", "out.json", *more, **options)

    def verdicts(self) -> Verdicts | None:
        """What the report says; None where there is none. Raises Wrong where it is not whole."""
        if not self.out.exists():
            return None
        try:
            results = json.loads(self.out.read_text())["results"]
        except ValueError:
            raise Wrong("a report is half written") from None
        finally:
            self.out.unlink()
        keys = ("theorem", "property", "layout", "era", "params")
        return {tuple(str(each[key]) for key in keys): each["verdict"] for each in results}

    def some_time(self) -> None:
        """Up to a little longer than a run takes, more often early."""
        time.sleep(self.random.random() ** 1.5 * self.seconds * 1.1)

    def caught(self, process: subprocess.Popen[bytes]) -> bool:
        """Waits until the process catches SIGTERM: before that it is Python that starts. Whether it is still there."""
        while process.poll() is None:
            with suppress(OSError, StopIteration):
                lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
                mask = next(line for line in lines if line.startswith("SigCgt:")).split()[1]
                if int(mask, 16) >> (signal.SIGTERM - 1) & 1:
                    return True
            time.sleep(0.005)
        return False

    def ended(self, process: subprocess.Popen[bytes], allowed: Sequence[int]) -> None:
        """Raises Wrong for a status that is not allowed, a traceback, a process or a file that is left."""
        out, err = process.communicate(timeout=300)
        if process.returncode not in allowed or b"Traceback" in (out or b"") + (err or b""):
            raise Wrong(f"status {process.returncode}: {(err or b'')[-2000:].decode(errors='replace')}")
        end = time.monotonic() + 5
        while living(process.pid) and time.monotonic() < end:
            time.sleep(0.02)
        if living(process.pid):
            raise Wrong("a process is left")
        if stray := [each for each in os.listdir(self.here) if each != "out.json"]:
            raise Wrong(f"a file is left: {stray}")


def living(session: int) -> list[int]:
    """The processes of a session that have not ended."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError):
                state, _, _, of = Path(f"/proc/{name}/stat").read_text().rpartition(") ")[2].split()[:4]
                if int(of) == session and state != "Z":
                    found.append(int(name))
    return found


def asked_to_end(runs: Runs) -> None:
    number = runs.random.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    process = runs.to_file()
    if runs.caught(process):
        runs.some_time()
        for _ in range(runs.random.choice([1, 1, 3])):
            with suppress(ProcessLookupError):
                (os.killpg if runs.random.random() < 0.5 else os.kill)(process.pid, number)
    runs.ended(process, (0, 128 + number))
    if list(runs.cache.glob("writing-*")):
        raise Wrong("a file in the cache is half written")


def workers_killed(runs: Runs) -> None:
    process = runs.to_file()
    for _ in range(runs.random.randint(1, 4)):
        runs.some_time()
        workers = [each for each in living(process.pid) if each != process.pid]
        if workers and process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(runs.random.choice(workers), runs.random.choice([signal.SIGKILL, signal.SIGSEGV]))
    runs.ended(process, (0, 3))


def worker_stopped(runs: Runs) -> None:
    process = runs.to_file("--instance-timeout", "1")
    runs.some_time()
    workers = [each for each in living(process.pid) if each != process.pid]
    if workers:
        with suppress(ProcessLookupError):
            os.kill(runs.random.choice(workers), signal.SIGSTOP)
    runs.ended(process, (0, 3))


def run_killed(runs: Runs) -> None:
    process = runs.to_file()
    runs.some_time()
    process.kill()
    process.communicate(timeout=60)
    for each in runs.here.glob(".out.json-*"):
        each.unlink()  # the one file that a killed run may leave
    runs.ended(process, (0, -signal.SIGKILL))


def _cached(runs: Runs) -> Path | None:
    found = sorted(each for each in runs.cache.glob("*") if each.is_file() and each.stat().st_size)
    likely = [each for each in found if each.name == "verdicts.sqlite"]
    return runs.random.choice(likely if likely and runs.random.random() < 0.6 else found) if found else None


def bytes_changed(runs: Runs) -> None:
    path = _cached(runs)
    if path is not None:
        data = bytearray(path.read_bytes())
        for _ in range(runs.random.choice([1, 3, 30, 300])):
            data[runs.random.randrange(len(data))] ^= 1 << runs.random.randrange(8)
        path.write_bytes(data)
    runs.ended(runs.to_file(), (0,))


def file_cut(runs: Runs) -> None:
    path = _cached(runs)
    if path is not None:
        os.truncate(path, runs.random.randrange(path.stat().st_size))
    runs.ended(runs.to_file(), (0,))


def disk_full(runs: Runs) -> None:
    bytes_left = int(2 ** runs.random.uniform(4, 19))

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, bytes_left))

    if runs.random.random() < 0.3:
        for each in runs.cache.glob("*"):
            each.unlink()
    runs.ended(runs.to_file(preexec_fn=limited), (0, 2))


def several_at_once(runs: Runs) -> None:
    if runs.random.random() < 0.5:
        for each in runs.cache.glob("*"):
            each.unlink()
    others = [runs.start() for _ in range(2)]
    runs.ended(runs.to_file(), (0,))
    for each in others:
        runs.ended(each, (0,))


def little_memory(runs: Runs) -> None:
    limits = ("--memory", str(runs.random.randint(50, 80)), "--instance-timeout", f"{runs.random.uniform(0.02, 2):.3f}")
    runs.ended(runs.to_file(*limits, "--no-cache"), (0, 3))


def clock_jumps(runs: Runs) -> None:
    runs.ended(runs.to_file("--no-cache", environment={"PYTHONPATH": runs.clock}), (0,))


def reader_leaves(runs: Runs) -> None:
    process = runs.start()
    assert process.stdout is not None
    process.stdout.read(runs.random.choice([0, 1, 1000, 100_000]))
    process.stdout.close()
    process.stdout = None
    runs.ended(process, (0,))


Fault = Callable[[Runs], None]
FAULTS: tuple[Fault, ...] = (
    asked_to_end,
    asked_to_end,
    workers_killed,
    worker_stopped,
    run_killed,
    bytes_changed,
    file_cut,
    disk_full,
    several_at_once,
    little_memory,
    clock_jumps,
    reader_leaves,
)
"""Ctrl-C and its like twice as often: there are the most moments."""


@contextmanager
def undisturbed(texts: Sequence[str], random: Random) -> Iterator[tuple[Runs, Verdicts]]:
    """A place for runs, and what the first of them says."""
    with tempfile.TemporaryDirectory(prefix="spteproof-faults-") as place:
        runs = Runs(Path(place), texts, random)
        began = time.monotonic()
        runs.ended(runs.to_file("--no-cache"), (0,))
        runs.seconds = time.monotonic() - began
        right = runs.verdicts()
        if not right:
            raise Wrong("the texts give no verdicts")
        yield runs, right


def compared(found: Verdicts | None, right: Verdicts) -> None:
    """Raises Wrong where a verdict is neither right nor unknown, or is of something else."""
    for key, verdict in (found or {}).items():
        if verdict not in (right.get(key), "unknown"):
            raise Wrong(f"{key} is {right.get(key)}, and was said to be {verdict}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs until the time is up; 1 where something was wrong."""
    reader = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.splitlines()[0])
    reader.add_argument("--seconds", type=float, default=60.0)
    reader.add_argument("--seed", type=int, default=0)
    reader.add_argument("texts", nargs="*", default=TEXTS)
    called = reader.parse_args(arguments)
    random, counts = Random(called.seed), Counter[str]()
    until = time.monotonic() + called.seconds
    with undisturbed(called.texts, random) as (runs, right):
        print(f"{len(right)} verdicts, {runs.seconds:.1f} s undisturbed", flush=True)
        fault = FAULTS[0]
        try:
            while time.monotonic() < until:
                fault = random.choice(FAULTS)
                fault(runs)
                counts[fault.__name__] += 1
                compared(runs.verdicts(), right)
                runs.ended(runs.to_file(), (0,))
                if runs.verdicts() != right:
                    raise Wrong("the run after it says something else")
        except Wrong as wrong:
            print(f"{fault.__name__}: {wrong} (seed {called.seed}, round {counts.total()})")
            return 1
    for name, count in sorted(counts.items()):
        print(f"{count:6}  {name.replace('_', ' ')}")
    print(f"{counts.total():6}  faults, no wrong verdict, none lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
