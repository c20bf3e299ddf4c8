"""Literals and constant arithmetic: exact, and an error where C would leave the sort."""

import re
from dataclasses import dataclass

from spteproof.grammar.checked import Sort
from spteproof.grammar.sorts import MASK64

_LITERAL = re.compile(r"(0[xX][0-9a-fA-F]+|[1-9][0-9]*|0)(UL|ULL|ul|ull)?")
_INT_LIMIT = 1 << 31


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why there is no value: the id and message of a diagnostic, and a help line."""

    id: str
    message: str
    help: str | None = None


def literal(text: str) -> tuple[int, Sort] | Wrong:
    """The value of a literal such as `12`, `0x5a0` or `0x600ULL`."""
    match = _LITERAL.fullmatch(text)
    if match is None:
        return _malformed(text)
    if len(match[1]) > 25:
        return Wrong("sort.literal:range", "this number does not fit 64 bits")
    value = int(match[1], 0)
    if value > MASK64:
        return Wrong("sort.literal:range", f"`{text}` does not fit 64 bits")
    if match[2] is None and value >= _INT_LIMIT:
        return Wrong("sort.literal:range", f"`{text}` does not fit `int`", f"write `{text}ULL`")
    return value, Sort.U64 if match[2] else Sort.INT


def _malformed(text: str) -> Wrong:
    if re.fullmatch(r"0[0-9]+", text):
        return Wrong("syntax.number:malformed", f"`{text[:40]}` is octal in C", "write it in decimal or with `0x`")
    if re.fullmatch(r"(0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]+", text):
        return Wrong("syntax.number:malformed", f"the suffix of `{text[:40]}` has no sort here", "use `ULL` or none")
    return Wrong(
        "syntax.number:malformed", f"`{text[:40]}` is not a number", "numbers are like `12`, `0x5a0` or `0x600ULL`"
    )


def shift_count(count: int, width: int) -> Wrong | None:
    """Whether a word of `width` bits may be shifted by a constant."""
    if 0 <= count < width:
        return None
    return Wrong("sort.shift:range", f"a shift by {count} is undefined for {width} bits")


def folded(operator: str, left: int, right: int, sort: Sort) -> int | Wrong:
    """`left operator right` where both are numbers of `sort`; a comparison gives 0 or 1."""
    if operator in ("<<", ">>"):
        return _shifted(operator, left, right, sort)
    match operator:
        case "&":
            result = left & right
        case "|":
            result = left | right
        case "^":
            result = left ^ right
        case "+":
            result = left + right
        case "-":
            result = left - right
        case "*":
            result = left * right
        case _:
            return int(_compared(operator, left, right))
    return fitted(result, sort)


def _compared(operator: str, left: int, right: int) -> bool:
    return {
        "==": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[operator]


def _shifted(operator: str, left: int, right: int, sort: Sort) -> int | Wrong:
    if sort is Sort.U64:
        return shift_count(right, 64) or (left << right & MASK64 if operator == "<<" else left >> right)
    if operator == ">>":
        return shift_count(right, 32) or left >> right
    if right < 0 or left < 0 or right >= 32 or left << right >= _INT_LIMIT:
        instead = f"`BIT_ULL({right})`" if left == 1 and 0 <= right < 64 else f"`{left}ULL << {right}`"
        useful = 0 <= right < 64 and left >= 0
        return Wrong(
            "sort.int_shift:range", f"`{left} << {right}` does not fit `int`", f"use {instead}" if useful else None
        )
    return left << right


def fitted(value: int, sort: Sort) -> int | Wrong:
    """A U64 wraps; an INT must fit 32 bits."""
    if sort is Sort.U64:
        return value & MASK64
    if -_INT_LIMIT <= value < _INT_LIMIT:
        return value
    return Wrong("sort.int_overflow:range", f"{value} does not fit `int`", "give an operand the suffix `ULL`")
