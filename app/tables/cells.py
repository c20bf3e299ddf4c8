"""What stands in a cell of a table, the same in every format for people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spteproof.entries import short
from spteproof.solver.results import REFUTED, UNKNOWN, VACUOUS
from spteproof.tables.tables import ABSENT, KEPT, LOST, NOT_ASKED, NOT_KNOWN, SKIPPED, Cell, Table

MARKS = {LOST: "-", NOT_KNOWN: "?", NOT_ASKED: "."}
UNEXPECTED = "!"
SHORT = 3
"""Bits' names up to this length stand as they are, longer ones without what all masks' names have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A part of a cell's text and its kind: KEPT, LOST, NOT_KNOWN, NOT_ASKED, UNEXPECTED or a verdict. Words are
    joined by one space; `width` is what the word is filled up to."""

    text: str
    kind: str
    width: int = 0


def words(cell: Cell) -> list[Word]:
    """The cell's text in parts."""
    found = _bits(cell) if _shows_bits(cell) else _verdict(cell)
    wrong = not cell.ok and cell.verdict != UNKNOWN
    return [*found, Word(text=UNEXPECTED, kind=UNEXPECTED)] if wrong else found


def _shows_bits(cell: Cell) -> bool:
    """Whether the bits tell all: not where something else is lost, or nothing that has a name."""
    if not cell.bits or cell.verdict in (ABSENT, SKIPPED, VACUOUS):
        return False
    return cell.verdict != REFUTED or (bool(cell.losing) and set(cell.losing) <= cell.bits.keys())


def _bits(cell: Cell) -> list[Word]:
    names = [(display(bit), status) for bit, status in cell.bits.items()]
    return [Word(text=MARKS.get(status, name), kind=status, width=len(name)) for name, status in names]


def _verdict(cell: Cell) -> list[Word]:
    if cell.verdict == ABSENT:
        return []
    if cell.verdict == SKIPPED:
        return [Word(text=MARKS[NOT_ASKED], kind=NOT_ASKED)]
    if cell.verdict == REFUTED and cell.losing:
        return [Word(text=f"-{display(bit)}", kind=LOST) for bit in cell.losing]
    return [Word(text=cell.verdict, kind=cell.verdict)]


def display(bit: str) -> str:
    return bit if len(bit) <= SHORT else short(bit)


def legend(shown: Sequence[Table], code: Callable[[str], str]) -> list[str]:
    """What the marks mean that these tables use, a line each; `code` sets a mark off from the text."""
    cells = [cell for table in shown for part in table.parts for row in part.rows for cell in row.cells]
    kinds = {word.kind for cell in cells for word in words(cell)}
    apart = any(word.kind == LOST and word.text != MARKS[LOST] for cell in cells for word in words(cell))
    plain = any(word.kind == LOST and word.text == MARKS[LOST] for cell in cells for word in words(cell))
    joined = list(dict.fromkeys(name for table in shown for name in table.joined))
    said = [
        (KEPT in kinds, f"{code('W')} bit W is kept"),
        (plain, f"{code('-')} it can be lost"),
        (apart, f"{code('-W')} bit W can be lost or changed"),
        (NOT_KNOWN in kinds, f"{code('?')} not known"),
        (NOT_ASKED in kinds, f"{code('.')} not asked, or no such bit"),
        (UNEXPECTED in kinds, f"{code(UNEXPECTED)} not as expected"),
    ]
    lines = [", ".join(text for used, text in said if used)]
    if joined:
        lines.append(
            f"all choices of {', '.join(joined)} together: lost is what any of them loses (--split: one by one)"
        )
    return [line for line in lines if line]
