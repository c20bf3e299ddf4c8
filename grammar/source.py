"""Texts and places in them."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One module's text. `name` is what a person is shown; `path` is None for standard input."""

    name: str
    text: str = field(repr=False)
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A stretch of a source: offsets count characters from 0, `end` is exclusive; lines and columns count from 1."""

    source: Source = field(repr=False)
    start: int
    end: int
    line: int
    column: int

    def text(self) -> str:
        """The characters of the place."""
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}"
