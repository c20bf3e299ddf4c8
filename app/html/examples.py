"""Counterexamples as a page shows them: each once, with all instances that have it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from spteproof.entries import Names
from spteproof.grammar.checked import DEFAULT_ENTRY, Library
from spteproof.html.registers import Frame, Frames
from spteproof.reports.instance_words import instance_lines
from spteproof.reports.interleaving import change, chosen, column_of, display, headings, is_pure, verb
from spteproof.reports.result_words import examples
from spteproof.solver.results import Counterexample, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """An entry at the start. `bits` are the numbers of those that are set."""

    entry: str
    frame: Frame
    value: int
    said: str

    @property
    def bits(self) -> list[int]:
        return [number for number in range(64) if self.value >> number & 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One line of an interleaving. `after` has the value of each register in hexadecimal; so has `before`, which is
    empty where it is what the line above left."""

    column: int
    action: str
    change: str
    place: str
    after: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A counterexample without what tells its instances apart."""

    property: str
    losing: tuple[str, ...]
    verb: str
    broken: tuple[str, ...]
    shortest: bool
    place: str
    chosen: tuple[str, ...]
    registers: tuple[Register, ...]
    heads: tuple[str, ...]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """`where` names the instances; `id` is unique in the page, `number` in the theorem."""

    id: str
    number: int
    shown: Shown
    where: tuple[str, ...]
    ok: bool


Cell = tuple[str, str | None, str]
"""Where a verdict stands in a table: property, era, layout."""


@dataclass(slots=True)
class Gallery:
    """All counterexamples of a page."""

    frames: Frames = field(default_factory=Frames)
    number: int = 0

    def of_theorem(self, results: Sequence[Result], library: Library) -> tuple[tuple[Example, ...], dict[Cell, str]]:
        """Those of one theorem, and the first one's id for each cell of its table."""
        groups: dict[Shown, list[Result]] = {}
        for result in results:
            for each in examples(result):
                groups.setdefault(shown(result, each, self.frames), []).append(result)
        found: list[Example] = []
        links: dict[Cell, str] = {}
        for number, (what, members) in enumerate(groups.items(), 1):
            self.number += 1
            id = f"x{self.number}"
            where = tuple(instance_lines(members, library)) if results[0].theorem in library.theorems else ()
            ok = all(each.ok for each in members)
            found.append(Example(id=id, number=number, shown=what, where=where, ok=ok))
            for member in members:
                links.setdefault((member.property, member.era, member.layout), id)
        return tuple(found), links


def shown(result: Result, example: Counterexample, frames: Frames) -> Shown:
    """One counterexample for the page."""
    names = Names(example.values, example.masks, example.aliases)
    pure = is_pure(result, example)
    entries = {} if pure else {DEFAULT_ENTRY: example.start, **example.entries}
    return Shown(
        property=result.property,
        losing=tuple(display(name) for name in example.names),
        verb=verb(result.property),
        broken=example.broken,
        shortest=example.shortest,
        place=str(example.place),
        chosen=tuple(chosen(result, example, names)),
        registers=tuple(
            Register(entry=entry, frame=frames.of(names), value=value, said=names.decode(value))
            for entry, value in entries.items()
        ),
        heads=() if pure else tuple(headings(example)),
        moves=() if pure else tuple(_moves(example, names, entries)),
    )


def _moves(example: Counterexample, names: Names, entries: dict[str, int]) -> Iterator[Move]:
    """The steps with the values that all entries have before and after them. The right side of a comparison starts
    where the left one did."""
    left_behind, now, who = dict(entries), dict(entries), ""
    for row in example.rows:
        if row.who == "right" and who != "right":
            now = dict(entries)
        before = {**now, DEFAULT_ENTRY: row.before, **{name: value for name, value, _ in row.others}}
        now = {**before, DEFAULT_ENTRY: row.after, **{name: value for name, _, value in row.others}}
        yield Move(
            column=column_of(row, example),
            action=row.action,
            change=change(row, names),
            place=str(row.place),
            after=_values(now),
            before="" if before == left_behind else _values(before),
        )
        left_behind, who = now, row.who


def _values(values: dict[str, int]) -> str:
    return " ".join(f"{value:x}" for value in values.values())
