"""Python integers as a value domain: words are 0 <= w < 2**64, truth values are bools."""

from spteproof.solver.operations import ALL_ONES, WORD_BITS


def _signed(word: int) -> int:
    return word - (1 << WORD_BITS) if word >> (WORD_BITS - 1) else word


class Integers:
    """The domain of the interpreter, and of constant folding."""

    def word(self, value: int, /) -> int:
        return value & ALL_ONES

    def truth(self, value: bool, /) -> bool:
        return value

    def bit_and(self, left: int, right: int, /) -> int:
        return left & right

    def bit_or(self, left: int, right: int, /) -> int:
        return left | right

    def bit_xor(self, left: int, right: int, /) -> int:
        return left ^ right

    def bit_not(self, operand: int, /) -> int:
        return operand ^ ALL_ONES

    def add(self, left: int, right: int, /) -> int:
        return (left + right) & ALL_ONES

    def subtract(self, left: int, right: int, /) -> int:
        return (left - right) & ALL_ONES

    def multiply(self, left: int, right: int, /) -> int:
        return (left * right) & ALL_ONES

    def shift_left(self, left: int, right: int, /) -> int:
        return (left << right) & ALL_ONES if right < WORD_BITS else 0

    def shift_right(self, left: int, right: int, /) -> int:
        return left >> right if right < WORD_BITS else 0

    def shift_right_signed(self, left: int, right: int, /) -> int:
        return (_signed(left) >> min(right, WORD_BITS)) & ALL_ONES

    def equal(self, left: int, right: int, /) -> bool:
        return left == right

    def less(self, left: int, right: int, /) -> bool:
        return left < right

    def less_signed(self, left: int, right: int, /) -> bool:
        return _signed(left) < _signed(right)

    def choose(self, condition: bool, then: int, other: int, /) -> int:
        return then if condition else other

    def both(self, left: bool, right: bool, /) -> bool:
        return left and right

    def either(self, left: bool, right: bool, /) -> bool:
        return left or right

    def negation(self, operand: bool, /) -> bool:
        return not operand

    def choose_truth(self, condition: bool, then: bool, other: bool, /) -> bool:
        return then if condition else other
