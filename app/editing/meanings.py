"""What a name stands for in a module: the first half of finding all its names."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from spteproof.grammar import surface as s
from spteproof.grammar.bodies import BUILT_IN, ENTRY_WORDS
from spteproof.grammar.memory_operations import SIGNATURES
from spteproof.grammar.names import Entity, Kind, Module, Names, View
from spteproof.grammar.source import Place, Source

GLOBAL, MASK, LOCAL, MODULE, INVARIANT, STEP, THREAD, LOCK, OPERATION, INSTANT, UNKNOWN = (
    "global",
    "mask",
    "local",
    "module",
    "invariant",
    "step",
    "thread",
    "lock",
    "operation",
    "instant",
    "unknown",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """What a name stands for. `kind` is one of the words above; `entity` is a global's; `homes` say where it is
    declared, so that two things of one name are told apart; `places` are those declarations."""

    kind: str
    name: str
    homes: frozenset[str] = frozenset()
    entity: Entity | None = None
    places: tuple[Place, ...] = ()
    sort: str = ""

    def same(self, other: "Symbol") -> bool:
        return self.kind == other.kind and self.name == other.name and bool(self.homes & other.homes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One name at [start, end)."""

    start: int
    end: int
    symbol: Symbol
    declares: bool = False


def home(source: Source) -> str:
    """What tells texts apart."""
    return source.name if source.path is None else os.path.realpath(source.path)


Locals = dict[str, Symbol]


class Meanings:
    """`scopes` are the locals that can be seen, innermost last; `era` is the one whose item is read."""

    def __init__(self, names: Names, module: Module) -> None:
        self.names, self.module = names, module
        self.view = View(names, module)
        self.scopes: list[Locals] = []
        self.found: list[Occurrence] = []
        self._masks: dict[str, Symbol] = {}
        self._globals: dict[tuple[str, str | None], Symbol | None] = {}

    # What a name stands for ------------------------------------------------------------------------------

    def local(self, name: str) -> Symbol | None:
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), None)

    def entity(self, name: str) -> Symbol | None:
        key = name, self.view.era
        if key not in self._globals:
            entity = self.view.entity(name)
            self._globals[key] = None if entity is None else self._of_entity(entity)
        return self._globals[key]

    def _of_entity(self, entity: Entity) -> Symbol:
        """What an interface declares and what eras supply for it are one thing."""
        outer = self.names.globals.get(entity.name)
        first = outer if outer is not None and outer.interface is not None else entity
        places = [first.place]
        if first.interface is not None or first.era is not None:
            inside = [items[entity.name].place for items in self.names.eras.values() if entity.name in items]
            places = list(dict.fromkeys([*places, *inside]))
        homes = frozenset(home(place.source) for place in places)
        return Symbol(kind=GLOBAL, name=entity.name, homes=homes, entity=entity, places=tuple(places))

    def mask(self, name: str) -> Symbol | None:
        word = self.view.word(name)
        if word is None:
            return None
        if name not in self._masks:
            places = dict.fromkeys(
                self.names.words_of_layout[layout.name][name].place
                for layout in self.view.of_kind(Kind.LAYOUT)
                if name in self.names.words_of_layout.get(layout.name, {})
            )
            homes = frozenset(home(place.source) for place in places)
            self._masks[name] = Symbol(kind=MASK, name=name, homes=homes, places=tuple(places), sort=word.sort.value)
        return self._masks[name]

    def meaning(self, name: str) -> Symbol:
        """Of a name in an expression or statement."""
        found = self.local(name) or self.entity(name) or self.mask(name)
        if found is not None:
            return found
        if name in SIGNATURES or name in BUILT_IN:
            return Symbol(kind=OPERATION, name=name)
        if name in ENTRY_WORDS or name == "sptep":
            return Symbol(kind=INSTANT, name=name)
        return Symbol(kind=UNKNOWN, name=name)

    # What is found ---------------------------------------------------------------------------------------

    def add(self, word: s.Word | s.Name, symbol: Symbol, *, declares: bool = False) -> None:
        self.found.append(Occurrence(start=word.start, end=word.end, symbol=symbol, declares=declares))

    def use(self, word: s.Word | s.Name | None) -> None:
        if word is not None:
            self.add(word, self.meaning(word.text))

    def uses(self, words: Iterable[s.Word] | None) -> None:
        for word in words or ():
            self.use(word)

    def use_mask(self, word: s.Word, *, declares: bool = False) -> None:
        symbol = self.mask(word.text) or Symbol(kind=UNKNOWN, name=word.text)
        self.add(word, symbol, declares=declares)

    def here(self, kind: str, word: s.Word, *, sort: str = "") -> Symbol:
        """Something that is declared by this very word and seen in this module only."""
        place = self.module.place(word)
        return Symbol(
            kind=kind,
            name=word.text,
            homes=frozenset([f"{home(self.module.source)}:{word.start}"]),
            places=(place,),
            sort=sort,
        )

    def named(self, kind: str, word: s.Word, *, declares: bool) -> None:
        """A lock or an invariant: known by its name alone."""
        places = (self.module.place(word),) if declares else ()
        self.add(word, Symbol(kind=kind, name=word.text, homes=frozenset([kind]), places=places), declares=declares)

    def declare(self, word: s.Word, sort: str) -> None:
        symbol = self.here(LOCAL, word, sort=sort)
        self.scopes[-1][word.text] = symbol
        self.add(word, symbol, declares=True)

    def declare_global(self, word: s.Word) -> None:
        symbol = self.entity(word.text) or Symbol(kind=UNKNOWN, name=word.text)
        self.add(word, symbol, declares=True)
