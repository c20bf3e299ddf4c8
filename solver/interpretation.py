"""The concrete interpreter: runs checked programs on integers, one branch at a time. It replays counterexamples.

The symbolic counterpart, arm by arm, is `translation.py`; they share `operations.py` and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from spteproof.grammar import checked as c
from spteproof.grammar.memory_operations import SIGNATURES
from spteproof.grammar.source import Place
from spteproof.solver import operations
from spteproof.solver.integers import Integers
from spteproof.solver.setting import FAILED, LAST, Setting, Site

_DOMAIN = Integers()


@dataclass(frozen=True, slots=True)
class Values:
    """The default entry, and the ghosts and further entries by name, at one instant. A bool ghost is a bool."""

    entry: int
    ghosts: Mapping[str, int]

    def word(self, entry: str) -> int:
        """The value of an entry."""
        return self.entry if entry == c.DEFAULT_ENTRY else self.ghosts[entry]

    def with_word(self, entry: str, value: int) -> "Values":
        """The same state with another value of an entry."""
        if entry == c.DEFAULT_ENTRY:
            return Values(value, self.ghosts)
        return Values(self.entry, {**self.ghosts, entry: value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event that happened, in a thread or (None) outside of threads. `entries` are the entries that it acted on."""

    site: Site
    operation: str
    place: Place
    before: Values
    after: Values
    entries: frozenset[str]
    thread: str | None = None

    def of_thread(self, name: str) -> "Happening":
        return replace(self, thread=name)

    def concerns(self, entry: str) -> bool:
        """Whether it counts for what is said of an entry: events on other entries do not."""
        return not self.entries or entry in self.entries


class Stopped(Exception):
    """An assumption does not hold, or an iteration does not end as the inputs say: there is no such execution."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An assert that did not hold ("assert"), or an expression that was not defined ("defined"). The run goes on,
    as a kernel does after a warning."""

    kind: str
    place: Place


class _Returned(Exception):
    def __init__(self, value: int | None) -> None:
        super().__init__()
        self.value = value


@dataclass(slots=True)
class Call:
    """The locals of one call, by-reference parameters lead to the caller's; and what `sptep` means in it."""

    variables: dict[str, int] = field(default_factory=dict)
    references: dict[str, tuple["Call", str]] = field(default_factory=dict)
    entry: str = c.DEFAULT_ENTRY

    def named(self, entry: str) -> str:
        """The entry that a text means by this name here."""
        return self.entry if entry == c.DEFAULT_ENTRY else entry

    def read(self, name: str) -> int:
        if name in self.references:
            call, other = self.references[name]
            return call.read(other)
        return self.variables[name]

    def write(self, name: str, value: int) -> None:
        if name in self.references:
            call, other = self.references[name]
            call.write(other, value)
        else:
            self.variables[name] = value


@dataclass(slots=True)
class Interpreter:
    """Runs statements on integers. `arrive` is asked before every event for the state that others left; `inputs`
    gives what `any` yields at a site; `threads` runs a `parallel` (`threads.py`). Raises Stopped."""

    setting: Setting
    state: Values
    arrive: Callable[[Values, Site], Values]
    inputs: Mapping[Site, int] = field(default_factory=dict)
    instants: Mapping[str, Values] = field(default_factory=dict)
    cleared: Mapping[str, int] = field(default_factory=dict)
    inside: bool = False
    threads: Callable[["Interpreter", c.Parallel, Call], None] | None = None
    happened: list[Happening] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    _path: Site = ()
    _touched: set[str] = field(default_factory=set)

    # Expressions

    def value(self, node: c.Expression, call: Call) -> int:
        """A word as an integer, a truth value as 0 or 1."""
        match node:
            case c.Constant():
                return node.value
            case c.LayoutName():
                return self.setting.values[node.name]
            case c.Variable():
                return call.read(node.name)
            case c.GhostName():
                return self._ghost(node)
            case c.Instant():
                return self.instants[node.which].word(node.entry)
            case c.Cleared():
                return self.cleared[node.entry] & self.value(node.mask, call)
            case c.Unary():
                return self._unary(node, call)
            case c.Binary():
                return self._binary(node, call)
            case c.Logic():
                return self._logic(node, call)
            case c.Conditional():
                return self.value(node.then if self.value(node.condition, call) else node.other, call)
            case c.Convert():
                operand = self.value(node.operand, call)
                return int(operand != 0) if node.sort is c.Sort.BOOL else operand
            case c.LowestBit():
                operand = self.value(node.operand, call)
                self._demand("defined", operand != 0, node.place)
                return operations.lowest_bit(_DOMAIN, operand)
            case c.Call():
                return self._pure_call(node, call)
            case c.Any():
                return self._input(node)
            case c.Memory():
                return self._memory(node, call)
            case c.HelperCall():
                return self._helper_call(node, call)
        assert_never(node)

    def _input(self, node: c.Any) -> int:
        value = self.inputs[self._site(node)]
        if node.sort is c.Sort.INT and not operations.fits_int(_DOMAIN, value):
            raise Stopped
        return value

    def _unary(self, node: c.Unary, call: Call) -> int:
        operand = self.value(node.operand, call)
        if node.operator == "!":
            return int(not operand)
        if node.operator == "~":
            return _DOMAIN.bit_not(operand)
        result = operations.minus(_DOMAIN, operand)
        self._demand("defined", node.sort is not c.Sort.INT or operations.fits_int(_DOMAIN, result), node.place)
        return result

    def _binary(self, node: c.Binary, call: Call) -> int:
        left, right = self.value(node.left, call), self.value(node.right, call)
        if node.sort is c.Sort.BOOL:
            return int(operations.comparison(_DOMAIN, node.operator, left, right, node.signed))
        if node.operator in ("<<", ">>"):
            self._demand("defined", operations.shift_is_defined(_DOMAIN, right, _bits(node.sort)), node.place)
        result = operations.word_operator(_DOMAIN, node.operator, left, right, node.signed)
        if node.sort is c.Sort.INT and node.operator in ("+", "-", "*"):
            self._demand("defined", operations.fits_int(_DOMAIN, result), node.place)
        return result

    def _logic(self, node: c.Logic, call: Call) -> int:
        left = self.value(node.left, call)
        if node.operator == "||":
            return 1 if left else self.value(node.right, call)
        if not left:
            return int(node.operator == "->")
        return self.value(node.right, call)

    def _demand(self, kind: str, holds: bool, place: Place) -> None:
        if not holds:
            self.failures.append(Failure(kind, place))

    # Calls

    def _pure_call(self, node: c.Call, call: Call) -> int:
        pure = self.setting.scope.pures[node.callee]
        inner = Call()
        for parameter, argument in zip(pure.parameters, node.arguments, strict=True):
            inner.variables[parameter.name] = self.value(argument, call)
        result = self._body(pure.body, inner)
        assert result is not None
        return result

    def _helper_call(self, node: c.HelperCall, call: Call) -> int:
        helper = self.setting.scope.helpers[node.callee]
        inner = Call(entry=call.named(node.entry))
        for parameter, argument in zip(helper.parameters, node.arguments, strict=True):
            if isinstance(argument, c.Reference):
                inner.references[parameter.name] = (call, argument.variable.name)
            else:
                inner.variables[parameter.name] = self.value(argument, call)
        path = self._path
        self._path = self._site(node)
        result = self._body(helper.body, inner)
        self._path = path
        return result if result is not None else 0

    def _body(self, body: Sequence[c.Statement], call: Call) -> int | None:
        try:
            self.run(body, call)
        except _Returned as returned:
            return returned.value
        return None

    # Events

    def _memory(self, node: c.Memory, call: Call) -> int:
        operands = tuple(self.value(argument, call) for argument in node.arguments)
        if node.operation in operations.BIT_NUMBER_OPERATIONS:
            self._demand("defined", operations.shift_is_defined(_DOMAIN, operands[0]), node.place)
        signature, site, entry = SIGNATURES[node.operation], self._site(node), call.named(node.entry)
        if signature.events == 2:
            read = self._arrival((*site, ("read", 0, 0)))
            self._touched.add(entry)
            self._record((*site, ("read", 0, 0)), "READ_ONCE", node.place, read, read)
            before = self._arrival((*site, ("write", 0, 0)))
            outcome = operations.second_half(_DOMAIN, node.operation, read.word(entry), operands[0])
            site = (*site, ("write", 0, 0))
        else:
            before = self._arrival(site)
            reference = call.read(node.reference.name) if node.reference else None
            outcome = operations.memory_operation(_DOMAIN, node.operation, before.word(entry), operands, reference)
        self._touched.add(entry)
        self._record(site, node.operation, node.place, before, before.with_word(entry, outcome.after))
        if node.reference is not None and outcome.reference is not None:
            call.write(node.reference.name, outcome.reference)
        if signature.result is c.Sort.BOOL:
            return int(bool(outcome.truth))
        return outcome.word if outcome.word is not None else 0

    def _arrival(self, site: Site) -> Values:
        if not self.inside:
            self.state = self.arrive(self.state, site)
        return self.state

    def _record(self, site: Site, operation: str, place: Place, before: Values, after: Values) -> None:
        self.state = after
        if not self.inside:
            entries, self._touched = frozenset(self._touched), set()
            self.happened.append(
                Happening(site=site, operation=operation, place=place, before=before, after=after, entries=entries)
            )

    def _ghost(self, node: c.GhostName) -> int:
        if not self.inside:
            before = self._arrival(self._site(node))
            self._record(self._site(node), "ghost read", node.place, before, before)
        return int(self.state.ghosts[node.name])

    def _set_ghost(self, node: c.SetGhost, call: Call) -> None:
        value = self.value(node.value, call)
        if self.setting.ghosts[node.ghost] is c.Sort.BOOL:
            value = bool(value)
        before = self._arrival(self._site(node))
        after = Values(before.entry, {**before.ghosts, node.ghost: value})
        self._record(self._site(node), "ghost", node.place, before, after)

    def _atomic(self, node: c.Atomic, call: Call) -> None:
        if self.inside:
            self.run(node.body, call)
            return
        before = self._arrival(self._site(node))
        self.inside = True
        try:
            self.run(node.body, call)
        finally:
            self.inside = False
            self._record(self._site(node), "atomic", node.place, before, self.state)

    # Statements

    def run(self, body: Sequence[c.Statement], call: Call) -> None:
        for statement in body:
            self._statement(statement, call)

    def complete(self, body: Sequence[c.Statement], call: Call) -> None:
        """Runs a body whose `return` ends it."""
        self._body(body, call)

    def _statement(self, statement: c.Statement, call: Call) -> None:
        match statement:
            case c.Declare():
                call.variables[statement.name] = self.value(statement.value, call)
            case c.Assign():
                call.write(statement.target.name, self.value(statement.value, call))
            case c.SetGhost():
                self._set_ghost(statement, call)
            case c.Evaluate():
                self.value(statement.expression, call)
            case c.If():
                self.run(statement.then if self.value(statement.condition, call) else statement.other, call)
            case c.Return():
                raise _Returned(None if statement.value is None else self.value(statement.value, call))
            case c.Atomic():
                self._atomic(statement, call)
            case c.Parallel():
                assert self.threads is not None
                self.threads(self, statement, call)
            case c.Retry():
                self._retry(statement, call)
            case c.Assume():
                if not self.value(statement.condition, call):
                    raise Stopped
            case c.Assert():
                self._demand("assert", bool(self.value(statement.condition, call)), statement.place)
            case _:
                assert_never(statement)

    def _retry(self, node: c.Retry, call: Call) -> None:
        """As many failing iterations as the input says (0 or 1), then the last one."""
        if self.inputs[self._site(node)]:
            try:
                ends = self._iteration(node, FAILED, call)
            except _Returned:
                raise Stopped from None
            if ends:
                raise Stopped
        if not self._iteration(node, LAST, call):
            raise Stopped

    def _iteration(self, node: c.Retry, which: str, call: Call) -> int:
        path = self._path
        self._path = (*path, (which, node.place.start, node.place.end))
        try:
            self.run(node.body, call)
            return self.value(node.until, call)
        finally:
            self._path = path

    def _site(self, node: c.Node) -> Site:
        return (*self._path, (node.place.source.name, node.place.start, node.place.end))


def _bits(sort: c.Sort) -> int:
    return operations.INT_BITS if sort is c.Sort.INT else operations.WORD_BITS
