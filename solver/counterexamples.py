"""From "there is a model" to replayed counterexamples: one for each bit that can be lost, each the shortest of its
kind."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from spteproof.grammar import checked as c
from spteproof.grammar.source import Place
from spteproof.solver import judgement
from spteproof.solver.doubts import INTERNAL, LOCKS, NOT_AGAIN, RETRY, TIME, Doubt
from spteproof.solver.drawing import drawn
from spteproof.solver.exclusion import overlap
from spteproof.solver.execution import Execution
from spteproof.solver.filling import Filling
from spteproof.solver.found import NO_MORE, Found, reads_at_the_end, why_not_violated
from spteproof.solver.hypotheses import STEPWISE, ghosts_written, state_hypotheses
from spteproof.solver.judgement import Breach, Trace
from spteproof.solver.operations import ALL_ONES
from spteproof.solver.properties import Violation
from spteproof.solver.results import Budget, Counterexample
from spteproof.solver.setting import Setting
from spteproof.solver.shortest import Search, count_steps
from spteproof.solver.smtlib import Script
from spteproof.solver.surroundings import Surroundings
from spteproof.solver.terms import Term, Terms
from spteproof.solver.witness import Excluded, Refused, Witness, has_breach, replay, replays, traced
from spteproof.solver.z3_solver import Literal, Solver, Unknown, any_bit

SHOWN_BITS = 8
COMPLETE = "complete"
Way = tuple[Literal, ...]
"""What a model was asked for besides."""
Models = Mapping[int, tuple[Mapping[str, int], Way]]


@dataclass(slots=True, kw_only=True)
class Hunt:
    """The search for counterexamples to one claim that a model violates. `known` are bits that need none any more;
    `undecided` are, after `go`, bits of which it is not known whether they can be lost; `replayed` are the executions
    that count, each with the bits that it was to blame for."""

    terms: Terms
    theorem: c.Theorem
    setting: Setting
    run: Execution
    surroundings: Surroundings
    property: c.Property | str
    violation: Violation
    place: object
    budget: Budget
    known: int = 0
    undecided: int = 0
    replayed: list[tuple[int, Witness]] = field(default_factory=list)
    _costed: bool = False
    _words: list[str] = field(default_factory=list)
    _truths: list[str] = field(default_factory=list)
    _changes: list[str] = field(default_factory=list)
    _kept: Solver | None = None
    _vain: list[object] = field(default_factory=list)

    def go(self, together: int) -> Found | Doubt:
        """The counterexamples, or why there is none that replays: then the verdict is unknown."""
        solver = self._solver(together)
        found = Found()
        if not self.speaks_of_bits():
            example = self._hunt(solver, ["violated"], 0)
            if isinstance(example, str):
                return example
            found.per_bit.append(example)
            return found
        problem = self._each_bit(solver, found)
        if not found.per_bit and problem is None and any(moment.blame is None for moment in self.violation.moments):
            example = self._hunt(solver, ["violated"], 0)
            problem = example if isinstance(example, str) else None
            found.per_bit += [example] if isinstance(example, Counterexample) else []
        if self._may_be_shorter(found):
            example = self._hunt(solver, ["violated"], 0)
            found.take_shorter(example if isinstance(example, Counterexample) else None)
        if together:
            example = self._hunt(solver, ["violated", "together"], together)
            found.at_once = None if isinstance(example, str) else example
        if found.per_bit or found.at_once:
            found.problem, found.doubtful = problem, found.doubtful or bool(self.undecided)
            return found
        return problem or (NO_MORE if self.known else Doubt(TIME, NOT_AGAIN) if self.undecided else NOT_AGAIN)

    def _may_be_shorter(self, found: Found) -> bool:
        """Whether an execution that no search for a bit met may have fewer steps: one that loses a bit beyond the first
        SHOWN_BITS, or is to blame for no bit."""
        unseen = found.bits.bit_count() > len(found.per_bit)
        return found.is_short() and (unseen or any(moment.blame is None for moment in self.violation.moments))

    def some(self, *given: Literal) -> Witness | Doubt:
        """Some execution under these literals that violates the property, replayed but not the shortest; else why there
        is none that counts. One solver serves all calls."""
        if self._kept is None:
            self._kept = self._solver(0, costed=False)
        answer, _ = self._check(self._kept, "violated", *given)
        if answer is not True:
            return NOT_AGAIN if answer is False else answer.reason
        model = self._kept.model(self._words, self._truths)
        witness = self._witness(model, shown=False)
        judged = witness if isinstance(witness, str) else self.judged(witness, 0)
        if isinstance(witness, str) or not isinstance(judged, str):
            return witness
        return (self._in_turn(model, witness, 0) or judged) if judged.kind == LOCKS else self._why_not_violated()

    def counts(self, witness: Witness) -> bool:
        """Whether the execution replays and violates the property."""
        try:
            return bool(self._breaches(replay(witness)))
        except Refused:
            return False

    def blamed(self, solver: Solver, bits: int) -> int | None:
        """The bits to blame in the execution that the last model of the instance's own solver shows, replayed; None
        where it does not count, or does not lose all of `bits` at one moment."""
        self._note_variables(Script())
        witness = self._witness(solver.model(self._words, self._truths), shown=False)
        judged = witness if isinstance(witness, str) else self.judged(witness, bits)
        if isinstance(judged, str):
            return None
        return reduce(or_, (each.bits for each in judged[1]), 0)

    def happens(self, solver: Solver) -> bool:
        """Whether the execution that the last model of the instance's own solver shows is one that locks allow."""
        if self.setting.alternatives:
            return False
        self._note_variables(Script())
        filling = self._filling(solver.model(self._words, self._truths))
        witness = filling.witness(self.budget, shown=False)
        if isinstance(witness, str):
            return False
        return replays(witness) or filling.in_turn(witness, self.budget, lambda each: replays(each) or None) is not None

    def idle(self, solver: Solver) -> Witness:
        """The start, parameters and inputs of the solver's last model as an execution in which nobody else runs."""
        self._note_variables(Script())
        return self._filling(solver.model(self._words, self._truths)).idle()

    def speaks_of_bits(self) -> bool:
        return any(moment.blame is not None for moment in self.violation.moments)

    def _each_bit(self, solver: Solver, found: Found) -> Doubt | None:
        """A counterexample for each bit that can be blamed, from the lowest up; says what went wrong, if anything
        did."""
        problem, models = None, self._blamed_by_models(solver)
        found.bits = self._counted(dict(list(models.items())[SHOWN_BITS:]))
        for bit, (model, way) in list(models.items())[:SHOWN_BITS]:
            example = self._shortened(solver, model, ["violated", any_bit("blame", bit), *way], bit)
            if isinstance(example, Counterexample):
                found.bits |= bit
                found.per_bit.append(example)
            else:
                problem = example
                self.undecided |= bit
        return problem

    def _blamed_by_models(self, solver: Solver) -> Models:
        """All bits to blame, from the lowest up, each with a model that blames it, and how it was asked for."""
        models: dict[int, tuple[Mapping[str, int], Way]] = {}
        open_bits = ALL_ONES ^ self.known
        while (found := self._check(solver, "violated", any_bit("blame", open_bits)))[0] is True:
            if COMPLETE not in found[1] and any(COMPLETE in way for _, way in models.values()):
                break
            model = self._read(solver)
            models.update((1 << bit, (model, found[1])) for bit in range(64) if model["blame"] & open_bits & 1 << bit)
            open_bits &= ~model["blame"]
        if found[0] is not False:
            self.undecided |= open_bits
        return dict(sorted(models.items()))

    def _counted(self, models: Models) -> int:
        """The bits that are lost in the models that blame them, replayed; of the others it is not known."""
        lost = 0
        for model in {id(each): each for each, _ in models.values()}.values():
            witness = self._witness(model, shown=False)
            judged = witness if isinstance(witness, str) else self.judged(witness, 0)
            lost |= 0 if isinstance(judged, str) else reduce(or_, (each.bits for each in judged[1]), 0)
        asked = reduce(or_, models, 0)
        self.undecided |= asked & ~lost
        return asked & lost

    # The solver's side

    def _check(self, solver: Solver, *literals: Literal) -> tuple[bool | Unknown, Way]:
        """The answer, and what was assumed besides, where that can be: that the agents' own steps lead there, as a
        `rely` may allow what no steps do; that it comes to its end, where the claim reads a local there."""
        wishes: Way = () if self.surroundings.rely is None else (STEPWISE,)
        if reads_at_the_end(self.property, self.run.parameters):
            wishes = (*wishes, COMPLETE)
        for way in dict.fromkeys([wishes, *[(each,) for each in wishes]]):
            if way and solver.check(*literals, *way) is True:
                return True, way
        return solver.check(*literals), ()

    def _solver(self, together: int, costed: bool = True) -> Solver:
        terms, script = self.terms, Script()
        state_hypotheses(script, terms, self.run, self.surroundings)
        script.literal("violated", self.violation.condition(terms))
        script.literal(COMPLETE, self.run.assumed)
        if self.speaks_of_bits():
            blame = terms.word(0)
            for moment in self.violation.moments:
                if moment.blame is not None:
                    blame = terms.bit_or(blame, terms.choose(moment.guard, moment.blame, terms.word(0)))
            script.line("(declare-const blame (_ BitVec 64))")
            script.line(f"(assert (= blame {script.name(blame)}))")
            wanted = terms.word(together)
            script.literal(
                "together",
                terms.any_of(
                    terms.both(moment.guard, terms.equal(terms.bit_and(moment.blame, wanted), wanted))
                    for moment in self.violation.moments
                    if moment.blame is not None
                ),
            )
        closed = self.surroundings.closure
        self._costed = costed and closed is not None and count_steps(script, self.run, closed)
        self._note_variables(script)
        self._note_changes(script)
        return Solver(script.text(), self.budget, None)

    def _start_words(self) -> list[str]:
        return [str(term.value) for term in self.run.start.parts() if term.is_word]

    def _note_variables(self, script: Script) -> None:
        states = [self.run.start, *[gap.after for gap in self.run.gaps]]
        terms: list[Term] = [term for state in states for term in state.parts()]
        terms += [*self.run.parameters.values(), *self.run.translation.inputs.values()]
        script.define(terms)
        for term in terms:
            if term.operator == "variable":
                (self._words if term.is_word else self._truths).append(str(term.value))

    def _note_changes(self, script: Script) -> None:
        """Names what each gap changes in each word of the state."""
        for gap in self.run.gaps:
            for before, after in zip(gap.before.parts(), gap.after.parts(), strict=True):
                if after.is_word and before is not after:
                    name = f"change{len(self._changes)}"
                    script.line(f"(declare-const {name} (_ BitVec 64))")
                    script.line(f"(assert (= {name} (bvxor {script.name(before)} {script.name(after)})))")
                    self._changes.append(name)

    def _hunt(self, solver: Solver, literals: list[Literal], bits: int) -> Counterexample | Doubt:
        """The shortest counterexample under some literals, or why there is none that counts."""
        answer, way = self._check(solver, *literals)
        if answer is not True:
            return NOT_AGAIN if answer is False else answer.reason
        return self._shortened(solver, self._read(solver), [*literals, *way], bits)

    def _read(self, solver: Solver) -> Mapping[str, int]:
        """The solver's last model."""
        blame, cost = ["blame"] if self.speaks_of_bits() else [], ["cost"] if self._costed else []
        return solver.model([*self._words, *self._changes, *blame, *cost], self._truths)

    def _shortened(
        self, solver: Solver, model: Mapping[str, int], literals: list[Literal], bits: int
    ) -> Counterexample | Doubt:
        """The shortest counterexample under some literals, all of which the model meets; that of the model, where in
        the shortest agents pass through what it lacks; else why it does not count.

        Of several that are as short, the one whose gaps change least, the first one first: a step comes as late as it
        can.
        """
        search = Search(
            solver=solver,
            fixed=literals,
            deadline=time.monotonic() + self.budget.shortest_seconds,
            read=lambda: self._read(solver),
            model=model,
        )
        if self._costed:
            search.least_number("cost")
        for name in self._start_words():
            search.sparsest(name)
        for term in (*self.run.parameters.values(), *self.run.translation.inputs.values()):
            if term.operator == "variable" and term.is_word:
                search.least_word(str(term.value))
        for name in self._truths:
            search.prefer_false(name)
        shortest = search.complete and self._costed
        for name in self._changes:
            search.least_word(name)
        found = self._counterexample(search.model, bits, shortest)
        other = isinstance(found, Doubt) and found.kind in (RETRY, LOCKS)
        again = self._counterexample(model, bits, False) if other else found
        return again if isinstance(again, Counterexample) else found

    # The concrete side

    def _counterexample(self, model: Mapping[str, int], bits: int, shortest: bool) -> Counterexample | Doubt:
        witness = self._witness(model, shown=True)
        judged = witness if isinstance(witness, str) else self.judged(witness, bits)
        if isinstance(judged, str) and judged.kind == LOCKS and isinstance(witness, Witness):
            other = self._in_turn(model, witness, bits)
            if other is not None:
                shortest = shortest and other.environment_steps() <= witness.environment_steps()
                witness, judged = other, self.judged(other, bits)
        if isinstance(judged, str):
            return judged
        trace, found = judged
        assert isinstance(witness, Witness)
        self.replayed.append((bits, witness))
        assert isinstance(self.place, Place)
        return drawn(witness, trace, self.run.translation, self.property, self.place, bits or found[0].bits, shortest)

    def _in_turn(self, model: Mapping[str, int], witness: Witness, bits: int) -> Witness | None:
        """An execution that agents' locks allow, and that violates the property as well as one that they exclude."""
        filling = self._filling(model)

        def counts(other: Witness) -> bool | None:
            try:
                trace, line = traced(other)
            except Refused:
                return None
            found = self._breaches(trace)
            return (overlap(line) is None or None) if found and has_breach(found, bits) else False

        found = filling.in_turn(witness, self.budget, counts)
        begins = witness.start, witness.parameters, witness.inputs, witness.schedule, bits
        if found is None and begins not in self._vain:
            found = filling.in_turn(witness, self.budget, counts, anew=True)
            self._vain += [begins] if found is None else []
        return found

    def judged(self, witness: Witness, bits: int) -> tuple[Trace, list[Breach]] | Doubt:
        """The witness replayed, and how it violates the property; why it does not count where it does not, or is not to
        blame for all these bits at one moment."""
        try:
            trace = replay(witness)
        except Excluded as excluded:
            return excluded.doubt
        except Refused as refused:
            return Doubt(INTERNAL, f"internal error: the counterexample does not replay ({refused})")
        found = self._breaches(trace)
        if not has_breach(found, bits) or not found:
            return self._why_not_violated()
        return trace, found

    def _why_not_violated(self) -> Doubt:
        return why_not_violated(self.property, ghosts_written(self.surroundings), self.run.parameters)

    def _breaches(self, trace: Trace) -> list[Breach]:
        if isinstance(self.property, str):
            return [Breach(0, None) for failure in trace.failures if failure.kind == self.property]
        return judgement.breaches(trace, self.property)

    def _witness(self, model: Mapping[str, int], *, shown: bool) -> Witness | Doubt:
        """Explicit steps for every gap; a string where no steps lead from one state of the model to the next."""
        return self._filling(model).witness(self.budget, shown=shown)

    def _filling(self, model: Mapping[str, int]) -> Filling:
        return Filling(
            terms=self.terms,
            theorem=self.theorem,
            setting=self.setting,
            run=self.run,
            surroundings=self.surroundings,
            model=model,
        )
