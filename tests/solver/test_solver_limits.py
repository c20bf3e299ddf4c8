"""What the solver says after it was broken off: the whole script still counts."""

import os
import signal
import threading

import pytest

from spteproof.solver import z3_solver
from spteproof.solver.doubts import TIME
from spteproof.solver.results import Budget
from spteproof.solver.z3_solver import Solver, Unknown

SCRIPT = """
(declare-const a (_ BitVec 64))
(declare-const b (_ BitVec 64))
(declare-const shifted Bool)
(assert (=> shifted (= (bvand (bvadd a b) #x00ffff0000ffff00) (bvor a (bvshl b a)))))
(declare-const small Bool)
(assert (=> small (bvult a #x0000000000000002)))
(declare-const large Bool)
(assert (=> large (bvult #x0000000000000004 a)))
"""
EFFORTS = (100, 200, 500, 1000, 2000, 4000, 8000, 16000)
"""The reading of the script is broken off at some of these, the search at others."""


@pytest.mark.parametrize("effort", EFFORTS)
def test_a_question_that_takes_more_than_little_effort_is_asked_with_all_of_it(monkeypatch, effort):
    monkeypatch.setattr(z3_solver, "SHORT_EFFORT", effort)
    solver = Solver(SCRIPT, Budget(), "program")
    assert solver.check("shifted") is True
    assert solver.check("shifted", "small", "large") is False


@pytest.mark.parametrize("effort", EFFORTS)
def test_what_was_broken_off_is_forgotten_before_the_next_question(effort):
    budget = Budget(effort=effort)
    solver = Solver(SCRIPT, budget, "program")
    answers = [solver.check("shifted"), solver.check("small", "large")]
    for answer in answers:
        assert not isinstance(answer, Unknown) or answer.reason.kind == TIME
        assert not isinstance(answer, Unknown) or "\n" not in str(answer.reason)
    assert answers[0] is True or isinstance(answers[0], Unknown)
    assert answers[1] is False or isinstance(answers[1], Unknown)
    assert not any(isinstance(answer, Unknown) and "sat.giveup" in str(answer.reason) for answer in answers)


@pytest.mark.parametrize("effort", EFFORTS)
def test_what_a_search_added_is_read_again(monkeypatch, effort):
    monkeypatch.setattr(z3_solver, "SHORT_EFFORT", effort)
    solver = Solver(SCRIPT, Budget(), None)
    solver.extend("(declare-const a (_ BitVec 64))(assert (= a #x0000000000000000))")
    assert solver.check("shifted") is True
    assert solver.model(["a"], []) == {"a": 0}
    assert solver.check("shifted", "large") is False


FACTORS = """
(declare-const a (_ BitVec 64))
(declare-const b (_ BitVec 64))
(assert (= (bvmul ((_ zero_extend 64) a) ((_ zero_extend 64) b)) (_ bv170141183460469231731687303715884105727 128)))
(assert (bvult #x0000000000000001 a))
(assert (bvult #x0000000000000001 b))
"""


def test_an_interrupt_while_the_solver_works_reaches_python():
    """Z3 would take it for its own, and the run would go on."""
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    try:
        timer.start()
        answer = Solver(FACTORS, Budget(timeout_seconds=0.3), "program").check()
        timer.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert isinstance(answer, Unknown) and heard == [signal.SIGINT]


@pytest.mark.parametrize("held, limit", [(0, 7), (3 << 20, 10), ((4 << 20) - 1, 10)])
def test_solvers_may_take_so_much_more_memory_than_they_hold(monkeypatch, held, limit):
    told = []
    monkeypatch.setattr(z3_solver.z3, "set_param", lambda *given: told.append(given))
    monkeypatch.setattr(z3_solver.z3, "Z3_get_estimated_alloc_size", lambda: held)
    z3_solver.limit_memory(7)
    assert told == [("memory_max_size", limit)]


LITTLE, ENOUGH = 200, z3_solver.LONG_SECONDS
FIRST = {"ctrl_c": False, "rlimit": LITTLE}


@pytest.mark.parametrize(
    ("seconds", "effort", "at_once"),
    [(ENOUGH, LITTLE + 1, False), (ENOUGH, LITTLE, True), (ENOUGH - 0.5, LITTLE + 1, True), (0.0001, LITTLE + 1, True)],
)
def test_each_question_is_asked_with_a_limit_and_again_with_all_that_there_is(monkeypatch, seconds, effort, at_once):
    """Where all is as much as little, or there is no time to lose, that is what is asked with at once."""
    told, real = [], z3_solver.z3.Solver.set
    monkeypatch.setattr(z3_solver, "SHORT_EFFORT", LITTLE)
    monkeypatch.setattr(z3_solver.z3.Solver, "set", lambda self, **given: told.append(given) or real(self, **given))
    all_of_it = {"ctrl_c": False, "timeout": max(1, int(seconds * 1000)), "rlimit": effort}
    solver = Solver(FACTORS, Budget(timeout_seconds=seconds, effort=effort), "program")
    assert told == [all_of_it if at_once else FIRST]
    assert isinstance(solver.check(), Unknown) and told == ([all_of_it] if at_once else [FIRST, all_of_it])
    assert isinstance(solver.check(), Unknown) and told[-1] == all_of_it
