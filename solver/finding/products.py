"""Sums of products: a small formula for a truth function that is fixed only on some of its values.

Minato and Morreale's irredundant sum of products between two decision diagrams: Minato, "Fast generation of
irredundant sum-of-products forms from binary decision diagrams", SASIMI 1992.
"""

from collections.abc import Sequence

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


def products(diagrams: Diagrams, least: int, most: int) -> tuple[list[Product], int]:
    """An irredundant sum of products that is true wherever `least` is and nowhere but where `most` is, and its diagram.
    `least` must imply `most`."""
    if least == FALSE:
        return [], FALSE
    if most == TRUE:
        return [()], TRUE
    top = min(diagrams.level(least), diagrams.level(most))
    low0, low1 = diagrams.split(least, top)
    high0, high1 = diagrams.split(most, top)
    without, whole0 = products(diagrams, diagrams.both(low0, diagrams.negation(high1)), high0)
    with_it, whole1 = products(diagrams, diagrams.both(low1, diagrams.negation(high0)), high1)
    rest = diagrams.either(
        diagrams.both(low0, diagrams.negation(whole0)), diagrams.both(low1, diagrams.negation(whole1))
    )
    shared, whole = products(diagrams, rest, diagrams.both(high0, high1))
    variable = diagrams.variable(top)
    found = [((top, False), *each) for each in without] + [((top, True), *each) for each in with_it] + shared
    return found, diagrams.either(diagrams.choose(variable, whole1, whole0), whole)


def some_value(diagrams: Diagrams, diagram: int) -> dict[int, bool]:
    """The variables' values on one way to TRUE, false ones preferred; not for FALSE."""
    found: dict[int, bool] = {}
    while diagram != TRUE:
        number, low, high = diagrams.node(diagram)
        found[number] = low == FALSE
        diagram = high if low == FALSE else low
    return found
