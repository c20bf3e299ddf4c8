"""Which parts of a program are one event, and what runs between them."""

import pytest

SETS = "agent sets lockless { step s: { spte |= M1; } }"
FLIPS = "agent flips lockless { step s: { spte ^= M1; } }"
GHOST = "ghost bool flag;"


@pytest.mark.parametrize(
    "body, expected",
    [
        ("clear_bit(0, sptep);", "proved"),
        ("__clear_bit(0, sptep);", "refuted"),
        ("atomic64_and(~M0, sptep);", "proved"),
        ("*sptep &= ~M0;", "refuted"),
        ("*sptep |= M0;", "refuted"),
        ("__set_bit(0, sptep);", "refuted"),
        ("bool b = __test_and_clear_bit(0, sptep);", "refuted"),
        ("bool b = test_and_clear_bit(0, sptep);", "proved"),
        ("atomic { __clear_bit(0, sptep); }", "proved"),
        ("atomic { *sptep &= ~M0; *sptep |= M2; }", "proved"),
        ("atomic { u64 x = READ_ONCE(*sptep); WRITE_ONCE(*sptep, x & ~M0); }", "proved"),
        ("u64 x = READ_ONCE(*sptep); atomic { WRITE_ONCE(*sptep, x & ~M0); }", "refuted"),
        ("u64 x = READ_ONCE(*sptep); u64 was = cmpxchg64(sptep, x, x & ~M0);", "proved"),
        ("u64 x = READ_ONCE(*sptep); if (!try_cmpxchg64(sptep, &x, x & ~M0)) { clear_bit(0, sptep); }", "proved"),
        ("u64 x = READ_ONCE(*sptep); if (!try_cmpxchg64(sptep, &x, x & ~M0)) { *sptep = x & ~M0; }", "proved"),
        ("u64 x = READ_ONCE(*sptep), y = x; if (!try_cmpxchg64(sptep, &y, x & ~M0)) { *sptep = x & ~M0; }", "refuted"),
    ],
)
def test_a_bit_set_between_two_events_is_lost_and_one_set_beside_one_event_is_not(of_body, body, expected):
    assert of_body(body, "preserves M1", "any number of sets", SETS) == expected


@pytest.mark.parametrize(
    "body, claim, expected",
    [
        ("bool b = (test_and_clear_bit(0, sptep) && test_and_clear_bit(2, sptep));", "preserves M2", "refuted"),
        ("u64 x = READ_ONCE(*sptep); bool b = (x & M0) && test_and_clear_bit(2, sptep);", "changes only M2", "proved"),
        (
            "u64 x = READ_ONCE(*sptep); bool b = (x & M0) && test_and_clear_bit(2, sptep);",
            "ensures (start & M0) || !cleared(M2)",
            "proved",
        ),
        (
            "u64 x = READ_ONCE(*sptep); bool b = (x & M0) || test_and_clear_bit(2, sptep);",
            "ensures !(start & M0) || !cleared(M2)",
            "proved",
        ),
        (
            "u64 x = READ_ONCE(*sptep); bool b = (x & M0) || test_and_clear_bit(2, sptep);",
            "ensures (start & M0) || !cleared(M2)",
            "refuted",
        ),
        (
            "u64 x = READ_ONCE(*sptep); u64 y = x & M0 ? atomic64_fetch_and(~M2, sptep) : xchg(sptep, 0);",
            "ensures (start & M0) -> (start & ~M2) == after",
            "proved",
        ),
        (
            "u64 x = READ_ONCE(*sptep); u64 y = x & M0 ? atomic64_fetch_and(~M2, sptep) : xchg(sptep, 0);",
            "ensures (start & ~M2) == after",
            "refuted",
        ),
    ],
)
def test_a_side_that_does_not_decide_does_not_happen(of_body, body, claim, expected):
    assert of_body(body, claim) == expected


HELPERS = """
helper early(u64 old) -> u64 { if (old & M0) return 1; atomic64_or(M2, sptep); return 2; }
helper nested(u64 old) -> u64 { if (old & M1) { if (old & M0) return 5; } u64 x = early(old); return x + 10; }
helper doubles(u64 *value) { *value = *value << 1; }
helper doubles_twice(u64 *value) { doubles(value); doubles(value); }
helper takes(u64 *old, u64 new) -> bool { return try_cmpxchg64(sptep, old, new); }
"""


@pytest.mark.parametrize(
    "body, claim, expected",
    [
        ("u64 x = READ_ONCE(*sptep); u64 r = early(x);", "ensures r == 1 -> after == start", "proved"),
        ("u64 x = READ_ONCE(*sptep); u64 r = early(x);", "ensures r == 2 -> (after & M2)", "proved"),
        ("u64 x = READ_ONCE(*sptep); u64 r = early(x);", "ensures r == 2", "refuted"),
        ("u64 x = READ_ONCE(*sptep); u64 r = nested(x);", "ensures r == 5 || r == 11 || r == 12", "proved"),
        ("u64 x = READ_ONCE(*sptep); u64 r = nested(x);", "ensures r == 5 -> (x & M0) && (x & M1)", "proved"),
        ("u64 x = READ_ONCE(*sptep); u64 r = nested(x);", "ensures r != 11", "refuted"),
        ("u64 x = 1; doubles_twice(&x); u64 y = 0; if (x == 4) doubles(&x);", "ensures x == 8 && y == 0", "proved"),
        ("u64 x = 1, y = 3; doubles(&x); doubles(&y); doubles(&x);", "ensures x == 4 && y == 6", "proved"),
        ("u64 x = READ_ONCE(*sptep); bool b = takes(&x, 0);", "ensures b && after == 0", "proved"),
        ("u64 x = 7; bool b = takes(&x, 0);", "ensures x == 7 && (b == (start == 7))", "refuted"),
        ("u64 x = 7; bool b = takes(&x, 0);", "ensures x == start && (b == (start == 7))", "proved"),
    ],
)
def test_calls_return_early_and_change_what_they_are_given_by_reference(of_body, body, claim, expected):
    assert of_body(body, claim, before=HELPERS) == expected


def test_a_helper_that_is_called_twice_meets_two_environments(of_body):
    helper = "helper look() -> u64 { return READ_ONCE(*sptep); }"
    assert (
        of_body("u64 x = look(); u64 y = look();", "ensures x == y", "any number of flips", helper + FLIPS) == "refuted"
    )
    assert of_body("u64 x = look(); u64 y = x;", "ensures x == y", "any number of flips", helper + FLIPS) == "proved"


@pytest.mark.parametrize(
    "body, claim, expected",
    [
        (
            "flag = false; atomic64_or(M0, sptep); flag = true;",
            "always flag || !(*sptep & M0) || (start & M0)",
            "refuted",
        ),
        ("flag = false; atomic { atomic64_or(M0, sptep); flag = true; }", "always flag || *sptep == start", "proved"),
        ("flag = true; bool b = flag;", "ensures b", "proved"),
        ("atomic { flag = true; flag = !flag; }", "ensures !flag", "proved"),
    ],
)
def test_a_ghost_statement_is_an_event_unless_it_stands_in_an_atomic_block(of_body, body, claim, expected):
    assert of_body(body, claim, before=GHOST) == expected


@pytest.mark.parametrize(
    "wrapped, expected", [("bool b = flag;", "refuted"), ("bool b; atomic { b = flag; }", "refuted")]
)
def test_others_run_before_a_ghost_is_read(of_body, wrapped, expected):
    agent = GHOST + "agent marks lockless { step set: { spte |= M0; } step mark: when (spte & M0) { flag = true; } }"
    body = f"flag = false; u64 x = READ_ONCE(*sptep); {wrapped}"
    assert of_body(body, "ensures b -> (x & M0)", "any number of marks", agent) == expected


def test_nobody_runs_between_a_read_and_a_ghost_in_one_atomic_block(of_body):
    agent = GHOST + "agent marks lockless { step set: { spte |= M0; } step mark: when (spte & M0) { flag = true; } }"
    body = "flag = false; u64 x; bool b; atomic { x = READ_ONCE(*sptep); b = flag; }"
    assert of_body(body, "ensures b -> (x & M0)", "any number of marks", agent) == "proved"
    body = "u64 x; bool b; atomic { x = READ_ONCE(*sptep); b = flag; }"
    assert of_body(body, "ensures b -> (x & M0)", "any number of marks", agent) == "refuted"


def test_inputs_that_are_declared_together_are_independent(of_body):
    assert of_body("u64 a, b, c;", "that a != b || b != c") == "refuted"
    assert of_body("u64 a, b, c;", "that a == b || b == c || a == c") == "refuted"


def test_a_store_of_an_equal_value_is_an_event(of_body):
    assert of_body("u64 x = READ_ONCE(*sptep); WRITE_ONCE(*sptep, x);", "preserves M0") == "proved"


def test_a_plain_and_stores_what_it_read(of_body):
    claim = "ensures (after & M1) == (start & M1)"
    assert of_body("*sptep &= ~M0;", claim, "any number of sets", SETS) == "refuted"
    assert of_body("*sptep &= ~M0;", claim) == "proved"


READ, WRITE = "u64 o = READ_ONCE(*sptep)", "WRITE_ONCE(*sptep, o)"


@pytest.mark.parametrize(
    "body, actions",
    [
        (f"{READ}; {WRITE}; prove preserves M1;", [READ, WRITE]),
        (f"\n{READ}; {WRITE};\nprove preserves M1;", [READ, WRITE]),
        (f"\n  {READ};  // {{ a;\n  {WRITE};\nprove preserves M1;", [READ, WRITE]),
        (f"\n/* a; b */ {READ}; /* {{ */ {WRITE};\nprove preserves M1;", [READ, WRITE]),
        (f"\n{READ};\nif (level | 1) {WRITE};\nprove preserves M1;", [READ, f"if (level | 1) {WRITE}"]),
        (f"\n{READ};\nif (level | 1) {{ {WRITE}; }}\nprove preserves M1;", [READ, WRITE]),
        (f"\nu64 o =\n  READ_ONCE(*sptep);\n{WRITE};\nprove preserves M1;", ["READ_ONCE(*sptep)", WRITE]),
        (f"\nu64 o = READ_ONCE(\n  *sptep);\n{WRITE};\nprove preserves M1;", ["READ_ONCE( *sptep)", WRITE]),
        (f"{READ}; atomic {{ {WRITE}; }} prove preserves M1;", [READ, f"atomic {{ {WRITE}; }}"]),
    ],
)
def test_a_step_is_drawn_as_its_own_statement(prove, body, actions):
    """Also where a line holds several, or the head of the theorem as well."""
    head = "theorem t(int level) for layout in l against any number of sets"
    (refuted,) = prove(f"{SETS}\n{head} {{ {body} }}")
    assert [row.action for row in refuted.counterexample.rows if row.who == "program"] == actions
