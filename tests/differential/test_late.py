"""No assumption that the grammar lets pass chooses among outcomes; more: `python -m tests.differential.late`."""

from collections import Counter
from itertools import islice
from random import Random

from .late import cases, compare


def test_what_is_passed_chooses_among_no_outcomes():
    found = [compare(case, Random(number)) for number, case in enumerate(islice(cases(1), 40))]
    assert not any(wrong for _, wrong in found)
    kinds = Counter(kind for kind, _ in found)
    assert kinds["passed, chooses nothing"] > 12 and kinds["refused, chooses"] > 8 and not kinds["wrong otherwise"]


def test_an_assumption_that_is_passed_and_chooses_is_noticed():
    found = [compare(case, Random(number), lambda text: False) for number, case in enumerate(islice(cases(1), 40))]
    assert sum(wrong for _, wrong in found) > 8
