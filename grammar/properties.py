"""What a theorem proves: each property, and the verdicts that its author expects."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import assert_never

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.bodies import Body, Rules
from spteproof.grammar.checked import Sort
from spteproof.grammar.definitions import PROGRAM
from spteproof.grammar.environments import named_entry
from spteproof.grammar.event_order import ordered, report_unordered
from spteproof.grammar.expressions import condition, expression, value_of
from spteproof.grammar.names import Kind
from spteproof.grammar.splitting import COMMENT_PATTERN
from spteproof.grammar.statements import block

_PURE = Rules(what="a property's expression")
_THAT = Rules(what="`that`")
_ENSURES = Rules(what="`ensures`", reads_ghosts=True, instants=frozenset({"start", "after", "end"}), cleared=True)
_ALWAYS = Rules(what="`always`", reads_ghosts=True, instants=frozenset({"start"}), now=True)
_REFINES = replace(
    PROGRAM,
    what="`refines`",
    sets_ghosts=False,
    inputs=False,
    assumes=False,
    asserts=False,
    retries=False,
    ghosts_apart=False,
)
_EQUIVALENT = Rules(what="`equivalent`", events=True)
_COMMENT = re.compile(COMMENT_PATTERN)


def property_text(body: Body, claim: s.SurfaceProperty) -> str:
    """The author's words, white space folded and comments left out."""
    return " ".join(_COMMENT.sub(" ", body.view.module.source.text[claim.start : claim.end]).split())


def property_of(body: Body, claim: s.SurfaceProperty) -> c.Property | None:
    """The checked property, over the theorem's parameters and locals."""
    place = body.place(claim)
    match claim:
        case s.BitProperty():
            return _of_bits(body, claim)
        case s.RefinesProperty():
            return _refines(body, claim)
        case s.ConditionProperty(kind="ensures"):
            found = condition(body.under(_ENSURES), claim.condition)
            return None if found is None else c.Ensures(place=place, condition=found)
        case s.ConditionProperty(kind="always"):
            found = condition(body.under(_ALWAYS), claim.condition)
            return None if found is None else c.Always(place=place, condition=found)
        case s.ConditionProperty():
            found = condition(body.under(_THAT), claim.condition)
            return None if found is None else c.That(place=place, condition=found)
        case s.EquivalentProperty():
            return _equivalent(body, claim)
        case s.InvariantsProperty():
            return c.KeepsInvariants(place=place)
    assert_never(claim)


def _word(body: Body, term: s.Term) -> c.Expression | None:
    return value_of(body.under(_PURE), term, Sort.U64, "a mask")


def _of_bits(body: Body, claim: s.BitProperty) -> c.Property | None:
    place = body.place(claim)
    entry = named_entry(body, claim.entry)
    if claim.mask is None:
        return c.ChangesOnly(place=place, mask=c.Constant(place=place, value=0, sort=Sort.U64), entry=entry)
    mask = _word(body, claim.mask)
    exempt = None if claim.exempt is None else _word(body, claim.exempt)
    into = None if claim.into is None else _into(body, claim.into)
    if mask is None or (claim.exempt is not None and exempt is None) or (claim.into is not None and into is None):
        return None
    match claim.kind:
        case "preserves":
            return c.Preserves(place=place, mask=mask, exempt=exempt, entry=entry)
        case "changes only":
            return c.ChangesOnly(place=place, mask=mask, entry=entry)
        case "resurrects nothing":
            return c.Resurrects(place=place, mask=mask, entry=entry)
        case _:
            assert into is not None
            exactly = claim.kind == "conserves exactly"
            return c.Conserves(place=place, mask=mask, into=into, exactly=exactly, entry=entry)


def _into(body: Body, word: s.Word) -> c.Variable | c.GhostName | None:
    local, entity, place = body.local(word.text), body.view.entity(word.text), body.place(word)
    if local is not None and local.declared and local.sort is not Sort.INT:
        return body.variable(word, local)
    if entity is not None and entity.kind is Kind.GHOST and entity.sort is not None:
        return c.GhostName(place=place, name=word.text, sort=entity.sort)
    if local is None and entity is None and body.word(word.text) is None:
        body.unknown(word, word.text)
        return None
    what = "a parameter" if local is not None and not local.declared else "not a `u64` or `bool` local, nor a ghost"
    body.findings.error(
        "property.into:kind",
        place,
        f"bits cannot be conserved into `{word.text}`: it is {what}",
        label="not a result of the program",
    )
    return None


def _refines(body: Body, claim: s.RefinesProperty) -> c.Refines:
    outside = {local.unique: local for scope in body.scopes for local in scope.values()}
    statements = block(body.under(_REFINES), claim.block.statements)
    results: dict[str, c.Variable] = {}
    for node in nodes(statements):
        match node:
            case c.Assign(target=c.Variable() as variable):
                results.setdefault(variable.name, variable)
            case c.Memory(reference=c.Variable() as variable) | c.Reference(variable=variable):
                results.setdefault(variable.name, variable)
    return c.Refines(
        place=body.place(claim),
        block=statements,
        results=tuple(each for name, each in results.items() if name in outside),
    )


def nodes(trees: Sequence[c.Node]) -> Iterator[c.Node]:
    """Every node of the trees, in the order of the text."""
    pending: list[object] = list(reversed(trees))
    while pending:
        node = pending.pop()
        if isinstance(node, tuple):
            pending.extend(reversed(node))
        elif isinstance(node, c.Node) and is_dataclass(node):
            yield node
            pending.extend(getattr(node, field.name) for field in reversed(fields(node)) if field.name != "place")


def _equivalent(body: Body, claim: s.EquivalentProperty) -> c.Property | None:
    inside = body.under(_EQUIVALENT)
    sides = [ordered(inside, expression(inside, each)) for each in (claim.left, claim.right)]
    calls = [side for side in sides if isinstance(side, c.HelperCall | c.Call)]
    for side in sides:
        if side is not None and not isinstance(side, c.HelperCall | c.Call):
            body.findings.error(
                "property.equivalent:call",
                side.place,
                "`equivalent` compares two helpers, or two predicates or functions",
                label="none of them",
            )
    if len(calls) < 2:
        return None
    left, right = calls
    for side in calls:
        event = report_unordered(body.findings, side)
        if isinstance(side, c.Call) and event is not None:
            body.findings.error(
                "event.misplaced:operation", event, "an argument here may not touch the entry", label="an event"
            )
    if type(left) is not type(right) or left.sort is not right.sort:
        body.findings.error(
            "property.equivalent:kind",
            right.place,
            f"`{left.callee}` and `{right.callee}` give different kinds of result",
            label="cannot be compared",
            others=[(left.place, "with this")],
        )
        return None
    return c.Equivalent(place=body.place(claim), left=left, right=right)
