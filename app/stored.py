"""Results to JSON and back, for the cache. Sources are stored by name and found again among those at hand."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from spteproof.grammar.source import Place, Source
from spteproof.solver.results import Counterexample, Result, Row, Scope, Skipped

_KINDS: dict[str, type] = {each.__name__: each for each in (Counterexample, Result, Row, Scope, Skipped)}


def to_stored(value: Any) -> Any:
    """A value of JSON: dataclasses become objects with their kind, tuples lists, places lists of five."""
    if isinstance(value, Place):
        return {"kind": "Place", "at": [value.source.name, value.start, value.end, value.line, value.column]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {each.name: to_stored(getattr(value, each.name)) for each in dataclasses.fields(value)}
        return {"kind": type(value).__name__, "parts": parts}
    if isinstance(value, Mapping):
        return {"kind": "dict", "items": [[key, to_stored(each)] for key, each in value.items()]}
    if isinstance(value, (list, tuple)):
        return [to_stored(each) for each in value]
    return value


def from_stored(value: Any, sources: Mapping[str, Source]) -> Any:
    """The value again; lists become tuples. Raises KeyError, TypeError or ValueError for what `to_stored` did not
    make."""
    if isinstance(value, list):
        return tuple(from_stored(each, sources) for each in value)
    if not isinstance(value, dict):
        return value
    if value["kind"] == "Place":
        name, start, end, line, column = value["at"]
        return Place(source=sources[name], start=start, end=end, line=line, column=column)
    if value["kind"] == "dict":
        return {key: from_stored(each, sources) for key, each in value["items"]}
    parts = {name: from_stored(each, sources) for name, each in value["parts"].items()}
    return _KINDS[value["kind"]](**parts)
