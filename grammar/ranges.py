"""What a theorem ranges over: layouts, eras, families of either, and which of them go together."""

from collections.abc import Mapping, Sequence

from spteproof.grammar import surface as s
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.eras import known
from spteproof.grammar.names import Entity, Kind, Names, View

Families = Mapping[str, tuple[str, ...]]


def layouts_of_eras(names: Names, families: Families, findings: Findings) -> Mapping[str, tuple[str, ...] | None]:
    """The layouts that each era has, taken over from the era that it extends; None where nothing is said: every
    layout."""
    own: dict[str, tuple[str, ...] | None] = {}
    for era in names.of_kind(Kind.ERA):
        assert isinstance(era.item, s.EraItem)
        view = View(names, era.module)
        words = era.item.layouts
        own[era.name] = None if words is None else _named(view, words, Kind.LAYOUT, families, findings)
    return {name: _taken_over(names, own, name) for name in own}


def _taken_over(names: Names, own: Mapping[str, tuple[str, ...] | None], era: str) -> tuple[str, ...] | None:
    visited: set[str] = set()
    name: str | None = era
    while name is not None and name in own and name not in visited:
        visited.add(name)
        if own[name] is not None:
            return own[name]
        item = names.globals[name].item
        assert isinstance(item, s.EraItem)
        name = item.extends.text if item.extends else None
    return None


def _named(view: View, words: Sequence[s.Word], kind: Kind, families: Families, findings: Findings) -> tuple[str, ...]:
    """The layouts or eras that names and families stand for, each once; anything else is reported."""
    found: dict[str, None] = {}
    for word in words:
        entity = view.entity(word.text)
        if entity is not None and entity.kind is Kind.FAMILY:
            members = [name for name in families.get(word.text, ()) if name in view.names.globals]
            wrong = [name for name in members if view.names.globals[name].kind is not kind]
            if wrong:
                other = view.names.globals[wrong[0]].kind.value
                findings.error(
                    "name.kind:other",
                    view.module.place(word),
                    f"`{word.text}` is a family of other things: `{wrong[0]}` is {other}, not {kind.value}",
                    label=f"{kind.value} is meant",
                    others=[(entity.place, "declared here")],
                )
            found.update(dict.fromkeys(name for name in members if name not in wrong))
        elif known(view, word, kind, findings):
            found[word.text] = None
    return tuple(found)


def theorem_layouts(view: View, entity: Entity, families: Families, findings: Findings) -> tuple[str, ...]:
    """The layouts that a theorem ranges over, families expanded; all that are visible where it says none."""
    assert isinstance(entity.item, s.TheoremItem)
    if entity.item.layouts is not None:
        return _named(view, entity.item.layouts, Kind.LAYOUT, families, findings)
    every = tuple(each.name for each in view.of_kind(Kind.LAYOUT))
    if not every and not view.names.any_open and not view.names.poisoned:
        findings.error(
            "theorem.layouts:none",
            entity.place,
            f"there is no layout for `{entity.name}` to be proved in",
            label="no layout in scope",
            help="add `use` of a module with layouts",
        )
    return every


def theorem_eras(view: View, entity: Entity, families: Families, findings: Findings) -> tuple[str, ...]:
    """The eras that a theorem ranges over, families expanded; none where it says none."""
    assert isinstance(entity.item, s.TheoremItem)
    return _named(view, entity.item.eras or (), Kind.ERA, families, findings)


def check_pairs(
    view: View,
    entity: Entity,
    layouts: Sequence[str],
    eras: Sequence[str],
    had: Mapping[str, tuple[str, ...] | None],
    findings: Findings,
) -> None:
    """Each layout that the theorem names must be in one of its eras, and each era must have one of its layouts:
    what is never proved is not to be named."""
    item = entity.item
    assert isinstance(item, s.TheoremItem)
    pairs = [(era, layout) for era in eras for layout in layouts if _has(had, era, layout)]
    if not eras or not layouts:
        return
    if not pairs:
        findings.error(
            "era.layouts:apart",
            entity.place,
            f"none of the eras of `{entity.name}` has any of its layouts",
            label="never proved",
        )
        return
    for word in item.eras or ():
        if word.text in eras and not any(era == word.text for era, _ in pairs):
            message = f"era `{word.text}` has none of the layouts of `{entity.name}`"
            _report_apart(view, word, message, "this era", findings)
    for word in item.layouts or ():
        if word.text in layouts and not any(layout == word.text for _, layout in pairs):
            message = f"layout `{word.text}` is in none of the eras of `{entity.name}`"
            _report_apart(view, word, message, "this layout", findings)


def _report_apart(view: View, word: s.Word, message: str, what: str, findings: Findings) -> None:
    findings.error(
        "era.layouts:apart",
        view.module.place(word),
        message,
        label="never proved in it",
        others=[(view.names.globals[word.text].place, what)],
    )


def _has(had: Mapping[str, tuple[str, ...] | None], era: str, layout: str) -> bool:
    layouts = had.get(era)
    return layouts is None or layout in layouts
