"""The worker processes of a run: who does what, who takes too long, who died. One thread looks after all of them.

A worker and the run share a pipe in each direction and nothing else: no lock, no queue that a dead process could leave
in pieces. What a worker has told is kept, whatever becomes of it afterwards.
"""

import multiprocessing
import os
import select
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

from spteproof.grammar.source import Source
from spteproof.grammar.uninterrupted import uninterrupted
from spteproof.running.worker import DONE, ERROR, MEMORY_STATUS, PIECE, Limits, Piece, messages, unpacked
from spteproof.solver.doubts import INTERNAL, MEMORY_RAN_OUT, TIME, Doubt

TRIES = 2
"""A task is tried so often at an instance where its worker dies; then the instance is unknown and the next has its
turn."""

FAILURES = 3
"""After so many instances at which a task took too long, too much, or its worker died, the rest is not tried."""

CHUNK = 1 << 20

STOP_SECONDS = 0.1
"""So often a run that may be told to stop asks whether it is."""


class NoWorkers(Exception):
    """No worker process can be started; the message says why."""


@dataclass(slots=True)
class Task:
    """One theorem, or the asserts of one layout: `pieces` are those that are known, in order; `deaths` how many
    workers died at the piece that comes next, `failures` how many pieces have been given up."""

    name: str
    pieces: list[Piece] = field(default_factory=list)
    deaths: int = 0
    failures: int = 0


@dataclass(slots=True, eq=False)
class _Member:
    """A worker, the ends of its pipes, what it is at and until when, and what came of a message that is not whole."""

    process: BaseProcess
    tasks: int
    answers: int
    task: Task | None = None
    deadline: float = 0.0
    waiting: bytearray = field(default_factory=bytearray)


Serve = Callable[[int, int, int], None]
"""The life of a worker, from the ends of its pipes and its parent's number; never returns."""

GiveUp = Callable[[str, Doubt, int, int | None], Sequence[Piece]]
"""From a task's name, a reason, and where to begin and to stop: those pieces, all unknown."""


class Crew:
    """At most `jobs` workers for some tasks. `give_up` makes the pieces that no worker can; `stop` says when no more
    are wanted."""

    def __init__(
        self,
        serve: Serve,
        sources: Mapping[str, Source],
        limits: Limits,
        jobs: int,
        give_up: GiveUp,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self._serve = serve
        self._sources = sources
        self._limits = limits
        self._jobs = jobs
        self._give_up = give_up
        self._stop = stop
        self._members: list[_Member] = []
        self._tasks: deque[Task] = deque()

    def run(self, names: Sequence[str]) -> Generator[Task, None, None]:
        """Each task as it is done. Raises NoWorkers where there is none and none can be started."""
        self._tasks.extend(Task(name) for name in names)
        try:
            while self._tasks or any(each.task is not None for each in self._members):
                if self._stop is not None and self._stop():
                    return
                self._hand_out()
                yield from self._hear()
        finally:
            self._end_all()

    def add(self, name: str) -> None:
        """One more task, the last, for a run that goes on."""
        self._tasks.append(Task(name))

    def _hand_out(self) -> None:
        """Every task has a worker, as long as there are some that may be had."""
        while self._tasks:
            idle = next((each for each in self._members if each.task is None), None)
            if idle is None:
                if len(self._members) >= self._jobs or not self._start():
                    return
                continue
            task = self._tasks.popleft()
            idle.task, idle.deadline = task, time.monotonic() + self._limits.instance_seconds
            with suppress(BrokenPipeError):  # it has died: that is heard soon
                os.write(idle.tasks, f"{len(task.pieces)} {task.name}\n".encode())

    def _start(self) -> bool:
        """One more worker. Raises NoWorkers where there is no other."""
        try:
            with uninterrupted():
                self._members.append(self._started())
        except OSError as error:
            if self._members:
                return False
            raise NoWorkers(error.strerror or str(error)) from None
        return True

    def _started(self) -> _Member:
        ends = [*os.pipe(), *os.pipe()]
        asked, tasks, answers, told = ends
        others = [end for each in self._members for end in (each.tasks, each.answers)]
        parent = os.getpid()

        def live() -> None:
            for end in (*others, tasks, answers):
                os.close(end)
            self._serve(asked, told, parent)

        process = multiprocessing.get_context("fork").Process(target=live, daemon=True)
        try:
            process.start()
        except BaseException:
            for end in ends:
                os.close(end)
            raise
        os.close(asked)
        os.close(told)
        os.set_blocking(answers, False)
        return _Member(process, tasks, answers)

    def _hear(self) -> Iterator[Task]:
        """What the workers have to say, what has become of them, and who takes too long."""
        now = time.monotonic()
        until = min((each.deadline for each in self._members if each.task is not None), default=now)
        until = until if self._stop is None else min(until, now + STOP_SECONDS)
        poll = select.poll()
        for each in self._members:
            poll.register(each.answers, select.POLLIN)
        ready = {end for end, _ in poll.poll(max(0.0, until - now) * 1000 + 1)}
        for each in [member for member in self._members if member.answers in ready]:
            yield from self._listen(each)
        now = time.monotonic()
        for each in [member for member in self._members if member.task is not None and member.deadline < now]:
            assert each.task is not None
            seconds = self._limits.instance_seconds
            yield from self._failed(each, Doubt(TIME, f"it took longer than {seconds:g} s in all"), TRIES)

    def _listen(self, member: _Member) -> Iterator[Task]:
        """Reads what a worker has told so far; at the end of it, what it died of."""
        try:
            data = os.read(member.answers, CHUNK)
        except BlockingIOError:
            return
        member.waiting += data
        for kind, packed in messages(member.waiting):
            task = member.task
            assert task is not None
            if kind == PIECE:
                task.pieces.append(unpacked(packed, self._sources))
                task.deaths = 0
                member.deadline = time.monotonic() + self._limits.instance_seconds
                continue
            if kind == ERROR:
                yield from self._failed(member, Doubt(INTERNAL, packed.decode()), TRIES)
                return
            member.task = None
            if kind != DONE:
                self._end(member)
            yield task
        if not data and member in self._members:
            member.process.join()
            yield from self._failed(member, *_why(member.process.exitcode))

    def _failed(self, member: _Member, reason: Doubt, weight: int) -> Iterator[Task]:
        """A worker is no use any more: its task is tried once more, or goes on behind the instance that ended it."""
        task = member.task
        self._end(member)
        if task is None:
            return
        task.deaths += weight
        if task.deaths >= TRIES:
            task.deaths = 0
            task.failures += 1
            at = len(task.pieces)
            last = task.failures >= FAILURES
            task.pieces += self._give_up(task.name, reason, at, None if last else at + 1)
            if last or len(task.pieces) == at:
                yield task
                return
        self._tasks.appendleft(task)

    def _end(self, member: _Member) -> None:
        """Ends a worker at once: what it is at is no longer wanted."""
        self._members.remove(member)
        with uninterrupted():
            member.process.kill()
            member.process.join()
            os.close(member.tasks)
            os.close(member.answers)

    def _end_all(self) -> None:
        with uninterrupted():
            for each in self._members:
                each.process.kill()
            for each in list(self._members):
                self._end(each)


def _why(status: int | None) -> tuple[Doubt, int]:
    """Why a worker ended, for a person, and how much that counts: what is sure to happen again is not tried again."""
    if status == MEMORY_STATUS:
        return MEMORY_RAN_OUT, TRIES
    if status is not None and status < 0:
        name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
        perhaps = ", perhaps for want of memory" if -status == signal.SIGABRT else ""
        return Doubt(TIME, f"its worker process was ended by {name}, twice{perhaps}"), 1
    return Doubt(TIME, f"its worker process ended with status {status}, twice"), 1
