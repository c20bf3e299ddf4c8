"""The far end of proofs in the background: one process that proves one text after the other, and keeps what it knows of
agents. Reads and writes JSON, a message a line. `read` is a digest of the texts that were read.

{"prove": 1, "text": ..., "name": ..., "path": ..., "library": ..., "open": {...}, "tasks": [...], "timeout": 10.0}
    ->  {"id": 1, "read": ..., "task": ..., "found": ..., "whole": true} for each task, then
        {"id": 1, "done": true, "problem": ...}; a task that is refuted comes twice, first without its counterexamples
        and not whole
{"cancel": 1}  ->  the done of that request, at once
"""

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import IO, Any

from spteproof.grammar.modules import load_open
from spteproof.running.details import kept_details
from spteproof.running.keys import texts_digest
from spteproof.running.pipeline import Session
from spteproof.running.stored import to_stored
from spteproof.solver.results import Budget


class Worker:
    """`cancelled` are the requests that are no longer wanted."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._sessions: dict[float, Session] = {}
        self.waiting: queue.Queue[dict[str, Any]] = queue.Queue()
        self.cancelled: set[int] = set()

    def listen(self, lines: IO[str]) -> None:
        """Takes messages as they come. When the other side is gone, so is this process."""
        for line in lines:
            message = json.loads(line)
            if "cancel" in message:
                self.cancelled.add(message["cancel"])
            else:
                self.waiting.put(message)
        os._exit(0)

    def say(self, **message: Any) -> None:
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def work(self) -> None:
        self.say(ready=True)
        while True:
            request = self.waiting.get()
            number, problem = request["prove"], None
            try:
                self.prove(request)
            except Exception as error:  # noqa: BLE001
                problem = f"internal error: {type(error).__name__}; details are in {kept_details(error)}"
            self.cancelled.discard(number)
            self.say(id=number, done=True, problem=problem)

    def prove(self, request: dict[str, Any]) -> None:
        number, path = request["prove"], request["path"]

        def stopped() -> bool:
            return number in self.cancelled

        if stopped():
            return
        loaded = load_open(
            request["text"],
            name=request["name"],
            path=None if path is None else Path(path),
            library_root=Path(request["library"]),
            open_texts=request["open"],
        )
        if loaded.library is None:
            return
        session = self._session(request["timeout"])
        names = [each for each in request["tasks"] if each in loaded.library.theorems or each in loaded.library.layouts]
        read = texts_digest(loaded.sources)
        for each in session.prove_tasks(loaded, names, stopped):
            self.say(id=number, read=read, task=each.task, found=to_stored(each.results), whole=each.whole)

    def _session(self, timeout: float) -> Session:
        if timeout not in self._sessions:
            self._sessions.clear()
            self._sessions[timeout] = Session(Budget(timeout_seconds=timeout))
        return self._sessions[timeout]


def main() -> None:
    """Nothing but messages goes to standard output."""
    if hasattr(os, "nice"):
        os.nice(5)  # the editor comes first
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    import spteproof.solver.proof  # noqa: F401  what costs most of the time to start

    worker = Worker(out)
    lines = os.fdopen(os.dup(sys.stdin.fileno()), encoding="utf-8")
    threading.Thread(target=worker.listen, args=(lines,), daemon=True).start()
    worker.work()


if __name__ == "__main__":
    main()
