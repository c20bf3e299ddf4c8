"""What is found about masks, against brute force and against `prove`."""

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, library_of, prove_text
from spteproof.solver.finding.answers import CannotFind
from spteproof.solver.finding.masks import MaskFinder
from spteproof.solver.finding.predicates import PredicateFinder
from spteproof.solver.results import Budget

from .brute import BITS, VALUES, cases

KEEPS = "keeps invariants"


def masks(text, parameter="mask", theorem="t", chosen=None, budget=None):
    library = library_of(load_text(text, name="<text>", library_root=LIBRARY))
    return list(MaskFinder(library, budget or Budget(), chosen).find(library.theorems[theorem], parameter))


def bits(text, **options):
    """The answers of the one instance, by bit number."""
    (found,) = masks(text, **options)
    return {bit.number: bit for bit in found.placed[0].bits}


def broken(bit):
    return {text.split()[0] for text in bit.broken if text != KEEPS}


@pytest.mark.parametrize("case", cases(8, every_value=False), ids=range(8))
def test_masks_agree_with_brute_force(case):
    found = bits(case.text())
    for number in range(BITS):
        kept, breaks = case.keeps_invariant(1 << number), case.broken_by(1 << number)
        assert (found[number].verdict == "proved") == (kept and not breaks)
        assert broken(found[number]) == breaks
        assert (KEEPS in found[number].broken) == (not kept)


@pytest.mark.parametrize("case", cases(3, every_value=False), ids=range(3))
def test_masks_agree_with_prove_on_each_bit(case):
    found = bits(case.text())
    for number in (0, 1, 2, 3, 4):
        results = prove_text(case.text(f" in {{BIT_ULL({number})}}")).results
        assert (found[number].verdict == "proved") == all(each.verdict == "proved" for each in results)
        assert set(found[number].broken) == {each.property for each in results if each.verdict == "refuted"}


@pytest.mark.parametrize("case", cases(3, every_value=False), ids=range(3))
def test_one_property_agrees_with_prove(case):
    """Also where it rests on invariants that are not kept."""
    found = bits(case.text(), chosen=[0])
    for number in range(BITS + 1):
        results = prove_text(case.text(f" in {{BIT_ULL({number})}}")).results
        assert found[number].verdict == results[0].verdict


SMALL = "layout l { A = bit 5; D = bit 6; N = none; }\nagent cpu lockless { step s: { spte |= D; } }\n"
STORE = "u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~mask);"


def test_a_bit_that_agents_set_is_the_only_one_that_may_be_cleared_by_a_store():
    found = bits(f"{SMALL}theorem t(u64 mask) against any number of cpu {{ {STORE} prove preserves D except mask; }}")
    assert [number for number, bit in found.items() if bit.verdict == "proved"] == [6]
    assert found[0].broken == ("preserves D except mask",)


def test_choices_of_the_parameter_are_ignored_and_others_are_not():
    text = f"""{SMALL}theorem t(u64 mask in {{A, N}}, u64 other in {{A, D, N}}) for layout in l
        {{ {STORE} prove that mask != other; }}"""
    found = masks(text)
    assert [(each.params, each.skipped) for each in found] == [
        ({"other": "A"}, None),
        ({"other": "D"}, None),
        ({"other": "N"}, "`N` is none in `l`"),
    ]
    refuted = [[bit.number for bit in each.placed[0].bits if bit.verdict == "refuted"] for each in found[:2]]
    assert refuted == [[5], [6]]
    assert found[0].none == ("N",)


def test_a_mask_for_which_nothing_can_happen_is_not_in():
    found = bits(f"{SMALL}theorem t(u64 mask) {{ assume(mask != D); {STORE} prove changes only mask; }}")
    assert found[6].verdict == "vacuous" and "the hypotheses cannot hold" in found[6].reason
    assert found[5].verdict == "proved"


def test_asserts_and_definedness_count():
    text = f"{SMALL}theorem t(u64 mask) {{ assert(mask != A); u64 x = 1ULL << (mask - 1); atomic64_and(~mask, sptep); prove changes only mask; }}"
    found = bits(text)
    assert found[5].broken == ("asserts hold",)
    assert found[7].broken == ("every expression is defined",)
    assert [number for number, bit in found.items() if bit.verdict == "proved"] == [0, 1, 2, 3, 4, 6]


def test_an_equivalence_is_decided_bit_by_bit():
    text = """layout l { A = bit 5; }
        helper one(u64 mask) { atomic64_and(~mask, sptep); }
        helper two(u64 mask) { atomic64_and(~mask & ~A, sptep); }
        theorem t(u64 mask) { prove equivalent one(mask), two(mask); }"""
    found = bits(text)
    assert [number for number, bit in found.items() if bit.verdict == "proved"] == [5]


def test_an_agent_told_the_mask_by_number_is_decided_bit_by_bit():
    """Its argument is undefined where the mask is 0, which is no single bit."""
    text = """layout l { A = bit 5; }
        agent other(u64 nr) lockless { step s: { spte |= 1ULL << nr; } }
        theorem t(u64 mask) against any number of other(__ffs64(mask)) {
            u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~A); prove preserves ~0ULL except A; }"""
    found = bits(text)
    assert [number for number, bit in found.items() if bit.verdict == "proved"] == [5]


def test_a_block_that_cannot_be_compared_is_unknown_as_prove_says():
    text = "helper asks(u64 m) { assume(m != A); *sptep &= ~m; }\n"
    text += "theorem t(u64 mask%s) { atomic64_and(~mask, sptep); prove refines { asks(mask); }; }"
    (proved, *_) = prove_text(SMALL + text % " in {A}").results
    found = bits(SMALL + text % "")
    assert (proved.verdict, {each.verdict for each in found.values()}) == ("unknown", {"unknown"})
    assert found[5].reason == f"{proved.property}: {proved.reason}"


def test_what_only_a_rely_lets_happen_proves_nothing():
    text = "u64 a = *sptep, b = *sptep; assume(!(a & A) && b & A); atomic64_and(~mask, sptep); prove changes only mask;"
    found = bits(f"{SMALL}theorem t(u64 mask) against any number of cpu rely true {{ {text} }}")
    assert {each.verdict for each in found.values()} == {"unknown"}


LOCKED = """layout l { A = bit 0; B = bit 1; X = some bit; disjoint(A, X); disjoint(B, X); invariant small: !(spte & ~(A | B)); }
agent slow holding m { u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old | B); }
agent clear holding m { step s: { spte &= ~A; } }
agent flip holding m { atomic64_fetch_xor(A, sptep); atomic64_fetch_xor(B, sptep); }
theorem t(u64 mask) for layout in l against any number of AGENTS {
    u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); u64 c = READ_ONCE(*sptep);
    assume(a == FIRST && b == SECOND && c == THIRD);
    atomic64_fetch_or(mask, sptep);
    prove changes only B;
}
"""


@pytest.mark.parametrize(
    ("agents", "seen", "expected"),
    [("slow, clear", ("A", "0", "(A | B)"), ["unknown"] * 2), ("flip", ("0", "A", "0"), ["refuted", "proved"])],
)
def test_what_is_found_happens_in_executions_that_locks_allow(agents, seen, expected):
    """What the slow writer has read before A was cleared it cannot write back; a flip goes through its whole program."""
    text = LOCKED.replace("AGENTS", agents)
    for name, value in zip(["FIRST", "SECOND", "THIRD"], seen, strict=True):
        text = text.replace(name, value)
    found = bits(text)
    assert [found[number].verdict for number in (0, 1)] == expected


def test_symbolic_bits_are_answered_placement_by_placement():
    text = f"""layout l {{ D = bit 6; A = some bit; disjoint(A, D); }}
        agent cpu lockless {{ step s: {{ spte |= D; }} }}
        theorem t(u64 mask) against any number of cpu {{ {STORE} prove preserves A | D except mask; prove that mask != A; }}"""
    (found,) = masks(text)
    assert len(found.placed) == 1
    (placed,) = found.placed
    assert [1 << bit.number for bit in placed.bits if bit.verdict == "proved"] == [placed.values["D"]]
    assert {len(bit.broken) for bit in placed.bits if 1 << bit.number == placed.values["A"]} == {2}


def test_what_the_solver_cannot_decide_is_unknown():
    text = """layout l { A = bit 5; }
        agent mixer lockless { step mix: { spte = spte * spte * 3ULL + (spte >> 7); } }
        theorem t(u64 mask) against any number of mixer { atomic64_and(~mask, sptep); prove preserves ~0ULL except mask; }"""
    found = bits(text, budget=Budget(effort=1))
    assert {bit.verdict for bit in found.values()} == {"unknown"}
    assert all(bit.reason for bit in found.values())


def test_no_time_is_unknown():
    found = bits(f"{SMALL}theorem t(u64 mask) {{ {STORE} prove changes only mask; }}", budget=Budget(effort=1))
    assert {bit.verdict for bit in found.values()} == {"unknown"}


def test_a_parameter_that_is_no_u64_is_refused():
    with pytest.raises(CannotFind, match="no u64 parameter `level`"):
        masks(f"{SMALL}theorem t(int level) {{ atomic64_and(~A, sptep); prove changes only A; }}", parameter="level")


# The weakest predicate


def predicates(text, predicate="needs", theorem="t", chosen=None, budget=None):
    library = library_of(load_text(text, name="<text>", library_root=LIBRARY))
    return list(PredicateFinder(library, budget or Budget(), chosen).find(library.theorems[theorem], predicate))


def weakest(text, **options):
    """The answer in the one instance."""
    (found,) = predicates(text, **options)
    (placed,) = found.placed
    return placed


def holds(products, value, level=1):
    """The sum of products at one value of `old` (and `level`)."""
    words = {"old": value, "level": level}
    return any(all((words[each.parameter] >> each.bit & 1) == each.value for each in product) for product in products)


def where(products):
    return {value for value in VALUES if holds(products, value)}


@pytest.mark.parametrize("case", cases(8, every_value=True), ids=range(8))
def test_the_weakest_predicate_agrees_with_brute_force(case):
    masks = (1, 4)
    found = weakest(case.text(" in {M0, M2}"))
    needed = {old for old in VALUES if any(case.breaks(mask, old, False) for mask in masks)}
    assert found.reason is None and where(found.products) == needed
    assert where(found.stricter.products) == case.atomic - needed
    assert where(found.missing.products) == needed - case.atomic
    assert {each["old"] for each in found.stricter.examples} <= case.atomic - needed
    assert {each["old"] for each in found.missing.examples} <= needed - case.atomic
    assert bool(found.missing.examples) == bool(needed - case.atomic) == bool(found.own_broken)


@pytest.mark.parametrize("case", cases(12, every_value=False), ids=range(12))
def test_the_weakest_predicate_holds_of_what_invariants_allow(case):
    """One property alone: what breaks invariants is another matter, and answers that rest on them are not given."""
    found = weakest(case.text(" in {M1}"), chosen=[1])
    asked = {old for old in VALUES if any(old in case.reached(start) for start in case.valid)}
    needed = {old for old in asked if "changes" in case.breaks(2, old, False)}
    if found.products is None:
        assert not case.keeps_invariant(2)
    else:
        assert where(found.products) & asked == needed
        assert where(found.stricter.products) & asked == (case.atomic - needed) & asked
        assert where(found.missing.products) & asked == needed - case.atomic


HELPER = """layout l { W = bit 1; M = bit 2; D = bit 6; invariant i: spte & W -> spte & M; }
agent cpu lockless { step dirty: when spte & W { spte |= D; } step write: when spte & M { spte |= W; } }
predicate inner(u64 old) { assert(old & M); return old & W && !(old & D); }
predicate needs(u64 old, int level) = level == 1 && old & M && (inner(old) || !(old & W));
helper clear(u64 old, u64 mask, int level) {
    if (needs(old, level)) atomic64_and(~mask, sptep); else WRITE_ONCE(*sptep, old & ~mask);
}
theorem t(u64 mask in {W, D}, int level) against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    assume(level == 1);
    clear(old, mask, level);
    prove changes only mask;
}
"""


def test_a_predicate_that_is_the_weakest_is_found_to_be_so():
    found = weakest(HELPER)
    assert found.reason is None and not found.own_broken
    assert not found.stricter.products and not found.missing.products
    for old, needed in ((0, False), (4, True), (4 | 64, True), (6, True), (6 | 64, False), (64, False)):
        assert holds(found.products, old) == needed


def test_an_inner_predicate_can_be_asked_for():
    """Its answer decides only where the entry is writable; elsewhere the outer one has already decided."""
    found = weakest(HELPER, predicate="inner")
    assert found.reason is None and not found.missing.products
    assert holds(found.products, 6) and not holds(found.products, 6 | 64)


def test_without_the_invariant_more_is_needed():
    without = HELPER.replace(" invariant i: spte & W -> spte & M;", "").replace("assert(old & M); ", "")
    found = weakest(without)
    assert holds(found.products, 2) and not holds(weakest(HELPER).products, 2 | 64)
    assert [each["old"] & 70 for each in found.missing.examples] == [2]
    assert found.own_broken == ("changes only mask",)


def test_a_predicate_that_is_never_needed_is_false():
    found = weakest(HELPER.replace("against any number of cpu", "against nobody"))
    assert found.products == () and found.broken == () and found.reason is None
    assert found.stricter.products


def test_where_no_predicate_is_enough_that_is_said():
    found = weakest(HELPER.replace("prove changes only mask;", "prove changes nothing;"))
    assert found.products is None and found.reason is None and found.broken == ("changes nothing",)


def test_two_questions_have_no_weakest_predicate():
    found = weakest(
        HELPER.replace("    clear(old, mask, level);\n", "    clear(old, mask, level); clear(old, mask, level);\n")
    )
    assert found.products is None and "asks at 2 places" in found.reason


def test_agents_and_assumptions_keep_asking_the_kernels_predicate():
    text = HELPER.replace("assume(level == 1);", "assume(level == 1 && needs(old, level));")
    found = weakest(text)
    assert found.reason is None and holds(found.products, 4) and not found.missing.products


def test_nothing_that_could_go_wrong_is_no_answer():
    found = weakest(HELPER.replace("assume(level == 1);", "assume(level == 1 && level == 2);"))
    assert found.products is None and "nothing that the properties speak of" in found.reason


def test_a_predicate_is_not_found_without_effort():
    found = weakest(HELPER, budget=Budget(effort=1))
    assert found.products is None and found.reason is not None


def test_choices_that_are_none_are_left_out():
    text = HELPER.replace("D = bit 6;", "D = bit 6; N = none;").replace("in {W, D}", "in {W, N}")
    (found,) = predicates(text)
    assert found.left_out == ("N: `N` is none in `l`",)


@pytest.mark.parametrize(
    "predicate, message", [("need", "there is no predicate `need`"), ("other", "does not ask `other`")]
)
def test_a_predicate_that_is_not_asked_is_refused(predicate, message):
    with pytest.raises(CannotFind, match=message):
        predicates(HELPER + "predicate other(u64 old) = old;\n", predicate=predicate)
