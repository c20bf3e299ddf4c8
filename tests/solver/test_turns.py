"""Executions that agents' locks allow, found where those with fewer steps are excluded."""

import pytest

from spteproof.running.pipeline import prove_text

LAYOUT = "layout l { A = bit 0; B = bit 1; invariant small: !(spte & ~(A | B)); }\n"
FLIP = "agent flip holding m { atomic64_fetch_xor(A, sptep); atomic64_fetch_xor(B, sptep); }\n"
READS = "u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); u64 c = READ_ONCE(*sptep);"
CALLED = """helper taken_back() -> bool { READS return a == 0 && b == A && c == 0; }
helper never() -> bool { READS return false; }
""".replace("READS", READS)


def decided(agents, program):
    text = f"{LAYOUT}{CALLED}{agents}theorem t for layout in l against any number of {names(agents)} {{ {program} }}"
    (found,) = [each for each in prove_text(text).results if not each.implicit]
    return found


def names(agents):
    return ", ".join(line.split()[1] for line in agents.splitlines())


def test_an_instance_goes_through_all_its_program_where_a_step_of_it_would_do():
    """A is taken back by the next instance, when the first has set B."""
    found = decided(FLIP, f"{READS} prove that !(a == 0 && b == A && c == 0);")
    assert found.verdict == "refuted"
    assert found.counterexample.environment_steps == 4 and not found.counterexample.shortest


@pytest.mark.parametrize(
    "claim",
    [
        f"{READS} assume(a == 0 && b == A && c == 0); prove ensures a == 0;",
        f"{READS} assume(a == 0 && b == A && c == 0); prove equivalent never(), never();",
    ],
)
def test_what_is_proved_is_seen_to_happen_in_whole_programs(claim):
    assert decided(FLIP, claim).verdict == "proved"


def test_calls_are_told_apart_by_whole_programs():
    assert decided(FLIP, "prove equivalent taken_back(), never();").verdict == "refuted"


ENTER = """agent enter holding m { cmpxchg64(sptep, 0, A); atomic64_fetch_andnot(A, sptep); }
agent meet holding m { cmpxchg64(sptep, A, A | B); }
"""


@pytest.mark.parametrize(("own", "expected"), [("atomic64_fetch_or(a, sptep);", "refuted"), ("", "unknown")])
def test_another_execution_of_the_theorem_breaks_the_claim(own, expected):
    """One that puts back A, which it has read, when the first instance has ended: others then meet it."""
    found = decided(ENTER, f"u64 a = READ_ONCE(*sptep); {own} prove ensures !(start == 0 && end == B);")
    assert found.verdict == expected


CHOOSES = "agent put holding m { u64 v = any; xchg(sptep, v & (A | B)); bool p = any; if (p) xchg(sptep, A); xchg(sptep, 0); }\n"


def test_an_instance_keeps_to_what_it_has_chosen():
    found = decided(CHOOSES, f"{READS} u64 d = READ_ONCE(*sptep); prove that !(a == B && b == A && c == 0 && d == B);")
    assert found.verdict == "refuted"
