"""Where the bits of a closure's diagrams stand: each has a place of its own, and what one step reads and changes stands together."""

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY
from spteproof.solver import closure
from spteproof.solver.doubts import TooBig
from spteproof.solver.environment import current, transitions
from spteproof.solver.instances import instances
from spteproof.solver.terms import Terms

TEXT = """layout l { M0 = bit 0; }
ghost bool flag;
ghost bool other;
ghost u64 noted;
entry child;
agent a(u64 x, u64 y, bool b) lockless { STEPS }
theorem t(u64 p, u64 q, bool r) for layout in l against any number of a(p, q, r) {
    prove always noted == *child && flag == other && *sptep == start;
}
"""
BITS = " | ".join(f"BIT_ULL({bit})" for bit in (1, 2, 3))


def moves(steps):
    """The transitions of an agent with these steps, and the state that they start from."""
    library = load_text(TEXT.replace("STEPS", steps), name="<text>", library_root=LIBRARY).library
    assert library is not None
    theorem = library.theorems["t"]
    ((setting,),) = [each.settings for each in instances(library, theorem)]
    terms = Terms()
    parameters = [terms.word_variable("p"), terms.word_variable("q"), terms.truth_variable("r")]
    found, _ = transitions(terms, setting, setting.scope.agents["a"], parameters)
    return found, current(terms, setting)


def words(state, *names):
    return {name: term for name, term in closure._words(state).items() if name in names}


def ordered(ranks):
    assert sorted(ranks) == sorted(ranks.values()) == list(range(64))
    return sorted(ranks, key=lambda bit: ranks[bit])


# The order of one word's bits ------------------------------------------------------------------------------


def test_bits_stand_as_steps_read_and_change_them():
    found, state = moves(
        "step s: when spte & (BIT_ULL(12) | BIT_ULL(3)) { spte |= BIT_ULL(7); }"
        "step t: when !(spte & BIT_ULL(9)) { spte |= BIT_ULL(2) | BIT_ULL(5); }"
    )
    order = ordered(closure._order(found, words(state, "entry")))
    assert order[:6] == [3, 12, 7, 9, 2, 5] and order[6:] == sorted(order[6:])


def test_bits_of_words_that_stand_side_by_side_follow_all_of_them_and_no_other():
    found, state = moves(
        "step s: when spte & BIT_ULL(8) { *child |= BIT_ULL(6); noted |= BIT_ULL(4); } step t: when noted & 4 { spte |= 2; }"
    )
    assert ordered(closure._order(found, words(state, "entry", "child", "noted")))[:5] == [8, 4, 6, 2, 1]
    assert ordered(closure._order(found, words(state, "child")))[:3] == [6, 0, 1]
    assert ordered(closure._order(found, words(state, "child", "noted")))[:4] == [4, 6, 2, 0]


# Words that stand bit beside bit ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps, groups",
    [
        (f"step s: {{ *child = (*child & ~({BITS})) | (spte & ({BITS})); }}", [["noted"], ["entry", "child"]]),
        ("step s: { *child = (*child & ~6ULL) | (spte & 6); }", [["entry"], ["noted"], ["child"]]),
        (f"step s: when (spte & ({BITS})) && (noted & ({BITS})) {{ flag = true; }}", [["child"], ["entry", "noted"]]),
        (f"step s: when spte & 1 {{ *child |= {BITS}; }}", [["entry"], ["noted"], ["child"]]),
        ("step s: when spte & 6 { noted |= 1; } step t: when spte & 24 { *child |= 1; }",
         [["entry"], ["noted"], ["child"]]),
        ("step s: when spte & 6 { spte |= noted & 8; } step t: { *child |= 1; }", [["child"], ["entry"], ["noted"]]),
    ],
)  # fmt: skip
def test_words_of_which_one_step_reads_many_bits_stand_bit_beside_bit(steps, groups, monkeypatch):
    monkeypatch.setattr(closure, "TOGETHER", 2)
    found, state = moves(steps)
    assert sorted(map(sorted, closure._groups(found, closure._words(state)))) == sorted(map(sorted, groups))


def test_one_word_stands_alone(monkeypatch):
    monkeypatch.setattr(closure, "TOGETHER", 2)
    found, state = moves(f"step s: when spte & ({BITS}) {{ spte |= 1; }}")
    assert closure._groups(found, words(state, "entry")) == [["entry"]]


# Places ----------------------------------------------------------------------------------------------------

MANY = """step s(u64 m, bool c): when spte & x & 6 { spte |= m & 6; flag = c; }
step t(u64 n): saw spte & y & 3 { *child ^= n & x & 12; other = b && flag; }
step v(bool d): when d && spte & 8 { spte |= 16; }
step u: when noted & 2 { noted = (noted & ~7ULL) | (spte & 7); spte &= ~y; }
"""


@pytest.mark.parametrize("together", [2, 16])
def test_every_bit_has_a_place_of_its_own(together, monkeypatch):
    monkeypatch.setattr(closure, "TOGETHER", together)
    found, state = moves(MANY)
    search = closure._Search(found, state)
    columns = [column for name in ("entry", *state.ghosts) for column in search._columns(name)]
    assert len(columns) == 3 * 64 + 2
    places = [search._number(column, kind) for column in columns for kind in range(3)]
    assert len(search._inputs) == 5
    ((becomes, name),) = search._becomes.items()
    assert name == "flag" and search._numbers_of_input(becomes) == [search._number(("flag", 0), closure._NEXT)]
    places += [number for term in search._inputs if term is not becomes for number in search._numbers_of_input(term)]
    assert {bool(term.is_word) for term, _ in search._rigid} == {False, True}
    places += search._rigid.values()
    assert len(places) == len(set(places)) == 3 * (3 * 64 + 2) + 3 * 64 + 1 + len(search._rigid)


def test_the_bits_of_an_input_stand_beside_those_that_its_step_changes():
    found, state = moves(
        "step s(u64 m): { spte |= m; } step t(u64 n): { *child |= n; } step u(u64 k): when spte & k { flag = true; }"
    )
    search = closure._Search(found, state)
    for term, name in zip(search._inputs, ("entry", "child", "entry"), strict=True):
        beside = [search._number((name, bit), 0) // closure._SLOTS for bit in range(64)]
        assert [number // closure._SLOTS for number in search._numbers_of_input(term)] == beside


@pytest.mark.parametrize(
    "agent, becoming",
    [
        ("step s(u64 m): { spte = m; } step t(u64 n): { *child = n; }", ["entry", "child"]),
        ("step s(u64 m): when !(spte & 1) { spte = m; } step t(bool c): { flag = c; }", ["entry", "flag"]),
        ("step s(u64 m): { spte = m | 1; } step t(bool c): { flag = !c; }", []),
        ("u64 k = any; WRITE_ONCE(*sptep, k);", ["entry"]),
        ("u64 k = any; WRITE_ONCE(*sptep, k); if (k & 1) WRITE_ONCE(*sptep, k | 2);", []),
        ("u64 k = any; WRITE_ONCE(*sptep, k | 2); if (k & 1) WRITE_ONCE(*sptep, k);", []),
    ],
)
def test_an_input_is_what_a_word_becomes_where_it_is_in_all_that_have_it(agent, becoming):
    found, _ = moves(agent)
    assert list(closure._becoming(found).values()) == becoming


def test_what_the_guard_decides_is_no_choice():
    ((decided,), _), ((left,), _) = (
        moves("step s: when !(spte & 4) { spte = x; flag = b; }"),
        moves("step s: when !(spte & 4) { if (!(spte & 8)) { spte = x; } }"),
    )
    assert decided.entry.operator == left.entry.operator == "ite"
    assert closure._after(decided)["entry"] is decided.arguments[0]
    assert closure._after(decided)["flag"] is decided.arguments[2]
    assert closure._after(left)["entry"].operator == "ite"


# Limits ----------------------------------------------------------------------------------------------------

COUNTING = "step s: when (spte & 7) < 5 { spte = (spte & ~7ULL) | ((spte + 1) & 7); }"


def test_as_many_layers_as_the_limit_are_found_and_not_one_more(monkeypatch):
    closed = closure.closure(*moves(COUNTING))
    assert len(closed.find_layers()) == 6
    monkeypatch.setattr(closure, "LAYER_LIMIT", 6)
    assert len(closed.find_layers()) == 6
    monkeypatch.setattr(closure, "LAYER_LIMIT", 5)
    with pytest.raises(TooBig, match="needs more than 5 steps to close"):
        closed.find_layers()


def test_as_many_inputs_as_have_a_place_are_taken_and_not_one_more(monkeypatch):
    found, state = moves("step s(u64 m): { spte |= m; } step t(u64 m): { spte &= ~m; }")
    monkeypatch.setattr(closure, "_FIRST_RIGID", 3 * 3 + 2)
    assert closure.closure(found, state).mask == (1 << 64) - 1
    monkeypatch.setattr(closure, "_FIRST_RIGID", 3 * 3 + 1)
    with pytest.raises(TooBig, match="too many inputs"):
        closure.closure(found, state)


def test_a_closure_that_is_too_large_is_none_and_one_that_is_found_keeps_no_work(monkeypatch):
    found, state = moves(COUNTING)
    closed = closure.closure(found, state)
    assert not closed.diagrams._choices and len(closed.diagrams) > 20
    monkeypatch.setattr(closure, "NODE_LIMIT", 20)
    with pytest.raises(TooBig, match="closure is too large"):
        closure.closure(found, state)


def test_what_is_only_read_stays_and_what_is_neither_read_nor_changed_is_left_out():
    closed = closure.closure(*moves("step s: when flag && noted & 4 { *child |= 3; }"))
    assert (closed.mask, closed.ghosts, set(closed.read_ghosts)) == (0, ("child",), {"flag", "noted"})
    assert closed.words == {"noted": 0, "child": 3} and not closed.is_identity()
    assert closure.closure(*moves("step s: when flag { spte |= 0; }")).is_identity()
