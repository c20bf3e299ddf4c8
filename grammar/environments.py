"""A theorem's environment: which agents its locks let in, and what their parameters are bound to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.bodies import Body, Local
from spteproof.grammar.checked import AgentUse, Lock, Parameter, Sort
from spteproof.grammar.eras import known
from spteproof.grammar.expressions import value_of
from spteproof.grammar.names import Entity, Kind
from spteproof.grammar.sorts import converted
from spteproof.grammar.source import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    agents: tuple[AgentUse, ...]
    omitted: tuple[str, ...]


def environment(body: Body, against: s.Against | None, locks: Sequence[Lock], eras: Sequence[str]) -> Environment:
    """The agents of an `against` clause. `body` holds the theorem's parameters as its locals."""
    listed: list[AgentUse] = []
    if against is not None and against.everyone:
        place = body.place(against)
        for agent in _agents_in_scope(body, eras):
            conflicts = [conflict(locks, held) for held in _held(body, agent, eras)]
            excluding = [each for each in conflicts if each is not None]
            if len(excluding) == len(conflicts) > 0 or not _all_bindable(body, agent):
                continue
            for ours, theirs in excluding[:1]:
                _report_partly_excluded(body, agent, place, ours, theirs)
            body.uses.callee(agent.name, place)
            listed.append(AgentUse(place=place, agent=agent.name, arguments=_by_name(body, agent, place)))
    elif against is not None:
        for surface in against.agents:
            use = _listed(body, surface, locks, eras)
            if use is not None:
                listed.append(replace(use, entry=named_entry(body, surface.entry)))
    names = {use.agent for use in listed if use.entry == c.DEFAULT_ENTRY}
    omitted = [
        agent.name
        for agent in _agents_in_scope(body, eras)
        if agent.name not in names and any(conflict(locks, held) is None for held in _held(body, agent, eras))
    ]
    return Environment(agents=tuple(listed), omitted=tuple(omitted))


def named_entry(body: Body, word: s.Word | None) -> str:
    """The entry after `on`, `sptep` without it; what is not an entry is reported."""
    if word is None:
        return c.DEFAULT_ENTRY
    entry = body.entry(word.text)
    if entry is None and not body.view.excused(word.text):
        body.findings.error(
            "name.unknown:entry",
            body.place(word),
            f"there is no entry `{word.text}`",
            label="not an entry",
            help=body.findings.nearest(word.text, lambda: [each.name for each in body.view.of_kind(Kind.ENTRY)]),
        )
    return entry or c.DEFAULT_ENTRY


def _agents_in_scope(body: Body, eras: Sequence[str]) -> list[Entity]:
    """The agents that the theorem can speak of; a member of an interface only where there are eras."""
    return [agent for agent in body.view.of_kind(Kind.AGENT) if agent.interface is None or eras]


def _held(body: Body, agent: Entity, eras: Sequence[str]) -> list[Sequence[Lock]]:
    """The locks of an agent, in each era."""
    if agent.interface is None:
        return [agent.locks or ()]
    supplied = [body.view.names.eras.get(era, {}).get(agent.name) for era in eras]
    return [each.locks or () for each in supplied if each is not None]


def conflict(ours: Sequence[Lock], theirs: Sequence[Lock]) -> tuple[Lock, Lock] | None:
    """Two locks of one name exclude each other unless both are held for reading."""
    for mine in ours:
        for other in theirs:
            if mine.name == other.name and (mine.mode, other.mode) != ("read", "read"):
                return mine, other
    return None


def _listed(body: Body, surface: s.SurfaceUse, locks: Sequence[Lock], eras: Sequence[str]) -> AgentUse | None:
    agent = known(body.view, surface.agent, Kind.AGENT, body.findings)
    if agent is None:
        return None
    place = body.place(surface)
    body.uses.callee(agent.name, place)
    for held in _held(body, agent, eras):
        excluding = conflict(locks, held)
        if excluding is not None:
            _report_excluded(body, agent, place, *excluding)
            return None
    if surface.arguments is None:
        return _bound_by_name(body, agent, place)
    if len(surface.arguments) != len(agent.parameters):
        body.findings.error(
            "call.arguments:count",
            place,
            f"`{agent.name}` takes {len(agent.parameters)} arguments, not {len(surface.arguments)}",
            label=f"{len(surface.arguments)} given",
            others=[(agent.place, "declared here")],
        )
        return None
    given = [
        value_of(body, argument, parameter.sort, f"parameter `{parameter.name}` of `{agent.name}`")
        for parameter, argument in zip(agent.parameters, surface.arguments, strict=True)
    ]
    return AgentUse(place=place, agent=agent.name, arguments=tuple(each for each in given if each is not None))


def _report_partly_excluded(body: Body, agent: Entity, place: Place, ours: Lock, theirs: Lock) -> None:
    body.findings.error(
        "agent.excluded:lock",
        place,
        f"`{agent.name}` can run in some of the eras only: in another it holds `{_said(theirs)}`, "
        f"and the theorem holds `{_said(ours)}`",
        label="not the same agents in every era",
        others=[(theirs.place, "the agent's lock"), (ours.place, "the theorem's lock")],
        help="state a theorem for the eras in which it can run, and one for the others",
    )


def _report_excluded(body: Body, agent: Entity, place: Place, ours: Lock, theirs: Lock) -> None:
    body.findings.error(
        "agent.excluded:lock",
        place,
        f"`{agent.name}` cannot run: it holds `{_said(theirs)}`, and the theorem holds `{_said(ours)}`",
        label="excluded by a lock",
        others=[(theirs.place, "the agent's lock"), (ours.place, "the theorem's lock")],
    )


def _said(lock: Lock) -> str:
    return lock.name if lock.mode == "exclusive" else f"{lock.name}({lock.mode})"


def _bindable(body: Body, parameter: Parameter) -> Local | None:
    """The theorem's parameter of the same name, if it may become what the agent wants."""
    local = body.local(parameter.name)
    if local is None or (local.sort is Sort.U64 and parameter.sort is Sort.INT):
        return None
    return local


def _all_bindable(body: Body, agent: Entity) -> bool:
    return all(_bindable(body, parameter) is not None for parameter in agent.parameters)


def _by_name(body: Body, agent: Entity, place: Place) -> tuple[c.Expression, ...]:
    bound = [(parameter, _bindable(body, parameter)) for parameter in agent.parameters]
    return tuple(
        converted(c.Variable(place=place, name=local.unique, sort=local.sort), parameter.sort)
        for parameter, local in bound
        if local is not None
    )


def _bound_by_name(body: Body, agent: Entity, place: Place) -> AgentUse | None:
    for parameter in agent.parameters:
        if _bindable(body, parameter) is None:
            body.findings.error(
                "agent.unbound:parameter",
                place,
                f"the theorem has no parameter for `{parameter.name}` of `{agent.name}`",
                label="not bound",
                others=[(parameter.place, "the agent's parameter")],
                help=f"add the parameter `{parameter.sort.value} {parameter.name}`, or give the arguments in brackets",
            )
            return None
    return AgentUse(place=place, agent=agent.name, arguments=_by_name(body, agent, place))
