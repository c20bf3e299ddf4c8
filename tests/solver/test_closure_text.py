"""A relation's text says what its diagram says, state by state."""

import random

import pytest

from spteproof.solver.certificates.judging import Blasted
from spteproof.solver.closure_text import CURRENT, PRE, Parameters, RelationText
from spteproof.solver.decision_diagrams import FALSE, TRUE, Diagrams
from spteproof.solver.results import Budget
from spteproof.solver.smtlib import Script
from spteproof.solver.terms import Terms
from spteproof.solver.z3_solver import Solver

BITS = (0, 1, 5, 63)
COLUMNS = [*(("entry", bit) for bit in BITS), ("flag", 0), *(("other", bit) for bit in BITS)]
PARAMETERS = Parameters(entry="entry", changed=("flag", "other"), read=(), words=("other",))
RIGID = 100


def numbers(column):
    at = 2 * COLUMNS.index(column)
    return {PRE: at, CURRENT: at + 1}


def random_diagram(source, diagrams):
    """Chains of bits that stay, of which some are left early, beside bits that are told apart."""
    same = [
        diagrams.same(diagrams.variable(numbers(each)[PRE]), diagrams.variable(numbers(each)[CURRENT]))
        for each in COLUMNS
    ]
    single = [diagrams.variable(number) for number in (*range(2 * len(COLUMNS)), RIGID)]
    found = TRUE
    for _ in range(source.randint(1, 3)):
        part = TRUE
        for each in reversed(same[source.randrange(4) :]):
            part = diagrams.both(each, part)
        part = diagrams.choose(source.choice(single), part, source.choice([FALSE, *single, *same]))
        found = source.choice([diagrams.both, diagrams.either])(part, found if found != TRUE else part)
    return found


def holds(diagrams, at, values):
    while at > TRUE:
        number, low, high = diagrams.node(at)
        at = high if values[number] else low
    return at == TRUE


def random_values(source):
    values = {number: source.random() < 0.5 for number in range(2 * len(COLUMNS))}
    for column in COLUMNS:
        if source.random() < 0.7:
            values[numbers(column)[CURRENT]] = values[numbers(column)[PRE]]
    return values | {RIGID: source.random() < 0.5}


def arguments(values):
    def word(side, name):
        bits = [1 << bit for known, bit in COLUMNS if known == name and values[numbers((known, bit))[side]]]
        return f"#x{sum(bits):016x}"

    def truth(side):
        return "true" if values[numbers(("flag", 0))[side]] else "false"

    sides = (PRE, CURRENT)
    return " ".join(
        [*(word(side, "entry") for side in sides), *(f"{truth(side)} {word(side, 'other')}" for side in sides)]
    )


@pytest.mark.parametrize("seed", range(12))
def test_the_text_says_what_the_diagram_says(seed):
    source, diagrams, script, terms = random.Random(seed), Diagrams(10_000), Script(), Terms()
    rigid = terms.variable("rigid", True)
    meaning = {number: (side, column) for column in COLUMNS for side, number in numbers(column).items()}
    root = random_diagram(source, diagrams)
    text = RelationText(script, diagrams, meaning | {RIGID: (rigid, 63)}, PARAMETERS).of(root)
    name = script.name(rigid)
    script.line(f"(define-fun related ({PARAMETERS.declared()}) Bool {text})")
    for at in range(40):
        values = random_values(source)
        given = "#x8000000000000000" if values[RIGID] else "#x0000000000000000"
        claim = f"(related {arguments(values)})"
        wrong = f"(not {claim})" if holds(diagrams, root, values) else claim
        script.line(f"(declare-const case{at} Bool)")
        script.line(f"(assert (=> case{at} (and (= {name} {given}) {wrong})))")
    solver = Solver(script.text(), Budget(), None)
    assert [solver.check(f"case{at}") for at in range(40)] == [False] * 40
    assert "bvxor" in text
    Blasted(script.text())  # certificates can be made of it


@pytest.mark.parametrize(
    ("columns", "test"),
    [
        ([("entry", 5)], "(= (= ((_ extract 5 5) {}) #b1) (= ((_ extract 5 5) {}) #b1))"),
        ([("entry", 0), ("entry", 63)], "(= (bvand (bvxor {} {}) #x8000000000000001) #x0000000000000000)"),
        ([("flag", 0)], "(= {} {})"),
    ],
)
def test_bits_that_stay_are_compared_in_few_words(columns, test):
    diagrams, script, root = Diagrams(1000), Script(), TRUE
    meaning = {number: (side, column) for column in COLUMNS for side, number in numbers(column).items()}
    for column in reversed(columns):
        now, before = (diagrams.variable(numbers(column)[side]) for side in (CURRENT, PRE))
        root = diagrams.both(diagrams.same(before, now), root)
    text = RelationText(script, diagrams, meaning, PARAMETERS).of(root)
    test = test.format(*(PARAMETERS.name(side, columns[0][0]) for side in (PRE, CURRENT)))
    assert test in text and text.count("(= ") == test.count("(= ")
