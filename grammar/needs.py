"""What theorems and layouts need through everything that they call: layout names, and an era for members of
interfaces."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from spteproof.grammar import checked as c
from spteproof.grammar.diagnostics import Findings, listed
from spteproof.grammar.eras import interfaces_of
from spteproof.grammar.layout_drafts import Draft
from spteproof.grammar.names import Entity, Names
from spteproof.grammar.scopes import ScopeGraph
from spteproof.grammar.source import Place
from spteproof.grammar.theorems import Stated
from spteproof.grammar.uses import Uses, joined


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What needs are held against. `invariants` and `asserts` are the uses of each layout's conditions."""

    names: Names
    graphs: Mapping[str | None, ScopeGraph]
    drafts: Mapping[str, Draft]
    invariants: Mapping[str, Mapping[str, Uses]]
    asserts: Mapping[str, Uses]
    findings: Findings

    def members(self, uses: Uses, era: str | None = None) -> list[Entity]:
        """The members of interfaces that a text calls, at once or through others."""
        globals_ = self.names.globals
        called = sorted(self.graphs[era].rests_on(uses))
        return [globals_[name] for name in called if name in globals_ and globals_[name].interface is not None]


# Theorems ------------------------------------------------------------------------------------------------


def with_needs(ground: Ground, stated: Stated) -> c.Theorem:
    """The theorem with its needs; reports what no layout and what no era of it supplies."""
    theorem = stated.theorem
    through_layouts = joined(
        [stated.uses, *[use for name in theorem.layouts for use in ground.invariants.get(name, {}).values()]]
    )
    if not theorem.eras and not _says_era(stated):
        _report_no_era(ground, stated, through_layouts)
    for era in theorem.eras:
        _check_era(ground, stated, era, through_layouts)
    needs: dict[str | None, frozenset[str]] = {}
    for scope in theorem.eras or (None,):
        words = ground.graphs[scope].words(stated.uses)
        needs[scope] = frozenset(words)
        _check_layouts(ground, stated, words)
    return replace(theorem, needs=needs)


def _says_era(stated: Stated) -> bool:
    """Whether there is an `era in`, of known eras or not."""
    return bool(getattr(stated.entity.item, "eras", None))


def _report_no_era(ground: Ground, stated: Stated, uses: Uses) -> None:
    members = ground.members(uses)
    if not members:
        return
    member = members[0]
    eras = [f"`{name}`" for name in ground.names.eras if member.interface in interfaces_of(ground.names, name)]
    ground.findings.error(
        "era.missing:theorem",
        stated.uses.callees.get(member.name, stated.entity.place),
        f"`{stated.entity.name}` uses `{member.name}` of `{member.interface}` and does not say in which era",
        label="differs from era to era",
        others=[(member.place, "declared here")],
        help=f"say `era in` {listed(eras[:6])}" if eras else None,
    )


def _check_era(ground: Ground, stated: Stated, era: str, uses: Uses) -> None:
    implemented = interfaces_of(ground.names, era)
    for member in ground.members(uses, era):
        if member.interface not in implemented:
            ground.findings.error(
                "era.lacks:interface",
                stated.uses.callees.get(member.name, stated.entity.place),
                f"`{stated.entity.name}` uses `{member.name}` of `{member.interface}`, which `{era}` lacks",
                label="not in that era",
                others=[(member.place, "declared here")],
            )
            return


def _check_layouts(ground: Ground, stated: Stated, words: Mapping[str, Place]) -> None:
    """Some layout must have all that the theorem needs; the others are skipped by the proof."""
    theorem = stated.theorem
    lacking: dict[str, list[str]] = {}
    for name in theorem.layouts:
        draft = ground.drafts[name]
        missing = [word for word in (*words, *theorem.requires) if word not in draft.words]
        missing += [word for word in theorem.requires if _is_none(draft, word)]
        if not missing or draft.open:
            return
        lacking[name] = missing
    if not lacking:
        return
    everywhere = [word for word in lacking[theorem.layouts[0]] if all(word in missing for missing in lacking.values())]
    word = (everywhere or lacking[theorem.layouts[0]])[0]
    if everywhere:
        message = f"`{theorem.name}` needs `{word}`, which none of its layouts has"
    else:
        message = (
            f"none of the layouts of `{theorem.name}` has all that it needs: `{theorem.layouts[0]}` lacks `{word}`"
        )
    used = words.get(word)
    ground.findings.error(
        "layout.lacks:mask",
        stated.entity.place,
        message,
        label=f"proved in {listed([f'`{name}`' for name in theorem.layouts[:4]], 'and')}",
        others=[(used, "needed here")] if used is not None else [],
    )


def _is_none(draft: Draft, word: str) -> bool:
    """Whether the layout has such a mask, and there is no such bit in it."""
    mask = draft.masks.get(draft.final(word))
    return mask is not None and mask.value == 0


# Layouts -------------------------------------------------------------------------------------------------


def check_conditions(ground: Ground) -> None:
    """A layout must have the names that its own invariants and asserts need through what they call."""
    for draft in ground.drafts.values():
        for name, held in draft.invariants.items():
            if held.owner == draft.name:
                place = held.module.place(held.entry)
                _check_condition(
                    ground, draft, ground.invariants[draft.name][name], place, f"invariant `{name}`", "invariant"
                )
        own = [held for held in draft.asserts if held.owner == draft.name]
        if own:
            _check_condition(
                ground, draft, ground.asserts[draft.name], own[0].module.place(own[0].entry), "assert", "assert"
            )
            _report_assert_of_era(ground, draft)


def _check_condition(ground: Ground, draft: Draft, uses: Uses, place: Place, what: str, kind: str) -> None:
    if draft.open:
        return
    for era in _eras(ground, uses):
        for word, used in ground.graphs[era].words(uses).items():
            if word not in draft.words and word not in uses.words:
                ground.findings.error(
                    f"layout.lacks:{kind}",
                    place,
                    f"the {what} of layout `{draft.name}` needs `{word}`, which that layout lacks",
                    label=f"needs `{word}`",
                    others=[(used, "spoken of here")],
                )
                return


def _eras(ground: Ground, uses: Uses) -> Iterable[str | None]:
    """The scopes in which a condition has a meaning."""
    interfaces = {member.interface for member in ground.members(uses)}
    if not interfaces:
        return [None]
    return [era for era in ground.names.eras if interfaces <= interfaces_of(ground.names, era)]


def _report_assert_of_era(ground: Ground, draft: Draft) -> None:
    for member in ground.members(ground.asserts[draft.name]):
        ground.findings.error(
            "era.missing:assert",
            ground.asserts[draft.name].callees.get(member.name, draft.entity.place),
            f"an assert of layout `{draft.name}` uses `{member.name}`, which differs from era to era",
            label="in which era?",
            others=[(member.place, "declared here")],
            help="make it an invariant, or a lemma with `era in`",
        )
