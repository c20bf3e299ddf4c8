"""What a library declares: all its words by kind, and one declaration as its author wrote it."""

import os
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from spteproof.grammar import checked as c
from spteproof.grammar.source import Place

KIND = re.compile(r"\b(?:agent|predicate|function|helper)\s+$")
HEAD = re.compile(r"[^{=;]*")
MARK = re.compile(r"//[^\n]*|/\*.*?\*/|[{};]", re.DOTALL)
Definition = c.Pure | c.Helper | c.Agent
Declarations = Mapping[Place, Mapping[str | None, c.Pure | c.Helper]]
"""By their places, each with the scopes in which it is what its name means."""


def all_words(library: c.Library) -> str:
    """Every word by kind, one a line, with where it stands."""
    lines: list[str] = []
    for title, rows in (
        ("layouts", [(name, place_of(each.place)) for name, each in library.layouts.items()]),
        ("families", [(name, ", ".join(members)) for name, members in library.families.items()]),
        ("eras", [(name, _layouts(had)) for name, had in library.eras.items()]),
        ("agents", _definitions(library, "agent")),
        ("predicates", _definitions(library, "predicate")),
        ("functions", _definitions(library, "function")),
        ("helpers", _definitions(library, "helper")),
        ("ghosts", [(f"{sort.value} {name}", "") for name, sort in library.ghosts.items()]),
        ("theorems", [(name, place_of(each.place)) for name, each in library.theorems.items()]),
    ):
        if rows:
            lines += [title, *[_row(*row) for row in rows]]
    return "\n".join(lines)


def _row(word: str, note: str) -> str:
    return f"  {word:<56}  {textwrap.shorten(note, 80, placeholder=' ...')}".rstrip()


def _layouts(had: tuple[str, ...] | None) -> str:
    return "every layout" if had is None else ", ".join(had)


def _definitions(library: c.Library, kind: str) -> list[tuple[str, str]]:
    """The definitions of a kind: outside of eras, and those that eras supply."""
    rows: dict[str, str] = {}
    for name, era, each in _everything(library):
        if _kind(each) == kind and _head(each) not in rows:
            rows[_head(each)] = place_of(each.place) + (
                "" if era is None or _outside(library, name) else f", era {era}"
            )
    return sorted(rows.items())


def _outside(library: c.Library, name: str) -> bool:
    scope = library.scopes[None]
    return name in scope.pures or name in scope.helpers or name in scope.agents


def _everything(library: c.Library) -> Iterator[tuple[str, str | None, Definition]]:
    for era, scope in library.scopes.items():
        for definitions in (scope.agents, scope.pures, scope.helpers):
            for name, each in definitions.items():
                yield name, era, each


def _start(place: Place) -> int:
    """Where the declaration begins: at the word for its kind, before the name."""
    before = KIND.search(place.source.text, 0, place.start)
    return before.start() if before else place.start


def _kind(each: Definition) -> str:
    return each.place.source.text[_start(each.place) :].split(None, 1)[0]


def _head(each: Definition) -> str:
    """The declaration without its body, and without the word for its kind."""
    head = HEAD.match(each.place.source.text, _start(each.place))
    return " ".join((head[0] if head else each.place.text()).split()[1:])


def _end(text: str, start: int) -> int:
    """Where the declaration that begins at `start` ends: behind its last brace, or its semicolon."""
    depth = 0
    for mark in MARK.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(mark[0], 0)
        if mark[0] in "};" and depth == 0:
            return mark.end()
    return len(text)


def declarations(library: c.Library, name: str) -> Declarations:
    """The declarations of a predicate, function or helper of this name; empty where there is none."""
    found: dict[Place, dict[str | None, c.Pure | c.Helper]] = {}
    for other, era, each in _everything(library):
        if other == name and not isinstance(each, c.Agent):
            found.setdefault(each.place, {})[era] = each
    return found


def as_written(library: c.Library, name: str, place: Place, scopes: Iterable[str | None]) -> list[str]:
    """One declaration as its author wrote it, the comment above included, and the eras of these that supply it."""
    eras = [era for era in scopes if era is not None]
    supplied = f"  eras {', '.join(eras)}" if eras and not _outside(library, name) else ""
    return [f"{place_of(place)}{supplied}", textwrap.indent(written_at(place), "  ")]


def written_at(place: Place) -> str:
    """The declaration's own lines, with the comment that stands just above it."""
    text = place.source.text
    begin = _start(place)
    start = text.rfind("\n", 0, begin) + 1
    own = " " * (begin - start) + text[begin : _end(text, begin)]
    above: list[str] = []
    for line in reversed(text[:start].splitlines()):
        if not line.strip().startswith("//"):
            break
        above.insert(0, line)
    if start - len("\n".join(above)) <= 1:
        above = []  # the header of the whole text
    return textwrap.dedent("\n".join([*above, own]))


def place_of(place: Place) -> str:
    """The place, by a path that is short from here."""
    name = place.source.name
    if os.path.isabs(name):
        relative = os.path.relpath(name)
        name = os.path.basename(name) if relative.startswith(os.pardir) else relative
    return f"{name}:{place.line}"
