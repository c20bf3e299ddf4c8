"""Assignments: to locals, to ghosts, and to the entry, where each is an event."""

from collections.abc import Sequence

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.bodies import Body, Local
from spteproof.grammar.checked import Sort
from spteproof.grammar.event_order import ordered, report_apart, report_changed, report_unordered
from spteproof.grammar.expressions import binary, narrowed, not_one, value
from spteproof.grammar.names import Kind
from spteproof.grammar.sorts import common, converted, word

_PLAIN = {"=": "WRITE_ONCE", "&=": "plain_and", "|=": "plain_or", "^=": "plain_xor"}


def assignment(body: Body, surface: s.Assignment) -> Sequence[c.Statement]:
    """What an assignment becomes, by what its target is."""
    target = surface.target
    if isinstance(target, s.Dereference):
        local = body.local(target.name.text)
        if local is not None and local.by_reference:
            return _to_local(body, surface, local)
        entry = body.entry(target.name.text)
        if entry is not None:
            return _to_entry(body, surface, entry)
        not_one(body, target)
        return ()
    local = body.local(target.text)
    if local is not None:
        if local.by_reference:
            body.findings.error(
                "sort.reference:value",
                body.place(target),
                f"`{target.text}` is a reference",
                label="cannot be assigned",
                help=f"write `*{target.text}`",
            )
            return ()
        return _to_local(body, surface, local)
    entity = body.view.entity(target.text)
    if entity is not None and entity.kind is Kind.GHOST and entity.sort is not None:
        return _to_ghost(body, surface, target, entity.sort)
    _cannot_assign(body, target)
    return ()


def _cannot_assign(body: Body, target: s.Name) -> None:
    name, entity, layout_word = target.text, body.view.entity(target.text), body.word(target.text)
    if entity is None and layout_word is None and body.entry(name) is None:
        body.unknown(target, name)
        return
    what = (
        f"the pointer to {'the' if name == c.DEFAULT_ENTRY else 'an'} entry"
        if body.entry(name) is not None
        else entity.kind.value
        if entity is not None
        else "a name of the layouts"
    )
    place = entity.place if entity is not None else layout_word.place if layout_word is not None else None
    body.findings.error(
        "assign.target:constant",
        body.place(target),
        f"`{name}` is {what} and cannot be assigned",
        label="assigned here",
        others=[(place, "declared here")] if place is not None else [],
        help=f"write `*{name} = ...;`" if body.entry(name) is not None else None,
    )


def _new_value(body: Body, surface: s.Assignment, old: c.Expression, sort: Sort, name: str) -> c.Expression | None:
    """What an assignment, plain or compound, leaves in its target."""
    operator = surface.operator.text
    found = ordered(body, value(body, surface.value))
    if found is None:
        return None
    if operator != "=":
        report_changed(body.findings, (old, found))
        report_apart(body, (old, found))
        left, right, plain = word(old), word(found), operator[:-1]
        meeting = common(left) if plain in ("<<", ">>") else common(left, right)
        left = converted(left, meeting)
        right = right if plain in ("<<", ">>") else converted(right, meeting)
        found = binary(body, surface, plain, left, right, meeting)
    return None if found is None else narrowed(body, found, sort, f"`{name}`")


def _to_local(body: Body, surface: s.Assignment, local: Local) -> Sequence[c.Statement]:
    target = surface.target
    name = target.text if isinstance(target, s.Name) else target.name.text
    if not local.assignable:
        body.findings.error(
            "assign.parameter:theorem",
            body.place(target),
            f"`{name}` is a parameter of the theorem and keeps its value",
            label="assigned here",
            help="copy it into a local",
        )
        return ()
    variable = body.variable(target, local)
    new = _new_value(body, surface, variable, local.sort, name)
    return () if new is None else [c.Assign(place=body.place(surface), target=variable, value=new)]


def _to_ghost(body: Body, surface: s.Assignment, target: s.Name, sort: Sort) -> Sequence[c.Statement]:
    place = body.place(surface)
    if not body.rules.sets_ghosts:
        body.findings.error(
            "ghost.misplaced:write",
            place,
            f"{body.rules.what} may not assign the ghost `{target.text}`",
            label="assigned here",
        )
        return ()
    old = c.GhostName(place=body.place(target), name=target.text, sort=sort)
    new = _new_value(body, surface, old, sort, target.text)
    return () if new is None else [c.SetGhost(place=place, ghost=target.text, value=new)]


def _to_entry(body: Body, surface: s.Assignment, entry: str) -> Sequence[c.Statement]:
    place, operator = body.place(surface), surface.operator.text
    if body.rules.reads_entries and body.rules.sets_ghosts and entry != c.DEFAULT_ENTRY:
        old = c.GhostName(place=body.place(surface.target), name=entry, sort=Sort.U64)
        changed = _new_value(body, surface, old, Sort.U64, entry)
        return () if changed is None else [c.SetGhost(place=place, ghost=entry, value=changed)]
    if not body.rules.events:
        help = "write `spte = ...;`" if "spte" in body.scopes[0] else None
        body.findings.error(
            "event.misplaced:operation",
            place,
            f"{body.rules.what} may not write the entry by `*{entry}`",
            label="an event",
            help=help,
        )
        return ()
    if operator not in _PLAIN:
        body.findings.error(
            "assign.operator:entry",
            body.place(surface.operator),
            f"`*{entry} {operator}` is not known",
            label="not for the entry",
            help="the entry takes `=`, `&=`, `|=` and `^=`",
        )
        return ()
    new = value(body, surface.value)
    if new is None:
        return ()
    memory = c.Memory(
        place=place,
        operation=_PLAIN[operator],
        entry=entry,
        arguments=(converted(new, Sort.U64),),
        reference=None,
        sort=None,
    )
    report_unordered(body.findings, memory)
    report_apart(body, (memory,))
    return [c.Evaluate(place=place, expression=memory)]
