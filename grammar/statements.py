"""Statements: what each may be in the text at hand."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.assignments import assignment
from spteproof.grammar.bodies import Body, Rules
from spteproof.grammar.checked import Sort
from spteproof.grammar.event_order import ordered
from spteproof.grammar.expressions import condition, expression, narrowed, value


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
            return [each for name in surface.names for each in _declare(body, Sort(surface.sort.text), name)]
        case s.Assignment():
            return assignment(body, surface)
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
        case s.ParallelStatement():
            return _misplaced(body, surface, "parallel", "`parallel` stands at the top of a theorem's body")
        case s.RetryLoop():
            return _retry(body, surface)
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


# Calls, branches, claims ----------------------------------------------------------------------------------------------


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
    return replace(
        body.rules, what="an `atomic` block", atomics=False, retries=False, returns=False, ghosts_apart=False
    )


def _retry(body: Body, surface: s.RetryLoop) -> Sequence[c.Statement]:
    """The condition stands inside the scope of the body."""
    if not body.rules.retries:
        return _misplaced(body, surface, "retry", f"{body.rules.what} may not hold a `retry`")
    inside = body.under(replace(body.rules, what="the body of a `retry`", retries=False))
    body.scopes.append({})
    statements = tuple(each for part in surface.block.statements for each in statement(inside, part))
    until = ordered(body, condition(inside, surface.condition))
    body.scopes.pop()
    return () if until is None else [c.Retry(place=body.place(surface), body=statements, until=until)]


def _claim(
    body: Body,
    surface: s.AssumeStatement | s.AssertStatement,
    what: str,
    allowed: bool,
    make: Callable[..., c.Assume | c.Assert],
) -> Sequence[c.Statement]:
    if not allowed:
        return _misplaced(body, surface, what, f"{body.rules.what} may not hold `{what}`")
    test = ordered(body, condition(claiming(body, f"`{what}`"), surface.condition))
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
        if isinstance(each, s.RetryLoop) and always_returns(each.block.statements):
            return True
        if isinstance(each, s.IfStatement) and each.other is not None:
            if always_returns([each.then]) and always_returns([each.other]):
                return True
    return False
