"""What each operator and memory operation does, written once over a value domain.

Integers as the domain give the interpreter that replays, terms give the proof. The interpreter and the
translator share this file and nothing else. Sources: C11 6.5; Linux v6.4 Documentation/atomic_t.txt and
Documentation/atomic_bitops.txt; arch/x86/include/asm/cmpxchg.h.
"""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

WORD_BITS = 64
ALL_ONES = (1 << WORD_BITS) - 1

W = TypeVar("W")
B = TypeVar("B")


class Domain(Protocol[W, B]):
    """Words of 64 bits (`W`) and truth values (`B`). Arithmetic wraps. A shift by 64 or more gives 0 (or the sign)."""

    def word(self, value: int, /) -> W: ...
    def truth(self, value: bool, /) -> B: ...
    def bit_and(self, left: W, right: W, /) -> W: ...
    def bit_or(self, left: W, right: W, /) -> W: ...
    def bit_xor(self, left: W, right: W, /) -> W: ...
    def bit_not(self, operand: W, /) -> W: ...
    def add(self, left: W, right: W, /) -> W: ...
    def subtract(self, left: W, right: W, /) -> W: ...
    def multiply(self, left: W, right: W, /) -> W: ...
    def shift_left(self, left: W, right: W, /) -> W: ...
    def shift_right(self, left: W, right: W, /) -> W: ...
    def shift_right_signed(self, left: W, right: W, /) -> W: ...
    def equal(self, left: W, right: W, /) -> B: ...
    def less(self, left: W, right: W, /) -> B: ...
    def less_signed(self, left: W, right: W, /) -> B: ...
    def choose(self, condition: B, then: W, other: W, /) -> W: ...
    def both(self, left: B, right: B, /) -> B: ...
    def either(self, left: B, right: B, /) -> B: ...
    def negation(self, operand: B, /) -> B: ...
    def choose_truth(self, condition: B, then: B, other: B, /) -> B: ...


# Operators ---------------------------------------------------------------------------------------------


def word_operator(domain: Domain[W, B], operator: str, left: W, right: W, signed: bool) -> W:
    """A binary operator that gives a word; raises KeyError for an operator that is none."""
    if operator == ">>" and signed:
        return domain.shift_right_signed(left, right)
    operators = {
        "&": domain.bit_and,
        "|": domain.bit_or,
        "^": domain.bit_xor,
        "+": domain.add,
        "-": domain.subtract,
        "*": domain.multiply,
        "<<": domain.shift_left,
        ">>": domain.shift_right,
    }
    return operators[operator](left, right)


def comparison(domain: Domain[W, B], operator: str, left: W, right: W, signed: bool) -> B:
    """`== != < <= > >=`; raises KeyError for an operator that is none."""
    less = domain.less_signed if signed else domain.less
    if operator == "==":
        return domain.equal(left, right)
    if operator == "!=":
        return domain.negation(domain.equal(left, right))
    if operator == "<":
        return less(left, right)
    if operator == ">":
        return less(right, left)
    if operator == "<=":
        return domain.negation(less(right, left))
    if operator == ">=":
        return domain.negation(less(left, right))
    raise KeyError(operator)


def minus(domain: Domain[W, B], operand: W) -> W:
    """Unary `-`."""
    return domain.subtract(domain.word(0), operand)


def to_truth(domain: Domain[W, B], word: W) -> B:
    """C's conversion to _Bool: `word != 0`."""
    return domain.negation(domain.equal(word, domain.word(0)))


def to_word(domain: Domain[W, B], truth: B) -> W:
    """1 or 0."""
    return domain.choose(truth, domain.word(1), domain.word(0))


def lowest_bit(domain: Domain[W, B], word: W) -> W:
    """`__ffs64`: the number of the lowest set bit; 64 for 0, where the kernel's is undefined."""
    number = domain.word(WORD_BITS)
    for bit in reversed(range(WORD_BITS)):
        number = domain.choose(to_truth(domain, domain.bit_and(word, domain.word(1 << bit))), domain.word(bit), number)
    return number


INT_BITS = 32


def shift_is_defined(domain: Domain[W, B], amount: W, bits: int = WORD_BITS) -> B:
    """C11 6.5.7: a value of `bits` bits may be shifted by 0 to `bits` - 1."""
    return domain.less(amount, domain.word(bits))


def fits_int(domain: Domain[W, B], word: W) -> B:
    """The sign-extended word is a value of C's 32-bit `int`."""
    low = domain.shift_left(word, domain.word(32))
    return domain.equal(domain.shift_right_signed(low, domain.word(32)), word)


# Memory operations -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome(Generic[W, B]):
    """The entry after the operation; the result as a word or as a truth value (None: not of that kind); what the
    local of try_cmpxchg64 holds afterwards."""

    after: W
    word: W | None = None
    truth: B | None = None
    reference: W | None = None


def bit(domain: Domain[W, B], number: W) -> W:
    """The mask of one bit number (0 to 63)."""
    return domain.shift_left(domain.word(1), number)


def memory_operation(
    domain: Domain[W, B], operation: str, before: W, operands: tuple[W, ...], reference: W | None
) -> Outcome[W, B]:
    """One event on the entry's value `before`. Two-event operations are split by `second_half`."""
    match operation:
        case "READ_ONCE" | "atomic64_read":
            return Outcome(before, word=before)
        case "WRITE_ONCE" | "atomic64_set":
            return Outcome(operands[0])
        case "xchg" | "atomic64_xchg":
            return Outcome(operands[0], word=before)
        case "cmpxchg64":
            equal = domain.equal(before, operands[0])
            return Outcome(domain.choose(equal, operands[1], before), word=before)
        case "try_cmpxchg64":
            assert reference is not None
            equal = domain.equal(before, reference)
            return Outcome(domain.choose(equal, operands[0], before), truth=equal, reference=before)
        case "test_bit":
            return Outcome(before, truth=to_truth(domain, domain.bit_and(before, bit(domain, operands[0]))))
    return _read_modify_write(domain, operation, before, operands[0])


def _read_modify_write(domain: Domain[W, B], operation: str, before: W, operand: W) -> Outcome[W, B]:
    """The operations that combine the entry with one operand. `_fetch_` and `test_and_` forms give what was there
    before."""
    name = operation.removeprefix("__")
    if name.endswith("_bit"):
        mask = bit(domain, operand)
        truth = to_truth(domain, domain.bit_and(before, mask)) if name.startswith("test_and_") else None
        if "set" in name:
            return Outcome(domain.bit_or(before, mask), truth=truth)
        return Outcome(domain.bit_and(before, domain.bit_not(mask)), truth=truth)
    word = before if "_fetch_" in name else None
    return Outcome(_combined(domain, name.rsplit("_", 1)[1], before, operand), word=word)


def _combined(domain: Domain[W, B], how: str, before: W, operand: W) -> W:
    if how == "andnot":
        return domain.bit_and(before, domain.bit_not(operand))
    return {"and": domain.bit_and, "or": domain.bit_or, "xor": domain.bit_xor}[how](before, operand)


def second_half(domain: Domain[W, B], operation: str, read: W, operand: W) -> Outcome[W, B]:
    """The write of a two-event operation (`__clear_bit`, `*sptep &= v`): it stores what follows from the earlier
    `read`, whatever is in the entry by now."""
    return _read_modify_write(domain, operation, read, operand)


BIT_NUMBER_OPERATIONS = frozenset(
    prefix + name
    for prefix in ("", "__")
    for name in ("set_bit", "clear_bit", "test_and_set_bit", "test_and_clear_bit", "test_bit")
)
"""Their operand is a bit number, which must be below 64."""
