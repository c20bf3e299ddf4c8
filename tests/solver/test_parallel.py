"""Threads against each other and against agents: every order counts, and only what an order really gives."""

from dataclasses import replace

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver import counterexamples, decision, judgement
from spteproof.solver.doubts import TooBig
from spteproof.solver.execution import execution
from spteproof.solver.happenings import Event, State
from spteproof.solver.schedules import schedules
from spteproof.solver.terms import Terms
from spteproof.solver.witness import Refused, has_breach, replay

SETS = "agent sets lockless { step s: { spte |= M1; } }\n"
FLIPS = "agent flips lockless { step s: { spte ^= M1; } }\n"
GHOST = "ghost bool flag;\n"


@pytest.fixture
def of_threads(verdict):
    """The verdict on one property of two threads that have the locals `a` and `b`, and after them."""

    def call(left, right, claim, against="nobody", before="", after=""):
        threads = f"parallel {{ thread l {{ {left} }} thread r {{ {right} }} }}"
        return globals_of(verdict, f"u64 a = 0, b = 0; {threads} {after} prove {claim};", against, before)

    return call


def globals_of(verdict, body, against, before):
    return verdict(f"{before}theorem t for layout in l against {against} {{ {body} }}")


@pytest.mark.parametrize(
    "left, right, claim, expected",
    [
        ("a = xchg(sptep, 0);", "b = xchg(sptep, 0);", "that !(a && b)", "proved"),
        ("a = READ_ONCE(*sptep); *sptep = 0;", "b = xchg(sptep, 0);", "that !(a && b)", "refuted"),
        ("a = xchg(sptep, 0);", "b = xchg(sptep, 0);", "ensures start == (a | b)", "proved"),
        ("a = atomic64_fetch_or(M0, sptep);", "b = atomic64_fetch_or(M0, sptep);", "that a & M0 || b & M0", "proved"),
        ("a = atomic64_fetch_or(M0, sptep);", "b = atomic64_fetch_or(M0, sptep);", "that a & M0", "refuted"),
        ("atomic64_or(M0, sptep);", "atomic64_or(M1, sptep);", "ensures end & M0 && end & M1", "proved"),
        ("*sptep |= M0;", "atomic64_or(M1, sptep);", "ensures end & M0 && end & M1", "refuted"),
        ("clear_bit(0, sptep);", "__clear_bit(1, sptep);", "ensures !(end & M0)", "refuted"),
        ("*sptep = M0;", "*sptep = M1;", "ensures end == M0 || end == M1", "proved"),
        ("*sptep = M0;", "*sptep = M1;", "ensures end == M1", "refuted"),
        ("*sptep = M0;", "*sptep = M1;", "ensures after == end", "proved"),
        ("a = READ_ONCE(*sptep);", "b = READ_ONCE(*sptep);", "that a == b", "proved"),
        ("a = READ_ONCE(*sptep);", "b = READ_ONCE(*sptep);", "changes nothing", "vacuous"),
        ("a = xchg(sptep, 0);", "if (b) *sptep = M0;", "ensures end == 0", "proved"),
    ],
)
def test_what_threads_can_do_to_each_other(of_threads, left, right, claim, expected):
    assert of_threads(left, right, claim) == expected


def test_between_the_events_of_two_threads_the_agents_run(of_threads):
    threads = "a = xchg(sptep, 0);", "b = xchg(sptep, 0);"
    assert of_threads(*threads, "that !(a && b)", "any number of sets", SETS) == "refuted"
    assert of_threads(*threads, "that !(a & M0 && b & M0)", "any number of sets", SETS) == "proved"


def test_two_reads_have_an_order_where_agents_run_between_them(of_threads):
    reads = "a = READ_ONCE(*sptep);", "b = READ_ONCE(*sptep);"
    for claim in ("that (a & M1) -> (b & M1)", "that (b & M1) -> (a & M1)"):
        assert of_threads(*reads, claim, "any number of sets", SETS) == "refuted"
        assert of_threads(*reads, claim, "nobody", SETS) == "proved"
    assert of_threads(*reads, "that (a & ~M1) == (b & ~M1)", "any number of flips", FLIPS) == "proved"


def test_an_agent_that_changes_nothing_here_hides_no_order(of_threads):
    idle = "agent idle lockless { step s: when false { spte |= M1; } }\n"
    claim = "that (a & M0) -> !(b & M0)"
    threads = "a = READ_ONCE(*sptep);", "b = READ_ONCE(*sptep); *sptep = 0;"
    assert of_threads(*threads, claim, "any number of idle", idle) == "refuted"
    assert of_threads(*threads, "that (a & ~b) == 0", "any number of idle", idle) == "proved"


def test_what_a_thread_clears_is_handed_on_by_either(of_threads):
    threads = "a = xchg(sptep, 0);", "b = xchg(sptep, 0);"
    assert of_threads(*threads, "conserves M0 into a") == "refuted"
    assert of_threads(*threads, "conserves M0 into both", after="u64 both = a | b;") == "proved"
    assert of_threads(*threads, "conserves exactly M0 into both", after="u64 both = a | b;") == "proved"


def test_a_ghost_is_shared_by_threads(of_threads):
    assert of_threads("flag = true; a = flag;", "flag = false;", "that a", before=GHOST) == "refuted"
    assert of_threads("atomic { flag = true; a = flag; }", "flag = false;", "that a", before=GHOST) == "proved"
    assert of_threads("flag = false;", "b = flag;", "ensures b -> flag", before=GHOST) == "refuted"
    assert of_threads("flag = true;", "b = flag;", "ensures b -> flag", before=GHOST) == "proved"
    assert of_threads("flag = true;", "b = flag;", "ensures flag", before=GHOST) == "proved"
    both = "atomic { *sptep = M0; flag = true; }", "atomic { *sptep = 0; flag = false; }"
    assert of_threads(*both, "ensures flag == (end == M0)", before=GHOST) == "proved"
    assert of_threads("flag = true; *sptep = M0;", both[1], "ensures end == M0 -> flag", before=GHOST) == "refuted"


def test_a_ghost_that_no_agent_touches_passes_through_their_steps(of_threads):
    threads = "flag = true; a = READ_ONCE(*sptep);", "b = READ_ONCE(*sptep);"
    assert of_threads(*threads, "ensures flag", "any number of sets", GHOST + SETS) == "proved"


def test_asserts_of_threads_are_proved_in_every_order(implicit):
    text = "theorem t for layout in l {{ parallel {{ thread l {{ u64 a = xchg(sptep, M0); assert({}); }} "
    text += "thread r {{ atomic64_or(M1, sptep); }} }} prove preserves 0; }}"
    start = "layout l { M0 = bit 0; M1 = bit 1; invariant i: !(spte & M1); }\n"
    assert implicit(text.format("!(a & M0)"))["asserts hold"] == "refuted"
    assert implicit(text.format("!(a & M1)"), layout=start)["asserts hold"] == "refuted"
    assert implicit(text.format("a == a"), layout=start).get("asserts hold") in (None, "proved")


def test_statements_before_and_after_run_alone(verdict):
    text = "theorem t for layout in l { u64 s = xchg(sptep, 0), a = 0, b = 0; parallel { "
    text += "thread l { a = xchg(sptep, M0); } thread r { b = xchg(sptep, M0); } } u64 e = xchg(sptep, s); "
    assert verdict(text + "prove that e == M0 && (a | b) == M0; }") == "proved"
    assert verdict(text + "prove ensures end == start; }") == "proved"
    assert verdict(text + "prove that a == 0; }") == "refuted"


def test_too_many_orders_are_unknown_and_never_a_pass(prove):
    reads = "a ^= READ_ONCE(*sptep); " * 5
    writes = "b = xchg(sptep, b); " * 6
    text = (
        f"theorem t for layout in l {{ u64 a = 0, b = 0; parallel {{ thread l {{ {reads} }} thread r {{ {writes} }} }}"
    )
    (result,) = prove(text + " prove that true; }")
    assert result.verdict == "unknown" and "orders" in result.reason


def test_the_scope_names_the_threads(prove):
    (result,) = prove("theorem t for layout in l { parallel { thread x { } thread y { } } prove that true; }")
    assert result.scope.threads == ("x", "y")


# Schedules


def events_of(terms, *kinds):
    made = []
    for number, kind in enumerate(kinds):
        before = State(terms.word_variable(f"found {number}"), {})
        after = State(before.entry if kind == "r" else terms.word(number), {})
        event = Event(
            site=(("s", id(kinds), number),), operation="", place=None, guard=terms.true, before=before, after=after,
            touched={}, written={"sptep": terms.true} if kind == "w" else {}, assumed=terms.true
        )  # fmt: skip
        made.append((event,))
    return made


def test_all_merges_are_schedules_and_few_switches_come_first():
    terms = Terms()
    found = schedules([events_of(terms, "r", "w"), events_of(terms, "w", "r", "w")], False)
    assert len(set(found)) == len(found) == 10
    switches = [sum(x[0][1] != y[0][1] for x, y in zip(each, each[1:], strict=False)) for each in found]
    assert switches == sorted(switches) and switches[0] == 1


def test_of_orders_that_switch_as_often_those_come_first_in_which_the_first_thread_does():
    terms = Terms()
    made = [[event for (event,) in events_of(terms, "w", "w")] for _ in range(2)]
    strands = [
        [(replace(each, site=((f"{number}", 0, at),)),) for at, each in enumerate(events)]
        for number, events in enumerate(made)
    ]
    orders = [tuple(int(site[0][0]) for site in each) for each in schedules(strands, False)]
    assert orders == [(0, 0, 1, 1), (1, 1, 0, 0), (0, 1, 1, 0), (1, 0, 0, 1), (0, 1, 0, 1), (1, 0, 1, 0)]


def test_reads_commute_only_where_nobody_else_runs():
    terms = Terms()
    strands = [events_of(terms, "r", "r"), events_of(terms, "r", "r")]
    assert len(schedules(strands, False)) == 6 and len(schedules(strands, True)) == 1
    strands = [events_of(terms, "r", "w"), events_of(terms, "r", "w")]
    assert len(schedules(strands, True)) < len(schedules(strands, False)) == 6


def test_without_threads_there_is_one_schedule_and_it_is_empty():
    assert schedules([], False) == [()] == schedules([], True)


def test_more_schedules_than_the_limit_are_too_big():
    terms = Terms()
    with pytest.raises(TooBig):
        schedules([events_of(terms, *"wwwwww"), events_of(terms, *"wwwwww")], False)


# Blocks


@pytest.fixture
def orders(prove, monkeypatch):
    """The verdict on two threads, and how many orders of their events were looked at."""

    def call(left, right, claim, against="nobody", before=GHOST + "ghost u64 count;\n", after=""):
        seen = []

        def note(terms, drafted, schedule):
            if schedule not in seen:
                seen.append(schedule)
            return execution(terms, drafted, schedule)

        monkeypatch.setattr(decision, "execution", note)
        threads = f"u64 a = 0, b = 0; parallel {{ thread l {{ {left} }} thread r {{ {right} }} }} {after}"
        text = f"{before}theorem t for layout in l against {against} {{ {threads} prove {claim}; }}"
        (verdict,) = {each.verdict for each in prove(text)}
        return verdict, len(seen)

    return call


SWAP = "a = xchg(sptep, M0);"
ARMS = "if (a & M0) atomic64_or(M2, sptep); else atomic64_or(M3, sptep); "
AGENT = GHOST + "agent looks lockless { step s: when flag { spte |= M1; } }\n"


@pytest.mark.parametrize(
    "left, claim, expected",
    [
        ("flag = true;", "that a == a", ("proved", 2)),
        ("flag = true;", "ensures flag", ("proved", 2)),
        ("flag = true;", "always start == 0 -> *sptep == 0 || *sptep == M0 || *sptep == M1", ("proved", 2)),
        ("flag = true;", "conserves M0 into flag", ("proved", 2)),
        ("flag = true;", "always *sptep == M1 -> start == M1 || flag || !flag", ("proved", 3)),
        ("flag = true;", "ensures after == end", ("proved", 3)),
        ("count = 3;", "always *sptep == M1 -> start == M1 || flag || !flag", ("proved", 2)),
        ("flag = true;", "resurrects nothing in M2", ("proved", 3)),
        ("flag = false;", "conserves M2 into count", ("refuted", 2)),
        ("flag = false; flag = true;", "conserves M2 into flag", ("proved", 4)),
        ("flag = true;", "conserves exactly M2 into a", ("refuted", 3)),
        ("flag = true;", "conserves M2 into a", ("refuted", 2)),
        ("flag = false;", "conserves M2 into flag", ("refuted", 3)),
        ("flag = a & M0;", "that a == a", ("proved", 3)),
        ("if (flag) a = 0;", "that a == a", ("proved", 3)),
        ("READ_ONCE(*sptep);", "that a == a", ("proved", 2)),
        ("if (a & M0) atomic64_or(M2, sptep); else atomic64_or(M3, sptep);", "that a == a", ("proved", 3)),
        ("if (a & M0) atomic64_or(M2, sptep); if (a & M1) atomic64_or(M3, sptep);", "that a == a", ("proved", 4)),
        (ARMS + "if (!(a & M0)) atomic64_or(M1, sptep);", "that a == a", ("proved", 4)),
        (ARMS.replace("else", "flag = true; if (!(a & M0))"), "that a == a", ("proved", 3)),
        ("atomic64_or(0, sptep);", "that a == a", ("proved", 3)),
        ("count = 3;", "that a == a", ("proved", 2)),
        ("count = 3; count = 4;", "ensures count == 4", ("proved", 2)),
        ("a |= *sptep;", "that a == a", ("proved", 3)),
        ("bool was = flag; flag = was;", "that a == a", ("proved", 4)),
    ],
)
def test_what_needs_no_place_of_its_own(orders, left, claim, expected):
    assert orders(SWAP + left, "b = xchg(sptep, M1);", claim) == expected


def test_one_property_that_tells_the_order_is_enough(orders):
    claims = "that a == a; prove resurrects nothing in M2"
    assert orders(SWAP + "flag = true;", "b = xchg(sptep, M1);", claims) == ("proved", 3)
    claims = "that a == a; prove always *sptep == M1 -> start == M1 || flag || !flag"
    assert orders(SWAP + "flag = true;", "b = xchg(sptep, M1);", claims) == ("proved", 3)
    assert orders("flag = true;" + SWAP, "b = xchg(sptep, M1);", "that a == a") == ("proved", 2)


def test_only_what_is_set_in_the_ghost_itself_tells_when(orders):
    assert orders(SWAP + "flag = true; count = 3;", "b = xchg(sptep, M1);", "conserves M0 into flag") == ("proved", 2)
    assert orders(SWAP + "flag = true; count = 3;", "b = xchg(sptep, M1);", "conserves M0 into count")[1] > 2


@pytest.mark.parametrize(
    "use, count",
    [
        ("", 2),
        ("assert(!(x & M0) || !(x & M1));", 3),
        ("if (x & M0) assert(count == 0);", 4),
        ("u64 n = any; assert(n != 1); assert(!(x & M0) || !(x & M1));", 3),
        ("u64 n = any; u64 z = x & M0 ? 1ULL << n : 0;", 3),
        ("if (x & M0) { }", 3),
        ("if (x & M0) flag = true;", 3),
        ("if (x & M0) atomic64_or(M2, sptep);", 4),
        ("atomic64_or(x, sptep);", 4),
        ("count = x;", 4),
        ("bool y = x & M0 && flag;", 3),
        ("atomic { u64 y = x & M0 ? *sptep : 0; }", 3),
        ("assert(x & M0 ? !flag || true : true);", 3),
    ],
)
def test_a_read_has_its_place_where_something_rests_on_what_it_found(orders, use, count):
    before = f"{GHOST}ghost u64 count;\nhelper looks() {{ u64 x = *sptep; {use} }}\n"
    assert orders("looks(); " + SWAP, "b = xchg(sptep, M1);", "that a == a", before=before) == ("proved", count)


def test_a_read_has_its_place_where_an_assumption_comes_later(orders):
    left, right = "u64 x = *sptep; a = *sptep;", "b = *sptep;"
    assert orders(left, right, "that b == b", "any number of sets", SETS, "{} a = 0;".format("")) == ("proved", 2)
    assert orders(left, right, "that b == b", "any number of sets", SETS, "assume(a & M0); a = 0;") == ("proved", 3)


@pytest.mark.parametrize("between", ["u64 n = any; assert(n);", "*sptep = 0;"])
def test_an_assumption_that_another_one_contradicts_counts_before_that_one(orders, between):
    left, right = "u64 x = *sptep; a = *sptep;", "b = *sptep;"
    after = f"assume(a & M0); {between} assume(!(a & M0)); a = 0;"
    assert orders(left, right, "that b == b", "any number of sets", SETS, after) == ("vacuous", 3)


def test_a_further_entry_has_its_places(orders):
    before = GHOST + "entry child;\n"
    left = "*child = 0; " + SWAP
    assert orders(left, "*child = M1;", "that a == a", before=before) == ("proved", 3)
    assert orders(left, "b = xchg(sptep, M1); flag = true;", "that a == a", before=before) == ("proved", 3)


def test_a_ghost_that_another_thread_looks_at_or_sets_otherwise_has_its_place(orders):
    assert orders(SWAP + "flag = true;", "b = flag;", "that a == a")[1] == 3
    assert orders(SWAP + "flag = true;", "b = xchg(sptep, 0); flag = true;", "that a == a")[1] == 2
    assert orders(SWAP + "flag = true;", "b = xchg(sptep, 0); flag = false;", "that a == a")[1] == 6
    assert orders(SWAP + "flag = true;", "b = xchg(sptep, 0); count = 4;", "that a == a")[1] == 2
    assert (
        orders(SWAP + "flag = true;", "b = xchg(sptep, 0); atomic { if (flag) b = 0; flag = true; }", "that a == a")[1]
        == 6
    )
    assert orders("flag = true;", "flag = false;", "ensures flag") == ("refuted", 2)


def test_a_ghost_that_an_agent_looks_at_has_its_place(orders):
    for agent, count in (("nobody", 2), ("any number of looks", 3)):
        assert orders(SWAP + "flag = true;", "b = xchg(sptep, 0);", "that a == a", agent, AGENT)[1] == count
    claim = "that !(a & M1) -> !(b & M1)"
    assert orders("flag = false; " + SWAP, "b = xchg(sptep, 0);", claim, "any number of looks", AGENT)[0] == "refuted"


def test_a_property_may_tell_when_a_ghost_is_set(of_threads):
    left, right = "a = xchg(sptep, M0); flag = true;", "b = xchg(sptep, M1); if (b == M0) *sptep = M2;"
    assert of_threads(left, right, "always *sptep == M2 -> flag || start", before=GHOST) == "refuted"
    left = "a = xchg(sptep, M0); atomic { *sptep = M3; flag = true; }"
    assert of_threads(left, right, "always *sptep == M2 -> flag || start", before=GHOST) == "refuted"
    assert of_threads(left, right, "always *sptep == M3 -> flag || start", before=GHOST) == "proved"


def test_what_bookkeeping_sees_can_be_resurrected(verdict):
    """The flag's event alone finds M1, between the two writes of the other thread."""
    agents = "agent e lockless { step s: when spte & M2 { spte |= M1; } step c: { spte &= ~M1; } }"
    left = "thread l { atomic64_or(M3, sptep); flag = true; }"
    right = "thread r { u64 b = *sptep; if (b & M3) { atomic64_or(M2, sptep); atomic64_or(M1, sptep); } }"
    text = GHOST + agents + "theorem t for layout in l against any number of e { *sptep = 0; parallel { "
    text += f"{left} {right} }} prove resurrects nothing in M1; }}"
    assert verdict(text) == "refuted"
    assert verdict(text.replace("flag = true;", "")) == "proved"


# Counterexamples

RACE = """
layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; }
agent sets lockless { step s: when spte & M2 { spte |= M1; } }
theorem t for layout in l against any number of sets {
    u64 a = 0, b = 0;
    parallel {
        thread stale { a = READ_ONCE(*sptep); if (a & M0) WRITE_ONCE(*sptep, a); }
        thread drops { b = xchg(sptep, M2); }
    }
    prove ensures end & M0 -> !(b & M0 && b & M1) || end & M1;
}
"""


@pytest.fixture(scope="module")
def race():
    """The witness of a race in which the stale thread writes back what the other one dropped, and its property."""
    seen = []

    def note(witness):
        seen.append(witness)
        return replay(witness)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counterexamples, "replay", note)
        result = prove_text(RACE).results[0]
    assert result.verdict == "refuted"
    return seen[0], seen[0].theorem.proves[0].property, result.counterexample


def breaks(witness, what):
    try:
        return has_breach(judgement.breaches(replay(witness), what), 0) and bool(
            judgement.breaches(replay(witness), what)
        )
    except Refused:
        return False


def test_the_witness_carries_its_schedule(race):
    witness, what, _ = race
    assert witness.schedule == ["stale", "drops", "stale"] and breaks(witness, what)


@pytest.mark.parametrize(
    "schedule",
    [
        [],
        ["stale"],
        ["stale", "drops"],
        ["stale", "stale", "drops"],
        ["drops", "stale", "stale"],
        ["stale", "drops", "drops"],
        ["stale", "drops", "stale", "stale"],
        ["stale", "drops", "nobody"],
    ],
)
def test_with_another_schedule_it_is_refused_or_breaks_nothing(race, schedule):
    witness, what, _ = race
    assert not breaks(replace(witness, schedule=schedule), what)


@pytest.mark.parametrize("schedule", [["stale"], ["stale", "drops", "nobody"], ["stale", "drops", "stale", "drops"]])
def test_a_schedule_that_does_not_fit_the_threads_is_refused(race, schedule):
    with pytest.raises(Refused, match="schedule"):
        replay(replace(race[0], schedule=schedule))


def test_without_the_agents_step_it_breaks_nothing(race):
    witness, what, _ = race
    assert witness.environment_steps() == 1
    assert not breaks(replace(witness, steps={}), what)


def test_its_rows_say_which_thread_does_what(race):
    rows = race[2].rows
    assert [row.who for row in rows if row.who != "sets"] == ["stale", "drops", "stale"]
    assert [row.action for row in rows if row.who == "drops"] == ["b = xchg(sptep, M2)"]
    assert race[2].threads == ("stale", "drops")


def test_another_order_is_asked_for_bits_where_some_moments_blame_bits_and_others_none(prove):
    """That the shift is defined is a moment that blames no bit."""
    body = ("assume(k < 2); atomic64_and(~M2, sptep); parallel { thread a { u64 x = READ_ONCE(*sptep); "
            "if (x & M2) atomic64_and(~M0, sptep); else atomic64_and(~M1, sptep); } "
            "thread b { atomic64_or(M2, sptep); } } prove preserves M0 | M1 | (1ULL << k);")  # fmt: skip
    (found,) = prove(f"theorem t(u64 k) for layout in l against nobody {{ {body} }}")
    assert (found.verdict, sorted(found.losing)) == ("refuted", ["M0", "M1"])
