"""Decisions without counterexamples say of the same verdicts that they are as expected, and never more."""

from collections import Counter

import pytest

from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.modules import load_text
from spteproof.grammar.mutation.mutants import mutants
from spteproof.grammar.reading import read_module
from spteproof.running.pipeline import LIBRARY
from spteproof.solver.counterexamples import Hunt
from spteproof.solver.instances import instances
from spteproof.solver.noticing import NOT_ASKED, Noticing, NoticingAll
from spteproof.solver.proof import Prover
from spteproof.solver.results import Budget, Result
from spteproof.solver.z3_solver import Solver, Unknown

QUICK = Budget(shortest_seconds=0.0)

CLEARED = """layout mine { PRESENT = bit 0; W = bit 1; A = bit 5; D = bit 6; }
agent cpu lockless {
    step read:  when spte & PRESENT { spte |= A; }
    step write: when spte & W { spte |= A | D; }
}
helper clear(u64 old, u64 mask) -> u64 {
    if (!(old & A) || !(old & D))
        return atomic64_fetch_and(~mask, sptep);
    WRITE_ONCE(*sptep, old & ~mask);
    return old;
}
helper clear_plainly(u64 old, u64 mask) -> u64 { WRITE_ONCE(*sptep, old & ~mask); return old; }
theorem keeps(u64 mask in {W}) for layout in mine against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    assume(old & PRESENT);
    u64 seen = clear(old, mask);
    assert(old & PRESENT);
    prove preserves A | D except mask;
    prove ensures !(after & mask);
}
theorem loses for layout in mine against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    u64 seen = clear_plainly(old, W);
    prove preserves A | D expect refuted losing {A, D};
    prove refines { seen = *sptep; *sptep &= ~W; } expect refuted;
    prove changes only W expect refuted;
}
"""

THREADS = """layout mine { PRESENT = bit 0; W = bit 1; D = some bit; X = none; }
agent cpu lockless { step write: when spte & W { spte |= D; } }
theorem both for layout in mine against any number of cpu {
    parallel {
        thread one { u64 old = READ_ONCE(*sptep); if (old & PRESENT) atomic64_and(~W, sptep); }
        thread two { u64 seen = READ_ONCE(*sptep); WRITE_ONCE(*sptep, seen | PRESENT); }
    }
    prove preserves PRESENT;
    prove preserves D expect refuted losing {D};
}
"""

STALE = """layout mine {
    PRESENT = bit 0; W = bit 1; D = bit 6;
    invariant present: (spte & W) -> (spte & PRESENT);
}
agent cpu lockless { step late: saw spte & W { spte |= D; } }
theorem drops for layout in mine against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    assume(old & W);
    atomic64_and(~W, sptep);
    prove preserves D;
    prove ensures !(after & D) expect refuted;
}
"""

LOST = """layout mine { A = bit 1; P = bit 63; E = some bit overlaps P; disjoint(A, E); }
theorem t for layout in mine against nobody {
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old & P);
    prove preserves A | E expect refuted losing {E};
    prove preserves P;
}
"""
"""Where E lies on P, the last place that is looked at, it is not lost."""


def changed(text, every):
    """The text and some of its mutants."""
    module = read_module(load_text(text, name="t.spte", library_root=LIBRARY).sources[0], Findings())
    return [text, *(mutant.of(text) for mutant in mutants(module)[::every])]


TEXTS = {
    "cleared": changed(CLEARED, 5),
    "stale": changed(STALE, 3),
    "placed": [LOST, LOST.replace("losing {E}", "losing {E, P}"), LOST.replace("old & P", "old & A")],
    "threads": [
        THREADS,
        THREADS.replace("losing {D}", "losing {D, X}"),
        THREADS.replace("preserves PRESENT;", "preserves W;"),
    ],
}


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("kind", [Noticing, NoticingAll])
def test_verdicts_are_those_of_full_decisions(texts, kind):
    count = Counter()
    for text, library in [(each, load_text(each, name="t.spte", library_root=LIBRARY).library) for each in texts]:
        if library is None:
            continue  # names or sorts of the mutant do not fit
        for instance in [each for theorem in library.theorems.values() for each in instances(library, theorem)]:
            full = results(Prover(library, QUICK), instance)
            quick = results(Prover(library, QUICK, kind=kind), instance)
            stopped = any(each.reason == NOT_ASKED for each in quick.values())
            assert stopped or full.keys() == quick.keys(), text
            assert not stopped or any(not each.ok and each.verdict == "refuted" for each in quick.values()), text
            for name, each in quick.items():
                count[each.verdict, each.ok] += 1
                assert not each.scope.untriggered and not each.scope.no_premise and not each.scope.dead_branches
                if each.reason != NOT_ASKED:
                    assert (each.verdict, each.ok) == (full[name].verdict, full[name].ok), text
    assert count["proved", True] and count["refuted", True] and count["refuted", False]


def results(prover, instance):
    return {each.property: each for each in prover.decide(instance) if isinstance(each, Result)}


def test_a_refutation_that_nobody_expects_is_replayed(monkeypatch):
    """Without an execution that replays, there is none."""
    monkeypatch.setattr("spteproof.solver.counterexamples.Hunt.some", lambda *given: "it does not replay")
    library = load_text(CLEARED.replace("if (!(old & A) ||", "if ("), name="t.spte", library_root=LIBRARY).library
    assert library is not None
    prover = Prover(library, QUICK, kind=Noticing)
    [instance] = instances(library, library.theorems["keeps"])
    verdicts = {each.verdict for each in results(prover, instance).values() if not each.ok}
    assert verdicts == {"unknown"}
    [expected] = instances(library, library.theorems["loses"])
    assert all(each.ok for each in results(prover, expected).values())
    assert not any(each.ok for each in results(Prover(library, QUICK, kind=NoticingAll), expected).values())


def test_after_a_refutation_that_nobody_expects_nothing_is_said_to_be_proved():
    """What was proved before it may rest on invariants that are not looked at any more."""
    claims = " ".join(
        f"prove {each};" for each in ("preserves W", "changes only A", "preserves D", "preserves A", "preserves W | D")
    )
    text = f"layout l {{ W = bit 1; A = bit 5; D = bit 6; }}\ntheorem t for layout in l against nobody {{ *sptep &= ~A; {claims} }}"
    library = load_text(text, name="t.spte", library_root=LIBRARY).library
    found = list(Prover(library, QUICK, kind=Noticing).prove(library.theorems["t"]))
    assert [each.verdict for each in found] == ["unknown"] * 3 + ["refuted", "unknown"]
    assert {each.reason for each in found if each.verdict == "unknown"} == {NOT_ASKED}


ORDER = """layout mine { W = bit 1; }
entry child;
theorem t for layout in mine against nobody { WRITE_ONCE(*sptep, 0); u64 a = *child; prove ensures a == a; }
"""


def test_what_rests_on_the_order_of_accesses_is_in_doubt_here_too():
    library = load_text(ORDER, name="t.spte", library_root=LIBRARY).library
    (instance,) = instances(library, library.theorems["t"])
    full = [results(Prover(library, QUICK, kind=kind), instance) for kind in (None, Noticing, NoticingAll)]
    (said,) = {tuple((name, each.verdict, each.reason) for name, each in each.items()) for each in full}
    assert [verdict for _, verdict, _ in said] == ["unknown"] and "locked operation" in said[0][2]


PLACED = """layout mine { P = bit 0; D = some bit; E = some bit or none; disjoint(P, D, E); }
theorem t for layout in mine against nobody {
    u64 old = READ_ONCE(*sptep);
    if (P == D) { WRITE_ONCE(*sptep, old); }
    atomic64_and(~D, sptep);
    prove conserves E into old;
    prove preserves CLAIMED;
}
"""


@pytest.mark.parametrize("claimed, asked", [("P", 2), ("D expect refuted", 2), ("D", 1), ("P expect refuted", 2)])
def test_after_a_refutation_that_nobody_expects_no_placement_is_asked_about(claimed, asked, monkeypatch):
    text = PLACED.replace("CLAIMED", claimed)
    library = load_text(text, name="t.spte", library_root=LIBRARY).library
    (instance,) = instances(library, library.theorems["t"])
    made, ask, check, literals = [], Noticing.ask, Solver.check, set()
    monkeypatch.setattr(Noticing, "ask", lambda self: made.append(self.setting) or ask(self))
    monkeypatch.setattr(Solver, "check", lambda self, *given: literals.update(map(str, given)) or check(self, *given))
    assert len(instance.settings) == 2
    found = results(Prover(library, QUICK, kind=Noticing), instance)
    assert len(made) == asked
    assert found["preserves " + claimed[0]].ok == (claimed in ("P", "D expect refuted"))
    assert not {each for each in literals if each.startswith(("triggered", "assumed", "branch"))}


@pytest.mark.parametrize(("kind", "count"), [(Noticing, 1), (NoticingAll, 3)])
def test_that_no_event_loses_what_is_expected_is_said_of_what_was_replayed_once(kind, count, monkeypatch):
    """The other two refutations are expected as they are."""
    replayed, some = [], Hunt.some
    monkeypatch.setattr(Hunt, "some", lambda self, *given: replayed.append(1) or some(self, *given))
    text = CLEARED.replace("losing {A, D}", "losing {A, PRESENT}")
    library = load_text(text, name="t.spte", library_root=LIBRARY).library
    (instance,) = instances(library, library.theorems["loses"])
    found = results(Prover(library, QUICK, kind=kind), instance)["preserves A | D"]
    assert (found.verdict, found.ok, len(replayed)) == ("refuted", False, count)
    monkeypatch.setattr(Hunt, "some", lambda self, *given: "it does not replay")
    found = results(Prover(library, QUICK, kind=kind), instance)["preserves A | D"]
    assert (found.verdict, found.reason) == ("unknown", "it does not replay")


def test_without_an_answer_to_what_is_lost_at_once_nothing_is_refuted(monkeypatch):
    check = Solver.check
    monkeypatch.setattr(
        Solver, "check", lambda self, *given: Unknown("hard") if "together0" in given else check(self, *given)
    )
    library = load_text(CLEARED, name="t.spte", library_root=LIBRARY).library
    (instance,) = instances(library, library.theorems["loses"])
    for kind in (Noticing, NoticingAll):
        found = results(Prover(library, QUICK, kind=kind), instance)["preserves A | D"]
        assert (found.verdict, found.reason) == ("unknown", "hard")
