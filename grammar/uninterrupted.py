"""Stretches in which no signal that ends a run is heard: files are made whole, processes are started whole."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""The signals that ask a run to end."""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """What asks the process to end meanwhile is heard afterwards. Nothing that may take long belongs inside."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
