"""What refutes is an execution that was replayed and that breaks the claim, however a decision is made."""

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, prove_text
from spteproof.solver import counterexamples, filling, shortest
from spteproof.solver.counterexamples import Hunt
from spteproof.solver.doubts import TIME, Doubt
from spteproof.solver.finding.quick import Quick
from spteproof.solver.foremost import Foremost
from spteproof.solver.noticing import Noticing
from spteproof.solver.proof import Prover
from spteproof.solver.results import Budget
from spteproof.solver.witness import Refused

KINDS = [None, Foremost, Noticing, Quick]
TEXT = """layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; invariant i: !(spte & M2); }
agent sets lockless { step s: { spte |= M1; } }
theorem bits for layout in l against any number of sets
    { u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old); prove preserves M1; }
theorem ends for layout in l against any number of sets { clear_bit(0, sptep); prove ensures !(end & M1); }
theorem asserts for layout in l against any number of sets { u64 old = READ_ONCE(*sptep); assert(!(old & M1)); prove that true; }
theorem keeps for layout in l against any number of sets { set_bit(2, sptep); prove keeps invariants; }
"""
CLAIMS = {"bits": "preserves M1", "ends": "ensures !(end & M1)", "asserts": "asserts hold", "keeps": "keeps invariants"}


def verdicts(kind):
    library = load_text(TEXT, name="<text>", library_root=LIBRARY).library
    prover = Prover(library, kind=kind)
    found = [each for theorem in library.theorems.values() for each in prover.prove(theorem)]
    return {each.theorem: each.verdict for each in found if each.property == CLAIMS[each.theorem]}


def refuses(witness):
    raise Refused("no")


@pytest.mark.parametrize("kind", KINDS)
def test_what_replays_and_breaks_the_claim_refutes(kind):
    assert verdicts(kind) == dict.fromkeys(CLAIMS, "refuted")


@pytest.mark.parametrize("kind", KINDS)
def test_what_does_not_replay_refutes_nothing(kind, monkeypatch):
    monkeypatch.setattr(counterexamples, "replay", refuses)
    assert verdicts(kind) == dict.fromkeys(CLAIMS, "unknown")


@pytest.mark.parametrize("kind", KINDS)
def test_what_replays_and_breaks_nothing_refutes_nothing(kind, monkeypatch):
    monkeypatch.setattr(Hunt, "_breaches", lambda self, trace: [])
    assert verdicts(kind) == dict.fromkeys(CLAIMS, "unknown")


@pytest.mark.parametrize("kind", KINDS)
def test_where_no_steps_lead_there_nothing_is_refuted(kind, monkeypatch):
    monkeypatch.setattr(filling.Paths, "find", lambda self, before, after: None if before != after else [])
    assert verdicts(kind)["bits"] == "unknown"


# What is shown ----------------------------------------------------------------------------------------------

SHOWN = """layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; invariant i: !(spte & M2); invariant j: !(spte & M3); }
agent sets lockless { step s: { spte |= M1; } }
"""


def example(text, property):
    found = [each for each in prove_text(SHOWN + text).results if each.property.startswith(property)]
    assert [each.verdict for each in found] == ["refuted"]
    return found[0].counterexample


def test_bits_that_are_lost_are_shown_with_the_state_around_them():
    text = """entry child;
        theorem t for layout in l against any number of sets { u64 old = READ_ONCE(*sptep), other = READ_ONCE(*child);
            WRITE_ONCE(*sptep, other & M0); prove preserves M1; }"""
    shown = example(text, "preserves")
    assert (shown.lost, shown.names, shown.start, shown.end) == (2, ("M1",), 2, 0)
    assert (shown.entries, shown.ghosts, shown.threads, shown.broken) == ({"child": 0}, {}, (), ())
    assert (shown.environment_steps, shown.shortest) == (0, True)


@pytest.mark.parametrize("first, broken", [("M2", ("i",)), ("M3", ("j",)), ("M2 | M3", ("i", "j"))])
def test_the_invariants_that_are_broken_first_are_named(first, broken):
    text = f"theorem t for layout in l against nobody {{ u64 m = {first}; atomic64_or(m, sptep); *sptep = M3 | M2; prove that true; }}"
    assert example(text, "keeps invariants").broken == broken


def test_threads_are_named():
    text = "theorem t for layout in l against nobody { parallel { thread a { *sptep = 0; } thread b { *sptep = M0; } } prove preserves M0; }"
    assert example(text, "preserves").threads == ("a", "b")


LATE = """theorem t for layout in l against any number of sets { u64 a = READ_ONCE(*sptep), b = READ_ONCE(*sptep);
    prove that a == b; prove preserves M1; }"""


@pytest.mark.parametrize("limit, sure", [(1, False), (400, True)])
def test_without_a_count_of_steps_none_is_called_the_shortest(monkeypatch, limit, sure):
    monkeypatch.setattr(shortest, "COST_LIMIT", limit)
    shown = example(LATE, "that")
    assert (shown.environment_steps, shown.shortest) == (1, sure)


def test_without_time_a_counterexample_is_found_and_not_called_the_shortest():
    found = prove_text(SHOWN + LATE, budget=Budget(shortest_seconds=0.0)).results[0]
    assert found.verdict == "refuted" and not found.counterexample.shortest


@pytest.mark.parametrize(("fails", "lost", "sure"), [(0, ("M0", "M1"), True), (1, ("M1",), False), (2, ("M0",), False)])
def test_what_the_search_for_another_bit_does_not_find_is_told_and_may_be_shorter(fails, lost, sure, monkeypatch):
    real = Hunt._shortened
    monkeypatch.setattr(
        Hunt, "_shortened",
        lambda self, solver, model, literals, bits:
            Doubt(TIME, "no time") if bits and bits == fails else real(self, solver, model, literals, bits),
    )  # fmt: skip
    text = """agent puts lockless { step s: { spte |= M0; } }
        theorem t for layout in l against any number of sets, puts {
            u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old); prove preserves M0 | M1 | M2; }"""
    (found,) = [each for each in prove_text(SHOWN + text).results if not each.implicit]
    assert (found.verdict, found.losing, found.counterexample.shortest) == ("refuted", lost, sure)
    assert (found.reason, found.kept) == (None if sure else "no time", ("M2",))


@pytest.mark.parametrize(("kind", "counted"), [(None, True), (Noticing, False), (Quick, False), (Foremost, False)])
def test_steps_are_counted_only_where_the_fewest_are_wanted(kind, counted, monkeypatch):
    found, real = [], counterexamples.count_steps
    monkeypatch.setattr(counterexamples, "count_steps", lambda *given: found.append(1) or real(*given))
    assert verdicts(kind)["bits"] == "refuted" and bool(found) == counted
