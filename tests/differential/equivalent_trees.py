"""Helpers with references, calls, inputs, `atomic` and early returns, grown at random in pairs, as trees and as texts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

VALUES = range(4)
LAYOUT = "layout t {{ M0 = bit 0; M1 = bit 1; invariant low: !(spte & ~3ULL); {} }}\nghost bool g;\n"
INVARIANTS: dict[str, Callable[[int], bool]] = {
    "": lambda v: True,
    "invariant i: spte & 1 -> spte & 2;": lambda v: not v & 1 or bool(v & 2),
}
AGENTS: dict[str, Callable[[int], list[int]]] = {
    "step s: when spte & 1 { spte |= 2; }": lambda v: [v | 2] if v & 1 else [],
    "step s: when spte & 2 { spte &= ~1ULL; }": lambda v: [v & 2] if v & 2 else [],
    "step s: { spte ^= 2; }": lambda v: [v ^ 2],
}
Tree = tuple[Any, ...]
Body = tuple[Tree, ...]
OPERATIONS: dict[str, tuple[int, Callable[[int, Sequence[int]], int]]] = {
    "READ_ONCE(*sptep)": (0, lambda v, o: v),
    "xchg(sptep, {})": (1, lambda v, o: o[0]),
    "atomic64_fetch_or({}, sptep)": (1, lambda v, o: v | o[0]),
    "atomic64_fetch_and({}, sptep)": (1, lambda v, o: v & o[0]),
    "cmpxchg64(sptep, {}, {})": (2, lambda v, o: o[1] if v == o[0] else v),
}
"""How many operands, and what is left."""


class Grower:
    """Bodies: ("event", operation, operands, local), ("try", flag, local, word), ("set", local, word), ("any", local),
    ("if", word, then, other), ("return", word), ("atomic", body), ("call", local, helper, word, local given by
    reference), ("note", truth or local), ("assert", word)."""

    def __init__(self, rng: Random) -> None:
        self.rng, self.count, self.last = rng, 0, ""

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def word(self, known: Sequence[str], depth: int = 1) -> Any:
        if known and self.rng.random() < 0.6:
            return self.last if self.last in known and self.rng.random() < 0.6 else self.rng.choice(known)
        if not depth or self.rng.random() < 0.6:
            return self.rng.choice([0, 1, 2, 3])
        return self.rng.choice("&|^"), self.word(known, 0), self.word(known, 0)

    def body(self, known: list[str], many: int, depth: int, calls: bool, returns: bool = True) -> Body:
        known = list(known)
        return tuple(self.statement(known, depth, calls, returns) for _ in range(many))

    def statement(self, known: list[str], depth: int, calls: bool, returns: bool) -> Tree:
        kind = self.rng.random()
        if kind < 0.3:
            operation = self.rng.choice(list(OPERATIONS))
            operands = tuple(self.word(known) for _ in range(OPERATIONS[operation][0]))
            local = self.rng.choice(known) if known and self.rng.random() < 0.6 else self.fresh()
            known += [] if local in known else [local]
            self.last = local
            return "event", operation, operands, local
        if kind < 0.4 and known:
            return "try", self.fresh(), self.rng.choice(known), self.word(known)
        if kind < 0.52 and known:
            return "set", self.rng.choice(known), self.word(known)
        if kind < 0.58:
            known.append(self.fresh())
            return "any", known[-1]
        if kind < 0.75 and depth:
            then = self.body(known, self.rng.randint(0, 2), depth - 1, calls, returns)
            other = self.body(known, self.rng.randint(0, 1), depth - 1, calls, returns)
            if returns and self.rng.random() < 0.5:
                then = (*then, ("return", self.word(known)))
            return "if", self.word(known), then, other
        if kind < 0.82:
            first = "event", "atomic64_fetch_or({}, sptep)", (self.word(known),), self.fresh()
            more = self.body([*known, first[3]], self.rng.randint(0, 2), 0, False, False)
            return "atomic", (first, *(each for each in more if each[0] != "atomic"))
        if kind < 0.92 and calls and known:
            known.append(self.fresh())
            return "call", known[-1], self.rng.randrange(2), self.word(known[:-1]), self.rng.choice(known[:-1])
        if kind < 0.97:
            return "note", self.rng.choice([True, False, *known[:1]])
        return "assert", ("|", self.word(known), self.rng.choice([0, 1, 2]))


def is_plain(body: Sequence[Tree]) -> bool:
    """Whether it may stand in `atomic`."""
    return not any(word in str(body) for word in ("'atomic'", "'return'", "'call'"))


def changed(body: Body, grower: Grower) -> Body:
    """A copy with one statement gone, moved, written otherwise or another."""
    if not body:
        return body
    rng, made = grower.rng, list(body)
    at, other = rng.randrange(len(body)), rng.randrange(len(body))
    match made[at]:
        case ("if", word, then, rest) if rng.random() < 0.8:
            kind = rng.random()
            if kind < 0.3:
                made[at] = "if", ("!", word), rest, then
            elif kind < 0.5 and then and then[-1][0] == "return":
                made[at:] = [("if", word, then, (*rest, *made[at + 1 :]))]
            else:
                made[at] = "if", word, changed(then, grower), rest
        case ("event", operation, operands, local) if operands and rng.random() < 0.5:
            made[at] = "event", operation, (rng.choice([0, 1, 2, 3]), *operands[1:]), local
        case ("event", "cmpxchg64(sptep, {}, {})", (old, new), local) if rng.random() < 0.5:
            made[at : at + 1] = [("declare", local, old), ("try", grower.fresh(), local, new)]
        case ("try", _, local, new) if rng.random() < 0.6:
            made[at] = "event", "cmpxchg64(sptep, {}, {})", (local, new), local
        case ("event", *_) | ("try", *_) | ("if", *_) if rng.random() < 0.5:
            joined = made[at : at + rng.randint(1, 3)]
            if is_plain(joined):
                made[at : at + len(joined)] = [("atomic", tuple(joined))]
        case ("atomic", inner) if rng.random() < 0.5:
            made[at : at + 1] = inner
        case ("call", local, number, word, given) if rng.random() < 0.5:
            made[at] = "call", local, 1 - number, word, given
        case _ if rng.random() < 0.4:
            del made[at]
        case _ if rng.random() < 0.4:
            made.insert(at, ("event", "READ_ONCE(*sptep)", (), grower.fresh()))
        case _:
            made[at], made[other] = made[other], made[at]
    return tuple(made)


# As a text


class Texts:
    def __init__(self, known: Sequence[str], references: Sequence[str] = ()) -> None:
        self.known, self.references = set(known), references

    def name(self, local: str) -> str:
        return f"*{local}" if local in self.references else local

    def word(self, word: Any) -> str:
        match word:
            case int():
                return f"{word}ULL"
            case str():
                if word not in self.known:
                    raise KeyError(word)
                return self.name(word)
            case ("!", inner):
                return f"!{self.word(inner)}" if isinstance(inner, int | str) else f"!({self.word(inner)})"
            case (operator, left, right):
                return f"({self.word(left)} {operator} {self.word(right)})"
        raise AssertionError(word)

    def put(self, local: str, value: str) -> str:
        """A local that is not known is declared."""
        if local in self.known:
            return f"{self.name(local)} = {value};"
        self.known.add(local)
        return f"u64 {local} = {value};"

    def body(self, body: Body) -> str:
        return " ".join(self.statement(each) for each in body)

    def inner(self, body: Body) -> str:
        known = set(self.known)
        told = self.body(body)
        self.known = known
        return told

    def statement(self, statement: Tree) -> str:
        match statement:
            case ("event", operation, operands, local):
                return self.put(local, operation.format(*map(self.word, operands)))
            case ("try", flag, local, new):
                self.word(local)
                passed = local if local in self.references else f"&{local}"
                told = f"bool {flag} = try_cmpxchg64(sptep, {passed}, {self.word(new)});"
                self.known.add(flag)
                return told
            case ("set" | "declare", local, word):
                if statement[0] == "set":
                    self.word(local)
                return self.put(local, self.word(word))
            case ("any", local):
                self.known.add(local)
                return f"u64 {local} = any;"
            case ("if", word, then, other):
                told = self.word(word)
                return f"if ({told}) {{ {self.inner(then)} }} else {{ {self.inner(other)} }}"
            case ("return", word):
                return f"return {self.word(word)};"
            case ("atomic", inner):
                return f"atomic {{ {self.inner(inner)} }}"
            case ("call", local, number, word, given):
                passed = given if given in self.references else f"&{given}"
                self.word(given)
                return self.put(local, f"sub{number}({self.word(word)}, {passed})")
            case ("note", value):
                return f"g = {self.word(value) if isinstance(value, str) else str(value).lower()};"
            case ("assert", word):
                return f"assert({self.word(word)});"
        raise AssertionError(statement)


Helper = tuple[Body, Any]


@dataclass(frozen=True)
class Case:
    """`subs` are called by both. The theorem's own statements come first; p and r are given by reference."""

    subs: tuple[Helper, Helper]
    left: Helper
    right: Helper
    before: Body
    invariant: str
    agent: str | None

    def text(self) -> str:
        """Raises KeyError where it speaks of what is not declared."""
        against = "against nobody" if self.agent is None else "against any number of other" if self.agent else ""
        agent = f"agent other lockless {{ {self.agent} }}\n" if self.agent else ""
        told = LAYOUT.format(self.invariant) + agent
        for number, (body, result) in enumerate(self.subs):
            told += f"helper sub{number}(u64 m, u64 *y) -> u64 {{ {self.written(('m', 'y'), ('y',), body, result)} }}\n"
        for name, (body, result) in (("left", self.left), ("right", self.right)):
            parts = self.written(("b", "x", "z"), ("x", "z"), body, result)
            told += f"helper {name}(u64 b, u64 *x, u64 *z) -> u64 {{ {parts} }}\n"
        before = Texts(("p", "r")).body(self.before)
        call = "{}(b, &p, &r)"
        return told + (
            f"theorem q(bool b) {against} {{ u64 p = 0, r = b; {before} "
            f"prove equivalent {call.format('left')}, {call.format('right')}; }}\n"
        )

    def written(self, known: Sequence[str], references: Sequence[str], body: Body, result: Any) -> str:
        texts = Texts(known, references)
        return f"{texts.body(body)} return {texts.word(result)};"

    def valid(self) -> list[int]:
        return [each for each in VALUES if INVARIANTS[self.invariant](each)]

    def reached(self, value: int) -> list[int]:
        """What others may make of a value, itself among it."""
        found = [value]
        if self.agent == "":
            return [value, *(each for each in self.valid() if each != value)]
        for each in found if self.agent else []:
            found += [more for more in AGENTS[self.agent or ""](each) if more not in found]
        return found


def cases(seed: int) -> Iterator[Case]:
    """Without end, the same for the same seed."""
    number = 0
    while True:
        number += 1
        grower = Grower(rng := Random(f"{seed} {number}"))
        subs = tuple((grower.body(["m", "y"], rng.randint(1, 2), 1, False), grower.word(["m", "y"])) for _ in range(2))
        left = grower.body(["b", "x", "z"], rng.randint(1, 3), 2, True), grower.word(["b", "x", "z"])
        right, result = left
        for _ in range(rng.randint(1, 2)):
            right = changed(right, grower)
        kind = rng.random()
        if kind < 0.1:
            right = grower.body(["b", "x", "z"], rng.randint(1, 3), 2, True)
        if kind > 0.8 and is_plain(left[0]):
            right = (("atomic", left[0]),)
        before = grower.body(["p", "r"], rng.randint(0, 1), 0, False, False)
        before = () if "'assert'" in str(before) else before
        agent = rng.choice([None, "", "", *AGENTS])
        case = Case(subs, left, (right, result), before, rng.choice(list(INVARIANTS)), agent)  # type: ignore[arg-type]
        try:
            case.text()
        except KeyError:
            continue
        yield case
