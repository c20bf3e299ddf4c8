"""What stands on the page, theorem by theorem, as plain values for the template."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from spteproof.grammar.checked import Library
from spteproof.html.examples import Cell, Example, Gallery
from spteproof.reports.instance_words import instance_lines
from spteproof.reports.result_words import everybody, expected, instance, notes, scope_lines
from spteproof.running.pipeline import Report
from spteproof.solver.results import PROVED, REFUTED, UNKNOWN, VACUOUS, Result, Skipped
from spteproof.tables.cells import MARKS, Word, display, words
from spteproof.tables.columns import Column
from spteproof.tables.tables import LOST, Part, Row, Table, tables, version
from spteproof.tables.tables import Cell as TableCell


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A cell of a table: `kind` is its verdict, `said` the verdict for those who hear the page, `link` the id of a
    counterexample or empty."""

    kind: str
    said: str
    words: tuple[Word, ...]
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of a table: `heads` name it, an era or a property and the choices of parameters."""

    heads: tuple[str, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """`caption` is the property where the rows are eras, else empty."""

    caption: str
    heads: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines of text that hold for the instances of `where`."""

    where: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One theorem, or the asserts of one layout. `kinds` are the verdicts that occur, "skipped" and "unexpected"
    among them; `counts` are pairs of a verdict and how often it occurs."""

    id: str
    name: str
    place: str
    kinds: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    unexpected: int
    grids: tuple[Grid, ...]
    notes: tuple[str, ...]
    examples: tuple[Example, ...]
    scope: tuple[Group, ...]
    skipped: tuple[Group, ...]
    against_all: str


def sections(report: Report, library: Library, gallery: Gallery) -> Iterator[Section]:
    """A section for each theorem, in the order of the texts; layouts only where an assert of theirs fails."""
    results: dict[str, list[Result]] = {}
    for each in report.results:
        results.setdefault(each.theorem, []).append(each)
    skipped: dict[str, list[Skipped]] = {}
    for skip in report.skipped:
        skipped.setdefault(skip.theorem, []).append(skip)
    shown = {each.theorem: each for each in tables(report, library, split=False, wanted=lambda text: True)}
    for number, name in enumerate(dict.fromkeys([*results, *skipped])):
        mine = results.get(name, [])
        if name in library.theorems or not all(each.ok for each in mine):
            yield _section(f"t{number}", name, mine, skipped.get(name, []), library, shown.get(name), gallery)


def quiet_layouts(report: Report, library: Library) -> tuple[int, int]:
    """How many layouts have only asserts that are as expected, and how many asserts they are."""
    names = {each.theorem for each in report.results if each.theorem not in library.theorems}
    quiet = names - {each.theorem for each in report.results if not each.ok}
    return len(quiet), sum(each.theorem in quiet for each in report.results)


def _section(
    id: str,
    name: str,
    results: Sequence[Result],
    skipped: Sequence[Skipped],
    library: Library,
    table: Table | None,
    gallery: Gallery,
) -> Section:
    found, links = gallery.of_theorem(results, library) if results else ((), {})
    counts = [(kind, sum(each.verdict == kind for each in results)) for kind in (PROVED, REFUTED, VACUOUS, UNKNOWN)]
    counts.append(("skipped", len(skipped)))
    unexpected = sum(not each.ok and each.verdict != UNKNOWN for each in results)
    kinds = [kind for kind, number in counts if number] + (["unexpected"] if unexpected else [])
    theorem = library.theorems.get(name)
    against = everybody(theorem) if theorem and theorem.against_all else ""
    return Section(
        id=id,
        name=name,
        place=str((theorem or library.layouts[name]).place),
        kinds=tuple(kinds),
        counts=tuple((kind, number) for kind, number in counts if number),
        unexpected=unexpected,
        grids=tuple(_grids(table, links)) if table else (),
        notes=tuple(_notes(results)),
        examples=found,
        scope=tuple(_scopes(results, library)),
        skipped=tuple(_skips(skipped, library)),
        against_all=against,
    )


def _grids(table: Table, links: dict[Cell, str]) -> Iterator[Grid]:
    """A table for each property where there are eras, else one for all properties."""
    eras = any(row.era is not None for part in table.parts for row in part.rows)
    for parts in [[each] for each in table.parts] if eras else [list(table.parts)] if table.parts else []:
        names = list(dict.fromkeys(name for part in parts for row in part.rows for name in row.params))
        yield Grid(
            caption=parts[0].property if eras else "",
            heads=("since" if eras else "property", *names),
            columns=tuple(column.name for column in table.columns),
            lines=tuple(_line(part, row, table.columns, links, names) for part in parts for row in part.rows),
        )


def _line(part: Part, row: Row, columns: Sequence[Column], links: dict[Cell, str], names: Sequence[str]) -> Line:
    head = part.property if row.era is None else version(row.era)
    fields = tuple(_field(part, row, cell, links) for cell in row.cells)
    return Line(heads=(head, *[row.params.get(name, "") for name in names]), fields=fields)


def _field(part: Part, row: Row, cell: TableCell, links: dict[Cell, str]) -> Field:
    found = (links.get((part.property, row.era, layout)) for layout in cell.layouts)
    said = cell.verdict if cell.ok or cell.verdict == UNKNOWN else f"{cell.verdict}, not as expected"
    return Field(
        kind=cell.verdict, said=said, words=tuple(_words(cell)), link=next((link for link in found if link), "")
    )


def _words(cell: TableCell) -> Iterator[Word]:
    """The cell's words, in which a bit that can be lost has its name: nothing stands below one another on a page."""
    found = words(cell)
    for word, bit in zip(found, [*cell.bits, *[""] * len(found)], strict=False):
        lost = word.kind == LOST and word.text == MARKS[LOST]
        yield replace(word, text=f"{word.text}{display(bit)}") if lost else word


def _notes(results: Sequence[Result]) -> Iterator[str]:
    """What is not as expected, and why a verdict is what it is."""
    for each in results:
        if not each.ok or (each.reason and not each.implicit):
            wanted = "" if each.ok else f", expected {expected(each)}"
            losing = f" losing {' '.join(each.losing)}" if each.losing else ""
            reason = f": {each.reason}" if each.reason else ""
            yield f"{each.property} is {each.verdict}{losing} in {instance(each)}{wanted}{reason}"


def _scopes(results: Sequence[Result], library: Library) -> Iterator[Group]:
    """What the verdicts cover; instances with the same scope together."""
    groups: dict[tuple[str, ...], list[Result]] = {}
    for each in results:
        groups.setdefault(tuple(_scope(each)), []).append(each)
    for lines, members in groups.items():
        yield Group(where=_where(members, library), lines=lines)


def _scope(result: Result) -> Iterator[str]:
    scope = result.scope
    yield from scope_lines([result])
    for label, values in (
        ("agents that change nothing here", scope.idle_agents),
        ("branches that nothing reaches", scope.dead_branches),
        ("invariants of the layout, assumed of the start", scope.invariants),
        ("rely", (scope.rely,) if scope.rely else ()),
        ("decided by", (scope.solver,)),
    ):
        if values:
            yield f"{label}: {', '.join(values)}"
    if scope.placements != 1:
        yield f"placements of the layout's symbolic bits: {scope.placements}"
    for note in notes(result):
        yield f"`{result.property}`: {note}"


def _skips(skipped: Sequence[Skipped], library: Library) -> Iterator[Group]:
    reasons: dict[str, list[Skipped]] = {}
    for each in skipped:
        reasons.setdefault(each.reason, []).append(each)
    for reason, members in reasons.items():
        yield Group(where=_where(members, library), lines=(reason,))


def _where(members: Sequence[Result | Skipped], library: Library) -> tuple[str, ...]:
    """The instances, each once."""
    once = {(each.layout, each.era, str(dict(each.params))): each for each in members}
    if members[0].theorem not in library.theorems:
        return (members[0].layout,)
    return tuple(" ".join(line.split()) for line in instance_lines(list(once.values()), library))
