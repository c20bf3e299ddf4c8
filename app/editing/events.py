"""The events that the text of a helper speaks of."""

from collections.abc import Container, Iterable, Iterator
from typing import assert_never

from spteproof.editing.occurrences import operands
from spteproof.grammar import surface as s
from spteproof.grammar.memory_operations import SIGNATURES

_CALL = "a call"


def events_of(item: s.Item, helpers: Container[str]) -> list[str]:
    """Each memory operation and each call of one of the helpers, in the order of the text, those of all branches."""
    if not isinstance(item, s.HelperItem) or item.body is None:
        return []
    found = _block(item.body, {each.name.text for each in item.parameters if each.pointer})
    return [f"`{name}`" + (f" ({note})" if note else "") for name, note in found if note != _CALL or name in helpers]


Event = tuple[str, str]


def _block(block: s.Block, references: set[str]) -> Iterator[Event]:
    for each in block.statements:
        yield from _statement(each, references)


def _statement(statement: s.SurfaceStatement, references: set[str]) -> Iterator[Event]:
    match statement:
        case s.Declaration():
            for declared in statement.names:
                yield from _terms([declared.value], references)
        case s.Assignment():
            yield from _terms([statement.value], references)
            if isinstance(statement.target, s.Dereference) and statement.target.name.text not in references:
                target = f"*{statement.target.name.text}"
                word = statement.operator.text
                yield f"{target} {word}", "a plain store" if word == "=" else "a read, then a write"
        case s.CallStatement():
            yield from _terms([statement.call], references)
        case s.IfStatement():
            yield from _terms([statement.condition], references)
            yield from _statement(statement.then, references)
            if statement.other is not None:
                yield from _statement(statement.other, references)
        case s.ReturnStatement():
            yield from _terms([statement.value], references)
        case s.Block():
            yield from _block(statement, references)
        case s.AtomicBlock():
            inside = [name for name, _ in _block(statement.block, references)]
            yield "atomic", ", ".join(inside)
        case s.RetryLoop():
            yield from _block(statement.block, references)
            yield from _terms([statement.condition], references)
        case s.AssumeStatement() | s.AssertStatement():
            yield from _terms([statement.condition], references)
        case s.ParallelStatement() | s.ProveStatement():
            return
        case _:
            assert_never(statement)


def _terms(terms: Iterable[s.Term | None], references: set[str]) -> Iterator[Event]:
    for term in terms:
        if term is not None:
            yield from _term(term, references)


def _term(term: s.Term, references: set[str]) -> Iterator[Event]:
    if isinstance(term, s.Dereference):
        if term.name.text not in references:
            yield f"*{term.name.text}", "a plain read"
        return
    if isinstance(term, s.CallOf) and term.callee.text in SIGNATURES:
        for each in term.arguments:
            if not isinstance(each, s.Dereference):
                yield from _term(each, references)
        signature = SIGNATURES[term.callee.text]
        yield term.callee.text, "a read, then a write" if signature.events == 2 else ""
        return
    yield from _terms(operands(term), references)
    if isinstance(term, s.CallOf):
        yield term.callee.text, _CALL
