"""Families: lists of layouts, or of eras, by name."""

from collections.abc import Mapping

from spteproof.grammar import surface as s
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.names import Entity, Kind, Names, View
from spteproof.grammar.ordering import dependencies_first


def expand_families(names: Names, findings: Findings) -> Mapping[str, tuple[str, ...]]:
    """The layouts or eras of each family, families in it expanded, each once."""
    members = {entity.name: _members(names, entity, findings) for entity in names.of_kind(Kind.FAMILY)}
    order, cycles = dependencies_first(members)
    for cycle in cycles:
        findings.error(
            "family.cycle:members",
            names.globals[cycle[0]].place,
            f"families hold each other: {' -> '.join([*cycle, cycle[0]][:10])}",
            label="holds itself, at last",
        )
    expanded: dict[str, tuple[str, ...]] = {}
    for family in order:
        found: dict[str, None] = {}
        for member in members[family]:
            found.update(dict.fromkeys(expanded.get(member, ()) if member in members else [member]))
        expanded[family] = tuple(found)
        _check_mixed(names, family, expanded[family], findings)
    return expanded


def _check_mixed(names: Names, family: str, members: tuple[str, ...], findings: Findings) -> None:
    eras = [name for name in members if names.globals[name].kind is Kind.ERA]
    layouts = [name for name in members if names.globals[name].kind is Kind.LAYOUT]
    if eras and layouts:
        findings.error(
            "family.mixed:members",
            names.globals[family].place,
            f"`{family}` holds layouts and eras: `{layouts[0]}` is a layout, `{eras[0]}` an era",
            label="two kinds of members",
            help="make two families of it",
        )


def _members(names: Names, entity: Entity, findings: Findings) -> list[str]:
    assert isinstance(entity.item, s.FamilyItem)
    view = View(names, entity.module)
    found: list[str] = []
    for word in entity.item.members:
        member = view.entity(word.text)
        if member is not None and member.kind in (Kind.LAYOUT, Kind.FAMILY, Kind.ERA):
            found.append(word.text)
        elif member is not None:
            findings.error(
                "name.kind:other",
                view.module.place(word),
                f"`{word.text}` is {member.kind.value}, not a layout or an era",
                label="a layout or an era is meant",
                others=[(member.place, "declared here")],
            )
        elif not view.excused(word.text):
            findings.error(
                "name.unknown:layout",
                view.module.place(word),
                f"there is no layout `{word.text}`",
                label="not declared",
                help=findings.nearest(
                    word.text, lambda: [each.name for each in view.of_kind(Kind.LAYOUT, Kind.FAMILY, Kind.ERA)]
                ),
            )
    return found
