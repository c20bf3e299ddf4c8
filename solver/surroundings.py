"""A theorem's environment in one concrete layout: its transitions, their closure, and what is checked of both."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from string import digits

from spteproof.grammar import checked as c
from spteproof.solver.closure import Closure, closure
from spteproof.solver.doubts import AGENTS, INTERNAL, RELY, TIME, UNDEFINED, Doubt, TooBig
from spteproof.solver.environment import Transition, current, placed, transitions, valid
from spteproof.solver.happenings import Duty, Frame, Loop, State, fresh, same_state
from spteproof.solver.questions import Kept
from spteproof.solver.results import Budget
from spteproof.solver.retries import duties_again, exactness
from spteproof.solver.setting import Setting
from spteproof.solver.smtlib import Script
from spteproof.solver.terms import Term, Terms
from spteproof.solver.translation import Translation
from spteproof.solver.workbench import Known, Workbench
from spteproof.solver.z3_solver import Solver, Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`closure` is None where the author's `rely` stands for it, or where `problem` says why there is none. `idle`
    are agents none
    of whose steps changes a valid value. `faults` are asserts or undefined expressions that an agent may reach.
    `loops` are the retries of its agents, and `incomplete` says which of them may do more than the transitions do;
    `asserts`, there is something of agents that must hold or be defined."""

    transitions: Sequence[Transition]
    state: State
    closure: Closure | None
    rely: Term | None
    idle: tuple[str, ...]
    problem: Doubt | None
    faults: tuple[str, ...]
    loops: tuple[Loop, ...] = ()
    incomplete: Doubt | None = None
    asserts: bool = False

    def fault(self) -> Doubt:
        """All of its faults; no words where there are none."""
        return Doubt(AGENTS, "; ".join(self.faults))

    def trusts_invariants(self) -> bool:
        """Whether anything that is taken of agents hangs on the invariants: what they read earlier, or that no value
        breaks what they assert."""
        return self.asserts or self.reads_stale()

    def reads_stale(self) -> bool:
        """Whether some transition rests on a value read earlier, of which only the invariants are known. Its terms do
        not tell: a guard that the invariants make false has no inputs left."""
        return any(each.step is None or each.step.saw is not None for each in self.transitions)


BEFORE, AFTER = "before", "after"


def prepare(
    bench: Workbench,
    setting: Setting,
    theorem: c.Theorem,
    parameters: Mapping[str, Term],
    ranges: Term,
    budget: Budget,
    trusting: bool,
) -> Surroundings:
    """The theorem's environment; what is known of the same transitions is not found again. Not `trusting`, what agents
    read earlier may be any value at all, not only one that the invariants allow. Raises TooBig."""
    terms = bench.terms
    frame = Frame(terms.true)
    frame.variables.update(parameters)
    uses, duties = _put_in_place(terms, setting, theorem, frame, ranges, budget)
    rely = _rely(terms, setting, theorem, frame, ranges, budget)
    if not trusting:
        setting = replace(setting, invariants=())
    found: list[Transition] = []
    loops: list[tuple[str, Loop]] = []
    names = [placed(use.agent, use.entry) for use in theorem.agents]
    for (use, arguments), name in zip(uses, names, strict=True):
        made, translations = transitions(terms, setting, setting.scope.agents[use.agent], arguments, use.entry)
        found += made
        duties += [(name, duty) for each in translations for duty in each.duties]
        loops += [(name, loop) for each in translations for loop in each.loops]
    state = current(terms, setting)
    known, problem = _known(bench, setting, found, state, names, rely, budget)
    inexact = _inexact(terms, setting, loops, budget)
    asserting = {name for name, _ in duties} | {name for name, loop in loops if duties_again(terms, setting, [loop])}
    faults = _faults(terms, terms.both(ranges, valid(terms, setting, state)), duties, budget)
    return Surroundings(
        transitions=found,
        state=state,
        closure=known.closure,
        rely=rely,
        idle=known.idle,
        problem=problem,
        faults=(*faults, *_untried(inexact, asserting)),
        loops=tuple(loop for _, loop in loops),
        incomplete=next(iter(inexact.values()), None),
        asserts=bool(duties),
    )


def _put_in_place(
    terms: Terms, setting: Setting, theorem: c.Theorem, frame: Frame, ranges: Term, budget: Budget
) -> tuple[list[tuple[c.AgentUse, tuple[Term, ...]]], list[tuple[str, Duty]]]:
    """The agents with their arguments, and the asserts that these reach. Raises TooBig where one may be undefined."""
    uses: list[tuple[c.AgentUse, tuple[Term, ...]]] = []
    asserted: list[tuple[str, Duty]] = []
    for use in theorem.agents:
        translation = Translation(terms, setting, current(terms, setting))
        uses.append((use, tuple(translation.value(each, frame) for each in use.arguments)))
        _demand_defined(translation, ranges, "an agent's argument", budget)
        asserts = [duty for duty in translation.duties if duty.kind == "assert"]
        asserted += [(placed(use.agent, use.entry), duty) for duty in asserts]
    return uses, asserted


def _inexact(terms: Terms, setting: Setting, loops: Sequence[tuple[str, Loop]], budget: Budget) -> Mapping[str, Doubt]:
    """Why failed iterations of an agent's retry may do more than one of them does, for each agent of which they may."""
    found: dict[str, Doubt] = {}
    for name, loop in loops:
        problem = exactness(terms, setting, loop, budget, disturbed=False, of_agent=True).problem
        if problem is not None:
            found.setdefault(name, problem)
    return found


def _untried(inexact: Mapping[str, Doubt], asserting: Collection[str]) -> Iterator[str]:
    """What is not known of agents that assert something, or must be defined, after more than one failed iteration."""
    for name, problem in inexact.items():
        if name in asserting:
            yield f"agent `{name}`: what it asserts is not known to hold: {problem}"


def _known(
    bench: Workbench,
    setting: Setting,
    found: Sequence[Transition],
    state: State,
    names: Sequence[str],
    rely: Term | None,
    budget: Budget,
) -> tuple[Known, Doubt | None]:
    """Closure and idle agents, and the problem if there is one; what has a problem is not kept."""
    terms = bench.terms
    allowed = valid(terms, setting, state)
    key = (tuple(_signature(each) for each in found), tuple(names), allowed.number, rely and rely.number)
    before = bench.known(key)
    if before is not None and budget.told is None:
        return before, None
    if before is not None and before.questions is not None and budget.told is not None:
        for question in before.questions:
            budget.told.asked(question)
        return before, None
    kept = Kept(budget.told) if budget.told is not None else None
    budget = replace(budget, told=kept)
    closed, problem = None, None
    try:
        if rely is None:
            closed = closure(found, state)
            problem = check_closure(terms, found, state, closed, budget)
        else:
            problem = _check_rely(terms, found, state, rely, budget)
    except TooBig as big:
        problem = big.doubt
    idle = _idle(terms, allowed, names, found, state, budget)
    known = Known(closed, idle, None if kept is None else tuple(kept.questions))
    if problem is None:
        bench.keep(key, known)
    return known, problem


def _signature(transition: Transition) -> tuple[object, ...]:
    ghosts = tuple((name, term.number) for name, term in transition.ghosts.items())
    inputs = tuple(term.number for term in transition.inputs.values())
    return (transition.who, transition.guard.number, transition.entry.number, ghosts, inputs)


def _rely(
    terms: Terms, setting: Setting, theorem: c.Theorem, frame: Frame, ranges: Term, budget: Budget
) -> Term | None:
    if theorem.rely is None:
        return None
    inner = Frame(terms.true)
    inner.variables.update(frame.variables)
    inner.variables.update({BEFORE: terms.word_variable(BEFORE), AFTER: terms.word_variable(AFTER)})
    translation = Translation(terms, setting, current(terms, setting))
    rely = translation.value(theorem.rely, inner)
    _demand_defined(translation, ranges, "the rely", budget)
    return rely


def _demand_defined(translation: Translation, ranges: Term, what: str, budget: Budget) -> None:
    """Raises TooBig where it may be undefined for some values of the parameters."""
    duties = [duty for duty in translation.duties if duty.kind == "defined"]
    if not duties:
        return
    terms, script = translation.terms, Script()
    for number, duty in enumerate(duties):
        script.literal(f"undefined{number}", terms.all_of([ranges, duty.guard, terms.negation(duty.condition)]))
    solver = Solver(script.text(), budget, "agents' duties")
    for number, duty in enumerate(duties):
        if solver.check(f"undefined{number}") is not False:
            raise TooBig(f"{what} may be undefined, at {duty.place}", UNDEFINED)


def _some_step(terms: Terms, found: Sequence[Transition], after: State) -> Term:
    """Some transition leads from the current state to `after`."""
    return terms.any_of(terms.both(each.guard, same_state(terms, each.after, after)) for each in found)


def check_closure(
    terms: Terms, found: Sequence[Transition], state: State, closed: Closure, budget: Budget
) -> Doubt | None:
    """None where the solver agrees, on plain 64-bit words, that the closure is reflexive and closed under every
    transition. Each is asked for by itself: what one leaves alone is then the same on both sides, and is not solved."""
    script = Script()
    closed.define(script, "env")
    first = fresh(terms, state, "first")
    script.define([*first.parts(), *state.parts()])
    script.line(f"(define-fun reached () Bool {_connected(script, closed, first, state)})")
    claims = {"irreflexive": f"(not {closed.apply(script, 'env', state, state)})"}
    for number, each in enumerate(found):
        stays = _connected(script, closed, first, each.after)
        claims[f"escapes{number}"] = f"(and reached {script.name(each.guard)} (not {stays}))"
    for name, claim in claims.items():
        script.line(f"(declare-const {name} Bool)")
        script.line(f"(assert (=> {name} {claim}))")
    return _refute(script, tuple(claims), "closure", budget)


def _connected(script: Script, closed: Closure, before: State, after: State) -> str:
    """That the closure relates two states; what it does not speak of is the same in both."""
    related = closed.apply(script, "env", before, after)
    others = [name for name in before.ghosts if name not in closed.ghosts]
    same = [f"(= {script.name(before.ghosts[each])} {script.name(after.ghosts[each])})" for each in others]
    return f"(and {related} {' '.join(same)} true)"


def _check_rely(terms: Terms, found: Sequence[Transition], state: State, rely: Term, budget: Budget) -> Doubt | None:
    """None where the author's rely is reflexive, transitive and contains every transition."""
    before, after = terms.word_variable(BEFORE), terms.word_variable(AFTER)
    last = fresh(terms, state, "last")
    middle = terms.word_variable("middle")
    (same,) = terms.substitute([rely], {before: state.entry, after: state.entry})
    (step,) = terms.substitute([rely], {before: state.entry, after: last.entry})
    (first,) = terms.substitute([rely], {after: middle})
    (second,) = terms.substitute([rely], {before: middle})
    claims = {
        "irreflexive": terms.negation(same),
        "intransitive": terms.all_of([first, second, terms.negation(rely)]),
        "escapes": terms.both(_some_step(terms, found, last), terms.negation(step)),
    }
    script = Script()
    for name, claim in claims.items():
        script.literal(name, claim)
    return _refute(script, tuple(claims), "rely", budget)


_NAMES = {"closure": "the closure that was found", "rely": "the rely"}
_CLAIMS = {
    "irreflexive": "is not reflexive",
    "intransitive": "is not transitive",
    "escapes": "does not contain every step of the agents",
}


def _refute(script: Script, claims: Sequence[str], about: str, budget: Budget) -> Doubt | None:
    what = _NAMES[about]
    solver = Solver(script.text(), budget, about)
    for claim in claims:
        answer = solver.check(claim)
        if isinstance(answer, Unknown):
            return Doubt(TIME, f"could not check {what}: {answer.reason}")
        if answer:
            return Doubt(RELY if about == "rely" else INTERNAL, f"{what} {_CLAIMS[claim.rstrip(digits)]}")
    return None


def _idle(
    terms: Terms, valid: Term, names: Sequence[str], found: Sequence[Transition], state: State, budget: Budget
) -> tuple[str, ...]:
    """Agents that change no valid value in this layout."""
    script = Script()
    names = list(dict.fromkeys(names))
    for name in names:
        changes = []
        for each in found:
            if each.who == name:
                same = same_state(terms, each.after, state)
                changes.append(terms.both(each.guard, terms.negation(same)))
        script.literal(_busy(name), terms.both(valid, terms.any_of(changes)))
    if not names:
        return ()
    solver = Solver(script.text(), budget, "agents")
    return tuple(name for name in names if solver.check(_busy(name)) is False)


def _busy(name: str) -> str:
    return f"busy_{name.replace(' ', '_')}"


def _faults(terms: Terms, valid: Term, duties: Sequence[tuple[str, Duty]], budget: Budget) -> tuple[str, ...]:
    """The asserts and expressions of agents that may fail from some valid value."""
    if not duties:
        return ()
    script = Script()
    for number, (_, duty) in enumerate(duties):
        broken = terms.all_of([valid, duty.assumed, duty.guard, terms.negation(duty.condition)])
        script.literal(f"fault{number}", broken)
    solver = Solver(script.text(), budget, "agents' duties")
    return tuple(
        f"agent `{name}`: the {'assert' if duty.kind == 'assert' else 'expression'} at {duty.place} "
        f"{'may fail' if duty.kind == 'assert' else 'may be undefined'}"
        for number, (name, duty) in enumerate(duties)
        if solver.check(f"fault{number}") is not False
    )
