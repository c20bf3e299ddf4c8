"""Equivalence: two calls make the same changes and give the same result.

Both are run against one stream of values: entry k of the stream is what an environment left before the k-th event of
either. A read whose value nothing depends on is no event here. Where the theorem says `against`, each value follows
from what the left call left by steps of the agents; otherwise every valid value may come.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from spteproof.grammar import checked as c
from spteproof.solver import doubts
from spteproof.solver.call_runs import CallRun
from spteproof.solver.environment import current, invariants
from spteproof.solver.exclusion import Line, may_overlap, overlap
from spteproof.solver.execution import bind_parameters
from spteproof.solver.happenings import Duty, Event, Frame, State, fresh
from spteproof.solver.interpretation import Values
from spteproof.solver.needless import needless
from spteproof.solver.paths import Paths
from spteproof.solver.results import PROVED, REFUTED, UNKNOWN, VACUOUS, Budget, Counterexample
from spteproof.solver.setting import Setting, Site
from spteproof.solver.shortest import Search
from spteproof.solver.smtlib import Script
from spteproof.solver.surroundings import AFTER, BEFORE, Surroundings
from spteproof.solver.terms import Term, Terms, value_of
from spteproof.solver.translation import Translation
from spteproof.solver.turns import in_turn, kept, with_steps
from spteproof.solver.walks import parts_of_state
from spteproof.solver.z3_solver import Literal, Solver, Unknown


@dataclass(frozen=True, slots=True)
class Answer:
    verdict: str
    reason: str | None = None
    counterexample: Counterexample | None = None


@dataclass(slots=True, kw_only=True)
class _Side:
    """One call run on the stream: what it leaves at each index, and what it gives."""

    call: c.HelperCall | c.Call
    ignored: frozenset[Site]
    left: list[Term] = field(default_factory=list)
    given: list[Term] = field(default_factory=list)
    inputs: Mapping[Site, Term] = field(default_factory=dict)


def decide(
    terms: Terms, theorem: c.Theorem, setting: Setting, surroundings: Surroundings, what: c.Equivalent, budget: Budget
) -> Answer:
    """The verdict on `equivalent left, right`: the theorem's body, which both share, and then either call."""
    return _Question(terms, theorem, setting, surroundings, what, budget).decide()


class _Question:
    def __init__(
        self,
        terms: Terms,
        theorem: c.Theorem,
        setting: Setting,
        surroundings: Surroundings,
        what: c.Equivalent,
        budget: Budget,
    ) -> None:
        self.terms, self.theorem, self.setting, self.budget = terms, theorem, setting, budget
        self.surroundings, self.what = surroundings, what
        self.violated = f"violated{[each.property for each in theorem.proves].index(what)}at0"
        self.parameters, ranges = bind_parameters(terms, theorem, setting)
        calls = [*what.left.arguments, *what.right.arguments]
        self.referred = sorted({each.variable.name for each in calls if isinstance(each, c.Reference)})
        self.ghosts = fresh(terms, current(terms, setting), "start").ghosts
        self.hypotheses = ranges
        self._assumes = self._reads_ghosts = self._loops = False
        self._sets: set[str] = set()
        self._duties: list[Duty] = []
        (ours, left_shared, left), (theirs, right_shared, right) = map(self._dead_reads, (what.left, what.right))
        needed = (left_shared - left) | (right_shared - right)  # by either call: the k-th event is one of both
        left, right = left - needed, right - needed
        longest = max(ours - len(left), theirs - len(right), 1)
        self.stream = [terms.word_variable(f"stream{number}") for number in range(longest)]
        self._duties.clear()
        self.left = self._side(what.left, left)
        self.right = self._side(what.right, right)

    def _translation(self, arrive: object) -> Translation:
        state = State(self.terms.word_variable("stream0"), self.ghosts)
        return Translation(self.terms, self.setting, state, arrive, prefix="call ")  # type: ignore[arg-type]

    def _run(self, translation: Translation, call: c.HelperCall | c.Call) -> tuple[Term, Frame, int]:
        """The theorem's body, then the call: its result, the body's locals afterwards, and how many events are the
        body's."""
        frame = Frame(self.terms.true)
        frame.variables.update(self.parameters)
        translation.run(self.theorem.body, frame)
        assumed, duties, events = translation.assumed, len(translation.duties), len(translation.events)
        result = translation.value(call, frame)
        self._loops = self._loops or bool(translation.loops)
        self._assumes = self._assumes or translation.assumed is not assumed
        self._duties += translation.duties[duties:]
        translation.assumed = assumed
        return result, frame, events

    def _dead_reads(self, call: c.HelperCall | c.Call) -> tuple[int, frozenset[Site], frozenset[Site]]:
        """How many events there may be; the sites of those of the theorem's body, and of reads whose value reaches no
        change, no result and no condition. As every event finds a value of its own here, none is missing that happens
        on the stream."""
        found: dict[Site, Term] = {}

        def arrive(state: State, site: Site, guard: Term) -> State:
            found[site] = self.terms.word_variable(f"seen{len(found)}")
            return State(found[site], state.ghosts)

        translation = self._translation(arrive)
        result, frame, own = self._run(translation, call)
        roots = [result, *map(frame.read, self.referred), *translation.state.ghosts.values(), translation.assumed]
        roots += [part for duty in translation.duties for part in (duty.guard, duty.condition)]
        shared = frozenset(event.site for event in translation.events[:own])
        return len(translation.events), shared, needless(translation.events, found, roots)

    def _side(self, call: c.HelperCall | c.Call, ignored: frozenset[Site]) -> _Side:
        terms = self.terms
        reached: dict[Site, list[Term]] = {}
        counts = [[terms.true, *[terms.false] * len(self.stream)]]

        def arrive(state: State, site: Site, guard: Term) -> State:
            if site in ignored or self._is_undisturbed():
                return state
            at = counts[-1]
            reached[site] = at
            before = self.stream[-1]
            for number in reversed(range(len(self.stream) - 1)):
                before = terms.choose(at[number], self.stream[number], before)
            earlier = [terms.false, *at[:-1]]
            counts.append([terms.choose_truth(guard, new, old) for new, old in zip(earlier, at, strict=True)])
            return State(before, state.ghosts)

        translation = self._translation(arrive)
        side = _Side(call=call, ignored=ignored)
        result, frame, _ = self._run(translation, call)
        self.hypotheses = terms.both(self.hypotheses, translation.assumed)
        if self._is_undisturbed():
            side.left = self._changes(translation.events, translation.state.entry)
        else:
            side.left = self._left(translation.events, reached)
        side.given = [result, *map(frame.read, self.referred), *translation.state.ghosts.values()]
        side.inputs = translation.inputs
        self._reads_ghosts = self._reads_ghosts or translation.reads_ghosts
        for event in translation.events:
            self._sets |= {name for name, new in event.after.ghosts.items() if new is not event.before.ghosts[name]}
        return side

    def _left(self, events: Sequence[Event], reached: Mapping[Site, Sequence[Term]]) -> list[Term]:
        left = list(self.stream)
        for event in events:
            if event.site in reached:
                for number in range(len(left)):
                    here = self.terms.both(event.guard, reached[event.site][number])
                    left[number] = self.terms.choose(here, event.after.entry, left[number])
        return left

    def _changes(self, events: Sequence[Event], final: Term) -> list[Term]:
        """Where nobody else runs: what the k-th change leaves, events that change nothing not counted; `final`
        where there are fewer changes."""
        terms = self.terms
        at = [terms.true, *[terms.false] * len(self.stream)]
        left = [final] * len(self.stream)
        for event in events:
            same_entry = terms.equal(event.before.entry, event.after.entry)
            changes = terms.both(event.guard, terms.negation(same_entry))
            left = [
                terms.choose(terms.both(changes, here), event.after.entry, old)
                for here, old in zip(at[: len(left)], left, strict=True)
            ]
            at = [terms.choose_truth(changes, new, old) for new, old in zip([terms.false, *at[:-1]], at, strict=True)]
        return left

    # Deciding

    def decide(self) -> Answer:
        if self._loops:
            return Answer(UNKNOWN, doubts.RETRIED)
        if len(self.setting.entries) > 1:
            return Answer(UNKNOWN, doubts.MORE_ENTRIES)
        if self._assumes:
            return Answer(UNKNOWN, doubts.ASSUMING)
        if self._reads_ghosts and not self._is_undisturbed():
            return Answer(UNKNOWN, doubts.READING)
        agents = [self.setting.scope.agents[use.agent] for use in self.theorem.agents]
        if self._sets & parts_of_state(self.setting.scope, agents):
            return Answer(UNKNOWN, doubts.SETTING)
        script = self._script()
        solver = Solver(script.text(), self.budget, "equivalence")
        answer = solver.check(self.violated)
        if isinstance(answer, Unknown):
            return Answer(UNKNOWN, answer.reason)
        if answer:
            return self._refuted(solver)
        able = solver.check()
        if isinstance(able, Unknown):
            return Answer(UNKNOWN, able.reason)
        if able and solver.check("undefined") is not False:
            return Answer(UNKNOWN, doubts.NOT_DEFINED)
        if not able:
            return Answer(VACUOUS, "the hypotheses cannot hold")
        if any(solver.check(each) is not False for each in self._rests_on()):
            return Answer(UNKNOWN, doubts.NOT_KEPT)
        doubt = self._doubt_of_happening(solver)
        return Answer(PROVED) if doubt is None else Answer(UNKNOWN, doubt)

    def _doubt_of_happening(self, solver: Solver) -> doubts.Doubt | None:
        """Why it is not known whether the hypotheses can hold, though the solver says so."""
        excluding = may_overlap(self.surroundings.transitions) and not self._is_undisturbed()
        if not (self._is_loose() or excluding) or solver.check("alone") is True:
            return None
        if self._is_loose() or solver.check() is not True:
            return doubts.NOT_SHOWN if self.surroundings.rely is not None else doubts.FREE_GHOSTS
        model = self._least(solver).model
        stream = [model[str(each.value)] for each in self.stream]
        return self._doubt_of_steps(model, stream, self._run_on(model, stream, self.left)) and doubts.NOT_IN_TURN

    def _is_loose(self) -> bool:
        """Whether more may happen on the stream than agents do: a rely may allow more, and ghosts are free there."""
        closed = self.surroundings.closure
        return closed is None or bool(closed.ghosts or closed.read_ghosts)

    def _rests_on(self) -> tuple[str, ...]:
        """What must not be possible besides. The first event was taken to find what the invariants allow, though agents
        may run before it, and agents may have been taken to have read only that."""
        if not self.theorem.against_given or not self.setting.invariants:
            return ()
        strays = () if self._is_undisturbed() else ("strays",)
        return (*strays, "broken") if self.surroundings.trusts_invariants() else strays

    def _is_undisturbed(self) -> bool:
        closed = self.surroundings.closure
        return self.theorem.against_given and closed is not None and closed.is_identity()

    def _script(self) -> Script:
        terms, script = self.terms, Script()
        script.define([*self.stream, *self.ghosts.values(), *self.parameters.values(), *self._inputs().values()])
        script.require(self.hypotheses)
        script.require(invariants(terms, self.setting, self.stream[0]))
        changes = self._state_environment(script)
        differ = [terms.negation(terms.same(x, y)) for x, y in zip(self.left.left, self.right.left, strict=True)]
        differ += [terms.negation(terms.same(x, y)) for x, y in zip(self.left.given, self.right.given, strict=True)]
        script.literal(self.violated, terms.any_of(differ))
        broken = [terms.both(duty.guard, terms.negation(duty.condition)) for duty in self._duties]
        script.literal("undefined", terms.any_of(broken))
        found = self.stream[:1] if self._is_undisturbed() else self.stream
        left_behind = [*found, *self.left.left, *self.right.left]
        script.literal(
            "broken", terms.any_of(terms.negation(invariants(terms, self.setting, each)) for each in left_behind)
        )
        parts = [f"(ite {script.name(each)} #x{1:016x} #x{0:016x})" for each in changes]
        script.line("(declare-const cost (_ BitVec 64))")
        total = f"(bvadd {' '.join(parts)} #x{0:016x} #x{0:016x})"
        script.line(f"(assert (= cost {total}))")
        return script

    def _least(self, solver: Solver, *fixed: Literal) -> Search:
        """From the solver's last answer to one in which others change least often."""
        names, truths = [*self._words(), "cost"], self._truths()
        solver.search()
        deadline, model = time.monotonic() + self.budget.shortest_seconds, solver.model(names, truths)
        read = lambda: solver.model(names, truths)  # noqa: E731
        search = Search(solver=solver, fixed=list(fixed), deadline=deadline, read=read, model=model)
        search.least_number("cost")
        return search

    def _words(self) -> list[str]:
        terms = (*self.stream, *self.ghosts.values(), *self.parameters.values(), *self._inputs().values())
        return [str(term.value) for term in terms if term.operator == "variable" and term.is_word]

    def _truths(self) -> list[str]:
        terms = (*self.ghosts.values(), *self.parameters.values(), *self._inputs().values())
        return [str(term.value) for term in terms if term.operator == "variable" and not term.is_word]

    def _inputs(self) -> dict[Site, Term]:
        return {**self.left.inputs, **self.right.inputs}

    def _state_environment(self, script: Script) -> list[Term]:
        """Requires that each value follows from what was left before, and returns where it differs. `strays` is where
        agents lead from what the invariants allow to what they forbid, `alone` where nobody changes anything."""
        if self._is_undisturbed():
            return []
        terms = self.terms
        pairs = list(zip(self.left.left, self.stream[1:], strict=False))
        if not self.theorem.against_given:
            for before, after in pairs:  # others leave what the invariants allow, or what they find
                allowed = invariants(terms, self.setting, after)
                script.require(terms.either(allowed, terms.equal(before, after)))
        else:
            start, found = terms.word_variable("start"), terms.word_variable("found")
            allowed, forbidden = (invariants(terms, self.setting, each) for each in (start, found))
            steps = self._steps(script, [*pairs, (start, found)])
            for step in steps[:-1]:
                script.line(f"(assert {step})")
            strays = script.name(terms.both(allowed, terms.negation(forbidden)))
            script.line("(declare-const strays Bool)")
            script.line(f"(assert (=> strays (and {strays} {steps[-1]})))")
            script.literal("alone", terms.all_of(terms.equal(before, after) for before, after in pairs))
        return [terms.negation(terms.equal(before, after)) for before, after in pairs]

    def _steps(self, script: Script, pairs: Sequence[tuple[Term, Term]]) -> list[str]:
        """For each pair, that the environment leads from the one to the other."""
        terms, rely, closed = self.terms, self.surroundings.rely, self.surroundings.closure
        if rely is not None:
            names = terms.word_variable(BEFORE), terms.word_variable(AFTER)
            held = [terms.substitute([rely], dict(zip(names, pair, strict=True)))[0] for pair in pairs]
            return [script.name(each) for each in held]
        assert closed is not None
        for pair in pairs:
            script.define(pair)
        closed.define(script, "env")
        states = [
            [self._with_ghosts(each, f"{when}{number}") for each, when in zip(pair, ("before", "after"), strict=True)]
            for number, pair in enumerate(pairs)
        ]
        return [closed.apply(script, "env", before, after) for before, after in states]

    def _with_ghosts(self, entry: Term, name: str) -> State:
        """Ghosts are outside what is compared here: the environment may find and leave them as it likes."""
        return State(entry, fresh(self.terms, State(entry, self.ghosts), name).ghosts)

    def _refuted(self, solver: Solver) -> Answer:
        search = self._least(solver, self.violated)
        for word in self._words():
            search.sparsest(word)
        return self._replayed(search.model, search.complete)

    # The concrete side

    def _replayed(self, model: Mapping[str, int], complete: bool) -> Answer:
        stream = [model[str(each.value)] for each in self.stream]
        runs = [self._run_on(model, stream, side) for side in (self.left, self.right)]
        problem = next((run.problem for run in runs if run.problem), None)
        if problem or runs[0].seen() == runs[1].seen():
            return Answer(UNKNOWN, problem or doubts.NOT_APART)
        if self.theorem.against_given and not self._is_undisturbed():
            doubt = self._doubt_of_steps(model, stream, runs[0])
            if doubt is not None:
                return Answer(UNKNOWN, doubt)
        rows = [*runs[0].rows("left"), *runs[1].rows("right")]
        example = Counterexample(
            lost=0,
            names=(),
            start=stream[0],
            end=runs[0].interpreter.state.entry,
            ghosts=self._start_ghosts(model),
            parameters=self._concrete(model),
            inputs={},
            rows=rows,
            environment_steps=model["cost"],
            shortest=complete,
            values=self.setting.values,
            masks=self.setting.masks,
            aliases=self.setting.aliases,
            place=self.what.place,
        )
        return Answer(REFUTED, None, example)

    def _run_on(self, model: Mapping[str, int], stream: Sequence[int], side: _Side) -> CallRun:
        return CallRun(
            self.setting,
            self.theorem.body,
            side.call,
            stream=stream,
            ghosts=self._start_ghosts(model),
            parameters=self._concrete(model),
            inputs={site: model[str(term.value)] for site, term in self._inputs().items()},
            ignored=side.ignored,
            referred=self.referred,
            undisturbed=self._is_undisturbed(),
        )

    def _start_ghosts(self, model: Mapping[str, int]) -> dict[str, int]:
        return {name: (int if each.is_word else bool)(model[str(each.value)]) for name, each in self.ghosts.items()}

    def _doubt_of_steps(self, model: Mapping[str, int], stream: Sequence[int], run: CallRun) -> doubts.Doubt | None:
        """None where explicit steps, which the agents' locks allow, lead from what the left call left to what its next
        event found."""
        parameters = self._concrete(model)
        paths = Paths(
            terms=self.terms,
            setting=self.setting,
            transitions=self.surroundings.transitions,
            state=self.surroundings.state,
            parameters={
                term: self.terms.fixed(parameters[name], term.is_word) for name, term in self.parameters.items()
            },
            budget=self.budget,
            shown=False,
        )
        left, ghosts = run.left(), self._start_ghosts(model)  # what the calls set of them no agent reads or sets
        line = Line(self.setting, [], {})
        for number in range(len(stream) - 1):
            line.instants.append(Values(left[number], ghosts))
            path = paths.find(line.instants[-1], Values(stream[number + 1], ghosts))
            if path is None:
                return doubts.NO_STEPS
            for taken in path:
                line.go(taken)
        doubt = overlap(line)
        if doubt is None:
            return None
        allowed = in_turn(
            line, paths.at_hand(), kept(line), lambda steps: overlap(with_steps(line, steps)) is None or None
        )
        return None if allowed is not None else doubt

    def _concrete(self, model: Mapping[str, int]) -> dict[str, int]:
        return {name: value_of(term, model) for name, term in self.parameters.items()}
