"""Offsets in a text, and an editor's positions: lines and code units, both from 0.

A line ends at `\\n`, `\\r\\n` or `\\r` and nowhere else (Language Server Protocol 3.17, "Text Documents"). The client
chooses what a column counts: bytes of UTF-8, code units of UTF-16, or characters.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]
_BREAK = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end`, which is exclusive."""

    start: Position
    end: Position


class Lines:
    """One text with its lines. An offset or position outside of the text means the nearest one inside."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.text = text
        self.encoding = encoding
        self._starts = [0, *[each.end() for each in _BREAK.finditer(text)]]
        self._plain = text.isascii()

    def position(self, offset: int) -> Position:
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset) - 1
        before = self.text[self._starts[line] : offset]
        return Position(line, len(before) if self._plain else units(before, self.encoding))

    def span(self, start: int, end: int) -> Span:
        return Span(self.position(start), self.position(end))

    def offset(self, position: Position) -> int:
        """The offset of a position; one inside of a character is before it."""
        if position.line >= len(self._starts):
            return len(self.text)
        start, end = self.line(position.line)
        if self._plain:
            return min(start + position.column, end)
        left = position.column
        for at in range(start, end):
            left -= units(self.text[at], self.encoding)
            if left < 0:
                return at
        return end

    def line(self, number: int) -> tuple[int, int]:
        """The offsets at which a line begins and ends, its line break left out."""
        start = self._starts[number]
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        return start, start + len(self.text[start:end].rstrip("\r\n"))

    def count(self) -> int:
        return len(self._starts)


def units(text: str, encoding: Encoding) -> int:
    """How long a text is for the client. A lone surrogate counts as the client's UTF-16 counts it."""
    match encoding:
        case "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        case "utf-16":
            return len(text) + sum(each > "\uffff" for each in text)
        case "utf-32":
            return len(text)
