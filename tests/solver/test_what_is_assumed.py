"""Nothing is assumed of a script that the script does not state: such a name would stand for nothing, and could hold."""

import re

import pytest
import z3

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY
from spteproof.solver.foremost import Foremost
from spteproof.solver.noticing import Noticing
from spteproof.solver.proof import Prover
from spteproof.solver.z3_solver import Solver

BEFORE = """layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; invariant i: spte & M3 -> spte & M0; }
entry child;
ghost bool flag;
agent sets lockless { step s: saw spte & M0 { spte |= M1; } step t(int n): when n == 3 { flag = true; } }
agent tries lockless { u64 old = READ_ONCE(*sptep); assert((old & M0) || !(old & M3));
    retry { } until (try_cmpxchg64(sptep, &old, old | M2)); }
helper one() -> u64 { return atomic64_fetch_and(~M0, sptep); }
helper two() -> u64 { u64 old = xchg(sptep, 0); return old; }
"""
TEXTS = {
    "choices": "(u64 m in {M0, M1, M2}) for layout in l against any number of sets { u64 old = xchg(sptep, m); if (old & m) "
    "*sptep |= M1; prove conserves m into old; prove changes only ~0ULL; prove ensures m == M0 -> !(after & M2); }",
    "loses": "for layout in l against any number of sets, tries { u64 old = *sptep; *sptep = old & ~M0; assert(old == old); "
    "prove preserves M1 | M2 expect refuted losing {M1, M2}; prove preserves M0; prove keeps invariants; }",
    "threads": "for layout in l against any number of sets { parallel { thread a { if (*sptep & M0) *sptep = 0; else set_bit(0, sptep); } "
    "thread b { clear_bit(0, sptep); } } prove preserves M3; prove preserves M1; }",
    "a retry": "for layout in l against any number of sets { u64 old = *sptep; u64 n = 0; "
    "retry { n = 1; } until (try_cmpxchg64(sptep, &old, old & ~M2)); prove preserves M1; prove conserves exactly M2 into old; }",
    "two entries": "(u64 n) for layout in l against any number of sets on child { if (n > 5) WRITE_ONCE(*sptep, 0); "
    "if (n < 5) { u64 a = *child; u64 b = *child; } prove preserves M0; prove preserves M1 on child; }",
    "a rely": "for layout in l against any number of sets rely (before & ~M1) == (after & ~M1) { *sptep = M0; prove ensures end & M0; "
    "prove preserves M2; }",
    "two calls": "for layout in l against any number of sets { prove equivalent one(), two(); prove equivalent one(), one(); }",
}


def constants(term):
    if z3.is_const(term):
        return [term] if term.decl().kind() == z3.Z3_OP_UNINTERPRETED else []
    return [each for child in term.children() for each in constants(child)]


@pytest.fixture
def unstated(monkeypatch):
    """The names that were assumed of a script which does not declare them."""
    found = []
    check = Solver.check

    def checked(self, *literals):
        declared = {each.strip("|") for each in re.findall(r"declare-const (\|[^|]*\||\S+)", " ".join(self._scripts))}
        names = {each for each in literals if isinstance(each, str)}
        names.update(
            each.decl().name()
            for literal in literals
            if not isinstance(literal, str)
            for each in constants(literal.term)
        )
        found.extend(names - declared)
        return check(self, *literals)

    monkeypatch.setattr(Solver, "check", checked)
    return found


@pytest.mark.parametrize(
    ("name", "kind"),
    [*((each, None) for each in TEXTS), ("choices", Foremost), ("loses", Foremost), ("loses", Noticing)],
)
def test_what_is_assumed_was_stated(unstated, name, kind):
    library = load_text(f"{BEFORE}theorem t {TEXTS[name]}", name="<text>", library_root=LIBRARY).library
    found = [each.verdict for each in Prover(library, kind=kind).prove(library.theorems["t"])]
    assert found and unstated == []
