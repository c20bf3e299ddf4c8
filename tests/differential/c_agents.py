"""Prints the agents as one C function that lists every step possible on one value of the entry and ghost.

An agent that is a program runs in any number of instances, each anywhere in it. So each of its events that can write
is a step: the event acts on the current value, and what the instance read before is any value that the invariants
allow and that leads to the event. A past event of the program that wrote acted on any such value, too.
"""

from collections.abc import Callable, Mapping
from typing import assert_never

from .c_operations import effect
from .expression_text import Vocabulary, expression_text, operand_text
from .tree import (
    Agent,
    Assign,
    Assume,
    Atomic,
    Declare,
    Expression,
    HelperCall,
    If,
    Operation,
    Perform,
    Return,
    SetGhost,
    Statement,
    Step,
    Value,
)

Names = dict[str, str]
Then = Callable[[Names], list[str]]


class Environment:
    """`words` makes a vocabulary from the spelling of names; `constants` spells masks, values and flags."""

    def __init__(
        self, words: Callable[[Callable[[str], str]], Vocabulary], constants: Mapping[str, str], ghost: str | None
    ) -> None:
        self.words = words
        self.constants = constants
        self.ghost = ghost
        self.fresh = 0

    def text(self, agents: tuple[Agent, ...]) -> str:
        lines: list[str] = []
        for agent in agents:
            for step in agent.steps:
                lines += self.step(step)
            lines += self.program(agent.program, {})
        return "\n".join(lines)

    def vocabulary(self, names: Names) -> Vocabulary:
        return self.words(lambda name: names.get(name) or self.constants[name])

    def expression(self, expression: Expression, names: Names) -> str:
        return expression_text(expression, self.vocabulary(names))

    # Steps ----------------------------------------------------------------------------------------------

    def step(self, step: Step) -> list[str]:
        """`now` and `ghost_now` are changed by the body; parameters are tried out."""
        names: Names = {"spte": "now"}
        if self.ghost is not None:
            names[self.ghost] = "ghost_now"
        loops: list[str] = []
        for parameter in step.parameters:
            name = names[parameter.name] = f"p_{parameter.name}"
            if parameter.sort == "bool":
                loops.append(f"for (u64 {name} = 0; {name} < 2; {name}++)")
            else:
                loops.append(f"for (int i_{name} = 0; i_{name} < words; i_{name}++)")
        lines = [" ".join(loops) + " { u64 now = spte, ghost_now = ghost;"]
        lines += [f"u64 p_{p.name} = word[i_p_{p.name}];" for p in step.parameters if p.sort != "bool"]
        if step.saw is not None:
            lines.append("int saw = 0; for (int i = 0; i < values && !saw; i++) { u64 earlier = value[i];")
            lines.append(f"saw = ({self.expression(step.saw, names | {'spte': 'earlier'})}) != 0; }}")
        guard = self.expression(step.when, names) if step.when is not None else "1"
        lines.append(f"if (({guard}){' && saw' if step.saw is not None else ''}) {{")
        lines += self.step_body(step.body, names)
        return [*lines, "reach(now, ghost_now); } }"]

    def step_body(self, body: tuple[Statement, ...], names: Names) -> list[str]:
        lines: list[str] = []
        for statement in body:
            match statement:
                case Assign(value=value) if not isinstance(value, Operation | HelperCall):
                    lines.append(
                        f"{names[statement.target.name]} {statement.operator} {self.expression(value, names)};"
                    )
                case SetGhost():
                    lines.append(f"ghost_now = ({self.expression(statement.value, names)}) != 0;")
                case If(condition=condition) if not isinstance(condition, Operation):
                    sign = "!" if statement.negated else ""
                    lines.append(f"if ({sign}({self.expression(condition, names)})) {{")
                    lines += [
                        *self.step_body(statement.then, names),
                        "} else {",
                        *self.step_body(statement.other, names),
                        "}",
                    ]
                case _:
                    raise ValueError(f"no statement of a step: {statement}")
        return lines

    # Programs -------------------------------------------------------------------------------------------

    def program(self, body: tuple[Statement, ...], names: Names) -> list[str]:
        """All steps of what is still to run, each assignment to a new variable: the text sits inside loops."""
        if not body or isinstance(body[0], Return):
            return []
        statement, rest = body[0], body[1:]

        def go_on(known: Names) -> list[str]:
            return self.program(rest, known)

        match statement:
            case Declare(value=None):
                name = self.new_name(statement.name)
                return [f"for (u64 {name} = 0; {name} < 2; {name}++) {{", *go_on(names | {statement.name: name}), "}"]
            case Declare():
                assert statement.value is not None
                return self.value(statement.value, names, lambda text, known: self.bind(statement, text, known, go_on))
            case Assign():
                return self.value(
                    statement.value, names, lambda text, known: self.change(statement, text, known, go_on)
                )
            case Perform():
                return self.value(statement.value, names, lambda _, known: go_on(known))
            case If():
                return self.value(
                    statement.condition, names, lambda text, known: self.fork(statement, text, known, rest)
                )
            case SetGhost():
                return [f"reach(spte, ({self.expression(statement.value, names)}) != 0);", *go_on(names)]
            case Assume() | Atomic() | Return():
                raise ValueError(f"no statement of an agent: {statement}")
            case _:
                assert_never(statement)

    def new_name(self, name: str) -> str:
        self.fresh += 1
        return f"v{self.fresh}_{name}"

    def bind(self, statement: Declare, text: str, names: Names, go_on: Then) -> list[str]:
        name = self.new_name(statement.name)
        text = f"({text}) != 0" if statement.sort == "bool" else text
        return [f"{{ u64 {name} = {text};", *go_on(names | {statement.name: name}), "}"]

    def change(self, statement: Assign, text: str, names: Names, go_on: Then) -> list[str]:
        old, name = names[statement.target.name], self.new_name(statement.target.name)
        value = text if statement.operator == "=" else f"{old} {statement.operator[:-1]} ({text})"
        return [f"{{ u64 {name} = {value};", *go_on(names | {statement.target.name: name}), "}"]

    def fork(self, statement: If, text: str, names: Names, rest: tuple[Statement, ...]) -> list[str]:
        sign = "!" if statement.negated else ""
        then, other = (self.program((*branch, *rest), names) for branch in (statement.then, statement.other))
        if not then and not other:
            return []
        return [f"if ({sign}({text})) {{", *then, "} else {", *other, "}"]

    def value(self, value: Value, names: Names, use: Callable[[str, Names], list[str]]) -> list[str]:
        match value:
            case Operation():
                return self.operation(value, names, use)
            case HelperCall():
                raise ValueError("agents call no helpers")
            case _:
                return use(self.expression(value, names), names)

    def operation(self, operation: Operation, names: Names, use: Callable[[str, Names], list[str]]) -> list[str]:
        words = self.vocabulary(names)
        operands = tuple(f"({operand_text(argument, words)})" for argument in operation.arguments)
        if operation.kind.endswith("_bit"):
            operands = tuple(f"({text} & -{text})" for text in operands)
        reference = names[operation.reference.name] if operation.reference else ""
        done = effect(operation, operands, reference)
        past, before = self.new_name("past"), self.new_name("before")
        lines: list[str] = []
        if done.writes and done.events == 1:
            lines.append(f"{{ u64 before = spte; reach({done.after}, ghost); }}")
        elif done.events == 2:
            lines.append(f"for (int i = 0; i < values; i++) {{ u64 before = value[i]; reach({done.after}, ghost); }}")
        after: Names = dict(names)
        refresh = ""
        if operation.reference:
            name = after[operation.reference.name] = self.new_name(operation.reference.name)
            refresh = f"u64 {name} = {past} ? {reference} : before;"
        rest = use(past, after)
        if rest:
            result = done.result or "0"
            lines.append(f"for (int {before} = 0; {before} < values; {before}++) {{")
            lines.append(f"u64 before = value[{before}], {past} = {result};")
            lines += [refresh, *rest, "}"]
        return lines
