"""A theorem's program run over terms, with an environment between its events: everything that its properties speak
about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from spteproof.grammar import checked as c
from spteproof.solver.closure import Closure
from spteproof.solver.doubts import INVARIANTS, TooBig
from spteproof.solver.environment import current, valid
from spteproof.solver.happenings import Access, Branch, Duty, Event, Frame, State, chosen, fresh
from spteproof.solver.schedules import Schedule
from spteproof.solver.setting import Setting, Site
from spteproof.solver.terms import Term, Terms
from spteproof.solver.translation import Translation


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The environment runs from `before` to `after`, just before the event at `site` (None: after the last one)."""

    site: Site | None
    before: State
    after: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """All executions at once, with the threads' events in one order. `after` is what the last event left; `hypotheses`
    are the start's invariants, the parameters' ranges and what the order says of the states between threads' events,
    without assumptions; `assumed` are all assumptions."""

    setting: Setting
    start: State
    end: State
    after: State
    events: Sequence[Event]
    accesses: Sequence[Access]
    gaps: Sequence[Gap]
    duties: Sequence[Duty]
    branches: Sequence[Branch]
    hypotheses: Term
    assumed: Term
    frame: Frame
    translation: Translation
    parameters: dict[str, Term]
    schedule: Schedule = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A theorem's body, translated once: all of an execution but the order of its threads' events. `early` of the
    `gaps` come before the threads, and `alone` tells that nobody else ever runs."""

    setting: Setting
    environment: Closure | None
    alone: bool
    start: State
    end: State
    gaps: Sequence[Gap]
    early: int
    hypotheses: Term
    frame: Frame
    translation: Translation
    parameters: dict[str, Term]


def start_state(terms: Terms, setting: Setting) -> State:
    return fresh(terms, current(terms, setting), "start")


def bind_parameters(terms: Terms, theorem: c.Theorem, setting: Setting) -> tuple[dict[str, Term], Term]:
    """Each parameter's term (a choice that is made is a constant, others are variables) and the ranges of the
    variables."""
    bound: dict[str, Term] = {}
    ranges = terms.true
    for parameter in theorem.parameters:
        if parameter.name in setting.choices:
            bound[parameter.name] = terms.fixed(setting.choices[parameter.name], parameter.sort is not c.Sort.BOOL)
        elif parameter.sort is c.Sort.BOOL:
            bound[parameter.name] = terms.truth_variable(f"parameter {parameter.name}")
        else:
            bound[parameter.name] = terms.word_variable(f"parameter {parameter.name}")
            if parameter.bounds is not None:
                ranges = terms.both(ranges, _within(terms, bound[parameter.name], *parameter.bounds))
    if setting.alternatives:
        ranges = terms.both(ranges, terms.any_of(chosen_values(terms, setting, bound)))
    return bound, ranges


def chosen_values(terms: Terms, setting: Setting, bound: Mapping[str, Term]) -> list[Term]:
    """For each of the setting's alternatives, that the parameters have its values."""
    return [
        terms.all_of(terms.same(bound[name], terms.fixed(value, bound[name].is_word)) for name, value in each.items())
        for each in setting.alternatives
    ]


def _within(terms: Terms, word: Term, low: int, high: int) -> Term:
    values = [terms.equal(word, terms.word(value)) for value in range(low, high + 1)]
    return terms.any_of(values)


def draft(terms: Terms, theorem: c.Theorem, setting: Setting, environment: Closure | None) -> Draft:
    """Runs the theorem's body once, symbolically. `environment` None stands for one that may do anything it likes
    within `mask` and ghosts (an author's rely is stated by whoever uses the gaps)."""
    gaps: list[Gap] = []
    early: list[int] = []

    def gap(state: State, site: Site | None) -> State:
        if translation.joined is not None and not early:
            early.append(len(gaps))
        if environment is not None and environment.is_identity():
            return state
        changing = state.ghosts if environment is None else environment.ghosts
        found = fresh(terms, state, f"env{len(gaps)}")
        ghosts = {name: new if name in changing else state.ghosts[name] for name, new in found.ghosts.items()}
        found = State(found.entry, ghosts)
        gaps.append(Gap(site=site, before=state, after=found))
        return found

    start = start_state(terms, setting)
    parameters, ranges = bind_parameters(terms, theorem, setting)
    translation = Translation(terms, setting, start, lambda state, site, guard: gap(state, site))
    frame = Frame(terms.true)
    frame.variables.update(parameters)
    translation.run(theorem.body, frame)
    end = gap(translation.state, None)
    return Draft(
        setting=setting,
        environment=environment,
        alone=not theorem.agents and environment is not None and environment.is_identity(),
        start=start,
        end=end,
        gaps=gaps,
        early=early[0] if early else len(gaps),
        hypotheses=terms.both(ranges, valid(terms, setting, start)),
        frame=frame,
        translation=translation,
        parameters=parameters,
    )


def execution(terms: Terms, drafted: Draft, schedule: Schedule) -> Execution:
    """The executions in which the threads' events come in the order of the schedule. Raises TooBig where the schedule
    is of other events."""
    translation = drafted.translation
    events, gaps, linked = _in_order(terms, drafted, schedule)
    after = drafted.start
    for event in events:
        after = chosen(terms, event.guard, event.after, after)
    return Execution(
        setting=drafted.setting,
        start=drafted.start,
        end=drafted.end,
        after=after,
        events=events,
        accesses=translation.accesses,
        gaps=gaps,
        duties=translation.duties,
        branches=translation.branches,
        hypotheses=terms.both(drafted.hypotheses, linked),
        assumed=translation.assumed,
        frame=drafted.frame,
        translation=translation,
        parameters=drafted.parameters,
        schedule=schedule,
    )


def _in_order(terms: Terms, drafted: Draft, schedule: Schedule) -> tuple[list[Event], list[Gap], Term]:
    """The events and gaps in the order of the schedule, and what ties the states that threads find and leave: each
    event finds what the one before it left, or what the environment made of that."""
    translation, environment = drafted.translation, drafted.environment
    if not translation.strands:
        return translation.events, list(drafted.gaps), terms.true
    first, end = translation.strands[0].first, translation.strands[-1].end
    by_site = {event.site: event for event in translation.events[first:end]}
    if sorted(by_site) != sorted(schedule):
        raise TooBig("the threads' events differ where agents may have read anything", INVARIANTS)
    assert translation.split is not None and translation.joined is not None
    state, gaps, linked = translation.split, list(drafted.gaps[: drafted.early]), terms.true
    for event in (by_site[site] for site in schedule):
        idle = environment is not None and environment.is_identity()
        changing = frozenset(state.ghosts) if environment is None else environment.ghosts
        if not idle:
            gaps.append(Gap(site=event.site, before=state, after=event.before))
        linked = terms.both(linked, _tied(terms, state, event.before, entry=idle, but=() if idle else changing))
        state = chosen(terms, event.guard, event.after, event.before)
    linked = terms.both(linked, _tied(terms, state, translation.joined, entry=True, but=()))
    events = [*translation.events[:first], *(by_site[site] for site in schedule), *translation.events[end:]]
    return events, [*gaps, *drafted.gaps[drafted.early :]], linked


def _tied(terms: Terms, left: State, right: State, *, entry: bool, but: Collection[str]) -> Term:
    """That two states are one: the default entry, if asked for, and all ghosts and further entries but some."""
    parts = [terms.equal(left.entry, right.entry)] if entry else []
    for name, ghost in left.ghosts.items():
        if name not in but:
            parts.append(terms.same(ghost, right.ghosts[name]))
    return terms.all_of(parts)
