"""What the concrete interpreter does with a counterexample, and what it says of other properties of the same execution."""

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver import counterexamples, judgement
from spteproof.solver.witness import replay

LAYOUT = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; }\n"


@pytest.fixture
def trace(monkeypatch):
    """The execution that refutes the first property of a theorem, and what it breaks of all of them."""

    def call(text):
        traces = []

        def note(witness):
            traces.append((replay(witness), witness.theorem.proves))
            return traces[-1][0]

        monkeypatch.setattr(counterexamples, "replay", note)
        assert prove_text(LAYOUT + text).results[0].verdict == "refuted"
        found, proves = traces[0]
        return found, [judgement.breaches(found, each.property) for each in proves]

    return call


def test_words_wrap_and_whole_numbers_that_fit_are_defined(trace):
    text = "theorem t(u64 a, u64 b, int k in -3..3) for layout in l { u64 s = a + b, n = -a, p = a * b; int i = -k, j = i - 2 * k; "
    found, _ = trace(f"{text} prove that !(s == 1ULL << 50 && a > 9 && p != 0 && j == 9); }}")
    assert not found.failures and not found.stopped
    assert found.call.variables["s"] == 1 << 50 and found.call.variables["n"] == -found.call.variables["a"] % (1 << 64)


def test_an_execution_breaks_only_what_it_breaks(trace):
    text = "theorem t(u64 m in {M2}) for layout in l { u64 old = atomic64_fetch_and(~M1, sptep); prove preserves M1; "
    others = "preserves M0, preserves M1 except M1, changes only M1, changes only M0, conserves M1 into old, resurrects nothing in M1"
    _, (first, *rest) = trace(text + " ".join(f"prove {each};" for each in others.split(", ")) + " }")
    assert [each.bits for each in first] == [2]
    assert [len(each) for each in rest] == [0, 0, 0, 1, 0, 0]


@pytest.mark.parametrize("body", ["atomic { clears(); u64 a = *sptep; }", "clears();"])
def test_a_block_in_a_block_is_part_of_it(trace, body):
    helper = "helper clears() { atomic { *sptep &= ~M0; clear_bit(1, sptep); } }\n"
    found, (breaches,) = trace(f"{helper}theorem t for layout in l {{ {body} prove preserves M0; }}")
    assert len(found.happened) == 1 and [each.bits for each in breaches] == [1]


def test_of_many_arms_only_those_that_nothing_reaches_are_dead():
    text = "theorem t(bool p) for layout in l { u64 a = *sptep; if (p && !p) a = 0; if (a & M0) a = 1; else a = 2; prove that a == 0; }"
    (found,) = prove_text(LAYOUT + text).results
    assert len(found.scope.dead_branches) == 1 and "then" in found.scope.dead_branches[0]


def test_a_bit_that_the_program_cleared_itself_or_never_left_set_is_not_resurrected(trace):
    body = "u64 old = atomic64_fetch_or(M1, sptep); clear_bit(1, sptep); atomic64_or(M1, sptep);"
    _, (first, second) = trace(
        f"theorem t for layout in l {{ {body} prove that old & M1; prove resurrects nothing in M1; }}"
    )
    assert len(first) == 1 and second == []
