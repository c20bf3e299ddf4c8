"""Tables as Markdown, for a document, a mail or a comment."""

from collections.abc import Sequence

from spteproof.solver.results import Result
from spteproof.tables.cells import UNEXPECTED, legend, words
from spteproof.tables.tables import Cell, Part, Row, Table, version


def table_markdown(shown: Sequence[Table], failing: Sequence[Result], summary: str) -> str:
    """All tables, what their marks mean, and the summary line."""
    lines: list[str] = []
    for table in shown:
        lines += [f"### {_code(table.theorem)}", "", f"{_escaped(str(table.place))}", ""]
        if not table.parts:
            lines += ["skipped everywhere", ""]
        elif any(row.era is not None for part in table.parts for row in part.rows):
            for part in table.parts:
                lines += [_code(part.property), "", *_grid(table, [part], "since"), ""]
        else:
            lines += [*_grid(table, table.parts, "property"), ""]
    for each in failing:
        lines += [f"layout {_code(each.layout)}: {_code(each.property)} {_code(f'{each.verdict} {UNEXPECTED}')}", ""]
    for line in legend(shown, _code):
        lines += [line, ""]
    return "\n".join([*lines, _escaped(summary)]) + "\n"


def _grid(table: Table, parts: Sequence[Part], first: str) -> list[str]:
    names = list(dict.fromkeys(name for part in parts for row in part.rows for name in row.params))
    lines = [_row([first, *names, *[_code(column.name) for column in table.columns]])]
    lines.append(_row(["---"] * (1 + len(names) + len(table.columns))))
    for part in parts:
        for row in part.rows:
            lines.append(
                _row([_first(part, row), *[_code(row.params[name]) for name in names], *map(_cell, row.cells)])
            )
    return lines


def _first(part: Part, row: Row) -> str:
    return _code(part.property) if row.era is None else version(row.era)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _cell(cell: Cell) -> str:
    text = " ".join(word.text for word in words(cell))
    return _code(text) if text else ""


def _code(text: str) -> str:
    """As code, whatever stands in it."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{' ' if fence in text else ''}{text}{' ' if fence in text else ''}{fence}"


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>" else letter for letter in text)
