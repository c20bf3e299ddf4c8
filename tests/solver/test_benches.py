"""What is kept between theorems is bounded, and what goes changes no verdict."""

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, prove_text
from spteproof.solver import surroundings
from spteproof.solver.instances import instances

TEXT = """
layout one { W = bit 1; D = bit 6; }
layout two extends one { D = bit 9; }
agent cpu lockless { step s: when spte & W { spte |= D; } }
theorem first against any number of cpu { atomic64_and(~W, sptep); prove preserves D; }
theorem second against any number of cpu { u64 old = *sptep; *sptep = old; prove preserves D    expect refuted; }
"""


def settings():
    library = load_text(TEXT, name="t.spte", library_root=LIBRARY).library
    return [each.settings[0] for each in instances(library, library.theorems["first"])]


def test_the_bench_at_hand_is_used_again():
    benches = {}
    one, two = settings()
    first = surroundings.bench_for(benches, one)
    assert surroundings.bench_for(benches, two) is not first
    assert surroundings.bench_for(benches, one) is first


def test_the_one_not_asked_for_longest_goes_first(monkeypatch):
    monkeypatch.setattr(surroundings, "MOST_HELD", 1)
    benches = {}
    one, two = settings()
    surroundings.bench_for(benches, one)
    second = surroundings.bench_for(benches, two)
    assert list(benches.values()) == [second]


def test_a_worn_bench_is_not_used_again(monkeypatch):
    benches = {}
    first = surroundings.bench_for(benches, settings()[0])
    monkeypatch.setattr(surroundings, "MOST_TERMS", 1)
    assert surroundings.bench_for(benches, settings()[0]) is not first


def test_verdicts_stay_what_they_are(monkeypatch):
    kept = [(each.theorem, each.layout, each.verdict, each.losing) for each in prove_text(TEXT).results]
    monkeypatch.setattr(surroundings, "MOST_HELD", 1)
    assert [(each.theorem, each.layout, each.verdict, each.losing) for each in prove_text(TEXT).results] == kept
