"""What is shown of two calls that differ: the events of both, what others did between them, and what was given."""

import pytest

FLIPS = "agent flips lockless { step s: { spte ^= M1; } }\n"
READS = "u64 x = READ_ONCE(*sptep), y = READ_ONCE(*sptep);"
TWICE = f"""helper one() {{ {READS} if (x != y) WRITE_ONCE(*sptep, M2); }}
helper two() {{ {READS} if (x != y) WRITE_ONCE(*sptep, M3); }}
"""


def shown(prove, text):
    (found,) = prove(text)
    assert found.verdict == "refuted"
    rows = [(row.who, row.action, row.before, row.after, row.note) for row in found.counterexample.rows]
    return rows, found.counterexample.end


@pytest.mark.parametrize(("against", "found"), [("", 1), ("against any number of flips", 2)])
def test_what_others_left_between_two_events_is_a_row_of_its_own(prove, against, found):
    text = f"{FLIPS}{TWICE}theorem t for layout in l {against} {{ prove equivalent one(), two(); }}"
    rows, end = shown(prove, text)
    assert rows == [
        row
        for who, left in (("left", 4), ("right", 8))
        for row in [
            (who, "READ_ONCE(*sptep)", 0, 0, ""),
            (who, "(others)", 0, found, ""),
            (who, "READ_ONCE(*sptep)", found, found, ""),
            (who, f"WRITE_ONCE(*sptep, M{left.bit_length() - 1})", found, left, ""),
            (who, "end", left, left, ""),
        ]
    ]
    assert end == 4


@pytest.mark.parametrize("against", ["", "against nobody", "against any number of flips"])
def test_where_nobody_comes_between_no_row_says_so(prove, against):
    text = f"""{FLIPS}helper one() -> u64 {{ WRITE_ONCE(*sptep, M2); return xchg(sptep, M1); }}
        helper two() -> u64 {{ WRITE_ONCE(*sptep, M2); return xchg(sptep, M1) & ~M2; }}
        theorem t for layout in l {against} {{ prove equivalent one(), two(); }}"""
    rows, end = shown(prove, text)
    assert rows == [
        row
        for who, given in (("left", "gives 0x4"), ("right", "gives 0x0"))
        for row in [
            (who, "WRITE_ONCE(*sptep, M2)", 0, 4, ""),
            (who, "xchg(sptep, M1)", 4, 2, ""),
            (who, "end", 2, 2, given),
        ]
    ]
    assert end == 2


SINKS = {
    "the result": ("-> bool", "return {};", "()", ""),
    "a reference": ("", "*kept = {};", "(u64 *kept)", ""),
    "a ghost": ("", "flag = {};", "()", "ghost bool flag;"),
    "a condition": ("", "if ({}) set_bit(1, sptep);", "()", ""),
    "what is written": ("", "u64 z = {}; WRITE_ONCE(*sptep, z);", "()", ""),
}


@pytest.mark.parametrize("sink", SINKS)
def test_what_two_reads_find_may_differ_wherever_it_goes(verdict, sink):
    """A read that something depends on is an event, and finds what it finds."""
    given, use, parameters, ghost = SINKS[sink]
    helpers = "".join(
        f"helper {name}{parameters} {given} {{ u64 x = READ_ONCE(*sptep), y = READ_ONCE(*sptep); {use.format(value)} }}\n"
        for name, value in (("one", "x == y"), ("two", "x == x || y"))
    )
    argument = "(&k)" if "kept" in parameters else "()"
    text = f"{ghost}{helpers}theorem t for layout in l {{ u64 k = 0; prove equivalent one{argument}, two{argument}; }}"
    assert verdict(text) == "refuted"


def test_all_that_the_two_calls_were_given_is_shown(prove):
    text = f"""ghost bool flag;
        ghost u64 word;
        {FLIPS}
        helper one(u64 n, bool b) -> bool {{ {READS} u64 w = word; bool f = flag; return x == y && n > 4 && !b && f && (w & 6); }}
        helper two(u64 n, bool b) -> bool {{ return false; }}
        theorem t(u64 n, bool b) for layout in l against nobody {{ prove equivalent one(n, b), two(n, b); }}"""
    (found,) = prove(text)
    shown = found.counterexample
    assert (shown.lost, shown.names, shown.start, shown.end) == (0, (), 0, 0)
    assert shown.ghosts == {"flag": True, "word": 2} and shown.ghosts["flag"] is True
    assert shown.parameters == {"n": 8, "b": 0} and shown.inputs == {}
    assert (shown.environment_steps, shown.shortest) == (0, True)
    assert shown.place.text() == "equivalent one(n, b), two(n, b)"


@pytest.mark.parametrize(("claim", "steps"), [("x != y", 1), ("x != y && y != z", 2), ("x == z", 0)])
def test_as_few_steps_as_there_can_be_tell_them_apart(prove, claim, steps):
    reads = READS.replace("y =", "y = READ_ONCE(*sptep), z =")
    text = f"""{FLIPS}helper one() -> bool {{ {reads} return {claim}; }}
        helper two() -> bool {{ {reads} return false && x == y && y == z; }}
        theorem t for layout in l against any number of flips {{ prove equivalent one(), two(); }}"""
    (found,) = prove(text)
    assert (found.counterexample.environment_steps, found.counterexample.shortest) == (steps, True)
