"""Progress on a terminal; silence elsewhere."""

import os
import time
from typing import IO

from spteproof.diagnostic_text import printable


class Progress:
    """One line that is drawn over itself, at most ten times a second."""

    def __init__(self, stream: IO[str] | None, total: int, done: int) -> None:
        self._stream, self._total, self._done = stream, total, done
        self._shown = 0.0
        self._on = stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb" and total > 1

    def step(self, name: str) -> None:
        """One more is done."""
        self._done += 1
        now = time.monotonic()
        if self._on and (now - self._shown > 0.1 or self._done == self._total):
            self._shown = now
            self._draw(f"[{self._done}/{self._total}] {printable(name[:60])}")

    def clear(self) -> None:
        """Leaves the line empty."""
        if self._on:
            self._draw("")

    def _draw(self, text: str) -> None:
        """A terminal that is gone is no reason to end a run."""
        assert self._stream is not None
        try:
            self._stream.write(f"\r\x1b[K{text}")
            self._stream.flush()
        except (OSError, UnicodeError, ValueError):
            self._on = False
