"""Which text a verdict belongs to.

A theorem's verdict rests on the theorem's own text, on every other item of its module that is no theorem, and on all
texts that the module uses. It does not rest on other theorems, nor on where in the module things stand. So a verdict is
known by a digest of just these: while that stays the same the verdict holds, and when it changes the verdict is gone.
Which of its layouts and eras a run asks for belongs to the digest, too.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from spteproof.grammar.checked import Library
from spteproof.grammar.modules import Loaded
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

    @cached_property
    def marks(self) -> list[list[Any]]:
        """Where each part begins and ends, and what tells it from the others wherever it stands."""
        seen: dict[str, int] = {}
        found = []
        for part in self.parts:
            text = self.text[part.start : part.end]
            seen[text] = seen.get(text, 0) + 1
            found.append([part.start, part.end, f"{digest(text)[:32]} {seen[text]}"])
        return found

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
    used = sorted(_whole(each.name, each.text) for each in others)
    alone = {name: each[0] for name, each in theorems.items() if name and len(each) == 1}
    return Keyed(text, parts, alone, layouts, digest(json.dumps(ground), *used))


def digest(*texts: str) -> str:
    whole = hashlib.sha256()
    for each in texts:
        data = each.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8, "little") + data)
    return whole.hexdigest()


@lru_cache(maxsize=1024)
def _whole(name: str, text: str) -> str:
    return digest(name, text)


class Keys:
    """The keys of a library's tasks; one that has none of its own has that of all texts that it can speak of. A
    library that was narrowed has other keys: the families that say so may stand in texts that no theorem uses."""

    def __init__(self, loaded: Loaded, library: Library) -> None:
        self._seen = loaded.seen
        self._stated_in = {
            name: item.place.source.name for name, item in [*library.layouts.items(), *library.theorems.items()]
        }
        self._ranges = {name: json.dumps([each.layouts, each.eras]) for name, each in library.theorems.items()}
        self._states: dict[str, Keyed] = {}

    def of(self, task: str) -> str:
        """A digest of all texts that can change the task's verdicts, and of the layouts and eras that are asked for."""
        return digest(self.state(task).key(task) or self.whole(task), self._ranges.get(task, ""))

    def whole(self, task: str) -> str:
        """A digest of all texts that the one which states it can speak of, itself included."""
        return texts_digest(self._seen[self.stated_in(task)])

    def stated_in(self, task: str) -> str:
        """The name of the text that states it."""
        return self._stated_in[task]

    def state(self, task: str) -> Keyed:
        """The text that states it, as it is."""
        name = self.stated_in(task)
        if name not in self._states:
            own, *others = sorted(self._seen[name], key=lambda each: each.name != name)
            self._states[name] = keyed(name, own.text, others, "")
        return self._states[name]


def texts_digest(sources: Iterable[Source]) -> str:
    """What tells one set of texts from another."""
    return digest(*sorted(_whole(each.name, each.text) for each in sources))
