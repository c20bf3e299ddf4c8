"""Terms and integers are two domains of one definition: they agree on random operands, and folding changes nothing."""

import random

import pytest

from spteproof.grammar.memory_operations import SIGNATURES
from spteproof.solver import operations
from spteproof.solver.integers import Integers
from spteproof.solver.terms import Terms

INTEGERS = Integers()
WORDS = [0, 1, 5, 63, 64, 65, 1 << 31, 1 << 63, (1 << 64) - 1, (1 << 64) - 2, 0x0600000000000901]


def pairs():
    source = random.Random(5)
    yield from ((left, right) for left in WORDS for right in WORDS)
    yield from ((source.getrandbits(64), source.getrandbits(64)) for _ in range(200))


@pytest.mark.parametrize("operator", ["&", "|", "^", "+", "-", "*", "<<", ">>"])
@pytest.mark.parametrize("signed", [False, True])
def test_word_operators_agree_between_terms_and_integers(operator, signed):
    for left, right in pairs():
        terms = Terms()
        folded = operations.word_operator(terms, operator, terms.word(left), terms.word(right), signed)
        assert folded.constant() == operations.word_operator(INTEGERS, operator, left, right, signed)


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
@pytest.mark.parametrize("signed", [False, True])
def test_comparisons_agree_between_terms_and_integers(operator, signed):
    for left, right in pairs():
        terms = Terms()
        folded = operations.comparison(terms, operator, terms.word(left), terms.word(right), signed)
        assert folded.value == operations.comparison(INTEGERS, operator, left, right, signed)


@pytest.mark.parametrize("operation", [name for name, each in SIGNATURES.items() if each.events == 1])
def test_memory_operations_agree_between_terms_and_integers(operation):
    source = random.Random(operation)
    for _ in range(50):
        before, reference = source.getrandbits(64), source.getrandbits(64)
        reference = source.choice([before, reference])
        small = "bit" in operation
        operands = tuple(
            source.randrange(64) if small else source.choice([before, source.getrandbits(64)]) for _ in "ab"
        )
        terms = Terms()
        folded = operations.memory_operation(
            terms, operation, terms.word(before), tuple(map(terms.word, operands)), terms.word(reference)
        )
        plain = operations.memory_operation(INTEGERS, operation, before, operands, reference)
        assert folded.after.constant() == plain.after
        assert (folded.word is None) == (plain.word is None)
        assert folded.word is None or folded.word.constant() == plain.word
        assert folded.truth is None or folded.truth.value == plain.truth


def test_a_clear_bit_clears_one_bit():
    assert operations.memory_operation(INTEGERS, "clear_bit", 0b1011, (1,), None).after == 0b1001


def test_a_failing_compare_and_exchange_writes_nothing_and_refreshes():
    outcome = operations.memory_operation(INTEGERS, "try_cmpxchg64", 7, (9,), 8)
    assert (outcome.after, outcome.truth, outcome.reference) == (7, False, 7)


def test_the_second_half_of_a_plain_and_stores_what_follows_from_the_read():
    assert operations.second_half(INTEGERS, "plain_and", 0b111, 0b101).after == 0b101


def test_an_unknown_operator_is_refused():
    with pytest.raises(KeyError):
        operations.comparison(INTEGERS, "=>", 1, 2, False)


WORD = 1 << 64
MEANT = {
    "+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y, "&": lambda x, y: x & y,
    "|": lambda x, y: x | y, "^": lambda x, y: x ^ y, "<<": lambda x, y: x << y, ">>": lambda x, y: x >> y,
}  # fmt: skip


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("operator", MEANT)
def test_each_operator_is_that_of_numbers_modulo_2_to_the_64(operator, signed):
    for left in (0, 1, 6, 1 << 31, 1 << 63, WORD - 1, WORD - 6):
        for right in (0, 1, 3, 31, 63):
            number = left - WORD if signed and left >> 63 else left
            meant = MEANT[operator](number, right) % WORD
            assert operations.word_operator(INTEGERS, operator, left, right, signed) == meant


def test_equations_fold_that_no_value_can_change():
    terms = Terms()
    x, p, one, zero = terms.word_variable("x"), terms.truth_variable("p"), terms.word(1), terms.word(0)
    masked = terms.bit_and(x, terms.word(6))
    for number, folds in ((1, True), (5, True), (8, True), (0, False), (2, False), (6, False)):
        for equation in (terms.equal(masked, terms.word(number)), terms.equal(terms.word(number), masked)):
            assert (equation is terms.false) is folds
    assert terms.equal(x, one) is not terms.false and terms.equal(x, x) is terms.true
    choice = terms.choose(p, one, zero)
    assert terms.equal(choice, one) is p and terms.equal(zero, choice) is terms.negation(p)
    assert terms.equal(terms.choose(p, x, zero), one) not in (p, terms.true, terms.false)
