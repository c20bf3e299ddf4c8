"""What each word of a text is, for colours: names by what they stand for, and words of the language where they are
meant as such."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from spteproof.editing.analysis import Read
from spteproof.editing.meanings import (
    GLOBAL,
    INSTANT,
    INVARIANT,
    LOCAL,
    LOCK,
    MASK,
    MODULE,
    OPERATION,
    STEP,
    THREAD,
    Occurrence,
)
from spteproof.grammar.names import Kind
from spteproof.grammar.parsing import item_parser
from spteproof.grammar.splitting import stretches

TYPES = (
    "namespace",
    "type",
    "class",
    "interface",
    "enum",
    "enumMember",
    "parameter",
    "variable",
    "property",
    "function",
    "method",
    "macro",
    "keyword",
    "number",
    "decorator",
)
MODIFIERS = ("declaration", "readonly", "defaultLibrary")

_GLOBALS = {
    Kind.LAYOUT: "class",
    Kind.FAMILY: "enum",
    Kind.GHOST: "variable",
    Kind.ENTRY: "variable",
    Kind.PREDICATE: "function",
    Kind.FUNCTION: "function",
    Kind.HELPER: "function",
    Kind.AGENT: "type",
    Kind.THEOREM: "method",
    Kind.LEMMA: "method",
    Kind.INTERFACE: "interface",
    Kind.ERA: "namespace",
}
_KINDS = {
    MASK: "enumMember",
    LOCAL: "variable",
    MODULE: "namespace",
    INVARIANT: "property",
    STEP: "method",
    THREAD: "namespace",
    LOCK: "decorator",
    OPERATION: "macro",
    INSTANT: "variable",
}
_WORD = re.compile(r"[a-z]\w*")


@dataclass(frozen=True, slots=True)
class Token:
    """`type` is one of TYPES; `modifiers` are some of MODIFIERS."""

    start: int
    end: int
    type: str
    modifiers: tuple[str, ...] = ()


def tokens(found: Read) -> list[Token]:
    """All of a text, in its order; a broken item has none but what its beginning tells."""
    text = found.module.source.text
    named = [_named(each) for each in found.occurrences]
    taken = {each.start for each in named if each is not None}
    words = [each for each in _words(text) if each.start not in taken]
    return sorted([*(each for each in named if each is not None), *words], key=lambda each: each.start)


def _named(each: Occurrence) -> Token | None:
    symbol = each.symbol
    modifiers: tuple[str, ...] = ("declaration",) if each.declares else ()
    if symbol.kind == GLOBAL and symbol.entity is not None:
        return Token(each.start, each.end, _GLOBALS[symbol.entity.kind], modifiers)
    if symbol.kind not in _KINDS:
        return None
    if symbol.kind == MASK:
        modifiers = (*modifiers, "readonly")
    if symbol.kind in (OPERATION, INSTANT):
        modifiers = (*modifiers, "defaultLibrary")
    return Token(each.start, each.end, _KINDS[symbol.kind], modifiers)


def _words(text: str) -> Iterator[Token]:
    """The words of the language and the numbers."""
    for stretch in stretches(text):
        for kind, start, end in _of_item(text[stretch.start : stretch.end]):
            yield Token(stretch.start + start, stretch.start + end, kind)


@lru_cache(maxsize=1024)
def _of_item(text: str) -> tuple[tuple[str, int, int], ...]:
    """An item's own, up to the word where it cannot be read any more."""
    from lark.exceptions import UnexpectedInput

    from spteproof.grammar.building import SurfaceError

    found: list[tuple[str, int, int]] = []
    try:
        for terminal, start, end in item_parser().words_of(text, 0, len(text)):
            if terminal == "NUMBER":
                found.append(("number", start, end))
            elif terminal != "NAME" and _WORD.fullmatch(text, start, end):
                found.append(("keyword", start, end))
    except (UnexpectedInput, SurfaceError):
        pass
    return tuple(found)


def encoded(found: list[tuple[int, int, int, Token]]) -> list[int]:
    """As the protocol wants them: five numbers each, relative to the one before. Each is (line, column, length)."""
    data: list[int] = []
    line = column = 0
    for at, start, length, token in found:
        modifiers = sum(1 << MODIFIERS.index(each) for each in token.modifiers)
        data += [at - line, start - column if at == line else start, length, TYPES.index(token.type), modifiers]
        line, column = at, start
    return data
