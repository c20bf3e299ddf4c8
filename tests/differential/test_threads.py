"""Theorems with threads, as the tool decides them and as a walk over all states does."""

import pytest

from spteproof.running.pipeline import prove_text

from .threads import HEADER, random_theorem, verdict

CASES = 200


@pytest.mark.parametrize("first", range(0, CASES, 50))
def test_a_walk_over_all_states_agrees(first):
    cases = {seed: random_theorem(seed) for seed in range(first, first + 50)}
    text = HEADER + "\n".join(case.text(seed) for seed, case in cases.items())
    found = {each.theorem: (each.verdict, each.reason) for each in prove_text(text).results if not each.implicit}
    differ = {
        seed: (found[f"t{seed}"], wanted)
        for seed, case in cases.items()
        if (wanted := verdict(case)) != found[f"t{seed}"][0]
    }
    assert differ == {}


def test_the_cases_hold_every_verdict_on_every_kind_of_claim():
    found = {(case.claim.kind, verdict(case)) for case in map(random_theorem, range(CASES))}
    assert {answer for _, answer in found} == {"proved", "refuted", "vacuous"}
    kinds = {kind for kind, _ in found}
    assert {(kind, "proved") for kind in kinds} | {(kind, "refuted") for kind in kinds} <= found
