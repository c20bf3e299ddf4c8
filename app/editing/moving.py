"""What is known of a text, taken to the text as it is now: places that moved, parts that are blanked."""

import re
from collections.abc import Sequence
from typing import Any

from spteproof.grammar.names import Module
from spteproof.grammar.source import Source
from spteproof.grammar.splitting import Stretch
from spteproof.running.keys import Keyed


def without(text: str, parts: Sequence[Stretch]) -> str:
    """The text with blanks for these parts: all else stays in its place."""
    for part in parts:
        text = text[: part.start] + re.sub(r"[^\r\n]", " ", text[part.start : part.end]) + text[part.end :]
    return text


def moved(stored: Any, name: str, old: Keyed, new: Keyed) -> Any:
    """What was stored of a task's results (`spteproof.running.stored`), with the places in the text `name` as they are
    in its new state. Raises KeyError where some part is no longer there; the caller compares keys first."""
    moving = _Moving(name, old, new)
    return {**stored, "nodes": [moving.node(each) for each in stored["nodes"]]}


class _Moving:
    def __init__(self, name: str, old: Keyed, new: Keyed) -> None:
        self.name, self.old = name, old
        self.module = Module(source=Source(name=name, text=new.text), items=())
        self.there: dict[tuple[str, int], int] = {}
        for number, part in _numbered(new):
            self.there[new.text[part.start : part.end], number] = part.start
        self.numbers = {part.start: number for number, part in _numbered(old)}

    def node(self, node: list[Any]) -> list[Any]:
        if node[0] == "Place" and node[1] == self.name:
            return ["Place", *self._at(node[2], node[3])]
        return node

    def _at(self, start: int, end: int) -> list[Any]:
        part = next((each for each in self.old.parts if each.start <= start < each.end), None)
        if part is None:
            raise KeyError(start)
        by = self.there[self.old.text[part.start : part.end], self.numbers[part.start]] - part.start
        place = self.module.stretch(start + by, end + by)
        return [self.name, place.start, place.end, place.line, place.column]


def _numbered(keyed: Keyed) -> list[tuple[int, Stretch]]:
    """Each part, with how many of the same text come before it."""
    seen: dict[str, int] = {}
    found = []
    for part in keyed.parts:
        text = keyed.text[part.start : part.end]
        found.append((seen.get(text, 0), part))
        seen[text] = seen.get(text, 0) + 1
    return found
