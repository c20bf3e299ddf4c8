"""Other solvers, given the same scripts and the same questions, give the same answers."""

import importlib.util
import subprocess
import sys

import pytest
import z3

from spteproof.running.pipeline import prove_text
from spteproof.solver import decision, equivalence, surroundings
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
    int n = __ffs64(seen | M3);
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


def with_questions(script, noted):
    lines = ["(set-logic QF_BV)", script]
    lines += [f"(check-sat-assuming ({' '.join(f'|{name}|' for name in names)}))" for names in noted]
    return "\n".join(lines) + "\n"


def answers_of(output):
    return [{"sat": True, "unsat": False}[line] for line in output.split() if line in ("sat", "unsat", "unknown")]


def test_the_general_solver_of_z3_agrees(asked):
    for script, noted in asked:
        solver = z3.Solver()
        solver.set("timeout", 20_000)
        solver.from_string(script)
        for names, answer in noted.items():
            found = solver.check(*[z3.Bool(name) for name in names])
            assert found == (z3.sat if answer else z3.unsat), names


BITWUZLA = """import sys, bitwuzla
options = bitwuzla.Options()
parser = bitwuzla.Parser(bitwuzla.TermManager(), options)
parser.parse(sys.stdin.read(), parse_only=False, parse_file=False)
"""
CVC5 = """import sys, cvc5
solver = cvc5.Solver(cvc5.TermManager())
solver.setOption("incremental", "true")
parser = cvc5.InputParser(solver)
parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, sys.stdin.read(), "asked")
symbols = parser.getSymbolManager()
while not (command := parser.nextCommand()).isNull():
    print(command.invoke(solver, symbols), end="")
"""


@pytest.mark.parametrize("name, program", [("bitwuzla", BITWUZLA), ("cvc5", CVC5)])
def test_another_solver_agrees(asked, name, program):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    for script, noted in asked:
        run = subprocess.run(
            [sys.executable, "-c", program],
            input=with_questions(script, noted),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert answers_of(run.stdout) == list(noted.values()), run.stderr


def test_a_broken_script_would_be_noticed(asked):
    if importlib.util.find_spec("cvc5") is None:
        pytest.skip("cvc5 is not installed")
    script, noted = next((script, noted) for script, noted in asked if False in noted.values())
    broken = "\n".join(line for line in script.splitlines() if not line.startswith("(assert"))
    run = subprocess.run(
        [sys.executable, "-c", CVC5], input=with_questions(broken, noted), capture_output=True, text=True, check=False
    )
    assert answers_of(run.stdout) != list(noted.values())
