"""The random theorems of `assumed.py`: what their expressions mean, and how they are grown and written."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise, product

Expression = tuple  # (operator, operands): what `WRITTEN` and `Place` say
Statement = tuple
VALUES = range(4)
SHIFTS = (0, 1, 63, 64)
BEFORE, AFTER = ("name", "before"), ("name", "after")


# What expressions are, as text and as values


@dataclass
class Place:
    """What names mean at some moment; `faults` is whether something undefined, or a failing assert, was met."""

    values: dict
    faults: set = field(default_factory=set)

    def __call__(self, e: Expression) -> int:
        match e:
            case ("word", value):
                return value
            case ("name", name):
                return self.values[name]
            case ("&", a, b):
                return self(a) & self(b)
            case ("|", a, b):
                return self(a) | self(b)
            case ("^", a, b):
                return self(a) ^ self(b)
            case ("+", a, b):
                return self(a) + self(b) & 3
            case (">>", a, b):
                left, right = self(a), self(b)
                if right >= 64:
                    self.faults.add("defined")
                return left >> right if right < 64 else 0
            case ("ffs", a):
                value = self(a)
                if not value:
                    self.faults.add("defined")
                return [0, 0, 1, 0][value]
            case ("?", c, a, b):
                return self(a) if self(c) else self(b)
            case ("some", a, b):
                return int(self(a) & self(b) != 0)
            case ("==", a, b):
                return int(self(a) == self(b))
            case ("<", a, b):
                return int(self(a) < self(b))
            case ("bool<", a, b):  # both are int: false - true is -1
                return int(self(a) - self(b) < 0)
            case ("mixed<", a, b):  # an int beside a u64: -1 is the largest
                return int((self(a) - 1) % (1 << 64) < self(b))
            case ("!", a):
                return int(not self(a))
            case ("&&", a, b):
                return int(bool(self(a) and self(b)))
            case ("||", a, b):
                return int(bool(self(a) or self(b)))
            case ("->", a, b):
                return int(bool(not self(a) or self(b)))
        raise AssertionError(e)


WRITTEN = {
    "&": "({} & {})", "|": "({} | {})", "^": "({} ^ {})", "+": "(({} + {}) & 3)", ">>": "({} >> {})", "ffs": "__ffs64({})",
    "?": "({} ? {} : {})", "some": "({} & {})", "==": "({} == {})", "<": "({} < {})", "bool<": "({} - {} < 0)",
    "mixed<": "({} - 1 < {})", "!": "!{}", "&&": "({} && {})", "||": "({} || {})", "->": "({} -> {})",
}  # fmt: skip
NAMES = {"x": "(x & 3)", "m": "(m & 3)", "rec": "(rec & 3)", "now": "*sptep"}


def written(e: Expression) -> str:
    if e[0] == "word":
        return f"{e[1]}ULL"
    if e[0] == "name":
        return NAMES.get(e[1], f"({e[1]} & 3)" if e[1].startswith("any") else e[1])
    return WRITTEN[e[0]].format(*map(written, e[1:]))


@dataclass
class Writer:
    rng: random.Random
    words: list[str]
    truths: list[str]

    def word(self, deep: int = 2) -> Expression:
        r = self.rng
        if not deep or r.random() < 0.55:
            return ("name", r.choice(self.words)) if self.words and r.random() < 0.7 else ("word", r.choice(VALUES))
        kind = r.random()
        if kind < 0.7:
            return r.choice("&|^+"), self.word(deep - 1), self.word(deep - 1)
        if kind < 0.8:
            amount = ("?", self.truth(0), ("word", r.choice(SHIFTS)), ("word", r.choice(SHIFTS[:3])))
            return ">>", self.word(deep - 1), amount
        if kind < 0.86:
            return "?", self.truth(deep - 1), ("ffs", self.word(0)), self.word(0)
        return "?", self.truth(deep - 1), self.word(deep - 1), self.word(deep - 1)

    def truth(self, deep: int = 2) -> Expression:
        r = self.rng
        kind = r.random()
        if self.truths and kind < 0.15:
            return "name", r.choice(self.truths)
        if not deep or kind < 0.6:
            return r.choice(["some", "some", "==", "<"]), self.word(deep and deep - 1), self.word(0)
        if kind < 0.65:
            return "bool<", self.bool(), self.bool()
        if kind < 0.7:
            return "mixed<", self.bool(), self.word(0)
        if kind < 0.78:
            return "!", ("some", self.word(0), self.word(0))
        return r.choice(["&&", "||", "->"]), self.truth(deep - 1), self.truth(deep - 1)

    def bool(self) -> Expression:
        return "==", self.word(0), ("word", self.rng.choice(VALUES))


# Cases


@dataclass
class Case:
    """`steps` are (saw, when, assignments); `claims` are (kind, parts)."""

    invariant: Expression
    ghosts: tuple[str, ...]
    steps: list[tuple]
    body: list[Statement]
    claims: list[tuple]
    rely: Expression | None = None

    def text(self) -> str:
        steps = " ".join(_step(number, *each) for number, each in enumerate(self.steps))
        agent = f"agent a lockless {{ {steps} }}\n" if steps else ""
        claims = " ".join(f"prove {_claim(*each)};" for each in self.claims)
        rely = f" rely {written(self.rely)}" if self.rely else ""
        return (
            "layout l { M0 = bit 0; M1 = bit 1; invariant low: spte < 4; "
            f"invariant i: {written(self.invariant)}; }}\nghost bool g;\nghost u64 rec;\n{agent}"
            f"theorem t(u64 x) against {'any number of a' if steps else 'nobody'}{rely} {{\n"
            f"{_block(self.body)}\n{claims} }}\n"
        )


def _step(number: int, saw: Expression | None, when: Expression, sets: list[tuple]) -> str:
    seen = f" saw {written(saw)}" if saw is not None else ""
    return f"step s{number}(u64 m): when m < 4 && {written(when)}{seen} {{ {_sets(sets)} }}"


def _sets(sets: list[tuple]) -> str:
    return " ".join(f"{name} = {'m' if value == ('name', 'm') else written(value)};" for name, value in sets)


def _block(body: list[Statement]) -> str:
    return " ".join(map(_statement, body))


def _statement(s: Statement) -> str:
    match s:
        case ("any", name):
            return f"u64 {name} = any;"
        case ("let", name, value):
            return f"u64 {name} = {written(value)};"
        case ("read", name):
            return f"u64 {name} = READ_ONCE(*sptep);"
        case ("xchg", name, value):
            return f"u64 {name} = xchg(sptep, {written(value)});"
        case ("cmpxchg", name, old, new):
            return f"u64 {name} = cmpxchg64(sptep, {written(old)}, {written(new)});"
        case ("fetch_and", name, value):
            return f"u64 {name} = atomic64_fetch_and({written(value)}, sptep);"
        case ("write", value):
            return f"WRITE_ONCE(*sptep, {written(value)});"
        case ("set", name, value):
            return f"{name} = {written(value)};"
        case ("assume" | "assert", condition):
            return f"{s[0]}({written(condition)});"
        case ("if", condition, then, other):
            return f"if ({written(condition)}) {{ {_block(then)} }} else {{ {_block(other)} }}"
        case ("atomic", body):
            return f"atomic {{ {_block(body)} }}"
    raise AssertionError(s)


def _claim(kind: str, *parts: Expression) -> str:
    texts = [part if isinstance(part, str) else written(part) for part in parts]
    words = {
        "preserves": "preserves {} except {}", "changes": "changes only {}", "conserves": "conserves {} into {}",
        "ensures": "ensures {}", "always": "always {}", "that": "that {}", "refines": "refines {{ WRITE_ONCE(*sptep, {}); }}",
    }  # fmt: skip
    return words[kind].format(*texts)


class Grown:
    """One random case."""

    def __init__(self, rng: random.Random, relies: bool = False) -> None:
        self.rng = rng
        self.relies = relies
        self.count = 0
        self.wrote = False
        self.early = ["x"]
        self.words = ["x"]
        self.truths = ["g"] if rng.random() < 0.5 else []
        self.record = ["rec"] if rng.random() < 0.4 else []

    def case(self) -> Case:
        r = self.rng
        layout = Writer(r, ["spte"], [])
        valid: Expression = ("word", 1)
        if r.random() < 0.6:
            bit = ("word", r.choice([1, 2]))
            other = ("some", ("name", "spte"), ("word", r.choice([1, 2, 3])))
            valid = ("->", ("some", ("name", "spte"), bit), ("!", other) if r.random() < 0.5 else other)
        steps = []
        for _ in range(r.choice([1, 1, 2] if self.relies else [0, 1, 1, 2])):
            inside = Writer(r, ["spte", "m", *self.record, "m"], self.truths)
            names = ["spte", *self.record, *self.truths]
            targets = r.sample(names, r.randint(1, len(names)))
            sets = [
                (each, inside.truth(1) if each == "g" else ("name", "m") if r.random() < 0.4 else inside.word(1))
                for each in targets
            ]
            steps.append((layout.truth(1) if r.random() < 0.2 else None, inside.truth(2), sets))
        if self.relies and r.random() < 0.5:
            steps = [self.from_to(*each) for each in pairwise(r.sample(VALUES, r.choice([2, 3, 3])))]
        body = [*self.found(), *self.marked(), *self.block(r.randint(0, 3), 1)] if self.relies else None
        body = body or self.block(r.randint(2, 5), 1)
        return Case(valid, (*self.truths, *self.record), steps, body, self.claims())

    def from_to(self, before: int, after: int) -> tuple:
        """A step from one value to another, which may set a ghost, too."""
        sets: list[tuple] = [("spte", ("word", after))]
        if self.rng.random() < 0.3:
            sets += [(name, ("word", self.rng.choice([0, 1]))) for name in [*self.truths, *self.record]]
        return None, ("==", ("name", "spte"), ("word", before)), sets

    def marked(self) -> list[Statement]:
        """What ghosts are set to."""
        names = [*self.truths, *self.record] if self.rng.random() < 0.5 else []
        return [("set", name, ("word", self.rng.choice([0, 1]))) for name in names]

    def found(self) -> list[Statement]:
        """Reads that find this and then that, which others may have to lead to."""
        made: list[Statement] = []
        for _ in range(self.rng.choice([0, 1, 2, 2])):
            name = self.declared(self.new("e"), True)
            made += [("read", name), ("assume", ("==", ("name", name), ("word", self.rng.choice(VALUES))))]
        return made

    def new(self, name: str) -> str:
        self.count += 1
        return f"{name}{self.count}"

    def declared(self, name: str, early: bool) -> str:
        self.words.append(name)
        if early:
            self.early.append(name)
        return name

    def block(self, length: int, deep: int, atomic: bool = False) -> list[Statement]:
        found = []
        changed = False
        for _ in range(length):
            each = self.statement(deep, atomic, changed)
            changed = changed or each[0] in ("write", "set", "xchg", "cmpxchg", "fetch_and")
            found.append(each)
        return found

    def statement(self, deep: int, atomic: bool, changed: bool) -> Statement:
        r, inside = self.rng, Writer(self.rng, self.words, [])
        kind = r.random()
        if kind < 0.18 and not (atomic and changed):
            return "assume", Writer(r, self.early, []).truth(1)
        if kind < 0.24:
            return "assert", inside.truth(1)
        if kind < 0.32:
            return "any", self.declared(self.new("any"), True)
        if kind < 0.4:
            value = inside.word()
            return "let", self.declared(self.new("v"), False), value
        if kind < 0.5 and deep:
            return self.branch(inside)
        if kind < 0.58 and deep and not atomic:
            words, early = list(self.words), list(self.early)
            body = self.block(r.randint(1, 3), 0, True)
            self.words, self.early = words, early
            return "atomic", body
        if kind < 0.66 and (self.truths or self.record):
            name = r.choice([*self.truths, *self.record])
            return "set", name, inside.truth(1) if name == "g" else inside.word(1)
        return self.event(inside)

    def branch(self, inside: Writer) -> Statement:
        """No assumption in its arms: it would be late where the condition is."""
        condition, arms = inside.truth(1), []
        for most in (2, 1):
            words, early = list(self.words), list(self.early)
            arms.append([each for each in self.block(self.rng.randint(0, most), 0) if each[0] != "assume"])
            self.words, self.early = words, early
        return "if", condition, *arms

    def event(self, inside: Writer) -> Statement:
        r = self.rng
        kind = r.choice(["read", "read", "xchg", "cmpxchg", "fetch_and", "write", "write"])
        operands = tuple(inside.word(1) for _ in range({"read": 0, "cmpxchg": 2}.get(kind, 1)))
        if kind == "write":
            self.wrote = True
            return "write", *operands
        self.wrote = self.wrote or kind != "read"
        return kind, self.declared(self.new("e"), not self.wrote and kind == "read"), *operands

    def never(self, later: str) -> Expression:
        """That no execution leads from one value to another."""
        values = [("==", ("name", each), ("word", self.rng.choice(VALUES))) for each in ("start", later)]
        return "!", ("&&", *values)

    def claims(self) -> list[tuple]:
        r = self.rng
        ends = Writer(r, [*self.words, "start", "end", "after", *self.record], self.truths)
        always = Writer(r, ["x", "now", "start", *self.record], self.truths)
        masks = Writer(r, self.words, [])
        results = [each for each in self.words if each != "x"]
        into = [("conserves", masks.word(1), r.choice(results))] if results else []
        return [
            *into,
            ("preserves", masks.word(1), ("word", r.choice(VALUES))),
            ("changes", ("|", ("word", (1 << 64) - 4), masks.word(1))),
            ("ensures", self.never("end") if self.relies and r.random() < 0.5 else ends.truth(2)),
            ("always", self.never("now") if self.relies and r.random() < 0.5 else always.truth(2)),
            ("that", Writer(r, self.words, []).truth(1)),
            ("refines", masks.word(1)),
        ]


def keeps(rely: Expression, steps: list[tuple]) -> bool:
    """Whether each step of the agents does what the rely allows."""
    return all(Place({"before": before, "after": after})(rely) for before, after in stepped(steps))


def stepped(steps: list[tuple]) -> set[tuple[int, int]]:
    """What each step of the agents may make of an entry, whatever the ghosts are and the agents saw."""
    found = set()
    for spte, g, rec, m in product(VALUES, (0, 1), VALUES, VALUES):
        for _, when, sets in steps:
            place = Place({"spte": spte, "g": g, "rec": rec, "m": m})
            if place(when):
                for name, value in sets:
                    place.values[name] = place(value)
                found.add((spte, place.values["spte"]))
    return found


def table(rng: random.Random, steps: list[tuple]) -> Expression:
    """What the steps do, and some more or less or not, told pair by pair: closed under two in a row in half of all
    cases."""
    pairs = stepped(steps) | {(each, each) for each in VALUES}
    pairs |= {(rng.choice(VALUES), rng.choice(VALUES)) for _ in range(rng.choice([0, 1, 1, 2]))}
    if rng.random() < 0.5:
        for between, left, right in product(VALUES, VALUES, VALUES):  # Warshall
            if (left, between) in pairs and (between, right) in pairs:
                pairs.add((left, right))
    if rng.random() < 0.1:
        pairs.remove(rng.choice(sorted(pairs)))
    found: Expression = ("word", 0)
    for before, after in sorted(pairs):
        found = "||", found, ("&&", ("==", BEFORE, ("word", before)), ("==", AFTER, ("word", after)))
    return "->", ("<", BEFORE, ("word", 4)), found


def some_rely(rng: random.Random, steps: list[tuple]) -> Expression:
    """Mostly one that the steps keep: a table, or bits that stay, that are only set or cleared, one of which hangs on
    another."""
    if rng.random() < 0.7:
        return table(rng, steps)
    for _ in range(rng.choice([1, 40, 40, 40, 40])):
        found: Expression = ("<", AFTER, ("word", 4))
        for _ in range(rng.choice([0, 1, 1, 2])):
            bits = ("word", rng.choice([1, 2, 3]))
            was, now, both = (("&", each, bits) for each in (BEFORE, AFTER, ("&", BEFORE, AFTER)))
            other = ("word", rng.choice([1, 2]))
            hanging = "->", ("some", BEFORE, other), ("==", was, now)
            found = "&&", found, rng.choice([("==", was, now), ("==", both, was), ("==", both, now), hanging])
        found = "->", ("<", BEFORE, ("word", 4)), found
        if keeps(found, steps):
            break
    return found


def cases(seed: int, relies: bool = False) -> Iterator[Case]:
    """With `relies`, under a random rely each."""
    rng, other = random.Random(seed), random.Random(f"rely {seed}")
    while True:
        case = Grown(rng, relies).case()
        if relies:
            case.rely = some_rely(other, case.steps)
        yield case
