"""Which text a verdict belongs to.

A theorem's verdict rests on the theorem's own text, on every other item of its module that is no theorem, and on all
texts that the module uses. It does not rest on other theorems, nor on where in the module things stand. So a verdict is
known by a digest of just these: while that stays the same the verdict holds, and when it changes the verdict is gone.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
