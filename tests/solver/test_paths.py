"""Steps that lead from one state to another: those that there are, the fewest where they are shown, and no others."""

import random

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, prove_text
from spteproof.solver import paths
from spteproof.solver.instances import instances
from spteproof.solver.interpretation import Values
from spteproof.solver.paths import Paths
from spteproof.solver.results import Budget
from spteproof.solver.stepping import after_transition
from spteproof.solver.surroundings import prepare
from spteproof.solver.workbench import Workbench

from .test_closure import LAYOUT, STATES, distances, key, random_text


def finder(text, *, shown):
    """What finds the steps of a text's agents."""
    library = load_text(text, name="<text>", library_root=LIBRARY).library
    (instance,) = instances(library, library.theorems["t"])
    (setting,) = instance.settings
    bench = Workbench()
    found = prepare(bench, setting, instance.theorem, {}, bench.terms.true, Budget(), True)
    return Paths(
        terms=bench.terms, setting=setting, transitions=found.transitions, state=found.state, parameters={},
        budget=Budget(), shown=shown,
    )  # fmt: skip


def ends_at(finding, steps, start):
    """Where the steps lead: each is run by the interpreter from where the last one ended."""
    state = start
    for each in steps:
        assert each.before == state
        state = after_transition(finding.setting, each.transition, each.arguments, each.inputs, state)
        assert state == each.after
    return state


@pytest.mark.parametrize("shown", [False, True])
@pytest.mark.parametrize("seed", [0, 8, 35])
def test_steps_are_found_where_a_search_reaches_the_end_and_nowhere_else(monkeypatch, seed, shown):
    monkeypatch.setattr(paths, "LONGEST", 9)
    finding, source = finder(random_text(seed), shown=shown), random.Random(seed)
    for start in source.sample(STATES, 2):
        known = distances(finding.setting, finding, start)
        assert max(known.values()) <= 9
        reached = [each for each in STATES if key(each) in known]
        others = [each for each in STATES if key(each) not in known]
        for end in [*source.sample(reached, min(3, len(reached))), *source.sample(others, min(1, len(others)))]:
            steps = finding.find(start, end)
            assert (steps is not None) == (key(end) in known)
            assert steps is None or ends_at(finding, steps, start) == end
            assert steps is None or not shown or len(steps) == known[key(end)]


NEARER = (
    LAYOUT
    + """
agent a lockless { step s: { spte |= M0; } step t: when spte & M0 { spte |= M1; flag = true; } step u: { spte &= ~M2; } }
theorem t for layout in l against any number of a { prove ensures end == start; }
"""
)


def test_steps_that_each_come_nearer_are_found_without_the_solver(monkeypatch):
    monkeypatch.setattr(paths, "Solver", None)
    finding = finder(NEARER, shown=False)
    start, end = Values(0b0100, {"flag": False}), Values(0b0011, {"flag": True})
    steps = finding.find(start, end)
    assert ends_at(finding, steps, start) == end and len(steps) == 3


def test_as_many_steps_as_the_limit_are_tried_and_not_one_more(monkeypatch):
    tried = []
    monkeypatch.setattr(Paths, "_of_length", lambda self, length, before, after: tried.append(length))
    monkeypatch.setattr(Paths, "_may_be", lambda self, before, after: True)
    assert finder(random_text(1), shown=True).find(STATES[0], STATES[1]) is None
    assert tried == list(range(1, 65))


def test_where_no_path_leads_only_short_ones_are_tried_one_by_one(monkeypatch):
    tried, of_length = [], Paths._of_length
    monkeypatch.setattr(Paths, "_of_length", lambda *given: tried.append(given[1]) or of_length(*given))
    start = Values(0b0001, {"flag": False})
    assert finder(NEARER, shown=True).find(start, Values(0b1001, {"flag": False})) is None
    assert tried == []  # nobody changes M3
    assert finder(NEARER, shown=True).find(Values(0b0001, {"flag": True}), start) is None
    assert tried == [1, 2, 3, 4]


def test_more_than_a_few_steps_are_found(monkeypatch):
    counter = f"""{LAYOUT}agent a lockless {{ step s: {{ spte = (spte & ~15ULL) | ((spte + 1) & 15); }} }}
        theorem t for layout in l against any number of a {{ prove ensures end == start; }}"""
    assert len(finder(counter, shown=True).find(Values(2, {}), Values(13, {}))) == 11


def test_both_values_of_a_truth_value_that_a_step_chooses_are_tried_without_the_solver(monkeypatch):
    monkeypatch.setattr(paths, "Solver", None)
    agent = "agent a lockless { step s(bool b): { if (b) { spte |= M0; } else { spte |= M1; } } }\n"
    text = f"{LAYOUT}{agent}theorem t for layout in l against any number of a {{ prove ensures end == start; }}"
    finding = finder(text, shown=False)
    start, end = Values(0, {}), Values(0b0011, {})
    steps = finding.find(start, end)
    assert ends_at(finding, steps, start) == end and len(steps) == 2


BEFORE_AND_AFTER = """layout l { A = bit 0; B = bit 1; C = bit 2; D = bit 3; invariant small: !(spte & ~(A | B | C | D)); }
agent sets holding m { step s: saw spte & B { spte |= A; } }
agent puts holding m { step s: when spte == A { spte = B | C; } }
theorem t for layout in l against any number of AGENTS {
    u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); WRITTEN u64 c = READ_ONCE(*sptep);
    prove that !(a == 0 && b == FOUND && c == (A | B | C));
}
"""


@pytest.mark.parametrize(
    ("agents", "found", "written"),
    [("sets", "A", "WRITE_ONCE(*sptep, B | C);"), ("sets, puts", "A", ""), ("sets, puts", "(A | B | C)", "")],
)
def test_only_the_first_to_change_something_may_have_read_before_the_theorem_began(agents, found, written):
    text = BEFORE_AND_AFTER.replace("AGENTS", agents).replace("FOUND", found).replace("WRITTEN", written)
    (given,) = [each for each in prove_text(text).results if not each.implicit]
    assert given.verdict == "refuted"
