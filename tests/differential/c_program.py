"""Prints the theorem's body as a C function that runs up to its next event and stops there.

The function is one `switch` over the event to run next; its case labels stand inside the branches, and helpers are
printed in line. What must survive a stop lives in `s->local`; a local that nothing below reads any more is set to 0
at each stop, so that states which differ in dead values only are one state.
"""

from collections.abc import Callable, Mapping
from typing import assert_never

from .c_operations import effect
from .expression_text import Vocabulary, expression_text, operand_text
from .tree import (
    Assign,
    Assume,
    Atomic,
    Declare,
    Expression,
    Helper,
    HelperCall,
    If,
    Name,
    Operation,
    Perform,
    Return,
    SetGhost,
    Statement,
    Value,
    nodes,
)

Scope = dict[str, int | str]
"""What a name means: the number of a local, or C text."""


class Program:
    """`words` makes a vocabulary from the spelling of names; `constants` spells the names that are no locals;
    `helpers` are by name. After `print_body`, `text` gives the function's body."""

    def __init__(
        self,
        words: Callable[[Callable[[str], str]], Vocabulary],
        constants: Mapping[str, str],
        helpers: Mapping[str, Helper],
    ) -> None:
        self.words = words(self.name)
        self.constants = constants
        self.helpers = helpers
        self.lines: list[str] = []
        self.stops = 0
        self.labels = 0
        self.inputs = 0
        self.last_use: list[int] = []
        self.scopes: list[Scope] = [{}]
        self.returns: list[tuple[int | None, str]] = []
        self.whole = False

    def text(self) -> str:
        text = "\n".join(self.lines)
        for stop in range(1, self.stops + 1):
            dead = [f"L[{number}] = 0; " for number, use in enumerate(self.last_use) if use < stop]
            text = text.replace(f"@{stop}@", "".join(dead))
        return text

    # Names and expressions ------------------------------------------------------------------------------

    def new_local(self) -> int:
        self.last_use.append(0)
        return len(self.last_use) - 1

    def local(self, number: int) -> str:
        self.last_use[number] = self.stops
        return f"L[{number}]"

    def name(self, name: str) -> str:
        known = self.scopes[-1].get(name)
        if isinstance(known, int):
            return self.local(known)
        return self.constants[name] if known is None else known

    def expression(self, expression: Expression) -> str:
        return expression_text(expression, self.words)

    def keep_to_the_end(self, name: str) -> int:
        """The number of a local of the theorem's body that the property speaks of."""
        number = self.scopes[0][name]
        assert isinstance(number, int)
        self.last_use[number] = 1 << 30
        return number

    # Statements -----------------------------------------------------------------------------------------

    def print_body(self, body: tuple[Statement, ...]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, statement: Statement) -> None:
        match statement:
            case Declare():
                self.declare(statement)
            case Assign():
                self.assign(statement)
            case SetGhost():
                self.event(f"s->ghost = ({self.expression(statement.value)}) != 0;", writes=False)
            case Perform():
                self.value(statement.value)
            case If():
                self.branches(statement)
            case Return():
                self.leave(statement)
            case Assume():
                self.lines.append(f"if (!({self.expression(statement.condition)})) {{ s->pc = OUTSIDE; return; }}")
            case Atomic():
                self.atomic(statement)
            case _:
                assert_never(statement)

    def declare(self, statement: Declare) -> None:
        if statement.value is None:
            text = f"(input >> {self.inputs}) & 1"
            self.inputs += 1
        else:
            text = self.value(statement.value)
        number = self.new_local()
        self.scopes[-1][statement.name] = number
        self.store(number, statement.sort, text)

    def store(self, number: int, sort: str, text: str) -> None:
        self.lines.append(f"{self.local(number)} = " + (f"({text}) != 0;" if sort == "bool" else f"{text};"))

    def assign(self, statement: Assign) -> None:
        text = self.value(statement.value)
        self.lines.append(f"{self.name(statement.target.name)} {statement.operator} {text};")

    def branches(self, statement: If) -> None:
        text = self.value(statement.condition)
        self.lines.append(f"if ({'!' if statement.negated else ''}({text})) {{")
        self.nested(statement.then)
        self.lines.append("} else {")
        self.nested(statement.other)
        self.lines.append("}")

    def nested(self, body: tuple[Statement, ...]) -> None:
        """Names declared inside are gone after it."""
        before = dict(self.scopes[-1])
        self.print_body(body)
        self.scopes[-1] = before

    def leave(self, statement: Return) -> None:
        target, label = self.returns[-1]
        if statement.value is not None:
            text = self.value(statement.value)
            sort = self.scopes[-1]["return sort"]
            assert target is not None and isinstance(sort, str)
            self.store(target, sort, text)
        self.lines.append(f"goto {label};")

    def atomic(self, statement: Atomic) -> None:
        """One event, which is a write event in an execution that runs one of its writing operations."""
        self.stop()
        self.lines.append("{ u64 at_first = s->entry; writes = 0;")
        self.whole = True
        self.nested(statement.body)
        self.whole = False
        self.lines.append("event(s, at_first, writes); }")

    # Values and events ----------------------------------------------------------------------------------

    def value(self, value: Value) -> str:
        """C text of the value; what it takes to get it is printed first."""
        match value:
            case Operation():
                return self.operation(value)
            case HelperCall():
                return self.call(value)
            case _:
                return self.expression(value)

    def stop(self) -> None:
        if self.whole:
            return
        self.stops += 1
        self.lines.append(f"@{self.stops}@s->pc = {self.stops}; return; case {self.stops}:;")

    def event(self, text: str, writes: bool) -> None:
        """One event. Inside `atomic` the whole block is the event."""
        self.stop()
        finish = f"writes |= {int(writes)};" if self.whole else f"event(s, before, {int(writes)});"
        self.lines.append(f"before = s->entry; {text} {finish}")

    def operation(self, operation: Operation) -> str:
        seen = self.new_local() if effect(operation, ("",) * 2, "").events == 2 else None
        if seen is not None:
            self.event(f"{self.local(seen)} = before;", writes=False)
        self.stop()
        operands = tuple(self.operand(argument, operation.kind) for argument in operation.arguments)
        reference = self.name(operation.reference.name) if operation.reference else ""
        done = effect(operation, operands, reference)
        finish = f"writes |= {int(done.writes)};" if self.whole else f"event(s, before, {int(done.writes)});"
        then = ""
        if seen is not None:
            what = f"{{ u64 entry = before; before = {self.local(seen)}; s->entry = {done.after};"
            result = f" result = {done.result};" if done.result else ""
            self.lines.append(f"before = s->entry; {what}{result} before = entry; }} {finish}")
            return "result" if done.result else ""
        if reference:
            then = f" if (!result) {reference} = before;"
        result = f" result = {done.result};" if done.result else ""
        self.lines.append(f"before = s->entry;{result} s->entry = {done.after};{then} {finish}")
        return "result" if done.result else ""

    def operand(self, argument: Expression, kind: str) -> str:
        text = f"({operand_text(argument, self.words)})"
        return f"({text} & -{text})" if kind.endswith("_bit") else text

    def call(self, call: HelperCall) -> str:
        helper = self.helpers[call.helper]
        scope: Scope = {"return sort": helper.sort}
        for parameter, argument in zip(helper.parameters, call.arguments, strict=True):
            if parameter.by_reference:
                assert isinstance(argument, Name)
                scope[parameter.name] = self.scopes[-1][argument.name]
                continue
            if self.is_constant(argument):
                scope[parameter.name] = f"({self.expression(argument)})"
                continue
            copy = self.new_local()
            self.store(copy, parameter.sort, self.expression(argument))
            scope[parameter.name] = copy
        target = self.new_local() if helper.sort else None
        self.labels += 1
        label = f"out_{self.labels}"
        self.scopes.append(scope)
        self.returns.append((target, label))
        self.print_body(helper.body)
        self.returns.pop()
        self.scopes.pop()
        self.lines.append(f"{label}:;")
        return "" if target is None else self.local(target)

    def is_constant(self, argument: Expression) -> bool:
        names = [node.name for _, node in nodes(argument) if isinstance(node, Name)]
        return not any(isinstance(self.scopes[-1].get(name), int) for name in names)
