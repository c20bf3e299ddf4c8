"""A counterexample is the shortest: fewest steps of the environment, fewest bits at the start, the least start."""

import random
from dataclasses import replace

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver.counterexamples import SHOWN_BITS
from spteproof.solver.found import Found
from spteproof.solver.results import Budget
from spteproof.solver.z3_solver import Solver

BITS = 4
PATIENT = Budget(shortest_seconds=60.0)
"""No clock of a busy machine ends the search."""
LAYOUT = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; }\n"


class System:
    """Guarded flips of four bits, as text and as a table."""

    def __init__(self, seed):
        source = random.Random(seed)
        self.steps = []
        for _ in range(source.randint(2, 3)):
            care = source.randrange(1, 16)
            self.steps.append((care, source.randrange(16) & care, 1 << source.randrange(BITS)))
        self.wanted = source.randrange(1, 16)

    def text(self):
        steps = " ".join(
            f"step s{number}: when (spte & {care}) == {value} {{ spte ^= {flip}; }}"
            for number, (care, value, flip) in enumerate(self.steps)
        )
        return f"""{LAYOUT}agent a lockless {{ {steps} }}
            theorem t for layout in l against any number of a {{
                u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep);
                prove ensures ((x ^ y) & 15) != {self.wanted};
            }}"""

    def distance(self, start):
        known, frontier = {start: 0}, [start]
        while frontier:
            state = frontier.pop(0)
            for care, value, flip in self.steps:
                if state & care == value and state ^ flip not in known:
                    known[state ^ flip] = known[state] + 1
                    frontier.append(state ^ flip)
        return known

    def shortest(self):
        """The order of (steps, bits, start) over all ways from a start to x and then to y."""
        found = []
        for start in range(16):
            for x, first in self.distance(start).items():
                second = self.distance(x).get(x ^ self.wanted)
                if second is not None:
                    found.append((first + second, start.bit_count(), start))
        return min(found, default=None)


@pytest.mark.parametrize("seed", range(30))
def test_the_counterexample_is_the_least_of_all(seed):
    system = System(seed)
    (result,) = prove_text(system.text(), budget=PATIENT).results
    shortest = system.shortest()
    assert result.verdict == ("proved" if shortest is None else "refuted")
    if shortest is not None:
        example = result.counterexample
        assert (example.environment_steps, example.start.bit_count(), example.start) == shortest
        assert example.shortest


def test_one_counterexample_for_each_bit_each_the_shortest_of_its_kind():
    text = f"""{LAYOUT}agent a lockless {{ step one: {{ spte |= M0; }} step two: when (spte & M0) {{ spte |= M1; }} }}
        theorem t for layout in l against any number of a {{
            u64 x = READ_ONCE(*sptep); assume(!(x & 3)); WRITE_ONCE(*sptep, x | M3); prove preserves M0 | M1 | M2;
        }}"""
    (result,) = prove_text(text, budget=PATIENT).results
    found = {each.names: (each.environment_steps, each.start) for each in (result.counterexample, *result.others)}
    assert found == {("M0",): (1, 0), ("M1",): (2, 0)}


PICTURED = """layout l { P = bit 0; W = bit 1; A = bit 5; D = bit 6; S = bit 9; }
agent cpu lockless {
    step read: when spte & P { spte |= A; }
    step write: when (spte & P) && (spte & W) { spte |= A | D; }
    step other: { spte ^= S; }
}
agent writes lockless { u64 n = any; bool low = any; WRITE_ONCE(*sptep, low ? n & 0xff00 : n | P); }
theorem t for layout in l against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    u64 again = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old & ~W);
    prove preserves W | A | D | S;
    prove always !(*sptep & D);
    prove ensures end == old;
}
"""


@pytest.mark.parametrize("agents", ["cpu", "cpu, writes"])
def test_the_picture_does_not_hang_on_the_solvers_choices(agents, monkeypatch):
    begin = Solver.__init__

    def pictures(seed: int) -> list:
        def with_choices(self, script, budget, about):
            begin(self, script, budget, about)
            self._solver.set("random_seed", seed)
            self._solver.set("phase", "random")

        monkeypatch.setattr(Solver, "__init__", with_choices)
        found = prove_text(PICTURED.replace("number of cpu", f"number of {agents}"), budget=PATIENT).results
        return [(each.counterexample, each.others) for each in found]

    first = pictures(1)
    assert [example.shortest for example, _ in first if example] == [True] * 3
    assert [len(others) for _, others in first][0] == 3
    assert pictures(2) == pictures(3) == first


LEAST = (
    LAYOUT
    + """ghost u64 word;
ghost bool flag;
entry child;
agent flips lockless { step s: { spte ^= M2; } }
theorem t(u64 n, bool b) for layout in l against any number of flips {
    u64 x = any;
    bool given = any;
    u64 first = READ_ONCE(*sptep), between = READ_ONCE(*sptep), last = READ_ONCE(*sptep);
    u64 kept = word, other = READ_ONCE(*child);
    bool noted = flag;
    prove that first == last || n < 5 || x < 3 || !(kept & 12) || !(other & 10) || (b && given && noted);
}
"""
)


@pytest.mark.parametrize("seed", [1, 2])
def test_all_that_is_free_is_the_least_that_it_can_be_and_a_step_comes_late(seed, monkeypatch):
    begin = Solver.__init__

    def with_choices(self, script, budget, about):
        begin(self, script, budget, about)
        self._solver.set("random_seed", seed)
        self._solver.set("phase", "random")

    monkeypatch.setattr(Solver, "__init__", with_choices)
    shown = prove_text(LEAST, budget=PATIENT).results[0].counterexample
    assert (shown.start, shown.entries, shown.ghosts) == (0, {"child": 2}, {"word": 4, "flag": False})
    assert shown.parameters == {"n": 5, "b": 0} and shown.inputs == {"x": 3, "given": False}
    assert [row.who == "program" for row in shown.rows][:4] == [True, True, False, True]


MANY = """
layout l { %s LAST = bit 20; }
agent a lockless { step s: { spte |= %s; } }
theorem t for layout in l against any number of a {
    u64 old = READ_ONCE(*sptep);
    assume(!(old & ~LAST));
    WRITE_ONCE(*sptep, %s);
    prove preserves %s | LAST;
}"""


@pytest.mark.parametrize("written, steps", [("0", 0), ("old", 1)])
def test_a_bit_beyond_those_that_are_drawn_may_have_the_shortest(written, steps):
    masks = [f"M{number}" for number in range(SHOWN_BITS)]
    places = " ".join(f"{each} = bit {number};" for number, each in enumerate(masks))
    together = " | ".join(masks)
    (result,) = prove_text(MANY % (places, together, written, together), budget=PATIENT).results
    assert len(result.losing) == SHOWN_BITS + (written == "0")
    shown = result.counterexample
    assert (shown.environment_steps, shown.shortest) == (steps, True)
    assert len(result.others) == SHOWN_BITS - (written == "old") and shown not in result.others


@pytest.mark.parametrize(
    "drawn, doubtful, problem, sure",
    [
        ([(1, True), (2, True)], False, None, True),
        ([(1, True), (2, False)], False, None, False),
        ([(1, False), (2, True)], False, None, False),
        ([(0, True), (2, False)], False, None, True),
        ([(1, True)], True, None, False),
        ([(1, True)], False, "one does not count", False),
        ([(0, True)], True, "one does not count", True),
    ],
)
def test_the_shortest_of_some_is_that_of_all_only_where_none_is_in_doubt(drawn, doubtful, problem, sure):
    """A search that was not complete may have missed a shorter one for its bit."""
    (result,) = prove_text(MANY % ("M0 = bit 0;", "M0", "old", "M0"), budget=PATIENT).results
    examples = [replace(result.counterexample, environment_steps=steps, shortest=complete) for steps, complete in drawn]
    least = Found(per_bit=examples, doubtful=doubtful, problem=problem).shortest()
    assert (least.environment_steps, least.shortest) == (drawn[0][0], sure)
