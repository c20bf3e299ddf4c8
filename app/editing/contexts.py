"""What could come at a place in a half-written text: asked of the parser itself, token by token up to there."""

import re
from dataclasses import dataclass

from spteproof.grammar.parsing import item_parser
from spteproof.grammar.splitting import stretches

ITEM_WORDS = (
    "use", "layout", "family", "ghost", "entry", "interface", "era", "theorem", "lemma", "predicate", "function",
    "helper", "agent",
)  # fmt: skip

_CLAUSES = {
    "USE": "modules",
    "AGAINST": "agents",
    "EXTENDS": "extended",
    "IMPLEMENTS": "interfaces",
    "LAYOUT": "layouts",
    "ERA": "eras",
    "OVERLAPS": "masks",
    "DISJOINT": "masks",
    "DROP": "invariants",
    "HAS": "masks",
    "HOLDING": "locks",
    "INTO": "into",
    "FAMILY": "members",
    "EXPECT": "places",
    "PROVED": "places",
    "REFUTED": "places",
    "VACUOUS": "places",
    "ALIAS": "masks",
}
"""What a name stands for after a token, until a token of another clause."""

_EXPRESSIONS = frozenset(
    ["RELY", "WHEN", "SAW", "PRESERVES", "EXCEPT", "ONLY", "CONSERVES", "ENSURES", "ALWAYS", "THAT", "EQUIVALENT"]
    + ["RETURN", "ASSUME", "ASSERT", "INVARIANT", "VALUE", "LOSING", "WITH", "RESURRECTS", "UNTIL", "IF"]
)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that is being written: how many of its arguments are complete."""

    callee: str
    start: int
    argument: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`word` is what stands before the place already, from `start`; `keywords` may come; `names` says which names may:
    None, "any", or one of the words of a clause; `call` is the innermost call around."""

    start: int
    word: str
    keywords: tuple[str, ...]
    names: str | None
    call: Call | None = None
    in_item: int | None = None


def context_at(text: str, offset: int) -> Context | None:
    """None in a comment."""
    if _in_comment(text, offset):
        return None
    typed = _WORD.search(text, 0, offset)
    start, word = (typed.start(), typed[0]) if typed else (offset, "")
    begin = _item_start(text, start)
    if begin is None:
        return Context(start=start, word=word, keywords=ITEM_WORDS, names=None)
    before, accepted = _read(text, begin, start)
    clause = _clause(text, before)
    if clause != "modules":
        start += word.rfind(".") + 1
        word = word[word.rfind(".") + 1 :]
    if accepted is None:  # what stands before is wrong itself: anything may be meant
        return Context(start=start, word=word, keywords=(), names="any", call=_call(text, before), in_item=begin)
    words = item_parser().words
    keywords = sorted({words[each] for each in accepted if words.get(each, "0")[0].isalpha()})
    names = (clause or "any") if "NAME" in accepted else None
    return Context(
        start=start,
        word=word,
        keywords=tuple(keywords),
        names=names,
        call=_call(text, before),
        in_item=begin,
    )


def _in_comment(text: str, offset: int) -> bool:
    for found in _COMMENT.finditer(text):
        if found.start() >= offset:
            return False
        closed = found[0].startswith("/*") and found[0].endswith("*/") and len(found[0]) > 3
        if offset < found.end() or offset == found.end() and not closed:
            return True
    return False


def _item_start(text: str, offset: int) -> int | None:
    """Where the item begins that goes on at the offset; None between items."""
    before = stretches(text[:offset])
    if not before:
        return None
    written = _COMMENT.sub("", text[before[-1].start : before[-1].end]).rstrip()
    complete = written.endswith((";", "}")) and written.count("{") <= written.count("}")
    return None if complete else before[-1].start


def _read(text: str, begin: int, end: int) -> tuple[list[tuple[str, int, int]], frozenset[str] | None]:
    """The tokens of [begin, end) as (terminal, start, end), and the terminals that may come then; None where the parser
    does not come so far."""
    from lark.exceptions import UnexpectedInput

    from spteproof.grammar.building import SurfaceError

    found: list[tuple[str, int, int]] = []
    try:
        found.extend(item_parser().words_of(text, begin, end))
        return found, item_parser().after(text, begin, end)
    except (UnexpectedInput, SurfaceError):
        return found, None


def _clause(text: str, tokens: list[tuple[str, int, int]]) -> str | None:
    """The clause that a name at the end of the tokens belongs to."""
    found: list[str | None] = [None]
    for kind, start, end in tokens:
        if kind in ("LPAR", "LBRACE"):
            found.append(found[-1] if kind == "LPAR" and found[-1] == "masks" else None)
        elif kind in ("RPAR", "RBRACE"):
            found = found[:-1] or [None]
        elif kind == "SEMICOLON":
            found[-1] = None
        elif kind == "ON":
            found[-1] = "entries"
        elif kind in _EXPRESSIONS or text[start:end] == "=" and found[-1] not in ("members", "masks"):
            found[-1] = None
        elif kind in _CLAUSES:
            found[-1] = _CLAUSES[kind]
    return found[-1]


def _call(text: str, tokens: list[tuple[str, int, int]]) -> Call | None:
    """The innermost call that is open."""
    open_ones: list[Call | None] = []
    before: tuple[str, int, int] = ("", 0, 0)
    for token in tokens:
        kind, start, _ = token
        if kind == "LPAR":
            is_call = before[0] == "NAME"
            open_ones.append(Call(callee=text[before[1] : before[2]], start=before[1], argument=0) if is_call else None)
        elif kind == "RPAR" and open_ones:
            open_ones.pop()
        elif kind == "COMMA" and open_ones and open_ones[-1] is not None:
            last = open_ones[-1]
            open_ones[-1] = Call(callee=last.callee, start=last.start, argument=last.argument + 1)
        elif kind in ("LBRACE", "RBRACE", "SEMICOLON"):
            open_ones.clear()
        before = token
    return next((each for each in reversed(open_ones) if each is not None), None)
