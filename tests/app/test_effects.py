"""What `show` says of an agent's steps is what they do: compared with the steps themselves, value by value."""

import random
from pathlib import Path

import pytest

from spteproof.grammar.modules import load, load_text
from spteproof.running.pipeline import LIBRARY
from spteproof.showing.effects import effects
from spteproof.solver.environment import current, invariants, transitions
from spteproof.solver.instances import concrete
from spteproof.solver.placements import placements
from spteproof.solver.terms import Terms

ODD = """
layout small {
    W = bit 1; A = bit 8; D = bit 9; COUNT = GENMASK_ULL(59, 56);
    invariant dirty: spte & D -> spte & W;
}
ghost bool seen;
agent odd(int level, bool late) lockless {
    step toggle:        when spte & W                          { spte ^= A; }
    step move:          when (spte & A) && level == 1          { spte = (spte & ~A) | W; }
    step count:         when (spte & COUNT) < COUNT            { spte += BIT_ULL(56); }
    step either:                                               { if (spte & W) spte |= A; else spte &= ~D; }
    step perhaps(bool x): when !late                           { if (x) spte |= W; else spte &= ~(A | COUNT); }
    step note:          when spte & D                          { seen = true; }
    step stale:         saw spte & D                           { spte |= W | D; seen = false; }
    step nothing:       when spte & W                          { spte |= W; }
    step forbidden:     when (spte & D) && !(spte & W)         { spte = 0; }
    step both:          when level == 1 || level > 3           { spte |= A | D; }
    step some(u64 x):                                          { spte |= x & (W | A); }
    step kept:          when spte & D                          { spte |= W; }
}
"""


def derived(library, agent, layout):
    """(terms, setting, the agent's transitions) in a layout."""
    terms = Terms()
    values = next(iter(placements(library, None, library.layouts[layout], None)))
    setting = concrete(library, library.layouts[layout], values)
    words = {"int": terms.word_variable, "u64": terms.word_variable, "bool": terms.truth_variable}
    declared = library.scopes[None].agents[agent]
    arguments = [words[each.sort.value](each.name) for each in declared.parameters]
    return terms, setting, transitions(terms, setting, declared, arguments)[0]


def choices(terms, transition):
    """Ways to choose the inputs: both truth values; of words those that the steps above tell apart."""
    found = [{}]
    for term in transition.inputs.values():
        options = (0, 0x2, 0x100, 0x102, 0x302, 0x202) if term.is_word else (False, True)
        make = terms.word if term.is_word else terms.truth
        found = [{**one, term: make(value)} for one in found for value in options]
    return found


def successors(terms, transition, state, known):
    """(entry, ghosts) after the transition itself, for all choices of its inputs."""
    found = set()
    names = list(transition.ghosts)
    for chosen in choices(terms, transition):
        roots = [transition.guard, transition.entry, *transition.ghosts.values()]
        guard, entry, *ghosts = terms.substitute(roots, {**known, **chosen})
        if guard.value is True:
            found.add((entry.value, tuple(zip(names, (ghost.value for ghost in ghosts), strict=True))))
    return found


def predicted(terms, transition, found, state, known):
    """The same, by the effects."""
    result = set()
    for effect in found:
        entry = known[state.entry].value
        ghosts = {name: known[term].value for name, term in state.ghosts.items()}

        def holds(literal, effect=effect):
            term, bit = effect.meaning[literal[0]]
            (value,) = terms.substitute([term], known)
            return bool(int(value.value) >> bit & 1) == literal[1]

        if not any(all(map(holds, cube)) for cube in effect.cases):
            continue
        for columns, sets in ((effect.sets, True), (effect.clears, False)):
            for term, bit in columns:
                if term.is_word:
                    entry = entry | 1 << bit if sets else entry & ~(1 << bit)
                else:
                    ghosts[str(term.value).removeprefix("ghost ")] = sets
        result.add((entry, tuple((name, ghosts[name]) for name in transition.ghosts)))
    return result


def forced(value, entry, found, source):
    """Half of the time the value is made to fit some condition."""
    cubes = [(effect, cube) for effect in found for cube in effect.cases]
    if cubes and source.random() < 0.5:
        effect, cube = source.choice(cubes)
        for (term, bit), holds in ((effect.meaning[number], holds) for number, holds in cube):
            if term is entry:
                value = value | 1 << bit if holds else value & ~(1 << bit)
    return value


def compare(terms, setting, transition, bits, tries=60):
    """Random valid values over these bits; how many changes were seen."""
    state, found = current(terms, setting), effects(terms, setting, transition)
    assert found is not None and not any(effect.partly for effect in found)
    source, changes = random.Random(transition.name), 0
    for _ in range(tries):
        value = forced(sum(1 << bit for bit in bits if source.random() < 0.5), state.entry, found, source)
        known = {state.entry: terms.word(value), terms.word_variable("level"): terms.word(source.randint(1, 5))}
        known |= {term: terms.truth(source.random() < 0.5) for term in state.ghosts.values()}
        known[terms.truth_variable("late")] = terms.truth(source.random() < 0.5)
        (valid,) = terms.substitute([invariants(terms, setting, state.entry)], known)
        if valid.value is not True:
            continue
        same = (value, tuple((name, known[state.ghosts[name]].value) for name in transition.ghosts))
        real = successors(terms, transition, state, known) - {same}
        assert predicted(terms, transition, found, state, known) - {same} == real
        changes += bool(real)
    return changes


@pytest.mark.parametrize("number", range(11))
def test_the_effects_of_odd_steps_are_what_they_do(number):
    library = load_text(ODD, name="odd", library_root=LIBRARY).library
    terms, setting, found = derived(library, "odd", "small")
    changes = compare(terms, setting, found[number], (1, 8, 9, 56, 57, 58, 59), tries=150)
    assert (changes > 0) == (found[number].name not in ("odd.nothing", "odd.forbidden"))


def test_what_the_invariants_say_is_so_already_is_no_effect():
    """Also where the step itself does not look at what they speak of."""
    library = load_text(ODD, name="odd", library_root=LIBRARY).library
    terms, setting, found = derived(library, "odd", "small")
    assert found[-1].name == "odd.kept" and effects(terms, setting, found[-1]) == []


@pytest.mark.parametrize("layout", ["legacy", "ept", "ept_wrprot_only", "ept_no_ad_until_6_12", "ept_no_ad_since_6_13"])
def test_the_effects_of_the_librarys_agents_are_what_they_do(layout):
    library = load([Path(LIBRARY, "kvm", "mmu.spte")], library_root=LIBRARY).library
    width = {
        bit for mask in library.layouts[layout].masks.values() for bit in range(64) if (mask.value or 0) >> bit & 1
    }
    bits = sorted(width - set(range(12, 52)))
    changes = 0
    for agent in ("cpu_walk", "fast_page_fault"):
        terms, setting, found = derived(library, agent, layout)
        for transition in found:
            if not any(term.is_word for term in transition.inputs.values()):
                changes += compare(terms, setting, transition, bits, tries=400)
    assert changes > 0
