"""Features that meet, against a walk through all executions; more: `python -m tests.differential.meeting`."""

from collections import Counter
from random import Random

import pytest

from . import meeting
from .meeting import compare
from .meeting_grow import Grower

TEXTS = [
    "1 call if assert",
    "1 entries call if",
    "1 refines",
    "1 record atomic",
    "0 threads",
    "2 retry ghost",
    "2 lemma",
]


def test_verdicts_are_those_of_a_walk_through_all_executions():
    total = Counter()
    for text in TEXTS:
        number, *kinds = text.split()
        case = Grower(f"1 {number}", kinds).case()
        wrong, counts = compare(case, Random(text), 4)
        assert wrong == []
        total += counts
    assert total.keys() >= {"proved", "refuted", "vacuous", "lemmas: refuted"} and total["texts"] == len(TEXTS)


def test_what_is_refuted_happens_where_agents_exclude_each_other():
    case = Grower("64 6", ["locks"]).case()
    wrong, counts = compare(case, Random(6), 4)
    assert wrong == [] and counts["refuted"] and counts["unknown for locks, and excluded"] > 5


def test_an_instance_that_an_assumption_stops_has_done_what_it_did():
    case = Grower("301 125", ["locks"]).case()
    wrong, counts = compare(case, Random(6), 4)
    assert wrong == [] and counts["refuted"]


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
