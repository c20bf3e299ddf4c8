"""What is declared where, and what a name means in a module and an era."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from spteproof.grammar import surface as s
from spteproof.grammar.checked import Lock, Parameter, Sort
from spteproof.grammar.source import Place, Source


@dataclass(eq=False)
class Module:
    """A module as it was read. `poisoned` are names that a broken item of it declares; `open` says that more names
    may be declared than are known, so that none can be called unknown. `uses` are the modules it uses."""

    source: Source
    items: tuple[s.Item, ...]
    poisoned: frozenset[str] = frozenset()
    open: bool = False
    asked: bool = False
    dotted: str | None = None
    uses: list["Module"] = field(default_factory=list)

    @cached_property
    def _lines(self) -> list[int]:
        """The offset at which each line begins."""
        starts, at = [0], self.source.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.source.text.find("\n", at + 1)
        return starts

    def place(self, node: s.Surface) -> Place:
        return self.stretch(node.start, node.end)

    def stretch(self, start: int, end: int) -> Place:
        line = bisect_right(self._lines, start)
        return Place(source=self.source, start=start, end=end, line=line, column=start - self._lines[line - 1] + 1)

    @cached_property
    def seen(self) -> tuple["Module", ...]:
        """This module and all it uses, at once or through others: what its text may speak of."""
        found: dict[int, Module] = {}
        pending = [self]
        while pending:
            module = pending.pop()
            if id(module) not in found:
                found[id(module)] = module
                pending.extend(module.uses)
        return tuple(found.values())


class Kind(Enum):
    """What a name stands for; the value is how a person is told."""

    LAYOUT = "a layout"
    FAMILY = "a family"
    GHOST = "a ghost"
    ENTRY = "an entry"
    PREDICATE = "a predicate"
    FUNCTION = "a function"
    HELPER = "a helper"
    AGENT = "an agent"
    THEOREM = "a theorem"
    LEMMA = "a lemma"
    INTERFACE = "an interface"
    ERA = "an era"


@dataclass(frozen=True, kw_only=True, eq=False)
class Entity:
    """A declared name. `parameters` and `sort` are a callable's or agent's (a ghost has a `sort`); `interface` says
    that it is a member of one, `era` that it is declared inside one; `locks` is None where an interface leaves them
    open."""

    kind: Kind
    name: str
    place: Place
    module: Module
    item: s.Item
    parameters: tuple[Parameter, ...] = ()
    sort: Sort | None = None
    locks: tuple[Lock, ...] | None = None
    interface: str | None = None
    era: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutWord:
    """A name that layouts give a meaning: its sort, and where it is declared first."""

    sort: Sort
    place: Place


class Names:
    """All declarations of a run. `eras` maps an era to what is declared in it, inherited items included."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.modules = tuple(modules)
        self.globals: dict[str, Entity] = {}
        self.eras: dict[str, dict[str, Entity]] = {}
        self.words_of_layout: dict[str, Mapping[str, LayoutWord]] = {}
        self._words: dict[int, dict[str, LayoutWord]] = {}
        self._by_kind: dict[Kind, list[Entity]] = {}
        self._sorted = 0

    @cached_property
    def any_open(self) -> bool:
        return any(module.open for module in self.modules)

    @cached_property
    def poisoned(self) -> frozenset[str]:
        return frozenset().union(*[module.poisoned for module in self.modules])

    def of_kind(self, *kinds: Kind) -> list[Entity]:
        if len(kinds) != 1:
            return [entity for entity in self.globals.values() if entity.kind in kinds]
        if self._sorted != len(self.globals):  # nothing is ever taken out
            self._by_kind = {}
            for entity in self.globals.values():
                self._by_kind.setdefault(entity.kind, []).append(entity)
            self._sorted = len(self.globals)
        return list(self._by_kind.get(kinds[0], ()))

    def words(self, module: Module) -> Mapping[str, LayoutWord]:
        """The names that some layout visible in a module declares."""
        if id(module) not in self._words:
            seen = {id(each) for each in module.seen}
            found: dict[str, LayoutWord] = {}
            for entity in self.of_kind(Kind.LAYOUT):
                if id(entity.module) in seen:
                    for name, word in self.words_of_layout.get(entity.name, {}).items():
                        found.setdefault(name, word)
            self._words[id(module)] = found
        return self._words[id(module)]


@dataclass(frozen=True)
class View:
    """What names mean in one module, perhaps inside one of its eras."""

    names: Names
    module: Module
    era: str | None = None

    @cached_property
    def _seen(self) -> frozenset[int]:
        return frozenset(id(each) for each in self.module.seen)

    def entity(self, name: str) -> Entity | None:
        if self.era is not None and name in self.names.eras[self.era]:
            return self.names.eras[self.era][name]
        found = self.names.globals.get(name)
        return found if found is not None and id(found.module) in self._seen else None

    def unseen(self, name: str) -> Entity | None:
        """A declaration of the name in a module that this one does not use."""
        found = self.names.globals.get(name)
        return found if found is not None and id(found.module) not in self._seen else None

    def of_kind(self, *kinds: Kind) -> list[Entity]:
        """The entities of these kinds that are visible here, in the order of their declaration."""
        return [entity for entity in self.names.of_kind(*kinds) if id(entity.module) in self._seen]

    def word(self, name: str) -> LayoutWord | None:
        return self.names.words(self.module).get(name)

    def known(self) -> list[str]:
        """Every name that an expression here might mean."""
        inside = self.names.eras[self.era] if self.era is not None else {}
        return [*self.names.words(self.module), *(each.name for each in self.of_kind(*Kind)), *inside]

    def excused(self, name: str) -> bool:
        """Nothing is to be said about the name: a broken item declares it, or may."""
        return self.names.any_open or name in self.names.poisoned
