"""One item's text to its surface node, or to the diagnostic that says why not."""

import hashlib
import os
import sys
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from spteproof.grammar import surface as s
from spteproof.grammar.building import SurfaceError
from spteproof.grammar.building_items import ModuleBuilder

if TYPE_CHECKING:
    from lark import Lark


class ItemParser:
    """The parser with its builder; `words` tells how each terminal is written where it is written in one way only."""

    def __init__(self) -> None:
        self._builder = ModuleBuilder()
        self._lark = _load(self._builder)
        self.words: Mapping[str, str] = {
            terminal.name: terminal.pattern.value for terminal in self._lark.terminals if terminal.pattern.type == "str"
        }

    def item(self, text: str, start: int, end: int) -> s.Item:
        """The item at [start, end). Raises SurfaceError, or lark's UnexpectedInput."""
        self._builder.base = start
        item: s.Item = self._lark.parse(text[start:end])  # type: ignore[assignment]
        return item


@cache
def item_parser() -> ItemParser:
    """The one parser of the process; building it takes half a second the first time on a machine, then 10 ms."""
    return ItemParser()


def grammar_text() -> str:
    return resources.files("spteproof.grammar").joinpath("spte.lark").read_text(encoding="utf-8")


def _load(builder: ModuleBuilder) -> "Lark":
    from lark import Lark

    stored = _stored_grammar()
    parser = Lark(
        grammar_text(),
        parser="lalr",
        lexer="contextual",
        maybe_placeholders=True,
        keep_all_tokens=True,
        transformer=builder,
        cache=str(stored) if stored else False,
    )
    if stored:
        _vouch(stored)
    return parser


def _stored_grammar() -> Path | None:
    """Where the analysed grammar is kept between runs, without a damaged file there; None where nothing can be kept."""
    from lark import __version__

    key = hashlib.sha256(f"{grammar_text()}{__version__}{sys.version}".encode()).hexdigest()[:16]
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spteproof"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stored = folder / f"grammar-{key}"
        if stored.exists() and not _is_whole(stored):
            stored.unlink()
    except (OSError, RuntimeError):
        return None
    return stored if os.access(folder, os.W_OK) else None


def _is_whole(stored: Path) -> bool:
    """Whether a kept grammar is as it was written: unpickling a damaged one may do anything."""
    try:
        return _digest(stored) == stored.with_suffix(".sum").read_text(encoding="utf-8")
    except (FileNotFoundError, ValueError):
        return False


def _vouch(stored: Path) -> None:
    """Writes the digest that tells a whole file from a damaged one."""
    try:
        if not stored.with_suffix(".sum").exists() or _digest(stored) != stored.with_suffix(".sum").read_text(
            encoding="utf-8"
        ):
            stored.with_suffix(".sum").write_text(_digest(stored), encoding="utf-8")
    except (OSError, ValueError):
        return


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


__all__ = ["ItemParser", "SurfaceError", "grammar_text", "item_parser"]
