"""Where a decision gives up half-way: what was not shown is unknown, for the reason at hand, and nothing is said to be kept."""

from dataclasses import replace

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, prove_text
from spteproof.solver import decision, paths, translation
from spteproof.solver.doubts import INVARIANTS, LARGE, NOT_AGAIN, TIME, UNDEFINED, Doubt, TooBig
from spteproof.solver.finding.quick import Quick
from spteproof.solver.instances import instances
from spteproof.solver.noticing import Noticing
from spteproof.solver.proof import Prover
from spteproof.solver.results import Result
from spteproof.solver.z3_solver import Solver, Unknown

NOT_KEPT = """layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; invariant i: !(spte & M0); }
agent late lockless { step s: saw spte & M1 { spte |= M2; } }
theorem t for layout in l against any number of late {
    atomic64_or(M0, sptep); if (*sptep & M3) atomic64_and(~M3, sptep);
    prove preserves M1;
    prove preserves M1 | M3;
    prove resurrects nothing in M1;
}
"""


def given(text, kind=None):
    library = load_text(text, name="<text>", library_root=LIBRARY).library
    found = Prover(library, kind=kind).prove(library.theorems["t"])
    return {each.property: each for each in found if isinstance(each, Result)}


def said(results):
    return {name: each.verdict for name, each in results.items()}


def test_what_rests_on_trust_is_unknown_where_it_cannot_be_asked_without(monkeypatch):
    """Of what is refuted nothing is said to be kept any more."""
    before = given(NOT_KEPT)
    assert [each.verdict for each in before.values()] == ["proved", "refuted", "proved", "refuted"]
    real = decision.grounded

    def grounded(bench, setting, theorem, budget, trusting):
        if not trusting:
            raise TooBig("too large without trust")
        return real(bench, setting, theorem, budget, trusting)

    monkeypatch.setattr(decision, "grounded", grounded)
    found = given(NOT_KEPT)
    assert said(found) == said(before) | dict.fromkeys(["preserves M1", "resurrects nothing in M1"], "unknown")
    for name, each in found.items():
        assert each.kept == () and each.asked == before[name].asked
        if each.verdict == "unknown":
            assert (each.reason, each.reason_id) == ("too large without trust", LARGE)


def test_what_rests_on_trust_is_unknown_where_the_threads_come_in_other_orders_without(monkeypatch):
    real = decision.grounded

    def grounded(bench, setting, theorem, budget, trusting):
        found = real(bench, setting, theorem, budget, trusting)
        return found if trusting else replace(found, schedules=[*found.schedules, ()])

    monkeypatch.setattr(decision, "grounded", grounded)
    found = given(NOT_KEPT)["preserves M1"]
    assert (found.verdict, found.reason_id) == ("unknown", INVARIANTS) and "events differ" in found.reason


@pytest.mark.parametrize("of_threads", [False, True])
def test_an_order_of_other_events_is_none_of_the_program(monkeypatch, of_threads):
    real = decision.grounded

    def grounded(*given):
        found = real(*given)
        return replace(found, schedules=[order[:-1] for order in found.schedules])

    monkeypatch.setattr(decision, "grounded", grounded)
    body = "clear_bit(1, sptep); clear_bit(2, sptep);"
    if of_threads:
        body = "parallel { thread a { clear_bit(1, sptep); } thread b { clear_bit(2, sptep); } }"
    text = f"layout l {{ M0 = bit 0; }}\ntheorem t for layout in l against nobody {{ {body} prove preserves M0; }}"
    (found,) = given(text).values()
    assert found.verdict == ("unknown" if of_threads else "proved")
    assert not of_threads or "events differ" in found.reason


@pytest.mark.parametrize("counts", ["asserted", "kept"])
def test_an_invariant_that_may_be_undefined_proves_nothing(counts):
    """An assert of what it calls says nothing there."""
    condition = "(1ULL << (spte & 127)) || spte" if counts == "kept" else "holds(spte)"
    text = f"""predicate holds(u64 x) {{ assert(x & 2); return true; }}
        layout l {{ M0 = bit 0; invariant i: {condition}; }}
        theorem t for layout in l against nobody {{ *sptep = 2; prove preserves M0 & 0; }}"""
    found = given(text)["preserves M0 & 0"]
    if counts == "kept":
        assert (found.verdict, found.reason_id) == ("unknown", UNDEFINED)
        assert found.reason.startswith("an invariant of the layout may be undefined, at ")
    else:
        assert found.verdict == "proved"


def test_a_program_may_be_as_long_as_the_limit_and_no_longer(monkeypatch):
    text = "layout l {{ M0 = bit 0; }}\ntheorem t for layout in l against nobody {{ {} prove changes only M0; }}"
    steps = [text.format("clear_bit(0, sptep);" * times) for times in (1, 2)]
    for limit, verdicts in ((1, ["proved", "unknown"]), (2, ["proved", "proved"])):
        monkeypatch.setattr(translation, "STEP_LIMIT", limit)
        found = [next(iter(given(each).values())) for each in steps]
        assert [each.verdict for each in found] == verdicts
        assert all(each.verdict == "proved" or f"more than {limit} statements" in each.reason for each in found)


def test_a_property_that_is_too_large_leaves_all_of_the_theorem_unknown(monkeypatch):
    """Its block is longer than the program."""
    monkeypatch.setattr(translation, "STEP_LIMIT", 3)
    text = """layout l { M0 = bit 0; }
        theorem t for layout in l against nobody { clear_bit(0, sptep); prove changes only M0;
        prove refines { *sptep &= ~M0; *sptep &= ~M0; *sptep &= ~M0; *sptep &= ~M0; }; }"""
    found = list(given(text).values())
    assert [(each.verdict, each.reason_id) for each in found] == [("unknown", LARGE)] * 2


# Searches ---------------------------------------------------------------------------------------------------

LOSES = """layout l { M0 = bit 0; M1 = bit 1; }
agent sets lockless { step s: { spte |= M0; } step t: { spte |= M1; } }
theorem t for layout in l against any number of sets {
    u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~4ULL); prove preserves M0 | M1 EXPECTED;
}
"""
NO_TIME = Doubt(TIME, "no time left")


def no_answer(monkeypatch, *to):
    real = Solver.check

    def check(self, *literals):
        return Unknown(NO_TIME) if set(to) <= set(literals) else real(self, *literals)

    monkeypatch.setattr(Solver, "check", check)


@pytest.mark.parametrize("expected", ["", "expect refuted losing {M0, M1}"])
@pytest.mark.parametrize(("kind", "question"), [(Quick, "violated"), (Noticing, "together0"), (None, "violated")])
def test_a_question_on_the_way_to_a_refutation_without_an_answer_leaves_it_unknown(
    monkeypatch, kind, question, expected
):
    text = LOSES.replace("EXPECTED", expected)
    assert said(given(text, kind)) == {"preserves M0 | M1": "refuted"}
    no_answer(monkeypatch, question)
    (found,) = given(text, kind).values()
    unknown = question != "together0" or expected
    assert (found.verdict, found.reason_id) == (("unknown", TIME) if unknown else ("refuted", None))
    assert not unknown or found.reason == (NOT_AGAIN if kind is None else NO_TIME)


@pytest.mark.parametrize(("answer", "reason"), [(False, NOT_AGAIN), (Unknown(NO_TIME), NO_TIME)])
def test_a_search_says_why_it_shows_no_execution(monkeypatch, answer, reason):
    hunts, real = [], Quick.hunt_for
    monkeypatch.setattr(Quick, "hunt_for", lambda self, number: hunts.append(real(self, number)) or hunts[-1])
    given(LOSES.replace("EXPECTED", ""), Quick)
    assert not isinstance(hunts[0].some(), str)
    monkeypatch.setattr(Solver, "check", lambda self, *literals: answer)
    assert hunts[0].some() == reason


def test_a_step_that_does_not_do_what_the_solver_says_is_no_step(monkeypatch):
    monkeypatch.setattr(paths, "LONGEST", 2)
    monkeypatch.setattr(paths, "after_transition", lambda *given: None)
    (found,) = given(LOSES.replace("EXPECTED", "")).values()
    assert found.verdict == "unknown" and "no steps of the agents lead" in found.reason


# What a layout asserts --------------------------------------------------------------------------------------


def test_what_a_layout_asserts_is_unknown_where_its_run_gave_up():
    text = "layout l { M0 = bit 0; assert M0 == 1; assert M0 == 2; }"
    assert [each.verdict for each in prove_text(text).results] == ["proved", "refuted"]
    library = load_text(text, name="<text>", library_root=LIBRARY).library
    found = [each for (each,) in Prover(library).layout_pieces(library.layouts["l"], given_up=NO_TIME)]
    assert [(each.verdict, each.reason, each.reason_id, each.ok) for each in found] == [
        ("unknown", "no time left", TIME, False)
    ] * 2


INSTANCES = """layout a { W = bit 1; X = bit 2; }
layout b { W = bit 1; }
layout c { W = bit 1; X = none; }
interface i { predicate p(u64 x); }
era one implements i { predicate p(u64 x) = true; }
era two implements i for layout in a, b { predicate p(u64 x) = x == X; }
theorem t(u64 m in {W, W + 0}) for layout in a, b, c, era in one, two against nobody { if (p(m)) *sptep &= ~W; prove changes only W; }
"""


def test_an_instance_that_is_not_prepared_is_told_as_any_other():
    """What a layout lacks is seen at once; what is none in it, in no placement of its bits."""
    library = load_text(INSTANCES, name="<text>", library_root=LIBRARY).library
    theorem = library.theorems["t"]
    prepared, left = (list(instances(library, theorem, given_up=reason)) for reason in (None, NO_TIME))
    names = ("theorem", "layout", "era", "parameters", "picked", "skipped")
    assert [[getattr(each, name) for name in names] for each in left] == [
        [getattr(each, name) for name in names] for each in prepared
    ]
    assert [each.settings for each in left] == [()] * len(left) and {each.problem for each in prepared} == {None}
    assert [each.problem for each in left] == [None if each.skipped else NO_TIME for each in left]
    assert {each.layout for each in left if each.skipped} == {"b"} and {each.era for each in left} == {"one", "two"}
    assert list(instances(library, theorem, 1, 4, NO_TIME)) == left[1:4]
