"""Runs the tree of a case in Python, as slowly and literally as it can: a check of what is printed as C.

A program is a generator that yields its events; whoever runs it sends back what each event gave.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from .tree import (
    Assign,
    Assume,
    Atomic,
    Binary,
    Call,
    Case,
    Choice,
    Cleared,
    Declare,
    Expression,
    HelperCall,
    If,
    Instant,
    Moved,
    Name,
    Number,
    Operation,
    Perform,
    Return,
    SetGhost,
    Statement,
    Unary,
    Value,
)

FULL = (1 << 64) - 1
Word = tuple[int, int]
"""The entry and the ghost."""


@dataclass(frozen=True, slots=True)
class Event:
    """`act` gives the entry and ghost just after, and the operation's result."""

    act: Callable[[int, int], tuple[int, int, int]]
    writes: bool


Steps = Generator[Event, int, None]
Valued = Generator[Event, int, int]


class AssumptionFailed(Exception):
    pass


class Returned(Exception):
    def __init__(self, value: int) -> None:
        self.value = value


@dataclass(slots=True)
class Meaning:
    """What names and instants mean where an expression is evaluated. `inputs` are handed out to `any`, in order."""

    case: Case
    names: Mapping[str, int]
    instants: Mapping[str, int] = field(default_factory=dict)
    cleared: int = 0

    def value(self, expression: Expression) -> int:
        match expression:
            case Name():
                return self.names[expression.name]
            case Number():
                return expression.value
            case Unary():
                operand = self.value(expression.operand)
                return operand ^ FULL if expression.operator == "~" else int(operand == 0)
            case Binary():
                return _binary(expression.operator, self.value(expression.left), self.value(expression.right))
            case Choice():
                return self.value(expression.then if self.value(expression.condition) else expression.other)
            case Call():
                predicate = next(p for p in self.case.predicates if p.name == expression.predicate)
                names = dict(layout_names(self.case)) | {"spte": self.value(expression.argument)}
                return int(Meaning(self.case, names).value(predicate.body) != 0)
            case Moved():
                return (
                    self.names[expression.target.name]
                    if self.value(expression.value) & self.names[expression.source.name]
                    else 0
                )
            case Instant():
                return self.instants[expression.which]
            case Cleared():
                return self.cleared & self.value(expression.mask)
            case _:
                assert_never(expression)


def _binary(operator: str, left: int, right: int) -> int:
    match operator:
        case "&":
            return left & right
        case "|":
            return left | right
        case "^":
            return left ^ right
        case "&&":
            return int(left != 0 and right != 0)
        case "||":
            return int(left != 0 or right != 0)
        case "->":
            return int(left == 0 or right != 0)
        case "==":
            return int(left == right)
        case "!=":
            return int(left != right)
    raise ValueError(operator)


def layout_names(case: Case) -> dict[str, int]:
    names = {name: 1 << position for name, position in case.layout.masks} | {"true": 1, "false": 0}
    names |= {name: int(on) for name, on in case.layout.flags}
    for name, value in case.layout.values:
        names[name] = Meaning(case, dict(names)).value(value)
    return names


@dataclass(slots=True)
class Frame:
    """One body being run: `cells` are its locals, each in a cell so that a reference can share it."""

    case: Case
    constants: Mapping[str, int]
    inputs: list[int]
    cells: dict[str, list[int]] = field(default_factory=dict)

    def meaning(self) -> Meaning:
        return Meaning(self.case, dict(self.constants) | {name: cell[0] for name, cell in self.cells.items()})

    def run(self, body: tuple[Statement, ...]) -> Steps:
        for statement in body:
            yield from self.statement(statement)

    def statement(self, statement: Statement) -> Steps:
        match statement:
            case Declare():
                value = self.inputs.pop(0) if statement.value is None else (yield from self.value(statement.value))
                self.cells[statement.name] = [int(value != 0) if statement.sort == "bool" else value]
            case Assign():
                value = yield from self.value(statement.value)
                cell = self.cells[statement.target.name]
                cell[0] = value if statement.operator == "=" else _binary(statement.operator[0], cell[0], value)
            case SetGhost():
                ghost = int(self.meaning().value(statement.value) != 0)
                yield Event(lambda entry, _: (entry, ghost, 0), False)
            case Perform():
                yield from self.value(statement.value)
            case If():
                value = yield from self.value(statement.condition)
                yield from self.run(statement.then if (value != 0) != statement.negated else statement.other)
            case Return():
                raise Returned(0 if statement.value is None else (yield from self.value(statement.value)))
            case Assume():
                if not self.meaning().value(statement.condition):
                    raise AssumptionFailed
            case Atomic():
                yield self.at_once(statement.body)
            case _:
                assert_never(statement)

    def at_once(self, body: tuple[Statement, ...]) -> Event:
        """The locals change when the event acts."""

        def act(entry: int, ghost: int) -> tuple[int, int, int]:
            steps = self.run(body)
            try:
                event = next(steps)
                while True:
                    entry, ghost, result = event.act(entry, ghost)
                    event = steps.send(result)
            except StopIteration:
                return entry, ghost, 0

        return Event(act, True)

    def value(self, value: Value) -> Valued:
        match value:
            case Operation():
                return (yield from self.operation(value))
            case HelperCall():
                return (yield from self.call(value))
            case _:
                return self.meaning().value(value)

    def call(self, call: HelperCall) -> Valued:
        helper = next(h for h in self.case.helpers if h.name == call.helper)
        frame = Frame(self.case, self.constants, self.inputs)
        for parameter, argument in zip(helper.parameters, call.arguments, strict=True):
            shared = parameter.by_reference and isinstance(argument, Name)
            frame.cells[parameter.name] = self.cells[argument.name] if shared else [self.meaning().value(argument)]  # type: ignore[union-attr]
        try:
            yield from frame.run(helper.body)
        except Returned as done:
            return int(done.value != 0) if helper.sort == "bool" else done.value
        return 0

    def operation(self, operation: Operation) -> Valued:
        kind = operation.kind
        words = [self.meaning().value(argument) for argument in operation.arguments]
        if kind.startswith("*sptep ") and kind != "*sptep =" or kind.startswith("__"):
            seen = yield Event(lambda entry, ghost: (entry, ghost, entry), False)
            after, result = _changed(kind, words, seen)
            yield Event(lambda _, ghost: (after, ghost, 0), True)
            return result
        if kind == "try_cmpxchg64":
            assert operation.reference is not None
            cell = self.cells[operation.reference.name]
            expected, new = cell[0], words[0]
            seen = yield Event(lambda entry, ghost: (new if entry == expected else entry, ghost, entry), True)
            cell[0] = seen
            return int(seen == expected)
        writes = kind not in ("READ_ONCE", "*sptep", "atomic64_read", "test_bit")
        seen = yield Event(lambda entry, ghost: (_changed(kind, words, entry)[0], ghost, entry), writes)
        return _changed(kind, words, seen)[1]


def _changed(kind: str, words: list[int], entry: int) -> Word:
    """The entry's new value and the result of a one-event operation, or of the two events of a plain one."""
    if kind in ("READ_ONCE", "*sptep", "atomic64_read"):
        return entry, entry
    if kind in ("WRITE_ONCE", "*sptep =", "atomic64_set", "xchg", "atomic64_xchg"):
        return words[0], entry
    if kind == "cmpxchg64":
        return words[1] if entry == words[0] else entry, entry
    if kind.endswith("_bit"):
        had = int(entry & words[0] != 0)
        if kind == "test_bit":
            return entry, had
        return (entry | words[0] if "set" in kind else entry & ~words[0]), had
    if kind.endswith("andnot"):
        return entry & ~words[0], entry
    if kind.endswith("or") and not kind.endswith("xor") or kind == "*sptep |=":
        return entry | words[0], entry
    if kind.endswith("and") or kind == "*sptep &=":
        return entry & words[0], entry
    return entry ^ words[0], entry
