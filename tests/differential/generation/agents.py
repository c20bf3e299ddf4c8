"""Random agents: steps that set, clear, flip and record, and programs that read, decide and write."""

from .conditions import Plan, atom, change, condition, has
from .tree import (
    Agent,
    Assign,
    Binary,
    Declare,
    If,
    Instant,
    Name,
    Operation,
    Parameter,
    Perform,
    Retry,
    Return,
    Step,
    Unary,
)

SPTE, OLD, NEW = Name("spte"), Name("old"), Name("new")
READ = Operation("READ_ONCE")


def make_agents(plan: Plan) -> tuple[Agent, ...]:
    return tuple(_agent(plan, number) for number in range(plan.random.choice((1, 2, 2, 3))))


def _agent(plan: Plan, number: int) -> Agent:
    parameters: tuple[Parameter, ...] = ()
    kind = plan.pick(steps=5, fault=1.4, ager=1.2, looping=0.8, writer=0.8 if plan.closed else 0)
    name = f"{kind}_{number}"
    if kind == "steps":
        if plan.chance(0.12):
            parameters = (Parameter("bool", "direct"),)
        steps = tuple(_step(plan, f"s{number}{i}", bool(parameters)) for i in range(plan.random.choice((1, 1, 2, 3))))
        return Agent(name, parameters, steps)
    return Agent(name, (), (), {"fault": _fault, "ager": _ager, "looping": _looping, "writer": _writer}[kind](plan))


def _step(plan: Plan, name: str, direct: bool) -> Step:
    parameters: tuple[Parameter, ...] = ()
    when = condition(plan, SPTE) if plan.chance(0.85) else None
    saw = atom(plan, SPTE) if plan.chance(0.15) else None
    if direct and plan.chance(0.7):
        when = Name("direct") if when is None else Binary("&&", Name("direct"), when)
    flag, word = plan.ghost("bool"), plan.ghost("u64")
    if flag and plan.chance(0.12):
        guard = Unary("!", Name(flag)) if plan.chance(0.5) else Name(flag)
        when = guard if when is None else Binary("&&", when, guard)
    if plan.child and plan.chance(0.15):
        guard = has(Instant("now child_sptep"), plan.union())
        when = guard if when is None else Binary("&&", when, guard)
    body = [_step_change(plan)]
    if plan.chance(0.12):
        parameters = (Parameter("bool", "strong"),)
        body = [If(Name("strong"), tuple(body), (_step_change(plan),) if plan.chance(0.5) else ())]
    elif plan.chance(0.1):
        parameters = (Parameter("u64", "fresh"),)
        chosen = plan.union()
        kept = Binary("&", SPTE, Unary("~", chosen))
        body = [Assign("spte", "=", Binary("|", kept, Binary("&", Name("fresh"), chosen)))]
    if plan.child and plan.chance(0.1):
        body.append(Assign("*child_sptep", "|=", plan.union()))
    if flag and plan.chance(0.3):
        body.append(Assign(flag, "=", Name("true") if plan.chance(0.7) else Name("false")))
    if word and plan.chance(0.3):
        body.append(Assign(word, "|=", Binary("&", SPTE, plan.union())))
    return Step(name, parameters, when, saw, tuple(body))


def _step_change(plan: Plan) -> Assign:
    if plan.chance(0.5):
        return Assign("spte", "|=", plan.union())
    return Assign("spte", "=", change(plan, SPTE))


def _guards(plan: Plan, subject=OLD) -> list:
    return [If(condition(plan, subject), (Return(),)) for _ in range(plan.random.choice((0, 1, 1, 2)))]


def _noted(plan: Plan) -> tuple:
    flag, word = plan.ghost("bool"), plan.ghost("u64")
    if flag and plan.chance(0.5):
        return (Assign(flag, "=", Name("true")),)
    if word and plan.chance(0.15):
        return (Assign(word, "|=", Binary("&", OLD, plan.union())),)
    return ()


def _fault(plan: Plan) -> tuple:
    body = [Declare("u64", "old", READ), *_guards(plan), Declare("u64", "new", OLD)]
    if plan.chance(0.3):
        body.append(Declare("bool", "write", None))
        body.append(If(Binary("&&", Name("write"), atom(plan, OLD)), (Assign("new", "|=", plan.union()),)))
    else:
        body.append(If(atom(plan, OLD), (Assign("new", "=", change(plan, NEW)),)))
    if plan.chance(0.5):
        body.append(If(Binary("==", NEW, OLD), (Return(),)))
    exchange = Operation("try_cmpxchg64", "sptep", (NEW,), "&old")
    noted = _noted(plan)
    return (*body, If(exchange, noted) if noted else Perform(exchange))


def _locked(plan: Plan) -> Operation:
    masks = plan.union()
    kinds = [
        ("atomic64_fetch_andnot", masks),
        ("atomic64_and", Unary("~", masks)),
        ("atomic64_or", masks),
        ("atomic64_xor", masks),
    ]
    if plan.bits:
        kinds += [(kind, Name(plan.mask())) for kind in ("clear_bit", "set_bit")]
    kind, argument = plan.random.choice(kinds)
    return Operation(kind, "sptep", (argument,))


def _ager(plan: Plan) -> tuple:
    body = [Declare("u64", "old", READ), *_guards(plan)]
    if plan.chance(0.25):
        body.append(Declare("u64", "seen", Operation("atomic64_fetch_andnot", "sptep", (plan.union(),))))
        return (*body, If(atom(plan, Name("seen")), (Perform(_locked(plan)),)))
    return (*body, Perform(_locked(plan)), *_noted(plan))


def _looping(plan: Plan) -> tuple:
    exchange = Operation("try_cmpxchg64", "sptep", (change(plan, OLD),), "&old")
    return (Declare("u64", "old", READ), Retry(tuple(_guards(plan)), exchange), *_noted(plan))


def _writer(plan: Plan) -> tuple:
    kind = plan.random.choice(("WRITE_ONCE", "xchg", "*=", "*&=", "*|="))
    value = change(plan, OLD)
    if kind in ("*&=", "*|="):
        value = Unary("~", plan.union()) if kind == "*&=" else plan.union()
    return (
        Declare("u64", "old", READ),
        If(condition(plan, OLD), (Return(),)),
        Perform(Operation(kind, "sptep", (value,))),
    )
