"""Each mutant in a process of its own, forked from one that has read everything but the solver. A process that takes too much
time or memory is ended."""

import gc
import json
import os
import resource
import selectors
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

Job = TypeVar("Job")

MEMORY = 3 << 30
WALL_SECONDS = 600.0
PRELOADED = ("z3", "lark", "hypothesis", "cvc5", "bitwuzla", "_pytest.assertion", "spteproof.diagnostic_text")


@dataclass(slots=True)
class Running:
    pid: int
    reader: int
    started: float
    folder: str
    heard: bytearray = field(default_factory=bytearray)


def warm_up() -> None:
    """Imports what does not depend on the solver, so that a fork need not."""
    sys.setrecursionlimit(20_000)
    for name in PRELOADED:
        try:
            __import__(name)
        except ImportError:
            continue
    gc.collect()
    gc.freeze()


def allow(seconds: float) -> None:
    """Lets this process go on for some more seconds of the processor; then it is ended."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def in_forks(
    work: Callable[[Job], object], jobs: Iterable[Job], at_once: int, wall_seconds: float = WALL_SECONDS
) -> Iterator[tuple[Job, object]]:
    """Each job and what `work` gave for it, in the order in which they end: a value that JSON knows, or {"ended": why} where
    the process took more than `wall_seconds`, was ended from outside or raised something."""
    waiting, running = iter(jobs), dict[int, tuple[Job, Running]]()
    with selectors.DefaultSelector() as selector:
        while True:
            while len(running) < at_once and (job := next(waiting, None)) is not None:
                started = _start(work, job)
                running[started.reader] = job, started
                selector.register(started.reader, selectors.EVENT_READ)
            if not running:
                return
            for key, _ in selector.select(1.0):
                job, process = running[key.fd]
                part = os.read(key.fd, 1 << 16)
                process.heard += part
                if not part:
                    selector.unregister(key.fd)
                    del running[key.fd]
                    yield job, _end(process)
            for _, process in running.values():
                if time.monotonic() - process.started > wall_seconds:
                    os.killpg(process.pid, signal.SIGKILL)


def _start(work: Callable[[Job], object], job: Job) -> Running:
    folder = tempfile.mkdtemp(prefix="mutant-")
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return Running(pid, reader, time.monotonic(), folder)
    status = 1
    try:
        os.setpgid(0, 0)
        os.close(reader)
        _quiet(folder)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _write(writer, json.dumps(work(job)).encode())
        status = 0
    except BaseException:
        _write(writer, json.dumps({"ended": traceback.format_exc()[-1500:]}).encode())
    finally:
        os._exit(status)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _quiet(folder: str) -> None:
    """Nothing is printed, and what the tool keeps between runs is kept apart: a mutant's verdicts must reach no cache."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.environ.update(
        SPTEPROOF_CACHE_DIR=folder, HYPOTHESIS_STORAGE_DIRECTORY=folder, TMPDIR=folder, PYTHONDONTWRITEBYTECODE="1"
    )
    tempfile.tempdir = folder


def _end(process: Running) -> object:
    os.close(process.reader)
    _, status = os.waitpid(process.pid, 0)
    shutil.rmtree(process.folder, ignore_errors=True)
    if process.heard:
        return json.loads(process.heard)
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return {"ended": signal.Signals(number).name if number else f"exit status {os.WEXITSTATUS(status)}"}
