"""The report for programs: one JSON object, schema `spteproof.results/1` (docs/json.md)."""

import json
from typing import Any

from spteproof import __version__
from spteproof.entries import Names
from spteproof.reports.second_opinions import opinions_of
from spteproof.running.pipeline import Report
from spteproof.solver.questions import Opinion
from spteproof.solver.results import Counterexample, Result, Skipped

SCHEMA = "spteproof.results/1"


def json_report(report: Report, *, seconds: float, lost: int = 0) -> str:
    """The whole report as text; `seconds` is the run's wall time, `lost` how many tasks have no verdict at all."""
    document = {
        "schema": SCHEMA,
        "tool": {"version": __version__, "z3": solver_version(report)},
        "results": [_result(each) for each in report.results],
        "skipped": [_skipped(each) for each in report.skipped],
        "summary": summary(report, seconds=seconds, lost=lost),
    }
    return json.dumps(document, indent=1) + "\n"


def summary(report: Report, *, seconds: float, lost: int) -> dict[str, Any]:
    """Counts over all results, and the time."""
    counts = dict.fromkeys(("proved", "refuted", "vacuous", "unknown"), 0)
    for each in report.results:
        counts[each.verdict] += 1
    return {
        **counts,
        "unexpected": sum(not each.ok for each in report.results),
        "skipped": len(report.skipped),
        "lost": lost,
        "second_opinions": [_opinion(each) for each in opinions_of(report.results)],
        "seconds": round(seconds, 4),
    }


def _opinion(opinion: Opinion) -> dict[str, Any]:
    return {
        "name": opinion.name,
        "version": opinion.version,
        "confirmed": opinion.confirmed,
        "undecided": opinion.undecided,
    }


def solver_version(report: Report) -> str | None:
    """The version of Z3; None where no result needed it."""
    for each in report.results:
        if each.scope.solver.startswith("z3 "):
            return each.scope.solver.removeprefix("z3 ")
    return None


def _result(result: Result) -> dict[str, Any]:
    scope = result.scope
    return {
        "theorem": result.theorem,
        "file": result.place.source.name,
        "line": result.place.line,
        "property": result.property,
        "layout": result.layout,
        "era": result.era,
        "params": dict(result.params),
        "verdict": result.verdict,
        "expected": result.expected,
        "expected_losing": list(result.expected_losing),
        "ok": result.ok,
        "losing": list(result.losing),
        "asked": None if result.asked is None else list(result.asked),
        "kept": list(result.kept),
        "implicit": result.implicit,
        "reason": result.reason,
        "reason_id": result.reason_id,
        "scope": {
            "layout": scope.layout,
            "era": scope.era,
            "placements": scope.placements,
            "parameters": dict(result.params),
            "threads": list(scope.threads),
            "environment": list(scope.environment),
            "environment_steps": "any number",
            "any_change": scope.any_change,
            "omitted_agents": list(scope.omitted),
            "idle_agents": list(scope.idle_agents),
            "locks": list(scope.locks),
            "rely": scope.rely,
            "invariants": list(scope.invariants),
            "assumptions": list(scope.assumptions),
            "dead_branches": list(scope.dead_branches),
            "untriggered": scope.untriggered,
            "no_bits": scope.no_bits,
            "no_premise": scope.no_premise,
            "correctness": "partial",
            "retries": list(scope.retries),
            "solver": scope.solver,
            "timeout_seconds": scope.timeout_seconds,
            "effort": scope.effort,
            "second_opinions": [_opinion(each) for each in scope.opinions],
        },
        "seconds": round(result.seconds, 6),
        "counterexample": None if result.counterexample is None else counterexample_json(result.counterexample),
        "other_counterexamples": [counterexample_json(each) for each in result.others if each != result.counterexample],
    }


def counterexample_json(example: Counterexample) -> dict[str, Any]:
    """A counterexample as an object (docs/json.md)."""
    names = Names(example.values, example.masks, example.aliases)
    return {
        "losing": list(example.names),
        "broken_invariants": list(example.broken),
        "start": f"0x{example.start:016x}",
        "start_bits": names.decode(example.start),
        "end": f"0x{example.end:016x}",
        "ghosts": {name: _ghost(value) for name, value in example.ghosts.items()},
        "entries": {name: f"0x{value:016x}" for name, value in example.entries.items()},
        "placement": {name: f"0x{example.values[name]:016x}" for name in example.placed},
        "parameters": dict(example.parameters),
        "inputs": dict(example.inputs),
        "environment_steps": example.environment_steps,
        "shortest": example.shortest,
        "steps": [
            {
                "who": row.who,
                "action": row.action,
                "file": row.place.source.name,
                "line": row.place.line,
                "before": f"0x{row.before:016x}",
                "after": f"0x{row.after:016x}",
                "changes": names.changes(row.before, row.after),
                "note": row.note,
                "others": {
                    name: {
                        "before": f"0x{before:016x}",
                        "after": f"0x{after:016x}",
                        "changes": names.changes(before, after),
                    }
                    for name, before, after in row.others
                },
            }
            for row in example.rows
        ],
    }


def _ghost(value: int) -> bool | str:
    return value if isinstance(value, bool) else f"0x{value:016x}"


def _skipped(skipped: Skipped) -> dict[str, Any]:
    return {
        "theorem": skipped.theorem,
        "file": skipped.place.source.name,
        "line": skipped.place.line,
        "layout": skipped.layout,
        "era": skipped.era,
        "params": dict(skipped.params),
        "reason": skipped.reason,
    }
