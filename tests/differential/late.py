"""Assumptions that may be late: what the grammar lets pass is run with what was read early held fast.

    python -m tests.differential.late --texts 2000 --seed 1

Each program is run several times on the same parameters, inputs and values read before its first write to an entry; what
is read at that write and after it, and whose turn it is among threads, is new each time. Where one run passes all its
assumptions and another does not, an assumption chooses among outcomes, and the grammar must refuse the text. How often
it refuses what no such run shows is counted only: a branch on a late value is late, whatever its arms do.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import count, product
from random import Random

from .late_programs import (
    CHANGES,
    NOTES,
    PARAMETERS,
    Assume,
    Block,
    Call,
    Case,
    Do,
    Grower,
    If,
    Put,
    Return,
    Statement,
    Threads,
    Truth,
    Word,
    text_of,
)
from .tool import errors_of

EARLY, LATE, MOST_ITERATIONS = 3, 6, 12
VALUES = [0, 1, 1, 5]
Local = list[int]
Locals = dict[str, Local]
Steps = Generator[None, None, None]


class Stopped(Exception):
    """An assumption does not hold."""


class Endless(Exception):
    """A loop goes on."""


class Returned(Exception):
    def __init__(self, value: bool) -> None:
        self.value = value


class Run:
    """One execution. An input, and what the n-th read of a thread finds early, is the same in each run on one `early`."""

    def __init__(self, case: Case, parameters: dict[str, int], early: int, late: Random) -> None:
        self.helpers, self.parameters, self.early, self.late = case.helpers, parameters, early, late
        self.wrote = self.threaded = False
        self.thread, self.reads = "", Counter[str]()
        self.locals: Locals = {"p": [0], "q": [0], "z": [1]}

    def passes(self, body: Sequence[Statement]) -> bool | None:
        """Whether all its assumptions hold; None where it does not end."""
        try:
            for _ in self.run(body, self.locals):
                pass
        except Stopped:
            return False
        except Endless:
            return None
        return True

    def truth(self, truth: Truth, known: Locals) -> bool:
        return bool(self.parameters[truth]) if isinstance(truth, str) else known[truth[1]][0] == 1

    def word(self, word: Word, known: Locals) -> int:
        match word:
            case int():
                return word
            case str():
                return known[word][0]
            case (truth, left, right):
                return self.word(left if self.truth(truth, known) else right, known)

    def found(self) -> int:
        """A value that is read."""
        self.reads[self.thread] += 1
        early = f"{self.early} {self.thread} {self.reads[self.thread]}"
        return (self.late if self.wrote else Random(early)).choice(VALUES)

    def run(self, body: Sequence[Statement], known: Locals) -> Steps:
        for statement in body:
            match statement:
                case Put(local, "", value):
                    known[local][0] = self.word(value, known)
                case Put(local, "any", number):
                    known[local][0] = Random(f"{self.early} any {number}").choice(VALUES)
                case Put(local, operation):
                    yield
                    self.wrote = self.wrote or operation in CHANGES
                    found = self.found()
                    known[local][0] = min(found, 1) if operation == "test_bit" else found
                case Do(operation):
                    yield
                    self.wrote = self.wrote or operation not in NOTES or self.threaded
                case Assume(condition):
                    if not self.truth(condition, known):
                        raise Stopped
                case If(condition, then, other):
                    yield from self.run(then if self.truth(condition, known) else other, known)
                case Return(value):
                    raise Returned(value if isinstance(value, bool) else self.truth(value, known))
                case Call():
                    yield from self.call(statement, known)
                case Block(inner, until):
                    yield from self.block(inner, until, known)
                case Threads(threads):
                    yield from self.threads(threads, known)

    def block(self, body: Sequence[Statement], until: Truth | None, known: Locals) -> Steps:
        for _ in range(MOST_ITERATIONS):
            yield from self.run(body, known)
            if until is None or self.truth(until, known):
                return
        raise Endless

    def threads(self, threads: Sequence[Sequence[Statement]], known: Locals) -> Steps:
        self.threaded = True
        waiting = {str(number): self.run(each, known) for number, each in enumerate(threads)}
        while waiting:
            self.thread = self.late.choice(list(waiting))
            try:
                next(waiting[self.thread])
            except StopIteration:
                del waiting[self.thread]
        self.thread, self.threaded = "", False
        yield

    def call(self, call: Call, known: Locals) -> Steps:
        """What stands beside it decides whether it happens."""
        first = known[call.given[0]]
        beside = call.kind not in ("plain", "value") and self.truth(call.condition, known)
        if call.kind in ("plain", "value") or beside == (call.kind != "or"):
            result = True
            try:
                inner = dict(zip("xy", (known[each] for each in call.given), strict=True))
                yield from self.run(self.helpers[call.helper], inner)
            except Returned as told:
                result = told.value
            if call.kind == "value" or call.kind == "if" and result:
                first[0] = int(result)


def chooses(case: Case, chance: Random) -> bool:
    """Whether some runs that differ in what is late differ in whether their assumptions hold."""
    for values in product((0, 1), repeat=len(PARAMETERS)):
        parameters = dict(zip(PARAMETERS, values, strict=True))
        for _ in range(EARLY):
            early, told = chance.randrange(1 << 30), set()
            for _ in range(LATE):
                told.add(Run(case, parameters, early, Random(chance.randrange(1 << 30))).passes(case.body))
            if {True, False} <= told:
                return True
    return False


def refused(text: str) -> bool | None:
    """Whether the grammar calls an assumption late; None where it has something else against the text."""
    errors = errors_of(text)
    return bool(errors) if errors <= {"assume.late:value", "assume.late:thread"} else None


def cases(seed: int) -> Iterator[Case]:
    """Without end, the same for the same seed."""
    for number in count():
        yield Grower(Random(f"{seed} {number}")).case()


def compare(case: Case, chance: Random, refuses: Callable[[str], bool | None] = refused) -> tuple[str, bool]:
    """What becomes of a text, and whether it is wrong."""
    told = refuses(text_of(case))
    if told is None:
        return "wrong otherwise", False
    chosen = chooses(case, chance)
    kind = f"{'refused' if told else 'passed'}, {'chooses' if chosen else 'chooses nothing'}"
    return kind, chosen and not told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", action="store_true", help="stop at the first that is wrong")
    options = parser.parse_args()
    counted: Counter[str] = Counter()
    met = 0
    for number, case in zip(range(options.texts), cases(options.seed), strict=False):
        kind, wrong = compare(case, Random(number))
        counted[kind] += 1
        if wrong:
            met += 1
            print(f"// {number}: passed, and an assumption chooses among outcomes\n{text_of(case)}", flush=True)
            if options.first:
                break
    print(", ".join(f"{many} {kind}" for kind, many in counted.most_common()), f"; {met} wrong")
    return 1 if met else 0


if __name__ == "__main__":
    raise SystemExit(main())
