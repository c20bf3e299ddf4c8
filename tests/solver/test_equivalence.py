"""`equivalent`: two calls make the same changes and give the same result, whatever others leave between events."""

import pytest

from spteproof.running.pipeline import prove_text

FLIPS = "agent flips lockless { step s: { spte ^= M0; } }"
GHOST = "ghost bool flag;"
PAIRS = {
    "names of instructions": (
        "u64 x = atomic64_fetch_and(~M0, sptep); return x & M0;",
        "return test_and_clear_bit(0, sptep);",
        "proved",
    ),
    "another result": ("u64 x = xchg(sptep, 0); return x & M0;", "u64 x = xchg(sptep, 0); return x & M1;", "refuted"),
    "another change": ("atomic64_or(M0, sptep); return 1;", "atomic64_or(M1, sptep); return 1;", "refuted"),
    "a read that nothing needs": (
        "u64 x = READ_ONCE(*sptep); atomic64_or(M0, sptep); return 1;",
        "atomic64_or(M0, sptep); return 1;",
        "proved",
    ),
    "a read whose branch does nothing": (
        "if (READ_ONCE(*sptep) & M0) { } atomic64_or(M1, sptep); return 1;",
        "atomic64_or(M1, sptep); return 1;",
        "proved",
    ),
    "a read whose branch only reads": (
        "if (READ_ONCE(*sptep) & M0) { u64 x = READ_ONCE(*sptep); } atomic64_or(M1, sptep); return 1;",
        "atomic64_or(M1, sptep); return 1;",
        "proved",
    ),
    "a read that decides on a read": (
        "u64 x = 0; if (READ_ONCE(*sptep) & M0) x = READ_ONCE(*sptep); atomic64_or(M1, sptep); return x;",
        "u64 x = READ_ONCE(*sptep); if (!(x & M0)) x = 0; atomic64_or(M1, sptep); return x;",
        "refuted",
    ),
    "two reads for one": (
        "u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep); return x == y;",
        "u64 x = READ_ONCE(*sptep); return 1;",
        "refuted",
    ),
    "two events for one": ("*sptep &= ~M0; return 1;", "atomic64_and(~M0, sptep); return 1;", "refuted"),
    "an exchange that compares": (
        "u64 x = READ_ONCE(*sptep); u64 y = cmpxchg64(sptep, x, 0); return x == y;",
        "u64 x = READ_ONCE(*sptep); u64 y = x; return try_cmpxchg64(sptep, &y, 0);",
        "proved",
    ),
    "the other order": (
        "atomic64_or(M0, sptep); atomic64_or(M1, sptep); return 1;",
        "atomic64_or(M1, sptep); atomic64_or(M0, sptep); return 1;",
        "refuted",
    ),
}


def helpers(left, right):
    return f"helper left() -> bool {{ {left} }}\nhelper right() -> bool {{ {right} }}\n"


@pytest.mark.parametrize("name", PAIRS)
def test_two_helpers_cannot_be_told_apart_in_any_environment(verdict, name):
    left, right, expected = PAIRS[name]
    text = helpers(left, right) + "theorem t for layout in l { u64 k = 1; prove equivalent left(), right(); }"
    assert verdict(text) == expected


@pytest.mark.parametrize("name", PAIRS)
def test_the_order_of_two_helpers_does_not_matter(verdict, name):
    left, right, expected = PAIRS[name]
    text = helpers(left, right) + "theorem t for layout in l { u64 k = 1; prove equivalent right(), left(); }"
    assert verdict(text) == expected


TWO_READS = helpers(
    "u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep); return (x ^ y) & m;", "return false;"
).replace("()", "(u64 m)")


@pytest.mark.parametrize(
    "against, mask, expected",
    [
        ("", "M1", "refuted"),
        ("against nobody", "M0", "proved"),
        ("against any number of flips", "M0", "refuted"),
        ("against any number of flips", "M1", "proved"),
        ("against any number of flips rely (before & M1) == (after & M1)", "M0", "refuted"),
        ("against any number of flips rely (before & M1) == (after & M1)", "M1", "proved"),
        ("against any number of flips rely (before & M1) == (after & M1)", "M2", "unknown"),
    ],
)
def test_agents_narrow_what_may_be_found_between_events(verdict, against, mask, expected):
    text = f"{FLIPS}\n{TWO_READS}theorem t for layout in l {against} {{ u64 k = 1; "
    assert verdict(text + f"prove equivalent left({mask}), right({mask}); }}") == expected


@pytest.mark.parametrize("second, expected", [("", "proved"), ("doubles(value);", "refuted")])
def test_what_is_given_back_by_reference_is_compared(verdict, second, expected):
    text = f"""helper doubles(u64 *value) {{ *value = *value << 1; }}
        helper left(u64 *value) {{ *value = *value * 2; }}
        helper right(u64 *value) {{ doubles(value); {second} }}
        theorem t(u64 v) for layout in l {{ u64 x = v; prove equivalent left(&x), right(&x); }}"""
    assert verdict(text) == expected


@pytest.mark.parametrize("right, expected", [("(x + x) & M1", "proved"), ("(x + x) & M0", "refuted")])
def test_two_functions_agree_on_all_arguments(verdict, right, expected):
    text = f"""function left(u64 x) -> u64 = (x << 1) & M1; function right(u64 x) -> u64 = {right};
        lemma t(u64 x) for layout in l {{ prove equivalent left(x), right(x); }}"""
    assert verdict(text) == expected


def test_ghosts_at_the_end_are_compared(verdict):
    text = GHOST + helpers("flag = true; return 1;", "flag = false; return 1;")
    assert verdict(text + "theorem t for layout in l { u64 k = 1; prove equivalent left(), right(); }") == "refuted"
    text = GHOST + helpers("flag = true; return 1;", "flag = true; return 1;")
    assert verdict(text + "theorem t for layout in l { u64 k = 1; prove equivalent left(), right(); }") == "proved"


def test_a_ghost_is_set_by_an_event_in_atomic_and_without(verdict):
    sets = "{} atomic64_or(M0, sptep); return 1;"
    text = GHOST + helpers(sets.format("flag = true;"), sets.format("atomic { flag = true; }"))
    more = f"{text}helper more() -> bool {{ atomic64_or(M0, sptep); return 1; }}"
    assert verdict(f"{text} lemma t() for layout in l {{ prove equivalent left(), right(); }}") == "proved"
    assert verdict(f"{more} lemma t() for layout in l {{ prove equivalent right(), more(); }}") == "refuted"


@pytest.mark.parametrize("against, expected", [("", "unknown"), ("against nobody", "proved")])
def test_a_ghost_that_a_call_reads_may_be_changed_by_others(verdict, against, expected):
    text = GHOST + helpers("bool x = flag; u64 y = READ_ONCE(*sptep); bool z = flag; return x == z;", "return true;")
    assert (
        verdict(f"{text} theorem t for layout in l {against} {{ u64 k = 1; prove equivalent left(), right(); }}")
        == expected
    )


INVARIANT = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; invariant i: !(spte & M0); }\n"


def verdict_on(text):
    (result,) = [each for each in prove_text(INVARIANT + text).results if not each.implicit]
    return result.verdict


def test_what_a_call_itself_leaves_need_not_meet_the_invariants():
    text = helpers(
        "u64 a = READ_ONCE(*sptep); if (a & M1) { WRITE_ONCE(*sptep, a | M0); } return READ_ONCE(*sptep) & M0;",
        "u64 a = READ_ONCE(*sptep); if (a & M1) { WRITE_ONCE(*sptep, a | M0); } return READ_ONCE(*sptep) & 0;",
    )
    assert verdict_on(
        text + "theorem t for layout in l against nobody { u64 k = 1; prove equivalent left(), right(); }"
    ) == ("refuted")


@pytest.mark.parametrize("mask, expected", [("M0", "unknown"), ("M1", "proved")])
def test_agents_may_have_read_what_a_call_left(mask, expected):
    text = "agent late lockless { step s: saw (spte & M0) { spte |= M2; } }" + helpers(
        f"atomic64_or({mask}, sptep); u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep); return x == y;",
        f"atomic64_or({mask}, sptep); return true;",
    )
    against = "against any number of late"
    assert (
        verdict_on(f"{text} theorem t for layout in l {against} {{ u64 k = 1; prove equivalent left(), right(); }}")
        == expected
    )


# What was said to be proved and is not -------------------------------------------------------------------------


def test_events_that_only_others_make_possible_are_compared(verdict):
    text = helpers(
        "WRITE_ONCE(*sptep, 0); if (READ_ONCE(*sptep)) { WRITE_ONCE(*sptep, 1); } return 1;",
        "WRITE_ONCE(*sptep, 0); if (READ_ONCE(*sptep)) { WRITE_ONCE(*sptep, 2); } return 1;",
    )
    assert verdict(text + "theorem t for layout in l { u64 k = 1; prove equivalent left(), right(); }") == "refuted"
    alone = "theorem t for layout in l against nobody { u64 k = 1; prove equivalent left(), right(); }"
    assert verdict(text + alone) == "proved"


@pytest.mark.parametrize("rely", ["", "rely (after & ~M0) == (before & ~M0) || after == before"])
@pytest.mark.parametrize("sets, expected", [("M0", "unknown"), ("M1", "proved")])
def test_agents_may_run_before_the_first_event(sets, rely, expected):
    text = f"agent sets lockless {{ step s: {{ spte |= {sets}; }} }}"
    text += helpers("return xchg(sptep, 0);", "u64 x = xchg(sptep, 0); return x & ~M0;")
    rely = rely.replace("M0", sets)
    against = f"against any number of sets {rely}"
    text += f"theorem t for layout in l {against} {{ u64 k = 1; prove equivalent left(), right(); }}"
    assert verdict_on(text) == expected


@pytest.mark.parametrize("use", ["u64 y = 1ULL << x;", "assert(x == 5);"])
@pytest.mark.parametrize("against, expected", [("", "unknown"), ("against nobody", "proved")])
def test_a_read_that_only_an_assert_or_a_shift_needs_may_find_anything(verdict, use, against, expected):
    text = helpers(
        f"WRITE_ONCE(*sptep, 5); u64 x = READ_ONCE(*sptep); {use} return 1;", "WRITE_ONCE(*sptep, 5); return 1;"
    )
    claim = f"theorem t for layout in l {against} {{ u64 k = 1; prove equivalent left(), right(); }}"
    assert verdict(text + claim) == expected


def test_a_call_may_find_what_it_left_itself_whatever_the_invariants_say():
    text = helpers("*sptep = M0; return *sptep == M0;", "*sptep = M0; u64 x = *sptep; return x == M0 && !(x & M0);")
    text += "lemma t for layout in l { prove equivalent left(), right(); }"
    assert verdict_on(text) == "refuted"


def test_inputs_of_two_sorts_at_one_place_are_two(verdict):
    text = helpers("bool b = any; return b;", "u64 x = any; return x;")
    assert verdict(text + "lemma t for layout in l { prove equivalent left(), right(); }") == "refuted"


@pytest.mark.parametrize(
    "step, expected", [("when spte & M1 { g = true; }", "unknown"), ("when spte & M1 { spte |= M2; }", "proved")]
)
def test_when_a_ghost_is_set_counts_where_agents_touch_it(verdict, step, expected):
    text = f"""
    ghost bool g;
    agent marker lockless {{ step s: {step} }}
    helper first() -> u64 {{ u64 v; atomic {{ v = READ_ONCE(*sptep); g = false; }} atomic64_and(~M1, sptep); return v; }}
    helper last() -> u64 {{ u64 v = READ_ONCE(*sptep); atomic {{ atomic64_and(~M1, sptep); g = false; }} return v; }}
    """
    assert verdict(f"{text} theorem t against any number of marker {{ prove equivalent first(), last(); }}") == expected


@pytest.mark.parametrize(
    "assumed, expected",
    [("(x ^ y) == M1 && (y ^ z) == M2", "unknown"), ("x == y", "proved"), ("(y ^ z) == M3", "vacuous")],
)
def test_what_only_a_ghost_that_changes_by_itself_lets_happen_proves_nothing(verdict, assumed, expected):
    text = helpers("*sptep = 0; return 0;", "*sptep = 0; return 0;")
    text += "ghost bool on; agent other lockless { step s: when on { spte |= M1; } step q: when !on { spte |= M2; } }"
    body = f"u64 x = *sptep, y = *sptep, z = *sptep; assume({assumed});"
    text += f"theorem t for layout in l against any number of other {{ {body} prove equivalent left(), right(); }}"
    assert verdict(text) == expected


TWICE = """
helper again(u64 old) -> u64 { return READ_ONCE(*sptep); }
helper before(u64 old) -> u64 { return old; }
helper either(u64 old) -> u64 { if (old & M0) return xchg(sptep, 0); return xchg(sptep, 0); }
helper at_once(u64 old) -> u64 { return xchg(sptep, 0); }
"""


@pytest.mark.parametrize(
    "pair, alone, among", [("again before", "proved", "refuted"), ("either at_once", "proved", "proved")]
)
@pytest.mark.parametrize("back", [False, True])
def test_what_stands_before_both_calls_finds_the_same_in_both(verdict, pair, alone, among, back):
    """Though only one of them needs it: others may run between that and the call."""
    left, right = reversed(pair.split()) if back else pair.split()
    for against, expected in [("", among), ("against any number of flips", among), ("against nobody", alone)]:
        body = f"u64 old = READ_ONCE(*sptep); prove equivalent {left}(old), {right}(old);"
        assert verdict(f"{FLIPS}{TWICE}theorem t for layout in l {against} {{ {body} }}") == expected


GIVEN = """
helper one(u64 *a, u64 *b) { *a = 1; }
helper other(u64 *a, u64 *b) { *b = 1; }
helper set(u64 *a) { *a = 1; }
helper kept(u64 *a) { }
helper none() { }
"""


@pytest.mark.parametrize(
    "pair, expected",
    [
        ("set(&p), set(&q)", "refuted"),
        ("one(&p, &q), other(&q, &p)", "proved"),
        ("one(&p, &q), one(&q, &p)", "refuted"),
        ("set(&p), none()", "refuted"),
        ("none(), kept(&q)", "proved"),
    ],
)
@pytest.mark.parametrize("against", ["", "against nobody"])
def test_each_local_is_compared_with_itself_whichever_call_is_given_it(verdict, pair, expected, against):
    text = f"{GIVEN}theorem t(u64 x) for layout in l {against} {{ u64 p = x, q = x; prove equivalent {pair}; }}"
    assert verdict(text) == expected
