"""What is known is not worked out again, and never taken for what only looks like it."""

from dataclasses import replace

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, prove_text
from spteproof.solver import counterexamples, decision, environment
from spteproof.solver.finding.quick import Quick
from spteproof.solver.instances import instances
from spteproof.solver.proof import Prover
from spteproof.solver.terms import Terms

KEPT = """layout l { M0 = bit 0; S = some bit; disjoint(M0, S); invariant i: spte & S -> spte & M0; }
layout k { M0 = bit 0; S = some bit; disjoint(M0, S); invariant i: spte & S -> !(spte & M0); }
theorem t for layout in l, k { *sptep = M0; prove changes only ~2ULL; }
"""


def settings(text=KEPT):
    library = load_text(text, name="<text>", library_root=LIBRARY).library
    return [each for instance in instances(library, library.theorems["t"]) for each in instance.settings]


@pytest.fixture
def worked_out(monkeypatch):
    found, real = [], environment._invariants
    monkeypatch.setattr(environment, "_invariants", lambda *given: found.append(given) or real(*given))
    return found


def test_what_the_invariants_say_of_one_value_is_worked_out_once(worked_out):
    terms, (here, *_) = Terms(), settings()
    values = [terms.word_variable(name) for name in ("x", "y", "x")]
    said = [environment.invariants(terms, here, each) for each in values]
    assert said[0] is said[2] is not said[1] and len(worked_out) == 2
    assert environment.invariants(terms, replace(here, values=dict(here.values)), values[0]) is said[0]
    assert environment.invariants(terms, replace(here, choices={"m": 1}), values[0]) is said[0] and len(worked_out) == 2


def test_what_they_say_in_another_placement_layout_or_text_is_something_else(worked_out):
    terms, here, other = Terms(), settings(), settings(KEPT.replace("S -> spte", "S || spte"))
    places = [*here, *other]
    assert len(places) == 8
    for _ in range(2):
        said = [environment.invariants(terms, each, terms.word_variable("x")) for each in places]
        assert said == [environment._invariants(terms, each, terms.word_variable("x")) for each in places]
    assert len({each.number for each in said}) == 6


def test_a_retry_is_examined_once_for_all_claims(monkeypatch):
    examined, real = [], decision.exactness
    monkeypatch.setattr(decision, "exactness", lambda *given: examined.append(given[2].node) or real(*given))
    retry = "retry { } until (try_cmpxchg64(sptep, &old, old & ~M0));"
    text = f"""layout l {{ M0 = bit 0; M1 = bit 1; }}
        theorem t for layout in l {{ u64 old = *sptep; {retry} {retry} prove changes only M0; prove preserves M1; }}"""
    assert [each.verdict for each in prove_text(text).results] == ["proved", "proved"]
    assert len(examined) == 2 and examined[0] is not examined[1]


def test_one_search_and_one_solver_serve_all_that_is_asked_of_a_claim(monkeypatch):
    made, solvers, real = [], [], counterexamples.Solver
    monkeypatch.setattr(counterexamples, "Solver", lambda *given: solvers.append(given) or real(*given))
    ask = Quick.ask
    monkeypatch.setattr(Quick, "ask", lambda self: made.append(self) or ask(self))
    text = "layout l { M0 = bit 0; M1 = bit 1; }\ntheorem t for layout in l { *sptep = 0; prove preserves M0; prove preserves M1; }"
    library = load_text(text, name="<text>", library_root=LIBRARY).library
    found = Prover(library, kind=Quick).prove(library.theorems["t"])
    assert [each.verdict for each in found] == ["refuted"] * 2
    (asked,) = made
    first, second = asked.hunt_for(0), asked.hunt_for(1)
    assert first is asked.hunt_for(0) is not second and (first.property, second.property) == tuple(
        each.property for each in asked.claims
    )
    assert len(solvers) == 2 and not isinstance(first.some(), str) and len(solvers) == 2
