"""Random pairs of helpers: what the tool proves to be `equivalent` is tried on every stream of values.

    python -m tests.differential.equivalents --cases 2000 --seed 1

Entries have three bits that matter. A pair is a helper and a copy with one statement gone or moved, or two helpers of
their own; others may leave anything that the invariants allow, or what an agent's steps lead to, or nobody runs. The
walk shares no code with the tool. A `proved` for which some stream tells the two apart is wrong.
"""

import argparse
import random
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

    def __init__(self, program: Program, stream: Sequence[int], alone: bool) -> None:
        self.stream, self.alone, self.now = stream, alone, stream[0]
        self.left: list[int] = []
        self.changes: list[int] = []
        self.noted: bool | None = None
        self.result: int | None = None
        self.locals: dict[str, int] = {}
        self.unused = dead_reads(program)
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
                left, right = (Run(each, stream, self.agent is None) for each in (self.left, self.right))
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


def cases(seed: int) -> Iterator[Case]:
    """Without end, the same for the same seed."""
    rng = random.Random(seed)
    while True:
        left = Writer(rng, "v").program()
        right = changed(left, rng) if rng.random() < 0.75 else Writer(rng, "v").program()
        declared: set[str] = set()
        if max(_size(left.body), _size(right.body)) > MOST_EVENTS:
            continue
        if all(_declares(each, declared) for each in right.body) and _known(right.result, declared):
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counted: Counter[str] = Counter()
    wrong = 0
    for _, case in zip(range(options.cases), cases(options.seed), strict=False):
        verdict, stream = compare(case)
        counted[verdict] += 1
        if stream is not None:
            wrong += 1
            print(f"wrong, on {stream}:\n{case.text()}")
    print(", ".join(f"{count} {verdict}" for verdict, count in counted.most_common()), f"; {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
