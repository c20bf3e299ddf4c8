"""The report for programs: one JSON object, schema `spteproof.mutants/1` (docs/how-to/break-your-spec.md)."""

import json
from typing import Any

from spteproof import __version__
from spteproof.mutating.command import Declaration, Trial
from spteproof.mutating.lines import FATES, by_line
from spteproof.mutating.outcomes import KILLED, MEANINGLESS, SURVIVED, UNDECIDED, Outcome, Subject
from spteproof.mutating.report import place_of

SCHEMA = "spteproof.mutants/1"


def json_report(trial: Trial) -> str:
    """The whole report as text."""
    declared = {id(each.subject): each for each in trial.declarations if each.subject is not None}
    document = {
        "schema": SCHEMA,
        "tool": {"version": __version__},
        "mutants": [
            {**_mutant(trial, subject, outcome), "declared_equivalent": _declared(declared.get(id(subject)))}
            for subject, outcome in trial.outcomes
        ],
        "stale_declarations": [
            {"file": str(each.path), "line": each.declared.line, "old": each.declared.old, "new": each.declared.new}
            for each in trial.declarations
            if each.subject is None
        ],
        "theorems": [
            {"theorem": name, "shown": looked, "refuted": killed} for name, (looked, killed) in trial.counts.items()
        ],
        "lines": [
            {"file": str(path), "line": number, **dict(zip(FATES, found, strict=True))}
            for path, number, found in by_line(trial)
        ],
        "summary": {
            **{fate: len(trial.of_fate(fate)) for fate in (KILLED, SURVIVED, UNDECIDED, MEANINGLESS)},
            "declared_equivalent": sum(each.problem is None for each in trial.declarations),
            "declared_without_proof": sum(each.is_unproved() for each in trial.declarations),
            "declared_wrongly": sum(each.is_wrong() for each in trial.declarations),
            "not_tried": trial.left_out,
            "seconds": round(trial.seconds, 4),
        },
    }
    return json.dumps(document, indent=1) + "\n"


def _declared(declaration: Declaration | None) -> dict[str, Any] | None:
    if declaration is None:
        return None
    problem = declaration.problem
    return {
        "proved": problem is None,
        "reason": declaration.declared.reason,
        "problem": None if problem is None else problem.text,
    }


def _mutant(trial: Trial, subject: Subject, outcome: Outcome) -> dict[str, Any]:
    mutant, text = subject.mutant, trial.texts[subject.path]
    place = place_of(subject.path, text, mutant.start, mutant.end)
    return {
        "file": str(subject.path),
        "line": place.line,
        "column": place.column,
        "item": mutant.item,
        "era": mutant.era,
        "kind": mutant.kind,
        "old": text[mutant.start : mutant.end],
        "new": mutant.new,
        "fate": outcome.fate,
        "killer": outcome.killer,
        "where": outcome.where,
        "how": outcome.how,
        "shown_to": list(outcome.looked),
    }
