"""From what the parser recognises to surface nodes: one method for each rule of `spte.lark`, called when the rule is
complete.

No method calls another for what lies deeper, so depth of nesting costs no stack. `children` holds every token of the
rule, and None for each part in `[...]` that is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spteproof.grammar import surface as s

Children = list[Any]


class SurfaceError(Exception):
    """Parts that are each well-formed but do not go together; `id` is the diagnostic's, the place is [start, end)."""

    def __init__(self, id: str, node: s.Surface, message: str) -> None:
        super().__init__(message)
        self.id, self.start, self.end, self.message = id, node.start, node.end, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(s.Surface):
    """Several things in a row, on their way to the node that they are part of."""

    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause(s.Surface):
    """One piece of a comma list that may begin a new group (`word` says which) or go on with the last one."""

    word: str | None
    parts: tuple[Any, ...]


class ItemBuilder:
    """Callbacks of the parser. `base` is the offset of the item at hand in its module."""

    def __init__(self) -> None:
        self.base = 0

    def _word(self, token: Any) -> s.Word:
        return s.Word(start=token.start_pos + self.base, end=token.end_pos + self.base, text=str(token))

    def _words(self, tokens: Sequence[Any]) -> tuple[s.Word, ...]:
        return tuple(self._word(token) for token in tokens if token is not None and token.type == "NAME")

    def _span(self, children: Children) -> tuple[int, int]:
        present = [child for child in children if child is not None]
        first, last = present[0], present[-1]
        start = first.start if isinstance(first, s.Surface) else first.start_pos + self.base
        end = last.end if isinstance(last, s.Surface) else last.end_pos + self.base
        return start, end

    def _parts(self, children: Children) -> Parts:
        start, end = self._span(children)
        return Parts(start=start, end=end, items=tuple(child for child in children if isinstance(child, s.Surface)))

    def start(self, c: Children) -> Any:
        return c[0]

    # Expressions ---------------------------------------------------------------------------------------

    def number(self, c: Children) -> s.Number:
        start, end = self._span(c)
        return s.Number(start=start, end=end, text=str(c[0]))

    def truth(self, c: Children) -> s.Truth:
        start, end = self._span(c)
        return s.Truth(start=start, end=end, value=str(c[0]) == "true")

    def name(self, c: Children) -> s.Name:
        start, end = self._span(c)
        return s.Name(start=start, end=end, text=str(c[0]))

    def bracketed(self, c: Children) -> s.Surface:
        start, end = self._span(c)
        inner = c[1]
        wide = {name: getattr(inner, name) for name in type(inner).__dataclass_fields__}
        return type(inner)(**{**wide, "start": start, "end": end})  # type: ignore[no-any-return]

    def call(self, c: Children) -> s.CallOf:
        start, end = self._span(c)
        return s.CallOf(start=start, end=end, callee=self._word(c[0]), arguments=c[1].items)

    def arguments(self, c: Children) -> Parts:
        return self._parts(c)

    def address(self, c: Children) -> s.AddressOf:
        start, end = self._span(c)
        return s.AddressOf(start=start, end=end, name=self._word(c[1]))

    def dereference(self, c: Children) -> s.Dereference:
        start, end = self._span(c)
        return s.Dereference(start=start, end=end, name=self._word(c[1]))

    def prefix(self, c: Children) -> s.Prefix:
        start, end = self._span(c)
        return s.Prefix(start=start, end=end, operator=str(c[0]), operand=c[1])

    def infix(self, c: Children) -> s.Infix:
        start, end = self._span(c)
        return s.Infix(start=start, end=end, operator=str(c[1]), left=c[0], right=c[2])

    def choice(self, c: Children) -> s.Choice:
        start, end = self._span(c)
        return s.Choice(start=start, end=end, condition=c[0], then=c[2], other=c[4])

    # Statements ----------------------------------------------------------------------------------------

    def block(self, c: Children) -> s.Block:
        start, end = self._span(c)
        return s.Block(start=start, end=end, statements=tuple(c[1:-1]))

    def if_only(self, c: Children) -> s.IfStatement:
        start, end = self._span(c)
        return s.IfStatement(start=start, end=end, condition=c[2], then=c[4], other=None)

    def if_else(self, c: Children) -> s.IfStatement:
        start, end = self._span(c)
        return s.IfStatement(start=start, end=end, condition=c[2], then=c[4], other=c[6])

    def declaration(self, c: Children) -> s.Declaration:
        start, end = self._span(c)
        names = tuple(child for child in c if isinstance(child, s.Declared))
        return s.Declaration(start=start, end=end, sort=c[0], names=names)

    def declared(self, c: Children) -> s.Declared:
        start, end = self._span(c)
        value: Any = c[2] if len(c) == 3 and isinstance(c[2], s.Surface) else None
        return s.Declared(start=start, end=end, name=self._word(c[0]), value=value)

    def assignment(self, c: Children) -> s.Assignment:
        start, end = self._span(c)
        return s.Assignment(start=start, end=end, target=c[0], operator=c[1], value=c[2])

    def assign(self, c: Children) -> s.Word:
        return self._word(c[0])

    def call_statement(self, c: Children) -> s.CallStatement:
        start, end = self._span(c)
        return s.CallStatement(start=start, end=end, call=c[0])

    def return_(self, c: Children) -> s.ReturnStatement:
        start, end = self._span(c)
        return s.ReturnStatement(start=start, end=end, value=c[1])

    def atomic(self, c: Children) -> s.AtomicBlock:
        start, end = self._span(c)
        return s.AtomicBlock(start=start, end=end, block=c[1])

    def parallel(self, c: Children) -> s.ParallelStatement:
        start, end = self._span(c)
        return s.ParallelStatement(
            start=start, end=end, threads=tuple(each for each in c if isinstance(each, s.SurfaceThread))
        )

    def thread(self, c: Children) -> s.SurfaceThread:
        start, end = self._span(c)
        return s.SurfaceThread(start=start, end=end, name=self._word(c[1]), block=c[2])

    def retry(self, c: Children) -> s.RetryLoop:
        start, end = self._span(c)
        return s.RetryLoop(start=start, end=end, block=c[1], condition=c[4])

    def assume(self, c: Children) -> s.AssumeStatement:
        start, end = self._span(c)
        return s.AssumeStatement(start=start, end=end, condition=c[1])

    def assert_(self, c: Children) -> s.AssertStatement:
        start, end = self._span(c)
        return s.AssertStatement(start=start, end=end, condition=c[1])

    # Properties ----------------------------------------------------------------------------------------

    def prove(self, c: Children) -> s.ProveStatement:
        start, end = self._span(c)
        clauses = [child for child in c if isinstance(child, Clause)]
        return s.ProveStatement(start=start, end=end, claim=c[1], expectations=expectations(clauses))

    def preserves(self, c: Children) -> s.BitProperty:
        start, end = self._span(c)
        return s.BitProperty(start=start, end=end, kind="preserves", mask=c[1], entry=self._on(c[3]), exempt=c[5])

    def changes_only(self, c: Children) -> s.BitProperty:
        start, end = self._span(c)
        return s.BitProperty(start=start, end=end, kind="changes only", mask=c[2], entry=self._on(c[4]))

    def changes_nothing(self, c: Children) -> s.BitProperty:
        start, end = self._span(c)
        return s.BitProperty(start=start, end=end, kind="changes nothing", entry=self._on(c[3]))

    def conserves(self, c: Children) -> s.BitProperty:
        start, end = self._span(c)
        kind = "conserves" if c[1] is None else "conserves exactly"
        into = self._word(c[6])
        return s.BitProperty(start=start, end=end, kind=kind, mask=c[2], entry=self._on(c[4]), into=into)

    def resurrects(self, c: Children) -> s.BitProperty:
        start, end = self._span(c)
        return s.BitProperty(start=start, end=end, kind="resurrects nothing", mask=c[3], entry=self._on(c[5]))

    def _on(self, name: Any) -> s.Word | None:
        return None if name is None else self._word(name)

    def refines(self, c: Children) -> s.RefinesProperty:
        start, end = self._span(c)
        return s.RefinesProperty(start=start, end=end, block=c[1])

    def condition(self, c: Children) -> s.ConditionProperty:
        start, end = self._span(c)
        return s.ConditionProperty(start=start, end=end, kind=str(c[0]), condition=c[1])

    def equivalent(self, c: Children) -> s.EquivalentProperty:
        start, end = self._span(c)
        return s.EquivalentProperty(start=start, end=end, left=c[1], right=c[3])

    def keeps(self, c: Children) -> s.InvariantsProperty:
        start, end = self._span(c)
        return s.InvariantsProperty(start=start, end=end)

    def expected(self, c: Children) -> Clause:
        start, end = self._span(c)
        if len(c) == 1:
            return Clause(start=start, end=end, word=None, parts=(None, (), c[0]))
        if c[0].type == "NAME":
            return Clause(start=start, end=end, word=None, parts=(None, self._places(c[0], c[2]), c[4]))
        losing = c[2].items if c[2] is not None else None
        return Clause(start=start, end=end, word=str(c[0]), parts=(losing, self._places(c[4], c[6]), c[8]))

    def _places(self, *names: Any) -> tuple[s.Word, ...]:
        return tuple(self._word(name) for name in names if name is not None)

    def with_(self, c: Children) -> s.With:
        start, end = self._span(c)
        return s.With(start=start, end=end, parameter=self._word(c[0]), values=c[2].items)


def expectations(clauses: Sequence[Clause]) -> tuple[s.Expected, ...]:
    """Joins `refuted in a`, `b with m in {W}`, `proved` to two expectations: a clause without a verdict goes on with
    the one before it."""
    joined: list[s.Expected] = []
    for clause in clauses:
        losing, places, condition = clause.parts
        conditions = () if condition is None else (condition,)
        if clause.word is not None:
            joined.append(
                s.Expected(
                    start=clause.start,
                    end=clause.end,
                    verdict=clause.word,
                    losing=losing,
                    places=places or None,
                    conditions=conditions,
                )
            )
            continue
        last = joined[-1] if joined else None
        if (
            last is None
            or (places and (last.places is None or last.conditions))
            or (not places and not last.conditions)
        ):
            said = "nobody expects `unknown`: " if places and places[0].text == "unknown" else ""
            raise SurfaceError("syntax.clause:order", clause, f"{said}expected `proved`, `refuted` or `vacuous`")
        joined[-1] = s.Expected(
            start=last.start,
            end=clause.end,
            verdict=last.verdict,
            losing=last.losing,
            places=(*(last.places or ()), *places) or None,
            conditions=(*last.conditions, *conditions),
        )
    return tuple(joined)
