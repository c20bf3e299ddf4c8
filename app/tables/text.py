"""Tables for a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from textwrap import wrap

from spteproof.colour import Paint
from spteproof.solver.results import PROVED, REFUTED, Result
from spteproof.tables.cells import UNEXPECTED, Word, legend, words
from spteproof.tables.tables import KEPT, LOST, NOT_ASKED, NOT_KNOWN, Cell, Part, Row, Table, version

WIDTH = 100
LABEL_WIDTH = 44
NARROW = 12
GAP = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a grid: what it is about, and its cells."""

    label: str
    cells: tuple[Cell, ...]


def table_text(shown: Sequence[Table], failing: Sequence[Result], summary: str, paint: Paint) -> str:
    """All tables, what their marks mean, and the summary line."""
    lines: list[str] = []
    for table in shown:
        lines += [*_table(table, paint), ""]
    lines += [f"layout {each.layout}: {each.property}  {paint.red(f'{each.verdict} {UNEXPECTED}')}" for each in failing]
    told = [part for line in legend(shown, lambda mark: mark) for part in wrap(line, WIDTH - 2)]
    lines += [paint.dim(f"  {line}") for line in told]
    return "\n".join([*lines, summary]) + "\n"


def _table(table: Table, paint: Paint) -> list[str]:
    lines = [f"{paint.bold(table.theorem)}  {paint.dim(str(table.place))}"]
    if not table.parts:
        return [*lines, "  skipped everywhere"]
    names = [column.name for column in table.columns]
    if any(row.era is not None for part in table.parts for row in part.rows):
        for part in table.parts:
            lines.append(f"  {part.property}")
            rows = [Line(label, row.cells) for label, row in zip(_labels(part.rows), part.rows, strict=True)]
            lines += _grid(names, rows, 4, paint)
        return lines
    return lines + _grid(names, [line for part in table.parts for line in _without_eras(part)], 2, paint)


def _labels(rows: Sequence[Row]) -> list[str]:
    """The era of each row and, below each other, its choices."""
    eras = ["" if row.era is None else version(row.era) for row in rows]
    width = max(map(len, eras))
    return [f"{era:<{width}}  {_chosen(row)}" if row.params else era for era, row in zip(eras, rows, strict=True)]


def _chosen(row: Row) -> str:
    return ", ".join(f"{name} = {value}" for name, value in row.params.items())


def _without_eras(part: Part) -> list[Line]:
    """The property's one row, or its name and then a row for each choice."""
    if all(not row.params for row in part.rows):
        return [Line(_cut(part.property, LABEL_WIDTH), row.cells) for row in part.rows]
    return [Line(_cut(part.property, WIDTH - 2), ()), *[Line(f"  {_chosen(row)}", row.cells) for row in part.rows]]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _grid(names: Sequence[str], lines: Sequence[Line], indent: int, paint: Paint) -> list[str]:
    """The lines below their columns' names; columns that do not fit stand in a grid of their own below."""
    left = indent + max(len(line.label) for line in lines if line.cells)
    heads = [[name] for name in names]
    inner = [max((_width(line.cells[at]) for line in lines if line.cells), default=0) for at in range(len(names))]
    if left + sum(GAP + max(len(name), width) for name, width in zip(names, inner, strict=True)) > WIDTH:
        heads = [_folded(name, max(NARROW, width)) for name, width in zip(names, inner, strict=True)]
    widths = [max(width, *map(len, head)) for head, width in zip(heads, inner, strict=True)]
    drawn: list[str] = []
    for group in _groups(widths, WIDTH - left):
        drawn += _head([heads[at] for at in group], [widths[at] for at in group], left, paint)
        for line in lines:
            cells = [(line.cells[at], widths[at]) for at in group] if line.cells else []
            start = " " * indent + line.label
            drawn.append(start.ljust(left) + "".join(" " * GAP + _cell(cell, width, paint) for cell, width in cells))
    return [line.rstrip() for line in drawn]


def _groups(widths: Sequence[int], room: int) -> list[list[int]]:
    """Columns side by side as far as there is room."""
    groups: list[list[int]] = [[]]
    for at, width in enumerate(widths):
        if groups[-1] and sum(GAP + widths[each] for each in groups[-1]) + GAP + width > room:
            groups.append([])
        groups[-1].append(at)
    return groups


def _folded(name: str, width: int) -> list[str]:
    """A name in lines that end with `_`, as few as fit."""
    parts = [f"{part}_" for part in name.split("_")[:-1]] + [name.split("_")[-1]]
    lines = [parts[0]]
    for part in parts[1:]:
        if len(lines[-1]) + len(part) <= width:
            lines[-1] += part
        else:
            lines.append(part)
    return lines


def _head(heads: Sequence[Sequence[str]], widths: Sequence[int], left: int, paint: Paint) -> list[str]:
    lines = []
    for texts in zip_longest(*heads, fillvalue=""):
        filled = "".join(" " * GAP + text.ljust(width) for text, width in zip(texts, widths, strict=True))
        lines.append(" " * left + paint.dim(filled.rstrip()))
    return lines


def _width(cell: Cell) -> int:
    found = words(cell)
    return sum(max(len(word.text), word.width) for word in found) + max(len(found) - 1, 0)


def _cell(cell: Cell, width: int, paint: Paint) -> str:
    text = " ".join(_painted(word, paint) + " " * (word.width - len(word.text)) for word in words(cell))
    return text + " " * (width - _width(cell))


def _painted(word: Word, paint: Paint) -> str:
    colours = {
        KEPT: paint.green,
        PROVED: paint.green,
        LOST: paint.red,
        REFUTED: paint.red,
        UNEXPECTED: paint.red,
        NOT_KNOWN: paint.yellow,
        NOT_ASKED: paint.dim,
    }
    return colours.get(word.kind, paint.yellow)(word.text)
