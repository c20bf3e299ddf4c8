"""Predicates, functions, helpers and agents: their bodies, checked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.bodies import Body, Rules
from spteproof.grammar.checked import Parameter
from spteproof.grammar.declarations import plain_parameter
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.event_order import ordered
from spteproof.grammar.expressions import condition, value_of
from spteproof.grammar.names import Entity, View
from spteproof.grammar.statements import always_returns, block
from spteproof.grammar.uses import Uses

PROGRAM = Rules(
    what="a program",
    events=True,
    reads_ghosts=True,
    sets_ghosts=True,
    inputs=True,
    assumes=True,
    asserts=True,
    atomics=True,
    retries=True,
    ghosts_apart=True,
)
_STEP = Rules(what="a step", reads_ghosts=True, sets_ghosts=True, reads_entries=True)
_WHEN = Rules(what="`when`", reads_ghosts=True, reads_entries=True)
_SAW = Rules(what="`saw`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A checked definition and what it uses; `node` is None where something in it was wrong."""

    entity: Entity
    node: c.Pure | c.Helper | c.Agent | None
    uses: Uses


def define(view: View, entity: Entity, findings: Findings) -> Definition:
    """Checks one definition, seen from where it is declared."""
    item = entity.item
    uses = Uses()
    match item:
        case s.PureItem():
            node: c.Pure | c.Helper | c.Agent | None = _pure(
                _body(view, findings, _pure_rules(entity), uses), entity, item
            )
        case s.HelperItem():
            node = _helper(_body(view, findings, _helper_rules(entity), uses), entity, item)
        case s.AgentItem():
            node = _agent(view, entity, item, findings, uses)
        case _:
            raise AssertionError(f"{entity.kind.value} is not defined by a body")
    return Definition(entity=entity, node=node, uses=uses)


def _body(view: View, findings: Findings, rules: Rules, uses: Uses) -> Body:
    return Body(view=view, findings=findings, rules=rules, uses=uses)


def _pure_rules(entity: Entity) -> Rules:
    return Rules(what=entity.kind.value, asserts=True, returns=True, result=entity.sort)


def _helper_rules(entity: Entity) -> Rules:
    return replace(PROGRAM, what="a helper", returns=True, result=entity.sort)


def bind(body: Body, surfaces: Iterable[s.SurfaceParameter], parameters: Iterable[Parameter]) -> None:
    """Declares parameters as locals: they may be assigned, as C's are."""
    for surface, parameter in zip(surfaces, parameters, strict=True):
        body.declare(surface.name, parameter.sort, by_reference=parameter.by_reference)


def _pure(body: Body, entity: Entity, item: s.PureItem) -> c.Pure | None:
    bind(body, item.parameters, entity.parameters)
    assert item.body is not None and entity.sort is not None
    statements: tuple[c.Statement, ...]
    if isinstance(item.body, s.Block):
        statements = block(body, item.body.statements)
        _report_no_return(body, entity, item.body)
    else:
        found = ordered(body, value_of(body, item.body, entity.sort, "the result"))
        statements = (c.Return(place=body.place(item.body), value=found),)
    return c.Pure(place=entity.place, name=entity.name, parameters=entity.parameters, sort=entity.sort, body=statements)


def _report_no_return(body: Body, entity: Entity, surface: s.Block) -> None:
    if entity.sort is not None and not always_returns(surface.statements):
        body.findings.error(
            "return.missing:path",
            entity.place,
            f"`{entity.name}` does not return a value on every path",
            label=f"gives a `{entity.sort.value}`",
            others=[(body.view.module.stretch(surface.end - 1, surface.end), "the end is reached")],
        )


def _helper(body: Body, entity: Entity, item: s.HelperItem) -> c.Helper | None:
    bind(body, item.parameters, entity.parameters)
    assert item.body is not None
    statements = block(body, item.body.statements)
    _report_no_return(body, entity, item.body)
    return c.Helper(
        place=entity.place, name=entity.name, parameters=entity.parameters, sort=entity.sort, body=statements
    )


def _agent(view: View, entity: Entity, item: s.AgentItem, findings: Findings, uses: Uses) -> c.Agent:
    steps: list[c.Step] = []
    first: dict[str, s.Word] = {}
    for surface in item.steps or ():
        body = _body(view, findings, _STEP, uses)
        body.declare_entry("spte")
        bind(body, item.parameters, entity.parameters)
        if surface.name.text in first:
            findings.error(
                "name.duplicate:step",
                body.place(surface.name),
                f"`{entity.name}` has two steps `{surface.name.text}`",
                label="declared again",
                others=[(body.place(first[surface.name.text]), "declared here")],
            )
        first.setdefault(surface.name.text, surface.name)
        steps.append(_step(body, surface))
    program = _body(view, findings, replace(PROGRAM, what="an agent's program", returns=True), uses)
    bind(program, item.parameters, entity.parameters)
    return c.Agent(
        place=entity.place,
        name=entity.name,
        parameters=entity.parameters,
        locks=entity.locks or (),
        steps=tuple(steps),
        program=block(program, item.program or ()),
    )


def _step(body: Body, surface: s.SurfaceStep) -> c.Step:
    parameters = tuple(plain_parameter(body.view.module, "a step", each, body.findings) for each in surface.parameters)
    bind(body, surface.parameters, parameters)
    when = None if surface.when is None else condition(body.under(_WHEN), surface.when)
    saw = None if surface.saw is None else condition(body.under(_SAW), surface.saw)
    return c.Step(
        place=body.place(surface),
        name=surface.name.text,
        parameters=parameters,
        when=when,
        saw=saw,
        body=block(body, surface.body.statements),
    )
