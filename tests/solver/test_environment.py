"""What an agent's event may rest on: what it read, took or was told before is any value, another each time it runs."""

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY
from spteproof.solver.environment import current, transitions
from spteproof.solver.instances import instances
from spteproof.solver.terms import Terms, variables

SOURCES = {
    "what it read": "u64 old = READ_ONCE(*sptep);",
    "what it takes": "u64 old = any;",
    "what it read of another entry": "u64 old = READ_ONCE(*child);",
    "what a ghost held": "u64 old = word;",
}
USES = {
    "a condition": "if (old & M2) { set_bit(0, sptep); } else { set_bit(1, sptep); }",
    "an assumption": "bool b = any; if (b) { assume(old & M2); set_bit(0, sptep); } "
    "else { assume(!(old & M2)); set_bit(1, sptep); }",
    "what it writes": "u64 bit = (old & M2) ? M0 : M1; atomic64_or(bit, sptep);",
    "what it notes": "flag = old & M2;",
}
BOTH = "u64 s = READ_ONCE(*sptep); u64 e = READ_ONCE(*sptep); prove that (s & (M0 | M1)) || !(e & M0) || !(e & M1);"
BACK = "bool a = flag, b = flag, d = flag; prove that a == b || b == d;"
STATE = "ghost bool flag;\nghost u64 word;\nentry child;\n"


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("source", SOURCES)
def test_what_an_event_rests_on_is_another_each_time(verdict, source, use):
    text = f"{STATE}agent late lockless {{ {SOURCES[source]} {USES[use]} }}\n"
    body = BACK if "flag" in USES[use] else BOTH
    assert verdict(f"{text}theorem t for layout in l against any number of late {{ {body} }}") == "refuted"


VALID = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; invariant i: !(spte & MASK); }\n"


@pytest.mark.parametrize(("mask", "expected"), [("M2", "proved"), ("M3", "refuted")])
@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("source", ["what it read", "what it read of another entry"])
def test_what_an_event_rests_on_was_valid(verdict, source, use, mask, expected):
    text = f"{STATE}agent late lockless {{ {SOURCES[source]} {USES[use]} }}\n"
    body = (
        "bool a = flag, b = flag; prove that a || !b;"
        if "flag" in USES[use]
        else "u64 s = READ_ONCE(*sptep), e = READ_ONCE(*sptep); prove that (s & M0) || !(e & M0);"
    )
    text += f"theorem t for layout in l against any number of late {{ {body} }}"
    assert verdict(text, layout=VALID.replace("MASK", mask)) == expected


CHOSEN = {"a word": "u64 v", "a truth value": "bool v"}
STEPS = {
    "when it runs": "step s(PARAMETER): when v != 0 { spte |= M0; } step t(PARAMETER): when v == 0 { spte |= M1; }",
    "a condition": "step s(PARAMETER): { if (v != 0) { spte |= M0; } else { spte |= M1; } }",
    "what it writes": "step s(PARAMETER): { spte |= v != 0 ? M0 : M1; }",
    "what it notes": "step s(PARAMETER): { flag = v != 0; }",
    "what it does elsewhere": "step s(PARAMETER): { if (v != 0) { *child |= M0; } else { *child |= M1; } }",
}


@pytest.mark.parametrize("use", STEPS)
@pytest.mark.parametrize("parameter", CHOSEN)
def test_what_a_step_chooses_is_another_each_time(verdict, parameter, use):
    steps = STEPS[use].replace("PARAMETER", CHOSEN[parameter])
    if parameter == "a truth value":
        steps = steps.replace("v != 0", "v").replace("v == 0", "!v")
    body = BACK if "flag" in steps else BOTH.replace("sptep", "child") if "child" in steps else BOTH
    text = f"{STATE}agent late lockless {{ {steps} }}\n"
    assert verdict(f"{text}theorem t for layout in l against any number of late {{ {body} }}") == "refuted"


@pytest.mark.parametrize(("mask", "expected"), [("M2", "proved"), ("M3", "refuted")])
def test_what_a_step_saw_was_valid_and_is_another_each_time(verdict, mask, expected):
    text = f"""agent late lockless {{ step s: saw spte & M2 {{ spte |= M0; }} step t: saw !(spte & M2) {{ spte |= M1; }} }}
        theorem t for layout in l against any number of late {{ {BOTH} }}"""
    assert verdict(text, layout=VALID.replace("MASK", mask)) == expected


NO_INT = "n + 0ULL > 0x7fffffffULL && n + 0ULL < 0xffffffff80000000ULL"


@pytest.mark.parametrize("guards", ["", "saw spte & M2", "when spte & M2", "when spte & M3 saw spte & M2"])
def test_an_int_that_a_step_chooses_is_one_whatever_else_it_waits_for(verdict, guards):
    text = f"agent late lockless {{ step s(int n): {guards} {{ if (NUMBER) {{ spte |= M0; }} }} }}\n"
    text += "theorem t for layout in l against any number of late "
    text += "{ u64 s = READ_ONCE(*sptep), e = READ_ONCE(*sptep); prove that (s & M0) || !(e & M0); }"
    assert verdict(text.replace("NUMBER", NO_INT)) == "proved"
    assert verdict(text.replace("NUMBER", "n == -0x7fffffff - 1 || n == 0x7fffffff")) == "refuted"


@pytest.mark.parametrize("before", ["", "u64 old = READ_ONCE(*sptep); if (old & M2) "])
def test_an_int_that_a_program_takes_is_one(verdict, before):
    text = f"agent late lockless {{ int n = any; {before} {{ if (NUMBER) set_bit(0, sptep); }} }}\n"
    text += "theorem t for layout in l against any number of late "
    text += "{ u64 s = READ_ONCE(*sptep), e = READ_ONCE(*sptep); prove that (s & M0) || !(e & M0); }"
    assert verdict(text.replace("NUMBER", NO_INT)) == "proved"
    assert verdict(text.replace("NUMBER", "n == -0x7fffffff - 1 || n == 0x7fffffff")) == "refuted"


MADE = """layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; invariant i: !(spte & M2); }
entry child;
ghost bool flag;
agent tries(u64 k) lockless {
    u64 old = READ_ONCE(*sptep), other = READ_ONCE(*child); bool f = flag; u64 x = any; bool unused = any; u64 dead = *child;
    if (f && (old & k)) { u64 was = cmpxchg64(sptep, old, x | other); if (was == old) flag = false; }
}
agent sets(u64 k) lockless {
    step one(u64 v, bool w, int n, u64 idle): when w saw spte & M0 { spte |= v & k; flag = n == 3; }
    step two(u64 v): { spte &= ~M1; }
}
theorem t(u64 k) against any number of tries(k), tries(k) on child, sets(k), sets(k) on child
    { bool f = flag; prove that f; }
"""
FOUND = ["found0 child", "found2 flag", "found4 child"]
TRIES, NOTES = (["any0", "found1 child", "found2 flag"], ["any0"]), ["found0", "found2 flag", "found4"]
TRANSITIONS = {
    "tries.cmpxchg64": (*TRIES, ["found1 child", "found2 flag"]),
    "tries.ghost": (NOTES, ["found0", "found4"], ["found2 flag"]),
    "tries.cmpxchg64 on child": (*TRIES, ["found1 child", "found2 flag"]),
    "tries.ghost on child": (FOUND, [], FOUND),
    "sets.one": (["earlier spte", "n", "v", "w"], [], []),
    "sets.two": ([], [], []),
    "sets.one on child": (["earlier spte", "n", "v", "w"], [], []),
    "sets.two on child": ([], [], []),
}  # fmt: skip


def test_a_transition_holds_what_it_rests_on_and_nothing_else():
    library = load_text(MADE, name="<text>", library_root=LIBRARY).library
    (setting,) = next(instances(library, library.theorems["t"])).settings
    terms = Terms()
    k, state = terms.word_variable("k"), current(terms, setting)
    given = {}
    for use in library.theorems["t"].agents:
        agent = setting.scope.agents[use.agent]
        for each in transitions(terms, setting, agent, (k,), use.entry)[0]:
            given[each.name] = tuple(
                sorted(names) for names in (each.inputs, each.earlier.values(), each.earlier_ghosts.values())
            )
            own = {k, *state.parts(), *each.inputs.values()}
            assert variables([each.guard, each.entry, *each.ghosts.values()]) <= own
            assert (each.agent, each.arguments, each.on) == (agent, (k,), use.entry)
            assert each.who == (use.agent if use.entry == "sptep" else f"{use.agent} on child")
            assert (each.step is None) == (agent.program != ()) and bool(each.site) == (each.step is None)
            assert each.place.text().startswith("step" if each.step is not None else ("cmpxchg64", "flag"))
            changed = {name for name, term in each.ghosts.items() if term is not state.ghosts[name]}
            assert (each.entry is not state.entry) == (use.entry == "sptep" and "ghost" not in each.name)
            assert ("child" in changed) == (use.entry == "child" and "ghost" not in each.name)
            assert ("flag" in changed) == ("ghost" in each.name or "one" in each.name)
    assert given == TRANSITIONS
