"""Many mutants over worker processes; what was found is handed on as it comes."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from spteproof.mutating.judging import Court, Judge
from spteproof.mutating.outcomes import UNDECIDED, Outcome, Subject
from spteproof.running.dropping import drop

PARENT_SECONDS = 0.5
Item = TypeVar("Item")
Found = TypeVar("Found")
_COURT: list[Court] = []
_JUDGE: list[Judge] = []


def judged(court: Court, subjects: Sequence[Subject], jobs: int) -> Iterator[tuple[Subject, Outcome]]:
    """Each subject with its outcome, in any order. A worker that dies leaves what it was at undecided."""
    died = Outcome(fate=UNDECIDED, how="a worker process died")
    for subject, found in worked(court, Judge.judge, subjects, jobs):
        yield subject, died if found is None else found


def worked(
    court: Court, work: Callable[[Judge, Item], Found], items: Sequence[Item], jobs: int
) -> Iterator[tuple[Item, Found | None]]:
    """Each item with what a judge finds, in any order: None where a worker died. `work` is a function of a module."""
    if jobs <= 1 or len(items) <= 2 or "fork" not in multiprocessing.get_all_start_methods():
        judge = Judge(court)
        for item in items:
            yield item, work(judge, item)
        return
    _COURT[:] = [court]
    court.reach  # noqa: B018  worked out once, before the workers are made
    court.texts.check()
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(os.getpid(),)) as pool:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            waiting = {pool.submit(_work, work, each): each for each in items}
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        try:
            for future in as_completed(list(waiting)):
                item = waiting.pop(future)
                yield item, future.result()
        except BrokenProcessPool:
            for each in [item, *waiting.values()]:
                yield each, None
        except BaseException:
            drop(pool)
            raise


def _start(parent: int) -> None:
    """Workers leave Ctrl-C to the parent, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _JUDGE[:] = [Judge(_COURT[0])]


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)


def _work(work: Callable[[Judge, Item], Found], item: Item) -> Found:
    return work(_JUDGE[0], item)
