"""The closure that is found agrees with a search, state by state, through what the interpreter does in one step."""

import random

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY
from spteproof.solver.closure import closure
from spteproof.solver.environment import current, transitions
from spteproof.solver.instances import instances
from spteproof.solver.interpretation import Values
from spteproof.solver.results import Budget
from spteproof.solver.stepping import after_transition
from spteproof.solver.surroundings import check_closure, prepare
from spteproof.solver.terms import Terms
from spteproof.solver.workbench import Workbench

BITS = 4
MASKS = [f"M{bit}" for bit in range(BITS)]
LAYOUT = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; }\nghost bool flag;\n"
STATES = [Values(entry, {"flag": flag}) for entry in range(1 << BITS) for flag in (False, True)]


def random_step(source, number):
    def mask():
        return "(" + " | ".join(source.sample(MASKS, source.randint(1, 2))) + ")"

    guards = [
        f"(spte & {mask()})",
        f"!(spte & {mask()})",
        f"(spte & {mask()}) == {source.choice(MASKS)}",
        "flag",
        "!flag",
    ]
    changes = [
        f"spte |= {mask()};",
        f"spte &= ~{mask()};",
        f"spte ^= {mask()};",
        f"if ({source.choice(guards)}) {{ spte ^= {mask()}; }} else {{ spte |= {mask()}; }}",
        f"spte = (spte & ~15ULL) | ((spte + {source.randint(1, 3)}) & 15);",
        "flag = !flag;",
        f"flag = spte & {mask()};",
        f"spte ^= m & {mask()};",
    ]
    parameter = "(u64 m)" if source.random() < 0.3 else ""
    chosen = [each for each in changes if parameter or " m " not in each]
    saw = f" saw (spte & {mask()})" if source.random() < 0.3 else ""
    when = " && ".join(source.sample(guards, source.randint(1, 2)))
    body = " ".join(source.sample(chosen, source.randint(1, 2)))
    return f"step s{number}{parameter}: when {when}{saw} {{ {body} }}"


def random_text(seed):
    source = random.Random(seed)
    steps = " ".join(random_step(source, number) for number in range(source.randint(1, 3)))
    program = """agent tries lockless { u64 old = READ_ONCE(*sptep), new = old | M1;
        if (!(old & M2)) return; if (try_cmpxchg64(sptep, &old, new)) flag = true; }"""
    use = ", tries" if source.random() < 0.3 else ""
    return (
        f"{LAYOUT}{program}\nagent a lockless {{ {steps} }}\n"
        f"theorem t for layout in l against any number of a{use} {{ prove ensures end == start; }}"
    )


def environment_of(text):
    library = load_text(text, name="<text>", library_root=LIBRARY).library
    (instance,) = instances(library, library.theorems["t"])
    (setting,) = instance.settings
    bench = Workbench()
    found = prepare(bench, setting, instance.theorem, {}, bench.terms.true, Budget(), True)
    assert found.problem is None
    return setting, found


def distances(setting, found, start):
    """How many steps lead from the start to each state: breadth first, with every choice of the inputs."""
    known, frontier, steps = {key(start): 0}, [start], 0
    while frontier:
        steps += 1
        reached = {}
        for state in frontier:
            for transition in found.transitions:
                for inputs in choices(transition):
                    after = after_transition(setting, transition, transition.arguments, inputs, state)
                    if after is not None and key(after) not in known:
                        reached[key(after)] = after
        known.update(dict.fromkeys(reached, steps))
        frontier = list(reached.values())
    return known


def key(state):
    return state.entry, state.ghosts["flag"]


def choices(transition):
    """All values of the inputs, over the bits that matter."""
    result = [{}]
    for name, term in transition.inputs.items():
        values = range(1 << BITS) if term.is_word else (0, 1)
        result = [{**each, name: value} for each in result for value in values]
    return result


def holds(closed, diagram, before, after):
    at = diagram
    while at > 1:
        number, low, high = closed.diagrams.node(at)
        side, (name, bit) = closed.meaning[number]
        state = before if side == 0 else after
        value = state.entry >> bit & 1 if name == "entry" else state.ghosts[name]
        at = high if value else low
    unchanged = not (before.entry ^ after.entry) & ~closed.mask
    return unchanged and (before.ghosts == after.ghosts or "flag" in closed.ghosts) and at == 1


@pytest.mark.parametrize("seed", range(24))
def test_the_closure_and_its_layers_are_what_a_search_reaches(seed):
    setting, found = environment_of(random_text(seed))
    closed = found.closure
    for start in STATES:
        known = distances(setting, found, start)
        for state in STATES:
            layers = [number for number, layer in enumerate(closed.layers) if holds(closed, layer, start, state)]
            assert holds(closed, closed.whole, start, state) == (key(state) in known)
            assert (layers[0] if layers else None) == known.get(key(state))


def test_the_solver_refuses_a_closure_that_misses_a_step():
    text = f"{LAYOUT}agent a lockless {{ step s: {{ spte |= M0; }} step t: when (spte & M0) {{ spte |= M1; }} }}\n"
    text += "theorem t for layout in l against any number of a { prove ensures end == start; }"
    setting, _ = environment_of(text)
    terms = Terms()
    made, _ = transitions(terms, setting, setting.scope.agents["a"], ())
    state = current(terms, setting)
    assert check_closure(terms, made, state, closure(made, state), Budget()) is None
    too_small = closure(made[:1], state)
    assert check_closure(terms, made, state, too_small, Budget()) == (
        "the closure that was found does not contain every step of the agents"
    )


CHOSEN = """agent a(u64 m, bool b) lockless { step s: when b { spte |= m & (M1 | M2); } }
theorem t(u64 m, bool b) for layout in l against any number of a(m, b) {
    assume(%s);
    u64 old = READ_ONCE(*sptep), new = READ_ONCE(*sptep);
    prove that !(new & ~old & M1);
}
"""


@pytest.mark.parametrize(
    ("assumed", "expected"),
    [("!b || !(m & M1)", "proved"), ("!b || !(m & M2)", "refuted"), ("b || !(m & M1)", "refuted")],
)
def test_what_a_parameter_is_decides_what_the_agents_do(verdict, assumed, expected):
    assert verdict(CHOSEN % assumed) == expected


FLAGGED = """ghost bool flag;
agent a lockless { step s(bool b): { flag = %s; } }
theorem t for layout in l against any number of a { bool first = flag, then = flag; prove that !first || then; }
"""


@pytest.mark.parametrize(("becomes", "expected"), [("b || flag", "proved"), ("b && flag", "refuted"), ("b", "refuted")])
def test_a_truth_value_that_a_step_chooses_is_any(verdict, becomes, expected):
    assert verdict(FLAGGED % becomes) == expected


CHILD = """entry child;
agent a lockless { step s: { *child |= M1; } }
theorem t for layout in l against any number of a {
    u64 first = READ_ONCE(*child), then = READ_ONCE(*child);
    prove that !((first ^ then) & %s);
}
"""


@pytest.mark.parametrize(("mask", "expected"), [("~M1", "proved"), ("M1", "refuted")])
def test_bits_of_a_further_word_that_no_step_changes_stay(verdict, mask, expected):
    assert verdict(CHILD % mask) == expected


COPIED = """ghost u64 rec;
ghost u64 old;
agent logs lockless { step log: when spte & M0 { rec = spte; } }
agent keeps lockless { step keep: { old = rec; } }
theorem t for layout in l against any number of %s {
    u64 first = READ_ONCE(*sptep);
    u64 before = old;
    u64 kept = rec;
    u64 last = rec;
    u64 after = old;
    prove that %s;
}
"""


@pytest.mark.parametrize(
    ("agents", "claim", "expected"),
    [
        ("logs", "last == kept || last == first && last & M0", "proved"),
        ("logs", "last == kept || last == first && last & M1", "refuted"),
        ("keeps", "after == before || after == kept", "proved"),
        ("keeps", "after == before", "refuted"),
    ],
)
def test_a_word_that_agents_copy_into_another(verdict, agents, claim, expected):
    assert verdict(COPIED % (agents, claim)) == expected


@pytest.mark.parametrize(
    ("step", "mask", "ghosts"),
    [
        ("when spte & M1 { spte |= M1 | M2; }", 4, ()),
        ("when flag && !(spte & M3) { flag = true; spte &= ~(M3 | M0); }", 1, ()),
        ("when !(spte & M0) { spte &= ~M0; flag = spte & M0; }", 0, ("flag",)),
        ("when (spte & M0) && !(spte & M0) { spte |= M1; }", 0, ()),
    ],
)
def test_what_a_step_finds_as_it_leaves_it_is_not_said_to_change(step, mask, ghosts):
    text = f"{LAYOUT}agent a lockless {{ step s: {step} }}\ntheorem t for layout in l against any number of a "
    _, found = environment_of(text + "{ flag = !flag; prove ensures end == start; }")
    assert (found.closure.mask, found.closure.ghosts) == (mask, ghosts)
