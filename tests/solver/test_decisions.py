"""What is asked, of how many placements and orders, and what is said where no answer comes."""

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver import call_runs, decision, equivalence
from spteproof.solver.doubts import NOT_AGAIN
from spteproof.solver.results import Budget
from spteproof.solver.z3_solver import Unknown

SYMBOLIC = "layout l { M0 = bit 0; S = some bit overlaps M0; }\n"


@pytest.fixture
def hunts(monkeypatch):
    """How often a counterexample was looked for, and with which bits known."""
    seen = []

    class Hunt(decision.Hunt):
        __slots__ = ()

        def go(self, together):
            seen.append((self.known, together))
            return super().go(together)

    monkeypatch.setattr(decision, "Hunt", Hunt)
    return seen


def test_one_counterexample_is_enough_for_all_placements(prove, hunts):
    text = "theorem t for layout in l {{ u64 a = xchg(sptep, 0); prove {}; }}"
    (found,) = prove(text.format("ensures start == S + M0 - M0"), layout=SYMBOLIC)
    assert found.verdict == "refuted" and found.scope.placements > 2 and len(hunts) == 1


def test_of_later_placements_only_bits_are_asked_that_are_not_known_to_be_lost(prove, hunts):
    (found,) = prove("theorem t for layout in l { u64 a = xchg(sptep, 0); prove preserves M0 | S; }", layout=SYMBOLIC)
    assert (found.verdict, set(found.losing), found.scope.placements) == ("refuted", {"M0", "S"}, 2)
    assert [known for known, _ in hunts] == [0, 1]
    assert found.counterexample is not None and not found.reason


def test_where_the_search_of_a_later_placement_gives_up_no_bit_is_said_to_be_kept(prove, monkeypatch):
    searches, go = [], decision.Hunt.go
    monkeypatch.setattr(
        decision.Hunt, "go", lambda self, bits: NOT_AGAIN if searches else searches.append(1) or go(self, bits)
    )
    layout = SYMBOLIC.replace("S = ", "M1 = bit 1; S = ")
    (found,) = prove(
        "theorem t for layout in l { atomic64_and(~M0, sptep); prove preserves M0 | M1 | S; }", layout=layout
    )
    assert (found.verdict, found.losing, found.kept) == ("refuted", ("M0",), ())


def test_what_was_expected_to_be_lost_is_looked_for_until_it_is_found(prove, hunts):
    text = "theorem t for layout in l {{ u64 a = xchg(sptep, 0); prove preserves M0 | S expect refuted losing {}; }}"
    (found,) = prove(text.format("{M0, S}"), layout=SYMBOLIC)
    assert found.ok and [together != 0 for _, together in hunts] == [True, False]
    (found,) = prove(text.format("{M1}"), layout="layout l { M0 = bit 0; M1 = bit 1; S = bit 2; }\n")
    assert not found.ok and found.reason == "no event loses M1"


def test_each_of_many_claims_has_its_own_bits(prove):
    text = "theorem t for layout in l { u64 a = atomic64_fetch_and(~M1, sptep); "
    one, two, three = prove(f"{text} prove preserves M0 | M1; prove preserves M2; prove changes only M1 | ~M3; }}")
    assert (one.asked, one.kept, one.losing) == (("M0", "M1"), ("M0",), ("M1",))
    assert (two.asked, two.kept) == (("M2",), ("M2",))
    assert (three.asked, three.kept) == (("M3",), ("M3",))


def test_a_refuted_claim_needs_no_reason(prove):
    (found,) = prove("theorem t for layout in l { *sptep = 0; prove preserves M0; }")
    assert found.verdict == "refuted" and found.reason is None


RETRY = "ghost u64 noted;\ntheorem t for layout in l against nobody {{ retry {{ noted += 1; {} }} until (noted == 3); prove {}; }}"


def test_what_cannot_happen_with_one_failed_iteration_may_happen_with_more(prove):
    (found,) = prove(RETRY.format("u64 a = *sptep;", "preserves M0"))
    assert found.verdict == "unknown"


INVARIANT = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; invariant i: !(spte & M0); }\n"


@pytest.mark.parametrize(
    "step, expected",
    [("saw spte & M0 { spte |= M2; }", "proved"), ("saw spte & M1 { spte |= M0; }", "unknown")],
)
def test_an_equivalence_rests_on_what_the_agents_keep(prove, step, expected):
    text = "helper one() -> u64 { u64 x = READ_ONCE(*sptep); return x & M0; }\nhelper two() -> u64 { return 0; }\n"
    text += f"agent late lockless {{ step s: {step} }}\n"
    text += "theorem t for layout in l against any number of late { u64 k = 1; prove equivalent one(), two(); }"
    (found,) = prove(text, layout=INVARIANT)
    assert found.verdict == expected, found.reason
    assert expected == "proved" or "invariants that are not kept" in found.reason


# Equivalence without an answer -------------------------------------------------------------------------------

HELPERS = "helper one(u64 n) {{ atomic64_or({}, sptep); }}\nhelper two(u64 n) {{ atomic64_or(M1, sptep); }}\n"
EQUIVALENT = "theorem t(u64 n in {M0, M1}) for layout in l {{ u64 k = 1; prove equivalent one(n), two(n); }}".replace(
    "{{", "{"
).replace("}}", "}")


@pytest.mark.parametrize("answers", [[Unknown("too hard")], [False, Unknown("too hard")]])
def test_an_equivalence_without_an_answer_is_unknown_for_the_solvers_reason(prove, monkeypatch, answers):
    class Silent:
        def __init__(self, *arguments):
            self.left = list(answers)

        def check(self, *literals):
            return self.left.pop(0)

    monkeypatch.setattr(equivalence, "Solver", Silent)
    found = prove(HELPERS.format("M1") + EQUIVALENT)
    assert [(each.verdict, each.reason) for each in found] == [("unknown", "too hard")] * 2


def test_two_runs_that_look_the_same_tell_nothing_apart(prove, monkeypatch):
    assert {each.verdict for each in prove(HELPERS.format("M0") + EQUIVALENT)} == {"refuted"}
    monkeypatch.setattr(equivalence.CallRun, "seen", lambda run: ())
    found = prove(HELPERS.format("M0") + EQUIVALENT)
    assert {each.verdict for each in found} == {"unknown"} and "does not tell the two apart" in found[0].reason
    monkeypatch.undo()
    monkeypatch.setattr(equivalence.CallRun, "seen", lambda run: run)
    monkeypatch.setattr(call_runs.Interpreter, "run", stopped)
    found = prove(HELPERS.format("M0") + EQUIVALENT)
    assert {each.verdict for each in found} == {"unknown"} and "does not meet an assumption" in found[0].reason


def stopped(*arguments):
    raise call_runs.Stopped


def test_a_rely_alone_narrows_no_equivalence(verdict):
    text = "helper left() -> u64 { u64 x = *sptep; u64 y = *sptep; return (x ^ y) & M0; }\nhelper right() -> u64 { return 0; }\n"
    text += "theorem t for layout in l {} rely (before & M0) == (after & M0) {{ u64 k = 1; prove equivalent left(), right(); }}"
    assert verdict(text.replace("{}", "against nobody").replace("{{", "{").replace("}}", "}")) == "proved"
    assert verdict(text.replace("{}", "").replace("{{", "{").replace("}}", "}")) == "refuted"


def test_what_a_call_gives_is_shown_where_it_gives_anything(prove):
    helpers = "helper one() -> u64 { u64 x = xchg(sptep, 0); return 5; }\nhelper two() -> u64 { u64 x = xchg(sptep, 0); return 6; }\n"
    (found,) = prove(helpers + "theorem t for layout in l { u64 k = 1; prove equivalent one(), two(); }")
    assert [row.note for row in found.counterexample.rows if row.action == "end"] == ["gives 0x5", "gives 0x6"]
    (found, _) = prove(HELPERS.format("M0") + EQUIVALENT)
    assert {row.note for row in found.counterexample.rows} == {""}


# What is not asked again, and what is asked once ---------------------------------------------------------------


@pytest.mark.parametrize("step, again", [("when spte & M1 { spte |= M2; }", 0), ("saw spte & M1 { spte |= M2; }", 1)])
def test_only_what_agents_may_have_read_is_asked_again(prove, monkeypatch, step, again):
    calls, without = [], decision.Decision._without_trust
    monkeypatch.setattr(decision.Decision, "_without_trust", lambda self: calls.append(self) or without(self))
    agent = f"agent late lockless {{ step s: {step} }}\n"
    text = (
        f"{agent}theorem t for layout in l against any number of late {{ atomic64_or(M0, sptep); prove preserves M1; }}"
    )
    (found,) = prove(text, layout=INVARIANT)
    assert found.verdict == "proved" and len(calls) == again


def test_an_undefined_mask_is_the_fault_of_its_property_alone(prove, implicit):
    body = "u64 x = 1ULL << (n & 7); atomic64_or(x, sptep); prove preserves 1ULL << n; prove preserves M0;"
    text = f"theorem t(u64 n) for layout in l {{ {body} }}"
    assert [each.verdict for each in prove(text)] == ["refuted", "proved"]
    assert implicit(text) == {"every expression is defined": "proved"}


@pytest.mark.parametrize("claim, expected", [("(a & M0) == (b & M0)", "proved"), ("a == b", "unknown")])
def test_threads_may_run_under_a_rely(verdict, claim, expected):
    threads = "parallel { thread l { a = *sptep; } thread r { b = *sptep; } }"
    text = "theorem t for layout in l against nobody rely (before & M0) == (after & M0) "
    assert verdict(f"{text} {{ u64 a = 0, b = 0; {threads} prove that {claim}; }}") == expected


class Listening:
    def __init__(self):
        self.claimed = []

    def case(self, case):
        pass

    def claims(self, texts, order, trusting):
        self.claimed.append((texts, order, trusting))

    def asked(self, question):
        pass

    def opinions(self):
        return ()


PLACED = "theorem t for layout in l { atomic64_and(~M0, sptep); prove preserves S; }"
IN_TURNS = "theorem t for layout in l { parallel { thread a { set_bit(0, sptep); } thread b { *sptep = 0; } } prove that true; }"


@pytest.mark.parametrize(("text", "orders"), [(PLACED, [0, 0]), (IN_TURNS, [0, 1])])
def test_who_is_told_of_questions_is_told_which_order_they_are_about(text, orders):
    told = Listening()
    layout = SYMBOLIC if text is PLACED else "layout l { M0 = bit 0; }\n"
    prove_text(layout + text, budget=Budget(told=told))
    claim = "preserves S" if text is PLACED else "that true"
    assert [(texts[0], order, trusting) for texts, order, trusting in told.claimed] == [
        (claim, order, True) for order in orders
    ]
