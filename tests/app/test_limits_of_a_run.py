"""What one theorem may take, and what becomes of the others where it takes more, or where its worker dies."""

import json
import os
import signal

import pytest

from spteproof.running import crew
from spteproof.solver import proof

from .conftest import SMALL

LINUX = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="memory is counted as Linux does")

GREEDY = (
    SMALL
    + """
agent mixer lockless { step mix: { spte = spte * spte * 3ULL + (spte >> 7); } }
theorem greedy() for layout in small, no_dirty against any number of mixer {
    atomic64_and(~A, sptep);
    prove preserves W;
    prove changes only A;
}
"""
)
"""An environment that takes seconds and hundreds of megabytes to follow, to no end."""


@pytest.fixture
def results(spteproof, small):
    """The results of one call by theorem and layout, each as (verdict, reason)."""

    def of(text, *words):
        small.write_text(text)
        answer = spteproof("prove", "small.spte", "--format", "json", *words)
        found = {}
        for each in json.loads(answer.out)["results"]:
            found.setdefault((each["theorem"], each["layout"]), set()).add((each["verdict"], each["reason"]))
        return answer.status, found

    return of


@pytest.fixture
def broken(monkeypatch):
    """Does something before an instance is decided, in the worker that decides it."""

    def of(act, theorem="age_clears", layout="small"):
        real = proof.decisions

        def decisions(bench, setting, instance, *rest):
            if (instance.theorem.name, instance.layout) == (theorem, layout):
                act()
            return real(bench, setting, instance, *rest)

        monkeypatch.setattr(proof, "decisions", decisions)

    return of


OTHERS = {("age_stores", "small"): {("refuted", None)}, ("small", "small"): {("proved", None)}}


def others(found):
    return {name: found[name] for name in OTHERS}


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


@LINUX
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_theorem_for_which_memory_runs_out_is_unknown_and_the_others_go_on(results, jobs):
    status, found = results(GREEDY, "--memory", "50", "--jobs", jobs)
    assert status == 3 and others(found) == OTHERS
    assert found["greedy", "small"] == found["greedy", "no_dirty"] == {("unknown", "memory ran out")}


@LINUX
def test_memory_that_the_solver_wants_is_counted_too(results):
    products = "x * (y + 2) * (x + y) * y * x != 62615533ULL || x * y * y + x * 2 != 77ULL"
    hard = f"theorem hard(u64 x, u64 y) for layout in small {{ prove that {products}; }}\n"
    status, found = results(SMALL + hard, "--memory", "50", "--timeout", "20")
    assert ("unknown", "memory ran out") in found["hard", "small"] and others(found) == OTHERS
    assert status == 3


def test_a_theorem_that_takes_too_long_is_unknown_and_the_others_go_on(results):
    status, found = results(GREEDY, "--instance-timeout", "0.5", "--jobs", "2")
    assert status == 3 and others(found) == OTHERS
    assert found["greedy", "small"] == {("unknown", "it took longer than 0.5 s in all")}


def test_code_that_never_comes_back_is_ended(results, broken):
    def loop():
        while True:
            pass

    broken(loop, layout="no_dirty")
    status, found = results(SMALL, "--instance-timeout", "1")
    assert status == 3 and others(found) == OTHERS
    assert found["age_clears", "no_dirty"] == {("unknown", "it took longer than 1 s in all")}
    assert found["age_clears", "small"] == {("proved", None)}


def test_where_a_worker_is_killed_its_task_is_tried_once_more(results, broken, own_place):
    def once():
        if not os.path.exists("died"):
            (own_place / "died").touch()
            kill()

    undisturbed = results(SMALL, "--no-cache")
    broken(once)
    assert results(SMALL, "--no-cache") == undisturbed and (own_place / "died").exists()


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_instance_whose_workers_always_die_is_unknown_and_the_others_are_not(results, broken, jobs):
    broken(kill)
    status, found = results(SMALL, "--jobs", jobs)
    assert status == 3 and others(found) == OTHERS
    assert found["age_clears", "small"] == {("unknown", "its worker process was ended by SIGKILL, twice")}
    assert found["age_clears", "no_dirty"] == {("proved", None)}


def test_after_some_instances_the_rest_of_a_theorem_is_not_tried(results, broken, monkeypatch):
    monkeypatch.setattr(crew, "FAILURES", 1)
    broken(kill)
    _, found = results(SMALL)
    assert others(found) == OTHERS
    for layout in ("small", "no_dirty"):
        assert found["age_clears", layout] == {("unknown", "its worker process was ended by SIGKILL, twice")}


def test_an_error_of_the_tool_outside_an_instance_is_the_theorems_own(results, monkeypatch):
    from spteproof.solver import instances

    real = instances._instance

    def broken(library, theorem, *rest):
        if theorem.name == "age_clears":
            raise ZeroDivisionError
        return real(library, theorem, *rest)

    monkeypatch.setattr(instances, "_instance", broken)
    status, found = results(SMALL)
    assert status == 4 and others(found) == OTHERS
    ((verdict, reason),) = found["age_clears", "small"]
    assert verdict == "unknown" and reason.startswith("internal error: ZeroDivisionError; details are in /")
    os.unlink(reason.rpartition(" ")[2])


def test_where_no_process_can_be_started_it_is_said(spteproof, small, monkeypatch):
    def full():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", full)
    answer = spteproof("prove", "small.spte", "--jobs", "2")
    assert answer.status == 3
    assert (
        answer.err
        == "spteproof: no worker process can be had; without a verdict: small, no_dirty, age_stores, age_clears\n"
    )


@pytest.mark.parametrize("words", ["--memory 49", "--memory none", "--memory -5", "--instance-timeout 0"])
def test_a_limit_that_is_none_is_refused(spteproof, small, words):
    answer = spteproof("prove", "small.spte", *words.split())
    assert answer.status == 2 and f"argument {words.split()[0]}" in answer.err
