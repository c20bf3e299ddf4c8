"""Verdicts before their counterexamples are those that come with them, and each refutation was replayed."""

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.phases import Phases
from spteproof.running.pipeline import LIBRARY, library_of
from spteproof.solver.counterexamples import Hunt
from spteproof.solver.foremost import Foremost
from spteproof.solver.jointly import Jointly
from spteproof.solver.proof import Prover
from spteproof.solver.results import SEARCHED, Budget, Result

LAYOUTS = """layout l { P = bit 0; W = bit 1; A = bit 5; D = bit 6; invariant w: spte & D -> spte & P; }
layout placed { P = bit 0; W = bit 1; A = some bit; D = some bit; disjoint(P, W, A, D); }
agent cpu lockless { step read: when spte & P { spte |= A; } step write: when (spte & P) && (spte & W) { spte |= D; } }
agent drops lockless { step p: { spte &= ~P; } }
"""
STALE = "u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~m);"

TEXTS = {
    "some choices are refuted": f"theorem t(u64 m in {{W, A, P}}) for layout in l against any number of cpu "
    f"{{ {STALE} prove preserves A | D except m; prove changes only m | A | D; }}",
    "expected so": f"theorem t(u64 m in {{W, A}}) for layout in l against any number of cpu "
    f"{{ {STALE} prove preserves A | D except m expect refuted; prove preserves P; }}",
    "and losing what is lost": f"theorem t(u64 m in {{W}}) for layout in l against any number of cpu "
    f"{{ {STALE} prove preserves A | D expect refuted losing {{A, D}}; }}",
    "and losing what is not lost": f"theorem t(u64 m in {{W}}) for layout in l against any number of cpu "
    f"{{ {STALE} prove preserves A | D expect refuted losing {{P}}; }}",
    "and losing what is not lost, and what is no bit here": f"layout k extends l {{ E = none; }}\n"
    f"theorem t(u64 m in {{W}}) for layout in k against any number of cpu "
    f"{{ {STALE} prove preserves A | D expect refuted losing {{P, E}}; }}",
    "two claims are refuted of one choice": f"theorem t(u64 m in {{W, A}}) for layout in l against any number of cpu "
    f"{{ {STALE} prove preserves A except m; prove preserves D; prove changes only m; prove preserves P; }}",
    "invariants are not kept": f"theorem t(u64 m in {{W, P}}) for layout in l against any number of cpu, drops "
    f"{{ {STALE} prove preserves W except m; }}",
    "placements": f"theorem t(u64 m in {{W, A}}) for layout in placed against any number of cpu "
    f"{{ {STALE} prove preserves A | D except m; prove refines {{ *sptep &= ~m; }}; }}",
    "and losing what one placement cannot lose": "layout q { A = bit 1; P = bit 63; E = some bit overlaps P; "
    "disjoint(A, E); }\ntheorem t for layout in q against nobody "
    "{ u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & P); prove preserves A | E expect refuted losing {E}; }",
    "threads": "theorem t for layout in l against any number of cpu { parallel { thread a { atomic64_and(~W, sptep); } "
    "thread b { u64 seen = READ_ONCE(*sptep); WRITE_ONCE(*sptep, seen | P); } } prove preserves W | D; "
    "prove always *sptep & P; }",
    "an assert, a branch that is dead and what is vacuous": "theorem t(u64 m in {W, A}) for layout in l against nobody "
    "{ u64 old = READ_ONCE(*sptep); if (m == P) { *sptep |= W; } assert(old & A); atomic64_and(~m, sptep); "
    "assume(m == W); prove preserves P; prove conserves A into old; }",
    "what is equivalent and what is not": "helper a(u64 n) -> u64 { return atomic64_fetch_and(~n, sptep); } "
    "helper b(u64 n) -> u64 { *sptep &= ~n; return 0; } "
    "theorem t for layout in l against any number of cpu { prove equivalent a(W), b(W); }",
}


def library(text: str):
    return library_of(load_text(LAYOUTS + text, name="<text>", library_root=LIBRARY))


def results(text: str, kind) -> list[Result]:
    found = library(text)
    given = Prover(found, kind=kind).prove(found.theorems["t"])
    return [each for each in given if isinstance(each, Result)]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_verdicts_are_those_that_come_with_counterexamples(text):
    early, late = results(text, Foremost), results(text, None)
    assert [(each.property, each.verdict, each.ok) for each in early] == [
        (each.property, each.verdict, each.ok) for each in late
    ]
    assert {each.verdict for each in late} > {"refuted"} or all(each.verdict == "refuted" for each in late)
    for first, then in zip(early, late, strict=True):
        if first.verdict == "refuted":
            assert set(first.losing) <= set(then.losing) and bool(first.losing) == bool(then.losing)
        else:
            assert (first.reason, first.kept, first.scope) == (then.reason, then.kept, then.scope)


@pytest.mark.parametrize(("kind", "expected"), [(Foremost, {"W", "A"}), (None, set())])
def test_what_is_expected_to_be_refuted_is_settled_at_once_where_nobody_waits_for_the_search(
    monkeypatch, kind, expected
):
    settled, decide = set(), Jointly.decided

    def watched(self, bench, instance):
        found = decide(self, bench, instance)
        settled.update([] if found is None else instance.parameters.values())
        return found

    monkeypatch.setattr(Jointly, "decided", watched)
    results(TEXTS["expected so"], kind)
    assert settled == expected


def test_what_is_refuted_says_that_the_search_goes_on():
    found = results(TEXTS["some choices are refuted"], Foremost)
    assert {each.reason for each in found if each.verdict == "refuted"} == {SEARCHED}
    assert all(each.counterexample is None for each in found)


def test_what_is_expected_and_not_lost_is_told_in_the_same_words():
    text = TEXTS["and losing what is not lost, and what is no bit here"]
    early, late = results(text, Foremost)[0], results(text, None)[0]
    assert early.reason == late.reason == "no event loses P, E all at once"
    assert early.counterexample is None and late.counterexample is not None


def blaming(monkeypatch, first, then):
    """Models of one bit, and those of all that is expected, blame these bits where they replay."""
    real = Hunt.blamed
    monkeypatch.setattr(
        Hunt, "blamed", lambda self, solver, bits: real(self, solver, bits) and (then if bits else first)
    )


def test_what_is_expected_to_be_lost_at_once_is_told_where_it_replays(monkeypatch):
    blaming(monkeypatch, 1 << 5, 1 << 5 | 1 << 6)
    found, _ = results(TEXTS["and losing what is lost"], Foremost)
    assert (found.verdict, found.ok, found.losing, found.reason) == ("refuted", True, ("A", "D"), SEARCHED)
    assert found.counterexample is None


def test_where_it_does_not_replay_the_search_is_made_at_once(monkeypatch):
    blaming(monkeypatch, 1 << 5, None)
    found, _ = results(TEXTS["and losing what is lost"], Foremost)
    assert (found.verdict, found.losing) == ("refuted", ("A", "D")) and found.counterexample is not None


@pytest.mark.parametrize("name", ["some choices are refuted", "placements", "and losing what is lost"])
def test_where_a_model_does_not_replay_the_search_is_made_at_once(name, monkeypatch):
    monkeypatch.setattr(Hunt, "blamed", lambda self, solver, bits: None)
    found = [each for each in results(TEXTS[name], Foremost) if each.verdict == "refuted"]
    assert found and all(each.counterexample is not None for each in found)


@pytest.mark.parametrize("name", ["some choices are refuted", "expected so", "threads"])
def test_nothing_is_refuted_that_does_not_replay(name, monkeypatch):
    monkeypatch.setattr(Hunt, "judged", lambda self, witness, bits: "it does not replay")
    found = results(TEXTS[name], Foremost)
    assert "unknown" in {each.verdict for each in found} and "refuted" not in {each.verdict for each in found}


def phases(text: str) -> list:
    found = library(text)
    first, then = Prover(found, Budget(), kind=Foremost), Prover(found, Budget())
    return list(Phases(found, first, then).given(list(found.theorems), lambda: False))


TWO = f"""theorem s(u64 m in {{W, P}}) for layout in l against any number of cpu {{ {STALE} prove preserves D; }}
    theorem t for layout in l against any number of cpu {{ atomic64_and(~W, sptep); prove preserves D; }}"""


def test_all_verdicts_come_before_the_first_counterexample():
    given = phases(TWO)
    assert [(each.task, each.whole) for each in given] == [("s", False), ("t", True), ("s", True)]
    early, _, late = given
    assert all(each.counterexample is None for each in early.results)
    assert any(each.counterexample is not None for each in late.results)
    found = library(TWO)
    plain = list(Prover(found).prove(found.theorems["s"]))
    assert [replaced(each) for each in late.results] == [replaced(each) for each in plain]


def replaced(result):
    return [getattr(result, name) for name in ("layout", "params", "property", "verdict", "losing", "counterexample")]


def test_what_was_refuted_stays_so_where_the_search_gives_up(monkeypatch):
    monkeypatch.setattr(Hunt, "go", lambda self, together: "the solver ran out of time")
    early, _, late = phases(TWO)
    assert [each.verdict for each in late.results] == [each.verdict for each in early.results]
    told = {each.reason for each in late.results if each.verdict == "refuted"}
    assert told == {"no counterexample can be shown: the solver ran out of time"}


def test_with_a_rely_nothing_is_said_before_the_search():
    text = "theorem t(u64 m in {W, A}) for layout in l against any number of cpu rely (before & P) == (after & P) "
    (given,) = phases(text + f"{{ {STALE} prove preserves D; }}")
    assert given.whole and all(each.reason != SEARCHED for each in given.results)
