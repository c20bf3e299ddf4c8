"""The value of a constant expression over a layout's names."""

from collections.abc import Mapping

from spteproof.grammar import checked as c
from spteproof.grammar.checked import Sort
from spteproof.grammar.constants import Wrong, fitted, folded
from spteproof.grammar.sorts import common, signed, sort_of


def evaluated(expression: c.Expression, values: Mapping[str, int | None]) -> int | Wrong | None:
    """The number that an expression stands for (of an INT with its sign), None where it rests on a name without a
    fixed value.

    What is not evaluated (the other side of `?:`) need not be defined.
    """
    match expression:
        case c.Constant():
            return signed(expression)
        case c.LayoutName():
            return values.get(expression.name)
        case c.Convert():
            return _converted(evaluated(expression.operand, values), expression.sort)
        case c.Unary():
            return _unary(expression, evaluated(expression.operand, values))
        case c.Binary():
            left, right = evaluated(expression.left, values), evaluated(expression.right, values)
            if not isinstance(left, int) or not isinstance(right, int):
                return left if isinstance(left, Wrong) else right if isinstance(right, Wrong) else None
            sort = (
                common(expression.left)
                if expression.operator in ("<<", ">>")
                else common(expression.left, expression.right)
            )
            return folded(expression.operator, left, right, sort)
        case c.Logic():
            return _logic(expression, values)
        case c.Conditional():
            test = evaluated(expression.condition, values)
            return evaluated(expression.then if test else expression.other, values) if isinstance(test, int) else test
        case c.LowestBit():
            word = evaluated(expression.operand, values)
            if word == 0:
                return Wrong("sort.ffs:zero", "`__ffs64(0)` is undefined")
            return (word & -word).bit_length() - 1 if isinstance(word, int) else word
        case _:
            raise AssertionError(f"{type(expression).__name__} is no constant expression")


def _converted(operand: int | Wrong | None, sort: Sort) -> int | Wrong | None:
    if not isinstance(operand, int):
        return operand
    return int(operand != 0) if sort is Sort.BOOL else fitted(operand, sort)


def _unary(node: c.Unary, operand: int | Wrong | None) -> int | Wrong | None:
    if not isinstance(operand, int):
        return operand
    if node.operator == "!":
        return int(operand == 0)
    return fitted(~operand if node.operator == "~" else -operand, sort_of(node) or Sort.U64)


def _logic(node: c.Logic, values: Mapping[str, int | None]) -> int | Wrong | None:
    left = evaluated(node.left, values)
    if not isinstance(left, int):
        return left
    decided = bool(left) if node.operator == "||" else not left
    if decided:
        return int(node.operator != "&&")
    return evaluated(node.right, values)
