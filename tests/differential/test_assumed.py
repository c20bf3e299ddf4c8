"""Assumptions anywhere and what may be undefined, against a walk; more: `python -m tests.differential.assumed`."""

from collections import Counter
from itertools import islice

from .assumed import compare
from .assumed_cases import cases


def test_verdicts_are_those_of_a_walk_through_all_executions():
    total = Counter()
    for case in islice(cases(1), 5):
        wrong, counts = compare(case)
        assert wrong == [], case.text()
        total += counts
    assert total.keys() >= {"proved", "refuted", "vacuous"}


def test_a_rely_makes_no_verdict_wrong():
    total = Counter()
    for case in islice(cases(3, relies=True), 16):
        wrong, counts = compare(case, quickly=True)
        assert wrong == [], case.text()
        total += counts
    assert total.keys() >= {"proved", "refuted", "vacuous", "unknown"}
