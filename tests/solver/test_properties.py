"""What each property says, on programs so small that the answer is known by hand."""

import pytest

READ = "u64 old = READ_ONCE(*sptep); "
SETS_M1 = "agent sets_m1 lockless { step s: { spte |= M1; } }"
FLIPS_M1 = "agent flips_m1 lockless { step s: { spte ^= M1; } }"
GHOST = "ghost bool seen_m0;"


@pytest.mark.parametrize(
    "body, claim, expected",
    [
        ("atomic64_and(~M0, sptep);", "preserves M1", "proved"),
        ("atomic64_and(~M0, sptep);", "preserves M0", "refuted"),
        ("atomic64_and(~M0, sptep);", "preserves M0 | M1 except M0", "proved"),
        ("atomic64_or(M0, sptep);", "preserves ~0ULL", "proved"),
        ("atomic64_or(M0, sptep);", "changes only M0", "proved"),
        ("atomic64_or(M0, sptep);", "changes only M1", "refuted"),
        ("atomic64_or(M0, sptep);", "changes nothing", "refuted"),
        (READ + "WRITE_ONCE(*sptep, old);", "changes nothing", "proved"),
        ("u64 old = xchg(sptep, 0);", "conserves M0 into old", "proved"),
        (READ + "WRITE_ONCE(*sptep, 0);", "conserves M0 into old", "proved"),
        ("u64 old = xchg(sptep, 0); old = 0;", "conserves M0 into old", "refuted"),
        ("u64 old = xchg(sptep, 0); old |= M3;", "conserves M0 | M3 into old", "proved"),
        ("u64 old = xchg(sptep, 0); old |= M3;", "conserves exactly M0 | M3 into old", "refuted"),
        ("u64 old = xchg(sptep, 0);", "conserves exactly M0 | M3 into old", "proved"),
        ("bool was = test_and_clear_bit(0, sptep);", "conserves M0 into was", "proved"),
        ("bool was = test_and_clear_bit(0, sptep); was = false;", "conserves M0 into was", "refuted"),
        ("bool was = true; clear_bit(0, sptep);", "conserves M0 into was", "proved"),
        ("bool was = true; clear_bit(0, sptep);", "conserves exactly M0 into was", "refuted"),
        (READ + "WRITE_ONCE(*sptep, old | M0);", "ensures after & M0", "proved"),
        (READ + "WRITE_ONCE(*sptep, old | M0);", "ensures start & M0", "refuted"),
        ("atomic64_and(~M0, sptep); atomic64_or(M0, sptep);", "ensures cleared(M1) == 0", "proved"),
        ("atomic64_and(~M0, sptep); atomic64_or(M0, sptep);", "ensures cleared(M0) == 0", "refuted"),
        ("atomic64_and(~M0, sptep); atomic64_or(M0, sptep);", "ensures (start & M0) == cleared(M0)", "proved"),
        ("u64 x = 1;", "ensures after == start && end == start && x == 1", "proved"),
        ("atomic64_or(M0, sptep);", "always *sptep == start || (*sptep & M0)", "proved"),
        ("atomic64_or(M0, sptep); atomic64_and(~M0, sptep);", "always !(*sptep & M0) || (start & M0)", "refuted"),
        (READ, "that (old & ~M0 & M0) == 0", "proved"),
        (READ, "that (old & M0) == 0", "refuted"),
    ],
)
def test_a_property_of_a_program_that_runs_alone(of_body, body, claim, expected):
    assert of_body(body, claim) == expected


@pytest.mark.parametrize(
    "body, claim, expected",
    [
        (READ + "WRITE_ONCE(*sptep, old & ~M0);", "preserves M1", "refuted"),
        (READ + "WRITE_ONCE(*sptep, old & ~M0);", "conserves M1 into old", "refuted"),
        (READ + "WRITE_ONCE(*sptep, old & ~M0);", "preserves M2", "proved"),
        (READ + "atomic64_and(~M0, sptep);", "preserves M1", "proved"),
        ("u64 old = xchg(sptep, 0);", "conserves M1 into old", "proved"),
        (READ, "ensures end == start", "refuted"),
        (READ, "ensures after == old", "proved"),
        (READ, "ensures after == end", "refuted"),
        (READ, "ensures (end & ~M1) == (start & ~M1)", "proved"),
        ("u64 x = 1;", "ensures after == start && x == 1", "proved"),
        ("u64 x = 1;", "ensures end == start && x == 1", "refuted"),
        ("u64 x = 1;", "always *sptep == start || x == 2", "refuted"),
        ("u64 x = 1;", "always (start & M1) -> (*sptep & M1)", "proved"),
        ("atomic64_or(M1, sptep);", "changes only M1", "proved"),
    ],
)
def test_a_property_while_another_sets_a_bit(of_body, body, claim, expected):
    assert of_body(body, claim, "any number of sets_m1", SETS_M1) == expected


@pytest.mark.parametrize(
    "body, claim, expected",
    [
        (READ + "WRITE_ONCE(*sptep, old | M0);", "resurrects nothing in M1", "refuted"),
        (READ + "WRITE_ONCE(*sptep, old | M0);", "resurrects nothing in M0", "proved"),
        (READ + "atomic64_or(M0, sptep);", "resurrects nothing in M1", "proved"),
        ("atomic64_or(M1, sptep);", "resurrects nothing in M1", "proved"),
        ("atomic64_or(M1, sptep); atomic64_or(M1, sptep);", "resurrects nothing in M1", "refuted"),
        (
            "atomic64_or(M1, sptep); atomic64_and(~M1, sptep); atomic64_or(M1, sptep);",
            "resurrects nothing in M1",
            "refuted",
        ),
        (
            "WRITE_ONCE(*sptep, M1); u64 x = xchg(sptep, 0); WRITE_ONCE(*sptep, x);",
            "resurrects nothing in M2",
            "proved",
        ),
    ],
)
def test_what_was_left_set_and_taken_away_is_not_brought_back(of_body, body, claim, expected):
    assert of_body(body, claim, "any number of flips_m1", FLIPS_M1) == expected


def test_a_bit_that_the_program_itself_cleared_may_be_set_again(of_body):
    body = "WRITE_ONCE(*sptep, M1); atomic64_and(~M1, sptep); atomic64_or(M1, sptep);"
    assert of_body(body, "resurrects nothing in M1") == "proved"


BLOCK = "refines { seen = *sptep; *sptep &= ~M0; }"


@pytest.mark.parametrize(
    "body, expected",
    [
        ("u64 seen = atomic64_fetch_and(~M0, sptep);", "proved"),
        ("u64 seen = READ_ONCE(*sptep); atomic64_and(~M0, sptep);", "refuted"),
        ("u64 seen = READ_ONCE(*sptep); WRITE_ONCE(*sptep, seen & ~M0);", "refuted"),
        ("u64 seen = atomic64_fetch_and(~M0, sptep); seen = 0;", "refuted"),
        ("u64 seen = atomic64_fetch_and(~M0, sptep); atomic64_and(~M0, sptep);", "proved"),
        ("u64 seen = atomic64_fetch_and(~M0, sptep); atomic64_and(~M2, sptep);", "refuted"),
        ("u64 seen = READ_ONCE(*sptep); if (seen & M0) seen = atomic64_fetch_and(~M0, sptep);", "proved"),
        ("u64 seen = 0; if (READ_ONCE(*sptep) & M0) seen = atomic64_fetch_and(~M0, sptep);", "refuted"),
        ("u64 seen = 0;", "refuted"),
    ],
)
def test_a_program_refines_a_block_that_runs_at_once(of_body, body, expected):
    assert of_body(body, BLOCK, "any number of flips_m1", FLIPS_M1) == expected


def test_a_read_alone_may_be_the_instant_of_a_block(of_body):
    body = "u64 seen = READ_ONCE(*sptep); u64 again = READ_ONCE(*sptep); atomic64_or(0, sptep);"
    assert of_body(body, "refines { again = *sptep; }", "any number of flips_m1", FLIPS_M1) == "proved"
    assert of_body(body, "refines { seen = *sptep; again = seen; }", "any number of flips_m1", FLIPS_M1) == "refuted"


HELPER = "helper clear(u64 old) -> u64 { if (!(old & M0)) return old; return atomic64_fetch_and(~M0, sptep); }"


@pytest.mark.parametrize("agent, expected", [("", "proved"), (FLIPS_M1, "refuted")])
def test_an_early_return_refines_only_where_nobody_changes_what_was_read(of_body, agent, expected):
    body = "u64 old = READ_ONCE(*sptep); u64 seen = clear(old);"
    against = "any number of flips_m1" if agent else "nobody"
    claim = "refines { seen = *sptep; *sptep &= ~M0; old = seen; }"
    assert of_body(body, claim, against, HELPER + agent) == expected


@pytest.mark.parametrize(
    "body, expected",
    [
        ("if (test_and_clear_bit(0, sptep)) seen_m0 = true;", "proved"),
        ("u64 old = READ_ONCE(*sptep); clear_bit(0, sptep); if (old & M0) seen_m0 = true;", "refuted"),
        ("u64 old = READ_ONCE(*sptep); if (old & M0) seen_m0 = true; seen_m0 = false; clear_bit(0, sptep);", "refuted"),
        ("seen_m0 = true; clear_bit(0, sptep); seen_m0 = false;", "proved"),
        ("seen_m0 = true; seen_m0 = false; clear_bit(0, sptep);", "refuted"),
        ("atomic { clear_bit(0, sptep); seen_m0 = true; } seen_m0 = false;", "proved"),
    ],
)
def test_a_ghost_takes_a_bit_over_at_some_instant_from_its_clearing_on(of_body, body, expected):
    agent = "agent sets_m0 lockless { step s: { spte |= M0; } }"
    assert of_body(body, "conserves M0 into seen_m0", "any number of sets_m0", GHOST + agent) == expected


def test_a_ghost_in_ensures_is_read_at_the_end(of_body):
    agent = GHOST + "agent forgets lockless { step s: { seen_m0 = false; } }"
    assert of_body("seen_m0 = true; *sptep = 0;", "ensures seen_m0", "any number of forgets", agent) == "refuted"
    assert of_body("seen_m0 = true; *sptep = 0;", "ensures seen_m0", "nobody", agent) == "proved"


def test_every_bit_that_can_be_lost_is_named(prove):
    (result,) = prove(
        "theorem t for layout in l against nobody { WRITE_ONCE(*sptep, M3); prove preserves M0 | M1 | M3; }"
    )
    assert result.losing == ("M0", "M1")


@pytest.mark.parametrize("losing, ok", [("{M0, M1}", True), ("{M0}", True), ("{M0, M3}", False)])
def test_bits_that_are_expected_to_be_lost_are_lost_at_once(prove, losing, ok):
    text = "theorem t for layout in l against nobody { WRITE_ONCE(*sptep, M3); prove preserves M0 | M1 | M3 "
    (result,) = prove(text + f"expect refuted losing {losing}; }}")
    assert result.ok is ok


def test_bits_lost_one_by_one_are_not_lost_at_once(prove):
    text = (
        "theorem t for layout in l against nobody { clear_bit(0, sptep); clear_bit(1, sptep); prove preserves M0 | M1 "
    )
    (result,) = prove(text + "expect refuted losing {M0, M1}; }")
    assert (result.verdict, result.ok, result.losing) == ("refuted", False, ("M0", "M1"))


INVARIANT = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; invariant i: (spte & M0) -> (spte & M1); }\n"


@pytest.mark.parametrize(
    "body, expected",
    [("atomic64_or(M1, sptep);", "proved"), ("atomic64_and(~M1, sptep);", "refuted"), ("u64 x = 1;", "proved")],
)
def test_invariants_are_kept_by_every_event(verdict, body, expected):
    text = f"theorem t for layout in l against nobody {{ {body} prove keeps invariants; }}"
    assert verdict(text, layout=INVARIANT) == expected


def test_invariants_are_proved_without_being_asked(implicit):
    text = "theorem t for layout in l against nobody { atomic64_and(~M1, sptep); prove preserves M0; }"
    assert implicit(text, layout=INVARIANT) == {"keeps invariants": "refuted"}


def test_an_invariant_is_broken_for_a_moment(verdict):
    body = "atomic64_or(M0, sptep); atomic64_or(M1, sptep);"
    text = f"theorem t for layout in l against nobody {{ {body} prove keeps invariants; }}"
    assert verdict(text, layout=INVARIANT) == "refuted"


def test_no_counterexample_starts_from_a_value_that_the_invariants_rule_out(prove):
    text = "theorem t for layout in l against nobody { clear_bit(0, sptep); prove preserves M0; }"
    (result,) = prove(text, layout=INVARIANT)
    assert result.counterexample.start == 3


@pytest.mark.parametrize(
    "program, block",
    [
        ("*sptep = 0;", "assumes();"),
        ("*sptep = 0;", "logs();"),
        ("*sptep = 0;", "tries();"),
        ("bool b = any; if (b) *sptep = 0;", "perhaps();"),
        ("u64 seen = READ_ONCE(*sptep); seen += 1; *sptep = 0;", "*sptep = 0; seen = seen;"),
        ("u64 seen = READ_ONCE(*sptep); *sptep = 0;", "if (*sptep & M0) seen = *sptep; *sptep = 0;"),
    ],
)
def test_a_block_that_says_less_than_it_seems_to_is_no_proof(of_body, program, block):
    helpers = """
    ghost bool logged;
    helper assumes() { u64 v = READ_ONCE(*sptep); assume(!(v & M1)); *sptep = 0; }
    helper logs() { logged = true; *sptep = 0; }
    helper tries() { u64 old = READ_ONCE(*sptep); retry { } until (try_cmpxchg64(sptep, &old, 0)); }
    helper perhaps() { bool b = any; if (b) *sptep = 0; }
    """
    assert of_body(program, f"refines {{ {block} }}", "nobody", helpers) == "unknown"


@pytest.mark.parametrize(
    "body, into, expected",
    [
        ("atomic64_or(M0, sptep); seen_m0 = true;", "seen_m0", "refuted"),
        ("atomic64_or(M0, sptep); seen_m0 = false; u64 x = M0;", "x", "refuted"),
        ("atomic64_or(M0, sptep); atomic { seen_m0 = true; }", "seen_m0", "refuted"),
        ("seen_m0 = test_and_set_bit(0, sptep);", "seen_m0", "proved"),
        ("atomic64_or(M0, sptep); u64 x = READ_ONCE(*sptep); seen_m0 = x & M0;", "seen_m0", "proved"),
    ],
)
def test_a_statement_about_a_ghost_finds_nothing_of_the_entry(of_body, body, into, expected):
    assert of_body(body, f"conserves exactly M0 into {into}", "nobody", GHOST) == expected
