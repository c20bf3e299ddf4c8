"""Interfaces and eras: what an era supplies, what it takes over, and whether that fits what it implements."""

from collections.abc import Iterable

from spteproof.grammar import surface as s
from spteproof.grammar.checked import Parameter, Sort
from spteproof.grammar.declarations import era_declarations
from spteproof.grammar.diagnostics import Findings, listed
from spteproof.grammar.names import Entity, Kind, Names, View
from spteproof.grammar.ordering import dependencies_first


def resolve_eras(names: Names, findings: Findings) -> None:
    """Fills `names.eras`: for each era its own items and those it takes over, each checked against its interface."""
    own = era_declarations(names, findings)
    parents = {name: _parent(names, names.globals[name], findings) for name in own}
    order, cycles = dependencies_first({name: [parent] if parent else [] for name, parent in parents.items()})
    for cycle in cycles:
        findings.error(
            "era.cycle:extends",
            names.globals[cycle[0]].place,
            f"eras extend each other: {' -> '.join([*cycle, cycle[0]])}",
            label="a cycle",
        )
    for name in order:
        parent = parents[name]
        inherited = names.eras.get(parent, {}) if parent else {}
        for item in own[name].values():
            if item.name in inherited:
                _report_different(inherited[item.name], item, "the era that it extends", findings)
        names.eras[name] = {**inherited, **own[name]}
    for name in order:
        _check_members(names, names.globals[name], findings)


def _parent(names: Names, era: Entity, findings: Findings) -> str | None:
    assert isinstance(era.item, s.EraItem)
    word = era.item.extends
    if word is None:
        return None
    return word.text if known(View(names, era.module), word, Kind.ERA, findings) else None


def known(view: View, word: s.Word, kind: Kind, findings: Findings) -> Entity | None:
    """The entity of this kind that a word names; anything else is reported."""
    entity = view.entity(word.text)
    if entity is not None and entity.kind is kind:
        return entity
    place = view.module.place(word)
    if entity is not None:
        findings.error(
            "name.kind:other",
            place,
            f"`{word.text}` is {entity.kind.value}, not {kind.value}",
            label=f"{kind.value} is meant",
            others=[(entity.place, "declared here")],
        )
    elif not view.excused(word.text):
        findings.error(
            f"name.unknown:{kind.name.lower()}",
            place,
            f"there is no {kind.name.lower()} `{word.text}`",
            label="not declared",
            help=findings.nearest(word.text, lambda: [each.name for each in view.of_kind(kind)]),
        )
    return None


def interfaces_of(names: Names, era: str) -> set[str]:
    """The interfaces that an era implements, itself or by the eras that it extends."""
    found: set[str] = set()
    visited: set[str] = set()
    name: str | None = era
    while name is not None and name not in visited:
        visited.add(name)
        entity = names.globals.get(name)
        if entity is None or not isinstance(entity.item, s.EraItem):
            break
        found.update(word.text for word in entity.item.implements)
        name = entity.item.extends.text if entity.item.extends else None
    return found


def _check_members(names: Names, era: Entity, findings: Findings) -> None:
    assert isinstance(era.item, s.EraItem)
    view = View(names, era.module)
    for word in era.item.implements:
        known(view, word, Kind.INTERFACE, findings)
    implemented = interfaces_of(names, era.name)
    supplied = names.eras[era.name]
    missing: dict[str, list[Entity]] = {}
    for member in [each for each in names.globals.values() if each.interface is not None]:
        if member.name not in supplied:
            if member.interface in implemented:
                missing.setdefault(str(member.interface), []).append(member)
        elif member.interface not in implemented:
            _report_stranger(member, supplied[member.name], findings)
        else:
            _report_different(member, supplied[member.name], f"the interface `{member.interface}`", findings)
    for interface, members in missing.items():
        if not any(view.excused(member.name) for member in members):
            findings.error(
                "era.lacks:member",
                era.place,
                f"`{era.name}` lacks {listed([f'`{each.name}`' for each in members], 'and')} of `{interface}`",
                label="incomplete",
                others=[(members[0].place, "declared here")],
            )


def _report_stranger(member: Entity, supplied: Entity, findings: Findings) -> None:
    findings.error(
        "era.differs:interface",
        supplied.place,
        f"`{supplied.name}` is a member of `{member.interface}`, which this era does not implement",
        label="declared again",
        others=[(member.place, "the member")],
        help=f"say `implements {member.interface}`",
    )


def _report_different(wanted: Entity, given: Entity, whose: str, findings: Findings) -> None:
    """The kind, the parameters, the result and, where the interface says them, the locks must be the same."""
    if given is wanted:
        return
    if wanted.kind is not given.kind:
        what = f"is {given.kind.value}, and {wanted.kind.value} in {whose}"
    elif _shape(wanted.parameters) != _shape(given.parameters):
        what = f"has other parameters than in {whose}"
    elif wanted.sort is not given.sort:
        what = f"gives {_sort(given.sort)}, and {_sort(wanted.sort)} in {whose}"
    elif wanted.interface is not None and wanted.locks is not None and wanted.locks != given.locks:
        what = f"holds other locks than in {whose}"
    else:
        return
    findings.error(
        "era.differs:declaration",
        given.place,
        f"`{given.name}` {what}",
        label="differs",
        others=[(wanted.place, "declared here")],
    )


def _shape(parameters: Iterable[Parameter]) -> list[tuple[str, Sort, bool]]:
    return [(each.name, each.sort, each.by_reference) for each in parameters]


def _sort(sort: Sort | None) -> str:
    return "nothing" if sort is None else f"a `{sort.value}`"
