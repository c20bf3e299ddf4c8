"""What a text speaks of: the nodes of a tree, those that a decided condition leaves, and the parts of the state."""

import pytest

from spteproof.grammar import checked as c
from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, library_of
from spteproof.solver.walks import below, parts_of_state

TEXT = """layout l { M0 = bit 0; M1 = bit 1; }
ghost bool flag;
ghost u64 noted;
ghost u64 other;
entry child;
helper notes(u64 x) { noted = x; }
helper calls(u64 x) { notes(x); }
helper clears() { *sptep &= ~M0; }
agent sets lockless { step s: { spte |= M0; } }
theorem t(u64 x, bool b) for layout in l against AGAINST { BODY prove PROVES; }
"""
ON_OR_OFF = ("HW", "COLD")


def theorem_of(body, against="nobody", proves="that true"):
    text = TEXT.replace("BODY", body).replace("AGAINST", against).replace("PROVES", proves)
    text = text.replace("M1 = bit 1;", "M1 = bit 1; HW = true; COLD = false;")
    library = library_of(load_text(text, name="<text>", library_root=LIBRARY))
    return library, library.theorems["t"]


def decides(condition):
    return condition.name == "HW" if isinstance(condition, c.LayoutName) and condition.name in ON_OR_OFF else None


@pytest.mark.parametrize(
    "condition, numbers",
    [
        ("HW && x & 8", {8}), ("COLD && x & 8", set()), ("HW || x & 8", set()), ("COLD || x & 8", {8}),
        ("HW -> x & 8", {8}), ("COLD -> x & 8", set()), ("HW ? x & 8 : x & 16", {8}), ("COLD ? x & 8 : x & 16", {16}),
        ("b ? x & 8 : x & 16", {8, 16}), ("b && x & 8", {8}), ("b || x & 8", {8}), ("x & 8 && COLD", {8}),
    ],
)  # fmt: skip
def test_what_a_decided_condition_excludes_is_left_out_and_nothing_else(condition, numbers):
    _, theorem = theorem_of(f"bool y = {condition}; if (y) *sptep = 0; else *sptep = 32;")
    (declared, branch) = theorem.body
    for tree, found in ((declared, numbers), (theorem.body, numbers | {0, 32})):
        nodes = below(tree, decides)
        assert {each.value for each in nodes if isinstance(each, c.Constant)} == found
        assert [each.name for each in nodes if isinstance(each, c.LayoutName)] == [
            each for each in ON_OR_OFF if each in condition
        ]
    everything = below(theorem.body)
    assert {each.value for each in everything if isinstance(each, c.Constant)} >= numbers | {8, 0, 32}
    assert declared in everything and branch in everything


@pytest.mark.parametrize(
    "parts, names",
    [
        (("",), {"sptep"}),
        (("flag = b;",), {"flag"}),
        (("u64 y = noted;",), {"noted"}),
        (("noted = other;",), {"noted", "other"}),
        (("calls(x); calls(x);",), {"noted"}),
        (("u64 y = *child;",), {"child"}),
        (("WRITE_ONCE(*child, 0);",), {"child"}),
        (("notes(x); flag = true;",), {"noted", "flag"}),
        (("", "any number of sets on child"), {"child"}),
        (("", "nobody", "preserves M0 on child"), {"child"}),
        (("", "nobody", "changes only M0 on child"), {"child"}),
        (("", "nobody", "resurrects nothing in M0 on child"), {"child"}),
        (("u64 y = xchg(child, 0);", "nobody", "conserves M0 on child into other"), {"child", "other"}),
        (("", "nobody", "ensures noted == start"), {"noted"}),
        (("", "nobody", "always !flag"), {"flag"}),
    ],
)
def test_the_parts_of_the_state_that_a_theorem_speaks_of(parts, names):
    library, theorem = theorem_of(*parts)
    assert parts_of_state(library.scopes[None], [theorem]) - {"sptep", "spte"} == names - {"sptep"}
