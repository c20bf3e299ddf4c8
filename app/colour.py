"""Colour, where it is wanted."""

import os
from dataclasses import dataclass
from typing import IO


@dataclass(frozen=True, slots=True)
class Paint:
    """ANSI colours; all methods give the text back unchanged where `on` is false."""

    on: bool = False

    def _wrap(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and text else text

    def bold(self, text: str) -> str:
        return self._wrap("1", text)

    def dim(self, text: str) -> str:
        return self._wrap("2", text)

    def red(self, text: str) -> str:
        return self._wrap("31", text)

    def green(self, text: str) -> str:
        return self._wrap("32", text)

    def yellow(self, text: str) -> str:
        return self._wrap("33", text)


def paint_for(stream: IO[str] | None, wish: str) -> Paint:
    """`wish` is "always", "never" or "auto": then colour goes to a terminal unless NO_COLOR is set (no-color.org) or it
    says that it has none (TERM=dumb)."""
    if wish != "auto":
        return Paint(wish == "always")
    off = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Paint(stream is not None and stream.isatty() and not off)
