"""Decision diagrams as sums of few cubes, and sums of cubes as text: `A B and (C or !D)`."""

from collections.abc import Callable, Iterable

from spteproof.solver.decision_diagrams import Diagrams
from spteproof.solver.products import products

CUBE_LIMIT = 200
Literal = tuple[int, bool]
"""A variable of the diagrams, and whether it is to be true."""
Cube = frozenset[Literal]
Words = Callable[[Iterable[Literal]], list[str]]
"""The texts of literals that hold together."""


def cover(diagrams: Diagrams, lower: int, upper: int) -> list[Cube]:
    """Cubes whose union holds wherever `lower` does and nowhere where `upper` does not. Raises TooManyProducts."""
    return [frozenset(each) for each in products(diagrams, lower, upper, CUBE_LIMIT)[0]]


def factored(cubes: Iterable[Cube], words: Words) -> str:
    """The sum as text; empty where it always holds."""
    return _sum(frozenset(cubes), words)


def _sum(cubes: frozenset[Cube], words: Words) -> str:
    """What all cubes share comes first; sums that every combination of occurs are multiplied."""
    shared = frozenset.intersection(*cubes)
    rests = frozenset(cube - shared for cube in cubes)
    factors = [_joined(words(shared))] if shared else []
    if rests != {frozenset()}:
        product = _product(rests)
        if product is not None:
            factors += [f"({_sum(part, words)})" for part in product]
        else:
            factors.append(_alternatives(rests, words) if not shared else f"({_alternatives(rests, words)})")
    return " and ".join(factors)


def _joined(texts: list[str]) -> str:
    """Bits side by side, then what is more than a word."""
    bits = " ".join(text for text in texts if " " not in text)
    return " and ".join([*([bits] if bits else []), *(text for text in texts if " " in text)])


def _alternatives(cubes: frozenset[Cube], words: Words) -> str:
    """Cubes that share their first literal with others are joined, the most common literal first."""
    counts: dict[Literal, int] = {}
    for cube in cubes:
        for literal in cube:
            counts[literal] = counts.get(literal, 0) + 1
    best = max(counts, key=lambda literal: (counts[literal], -literal[0], literal[1]))
    if counts[best] < 2:
        return " or ".join(sorted((_joined(words(cube)) for cube in cubes), key=lambda text: (len(text), text)))
    having = frozenset(cube for cube in cubes if best in cube)
    parts = [_sum(having, words)]
    if cubes - having:
        parts.append(_sum(cubes - having, words))
    return " or ".join(parts)


def _product(cubes: frozenset[Cube]) -> tuple[frozenset[Cube], frozenset[Cube]] | None:
    """Two sums whose product the cubes are, one of them of single literals; None where there are none."""
    quotients: dict[frozenset[Cube], set[Literal]] = {}
    for literal in {literal for cube in cubes for literal in cube}:
        quotient = frozenset(cube - {literal} for cube in cubes if literal in cube)
        quotients.setdefault(quotient, set()).add(literal)
    for quotient, literals in quotients.items():
        if len(literals) > 1 and len(quotient) > 1 and len(literals) * len(quotient) == len(cubes):
            return frozenset(frozenset([literal]) for literal in literals), quotient
    return None
