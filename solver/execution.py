"""A theorem's program run over terms, with an environment between its events: everything that its properties speak
about."""

from collections.abc import Sequence
from dataclasses import dataclass

from spteproof.grammar import checked as c
from spteproof.solver.closure import Closure
from spteproof.solver.environment import invariants
from spteproof.solver.happenings import Branch, Duty, Event, Frame, State
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
    """All executions at once. `hypotheses` are the start's invariants and the parameters' ranges, without assumptions;
    `assumed` are all assumptions; `completes` is where the program reaches its end."""

    setting: Setting
    start: State
    end: State
    after: Term
    events: Sequence[Event]
    gaps: Sequence[Gap]
    duties: Sequence[Duty]
    branches: Sequence[Branch]
    hypotheses: Term
    assumed: Term
    frame: Frame
    translation: Translation
    parameters: dict[str, Term]


def start_state(terms: Terms, setting: Setting) -> State:
    ghosts = {name: terms.truth_variable(f"start {name}") for name in setting.ghosts}
    return State(terms.word_variable("start"), ghosts)


def bind_parameters(terms: Terms, theorem: c.Theorem, setting: Setting) -> tuple[dict[str, Term], Term]:
    """Each parameter's term (a choice is a constant, others are variables) and the ranges of the variables."""
    bound: dict[str, Term] = {}
    ranges = terms.true
    for parameter in theorem.parameters:
        if parameter.choices is not None:
            value = setting.choices[parameter.name]
            bound[parameter.name] = terms.truth(bool(value)) if parameter.sort is c.Sort.BOOL else terms.word(value)
        elif parameter.sort is c.Sort.BOOL:
            bound[parameter.name] = terms.truth_variable(f"parameter {parameter.name}")
        else:
            bound[parameter.name] = terms.word_variable(f"parameter {parameter.name}")
            if parameter.bounds is not None:
                ranges = terms.both(ranges, _within(terms, bound[parameter.name], *parameter.bounds))
    return bound, ranges


def _within(terms: Terms, word: Term, low: int, high: int) -> Term:
    values = [terms.equal(word, terms.word(value)) for value in range(low, high + 1)]
    return terms.any_of(values)


def execute(terms: Terms, theorem: c.Theorem, setting: Setting, environment: Closure | None) -> Execution:
    """Runs the theorem's body once, symbolically. `environment` None stands for one that may do anything it likes
    within `mask` and ghosts (an author's rely is stated by whoever uses the gaps)."""
    gaps: list[Gap] = []

    def gap(state: State, site: Site | None) -> State:
        if environment is not None and environment.is_identity():
            return state
        number = len(gaps)
        changing = state.ghosts if environment is None else environment.ghosts
        ghosts = {
            name: terms.truth_variable(f"env{number} {name}") if name in changing else ghost
            for name, ghost in state.ghosts.items()
        }
        found = State(terms.word_variable(f"env{number}"), ghosts)
        gaps.append(Gap(site=site, before=state, after=found))
        return found

    start = start_state(terms, setting)
    parameters, ranges = bind_parameters(terms, theorem, setting)
    translation = Translation(terms, setting, start, lambda state, site, guard: gap(state, site))
    frame = Frame(terms.true)
    frame.variables.update(parameters)
    translation.run(theorem.body, frame)
    after = start.entry
    for event in translation.events:
        after = terms.choose(event.guard, event.after.entry, after)
    end = gap(translation.state, None)
    return Execution(
        setting=setting,
        start=start,
        end=end,
        after=after,
        events=translation.events,
        gaps=gaps,
        duties=translation.duties,
        branches=translation.branches,
        hypotheses=terms.both(ranges, invariants(terms, setting, start.entry)),
        assumed=translation.assumed,
        frame=frame,
        translation=translation,
        parameters=parameters,
    )
