"""Proofs in the background: one worker process, one request at a time, the newest first.

A request for one text makes way for one for another, and goes on later with what it has not given yet. One that is no
longer wanted is cancelled: the worker ends it at the next instance, and is ended itself where it does not within
GRACE_SECONDS. What it gave by then stays. A worker that dies takes its request with it, and the next request starts
another.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

GRACE_SECONDS = 0.5
LINE_LIMIT = 256 << 20


@dataclass(frozen=True, kw_only=True)
class Request:
    """`message` is for the worker, `read` the digest of the texts that it must find; `found` is told each task with its
    results and whether they are whole (counterexamples follow otherwise), `ended` what went wrong, if anything did
    (None also where the request was cancelled)."""

    uri: str
    message: dict[str, Any]
    read: str
    found: Callable[[str, Any, bool], None]
    ended: Callable[[str | None], None]


@dataclass(eq=False)
class Proofs:
    """All requests of one server. Everything happens in its event loop."""

    command: Sequence[str] = (sys.executable, "-m", "spteproof.editing.worker")
    _waiting: list[Request] = field(default_factory=list)
    _running: tuple[int, Request] | None = None
    _process: asyncio.subprocess.Process | None = None
    _task: "asyncio.Task[None] | None" = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _grace: asyncio.TimerHandle | None = None
    _number: int = 0
    _given: set[str] = field(default_factory=set)
    started: int = 0
    """How many workers there were."""

    def warm(self) -> None:
        """Starts the worker, so that the first proof need not wait for it."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._serve())

    def prove(self, request: Request) -> None:
        """Proves a text as soon as may be, in the place of an earlier state of it."""
        self.cancel(request.uri)
        self._make_way()
        self._waiting.insert(0, request)
        self._wake.set()
        self.warm()

    def cancel(self, uri: str) -> None:
        """Nothing more is told of a text's requests."""
        dropped = [each for each in self._waiting if each.uri == uri]
        self._waiting = [each for each in self._waiting if each.uri != uri]
        if self._running is not None and self._running[1].uri == uri:
            dropped.append(self._stopped(*self._running))
        for each in dropped:
            each.ended(None)

    def _stopped(self, number: int, request: Request) -> Request:
        """The request that runs, of which nothing more is told."""
        self._running = (number, Request(uri="", message={}, read="", found=_nothing, ended=_ignored))
        self._say({"cancel": number})
        if self._grace is None:
            self._grace = asyncio.get_running_loop().call_later(GRACE_SECONDS, self._end_process)
        return request

    def _make_way(self) -> None:
        """What runs goes back to those that wait, without the tasks that it has given."""
        if self._running is None or not self._running[1].uri:
            return
        request = self._stopped(*self._running)
        left = [each for each in request.message.get("tasks", []) if each not in self._given]
        self._waiting.insert(0, replace(request, message={**request.message, "tasks": left}))

    def busy(self, uri: str) -> bool:
        running = self._running is not None and self._running[1].uri == uri
        return running or any(each.uri == uri for each in self._waiting)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._end_process()
        if self._process is not None:
            await self._process.wait()
            self._process = None

    def _end_process(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    def _say(self, message: dict[str, Any]) -> None:
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write((json.dumps(message) + "\n").encode())

    async def _serve(self) -> None:
        while True:
            process = await self._alive()
            if process is None:
                await self._refuse_all("the process for proofs cannot be started")
                continue
            await self._next()
            if not self._waiting:
                continue
            request = self._waiting.pop(0)
            self._number += 1
            self._running = (self._number, request)
            self._say({**request.message, "prove": self._number})
            problem = await self._follow(process)
            running, self._running = self._running, None
            if self._grace is not None:
                self._grace.cancel()
                self._grace = None
            running[1].ended(problem)

    async def _refuse_all(self, why: str) -> None:
        await self._next()
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.ended(why)

    async def _next(self) -> None:
        while not self._waiting:
            self._wake.clear()
            await self._wake.wait()

    async def _alive(self) -> asyncio.subprocess.Process | None:
        if self._process is not None and self._process.returncode is None:
            return self._process
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self.command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE_LIMIT
            )
        except OSError:
            self._process = None
            return None
        self.started += 1
        await self._line(self._process)  # ready
        return self._process

    async def _line(self, process: asyncio.subprocess.Process) -> dict[str, Any] | None:
        assert process.stdout is not None
        try:
            line = await process.stdout.readline()
        except ValueError:  # longer than any answer
            process.kill()
            line = b""
        if not line.endswith(b"\n"):
            await process.wait()
            return None
        found: dict[str, Any] = json.loads(line)
        return found

    async def _follow(self, process: asyncio.subprocess.Process) -> str | None:
        """Tells what comes of the running request, to its end."""
        number = self._number
        self._given = set()
        while (message := await self._line(process)) is not None:
            if message.get("id") != number or self._running is None:
                continue
            request = self._running[1]
            if message.get("done"):
                problem: str | None = message["problem"]
                return problem
            if message["whole"]:
                self._given.add(message["task"])
            if message["read"] == request.read:
                request.found(message["task"], message["found"], message["whole"])
        return "the process for proofs ended before there was a verdict"


def _nothing(task: str, found: Any, whole: bool) -> None:
    """Of a request that was cancelled nothing is told."""


def _ignored(problem: str | None) -> None:
    """The same."""
