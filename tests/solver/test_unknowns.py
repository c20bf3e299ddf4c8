"""What cannot be decided is unknown, with a reason, and never a verdict."""

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver import proof
from spteproof.solver.claims import given_up
from spteproof.solver.doubts import TIME, Doubt
from spteproof.solver.results import Budget

HARD = """layout l { M0 = bit 0; }
theorem t(u64 a, u64 b) for layout in l against nobody {
    u64 x = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, (x * a) * (b * x + a));
    prove ensures after == (a * b * start) * start + a * (a * start);
    prove ensures after != 0x123456789abcdefULL;
}
"""
EASY = """layout l { M0 = bit 0; M1 = bit 1; }
agent sets lockless { step s: { spte |= M1; } }
theorem t for layout in l against any number of sets {
    u64 x = READ_ONCE(*sptep); WRITE_ONCE(*sptep, x & ~M0); prove preserves M1; prove changes only M0 | M1;
}
"""


@pytest.mark.parametrize("budget", [Budget(timeout_seconds=0.01), Budget(effort=10)])
def test_a_budget_that_runs_out_gives_unknown(budget):
    results = prove_text(HARD, budget=budget).results
    assert {each.verdict for each in results} == {"unknown"}
    assert all(each.reason and not each.ok for each in results)


def test_a_small_budget_never_changes_a_verdict():
    full = [each.verdict for each in prove_text(EASY).results]
    for effort in (1, 100, 1_000, 10_000, 100_000):
        some = [each.verdict for each in prove_text(EASY, budget=Budget(effort=effort)).results]
        assert all(found in ("unknown", wanted) for found, wanted in zip(some, full, strict=True))


@pytest.mark.parametrize("number", [0, 1])
def test_where_one_placement_gives_up_what_nobody_asked_for_is_unknown_too(number, monkeypatch):
    text = """layout l { P = bit 0; M = some bit or none; disjoint(P, M); invariant kept: P & P; }
        theorem t { atomic64_or(P, sptep); u64 x = READ_ONCE(*sptep); assert((x | P) & P); prove preserves P; }"""
    decide, met = proof.decisions, []

    def decisions(bench, setting, instance, *others):
        met.append(setting)
        if len(met) == number + 1:
            return [given_up(instance.theorem, Doubt(TIME, "it gave up"))]
        return decide(bench, setting, instance, *others)

    monkeypatch.setattr(proof, "decisions", decisions)
    found = {each.property: each.verdict for each in prove_text(text).results}
    assert len(met) == 2 and "keeps invariants" in found
    assert set(found.values()) == {"unknown"}


def test_without_time_for_the_shortest_the_verdict_stands():
    results = prove_text(EASY, budget=Budget(shortest_seconds=0)).results
    assert [each.verdict for each in results] == ["refuted", "proved"]
    assert not results[0].counterexample.shortest


def test_a_closure_that_is_too_large_gives_unknown():
    text = """layout l { M0 = bit 0; }
        agent mixes lockless { step s(u64 m): { spte = spte * m + (spte >> 7) * (m ^ spte); } }
        theorem t for layout in l against all { u64 x = READ_ONCE(*sptep); prove ensures x == start; }"""
    (result,) = prove_text(text).results
    assert (result.verdict, result.reason) == ("unknown", "the environment's closure is too large")


def test_a_layout_with_too_many_placements_gives_unknown():
    text = """layout any { M0 = some bit; M1 = some bit; }
        theorem t for layout in any { u64 x = READ_ONCE(*sptep); *sptep = x + M0 + M1; prove preserves M0; }"""
    (result,) = prove_text(text).results
    assert result.verdict == "unknown" and "placements" in result.reason
