"""What small faults put into the solver's own source showed to be untested (`python -m tests.mutants`)."""

from types import SimpleNamespace

import pytest
import z3

from spteproof.running.pipeline import prove_text
from spteproof.solver import closure, counterexamples, decision, environment, judgement, operations, proof, z3_solver
from spteproof.solver.doubts import TooBig
from spteproof.solver.happenings import Access
from spteproof.solver.integers import Integers
from spteproof.solver.schedules import SCHEDULE_LIMIT, schedules
from spteproof.solver.store_buffer import overtakings
from spteproof.solver.terms import Terms, variables
from spteproof.solver.witness import Refused, has_breach, replay

from .test_closure import environment_of, random_text

L = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; }\n"
OTHERS = "agent sets lockless { step s: { spte |= M1; } }\n"


class Block(tuple):
    """Events of which only what they change is known."""


class Event:
    def __init__(self, site, changes):
        self.site, self.before, self.after = site, "before", "after" if changes else "before"


def strand(name, *changes):
    return [(Event((name, number), each),) for number, each in enumerate(changes)]


# Orders of threads ----------------------------------------------------------------------------------------


def test_as_many_orders_as_the_limit_are_decided_and_not_one_more():
    assert len(schedules([strand("a", True), strand("b", *[True] * (SCHEDULE_LIMIT - 1))], False)) == SCHEDULE_LIMIT
    with pytest.raises(TooBig, match=f"come in {SCHEDULE_LIMIT + 1} orders, which is more than {SCHEDULE_LIMIT}"):
        schedules([strand("a", True), strand("b", *[True] * SCHEDULE_LIMIT)], False)


def test_alone_only_the_orders_that_are_left_count():
    reads = [strand("a", *[False] * 8), strand("b", *[False] * 8)]
    assert len(schedules(reads, True)) == 1
    writes = [strand("a", *[True] * 8), strand("b", *[True] * 8)]
    with pytest.raises(TooBig, match=f"more than {SCHEDULE_LIMIT} orders"):
        schedules(writes, True)


def test_a_block_of_which_one_event_changes_something_does_not_only_read():
    mixed = [[(Event("r", False), Event("w", True))], strand("b", False)]
    assert len(schedules(mixed, True)) == 2


def test_gaps_stand_in_the_order_of_their_events(monkeypatch):
    """A counterexample is made simple gap by gap, the first ones first."""
    runs, real = [], decision.execution
    monkeypatch.setattr(decision, "execution", lambda *given: runs.append(real(*given)) or runs[-1])
    body = "u64 s = READ_ONCE(*sptep); parallel { thread l { set_bit(2, sptep); } thread r { set_bit(3, sptep); } }"
    prove_text(f"{L}{OTHERS}theorem t for layout in l against any number of sets "
               f"{{ {body} WRITE_ONCE(*sptep, s); prove preserves M0 expect refuted; }}")  # fmt: skip
    assert len({run.schedule for run in runs}) == 2
    for run in runs:
        assert [gap.site for gap in run.gaps] == [*(event.site for event in run.events), None]


# Stores that wait -----------------------------------------------------------------------------------------


def access(terms, kind, entry, thread=None, guard=None):
    return Access(entry, kind, terms.true if guard is None else guard, None, terms.true, thread)


def test_only_a_locked_operation_of_the_same_cpu_makes_a_store_wait_no_longer():
    terms = Terms()
    store, load = access(terms, "store", "x", "a"), access(terms, "load", "y", "a")
    assert len(overtakings(terms, [store, load])) == 1
    assert overtakings(terms, [store, access(terms, "locked", "z", "a"), load]) == []
    assert len(overtakings(terms, [store, access(terms, "locked", "z", "b"), load])) == 1
    assert len(overtakings(terms, [store, access(terms, "locked", "z", None), load])) == 1
    assert overtakings(terms, [store, access(terms, "load", "y", "b")]) == []
    assert overtakings(terms, [store, access(terms, "load", "x", "a")]) == []
    assert overtakings(terms, [load, store]) == []


ENTRIES = "entry child;\n"


@pytest.mark.parametrize(
    "body, verdict",
    [
        ("if (n == 1) WRITE_ONCE(*sptep, 0); if (n == 2) { u64 a = *child; }", "proved"),
        ("if (n == 1) WRITE_ONCE(*sptep, 0); if (n > 2) { u64 a = *child; u64 b = *child; }", "proved"),
        (
            "if (n == 1) WRITE_ONCE(*sptep, 0); if (n == 2) { u64 a = *child; } if (n != 2) { u64 b = *child; }",
            "unknown",
        ),
    ],
)
def test_each_pair_that_may_come_about_counts_and_no_other(prove, body, verdict):
    (found,) = prove(
        f"{ENTRIES}theorem t(u64 n) for layout in l against nobody {{ {body} u64 z = 0; prove ensures z == 0; }}"
    )
    assert found.verdict == verdict


def test_nothing_is_called_vacuous_where_a_store_may_wait(prove):
    (found,) = prove(f"{ENTRIES}theorem t for layout in l against nobody "
                     "{ WRITE_ONCE(*sptep, 0); u64 a = *child; prove preserves M0 on child; }")  # fmt: skip
    assert found.verdict == "unknown" and "locked operation" in found.reason


# What a property speaks of --------------------------------------------------------------------------------


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("operator", ["==", "!=", "<", ">", "<=", ">="])
def test_comparisons_are_those_of_integers(operator, signed):
    terms, edges = Terms(), (0, 1, 2, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
    x, y = terms.word_variable("x"), terms.word_variable("y")
    compared = operations.comparison(terms, operator, x, y, signed)
    for one in edges:
        for two in edges:
            left, right = ((each - (1 << 64) if signed and each >> 63 else each) for each in (one, two))
            expected = {"==": left == right, "!=": left != right, "<": left < right, ">": left > right,
                        "<=": left <= right, ">=": left >= right}[operator]  # fmt: skip
            assert operations.comparison(Integers(), operator, one, two, signed) is expected
            (found,) = terms.substitute([compared], {x: terms.word(one), y: terms.word(two)})
            assert found is terms.truth(expected)


BY_NUMBER = ["set_bit", "clear_bit", "test_and_set_bit", "test_and_clear_bit", "test_bit", "__set_bit", "__clear_bit",
             "__test_and_set_bit", "__test_and_clear_bit"]  # fmt: skip


@pytest.mark.parametrize("operation", BY_NUMBER)
def test_a_bit_number_that_may_be_64_is_undefined(operation):
    text = (
        f"theorem t(int n in 62..64) for layout in l against nobody {{ {operation}(n, sptep); prove ensures n >= 62; }}"
    )
    found = prove_text(
        L + text.replace(f"{{ {operation}", f"{{ bool b = {operation}") if "test" in operation else L + text
    )
    assert "refuted" in {each.verdict for each in found.results if each.implicit}


def test_the_end_must_meet_the_invariants_even_where_the_program_does_nothing():
    text = "layout l { M0 = bit 0; M1 = bit 1; invariant i: !(spte & M1); }\n" + OTHERS
    found = prove_text(
        f"{text}theorem t(u64 n) for layout in l against any number of sets {{ prove ensures n == n; }}"
    ).results
    assert [each.verdict for each in found if each.property == "keeps invariants"] == ["refuted"]


def test_what_an_event_finds_is_an_instant(verdict):
    others = "agent sets lockless { step s: when !(spte & M2) { spte |= M1; } }\n"
    body = "WRITE_ONCE(*sptep, M2); prove always (start & M1) == 0 -> (*sptep & M1) == 0;"
    assert verdict(f"{others}theorem t for layout in l against any number of sets {{ {body} }}") == "refuted"


@pytest.mark.parametrize("mask, expected", [("M1", "proved"), ("M2", "refuted")])
def test_a_truth_value_conserves_exactly_the_bit_that_was_there(of_body, mask, expected):
    body = "bool b = test_and_clear_bit(1, sptep); if (*sptep & M2) clear_bit(2, sptep);"
    assert of_body(body, f"conserves exactly {mask} into b") == expected


def test_a_block_that_is_undefined_describes_nothing(of_body):
    assert of_body("set_bit(1, sptep);", "refines { *sptep |= 1ULL << 1; }") in ("proved", "refuted")
    assert of_body("u64 k = any; set_bit(1, sptep);", "refines { *sptep |= M1 + 0 * (1ULL << k); }") == "refuted"


def test_what_a_property_leaves_undefined_is_no_fault_of_the_program():
    body = "assume(n < 64); u64 x = 1ULL << n; prove preserves 1ULL << k expect refuted;"
    found = prove_text(f"{L}theorem t(u64 n, u64 k) for layout in l against nobody {{ {body} }}").results
    assert {each.property: each.verdict for each in found} == {
        "preserves 1ULL << k": "refuted",
        "every expression is defined": "proved",
    }


# Counterexamples ------------------------------------------------------------------------------------------

MANY = (
    L + OTHERS + "agent flips lockless { step s: { spte ^= M2; } }\nghost u64 noted;\n"
    """
theorem exchanged(int n in -2..2, int k in 0..1) for layout in l against any number of sets, any_flips {
    u64 old = READ_ONCE(*sptep);
    u64 was = xchg(sptep, old & ~M1);
    noted = was;
    noted = 0;
    prove preserves M1;
    prove preserves M2;
    prove preserves M0;
    prove changes only M1;
    prove changes only M1 | M2;
    prove conserves M1 into was;
    prove conserves exactly M1 into was;
    prove conserves exactly M1 into old;
    prove conserves M1 into noted;
    prove conserves M1 into old;
    prove resurrects nothing in M1;
    prove resurrects nothing in M2;
    prove ensures (end & M0) == (start & M0);
    prove ensures n >= -2 && n <= 2;
    prove ensures n >= -1;
    prove ensures n <= 1;
    prove always (*sptep & M0) == (start & M0);
    prove always (start & M3) == 0 -> (*sptep & M3) == 0;
    prove that (was & M0) == (old & M0);
    prove refines { was = xchg(sptep, old & ~M1); };
}
"""
).replace(", any_flips", ", flips")


@pytest.fixture(scope="module")
def judged():
    """What was claimed of one theorem, and every execution that was replayed on the way."""
    traces, witnesses = [], []

    def note(witness):
        witnesses.append(witness)
        traces.append(replay(witness))
        return traces[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counterexamples, "replay", note)
        results = prove_text(MANY).results
    return [each for each in results if not each.implicit], traces, witnesses


def test_no_execution_that_was_replayed_breaks_what_is_proved(judged):
    results, traces, witnesses = judged
    proves = {each.text: each.property for each in witnesses[0].theorem.proves}
    proved = [each.property for each in results if each.verdict == "proved"]
    refuted = [each.property for each in results if each.verdict == "refuted"]
    assert len(proved) >= 8 and len(refuted) >= 8 and len(traces) >= len(refuted)
    for name in proved:
        assert not any(has_breach(judgement.breaches(trace, proves[name]), 0) for trace in traces), name
    for name in refuted:
        assert any(has_breach(judgement.breaches(trace, proves[name]), 0) for trace in traces), name


def test_instants_stand_in_their_order(judged):
    _, traces, _ = judged
    for trace in traces:
        assert len(trace.instants_of) == len(trace.happened)
        for number, happening in zip(trace.instants_of, trace.happened, strict=True):
            assert trace.instants[number] == happening.after
            assert number == 0 or trace.instants[number - 1] == happening.before


@pytest.mark.parametrize("value", [3, 7, -3, -8, 1 << 62])
def test_a_parameter_out_of_its_range_is_refused(judged, value):
    from dataclasses import replace

    _, _, witnesses = judged
    inside = replace(witnesses[0], parameters={"n": (1 << 64) - 2, "k": 1})
    assert replay(inside).happened
    with pytest.raises(Refused, match="out of its range"):
        replay(replace(witnesses[0], parameters={"n": value % (1 << 64), "k": 0}))
    with pytest.raises(Refused, match="parameter k is out of its range"):
        replay(replace(witnesses[0], parameters={"n": 0, "k": value % (1 << 64)}))


def test_a_read_and_a_write_in_one_statement_are_told_apart(prove):
    (found,) = prove(f"{OTHERS}theorem t for layout in l against any number of sets "
                     "{ __set_bit(2, sptep); prove preserves M1 expect refuted; }")  # fmt: skip
    halves = [row.action.rsplit("(")[-1] for row in found.counterexample.rows if "__set_bit" in row.action]
    assert halves == ["read)", "write)"]


@pytest.mark.parametrize("written, verdict", [("~0ULL", "proved"), ("~1ULL", "refuted")])
def test_a_read_that_decides_nothing_is_no_event_on_either_side(prove, written, verdict):
    helpers = f"helper one() {{ *sptep |= ~0ULL; }}\nhelper two() {{ WRITE_ONCE(*sptep, {written}); }}\n"
    found = prove(f"{helpers}theorem t for layout in l {{ prove equivalent one(), two(); }}")
    assert [each.verdict for each in found] == [verdict]


# Agents ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["guard", "entry", "ghost", "nowhere"])
def test_a_condition_that_is_left_open_is_chosen_at_each_step_that_mentions_it(where):
    terms = Terms()
    opened, entry = terms.truth_variable("n1"), terms.word_variable("entry")
    step = environment.Transition(
        agent=None, name="a.s", place=None, inputs={"m": entry}, step=None, site=(), earlier={}, earlier_ghosts={},
        arguments=(), on="spte",
        guard=opened if where == "guard" else terms.true,
        entry=terms.choose(opened, terms.word(0), entry) if where == "entry" else entry,
        ghosts={"g": opened if where == "ghost" else terms.false},
    )  # fmt: skip
    found = environment._with_open(terms, SimpleNamespace(open=frozenset(["n1", "n2"])), step)
    assert found.inputs == {"m": entry, **({} if where == "nowhere" else {"n1": opened})}


# Two calls ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("right, expected", [("(x, k)", "proved"), ("(x, x)", "refuted")])
def test_what_the_body_chose_is_the_same_for_both_calls(prove, right, expected):
    helper = "helper sets(u64 x, u64 k) { WRITE_ONCE(*sptep, x ^ k); }\n"
    text = f"theorem t(u64 x) for layout in l {{ u64 k = any; prove equivalent sets(x, k), sets{right}; }}"
    assert [each.verdict for each in prove(helper + text)] == [expected]


@pytest.mark.parametrize("told", ["x == y", "x == z", "y == z"])
def test_no_two_of_three_events_need_find_the_same(prove, told):
    thrice = "u64 x = xchg(sptep, 0); u64 y = xchg(sptep, 0); u64 z = xchg(sptep, 0);"
    helpers = f"helper one() -> bool {{ {thrice} return {told}; }}\nhelper two() -> bool {{ {thrice} return true; }}\n"
    found = prove(f"{helpers}theorem t for layout in l {{ prove equivalent one(), two(); }}")
    assert [each.verdict for each in found] == ["refuted"]


def test_the_rows_of_two_calls_tell_what_was_found_and_what_was_left(prove):
    helpers = "helper sets() { set_bit(1, sptep); }\nhelper clears() { clear_bit(1, sptep); }\n"
    (found,) = prove(f"{helpers}theorem t for layout in l {{ prove equivalent sets(), clears(); }}")
    start = found.counterexample.start
    shown = [(row.who, row.before, row.after) for row in found.counterexample.rows if "bit(1" in row.action]
    assert shown == [("left", start, start | 2), ("right", start, start & ~2)]


# Instances and what is reported ---------------------------------------------------------------------------


def test_a_layout_without_a_name_that_a_theorem_requires_is_skipped():
    text = "layout a { W = bit 1; X = bit 2; }\nlayout b { W = bit 1; }\nlayout c { W = bit 1; X = none; }\n"
    found = prove_text(f"{text}theorem t for layout in a, b, c where layout has X against nobody "
                       "{ clear_bit(1, sptep); prove changes only W; }")  # fmt: skip
    assert {each.layout for each in found.results} == {"a"}
    assert {each.layout: each.reason for each in found.skipped} == {"b": "`b` has no `X`", "c": "`X` is none in `c`"}


def test_a_word_that_is_0_is_there_and_a_constant_that_is_false_is_not():
    text = "layout a { W = bit 1; value V = 0; hw = false; alias Z = V; }\nlayout b extends a { hw = true; }\n"
    body = "against nobody { clear_bit(1, sptep); prove changes only W; }\n"
    found = prove_text(f"{text}theorem t where layout has V, Z {body}theorem u where layout has hw {body}")
    assert [(each.theorem, each.layout) for each in found.results] == [("t", "a"), ("t", "b"), ("u", "b")]
    assert [(each.theorem, each.reason) for each in found.skipped] == [("u", "`hw` is false in `a`")]


def test_each_era_is_an_instance_in_its_own_layouts():
    text = (
        "layout a { W = bit 1; }\nlayout b { W = bit 1; }\ninterface i { predicate p(u64 x); }\n"
        "era one implements i for layout in a { predicate p(u64 x) = true; }\n"
        "era two implements i { predicate p(u64 x) = false; }\n"
        "theorem t for layout in a, b, era in one, two against nobody "
        "{ if (p(0)) clear_bit(1, sptep); prove ensures (end & W) == 0 expect refuted in two, proved; }"
    )
    found = [(each.era, each.layout) for each in prove_text(text).results if not each.implicit]
    assert found == [("one", "a"), ("two", "a"), ("two", "b")]


def test_an_agent_that_is_idle_in_all_placements_is_said_to_be(prove):
    layout = "layout l { M0 = some bit; M1 = some bit; }\n"
    agents = "agent idle lockless { step s: when (spte & M0) != 0 { spte |= M0; } }\n"
    (found,) = prove(f"{agents}theorem t for layout in l against any number of idle "
                     "{ WRITE_ONCE(*sptep, M1); prove changes only M0 expect refuted; }", layout=layout)  # fmt: skip
    assert found.scope.placements >= 1 and found.scope.idle_agents == ("idle",)


def test_an_error_of_the_tool_is_an_unknown_of_each_claim(prove, monkeypatch):
    def broken(*arguments, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(proof, "decisions", broken)
    found = prove(
        "theorem t for layout in l against nobody { clear_bit(1, sptep); prove preserves M2; prove preserves M1; }"
    )
    assert [(each.verdict, each.ok) for each in found] == [("unknown", False)] * 2
    assert {each.reason for each in found} == {"internal error: ZeroDivisionError"}


def test_a_refuted_claim_is_not_called_untriggered(prove):
    (found,) = prove(
        "theorem t for layout in l against nobody { clear_bit(1, sptep); prove preserves M1 expect refuted; }"
    )
    assert found.verdict == "refuted" and not found.scope.untriggered


def test_a_retry_of_an_agent_is_named(prove):
    agent = (
        "agent ages lockless { u64 old = READ_ONCE(*sptep); bool done = false; "
        "retry { done = try_cmpxchg64(sptep, &old, old & ~M1); } until (done); }\n"
    )
    (found,) = prove(
        f"{agent}theorem t for layout in l against any number of ages {{ clear_bit(2, sptep); prove changes only M2; }}"
    )
    assert len(found.scope.retries) == 1


def test_with_a_rely_no_ghost_changes_that_no_agent_writes(verdict):
    text = (
        "ghost u64 one;\nghost u64 two;\n"
        "theorem t for layout in l against nobody rely (after & M0) == (before & M0) "
        "{ u64 a = one; u64 b = two; u64 x = READ_ONCE(*sptep); u64 c = one; u64 d = two; prove that a == c && b == d; }"
    )
    assert verdict(text) == "proved"


def test_a_call_that_assumes_cannot_be_compared(prove):
    helpers = "helper one(u64 n) { assume(n < 64); set_bit(1, sptep); }\nhelper two(u64 n) { set_bit(1, sptep); }\n"
    found = prove(f"{helpers}theorem t(u64 n) for layout in l against nobody {{ prove equivalent one(n), two(n); }}")
    assert [each.verdict for each in found] == ["unknown"] and "assumption" in found[0].reason


@pytest.mark.parametrize("left, right", [("shifts(n)", "sets()"), ("sets()", "shifts(n)")])
def test_a_call_that_may_be_undefined_is_not_compared(prove, left, right):
    helpers = "helper shifts(u64 n) { u64 x = 1ULL << n; set_bit(1, sptep); }\nhelper sets() { set_bit(1, sptep); }\n"
    found = prove(f"{helpers}theorem t(u64 n) for layout in l against nobody {{ prove equivalent {left}, {right}; }}")
    assert [each.verdict for each in found] == ["unknown"] and "undefined" in found[0].reason


@pytest.mark.parametrize("disjoint, expected", [("disjoint(M0, M1); disjoint(M1, M2);", "proved"), ("", "refuted")])
def test_disjoint_masks_lie_apart_in_every_placement(prove, disjoint, expected):
    layout = f"layout l {{ M0 = some bit; M1 = some bit; M2 = bit 3; {disjoint} }}\n"
    found = prove("theorem t for layout in l against nobody { WRITE_ONCE(*sptep, 0); prove that (M0 & M1) == 0; "
                  "prove that (M1 & M2) == 0; prove that (M0 & M2) == 0; }", layout=layout)  # fmt: skip
    assert [each.verdict for each in found] == [expected, expected, "refuted"]


def test_an_assert_about_no_placement_is_vacuous_and_no_pass():
    found = prove_text("layout l { M0 = some bit; M1 = ~0ULL; disjoint(M0, M1); assert M0 != 0; }").results
    assert [(each.verdict, each.ok) for each in found] == [("vacuous", False)]


def test_an_assert_about_too_many_placements_is_unknown_and_nothing_else():
    masks = " ".join(f"{name} = some bit;" for name in "ABCDEFG")
    found = prove_text(f"layout l {{ {masks} assert A != 0; assert (A & 1) == 0; }}").results
    assert [(each.verdict, each.ok) for each in found] == [("unknown", False)] * 2
    assert all("placements that differ" in each.reason for each in found)


@pytest.mark.parametrize("disjoint, expected", [("disjoint(X, M1);", "proved"), ("", "refuted")])
def test_a_mask_that_is_defined_by_a_symbolic_one_lies_apart_too(prove, disjoint, expected):
    layout = f"layout l {{ M0 = some bit; M1 = some bit; X = M0 overlaps M0, M1; {disjoint} }}\n"
    body = "WRITE_ONCE(*sptep, 0); prove that (M0 & M1) == 0;"
    (found,) = prove(f"theorem t for layout in l against nobody {{ {body} }}", layout=layout)
    assert found.verdict == expected


def test_why_the_solver_gave_up_is_told_in_words():
    told = {"timeout": "ran out of time", "Canceled": "ran out of time", "max. resource limit exceeded": "effort budget",
            "rlimit": "effort budget", "out of memory": "memory ran out", "(incomplete)": "(incomplete)", "": "gave no reason"}  # fmt: skip
    for text, words in told.items():
        assert words in z3_solver._reason(text)


@pytest.mark.parametrize("value", [False, True])
def test_a_truth_value_is_bound_to_what_was_asked(value):
    bound = z3_solver.truth_is("p", value)
    solver = z3.Solver()
    solver.add(*[each for each in vars_of(bound) if isinstance(each, z3.BoolRef)])
    assert solver.check() == z3.sat and z3.is_true(solver.model().eval(z3.Bool("p"))) == value


def vars_of(bound):
    return [getattr(bound, name) for name in bound.__dataclass_fields__]


# Terms ----------------------------------------------------------------------------------------------------


def test_constants_fold():
    terms = Terms()
    x, y, p, q = (
        terms.word_variable("x"),
        terms.word_variable("y"),
        terms.truth_variable("p"),
        terms.truth_variable("q"),
    )
    zero, ones = terms.word(0), terms.word((1 << 64) - 1)
    for one, two in ((x, ones), (ones, x)):
        assert terms.bit_and(one, two) is x and terms.bit_or(one, two) is ones
    for one, two in ((x, zero), (zero, x)):
        assert terms.bit_and(one, two) is zero and terms.bit_or(one, two) is x is terms.bit_xor(one, two)
    assert terms.bit_and(x, x) is x is terms.bit_or(x, x) and terms.bit_xor(x, x) is zero
    assert terms.bit_not(terms.bit_not(x)) is x and terms.bit_and(x, y) is terms.bit_and(y, x)
    assert terms.choose_truth(p, terms.true, q) is terms.either(p, q)
    assert terms.choose_truth(p, terms.false, q) is terms.both(terms.negation(p), q)
    assert terms.choose_truth(p, q, terms.true) is terms.either(terms.negation(p), q)
    assert terms.choose_truth(p, q, terms.false) is terms.both(p, q)
    assert terms.both(p, terms.negation(p)) is terms.false and terms.either(p, terms.negation(p)) is terms.true
    assert variables([terms.select(p, x, y)]) == {p, x, y}
    assert repr(terms.bit_and(x, terms.word(2))) == "(bvand 0x2 x)"


@pytest.mark.parametrize(
    "lists", [[["a", "b"], ["b"], ["a", "b"]], [["a", "b"], ["a", "b"], ["b"]], [["b"], ["a", "b"]]]
)
def test_an_agent_is_idle_where_it_is_idle_in_every_placement(lists):
    assert proof._in_all(lists) == ("b",)


def test_a_property_that_is_stated_twice_has_two_verdicts(prove):
    found = prove("theorem t for layout in l { *sptep = 0;\n prove preserves M0;\n prove preserves M0; }")
    assert [(each.place.line, each.verdict) for each in found][:2] == [
        (found[0].place.line, "refuted"),
        (found[0].place.line + 1, "refuted"),
    ]


# Closures that are too large ------------------------------------------------------------------------------


def test_an_environment_that_depends_on_more_parameters_than_have_a_place_is_too_big(monkeypatch):
    monkeypatch.setattr(closure, "_FIRST_RIGID", closure._SLOTS - 1)
    text = f"{L}agent a(u64 n) lockless {{ step s: {{ spte |= n; }} }}\n"
    text += "theorem t(u64 x, u64 y) for layout in l against any number of {} {{ prove ensures start == start; }}"
    said = [
        prove_text(text.replace("{}", uses).replace("{{", "{").replace("}}", "}")).results[0]
        for uses in ("a(x)", "a(x), a(y)")
    ]
    assert [each.verdict for each in said] == ["proved", "unknown"]
    assert "depends on too many parameters" in said[1].reason


def test_layers_that_are_too_large_are_none():
    _, found = environment_of(random_text(3))
    found.closure.diagrams._limit = len(found.closure.diagrams)
    with pytest.raises(TooBig, match="layers of the environment's closure are too large"):
        assert not found.closure.layers
