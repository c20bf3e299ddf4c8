"""Late assumptions: an `assume` over a value that was read at or after the program's first write is an error.

Such an assumption would choose among outcomes of what it comes after. The walk follows values through locals,
branches and calls: a value is late where a late read, or a branch on one, may have given it.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from spteproof.grammar import checked as c
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.memory_operations import SIGNATURES
from spteproof.grammar.source import Place

WALK_LIMIT = 5_000_000
"""Statements and expressions that are looked at for one theorem; beyond that its text is refused."""


@dataclass(slots=True)
class _Call:
    """Which locals are late. A by-reference parameter leads to a caller's local, and says whether a call between may
    have returned already. `result` is whether what is returned is late, `left` whether this call may have returned."""

    late: dict[str, bool] = field(default_factory=dict)
    references: dict[str, tuple["_Call", str, bool]] = field(default_factory=dict)
    result: bool = False
    left: bool = False

    def read(self, name: str) -> bool:
        holder, other, _ = self.root(name)
        return holder.late.get(other, False)

    def root(self, name: str) -> tuple["_Call", str, bool]:
        """The local that a name stands for, which may be a caller's, and whether it may be left unwritten here."""
        if name in self.references:
            holder, other, left = self.references[name]
            return holder, other, left or self.left
        return self, name, False

    def write(self, name: str, late: bool, branched: bool) -> None:
        """A caller's local that a branch writes, or what stands behind a `return`, may keep what it held."""
        holder, other, left = self.root(name)
        skipped = left or (branched and holder is not self)
        holder.late[other] = late or (skipped and holder.late.get(other, False))


class _Walk:
    """One theorem in one era. `wrote` is whether some event may have written the entry; `branch` whether a late
    value decides what runs."""

    def __init__(self, scope: c.Scope, findings: Findings) -> None:
        self._scope = scope
        self._findings = findings
        self._wrote = False
        self._branch = False
        self._depth = 0
        self._threaded = False
        self._steps = 0
        self._reported: set[Place] = set()
        self._known: dict[Hashable, tuple[bool, bool, list[bool]]] = {}

    @property
    def too_far(self) -> bool:
        """Whether the walk was not finished."""
        return self._steps > WALK_LIMIT

    def run(self, body: Sequence[c.Statement], call: _Call) -> None:
        for statement in body:
            self._steps += 1
            if not self.too_far:
                self._statement(statement, call)

    def _statement(self, statement: c.Statement, call: _Call) -> None:
        match statement:
            case c.Declare():
                call.write(statement.name, self._late(statement.value, call) or self._branch, False)
            case c.Assign():
                name = statement.target.name
                call.write(name, self._late(statement.value, call) or self._branch, self._depth > 0)
            case c.SetGhost() | c.Evaluate():
                self._late(statement.value if isinstance(statement, c.SetGhost) else statement.expression, call)
                self._wrote = self._wrote or (self._threaded and isinstance(statement, c.SetGhost))
            case c.Return():
                late = statement.value is not None and self._late(statement.value, call)
                call.result = call.result or late or self._branch
                call.left = True
            case c.If():
                self._arms(statement, call)
            case c.Atomic():
                self.run(statement.body, call)
            case c.Parallel():
                self._threads(statement, call)
            case c.Assume() if self._threaded:
                self._report(
                    statement,
                    "assume.late:thread",
                    "a thread calls this, and a thread may not assume anything",
                    "assume it before the `parallel`",
                )
            case c.Retry():
                self._iterations(statement, call)
            case c.Assume():
                if self._late(statement.condition, call) or self._branch:
                    self._report(
                        statement,
                        "assume.late:value",
                        "this assumption speaks of a value that was read at or after the program's first write",
                        "assume it of a value that was read before the write",
                    )
            case c.Assert():
                pass

    def _threads(self, node: c.Parallel, call: _Call) -> None:
        """Twice around, so that each thread's reads come after every other thread's writes, to ghosts too."""
        self._threaded = True
        for _ in range(2):
            for thread in node.threads:
                self.run(thread.body, call)
        self._threaded = False

    def _arms(self, statement: c.If, call: _Call) -> None:
        """What either arm makes late stays late. After a late `return` everything depends on it."""
        outer = self._branch
        late = self._late(statement.condition, call)
        self._branch = outer or late
        inside, before, wrote = self._branch, dict(call.late), self._wrote
        self._depth += 1
        self.run(statement.then, call)
        then, self._wrote, then_wrote = dict(call.late), wrote, self._wrote
        call.late, self._branch, then_returned = before, inside, self._branch
        self.run(statement.other, call)
        for name in then:
            call.late[name] = call.late.get(name, False) or then[name]
        self._depth -= 1
        self._wrote = self._wrote or then_wrote
        self._branch = outer or _returns(statement) if late else then_returned or self._branch

    def _iterations(self, statement: c.Retry, call: _Call) -> None:
        """One failed iteration that may be left out, then the last one, which runs because the first one failed."""
        outer, before = self._branch, dict(call.late)
        self._depth += 1
        self.run(statement.body, call)
        late = self._late(statement.until, call)
        for name in before:
            call.late[name] = call.late.get(name, False) or before[name]
        self._depth -= 1
        self._branch = self._branch or late
        self.run(statement.body, call)
        self._late(statement.until, call)
        self._branch = self._branch if _returns(statement) else outer

    def _late(self, node: c.Expression | c.Reference, call: _Call) -> bool:
        """Whether a value is late; events in it happen."""
        self._steps += 1
        if self.too_far:
            return False
        match node:
            case c.Variable():
                return call.read(node.name)
            case c.GhostName():
                return self._wrote or self._branch
            case c.Memory():
                return self._memory(node, call)
            case c.HelperCall():
                return self._helper(node, call)
            case c.Logic():
                return self._ordered([node.left, node.right], call)
            case c.Conditional():
                return self._ordered([node.condition, node.then, node.other], call)
            case c.Unary() | c.Convert() | c.LowestBit():
                return self._late(node.operand, call)
            case c.Binary():
                left, right = self._late(node.left, call), self._late(node.right, call)
                return left or right
            case c.Call():
                late = [self._late(each, call) for each in node.arguments]
                return any(late)
        return False

    def _ordered(self, sides: Sequence[c.Expression], call: _Call) -> bool:
        """Each side but the first may be left out."""
        outer, depth = self._branch, self._depth
        late = False
        for side in sides:
            late = self._late(side, call) or late
            self._branch = outer or late
            self._depth = depth + 1
        self._branch, self._depth = outer, depth
        return late

    def _memory(self, node: c.Memory, call: _Call) -> bool:
        for argument in node.arguments:
            self._late(argument, call)
        self._wrote = self._wrote or SIGNATURES[node.operation].writes
        late = self._wrote or self._branch
        if node.reference is not None:
            call.write(node.reference.name, late or call.read(node.reference.name), self._depth > 0)
        return late

    def _helper(self, node: c.HelperCall, call: _Call) -> bool:
        """What a call does hangs on what is late when it begins; so it is followed once for each such state."""
        helper = self._scope.helpers.get(node.callee)
        if helper is None:
            return False
        inner, outer = _Call(), self._branch
        roots: list[tuple[_Call, str, bool]] = []
        for parameter, argument in zip(helper.parameters, node.arguments, strict=True):
            if isinstance(argument, c.Reference):
                inner.references[parameter.name] = call.root(argument.variable.name)
                roots.append(inner.references[parameter.name])
            else:
                inner.late[parameter.name] = self._late(argument, call)
        state = self._state(node.callee, inner, roots)
        if state not in self._known:
            self.run(helper.body, inner)
            self._known[state] = inner.result, self._wrote, [holder.read(name) for holder, name, _ in roots]
        result, self._wrote, lates = self._known[state]
        for (holder, name, _), late in zip(roots, lates, strict=True):
            holder.late[name] = late
        self._branch = outer
        return result

    def _state(self, callee: str, inner: _Call, roots: Sequence[tuple[_Call, str, bool]]) -> Hashable:
        """All that tells one call from another: what is late, which references lead to one local, and over a return."""
        numbers = [(id(holder), name) for holder, name, _ in roots]
        led = tuple(numbers.index(each) for each in numbers)
        late = tuple(inner.late.values()), tuple((holder.read(name), left) for holder, name, left in roots)
        return callee, late, led, self._wrote, self._branch, self._depth > 0, self._threaded

    def _report(self, statement: c.Assume, id: str, message: str, help: str) -> None:
        if statement.place not in self._reported:
            self._reported.add(statement.place)
            self._findings.error(
                id,
                statement.place,
                message,
                label="it would choose among outcomes",
                help=help,
            )


def _returns(statement: c.If | c.Retry) -> bool:
    """Whether a `return` stands somewhere in the arms, or in the body."""
    waiting: list[c.Statement] = [statement]
    while waiting:
        at = waiting.pop()
        if isinstance(at, c.Return):
            return True
        if isinstance(at, c.If):
            waiting += [*at.then, *at.other]
        if isinstance(at, c.Retry):
            waiting += at.body
    return False


def check_lateness(library: c.Library, findings: Findings) -> None:
    """Reports every late assumption of every theorem, in each of its eras."""
    for theorem in library.theorems.values():
        for era in theorem.eras or (None,):
            scope = library.scopes.get(era)
            if scope is not None:
                walk = _Walk(scope, findings)
                walk.run(theorem.body, _Call())
                if walk.too_far:
                    findings.error(
                        "limit.calls:program",
                        theorem.place,
                        f"what `{theorem.name}` calls unfolds too far",
                        label="too many ways through its calls",
                    )
