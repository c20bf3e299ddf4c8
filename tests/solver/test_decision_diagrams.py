"""Decision diagrams and blasting agree with integers."""

import random

import pytest

from spteproof.solver import operations
from spteproof.solver.blasting import Blaster
from spteproof.solver.decision_diagrams import FALSE, TRUE, Diagrams, TooLarge
from spteproof.solver.integers import Integers
from spteproof.solver.terms import Terms


def truth_table(diagrams, diagram, count):
    values = []
    for assignment in range(1 << count):
        at = diagram
        while at > TRUE:
            level, low, high = diagrams.node(at)
            at = high if assignment >> level & 1 else low
        values.append(at)
    return values


def test_quantifying_a_variable_joins_its_two_cases():
    diagrams = Diagrams(1000)
    x, y = diagrams.variable(0), diagrams.variable(1)
    assert diagrams.exists(diagrams.both(x, y), frozenset({0})) == y
    assert diagrams.exists(diagrams.both(x, diagrams.negation(x)), frozenset({0})) == FALSE


def test_equal_functions_are_one_diagram():
    diagrams = Diagrams(1000)
    x, y, z = (diagrams.variable(number) for number in range(3))
    left = diagrams.both(x, diagrams.either(y, z))
    right = diagrams.either(diagrams.both(x, y), diagrams.both(x, z))
    assert left == right
    assert truth_table(diagrams, left, 3) == [0, 0, 0, 1, 0, 1, 0, 1]


def test_renaming_restores_the_order():
    diagrams = Diagrams(1000)
    x, y = diagrams.variable(0), diagrams.variable(1)
    diagram = diagrams.both(x, diagrams.negation(y))
    renamed = diagrams.rename(diagram, {0: 5})
    assert renamed == diagrams.both(diagrams.variable(5), diagrams.negation(y))


def test_a_table_that_is_full_says_so():
    diagrams = Diagrams(10)
    with pytest.raises(TooLarge):
        result = TRUE
        for number in range(20):
            result = diagrams.both(
                result, diagrams.same(diagrams.variable(2 * number), diagrams.variable(2 * number + 1))
            )


@pytest.mark.parametrize("operator", ["&", "|", "^", "+", "-", "*", "<<", ">>", "s>>", "<", "s<", "=="])
def test_blasting_agrees_with_integers(operator):
    source = random.Random(operator)
    integers = Integers()
    for _ in range(20):
        left, right = source.getrandbits(64), source.choice([source.getrandbits(64), source.randrange(70)])
        diagrams, terms = Diagrams(100_000), Terms()
        x, y = terms.word_variable("x"), terms.word_variable("y")
        given = {x: left, y: right}

        def leaf(term, given=given):
            if term not in given:
                return None
            return tuple(TRUE if given[term] >> bit & 1 else FALSE for bit in range(64))

        name, signed = operator.removeprefix("s"), operator.startswith("s")
        which = operations.comparison if name in ("<", "==") else operations.word_operator
        bits = Blaster(diagrams, leaf).bits(which(terms, name, x, y, signed))
        assert sum(bit << number for number, bit in enumerate(bits)) == which(integers, name, left, right, signed)


@pytest.mark.parametrize("seed", range(4))
def test_diagrams_that_are_kept_mean_what_they_did_and_all_others_are_forgotten(seed):
    random.seed(seed)
    diagrams = Diagrams(10_000)
    made = [diagrams.variable(number) for number in range(5)] + [FALSE, TRUE]
    for _ in range(40):
        made.append(diagrams.choose(*random.choices(made, k=3)))
    wanted = random.sample(made, 4)
    tables = [truth_table(diagrams, each, 5) for each in wanted]
    before = len(diagrams)
    kept = diagrams.keep(wanted)
    assert [truth_table(diagrams, each, 5) for each in kept] == tables
    assert [at for _, at in sorted(zip(wanted, kept, strict=True))] == sorted(kept)
    assert len(diagrams) <= before
    assert diagrams.keep([TRUE]) == [TRUE]
    assert len(diagrams) == len(Diagrams(1))
    x, y = diagrams.variable(0), diagrams.variable(1)
    assert truth_table(diagrams, diagrams.both(x, y), 2) == [0, 0, 0, 1]
