"""What an agent's step or event is as a transition: what it rests on, and what the invariants say of it."""

from dataclasses import replace

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY
from spteproof.solver import closure
from spteproof.solver.doubts import TooBig
from spteproof.solver.environment import SEEN, current, transitions
from spteproof.solver.instances import instances
from spteproof.solver.interpretation import Values
from spteproof.solver.stepping import after_transition
from spteproof.solver.terms import Terms, variables

LAYOUT = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; }\nentry child;\nghost u64 noted;\n"
KEPT = LAYOUT.replace("}", "invariant i: !(spte & M1); }", 1)


def setting_of(agent, layout=LAYOUT):
    text = f"{layout}{agent}\ntheorem t for layout in l against any number of a {{ noted = *child; xchg(sptep, 0); prove changes nothing; }}"
    library = load_text(text, name="t.spte", library_root=LIBRARY).library
    return next(instances(library, library.theorems["t"])).settings[0]


def made(agent, on="sptep", layout=LAYOUT):
    """The terms, the current state and the transitions of the agent `a`."""
    setting, terms = setting_of(agent, layout), Terms()
    return terms, current(terms, setting), transitions(terms, setting, setting.scope.agents["a"], (), on)[0]


def test_what_a_compare_and_exchange_compares_with_is_what_it_finds():
    exchange = "agent a lockless {{ u64 old = READ_ONCE(*sptep); if (old & M0) {} }}"
    for operation in ("try_cmpxchg64(sptep, &old, old | M2);", "cmpxchg64(sptep, old, old | M2);"):
        terms, state, (found,) = made(exchange.format(operation))
        assert not found.inputs and not found.earlier
        assert found.guard is terms.negation(terms.is_zero(terms.bit_and(state.entry, terms.word(1))))
    _, _, (found,) = made(exchange.format("try_cmpxchg64(sptep, &old, M2);"))
    assert not found.inputs
    _, _, (found,) = made(
        "agent a lockless { u64 old = READ_ONCE(*sptep), o = old & M0; try_cmpxchg64(sptep, &o, old | M2); }"
    )
    assert list(found.inputs) == ["found0"]


def test_what_was_found_earlier_is_an_input_and_what_is_found_now_is_not():
    _, state, (found,) = made(
        "agent a lockless { u64 old = READ_ONCE(*sptep); u64 c = *child; if (c & old & M0) xchg(sptep, noted); }"
    )
    (read, _), (further, name) = next(iter(found.earlier.items())), next(iter(found.earlier_ghosts.items()))
    assert found.earlier == {read: "found0"} and further[1] == "child" and name == "found1 child"
    assert set(found.inputs) == {"found0", "found1 child", "found2 noted"}
    inside = variables([found.guard, found.entry, *found.ghosts.values()])
    assert set(found.inputs.values()) <= inside and inside - set(found.inputs.values()) <= set(state.parts())


def test_a_step_is_named_with_its_agent_and_the_entry_it_is_put_on():
    step = "agent a lockless { step s: saw spte & M0 when spte & M2 { spte |= M3; } }"
    for on, name, who in (("sptep", "a.s", "a"), ("child", "a.s on child", "a on child")):
        _, _, (found,) = made(step.replace("saw spte & M0 when spte & M2", "when spte & M2 saw spte & M0"), on)
        assert (found.name, found.who, found.on) == (name, who, on) and list(found.inputs) == [SEEN]
    _, _, (found,) = made("agent a lockless { atomic64_or(M0, sptep); }", "child")
    assert found.name == "a.atomic64_or on child"


@pytest.mark.parametrize("read", ["*sptep", "*child"])
@pytest.mark.parametrize(
    "then, expected",
    [
        ("if (c & M1) atomic64_or(M2, sptep);", "proved"),
        ("if (c & M0) atomic64_or(M2, sptep);", "refuted"),
        ("assume(c & M3); if (!(c & M3)) atomic64_or(M2, sptep);", "proved"),
        ("assume(c & M3); if (c & M3) atomic64_or(M2, sptep);", "refuted"),
    ],
)
def test_what_was_found_earlier_keeps_the_invariants_and_the_assumptions(verdict, read, then, expected):
    text = f"entry child;\nagent a lockless {{ u64 c = READ_ONCE({read}); {then} }}\n"
    text += "theorem t for layout in l against any number of a { xchg(sptep, 0); xchg(child, 0); prove ensures !(end & M2); }"
    assert verdict(text, layout=KEPT.splitlines()[0] + "\n") == expected


# The order of the diagrams that a closure is found with -----------------------------------------------------------

MIXED = (
    "agent a lockless {{ step s(u64 m): {{ spte |= m & M1; {} }} step t: when !seen {{ *child |= M3; seen = true; }} }}"
)
SEEN_TOO = LAYOUT + "ghost bool seen;\n"


@pytest.mark.parametrize(
    "change, groups",
    [
        ("noted |= spte;", [["child"], ["entry", "noted"]]),
        ("noted = spte & M0;", [["child"], ["entry"], ["noted"]]),
        ("noted = 0;", [["child"], ["entry"], ["noted"]]),
    ],
)
def test_words_of_which_one_is_made_of_the_other_stand_bit_beside_bit(change, groups):
    _, state, found = made(MIXED.format(change), layout=SEEN_TOO)
    assert sorted(sorted(each) for each in closure._groups(found, closure._words(state))) == groups


@pytest.mark.parametrize("change", ["noted |= spte;", "noted = 0;"])
def test_what_belongs_to_one_bit_has_its_numbers_in_one_place(change):
    _, state, found = made(MIXED.format(change), layout=SEEN_TOO)
    search = closure._Search(found, state)
    names = ["entry", "child", "noted"]
    numbers = {(name, bit): search._number((name, bit), 0) for name in names for bit in range(64)}
    numbers["seen", 0] = search._number(("seen", 0), 0)
    everything = [search._number(column, kind) for column in numbers for kind in range(3)]
    assert len(set(everything)) == len(everything) and min(everything) >= 0
    places = {column: number // closure._SLOTS for column, number in numbers.items()}
    for (name, bit), place in places.items():
        assert [search._number((name, bit), kind) - numbers[name, bit] for kind in range(3)] == [0, 1, 2]
        if name != "seen":
            others = [each for each in names if search._group_of[each] == search._group_of[name]]
            assert all(places[each, bit] == place for each in others)
            assert search._beside(search._group_of[name], bit, 700) // closure._SLOTS == place
    assert places["seen", 0] < min(place for column, place in places.items() if column[0] != "seen")


def test_as_many_inputs_as_there_are_places_and_not_one_more():
    terms, state, (found,) = made("agent a lockless { step s: { spte |= M1; } }")
    inputs = {f"i{number}": terms.truth_variable(f"i{number}") for number in range(512 - 3 * 3 + 1)}
    with pytest.raises(TooBig, match="too many inputs"):
        closure.closure([replace(found, inputs=inputs)], state)
    inputs.popitem()
    assert closure.closure([replace(found, inputs=inputs)], state).mask == 2


def test_each_parameter_of_a_step_is_chosen_freely():
    _, _, (found,) = made("agent a lockless { step s(u64 m, bool b, int k): when b && k > 3 { spte |= m & M1; } }")
    assert set(found.inputs) == {"m", "b", "k"} and found.earlier == {}


@pytest.mark.parametrize("where, told", [("spte & M0 ? 1 : 64", []), ("spte & M0 ? 64 : 1", ["unknown"])])
def test_a_step_must_be_defined_where_it_may_be_taken(implicit, where, told):
    agent = f"agent a lockless {{ step s: when spte & M0 {{ spte |= 1ULL << ({where}); }} }}\n"
    text = f"{agent}theorem t for layout in l against any number of a {{ atomic64_or(M0, sptep); prove preserves M0; }}"
    assert list(implicit(text).values()) == told


@pytest.mark.parametrize(
    ("seen", "entry", "left"),
    [(0b0001, 0b0100, 0b1100), (0b0011, 0b0100, None), (0b0010, 0b0100, None), (0b0000, 0b0100, None),
     (None, 0b0101, 0b1101), (None, 0b0100, None)],
)  # fmt: skip
def test_a_step_that_saw_something_saw_a_valid_value_of_which_it_holds(seen, entry, left):
    """Where it is not said what was seen, it is the value at hand."""
    step = "agent a lockless { step s: saw spte & M0 { spte |= M3; } }"
    _, _, (found,) = made(step, layout=KEPT)
    inputs = {} if seen is None else {SEEN: seen}
    after = after_transition(setting_of(step, KEPT), found, (), inputs, Values(entry, {"child": 0, "noted": 0}))
    assert (None if after is None else after.entry) == left


def left_by(agent, inputs, entry, child=0):
    """The entry that the agent's only change leaves, with the inputs in the order in which they are read."""
    _, _, (found,) = made(agent, layout=KEPT)
    given = dict(zip(found.inputs, inputs, strict=True))
    after = after_transition(setting_of(agent, KEPT), found, (), given, Values(entry, {"child": child, "noted": 0}))
    return None if after is None else after.entry


@pytest.mark.parametrize("read, at", [("*sptep", lambda word: (word, 0)), ("*child", lambda word: (0b0100, word))])
def test_what_was_found_earlier_is_valid_or_at_hand(read, at):
    agent = f"agent a lockless {{ u64 c = READ_ONCE({read}); if (c & M0) atomic64_or(M3, sptep); }}"
    entry, child = at(0b0100)
    assert left_by(agent, [0b0001], entry, child) == entry | 0b1000
    assert left_by(agent, [0b0011], entry, child) is None
    assert left_by(agent, [0b0100], entry, child) is None
    entry, child = at(0b0011)
    assert left_by(agent, [0b0011], entry, child) == entry | 0b1000


def test_an_int_of_a_step_is_one_of_c_and_a_word_is_any():
    assert left_by("agent a lockless { step s(u64 m): { spte |= m; } }", [1 << 63], 0) == 1 << 63
    counts = "agent a lockless { step s(int k): when k > 3 { spte |= M3; } }"
    assert [left_by(counts, [k], 0) for k in (3, 4, 1 << 31, 1 << 40)] == [None, 0b1000, None, None]


READS = "u64 x = READ_ONCE(*sptep), y = READ_ONCE(*sptep), z = READ_ONCE(*sptep);"


@pytest.mark.parametrize(
    "condition, read, left",
    [
        ("(y & M1) && !(z & M1)", [0b0010, 0b0000], None),  # it breaks the invariant, and cannot have gone meanwhile
        ("!(y & M1) && (z & M1)", [0b0000, 0b0010], 0b1010),
        ("!(y & M1)", [0b0000], 0b1010),  # what was read first does not matter, and may have been valid
        ("!(x & M1) && (y & M1)", [0b0000, 0b0010], 0b1010),
        ("!(z & M1)", [0b0000], 0b1010),
    ],
)
def test_what_was_found_after_something_at_hand_that_breaks_an_invariant_is_at_hand_too(condition, read, left):
    assert left_by(f"agent a lockless {{ {READS} if ({condition}) atomic64_or(M3, sptep); }}", read, 0b0010) == left
