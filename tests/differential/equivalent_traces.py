"""Pairs of helpers with references, calls, inputs, `atomic` and early returns: what is proved `equivalent` leaves the same
traces.

    python -m tests.differential.equivalent_traces --seconds 60 --seed 1

A trace is what others and the call did to an entry of two bits, in order, and what the call gave: its result, the locals
that it is given by reference, a ghost. What it only reads is seen by nobody, so no account is taken of which reads count.
A pair that is proved and has a trace of one which the other cannot leave is wrong, and so is one that may fail an assert.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Generator, Sequence
from itertools import product
from typing import Any

from .equivalent_trees import OPERATIONS, Body, Case, Helper, cases
from .tool import results_of

MOST_STREAMS = 4000


# The walk


class Failed(Exception):
    """An assert fails."""


class TooMany(Exception):
    """There are more streams than are walked."""


class Returned(Exception):
    def __init__(self, value: int) -> None:
        self.value = value


Locals = dict[str, list[int]]
Steps = Generator[None, None, int]


class Run:
    """The theorem's statements and a call. Each event waits for what it finds: it yields, and reads `entry`."""

    def __init__(self, case: Case, helper: Helper, b: int, inputs: Sequence[int], g: bool) -> None:
        self.case, self.helper, self.b, self.inputs, self.g = case, helper, b, iter(inputs), g
        self.entry, self.inside = 0, False
        self.own: Locals = {"p": [0], "r": [b]}

    def go(self) -> Generator[None, None, tuple[Any, ...]]:
        yield from self.run(self.case.before, self.own)
        known = {"b": [self.b], "x": self.own["p"], "z": self.own["r"]}
        result = yield from self.whole(self.helper, known)
        return result, self.own["p"][0], self.own["r"][0], self.g

    def whole(self, helper: Helper, known: Locals) -> Steps:
        try:
            yield from self.run(helper[0], known)
        except Returned as told:
            return told.value
        return self.word(helper[1], known)

    def word(self, word: Any, known: Locals) -> int:
        match word:
            case int():
                return word
            case str():
                return known[word][0]
            case ("!", inner):
                return int(not self.word(inner, known))
            case (operator, left, right):
                x, y = self.word(left, known), self.word(right, known)
                return x & y if operator == "&" else x | y if operator == "|" else x ^ y
        raise AssertionError(word)

    def arrive(self) -> Generator[None, None, None]:
        if not self.inside:
            yield

    def run(self, body: Body, known: Locals) -> Generator[None, None, None]:
        for statement in body:
            match statement:
                case ("event", operation, operands, local):
                    values = [self.word(each, known) for each in operands]
                    yield from self.arrive()
                    found, self.entry = self.entry, OPERATIONS[operation][1](self.entry, values)
                    known.setdefault(local, [0])[0] = found
                case ("try", flag, local, new):
                    value = self.word(new, known)
                    yield from self.arrive()
                    hit = self.entry == known[local][0]
                    known[local][0], self.entry = self.entry, value if hit else self.entry
                    known.setdefault(flag, [0])[0] = int(hit)
                case ("set" | "declare", local, word):
                    known.setdefault(local, [0])[0] = self.word(word, known)
                case ("any", local):
                    known[local] = [next(self.inputs)]
                case ("if", word, then, other):
                    yield from self.run(then if self.word(word, known) else other, dict(known))
                case ("return", word):
                    raise Returned(self.word(word, known))
                case ("atomic", inner):
                    yield from self.arrive()
                    self.inside = True
                    yield from self.run(inner, dict(known))
                    self.inside = False
                case ("call", local, number, word, given):
                    result = yield from self.whole(
                        self.case.subs[number], {"m": [self.word(word, known)], "y": known[given]}
                    )
                    known.setdefault(local, [0])[0] = result
                case ("note", value):
                    yield from self.arrive()
                    self.g = bool(known[value][0]) if isinstance(value, str) else value
                case ("assert", word):
                    if not self.word(word, known):
                        raise Failed


Trace = tuple[Any, ...]


def traces(case: Case, helper: Helper, b: int, inputs: Sequence[int], g: bool) -> dict[Trace, set[int]]:
    """What was done up to the call's last change, and what it gave: with the entries that others may have left by the
    time that it ends."""
    found: dict[Trace, set[int]] = {}
    waiting, count = [(start, [each]) for start in case.valid() for each in case.reached(start)], 0
    while waiting:
        (start, stream), count = waiting.pop(), count + 1
        if count > MOST_STREAMS:
            raise TooMany
        run, moves, left = Run(case, helper, b, inputs, g), [("start", start)], start
        steps, done = run.go(), []
        try:
            next(steps)
            for value in stream:
                if value != left:
                    moves = [each for each in moves if each is not moves[-1] or each[0] != "others"]
                    moves += [] if moves[-1][1] == value else [("others", value)]
                run.entry = value
                done.append(value)
                try:
                    next(steps)
                finally:
                    if run.entry != value:
                        moves.append(("own", run.entry))
                    left = run.entry
            waiting += [(start, [*stream, each]) for each in case.reached(left)]
        except StopIteration as ended:
            if len(done) < len(stream) and len(stream) > 1:
                continue
            now = left
            while moves[-1][0] == "others":
                moves.pop()
            found.setdefault((tuple(moves), ended.value), set()).add(now)
    return found


def apart(case: Case) -> str | None:
    """How the two can be told apart, or fail an assert; None where they cannot. Raises TooMany."""
    for b, g in product((0, 1), (False, True)):
        for inputs in product((0, 1, 2), repeat=min(2, str(case).count("'any'"))):
            given = [*inputs, *[0, 1, 2, 3] * 3]
            try:
                left, right = (traces(case, each, b, given, g) for each in (case.left, case.right))
            except Failed:
                return f"an assert fails, b = {b}, inputs {inputs}"
            for ours, theirs in ((left, right), (right, left)):
                for trace, ends in ours.items():
                    others = {end for each in theirs.get(trace, ()) for end in case.reached(each)}
                    if not ends <= others:
                        return f"{trace}, {ends - others}, b = {b}, g = {g}, inputs {inputs}"
    return None


def compare(case: Case) -> tuple[str, str | None]:
    """The tool's verdict, and how a pair that is proved can be told apart."""
    told = results_of(case.text(), quickly=True)
    if told is None:
        return "rejected", None
    (found,) = [each for each in told if each.property.startswith("equivalent")]
    assert found.verdict != "unknown" or "internal error" not in str(found.reason), case.text()
    return found.verdict, apart(case) if found.verdict == "proved" else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    end, counted, met = time.monotonic() + options.seconds, Counter[str](), 0
    for case in cases(options.seed):
        if time.monotonic() > end:
            break
        try:
            verdict, why = compare(case)
        except TooMany:
            verdict, why = "proved, too many streams", None
        counted[verdict] += 1
        if why is not None:
            met += 1
            print(f"// {sum(counted.values())}: proved, and {why}\n{case.text()}", flush=True)
    print(", ".join(f"{many} {verdict}" for verdict, many in counted.most_common()), f"; {met} wrong")
    return 1 if met else 0


if __name__ == "__main__":
    sys.exit(main())
