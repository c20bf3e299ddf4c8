"""A theorem with another answer in the place of one predicate: what the program asks is replaced, what agents,
assumptions and properties ask is not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from spteproof.grammar import checked as c
from spteproof.solver.walks import below


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaceable:
    """`theorem` asks a copy of `predicate` (a name of `scope`), directly or through copies of the helpers, predicates
    and functions that lead to it; `copy` is that copy's name."""

    theorem: c.Theorem
    scope: c.Scope
    predicate: c.Pure
    copy: str

    def answering(self, body: Sequence[c.Statement]) -> c.Scope:
        """The scope in which the copy has this body."""
        pure = replace(self.predicate, name=self.copy, body=tuple(body))
        return replace(self.scope, pures={**self.scope.pures, self.copy: pure})


def replaceable(theorem: c.Theorem, scope: c.Scope, predicate: str) -> Replaceable:
    """The theorem made ready; where its program does not ask the predicate, it is unchanged."""
    leading = _leading(scope, predicate)

    def renamed(name: str) -> str:
        return _copy(name) if name in leading else name

    pures: dict[str, c.Pure] = dict(scope.pures)
    helpers: dict[str, c.Helper] = dict(scope.helpers)
    for name in leading:
        if name in scope.helpers:
            body = _rewritten(scope.helpers[name].body, renamed)
            helpers[_copy(name)] = replace(scope.helpers[name], name=_copy(name), body=body)
        elif name != predicate:
            pures[_copy(name)] = replace(
                scope.pures[name], name=_copy(name), body=_rewritten(scope.pures[name].body, renamed)
            )
    pures[_copy(predicate)] = replace(scope.pures[predicate], name=_copy(predicate))
    return Replaceable(
        theorem=replace(theorem, body=_rewritten(theorem.body, renamed)),
        scope=replace(scope, pures=pures, helpers=helpers),
        predicate=scope.pures[predicate],
        copy=_copy(predicate),
    )


def silent(scope: c.Scope, predicate: str) -> tuple[c.Scope, str]:
    """The scope with copies of the predicate, and of what it calls, in which nothing is asserted; and the copy's
    name."""
    called = {predicate}
    waiting = [predicate]
    while waiting:
        for node in below(scope.pures[waiting.pop()].body):
            if isinstance(node, c.Call) and node.callee not in called:
                called.add(node.callee)
                waiting.append(node.callee)

    def renamed(name: str) -> str:
        return f"{name} (silent)" if name in called else name

    copies: Mapping[str, c.Pure] = {
        renamed(name): replace(
            scope.pures[name],
            name=renamed(name),
            body=_rewritten(scope.pures[name].body, renamed, drop=c.Assert),
        )
        for name in called
    }
    return replace(scope, pures={**scope.pures, **copies}), renamed(predicate)


def is_asked(theorem: c.Theorem, library: c.Library, predicate: str) -> bool:
    """Whether the theorem's program asks this predicate in all its eras."""
    return all(
        predicate in scope.pures
        and scope.pures[predicate].sort is c.Sort.BOOL
        and replaceable(theorem, scope, predicate).theorem != theorem
        for scope in (library.scopes[era] for era in theorem.eras or (None,))
    )


def asked_predicates(theorem: c.Theorem, library: c.Library) -> list[str]:
    """The predicates that alone decide an `if` of the theorem's program, in all its eras."""
    found: dict[str, None] = {}
    for era in theorem.eras or (None,):
        scope = library.scopes[era]
        waiting: list[object] = [theorem.body]
        called: set[str] = set()
        while waiting:
            for node in below(waiting.pop()):
                if isinstance(node, c.If) and isinstance(node.condition, c.Call):
                    found[node.condition.callee] = None
                if isinstance(node, c.HelperCall) and node.callee not in called:
                    called.add(node.callee)
                    waiting.append(scope.helpers[node.callee].body)
    return [name for name in found if is_asked(theorem, library, name)]


def _copy(name: str) -> str:
    return f"{name} (asked)"


def _leading(scope: c.Scope, predicate: str) -> set[str]:
    """The predicate, and all helpers, predicates and functions from which it is called."""
    bodies = {name: each.body for name, each in scope.pures.items()}
    bodies |= {name: each.body for name, each in scope.helpers.items()}
    calls = {
        name: {node.callee for node in below(body) if isinstance(node, c.Call | c.HelperCall)}
        for name, body in bodies.items()
    }
    found = {predicate}
    while True:
        more = {name for name, called in calls.items() if called & found and name not in found}
        if not more:
            return found
        found |= more


def _rewritten(node: Any, renamed: Callable[[str], str], drop: type[c.Node] | None = None) -> Any:
    """A tree with its calls renamed, but for those in assumptions and asserts; statements of the kind `drop` left
    out."""
    if isinstance(node, tuple):
        return tuple(_rewritten(each, renamed, drop) for each in node if drop is None or not isinstance(each, drop))
    if not isinstance(node, c.Node) or isinstance(node, c.Assume | c.Assert):
        return node
    changed = {
        name: _rewritten(getattr(node, name), renamed, drop) for name in node.__dataclass_fields__ if name != "place"
    }
    if isinstance(node, c.Call | c.HelperCall):
        changed["callee"] = renamed(node.callee)
    return replace(node, **changed)
