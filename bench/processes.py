"""Whole processes, timed: wall clock, peak memory, output. This process must stay small: what a child starts with
counts into its peak, so nothing here imports a solver."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One finished process; `status` is negative when a signal ended it, as after `timeout_seconds`."""

    seconds: float
    status: int
    output: str
    errors: str
    peak_megabytes: float

    @property
    def last_error(self) -> str:
        """The last line it complained with, or its status."""
        lines = self.errors.strip().splitlines()
        return lines[-1] if lines else f"exit status {self.status}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Several measurements of one thing, in seconds (or ratios)."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def least(self) -> float:
        return min(self.values)

    @property
    def most(self) -> float:
        return max(self.values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The least value that at least `percent` of the values do not exceed."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    timeout_seconds: float = 300,
) -> Run:
    """Runs it to its end, in `folder`. Memory is the peak of the largest process among it and those it waited for."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            cwd=folder,
            env={**os.environ, **(environment or {})},
        )
        watchdog = threading.Timer(timeout_seconds, process.kill)
        watchdog.start()
        try:
            _, wait_status, usage = os.wait4(process.pid, 0)
        finally:
            watchdog.cancel()
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(wait_status)
        output.seek(0)
        errors.seek(0)
        return Run(
            seconds=seconds,
            status=process.returncode,
            output=output.read(),
            errors=errors.read(),
            peak_megabytes=usage.ru_maxrss / 1024,
        )


def interleaved(first: Callable[[], float], second: Callable[[], float], pairs: int) -> tuple[Sample, Sample, Sample]:
    """A B A B ...: the seconds of A, those of B, the ratio B / A pair by pair. A first pair does not count."""
    first(), second()
    taken = [(first(), second()) for _ in range(pairs)]
    return (
        Sample(values=tuple(a for a, _ in taken)),
        Sample(values=tuple(b for _, b in taken)),
        Sample(values=tuple(b / a for a, b in taken)),
    )


def clock_of(
    command: Sequence[str], environment: Mapping[str, str] | None = None, right: int = 0
) -> Callable[[], float]:
    """A measurement of the command's wall clock, which insists on its exit status."""

    def seconds() -> float:
        done = run(command, environment=environment)
        if done.status != right:
            raise RuntimeError(f"`{Path(command[0]).name} {' '.join(command[1:3])} ...`: {done.last_error}")
        return done.seconds

    return seconds
