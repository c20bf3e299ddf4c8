"""What was found, for programs: one JSON object, schema `spteproof.found/1` (docs/find.md)."""

import json
from collections.abc import Sequence
from typing import Any

from spteproof import __version__
from spteproof.finding.masks import static_assert
from spteproof.finding.predicates import in_c
from spteproof.solver.finding.answers import Difference, Enough, Masks, Placed, Predicate, Product
from spteproof.solver.results import PROVED, UNKNOWN

SCHEMA = "spteproof.found/1"


def found_json(masks: Sequence[Masks], predicates: Sequence[Predicate], solver: str, seconds: float) -> str:
    """The whole report as text; `seconds` is the run's wall time."""
    document = {
        "schema": SCHEMA,
        "tool": {"version": __version__, "z3": solver},
        "masks": [_masks(each) for each in masks],
        "predicates": [_predicate(each) for each in predicates],
        "summary": {
            "answers": len(masks) + len(predicates),
            "unknown": unknowns(masks, predicates),
            "seconds": round(seconds, 4),
        },
    }
    return json.dumps(document, indent=1) + "\n"


def unknowns(masks: Sequence[Masks], predicates: Sequence[Predicate]) -> int:
    """How many answers hold something that could not be decided."""
    return sum(
        each.undecided or any(bit.verdict == UNKNOWN for placed in each.placed for bit in placed.bits) for each in masks
    ) + sum(each.undecided or any(placed.reason is not None for placed in each.placed) for each in predicates)


def _predicate(found: Predicate) -> dict[str, Any]:
    return {
        "theorem": found.theorem,
        "file": found.place.source.name,
        "line": found.place.line,
        "layout": found.layout,
        "era": found.era,
        "predicate": found.predicate,
        "parameters": list(found.parameters),
        "left_out": list(found.left_out),
        "skipped": found.skipped,
        "placements": [_enough(each, found) for each in found.placed],
        "seconds": round(found.seconds, 6),
    }


def _enough(enough: Enough, found: Predicate) -> dict[str, Any]:
    return {
        "masks": {name: f"0x{enough.values[name]:016x}" for name in found.masks},
        "weakest": None if enough.products is None else _products(enough.products),
        "text": None if enough.products is None else in_c(found, enough),
        "broken": list(enough.broken),
        "own_broken": list(enough.own_broken),
        "stricter": _difference(enough.stricter),
        "missing": _difference(enough.missing),
        "reason": enough.reason,
    }


def _products(products: Sequence[Product]) -> list[list[dict[str, Any]]]:
    return [
        [{"parameter": each.parameter, "bit": each.bit, "value": each.value} for each in product]
        for product in products
    ]


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "products": _products(difference.products),
        "examples": [{name: f"0x{value:x}" for name, value in each.items()} for each in difference.examples],
    }


def _masks(found: Masks) -> dict[str, Any]:
    return {
        "theorem": found.theorem,
        "file": found.place.source.name,
        "line": found.place.line,
        "layout": found.layout,
        "era": found.era,
        "params": dict(found.params),
        "parameter": found.parameter,
        "properties": list(found.properties),
        "assert": None if found.skipped else static_assert(found),
        "none": list(found.none),
        "skipped": found.skipped,
        "placements": [_placed(each, found) for each in found.placed],
        "seconds": round(found.seconds, 6),
    }


def _placed(placed: Placed, found: Masks) -> dict[str, Any]:
    proved = sum(1 << bit.number for bit in placed.bits if bit.verdict == PROVED)
    return {
        "masks": {name: f"0x{placed.values[name]:016x}" for name in found.masks},
        "proved": f"0x{proved:016x}",
        "others": [
            {
                "bit": bit.number,
                "names": [name for name in found.masks if placed.values[name] == 1 << bit.number],
                "verdict": bit.verdict,
                "broken": list(bit.broken),
                "reason": bit.reason,
            }
            for bit in placed.bits
            if bit.verdict != PROVED
        ],
    }
