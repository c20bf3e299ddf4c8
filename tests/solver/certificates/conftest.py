"""Random scripts of the kind that the tool writes."""

import random

import pytest

from spteproof.solver.smtlib import Script
from spteproof.solver.terms import Terms

CONSTANTS = [0, 1, 3, 5, 63, 64, 1 << 63, (1 << 64) - 1, 0xFF00]


@pytest.fixture
def random_script():
    """From a seed: a script over three words and two truth values, and the literals that may be assumed."""
    return _random_script


def _random_script(seed):
    source, terms = random.Random(seed), Terms()
    words = [terms.word_variable(f"word {name}") for name in "xyz"] + [terms.word(each) for each in CONSTANTS]
    truths = [terms.truth_variable(name) for name in ("p", "q")]
    two = [terms.bit_and, terms.bit_or, terms.bit_xor, terms.add, terms.subtract]
    two += [terms.shift_left, terms.shift_right, terms.shift_right_signed]
    for _ in range(10):
        x, y, p = source.choice(words), source.choice(words), source.choice(truths)
        words.append(source.choice(two)(x, y))
        words.append(source.choice([terms.bit_not(x), terms.choose(p, x, y), terms.multiply(x, terms.word(5))]))
        order = source.choice([terms.equal, terms.less, terms.less_signed])
        truths.append(order(source.choice(words), source.choice(words)))
        truths.append(source.choice([terms.both, terms.either, terms.same])(p, source.choice(truths)))
        truths.append(terms.negation(source.choice(truths)))
    script = Script()
    script.require(source.choice(truths[-6:]))
    for number in range(3):
        script.literal(f"asked{number}", terms.both(source.choice(truths[2:]), source.choice(truths[2:])))
    script.equal("branch0", source.choice(truths))
    return script.text(), ["asked0", "asked1", "asked2", "(not branch0)"]
