"""Why a condition is what it is at one moment: the parts that decide it, each with its value."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from spteproof.grammar import checked as c
from spteproof.solver.explaining.items import without_brackets
from spteproof.solver.interpretation import Call, Interpreter, Stopped, Values
from spteproof.solver.setting import Setting, Site
from spteproof.solver.walks import below


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What a condition of some text was. `depth` is 0 for one that was asked, 1 for a part that decided it, and so on;
    `number` counts the events of the run that came before."""

    text: str
    value: bool
    depth: int
    number: int


def facts(setting: Setting, condition: c.Expression, call: Call, state: Values, number: int = 0) -> list[Fact]:
    """A condition's value and the parts that decide it, into the predicates that it asks. What would be an event is not
    looked into."""
    return list(_facts(_Moment(setting, state, number), condition, call, 0))


@dataclass(frozen=True, slots=True)
class _Moment:
    setting: Setting
    state: Values
    number: int

    def holds(self, condition: c.Expression, call: Call) -> bool:
        return bool(Interpreter(self.setting, self.state, _stay, inside=True).value(condition, call))

    def fact(self, condition: c.Expression, value: bool, depth: int) -> Fact:
        text = without_brackets(" ".join(condition.place.text().split()))
        return Fact(text=text, value=value, depth=depth, number=self.number)


def _stay(state: Values, site: Site) -> Values:
    return state


def _facts(moment: _Moment, condition: c.Expression, call: Call, depth: int) -> Iterator[Fact]:
    if happens(condition):
        return
    value = moment.holds(condition, call)
    if isinstance(condition, c.Logic) and condition.operator != "->":
        parts = list(_parts(condition, condition.operator))
        decided = condition.operator == "||"
        if value is decided:  # one part is enough, and it is the first that does it
            parts = [next(each for each in parts if moment.holds(each, call) is decided)]
        for part in parts:
            yield from _facts(moment, part, call, depth)
        return
    yield moment.fact(condition, value, depth)
    inner = condition
    while isinstance(inner, c.Unary) and inner.operator == "!":
        inner = inner.operand
    if isinstance(inner, c.Call) and inner.sort is c.Sort.BOOL:
        yield from _within(moment, inner, call, depth + 1)


def _within(moment: _Moment, node: c.Call, call: Call, depth: int) -> Iterator[Fact]:
    """What decided in the body of a predicate: the parts of what it returns, or the checks that it went through."""
    pure = moment.setting.scope.pures[node.callee]
    reader = Interpreter(moment.setting, moment.state, _stay, inside=True)
    values = [reader.value(each, call) for each in node.arguments]
    inner = Call(dict(zip([each.name for each in pure.parameters], values, strict=True)))
    noting = Noting(moment.setting, moment.state, _stay, inside=True)
    noting.complete(pure.body, inner)
    for fact in noting.facts:
        if fact.depth == 0:
            yield Fact(text=fact.text, value=fact.value, depth=depth, number=moment.number)
    last = pure.body[-1]
    if isinstance(last, c.Return) and isinstance(last.value, c.Logic) and len(pure.body) == 1:
        yield from _facts(moment, last.value, inner, depth)


def _parts(node: c.Expression, operator: str) -> Iterator[c.Expression]:
    if isinstance(node, c.Logic) and node.operator == operator:
        yield from _parts(node.left, operator)
        yield from _parts(node.right, operator)
    else:
        yield node


def happens(condition: c.Expression) -> bool:
    """Whether to ask the condition is an event."""
    return any(isinstance(each, c.Memory | c.HelperCall | c.Any | c.GhostName) for each in below(condition))


@dataclass(slots=True)
class Noting(Interpreter):
    """Runs as ever, and notes what each `if` of a program was, and why."""

    facts: list[Fact] = field(default_factory=list)

    def _statement(self, statement: c.Statement, call: Call) -> None:
        if not isinstance(statement, c.If):
            Interpreter._statement(self, statement, call)
            return
        if not happens(statement.condition):
            self.facts += facts(self.setting, statement.condition, call, self.state, len(self.happened))
            Interpreter._statement(self, statement, call)
            return
        value = bool(self.value(statement.condition, call))
        text = " ".join(statement.condition.place.text().split())
        self.facts.append(Fact(text=text, value=value, depth=0, number=len(self.happened)))
        self.run(statement.then if value else statement.other, call)

    def _pure_call(self, node: c.Call, call: Call) -> int:
        """What decides within a predicate is told where the predicate is asked."""
        outer, self.facts = self.facts, []
        try:
            return Interpreter._pure_call(self, node, call)
        finally:
            self.facts = outer


def noted(interpreter: Noting, body: Sequence[c.Statement], call: Call) -> list[Fact]:
    """What decided on the way through a body."""
    with suppress(Stopped):
        interpreter.complete(body, call)
    return interpreter.facts
