"""Tables as Markdown, and figures as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass

from processes import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`notes` stand below it. `wrong` names what was not measured or came out wrong: it fails the run."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


def duration(seconds: float) -> str:
    if seconds < 0.0995:
        return f"{seconds * 1000:.2g} ms" if seconds < 0.00995 else f"{seconds * 1000:.0f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.2f} s"


def spread(sample: Sample) -> str:
    """The median with least and most."""
    return f"{duration(sample.median)} ({duration(sample.least)} to {duration(sample.most)})"


def ratios(sample: Sample) -> str:
    return f"{sample.median:.2f} ({sample.least:.2f} to {sample.most:.2f})"


def against(value: float, budget: float) -> str:
    return "within" if value <= budget else "**over**"


def markdown(table: Table) -> str:
    """The table with its columns aligned, so that it reads well as plain text too."""
    cells = [table.columns, *table.rows]
    widths = [max(3, *(len(row[column]) for row in cells)) for column in range(len(table.columns))]
    drawn = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    lines = [f"## {table.title}", "", drawn[0], rule, *drawn[1:]]
    for note in (*table.notes, *(f"**Wrong or missing**: {each}" for each in table.wrong)):
        lines += ["", note]
    return "\n".join(lines) + "\n"
