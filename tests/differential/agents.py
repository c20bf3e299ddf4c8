"""Random agents: steps that set, clear, copy and move bits, and programs such as the lockless fault and the agers."""

from .plan import SPTE, Plan, all_of, atom, condition, has, lacks, other_atom, union
from .tree import (
    Agent,
    Assign,
    Binary,
    Declare,
    Expression,
    If,
    Moved,
    Name,
    Operation,
    Parameter,
    Perform,
    Return,
    SetGhost,
    Statement,
    Step,
    Unary,
)

OLD, NEW = Name("old"), Name("new")
RETURN = (Return(None),)


def make_agents(plan: Plan) -> tuple[Agent, ...]:
    kinds = ["chain"] if plan.slant == "deep" or plan.chance(0.6) else []
    weights = {"walker": 3, "setter": 2, "fault": 2, "ager": 1.5, "masked": 1, "writer": 2 if plan.closed else 0}
    most = 2 if plan.slant != "any" else 3
    if plan.slant == "deep" and plan.chance(0.75):
        most = 1
    while len(kinds) < plan.random.randint(0 if kinds or plan.chance(0.05) else 1, most):
        kinds.append(plan.weighted(**weights))
    return tuple(_agent(plan, kind, number) for number, kind in enumerate(kinds[:3]))


def _agent(plan: Plan, kind: str, number: int) -> Agent:
    name = f"{kind}_{number}"
    match kind:
        case "chain":
            return Agent(name, _chain_steps(plan), ())
        case "walker":
            steps = tuple(_random_step(plan, f"step_{i}") for i in range(plan.random.randint(1, 2)))
            return Agent(name, steps, ())
        case "setter":
            return Agent(name, (_setting_step(plan),), ())
        case "fault":
            return Agent(name, (), _fault(plan))
        case "ager":
            return Agent(name, (), _ager(plan))
        case "masked":
            return Agent(name, (), _masked(plan))
    return Agent(name, (), _writer(plan))


# Steps --------------------------------------------------------------------------------------------------


def _chain_steps(plan: Plan) -> tuple[Step, ...]:
    """Each sets a bit when the one before it in the chain is set; the last may clear one instead."""
    steps: list[Step] = []
    deep = plan.slant == "deep"
    for lower, upper in zip(plan.chain, plan.chain[1:], strict=False):
        guard = has(SPTE, lower)
        if plan.chance(0.1 if deep else 0.25):
            guard = all_of(guard, lacks(SPTE, upper) if plan.chance(0.5) else other_atom(plan, SPTE, guard))
        body: tuple[Statement, ...] = (Assign(SPTE, "|=", Name(upper)),)
        if plan.chance(0.1):
            body = (Assign(SPTE, "|=", Moved(SPTE, Name(lower), Name(upper))),)
        if plan.falls and upper == plan.chain[-1]:
            body = (Assign(SPTE, "&=", Unary("~", Name(upper))),)
        saw = plan.chance(0.02 if deep else 0.06)
        steps.append(Step(f"set_{upper.lower()}", (), None if saw else guard, guard if saw else None, body))
    return tuple(steps)


def _setting_step(plan: Plan) -> Step:
    guard = condition(plan, SPTE, 1) if plan.chance(0.8) else None
    return Step("sets", (), guard, None, (Assign(SPTE, "|=", Name(plan.mask())),))


def _random_step(plan: Plan, name: str) -> Step:
    parameters: tuple[Parameter, ...] = ()
    when: Expression | None = condition(plan, SPTE, 1) if plan.chance(0.8) else None
    saw: Expression | None = atom(plan, SPTE) if plan.chance(0.15) else None
    body = list(_change(plan))
    if plan.chance(0.15):
        parameters = (Parameter("bool", "strong"),)
        body = [If(Name("strong"), tuple(body), _change(plan) if plan.chance(0.5) else ())]
    elif plan.chance(0.1):
        parameters = (Parameter("u64", "fresh"),)
        chosen = union(plan.some_masks(2))
        body = [
            Assign(SPTE, "=", Binary("|", Binary("&", SPTE, Unary("~", chosen)), Binary("&", Name("fresh"), chosen)))
        ]
    if plan.ghost is not None and plan.chance(0.4):
        body.append(SetGhost(plan.ghost, Name("true") if plan.chance(0.7) else has(SPTE, plan.mask())))
    if plan.ghost is not None and plan.chance(0.15):
        when = Name(plan.ghost) if when is None else all_of(when, Unary("!", Name(plan.ghost)))
    return Step(name, parameters, when, saw, tuple(body))


def _change(plan: Plan) -> tuple[Statement, ...]:
    one, two = plan.random.sample(plan.masks, 2)
    kind = plan.weighted(set=3, clear=3, toggle=0.7, copy=1.5, move=1.5, swap=0.7, wipe=0.7 if plan.closed else 0)
    match kind:
        case "set":
            return (Assign(SPTE, "|=", union(plan.some_masks(2))),)
        case "clear":
            return (Assign(SPTE, "&=", Unary("~", union(plan.some_masks(2)))),)
        case "toggle":
            return (Assign(SPTE, "^=", Name(one)),)
        case "copy":
            return (Assign(SPTE, "|=", Moved(SPTE, Name(one), Name(two))),)
        case "move":
            return (Assign(SPTE, "|=", Moved(SPTE, Name(one), Name(two))), Assign(SPTE, "&=", Unary("~", Name(one))))
        case "swap":
            kept = Binary("&", SPTE, Unary("~", union([one, two])))
            moved = Binary("|", Moved(SPTE, Name(one), Name(two)), Moved(SPTE, Name(two), Name(one)))
            return (Assign(SPTE, "=", Binary("|", kept, moved)),)
    return (Assign(SPTE, "=", Name(plan.mask())),)


# Programs -----------------------------------------------------------------------------------------------


def _read() -> Declare:
    return Declare("u64", "old", Operation("READ_ONCE"))


def _fault(plan: Plan) -> tuple[Statement, ...]:
    """Reads, decides, and sets by compare and exchange, as fast page fault does."""
    body: list[Statement] = [_read(), Declare("u64", "new", OLD)]
    if plan.chance(0.4):
        body.append(Declare("bool", "write", None))
    body.append(If(condition(plan, OLD, 1), RETURN))
    guard = atom(plan, OLD)
    if len(body) == 4:
        guard = all_of(Name("write"), guard)
    change = (
        Assign(NEW, "|=", Name(plan.mask())) if plan.chance(0.7) else Assign(NEW, "&=", Unary("~", Name(plan.mask())))
    )
    body.append(If(guard, (change,)))
    if plan.chance(0.3):
        body.append(Assign(NEW, "|=", Name(plan.mask())))
    if plan.chance(0.5):
        body.append(If(Binary("==", NEW, OLD), RETURN))
    exchange = Operation("try_cmpxchg64", (NEW,), OLD)
    if plan.ghost is not None and plan.chance(0.6):
        body.append(If(exchange, (SetGhost(plan.ghost, Name("true")),)))
    else:
        body.append(Perform(exchange))
    return tuple(body)


def _ager(plan: Plan) -> tuple[Statement, ...]:
    """Reads, decides, and changes one bit by a locked operation without looking again."""
    mask = Name(plan.mask())
    changes = (
        Operation("atomic64_fetch_and", (Unary("~", mask),)),
        Operation("atomic64_fetch_andnot", (mask,)),
        Operation("clear_bit", (mask,)),
        Operation("atomic64_or", (mask,)),
        Operation("set_bit", (mask,)),
        Operation("atomic64_xor", (mask,)),
    )
    body: list[Statement] = [_read(), If(condition(plan, OLD, 1), RETURN)]
    if plan.chance(0.25):
        body.append(Declare("u64", "seen", Operation("atomic64_fetch_andnot", (mask,))))
        body.append(If(atom(plan, Name("seen")), (Perform(Operation("atomic64_or", (Name(plan.mask()),))),)))
        return tuple(body)
    body.append(Perform(plan.random.choice(changes)))
    return tuple(body)


def _masked(plan: Plan) -> tuple[Statement, ...]:
    """Writes back some bits of a stale value."""
    stale = Binary("&", OLD, union(plan.some_masks(2)))
    body: list[Statement] = [_read()]
    if plan.chance(0.7):
        body.append(If(condition(plan, OLD, 1), RETURN))
    body.append(Perform(Operation("atomic64_or", (stale,))))
    return tuple(body)


def _writer(plan: Plan) -> tuple[Statement, ...]:
    """Writes a whole stale value back; only in closed layouts, where all that can be stale has names."""
    mask = Name(plan.mask())
    new = Binary("&", OLD, Unary("~", mask)) if plan.chance(0.5) else Binary("|", OLD, mask)
    writes = (
        Operation("WRITE_ONCE", (new,)),
        Operation("xchg", (new,)),
        Operation("*sptep &=", (Unary("~", mask),)),
        Operation("__clear_bit", (mask,)),
        Operation("*sptep =", (Name(plan.mask()),)),
        Operation("__set_bit", (mask,)),
    )
    guards: tuple[Statement, ...] = (If(condition(plan, OLD, 1), RETURN), If(atom(plan, OLD), RETURN, ()))
    return (_read(), *guards[: plan.random.randint(1, 2)], Perform(plan.random.choice(writes)))
