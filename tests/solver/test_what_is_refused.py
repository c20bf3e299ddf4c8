"""What the solver does not answer, and what is asked of it: limits, interrupts, places where no retry may stand."""

import os
import signal
import threading
import time
from types import SimpleNamespace

import pytest
import z3

from spteproof.running.pipeline import prove_text
from spteproof.solver.doubts import TooBig
from spteproof.solver.loops import run_loop
from spteproof.solver.results import Budget
from spteproof.solver.z3_solver import Solver, Unknown, _memory_errors

# Z3 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, error", [("out of memory", MemoryError), ("memory: no more", MemoryError), ("parser error", z3.Z3Exception)]
)
def test_only_a_complaint_about_memory_is_a_lack_of_memory(text, error):
    with pytest.raises(error, match=text), _memory_errors():
        raise z3.Z3Exception(text)


def product(bits, wanted):
    """Two odd numbers of so many bits whose product is wanted."""
    words = "".join(f"(declare-const {name} (_ BitVec 64))(assert (bvult {name} #x{1 << bits:016x}))" for name in "xy")
    apart = f"(assert (bvult #x{1:016x} x))(assert (bvule x y))"
    return f"{words}{apart}(assert (= (bvmul x y) #x{wanted:016x}))"


EASY, HARD = product(9, 251 * 509), product(31, (1 << 61) - 1)


def test_a_hard_question_ends_with_the_time_or_the_effort():
    late = Solver(HARD, Budget(timeout_seconds=0.05), None).check()
    assert isinstance(late, Unknown) and "time" in late.reason
    spent = Solver(HARD, Budget(effort=1000), None).check()
    assert isinstance(spent, Unknown) and "time" not in spent.reason


def test_a_question_that_takes_some_time_is_answered():
    started = time.process_time()
    solver = Solver(EASY, Budget(), None)
    assert solver.check() is True and solver.model(["x", "y"], []) == {"x": 251, "y": 509}
    assert time.process_time() - started > 0.005


def test_an_interrupt_is_not_swallowed():
    """It is Python's own, as soon as the check is over."""
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            timer.start()
            Solver(HARD, Budget(timeout_seconds=0.4), None).check()
            time.sleep(2.0)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)


# Retries ----------------------------------------------------------------------------------------------------


class WentOn(Exception):
    """The loop is run."""


class Run(SimpleNamespace):
    @property
    def terms(self):
        raise WentOn


@pytest.mark.parametrize(
    "where, expected",
    [
        ({}, WentOn),
        ({"split": "state", "joined": "state"}, WentOn),
        ({"split": "state"}, "inside a thread"),
        ({"inside": True}, "inside `atomic`"),
        ({"looping": True}, "inside another retry"),
    ],
)
def test_a_retry_stands_neither_in_atomic_nor_in_a_retry_nor_in_a_thread(where, expected):
    run = Run(**{"inside": False, "looping": False, "split": None, "joined": None, **where})
    node = SimpleNamespace(place="x.spte:1:1")
    error, match = (expected, None) if expected is WentOn else (TooBig, expected)
    with pytest.raises(error, match=match):
        run_loop(run, node, (), None)


def test_a_retry_may_come_before_threads_and_after_them(verdict):
    retry = "u64 {0} = READ_ONCE(*sptep); bool {0}d = false; retry {{ {0}d = try_cmpxchg64(sptep, &{0}, {0} | M0); }} until ({0}d);"
    threads = "parallel { thread l { atomic64_or(M1, sptep); } thread r { atomic64_or(M2, sptep); } }"
    text = f"theorem t for layout in l against nobody {{ {retry.format('a')} {threads} {retry.format('b')} prove preserves M3; }}"
    assert verdict(text) == "proved"


# A rely and the arguments of agents ----------------------------------------------------------------------------

READS = "{ u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); prove that %s; }"


def test_a_rely_may_speak_of_the_parameters(verdict):
    text = "theorem t(u64 m) for layout in l against nobody rely (before & m) == (after & m) "
    assert verdict(text + READS % "(a & m) == (b & m)") == "proved"
    assert verdict(text + READS % "a == b") == "unknown"


def test_a_rely_that_may_be_undefined_says_nothing(prove):
    text = "theorem t(u64 m) for layout in l against nobody rely (before >> m) == (after >> m) "
    (found,) = prove(text + READS % "true || a == b")
    assert found.verdict == "unknown" and "the rely may be undefined" in found.reason


def test_an_agents_argument_that_may_be_undefined_says_nothing(prove):
    agent = "agent sets(u64 m) lockless { step s: { spte |= m & M1; } }\n"
    text = agent + "theorem t(u64 n) for layout in l against any number of sets(ARG) " + READS % "(a & ~b) == 0"
    (found,) = prove(text.replace("ARG", "1ULL << n"))
    assert found.verdict == "unknown" and "an agent's argument may be undefined" in found.reason
    (found,) = prove(text.replace("ARG", "n << 1"))
    assert found.verdict == "proved"


@pytest.mark.parametrize("most, expected", [(62, "proved"), (63, "unknown")])
def test_what_is_defined_within_the_parameters_ranges_is_defined(prove, most, expected):
    agent = "agent sets(u64 m) lockless { step s: { spte |= m & M1; } }\n"
    text = f"theorem t(int n in 0..{most}) for layout in l against any number of sets"
    (found,) = prove(f"{agent}{text}(1ULL << n + 1) {READS % '(a & ~b) == 0'}")
    assert found.verdict == expected
    (found,) = prove(f"{agent}{text}(0) rely before >> n + 1 == before >> n + 1 {READS % 'true'}")
    assert found.verdict == expected


@pytest.mark.parametrize("claim, expected", [("b == d", "proved"), ("a == c", "refuted")])
def test_with_a_rely_only_the_ghosts_that_an_agent_writes_change(verdict, claim, expected):
    agents = "ghost u64 one;\nghost u64 two;\nagent notes lockless { step s: { one |= M0; spte |= M1; } }\n"
    body = "u64 a = one; u64 b = two; u64 x = READ_ONCE(*sptep); u64 c = one; u64 d = two;"
    text = (
        f"{agents}theorem t for layout in l against any number of notes rely (before & M0) == (after & M0) {{ {body} "
    )
    assert verdict(text + f"prove that {claim}; }}") == expected


TOGGLES = "u64 old = READ_ONCE(*sptep); bool done = false; retry { done = try_cmpxchg64(sptep, &old, old ^ M0); MORE } until (done);"


def test_an_iteration_that_failed_did_fail(prove):
    """If it could succeed as well, the bit would be toggled twice."""
    body = "bool done = false; retry { bool now = any; if (now) atomic64_xor(M0, sptep); done = now; } until (done);"
    for retry in (TOGGLES.replace("MORE", ""), body):
        text = f"theorem t for layout in l against nobody {{ {retry} prove ensures ((end ^ start) & M0) != 0; }}"
        assert [each.verdict for each in prove(text)] == ["proved"]


def test_an_arm_is_dead_only_where_no_iteration_reaches_it(prove):
    agents = "agent sets lockless { step s: { spte ^= M1; } }\n"
    for more, dead in (("if (done) { } else { }", 0), ("if (done && !done) { }", 1)):
        body = TOGGLES.replace("MORE", more)
        (found,) = prove(
            f"{agents}theorem t for layout in l against any number of sets {{ {body} prove preserves M2; }}"
        )
        assert found.verdict == "proved" and len(found.scope.dead_branches) == dead


@pytest.mark.parametrize("which, expected", [("p", "proved"), ("old & M1", "proved"), ("any", "unknown")])
def test_whether_the_last_iteration_is_silent_depends_on_what_changes_between_iterations(verdict, which, expected):
    """A parameter and what an iteration starts from are the same; what is chosen anew need not be."""
    agents = "agent flips lockless { step s: { spte ^= M1 | M2; } }\n"
    body = (
        TOGGLES.replace("done = try", f"done = true; bool b = {which}; if (b) done = try")
        .replace("^ M0", "| M0")
        .replace("MORE", "")
    )
    text = f"{agents}theorem t(bool p) for layout in l against any number of flips {{ {body} prove ensures !p || !(start & M0) || after & M0; }}"
    assert verdict(text) == expected


@pytest.mark.parametrize(
    "body",
    [
        "bool d = any; done = d; if (done) atomic64_or(M0, sptep);",
        "bool b = any; if (b) x = READ_ONCE(*sptep); if (!b) x = READ_ONCE(*sptep); done = (x & M0) != 0;",
        "u64 y = x; x = READ_ONCE(*sptep); done = (x & M0) != 0;",
    ],
)
def test_one_failed_iteration_stands_for_all_that_neither_change_nor_carry_anything(prove, body):
    agents = "agent sets lockless { step s: { spte ^= M0 | M3; } }\n"
    start = "u64 x = 0; bool done = false;"
    text = f"{start} retry {{ {body} }} until (done); atomic64_and(~M2, sptep); prove preserves M0 | M1;"
    (found,) = prove(f"{agents}theorem t for layout in l against any number of sets {{ {text} }}")
    assert found.verdict == "proved", found.reason


def test_what_a_failed_iteration_leaves_for_the_next_one_to_write_matters(prove):
    text = "u64 x = 0; bool done = false; retry { u64 old = READ_ONCE(*sptep); done = try_cmpxchg64(sptep, &old, old | x); x = M1; }"
    agents = "agent sets lockless { step s: { spte ^= M0; } }\n"
    (found,) = prove(
        f"{agents}theorem t for layout in l against any number of sets {{ {text} until (done); prove preserves M2; }}"
    )
    assert found.verdict == "unknown" and "leaves in `x` matters to the next one" in found.reason


def test_a_layout_in_which_a_rely_stood_for_the_closure_is_gone_on_with(prove):
    text = (
        "theorem {} for layout in l against nobody rely (before & M0) == (after & M0) " + READS % "(a & M0) == (b & M0)"
    )
    found = prove("\n".join(text.replace("{}", name) for name in ("one", "two")))
    assert [each.verdict for each in found] == ["proved", "proved"]


@pytest.mark.parametrize(
    "duty, told",
    [
        ("assert(s & M0);", "the assert at"),
        ("u64 k = 1ULL << (s & 127);", "the expression at"),
        ("assert(s | 1);", ""),
    ],
)
def test_an_agent_that_may_fail_is_told_of(duty, told):
    agent = f"layout l {{ M0 = bit 0; M1 = bit 1; }}\nagent fails lockless {{ u64 s = READ_ONCE(*sptep); {duty} atomic64_or(M1, sptep); }}\n"
    text = f"{agent}theorem t for layout in l against any number of fails {{ atomic64_or(M0, sptep); prove preserves M0; }}"
    asked, *unasked = prove_text(text).results
    assert asked.verdict == "proved"
    assert [(each.property, each.verdict) for each in unasked] == ([("agents are sound", "unknown")] if told else [])
    assert all(each.reason.startswith(f"agent `fails`: {told}") for each in unasked)
