"""Words over bits do what words do: all values at small widths, many at 64, over tables of truth values, decision
diagrams and circuits."""

import random

import pytest

from spteproof.solver.bitwise import FALSE, TRUE, BitWords
from spteproof.solver.certificates.circuits import Circuit
from spteproof.solver.decision_diagrams import Diagrams
from spteproof.solver.integers import Integers

TWO = {
    "bit_and": lambda x, y, width: x & y,
    "bit_or": lambda x, y, width: x | y,
    "bit_xor": lambda x, y, width: x ^ y,
    "add": lambda x, y, width: (x + y) % (1 << width),
    "subtract": lambda x, y, width: (x - y) % (1 << width),
    "multiply": lambda x, y, width: (x * y) % (1 << width),
    "shift_left": lambda x, y, width: (x << y) % (1 << width),
    "shift_right": lambda x, y, width: x >> y,
    "shift_right_signed": lambda x, y, width: (signed(x, width) >> y) % (1 << width),
    "equal": lambda x, y, width: x == y,
    "less": lambda x, y, width: x < y,
    "less_signed": lambda x, y, width: signed(x, width) < signed(y, width),
}


def signed(value, width):
    return value - (1 << width) if value >> (width - 1) else value


class Tables:
    """Truth values over some inputs as tables, all rows at once: row r is bit r of `number - 2`; 0 and 1 are constant."""

    def __init__(self, inputs):
        self.rows = (1 << (1 << inputs)) - 1
        self.count = 1 << inputs

    def variable(self, number):
        return 2 + sum(1 << row for row in range(self.count) if row >> number & 1)

    def table(self, value):
        return self.rows if value == TRUE else 0 if value == FALSE else value - 2

    def both(self, left, right):
        return 2 + (self.table(left) & self.table(right))

    def either(self, left, right):
        return 2 + (self.table(left) | self.table(right))

    def negation(self, operand):
        return 2 + (self.rows ^ self.table(operand))

    def same(self, left, right):
        return 2 + (self.rows ^ self.table(left) ^ self.table(right))

    def choose(self, condition, then, other):
        c, t, o = map(self.table, (condition, then, other))
        return 2 + (c & t | ~c & o & self.rows)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("name", TWO)
def test_all_values_at_small_widths(name, width):
    tables = Tables(2 * width)
    words = BitWords(tables, width)
    left = tuple(tables.variable(bit) for bit in range(width))
    right = tuple(tables.variable(width + bit) for bit in range(width))
    found = getattr(words, name)(left, right)
    bits = [tables.table(each) for each in (found if isinstance(found, tuple) else (found,))]
    assert len(bits) == (1 if name in ("equal", "less", "less_signed") else width)
    for row in range(1 << 2 * width):
        x, y = row & (1 << width) - 1, row >> width
        assert sum((each >> row & 1) << at for at, each in enumerate(bits)) == TWO[name](x, y, width), (x, y)


@pytest.mark.parametrize("width", [1, 3])
def test_choice_negation_and_single_bits_at_small_widths(width):
    tables = Tables(2 * width + 1)
    words = BitWords(tables, width)
    left = tuple(tables.variable(bit) for bit in range(width))
    right = tuple(tables.variable(width + bit) for bit in range(width))
    condition = tables.variable(2 * width)
    for row in range(1 << 2 * width + 1):
        chosen = [tables.table(each) >> row & 1 for each in words.choose(condition, left, right)]
        assert chosen == [row >> (at if row >> 2 * width else width + at) & 1 for at in range(width)]
        assert [tables.table(each) >> row & 1 for each in words.bit_not(left)] == [
            1 - (row >> at & 1) for at in range(width)
        ]
        assert all(tables.table(words.bit(left, at)) >> row & 1 == row >> at & 1 for at in range(width))


def operands():
    source = random.Random(64)
    special = [0, 1, 2, 63, 64, 65, 1 << 32, 1 << 63, (1 << 64) - 1, 0x0600000000000901]
    yield from ((x, y) for x in special for y in special)
    for _ in range(60):
        yield source.getrandbits(64), source.choice([source.getrandbits(64), source.randrange(70)])


@pytest.mark.parametrize("algebra", [Circuit, lambda: Diagrams(10_000)], ids=["circuit", "diagrams"])
@pytest.mark.parametrize("name", TWO)
def test_words_of_64_bits_agree_with_integers(name, algebra):
    words, integers = BitWords(algebra()), Integers()
    for x, y in operands():
        found = getattr(words, name)(words.word(x), words.word(y))
        wanted = getattr(integers, name)(x, y)
        assert found == (int(wanted) if isinstance(wanted, bool) else words.word(wanted)), (hex(x), hex(y))


def test_a_wrong_operator_would_be_noticed():
    words = BitWords(Circuit())
    assert words.add(words.word(3), words.word(1)) != words.bit_or(words.word(3), words.word(1))
