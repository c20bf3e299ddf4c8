"""Words as tuples of bits over any Boolean algebra: what each operator does, bit by bit.

Decision diagrams as the algebra give the search for a closure, circuits give the certificates. Certificates trust this
file: the tests compare it with integers, all values at small widths and many at 64.
"""

from typing import Protocol

from spteproof.solver.operations import WORD_BITS

FALSE, TRUE = 0, 1
"""The two constants of every algebra."""

Bits = tuple[int, ...]
"""A word's bits, bit 0 first; of an algebra's own values."""


class Algebra(Protocol):
    """Truth values that are numbers; FALSE and TRUE are its constants."""

    def both(self, left: int, right: int, /) -> int: ...
    def either(self, left: int, right: int, /) -> int: ...
    def negation(self, operand: int, /) -> int: ...
    def same(self, left: int, right: int, /) -> int: ...
    def choose(self, condition: int, then: int, other: int, /) -> int: ...


class BitWords:
    """The value domain (operations.Domain) of words of `width` bits over an algebra."""

    def __init__(self, algebra: Algebra, width: int = WORD_BITS) -> None:
        self._algebra = algebra
        self._width = width

    def word(self, value: int, /) -> Bits:
        return tuple(value >> bit & 1 for bit in range(self._width))

    def truth(self, value: bool, /) -> int:
        return TRUE if value else FALSE

    def bit(self, word: Bits, number: int, /) -> int:
        """The truth value that one bit of the word is set."""
        return word[number]

    def bit_and(self, left: Bits, right: Bits, /) -> Bits:
        return tuple(map(self._algebra.both, left, right))

    def bit_or(self, left: Bits, right: Bits, /) -> Bits:
        return tuple(map(self._algebra.either, left, right))

    def bit_xor(self, left: Bits, right: Bits, /) -> Bits:
        return self.bit_not(tuple(map(self._algebra.same, left, right)))

    def bit_not(self, operand: Bits, /) -> Bits:
        return tuple(map(self._algebra.negation, operand))

    def add(self, left: Bits, right: Bits, /) -> Bits:
        return self._sum(left, right, FALSE)

    def subtract(self, left: Bits, right: Bits, /) -> Bits:
        return self._sum(left, self.bit_not(right), TRUE)

    def multiply(self, left: Bits, right: Bits, /) -> Bits:
        total = self.word(0)
        for bit in range(self._width):
            part = tuple(self._algebra.both(right[bit], each) for each in left[: self._width - bit])
            total = self._sum(total, (FALSE,) * bit + part, FALSE)
        return total

    def _sum(self, left: Bits, right: Bits, carry: int) -> Bits:
        a, result = self._algebra, []
        for x, y in zip(left, right, strict=True):
            differ = a.negation(a.same(x, y))
            result.append(a.negation(a.same(differ, carry)))
            carry = a.either(a.both(x, y), a.both(differ, carry))
        return tuple(result)

    def shift_left(self, left: Bits, right: Bits, /) -> Bits:
        return self._shifted(left[::-1], right, FALSE)[::-1]

    def shift_right(self, left: Bits, right: Bits, /) -> Bits:
        return self._shifted(left, right, FALSE)

    def shift_right_signed(self, left: Bits, right: Bits, /) -> Bits:
        return self._shifted(left, right, left[-1])

    def _shifted(self, word: Bits, amount: Bits, fill: int) -> Bits:
        """Moved towards bit 0, stage by stage; an amount of the width or more leaves the filling."""
        a, stages = self._algebra, (self._width - 1).bit_length()
        for stage in range(stages):
            moved = (*word[1 << stage :], *(fill,) * (1 << stage))
            word = tuple(a.choose(amount[stage], x, y) for x, y in zip(moved, word, strict=False))
        large = FALSE
        for bit in amount[stages:]:
            large = a.either(large, bit)
        return tuple(a.choose(large, fill, bit) for bit in word)

    def equal(self, left: Bits, right: Bits, /) -> int:
        result = TRUE
        for x, y in zip(reversed(left), reversed(right), strict=True):
            if x != y:
                result = self._algebra.both(self._algebra.same(x, y), result)
        return result

    def less(self, left: Bits, right: Bits, /) -> int:
        a, result = self._algebra, FALSE
        for x, y in zip(left, right, strict=True):
            result = a.choose(a.same(x, y), result, y)
        return result

    def less_signed(self, left: Bits, right: Bits, /) -> int:
        return self.less((*left[:-1], right[-1]), (*right[:-1], left[-1]))

    def choose(self, condition: int, then: Bits, other: Bits, /) -> Bits:
        return tuple(self._algebra.choose(condition, x, y) for x, y in zip(then, other, strict=True))

    def both(self, left: int, right: int, /) -> int:
        return self._algebra.both(left, right)

    def either(self, left: int, right: int, /) -> int:
        return self._algebra.either(left, right)

    def negation(self, operand: int, /) -> int:
        return self._algebra.negation(operand)

    def choose_truth(self, condition: int, then: int, other: int, /) -> int:
        return self._algebra.choose(condition, then, other)
