"""A proof run: many theorems over worker processes, with progress, losing nothing already reached."""

import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass

from spteproof.grammar.checked import Library
from spteproof.running.details import kept_details
from spteproof.running.pipeline import prove_task
from spteproof.solver.proof import Prover
from spteproof.solver.results import Budget, Result, Skipped

Found = list[Result | Skipped]


SYMBOLIC_WEIGHT = 40
PARENT_SECONDS = 0.5


class WorkerDied(Exception):
    """A worker process ended before its task was done; `args` are the tasks that have no verdict."""


@dataclass(slots=True)
class _Worker:
    """What a worker process holds; set before the fork, so that nothing is pickled to it."""

    library: Library | None = None
    budget: Budget | None = None
    prover: Prover | None = None


_WORKER = _Worker()


def run(library: Library, names: Sequence[str], budget: Budget, jobs: int, each: Callable[[str, Found], None]) -> None:
    """Proves the named tasks, telling `each` name and what it gave as it comes. Raises WorkerDied, BadInput."""
    if jobs <= 1 or len(names) <= 2:
        prover = Prover(library, budget, keep=kept_details)
        for name in names:
            each(name, prove_task(library, name, prover))
        return
    for name, found in _parallel(library, names, budget, jobs):
        each(name, found)


def _parallel(library: Library, names: Sequence[str], budget: Budget, jobs: int) -> Iterator[tuple[str, Found]]:
    _WORKER.library, _WORKER.budget = library, budget
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context, initializer=_start, initargs=(os.getpid(),)) as pool:
        heaviest = sorted(names, key=lambda name: -weight(library, name))
        with _interrupts_held():  # the first task starts all workers
            waiting: dict[Future[Found], str] = {pool.submit(_prove, name): name for name in heaviest}
        try:
            for future in as_completed(list(waiting)):
                name = waiting[future]
                found = future.result()
                del waiting[future]
                yield name, found
        except BrokenProcessPool:
            raise WorkerDied(*waiting.values()) from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            _end_workers()
            raise


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """A Ctrl-C meanwhile comes afterwards: a process that is just being forked would take it for its own."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def weight(library: Library, name: str) -> int:
    """About how much work a task is, in instances: the heaviest goes first, so that no worker idles at the end. A
    symbolic layout has many placements."""
    theorem = library.theorems.get(name)
    if theorem is None:
        return 1
    choices = math.prod(len(each.choices) for each in theorem.parameters if each.choices is not None)
    eras = [library.eras[era] for era in theorem.eras] or [None]
    return choices * sum(
        SYMBOLIC_WEIGHT if any(mask.some for mask in library.layouts[layout].masks.values()) else 1
        for had in eras
        for layout in theorem.layouts
        if had is None or layout in had
    )


def _end_workers() -> None:
    """Ends the workers at once: what they are at is no longer wanted."""
    for each in multiprocessing.active_children():
        each.terminate()


def _start(parent: int) -> None:
    """Workers leave Ctrl-C to the parent, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    assert _WORKER.library is not None and _WORKER.budget is not None
    _WORKER.prover = Prover(_WORKER.library, _WORKER.budget, keep=kept_details)


def _end_with(parent: int) -> None:
    """Ends this process when its parent is gone: it would wait for tasks for ever."""
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)


def _prove(name: str) -> Found:
    assert _WORKER.library is not None and _WORKER.prover is not None
    return prove_task(_WORKER.library, name, _WORKER.prover)


def usable_processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
