"""From two states to explicit steps of the environment that lead from one to the other."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from spteproof.solver.blasting import changed_bits
from spteproof.solver.environment import Transition
from spteproof.solver.happenings import State, fresh, same_state
from spteproof.solver.interpretation import Values
from spteproof.solver.operations import ALL_ONES
from spteproof.solver.results import Budget
from spteproof.solver.setting import Setting
from spteproof.solver.shortest import Search
from spteproof.solver.smtlib import Script
from spteproof.solver.stepping import Taken, after_transition
from spteproof.solver.terms import Term, Terms, value_of
from spteproof.solver.z3_solver import Solver, Unknown

SHORT, LONGEST = 4, 64
"""Where no path is so short, all that are not too long are asked about at once before each length is tried."""

Choice = tuple[str, Transition, dict[str, Term]]
"""A transition that may be taken: the truth value that it is, and its inputs."""


@dataclass(slots=True, kw_only=True)
class Paths:
    """Finds paths for one instance with concrete parameters. Those that are `shown` are the shortest, and the same ones
    whatever the solver answers first."""

    terms: Terms
    setting: Setting
    transitions: Sequence[Transition]
    state: State
    parameters: Mapping[Term, Term]
    budget: Budget
    shown: bool

    def find(self, before: Values, after: Values) -> list[Taken] | None:
        """The steps of a path, or None where there is none of at most LONGEST steps (or the solver gave up)."""
        if before == after:
            return []
        if not self._changes_all(before, after):
            return None
        tried = None if self.shown else self._tried(before, after)
        if tried is not None:
            return tried
        for length in range(1, LONGEST + 1):
            if length == SHORT + 1 and not self._may_be(before, after):
                return None
            found = self._of_length(length, before, after)
            if found is not None:
                return found
        return None

    def at_hand(self) -> list[tuple[Transition, tuple[int, ...]]]:
        """The transitions with their arguments."""
        return [(each, self._arguments(each)) for each in self.transitions]

    def _changes_all(self, before: Values, after: Values) -> bool:
        """Whether all that differs is something that a transition may change."""
        bits, ghosts = 0, set[str]()
        for each in self.transitions:
            if each.entry is not self.state.entry:
                bits |= sum(1 << bit for bit in changed_bits(each.entry, self.state.entry)) or ALL_ONES
            ghosts |= {name for name, ghost in each.ghosts.items() if ghost is not self.state.ghosts[name]}
        differing = {name for name, value in before.ghosts.items() if value != after.ghosts[name]}
        return differing <= ghosts and not (before.entry ^ after.entry) & ~bits

    def _may_be(self, before: Values, after: Values) -> bool:
        """Whether there may be a path of at most LONGEST steps."""
        script, _ = self._unrolled(LONGEST, before, after, idles=True)
        return Solver(script.text(), self.budget, None).check() is not False

    def _tried(self, before: Values, after: Values) -> list[Taken] | None:
        """Runs the transitions, with all that they read earlier as it is now: at each step one that comes nearest to
        the end. None where none comes nearer, which says nothing about other paths."""
        steps: list[Taken] = []
        state = before
        while state != after:
            nearest = min(self._takings(state), key=lambda each: _distance(each.after, after), default=None)
            if nearest is None or _distance(nearest.after, after) >= _distance(state, after):
                return None
            steps.append(nearest)
            state = nearest.after
        return steps

    def _takings(self, state: Values) -> Iterator[Taken]:
        """What the transitions make of a state where truth values that they choose are all false, and all true."""
        for transition in self.transitions:
            arguments = self._arguments(transition)
            chosen = {name: 1 for name, term in transition.inputs.items() if not term.is_word}
            for inputs in ({}, chosen) if chosen else ({},):
                left = after_transition(self.setting, transition, arguments, inputs, state)
                if left is not None:
                    yield Taken(transition=transition, arguments=arguments, inputs=inputs, before=state, after=left)

    def _constant(self, values: Values) -> State:
        terms = self.terms
        ghosts = {
            name: terms.truth(value) if isinstance(value, bool) else terms.word(value)
            for name, value in values.ghosts.items()
        }
        return State(terms.word(values.entry), ghosts)

    def _of_length(self, length: int, before: Values, after: Values) -> list[Taken] | None:
        script, selectors = self._unrolled(length, before, after, idles=False)
        if not all(selectors):
            return None
        for row in selectors:
            for _, _, inputs in row:
                script.define(inputs.values())
        solver = Solver(script.text(), self.budget, None)
        answer = solver.check()
        if isinstance(answer, Unknown) or not answer:
            return None
        return self._read(self._chosen(solver, selectors), selectors, before)

    def _unrolled(
        self, length: int, before: Values, after: Values, *, idles: bool
    ) -> tuple[Script, Sequence[Sequence[Choice]]]:
        """Unrolls `length` steps from one constant state to the other; where one `idles`, nothing changes."""
        terms, script = self.terms, Script()
        states = [self._constant(before)]
        for number in range(1, length):
            states.append(fresh(terms, self.state, f"path{number}"))
        states.append(self._constant(after))
        selectors: list[list[Choice]] = []
        for number in range(length):
            row = []
            for index, transition in enumerate(self.transitions):
                taken, inputs = self._taken(transition, number, states[number], states[number + 1])
                if taken is not terms.false:
                    name = f"take{number}x{index}"
                    script.literal(name, taken)
                    row.append((name, transition, inputs))
            idle = script.name(same_state(terms, states[number], states[number + 1])) if idles else "false"
            script.line(f"(assert (or {' '.join(name for name, _, _ in row)} {idle}))")
            selectors.append(row)
        return script, selectors

    def _chosen(self, solver: Solver, selectors: Sequence[Sequence[Choice]]) -> Mapping[str, int]:
        """Some such path; where it is shown, the one whose transitions come first among those declared, with the least
        inputs."""
        truths = [name for row in selectors for name, _, _ in row]
        terms = [each for row in selectors for _, _, inputs in row for each in inputs.values() if each.is_variable()]
        words = [str(term.value) for term in terms if term.is_word]
        truths += [str(term.value) for term in terms if not term.is_word]
        model = solver.model(words, truths)
        if not self.shown:
            return model
        search = Search(
            solver=solver,
            fixed=[],
            deadline=time.monotonic() + self.budget.shortest_seconds,
            read=lambda: solver.model(words, truths),
            model=model,
        )
        for row in selectors:
            search.first_of([name for name, _, _ in row])
            _, _, inputs = next(each for each in row if search.model[each[0]])
            for term in filter(Term.is_variable, inputs.values()):
                if term.is_word:
                    search.least_word(str(term.value))
                else:
                    search.prefer_false(str(term.value))
        return search.model

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
        if not transition.arguments:
            return ()
        terms = self.terms.substitute(transition.arguments, dict(self.parameters))
        return tuple(term.constant() if term.is_word else int(bool(term.value)) for term in terms)

    def _read(
        self, values: Mapping[str, int], selectors: Sequence[Sequence[Choice]], before: Values
    ) -> list[Taken] | None:
        steps: list[Taken] = []
        state = before
        for row in selectors:
            transition, named = next((each[1], each[2]) for each in row if values[each[0]])
            given = {name: value_of(term, values) for name, term in named.items()}
            arguments = self._arguments(transition)
            after = after_transition(self.setting, transition, arguments, given, state)
            if after is None:
                return None
            steps.append(Taken(transition=transition, arguments=arguments, inputs=given, before=state, after=after))
            state = after
        return steps


def _distance(left: Values, right: Values) -> int:
    """In how many bits two states differ."""
    return (left.entry ^ right.entry).bit_count() + sum(
        (int(value) ^ int(right.ghosts[name])).bit_count() for name, value in left.ghosts.items()
    )
