"""A module's text to the same text in the house's style: blanks and indentation change, tokens and comments do not.

The author's line breaks stay, and so do runs of two or more blanks inside a line: they align columns. A line that goes
on keeps its distance from the line that it belongs to.
"""

from dataclasses import dataclass

from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.outline import Outline, outline_of
from spteproof.grammar.pieces import COMMENT, Piece, pieces_of
from spteproof.grammar.reading import read_module
from spteproof.grammar.source import Source
from spteproof.grammar.spacing import Spacing

INDENT = 4


class ChangedText(Exception):
    """The formatter would change more than blanks: an error of its own, and nothing may be written."""


def formatted(source: Source, findings: Findings) -> str | None:
    """The text in the house's style; None, reported, where it has syntax errors. Raises ChangedText."""
    own = Findings()
    read_module(source, own)
    findings.extend(own.all())
    if own.has_errors():
        return None
    before = pieces_of(source.text)
    text = _laid_out(before)
    if _significant(pieces_of(text)) != _significant(before):
        raise ChangedText(f"formatting `{source.name}` would change more than blanks")
    return text


def _significant(pieces: list[Piece]) -> list[tuple[str, str]]:
    """What must not change: each token, and each comment but for the blanks at the beginnings of its lines."""
    return [(each.kind, "\n".join(line.lstrip(" ") for line in each.text.split("\n"))) for each in pieces]


def _laid_out(pieces: list[Piece]) -> str:
    tokens = [each for each in pieces if not each.is_comment]
    outline = outline_of(tokens)
    layout = _Layout(pieces, outline, Spacing(tokens, outline))
    for number in range(len(pieces)):
        layout.add(number)
    return layout.text()


@dataclass(frozen=True, slots=True)
class _Line:
    """The columns at which a line begins: as its author wrote it, and now."""

    old: int = 0
    new: int = 0

    def moved(self, column: int, least: int) -> int:
        """Where a line begins that belongs to this one and began at the column; at least so far from it."""
        distance = column - self.old
        return self.new + (distance if distance > 0 else least)


@dataclass(frozen=True, slots=True)
class _Block:
    """Braces that are open. `line` is the one that they belong to, `owner` the statement's around them. What stands in
    a `hanging` block begins beside its brace: it is aligned by its author."""

    line: _Line
    owner: _Line
    hanging: bool


class _Layout:
    """Puts pieces one after the other; `_token` is the number of the next token."""

    def __init__(self, pieces: list[Piece], outline: Outline, spacing: Spacing) -> None:
        self._pieces = pieces
        self._outline = outline
        self._spacing = spacing
        self._parts: list[str] = []
        self._column = 0
        self._token = 0
        self._tokens = sum(not each.is_comment for each in pieces)
        self._blocks: list[_Block] = []
        self._line = self._owner = _Line()
        self._beside: _Line | None = None

    def text(self) -> str:
        return "".join([*self._parts, "\n"]) if self._parts else ""

    def add(self, number: int) -> None:
        piece = self._pieces[number]
        starts_line = number == 0 or piece.breaks > 0
        if not piece.is_comment and self._closes():
            self._owner = self._blocks[-1].owner
        if starts_line:
            self._begin(number)
        else:
            self._put(" " * self._gap(number))
        self._write(piece, starts_line)
        if not piece.is_comment:
            self._enter(number, starts_line)
            self._token += 1

    def _put(self, text: str) -> None:
        """Adds to the line at hand."""
        self._parts.append(text)
        self._column += len(text)

    def _break(self, count: int) -> None:
        self._parts.append("\n" * count)
        self._column = 0

    def _begin(self, number: int) -> None:
        """A new line, after a blank one if there was any."""
        piece = self._pieces[number]
        self._break(min(piece.breaks, 2) if number else 0)
        column = self._comment_column(number) if piece.is_comment else self._token_column(piece)
        self._line = _Line(piece.column, column)
        self._put(" " * column)

    def _token_column(self, piece: Piece) -> int:
        if self._closes():
            block = self._blocks[-1]
            return block.line.moved(piece.column, 0) if block.hanging else block.line.new
        if self._token in self._outline.levels:
            return self._statement_column(piece, self._outline.levels[self._token])
        return self._owner.moved(piece.column, 0 if self._opens() else INDENT)

    def _statement_column(self, piece: Piece, level: int) -> int:
        if not self._blocks:
            return INDENT * level
        block = self._blocks[-1]
        if block.hanging:
            return block.line.moved(piece.column, INDENT)
        return block.line.new + INDENT * (level + 1)

    def _comment_column(self, number: int) -> int:
        """Below a comment beside code, as that one; else as what follows, and before a `}` as what stands inside."""
        piece = self._pieces[number]
        if self._beside is not None and piece.breaks == 1 and piece.column == self._beside.old:
            return self._beside.new
        self._beside = None
        if self._token == self._tokens:
            return 0
        if self._closes() or self._token in self._outline.levels:
            return self._statement_column(piece, self._outline.levels.get(self._token, 0))
        return self._owner.moved(piece.column, INDENT)

    def _gap(self, number: int) -> int:
        """Blanks before a piece that does not begin a line. A run stays as wide as keeps its end in its column."""
        piece, before = self._pieces[number], self._pieces[number - 1]
        if piece.is_comment or before.is_comment:
            least = min(piece.gap, 1) if before.is_comment or piece.kind == COMMENT else 1
        else:
            least = int(self._spacing.wanted(self._token))
        if piece.gap < 2 or not least:
            return least
        column = piece.column + self._line.new - self._line.old
        return max(2, column - self._column)

    def _write(self, piece: Piece, starts_line: bool) -> None:
        column = self._column
        if not piece.is_comment:
            self._beside = None
        elif not starts_line:
            self._beside = _Line(piece.column, column)
        first, *others = piece.text.split("\n")
        self._put(first)
        for line in others:
            inner = line.lstrip(" ")
            old = len(line) - len(inner)
            self._line = _Line(old, max(0, old + column - piece.column))
            self._break(1)
            self._put(" " * self._line.new + inner if inner else "")

    def _enter(self, number: int, starts_line: bool) -> None:
        """What a token that is written means for those after it."""
        if self._token in self._outline.levels:
            self._owner = self._line
        if self._closes():
            self._blocks.pop()
        elif self._opens():
            after = self._pieces[number + 1]
            line = self._line if starts_line else self._owner
            hanging = not after.breaks and not after.is_comment
            self._blocks.append(_Block(line, self._owner, hanging))

    def _opens(self) -> bool:
        return self._token in self._outline.blocks and self._token in self._outline.partners

    def _closes(self) -> bool:
        return self._token in self._outline.blocks and self._token not in self._outline.partners
