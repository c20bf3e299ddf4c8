"""What agents may do: steps that set and clear, decisions on earlier values, programs, relations, ghosts."""

import pytest

from spteproof.running.pipeline import prove_text

TWO_READS = "u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep);"
THREE_READS = TWO_READS + " u64 z = READ_ONCE(*sptep);"


def theorem(agents, body, claim, uses=None, parameters=""):
    names = uses or ", ".join(line.split()[1].split("(")[0] for line in agents.splitlines() if line.startswith("agent"))
    return f"{agents}\ntheorem t{parameters} for layout in l against any number of {names} {{ {body} prove {claim}; }}"


@pytest.mark.parametrize(
    "step, claim, expected",
    [
        ("step s: { spte &= ~M0; }", "ensures (y & M0) -> (x & M0)", "proved"),
        ("step s: { spte &= ~M0; }", "ensures (x & M0) -> (y & M0)", "refuted"),
        ("step s: when (spte & M0) { spte ^= M1; }", "ensures (x & M0) || x == y", "proved"),
        ("step s: when (spte & M0) { spte ^= M1; }", "ensures x == y", "refuted"),
        ("step s: saw (spte & M0) { spte ^= M1; }", "ensures (x & M0) || x == y", "refuted"),
        ("step s: when (spte & M2) saw (spte & M0) { spte ^= M1; }", "ensures (x & M2) || x == y", "proved"),
        ("step s: saw 0 == 1 { spte ^= M1; }", "ensures x == y", "proved"),
        ("step s: saw (spte & M0) && !(spte & M0) { spte ^= M1; }", "ensures x == y", "proved"),
        ("step s(u64 m): { spte |= m & M1; }", "ensures (x | M1) == (y | M1)", "proved"),
        ("step s(u64 m): { spte |= m & M1; }", "ensures x == y", "refuted"),
        ("step s: { spte = (spte & ~3ULL) | ((spte + 1) & 3); }", "ensures x != 5 || y != 4", "refuted"),
        ("step s: { spte = (spte & ~3ULL) | ((spte + 1) & 3); }", "ensures x != 5 || y != 9", "proved"),
        ("step s(bool b, int n): { if (b && n == 3) spte |= M1; }", "ensures (x | M1) == (y | M1)", "proved"),
        ("step s(int n): { spte = n; }", "ensures y == x || ((y >> 40) & 1) == ((y >> 41) & 1)", "proved"),
        ("step s(int n): { spte = n; }", "ensures y == x || ((y >> 30) & 1) == ((y >> 31) & 1)", "refuted"),
        ("step s: { if (spte & M0) { spte &= ~M0; } else { spte |= M1; } }", "ensures (x ^ y) & M2", "refuted"),
        ("step s: { if (spte & M0) { spte &= ~M0; } else { spte |= M1; } }", "ensures !((x ^ y) & M2)", "proved"),
    ],
)
def test_a_step_changes_what_it_says_when_it_says(verdict, step, claim, expected):
    assert verdict(theorem(f"agent a lockless {{ {step} }}", TWO_READS, claim)) == expected


def test_each_run_of_a_step_chooses_its_parameters_and_what_it_saw_anew(verdict):
    agent = "agent a lockless { step s(u64 seen): saw spte == 0 { spte = seen; } }"
    assert verdict(theorem(agent, THREE_READS, "ensures x == y || y == z || x == z")) == "refuted"


@pytest.mark.parametrize(
    "program, claim, expected",
    [
        ("u64 old = READ_ONCE(*sptep); bool b = try_cmpxchg64(sptep, &old, old | M1);", "ensures x == y", "refuted"),
        (
            "u64 old = READ_ONCE(*sptep); if (!(old & M0)) return; bool b = try_cmpxchg64(sptep, &old, old | M1);",
            "ensures (x & M0) || x == y",
            "proved",
        ),
        (
            "u64 old = READ_ONCE(*sptep); if (!(old & M0)) return; atomic64_or(M1, sptep);",
            "ensures (x & M0) || x == y",
            "refuted",
        ),
        (
            "u64 old = READ_ONCE(*sptep); if (!(old & M0)) return; atomic64_or(M1, sptep);",
            "ensures (x | M1) == (y | M1)",
            "proved",
        ),
        ("u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old | M1);", "ensures (x | M1) == (y | M1)", "refuted"),
        ("u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old | M1);", "ensures x == y || (y & M1)", "proved"),
        ("u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~M1);", "ensures x == y || (y & M1)", "refuted"),
        (
            "u64 was = atomic64_fetch_and(~M0, sptep); if (was & M0) atomic64_or(M1, sptep);",
            "ensures (x & (M0 | M1)) || x == y",
            "refuted",
        ),
        (
            "u64 old = READ_ONCE(*sptep), new = old | M1; if (try_cmpxchg64(sptep, &old, new)) return;"
            "bool b = try_cmpxchg64(sptep, &old, old | M2);",
            "ensures (x | M1 | M2) == (y | M1 | M2)",
            "proved",
        ),
        (
            "u64 old = READ_ONCE(*sptep), new = old | M1; if (try_cmpxchg64(sptep, &old, new)) return;"
            "bool b = try_cmpxchg64(sptep, &old, old | M2);",
            "ensures (x | M1) == (y | M1)",
            "refuted",
        ),
        (
            "u64 old = READ_ONCE(*sptep); old &= ~M0; bool b = try_cmpxchg64(sptep, &old, 0);",
            "ensures x == y",
            "refuted",
        ),
        ("bool w = any; if (w) { atomic64_or(M1, sptep); }", "ensures x == y", "refuted"),
        ("int n = any; WRITE_ONCE(*sptep, n);", "ensures y == x || ((y >> 40) & 1) == ((y >> 41) & 1)", "proved"),
        ("u64 old = READ_ONCE(*sptep); if (old & M0) { if (!(old & M0)) { *sptep = 0; } }", "ensures x == y", "proved"),
    ],
)
def test_a_program_may_act_on_what_it_read_earlier(verdict, program, claim, expected):
    assert verdict(theorem(f"agent a lockless {{ {program} }}", TWO_READS, claim)) == expected


GHOST = "ghost bool flag;\n"


@pytest.mark.parametrize(
    "agents, claim, expected",
    [
        ("agent a lockless { step s: when flag { spte ^= M0; } }", "ensures x == y", "refuted"),
        ("agent a lockless { step s: when flag && !flag { spte ^= M0; } }", "ensures x == y", "proved"),
        ("agent a lockless { step s: { flag = true; spte |= M0; } }", "always flag || *sptep == start", "proved"),
        (
            "agent a lockless { step s: { flag = true; } step u: { spte |= M0; } }",
            "always flag || *sptep == start",
            "refuted",
        ),
        ("agent a lockless { if (flag) atomic64_or(M0, sptep); }", "ensures x == y", "refuted"),
        (
            "agent a lockless { u64 o = READ_ONCE(*sptep); if (flag) { atomic64_or(M0, sptep); }"
            " else { atomic64_or(M1, sptep); } }",
            "ensures ((x | y) & (M0 | M1)) != (M0 | M1) || (x & (M0 | M1))",
            "refuted",
        ),
        (
            "agent a lockless { bool b; atomic { b = flag; if (b) atomic64_or(M0, sptep); } }",
            "ensures x == y",
            "refuted",
        ),
    ],
)
def test_agents_read_and_write_ghosts(verdict, agents, claim, expected):
    assert verdict(GHOST + theorem(agents, TWO_READS, claim)) == expected


def test_a_step_waits_for_a_ghost_that_nobody_sets(verdict):
    agents = "agent a lockless { step s: when flag { spte ^= M0; } }"
    body = "flag = false; " + TWO_READS
    assert verdict(GHOST + theorem(agents, body, "ensures x == y")) == "proved"


def test_a_program_may_have_read_a_ghost_before_it_changed(verdict):
    agents = "agent a lockless { u64 o = READ_ONCE(*sptep); if (flag) atomic64_or(M0, sptep); }"
    body = "flag = false; " + TWO_READS
    assert verdict(GHOST + theorem(agents, body, "ensures x == y")) == "refuted"


def test_an_atomic_block_of_a_program_reads_the_ghost_as_it_is(verdict):
    agents = "agent a lockless { atomic { if (flag) atomic64_or(M0, sptep); } }"
    body = "flag = false; " + TWO_READS
    assert verdict(GHOST + theorem(agents, body, "ensures x == y")) == "proved"


@pytest.mark.parametrize("name", ["p", "c", "entry", "env0", "any0", "n7", "t15", "cost", "blame", "before"])
def test_a_parameter_may_have_any_name(verdict, name):
    agents = f"agent a(u64 {name}) lockless {{ step s: when ({name} & M0) {{ spte |= {name}; }} }}"
    claim = f"ensures (x | {name}) == (y | {name})"
    assert verdict(theorem(agents, TWO_READS, claim, f"a({name})", f"(u64 {name})")) == "proved"
    claim = f"ensures start == {name} || x == y"
    assert verdict(theorem(agents, TWO_READS, claim, f"a({name})", f"(u64 {name})")) == "refuted"


def test_a_parameter_that_is_called_start_is_not_the_start_value(verdict):
    text = "theorem t(u64 start) for layout in l against nobody { WRITE_ONCE(*sptep, start); prove changes nothing; }"
    assert verdict(text) == "refuted"


@pytest.mark.parametrize(
    "use, claim, expected",
    [
        ("a(m)", "ensures (x | m) == (y | m)", "proved"),
        ("a(m)", "ensures x == y", "refuted"),
        ("a(m)", "ensures (m & M0) || x == y", "proved"),
        ("a(m & M1)", "ensures x == y", "proved"),
        ("a(m | M0)", "ensures (m & M0) || x == y", "refuted"),
        ("a", "ensures (m & M0) || x == y", "proved"),
    ],
)
def test_an_agent_is_bound_to_the_parameters_of_the_theorem(verdict, use, claim, expected):
    agents = "agent a(u64 m) lockless { step s: when (m & M0) && (spte & m) { spte |= m; } }"
    assert verdict(theorem(agents, TWO_READS, claim, use, "(u64 m)")) == expected


def test_an_agent_that_changes_nothing_is_idle(prove):
    agents = "agent a lockless { step s: when (spte & M0) && !(spte & M0) { spte = 0; } }\n"
    agents += "agent b lockless { step s: { spte |= M1; } }"
    (result,) = prove(theorem(agents, TWO_READS, "ensures x == y"))
    assert result.scope.idle_agents == ("a",)


INVARIANT = "layout l { M0 = bit 0; M1 = bit 1; invariant i: !(spte & M0); }\n"


def results(text):
    return {each.property: each.verdict for each in prove_text(text).results}


def test_an_agent_that_breaks_an_invariant_is_found():
    agents = "agent a lockless { step s: { spte |= M0; } }"
    assert results(INVARIANT + theorem(agents, TWO_READS, "ensures (x & ~M0) == (y & ~M0)")) == {
        "ensures (x & ~M0) == (y & ~M0)": "proved",
        "keeps invariants": "refuted",
    }


def test_what_rests_on_an_invariant_that_is_not_kept_is_unknown():
    agents = "agent a lockless { step s: saw (spte & M0) { spte |= M1; } }"
    body = "atomic64_or(M0, sptep); " + TWO_READS
    found = results(INVARIANT + theorem(agents, body, "ensures x == y"))
    assert found == {"ensures x == y": "unknown", "keeps invariants": "refuted"}


@pytest.mark.parametrize("first, then", [("old", "b"), ("b", "old")])
def test_an_agent_that_read_what_breaks_an_invariant_did_so_since_the_theorem_began(first, then):
    """So that what it read later can be nothing from before that."""
    reads = f"u64 {first} = READ_ONCE(*sptep), {then} = READ_ONCE(*sptep);"
    change = "if ((old & M0) && !(b & M0)) { u64 x = cmpxchg64(sptep, old, old | M1); }"
    program = "atomic64_or(M0, sptep); u64 x = READ_ONCE(*sptep);"
    claim = "ensures (start & M1) || !(end & M1)"
    found = results(INVARIANT + theorem(f"agent a lockless {{ {reads} {change} }}", program, claim))
    assert found == {claim: "unknown" if first == "old" else "refuted", "keeps invariants": "refuted"}


def test_what_rests_on_an_invariant_that_is_kept_is_proved():
    agents = "agent a lockless { step s: saw (spte & M0) { spte |= M1; } }"
    found = results(INVARIANT + theorem(agents, TWO_READS, "ensures x == y"))
    assert found == {"ensures x == y": "proved", "keeps invariants": "proved"}


@pytest.mark.parametrize(
    "agent, sound",
    [
        ("u64 old = READ_ONCE(*sptep); assert(old & M0); atomic64_or(M1, sptep);", False),
        ("u64 old = READ_ONCE(*sptep); if (old & M0) { assert(old & M0); atomic64_or(M1, sptep); }", True),
        ("step s: { if ((1ULL << (spte & 63)) & M2) spte |= M1; }", True),
        ("step s: { if ((1ULL << (spte & 64)) & M2) spte |= M1; }", False),
        ("step s: when !(spte & 64) { if ((1ULL << (spte & 64)) & M2) spte |= M1; }", True),
    ],
)
def test_an_agent_that_may_warn_or_be_undefined_is_not_sound(implicit, agent, sound):
    found = implicit(theorem(f"agent a lockless {{ {agent} }}", TWO_READS, "ensures x == x"))
    assert found.get("agents are sound") == (None if sound else "unknown")


@pytest.mark.parametrize(
    "counted, asserted, sound",
    [
        ("n = n + 1;", "assert(n < 4);", False),
        ("n = n + 1;", "if (n == 4) assert(false);", False),
        ("n = n + 1;", "", True),
        ("", "assert(n < 4);", True),
    ],
)
def test_what_an_agent_asserts_after_many_failed_iterations_is_not_known(implicit, counted, asserted, sound):
    agent = f"""agent still lockless {{ u64 x = *sptep; retry {{ }} until (try_cmpxchg64(sptep, &x, x)); }}
        agent a lockless {{ u64 old = *sptep, n = 1; retry {{ u64 y = *sptep; }} until (y & M1);
        retry {{ {asserted} {counted} }} until (try_cmpxchg64(sptep, &old, old | M1)); }}"""
    text = theorem(agent, TWO_READS, "ensures x == y expect refuted", "still, a")
    assert implicit(text).get("agents are sound") == (None if sound else "unknown")


@pytest.mark.parametrize(
    "agent, other", [("ghost", "ghost u64 found0; "), ("parameter", ""), ("start", "ghost bool found0; ")]
)
def test_an_agent_may_be_called_like_what_the_tool_makes(agent, other):
    text = (
        f"layout one {{ W = bit 1; }} {other}"
        f"agent {agent} lockless {{ u64 old = READ_ONCE(*sptep); if (old & W) WRITE_ONCE(*sptep, old); }}"
        f"theorem t({'' if other else 'u64 found0'}) against any number of {agent} {{"
        " u64 g = found0; assume(!g); u64 a = READ_ONCE(*sptep), b = READ_ONCE(*sptep);"
        " prove ensures !(a & W) -> !(b & W); prove ensures a & W || !(b & ~W) || a == b || (b & W); }"
    )
    assert [each.verdict for each in prove_text(text).results if not each.implicit] == ["refuted", "proved"]


@pytest.mark.parametrize("given, sound", [("x", False), ("x | M0", True), ("M0", True), ("M1", False)])
def test_an_assert_that_an_agents_argument_reaches_must_hold(implicit, given, sound):
    text = "function odd(u64 x) -> u64 { assert(x & M0); return x; }\nagent adds(u64 m) lockless { step s: { spte |= m; } }\n"
    text += f"theorem t(u64 x) for layout in l against any number of adds(odd({given})) {{ prove ensures !(start & ~end); }}"
    assert implicit(text).get("agents are sound") == (None if sound else "unknown")


@pytest.mark.parametrize("keeps, sound", [("atomic64_or(M0, sptep);", False), ("atomic64_or(M1, sptep);", True)])
@pytest.mark.parametrize("guard", ["warns(spte)", "spte & 1ULL << (spte & M0 ? 70 : 1)"])
def test_an_agent_may_warn_or_be_undefined_where_the_invariants_are_not_kept(implicit, guard, keeps, sound):
    layout = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; invariant i: !(spte & M0); }\n"
    text = "predicate warns(u64 x) { assert(!(x & M0)); return x & M1; }\n"
    text += f"agent a lockless {{ step s: when {guard} {{ spte |= M2; }} }}\n"
    text += f"theorem t for layout in l against any number of a {{ {keeps} prove ensures true; }}"
    found = implicit(text, layout=layout)
    assert found.get("agents are sound") == (None if sound else "unknown")
    assert found["keeps invariants"] == ("proved" if sound else "refuted")


STRAYS = """
agent breaker lockless { step s: { spte |= M1; } }
agent seer lockless { u64 old = READ_ONCE(*sptep); if (old & M1) atomic64_or(M2, sptep); }
"""


@pytest.mark.parametrize("body", ["assume(v & M2); *sptep = 0;", "if (v & M2) *sptep = 0;"])
def test_what_never_happens_rests_on_invariants_too(prove, body):
    layout = "layout l { M1 = bit 1; M2 = bit 2; invariant none: !(spte & (M1 | M2)); }\n"
    text = f"{STRAYS}theorem t against any number of breaker, seer {{ u64 v = *sptep; {body} prove preserves M2; }}"
    (result,) = prove(text, layout=layout)
    assert (result.verdict, result.reason_id) == ("unknown", "unknown.invariants")
