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
from spteproof.solver.environment import current, invariants
from spteproof.solver.execution import bind_parameters
from spteproof.solver.happenings import Duty, Event, Frame, State, fresh
from spteproof.solver.interpretation import Call, Interpreter, Stopped, Values
from spteproof.solver.paths import Paths
from spteproof.solver.results import PROVED, REFUTED, UNKNOWN, VACUOUS, Budget, Counterexample, Row
from spteproof.solver.setting import Setting, Site
from spteproof.solver.shortest import Search
from spteproof.solver.smtlib import Script
from spteproof.solver.surroundings import AFTER, BEFORE, Surroundings
from spteproof.solver.terms import Term, Terms, variables
from spteproof.solver.translation import Translation
from spteproof.solver.z3_solver import Solver, Unknown


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
        self.ghosts = fresh(terms, current(terms, setting), "start").ghosts
        self.hypotheses = ranges
        self._assumes = self._reads_ghosts = self._loops = False
        self._duties: list[Duty] = []
        ignored = [self._dead_reads(call) for call in (what.left, what.right)]
        sizes = [self._count(call, dead) for call, dead in zip((what.left, what.right), ignored, strict=True)]
        self.stream = [terms.word_variable(f"stream{number}") for number in range(max([*sizes, 1]))]
        self._duties.clear()
        self.left = self._side(what.left, ignored[0])
        self.right = self._side(what.right, ignored[1])

    def _translation(self, arrive: object) -> Translation:
        state = State(self.stream[0] if hasattr(self, "stream") else self.terms.word_variable("stream0"), self.ghosts)
        return Translation(self.terms, self.setting, state, arrive, prefix="call ")  # type: ignore[arg-type]

    def _run(self, translation: Translation, call: c.HelperCall | c.Call) -> tuple[Term, Frame]:
        """The theorem's body, then the call: its result and the body's locals afterwards."""
        frame = Frame(self.terms.true)
        frame.variables.update(self.parameters)
        translation.run(self.theorem.body, frame)
        assumed, duties = translation.assumed, len(translation.duties)
        result = translation.value(call, frame)
        self._loops = self._loops or bool(translation.loops)
        self._assumes = self._assumes or translation.assumed is not assumed
        self._duties += translation.duties[duties:]
        translation.assumed = assumed
        return result, frame

    def _dead_reads(self, call: c.HelperCall | c.Call) -> frozenset[Site]:
        """Sites of reads whose value reaches no change, no result and no condition."""
        found: dict[Site, Term] = {}

        def arrive(state: State, site: Site, guard: Term) -> State:
            found[site] = self.terms.word_variable(f"seen{len(found)}")
            return State(found[site], state.ghosts)

        translation = self._translation(arrive)
        result, frame = self._run(translation, call)
        roots = [result, *self._references(call, frame), *translation.state.ghosts.values(), translation.assumed]
        for event in translation.events:
            roots.append(event.guard)
            if event.written:
                roots.append(event.after.entry)
        live = variables(roots)
        reads = {event.site for event in translation.events if not event.written and event.operation != "ghost"}
        return frozenset(site for site, term in found.items() if site in reads and term not in live)

    def _count(self, call: c.HelperCall | c.Call, ignored: frozenset[Site]) -> int:
        translation = self._translation(lambda state, site, guard: state)
        self._run(translation, call)
        return sum(event.site not in ignored for event in translation.events)

    def _references(self, call: c.HelperCall | c.Call, frame: Frame) -> list[Term]:
        return [frame.read(each.variable.name) for each in call.arguments if isinstance(each, c.Reference)]

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
        result, frame = self._run(translation, call)
        self.hypotheses = terms.both(self.hypotheses, translation.assumed)
        if self._is_undisturbed():
            side.left = self._changes(translation.events, translation.state.entry)
        else:
            side.left = self._left(translation.events, reached)
        side.given = [result, *self._references(call, frame), *translation.state.ghosts.values()]
        side.inputs = translation.inputs
        self._reads_ghosts = self._reads_ghosts or translation.reads_ghosts
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
        if self._trusts_invariants() and solver.check("broken") is not False:
            return Answer(UNKNOWN, doubts.NOT_KEPT)
        return Answer(PROVED)

    def _trusts_invariants(self) -> bool:
        """Whether agents were taken to have read only what the invariants allow."""
        return self.theorem.against_given and bool(self.setting.invariants) and self.surroundings.reads_stale()

    def _is_undisturbed(self) -> bool:
        closed = self.surroundings.closure
        return self.theorem.against_given and closed is not None and closed.is_identity()

    def _script(self) -> Script:
        terms, script = self.terms, Script()
        script.define([*self.stream, *self.ghosts.values(), *self.parameters.values(), *self._inputs().values()])
        script.require(self.hypotheses)
        for value in self.stream[:1] if self.theorem.against_given else self.stream:
            script.require(invariants(terms, self.setting, value))
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

    def _words(self) -> list[str]:
        terms = (*self.stream, *self.ghosts.values(), *self.parameters.values(), *self._inputs().values())
        return [str(term.value) for term in terms if term.operator == "variable" and term.is_word]

    def _inputs(self) -> dict[Site, Term]:
        return {**self.left.inputs, **self.right.inputs}

    def _state_environment(self, script: Script) -> list[Term]:
        """Requires that each value follows from what was left before, and returns where it differs."""
        if self._is_undisturbed():
            return []
        pairs = list(zip(self.left.left, self.stream[1:], strict=False))
        rely = self.surroundings.rely
        if self.theorem.against_given and rely is not None:
            for before, after in pairs:
                script.require(
                    self.terms.substitute(
                        [rely], {self.terms.word_variable(BEFORE): before, self.terms.word_variable(AFTER): after}
                    )[0]
                )
        elif self.theorem.against_given:
            closed = self.surroundings.closure
            for before, after in pairs:
                if closed is None or closed.is_identity():
                    script.require(self.terms.equal(before, after))
                else:
                    script.define([before, after])
            if closed is not None and not closed.is_identity():
                closed.define(script, "env")
                for number, (before, after) in enumerate(pairs):
                    states = self._with_ghosts(before, f"before{number}"), self._with_ghosts(after, f"after{number}")
                    script.line(f"(assert {closed.apply(script, 'env', *states)})")
        return [self.terms.negation(self.terms.equal(before, after)) for before, after in pairs]

    def _with_ghosts(self, entry: Term, name: str) -> State:
        """Ghosts are outside what is compared here: the environment may find and leave them as it likes."""
        return State(entry, fresh(self.terms, State(entry, self.ghosts), name).ghosts)

    def _refuted(self, solver: Solver) -> Answer:
        words = self._words()
        truths = [
            str(term.value)
            for term in (*self.ghosts.values(), *self.parameters.values(), *self._inputs().values())
            if term.operator == "variable" and not term.is_word
        ]
        names = [*words, "cost"]
        solver.search()
        search = Search(
            solver=solver,
            fixed=[self.violated],
            deadline=time.monotonic() + self.budget.shortest_seconds,
            read=lambda: solver.model(names, truths),
            model=solver.model(names, truths),
        )
        search.least_number("cost")
        for word in words:
            search.sparsest(word)
        return self._replayed(search.model, search.complete)

    # The concrete side

    def _replayed(self, model: Mapping[str, int], complete: bool) -> Answer:
        stream = [model[str(each.value)] for each in self.stream]
        runs = [_Run(self, model, stream, side) for side in (self.left, self.right)]
        problem = next((run.problem for run in runs if run.problem), None)
        if problem or runs[0].seen() == runs[1].seen():
            return Answer(UNKNOWN, problem or doubts.NOT_APART)
        if (
            self.theorem.against_given
            and not self._is_undisturbed()
            and not self._environment_can(model, stream, runs[0])
        ):
            return Answer(UNKNOWN, doubts.NO_STEPS)
        rows = [*runs[0].rows("left"), *runs[1].rows("right")]
        example = Counterexample(
            lost=0,
            names=(),
            start=stream[0],
            end=stream[-1],
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

    def _start_ghosts(self, model: Mapping[str, int]) -> dict[str, int]:
        return {name: (int if each.is_word else bool)(model[str(each.value)]) for name, each in self.ghosts.items()}

    def _environment_can(self, model: Mapping[str, int], stream: Sequence[int], run: "_Run") -> bool:
        """Explicit steps lead from what the left call left to what its next event found."""
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
        left, ghosts = run.left(), run.ghosts()
        return all(
            paths.find(Values(left[number], ghosts[number]), Values(stream[number + 1], ghosts[number])) is not None
            for number in range(len(stream) - 1)
        )

    def _concrete(self, model: Mapping[str, int]) -> dict[str, int]:
        return {
            name: term.constant() if term.operator == "word" else model[str(term.value)]
            for name, term in self.parameters.items()
        }


class _Run:
    """One side run on integers against the stream."""

    def __init__(self, question: _Question, model: Mapping[str, int], stream: Sequence[int], side: _Side) -> None:
        self.stream, self.side = stream, side
        self.problem: doubts.Doubt | None = None
        self.undisturbed = question._is_undisturbed()
        self.count = 0
        inputs = {site: model[str(term.value)] for site, term in question._inputs().items()}
        ghosts = question._start_ghosts(model)
        self.call = Call(question._concrete(model))
        self.interpreter = Interpreter(question.setting, Values(stream[0], ghosts), self._arrive, inputs)
        try:
            self.interpreter.run(question.theorem.body, self.call)
            self.result = self.interpreter.value(side.call, self.call)
        except Stopped:
            self.problem = doubts.NOT_MET

    def _arrive(self, state: Values, site: Site) -> Values:
        if site in self.side.ignored or self.undisturbed:
            return state
        self.count += 1
        return Values(self.stream[min(self.count, len(self.stream)) - 1], state.ghosts)

    def left(self) -> list[int]:
        """What each event left; the stream's own value where there was none."""
        left = list(self.stream)
        events = [each for each in self.interpreter.happened if each.site not in self.side.ignored]
        if self.undisturbed:
            left = [self.interpreter.state.entry] * len(self.stream)
            events = [each for each in events if each.before.entry != each.after.entry]
        for number, event in enumerate(events):
            left[number] = event.after.entry
        return left

    def ghosts(self) -> list[Mapping[str, int]]:
        """The ghosts that each event left; the last ones where there was none."""
        events = [each for each in self.interpreter.happened if each.site not in self.side.ignored]
        ghosts = [event.after.ghosts for event in events]
        return [*ghosts, *[self.interpreter.state.ghosts] * (len(self.stream) - len(ghosts))]

    def seen(self) -> tuple[object, ...]:
        """What tells two runs apart: what each event left, and what was given."""
        given = [
            self.call.read(each.variable.name) for each in self.side.call.arguments if isinstance(each, c.Reference)
        ]
        return (self.left(), self.result, given, self.interpreter.state.ghosts)

    def rows(self, who: str) -> list[Row]:
        """The events, and between them what others left."""
        shown: list[Row] = []
        entry = self.stream[0]
        for each in self.interpreter.happened:
            if each.before.entry != entry:
                shown.append(Row(who=who, action="(others)", place=each.place, before=entry, after=each.before.entry))
            action = " ".join(each.place.text().split())
            entry = each.after.entry
            shown.append(Row(who=who, action=action, place=each.place, before=each.before.entry, after=entry))
        note = f"gives 0x{self.result:x}" if self.side.call.sort is not None else ""
        return [*shown, Row(who=who, action="end", place=self.side.call.place, before=entry, after=entry, note=note)]
