"""Sorts and the conversions between them, as in C: everything becomes `bool` or `u64`, nothing becomes narrower."""

from typing import assert_never

from spteproof.grammar import checked as c
from spteproof.grammar.checked import Sort

MASK64 = (1 << 64) - 1


def sort_of(expression: c.Expression) -> Sort | None:
    """None for an operation or helper that gives nothing."""
    match expression:
        case c.Logic():
            return Sort.BOOL
        case c.Instant() | c.Cleared() | c.LowestBit():
            return Sort.U64
        case (
            c.Constant()
            | c.LayoutName()
            | c.Variable()
            | c.GhostName()
            | c.Unary()
            | c.Binary()
            | c.Conditional()
            | c.Convert()
            | c.Call()
            | c.Any()
            | c.Memory()
            | c.HelperCall()
        ):
            return expression.sort
    assert_never(expression)


def signed(constant: c.Constant) -> int:
    """The number that a constant stands for."""
    return number_of(constant.value, constant.sort)


def number_of(value: int, sort: Sort) -> int:
    """The number that a word, or a truth value, stands for as one of a sort."""
    return value - (1 << 64) if sort is Sort.INT and value >> 63 else value


def converted(expression: c.Expression, sort: Sort) -> c.Expression:
    """The expression as one of `sort`; a U64 must not be asked to become an INT."""
    own = sort_of(expression)
    assert not (own is Sort.U64 and sort is Sort.INT)
    if own is sort:
        return expression
    if isinstance(expression, c.Constant):
        value = int(expression.value != 0) if sort is Sort.BOOL else expression.value
        return c.Constant(place=expression.place, value=value, sort=sort)
    return c.Convert(place=expression.place, operand=expression, sort=sort)


def word(expression: c.Expression) -> c.Expression:
    """A BOOL becomes the INT 0 or 1, as C promotes it."""
    return converted(expression, Sort.INT) if sort_of(expression) is Sort.BOOL else expression


def common(*expressions: c.Expression) -> Sort:
    """The sort in which words meet: U64 if one of them is."""
    return Sort.U64 if any(sort_of(each) is Sort.U64 for each in expressions) else Sort.INT
