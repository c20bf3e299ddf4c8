"""Expressions as text, for both printers. Every compound operand stands in parentheses: precedence is tested
elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

from .tree import Binary, Call, Choice, Cleared, Expression, Instant, Moved, Name, Number, Unary


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How a printer spells what the two languages spell differently; `positions` are the layout's bit positions by
    mask."""

    name: Callable[[str], str]
    predicate: Callable[[str], str]
    instant: Callable[[str], str]
    cleared: Callable[[str], str]
    implication: Callable[[str, str], str]
    positions: Mapping[str, int]


def word_text(value: int) -> str:
    """A literal: small ones are C's `int`, the others u64."""
    return str(value) if value < 10 else f"{value:#x}ULL"


def expression_text(expression: Expression, words: Vocabulary) -> str:
    match expression:
        case Name():
            return words.name(expression.name)
        case Number():
            return word_text(expression.value)
        case Unary():
            return f"{expression.operator}{operand_text(expression.operand, words)}"
        case Binary(operator="->"):
            return words.implication(operand_text(expression.left, words), operand_text(expression.right, words))
        case Binary():
            left, right = (operand_text(side, words) for side in (expression.left, expression.right))
            return f"{left} {expression.operator} {right}"
        case Choice():
            parts = (expression.condition, expression.then, expression.other)
            return "{} ? {} : {}".format(*(operand_text(part, words) for part in parts))
        case Call():
            return f"{words.predicate(expression.predicate)}({expression_text(expression.argument, words)})"
        case Moved():
            return _moved_text(expression, words)
        case Instant():
            return words.instant(expression.which)
        case Cleared():
            return words.cleared(expression_text(expression.mask, words))
        case _:
            assert_never(expression)


def operand_text(expression: Expression, words: Vocabulary) -> str:
    text = expression_text(expression, words)
    if isinstance(expression, Unary | Binary | Choice | Moved):
        return text if isinstance(expression, Unary) and expression.operator == "~" else f"({text})"
    return text


def _moved_text(moved: Moved, words: Vocabulary) -> str:
    distance = words.positions[moved.target.name] - words.positions[moved.source.name]
    taken = f"({operand_text(moved.value, words)} & {words.name(moved.source.name)})"
    return f"{taken} {'<<' if distance >= 0 else '>>'} {abs(distance)}"
