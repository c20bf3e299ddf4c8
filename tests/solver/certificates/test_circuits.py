"""Circuits fold without changing what they say, and their clauses can hold exactly where they do."""

import random
from itertools import product

import pytest

from spteproof.solver.certificates.circuits import Circuit

INPUTS = 3


def random_circuit(seed):
    """Inputs, and random literals over them with their tables of values, row by row."""
    source, circuit = random.Random(seed), Circuit()
    rows = list(product([False, True], repeat=INPUTS))
    inputs = [circuit.variable() for _ in range(INPUTS)]
    made = {0: [False] * len(rows), 1: [True] * len(rows)}
    made.update({each: [row[at] for row in rows] for at, each in enumerate(inputs)})
    wrong = []

    def note(literal, table):
        if made.setdefault(literal, table) != table:
            wrong.append(literal)

    for _ in range(8):
        (x, a), (y, b), (z, c) = (source.choice(list(made.items())) for _ in "xyz")
        note(circuit.both(x, y), [p and q for p, q in zip(a, b, strict=True)])
        note(circuit.either(x, y), [p or q for p, q in zip(a, b, strict=True)])
        note(circuit.same(x, z), [p == q for p, q in zip(a, c, strict=True)])
        note(circuit.negation(y), [not p for p in b])
        note(circuit.choose(x, y, z), [q if p else r for p, q, r in zip(a, b, c, strict=True)])
    return circuit, inputs, rows, made, wrong


def can_hold(clauses, fixed):
    """By trying all values of the variables that are not fixed."""
    found = [[literal for literal in each if -literal not in fixed] for each in clauses if not fixed & set(each)]
    if not all(found):
        return False
    if not found:
        return True
    literal = min(found, key=len)[0]
    return can_hold(found, fixed | {literal}) or (can_hold(found, fixed | {-literal}))


@pytest.mark.parametrize("seed", range(40))
def test_gates_have_the_values_they_should(seed):
    *_, wrong = random_circuit(seed)
    assert not wrong


@pytest.mark.parametrize("seed", range(40))
def test_clauses_hold_exactly_where_the_circuit_does(seed):
    circuit, inputs, rows, made, _ = random_circuit(seed)
    source = random.Random(seed)
    for _ in range(6):
        required = source.sample(list(made), source.randrange(1, 3))
        clauses = circuit.clauses(required)
        for number, row in enumerate(rows):
            fixed = set()
            for value, literal in zip(row, inputs, strict=True):
                if literal >> 1 in clauses.number:
                    variable = clauses.number[literal >> 1]
                    fixed.add(variable if value else -variable)
            assert can_hold(clauses.found, fixed) == all(made[each][number] for each in required)


def test_what_is_false_at_once_is_refuted_by_its_clauses():
    circuit = Circuit()
    assert not can_hold(circuit.clauses([0]).found, set())
    assert can_hold(circuit.clauses([1]).found, set())


def test_clauses_are_written_as_dimacs():
    circuit = Circuit()
    x, y = circuit.variable(), circuit.variable()
    assert circuit.clauses([circuit.either(x, y)]).dimacs() == "p cnf 2 1\n1 2 0\n"
