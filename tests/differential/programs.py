"""Random helpers in the kernel's shapes, and theorem bodies that call them."""

from dataclasses import dataclass

from .plan import Plan, all_of, atom, condition, has, lacks, other_atom, union
from .tree import (
    Assign,
    Assume,
    Atomic,
    Binary,
    Declare,
    Expression,
    Helper,
    HelperCall,
    If,
    Name,
    Operation,
    Parameter,
    Perform,
    Return,
    SetGhost,
    Statement,
    Unary,
)

OLD, SEEN = Name("old"), Name("seen")


@dataclass(frozen=True, slots=True)
class Program:
    """`sort` is that of the body's local `seen`; `clears` says that the program means to clear its target bit,
    else to set it."""

    helpers: tuple[Helper, ...]
    body: tuple[Statement, ...]
    sort: str
    clears: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the entry in all the ways that the kernel writes it."""

    mask: Expression
    clears: bool

    def of(self, value: Expression) -> Expression:
        return Binary("&", value, Unary("~", self.mask)) if self.clears else Binary("|", value, self.mask)

    def locked(self, plan: Plan) -> Operation:
        if self.clears:
            by_and = Operation("atomic64_fetch_and", (Unary("~", self.mask),))
            return plan.random.choice((by_and, Operation("atomic64_fetch_andnot", (self.mask,))))
        return Operation("atomic64_fetch_or", (self.mask,))

    def silent(self, plan: Plan) -> Operation:
        """A locked operation that gives nothing."""
        if self.clears:
            kinds = (Operation("atomic64_and", (Unary("~", self.mask),)), Operation("atomic64_andnot", (self.mask,)))
        else:
            kinds = (Operation("atomic64_or", (self.mask,)), Operation("set_bit", (self.mask,)))
        return plan.random.choice((*kinds, Operation("clear_bit" if self.clears else "set_bit", (self.mask,))))

    def plain(self, plan: Plan) -> Operation:
        """Built on what was read earlier, or on a read of its own."""
        stale = [Operation(kind, (self.of(OLD),)) for kind in ("WRITE_ONCE", "WRITE_ONCE", "*sptep =", "atomic64_set")]
        if self.clears:
            own = (Operation("*sptep &=", (Unary("~", self.mask),)), Operation("__clear_bit", (self.mask,)))
        else:
            own = (Operation("*sptep |=", (self.mask,)), Operation("__set_bit", (self.mask,)))
        return plan.random.choice((*stale, *own))


def make_program(plan: Plan) -> Program:
    clears = plan.chance(0.8)
    if plan.slant != "deep" and plan.chance(0.08):
        return _test_and_change(plan, clears)
    by_parameter = plan.chance(0.4)
    change = Change(Name("mask") if by_parameter else Name(plan.target), clears)
    deep = plan.slant == "deep"
    shape = plan.weighted(
        kernel=5, exchange=0.7 if deep else 2, swap=1.5, early=1.5, silent=1, atomic=0 if deep else 0.7
    )
    parameters = [Parameter("u64", "old", by_reference=shape == "exchange" and plan.chance(0.4))]
    if by_parameter:
        parameters.append(Parameter("u64", "mask"))
    if plan.chance(0.15):
        parameters.append(Parameter("bool", "fast"))
    body = _guarded(plan, _SHAPES[shape](plan, change), parameters)
    helper = Helper("change_it", tuple(parameters), "u64", body)
    return Program(*_body(plan, helper), "u64", clears)


# Helpers ------------------------------------------------------------------------------------------------


def _guarded(plan: Plan, body: tuple[Statement, ...], parameters: list[Parameter]) -> tuple[Statement, ...]:
    """Puts early returns before a helper's body."""
    before: list[Statement] = []
    if any(parameter.name == "fast" for parameter in parameters):
        before.append(If(all_of(Name("fast"), atom(plan, OLD)), (Return(OLD),)))
    if plan.chance(0.5 if plan.slant == "empty" else 0.12):
        before.append(If(condition(plan, OLD, 1), (Return(OLD),)))
    return (*before, *body)


def _kernel(plan: Plan, change: Change) -> tuple[Statement, ...]:
    """Where the old value has volatile bits a locked operation, otherwise a plain write."""
    need = condition(plan, OLD)
    if plan.slant == "deep" or plan.chance(0.45):
        few = plan.chain[1:-1] if plan.slant == "deep" and plan.chance(0.8) else plan.chain
        need = has(OLD, *plan.random.sample(few, plan.random.randint(1, len(few))))
    locked: tuple[Statement, ...] = (Return(change.locked(plan)),)
    plain: tuple[Statement, ...] = (Perform(change.plain(plan)), Return(OLD))
    if plan.chance(0.2):
        need = Unary("!", need)
        return (If(need, plain), *locked)
    if plan.chance(0.2):
        return (If(need, (If(atom(plan, OLD), locked),)), *plain)
    return (If(need, locked), *plain)


def _exchange(plan: Plan, change: Change) -> tuple[Statement, ...]:
    """Compare and exchange, perhaps with something to fall back on."""
    fallback: tuple[Statement, ...] = (Return(OLD),)
    if plan.chance(0.5):
        fallback = (Return(change.locked(plan)),) if plan.chance(0.6) else (Perform(change.plain(plan)), Return(OLD))
    if plan.chance(0.3):
        found = Declare("u64", "found", Operation("cmpxchg64", (OLD, change.of(OLD))))
        return (found, If(Binary("==", Name("found"), OLD), (Return(OLD),)), *_with(fallback, "found"))
    exchange = Operation("try_cmpxchg64", (change.of(OLD),), OLD)
    if plan.chance(0.3):
        return (If(exchange, fallback, negated=True), Return(OLD))
    return (If(exchange, (Return(OLD),)), *fallback)


def _with(fallback: tuple[Statement, ...], name: str) -> tuple[Statement, ...]:
    return (Return(Name(name)),) if fallback == (Return(OLD),) else fallback


def _swap(plan: Plan, change: Change) -> tuple[Statement, ...]:
    write: tuple[Statement, ...] = (
        Return(Operation(plan.random.choice(("xchg", "atomic64_xchg")), (change.of(OLD),))),
    )
    if plan.chance(0.5):
        return (If(condition(plan, OLD, 1), (Return(change.locked(plan)),)), *write)
    return write


def _early(plan: Plan, change: Change) -> tuple[Statement, ...]:
    """Returns where there is nothing to do; otherwise one of two ways."""
    idle = lacks(OLD, plan.target) if change.clears else has(OLD, plan.target)
    if plan.chance(0.4):
        idle = condition(plan, OLD, 1)
    work: tuple[Statement, ...] = (Return(change.locked(plan)),)
    if plan.chance(0.5):
        work = (Perform(change.plain(plan)), Return(OLD))
    return (If(idle, (Return(OLD),)), *work)


def _silent(plan: Plan, change: Change) -> tuple[Statement, ...]:
    """A locked operation that gives nothing, and a value read before or after it."""
    work: tuple[Statement, ...] = (Perform(change.silent(plan)),)
    if plan.chance(0.6):
        work = (If(condition(plan, OLD, 1), work, (Perform(change.plain(plan)),)),)
    if plan.chance(0.3):
        return (Declare("u64", "again", Operation("atomic64_read")), *work, Return(Name("again")))
    return (*work, Return(Operation("*sptep") if plan.chance(0.2) else OLD))


def _atomic(plan: Plan, change: Change) -> tuple[Statement, ...]:
    """A block that runs at once."""
    now = Name("now")
    inside: list[Statement] = [Assign(now, "=", Operation("*sptep"))]
    write = Perform(Operation("*sptep =", (change.of(now),)))
    inside.append(If(atom(plan, now), (write,)) if plan.chance(0.3) else write)
    if plan.ghost is not None and plan.chance(0.5):
        inside.append(SetGhost(plan.ghost, Name("true")))
    whole: tuple[Statement, ...] = (Atomic(tuple(inside)),)
    if plan.chance(0.3):
        whole = tuple(inside)
    return (Declare("u64", "now", OLD), *whole, Return(now))


_SHAPES = {
    "kernel": _kernel,
    "exchange": _exchange,
    "swap": _swap,
    "early": _early,
    "silent": _silent,
    "atomic": _atomic,
}


def _test_and_change(plan: Plan, clears: bool) -> Program:
    """A helper that says whether the bit was there."""
    mask = Name(plan.target)
    plain = f"__test_and_{'clear' if clears else 'set'}_bit"
    work: tuple[Statement, ...] = (Return(Operation(plan.random.choice((plain, plain.lstrip("_"))), (mask,))),)
    if plan.chance(0.4):
        work = (
            If(Operation("test_bit", (mask,)), (Return(Name("false" if clears else "true")),), negated=clears),
            *work,
        )
    helper = Helper("change_it", (Parameter("u64", "old"),), "bool", work)
    return Program(*_body(plan, helper), "bool", clears)


# The theorem's body -------------------------------------------------------------------------------------


def _assumption(plan: Plan) -> Expression | None:
    """Deep cases start at the bottom of their chain; empty ones assume much."""
    if plan.slant == "deep" and plan.chance(0.85):
        bottom = lacks(OLD, *plan.chain[1 : -1 if plan.falls else None])
        if plan.falls and plan.chance(0.6):
            bottom = all_of(bottom, has(OLD, plan.chain[-1]))
        return bottom if plan.chance(0.5) else all_of(has(OLD, plan.chain[0]), bottom)
    if plan.slant == "empty":
        parts = [condition(plan, OLD, 1)]
        for _ in range(plan.random.randint(1, 3)):
            parts.append(other_atom(plan, OLD, *parts))
        return all_of(*parts)
    if plan.chance(0.55):
        return condition(plan, OLD, 1)
    return None


def _body(plan: Plan, helper: Helper) -> tuple[tuple[Helper, ...], tuple[Statement, ...]]:
    helpers = [helper]
    body: list[Statement] = [
        Declare("u64", "old", Operation(plan.random.choice(("READ_ONCE", "READ_ONCE", "*sptep", "atomic64_read"))))
    ]
    if any(parameter.name == "fast" for parameter in helper.parameters):
        body.append(Declare("bool", "quick", None))
    assumed = _assumption(plan)
    if assumed is not None:
        body.append(Assume(assumed))
    call = _call(plan, helper)
    if plan.chance(0.1) and not any(parameter.by_reference for parameter in helper.parameters):
        outer = Helper("outer", helper.parameters, helper.sort, (Return(_passed_on(helper)),))
        helpers.append(outer)
        call = HelperCall("outer", call.arguments, call.references)
    body.append(Declare(helper.sort, "seen", call))
    body += _afterwards(plan, helper.sort)
    return tuple(helpers), tuple(body)


def _call(plan: Plan, helper: Helper) -> HelperCall:
    values: dict[str, Expression] = {"old": OLD, "mask": Name(plan.target), "fast": Name("quick")}
    arguments = tuple(values[parameter.name] for parameter in helper.parameters)
    return HelperCall(helper.name, arguments, tuple(parameter.by_reference for parameter in helper.parameters))


def _passed_on(helper: Helper) -> HelperCall:
    arguments = tuple(Name(parameter.name) for parameter in helper.parameters)
    return HelperCall(helper.name, arguments, tuple(False for _ in arguments))


def _afterwards(plan: Plan, sort: str) -> list[Statement]:
    """What the caller does with the value it got: records a bit, or changes another one."""
    more: list[Statement] = []
    if plan.ghost is not None and plan.chance(0.75):
        kept = plan.target if plan.chance(0.6) else plan.mask()
        found: Expression = SEEN if sort == "bool" else has(SEEN if plan.chance(0.75) else OLD, kept)
        record = SetGhost(plan.ghost, Name("true"))
        more.append(record if plan.chance(0.15) else If(found, (record,)))
    if sort == "u64" and plan.chance(0.15):
        again = Operation("atomic64_or", (Binary("&", SEEN, union(plan.some_masks(2))),))
        other = Operation("WRITE_ONCE", (Binary("|", SEEN, Name(plan.mask())),))
        more.append(If(atom(plan, SEEN), (Perform(again if plan.chance(0.5) else other),)))
    return more
