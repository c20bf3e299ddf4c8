"""A run over worker processes that tells verdicts first: what it ends with is what any run ends with."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.phased import run_in_phases
from spteproof.running.pipeline import LIBRARY, library_of, prove_loaded
from spteproof.running.worker import Limits
from spteproof.solver import proof
from spteproof.solver.results import SEARCHED, Budget, Result

from .conftest import SMALL

TEXT = (
    SMALL
    + """
theorem chosen(u64 mask in {W, A, D}) for layout in small, no_dirty against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old & ~mask);
    prove preserves W | A | D except mask;
}
theorem relied() for layout in small against any number of cpu rely (before & ~after) == 0 {
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old & ~A);
    prove preserves D;
}
"""
)
ALL = ["small", "age_stores", "age_clears", "chosen", "relied"]


@pytest.fixture
def heard():
    """What is heard of the tasks, one after the other, and for each what it gave last."""

    def of(jobs=1, names=ALL, stop=lambda heard: False):
        loaded = load_text(TEXT, name="small.spte", library_root=LIBRARY)
        told = []
        run_in_phases(
            library_of(loaded),
            names,
            Budget(),
            jobs,
            lambda *given: told.append(given),
            sources={each.name: each for each in loaded.sources},
            limits=Limits(),
            stop=lambda: stop(told),
        )
        return told, {name: results for name, results, _ in told}

    return of


def timeless(found):
    return [replace(each, seconds=0) if isinstance(each, Result) else each for each in found]


def last_verdicts_of(told):
    return [(name, whole) for name, _, whole in told]


@pytest.mark.parametrize("jobs", [1, 2])
def test_it_ends_with_what_any_run_ends_with(heard, jobs):
    found = prove_loaded(load_text(TEXT, name="small.spte", library_root=LIBRARY), budget=Budget())
    _, last = heard(jobs)
    assert {name: timeless(each) for name, each in last.items()} == {
        name: timeless(each for each in (*found.results, *found.skipped) if each.theorem == name) for name in ALL
    }


def test_what_is_refuted_is_told_twice_and_all_verdicts_before_the_first_counterexample(heard):
    told, _ = heard()
    steps = last_verdicts_of(told)
    assert sorted(steps[:5]) == [
        ("age_clears", True), ("age_stores", False), ("chosen", False), ("relied", True), ("small", True),
    ]  # fmt: skip
    assert sorted(steps[5:]) == [("age_stores", True), ("chosen", True)]
    for name, results, whole in told:
        for each in results:
            if isinstance(each, Result) and each.verdict == "refuted" and not each.implicit:
                assert (each.counterexample is None, each.reason) == ((False, None) if whole else (True, SEARCHED)), (
                    name
                )


def test_told_to_stop_it_searches_no_more(heard):
    told, _ = heard(names=["age_stores"], stop=len)
    assert last_verdicts_of(told) == [("age_stores", False)]


@pytest.fixture
def searching(monkeypatch):
    """Does something before the search in one choice of one theorem, in the worker that searches."""

    def of(act):
        real = proof.decisions

        def decisions(bench, setting, instance, *rest):
            if rest[-1] is None and instance.theorem.name == "chosen" and instance.parameters == {"mask": "A"}:
                act()
            return real(bench, setting, instance, *rest)

        monkeypatch.setattr(proof, "decisions", decisions)

    return of


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def test_where_the_search_cannot_be_made_the_verdict_stands(heard, searching):
    _, undisturbed = heard(names=["chosen"])
    searching(kill)
    _, last = heard(names=["chosen"])
    for before, after in zip(undisturbed["chosen"], last["chosen"], strict=True):
        assert before.theorem == after.theorem and before.params == after.params
        if isinstance(after, Result) and not after.implicit:
            assert before.verdict == after.verdict
    without = [each for each in last["chosen"] if isinstance(each, Result) and each.reason]
    assert {each.verdict for each in without} == {"refuted"} and without
    reason = "no counterexample can be shown: its worker process was ended by SIGKILL, twice"
    assert {(each.params["mask"], each.reason) for each in without} == {("A", reason)}


def test_a_search_whose_worker_is_killed_once_is_made_once_more(heard, searching, own_place: Path):
    def once():
        if not os.path.exists("died"):
            (own_place / "died").touch()
            kill()

    _, undisturbed = heard(names=["chosen"])
    searching(once)
    _, last = heard(names=["chosen"])
    assert timeless(last["chosen"]) == timeless(undisturbed["chosen"]) and (own_place / "died").exists()
