"""One worker process: it is handed tasks, and tells what it finds instance by instance."""

import gc
import io
import os
import pickle
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from spteproof.grammar.checked import Library
from spteproof.grammar.source import Source
from spteproof.grammar.uninterrupted import ENDING
from spteproof.running.details import kept_details
from spteproof.running.pipeline import pieces
from spteproof.solver.doubts import MEMORY_RAN_OUT
from spteproof.solver.proof import Prover
from spteproof.solver.results import Budget, Result, Skipped
from spteproof.solver.z3_solver import limit_memory

Piece = list[Result | Skipped]
"""What one instance of a theorem gave, or one assert of a layout."""

PARENT_SECONDS = 0.5
MEMORY_SECONDS = 0.02
MEMORY_STATUS = 75
"""The exit status of a worker that cannot even say that memory ran out."""

SOLVER_SHARE, OWN_SHARE = 0.7, 0.85
"""Of the memory limit: past that the solver gives up, and the worker as a whole, before memory is refused to them."""

PIECE, DONE, WORN, ERROR = b"p", b"d", b"w", b"e"
"""What a message says: one more piece; the task is done; it is done, and the worker with it; an error of the tool."""

HEAD = struct.Struct(">cQ")
"""Before each message: its kind, and how many bytes follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one instance of a theorem may take: wall seconds, all solver calls and searches together, and megabytes of
    memory of the worker beyond what it begins with (None: as many as there are)."""

    instance_seconds: float = 300.0
    memory_megabytes: int | None = None


Pieces = Callable[[Library, str, Prover, int], Iterator[list[Any]]]


def serve(
    library: Library, budget: Budget, limits: Limits, tasks: int, answers: int, parent: int, done_by: Pieces = pieces
) -> None:
    """The whole life of a worker: `tasks` and `answers` are the ends of pipes, `parent` is who started it, `done_by`
    how a task is done. Never returns."""
    try:
        _be_a_worker(parent, limits.memory_megabytes)
        prover = Prover(library, budget, keep=kept_details)
        with open(tasks, "rb", closefd=False) as asked:
            for line in asked:
                skip, name = line.decode().rstrip("\n").split(" ", 1)
                if not _carry_out(library, name, prover, int(skip), answers, done_by):
                    break
    except (MemoryError, SystemError):
        os._exit(MEMORY_STATUS)
    except BrokenPipeError:
        os._exit(1)
    except Exception as error:  # noqa: BLE001
        _tell(answers, ERROR, f"internal error: {type(error).__name__}; details are in {kept_details(error)}".encode())
    os._exit(0)


def _carry_out(library: Library, name: str, prover: Prover, skip: int, answers: int, done_by: Pieces) -> bool:
    """Does one task, but for the pieces that are known already; whether the worker is still good for another."""
    worn = False
    for piece in done_by(library, name, prover, skip):
        worn = worn or any(isinstance(each, Result) and each.reason == MEMORY_RAN_OUT for each in piece)
        _tell(answers, PIECE, packed(piece))
    _tell(answers, WORN if worn else DONE, b"")
    return not worn


def _be_a_worker(parent: int, megabytes: int | None) -> None:
    """Workers leave Ctrl-C to the parent, and end when it does, or when they have taken too much memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for each in ENDING:
        if each != signal.SIGINT:
            signal.signal(each, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a library that dies has its last words there
    most = None if megabytes is None else _data() + int((megabytes << 20) * OWN_SHARE)
    threading.Thread(target=_watch, args=(parent, most), daemon=True).start()
    if megabytes is not None:
        _limit(megabytes)


def _watch(parent: int, most: int | None) -> None:
    """Ends this process when its parent is gone: it would wait for tasks for ever. And when it has more bytes of data
    than it may: an interpreter that is refused memory does not always come back from that."""
    while os.getppid() == parent:
        if most is not None and _data() > most:
            os._exit(MEMORY_STATUS)
        time.sleep(PARENT_SECONDS if most is None else MEMORY_SECONDS)
    os._exit(1)


def _limit(megabytes: int) -> None:
    """Memory beyond what the process has already is refused. Of an address space much is never touched, so what is
    counted is data, where the system can."""
    import resource

    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    _, most = resource.getrlimit(kind)
    wanted = _data() + (megabytes << 20)
    resource.setrlimit(kind, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))
    limit_memory(max(1, int(megabytes * SOLVER_SHARE)))
    gc.set_threshold(20_000, 10, 10)


def _data() -> int:
    """The bytes of data that the process has (proc_pid_statm(5), the sixth number, in pages); elsewhere 0."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _tell(answers: int, kind: bytes, data: bytes) -> None:
    message = memoryview(HEAD.pack(kind, len(data)) + data)
    while message:
        message = message[os.write(answers, message) :]


def messages(waiting: bytearray) -> Iterator[tuple[bytes, bytes]]:
    """The whole messages, kind and data, at the beginning of what came; they are taken away."""
    while len(waiting) >= HEAD.size:
        kind, size = HEAD.unpack_from(waiting)
        if len(waiting) < HEAD.size + size:
            return
        data = bytes(waiting[HEAD.size : HEAD.size + size])
        del waiting[: HEAD.size + size]
        yield kind, data


class _Packer(pickle.Pickler):
    """Texts go by name: both sides have them."""

    def persistent_id(self, value: Any) -> str | None:
        return value.name if isinstance(value, Source) else None


class _Unpacker(pickle.Unpickler):
    """Only for what a worker of this very run has sent."""

    sources: Callable[[str], Source]

    def persistent_load(self, name: Any) -> Source:
        return self.sources(name)


def packed(piece: Piece) -> bytes:
    into = io.BytesIO()
    _Packer(into, protocol=5).dump(piece)
    return into.getvalue()


def unpacked(data: bytes, sources: Mapping[str, Source]) -> Piece:
    reader = _Unpacker(io.BytesIO(data))
    reader.sources = sources.__getitem__
    piece: Piece = reader.load()
    return piece
