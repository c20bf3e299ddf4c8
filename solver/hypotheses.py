"""What every obligation of an instance assumes, as SMT-LIB text."""

from collections.abc import Callable
from itertools import pairwise

from spteproof.solver.doubts import NOT_IN_TURN, NOT_SHOWN
from spteproof.solver.environment import Transition
from spteproof.solver.exclusion import may_overlap
from spteproof.solver.execution import Execution, Gap
from spteproof.solver.happenings import State, fresh, same_state
from spteproof.solver.smtlib import Script
from spteproof.solver.surroundings import AFTER, BEFORE, Surroundings
from spteproof.solver.terms import Term, Terms
from spteproof.solver.z3_solver import Literal, Unknown

STEPWISE, STEPS = "stepwise", 3
"""That the agents' own steps fill every gap, so many in each at most: the name of a truth value to assume."""
ALONE = "alone"
"""That agents change nothing, and with a number behind it that they do not in this gap: likewise."""


def state_hypotheses(script: Script, terms: Terms, run: Execution, surroundings: Surroundings) -> None:
    """Requires the start's invariants, the parameters' ranges, and that the environment filled every gap. By steps of
    the agents: a truth value to assume where there is a `rely`, which may allow more; and that they change nothing,
    where some may not run at one time."""
    declared: list[object] = [*run.start.parts(), *run.parameters.values()]
    script.define(declared)  # type: ignore[arg-type]
    script.require(run.hypotheses)
    closed = surroundings.closure
    if closed is not None and not closed.is_identity():
        closed.define(script, "env")
        for gap in run.gaps:
            script.line(f"(assert {closed.apply(script, 'env', gap.before, gap.after)})")
    if surroundings.rely is not None:
        written = ghosts_written(surroundings)
        for gap in run.gaps:
            replacements = {
                terms.word_variable(BEFORE): gap.before.entry,
                terms.word_variable(AFTER): gap.after.entry,
            }
            script.require(terms.substitute([surroundings.rely], replacements)[0])
            for name, ghost in gap.after.ghosts.items():
                if name not in written:
                    old = gap.before.ghosts[name]
                    script.require(terms.same(old, ghost))
        filled = [_stepped(terms, surroundings, gap, f"gap{number}") for number, gap in enumerate(run.gaps)]
        script.literal(STEPWISE, terms.all_of(filled))
    if may_overlap(surroundings.transitions):
        idle = [same_state(terms, gap.before, gap.after) for gap in run.gaps]
        for name, condition in zip([ALONE, *_idle_gaps(run)], [terms.all_of(idle), *idle], strict=True):
            script.literal(name, condition)


def ghosts_written(surroundings: Surroundings) -> set[str]:
    return {
        name
        for each in surroundings.transitions
        for name, ghost in each.ghosts.items()
        if ghost is not surroundings.state.ghosts[name]
    }


def happening(
    holds: Callable[..., bool | Unknown],
    run: Execution,
    surroundings: Surroundings,
    *literals: Literal,
    shown: Callable[[], bool],
) -> bool | Unknown:
    """Whether some execution leads there: where a `rely` may allow more than the agents do, by their own steps; where
    their locks exclude some of them, one in which they change nothing, or in few gaps, as the last answer is `shown`
    to."""
    answer = holds(*literals)
    if answer is not True:
        return answer
    way: tuple[Literal, ...] = () if surroundings.rely is None else (STEPWISE,)
    if way and holds(*literals, *way) is not True:
        return Unknown(NOT_SHOWN)
    if not may_overlap(surroundings.transitions) or holds(*literals, *way, ALONE) is True:
        return True
    for idle in reversed(_idle_gaps(run)):
        way = (*way, idle) if holds(*literals, *way, idle) is True else way
    return True if holds(*literals, *way) is True and shown() else Unknown(NOT_IN_TURN)


def _idle_gaps(run: Execution) -> list[str]:
    return [f"{ALONE}{number}" for number in range(len(run.gaps))]


def _stepped(terms: Terms, surroundings: Surroundings, gap: Gap, name: str) -> Term:
    """The agents make no step in the gap, or a few."""
    between = [fresh(terms, gap.before, f"{name} state{number}") for number in range(1, STEPS)]
    filled = terms.true
    for number, (before, after) in enumerate(pairwise([gap.before, *between, gap.after])):
        steps = [
            _leads(terms, surroundings.state, each, before, after, f"{name} step{number}")
            for each in surroundings.transitions
        ]
        filled = terms.both(filled, terms.any_of([same_state(terms, before, after), *steps]))
    return filled


def _leads(terms: Terms, current: State, each: Transition, before: State, after: State, name: str) -> Term:
    """The transition leads from one state to the other, with inputs of its own."""
    replacements = dict(zip(current.parts(), before.parts(), strict=True))
    replacements.update((term, terms.variable(f"{term.value} {name}", term.is_word)) for term in each.inputs.values())
    names = list(each.ghosts)
    roots = [each.guard, each.entry, *[each.ghosts[ghost] for ghost in names]]
    guard, entry, *ghosts = terms.substitute(roots, replacements)
    return terms.both(guard, same_state(terms, State(entry, dict(zip(names, ghosts, strict=True))), after))
