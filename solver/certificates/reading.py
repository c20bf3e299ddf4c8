"""Reads the SMT-LIB 2 that obligations are written in, and says what it means over a value domain. Certificates trust
this file.

It knows 64-bit words and truth values, constants, functions and `let`, and exactly the operators that the tool writes;
anything else is refused. Bits as the domain give the obligation's clauses, integers give the check of a model.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from spteproof.solver.operations import Domain

W = TypeVar("W")
B = TypeVar("B")

_TOKEN = re.compile(r"([()]|\|[^|\\\n]+\||[^\s()|;\"]+)|(\S)")
_WORD_LITERAL = re.compile(r"#x[0-9a-f]{16}")
MOST_NESTED = MOST_APPLIED = 100_000
"""An obligation nests some hundreds deep, and applies functions some dozen times; a short text can ask for any number
of applications."""

_POSITIONS = frozenset(map(str, range(64)))
WORD, TRUTH = ["_", "BitVec", "64"], "Bool"
"""The two sorts, as they are written."""

Tree = str | list["Tree"]
Value = tuple[bool, Any]
"""Whether it is a word, and the word or truth value of the domain."""

Known = dict[str, Value]
"""What names stand for."""


class Unreadable(ValueError):
    """The text is not what the tool writes; the message says why."""


class Bitwise(Domain[W, B], Protocol[W, B]):
    """A domain that can look at one bit of a word."""

    def bit(self, word: W, number: int, /) -> B: ...


def trees(text: str) -> list[Tree]:
    """The text's expressions as nested lists of tokens. Raises Unreadable."""
    outer: list[list[Tree]] = []
    inner: list[Tree] = []
    for token, other in (found.groups() for found in _TOKEN.finditer(text)):
        if other:
            raise Unreadable(_short(other))
        if token == "(":
            _demand(len(outer) < MOST_NESTED, text)
            outer.append(inner)
            inner = []
        elif token != ")":
            inner.append(token)
        elif outer:
            closed, inner = inner, outer.pop()
            inner.append(closed)
        else:
            raise Unreadable("a parenthesis closes nothing")
    if outer:
        raise Unreadable("a parenthesis is not closed")
    return inner


@dataclass(frozen=True, slots=True)
class _Function:
    parameters: list[tuple[str, bool]]
    is_word: bool
    body: Tree


class Script(Generic[W, B]):
    """What a script says: `asserted` are the truth values that it asserts. `declare` gives a constant's value, from its
    name and whether it is a word."""

    def __init__(self, domain: Bitwise[W, B], declare: Callable[[str, bool], W | B]) -> None:
        self.asserted: list[B] = []
        self._domain = domain
        self._declare = declare
        self._functions: dict[str, _Function] = {}
        self._applied_so_far = 0
        self._known: Known = {"true": (False, domain.truth(True)), "false": (False, domain.truth(False))}
        self._on_words: dict[str, Callable[[W, W], W]] = {
            "bvand": domain.bit_and,
            "bvor": domain.bit_or,
            "bvxor": domain.bit_xor,
            "bvadd": domain.add,
            "bvsub": domain.subtract,
            "bvmul": domain.multiply,
            "bvshl": domain.shift_left,
            "bvlshr": domain.shift_right,
            "bvashr": domain.shift_right_signed,
        }
        self._orders: dict[str, Callable[[W, W], B]] = {"bvult": domain.less, "bvslt": domain.less_signed}

    def read(self, text: str) -> None:
        """Declarations, definitions and assertions, in order; `(set-logic QF_BV)` and `(check-sat)` may stand among
        them. Raises Unreadable."""
        for command in trees(text):
            match command:
                case ["declare-const", str(name), sort]:
                    self._define(name, (_is_word(sort), self._declare(bare(name), _is_word(sort))))
                case ["define-fun", str(name), [], sort, body]:
                    value = self._value(body, self._known)
                    _demand(value[0] == _is_word(sort), name)
                    self._define(name, value)
                case ["define-fun", str(name), [*parameters], sort, body]:
                    self._demand_new(name)
                    self._functions[bare(name)] = _Function([*map(_parameter, parameters)], _is_word(sort), body)
                case ["assert", body]:
                    self.asserted.append(self._truth(body, self._known))
                case ["check-sat"] | ["set-logic", "QF_BV"]:
                    pass
                case _:
                    raise Unreadable(_short(command))

    def truth(self, expression: str) -> B:
        """The value of an expression over what was read that is a truth value. Raises Unreadable."""
        match trees(expression):
            case [tree]:
                return self._truth(tree, self._known)
        raise Unreadable(_short(expression))

    def _define(self, name: str, value: Value) -> None:
        self._demand_new(name)
        self._known[bare(name)] = value

    def _demand_new(self, name: str) -> None:
        _demand(bare(name) not in self._known and bare(name) not in self._functions, name)

    def _truth(self, tree: Tree, known: Known) -> B:
        is_word, value = self._value(tree, known)
        _demand(not is_word, tree)
        return value  # type: ignore[no-any-return]

    def _word(self, tree: Tree, known: Known) -> W:
        is_word, value = self._value(tree, known)
        _demand(is_word, tree)
        return value  # type: ignore[no-any-return]

    def _value(self, tree: Tree, known: Known) -> Value:
        """An expression's value where names mean what `known` says."""
        if isinstance(tree, list) and tree and tree[0] == "let":
            known = dict(known)
            while isinstance(tree, list) and tree[0] == "let":
                match tree:
                    case ["let", [[str(name), bound]], inner]:
                        known[bare(name)] = self._value(bound, known)
                        tree = inner
                    case _:
                        raise Unreadable(_short(tree))
        match tree:
            case str():
                if tree in known:
                    return known[tree]
                if _WORD_LITERAL.fullmatch(tree):
                    return True, self._domain.word(int(tree[2:], 16))
                _demand(bare(tree) in known, tree)
                return known[bare(tree)]
            case ["=", [["_", "extract", str(high), str(low)], word], "#b1"]:
                _demand(high == low and high in _POSITIONS, tree)
                return False, self._domain.bit(self._word(word, known), int(low))
            case ["=", left, right]:
                return False, self._same(self._value(left, known), self._value(right, known), tree)
            case ["ite", condition, then, other]:
                chosen, (is_word, first) = self._truth(condition, known), self._value(then, known)
                if is_word:
                    return True, self._domain.choose(chosen, first, self._word(other, known))
                return False, self._domain.choose_truth(chosen, first, self._truth(other, known))
            case ["not", operand]:
                return False, self._domain.negation(self._truth(operand, known))
            case ["and" | "or" as head, *operands]:
                join = self._domain.both if head == "and" else self._domain.either
                result = self._domain.truth(head == "and")
                for each in operands:
                    result = join(result, self._truth(each, known))
                return False, result
            case ["=>", left, right]:
                negated = self._domain.negation(self._truth(left, known))
                return False, self._domain.either(negated, self._truth(right, known))
            case ["bvnot", operand]:
                return True, self._domain.bit_not(self._word(operand, known))
            case [str(head), left, right] if head in self._on_words:
                return True, self._on_words[head](self._word(left, known), self._word(right, known))
            case [str(head), left, right] if head in self._orders:
                return False, self._orders[head](self._word(left, known), self._word(right, known))
            case [str(name), *given] if bare(name) in self._functions:
                return self._applied(self._functions[bare(name)], [self._value(each, known) for each in given], tree)
        raise Unreadable(_short(tree))

    def _same(self, left: Value, right: Value, tree: Tree) -> B:
        _demand(left[0] == right[0], tree)
        if left[0]:
            return self._domain.equal(left[1], right[1])
        return self._domain.choose_truth(left[1], right[1], self._domain.negation(right[1]))

    def _applied(self, function: _Function, given: list[Value], tree: Tree) -> Value:
        self._applied_so_far += 1
        _demand(self._applied_so_far <= MOST_APPLIED, tree)
        sorts = [is_word for _, is_word in function.parameters]
        _demand(sorts == [is_word for is_word, _ in given], tree)
        names = [name for name, _ in function.parameters]
        value = self._value(function.body, {**self._known, **dict(zip(names, given, strict=True))})
        _demand(value[0] == function.is_word, tree)
        return value


def bare(name: str) -> str:
    """A name without the bars that may stand around it."""
    return name[1:-1] if name[0] == "|" else name


def _is_word(sort: Tree) -> bool:
    _demand(sort in (WORD, TRUTH), sort)
    return sort == WORD


def _parameter(tree: Tree) -> tuple[str, bool]:
    match tree:
        case [str(name), sort]:
            return bare(name), _is_word(sort)
    raise Unreadable(_short(tree))


def _demand(holds: bool, tree: Tree) -> None:
    if not holds:
        raise Unreadable(_short(tree))


def _short(tree: Tree) -> str:
    """What cannot be read, cut where it is long."""
    return f"not what the tool writes: {str(tree)[:60]}"
