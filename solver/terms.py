"""Terms: a small hash-consed layer of 64-bit words and truth values between checked trees and a solver.

A term's children have smaller numbers than itself, so that walks over terms are loops over sorted numbers
and never recursive.
"""

from collections.abc import Iterable, Mapping

from spteproof.solver.integers import Integers
from spteproof.solver.operations import ALL_ONES

_INTEGERS = Integers()


class Term:
    """`operator` applied to `children`; `value` is the constant (operator "word" or "truth") or the name (operator
    "variable"). `is_word` tells a 64-bit word from a truth value. Equal terms of one table are the same object."""

    __slots__ = ("number", "operator", "children", "value", "is_word")

    def __init__(
        self, number: int, operator: str, children: tuple["Term", ...], value: int | bool | str | None, is_word: bool
    ) -> None:
        self.number = number
        self.operator = operator
        self.children = children
        self.value = value
        self.is_word = is_word

    def constant(self) -> int:
        """The value of a constant word. Raises AssertionError for any other term."""
        assert self.operator == "word" and isinstance(self.value, int)
        return self.value

    def is_variable(self) -> bool:
        """Whether it has a name and any value."""
        return self.operator == "variable"

    def __repr__(self) -> str:
        if not self.children:
            return hex(self.value) if self.operator == "word" and isinstance(self.value, int) else str(self.value)
        return f"({self.operator} {' '.join(map(repr, self.children))})"


class Terms:
    """A table of terms, and the value domain that builds them, folding constants as it goes."""

    def __init__(self) -> None:
        self._table: dict[tuple[object, ...], Term] = {}
        self.remembered: dict[tuple[object, ...], tuple[Term, object]] = {}
        """What was worked out once and is wanted again: a term, and what it was worked out from."""
        self.true = self._make("truth", (), True, False)
        self.false = self._make("truth", (), False, False)
        self._zero = self.word(0)
        self._ones = self.word(ALL_ONES)

    def __len__(self) -> int:
        return len(self._table)

    def branched(self) -> "Terms":
        """A table with the same terms, whose further ones are its own: they must not be mixed with this table's."""
        other = Terms()
        other._table, other.remembered = dict(self._table), dict(self.remembered)
        other.true, other.false, other._zero, other._ones = self.true, self.false, self._zero, self._ones
        return other

    def _make(self, operator: str, children: tuple[Term, ...], value: int | bool | str | None, is_word: bool) -> Term:
        key = (operator, value, is_word, *[child.number for child in children])
        found = self._table.get(key)
        if found is None:
            found = self._table[key] = Term(len(self._table), operator, children, value, is_word)
        return found

    def word_variable(self, name: str) -> Term:
        return self._make("variable", (), name, True)

    def truth_variable(self, name: str) -> Term:
        return self._make("variable", (), name, False)

    def word(self, value: int, /) -> Term:
        return self._make("word", (), value & ALL_ONES, True)

    def truth(self, value: bool, /) -> Term:
        return self.true if value else self.false

    # Words

    def bit_and(self, left: Term, right: Term, /) -> Term:
        left, right = _ordered(left, right)
        if left is right or left is self._ones:
            return right
        if right is self._ones:
            return left
        if left is self._zero or right is self._zero:
            return self._zero
        if left.operator == right.operator == "word":
            return self.word(left.constant() & right.constant())
        if left.operator == "word" and right.operator == "bvand" and right.children[0].operator == "word":
            return self.bit_and(self.word(left.constant() & right.children[0].constant()), right.children[1])
        return self._make("bvand", (left, right), None, True)

    def bit_or(self, left: Term, right: Term, /) -> Term:
        left, right = _ordered(left, right)
        if left is right or left is self._zero:
            return right
        if right is self._zero:
            return left
        if left is self._ones or right is self._ones:
            return self._ones
        if left.operator == right.operator == "word":
            return self.word(left.constant() | right.constant())
        return self._make("bvor", (left, right), None, True)

    def bit_xor(self, left: Term, right: Term, /) -> Term:
        left, right = _ordered(left, right)
        if left is right:
            return self._zero
        if left is self._zero:
            return right
        if right is self._zero:
            return left
        if left.operator == right.operator == "word":
            return self.word(left.constant() ^ right.constant())
        return self._make("bvxor", (left, right), None, True)

    def bit_not(self, operand: Term, /) -> Term:
        if operand.operator == "word":
            return self.word(~operand.constant())
        if operand.operator == "bvnot":
            return operand.children[0]
        return self._make("bvnot", (operand,), None, True)

    def _arithmetic(self, operator: str, left: Term, right: Term) -> Term:
        if left.operator == right.operator == "word":
            return self.word(_FOLD[operator](left.constant(), right.constant()))
        if right is self._zero:
            return self._zero if operator == "bvmul" else left
        if left is self._zero and operator in ("bvadd", "bvmul", "bvshl", "bvlshr", "bvashr"):
            return right if operator == "bvadd" else self._zero
        return self._make(operator, (left, right), None, True)

    def add(self, left: Term, right: Term, /) -> Term:
        return self._arithmetic("bvadd", left, right)

    def subtract(self, left: Term, right: Term, /) -> Term:
        return self._arithmetic("bvsub", left, right)

    def multiply(self, left: Term, right: Term, /) -> Term:
        return self._arithmetic("bvmul", left, right)

    def shift_left(self, left: Term, right: Term, /) -> Term:
        return self._arithmetic("bvshl", left, right)

    def shift_right(self, left: Term, right: Term, /) -> Term:
        return self._arithmetic("bvlshr", left, right)

    def shift_right_signed(self, left: Term, right: Term, /) -> Term:
        return self._arithmetic("bvashr", left, right)

    def choose(self, condition: Term, then: Term, other: Term, /) -> Term:
        if condition.operator == "truth":
            return then if condition is self.true else other
        if then is other:
            return then
        if condition.operator == "not":
            return self.choose(condition.children[0], other, then)
        return self._make("ite", (condition, then, other), None, True)

    # Truth values

    def equal(self, left: Term, right: Term, /) -> Term:
        if left is right:
            return self.true
        left, right = _ordered(left, right)
        if left.operator == right.operator == "word":
            return self.false
        if left.operator == "word" and right.operator == "ite":
            folded = self._equal_to_choice(left, right)
            if folded is not None:
                return folded
        if left.operator == "word" and right.operator == "bvand" and right.children[0].operator == "word":
            if left.constant() & ~right.children[0].constant():
                return self.false
        return self._make("=", (left, right), None, False)

    def _equal_to_choice(self, constant: Term, choice: Term) -> Term | None:
        """`constant == (c ? 1 : 0)` is `c` or its negation; None where the arms are not constants."""
        condition, then, other = choice.children
        if then.operator != "word" or other.operator != "word":
            return None
        return self.choose_truth(condition, self.truth(then is constant), self.truth(other is constant))

    def less(self, left: Term, right: Term, /) -> Term:
        return self._order("bvult", left, right)

    def less_signed(self, left: Term, right: Term, /) -> Term:
        return self._order("bvslt", left, right)

    def _order(self, operator: str, left: Term, right: Term) -> Term:
        if left is right:
            return self.false
        if left.operator == right.operator == "word":
            compare = _INTEGERS.less if operator == "bvult" else _INTEGERS.less_signed
            return self.truth(compare(left.constant(), right.constant()))
        return self._make(operator, (left, right), None, False)

    def both(self, left: Term, right: Term, /) -> Term:
        left, right = (left, right) if left.number <= right.number else (right, left)
        if left is right or left is self.true:  # the constants are the first two of the table
            return right
        if left is self.false or self.negation(left) is right:
            return self.false
        return self._make("and", (left, right), None, False)

    def either(self, left: Term, right: Term, /) -> Term:
        return self.negation(self.both(self.negation(left), self.negation(right)))

    def negation(self, operand: Term, /) -> Term:
        if operand.operator == "truth":
            return self.false if operand is self.true else self.true
        if operand.operator == "not":
            return operand.children[0]
        return self._make("not", (operand,), None, False)

    def choose_truth(self, condition: Term, then: Term, other: Term, /) -> Term:
        if condition.operator == "truth":
            return then if condition is self.true else other
        if then is other:
            return then
        if then.operator == "truth" or other.operator == "truth":
            if then is self.true:
                return self.either(condition, other)
            if then is self.false:
                return self.both(self.negation(condition), other)
            if other is self.true:
                return self.either(self.negation(condition), then)
            return self.both(condition, then)
        return self._make("ite", (condition, then, other), None, False)

    # Either sort

    def fixed(self, value: int, is_word: bool) -> Term:
        """A constant: a word, or a truth value that is false for 0."""
        return self.word(value) if is_word else self.truth(bool(value))

    def variable(self, name: str, is_word: bool) -> Term:
        return self.word_variable(name) if is_word else self.truth_variable(name)

    def select(self, condition: Term, then: Term, other: Term) -> Term:
        """`condition ? then : other`, of words or of truth values."""
        return (self.choose if then.is_word else self.choose_truth)(condition, then, other)

    def same(self, left: Term, right: Term) -> Term:
        """Two values of one sort are equal."""
        return self.equal(left, right) if left.is_word else self.choose_truth(left, right, self.negation(right))

    # Shorthands

    def all_of(self, parts: Iterable[Term]) -> Term:
        result = self.true
        for part in parts:
            result = self.both(result, part)
        return result

    def any_of(self, parts: Iterable[Term]) -> Term:
        result = self.false
        for part in parts:
            result = self.either(result, part)
        return result

    def implies(self, left: Term, right: Term) -> Term:
        return self.either(self.negation(left), right)

    def is_zero(self, word: Term) -> Term:
        return self.equal(word, self._zero)

    def substitute(self, roots: Iterable[Term], replacements: dict[Term, Term]) -> list[Term]:
        """The roots with variables (or whole subterms) replaced; sharing is kept."""
        done: dict[int, Term] = {term.number: by for term, by in replacements.items()}
        roots = list(roots)
        for term in reachable(roots, stop=done.keys()):
            if term.number not in done:
                children = tuple(done[child.number] for child in term.children)
                same = all(new is old for new, old in zip(children, term.children, strict=True))
                done[term.number] = term if same else self._rebuild(term, children)
        return [done[root.number] for root in roots]

    def _rebuild(self, term: Term, children: tuple[Term, ...]) -> Term:
        match term.operator:
            case "bvand":
                return self.bit_and(*children)
            case "bvor":
                return self.bit_or(*children)
            case "bvxor":
                return self.bit_xor(*children)
            case "bvnot":
                return self.bit_not(*children)
            case "=":
                return self.equal(*children)
            case "bvult" | "bvslt":
                return self._order(term.operator, *children)
            case "and":
                return self.both(*children)
            case "not":
                return self.negation(*children)
            case "ite":
                return self.choose(*children) if term.is_word else self.choose_truth(*children)
        return self._arithmetic(term.operator, *children)


_FOLD = {
    "bvadd": _INTEGERS.add,
    "bvsub": _INTEGERS.subtract,
    "bvmul": _INTEGERS.multiply,
    "bvshl": _INTEGERS.shift_left,
    "bvlshr": _INTEGERS.shift_right,
    "bvashr": _INTEGERS.shift_right_signed,
}


def _ordered(left: Term, right: Term) -> tuple[Term, Term]:
    """A constant first, otherwise by number: one form for both orders of a commutative operator."""
    if right.operator == "word" or (left.operator != "word" and right.number < left.number):
        return right, left
    return left, right


def reachable(roots: Iterable[Term], stop: Iterable[int] = ()) -> list[Term]:
    """All terms below the roots, children before parents; those whose numbers are in `stop` are not entered."""
    closed = set(stop)
    seen: dict[int, Term] = {}
    waiting = list(roots)
    while waiting:
        term = waiting.pop()
        if term.number not in seen:
            seen[term.number] = term
            if term.number not in closed:
                waiting.extend(term.children)
    return [seen[number] for number in sorted(seen)]


def variables(roots: Iterable[Term]) -> set[Term]:
    """The variables that occur in the roots."""
    return {term for term in reachable(roots) if term.operator == "variable"}


def value_of(term: Term, model: Mapping[str, int]) -> int:
    """The value of a constant or a variable, a truth value as 0 or 1; `model` holds variables by name."""
    if term.operator == "word":
        return term.constant()
    return int(bool(term.value)) if term.operator == "truth" else model[str(term.value)]
