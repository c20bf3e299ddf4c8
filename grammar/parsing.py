"""One item's text to its surface node, or to the diagnostic that says why not."""

import hashlib
import io
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from spteproof.grammar import surface as s
from spteproof.grammar.building_items import ModuleBuilder
from spteproof.grammar.kept import NotPlain, keep, kept, unpacked

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

    def item(self, text: str, start: int) -> s.Item:
        """The item of a text that begins at `start`. Raises SurfaceError, or lark's UnexpectedInput."""
        self._builder.base = start
        item: s.Item = self._lark.parse(text)  # type: ignore[assignment]
        return item

    def words_of(self, text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
        """The tokens of the item at [start, end), each as (terminal, start, end). Raises what `item` raises."""
        self._builder.base = start
        for token in self._lark.parse_interactive(text[start:end]).iter_parse():
            assert token.start_pos is not None
            yield token.type, start + token.start_pos, start + token.start_pos + len(token)

    def after(self, text: str, start: int, end: int) -> frozenset[str]:
        """The terminals that may come behind [start, end), the beginning of an item. Raises what `item` raises."""
        self._builder.base = start
        interactive = self._lark.parse_interactive(text[start:end])
        interactive.exhaust_lexer()
        return frozenset(interactive.accepts())  # type: ignore[no-untyped-call]


@cache
def item_parser() -> ItemParser:
    """The one parser of the process; building it takes half a second the first time on a machine, then 10 ms."""
    return ItemParser()


def grammar_text() -> str:
    return resources.files("spteproof.grammar").joinpath("spte.lark").read_text(encoding="utf-8")


def _load(builder: ModuleBuilder) -> "Lark":
    """The parser of the grammar, from what a run before kept of it: tables, which are plain values."""
    from lark import Lark, __version__

    name = f"grammar-{hashlib.sha256(f'{grammar_text()}{__version__}{sys.version}'.encode()).hexdigest()[:16]}"
    before = kept(name)
    if before is not None:
        with suppress(NotPlain, LookupError, TypeError, AttributeError, ValueError):
            tables = unpacked(before, {})
            parser: Lark = Lark._load_from_dict(  # type: ignore[no-untyped-call]  # as Lark.load, with options
                tables["data"], tables["memo"], transformer=builder
            )
            return parser
    parser = _analysed(builder)
    stored = io.BytesIO()
    parser.save(stored, exclude_options=["transformer"])
    keep(name, stored.getvalue())
    return parser


def _analysed(builder: ModuleBuilder) -> "Lark":
    from lark import Lark

    return Lark(
        grammar_text(),
        parser="lalr",
        lexer="contextual",
        maybe_placeholders=True,
        keep_all_tokens=True,
        transformer=builder,
    )
