"""Random pairs of helpers: what the tool proves to be `equivalent` is tried on every stream of values.

    python -m tests.differential.equivalents --cases 2000 --seed 1
    python -m tests.differential.equivalents --cases 2000 --seed 1 --after

Entries have three bits that matter. A pair is a helper and a copy with one statement gone or moved, or two helpers of
their own; others may leave anything that the invariants allow, or what an agent's steps lead to, or nobody runs. The
walk shares no code with the tool. A `proved` for which some stream tells the two apart is wrong; so is, `--after` events
of the theorem whose values both are given, a `refuted` for which none does.
"""

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .equivalent_programs import (
    OPERATIONS,
    Assign,
    Choice,
    Demand,
    Event,
    Note,
    Program,
    Statement,
    Word,
    Writer,
    changed,
    dead_reads,
    events_of,
    helper,
    renamed,
    text_of,
)
from .tool import results_of

VALUES = range(8)
MOST_EVENTS = 5
LAYOUT = "layout t {{ M0 = bit 0; M1 = bit 1; M2 = bit 2; invariant low: (spte & ~7ULL) == 0; {} }}\nghost bool g;\n"
INVARIANTS: dict[str, Callable[[int], bool]] = {
    "": lambda v: True,
    "invariant i: !(spte & 4);": lambda v: not v & 4,
    "invariant i: spte & 1 -> spte & 2;": lambda v: not v & 1 or bool(v & 2),
}
AGENTS: dict[str, Callable[[int], list[int]]] = {
    "step s: when spte & 1 { spte |= 2; }": lambda v: [v | 2] if v & 1 else [],
    "step s: { spte &= ~4ULL; } step t: when spte & 2 { spte ^= 1; }": lambda v: [v & 3, v ^ 1] if v & 2 else [v & 3],
    "step s: when spte & 2 { spte |= 4; }": lambda v: [v | 4] if v & 2 else [],
}


# Run on a stream


class More(Exception):
    """The stream is used up."""


class Failed(Exception):
    """An assert failed."""


class Run:
    """One program on a stream; `alone`, every event finds what the one before left."""

    def __init__(self, program: Program, stream: Sequence[int], alone: bool, unused: set[str]) -> None:
        self.stream, self.alone, self.now = stream, alone, stream[0]
        self.left: list[int] = []
        self.changes: list[int] = []
        self.noted: bool | None = None
        self.result: int | None = None
        self.locals: dict[str, int] = {}
        self.unused = unused
        try:
            self.run(program.body)
            self.result = self.value(program.result)
        except More:
            pass

    def value(self, word: Word) -> int:
        match word:
            case int():
                return word
            case str():
                return self.locals[word]
            case (operator, left, right):
                x, y = self.value(left), self.value(right)
                return x & y if operator == "&" else x | y if operator == "|" else x ^ y

    def run(self, body: Sequence[Statement]) -> None:
        for statement in body:
            match statement:
                case Event():
                    self.event(statement)
                case Assign(local, value):
                    self.locals[local] = self.value(value)
                case Note(value):
                    self.happens(lambda found: found)
                    self.noted = value
                case Demand(value):
                    if not self.value(value):
                        raise Failed
                case Choice(condition, then, other):
                    self.run(then if self.value(condition) else other)

    def event(self, event: Event) -> None:
        operands = [self.value(each) for each in event.operands]
        if event.local in self.unused:
            self.locals[event.local or ""] = 0
            return
        if event.operation == OPERATIONS[-1]:
            read = self.happens(lambda found: found)
            self.happens(lambda found: read | operands[0])
            return
        effects: list[Callable[[int], int]] = [
            lambda found: found,
            lambda found: operands[0],
            lambda found: found | operands[0],
            lambda found: found & operands[0],
            lambda found: operands[1] if found == operands[0] else found,
            lambda found: operands[0],
        ]
        found = self.happens(effects[OPERATIONS.index(event.operation)])
        if event.local is not None:
            self.locals[event.local] = found

    def happens(self, effect: Callable[[int], int]) -> int:
        if not self.alone:
            if len(self.left) == len(self.stream):
                raise More
            self.now = self.stream[len(self.left)]
        found, self.now = self.now, effect(self.now)
        self.left.append(self.now)
        if found != self.now:
            self.changes.append(self.now)
        return found

    def seen(self) -> tuple[object, ...]:
        return self.result, self.noted


# The walk


@dataclass(frozen=True)
class Case:
    """Two helpers, and what others do: the text of an agent's steps, None for nobody, "" for anything valid."""

    left: Program
    right: Program
    invariant: str
    agent: str | None

    def text(self) -> str:
        against = "against nobody" if self.agent is None else "against any number of other" if self.agent else ""
        agent = f"agent other lockless {{ {self.agent} }}\n" if self.agent else ""
        both = helper("left", self.left) + helper("right", self.right)
        theorem = f"theorem q {against} {{ u64 k = 1; prove equivalent left(), right(); }}\n"
        return LAYOUT.format(self.invariant) + agent + both + theorem

    def runs(self, stream: Sequence[int]) -> list[Run]:
        return [Run(each, stream, self.agent is None, dead_reads(each)) for each in (self.left, self.right)]

    def valid(self) -> list[int]:
        return [each for each in VALUES if INVARIANTS[self.invariant](each)]

    def steps(self, value: int) -> list[int]:
        return AGENTS[self.agent or ""](value)

    def reached(self, value: int) -> set[int]:
        """What others may make of a value."""
        if not self.agent:
            return {value, *(self.valid() if self.agent == "" else [])}
        found, waiting = {value}, [value]
        while waiting:
            for each in self.steps(waiting.pop()):
                if each not in found:
                    found.add(each)
                    waiting.append(each)
        return found

    def apart(self) -> list[int] | None:
        """A stream that tells the two apart, or on which an assert fails; None where there is none."""
        starts = {end for each in self.valid() for end in self.reached(each)}
        waiting = [[each] for each in sorted(starts)]
        while waiting:
            stream = waiting.pop()
            try:
                left, right = self.runs(stream)
            except Failed:
                return stream
            if self.agent is None:
                if (left.changes, left.seen()) != (right.changes, right.seen()):
                    return stream
                continue
            ends = [each.left + stream[len(each.left) :] for each in (left, right)]
            if ends[0] != ends[1] or (None not in (left.result, right.result) and left.seen() != right.seen()):
                return stream
            if None in (left.result, right.result):
                waiting += [[*stream, each] for each in sorted(self.reached(ends[0][-1]))]
        return None


@dataclass(frozen=True)
class After(Case):
    """The two come after statements of the theorem, and are given what its events found."""

    before: tuple[Statement, ...]

    def text(self) -> str:
        names = given(self.before)
        told = ", ".join(names)
        text = super().text().replace("u64 k = 1;", text_of(self.before))
        text = text.replace("equivalent left(), right()", f"equivalent left({told}), right({told})")
        for name, program in (("left", self.left), ("right", self.right)):
            text = text.replace(helper(name, program), helper(name, program, names))
        return text

    def runs(self, stream: Sequence[int]) -> list[Run]:
        whole = [Program(self.before + each.body, each.result) for each in (self.left, self.right)]
        unused = [dead_reads(each) for each in whole]
        own = {each.local or "" for each in events_of(self.before)}
        needed = own - (unused[0] & unused[1])
        return [Run(each, stream, self.agent is None, dead - needed) for each, dead in zip(whole, unused, strict=True)]


def given(before: Sequence[Statement]) -> list[str]:
    """The locals that the statements leave."""
    return [each.local for each in before if isinstance(each, Event) and each.local is not None]


CANCELS = re.compile(r"\((\w+) . \1\)|[&|] [07]ULL|\b[07]ULL [&|]|if \(\dULL\)|\(\dULL . \d")
"""A word on whose parts nothing depends: which reads such a text needs is a matter of how far it is worked out."""


class Plain(Writer):
    """Its words have one operator."""

    def word(self, depth: int = 1) -> Word:
        return super().word(min(depth, 1))


def later_cases(seed: int) -> Iterator[After]:
    """Without end, the same for the same seed."""
    rng = random.Random(seed)
    while True:
        before = without_asserts(Plain(rng, "b").body(rng.randint(1, 2), 1))
        left = Plain(rng, "v", given(before)).program()
        right = changed(left, rng) if rng.random() < 0.75 else Plain(rng, "v", given(before)).program()
        if given(before) and rng.random() < 0.5:  # one reads again what the other was given
            again = renamed(left, given(before)[0], "again")
            right = Program((Event(OPERATIONS[0], (), "again"), *again.body), again.result)
        if max(_size(before + left.body), _size(before + right.body)) > MOST_EVENTS:
            continue
        bodies = ((before, ()), (left.body, given(before)), (right.body, given(before)))
        results = (0, left.result, right.result)
        if all(_is_whole(body, set(known), result) for (body, known), result in zip(bodies, results, strict=True)):
            case = After(left, right, rng.choice(list(INVARIANTS)), rng.choice([None, "", *AGENTS]), before)
            if not CANCELS.search(case.text()):
                yield case


def without_asserts(body: Sequence[Statement]) -> tuple[Statement, ...]:
    """Those of the theorem are claims of their own."""
    return tuple(
        Choice(each.condition, without_asserts(each.then), without_asserts(each.other))
        if isinstance(each, Choice)
        else each
        for each in body
        if not isinstance(each, Demand)
    )


def _is_whole(body: Sequence[Statement], declared: set[str], result: Word) -> bool:
    """Whether a body, and what it gives, speak of what is declared only."""
    return all(_declares(each, declared) for each in body) and _known(result, declared)


def cases(seed: int) -> Iterator[Case]:
    """Without end, the same for the same seed."""
    rng = random.Random(seed)
    while True:
        left = Writer(rng, "v").program()
        right = changed(left, rng) if rng.random() < 0.75 else Writer(rng, "v").program()
        if max(_size(left.body), _size(right.body)) > MOST_EVENTS:
            continue
        if _is_whole(right.body, set(), right.result):
            yield Case(left, right, rng.choice(list(INVARIANTS)), rng.choice([None, "", *AGENTS]))


def _size(body: Sequence[Statement]) -> int:
    """How many events there may be; a choice counts both arms."""
    events = sum(2 if each.operation == OPERATIONS[-1] else 1 for each in events_of(body))
    return events + text_of(body).count("g = ")


def _declares(statement: Statement, declared: set[str]) -> bool:
    """Whether it speaks of what is declared only; adds what it declares."""
    match statement:
        case Event(_, operands, local):
            known = all(_known(each, declared) for each in operands)
            declared |= {local} if local is not None else set()
            return known
        case Assign(local, value):
            return local in declared and _known(value, declared)
        case Note():
            return True
        case Demand(value):
            return _known(value, declared)
        case Choice(condition, then, other):
            inner = [set(declared), set(declared)]
            arms = zip((then, other), inner, strict=True)
            return _known(condition, declared) and all(_declares(each, names) for arm, names in arms for each in arm)


def _known(word: Word, declared: set[str]) -> bool:
    match word:
        case int():
            return True
        case str():
            return word in declared
        case (_, left, right):
            return _known(left, declared) and _known(right, declared)


def compare(case: Case) -> tuple[str, list[int] | None]:
    """The tool's verdict, and of a `proved` a stream that tells the two apart."""
    told = results_of(case.text())
    assert told is not None, case.text()
    (found,) = [each for each in told if each.property.startswith("equivalent")]
    assert found.verdict != "unknown" or "internal error" not in str(found.reason), case.text()
    return found.verdict, case.apart() if found.verdict == "proved" else None


def is_needless(case: Case, verdict: str) -> bool:
    """Whether the tool refutes what no stream tells apart."""
    return verdict == "refuted" and case.apart() is None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--after", action="store_true")
    options = parser.parse_args()
    every: Iterator[Case] = later_cases(options.seed) if options.after else cases(options.seed)
    counted: Counter[str] = Counter()
    wrong = 0
    for _, case in zip(range(options.cases), every, strict=False):
        verdict, stream = compare(case)
        counted[verdict] += 1
        if stream is not None or options.after and is_needless(case, verdict):
            wrong += 1
            print(f"{verdict} is wrong, on {stream}:\n{case.text()}")
    print(", ".join(f"{count} {verdict}" for verdict, count in counted.most_common()), f"; {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
