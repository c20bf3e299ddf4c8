"""Statements: what each may be in the text at hand, and the events that assignments stand for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.bodies import Body, Local, Rules
from spteproof.grammar.checked import Sort
from spteproof.grammar.event_order import report_unordered
from spteproof.grammar.expressions import binary, condition, expression, narrowed, not_one, value
from spteproof.grammar.names import Kind
from spteproof.grammar.sorts import common, converted, word

_SORTS = {"u64": Sort.U64, "int": Sort.INT, "bool": Sort.BOOL}
_PLAIN = {"=": "WRITE_ONCE", "&=": "plain_and", "|=": "plain_or", "^=": "plain_xor"}


def sort_named(word_: s.Word) -> Sort:
    return _SORTS[word_.text]


def block(body: Body, surfaces: Iterable[s.SurfaceStatement]) -> tuple[c.Statement, ...]:
    """Statements with a scope of their own; what is wrong is reported and left out."""
    body.scopes.append({})
    found = tuple(each for surface in surfaces for each in statement(body, surface))
    body.scopes.pop()
    return found


def statement(body: Body, surface: s.SurfaceStatement) -> Sequence[c.Statement]:
    """What a statement becomes: a block is its statements, a declaration may declare several locals."""
    match surface:
        case s.Declaration():
            return [each for name in surface.names for each in _declare(body, sort_named(surface.sort), name)]
        case s.Assignment():
            return _assignment(body, surface)
        case s.CallStatement():
            return _call(body, surface)
        case s.IfStatement():
            return _if(body, surface)
        case s.ReturnStatement():
            return _return(body, surface)
        case s.Block():
            return block(body, surface.statements)
        case s.AtomicBlock():
            return _atomic(body, surface)
        case s.AssumeStatement():
            return _claim(body, surface, "assume", body.rules.assumes, c.Assume)
        case s.AssertStatement():
            return _claim(body, surface, "assert", body.rules.asserts, c.Assert)
        case s.ProveStatement():
            return _misplaced(body, surface, "prove", "`prove` stands at the end of a theorem")
    assert_never(surface)


def _misplaced(body: Body, surface: s.Surface, what: str, message: str) -> Sequence[c.Statement]:
    body.findings.error(f"statement.misplaced:{what}", body.place(surface), message, label="not here")
    return ()


def ordered(body: Body, found: c.Expression | None) -> c.Expression | None:
    """A whole expression, once its events are known to be ordered."""
    if found is not None:
        report_unordered(body.findings, found)
    return found


def _declare(body: Body, sort: Sort, declared: s.Declared) -> Sequence[c.Statement]:
    place = body.place(declared)
    if declared.value is None:
        if not body.rules.inputs:
            body.findings.error(
                "any.misplaced:pure",
                place,
                f"`{declared.name.text}` has no value, and {body.rules.what} has no inputs",
                label="no value",
            )
        initial: c.Expression | None = c.Any(place=place, sort=sort)
    else:
        initial = ordered(body, value(body, declared.value))
        initial = None if initial is None else narrowed(body, initial, sort, f"`{declared.name.text}`")
    local = body.declare(declared.name, sort, declared=True)
    if initial is None:
        return ()
    return [c.Declare(place=place, name=local.unique, sort=sort, value=initial)]


# Assignments ---------------------------------------------------------------------------------------------


def _assignment(body: Body, surface: s.Assignment) -> Sequence[c.Statement]:
    target = surface.target
    if isinstance(target, s.Dereference):
        local = body.local(target.name.text)
        if local is not None and local.by_reference:
            return _to_local(body, surface, local)
        if target.name.text == "sptep":
            return _to_entry(body, surface)
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
    if entity is None and layout_word is None and name != "sptep":
        body.unknown(target, name)
        return
    what = (
        entity.kind.value
        if entity is not None
        else "the pointer to the entry"
        if name == "sptep"
        else "a name of the layouts"
    )
    place = entity.place if entity is not None else layout_word.place if layout_word is not None else None
    body.findings.error(
        "assign.target:constant",
        body.place(target),
        f"`{name}` is {what} and cannot be assigned",
        label="assigned here",
        others=[(place, "declared here")] if place is not None else [],
        help="write `*sptep = ...;`" if name == "sptep" else None,
    )


def _new_value(body: Body, surface: s.Assignment, old: c.Expression, sort: Sort, name: str) -> c.Expression | None:
    """What an assignment, plain or compound, leaves in its target."""
    operator = surface.operator.text
    found = ordered(body, value(body, surface.value))
    if found is None:
        return None
    if operator != "=":
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


def _to_entry(body: Body, surface: s.Assignment) -> Sequence[c.Statement]:
    place, operator = body.place(surface), surface.operator.text
    if not body.rules.events:
        help = "write `spte = ...;`" if "spte" in body.scopes[0] else None
        body.findings.error(
            "event.misplaced:operation",
            place,
            f"{body.rules.what} may not write the entry by `*sptep`",
            label="an event",
            help=help,
        )
        return ()
    if operator not in _PLAIN:
        body.findings.error(
            "assign.operator:entry",
            body.place(surface.operator),
            f"`*sptep {operator}` is not known",
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
        entry="sptep",
        arguments=(converted(new, Sort.U64),),
        reference=None,
        sort=None,
    )
    report_unordered(body.findings, memory)
    return [c.Evaluate(place=place, expression=memory)]


# The others ----------------------------------------------------------------------------------------------


def _call(body: Body, surface: s.CallStatement) -> Sequence[c.Statement]:
    found = ordered(body, expression(body, surface.call))
    if found is None:
        return ()
    if isinstance(found, c.Memory | c.HelperCall | c.Call):
        return [c.Evaluate(place=body.place(surface), expression=found)]
    body.findings.error(
        "statement.idle:value", body.place(surface), "this statement does nothing", label="its value is dropped"
    )
    return ()


def _if(body: Body, surface: s.IfStatement) -> Sequence[c.Statement]:
    test = ordered(body, condition(body, surface.condition))
    then = block(body, [surface.then])
    other = () if surface.other is None else block(body, [surface.other])
    return () if test is None else [c.If(place=body.place(surface), condition=test, then=then, other=other)]


def _return(body: Body, surface: s.ReturnStatement) -> Sequence[c.Statement]:
    rules, place = body.rules, body.place(surface)
    if not rules.returns:
        return _misplaced(body, surface, "return", f"{rules.what} may not return")
    if surface.value is None:
        if rules.result is not None:
            body.findings.error(
                "return.value:missing", place, f"{rules.what} gives a `{rules.result.value}`", label="no value here"
            )
        return [c.Return(place=place, value=None)]
    found = ordered(body, value(body, surface.value))
    if rules.result is None:
        body.findings.error("return.value:unexpected", place, f"{rules.what} gives no value", label="a value")
        return [c.Return(place=place, value=None)]
    found = None if found is None else narrowed(body, found, rules.result, "the result")
    return [c.Return(place=place, value=found)]


def _atomic(body: Body, surface: s.AtomicBlock) -> Sequence[c.Statement]:
    if not body.rules.atomics:
        return _misplaced(body, surface, "atomic", f"{body.rules.what} has no events to join by `atomic`")
    inside = body.under(_inside_atomic(body))
    return [c.Atomic(place=body.place(surface), body=block(inside, surface.block.statements))]


def _inside_atomic(body: Body) -> Rules:
    return replace(body.rules, what="an `atomic` block", atomics=False, returns=False)


def _claim(
    body: Body,
    surface: s.AssumeStatement | s.AssertStatement,
    what: str,
    allowed: bool,
    make: Callable[..., c.Assume | c.Assert],
) -> Sequence[c.Statement]:
    if not allowed:
        return _misplaced(body, surface, what, f"{body.rules.what} may not hold `{what}`")
    test = condition(claiming(body, f"`{what}`"), surface.condition)
    return () if test is None else [make(place=body.place(surface), condition=test)]


def claiming(body: Body, what: str) -> Body:
    """The body for a condition that must not change anything."""
    return body.under(replace(body.rules, what=what, events=False))


def always_returns(statements: Sequence[s.SurfaceStatement]) -> bool:
    """Whether every path through the statements ends in a `return`."""
    for each in statements:
        if isinstance(each, s.ReturnStatement):
            return True
        if isinstance(each, s.Block) and always_returns(each.statements):
            return True
        if isinstance(each, s.IfStatement) and each.other is not None:
            if always_returns([each.then]) and always_returns([each.other]):
                return True
    return False
