"""Features that meet, against a walk through all executions; more: `python -m tests.differential.meeting`."""

from collections import Counter
from random import Random

import pytest

from . import meeting
from .meeting import compare
from .meeting_grow import Grower


def test_verdicts_are_those_of_a_walk_through_all_executions():
    total = Counter()
    for number, *kinds in [(1,), (2,), (1, "entries", "call", "if"), (2, "refines"), (1, "record", "atomic")]:
        case = Grower(f"1 {number}", kinds).case()
        wrong, counts = compare(case, Random(number), 4)
        assert wrong == []
        total += counts
    assert total.keys() >= {"proved", "refuted"} and total["texts"] > 2


@pytest.mark.parametrize("verdict", ["proved", "vacuous"])
def test_what_is_refuted_would_be_noticed_were_it_called_otherwise(verdict, monkeypatch):
    told = meeting.results_of

    class Changed:
        def __init__(self, result):
            self.result = result
            self.verdict = verdict if result.verdict == "refuted" else result.verdict

        def __getattr__(self, name):
            return getattr(self.result, name)

    monkeypatch.setattr(meeting, "results_of", lambda *given, **more: [Changed(each) for each in told(*given, **more)])
    wrong, counts = compare(Grower("1 2", ["record", "atomic"]).case(), Random(3), 4)
    assert len(wrong) >= 4 and not counts["refuted"]
