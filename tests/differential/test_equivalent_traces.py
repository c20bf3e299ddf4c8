"""What is proved to be equivalent leaves the same traces; more: `python -m tests.differential.equivalent_traces`."""

from itertools import islice

from .equivalent_traces import compare
from .equivalent_trees import cases


def test_what_is_proved_to_be_equivalent_leaves_the_same_traces():
    found = [(case, *compare(case)) for case in islice(cases(3), 12)]
    assert [(why, case.text()) for case, _, why in found if why is not None] == []
    assert {verdict for _, verdict, _ in found} >= {"proved", "refuted"}
