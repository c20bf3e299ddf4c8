"""Circuits of and-gates and inverters, and their clauses. Certificates trust this file.

A literal is a number: 0 is false, 1 is true, `2 * gate` is a gate or an input, `2 * gate + 1` its negation.
"""

from collections.abc import Iterable

from spteproof.solver.bitwise import FALSE, TRUE

Clause = tuple[int, ...]
"""A clause as DIMACS writes it: variables from 1 up, negative where negated."""


MOST_GATES = 1 << 22
"""No circuit is larger. That of an obligation has some thousands; a short text can ask for any number."""


class TooLarge(Exception):
    """The circuit would have too many gates."""


class Circuit:
    """The algebra (bitwise.Algebra) whose values are literals of one growing circuit; equal gates are one gate."""

    def __init__(self) -> None:
        self._gates: list[tuple[int, int] | None] = [None]
        self._known: dict[tuple[int, int], int] = {}

    def variable(self) -> int:
        """A new input, free to be true or false."""
        self._gates.append(None)
        return 2 * len(self._gates) - 2

    def both(self, left: int, right: int, /) -> int:
        if left > right:
            left, right = right, left
        if left == FALSE or left ^ 1 == right:
            return FALSE
        if left in (TRUE, right):
            return right
        found = self._known.get((left, right))
        if found is None:
            if len(self._gates) > MOST_GATES:
                raise TooLarge
            found = self._known[left, right] = 2 * len(self._gates)
            self._gates.append((left, right))
        return found

    def gate(self, literal: int) -> tuple[int, int] | None:
        """The two literals that a literal's gate joins; None for an input and for the constants."""
        return self._gates[literal >> 1]

    def below(self, literals: Iterable[int]) -> list[int]:
        """The gates and inputs that the literals rest on, as positive literals, each after those that it joins; without
        the constants."""
        seen: set[int] = set()
        waiting = [literal & ~1 for literal in literals]
        while waiting:
            at = waiting.pop()
            if at > TRUE and at not in seen:
                seen.add(at)
                waiting.extend(each & ~1 for each in self._gates[at >> 1] or ())
        return sorted(seen)

    def negation(self, operand: int, /) -> int:
        return operand ^ 1

    def either(self, left: int, right: int, /) -> int:
        return self.both(left ^ 1, right ^ 1) ^ 1

    def same(self, left: int, right: int, /) -> int:
        return self.choose(left, right, right ^ 1)

    def choose(self, condition: int, then: int, other: int, /) -> int:
        if then == other:
            return then
        return self.both(self.both(condition, then ^ 1) ^ 1, self.both(condition ^ 1, other ^ 1) ^ 1)

    def clauses(self, required: Iterable[int]) -> "Clauses":
        """Clauses that can hold exactly where all the literals `required` can be true at once (Tseitin, 1968). An
        and-gate that is required stands for both its inputs; one that is required to be false is one clause."""
        tops: list[list[int]] = []
        waiting, seen = list(required), {TRUE}
        while waiting:
            literal = waiting.pop()
            if literal in seen:
                continue
            seen.add(literal)
            gate = self._gates[literal >> 1]
            if gate is None:
                tops.append([literal])
            elif literal & 1:
                tops.append([gate[0] ^ 1, gate[1] ^ 1])
            else:
                waiting.extend(gate)
        return self._numbered(tops)

    def _numbered(self, tops: list[list[int]]) -> "Clauses":
        """The clauses `tops`, and what each gate below them is."""
        below: set[int] = set()
        waiting = [literal >> 1 for top in tops for literal in top]
        while waiting:
            at = waiting.pop()
            if at not in below:
                below.add(at)
                waiting.extend(literal >> 1 for literal in self._gates[at] or ())
        number = {at: place for place, at in enumerate(sorted(below), 1)}

        def dimacs(literal: int) -> int:
            return -number[literal >> 1] if literal & 1 else number[literal >> 1]

        found: list[Clause] = []
        for at in sorted(below):
            gate, itself = self._gates[at], number[at]
            if gate is not None:
                left, right = dimacs(gate[0]), dimacs(gate[1])
                found += [(-itself, left), (-itself, right), (itself, -left, -right)]
        found += [tuple(map(dimacs, top)) for top in tops]
        if 0 in number:
            found.append((-number[0],))  # gate 0 is false
        return Clauses(found, number)


class Clauses:
    """`found` in order; `number` is the variable of each gate and input that occurs."""

    def __init__(self, found: list[Clause], number: dict[int, int]) -> None:
        self.found = found
        self.number = number

    def dimacs(self) -> str:
        """The clauses as DIMACS CNF."""
        lines = [f"p cnf {len(self.number)} {len(self.found)}"]
        lines += [f"{' '.join(map(str, each))} 0" for each in self.found]
        return "\n".join(lines) + "\n"
