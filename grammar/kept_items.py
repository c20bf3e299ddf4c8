"""The items of texts that were read before, so that a text that did not change costs no parsing."""

import hashlib
import pickle
import sys
from collections.abc import Mapping
from functools import cache
from importlib import resources

from spteproof.grammar import surface as s
from spteproof.grammar.kept import NotPlain, keep, kept, unpacked

_MAKERS = ("spte.lark", "surface.py", "building.py", "building_items.py", "parsing.py", "splitting.py", "reading.py")
"""The files that decide what a text is read as: with another of them, everything is read again."""


def kept_items(text: str) -> tuple[s.Item, ...] | None:
    """The items of a text without errors, if they were kept."""
    data = kept(_name(text))
    if data is None:
        return None
    try:
        items: tuple[s.Item, ...] = unpacked(data, _classes())
    except NotPlain:
        return None
    return items


@cache
def _classes() -> Mapping[str, type]:
    """The kinds of nodes that items are made of."""
    found = {name: value for name, value in vars(s).items() if isinstance(value, type)}
    return {name: value for name, value in found.items() if issubclass(value, s.Surface)}


def keep_items(text: str, items: tuple[s.Item, ...]) -> None:
    keep(_name(text), pickle.dumps(items, protocol=5))


def _name(text: str) -> str:
    whole = _makers() + text.encode("utf-8", "surrogatepass")
    return f"items-{hashlib.sha256(whole).hexdigest()[:32]}"


@cache
def _makers() -> bytes:
    """A digest of what makes items of a text."""
    own = resources.files("spteproof.grammar")
    parts = [own.joinpath(name).read_bytes() for name in _MAKERS]
    return hashlib.sha256(b"".join([sys.version.encode(), *parts])).digest()
