"""Why a theorem holds or does not, for programs: one JSON object, schema `spteproof.explained/1` (docs/json.md)."""

import json
from collections.abc import Sequence
from typing import Any

from spteproof import __version__
from spteproof.grammar.source import Place
from spteproof.reasons.explained import Explained, Failure, Nothing, not_confirmed, page_of, where_of
from spteproof.reasons.harmless import harmless_steps
from spteproof.reports.json import counterexample_json
from spteproof.solver.explaining.contradictions import Contradiction
from spteproof.solver.explaining.grounds import Grounds, Need
from spteproof.solver.explaining.items import Item
from spteproof.solver.explaining.reasons import Reason
from spteproof.solver.explaining.trials import AGENTS
from spteproof.solver.results import Result

SCHEMA = "spteproof.explained/1"


def explained_json(explained: Explained, solver: str, seconds: float) -> str:
    """The whole of it as text; `seconds` is the run's wall time."""
    document = {
        "schema": SCHEMA,
        "tool": {"version": __version__, "z3": solver},
        "theorem": explained.theorem.name,
        **_at(explained.theorem.place),
        "results": [_result(each) for each in explained.results],
        "holds": None if explained.grounds is None else _grounds(explained.grounds),
        "fails": [_failure(each) for each in explained.failures],
        "vacuous": [_nothing(each) for each in explained.vacuous],
        "unknown": [_unknown(group) for group in explained.unknown],
        "seconds": round(seconds, 4),
    }
    return json.dumps(document, indent=1) + "\n"


def _at(place: Place) -> dict[str, Any]:
    return {"file": place.source.name, "line": place.line}


def _result(result: Result) -> dict[str, Any]:
    return {
        "property": result.property,
        **_instance(result),
        "verdict": result.verdict,
        "expected": result.expected,
        "ok": result.ok,
        "implicit": result.implicit,
    }


def _instance(of: Result | Need) -> dict[str, Any]:
    return {"layout": of.layout, "era": of.era, "params": dict(of.params)}


def _grounds(grounds: Grounds) -> dict[str, Any]:
    return {
        "proofs": sum(each.property != AGENTS for each in grounds.proved),
        "rests_on": [_need(each) for each in grounds.needed],
        "rests_on_unasked": [_need(each) for each in grounds.needed_unasked],
        "not_needed": [_item(each) for each in grounds.unneeded],
        "harmless": [{"step": each.name, **_at(each.place)} for each in harmless_steps(grounds)],
        "confirmed": None if not grounds.proved else not grounds.unconfirmed,
        "unconfirmed": not_confirmed(grounds),
        "unnamed": [{"proof": where_of(proof), "reason": why} for proof, why in grounds.unnamed],
    }


def _item(item: Item) -> dict[str, Any]:
    return {"kind": item.kind, "owner": item.owner, "text": item.text, **_at(item.place), "column": item.place.column}


def _need(need: Need) -> dict[str, Any]:
    return {**_item(need.item), "alone": need.alone, "property": need.property, **_instance(need)}


def _failure(failure: Failure) -> dict[str, Any]:
    first = failure.results[0]
    return {
        "property": first.property,
        "instances": [_instance(each) for each in failure.results],
        "counterexample": counterexample_json(failure.example),
        "steps": None if failure.steps is None else [_step(each) for each in failure.steps],
    }


def _step(step: Reason) -> dict[str, Any]:
    return {
        "who": step.row.who,
        "action": step.row.action,
        **_at(step.row.place),
        "because": [{"text": each.text, "value": each.value, "depth": each.depth} for each in step.facts],
        "saw": None if step.seen is None else f"0x{step.seen:016x}",
        "breaks": step.breaks,
        "blamed": f"0x{step.lost:016x}",
    }


def _nothing(nothing: Nothing) -> dict[str, Any]:
    first, found = nothing.results[0], nothing.contradiction
    named = isinstance(found, Contradiction)
    return {
        "property": first.property,
        "instances": [_instance(each) for each in nothing.results],
        "reason": first.reason,
        "contradiction": [_item(each) for each in found.items] if isinstance(found, Contradiction) else None,
        "confirmed": found.confirmed if isinstance(found, Contradiction) else None,
        "unnamed": None if named else found,
    }


def _unknown(group: Sequence[Result]) -> dict[str, Any]:
    first = group[0]
    return {
        "property": first.property,
        "instances": [_instance(each) for each in group],
        "reason": first.reason,
        "page": page_of(first),
    }
