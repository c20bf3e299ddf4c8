"""Which text a verdict belongs to.

A theorem's verdict rests on the theorem's own text, on every other item of its module that is no theorem, and on all
texts that the module uses. It does not rest on other theorems, nor on where in the module things stand. So a verdict is
known by a digest of just these: while that stays the same the verdict holds, and when it changes the verdict is gone.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spteproof.grammar.names import Module
from spteproof.grammar.source import Source
from spteproof.grammar.splitting import Stretch, stretches

_THEOREM = re.compile(r"(?:theorem|lemma)\b\s*([A-Za-z_]\w*)?")
_LAYOUT = re.compile(r"layout\s+([A-Za-z_]\w*)")


@dataclass(frozen=True)
class Keyed:
    """The parts of one text: `theorems` and `layouts` are its tasks' stretches by name, those alone that have a name of
    their own; `parts` is every stretch."""

    text: str
    parts: tuple[Stretch, ...]
    theorems: Mapping[str, Stretch]
    layouts: Mapping[str, Stretch]
    foundation: str

    def key(self, task: str) -> str | None:
        """None where the text has no such task."""
        if task in self.theorems:
            part = self.theorems[task]
            return digest(self.foundation, self.text[part.start : part.end])
        return digest(self.foundation, "layout", task) if task in self.layouts else None

    def tasks(self) -> list[str]:
        return [*self.layouts, *self.theorems]


def keyed(name: str, text: str, others: Iterable[Source], budget: str) -> Keyed:
    """`name` tells the text from others, which it uses; `budget` is what a proof may cost."""
    parts = tuple(stretches(text))
    theorems: dict[str, list[Stretch]] = {}
    layouts: dict[str, Stretch] = {}
    ground: list[str] = [name, budget]
    for part in parts:
        found = _THEOREM.match(text, part.start, part.end)
        if found is not None:
            theorems.setdefault(found[1] or "", []).append(part)
            continue
        ground.append(text[part.start : part.end])
        layout = _LAYOUT.match(text, part.start, part.end)
        if layout is not None:
            layouts[layout[1]] = part
    used = sorted(json.dumps([each.name, each.text]) for each in others)
    alone = {name: each[0] for name, each in theorems.items() if name and len(each) == 1}
    return Keyed(text, parts, alone, layouts, digest(json.dumps(ground), *used))


def digest(*texts: str) -> str:
    whole = hashlib.sha256()
    for each in texts:
        data = each.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8, "little") + data)
    return whole.hexdigest()


def texts_digest(sources: Iterable[Source]) -> str:
    """What tells one set of texts from another."""
    return digest(*sorted(json.dumps([each.name, each.text]) for each in sources))


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
