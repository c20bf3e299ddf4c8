"""What refutes is an execution that was replayed and that breaks the claim, however a decision is made."""

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY
from spteproof.solver import counterexamples
from spteproof.solver.counterexamples import Hunt
from spteproof.solver.finding.quick import Losing, Quick
from spteproof.solver.foremost import Foremost
from spteproof.solver.noticing import Noticing, NoticingAll
from spteproof.solver.proof import Prover
from spteproof.solver.witness import Refused

KINDS = [None, Foremost, Noticing, NoticingAll, Quick, Losing]
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
    monkeypatch.setattr(counterexamples.Paths, "find", lambda self, before, after: None if before != after else [])
    assert verdicts(kind)["bits"] == "unknown"
