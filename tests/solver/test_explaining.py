"""What a proof rests on is what it fails without; what it did not need can be taken out; each step has its reason."""

import weakref
from dataclasses import replace

import pytest

from spteproof.grammar.modules import load, load_text
from spteproof.narrowing import narrowed
from spteproof.running.pipeline import LIBRARY, library_of
from spteproof.solver.explaining import grounds as explaining_grounds
from spteproof.solver.explaining.confirming import unconfirmed
from spteproof.solver.explaining.contradictions import Contradiction, contradiction
from spteproof.solver.explaining.grounds import grounds
from spteproof.solver.explaining.items import ASSUMPTION, GUARD, INVARIANT, without_brackets
from spteproof.solver.explaining.reasons import Remembering
from spteproof.solver.explaining.smallest import smallest
from spteproof.solver.explaining.texts import Texts
from spteproof.solver.instances import instances
from spteproof.solver.proof import Prover
from spteproof.solver.results import PROVED, REFUTED, Budget, Result

HEAD = """\
layout small { P = bit 0; W = bit 1; A = bit 8; D = bit 9; HW = bit 60; hw_ad = true; invariant no_hw: !(spte & HW); }
predicate is_writable(u64 spte) = spte & W;
predicate is_special(u64 spte) = spte & HW || spte == 7;
agent cpu lockless {
    step set_accessed: when spte & P                        { spte |= A; }
    step set_dirty:    when hw_ad && is_writable(spte)      { spte |= D; }
}
"""


def of(text, name="t", layouts=()):
    library = library_of(load_text(HEAD + text, name="example", library_root=LIBRARY))
    return narrowed(library, layouts, []), library.theorems[name]


def results_of(library, theorem, kind=None):
    found = Prover(library, Budget(), kind=kind).prove(theorem)
    return [each for each in found if isinstance(each, Result)]


def grounds_of(library, theorem):
    return grounds(library, theorem, results_of(library, theorem), Budget())


def told(needs):
    return {(need.item.owner, need.item.text) for need in needs}


def left(found):
    return {(each.owner, each.text) for each in found.unneeded}


PLAIN_STORE = """
theorem t() for layout in small against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    assume(!(old & W) && old & P);
    WRITE_ONCE(*sptep, old & ~A);

    prove preserves W | D;
}
"""


def test_few_trials_are_held_at_once(monkeypatch):
    """Each holds a solver for every placement: hundreds of them took all memory there was."""
    made, most = [], []

    class Watched(explaining_grounds.Trial):
        def __init__(self, *parts):
            super().__init__(*parts)
            made.append(weakref.ref(self))
            most.append(sum(each() is not None for each in made))

    monkeypatch.setattr(explaining_grounds, "Trial", Watched)
    monkeypatch.setattr(explaining_grounds, "SOLVERS_HELD", 3)
    found = grounds_of(*of(PLAIN_STORE))
    assert len(made) > 5 and max(most) <= 4
    monkeypatch.undo()
    assert told(found.needed) == told(grounds_of(*of(PLAIN_STORE)).needed)


def test_a_store_rests_on_the_assumption_and_the_guard_that_keep_the_cpu_away():
    found = grounds_of(*of(PLAIN_STORE))
    assert told(found.needed) == {("theorem t", "!(old & W)"), ("agent cpu.set_dirty", "is_writable(spte)")}
    assert all(need.alone for need in found.needed)
    assert left(found) >= {
        ("theorem t", "old & P"),
        ("agent cpu.set_accessed", "spte & P"),
        ("agent cpu.set_dirty", "hw_ad"),
    }
    assert ("invariant no_hw", "!(spte & HW)") in told(found.needed_unasked) | left(found)
    assert (found.unconfirmed, found.unnamed) == ((), [])


def test_of_two_reasons_either_of_which_is_enough_one_is_named_and_said_not_to_stand_alone():
    text = PLAIN_STORE.replace("!(old & W) && old & P", "!(old & W) && !is_writable(old)")
    found = grounds_of(*of(text))
    (need,) = [need for need in found.needed if need.item.kind == ASSUMPTION]
    assert not need.alone
    assert len([each for each in found.unneeded if each.kind == ASSUMPTION]) == 1
    assert found.unconfirmed == ()


def test_what_is_claimed_is_never_loosened():
    """The predicate stands in the property too: there it means what is written, or nothing would be needed."""
    text = """
theorem t() for layout in small {
    u64 old = READ_ONCE(*sptep);
    assume(is_writable(old) && old & P);
    prove ensures is_writable(old);
}
"""
    found = grounds_of(*of(text))
    assert told(found.needed) == {("theorem t", "is_writable(old)")}
    assert found.unconfirmed == ()


def test_asserts_are_claims_and_what_they_need_is_said_apart():
    text = """
predicate asserting(u64 spte) { assert(spte & P); return spte & W && spte & D; }
theorem t() for layout in small {
    u64 old = READ_ONCE(*sptep);
    assume(old & P);
    if (asserting(old)) atomic64_and(~A, sptep);
    prove preserves W;
}
"""
    found = grounds_of(*of(text))
    assert told(found.needed) == set()
    assert told(found.needed_unasked) == {("theorem t", "old & P")}
    assert found.needed_unasked[0].property == "asserts hold"
    assert found.unconfirmed == ()


def test_the_asserts_of_agents_need_guards_that_the_property_does_not():
    text = """
agent other lockless {
    u64 old = READ_ONCE(*sptep);
    if (!(old & P)) return;
    assert(old & P);
    try_cmpxchg64(sptep, &old, old | A);
}
theorem t() for layout in small against any number of other {
    atomic64_and(~D, sptep);
    prove preserves W;
}
"""
    found = grounds_of(*of(text))
    assert told(found.needed) == set()
    assert told(found.needed_unasked) >= {("agent other", "!(old & P)")}
    assert {need.property for need in found.needed_unasked if need.item.owner == "agent other"} == {"agents are sound"}


def test_a_disjunct_that_is_needed_and_one_that_is_not():
    text = """
predicate volatile_bits(u64 spte) = is_writable(spte) || spte & A;
theorem t() for layout in small against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    if (volatile_bits(old)) atomic64_and(~A, sptep);
    else WRITE_ONCE(*sptep, old & ~A);
    prove preserves W | D;
}
"""
    found = grounds_of(*of(text))
    assert ("predicate volatile_bits", "is_writable(spte)") in told(found.needed)
    assert ("predicate volatile_bits", "spte & A") in left(found)
    assert found.unconfirmed == ()


def test_an_invariant_of_which_a_proof_makes_use():
    text = """
theorem t() for layout in small {
    u64 old = READ_ONCE(*sptep);
    assume(is_special(old));
    prove ensures old == 7;
}
"""
    found = grounds_of(*of(text))
    assert ("invariant no_hw", "!(spte & HW)") in told(found.needed)
    assert found.unconfirmed == ()


def test_to_leave_out_what_is_needed_is_noticed():
    library, theorem = of(PLAIN_STORE)
    texts = Texts(library, theorem)
    proved = results_of(library, theorem)
    wrong = [each for each in texts.items if each.kind == GUARD]
    spoilt = list(unconfirmed(texts, proved, wrong, Budget()))
    assert ("preserves W | D", "small", REFUTED) in {
        (proof.property, proof.layout, found.verdict) for proof, found in spoilt
    }
    assert not list(unconfirmed(texts, proved, [], Budget()))


def test_what_stands_under_a_negation_is_confirmed_with_values_that_leave_something_to_happen():
    """The predicate is asked twice, and what it says does not matter: taken out it would be true, and the assumption
    false."""
    text = """
theorem t() for layout in small against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    assume(!is_special(old));
    if (is_special(old)) WRITE_ONCE(*sptep, 0);
    else atomic64_and(~A, sptep);
    prove preserves W | D;
}
"""
    found = grounds_of(*of(text))
    assert told(found.needed) == {("theorem t", "!is_special(old)")}
    assert {text for owner, text in left(found) if owner == "predicate is_special"} == {"spte & HW", "spte == 7"}
    assert found.unconfirmed == ()


def test_what_equivalent_calls_rest_on_is_not_said():
    text = """
helper left() { atomic64_and(~A, sptep); }
helper right() { atomic64_and(~A, sptep); }
theorem t() for layout in small { prove equivalent left(), right(); }
"""
    found = grounds_of(*of(text))
    assert found.proved == [] or all(each.implicit for each in found.proved)
    assert [(proof.property, proof.layout) for proof, _ in found.unnamed] == [("equivalent left(), right()", "small")]


def test_a_retry_is_left_as_it_is_and_what_stands_around_it_is_named():
    text = """
theorem t() for layout in small against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    assume(old & P);
    bool found = false;
    retry { found = old & D && is_writable(old); } until (try_cmpxchg64(sptep, &old, old & ~A));
    if (found && old & P) atomic64_and(~A, sptep);
    prove preserves W | D;
}
"""
    found = grounds_of(*of(text))
    texts = {each.text for each in found.texts.items}
    assert "old & D" not in texts and {"old & P", "found"} <= texts
    assert {each.property for each in found.proved} >= {"preserves W | D"}
    assert told(found.needed) == set()
    assert found.unconfirmed == ()


def test_the_smallest_set_is_found_among_many():
    asked = []

    def enough(kept):
        asked.append(kept)
        return {3, 17, 40} <= kept

    assert sorted(smallest(range(64), enough)) == [3, 17, 40]
    assert len(asked) < 40
    assert smallest(range(5), lambda kept: True) == []
    assert sorted(smallest(range(3), lambda kept: len(kept) == 3)) == [0, 1, 2]


@pytest.mark.parametrize(
    "text, bare", [("(a)", "a"), ("(a) | (b)", "(a) | (b)"), ("f(a)", "f(a)"), ("((a) & b)", "(a) & b")]
)
def test_brackets_around_all_of_a_condition_are_left_out(text, bare):
    assert without_brackets(text) == bare


# The library


def of_library(path, name, *layouts):
    """A theorem in some layouts, with the first of its choices."""
    library = narrowed(library_of(load([LIBRARY / path], library_root=LIBRARY)), layouts, [])
    theorem = library.theorems[name]
    first = [replace(each, choices=each.choices and each.choices[:1]) for each in theorem.parameters]
    return library, replace(theorem, parameters=tuple(first))


def test_the_helper_of_the_mail_rests_on_each_disjunct_that_a_broken_twin_lacks():
    """mail/without_*.spte are refuted, each without one of these."""
    library, theorem = of_library("mail/clear_one_bit.spte", "clear_one_bit_keeps_what_others_set", "ept")
    found = grounds_of(library, theorem)
    needed = told(found.needed)
    predicate = "predicate spte_has_volatile_bits"
    assert {text for owner, text in needed if owner == predicate} >= {
        "!is_writable_pte(spte) && is_mmu_writable_spte(spte)",
        "!(spte & shadow_accessed_mask)",
        "is_writable_pte(spte) && !(spte & shadow_dirty_mask)",
    }
    assert (predicate, "is_access_track_spte(spte)") in left(found)  # ept has A/D bits: no entry is tracked
    assert {text for owner, text in needed if owner.startswith("theorem")} == {
        "is_shadow_present_pte(old)",
        "is_last_spte(old, level)",
    }
    assert ("agent fast_page_fault", "is_mmu_writable_spte(old)") in needed
    assert ("agent cpu_walk.set_dirty", "is_writable_pte(spte)") in needed
    assert found.unconfirmed == ()
    check_each_that_stands_alone(found)


def check_each_that_stands_alone(found):
    """Taken out of the texts by itself, it costs a proof."""
    wanted = [
        need.item
        for need in (*found.needed, *found.needed_unasked)
        if need.alone and need.item.kind in (ASSUMPTION, GUARD, INVARIANT)
    ]
    assert wanted
    for item in wanted:
        assert list(unconfirmed(found.texts, found.proved, [item], Budget())), item


def test_entries_without_accessed_and_dirty_bits_rest_on_the_tracking_instead():
    library, theorem = of_library("mail/clear_one_bit.spte", "clear_one_bit_in_an_indirect_mmu", "ept_no_ad_since_6_13")
    found = grounds_of(library, theorem)
    needed = told(found.needed)
    assert ("agent cpu_walk.set_dirty", "hw_ad") in needed and ("agent cpu_walk.set_accessed", "hw_ad") in needed
    assert not any(owner == "predicate spte_has_volatile_bits" for owner, _ in needed)
    assert found.unconfirmed == ()
    check_each_that_stands_alone(found)


# Failures


def test_each_step_of_a_counterexample_has_its_reason():
    library, theorem = of_library("mail/without_dirty.spte", "without_dirty", "ept")
    remembering = Remembering()
    results = results_of(library, theorem, remembering.kind)
    first = next(each for each in results if each.verdict == REFUTED)
    read, walk, store = remembering.reasons(first.property, first.counterexample)
    assert read.facts == () and not read.breaks
    assert [(fact.text, fact.value) for fact in walk.facts if fact.depth == 0] == [
        ("hw_ad", True),
        ("hw_present(spte)", True),
        ("is_last_spte(spte, level)", True),
        ("is_writable_pte(spte)", True),
    ]
    assert [(fact.text, fact.value) for fact in store.facts if fact.depth < 2] == [
        ("has_volatile_bits_without_dirty(old_spte)", False),
        ("!is_writable_pte(spte)", False),
        ("is_access_track_spte(spte)", False),
        ("!(spte & shadow_accessed_mask)", False),
    ]
    assert store.breaks and store.lost == 1 << 9
    whole = next(each for each in results if each.property.startswith("refines") and each.counterexample)
    assert list(whole.counterexample.rows) == list(first.counterexample.rows)
    steps = remembering.reasons(whole.property, whole.counterexample)
    assert not any(step.breaks for step in steps)  # no single event is to blame for what the whole is not


def test_a_program_of_an_agent_tells_the_way_to_its_event():
    library, theorem = of_library("mail/never_atomic.spte", "never_atomic", "ept")
    remembering = Remembering()
    results = results_of(library, theorem, remembering.kind)
    found = [
        step
        for each in results
        if each.counterexample is not None
        for step in remembering.reasons(each.property, each.counterexample)
        if step.row.who == "fast_page_fault"
    ]
    assert found
    for step in found:
        texts = [(fact.text, fact.value) for fact in step.facts if fact.depth == 0]
        assert ("!is_shadow_present_pte(old)", False) in texts and ("is_mmu_writable_spte(old)", True) in texts


def test_every_counterexample_of_the_mail_gets_its_reasons():
    for path in ("mail/without_tracked.spte", "mail/without_mmu_writable.spte", "mail/clear_dirty.spte"):
        if not (LIBRARY / path).exists():
            continue
        library = narrowed(
            library_of(load([LIBRARY / path], library_root=LIBRARY)), ["ept", "ept_no_ad_until_6_12"], []
        )
        for name in [name for name in library.theorems if name in library.asked]:
            remembering = Remembering()
            for each in results_of(library, library.theorems[name], remembering.kind):
                if each.counterexample is not None:
                    steps = remembering.reasons(each.property, each.counterexample)
                    assert [step.row for step in steps] == list(each.counterexample.rows)


# Vacuous


def contradiction_of(text, claim="preserves D"):
    library, theorem = of(text)
    (instance,) = instances(library, theorem)
    return contradiction(library, theorem, instance, claim, Budget())


def test_assumptions_that_contradict_one_another_are_named_and_no_others():
    found = contradiction_of("""
theorem t() for layout in small against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    assume(old & P && old & W);
    assume(!(old & D));
    assume(!is_writable(old));
    WRITE_ONCE(*sptep, old);
    prove preserves D;
}
""")
    assert isinstance(found, Contradiction)
    assert {each.text for each in found.items} == {"old & W", "!is_writable(old)"}
    assert found.confirmed


def test_an_invariant_can_be_what_an_assumption_contradicts():
    found = contradiction_of("""
theorem t() for layout in small {
    u64 old = READ_ONCE(*sptep);
    assume(old & HW);
    WRITE_ONCE(*sptep, old);
    prove preserves D;
}
""")
    assert {each.text for each in found.items} == {"old & HW", "!(spte & HW)"}
    assert found.confirmed


def test_a_property_that_the_start_breaks_does_not_keep_others_from_being_vacuous():
    text = """
theorem t() for layout in small {
    u64 old = READ_ONCE(*sptep);
    assume(old & W);
    assume(!(old & W));
    WRITE_ONCE(*sptep, old);
    prove preserves D;
    prove always *sptep & W;
}
"""
    found = contradiction_of(text)
    assert {each.text for each in found.items} == {"old & W", "!(old & W)"}
    assert found.confirmed
    assert not contradiction_of(text, "always *sptep & W").confirmed


def test_what_can_happen_contradicts_nothing():
    assert isinstance(contradiction_of(PLAIN_STORE), str)


def test_the_ordinary_way_does_not_know_of_loosened_texts():
    library, theorem = of(PLAIN_STORE)
    before = results_of(library, theorem)
    grounds_of(library, theorem)
    after = results_of(library, theorem)
    assert [each.verdict for each in before] == [each.verdict for each in after] == [PROVED] * len(before)
