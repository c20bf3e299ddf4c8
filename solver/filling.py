"""From a model to one explicit execution: its gaps are filled with steps of the environment."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from spteproof.grammar import checked as c
from spteproof.solver.doubts import INTERNAL, RELY, Doubt
from spteproof.solver.execution import Execution
from spteproof.solver.happenings import State
from spteproof.solver.interpretation import Call, Interpreter, Stopped, Values
from spteproof.solver.naming import change
from spteproof.solver.paths import Paths
from spteproof.solver.reruns import rerun, with_steps
from spteproof.solver.results import Budget
from spteproof.solver.setting import Setting, Site
from spteproof.solver.stepping import Taken
from spteproof.solver.surroundings import Surroundings
from spteproof.solver.terms import Term, Terms, value_of
from spteproof.solver.threads import in_turns
from spteproof.solver.turns import in_turn, kept
from spteproof.solver.witness import Refused, Witness, traced


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """The execution of a theorem that `model` shows: values of variables by name."""

    terms: Terms
    theorem: c.Theorem
    setting: Setting
    run: Execution
    surroundings: Surroundings
    model: Mapping[str, int]

    def idle(self) -> Witness:
        """The start, parameters and inputs as an execution in which nobody else runs."""
        return self._made({}, ())

    def in_turn(
        self, witness: Witness, budget: Budget, counts: Callable[[Witness], bool | None], *, anew: bool = False
    ) -> Witness | None:
        """An execution that counts, and that agents' locks allow, in the place of one that they exclude: with the same
        events of the theorem, or, `anew`, from the same start, parameters and inputs. None where none is
        found."""
        try:
            line = traced(witness)[1]
        except Refused:
            return None
        at_hand, own = self._paths(budget, shown=False).at_hand(), rerun(witness) if anew else kept(line)
        steps = in_turn(line, at_hand, own, lambda steps: counts(with_steps(witness, steps)))
        return None if steps is None else with_steps(witness, steps)

    def witness(self, budget: Budget, *, shown: bool) -> Witness | Doubt:
        """Explicit steps for every gap, as `Paths` finds them; why there are none from one state of the model to the
        next. Runs the program with the model's states and asks for the steps between them."""
        paths = self._paths(budget, shown)
        found = {gap.site: self._found(gap.after) for gap in self.run.gaps}
        steps: dict[Site | None, list[Taken]] = {}
        missing: list[str] = []

        def arrive(state: Values, site: Site | None) -> Values:
            if site not in found:
                return state
            wanted = Values(found[site].entry, {**state.ghosts, **found[site].ghosts})
            path = paths.find(state, wanted)
            if path is None:
                missing.append(change(state, wanted))
                return wanted
            steps[site] = path
            return wanted

        place_of = {site: number for number, site in enumerate(self.run.schedule)}
        turns: list[str] = []

        def turn(standing: Mapping[str, Site]) -> str:
            turns.append(min(standing, key=lambda name: place_of[standing[name]]))
            return turns[-1]

        start, inputs = self._values(self.run.start), self._inputs()
        interpreter = Interpreter(self.setting, start, arrive, inputs, threads=in_turns(turn))
        try:
            interpreter.complete(self.theorem.body, Call(self._parameters()))
            arrive(interpreter.state, None)
        except Stopped:
            pass  # what the property blames happened before the assumption that ends the run
        if missing:
            weak = self.surroundings.rely is not None
            gap = f"no steps of the agents lead {missing[0]}"
            return Doubt(RELY, f"rely too weak: {gap}") if weak else Doubt(INTERNAL, f"internal error: {gap}")
        return self._made(steps, turns)

    def _made(self, steps: Mapping[Site | None, list[Taken]], turns: Sequence[str]) -> Witness:
        return Witness(
            setting=self.setting,
            theorem=self.theorem,
            start=self._values(self.run.start),
            parameters=self._parameters(),
            inputs=self._inputs(),
            steps=steps,
            schedule=turns,
        )

    def _paths(self, budget: Budget, shown: bool) -> Paths:
        values = self._parameters()
        return Paths(
            terms=self.terms,
            setting=self.setting,
            transitions=self.surroundings.transitions,
            state=self.surroundings.state,
            parameters={term: self.terms.fixed(values[name], term.is_word) for name, term in self._named()},
            budget=budget,
            shown=shown,
        )

    def _named(self) -> Iterable[tuple[str, Term]]:
        return self.run.parameters.items()

    def _parameters(self) -> dict[str, int]:
        return {name: value_of(term, self.model) for name, term in self._named()}

    def _inputs(self) -> Mapping[Site, int]:
        return {site: value_of(term, self.model) for site, term in self.run.translation.inputs.items()}

    def _found(self, state: State) -> Values:
        """What a gap leaves, with those ghosts that it may change."""
        ghosts = {name: ghost for name, ghost in state.ghosts.items() if ghost.is_variable()}
        return self._values(State(state.entry, ghosts))

    def _values(self, state: State) -> Values:
        ghosts = {name: self._ghost(ghost) for name, ghost in state.ghosts.items()}
        return Values(value_of(state.entry, self.model), ghosts)

    def _ghost(self, term: Term) -> int:
        value = value_of(term, self.model)
        return value if term.is_word else bool(value)
