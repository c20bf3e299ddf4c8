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
