"""Broken twins: all one-token changes of a case's predicates, agents, helpers, assumptions and invariants.

The property stays, and so does the invariant `closed`, on which the answer in C rests.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .tree import (
    Assign,
    Assume,
    Atomic,
    Binary,
    Case,
    Declare,
    Expression,
    If,
    Name,
    Operation,
    Parameter,
    Path,
    Perform,
    Return,
    SetGhost,
    Step,
    Unary,
    at,
    nodes,
    replaced,
)

_PLAIN = {
    "clear_bit": "__clear_bit",
    "set_bit": "__set_bit",
    "test_and_clear_bit": "__test_and_clear_bit",
    "test_and_set_bit": "__test_and_set_bit",
    "atomic64_and": "*sptep &=",
    "atomic64_or": "*sptep |=",
    "atomic64_xor": "*sptep ^=",
}
_OPPOSITE = {
    "clear_bit": "set_bit",
    "set_bit": "clear_bit",
    "__clear_bit": "__set_bit",
    "__set_bit": "__clear_bit",
    "atomic64_fetch_andnot": "atomic64_fetch_or",
    "atomic64_fetch_or": "atomic64_fetch_andnot",
    "atomic64_or": "atomic64_andnot",
    "atomic64_andnot": "atomic64_or",
    "*sptep |=": "*sptep ^=",
}
_PARTS = ("predicates", "agents", "helpers", "body")


@dataclass(frozen=True, slots=True)
class Mutant:
    """`kind` says what was changed, in two or three words."""

    kind: str
    case: Case


def mutants(case: Case) -> list[Mutant]:
    """Without duplicates, in the order of the text."""
    found: dict[Case, str] = {}
    for path, node in nodes(case):
        if path and (path[0] in _PARTS or path[:2] in (("layout", "values"), ("layout", "invariants"))):
            if _is_closed(case, path):
                continue
            for kind, new in _changed(case, path, node):
                found.setdefault(replaced(case, path, new), f"{kind} in {path[0]}")
    found.pop(case, None)
    return [Mutant(kind, mutant) for mutant, kind in found.items()]


def _has_closed(case: Case) -> bool:
    """Without it agents must not write whole stale words back."""
    return any(name == "closed" for name, _ in case.layout.invariants)


def _is_closed(case: Case, path: Path) -> bool:
    return path[:2] == ("layout", "invariants") and (len(path) < 3 or at(case, path[:3])[0] == "closed")


def _changed(case: Case, path: Path, node: Any) -> Iterator[tuple[str, Any]]:
    """What may stand at the path instead, each with its kind."""
    match node:
        case Binary(operator="&&" | "||" | "->"):
            yield "side dropped", node.left
            yield "side dropped", node.right
            if node.operator != "->":
                yield "and for or", replace(node, operator="||" if node.operator == "&&" else "&&")
        case Unary(operator="!"):
            yield "not dropped", node.operand
        case Name():
            kind = "mask swapped" if node.name in dict(case.layout.masks) else "local swapped"
            for other in _instead_of(case, path, node.name):
                yield kind, Name(other)
        case Step():
            yield from (("guard of a step", step) for step in _steps(case, node))
        case Assign(operator="|="):
            yield "or becomes xor", replace(node, operator="^=")
        case Operation():
            yield from _operations(case, path, node)
        case Return(value=Name()) if path[0] == "helpers" and at(case, path[:2]).sort == "u64":
            yield "read again", Return(Operation("*sptep"))
        case tuple() if node and isinstance(
            node[0], Declare | Assign | Perform | SetGhost | If | Return | Atomic | Assume
        ):
            yield from _bodies(node, may_write=path[0] != "agents" or _has_closed(case))


def _instead_of(case: Case, path: Path, name: str) -> list[str]:
    masks = [mask for mask, _ in case.layout.masks]
    if name in masks:
        if path[:2] == ("layout", "values"):
            return masks
        return [mask for mask in masks if mask != name]
    if path[-1] == "target" and path[0] != "agents" or path[-1] == "reference":
        return []
    visible = _words_before(case, path)
    return [other for other in visible if other != name] if name in visible else []


def _words_before(case: Case, path: Path) -> list[str]:
    """The u64 locals and parameters of the body at hand that are declared before the path."""
    start = {"helpers": 3, "body": 1, "agents": 3}.get(str(path[0]))
    if start is None or path[0] == "agents" and path[2] != "program":
        return []
    parameters: tuple[Parameter, ...] = at(case, path[:2]).parameters if path[0] == "helpers" else ()
    names = [p.name for p in parameters if p.sort == "u64" and p.name != "mask"]
    for length in range(start, len(path)):
        body = at(case, path[:length])
        index = path[length]
        if isinstance(body, tuple) and isinstance(index, int):
            names += [s.name for s in body[:index] if isinstance(s, Declare) and s.sort == "u64"]
    return names


def _steps(case: Case, step: Step) -> Iterator[Step]:
    if step.when is not None:
        yield replace(step, when=None)
        yield replace(step, when=Unary("!", step.when))
        if step.saw is None and not any(node == Name(case.ghost or "") for _, node in nodes(step.when)):
            yield replace(step, when=None, saw=step.when)
    if step.saw is not None:
        yield replace(step, saw=None)
        if step.when is None:
            yield replace(step, when=step.saw, saw=None)


def _operations(case: Case, path: Path, operation: Operation) -> Iterator[tuple[str, Operation]]:
    if operation.kind in _PLAIN and (path[0] != "agents" or _has_closed(case)):
        yield "made plain", replace(operation, kind=_PLAIN[operation.kind])
    if operation.kind in _OPPOSITE:
        yield "operation swapped", replace(operation, kind=_OPPOSITE[operation.kind])
    if operation.kind.startswith("atomic64_fetch_") and path[0] == "helpers":
        yield "made plain", Operation("xchg", (_on_old(operation),))
    if operation.kind == "cmpxchg64":
        yield "made plain", Operation("xchg", (operation.arguments[1],))


def _on_old(operation: Operation) -> Expression:
    """What the operation would write if the entry still had its old value."""
    mask = operation.arguments[0]
    if operation.kind.endswith("andnot"):
        return Binary("&", Name("old"), Unary("~", mask))
    return Binary("&" if operation.kind.endswith("and") else "|", Name("old"), mask)


def _bodies(body: tuple[Any, ...], *, may_write: bool) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """With one branch taken always or never, one statement negated, left out or, if it `may_write`, made plain."""
    for index, statement in enumerate(body):
        before, after = body[:index], body[index + 1 :]
        match statement:
            case If():
                yield "guard negated", (*before, replace(statement, negated=not statement.negated), *after)
                for branch in (statement.then, statement.other):
                    yield "branch removed", _joined((*before, *branch), after)
                tried = statement.condition
                if may_write and isinstance(tried, Operation) and tried.kind == "try_cmpxchg64":
                    write = Perform(Operation("WRITE_ONCE", tried.arguments))
                    yield "made plain", _joined((*before, write, *(() if statement.negated else statement.then)), after)
            case Assume():
                yield "assumption dropped", (*before, *after)
                yield "assumption negated", (*before, Assume(Unary("!", statement.condition)), *after)
            case SetGhost() | Perform():
                yield "statement dropped", (*before, *after)
            case Atomic():
                yield "made plain", (*before, *statement.body, *after)


def _joined(start: tuple[Any, ...], after: tuple[Any, ...]) -> tuple[Any, ...]:
    return start if start and isinstance(start[-1], Return) else (*start, *after)
