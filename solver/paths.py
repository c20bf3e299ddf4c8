"""From two states to explicit steps of the environment that lead from one to the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spteproof.solver.environment import Transition
from spteproof.solver.happenings import State, fresh, same_state
from spteproof.solver.interpretation import Values
from spteproof.solver.results import Budget
from spteproof.solver.setting import Setting
from spteproof.solver.smtlib import Script
from spteproof.solver.stepping import after_transition
from spteproof.solver.terms import Term, Terms
from spteproof.solver.witness import Taken
from spteproof.solver.z3_solver import Solver, Unknown

LONGEST = 64


@dataclass(slots=True, kw_only=True)
class Paths:
    """Finds shortest paths for one instance with concrete parameters."""

    terms: Terms
    setting: Setting
    transitions: Sequence[Transition]
    state: State
    parameters: Mapping[Term, Term]
    budget: Budget

    def find(self, before: Values, after: Values) -> list[Taken] | None:
        """The steps of a shortest path, or None where there is none of at most LONGEST steps (or the solver gave
        up)."""
        if before == after:
            return []
        for length in range(1, LONGEST + 1):
            found = self._of_length(length, before, after)
            if found is not None:
                return found
        return None

    def _constant(self, values: Values) -> State:
        terms = self.terms
        ghosts = {
            name: terms.truth(value) if isinstance(value, bool) else terms.word(value)
            for name, value in values.ghosts.items()
        }
        return State(terms.word(values.entry), ghosts)

    def _of_length(self, length: int, before: Values, after: Values) -> list[Taken] | None:
        """Unrolls `length` steps from one constant state to the other."""
        terms, script = self.terms, Script()
        states = [self._constant(before)]
        for number in range(1, length):
            states.append(fresh(terms, self.state, f"path{number}"))
        states.append(self._constant(after))
        selectors: list[list[tuple[str, Transition, dict[str, Term]]]] = []
        for number in range(length):
            row = []
            for index, transition in enumerate(self.transitions):
                taken, inputs = self._taken(transition, number, states[number], states[number + 1])
                if taken is not terms.false:
                    name = f"take{number}x{index}"
                    script.literal(name, taken)
                    row.append((name, transition, inputs))
            if not row:
                return None
            script.line(f"(assert (or {' '.join(name for name, _, _ in row)} false))")
            selectors.append(row)
        for row in selectors:
            for _, _, inputs in row:
                script.define(inputs.values())
        solver = Solver(script.text(), self.budget, None)
        answer = solver.check()
        if isinstance(answer, Unknown) or not answer:
            return None
        return self._read(solver, selectors, before)

    def _taken(self, transition: Transition, number: int, before: State, after: State) -> tuple[Term, dict[str, Term]]:
        """That the transition leads from one state to the next, with fresh inputs."""
        terms = self.terms
        replacements = {old: before.ghosts[name] for name, old in self.state.ghosts.items()}
        replacements.update({self.state.entry: before.entry, **self.parameters})
        inputs: dict[str, Term] = {}
        for name, term in transition.inputs.items():
            inputs[name] = replacements[term] = terms.variable(f"{term.value} step{number}", term.is_word)
        names = list(transition.ghosts)
        roots = [transition.guard, transition.entry, *[transition.ghosts[name] for name in names]]
        guard, entry, *ghosts = terms.substitute(roots, replacements)
        left = State(entry, dict(zip(names, ghosts, strict=True)))
        return terms.both(guard, same_state(terms, left, after)), inputs

    def _arguments(self, transition: Transition) -> tuple[int, ...]:
        """The transition's arguments for the parameters at hand."""
        terms = self.terms.substitute(transition.arguments, dict(self.parameters))
        return tuple(term.constant() if term.is_word else int(bool(term.value)) for term in terms)

    def _read(
        self,
        solver: Solver,
        selectors: Sequence[Sequence[tuple[str, Transition, dict[str, Term]]]],
        before: Values,
    ) -> list[Taken] | None:
        steps: list[Taken] = []
        state = before
        for row in selectors:
            truths = [name for name, _, _ in row]
            words: list[str] = []
            for _, _, inputs in row:
                for term in inputs.values():
                    (words if term.is_word else truths).append(str(term.value))
            values = solver.model(words, truths)
            chosen = next(((transition, inputs) for name, transition, inputs in row if values[name]), None)
            if chosen is None:
                return None
            transition, named = chosen
            given = {name: values[str(term.value)] for name, term in named.items()}
            arguments = self._arguments(transition)
            after = after_transition(self.setting, transition, arguments, given, state)
            if after is None:
                return None
            steps.append(Taken(transition=transition, arguments=arguments, inputs=given, before=state, after=after))
            state = after
        return steps
