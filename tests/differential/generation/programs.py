"""Random helpers and bodies of theorems, grown statement by statement; `Growth` knows what is in scope."""

from dataclasses import dataclass, field

from .conditions import Plan, atom, change, condition, union
from .tree import (
    Assign,
    Assume,
    Atomic,
    Binary,
    Declare,
    Helper,
    HelperCall,
    If,
    Name,
    Operation,
    Parallel,
    Parameter,
    Perform,
    Retry,
    Return,
    Unary,
)

READS = ("READ_ONCE", "READ_ONCE", "*", "atomic64_read")


@dataclass(slots=True)
class Growth:
    """`words` and `truths` are locals in scope; `left` is how many events may still be added."""

    plan: Plan
    left: int
    helpers: tuple[Helper, ...] = ()
    words: list[str] = field(default_factory=list)
    truths: list[str] = field(default_factory=list)
    made: int = 0
    entry: str = "sptep"
    in_thread: bool = False

    def new(self, sort: str) -> str:
        self.made += 1
        return f"{'b' if sort == 'bool' else 'v'}{self.made}"

    def word(self) -> Name:
        return Name(self.plan.random.choice(self.words))

    def spend(self, events: int) -> None:
        self.left -= events


def make_helpers(plan: Plan) -> tuple[Helper, ...]:
    """One or two; the second may call the first."""
    found: list[Helper] = []
    for number in range(plan.random.choice((1, 1, 2))):
        found.append(_helper(plan, number, tuple(found)))
    return tuple(found)


def _helper(plan: Plan, number: int, earlier: tuple[Helper, ...]) -> Helper:
    reference = plan.chance(0.3)
    parameters = [Parameter("u64", "old", by_reference=reference)]
    if plan.chance(0.25):
        parameters.append(Parameter("bool", "fast"))
    grown = Growth(plan, plan.random.choice((1, 1, 2, 2, 3)), earlier)
    grown.words.append("*old" if reference else "old")
    if len(parameters) > 1:
        grown.truths.append("fast")
    sort = plan.pick(u64=4, bool=1.5, none=1)
    body = list(_early(grown, sort))
    if reference and plan.chance(0.7):
        body += _exchange_on(grown, "old", sort)
    while grown.left > 0:
        body += statement(grown, 1)
    if sort != "none":
        body.append(Return(_result(grown, sort)))
    return Helper(f"change_{number}", tuple(parameters), "" if sort == "none" else sort, tuple(body))


def _early(grown: Growth, sort: str) -> list:
    plan = grown.plan
    if not plan.chance(0.45):
        return []
    test = condition(plan, grown.word())
    if grown.truths and plan.chance(0.6):
        test = Binary("&&", Name(grown.truths[0]), test)
    return [If(test, (Return(None if sort == "none" else _result(grown, sort)),))]


def _result(grown: Growth, sort: str):
    if sort == "bool":
        return _truth_of(grown)
    return grown.word()


def _truth_of(grown: Growth):
    if grown.truths and grown.plan.chance(0.5):
        return Name(grown.plan.random.choice(grown.truths))
    return atom(grown.plan, grown.word())


def _bits_of(grown: Growth):
    return Binary("&", grown.word(), grown.plan.union())


def _exchange_on(grown: Growth, name: str, sort: str) -> list:
    """By compare and exchange on a reference parameter, in a loop or once."""
    plan = grown.plan
    grown.spend(2)
    exchange = Operation("try_cmpxchg64", "sptep", (change(plan, Name(f"*{name}")),), name)
    if plan.chance(0.5):
        guards = ()
        if plan.chance(0.5):
            result = None if sort == "none" else _result(grown, sort)
            guards = (If(condition(plan, Name(f"*{name}")), (Return(result),)),)
        return [Retry(guards, exchange)]
    taken = grown.new("bool")
    grown.truths.append(taken)
    return [Declare("bool", taken, exchange)]


# Statements


def statement(grown: Growth, deep: int) -> list:
    """One statement and what it needs."""
    plan = grown.plan
    kind = plan.pick(
        write=4,
        locked=4,
        fetch=3,
        swap=1.5,
        exchange=1.5,
        read=1.5,
        own=1.2,
        branch=3 if deep else 0,
        call=3 if grown.helpers and not grown.in_thread else 0,
        loop=0.8 if deep and not grown.in_thread else 0,
        atomic=0.6 if deep else 0,
        ghost=2.5 if plan.ghosts else 0,
        bit=1 if plan.bits else 0,
    )
    return _STATEMENTS[kind](grown, deep)


def _on(grown: Growth) -> str:
    return grown.entry


def _write(grown: Growth, deep: int) -> list:
    grown.spend(1)
    kind = grown.plan.random.choice(("WRITE_ONCE", "*=", "atomic64_set"))
    return [Perform(Operation(kind, _on(grown), (change(grown.plan, grown.word()),)))]


def _lock_pair(plan: Plan, fetch: bool):
    masks, word = plan.union(), "fetch_" if fetch else ""
    kinds = [(f"atomic64_{word}{kind}", masks) for kind in ("or", "xor", "andnot", "andnot")]
    kinds += [(f"atomic64_{word}and", Unary("~", masks))] * 2
    return plan.random.choice(kinds)


def _locked(grown: Growth, deep: int) -> list:
    grown.spend(1)
    kind, argument = _lock_pair(grown.plan, False)
    return [Perform(Operation(kind, _on(grown), (argument,)))]


def _declared(grown: Growth, sort: str, value) -> list:
    name = grown.new(sort)
    (grown.truths if sort == "bool" else grown.words).append(name)
    return [Declare(sort, name, value)]


def _fetch(grown: Growth, deep: int) -> list:
    grown.spend(1)
    kind, argument = _lock_pair(grown.plan, True)
    return _declared(grown, "u64", Operation(kind, _on(grown), (argument,)))


def _swap(grown: Growth, deep: int) -> list:
    grown.spend(1)
    kind = grown.plan.random.choice(("xchg", "atomic64_xchg"))
    return _declared(grown, "u64", Operation(kind, _on(grown), (change(grown.plan, grown.word()),)))


def _exchange(grown: Growth, deep: int) -> list:
    plan = grown.plan
    grown.spend(1)
    names = [name for name in grown.words if not name.startswith("*")]
    if not names or plan.chance(0.3):
        subject = grown.word()
        return _declared(grown, "u64", Operation("cmpxchg64", _on(grown), (subject, change(plan, subject))))
    name = plan.random.choice(names)
    exchange = Operation("try_cmpxchg64", _on(grown), (change(plan, Name(name)),), f"&{name}")
    if deep and plan.chance(0.5):
        return [If(exchange, _inner(grown), negated=plan.chance(0.5))]
    return _declared(grown, "bool", exchange)


def _read(grown: Growth, deep: int) -> list:
    grown.spend(1)
    return _declared(grown, "u64", Operation(grown.plan.random.choice(READS), _on(grown)))


def _own(grown: Growth, deep: int) -> list:
    """A plain change of what is there: a read, then a write."""
    plan = grown.plan
    grown.spend(2)
    if plan.bits and plan.chance(0.4):
        kind = plan.random.choice(("__set_bit", "__clear_bit"))
        return [Perform(Operation(kind, _on(grown), (Name(plan.mask()),)))]
    if plan.chance(0.5):
        return [Perform(Operation("*&=", _on(grown), (Unary("~", plan.union()),)))]
    return [Perform(Operation("*|=", _on(grown), (plan.union(),)))]


def _bit(grown: Growth, deep: int) -> list:
    plan = grown.plan
    kind = plan.random.choice(
        ("test_bit", "test_and_set_bit", "test_and_clear_bit", "__test_and_set_bit", "__test_and_clear_bit")
    )
    grown.spend(2 if kind.startswith("__") else 1)
    return _declared(grown, "bool", Operation(kind, _on(grown), (Name(plan.mask()),)))


def _inner(grown: Growth) -> tuple:
    words, truths, left = list(grown.words), list(grown.truths), grown.left
    body = tuple(statement(grown, 0))
    grown.words, grown.truths = words, truths
    grown.left = min(left, grown.left)
    return body


def _branch(grown: Growth, deep: int) -> list:
    test = _truth_of(grown) if grown.plan.chance(0.4) else condition(grown.plan, grown.word())
    return [If(test, _inner(grown), _inner(grown) if grown.plan.chance(0.45) else ())]


def _call(grown: Growth, deep: int) -> list:
    plan = grown.plan
    helper = plan.random.choice(grown.helpers)
    names = [name for name in grown.words if not name.startswith("*")]
    arguments, references = [], set()
    for number, parameter in enumerate(helper.parameters):
        if parameter.by_reference:
            if not names:
                return _locked(grown, deep)
            arguments.append(Name(plan.random.choice(names)))
            references.add(number)
        elif parameter.sort == "bool":
            arguments.append(Name("true") if plan.chance(0.3) else _truth_of(grown))
        else:
            arguments.append(grown.word())
    grown.spend(2)
    call = HelperCall(
        helper.name, tuple(arguments), frozenset(references), None if grown.entry == "sptep" else grown.entry
    )
    if helper.sort and plan.chance(0.8):
        return _declared(grown, helper.sort, call)
    return [Perform(call)]


def _loop(grown: Growth, deep: int) -> list:
    plan = grown.plan
    grown.spend(2)
    names = [name for name in grown.words if not name.startswith("*")]
    if not names:
        return _locked(grown, deep)
    name = plan.random.choice(names)
    exchange = Operation("try_cmpxchg64", _on(grown), (change(plan, Name(name)),), f"&{name}")
    if plan.chance(0.3):
        return [Retry((Assign(name, "=", Operation("READ_ONCE", _on(grown))),), exchange)]
    return [Retry((), exchange)]


def _atomic(grown: Growth, deep: int) -> list:
    plan = grown.plan
    grown.spend(1)
    name = plan.random.choice([each for each in grown.words if not each.startswith("*")] or ["*old"])
    body = [
        Assign(name, "=", Operation("*", _on(grown))),
        Perform(Operation("*=", _on(grown), (change(plan, Name(name)),))),
    ]
    if plan.chance(0.4):
        body[1] = If(atom(plan, Name(name)), (body[1],))
    if plan.ghosts and plan.chance(0.6):
        body += _ghost(grown, 0)
    return [Atomic(tuple(body))]


def _ghost(grown: Growth, deep: int) -> list:
    plan = grown.plan
    flag, word = plan.ghost("bool"), plan.ghost("u64")
    grown.spend(1)
    if word and (not flag or plan.chance(0.5)):
        return [Assign(word, "|=", _bits_of(grown))]
    record = Assign(flag, "=", Name("true") if plan.chance(0.85) else Name("false"))
    if deep and plan.chance(0.6):
        return [If(_truth_of(grown), (record,))]
    if plan.chance(0.15) and deep:
        return _declared(grown, "bool", Name(flag))
    return [record]


_STATEMENTS = {
    "write": _write,
    "locked": _locked,
    "fetch": _fetch,
    "swap": _swap,
    "exchange": _exchange,
    "read": _read,
    "own": _own,
    "branch": _branch,
    "call": _call,
    "loop": _loop,
    "atomic": _atomic,
    "ghost": _ghost,
    "bit": _bit,
}


# Theorems' bodies


def make_body(plan: Plan, helpers: tuple[Helper, ...], threads: bool) -> tuple[tuple, list[str], list[str]]:
    """The statements, and the words and truth values in scope at the end."""
    grown = Growth(plan, plan.random.choice((1, 2, 2, 3)), helpers)
    body: list = _declared(grown, "u64", Operation(plan.random.choice(READS), "sptep"))
    if plan.child and plan.chance(0.7):
        body += _declared(grown, "u64", Operation("READ_ONCE", "child_sptep"))
    if plan.chance(0.4):
        test = condition(plan, grown.word(), 2)
        if plan.chance(0.12):
            test = Binary("&&", test, condition(plan, grown.word(), 2))
        body.append(Assume(test))
    if threads:
        body += _threads(grown)
        grown.left = plan.random.choice((0, 0, 1))
    while grown.left > 0:
        grown.entry = "child_sptep" if plan.child and plan.chance(0.4) else "sptep"
        body += statement(grown, 1)
    return tuple(body), grown.words, grown.truths


def _threads(grown: Growth) -> list:
    """Two or three threads, each with a local of its own that the theorem declares."""
    plan = grown.plan
    before, threads = [], []
    count = 3 if plan.chance(0.06) else 2
    for _ in range(count):
        before += _declared(grown, "u64", union([plan.mask()]))
    mine = grown.words[-count:]
    for number, name in enumerate(mine):
        inner = Growth(plan, plan.random.choice((1, 2)) if count == 2 else 1, words=[name], made=10 * (number + 1))
        inner.in_thread = True
        body: list = [Assign(name, "=", Operation("READ_ONCE", "sptep"))] if plan.chance(0.6) else []
        if not body:
            kind, argument = _lock_pair(plan, True)
            body = [Assign(name, "=", Operation(kind, "sptep", (argument,)))]
        while inner.left > 0:
            body += statement(inner, 1)
        threads.append((f"t{number}", tuple(body)))
    return [*before, Parallel(tuple(threads))]
