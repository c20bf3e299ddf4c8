"""The value of each name of a layout, fixed or symbolic, and the layout's own conditions."""

from collections.abc import Iterator, Mapping

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.bodies import Body, Rules
from spteproof.grammar.checked import Sort
from spteproof.grammar.constants import Wrong, literal
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.evaluation import evaluated
from spteproof.grammar.expressions import condition, value, wrong
from spteproof.grammar.layout_drafts import Draft, Held, Named, Valued, layout_key
from spteproof.grammar.names import LayoutWord, Names, View
from spteproof.grammar.ordering import dependencies_first
from spteproof.grammar.sorts import MASK64, converted, sort_of
from spteproof.grammar.uses import Uses

_DEFINITION = Rules(what="a layout's definition", calls=False)
_INVARIANT = Rules(what="a layout's invariant")
_ASSERT = Rules(what="a layout's assert")


def value_names(
    names: Names, drafts: Mapping[str, Draft], findings: Findings, known: Mapping[tuple[int, ...], Valued]
) -> None:
    """Fills the words, masks, values and aliases of every draft, bases first, and `names.words_of_layout`. What is
    `known`, by `layout_key`, is not worked out again."""
    first: dict[str, LayoutWord] = {}
    for draft in drafts.values():
        before = known.get(layout_key(draft))
        if before is None:
            _value_names(names, draft, findings)
        else:
            draft.take(before)
        names.words_of_layout[draft.name] = draft.words
        for name in sorted(draft.own & (draft.masks.keys() | draft.values.keys() | draft.aliases.keys())):
            earlier = first.setdefault(name, draft.words[name])
            if earlier.sort is not draft.words[name].sort:
                findings.error(
                    "layout.sort:conflict",
                    draft.words[name].place,
                    f"`{name}` is a `{draft.words[name].sort.value}` here, a `{earlier.sort.value}` in another layout",
                    label="another sort",
                    others=[(earlier.place, f"a `{earlier.sort.value}`")],
                )


def _value_names(names: Names, draft: Draft, findings: Findings) -> None:
    rests_on = {name: _mentions(held.entry) for name, held in draft.named.items()}
    _report_order(draft, rests_on, findings)
    order, cycles = dependencies_first(rests_on)
    for cycle in cycles:
        held = draft.named[cycle[0]]
        findings.error(
            "layout.cycle:definition",
            held.module.place(held.entry.name),
            f"the names of layout `{draft.name}` rest on each other: {' -> '.join([*cycle, cycle[0]][:10])}",
            label="rests on itself, at last",
        )
    if draft.base is not None:
        draft.words.update(draft.base.words)
        draft.masks.update(draft.base.masks)
        draft.values.update(draft.base.values)
        draft.aliases.update(draft.base.aliases)
    on_cycle = {name for cycle in cycles for name in cycle}
    changed = set(draft.own)
    for name in order:
        if name not in changed and not any(below in changed for below in rests_on[name]):
            continue
        changed.add(name)
        _forget(draft, name)
        held = draft.named[name]
        if name not in on_cycle:
            _value_name(names, draft, held, findings)
        draft.words.setdefault(name, LayoutWord(sort=Sort.U64, place=held.module.place(held.entry.name)))


def _forget(draft: Draft, name: str) -> None:
    draft.words.pop(name, None)
    draft.masks.pop(name, None)
    draft.values.pop(name, None)
    draft.aliases.pop(name, None)


def _report_order(draft: Draft, rests_on: Mapping[str, list[str]], findings: Findings) -> None:
    """A definition may speak of names above it only."""
    above = set(draft.base.named if draft.base else ())
    for name in [name for name in draft.named if name in draft.own]:
        held = draft.named[name]
        for below in rests_on[name]:
            if below in draft.own and below not in above and below != name:
                later = draft.named[below].entry.name
                if later.start > held.entry.start:
                    findings.error(
                        "layout.order:below",
                        held.module.place(held.entry),
                        f"`{name}` speaks of `{below}`, which stands below it",
                        label=f"needs `{below}`",
                        others=[(held.module.place(later), "declared here")],
                        help="change their order",
                    )


def _mentions(entry: Named) -> list[str]:
    match entry:
        case s.AliasEntry():
            return [entry.target.text]
        case s.MaskEntry(value=s.Placement()):
            return []
        case _:
            return list(_names_in(entry.value))


def _names_in(term: s.Placement | s.Term) -> Iterator[str]:
    pending: list[object] = [term]
    while pending:
        node = pending.pop()
        match node:
            case s.Name():
                yield node.text
            case s.Prefix():
                pending.append(node.operand)
            case s.Infix():
                pending += [node.right, node.left]
            case s.Choice():
                pending += [node.other, node.then, node.condition]
            case s.CallOf():
                pending += reversed(node.arguments)


def _value_name(names: Names, draft: Draft, held: Held[Named], findings: Findings) -> None:
    entry, place = held.entry, held.module.place(held.entry.name)
    body = layout_body(names, draft, held, findings, _DEFINITION)
    match entry:
        case s.AliasEntry():
            target = draft.final(entry.target.text)
            if target in draft.words:
                draft.aliases[entry.name.text] = target
                draft.words[entry.name.text] = LayoutWord(sort=draft.words[target].sort, place=place)
            elif entry.target.text not in draft.named:
                body.unknown(entry.target, entry.target.text)
        case s.MaskEntry(value=s.Placement() as placement):
            number = _placed(body, placement)
            if not isinstance(number, Wrong):
                some = placement.kind.startswith("some")
                draft.masks[entry.name.text] = c.Mask(
                    place=place, name=entry.name.text, value=number, some=some, or_none=placement.kind == "some or none"
                )
                draft.words[entry.name.text] = LayoutWord(sort=Sort.U64, place=place)
        case s.MaskEntry() | s.ValueEntry():
            _define(body, draft, entry)


def _placed(body: Body, placement: s.Placement) -> int | None | Wrong:
    """The mask of `bit N` or `none`; None where it is symbolic."""
    if placement.number is None:
        return 0 if placement.kind == "none" else None
    worth = literal(placement.number.text)
    if not isinstance(worth, Wrong) and worth[0] > 63:
        worth = Wrong("sort.bit:range", f"there is no bit {worth[0]} in 64 bits")
    if isinstance(worth, Wrong):
        wrong(body, placement.number, worth)
        return worth
    return 1 << worth[0]


def _define(body: Body, draft: Draft, entry: s.MaskEntry | s.ValueEntry) -> None:
    """A mask, value or constant that an expression defines."""
    assert not isinstance(entry.value, s.Placement)
    name, place = entry.name.text, body.place(entry.name)
    found = value(body, entry.value)
    if found is None:
        return
    constant = isinstance(entry, s.MaskEntry) and sort_of(found) is Sort.BOOL
    if not constant:
        found = converted(found, Sort.U64)
    fixed = evaluated(found, _FixedValues(draft))
    if isinstance(fixed, Wrong):
        wrong(body, entry.value, fixed)
        return
    fixed = None if fixed is None else fixed & MASK64
    definition = found if fixed is None else None
    if isinstance(entry, s.MaskEntry) and not constant:
        draft.masks[name] = c.Mask(place=place, name=name, value=fixed, definition=definition)
    else:
        sort = Sort.BOOL if constant else Sort.U64
        draft.values[name] = c.LayoutValue(place=place, name=name, sort=sort, value=fixed, definition=definition)
    draft.words[name] = LayoutWord(sort=Sort.BOOL if constant else Sort.U64, place=place)


class _FixedValues(Mapping[str, int | None]):
    """The values of a draft's names, where they are fixed."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def __getitem__(self, name: str) -> int | None:
        name = self._draft.final(name)
        return self._draft.masks[name].value if name in self._draft.masks else self._draft.values[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self._draft.words)

    def __len__(self) -> int:
        return len(self._draft.words)


# Conditions ----------------------------------------------------------------------------------------------


def layout_body(
    names: Names,
    draft: Draft,
    held: Held[Named] | Held[s.InvariantEntry] | Held[s.AssertEntry],
    findings: Findings,
    rules: Rules,
) -> Body:
    """A text of a layout: it may speak of this layout's names only."""
    return Body(
        view=View(names, held.module),
        findings=findings,
        rules=rules,
        layout=draft.words,
        layout_name=draft.name,
        layout_open=draft.open,
    )


def finish(names: Names, draft: Draft, findings: Findings) -> tuple[c.Layout, Mapping[str, Uses], Uses]:
    """The checked layout, what each invariant uses, and what its asserts use."""
    invariants: list[c.Invariant] = []
    used: dict[str, Uses] = {}
    for name, held in draft.invariants.items():
        body = layout_body(names, draft, held, findings, _INVARIANT)
        body.declare_entry("spte")
        found = condition(body, held.entry.condition)
        used[name] = body.uses
        if found is not None:
            invariants.append(c.Invariant(place=held.module.place(held.entry), name=name, condition=found))
    asserted = Uses()
    asserts: list[c.Expression] = []
    for each in draft.asserts:
        body = layout_body(names, draft, each, findings, _ASSERT)
        body.uses = asserted
        found = condition(body, each.entry.condition)
        if found is not None:
            asserts.append(found)
    layout = c.Layout(
        place=draft.entity.place,
        name=draft.name,
        masks={name: draft.masks[name] for name in draft.named if name in draft.masks},
        values={name: draft.values[name] for name in draft.named if name in draft.values},
        aliases={name: draft.aliases[name] for name in draft.named if name in draft.aliases},
        invariants=tuple(invariants),
        asserts=tuple(asserts),
        disjoint=tuple(_group(draft, held) for held in draft.groups),
    )
    return layout, used, asserted


def _group(draft: Draft, held: Held[s.DisjointEntry]) -> tuple[str, ...]:
    return tuple(draft.final(word.text) for word in held.entry.names)
