"""Sums of products: a small formula for a truth function that is fixed only on some of its values.

Minato and Morreale's irredundant sum of products between two decision diagrams: Minato, "Fast generation of
irredundant sum-of-products forms from binary decision diagrams", SASIMI 1992.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from spteproof.solver.decision_diagrams import FALSE, TRUE, Diagrams

Product = tuple[tuple[int, bool], ...]
"""(variable, whether it is true) pairs, in the order of the variables; empty: always true."""


def without_needless(diagrams: Diagrams, least: int, most: int, numbers: Sequence[int]) -> tuple[int, int]:
    """The two bounds with every one of these variables quantified away that a function between them need not read,
    tried in this order."""
    for number in numbers:
        only = frozenset((number,))
        low = diagrams.exists(least, only)
        high = diagrams.negation(diagrams.exists(diagrams.negation(most), only))
        if diagrams.both(low, diagrams.negation(high)) == FALSE:
            least, most = low, high
    return least, most


class TooManyProducts(Exception):
    """The sum has more products than were allowed."""


def products(diagrams: Diagrams, least: int, most: int, limit: int | None = None) -> tuple[list[Product], int]:
    """An irredundant sum of products that is true wherever `least` is and nowhere but where `most` is, and its diagram.
    `least` must imply `most`. Raises TooManyProducts past `limit`."""
    return _Sums(diagrams, limit, {}).between(least, most)


@dataclass(frozen=True, slots=True)
class _Sums:
    diagrams: Diagrams
    limit: int | None
    done: dict[tuple[int, int], tuple[list[Product], int]]

    def between(self, least: int, most: int) -> tuple[list[Product], int]:
        if least == FALSE:
            return [], FALSE
        if most == TRUE:
            return [()], TRUE
        if (least, most) not in self.done:
            self.done[least, most] = self._split(least, most)
            if self.limit is not None and len(self.done[least, most][0]) > self.limit:
                raise TooManyProducts
        return self.done[least, most]

    def _split(self, least: int, most: int) -> tuple[list[Product], int]:
        d = self.diagrams
        top = min(d.level(least), d.level(most))
        low0, low1 = d.split(least, top)
        high0, high1 = d.split(most, top)
        without, whole0 = self.between(d.both(low0, d.negation(high1)), high0)
        with_it, whole1 = self.between(d.both(low1, d.negation(high0)), high1)
        rest = d.either(d.both(low0, d.negation(whole0)), d.both(low1, d.negation(whole1)))
        shared, whole = self.between(rest, d.both(high0, high1))
        found = [((top, False), *each) for each in without] + [((top, True), *each) for each in with_it] + shared
        return found, d.either(d.choose(d.variable(top), whole1, whole0), whole)


def some_value(diagrams: Diagrams, diagram: int) -> dict[int, bool]:
    """The variables' values on one way to TRUE, false ones preferred; not for FALSE."""
    found: dict[int, bool] = {}
    while diagram != TRUE:
        number, low, high = diagrams.node(diagram)
        found[number] = low == FALSE
        diagram = high if low == FALSE else low
    return found
