"""Other solvers, given the same scripts and the same questions, give the same answers."""

import pytest
import z3

from spteproof.running.pipeline import prove_text
from spteproof.solver import decision, equivalence, surroundings
from spteproof.solver.opinions.cross_check import SOLVERS, installed, opener
from spteproof.solver.z3_solver import Solver

TEXT = """
layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; invariant i: (spte & M3) -> (spte & M2); }
ghost bool flag;
agent sets lockless { step s: when (spte & M0) { spte |= M1; flag = true; } step u: saw (spte & M1) { spte &= ~M1; } }
agent tries(int level) lockless {
    u64 old = READ_ONCE(*sptep), new = old | M0;
    if (level < 3 || (old >> 54) & 5) return;
    if (try_cmpxchg64(sptep, &old, new)) flag = !flag;
}
helper clear(u64 old) -> u64 {
    if (old & M1) return atomic64_fetch_and(~M0, sptep);
    WRITE_ONCE(*sptep, old & ~M0);
    return old;
}
helper clear_again(u64 old) -> u64 {
    if (!(old & M1)) { WRITE_ONCE(*sptep, old & ~M0); return old; }
    return atomic64_fetch_and(~M0, sptep);
}
theorem t(u64 m, int level) for layout in l against any number of sets, tries {
    u64 old = READ_ONCE(*sptep);
    assume(!(old & M3));
    u64 seen = clear(old);
    u64 n = __ffs64(seen | M3);
    prove preserves M1;
    prove preserves M2 | M3;
    prove changes only M0 | (old & ~old);
    prove conserves M0 | M1 into seen;
    prove resurrects nothing in M1;
    prove refines { seen = *sptep; *sptep &= ~M0; };
    prove ensures (end & ~(M0 | M1)) == (start & ~(M0 | M1));
    prove ensures seen * 3 + (seen << 2) != m - 5 || n < 4;
    prove always flag || !flag;
    prove that old + m - m == old;
    prove keeps invariants;
}
theorem e(u64 old) for layout in l {
    u64 k = old;
    prove equivalent clear(k), clear_again(k);
    prove equivalent clear(k), clear(k | M1);
}
theorem r for layout in l against any number of sets rely (before & ~(M0 | M1)) == (after & ~(M0 | M1)) {
    u64 x = READ_ONCE(*sptep);
    u64 y = READ_ONCE(*sptep);
    prove ensures (x & M2) == (y & M2);
    prove ensures x == y;
}
"""


@pytest.fixture(scope="module")
def asked():
    """Each script with its questions (names to assume) and the answers that were given."""
    scripts = []

    class Noting(Solver):
        def __init__(self, script, budget, about):
            super().__init__(script, budget, about)
            self.script, self.noted = script, {}
            scripts.append(self)

        def check(self, *literals):
            answer = super().check(*literals)
            if all(isinstance(each, str) for each in literals):
                self.noted[literals] = answer
            return answer

    with pytest.MonkeyPatch.context() as patch:
        for module in (decision, equivalence, surroundings):
            patch.setattr(module, "Solver", Noting)
        prove_text(TEXT)
    return [(each.script, each.noted) for each in scripts if each.noted]


def test_the_sample_has_answers_of_both_kinds(asked):
    answers = [answer for _, noted in asked for answer in noted.values()]
    assert answers.count(True) >= 10 and answers.count(False) >= 10 and len(asked) >= 5


def test_the_general_solver_of_z3_agrees(asked):
    for script, noted in asked:
        solver = z3.Solver()
        solver.set("timeout", 20_000)
        solver.from_string(script)
        for names, answer in noted.items():
            found = solver.check(*[z3.Bool(name) for name in names])
            assert found == (z3.sat if answer else z3.unsat), names


@pytest.mark.parametrize("name", SOLVERS)
def test_another_solver_agrees(asked, name):
    if name not in installed():
        pytest.skip(f"{name} is not installed")
    opened, _ = opener(name)
    for script, noted in asked:
        one = opened(script, 60.0)
        assert {names: one.holds(names) for names in noted} == noted


def test_a_broken_script_would_be_noticed(asked):
    if "cvc5" not in installed():
        pytest.skip("cvc5 is not installed")
    script, noted = next((script, noted) for script, noted in asked if False in noted.values())
    broken = "\n".join(line for line in script.splitlines() if not line.startswith("(assert"))
    one = opener("cvc5")[0](broken, 60.0)
    assert {names: one.holds(names) for names in noted} != noted
