"""What was checked of a run's texts, for later runs in which one of them has another body.

What an item means depends on its own text and on what the names that it can see are declared as, not on the bodies of
others. Where all declarations are as they were, an item of a text that was not read anew is not checked again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from spteproof.grammar import checked as c
from spteproof.grammar.definitions import Definition
from spteproof.grammar.layout_drafts import Draft, Valued
from spteproof.grammar.names import Entity, Names
from spteproof.grammar.theorems import Stated
from spteproof.grammar.uses import Uses

Finished = tuple[c.Layout, Mapping[str, Uses], Uses]


@dataclass(slots=True)
class Known:
    """Filled by the first run that has no error; empty until then. Items are told apart by their identity: a text that
    is not read anew has the same."""

    declared: object = None
    definitions: dict[tuple[int, str | None], Definition] = field(default_factory=dict)
    layouts: dict[tuple[int, ...], Finished] = field(default_factory=dict)
    theorems: dict[int, Stated] = field(default_factory=dict)
    valued: dict[tuple[int, ...], Valued] = field(default_factory=dict)
    """What the names of a layout are: its own text and those that it extends say it alone."""
    items: list[object] = field(default_factory=list)
    """What the identities belong to, so that they stay theirs."""

    def take(self, found: "Known", names: Names) -> None:
        self.declared, self.definitions = found.declared, found.definitions
        self.layouts, self.theorems, self.valued = found.layouts, found.theorems, found.valued
        self.items = [item for module in names.modules for item in module.items]
        self.items += [entity.item for entity in _entities(names)]


def _entities(names: Names) -> list[Entity]:
    inside = [entity for items in names.eras.values() for entity in items.values()]
    return [*names.globals.values(), *inside]


def declared(
    names: Names,
    drafts: Mapping[str, Draft],
    families: object,
    layouts_of_eras: Mapping[str, tuple[str, ...] | None],
) -> object:
    """All that one item can know of the others, to be compared."""
    modules = [
        (each.source.name, each.asked, each.open, each.poisoned, tuple(used.source.name for used in each.uses))
        for each in names.modules
    ]
    eras = {era: {name: _entity(each) for name, each in items.items()} for era, items in names.eras.items()}
    words = {name: {word: each.sort for word, each in draft.words.items()} for name, draft in drafts.items()}
    entities = [_entity(each) for each in names.globals.values()]
    return modules, eras, words, entities, families, dict(layouts_of_eras)


def _entity(each: Entity) -> tuple[object, ...]:
    where = each.module.source.name, each.interface, each.era
    return each.kind, each.name, each.parameters, each.sort, each.locks, *where
