"""Where the statements of a module begin and which braces hold them: what indentation follows from."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from spteproof.grammar.pieces import Piece

_OPEN, _CLOSED = ("LPAR", "LBRACE"), ("RPAR", "RBRACE")
_GOES_ON_AFTER_A_BLOCK = ("PROVE", "RETRY")


@dataclass(slots=True)
class Outline:
    """`levels` gives, for each token that begins an item, an entry of a layout, a step or a statement, how many `if`
    and `else` without braces it stands under in its block. `blocks` are the braces that hold statements; the others
    list values. `partners` gives the closing bracket of each opening one. All by the number of the token."""

    levels: dict[int, int] = field(default_factory=dict)
    blocks: set[int] = field(default_factory=set)
    partners: dict[int, int] = field(default_factory=dict)


def outline_of(tokens: Sequence[Piece]) -> Outline:
    """The outline of the tokens of a text without syntax errors."""
    outline = Outline(partners=_partners(tokens))
    _Statements(tokens, outline).listed(0, len(tokens))
    outline.blocks |= {outline.partners[each] for each in outline.blocks}
    return outline


def _partners(tokens: Sequence[Piece]) -> dict[int, int]:
    found: dict[int, int] = {}
    waiting: list[int] = []
    for number, token in enumerate(tokens):
        if token.kind in _OPEN:
            waiting.append(number)
        elif token.kind in _CLOSED:
            found[waiting.pop()] = number
    return found


class _Statements:
    """Walks over statements; every method gives the number of the token after what it walked over."""

    def __init__(self, tokens: Sequence[Piece], outline: Outline) -> None:
        self._tokens = tokens
        self._outline = outline

    def listed(self, at: int, end: int) -> None:
        while at < end:
            at = self._statement(at, 0)

    def _kind(self, at: int) -> str:
        return self._tokens[at].kind if at < len(self._tokens) else ""

    def _statement(self, at: int, level: int) -> int:
        self._outline.levels[at] = level
        if self._kind(at) == "IF":
            return self._if(at, level)
        goes_on = self._kind(at) in _GOES_ON_AFTER_A_BLOCK
        while at < len(self._tokens):
            kind = self._kind(at)
            if kind == "SEMICOLON":
                return at + 1
            if kind == "LPAR" or kind == "LBRACE" and self._lists_values(at):
                at = self._outline.partners[at]
            elif kind == "LBRACE":
                at = self._block(at)
                if not goes_on:
                    return at
                continue
            at += 1
        return at

    def _if(self, at: int, level: int) -> int:
        """An `if` with all its `else`; a chain of `else if` does not go deeper."""
        while True:
            at = self._arm(self._outline.partners[at + 1] + 1, level)
            if self._kind(at) != "ELSE":
                return at
            self._outline.levels[at] = level
            if self._kind(at + 1) != "IF":
                return self._arm(at + 1, level)
            at += 1
            self._outline.levels[at] = level

    def _arm(self, at: int, level: int) -> int:
        if self._kind(at) == "LBRACE":
            return self._block(at)
        return self._statement(at, level + 1)

    def _block(self, at: int) -> int:
        self._outline.blocks.add(at)
        end = self._outline.partners[at]
        self.listed(at + 1, end)
        return end + 1

    def _lists_values(self, at: int) -> bool:
        return self._kind(at - 1) in ("IN", "LOSING")
