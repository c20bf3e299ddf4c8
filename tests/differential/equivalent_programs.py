"""Helpers grown at random, as trees and as texts, and which of their reads decide nothing."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

Word = int | str | tuple[str, "Word", "Word"]
READ, WRITE = "READ_ONCE(*sptep)", "WRITE_ONCE(*sptep, {})"
OPERATIONS = [READ, "xchg(sptep, {})", "atomic64_fetch_or({}, sptep)", "atomic64_fetch_and({}, sptep)",
              "cmpxchg64(sptep, {}, {})", WRITE, "*sptep |= {}"]  # fmt: skip


@dataclass(frozen=True)
class Event:
    """A memory operation; what it gives is the value of a new local."""

    operation: str
    operands: tuple[Word, ...]
    local: str | None


@dataclass(frozen=True)
class Assign:
    local: str
    value: Word


@dataclass(frozen=True)
class Note:
    value: bool


@dataclass(frozen=True)
class Demand:
    value: Word


@dataclass(frozen=True)
class Choice:
    condition: Word
    then: tuple["Statement", ...]
    other: tuple["Statement", ...]


Statement = Event | Assign | Note | Demand | Choice


@dataclass(frozen=True)
class Program:
    body: tuple[Statement, ...]
    result: Word


@dataclass
class Writer:
    """Grows programs; `name` keeps the locals of two apart."""

    rng: random.Random
    name: str
    locals: list[str] = field(default_factory=list)
    count: int = 0

    def program(self) -> Program:
        return Program(self.body(self.rng.randint(1, 3), 1), self.word())

    def word(self, depth: int = 2) -> Word:
        if self.locals and self.rng.random() < 0.5:
            return self.rng.choice(self.locals)
        if not depth or self.rng.random() < 0.6:
            return self.rng.choice([0, 1, 2, 3, 4, 5, 7])
        return self.rng.choice("&|^"), self.word(depth - 1), self.word(depth - 1)

    def body(self, length: int, depth: int) -> tuple[Statement, ...]:
        return tuple(self.statement(depth) for _ in range(length))

    def statement(self, depth: int) -> Statement:
        kind = self.rng.random()
        if kind < 0.62 or (kind >= 0.94 and not self.locals):
            return self.event()
        if kind < 0.84 and depth:
            before, condition = list(self.locals), self.word()
            arms = []
            for most in (2, 1):
                arms.append(self.body(self.rng.randint(0, most), depth - 1))
                self.locals = list(before)
            return Choice(condition, *arms)
        if kind < 0.9:
            return Note(self.rng.random() < 0.5)
        if kind < 0.94:
            return Demand(("|", self.word(), self.rng.choice([0, 1, 4])))
        return Assign(self.rng.choice(self.locals), self.word()) if self.locals else self.event()

    def event(self) -> Event:
        operation = self.rng.choice(OPERATIONS)
        operands = tuple(self.word() for _ in range(operation.count("{}")))
        local = None
        if operation not in OPERATIONS[-2:]:
            local = f"{self.name}{self.count}"
            self.count += 1
            self.locals.append(local)
        return Event(operation, operands, local)


def changed(program: Program, rng: random.Random) -> Program:
    """A copy with one statement gone, moved or another. It may speak of what is not declared any more."""
    return Program(_changed(program.body, rng), program.result)


def _changed(body: tuple[Statement, ...], rng: random.Random) -> tuple[Statement, ...]:
    if not body:
        return body
    made = list(body)
    at, other = rng.randrange(len(body)), rng.randrange(len(body))
    match made[at]:
        case Choice(condition, then, rest) if rng.random() < 0.7:
            made[at] = Choice(condition, _changed(then, rng), _changed(rest, rng))
        case Event(operation, operands, local) if operands and rng.random() < 0.4:
            made[at] = Event(operation, (rng.choice([0, 1, 2, 3, 4, 5, 7]), *operands[1:]), local)
        case _ if rng.random() < 0.5:
            del made[at]
        case _:
            made[at], made[other] = made[other], made[at]
    return tuple(made)


def renamed(program: Program, old: str, new: str) -> Program:
    """The program with another local in the place of one."""

    def word(at: Word) -> Word:
        if isinstance(at, tuple):
            return at[0], word(at[1]), word(at[2])
        return new if at == old else at

    def body(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(map(statement, statements))

    def statement(each: Statement) -> Statement:
        match each:
            case Event(operation, operands, local):
                return Event(operation, tuple(map(word, operands)), local)
            case Assign(local, value):
                return Assign(new if local == old else local, word(value))
            case Demand(value):
                return Demand(word(value))
            case Choice(condition, then, other):
                return Choice(word(condition), body(then), body(other))
        return each

    return Program(body(program.body), word(program.result))


# To texts


def written(word: Word) -> str:
    match word:
        case int():
            return f"{word}ULL"
        case str():
            return word
        case (operator, left, right):
            return f"({written(left)} {operator} {written(right)})"


def text_of(body: Sequence[Statement]) -> str:
    return " ".join(map(statement_text, body))


def statement_text(statement: Statement) -> str:
    match statement:
        case Event(operation, operands, local):
            call = operation.format(*map(written, operands)) + ";"
            return call if local is None else f"u64 {local} = {call}"
        case Assign(local, value):
            return f"{local} = {written(value)};"
        case Note(value):
            return f"g = {str(value).lower()};"
        case Demand(value):
            return f"assert({written(value)});"
        case Choice(condition, then, other):
            return f"if ({written(condition)}) {{ {text_of(then)} }} else {{ {text_of(other)} }}"


def helper(name: str, program: Program, takes: Sequence[str] = ()) -> str:
    parameters = ", ".join(f"u64 {each}" for each in takes)
    return f"helper {name}({parameters}) -> u64 {{ {text_of(program.body)} return {written(program.result)}; }}\n"


def events_of(body: Sequence[Statement]) -> Iterator[Event]:
    for each in body:
        if isinstance(each, Event):
            yield each
        if isinstance(each, Choice):
            yield from events_of((*each.then, *each.other))


# Reads that count


def dead_reads(program: Program) -> set[str]:
    """The locals of reads whose value reaches no change, no result and nothing that decides on one."""
    dead: set[str] = set()
    _live_before(program.body, _names(program.result), dead)
    return dead


def _live_before(body: Sequence[Statement], after: set[str], dead: set[str]) -> tuple[set[str], bool]:
    """The locals whose values count before a body, and whether anything in it does; adds its dead reads to `dead`."""
    live, counts = set(after), False
    for each in reversed(body):
        match each:
            case Event(operation, operands, local):
                if operation == READ and local not in live:
                    dead.add(local or "")
                    continue
                live = live.union(*map(_names, operands)) - {local or ""}
            case Assign(local, value):
                if local not in live:
                    continue
                live = live - {local} | _names(value)
            case Note():
                pass
            case Demand(value):
                live |= _names(value)
            case Choice(condition, then, other):
                arms = [_live_before(arm, live, dead) for arm in (then, other)]
                if not any(inside for _, inside in arms):
                    continue
                live = _names(condition).union(*(names for names, _ in arms))
        counts = True
    return live, counts


def _names(word: Word) -> set[str]:
    match word:
        case int():
            return set()
        case str():
            return {word}
        case (_, left, right):
            return _names(left) | _names(right)
