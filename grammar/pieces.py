"""A module's text as what stands between its blanks: the tokens that the parser takes, and the comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spteproof.grammar.parsing import item_parser
from spteproof.grammar.splitting import COMMENT_PATTERN, stretches

TAB_WIDTH = 8
COMMENT, LINE_COMMENT = "comment", "line comment"
_COMMENT = re.compile(COMMENT_PATTERN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A token or a comment. `kind` is the grammar's terminal, or one of the two kinds of comment. `gap` are the columns
    between it and the piece before on its line, `breaks` the line breaks there; `column` is where it starts, from 0,
    with tabs as eight."""

    kind: str
    text: str
    gap: int
    breaks: int
    column: int

    @property
    def is_comment(self) -> bool:
        return self.kind in (COMMENT, LINE_COMMENT)


def pieces_of(text: str) -> list[Piece]:
    """All pieces of a text without syntax errors. Raises what the parser raises where there are some."""
    found: list[Piece] = []
    end = before = 0
    for kind, start, stop in _spans(text):
        column = _column(before, text[end:start])
        words = _tidy(text[start:stop]) if kind in (COMMENT, LINE_COMMENT) else text[start:stop]
        breaks = text.count("\n", end, start)
        gap = 0 if breaks else column - before
        found.append(Piece(kind=kind, text=words, gap=gap, breaks=breaks, column=column))
        end, before = stop, _column(column, text[start:stop])
    return found


def _column(column: int, text: str) -> int:
    """The column after a text that begins at the column."""
    _, broken, last = text.rpartition("\n")
    column = 0 if broken else column
    for each in last.replace("\r", ""):
        column = (column // TAB_WIDTH + 1) * TAB_WIDTH if each == "\t" else column + 1
    return column


def _spans(text: str) -> Iterator[tuple[str, int, int]]:
    end = 0
    for stretch in stretches(text):
        for kind, start, stop in item_parser().words_of(text, stretch.start, stretch.end):
            yield from _comments(text, end, start)
            yield kind, start, stop
            end = stop
    yield from _comments(text, end, len(text))


def _comments(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    for comment in _COMMENT.finditer(text, start, end):
        yield LINE_COMMENT if comment[0].startswith("//") else COMMENT, *comment.span()


def _tidy(comment: str) -> str:
    """A comment without blanks at the ends of its lines; tabs at their beginnings are blanks."""
    first, *others = [line.rstrip(" \t\r\f") for line in comment.split("\n")]
    return "\n".join([first, *[_blanks_first(line) for line in others]])


def _blanks_first(line: str) -> str:
    inner = line.lstrip(" \t\r\f")
    return " " * _column(0, line[: len(line) - len(inner)]) + inner
