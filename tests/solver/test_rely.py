"""An author's rely is checked, and what rests on one that is too weak is unknown."""

import pytest

AGENT = "agent sets lockless { step s: when (spte & M0) { spte |= M1; } }"


def proved(prove, rely, claim, body="u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep);", agent=AGENT):
    text = f"{agent} theorem t for layout in l against any number of sets rely {rely} {{ {body} prove {claim}; }}"
    (result,) = prove(text)
    return result.verdict, result.reason


@pytest.mark.parametrize(
    "rely, reason",
    [
        ("after == (before | M1)", "the rely is not reflexive"),
        ("0 == 1", "the rely is not reflexive"),
        ("before == after || (before | M2) == after", "the rely does not contain every step of the agents"),
        ("before == after", "the rely does not contain every step of the agents"),
        (
            "(before & M3) == (after & M3) || (before & M2) == (after & M2) || (before & M1) == (after & M1)",
            "the rely is not transitive",
        ),
    ],
)
def test_a_rely_that_is_no_closure_gives_unknown(prove, rely, reason):
    assert proved(prove, rely, "ensures (x & M2) == (y & M2)") == ("unknown", reason)


def test_a_rely_that_is_right_proves(prove):
    rely = "(before & ~M1) == (after & ~M1)"
    assert proved(prove, rely, "ensures (x & M2) == (y & M2)") == ("proved", None)


def test_a_rely_that_is_right_does_not_hinder_a_counterexample(prove):
    rely = "before == after || ((before & M0) && after == (before | M1))"
    assert proved(prove, rely, "ensures x == y")[0] == "refuted"


def test_a_rely_that_is_too_weak_is_said_to_be(prove):
    verdict, reason = proved(prove, "true", "ensures (x & M2) == (y & M2)")
    assert verdict == "unknown" and reason.startswith("rely too weak")


def test_a_rely_that_is_too_weak_for_a_further_entry_names_it(prove):
    text = """entry parent;
        agent sets lockless { step s: { spte |= M0; } }
        theorem t for layout in l against any number of sets, sets on parent rely true {
            u64 x = READ_ONCE(*parent);
            u64 y = READ_ONCE(*parent);
            prove ensures (y & x) == x;
        }"""
    (reason,) = [each.reason for each in prove(text)]
    assert "lead parent from 0x0000000000000001 to 0x0000000000000000" in reason


def test_a_rely_may_speak_of_parameters(prove):
    text = """agent sets(u64 m) lockless { step s: { spte |= m; } }
        theorem t(u64 m) for layout in l against any number of sets rely (before & ~m) == (after & ~m)
        { u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep); prove ensures (x & ~m) == (y & ~m); }"""
    assert prove(text)[0].verdict == "proved"


def test_a_rely_leaves_ghosts_alone_that_no_agent_writes(prove):
    agent = "ghost bool flag; " + AGENT
    assert proved(prove, "true", "ensures flag", "flag = true; *sptep = 0;", agent) == ("proved", None)


def test_a_rely_lets_ghosts_change_that_an_agent_writes(prove):
    agent = "ghost bool flag; agent sets lockless { step s: { flag = false; } }"
    assert proved(prove, "before == after", "ensures flag", "flag = true; *sptep = 0;", agent)[0] == "refuted"


CHANGED = "u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep); assume((x ^ y) == {}); atomic64_or(M2, sptep);"
WIDE = "(before & ~(M1 | M3)) == (after & ~(M1 | M3))"
NOT_SHOWN = "rely too weak: no steps of the agents are shown that lead to what it speaks of"


@pytest.mark.parametrize("claim", ["changes only M2", "that x != y", "ensures end & M2"])
def test_what_only_the_rely_lets_happen_proves_nothing(prove, claim):
    assert proved(prove, WIDE, claim, CHANGED.format("M3")) == ("unknown", NOT_SHOWN)
    assert proved(prove, WIDE, claim, CHANGED.format("M1")) == ("proved", None)


@pytest.mark.parametrize("count, verdict", [(1, "proved"), (3, "proved"), (4, "unknown")])
def test_so_many_steps_are_tried_in_each_gap(prove, count, verdict):
    agent = "agent sets lockless { step s(u64 n): when n < 64 && spte < 4 { spte += 1; } }"
    body = f"u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep); assume(x + {count} == y);"
    assert proved(prove, "before <= after", "that x <= y", body, agent)[0] == verdict


def test_steps_are_those_of_each_choice(prove):
    body = CHANGED.format("m").replace("== m", "== m || (x ^ y) == M3")
    text = f"""{AGENT} theorem t(u64 m in {{M1, M2}}) for layout in l against any number of sets rely {WIDE}
        {{ {body} prove changes only M2; prove that x != y; }}"""
    assert [each.verdict for each in prove(text)] == ["proved", "proved", "unknown", "unknown"]


def test_steps_change_and_read_ghosts(prove):
    agent = """ghost bool flag; ghost bool armed;
        agent sets lockless { step arm: { armed = true; } step s: when armed && !flag { spte |= M1; } }"""
    body = "{} u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep); assume(x != y); *sptep = M2;"
    verdicts = [proved(prove, WIDE, "that x != y", body.format(set), agent)[0] for set in ("", "flag = true;")]
    assert verdicts == ["proved", "unknown"]


@pytest.mark.parametrize("value, verdict", [("M3", "unknown"), ("0", "proved")])
def test_an_equivalence_that_only_the_rely_lets_happen_is_not_known(prove, value, verdict):
    helpers = "helper f() { *sptep = 0; } helper g() { *sptep = 0; } "
    body = f"u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep); assume((x ^ y) == {value});"
    assert proved(prove, WIDE, "equivalent f(), g()", body, helpers + AGENT)[0] == verdict


def test_each_step_that_leads_there_has_inputs_of_its_own(prove):
    agent = "agent sets lockless { step s(bool b): { if (b) { spte |= M1; } else { spte |= M2; } } }"
    body = (
        "u64 x = READ_ONCE(*sptep); assume(!(x & (M1 | M2))); u64 y = READ_ONCE(*sptep); assume((y & M1) && (y & M2));"
    )
    assert proved(prove, "(before & ~after) == 0", "ensures (y & M1)", body, agent) == ("proved", None)


@pytest.mark.parametrize(
    "body, claim, losing",
    [
        ("u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep);", "ensures x == y", ()),
        ("u64 x = READ_ONCE(*sptep); WRITE_ONCE(*sptep, x & ~M2);", "preserves M1 | M3", ("M1", "M3")),
        ("u64 x = READ_ONCE(*sptep); WRITE_ONCE(*sptep, x & ~M2);", "preserves M1", ("M1",)),
    ],
)
def test_of_what_a_weak_rely_allows_an_execution_is_shown_that_agents_make(prove, body, claim, losing):
    agent = "agent sets lockless { step s: when spte & M0 { spte |= M1; } step t: when spte & M2 { spte |= M3; } }"
    text = f"{agent} theorem t for layout in l against any number of sets rely true {{ {body} prove {claim} expect refuted; }}"
    (result,) = prove(text)
    assert (result.verdict, result.losing) == ("refuted", losing)
    assert result.counterexample.environment_steps == 1


def test_bits_that_are_lost_at_once_are_shown_lost_by_steps_under_a_weak_rely(prove):
    agent = "agent sets lockless { step s: when spte & M0 { spte |= M1 | M3; } }"
    body = "u64 x = READ_ONCE(*sptep); WRITE_ONCE(*sptep, x & ~M2); prove preserves M1 | M3 expect refuted losing { M1, M3 };"
    (result,) = prove(f"{agent} theorem t for layout in l against any number of sets rely true {{ {body} }}")
    assert (result.verdict, result.ok) == ("refuted", True)


def test_a_bit_that_only_a_weak_rely_loses_is_never_said_to_be_lost(prove):
    """No more than the first eight bits have a counterexample that is shown; the others count once they are replayed."""
    agent = "agent idles lockless { step s: when spte & M1 { spte |= M1; } }"
    body = "u64 x = READ_ONCE(*sptep); WRITE_ONCE(*sptep, x & ~(M0 | M3 << 28)); prove preserves ~0ULL;"
    rely = "((before ^ after) & (M0 | M3 << 28)) == 0"
    (result,) = prove(f"{agent} theorem t for layout in l against any number of idles rely {rely} {{ {body} }}")
    assert (result.verdict, set(result.losing)) == ("refuted", {"M0", "b31"})
