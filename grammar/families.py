"""Families: lists of layouts by name."""

from collections.abc import Mapping

from spteproof.grammar import surface as s
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.names import Entity, Kind, Names, View
from spteproof.grammar.ordering import dependencies_first


def expand_families(names: Names, findings: Findings) -> Mapping[str, tuple[str, ...]]:
    """The layouts of each family, families in it expanded, each layout once."""
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
        layouts: dict[str, None] = {}
        for member in members[family]:
            layouts.update(dict.fromkeys(expanded.get(member, ()) if member in members else [member]))
        expanded[family] = tuple(layouts)
    return expanded


def _members(names: Names, entity: Entity, findings: Findings) -> list[str]:
    assert isinstance(entity.item, s.FamilyItem)
    view = View(names, entity.module)
    found: list[str] = []
    for word in entity.item.members:
        member = view.entity(word.text)
        if member is not None and member.kind in (Kind.LAYOUT, Kind.FAMILY):
            found.append(word.text)
        elif member is not None:
            findings.error(
                "name.kind:other",
                view.module.place(word),
                f"`{word.text}` is {member.kind.value}, not a layout",
                label="a layout is meant",
                others=[(member.place, "declared here")],
            )
        elif not view.excused(word.text):
            findings.error(
                "name.unknown:layout",
                view.module.place(word),
                f"there is no layout `{word.text}`",
                label="not declared",
                help=findings.nearest(
                    word.text, lambda: [each.name for each in view.of_kind(Kind.LAYOUT, Kind.FAMILY)]
                ),
            )
    return found
