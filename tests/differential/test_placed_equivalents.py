"""Pairs of helpers under symbolic bits and eras; more: `python -m tests.differential.placed_equivalents`."""

from collections import Counter
from itertools import islice

from .placed_equivalents import compare, questions


def test_what_is_proved_equivalent_is_so_in_every_placement_and_era():
    total = Counter()
    for question in islice(questions(2), 8):
        wrong, counts = compare(question)
        assert wrong == [], question.text()
        total += counts
    assert total.keys() >= {"proved", "refuted"}
