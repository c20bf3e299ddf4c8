"""The report as SARIF 2.1.0 (OASIS), for code scanning and editors: what is not as expected, and what is unknown."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from spteproof import __version__
from spteproof.entries import Names
from spteproof.grammar.source import Place
from spteproof.reports.json import solver_version
from spteproof.reports.result_words import (
    KINDS,
    Lost,
    drawn,
    end_of,
    examples,
    instance,
    is_wrong,
    judged,
    kind_of,
    project_path,
    project_root,
)
from spteproof.running.pipeline import Report
from spteproof.solver.results import UNKNOWN, Counterexample, Result, Row

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif_report(report: Report, *, lost: Sequence[Lost] = ()) -> str:
    """The whole report: one run, a result for each verdict that is not as expected or unknown."""
    root = project_root()
    shown = [each for each in report.results if not each.ok]
    rules = sorted({(kind_of(each), each.verdict) for each in shown})
    run = {
        "tool": {
            "driver": {
                "name": "spteproof",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(*each) for each in rules],
                "properties": {"z3": solver_version(report)},
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the project."}}},
        "invocations": [
            {
                "executionSuccessful": not lost,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": str(each)}, "locations": [_location(each.place, root)]}
                    for each in lost
                ]
                + _nothing(report),
            }
        ],
        "results": [_result(each, rules.index((kind_of(each), each.verdict)), root) for each in shown],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _nothing(report: Report) -> list[dict[str, Any]]:
    """That nothing was decided, where it is so: no results would say that all is well."""
    said = f"nothing decided: {len(report.skipped)} skipped"
    return [{"level": "warning", "message": {"text": said}}] if report.is_all_skipped() else []


def rule_id(kind: str, verdict: str) -> str:
    """`preserves.refuted`: stable, for filters of other tools."""
    return f"{kind}.{verdict}"


def _rule(kind: str, verdict: str) -> dict[str, Any]:
    said = KINDS.get(kind, kind)
    level = "warning" if verdict == UNKNOWN else "error"
    happened = "is unknown" if verdict == UNKNOWN else f"is {verdict}, which is not expected"
    return {
        "id": rule_id(kind, verdict),
        "shortDescription": {"text": f"'{said}' {happened}."},
        "defaultConfiguration": {"level": level},
    }


def _result(result: Result, index: int, root: Path) -> dict[str, Any]:
    place = _location(result.place, root)
    place["logicalLocations"] = [{"name": result.theorem, "kind": "function"}]
    picture = drawn(result)
    title = f"{result.theorem}: '{result.property}' in {instance(result)} is {judged(result)}."
    return {
        "ruleId": rule_id(kind_of(result), result.verdict),
        "ruleIndex": index,
        "level": "error" if is_wrong(result) else "warning",
        "message": {"text": title + (f"\n\n{picture}" if picture else "")},
        "locations": [place],
        "relatedLocations": _steps(result, root),
        "partialFingerprints": {"spteproofResult/1": _fingerprint(result, root)},
        "properties": {
            "theorem": result.theorem,
            "property": result.property,
            "layout": result.layout,
            "era": result.era,
            "params": dict(result.params),
            "verdict": result.verdict,
            "expected": result.expected,
            "expected_losing": list(result.expected_losing),
            "losing": list(result.losing),
        },
    }


def _steps(result: Result, root: Path) -> list[dict[str, Any]]:
    """The steps of all counterexamples, each at its own line, numbered from 1 through all of them."""
    steps = [(example, number, row) for example in examples(result) for number, row in enumerate(example.rows, 1)]
    return [
        {
            "id": count,
            "message": {"text": _step(example, number, row)},
            **_location(row.place, root),
        }
        for count, (example, number, row) in enumerate(steps, 1)
    ]


def _step(example: Counterexample, number: int, row: Row) -> str:
    names = Names(example.values, example.masks, example.aliases)
    others = [f"{name}: {names.changes(before, after)}" for name, before, after in row.others]
    changes = [each for each in (names.changes(row.before, row.after), *others, row.note) if each]
    who = "theorem" if row.who == "program" else row.who
    return f"step {number}, {who}: {row.action}" + (f" ({'; '.join(changes)})" if changes else "")


def _location(place: Place, root: Path) -> dict[str, Any]:
    line, column = end_of(place)
    region = {"startLine": place.line, "startColumn": place.column, "endLine": line, "endColumn": column}
    return {"physicalLocation": {"artifactLocation": _artifact(place, root), "region": region}}


def _artifact(place: Place, root: Path) -> dict[str, str]:
    path = project_path(place, root)
    if path.startswith("/"):
        return {"uri": f"file://{quote(path, errors='surrogateescape')}"}
    return {"uri": quote(path, errors="surrogateescape"), "uriBaseId": "%SRCROOT%"}


def _fingerprint(result: Result, root: Path) -> str:
    """The same for the same result after the text has moved."""
    parts = [project_path(result.place, root), result.theorem, result.property, instance(result), result.verdict]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
