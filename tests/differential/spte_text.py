"""Prints a case as a `.spte` module with one layout, one theorem and one property."""

from collections.abc import Mapping
from typing import assert_never

from .expression_text import Vocabulary, expression_text
from .tree import (
    Agent,
    Assign,
    Assume,
    Atomic,
    Case,
    Declare,
    Expression,
    Helper,
    HelperCall,
    If,
    Layout,
    Name,
    Operation,
    Parameter,
    Perform,
    Property,
    Return,
    SetGhost,
    Statement,
    Step,
    Value,
)

_READS = {"*sptep": "*sptep", "READ_ONCE": "READ_ONCE(*sptep)", "atomic64_read": "atomic64_read(sptep)"}
_ENTRY_FIRST = ("atomic64_set", "xchg", "atomic64_xchg", "cmpxchg64")


def spte_text(case: Case) -> str:
    writer = _Writer(dict(case.layout.masks))
    parts = [writer.layout(case.layout)]
    if case.ghost is not None:
        parts.append(f"ghost bool {case.ghost};\n")
    parts += [f"predicate {p.name}(u64 spte) = {writer.expression(p.body)};\n" for p in case.predicates]
    parts += [writer.agent(agent) for agent in case.agents]
    parts += [writer.helper(helper) for helper in case.helpers]
    parts.append(writer.theorem(case))
    return "\n".join(parts)


class _Writer:
    """Prints the parts of a case; `pointers` are the by-reference parameters of the helper at hand."""

    def __init__(self, positions: Mapping[str, int]) -> None:
        self.positions = positions
        self.pointers: set[str] = set()
        instants = {"now": "*sptep"}
        self.words = Vocabulary(
            name=lambda name: f"*{name}" if name in self.pointers else name,
            predicate=lambda name: name,
            instant=lambda which: instants.get(which, which),
            cleared=lambda mask: f"cleared({mask})",
            implication=lambda left, right: f"{left} -> {right}",
            positions=positions,
        )

    def expression(self, expression: Expression) -> str:
        return expression_text(expression, self.words)

    def layout(self, layout: Layout) -> str:
        lines = [f"{name} = bit {position};" for name, position in layout.masks]
        lines += [f"value {name} = {self.expression(value)};" for name, value in layout.values]
        lines += [f"{name} = {'true' if on else 'false'};" for name, on in layout.flags]
        lines += [f"invariant {name}: {self.expression(condition)};" for name, condition in layout.invariants]
        return "layout one {\n" + "".join(f"    {line}\n" for line in lines) + "}\n"

    def agent(self, agent: Agent) -> str:
        lines = [line for step in agent.steps for line in self.step(step)] + self.block(agent.program, 1)
        return f"agent {agent.name} lockless {{\n" + "\n".join(lines) + "\n}\n"

    def step(self, step: Step) -> list[str]:
        head = f"    step {step.name}{self.parameters(step.parameters) if step.parameters else ''}:"
        if step.when is not None:
            head += f" when {self.expression(step.when)}"
        if step.saw is not None:
            head += f" saw {self.expression(step.saw)}"
        return [head + " {", *self.block(step.body, 2), "    }"]

    def parameters(self, parameters: tuple[Parameter, ...]) -> str:
        return "(" + ", ".join(f"{p.sort} {'*' if p.by_reference else ''}{p.name}" for p in parameters) + ")"

    def helper(self, helper: Helper) -> str:
        self.pointers = {p.name for p in helper.parameters if p.by_reference}
        arrow = f" -> {helper.sort}" if helper.sort else ""
        head = f"helper {helper.name}{self.parameters(helper.parameters)}{arrow} {{"
        text = "\n".join([head, *self.block(helper.body, 1), "}"]) + "\n"
        self.pointers = set()
        return text

    def theorem(self, case: Case) -> str:
        names = ", ".join(agent.name for agent in case.agents)
        against = f"any number of {names}" if names else "nobody"
        head = [f"theorem {case.name}()", "    for layout in one", f"    against {against}", "{"]
        return "\n".join([*head, *self.block(case.body, 1), f"    prove {self.property(case.property)};", "}"]) + "\n"

    def property(self, wanted: Property) -> str:
        mask = self.expression(wanted.mask) if wanted.mask is not None else ""
        match wanted.kind:
            case "preserves":
                return f"preserves {mask}" + (f" except {self.expression(wanted.exempt)}" if wanted.exempt else "")
            case "conserves":
                return f"conserves {'exactly ' if wanted.exactly else ''}{mask} into {wanted.into}"
            case "changes only":
                return f"changes only {mask}"
            case "resurrects":
                return f"resurrects nothing in {mask}"
            case "refines":
                return "refines { " + " ".join(line.strip() for line in self.block(wanted.block, 0)) + " }"
        assert wanted.condition is not None, wanted.kind
        return f"{wanted.kind} {self.expression(wanted.condition)}"

    def block(self, body: tuple[Statement, ...], depth: int) -> list[str]:
        return [line for statement in body for line in self.statement(statement, depth)]

    def statement(self, statement: Statement, depth: int) -> list[str]:
        pad = "    " * depth
        match statement:
            case Declare():
                value = "any" if statement.value is None else self.value(statement.value)
                return [f"{pad}{statement.sort} {statement.name} = {value};"]
            case Assign():
                return [f"{pad}{self.expression(statement.target)} {statement.operator} {self.value(statement.value)};"]
            case SetGhost():
                return [f"{pad}{statement.name} = {self.expression(statement.value)};"]
            case Perform():
                return [f"{pad}{self.value(statement.value)};"]
            case Return():
                return [f"{pad}return;" if statement.value is None else f"{pad}return {self.value(statement.value)};"]
            case Assume():
                return [f"{pad}assume({self.expression(statement.condition)});"]
            case Atomic():
                return [f"{pad}atomic {{", *self.block(statement.body, depth + 1), f"{pad}}}"]
            case If():
                return self.branches(statement, depth)
            case _:
                assert_never(statement)

    def branches(self, statement: If, depth: int) -> list[str]:
        pad = "    " * depth
        condition = self.value(statement.condition)
        if statement.negated:
            condition = f"!{condition}" if isinstance(statement.condition, Operation) else f"!({condition})"
        lines = [f"{pad}if ({condition}) {{", *self.block(statement.then, depth + 1)]
        if statement.other:
            lines += [f"{pad}}} else {{", *self.block(statement.other, depth + 1)]
        return [*lines, f"{pad}}}"]

    def value(self, value: Value) -> str:
        match value:
            case Operation():
                return self.operation(value)
            case HelperCall():
                signs = ["&" if by_reference else "" for by_reference in value.references]
                texts = [sign + self.expression(a) for sign, a in zip(signs, value.arguments, strict=True)]
                return f"{value.helper}({', '.join(texts)})"
            case _:
                return self.expression(value)

    def operation(self, operation: Operation) -> str:
        kind = operation.kind
        arguments = [self.expression(argument) for argument in operation.arguments]
        if kind in _READS:
            return _READS[kind]
        if kind == "WRITE_ONCE":
            return f"WRITE_ONCE(*sptep, {arguments[0]})"
        if kind.startswith("*sptep "):
            return f"{kind} {arguments[0]}"
        if kind == "try_cmpxchg64":
            assert operation.reference is not None
            name = operation.reference.name
            return f"try_cmpxchg64(sptep, {name if name in self.pointers else '&' + name}, {arguments[0]})"
        if kind in _ENTRY_FIRST:
            return f"{kind}(sptep, {', '.join(arguments)})"
        if kind.endswith("_bit"):
            return f"{kind}({self.bit_number(operation.arguments[0])}, sptep)"
        return f"{kind}({arguments[0]}, sptep)"

    def bit_number(self, mask: Expression) -> str:
        """A literal where the position is known and even, so that both spellings occur."""
        assert isinstance(mask, Name)
        position = self.positions.get(mask.name)
        return str(position) if position is not None and position % 2 == 0 else f"__ffs64({mask.name})"
