"""A few random texts are explained; `python -m tests.solver.random_explained` does the same with any number."""

from collections import Counter

from .random_explained import faults

SEED, CASES = 11, 3


def test_what_is_said_of_random_theorems_is_so():
    figures: Counter[str] = Counter()
    assert [fault for number in range(CASES) for fault in faults(SEED, number, figures)] == []
    assert figures["proofs"] > 20 and figures["steps with reasons"] > 5
