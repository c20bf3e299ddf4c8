"""What the JSON of a bundle looks like: whatever is of another shape is refused before it is used."""

import json
from typing import Any

Shape = Any
"""A type; None; a range of integers; a tuple of shapes, one of which fits; a list of one shape for lists of any length;
a dict of shapes by key, where a key that ends with `?` may be left out, and the key `*` stands for any."""

WORDS, QUESTIONS = [str], [[str]]

MANIFEST: Shape = {
    "schema": str,
    "made_by": {"*": str},
    "asked": {"layouts": WORDS, "eras": WORDS, "timeout_seconds": (int, float), "effort": int},
    "texts": [{"place": str, "sha256": str, "asked": bool, "links": WORDS}],
    "parts": {"*": [(str, None)]},
    "lost": WORDS,
}

_VERDICT: Shape = {
    "property": str,
    "line": int,
    "layout": str,
    "era": (str, None),
    "params": {"*": str},
    "verdict": str,
    "reason": (str, None),
    "arguments": WORDS,
}
_SCRIPT: Shape = {
    "digest": str,
    "about": str,
    "no?": QUESTIONS,
    "yes?": QUESTIONS,
    "open?": QUESTIONS,
    "refutation?": {"obligation": str, "clauses": str, "lemmas": str},
    "satisfactions?": [{"asked": QUESTIONS, "obligation": str, "values": str}],
    "not refuted?": str,
    "not satisfied?": str,
}
_CASE: Shape = {
    "layout": str,
    "era": (str, None),
    "params": {"*": str},
    "placement": str,
    "sections": [{"claims": (WORDS, None), "order": int, "trusting": bool, "scripts": [int]}],
    "witnesses": [{"claim": str, "bits": int, "witness": str}],
}
PART: Shape = {"theorem": str, "number": int, "verdicts": [_VERDICT], "scripts": [_SCRIPT], "cases": [_CASE]}

_WORD = range(1 << 64)
_VALUE = (_WORD, bool)
_VALUES: Shape = {"*": _VALUE}
_STATE: Shape = {"entry": _WORD, "ghosts": _VALUES}
_SITE: Shape = [[(str, int)]]
_TAKEN: Shape = {
    "transition": _WORD,
    "name": str,
    "agent": str,
    "arguments": [_VALUE],
    "inputs": _VALUES,
    "before": _STATE,
    "after": _STATE,
}
WITNESS: Shape = {
    "start": _STATE,
    "parameters": _VALUES,
    "inputs": [[(_SITE, _VALUE)]],
    "steps": [[(_SITE, None, [_TAKEN])]],
    "schedule": WORDS,
}


def parsed(text: str | bytes, shape: Shape) -> Any:
    """The JSON value that a text is. Raises ValueError where it is none, says a name twice, or has another shape."""
    try:
        value = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refused)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not _fits(value, shape):
        raise ValueError("it has another shape")
    return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it says a name twice")
    return found


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _fits(value: Any, shape: Shape) -> bool:
    match shape:
        case None:
            return value is None
        case range():
            return type(value) is int and value in shape
        case tuple():
            return any(_fits(value, each) for each in shape)
        case [each]:
            return type(value) is list and all(_fits(one, each) for one in value)
        case {"*": each}:
            return type(value) is dict and all(_fits(one, each) for one in value.values())
        case dict():
            return type(value) is dict and _fits_keys(value, shape)
    return type(value) is shape


def _fits_keys(value: dict[str, Any], shape: dict[str, Shape]) -> bool:
    needed = {key for key in shape if not key.endswith("?")}
    allowed = {key.removesuffix("?"): each for key, each in shape.items()}
    return needed <= value.keys() <= allowed.keys() and all(_fits(one, allowed[key]) for key, one in value.items())
