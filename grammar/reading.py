"""A module's text to its items; what cannot be read is reported and remembered, so that nothing that rests on it is."""

import re
from collections.abc import Iterator
from functools import lru_cache

from spteproof.grammar import surface as s
from spteproof.grammar.building import SurfaceError
from spteproof.grammar.diagnostics import Diagnostic, Findings
from spteproof.grammar.kept_items import keep_items, kept_items
from spteproof.grammar.names import Module
from spteproof.grammar.parsing import item_parser
from spteproof.grammar.source import Source
from spteproof.grammar.splitting import NESTING_LIMIT, Stretch, stretches
from spteproof.grammar.syntax_errors import report_syntax

SYNTAX_ERRORS_LIMIT = 25
"""After so many items of a module that cannot be read, the rest is not tried."""

_DECLARES = re.compile(
    r"\b(?:layout|family|entry|interface|era|predicate|function|helper|agent|theorem|lemma|ghost\s+\w+)\s+([A-Za-z_]\w*)"
    r"|^\w+\s+([A-Za-z_]\w*)"
)
_ASSIGNS = re.compile(r"([A-Za-z_]\w*)\s*=(?!=)")
_ITEMS_WITHOUT_NAMES_INSIDE = ("predicate", "function", "helper", "agent", "theorem", "lemma")


def read_module(source: Source, findings: Findings, *, keeps: bool = True) -> Module:
    """The module of a text: its items, and the names that its broken items may declare. `keeps` says that the text is
    worth keeping for the next run; one that is being typed is not."""
    items, diagnostics, poisoned, is_open = _read(source, keeps)
    findings.extend(diagnostics)
    return Module(source=source, items=items, poisoned=poisoned, open=is_open)


@lru_cache(maxsize=256)
def _read(source: Source, keeps: bool) -> tuple[tuple[s.Item, ...], tuple[Diagnostic, ...], frozenset[str], bool]:
    """What does not change while the text does not: a process that reads it again has it at once."""
    before = kept_items(source.text)
    if before is not None:
        return before, (), frozenset(), False
    module, findings = Module(source=source, items=()), Findings()
    items: list[s.Item] = []
    poisoned: set[str] = set()
    broken, is_open = 0, False
    for stretch in stretches(source.text):
        item = _item(module, stretch, findings)
        if item is not None:
            items.append(item)
            continue
        broken += 1
        poisoned.update(_declared_in(source.text[stretch.start : stretch.end]))
        is_open = is_open or broken == SYNTAX_ERRORS_LIMIT or source.text.startswith("use", stretch.start)
        if broken == SYNTAX_ERRORS_LIMIT:
            place = module.stretch(stretch.end - 1, stretch.end)
            findings.error(
                "limit.syntax:errors",
                place,
                "too many items cannot be read; the rest is left out",
                label="read up to here",
            )
            break
    if not broken and keeps:
        keep_items(source.text, tuple(items))
    return tuple(items), findings.all(), frozenset(poisoned), is_open


def _item(module: Module, stretch: Stretch, findings: Findings) -> s.Item | None:
    from lark.exceptions import UnexpectedInput

    if stretch.open_comment is not None:
        place = module.stretch(stretch.open_comment, stretch.open_comment + 2)
        findings.error("syntax.comment:unterminated", place, "this comment has no end", label="`*/` is missing")
        return None
    if stretch.too_deep is not None:
        place = module.stretch(stretch.too_deep, stretch.too_deep + 1)
        findings.error("limit.nesting:brackets", place, f"brackets go more than {NESTING_LIMIT} deep", label="too deep")
        return None
    try:
        item, deep = _parsed(module.source.text[stretch.start : stretch.end], stretch.start)
    except UnexpectedInput as error:
        report_syntax(findings, item_parser(), module, stretch.start, stretch.end, error)
        return None
    except SurfaceError as error:
        findings.error(error.id, module.stretch(error.start, error.end), error.message, label="not expected here")
        return None
    if deep is not None:
        findings.error(
            "limit.nesting:tree",
            module.stretch(deep.start, deep.end),
            f"this goes more than {NESTING_LIMIT} deep",
            label="too deep",
            help="split it: name parts of it, or put them into predicates",
        )
        return None
    return item


@lru_cache(maxsize=4096)
def _parsed(text: str, start: int) -> tuple[s.Item, s.Surface | None]:
    """The item of a stretch that begins at `start`, with a node that lies too deep; what is typed changes one item and
    leaves those before it where they are. Raises SurfaceError, or lark's UnexpectedInput."""
    item = item_parser().item(text, start)
    return item, _too_deep(item)


def _too_deep(item: s.Item) -> s.Surface | None:
    """A node that lies deeper than every pass over a tree can go."""
    pending: list[tuple[s.Surface, int]] = [(item, 0)]
    while pending:
        node, depth = pending.pop()
        if depth > NESTING_LIMIT:
            return node
        pending.extend((child, depth + 1) for child in _children(node))
    return None


def _children(node: s.Surface) -> Iterator[s.Surface]:
    for name in type(node).__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, s.Surface):
            yield value
        elif isinstance(value, tuple):
            yield from (each for each in value if isinstance(each, s.Surface))


def _declared_in(text: str) -> Iterator[str]:
    """The names that a broken item may declare."""
    for match in _DECLARES.finditer(text):
        yield match[1] or match[2]
    if not text.startswith(_ITEMS_WITHOUT_NAMES_INSIDE):
        for match in _ASSIGNS.finditer(text):
            yield match[1]
