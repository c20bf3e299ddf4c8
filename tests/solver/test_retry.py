"""Retry loops: one failed iteration and the last one, and when these stand for any number."""

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver.setting import FAILED

CPU = "agent a lockless { step set: when spte & M0 { spte |= M1; } step clear: { spte &= ~M0; } }"
READ = "u64 old = READ_ONCE(*sptep);"
CLEAR = f"{READ} retry {{ }} until (try_cmpxchg64(sptep, &old, old & ~M0));"


@pytest.fixture
def of_loop(of_body):
    """The verdict on one property of a program that others disturb."""
    return lambda body, claim, before="": of_body(body, claim, "any number of a", CPU + before)


@pytest.fixture
def why(prove):
    """The reason of an unknown verdict."""

    def call(body, claim, before=""):
        text = f"{CPU}{before}\ntheorem t for layout in l against any number of a {{ {body} prove {claim}; }}"
        (result,) = prove(text)
        assert result.verdict == "unknown"
        return result.reason

    return call


@pytest.mark.parametrize(
    "body, claim, expected",
    [
        (CLEAR, "changes only M0", "proved"),
        (CLEAR, "preserves M1", "proved"),
        (CLEAR, "conserves M0 into old", "proved"),
        (CLEAR, "conserves exactly M0 into old", "proved"),
        (CLEAR, "refines { old = *sptep; *sptep &= ~M0; }", "proved"),
        (CLEAR, "ensures (after & ~M0) == (old & ~M0) && !(after & M0)", "proved"),
        (CLEAR, "resurrects nothing in M0", "unknown"),
        (CLEAR, "changes only M1", "refuted"),
        (CLEAR, "ensures after == old", "refuted"),
        (f"{READ} retry {{ }} until (try_cmpxchg64(sptep, &old, 0));", "preserves M1", "refuted"),
        (f"{READ} u64 new; retry {{ new = old & ~M0; }} until (try_cmpxchg64(sptep, &old, new));", "preserves M1", "proved"),
        (f"{READ} u64 new = old & ~M0; retry {{ }} until (try_cmpxchg64(sptep, &old, new));", "preserves M1", "refuted"),
        (
            f"{READ} u64 was; retry {{ was = old; old = cmpxchg64(sptep, was, was & ~M0); }} until (old == was);",
            "preserves M1",
            "proved",
        ),
        ("u64 old; retry { old = xchg(sptep, M3); } until (old != M3);", "conserves ~0ULL into old", "proved"),
        ("u64 old; retry { old = xchg(sptep, M3); } until (old != M3);", "ensures old == M3", "refuted"),
        ("u64 old; retry { old = xchg(sptep, M3); } until (old & M2);", "preserves M3", "unknown"),
        ("u64 n; retry { n = READ_ONCE(*sptep); } until (n & M2); *sptep = n;", "ensures after & M2", "proved"),
        ("u64 n; retry { n = READ_ONCE(*sptep); } until (!(n & M0));", "ensures !(end & M0)", "proved"),
        ("u64 n; retry { n = READ_ONCE(*sptep); } until (n & M1);", "ensures end & M0", "refuted"),
        ("retry { __clear_bit(0, sptep); } until (!test_bit(0, sptep));", "preserves M1", "refuted"),
        ("bool b; retry { bool c = any; b = c; } until (b || test_bit(1, sptep));", "ensures b || end & M1", "proved"),
        ("bool b; retry { bool c = any; b = c; } until (b || test_bit(0, sptep));", "ensures b || end & M0", "refuted"),
    ],
)  # fmt: skip
def test_a_loop_is_its_failed_iterations_and_the_last(of_loop, body, claim, expected):
    assert of_loop(body, claim) == expected


def test_a_counterexample_holds_the_failed_iteration_that_it_needs(prove):
    text = f"theorem t for layout in l against any number of a {{ u64 first = *sptep, old = first; {CLEAR_AGAIN} }}"
    (result,) = prove(CPU + text)
    assert result.verdict == "refuted"
    notes = [row.note for row in result.counterexample.rows if row.who == "program"]
    assert notes == ["", f"({FAILED})", ""]


CLEAR_AGAIN = "retry { } until (try_cmpxchg64(sptep, &old, 0)); prove that old == first;"


def test_a_counterexample_holds_no_failed_iteration_that_it_does_not_need(prove):
    (result,) = prove(f"{CPU}theorem t for layout in l against any number of a {{ {CLEAR} prove changes only M1; }}")
    rows = result.counterexample.rows
    assert [row.note for row in rows] == ["", ""]
    assert result.counterexample.inputs == {}


@pytest.mark.parametrize(
    "body, claim, reason",
    [
        ("u64 n; retry { n = atomic64_fetch_or(M2, sptep); } until (n & M1);", "preserves M3", "may change the entry"),
        ("retry { noted = test_bit(0, sptep); } until (noted);", "always *sptep || !*sptep", "may change the entry"),
        (f"{READ} u64 n = 0; retry {{ n += 1; }} until (test_bit(2, sptep));", "that n <= 2", "leaves in `n` matters"),
        (f"{READ} retry {{ old ^= M2; }} until (try_cmpxchg64(sptep, &old, 0));", "that old <= 15 || old > 15", "`old`"),
        (f"{READ} retry {{ }} until (try_cmpxchg64(sptep, &old, 0) || test_bit(1, sptep));", "that old == old", "`old`"),
        (CLEAR, "resurrects nothing in M1", "which bits all the failed iterations"),
        ("parallel { thread one { calm(); } thread two { *sptep = 1; } }", "that true", "runs inside a thread"),
        ("helped();", "that true", "runs inside another retry"),
        ("atomic { calm(); }", "that true", "runs inside `atomic`"),
    ],
)  # fmt: skip
def test_what_one_failed_iteration_does_not_stand_for_is_unknown(why, body, claim, reason):
    before = """
        ghost bool noted;
        helper calm() { retry { } until (test_bit(0, sptep)); }
        helper helped() { retry { calm(); } until (test_bit(1, sptep)); }"""
    assert reason in why(body, claim, before)


EXCHANGED = "ok = try_cmpxchg64(sptep, &old, old & ~M0);"
NOT_REFRESHED = {
    "it fails by less than the exchange": (f"was = old; {EXCHANGED}", "ok || ((old ^ was) != M2 && (old ^ was) != M3)"),
    "it fails by more than the exchange": ("ok = try_cmpxchg64(sptep, &old, old);", "ok && (old & M2)"),
    "something happens after the exchange": (f"{EXCHANGED} was = READ_ONCE(*sptep);", "ok"),
    "it ends with something else": (f"{EXCHANGED} if (!ok) old |= M2;", "ok"),
    "it compares something else": ("old ^= M2; ok = try_cmpxchg64(sptep, &old, 0);", "ok"),
}


@pytest.mark.parametrize("what", NOT_REFRESHED)
def test_one_failed_iteration_stands_for_all_only_where_it_is_a_failed_exchange_and_nothing_more(why, what):
    """Each of these is all that is wrong. By the first one two failures may come to what one cannot come to."""
    body, until = NOT_REFRESHED[what]
    loop = f"{READ} u64 was = old, first = old; bool ok = false; retry {{ {body} }} until ({until});"
    assert "`old`" in why(loop, "that (was ^ first) != (M2 | M3)")


def test_a_failed_exchange_and_nothing_more_stands_for_all(of_loop):
    loop = f"{READ} u64 was = old; bool ok = false; retry {{ was = old; {EXCHANGED} }} until (ok);"
    assert of_loop(loop, "that was == old") == "proved"


MATTERS = {
    "whether it ends": ("n += 1;", "n == 3"),
    "whether something happens": ("n += 1; if (n == 3) { u64 x = READ_ONCE(*sptep); }", "test_bit(2, sptep)"),
    "what is written": ("n += 1; if (test_bit(2, sptep)) { *sptep = n; done = true; }", "done"),
    "what an assert says": ("n += 1; assert(n != 3);", "test_bit(2, sptep)"),
    "whether something is defined": ("n += 1; u64 x = 1ULL << n;", "test_bit(2, sptep)"),
    "what is assumed": ("n += 1; assume(n != 3);", "done"),
    "what a ghost holds in the end": ("n += 1; if (test_bit(2, sptep)) { noted = n; done = true; }", "done"),
    "what a local holds in the end": ("n += 1;", "test_bit(2, sptep)"),
}


@pytest.mark.parametrize("what", MATTERS)
def test_what_a_failed_iteration_leaves_matters_wherever_it_goes(why, what):
    body, until = MATTERS[what]
    loop = f"u64 n = 0; bool done = false; retry {{ {body} }} until ({until});"
    reason = why(loop, "that true", " ghost u64 noted;")
    assert "leaves in" in reason and "`n`" in reason


def test_an_instant_of_a_failed_iteration_may_be_the_last(why):
    """The first exchange finds something else, the second one the first value again; then nothing happens."""
    body = """
        u64 seen = READ_ONCE(*sptep), old = M0;
        retry { bool enough = any; } until (enough || try_cmpxchg64(sptep, &old, 0));"""
    assert "`after` may be the moment" in why(body, "ensures after == seen || after != M0 || !after")


def test_an_event_on_another_entry_is_no_last_event(prove):
    text = f"""entry other; {CPU} theorem t for layout in l against any number of a, a on other {{
        u64 seen = READ_ONCE(*sptep), old = M0;
        retry {{ u64 o = READ_ONCE(*other); }} until (o & M1 || try_cmpxchg64(sptep, &old, 0));
        prove ensures after == seen || after != M0 || !after;
        prove ensures !cleared(M0, other); }}"""
    doubtful, sure = prove(text)
    assert (doubtful.verdict, sure.verdict) == ("unknown", "proved")
    assert "`after` may be the moment" in doubtful.reason


def test_where_the_start_of_an_iteration_tells_whether_it_holds_an_event_the_last_instant_is_known(of_loop):
    loop = f"{READ} retry {{ }} until (!(old & M0) || try_cmpxchg64(sptep, &old, old & ~M0));"
    assert of_loop(loop, "ensures !(after & M0)") == "proved"
    assert of_loop(loop, "ensures (after & ~M0) == (old & ~M0)") == "proved"
    assert of_loop(loop, "ensures after == old") == "refuted"


def test_what_was_compared_is_what_the_iteration_started_from(why):
    """`one` is compared, `two` is refreshed as well: after two failures both may hold what only `one` held at first."""
    body = "u64 one = M0, two = 0; retry { } until (try_cmpxchg64(sptep, &one, two) || kept(&two, one));"
    before = " helper kept(u64 *two, u64 one) -> bool { *two = one; return false; }"
    assert "leaves in" in why(body, "that !(one == M0 && two == M0)", before)


def test_locals_of_a_caller_are_carried_by_reference(of_loop):
    helper = """
        helper clear(u64 *old) -> bool {
            retry { if (!(*old & M1)) return false; } until (try_cmpxchg64(sptep, old, *old & ~M0));
            return true;
        }"""
    body = f"{READ} bool done = clear(&old);"
    assert of_loop(body, "changes only M0", helper) == "proved"
    assert of_loop(body, "that done == ((old & M1) != 0)", helper) == "proved"
    assert of_loop(body, "ensures done -> start & M1", helper) == "refuted"


def test_a_local_that_is_set_in_some_iterations_only_is_carried(why):
    body = f"{READ} u64 seen = 0; retry {{ if (old & M1) seen = old; }} until (try_cmpxchg64(sptep, &old, 0));"
    assert "`seen`" in why(body, "that seen == seen")


def test_each_failed_iteration_is_judged_though_the_loop_never_ends(of_loop):
    loop = "u64 n; retry { atomic64_or(M2, sptep); n = READ_ONCE(*sptep); } until (!(n & M2));"
    assert of_loop(loop, "changes nothing") == "refuted"


def test_a_loop_that_never_ends_proves_nothing_about_its_end(prove):
    text = "theorem t against nobody { u64 n; retry { n = *sptep; } until (n && !n); prove ensures end == 0; }"
    (result,) = prove(text)
    assert (result.verdict, result.reason) == ("vacuous", "the hypotheses cannot hold, or a retry never ends")


def test_a_loop_that_never_writes_is_vacuous_for_the_properties_of_events(of_loop):
    assert of_loop("u64 n; retry { n = *sptep; } until (n & M1);", "preserves M0") == "vacuous"


def test_a_vacuous_verdict_needs_all_iterations_too(why):
    loop = "u64 n = 0; retry { if (n == 2) *sptep = 0; n += 1; } until (test_bit(1, sptep));"
    assert "a failed iteration of the retry" in why(loop, "preserves M0")


def test_asserts_and_definedness_hold_in_failed_iterations(implicit):
    text = f"""{CPU}theorem t for layout in l against any number of a {{
        {READ} retry {{ assert(old & M0); u64 bit = 1ULL << (old & M1 ? 64 : 1); }}
        until (try_cmpxchg64(sptep, &old, 0)); prove that true; }}"""
    found = implicit(text)
    assert (found["asserts hold"], found["every expression is defined"]) == ("refuted", "refuted")


def test_assumptions_of_a_loop_hold_in_each_iteration(of_loop):
    loop = "u64 n; bool b; retry { bool c = any; assume(c); b = c; n = *sptep; } until (n & M1);"
    assert of_loop(loop, "that b") == "proved"


def test_the_scope_names_the_loops_of_program_and_agents(prove):
    agent = "agent b lockless { u64 old = *sptep; retry { } until (try_cmpxchg64(sptep, &old, old | M1)); }"
    (result,) = prove(f"{agent}\ntheorem t for layout in l against any number of b {{ {CLEAR} prove preserves M1; }}")
    assert [each.rsplit(":", 1)[1] for each in result.scope.retries] == ["3", "2"]
    (result,) = prove(f"{agent}\ntheorem t for layout in l {{ *sptep = 1; prove preserves M1; }}")
    assert result.scope.retries == ()


def test_dead_arms_are_those_that_no_iteration_reaches(prove):
    text = f"""{CPU}theorem t for layout in l against any number of a {{
        u64 old = M0; retry {{ if (old == M1) old = old; if (old && !old) old = 1; }}
        until (try_cmpxchg64(sptep, &old, 0)); prove changes nothing; }}"""
    (result,) = prove(text)
    assert [each.split(" ")[1] for each in result.scope.dead_branches] == ["(then)"]


# Agents ------------------------------------------------------------------------------------------------------

TWO_READS = "u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep);"
SET_M1 = "u64 old = *sptep; retry { if (!(old & M0)) return; } until (try_cmpxchg64(sptep, &old, old | M1));"
STALE = "u64 old = *sptep; if (!(old & M0)) return; retry { } until (try_cmpxchg64(sptep, &old, old | M1));"
TAKE = "u64 old; retry { old = xchg(sptep, M3); } until (old != M3);"
MOVES = "u64 old; retry { old = xchg(sptep, M3); } until (old & M2);"
COUNTS = "u64 n = 0; retry { n += 1; if (n == 3) *sptep = 0; } until (!test_bit(0, sptep));"


@pytest.mark.parametrize(
    "program, claim, expected",
    [
        (SET_M1, "ensures x == y || y == (x | M1)", "proved"),
        (SET_M1, "ensures x & M0 || x == y", "proved"),
        (SET_M1, "ensures x == y", "refuted"),
        (STALE, "ensures x & M0 || x == y", "refuted"),
        (TAKE, "ensures x == y || y == M3", "proved"),
        (TAKE, "ensures x == y", "refuted"),
        (MOVES, "ensures x == y || y == M3", "unknown"),
        (MOVES, "ensures x == y", "refuted"),
        (COUNTS, "ensures x == y", "unknown"),
    ],
)
def test_an_agent_may_retry(of_body, program, claim, expected):
    assert of_body(TWO_READS, claim, "any number of b", f"agent b lockless {{ {program} }}") == expected


def test_an_agent_named_like_the_iteration_on_trial_is_no_trial(of_body):
    program = "u64 n = any; retry { u64 m = any; n = m; } until (n == 1); if (n == 2) *sptep = 0;"
    assert (
        of_body(TWO_READS, "ensures x == y", "any number of trial", f"agent trial lockless {{ {program} }}") == "proved"
    )


# What is not decided -----------------------------------------------------------------------------------------


def test_calls_that_retry_are_not_compared(prove):
    helpers = """
        helper one() { u64 old = *sptep; retry { } until (try_cmpxchg64(sptep, &old, 0)); }
        helper two() { u64 old = *sptep; *sptep = 0; }"""
    (result,) = prove(f"{helpers} lemma t for layout in l {{ prove equivalent one(), two(); }}")
    assert result.verdict == "unknown"
    assert "retry" in result.reason


def test_verdicts_of_several_placements_name_a_loop_once():
    text = f"layout l {{ A = some bit; }} theorem t {{ {READ} retry {{ }} until (try_cmpxchg64(sptep, &old, old | A)); prove changes only A; }}"
    (result,) = [each for each in prove_text(text).results if not each.implicit]
    assert (result.verdict, len(result.scope.retries)) == ("proved", 1)


def test_a_truth_and_a_word_that_are_carried_have_names_of_their_own(why):
    body = "u64 old = 0; bool odd = false; retry { odd = !odd; } until (try_cmpxchg64(sptep, &old, old | M0));"
    reason = why(body, "changes only M0")
    assert "leaves in `old`, `odd` matters to the next one" in reason


@pytest.mark.parametrize(
    "body, told",
    [("assert(n != 4); n = n + 1;", "asserts hold"), ("if (n == 4) assert(false); n = n + 1;", "asserts hold"),
     ("bool b = 1ULL << (n == 4 ? 64 : 1); n = n + 1;", "every expression is defined"), ("n = n + 1;", None),
     ("assert(n != 4);", None)],
)  # fmt: skip
def test_what_only_a_later_iteration_breaks_is_told(implicit, body, told):
    text = f"u64 old = *sptep, n = 1; retry {{ {body} }} until (try_cmpxchg64(sptep, &old, old | M0));"
    found = implicit(f"theorem t for layout in l against nobody {{ {text} prove changes nothing expect refuted; }}")
    assert found == ({} if told is None else {told: "unknown"})


PASSING = """
ghost bool g;
agent a lockless {
    step on: when (spte & M0) && !(spte & M1) { g = true; spte &= ~M0; }
    step off: when g && !(spte & M0) { g = false; spte |= M1; }
}
theorem t for layout in l against any number of a {
    u64 o = READ_ONCE(*sptep);
    assume((o & M0) && !(o & M1));
    CLEAR
    u64 x;
    retry { x = READ_ONCE(*sptep); } until (x & M1);
    prove conserves M2 into g;
}
"""


@pytest.mark.parametrize(
    "clear, verdicts",
    [
        ("u64 s = cmpxchg64(sptep, o, o & ~M2);", {"unknown"}),
        ("bool h = g; assume(!h); u64 s = atomic64_fetch_and(~M2, sptep);", {"unknown", "refuted"}),
    ],
)
def test_a_ghost_that_agents_set_for_a_moment_while_a_retry_waits(prove, clear, verdicts):
    """No error of the tool. Where they may have done so before it was cleared, one of two executions that are as short
    loses the bit, and it hangs on the solver's model which is met."""
    (result,) = prove(PASSING.replace("CLEAR", clear))
    assert result.verdict in verdicts and result.reason_id in ("unknown.retry", None)


@pytest.mark.parametrize(
    "against, body, expected",
    [
        ("any number of a", "retry { } until (b);", "unknown"),
        ("any number of a", "retry { if (b) x = READ_ONCE(*sptep); } until (b);", "unknown"),
        ("any number of a", "retry { x = READ_ONCE(*sptep); } until (b);", "refuted"),
        ("any number of a", "retry { if (!b) x = READ_ONCE(*sptep); } until (b);", "refuted"),
        ("any number of set", "retry { x = READ_ONCE(*sptep); } until (b);", "proved"),
        ("any number of set", "retry { if (!b) x = READ_ONCE(*sptep); else x = 0; } until (b);", "proved"),
        ("nobody", "retry { } until (b);", "proved"),
    ],
)
def test_what_others_do_while_a_retry_waits_without_an_event_is_not_known(verdict, against, body, expected):
    """Where `b` is false it never ends, so that no event and no end comes after what they do."""
    agents = "agent a(bool b) lockless { step s: when !b { spte |= M0; } }\n"
    agents += "agent set(bool b) lockless { step s: when b { spte |= M1; } }"
    program = f"u64 x; {body} prove always *sptep & M0 -> start & M0;"
    assert verdict(f"{agents} theorem t(bool b) for layout in l against {against} {{ {program} }}") == expected


def test_agents_that_only_change_what_breaks_an_invariant_do_so_while_a_retry_waits(prove):
    change = "atomic { u64 now = *sptep; if (now & M1) *sptep |= M0; }"
    agent = f"agent a(bool b) lockless {{ u64 old = READ_ONCE(*sptep); if (!b && (old & M1)) {change} }}"
    body = "atomic64_or(M1, sptep); retry { } until (b); prove always *sptep & M0 -> start & M0;"
    text = f"{agent} theorem t(bool b) for layout in l against any number of a {{ {body} }}"
    (result,) = prove(text, layout="layout l { M0 = bit 0; M1 = bit 1; invariant i: !(spte & M1); }\n")
    assert (result.verdict, result.reason_id) == ("unknown", "unknown.retry")
