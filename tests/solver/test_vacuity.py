"""What is proved could have happened: hypotheses that hold, and something to speak about."""

import pytest

from spteproof.running.pipeline import prove_text


def test_a_layout_whose_invariants_contradict_each_other_proves_nothing(prove):
    layout = "layout l { M0 = bit 0; invariant a: (spte & M0); invariant b: !(spte & M0); }\n"
    text = "theorem t for layout in l against nobody { *sptep = 0; prove preserves M0; prove ensures after == 0; }"
    assert [each.verdict for each in prove(text, layout=layout)] == ["vacuous", "vacuous"]


@pytest.mark.parametrize(
    "claim, expected",
    [
        ("preserves M0", "vacuous"),
        ("changes nothing", "vacuous"),
        ("resurrects nothing in M0", "vacuous"),
        ("conserves M0 into x", "vacuous"),
        ("refines { x = *sptep; }", "vacuous"),
        ("ensures after == start", "proved"),
        ("always *sptep == start", "proved"),
    ],
)
def test_without_a_write_the_properties_of_events_speak_of_nothing(of_body, claim, expected):
    assert of_body("u64 x = READ_ONCE(*sptep);", claim) == expected


@pytest.mark.parametrize(
    "claim, expected",
    [
        ("conserves M0 into seen", "vacuous"),
        ("conserves exactly M0 into seen", "vacuous"),
        ("refines { atomic64_or(M1, sptep); }", "vacuous"),
        ("ensures after == M1", "vacuous"),
        ("preserves M1", "refuted"),
    ],
)
def test_what_is_judged_at_the_end_needs_an_execution_that_gets_there(of_body, claim, expected):
    body = "u64 old = xchg(sptep, 0), seen = 0; bool b = any; assume(b); assume(!b);"
    assert of_body(body, claim) == expected


def test_a_choice_that_a_late_assumption_forbids_is_vacuous(prove):
    body = "u64 old = xchg(sptep, 0), seen = 0; assume(m == M0); prove conserves M0 into seen;"
    results = prove(f"theorem t(u64 m in {{M0, M1}}) for layout in l against nobody {{ {body} }}")
    assert [each.verdict for each in results] == ["refuted", "vacuous"]


def test_a_write_that_cannot_be_reached_is_no_write(of_body):
    body = "u64 x = READ_ONCE(*sptep); if ((x & M0) && !(x & M0)) { *sptep = 0; }"
    assert of_body(body, "preserves M0") == "vacuous"


def test_a_violation_outweighs_what_cannot_happen(of_body):
    assert of_body("u64 x = READ_ONCE(*sptep); if (x & M0) { *sptep = 0; }", "preserves M0") == "refuted"


def test_branches_that_nothing_reaches_are_named(prove):
    body = "u64 x = READ_ONCE(*sptep); assume(x & M0); if (x & M0) { *sptep = x; } else { *sptep = 0; }"
    (result,) = prove(f"theorem t for layout in l against nobody {{ {body} prove preserves M0; }}")
    (dead,) = result.scope.dead_branches
    assert result.verdict == "proved" and dead.endswith("(else)")


def test_branches_that_are_reached_are_not_named(prove):
    body = "u64 x = READ_ONCE(*sptep); if (x & M0) { *sptep = x; } else { *sptep = M1; }"
    (result,) = prove(f"theorem t for layout in l against nobody {{ {body} prove preserves M0; }}")
    assert result.scope.dead_branches == ()


@pytest.mark.parametrize("mask, untriggered", [("M0", True), ("M1", False)])
def test_bits_that_are_never_cleared_trigger_nothing(prove, mask, untriggered):
    body = f"u64 x = atomic64_fetch_and(~M1, sptep); prove conserves {mask} into x;"
    (result,) = prove(f"theorem t for layout in l against nobody {{ {body} }}")
    assert (result.verdict, result.scope.untriggered) == ("proved", untriggered)


@pytest.mark.parametrize(
    "claim, no_bits",
    [
        ("preserves none", True),
        ("preserves M0 | none except M0", True),
        ("preserves M0 | none", False),
        ("changes only none", True),
        ("changes nothing", False),
        ("changes only ~0ULL", False),
        ("conserves none into x", True),
        ("conserves M0 into x", False),
        ("resurrects nothing in none", True),
        ("preserves x", False),
    ],
)
def test_a_mask_that_holds_no_bit_is_noted(prove, claim, no_bits):
    layout = "layout l { M0 = bit 0; none_here = none; }\n"
    claim = claim.replace("none", "none_here")
    body = f"u64 x = READ_ONCE(*sptep); WRITE_ONCE(*sptep, x); prove {claim};"
    (result,) = prove(f"theorem t for layout in l against nobody {{ {body} }}", layout=layout)
    assert (result.verdict, result.scope.no_bits) == ("proved", no_bits)


def test_a_mask_that_holds_no_bit_is_not_noted_of_what_is_refuted(prove):
    text = "theorem t for layout in l against nobody { *sptep = 0; prove changes only E expect refuted; }"
    (result,) = prove(text, layout="layout l { M0 = bit 0; E = none; }\n")
    assert (result.verdict, result.scope.no_bits) == ("refuted", False)


@pytest.mark.parametrize(
    "claim, no_premise",
    [
        ("ensures false -> after == start", True),
        ("ensures x & M0 -> x & M0", False),
        ("ensures x & M0 -> !(x & M0) -> after == 7", True),
        ("ensures (x & M0 && !(x & M0)) || after == end", False),
        ("that x & ~x -> x == 1", True),
        ("that x -> x", False),
        ("always *sptep & ~*sptep -> start == 1", True),
        ("always *sptep & M0 -> start & M0", False),
        ("always start == 1 && *sptep == 0 -> start", False),
    ],
)
def test_a_premise_that_never_holds_is_noted(prove, claim, no_premise):
    body = f"u64 x = READ_ONCE(*sptep); assume(!(x & M1)); atomic64_and(~M0, sptep); prove {claim};"
    (result,) = prove(f"theorem t for layout in l against nobody {{ {body} }}")
    assert (result.verdict, result.scope.no_premise, result.scope.untriggered) == ("proved", no_premise, False)


def test_a_premise_that_an_agent_alone_makes_true_is_met(prove):
    text = "agent a lockless { step s: { spte |= M1; } } theorem t for layout in l against any number of a "
    text += "{ u64 x = READ_ONCE(*sptep); assume(!(x & M1)); prove ensures end & M1 -> after == x; }"
    (result,) = prove(text)
    assert (result.verdict, result.scope.no_premise) == ("proved", False)


LAYOUTS = "layout l { A = bit 0; D = bit 1; } layout none_d { A = bit 0; D = none; } layout no_d { A = bit 0; }\n"


def test_an_instance_whose_mask_is_none_is_skipped():
    report = prove_text(LAYOUTS + "theorem t(u64 m in {A, D}) for layout in none_d { *sptep = m; prove preserves m; }")
    assert [(each.params["m"], each.verdict) for each in report.results] == [("A", "proved")]
    assert [each.params["m"] for each in report.skipped] == ["D"]


def test_a_layout_that_lacks_a_mask_is_skipped():
    report = prove_text(LAYOUTS + "theorem t for layout in l, no_d { *sptep = D; prove preserves D; }")
    assert [each.layout for each in report.results] == ["l"]
    assert [(each.layout, each.reason) for each in report.skipped] == [("no_d", "`no_d` has no `D`")]


def test_a_layout_may_be_left_out_on_purpose():
    report = prove_text(
        LAYOUTS + "theorem t for layout in l, none_d where layout has D { *sptep = D; prove preserves D; }"
    )
    assert [each.layout for each in report.results] == ["l"]
    assert [each.layout for each in report.skipped] == ["none_d"]


def test_vacuous_is_no_pass_unless_it_is_expected(prove):
    text = "theorem t for layout in l against nobody { u64 x = READ_ONCE(*sptep); prove preserves M0 "
    assert not prove(text + "; }")[0].ok
    assert prove(text + "expect vacuous; }")[0].ok


TOGGLES = "agent z lockless { step s: { spte |= M2; } step t: { spte &= ~M2; } }\n"
LOOP = "u64 n = 0; retry { n += 1; u64 x = *sptep; } until (x & M2); if (n > 2) clear_bit(1, sptep);"
STALE = "agent s lockless { step s: saw spte & M0 { spte |= M2; } }\n"
LATER = "u64 old = *sptep; assume(!(old & M2)); u64 x = *sptep; if (x & M2) clear_bit(1, sptep);"
WAITS = "entry child;\nagent c lockless { step s: when !(spte & M0) && *child & M1 { *child &= ~M1; } }\n"


@pytest.mark.parametrize(
    "before, agent, body, dead",
    [
        (TOGGLES, "z", LOOP, 0),  # one failed iteration does not stand for all
        (STALE, "s", f"{LATER} atomic64_or(M0, sptep);", 0),  # the invariants are not kept, so that it may have seen M0
        (STALE, "s", f"{LATER} atomic64_or(M1, sptep);", 1),
        (WAITS, "c", "WRITE_ONCE(*sptep, 0); u64 x = *child; u64 y = *sptep; if (y) clear_bit(1, sptep);", 0),
    ],
)
def test_no_branch_is_called_dead_where_executions_may_be_missing(before, agent, body, dead):
    layout = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; invariant i: !(spte & M0); }\n"
    text = f"{layout}{before}theorem t against any number of {agent} {{ {body} prove changes only M0 | M1; }}"
    assert all(len(each.scope.dead_branches) == dead for each in prove_text(text).results)


@pytest.mark.parametrize("sets, idle", [("M0", ()), ("M1", ("a",))])
def test_an_agent_that_changes_valid_values_never_is_idle_where_all_are_valid(sets, idle):
    text = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; invariant i: !(spte & M0); }\n"
    text += "agent a lockless { step s: when spte & M0 { spte |= M2; } }\n"
    text += f"theorem t against any number of a {{ atomic64_or({sets}, sptep); prove changes only {sets}; }}"
    assert {each.scope.idle_agents for each in prove_text(text).results} == {idle}
