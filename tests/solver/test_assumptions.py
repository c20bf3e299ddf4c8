"""An assumption constrains what follows it, never what was before it."""

import pytest

from spteproof.running.pipeline import BadInput, prove_text

FLIPS = "agent flips lockless { step s: { spte ^= M1; } }\n"


def theorem(body, against="nobody"):
    return f"{FLIPS}theorem t for layout in l against {against} {{ {body} }}"


def test_an_assumption_narrows_what_follows(verdict):
    body = "u64 old = READ_ONCE(*sptep); assume(!(old & M0)); WRITE_ONCE(*sptep, 0); prove preserves M0;"
    assert verdict(theorem(body)) == "proved"


def test_an_assumption_does_not_hold_for_later_values(verdict):
    body = "u64 old = READ_ONCE(*sptep); assume(!(old & M1)); WRITE_ONCE(*sptep, 0); prove preserves M1;"
    assert verdict(theorem(body, "any number of flips")) == "refuted"


def test_a_violation_before_an_assumption_counts(prove):
    body = "u64 m = any; WRITE_ONCE(*sptep, 0); assume(m == 4); prove preserves M0;"
    (result,) = prove(theorem(body))
    assert result.verdict == "refuted" and result.counterexample.rows


def test_a_violation_before_assumptions_that_contradict_each_other_counts(verdict):
    body = "u64 m = any; WRITE_ONCE(*sptep, 0); assume(m == 4); assume(m == 5); prove preserves M0;"
    assert verdict(theorem(body)) == "refuted"


def test_a_mask_that_a_stopped_run_has_not_reached_makes_no_false_verdict(prove):
    body = "u64 m = any; WRITE_ONCE(*sptep, 0); assume(m == 4); u64 k = m | M0; prove preserves k;"
    (result,) = prove(theorem(body))
    assert (result.verdict, set(result.losing)) == ("refuted", {"M0", "M2"})


@pytest.mark.parametrize(
    "body, expected",
    [
        ("u64 k = 0; WRITE_ONCE(*sptep, 0); assume(m & M1); k = M0;", ("refuted", None)),
        ("u64 k = 0; atomic { *sptep = 0; assume(m & M1); k = M0; }", ("refuted", None)),
        ("u64 k = M0; WRITE_ONCE(*sptep, 0); assume(0 == 1);", ("refuted", None)),
        ("WRITE_ONCE(*sptep, 0); assume(0 == 1); u64 k = M0;", ("unknown", "unknown.undefined")),
        (
            "WRITE_ONCE(*sptep, 0); u64 x; retry { x = *sptep; } until (x); u64 k = x | M0;",
            ("unknown", "unknown.undefined"),
        ),
    ],
)
def test_a_mask_that_only_the_end_knows_is_that_of_a_run_that_comes_to_it(prove, body, expected):
    (result,) = prove(f"theorem t(u64 m) for layout in l {{ {body} prove preserves k; }}")
    assert (result.verdict, result.reason_id) == expected


@pytest.mark.parametrize("claim", ["preserves M0", "ensures after == 0", "refines { *sptep = 0; }", "that 0 == 1"])
def test_assumptions_that_contradict_each_other_make_what_follows_vacuous(prove, claim):
    body = f"u64 old = READ_ONCE(*sptep); assume(old & M0); assume(!(old & M0)); *sptep = 0; prove {claim};"
    (result,) = prove(theorem(body))
    assert (result.verdict, result.reason) == ("vacuous", "the hypotheses cannot hold")


@pytest.mark.parametrize(
    "body",
    [
        "WRITE_ONCE(*sptep, 0); u64 x = READ_ONCE(*sptep); assume(x & M1);",
        "u64 x = xchg(sptep, 0); assume(x & M1);",
        "u64 x = any; bool done = try_cmpxchg64(sptep, &x, 0); assume(done);",
        "WRITE_ONCE(*sptep, 0); u64 x = READ_ONCE(*sptep); if (x & M1) { assume(0 == 1); }",
        "WRITE_ONCE(*sptep, 0); u64 x = READ_ONCE(*sptep); u64 y = x & M1 ? 1 : 2; assume(y == 2);",
    ],
)
def test_an_assumption_about_a_value_read_after_the_first_write_is_an_error(verdict, body):
    with pytest.raises(BadInput, match="assume.late:value"):
        verdict(theorem(f"{body} prove changes nothing;", "any number of flips"))


def test_an_assumption_about_an_earlier_value_may_stand_late(verdict):
    body = (
        "u64 x = READ_ONCE(*sptep); WRITE_ONCE(*sptep, x); assume(x & M0); WRITE_ONCE(*sptep, x); prove ensures x & M0;"
    )
    assert verdict(theorem(body, "any number of flips")) == "proved"


def test_an_assumption_in_a_branch_that_is_not_taken_constrains_nothing(verdict):
    body = "u64 x = READ_ONCE(*sptep); if (x & M0) { assume(x & M1); } WRITE_ONCE(*sptep, 0); prove preserves M0;"
    assert verdict(theorem(body)) == "refuted"
    body = "u64 x = READ_ONCE(*sptep); if (x & M0) { assume(x & M1); } WRITE_ONCE(*sptep, M1); prove preserves M2;"
    assert verdict(theorem(body)) == "refuted"
    body = "u64 x = READ_ONCE(*sptep); if (x & M0) { assume(x & M1); } prove ensures !(x & M0) || (x & M1);"
    assert verdict(theorem(body)) == "proved"


def test_an_assert_before_an_assumption_is_not_helped_by_it(implicit):
    body = "u64 x = any; assert(x != 3); assume(x != 3); *sptep = 0; prove preserves M0;"
    assert implicit(theorem(body)) == {"asserts hold": "refuted"}


def test_an_assert_after_an_assumption_is_helped_by_it(implicit):
    body = "u64 x = any; assume(x != 3); assert(x != 3); *sptep = 0; prove preserves M0;"
    assert implicit(theorem(body)) == {"asserts hold": "proved"}


def test_an_assumption_in_atomic_says_nothing_about_a_change_before_it(verdict):
    body = "u64 old = READ_ONCE(*sptep); atomic { *sptep = 0; assume(!(old & M0)); } prove preserves M0;"
    assert verdict(theorem(body)) == "refuted"
    body = "u64 old = READ_ONCE(*sptep); atomic { assume(!(old & M0)); *sptep = 0; } prove preserves M0;"
    assert verdict(theorem(body)) == "proved"


@pytest.mark.parametrize(
    "block, claim, expected",
    [
        ("g = true; assume(!(old & M0)); *sptep = 0;", "preserves M0", "proved"),
        ("g = true; assume(0 == 1); *sptep = 0;", "changes only ~0ULL", "vacuous"),
        ("*sptep |= M1; assume(old & M0); *sptep |= M2;", "changes only M2", "refuted"),
        ("*sptep |= M1; assume(old & M0); if (!(old & M0)) *sptep |= M2;", "changes only M1", "proved"),
    ],
)
def test_what_an_assumption_in_atomic_stops_does_not_happen(verdict, block, claim, expected):
    """What stands before it in the block does."""
    body = f"u64 old = READ_ONCE(*sptep); atomic {{ {block} }} prove {claim};"
    assert verdict(f"ghost bool g; {theorem(body)}") == expected


def test_what_an_assumption_in_an_agents_atomic_stops_does_not_happen(prove):
    agent = "agent a lockless { bool b = any; atomic { *sptep |= M1; assume(b); *sptep |= b ? M2 : M3; } }"
    claims = "prove ensures x == end; prove ensures (end & ~(M1 | M2)) == (x & ~(M1 | M2));"
    program = f"theorem t for layout in l against any number of a {{ u64 x = READ_ONCE(*sptep); {claims} }}"
    assert [each.verdict for each in prove(f"{agent}\n{program}")] == ["refuted", "proved"]


@pytest.mark.parametrize("block", ["*sptep |= M0; int n = any; *sptep |= M1;", "set_both();"])
def test_an_input_of_sort_int_stops_nothing_in_atomic(verdict, block):
    helper = "helper set_both() { *sptep |= M0; int n; *sptep |= M1; }\n"
    both = "((*sptep & M0) == 0) == ((*sptep & M1) == 0) || *sptep == start"
    assert verdict(helper + theorem(f"atomic {{ {block} }} prove always {both};")) == "proved"


def test_an_input_of_sort_int_stops_nothing_in_an_agents_atomic(verdict):
    agent = "agent a lockless { atomic { *sptep &= ~M0; int n = any; *sptep |= M1; } }\n"
    body = "u64 old = *sptep; prove ensures old & M0 && !(end & M0) -> end & M1;"
    assert verdict(agent + theorem(body, "any number of a")) == "proved"


def test_every_assumption_is_named_wherever_it_stands():
    text = """
    helper first() -> u64 { u64 x = READ_ONCE(*sptep); assume(x & M1); return x; }
    helper second() -> u64 { u64 x = first(); assume(x & M2); return x; }
    agent a lockless { u64 x = second(); assume(x & M3); atomic64_or(M0, sptep); }
    theorem t for layout in l against any number of a {
        u64 x = second();
        assume(x & M0);
        if (x & M3) { assume(x != 0); }
        atomic { u64 y = *sptep; assume(y); }
        prove ensures x & M1;
    }
    """
    scopes = {
        each.scope.assumptions
        for each in prove_text("layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; }" + text).results
    }
    by_agent = "x & M3 (agent `a`)", "x & M2 (agent `a`)", "x & M1 (agent `a`)"
    by_helpers = "x & M2 (helper `second`)", "x & M1 (helper `first`)"
    assert scopes == {("x & M0", "x != 0", "y", *by_helpers, *by_agent)}


@pytest.mark.parametrize(
    "program", ["u64 old = READ_ONCE(*sptep); assume(old & M0);", "atomic { u64 old = *sptep; assume(old & M0); }"]
)
def test_what_others_did_before_an_atomic_is_judged_without_what_is_assumed_in_it(verdict, program):
    """A value from before it would be another one that it could find."""
    agent = "agent a lockless { step s: when !(spte & M0) { spte |= M1; } }"
    theorem = (
        f"theorem t for layout in l against any number of a {{ {program} prove always *sptep & M1 -> start & M1; }}"
    )
    assert verdict(f"{agent}\n{theorem}") == "refuted"
