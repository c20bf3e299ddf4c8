"""Tables for programs: one JSON object, schema `spteproof.table/1` (docs/json.md)."""

import json
from collections.abc import Sequence
from typing import Any

from spteproof import __version__
from spteproof.reports.json import solver_version, summary
from spteproof.running.pipeline import Report
from spteproof.solver.results import Result
from spteproof.tables.tables import Cell, Part, Table

SCHEMA = "spteproof.table/1"


def table_json(
    shown: Sequence[Table], failing: Sequence[Result], report: Report, *, seconds: float, lost: int = 0
) -> str:
    """All tables as text, with the summary of the run that they come from."""
    document = {
        "schema": SCHEMA,
        "tool": {"version": __version__, "z3": solver_version(report)},
        "tables": [_table(each) for each in shown],
        "failing_asserts": [
            {"layout": each.layout, "assert": each.property.removeprefix("assert "), "verdict": each.verdict}
            for each in failing
        ],
        "summary": summary(report, seconds=seconds, lost=lost),
    }
    return json.dumps(document, indent=1) + "\n"


def _table(table: Table) -> dict[str, Any]:
    return {
        "theorem": table.theorem,
        "file": table.place.source.name,
        "line": table.place.line,
        "joined": list(table.joined),
        "columns": [{"name": column.name, "layouts": list(column.layouts)} for column in table.columns],
        "properties": [_part(each) for each in table.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "property": part.property,
        "line": part.place.line,
        "implicit": part.implicit,
        "bits": list(part.bits),
        "rows": [
            {"era": row.era, "params": dict(row.params), "cells": [_cell(each) for each in row.cells]}
            for row in part.rows
        ],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "verdict": cell.verdict,
        "ok": cell.ok,
        "bits": dict(cell.bits),
        "losing": list(cell.losing),
        "layouts": list(cell.layouts),
        "instances": cell.instances,
    }
