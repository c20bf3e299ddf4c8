"""From a solver's learnt clauses to a refutation in LRAT, trimmed to what it needs. Nothing trusts this file: the
checker decides about what it makes.

Forwards, unit propagation finds where the clauses first contradict each other. Backwards, each lemma that is needed is
derived again by unit propagation from those before it, which tells the clauses that it needs (Heule, Hunt and Wetzler,
"Trimming while Checking Clausal Proofs", 2013). What holds at the top is a lemma of its own.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

Clause = tuple[int, ...]

PLACE, TOP = 0, 1
Reference = tuple[int, int]
"""A clause by its place, or a literal that holds at the top."""

ASSUMED = -1
LAST = 1 << 60


class NotDerived(Exception):
    """The learnt clauses do not refute the formula by unit propagation alone."""


def refutation(clauses: Sequence[Clause], learnt: Iterable[Clause]) -> str:
    """The LRAT text that refutes the clauses, which are numbered from 1. Raises NotDerived."""
    trimming = _Trimming(max((abs(literal) for clause in clauses for literal in clause), default=0))
    if not any(map(trimming.add, chain(clauses, learnt))):
        raise NotDerived
    return trimming.text(len(clauses))


class _Trimming:
    """Clauses by their place, and what unit propagation makes of them. Lists are indexed by literals, negative ones
    from their end. `_value` is 1 for a literal that holds, -1 for one that does not, else 0. The trail holds literals
    in the order in which they were found; `_reason` is the place of the clause that forces one."""

    def __init__(self, variables: int) -> None:
        size = 2 * variables + 1
        self._clauses: list[list[int]] = []
        self._watching: list[list[int]] = [[] for _ in range(size)]
        self._pairs: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        self._value = [0] * size
        self._reason = [ASSUMED] * size
        self._position = [0] * size
        self._trail: list[int] = []
        self._done = 0
        self._height: list[int] = []
        self._conflict = -1
        self._needed: set[Reference] = set()
        self._steps: list[tuple[tuple[int, int], Reference, Clause, list[Reference]]] = []

    def add(self, clause: Clause) -> bool:
        """Adds a clause and propagates; whether there is a contradiction now."""
        place, value = len(self._clauses), self._value
        self._height.append(len(self._trail))
        literals = sorted(dict.fromkeys(clause), key=self._preference)
        self._clauses.append(literals)
        if not literals or value[literals[0]] < 0:
            self._conflict = place
            return True
        if len(literals) == 2:
            self._pairs[literals[0]].append((literals[1], place))
            self._pairs[literals[1]].append((literals[0], place))
        elif len(literals) > 2:
            self._watching[literals[0]].append(place)
            self._watching[literals[1]].append(place)
        if not value[literals[0]] and (len(literals) == 1 or value[literals[1]] < 0):
            self._assign(literals[0], place)
            self._conflict = self._propagate()
            for position in range(self._height[place], len(self._trail)):
                self._position[self._trail[position]] = position
        return self._conflict >= 0

    def _preference(self, literal: int) -> tuple[int, int]:
        """What holds first, then what is open, then what was found false last: these are watched."""
        return -self._value[literal], -self._position[-literal]

    def _assign(self, literal: int, reason: int) -> None:
        self._value[literal], self._value[-literal], self._reason[literal] = 1, -1, reason
        self._trail.append(literal)

    def _undo(self, height: int) -> None:
        for literal in self._trail[height:]:
            self._value[literal] = self._value[-literal] = 0
        del self._trail[height:]
        self._done = height

    def _take_back(self) -> list[int]:
        """The last clause, which is no more. Watches of long ones go when they are met."""
        literals = self._clauses.pop()
        if len(literals) == 2:
            for literal in literals:
                self._pairs[literal].pop()
        return literals

    def _propagate(self) -> int:
        """Follows what is forced; the place of a clause without a literal left, or -1."""
        value, reason, trail, pairs = self._value, self._reason, self._trail, self._pairs
        while self._done < len(trail):
            false = -trail[self._done]
            self._done += 1
            for other, place in pairs[false]:
                if value[other] < 0:
                    return place
                if not value[other]:
                    value[other], value[-other], reason[other] = 1, -1, place
                    trail.append(other)
            if self._watching[false]:
                conflict = self._visit(false)
                if conflict >= 0:
                    return conflict
        return -1

    def _visit(self, false: int) -> int:
        """Visits the clauses that watch a literal that does not hold any more."""
        value, clauses, watching = self._value, self._clauses, self._watching
        places, watching[false] = watching[false], []
        kept, count = watching[false], len(clauses)
        for at, place in enumerate(places):
            if place >= count:
                continue
            clause = clauses[place]
            other = clause[0]
            if other == false:
                other = clause[0] = clause[1]
                clause[1] = false
            if value[other] > 0:
                kept.append(place)
                continue
            for number in range(2, len(clause)):
                if value[clause[number]] >= 0:
                    clause[1], clause[number] = clause[number], false
                    watching[clause[1]].append(place)
                    break
            else:
                kept.append(place)
                if value[other] < 0:
                    kept += places[at + 1 :]
                    return place
                self._assign(other, place)
        return -1

    # Backwards

    def text(self, formula: int) -> str:
        """The lemmas that the contradiction needs; the first `formula` clauses are given."""
        self._step((LAST, 0), (PLACE, LAST), (), self._hints(self._conflict, (), len(self._trail)))
        for place in range(len(self._clauses) - 1, formula - 1, -1):
            self._derive_top(self._height[place], place)
            self._undo(self._height[place])
            clause = self._take_back()
            if (PLACE, place) in self._needed:
                self._derive(place, clause)
        self._derive_top(0, formula - 1)
        return self._written(formula)

    def _step(self, when: tuple[int, int], what: Reference, clause: Sequence[int], hints: list[Reference]) -> None:
        self._steps.append((when, what, tuple(clause), hints))
        self._needed.update(hints)

    def _derive_top(self, height: int, place: int) -> None:
        """The literals from `height` up that are needed, as lemmas that come just after the clause at `place`."""
        for position in range(len(self._trail) - 1, height - 1, -1):
            literal = self._trail[position]
            if (TOP, literal) in self._needed:
                reason = self._reason[literal]
                hints = [self._top(-other) for other in self._clauses[reason] if other != literal]
                self._step((place, position + 1), (TOP, literal), (literal,), [*hints, (PLACE, reason)])

    def _top(self, literal: int) -> Reference:
        """What says that a literal holds at the top: the clause that is that literal alone, or a lemma."""
        reason = self._reason[literal]
        return (PLACE, reason) if len(self._clauses[reason]) == 1 else (TOP, literal)

    def _derive(self, place: int, clause: Sequence[int]) -> None:
        """The lemma that the clause is, by propagation from those before it. Raises NotDerived."""
        height = len(self._trail)
        holds = next((literal for literal in clause if self._value[literal] > 0), None)
        if holds is not None:
            self._step((place, 0), (PLACE, place), clause, [self._top(holds)])
            return
        for literal in clause:
            if not self._value[literal]:
                self._assign(-literal, ASSUMED)
        conflict = self._propagate()
        if conflict < 0:
            raise NotDerived
        self._step((place, 0), (PLACE, place), clause, self._hints(conflict, clause, height))
        self._undo(height)

    def _hints(self, conflict: int, clause: Sequence[int], height: int) -> list[Reference]:
        """What leads from the negated clause to the conflict, in the order in which it is to be used."""
        wanted = {-literal for literal in self._clauses[conflict]}
        forced: list[Reference] = []
        assumed = {-literal for literal in clause}
        for literal in reversed(self._trail[height:]):
            if literal in wanted and self._reason[literal] != ASSUMED:
                reason = self._reason[literal]
                forced.append((PLACE, reason))
                wanted.update(-other for other in self._clauses[reason] if other != literal)
        tops = {self._top(literal) for literal in wanted.difference(assumed, self._trail[height:])}
        return [*sorted(tops), *reversed(forced), (PLACE, conflict)]

    def _written(self, formula: int) -> str:
        """The lemmas in order, numbered on from the formula."""
        number = {(PLACE, place): place + 1 for place in range(formula)}
        lines = []
        for line, (_, what, clause, hints) in enumerate(sorted(self._steps), formula + 1):
            number[what] = line
            used = " ".join(str(number[hint]) for hint in dict.fromkeys(hints))
            lines.append(f"{line} {' '.join(map(str, (*clause, 0)))} {used} 0\n")
        return "".join(lines)
