"""A sample of the hunt where entries, ghosts, invariants, stale reads, choices and eras meet; and that it would notice."""

from dataclasses import replace
from random import Random

from .generation.shared_hunt import hunt, verdicts_of
from .shared_state import Grower, differences


def test_nothing_that_is_proved_is_broken_by_a_random_execution():
    tried = 0
    for number in (3, 6, 14, 17, 19, 25):
        wrong, _, count, refused, words = hunt(7, number, number + 1, 60.0, 100)
        assert (wrong, refused, "slow" in words) == ([], 0, False)
        tried += count
    assert tried > 100


def test_what_is_refuted_would_be_noticed_were_it_called_proved():
    grower = Grower("7 6")
    grower.grow()
    refuted = [each for each in verdicts_of(grower) if each.verdict == "refuted"]
    assert len(refuted) > 20
    for each in refuted:
        found, _ = differences(grower, [replace(each, verdict="proved")], 400, Random(1))
        assert found
