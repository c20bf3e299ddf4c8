"""Results to JSON and back, for the cache and the editor. Sources are stored by name and found again among those at
hand. Whatever occurs again and again (scopes, places, a layout's names) is stored once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from spteproof.grammar.source import Place, Source
from spteproof.solver.questions import Opinion
from spteproof.solver.results import Counterexample, Result, Row, Scope, Skipped

_KINDS: dict[str, type] = {each.__name__: each for each in (Counterexample, Opinion, Result, Row, Scope, Skipped)}
_AT = "@"


def to_stored(values: Sequence[Any]) -> Any:
    """Values of JSON: `nodes`, each a list of its kind and its parts, and `values`, as parts. A part is a value of JSON
    that has no parts itself, a list of such ones (a tuple), or `{"@": n}`, the node n, which stands before it."""
    storing = _Storing()
    parts = [storing.part(each) for each in values]
    return {"nodes": storing.nodes, "values": parts}


class _Storing:
    """`nodes` are all different; what is equal but of another type (1, true) is written differently."""

    def __init__(self) -> None:
        self.nodes: list[list[Any]] = []
        self._at: dict[str, int] = {}

    def part(self, value: Any) -> Any:
        if value is None or isinstance(value, (str, int, float)):
            return value
        if isinstance(value, Place):
            return self._node(["Place", value.source.name, value.start, value.end, value.line, value.column])
        if isinstance(value, Mapping):
            return self._node(["dict", *[part for item in value.items() for part in map(self.part, item)]])
        if isinstance(value, (list, tuple)):
            parts = [self.part(each) for each in value]
            return parts if not any(isinstance(each, (list, dict)) for each in parts) else self._node(["tuple", *parts])
        kind = type(value).__name__
        return self._node([kind, *[self.part(getattr(value, name)) for name in _names(kind)]])

    def _node(self, node: list[Any]) -> dict[str, int]:
        number = self._at.setdefault(json.dumps(node), len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
        return {_AT: number}


@cache
def _names(kind: str) -> tuple[str, ...]:
    return tuple(each.name for each in fields(_KINDS[kind]))


def from_stored(stored: Any, sources: Mapping[str, Source]) -> list[Any]:
    """The values again; lists become tuples. Raises KeyError, IndexError, TypeError or ValueError for what `to_stored`
    did not make."""
    made: list[Any] = []

    def again(part: Any) -> Any:
        if type(part) is dict:
            return made[part[_AT]]
        return tuple(part) if type(part) is list else part

    for kind, *parts in stored["nodes"]:
        if kind == "Place":
            name, start, end, line, column = parts
            made.append(Place(source=sources[name], start=start, end=end, line=line, column=column))
            continue
        values = [again(each) for each in parts]
        if kind == "dict":
            made.append(dict(zip(values[::2], values[1::2], strict=True)))
        elif kind == "tuple":
            made.append(tuple(values))
        else:
            made.append(_KINDS[kind](**dict(zip(_names(kind), values, strict=True))))
    return [again(each) for each in stored["values"]]


def stored_verdicts(stored: Any) -> Iterator[str]:
    """The verdicts among the values that are results."""
    position = 1 + _names(Result.__name__).index("verdict")
    for each in stored["values"]:
        node = stored["nodes"][each[_AT]]
        if node[0] == Result.__name__:
            yield node[position]
