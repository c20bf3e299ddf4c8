"""Terms that fold are what they would have been: nothing is lost, and what is known is a constant."""

from itertools import product

import pytest

from spteproof.solver.integers import Integers
from spteproof.solver.terms import Terms

ONES = (1 << 64) - 1
WORDS = (
    "bit_and",
    "bit_or",
    "bit_xor",
    "add",
    "subtract",
    "multiply",
    "shift_left",
    "shift_right",
    "shift_right_signed",
)
TRUTHS = ("less", "less_signed", "equal")


@pytest.mark.parametrize("name", [*WORDS, *TRUTHS])
def test_what_is_folded_before_values_are_known_is_what_is_folded_then(name):
    terms, integers = Terms(), Integers()
    x, p = terms.word_variable("x"), terms.truth_variable("p")
    six, operate = terms.word(6), getattr(terms, name)
    choices = [terms.choose(p, terms.word(1), terms.word(0)), terms.choose(terms.negation(p), x, six)]
    operands = [x, terms.bit_not(x), terms.bit_and(x, six), *choices, *map(terms.word, (0, 1, 6, 1 << 63, ONES))]
    for value, chosen in product((0, 5, 1 << 63 | 6, ONES), (False, True)):
        known = {x: terms.word(value), p: terms.truth(chosen)}
        plain = [each.constant() for each in terms.substitute(operands, known)]
        pairs = list(product(range(len(operands)), repeat=2))
        folded = terms.substitute([operate(operands[one], operands[two]) for one, two in pairs], known)
        for (one, two), found in zip(pairs, folded, strict=True):
            expected = getattr(integers, name)(plain[one], plain[two])
            assert found is (terms.word(expected) if name in WORDS else terms.truth(expected)), (
                operands[one],
                operands[two],
            )


def test_what_hangs_on_no_variable_is_no_term():
    terms = Terms()
    x, zero, ones = terms.word_variable("x"), terms.word(0), terms.word(ONES)
    right = {"multiply": zero, "bit_and": zero}
    left = {"add": x, "bit_or": x, "bit_xor": x}
    for name in WORDS:
        assert getattr(terms, name)(x, zero) is right.get(name, x)
        if name != "subtract":
            assert getattr(terms, name)(zero, x) is left.get(name, zero)
    for name, found in {"bit_and": x, "bit_or": x, "bit_xor": zero, "equal": terms.true, "less": terms.false}.items():
        assert getattr(terms, name)(x, x) is found
    for name, found in {"bit_and": x, "bit_or": ones}.items():
        assert getattr(terms, name)(x, ones) is getattr(terms, name)(ones, x) is found
    low = terms.bit_and(x, terms.word(6))
    assert terms.equal(low, terms.word(9)) is terms.false and terms.bit_and(low, terms.word(3)) is terms.bit_and(
        x, terms.word(2)
    )


def test_truth_values_fold_in_every_place():
    terms = Terms()
    p, q = terms.truth_variable("p"), terms.truth_variable("q")
    operands = [p, q, terms.negation(p), terms.true, terms.false, terms.both(p, q)]
    for one, two, three in product(operands, repeat=3):
        made = [
            terms.both(one, two),
            terms.either(one, two),
            terms.choose_truth(one, two, three),
            terms.implies(one, two),
        ]
        for a, b in product((terms.true, terms.false), repeat=2):
            *found, x, y, z = (each is terms.true for each in terms.substitute([*made, one, two, three], {p: a, q: b}))
            assert found == [x and y, x or y, y if x else z, not x or y]
    for each in (p, terms.negation(p)):
        assert terms.both(each, terms.true) is terms.both(terms.true, each) is each is terms.both(each, each)
        assert terms.both(each, terms.false) is terms.both(terms.negation(each), each) is terms.false
        assert terms.choose_truth(q, each, each) is each


def test_a_table_that_branches_off_holds_the_same_terms_and_keeps_its_own():
    terms = Terms()
    x = terms.word_variable("x")
    low = terms.bit_and(x, terms.word(6))
    other = terms.branched()
    assert other.bit_and(other.word_variable("x"), other.word(6)) is low and other.true is terms.true
    assert other.bit_xor(x, other.word(0)) is x and other.both(other.false, other.equal(x, low)) is terms.false
    count = len(terms)
    added = other.bit_xor(low, x)
    assert len(terms) == count < len(other) and terms.bit_xor(low, x) is not added
