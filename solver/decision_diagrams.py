"""Reduced ordered binary decision diagrams, as few operations as the closure needs.

Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", 1986. A diagram is a number: 0 is false, 1
is true, others are nodes of the table that made them.
"""

from collections.abc import Iterable, Sequence

FALSE, TRUE = 0, 1
_LEAF_LEVEL = 1 << 30


class TooLarge(Exception):
    """The table has more nodes than it was allowed."""


class Diagrams:
    """A table of nodes over variables 0, 1, 2, ... (the order of the diagrams). Raises TooLarge past `limit` nodes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._clear()

    def _clear(self) -> None:
        self._level = [_LEAF_LEVEL, _LEAF_LEVEL]
        self._low = [0, 1]
        self._high = [0, 1]
        self._nodes: dict[tuple[int, int, int], int] = {}
        self._choices: dict[tuple[int, int, int], int] = {}

    def __len__(self) -> int:
        return len(self._level)

    def forget(self) -> None:
        """Forgets what was worked out of which diagrams; the diagrams themselves stay."""
        self._choices.clear()

    def keep(self, diagrams: Sequence[int]) -> list[int]:
        """Forgets all other diagrams, and what was worked out of which. The numbers that these have from here on."""
        wanted, waiting = set[int](), [each for each in diagrams if each > TRUE]
        while waiting:
            each = waiting.pop()
            if each not in wanted:
                wanted.add(each)
                waiting += [child for child in (self._low[each], self._high[each]) if child > TRUE]
        before = self._level, self._low, self._high
        self._clear()
        numbers = {FALSE: FALSE, TRUE: TRUE}
        for each in sorted(wanted):  # a diagram's parts have smaller numbers than itself
            level, low, high = (column[each] for column in before)
            numbers[each] = self._make(level, numbers[low], numbers[high])
        return [numbers[each] for each in diagrams]

    def node(self, diagram: int) -> tuple[int, int, int]:
        """(variable, diagram where it is false, diagram where it is true); not for FALSE and TRUE."""
        return self._level[diagram], self._low[diagram], self._high[diagram]

    def _make(self, level: int, low: int, high: int) -> int:
        if low == high:
            return low
        key = (level, low, high)
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = len(self._level)
            if found > self._limit:
                raise TooLarge
            self._level.append(level)
            self._low.append(low)
            self._high.append(high)
        return found

    def variable(self, number: int) -> int:
        return self._make(number, FALSE, TRUE)

    def choose(self, condition: int, then: int, other: int) -> int:
        """if-then-else, from which all other operations follow."""
        if condition <= TRUE:
            return then if condition else other
        if then == condition:
            then = TRUE
        if other == condition:
            other = FALSE
        if then == other:
            return then
        if then == TRUE and other == FALSE:
            return condition
        key = (condition, then, other)
        found = self._choices.get(key)
        if found is None:
            levels, lows, highs = self._level, self._low, self._high
            top = min(levels[condition], levels[then], levels[other])
            c0, c1 = (lows[condition], highs[condition]) if levels[condition] == top else (condition, condition)
            t0, t1 = (lows[then], highs[then]) if levels[then] == top else (then, then)
            o0, o1 = (lows[other], highs[other]) if levels[other] == top else (other, other)
            found = self._make(top, self.choose(c0, t0, o0), self.choose(c1, t1, o1))
            self._choices[key] = found
        return found

    def level(self, diagram: int) -> int:
        """The diagram's first variable; FALSE and TRUE have one behind all others."""
        return self._level[diagram]

    def split(self, diagram: int, level: int) -> tuple[int, int]:
        """The diagram where this variable, none behind its own first, is false and where it is true."""
        return (self._low[diagram], self._high[diagram]) if self._level[diagram] == level else (diagram, diagram)

    def both(self, left: int, right: int) -> int:
        return self.choose(left, right, FALSE) if left < right else self.choose(right, left, FALSE)

    def either(self, left: int, right: int) -> int:
        return self.choose(left, TRUE, right) if left < right else self.choose(right, TRUE, left)

    def negation(self, operand: int) -> int:
        return self.choose(operand, FALSE, TRUE)

    def same(self, left: int, right: int) -> int:
        return TRUE if left == right else self.choose(left, right, self.negation(right))

    def exists(self, diagram: int, numbers: frozenset[int]) -> int:
        """The diagram with the variables of these numbers quantified away."""
        if not numbers:
            return diagram
        last = max(numbers)
        done: dict[int, int] = {}

        def walk(at: int) -> int:
            level = self._level[at]
            if level > last:
                return at
            if at not in done:
                low, high = walk(self._low[at]), walk(self._high[at])
                done[at] = self.either(low, high) if level in numbers else self._make(level, low, high)
            return done[at]

        return walk(diagram)

    def rename(self, diagram: int, numbers: dict[int, int]) -> int:
        """The diagram with variables renamed. The new names must not occur in it; order is restored where it
        changes."""
        done: dict[int, int] = {FALSE: FALSE, TRUE: TRUE}

        def walk(at: int) -> int:
            if at not in done:
                level, low, high = (
                    numbers.get(self._level[at], self._level[at]),
                    walk(self._low[at]),
                    walk(self._high[at]),
                )
                in_order = level < self._level[low] and level < self._level[high]
                done[at] = self._make(level, low, high) if in_order else self.choose(self.variable(level), high, low)
            return done[at]

        return walk(diagram)

    def support(self, diagrams: Iterable[int]) -> set[int]:
        """The variables that the diagrams depend on."""
        return {self._level[at] for at in self.below(diagrams)}

    def below(self, diagrams: Iterable[int]) -> list[int]:
        """All inner nodes of the diagrams, children before parents."""
        seen: set[int] = set()
        waiting = [at for at in diagrams if at > TRUE]
        while waiting:
            at = waiting.pop()
            if at not in seen:
                seen.add(at)
                waiting.extend(child for child in (self._low[at], self._high[at]) if child > TRUE)
        return sorted(seen)
