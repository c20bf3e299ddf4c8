"""Which module of the library declares a name: for the help beside a name that nothing declares."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from spteproof.grammar.diagnostics import Diagnostic

_UNKNOWN = frozenset({"name.unknown:name", "name.unknown:layout", "name.unknown:agent", "name.unknown:interface"})
_DECLARES = re.compile(
    r"^(?:layout|family|interface|era|predicate|function|helper|agent|ghost\s+\w+)\s+([A-Za-z_]\w*)", re.MULTILINE
)
_FOLDER = "kvm"
"""The modules that others are meant to use; the rest of the library states theorems."""


def with_use(diagnostic: Diagnostic, root: Path) -> Diagnostic:
    """The diagnostic; where a module of the library declares its name, with the `use` of that as help."""
    if diagnostic.id not in _UNKNOWN or diagnostic.place is None:
        return diagnostic
    word = re.match(r"[A-Za-z_]\w*", diagnostic.place.text())
    module = None if word is None else _modules(root).get(word.group())
    if word is None or module is None:
        return diagnostic
    return replace(diagnostic, help=f"`{word.group()}` is in the library: add `use {module};`")


@lru_cache(maxsize=2)
def _modules(root: Path) -> Mapping[str, str]:
    """For each name that a module declares at its top, the module. What cannot be read declares nothing."""
    found: dict[str, str] = {}
    for path in sorted((root / _FOLDER).rglob("*.spte")):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue
        dotted = ".".join(path.relative_to(root).with_suffix("").parts)
        for name in _DECLARES.findall(text):
            found.setdefault(name, dotted)
    return found
