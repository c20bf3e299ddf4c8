"""What can be assumed of a script, what a model says, and who is told of a question."""

import pytest
import z3

from spteproof.solver import z3_solver
from spteproof.solver.doubts import MEMORY_RAN_OUT, TIME
from spteproof.solver.results import Budget
from spteproof.solver.z3_solver import Solver

WORDS = (0, 1, 5, 6, 0x80, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 63) + 5, (1 << 64) - 1)
MASKS = (0, 1, 4, 6, 0x84, 1 << 63, (1 << 64) - 1)
SCRIPT = "(declare-const w (_ BitVec 64))(declare-const p Bool)(declare-const q Bool)"

BOUNDS = {
    "word_at_most": (WORDS, lambda w, bound: w <= bound),
    "word_is": (WORDS, lambda w, value: w == value),
    "any_bit": (MASKS, lambda w, mask: w & mask != 0),
    "lacks_some": (MASKS, lambda w, mask: w & mask != mask),
    "none_is_set": (MASKS, lambda w, mask: w & mask == 0),
    "one_bit": (MASKS, lambda w, mask: w.bit_count() == 1 and w & mask == w),
}


@pytest.fixture
def solver():
    return Solver(SCRIPT, Budget(), None)


@pytest.mark.parametrize("name", BOUNDS)
def test_what_may_be_assumed_of_a_word_is_what_its_name_says(solver, name):
    values, meaning = BOUNDS[name]
    for value in values:
        bound = getattr(z3_solver, name)("w", value)
        for word in WORDS:
            assert solver.check(z3_solver.word_is("w", word), bound) is meaning(word, value), (word, value)


@pytest.mark.parametrize("low", [0, 1, 32, 63, 64])
def test_the_high_bits_are_those_from_a_number_up(solver, low):
    for value in WORDS:
        for word in WORDS:
            assumed = z3_solver.high_bits_are("w", low, value)
            assert solver.check(z3_solver.word_is("w", word), assumed) is (word >> low == value >> low)


def test_one_of_some_truth_values_holds(solver):
    for names in (["p"], ["q"], ["p", "q"]):
        for p in (False, True):
            for q in (False, True):
                known = [z3_solver.truth_is("p", p), z3_solver.truth_is("q", q)]
                assert solver.check(z3_solver.some_of(names), *known) is any({"p": p, "q": q}[each] for each in names)
                assert solver.check("p", *known) is p


@pytest.mark.parametrize("word", WORDS)
def test_a_model_has_the_values_of_all_names_and_none_for_others(solver, word):
    assert solver.check(z3_solver.word_is("w", word), z3_solver.truth_is("p", word % 2 == 0)) is True
    assert solver.model(["w", "other"], ["p", "nothing"]) == {
        "w": word,
        "other": 0,
        "p": int(word % 2 == 0),
        "nothing": 0,
    }
    known = solver._everything()
    assert known["w"] == word and known["p"] == int(word % 2 == 0)


def test_what_was_needed_is_named(solver):
    solver.extend("(declare-const p Bool)(declare-const q Bool)(assert (not (and p q)))(declare-const r Bool)")
    assert solver.check("r", "p", "q") is False and solver.core() == {"p", "q"}
    small, large = z3_solver.word_at_most("w", 3), z3_solver.any_bit("w", 1 << 40)
    assert solver.check("p", small, "r", large) is False and solver.core() == set()
    solver.extend("(declare-const q Bool)(declare-const w (_ BitVec 64))(assert (=> q (= w #x0000000000000004)))")
    assert solver.check("p", small) is True
    assert solver.check("r", "q", small) is False and solver.core() == {"q"}


class Told:
    def __init__(self):
        self.heard = []

    def asked(self, question):
        self.heard.append((question.about, question.assumed, question.answer))


@pytest.mark.parametrize(("about", "left"), [("program", 2), (None, 0)])
def test_nobody_is_told_of_what_guides_a_search(about, left):
    told = Told()
    solver = Solver(SCRIPT, Budget(told=told), about)
    assert solver.check("p") is True and solver.check("p", z3_solver.truth_is("p", False)) is False
    solver.search()
    assert solver.check("q") is True
    assert told.heard == [("program", ("|p|",), True), ("program", ("|p|", "(not p)"), False)][:left]


def test_what_is_added_counts_and_is_told_to_nobody():
    told = Told()
    solver = Solver(SCRIPT, Budget(told=told), "program")
    solver.extend("(declare-const p Bool)(assert (not p))")
    assert solver.check("p") is False and solver.check("q") is True and told.heard == []


def test_one_that_was_broken_off_reads_again_all_that_it_was_told(solver):
    for name in "pq":
        solver.extend(f"(declare-const {name} Bool)(assert (not {name}))")
    for name in "pq":
        solver._is_broken_off = True
        assert solver.check(name) is False
    assert solver.check() is True


def test_one_that_was_interrupted_is_broken_off(solver, monkeypatch):
    begun, read = [], Solver._read
    monkeypatch.setattr(Solver, "_read", lambda self: begun.append(1) or read(self))
    for error, raised in [
        (KeyboardInterrupt(), KeyboardInterrupt), (z3.Z3Exception("out of memory"), MemoryError),
        (z3.Z3Exception("no such thing"), z3.Z3Exception),
    ]:  # fmt: skip
        with monkeypatch.context() as patch, pytest.raises(raised):
            patch.setattr(z3, "Z3_solver_check_assumptions", lambda *given, error=error: (_ for _ in ()).throw(error))
            solver.check("p")
    assert solver.check("p") is True and solver.check("q") is True and len(begun) == 3


REASONS = {
    "timeout": (TIME, "the solver ran out of time"),
    "Canceled": (TIME, "the solver ran out of time"),
    "max. resource limit exceeded": (TIME, "the solver ran out of its effort budget"),
    "(rlimit)": (TIME, "the solver ran out of its effort budget"),
    "out of memory": (MEMORY_RAN_OUT.kind, str(MEMORY_RAN_OUT)),
    "(incomplete)\nand more": (TIME, "(incomplete)"),
    "": (TIME, "the solver gave no reason"),
}


@pytest.mark.parametrize("told", REASONS)
def test_why_the_solver_gave_up_is_said_in_our_words(told):
    found = z3_solver._reason(told)
    assert (found.kind, str(found)) == REASONS[told]
