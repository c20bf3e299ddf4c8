"""Collects what modules declare, and reports names that are declared twice."""

from collections.abc import Iterable
from typing import assert_never

from spteproof.grammar import surface as s
from spteproof.grammar.bodies import ENTRY_WORDS, RESERVED
from spteproof.grammar.checked import Lock, Parameter, Sort
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.names import Entity, Kind, Module, Names

_MODES = ("read", "write")


def declarations(modules: Iterable[Module], findings: Findings) -> Names:
    """The names of a run, before any text that speaks of them is checked."""
    names = Names(modules)
    for module in names.modules:
        for item in module.items:
            if not isinstance(item, s.Use):
                entity = _entity(module, item, findings)
                _add(names, entity, findings)
            if isinstance(item, s.InterfaceItem):
                for member in item.members:
                    _add(names, _definition(module, member, findings, interface=item.name.text), findings)
    return names


def _entity(module: Module, item: s.Item, findings: Findings) -> Entity:
    match item:
        case s.PureItem() | s.HelperItem() | s.AgentItem():
            return _definition(module, item, findings)
        case s.GhostItem():
            sort = Sort(item.sort.text)
            if sort is Sort.INT:
                findings.error(
                    "ghost.sort:int",
                    module.place(item.sort),
                    f"the ghost `{item.name.text}` must be a `bool` or a `u64`",
                    label="neither",
                )
            return _plain(Kind.GHOST, module, item.name, item, sort)
        case s.EntryItem():
            return _plain(Kind.ENTRY, module, item.name, item, Sort.U64)
        case s.LayoutItem():
            return _plain(Kind.LAYOUT, module, item.name, item)
        case s.FamilyItem():
            return _plain(Kind.FAMILY, module, item.name, item)
        case s.TheoremItem():
            return _plain(Kind.THEOREM if item.kind == "theorem" else Kind.LEMMA, module, item.name, item)
        case s.InterfaceItem():
            return _plain(Kind.INTERFACE, module, item.name, item)
        case s.EraItem():
            return _plain(Kind.ERA, module, item.name, item)
        case s.Use():
            raise AssertionError("`use` declares nothing")
    assert_never(item)


def _plain(kind: Kind, module: Module, name: s.Word, item: s.Item, sort: Sort | None = None) -> Entity:
    return Entity(kind=kind, name=name.text, place=module.place(name), module=module, item=item, sort=sort)


def _definition(
    module: Module, item: s.Definition, findings: Findings, *, interface: str | None = None, era: str | None = None
) -> Entity:
    locks: tuple[Lock, ...] | None = None
    sort: Sort | None = None
    match item:
        case s.PureItem():
            kind = Kind.PREDICATE if item.result is None else Kind.FUNCTION
            sort = Sort.BOOL if item.result is None else Sort(item.result.text)
        case s.HelperItem():
            kind = Kind.HELPER
            sort = None if item.result is None else Sort(item.result.text)
        case s.AgentItem():
            kind = Kind.AGENT
            locks = None if item.locks is None else locks_of(module, item.locks, findings)
        case _:
            assert_never(item)
    parameters = tuple(
        plain_parameter(module, kind.value, each, findings, references=kind is Kind.HELPER) for each in item.parameters
    )
    return Entity(
        kind=kind,
        name=item.name.text,
        place=module.place(item.name),
        module=module,
        item=item,
        parameters=parameters,
        sort=sort,
        locks=locks,
        interface=interface,
        era=era,
    )


def plain_parameter(
    module: Module, whose: str, surface: s.SurfaceParameter, findings: Findings, *, references: bool = False
) -> Parameter:
    """A parameter of anything but a theorem; `whose` is for the messages."""
    place = module.place(surface)
    if surface.pointer and not references:
        findings.error(
            "parameter.form:reference",
            place,
            f"{whose} takes no references",
            label="by reference",
            help="only helpers do",
        )
    if surface.values is not None:
        findings.error(
            "parameter.form:choices",
            place,
            f"`in` belongs to the parameters of theorems, not of {whose}",
            label="choices",
        )
    return Parameter(place=place, name=surface.name.text, sort=Sort(surface.sort.text), by_reference=surface.pointer)


def locks_of(module: Module, surfaces: Iterable[s.SurfaceLock], findings: Findings) -> tuple[Lock, ...]:
    """Locks as they are held; a bare one is held exclusively."""
    found: dict[str, Lock] = {}
    for surface in surfaces:
        mode = "exclusive" if surface.mode is None else surface.mode.text
        if surface.mode is not None and mode not in _MODES:
            findings.error(
                "lock.mode:unknown",
                module.place(surface.mode),
                f"`{mode}` is no way to hold a lock",
                label="not known",
                help="write `(read)`, `(write)`, or nothing for a lock that is held exclusively",
            )
        if surface.name.text in found:
            others = [(found[surface.name.text].place, "held here")]
            findings.error(
                "lock.twice:name",
                module.place(surface),
                f"`{surface.name.text}` is held twice",
                label="again",
                others=others,
            )
        found[surface.name.text] = Lock(place=module.place(surface), name=surface.name.text, mode=mode)
    return tuple(found.values())


def _add(names: Names, entity: Entity, findings: Findings) -> None:
    if report_reserved(entity, findings):
        return
    first = names.globals.setdefault(entity.name, entity)
    if first is not entity:
        report_twice(first, entity, findings)


def report_reserved(entity: Entity, findings: Findings) -> bool:
    """Reports a declaration whose name has a meaning already; a layout may be called `any`, a predicate `start`."""
    reserved = RESERVED - {"any"} if entity.kind in (Kind.LAYOUT, Kind.FAMILY) else RESERVED
    if entity.name not in (ENTRY_WORDS | RESERVED if entity.kind in (Kind.GHOST, Kind.ENTRY) else reserved):
        return False
    findings.error(
        "name.reserved:word", entity.place, f"`{entity.name}` is a word of the language", label="choose another name"
    )
    return True


def report_twice(first: Entity, second: Entity, findings: Findings) -> None:
    findings.error(
        "name.duplicate:declaration",
        second.place,
        f"`{second.name}` is declared twice",
        label="declared again",
        others=[(first.place, f"{first.kind.value} of that name is declared here")],
    )


def era_declarations(names: Names, findings: Findings) -> dict[str, dict[str, Entity]]:
    """What each era's own text declares, inherited items not included."""
    found: dict[str, dict[str, Entity]] = {}
    for entity in names.of_kind(Kind.ERA):
        assert isinstance(entity.item, s.EraItem)
        own = found[entity.name] = {}
        for item in entity.item.items:
            inside = _definition(entity.module, item, findings, era=entity.name)
            if report_reserved(inside, findings):
                continue
            outside = names.globals.get(inside.name)
            first = own.setdefault(inside.name, inside)
            if first is not inside:
                report_twice(first, inside, findings)
            elif outside is not None and outside.interface is None:
                report_twice(outside, inside, findings)
    return found
