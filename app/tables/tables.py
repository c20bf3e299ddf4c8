"""Verdicts as tables: for each theorem and property a row for each era or choice of parameters, a column for each
layout, and in each cell the verdict, bit by bit where the property speaks of bits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from spteproof.grammar.checked import Layout, Library, Theorem
from spteproof.grammar.source import Place
from spteproof.running.pipeline import Report
from spteproof.solver.results import PROVED, REFUTED, UNKNOWN, VACUOUS, Result, Skipped
from spteproof.tables.columns import Column, columns_of

KEPT, LOST, NOT_KNOWN, NOT_ASKED = "kept", "lost", "unknown", "not asked"
SKIPPED, ABSENT = "skipped", "absent"
Instance = Result | Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """All instances of one row and column. `verdict` is that of all together: refuted if any is, else unknown if any
    is, else proved if any is, else vacuous or skipped; "absent" where there is no instance. `bits` says KEPT, LOST,
    NOT_KNOWN or NOT_ASKED of each bit of the property, `losing` what can be lost in any instance."""

    verdict: str
    ok: bool
    bits: Mapping[str, str]
    losing: tuple[str, ...]
    layouts: tuple[str, ...]
    instances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`params` are the choices that this row alone is about; empty where all choices are joined."""

    era: str | None
    params: Mapping[str, str]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One property; `bits` are all that it asks about somewhere, in the order of the entry."""

    property: str
    place: Place
    implicit: bool
    bits: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One theorem; `joined` are the parameters whose choices share a row."""

    theorem: str
    place: Place
    joined: tuple[str, ...]
    columns: tuple[Column, ...]
    parts: tuple[Part, ...]


def tables(report: Report, library: Library, *, split: bool, wanted: Callable[[str], bool]) -> tuple[Table, ...]:
    """A table for each theorem of the report. What is proved unasked is there only where it is not as expected. With
    `split`, each choice of parameters has a row of its own; `wanted` is of the properties' texts."""
    found: dict[str, list[Instance]] = {}
    instances: tuple[Instance, ...] = (*report.results, *report.skipped)
    for each in instances:
        if each.theorem in library.theorems:
            found.setdefault(each.theorem, []).append(each)
    made = [_table(found[name], library, name, split) for name in library.theorems if name in found]
    chosen = [
        replace(table, parts=tuple(part for part in table.parts if wanted(part.property) or not _is_ok(part)))
        for table in made
    ]
    return tuple(each for each, whole in zip(chosen, made, strict=True) if each.parts or not whole.parts)


def failing_asserts(report: Report, library: Library) -> tuple[Result, ...]:
    """Asserts of layouts that do not hold. Those that do have no table."""
    return tuple(each for each in report.results if each.theorem not in library.theorems and not each.ok)


def _is_ok(part: Part) -> bool:
    return all(cell.ok for row in part.rows for cell in row.cells)


def _table(instances: Sequence[Instance], library: Library, name: str, split: bool) -> Table:
    theorem = library.theorems[name]
    present = {each.layout for each in instances}
    columns = tuple(each for each in columns_of(library, theorem) if present.intersection(each.layouts))
    skipped = [each for each in instances if isinstance(each, Skipped)]
    groups: dict[tuple[str, bool], list[Result]] = {}
    for each in instances:
        if isinstance(each, Result):
            groups.setdefault((each.property, each.implicit), []).append(each)
    shown = [group for (_, implicit), group in groups.items() if not implicit or not all(each.ok for each in group)]
    layouts = [library.layouts[each] for each in theorem.layouts]
    choosing = [each.name for each in theorem.parameters if each.choices is not None]
    return Table(
        theorem=name,
        place=theorem.place,
        joined=() if split else tuple(choosing),
        columns=columns,
        parts=tuple(_part(group, [*group, *skipped], columns, layouts, _keys(theorem, split)) for group in shown),
    )


Key = tuple[str | None, tuple[str, ...]]
"""What a row is about: an era and, where they are split, the texts of the parameters' choices."""


def _keys(theorem: Theorem, split: bool) -> list[Key]:
    """All rows that there may be, in the order of the text."""
    choices = [
        [each.place.text() for each in parameter.choices] for parameter in theorem.parameters if parameter.choices
    ]
    return [(era, chosen) for era in theorem.eras or (None,) for chosen in (product(*choices) if split else [()])]


def _part(
    group: Sequence[Result],
    instances: Sequence[Instance],
    columns: Sequence[Column],
    layouts: Sequence[Layout],
    keys: Sequence[Key],
) -> Part:
    bits = _in_order({bit for each in group for bit in each.asked or ()}, layouts)
    rows: list[Row] = []
    for era, chosen in keys:
        members = [
            each for each in instances if each.era == era and (not chosen or tuple(each.params.values()) == chosen)
        ]
        if members:
            inside = [[each for each in members if each.layout in column.layouts] for column in columns]
            cells = [_cell(each, bits, layouts) for each in inside]
            rows.append(Row(era=era, params=members[0].params if chosen else {}, cells=tuple(cells)))
    return Part(
        property=group[0].property,
        place=group[0].place,
        implicit=group[0].implicit,
        bits=bits,
        rows=tuple(rows),
    )


def _in_order(bits: Iterable[str], layouts: Sequence[Layout]) -> tuple[str, ...]:
    """By their places in the first layout that has them; what has no fixed place comes last."""

    def place(bit: str) -> tuple[int, str]:
        for layout in layouts:
            mask = layout.masks.get(layout.aliases.get(bit, bit))
            if mask is not None and mask.value:
                return mask.value, bit
        return 1 << 64, bit

    return tuple(sorted(bits, key=place))


def _cell(instances: Sequence[Instance], bits: Sequence[str], layouts: Sequence[Layout]) -> Cell:
    results = [each for each in instances if isinstance(each, Result)]
    verdicts = {each.verdict for each in results}
    order = (REFUTED, UNKNOWN, PROVED, VACUOUS)
    return Cell(
        verdict=next((each for each in order if each in verdicts), SKIPPED if instances else ABSENT),
        ok=all(each.ok for each in results),
        bits={bit: _status(bit, results) for bit in bits},
        losing=_in_order({name for each in results for name in each.losing}, layouts),
        layouts=tuple({each.layout: None for each in instances}),
        instances=len(instances),
    )


def _status(bit: str, results: Sequence[Result]) -> str:
    """Lost if any instance loses it; kept only where each that asks about it keeps it."""
    if any(bit in each.losing for each in results):
        return LOST
    asking = [each for each in results if each.verdict != VACUOUS and (each.asked is None or bit in each.asked)]
    if any(bit not in each.kept for each in asking):
        return NOT_KNOWN
    return KEPT if asking else NOT_ASKED


def version(era: str) -> str:
    """An era as people write it: `v6.4` for `v6_4`."""
    number = era.removeprefix("v")
    return "v" + number.replace("_", ".") if era != number and number.replace("_", "").isdigit() else era
