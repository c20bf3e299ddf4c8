"""Whether a blank stands between two tokens of a line."""

from collections.abc import Sequence

from spteproof.grammar.outline import Outline
from spteproof.grammar.pieces import Piece

_OPERANDS = ("NAME", "NUMBER", "RPAR", "TRUE", "FALSE")
_PREFIXES = ("TILDE", "NOT", "MINUS", "STAR", "AND")
_LIKE_A_CALL = ("NAME", "ASSUME", "ASSERT", "DISJOINT")
_TIGHT = (".", "..")


class Spacing:
    """The blanks of one text, by the numbers of its tokens."""

    def __init__(self, tokens: Sequence[Piece], outline: Outline) -> None:
        self._tokens = tokens
        self._outline = outline
        self._prefixes = {number for number in range(len(tokens)) if self._is_prefix(number)}
        self._labels = set(_labels(tokens))

    def wanted(self, at: int) -> bool:
        """Whether a blank stands before the token, after another on its line."""
        before, token = self._tokens[at - 1], self._tokens[at]
        if token.text in _TIGHT or before.text in _TIGHT or at - 1 in self._prefixes:
            return False
        if token.kind in ("COMMA", "SEMICOLON", "RPAR") or before.kind == "LPAR" or at in self._labels:
            return False
        if token.kind == "LPAR":
            return not self._is_call(at)
        if token.kind == "RBRACE":
            return at in self._outline.blocks
        if before.kind == "LBRACE":
            return at - 1 in self._outline.blocks
        return True

    def _is_call(self, at: int) -> bool:
        """`f(x)` and `assert(x);`, but `assert (x) == y;`."""
        before = self._tokens[at - 1]
        if before.kind in ("ASSUME", "ASSERT"):
            return self._tokens[self._outline.partners[at] + 1].kind == "SEMICOLON"
        return before.kind in _LIKE_A_CALL

    def _is_prefix(self, at: int) -> bool:
        if self._tokens[at].kind not in _PREFIXES:
            return False
        return at in self._outline.levels or self._tokens[at - 1].kind not in _OPERANDS


def _labels(tokens: Sequence[Piece]) -> list[int]:
    """The `:` that end a label, and are not those of `?:`."""
    found: list[int] = []
    choices = 0
    for number, token in enumerate(tokens):
        if token.kind == "QUESTION":
            choices += 1
        elif token.kind == "COLON" and choices:
            choices -= 1
        elif token.kind == "COLON":
            found.append(number)
    return found
