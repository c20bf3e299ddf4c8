"""What was kept of a text, taken to the text as it is now."""

import re
from collections.abc import Sequence
from typing import Any

from spteproof.grammar.names import Module
from spteproof.grammar.source import Place, Source
from spteproof.running.keys import Keyed

_PLACE = Place.__name__
_LINE = re.compile(r"\S:[0-9]")

Marks = Sequence[Sequence[Any]]
"""`Keyed.marks`, or what became of them in JSON."""


def can_move(stored: Any, old: Marks, new: Keyed) -> bool:
    """Whether all that was stored holds of the new state, once places are put right. Words that may tell a line
    (`a.spte:31`, `found:46`) cannot be."""
    return old == new.marks or not any(_tells_line(each) for each in stored["nodes"] if each[0] != _PLACE)


def moved(stored: Any, name: str, old: Marks, new: Keyed) -> Any:
    """What was stored of a task's results (`spteproof.running.stored`), with the places in the text `name` as they are
    in its new state. Raises KeyError where it cannot be moved, or some part is no longer there; the caller compares
    keys first."""
    if old == new.marks:
        return stored
    if not can_move(stored, old, new):
        raise KeyError(name)
    moving = _Moving(name, old, new)
    return {**stored, "nodes": [moving.node(each) for each in stored["nodes"]]}


class _Moving:
    def __init__(self, name: str, old: Marks, new: Keyed) -> None:
        self.name, self.old = name, old
        self.module = Module(source=Source(name=name, text=new.text), items=())
        self.there = {mark: start for start, _, mark in new.marks}

    def node(self, node: list[Any]) -> list[Any]:
        if node[0] == _PLACE and node[1] == self.name:
            return [_PLACE, *self._at(node[2], node[3])]
        return node

    def _at(self, start: int, end: int) -> list[Any]:
        for begins, ends, mark in self.old:
            if begins <= start < ends:
                by = self.there[mark] - begins
                place = self.module.stretch(start + by, end + by)
                return [self.name, place.start, place.end, place.line, place.column]
        raise KeyError(start)


def _tells_line(part: Any) -> bool:
    if isinstance(part, list):
        return any(map(_tells_line, part))
    return isinstance(part, str) and _LINE.search(part) is not None
