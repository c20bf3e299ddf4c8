"""What is proved of random texts is met by random runs; more: `python -m tests.differential.runs`."""

from collections import Counter

from .runs import look


def test_no_run_contradicts_a_verdict():
    found = [each for each in (look(7, number, 200) for number in (0, 1, 4, 5)) if each is not None]
    assert [(wrong, text) for _, wrong, text in found if wrong] == []
    count = sum((each for each, _, _ in found), Counter())
    assert count["proved"] > 5 and count["refuted, and a run shows it"] > count["refuted"] * 0.8 > 5
