"""Programs grown at random whose assumptions may be late, as trees and as texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

Word = int | str | tuple["Truth", "Word", "Word"]
Truth = str | tuple[str, str]
"""A parameter of the theorem, or ("is", local): that the local is 1."""


@dataclass(frozen=True)
class Put:
    """`operation` gives the local its value: "" a word, "any" the input of a number, or what an event or a ghost
    holds."""

    local: str
    operation: str
    value: Word = 0


@dataclass(frozen=True)
class Do:
    """A statement that gives nothing: a write, or what a ghost becomes."""

    operation: str


@dataclass(frozen=True)
class Assume:
    condition: Truth


@dataclass(frozen=True)
class If:
    condition: Truth
    then: tuple["Statement", ...]
    other: tuple["Statement", ...] = ()


@dataclass(frozen=True)
class Return:
    value: Truth | bool


@dataclass(frozen=True)
class Call:
    """`kind` says where the call stands: beside what condition, which decides whether it happens."""

    kind: str
    helper: int
    given: tuple[str, str]
    condition: Truth


@dataclass(frozen=True)
class Block:
    """`atomic`, or a `retry` with its condition."""

    body: tuple["Statement", ...]
    until: Truth | None = None


@dataclass(frozen=True)
class Threads:
    threads: tuple[tuple["Statement", ...], ...]


Statement = Put | Do | Assume | If | Return | Call | Block | Threads
READS = {
    "READ_ONCE(*sptep)": "{} = READ_ONCE(*sptep);",
    "READ_ONCE(*child)": "{} = READ_ONCE(*child);",
    "test_bit": "{} = test_bit(0, sptep);",
    "ghost": "{} = g;",
}
CHANGES = {
    "xchg": "{} = xchg(sptep, 0);",
    "cmpxchg": "{0} = cmpxchg64(sptep, {0}, 1);",
    "fetch_or": "{} = atomic64_fetch_or(1, child);",
}
DOES = {"store": "*sptep = 0;", "child": "WRITE_ONCE(*child, 1);", "compound": "*sptep |= 1;"}
NOTES = {"note": "g = 1;", "forget": "g = 0;"}
PARAMETERS = ("c", "d")
OWN, REFERENCES = ("p", "q", "z"), ("x", "y")
CALLS = ("plain", "and", "or", "tern", "if", "value", "value")


@dataclass(frozen=True)
class Case:
    helpers: tuple[tuple[Statement, ...], ...]
    body: tuple[Statement, ...]


class Grower:
    """Grows programs; a helper may call those that were grown before it."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.helpers: list[tuple[Statement, ...]] = []

    def case(self) -> Case:
        for _ in range(self.rng.choice([0, 1, 1, 2, 2, 3])):
            last = (Assume(self.truth(REFERENCES)),) if self.rng.random() < 0.25 else ()
            self.helpers.append((*self.body(REFERENCES, 0, True), *last))
        first = (Do("store"),) if self.rng.random() < 0.4 else ()
        body = (*first, Put("q", "READ_ONCE(*sptep)"), *self.body(OWN, 0, False))
        if self.rng.random() < 0.15:
            body = (*body, self.threads(), *self.body(OWN, 1, False)[:2])
        return Case(tuple(self.helpers), (*body, Assume(("is", self.rng.choice(OWN)))))

    def threads(self) -> Threads:
        """Each has a local of the theorem for itself."""
        found = []
        for own in OWN[:2]:
            grown = [self.body((own,), 2, False) for _ in range(2)]
            found.append(tuple(each for body in grown for each in body if isinstance(each, Put | Do)))
        return Threads(tuple(found))

    def truth(self, names: Sequence[str]) -> Truth:
        return ("is", self.rng.choice(names)) if self.rng.random() < 0.55 else self.rng.choice(PARAMETERS)

    def word(self, names: Sequence[str]) -> Word:
        kind = self.rng.random()
        if kind < 0.2:
            return self.rng.choice([0, 1])
        if kind < 0.85:
            return self.rng.choice(names)
        return self.truth(names), self.word(names), self.word(names)

    def body(self, names: Sequence[str], depth: int, returns: bool) -> tuple[Statement, ...]:
        many = self.rng.randint(1, 4 if depth else 5)
        grown = (self.statement(names, depth, returns) for _ in range(many))
        return tuple(each for each in grown if each is not None)

    def statement(self, names: Sequence[str], depth: int, returns: bool) -> Statement | None:
        kind, local = self.rng.random(), self.rng.choice(names)
        if returns and self.rng.random() < 0.12:
            value = self.truth(names) if self.rng.random() < 0.4 else self.rng.random() < 0.5
            return If(self.truth(names), (Return(value),))
        if self.helpers and len(names) > 1 and self.rng.random() < 0.2:
            return self.call(names)
        if kind < 0.27:
            return Put(local, "", self.word(names))
        if kind < 0.37:
            return Put(local, self.rng.choice([*READS, "any"]), self.rng.randrange(1 << 30))
        if kind < 0.42:
            return Put(local, self.rng.choice(list(CHANGES)))
        if kind < 0.48:
            return Do(self.rng.choice([*DOES, *NOTES]))
        if kind < 0.52:
            return Assume(self.truth(names))
        if kind < 0.57 and depth < 2:
            return self.block(names)
        if kind < 0.68 and depth < 2:
            other = self.body(names, depth + 1, returns) if self.rng.random() < 0.5 else ()
            return If(self.truth(names), self.body(names, depth + 1, returns), other)
        return self.call(names) if self.helpers and len(names) > 1 else None

    def call(self, names: Sequence[str]) -> Call:
        given = tuple(self.rng.sample(list(names), 2))
        condition = self.truth([each for each in names if each not in given] or ("",))
        condition = "c" if condition == ("is", "") else condition
        return Call(self.rng.choice(CALLS), self.rng.randrange(len(self.helpers)), given, condition)

    def block(self, names: Sequence[str]) -> Block:
        body = tuple(each for each in self.body(names, 2, False) if isinstance(each, Put | Do | Assume))
        if self.rng.random() < 0.5:
            return Block(body)
        return Block(body, self.truth(names))


# As a text


class Texts:
    """What a program says; `references` are the names that stand for a caller's locals."""

    def __init__(self, references: Sequence[str]) -> None:
        self.references = references
        self.count = 0

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def name(self, local: str) -> str:
        return f"*{local}" if local in self.references else local

    def truth(self, truth: Truth | bool) -> str:
        if isinstance(truth, bool):
            return str(truth).lower()
        return truth if isinstance(truth, str) else f"({self.name(truth[1])} == 1)"

    def word(self, word: Word) -> str:
        match word:
            case int():
                return f"{word}ULL"
            case str():
                return self.name(word)
            case (truth, left, right):
                return f"({self.truth(truth)} ? {self.word(left)} : {self.word(right)})"

    def body(self, body: Iterable[Statement]) -> str:
        return " ".join(self.statement(each) for each in body)

    def statement(self, statement: Statement) -> str:
        match statement:
            case Put(local, "", value):
                return f"{self.name(local)} = {self.word(value)};"
            case Put(local, "any"):
                fresh = self.fresh()
                return f"u64 {fresh} = any; {self.name(local)} = {fresh};"
            case Put(local, operation):
                return {**READS, **CHANGES}[operation].format(self.name(local))
            case Do(operation):
                return {**DOES, **NOTES}[operation]
            case Assume(condition):
                return f"assume({self.truth(condition)});"
            case If(condition, then, other):
                more = f" else {{ {self.body(other)} }}" if other else ""
                return f"if ({self.truth(condition)}) {{ {self.body(then)} }}{more}"
            case Return(value):
                return f"return {self.truth(value)};"
            case Call():
                return self.call(statement)
            case Block(inner, None):
                return f"atomic {{ {self.body(inner)} }}"
            case Block(inner, until):
                return f"retry {{ {self.body(inner)} }} until ({self.truth(until or 'c')});"
            case Threads(threads):
                told = " ".join(f"thread t{n} {{ {self.body(each)} }}" for n, each in enumerate(threads))
                return f"parallel {{ {told} }}"

    def call(self, call: Call) -> str:
        given = ", ".join(each if each in self.references else f"&{each}" for each in call.given)
        told, beside, fresh = f"h{call.helper}(c, d, {given})", self.truth(call.condition), self.fresh()
        first = self.name(call.given[0])
        return {
            "plain": f"{told};",
            "and": f"bool {fresh} = {beside} && {told};",
            "or": f"bool {fresh} = {beside} || {told};",
            "tern": f"bool {fresh} = {beside} ? {told} : {beside};",
            "if": f"if ({beside} && {told}) {{ {first} = 1; }}",
            "value": f"bool {fresh} = {told}; {first} = {fresh};",
        }[call.kind]


def text_of(case: Case) -> str:
    lines = ["layout l { W = bit 1; }", "entry child;", "ghost u64 g;"]
    for number, body in enumerate(case.helpers):
        told = Texts(REFERENCES).body(body)
        lines.append(f"helper h{number}(bool c, bool d, u64 *x, u64 *y) -> bool {{ {told} return true; }}")
    told = Texts(()).body(case.body)
    lines.append(f"theorem t(bool c, bool d) {{ u64 p = 0, q = 0, z = 1; {told} prove changes nothing; }}")
    return "\n".join(lines) + "\n"
