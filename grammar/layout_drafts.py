"""Layouts as texts: what each says itself, and what it takes over from the layout that it extends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.bodies import ENTRY_WORDS, RESERVED
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.eras import known
from spteproof.grammar.names import Entity, Kind, LayoutWord, Module, Names, View
from spteproof.grammar.ordering import dependencies_first

_NOT_FOR_LAYOUTS = RESERVED | ENTRY_WORDS
EXTENDS_LIMIT = 32

Named = s.MaskEntry | s.ValueEntry | s.AliasEntry
Entry = TypeVar("Entry", bound=s.Surface)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Generic[Entry]):
    """An entry, the module whose text it is, and the layout that says it."""

    entry: Entry
    module: Module
    owner: str


@dataclass(kw_only=True)
class Valued:
    """What the names of a layout are."""

    words: dict[str, LayoutWord] = field(default_factory=dict)
    masks: dict[str, c.Mask] = field(default_factory=dict)
    values: dict[str, c.LayoutValue] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def take(self, other: "Valued") -> None:
        """What the names are there, and nobody changes from now on."""
        self.words, self.masks, self.values, self.aliases = other.words, other.masks, other.values, other.aliases


@dataclass(kw_only=True)
class Draft(Valued):
    """A layout on its way to a checked one. `own` are the names that it says itself; `open` that it extends a layout
    that is not known, so that it may hold more names. What its names are is filled in when they are valued."""

    entity: Entity
    base: "Draft | None"
    open: bool
    named: dict[str, Held[Named]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    invariants: dict[str, Held[s.InvariantEntry]] = field(default_factory=dict)
    asserts: list[Held[s.AssertEntry]] = field(default_factory=list)
    groups: list[Held[s.DisjointEntry]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.entity.name

    def final(self, name: str) -> str:
        """The name that an alias stands for; other names are themselves."""
        return self.aliases.get(name, name)


def valued(draft: Draft) -> Valued:
    """What its names are, without the texts that say so."""
    found = Valued()
    found.take(draft)
    return found


def layout_key(draft: Draft) -> tuple[int, ...]:
    """The layout's own item and those that it extends."""
    return (id(draft.entity.item), *(layout_key(draft.base) if draft.base is not None else ()))


def drafts(names: Names, findings: Findings) -> Mapping[str, Draft]:
    """All layouts, each after the one that it extends."""
    layouts = {entity.name: entity for entity in names.of_kind(Kind.LAYOUT)}
    parents = {name: _parent(names, entity, findings) for name, entity in layouts.items()}
    order, cycles = dependencies_first({name: [parent.name] if parent else [] for name, parent in parents.items()})
    for cycle in cycles:
        findings.error(
            "layout.cycle:extends",
            layouts[cycle[0]].place,
            f"layouts extend each other: {' -> '.join([*cycle, cycle[0]][:10])}",
            label="extends itself, at last",
        )
    found: dict[str, Draft] = {}
    depth: dict[str, int] = {}
    for name in order:
        parent = parents[name]
        base = found.get(parent.name) if parent else None
        depth[name] = depth.get(base.name, 0) + 1 if base else 0
        if depth[name] == EXTENDS_LIMIT:
            findings.error(
                "limit.depth:extends",
                layouts[name].place,
                f"more than {EXTENDS_LIMIT} layouts extend one another",
                label="one too many",
            )
        found[name] = _draft(names, layouts[name], base if depth[name] < EXTENDS_LIMIT else None, findings)
    return found


def _parent(names: Names, layout: Entity, findings: Findings) -> Entity | None:
    assert isinstance(layout.item, s.LayoutItem)
    extends = layout.item.extends
    return None if extends is None else known(View(names, layout.module), extends, Kind.LAYOUT, findings)


def _draft(names: Names, entity: Entity, base: Draft | None, findings: Findings) -> Draft:
    item = entity.item
    assert isinstance(item, s.LayoutItem)
    draft = Draft(entity=entity, base=base, open=item.extends is not None and (base is None or base.open))
    if base is not None:
        draft.named, draft.invariants = dict(base.named), dict(base.invariants)
        draft.asserts, draft.groups = list(base.asserts), list(base.groups)
    own_invariants: set[str] = set()
    for entry in item.entries:
        match entry:
            case s.MaskEntry() | s.ValueEntry() | s.AliasEntry():
                _add_name(names, draft, entry, findings)
            case s.InvariantEntry():
                if entry.name.text in own_invariants:
                    _report_twice(draft, entry.name, draft.invariants[entry.name.text].entry.name, findings)
                own_invariants.add(entry.name.text)
                draft.invariants[entry.name.text] = Held(entry=entry, module=entity.module, owner=entity.name)
            case s.DropEntry():
                _drop(draft, entry, findings)
            case s.AssertEntry():
                draft.asserts.append(Held(entry=entry, module=entity.module, owner=entity.name))
            case s.DisjointEntry():
                draft.groups.append(Held(entry=entry, module=entity.module, owner=entity.name))
    return draft


def _add_name(names: Names, draft: Draft, entry: Named, findings: Findings) -> None:
    name, module = entry.name.text, draft.entity.module
    other = View(names, module).entity(name)
    if name in _NOT_FOR_LAYOUTS:
        findings.error(
            "name.reserved:word",
            module.place(entry.name),
            f"`{name}` is a word of the language",
            label="choose another name",
        )
    elif name in draft.own:
        _report_twice(draft, entry.name, draft.named[name].entry.name, findings)
    elif other is not None:
        findings.error(
            "name.duplicate:declaration",
            module.place(entry.name),
            f"`{name}` is declared twice",
            label="declared again",
            others=[(other.place, f"{other.kind.value} of that name is declared here")],
        )
    draft.own.add(name)
    draft.named[name] = Held(entry=entry, module=module, owner=draft.name)


def _report_twice(draft: Draft, second: s.Word, first: s.Word, findings: Findings) -> None:
    module = draft.entity.module
    findings.error(
        "name.duplicate:layout",
        module.place(second),
        f"`{second.text}` is declared twice in layout `{draft.name}`",
        label="declared again",
        others=[(module.place(first), "declared here")],
    )


def _drop(draft: Draft, entry: s.DropEntry, findings: Findings) -> None:
    if draft.invariants.pop(entry.name.text, None) is None and not draft.open:
        candidates = list(draft.invariants)
        findings.error(
            "name.unknown:invariant",
            draft.entity.module.place(entry.name),
            f"`{draft.name}` takes over no invariant `{entry.name.text}`",
            label="nothing to drop",
            help=findings.nearest(entry.name.text, lambda: candidates),
        )
