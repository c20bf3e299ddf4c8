"""What is kept between theorems is bounded, serves for all layouts, and changes no verdict when it goes."""

from types import SimpleNamespace

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, Session, prove_text
from spteproof.solver import surroundings, workbench
from spteproof.solver.ground import grounded
from spteproof.solver.instances import instances
from spteproof.solver.results import Budget
from spteproof.solver.workbench import Benches, Known, Workbench

TEXT = """
layout one { W = bit 1; D = bit 6; LONELY = bit 9; }
layout two extends one { D = bit 9; LONELY = bit 6; }
layout three extends one { LONELY = bit 10; }
agent cpu lockless { step s: when spte & W { spte |= D; } }
theorem first against any number of cpu { atomic64_and(~W, sptep); prove preserves D; }
theorem second against any number of cpu { u64 old = *sptep; *sptep = old; prove preserves D    expect refuted; }
"""


def verdicts(text=TEXT):
    return [(each.theorem, each.layout, each.verdict, each.losing) for each in prove_text(text).results]


def closures(monkeypatch, report):
    """How many closures were worked out while something was proved."""
    found = []
    real = surroundings.closure
    monkeypatch.setattr(surroundings, "closure", lambda *given: found.append(1) or real(*given))
    report()
    return len(found)


def test_an_environment_is_closed_once_for_all_layouts_in_which_it_does_the_same(monkeypatch):
    assert closures(monkeypatch, verdicts) == 2


def test_and_once_for_all_texts_of_a_session(monkeypatch):
    session = Session()
    assert [each.verdict for each in session.prove_text(TEXT).results] == ["proved"] * 3 + ["refuted"] * 3
    changed = TEXT.replace("LONELY = bit 10", "LONELY = bit 11")
    assert closures(monkeypatch, lambda: session.prove_text(changed)) == 0
    stronger = TEXT.replace("spte |= D", "spte |= D | W << 1")
    assert closures(monkeypatch, lambda: session.prove_text(stronger)) == 2


def test_the_bench_at_hand_is_used_again_until_it_is_worn(monkeypatch):
    benches = Benches()
    first = benches.at_hand()
    assert benches.at_hand() is first
    monkeypatch.setattr(workbench, "MOST_TERMS", 1)
    assert benches.at_hand() is not first


def test_the_one_not_asked_for_longest_goes_first(monkeypatch):
    library = load_text(TEXT, name="t.spte", library_root=LIBRARY).library
    first, second, _ = instances(library, library.theorems["first"])
    bench = Workbench()
    for each in (first, second):
        grounded(bench, each.settings[0], each.theorem, Budget(), True)
    keys = list(bench._known)
    assert bench.known(keys[0]) is not None
    monkeypatch.setattr(workbench, "MOST_NODES", 1)
    bench.keep("another", Known(None, ()))
    assert (bench.known(keys[1]), bench.known("another")) == (None, Known(None, ()))


def test_verdicts_stay_what_they_are(monkeypatch):
    kept = verdicts()
    monkeypatch.setattr(workbench, "MOST_NODES", 1)
    assert verdicts() == kept
    monkeypatch.setattr(workbench, "MOST_TERMS", 1)
    assert verdicts() == kept


def with_nodes(count):
    """What is known of an environment whose diagrams have so many nodes."""
    return Known(SimpleNamespace(diagrams=range(count)), ())


def test_as_many_nodes_as_the_limit_are_kept_and_what_was_kept_last_whatever_its_size(monkeypatch):
    monkeypatch.setattr(workbench, "MOST_NODES", 10)
    bench = Workbench()
    for key, nodes in {"a": 4, "b": 4, "c": 2}.items():
        bench.keep(key, with_nodes(nodes))
    assert list(bench._known) == ["a", "b", "c"]
    assert bench.known("nothing") is None and list(bench._known) == ["a", "b", "c"]
    bench.keep("d", with_nodes(1))
    assert list(bench._known) == ["b", "c", "d"]
    bench.keep("b", with_nodes(3))
    assert list(bench._known) == ["c", "d", "b"] and bench.known("b").size() == 3
    bench.keep("e", with_nodes(5))
    assert list(bench._known) == ["d", "b", "e"]
    bench.keep("f", with_nodes(11))
    assert list(bench._known) == ["f"]


def test_a_bench_is_worn_by_more_terms_than_the_limit(monkeypatch):
    benches = Benches()
    first = benches.at_hand()
    monkeypatch.setattr(workbench, "MOST_TERMS", len(first.terms))
    assert not first.is_worn() and benches.at_hand() is first
    first.terms.word_variable("one more")
    assert first.is_worn() and benches.at_hand() is not first
    last = benches.at_hand()
    benches.clear()
    assert benches.at_hand() is not last
