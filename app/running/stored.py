"""Results to JSON and back, for the cache. Sources are stored by name and found again among those at hand."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from spteproof.grammar.source import Place, Source
from spteproof.solver.questions import Opinion
from spteproof.solver.results import Counterexample, Result, Row, Scope, Skipped

_KINDS: dict[str, type] = {each.__name__: each for each in (Counterexample, Opinion, Result, Row, Scope, Skipped)}


SHARED_SIZE = 16
"""A mapping with so many items is stored once, however often it occurs: counterexamples hold their layout's names."""


def to_stored(values: Sequence[Any]) -> Any:
    """Values of JSON: dataclasses become objects with their kind, tuples lists, places lists of five."""
    storing = _Storing()
    stored = [storing.value(each) for each in values]
    return {"shared": storing.shared, "values": stored}


class _Storing:
    """`shared` are the mappings stored once; they are kept alive, so that no other has their identity."""

    def __init__(self) -> None:
        self.shared: list[Any] = []
        self._at: dict[int, tuple[int, object]] = {}

    def value(self, value: Any) -> Any:
        if isinstance(value, Place):
            return {"kind": "Place", "at": [value.source.name, value.start, value.end, value.line, value.column]}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            parts = {each.name: self.value(getattr(value, each.name)) for each in dataclasses.fields(value)}
            return {"kind": type(value).__name__, "parts": parts}
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, (list, tuple)):
            return [self.value(each) for each in value]
        return value

    def _mapping(self, value: Mapping[Any, Any]) -> Any:
        if id(value) in self._at:
            return {"kind": "shared", "at": self._at[id(value)][0]}
        stored = {"kind": "dict", "items": [[key, self.value(each)] for key, each in value.items()]}
        if len(value) < SHARED_SIZE:
            return stored
        self._at[id(value)] = (len(self.shared), value)
        self.shared.append(stored)
        return {"kind": "shared", "at": len(self.shared) - 1}


def from_stored(value: Any, sources: Mapping[str, Source]) -> list[Any]:
    """The values again; lists become tuples. Raises KeyError, IndexError, TypeError or ValueError for what `to_stored`
    did not make."""
    shared = [_again(each, sources, ()) for each in value["shared"]]
    return [_again(each, sources, shared) for each in value["values"]]


def _again(value: Any, sources: Mapping[str, Source], shared: Sequence[Any]) -> Any:
    if isinstance(value, list):
        return tuple([_again(each, sources, shared) for each in value])
    if not isinstance(value, dict):
        return value
    kind = value["kind"]
    if kind == "Place":
        name, start, end, line, column = value["at"]
        return Place(source=sources[name], start=start, end=end, line=line, column=column)
    if kind == "shared":
        return shared[value["at"]]
    if kind == "dict":
        return {key: _again(each, sources, shared) for key, each in value["items"]}
    parts = {name: _again(each, sources, shared) for name, each in value["parts"].items()}
    return _KINDS[kind](**parts)
