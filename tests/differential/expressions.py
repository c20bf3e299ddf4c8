"""Random C expressions over u64, int and bool, without undefined behaviour, in as few parentheses as C allows.

Every node knows its value for the one set of inputs that it is made for, so that a node which would overflow an `int`
or shift too far is never made. The rules that the language adds to C are kept: an `int` is never shifted left (but
for literals), and no u64 becomes an `int`.
"""

from dataclasses import dataclass
from random import Random

FULL = (1 << 64) - 1
MOST_INT = (1 << 31) - 1

LEVELS = (
    ("->",),
    ("?:",),
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", "<=", ">", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*",),
)
PRECEDENCE = {operator: level for level, operators in enumerate(LEVELS) for operator in operators}
UNARY = len(LEVELS)
PRIMARY = UNARY + 1


@dataclass(frozen=True, slots=True)
class Term:
    """`text` is for the language, `c` for C (which has no `->`); `value` is 0 <= value < 2**64 for u64, signed for
    int, 0 or 1 for bool. `precedence` is that of its outermost operator."""

    text: str
    c: str
    sort: str
    value: int
    precedence: int = PRIMARY
    literal: bool = False

    def inside(self, least: int) -> tuple[str, str]:
        """Both texts, in parentheses if the operator binds more loosely than `least`."""
        if self.precedence >= least:
            return self.text, self.c
        return f"({self.text})", f"({self.c})"


@dataclass(frozen=True, slots=True)
class Input:
    """A variable and its value; `spelled` are the texts where it stands."""

    name: str
    sort: str
    value: int


def as_word(term: Term) -> int:
    return term.value & FULL


def joined(*sorts: str) -> str:
    """C's usual conversions: u64 if any is u64, otherwise int."""
    return "u64" if "u64" in sorts else "int"


def constant_text(sort: str, value: int) -> str:
    if sort == "bool":
        return "true" if value else "false"
    if sort == "int":
        return str(value) if value >= 0 else f"({value})"
    return f"{value:#x}ULL"


class Maker:
    """Makes terms over the inputs; in `constants` mode the inputs' values stand in their place."""

    def __init__(self, random: Random, inputs: tuple[Input, ...], constants: bool) -> None:
        self.random = random
        self.inputs = inputs
        self.constants = constants

    def term(self, depth: int) -> Term:
        """A term of any sort."""
        while True:
            made = self.leaf() if depth == 0 or self.random.random() < 0.12 else self.compound(depth)
            if made is not None:
                return made

    def leaf(self) -> Term:
        if self.random.random() < 0.6:
            chosen = self.random.choice(self.inputs)
            text = constant_text(chosen.sort, chosen.value) if self.constants else chosen.name
            return Term(text, text, chosen.sort, chosen.value)
        kind = self.random.choice(("int", "int", "hex", "word", "long", "bit", "mask", "truth"))
        number = self.random.choice((0, 1, 2, 3, 7, 63, 100, 4095, self.random.randrange(1 << 16)))
        high = self.random.randrange(64)
        low = self.random.randint(0, high)
        match kind:
            case "int":
                return Term(str(number), str(number), "int", number, literal=True)
            case "hex":
                return Term(f"{number:#x}", f"{number:#x}", "int", number, literal=True)
            case "long":
                return Term(f"{number}UL", f"{number}UL", "u64", number)
            case "bit":
                return Term(f"BIT_ULL({high})", f"BIT_ULL({high})", "u64", 1 << high)
            case "mask":
                text = f"GENMASK_ULL({high}, {low})"
                return Term(text, text, "u64", (1 << high + 1) - (1 << low))
            case "truth":
                return Term("true", "true", "bool", 1) if number % 2 else Term("false", "false", "bool", 0)
        word = self.random.getrandbits(64)
        return Term(f"{word:#x}ULL", f"{word:#x}ULL", "u64", word)

    def compound(self, depth: int) -> Term | None:
        kind = self.random.choices(
            ("bitwise", "arithmetic", "shift", "comparison", "logic", "choice", "unary", "implication", "ffs"),
            (5, 4, 4, 4, 4, 2, 4, 0.5, 0.4),
        )[0]
        match kind:
            case "bitwise":
                return self.binary(self.random.choice("&|^"), depth)
            case "arithmetic":
                return self.binary(self.random.choice("+-*"), depth)
            case "comparison":
                return self.binary(self.random.choice(("==", "!=", "<", "<=", ">", ">=")), depth)
            case "logic":
                return self.binary(self.random.choice(("&&", "||")), depth)
            case "shift":
                return self.shift(depth)
            case "choice":
                return self.choice(depth)
            case "unary":
                return self.unary(depth)
            case "implication":
                return self.implication(depth)
        word = self.term(depth - 1)
        if word.sort != "u64" or word.value == 0:
            return None
        number = (word.value & -word.value).bit_length() - 1
        return Term(f"__ffs64({word.text})", f"__ffs64({word.c})", "u64", number)

    def binary(self, operator: str, depth: int) -> Term | None:
        left, right = self.term(depth - 1), self.term(depth - 1)
        found = _value(operator, left, right)
        if found is None:
            return None
        sort, value = found
        level = PRECEDENCE[operator]
        (a, c_a), (b, c_b) = left.inside(level), right.inside(level + 1)
        return Term(f"{a} {operator} {b}", f"{c_a} {operator} {c_b}", sort, value, level)

    def shift(self, depth: int) -> Term | None:
        """By a count below the width: a literal, or a small int among the inputs."""
        left = self.term(depth - 1)
        operator = self.random.choice(("<<", ">>"))
        sort = joined(left.sort)
        if operator == "<<" and sort == "int" and not (left.literal and left.value < 64):
            return None
        width = 64 if sort == "u64" else 32 if operator == ">>" else 12
        count = self.random.randrange(width)
        right = Term(str(count), str(count), "int", count, literal=True)
        small = [i for i in self.inputs if i.sort == "int" and 0 <= i.value < width]
        if small and sort == "u64" and not self.constants and self.random.random() < 0.4:
            chosen = self.random.choice(small)
            right = Term(chosen.name, chosen.name, "int", chosen.value)
        value = left.value << right.value if operator == "<<" else left.value >> right.value
        level = PRECEDENCE[operator]
        (a, c_a), (b, c_b) = left.inside(level), right.inside(level + 1)
        return Term(
            f"{a} {operator} {b}", f"{c_a} {operator} {c_b}", sort, value & FULL if sort == "u64" else value, level
        )

    def choice(self, depth: int) -> Term:
        condition, then, other = (self.term(depth - 1) for _ in range(3))
        sort = joined(then.sort, other.sort)
        chosen = then if condition.value else other
        level = PRECEDENCE["?:"]
        (a, c_a), (b, c_b), (c, c_c) = condition.inside(level + 1), then.inside(level), other.inside(level)
        value = as_word(chosen) if sort == "u64" else chosen.value
        return Term(f"{a} ? {b} : {c}", f"{c_a} ? {c_b} : {c_c}", sort, value, level)

    def unary(self, depth: int) -> Term | None:
        operand = self.term(depth - 1)
        operator = self.random.choice("~!-")
        text, c = operand.inside(UNARY)
        gap = " " if operator == "-" and text.startswith("-") else ""
        if operator == "!":
            return Term(f"!{text}", f"!{c}", "bool", int(operand.value == 0), UNARY)
        sort = joined(operand.sort)
        value = ~operand.value if operator == "~" else -operand.value
        if sort == "int" and abs(value) > MOST_INT:
            return None
        return Term(
            f"{operator}{gap}{text}", f"{operator}{gap}{c}", sort, value & FULL if sort == "u64" else value, UNARY
        )

    def implication(self, depth: int) -> Term:
        left, right = self.term(depth - 1), self.term(depth - 1)
        text = f"{left.inside(1)[0]} -> {right.inside(0)[0]}"
        return Term(
            text, f"(!({left.c}) || ({right.c}))", "bool", int(not left.value or bool(right.value)), PRECEDENCE["->"]
        )


def _value(operator: str, left: Term, right: Term) -> tuple[str, int] | None:
    """Sort and value, None where C leaves it undefined."""
    if operator in ("&&", "||"):
        both, either = bool(left.value and right.value), bool(left.value or right.value)
        return "bool", int(both if operator == "&&" else either)
    sort = joined(left.sort, right.sort)
    a, b = (as_word(left), as_word(right)) if sort == "u64" else (left.value, right.value)
    if operator in ("==", "!=", "<", "<=", ">", ">="):
        return "bool", int({"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator])
    value = {"&": a & b, "|": a | b, "^": a ^ b, "+": a + b, "-": a - b, "*": a * b}[operator]
    if sort == "int":
        return None if abs(value) > MOST_INT else (sort, value)
    return sort, value & FULL
