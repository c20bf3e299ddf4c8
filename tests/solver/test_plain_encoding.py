"""What is done for speed changes no value and no verdict."""

import random

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver import environment
from spteproof.solver.integers import Integers
from spteproof.solver.terms import Terms, reachable

INTEGERS = Integers()
WORD_OPERATIONS = ["bit_and", "bit_or", "bit_xor", "add", "subtract", "multiply", "shift_left", "shift_right"]
WORD_OPERATIONS += ["shift_right_signed"]
COMPARISONS = ["equal", "less", "less_signed"]
OPERATORS = {
    "bvand": INTEGERS.bit_and,
    "bvor": INTEGERS.bit_or,
    "bvxor": INTEGERS.bit_xor,
    "bvnot": INTEGERS.bit_not,
    "bvadd": INTEGERS.add,
    "bvsub": INTEGERS.subtract,
    "bvmul": INTEGERS.multiply,
    "bvshl": INTEGERS.shift_left,
    "bvlshr": INTEGERS.shift_right,
    "bvashr": INTEGERS.shift_right_signed,
    "=": INTEGERS.equal,
    "bvult": INTEGERS.less,
    "bvslt": INTEGERS.less_signed,
    "and": INTEGERS.both,
    "not": INTEGERS.negation,
    "ite": INTEGERS.choose,
}
VALUES = [0, 1, 2, 3, 63, 64, 65, 1 << 31, 1 << 63, (1 << 64) - 1, (1 << 64) - 2]


class Tree:
    """A random expression, built in any domain."""

    def __init__(self, source, depth, is_word):
        self.name, self.parts = self._choose(source, depth, is_word)

    def _choose(self, source, depth, is_word):
        if not depth or source.random() < 0.15:
            if is_word:
                return source.choice([("word", [source.choice(VALUES)]), ("x", []), ("y", [])])
            return source.choice([("truth", [source.random() < 0.5]), ("p", []), ("q", [])])
        words, truths = (lambda: Tree(source, depth - 1, True)), (lambda: Tree(source, depth - 1, False))
        if is_word:
            name = source.choice([*WORD_OPERATIONS, "bit_not", "choose"])
            if name == "choose":
                return name, [truths(), words(), words()]
            return name, [words()] if name == "bit_not" else [words(), words()]
        name = source.choice([*COMPARISONS, "both", "either", "negation", "choose_truth"])
        if name in COMPARISONS:
            return name, [words(), words()]
        return name, [truths() for _ in range({"negation": 1, "choose_truth": 3}.get(name, 2))]

    def built(self, domain, variables):
        if self.name in variables:
            return variables[self.name]
        parts = [each.built(domain, variables) if isinstance(each, Tree) else each for each in self.parts]
        return getattr(domain, self.name)(*parts)


def value_of(term, given):
    """The value of a term, one operator after the other, with nothing folded."""
    values = {}
    for each in reachable([term]):
        if each in given:
            values[each.number] = given[each]
        elif each.operator in ("word", "truth"):
            values[each.number] = each.value
        else:
            values[each.number] = OPERATORS[each.operator](*[values[child.number] for child in each.children])
    return values[term.number]


@pytest.mark.parametrize("seed", range(150))
def test_folded_terms_have_the_value_of_the_expression(seed):
    source = random.Random(seed)
    terms = Terms()
    names = {"x": terms.word_variable("x"), "y": terms.word_variable("y")}
    names |= {"p": terms.truth_variable("p"), "q": terms.truth_variable("q")}
    for _ in range(8):
        tree = Tree(source, 4, source.random() < 0.6)
        term = tree.built(terms, names)
        for _ in range(6):
            given = {name: source.choice([*VALUES, source.getrandbits(64)]) for name in "xy"}
            given |= {name: source.random() < 0.5 for name in "pq"}
            expected = tree.built(INTEGERS, given)
            assert value_of(term, {names[name]: value for name, value in given.items()}) == expected
            constants = {
                names[name]: terms.word(value) if name in "xy" else terms.truth(value) for name, value in given.items()
            }
            assert terms.substitute([term], constants)[0].value == expected


PROGRAMS = [
    "bool b = try_cmpxchg64(sptep, &old, old | M1);",
    "if (old & M0) { bool b = try_cmpxchg64(sptep, &old, old | M1); }",
    "if (!(old & M0)) return; u64 was = cmpxchg64(sptep, old, old & ~M2);",
    "u64 new = old | M1; if (try_cmpxchg64(sptep, &old, new)) return; bool b = try_cmpxchg64(sptep, &old, old | M2);",
    "if (try_cmpxchg64(sptep, &old, old ^ M0)) flag = true;",
    "u64 was = old; bool b = try_cmpxchg64(sptep, &was, was & ~M1); if (!b && (was & M0)) atomic64_or(M3, sptep);",
    "u64 two = READ_ONCE(*sptep); if (old == two) return; bool b = try_cmpxchg64(sptep, &old, two & M1 ? M2 : 0);",
]
CLAIMS = """
    prove ensures x == y;
    prove ensures (x & M0) || x == y;
    prove ensures (x | M1 | M2) == (y | M1 | M2);
    prove ensures (y & M3) -> (x & M3);
    prove preserves M0;
    prove preserves M3;
"""


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_exchange_that_compares_is_a_step_on_the_current_value(monkeypatch, program):
    text = f"""layout l {{ M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; invariant i: (spte & M3) -> (spte & M0); }}
        ghost bool flag;
        agent tries lockless {{ u64 old = READ_ONCE(*sptep); {program} }}
        theorem t for layout in l against any number of tries {{
            u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep); WRITE_ONCE(*sptep, x | M0); {CLAIMS} }}"""
    with_rule = [(each.property, each.verdict) for each in prove_text(text).results]
    monkeypatch.setattr(environment, "_compared_input", lambda event, found: None)
    assert [(each.property, each.verdict) for each in prove_text(text).results] == with_rule
    assert len({verdict for _, verdict in with_rule}) > 1
