"""Random theorems with assumptions anywhere, expressions that may be undefined, and steps that set several words from
one input; what the tool says of them is compared with a walk through all executions that shares no code with it.

    python -m tests.differential.assumed --cases 2000 --seed 1 [--seconds 60] [--relies] [--quickly]

An entry has two bits that matter, a layout's invariant keeps the others 0; there are a bool ghost and a word ghost. A
verdict is wrong where it is proved and some execution violates it, or none gets to what it speaks of; and refuted where
no execution does and the invariants are kept. A rely changes no execution: with one, the same is asked.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .assumed_cases import VALUES, Case, Expression, Place, Statement, cases
from .tool import results_of

MOST_CONFIGURATIONS = 5_000
PER_EVENT = ("preserves", "changes")

# The walk


@dataclass(frozen=True)
class At:
    """A configuration: the start, what is shared, the locals, the bits of each own change, and whether one wrote."""

    start: tuple
    state: tuple
    locals: tuple
    changes: tuple = ()
    wrote: bool = False
    after: int = 0


class TooMany(Exception):
    pass


class Walk:
    """All executions, as sets of configurations. `broken` are the claims that some execution violates, `subject` those
    of which it gets to what they speak of. `loose` are those that some execution may violate unseen: with a mask that
    is not known before the end, one that does not get there."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.valid = [value for value in VALUES if Place({"spte": value})(case.invariant)]
        self.broken: set[str] = set()
        self.subject: set[str] = set()
        self.masks: dict[str, list[tuple]] = {}
        self.next: dict[tuple, frozenset] = {}
        self.truths = (0, 1) if "g" in case.ghosts else (0,)
        self.records = VALUES if "rec" in case.ghosts else (0,)
        self.faulty = self._faulty()
        masks = [kind for kind, *parts in case.claims if kind in PER_EVENT and _names_in(parts[0]) - {"x"}]
        self.loose = {"refines", *masks}

    def _faulty(self) -> bool:
        """Whether an agent may meet something undefined."""
        place = Place({})
        for spte in self.valid:
            for rest in [(g, rec, m) for g in self.truths for rec in self.records for m in VALUES]:
                list(self._steps((spte, *rest[:2]), place, [rest[2]]))
        return bool(place.faults)

    def _steps(self, state: tuple, place: Place, inputs=VALUES) -> Iterator[tuple]:
        for saw, when, sets in self.case.steps:
            for m in inputs:
                place.values = dict(zip(("spte", "g", "rec"), state, strict=True)) | {"m": m}
                seen = [saw is None or Place({"spte": each}, place.faults)(saw) for each in self.valid]
                if place(when) and any(seen):
                    for name, value in sets:
                        place.values[name] = place(value)
                    yield place.values["spte"], place.values["g"], place.values["rec"]

    def reached(self, state: tuple) -> frozenset:
        if state not in self.next:
            found, waiting = {state}, [state]
            while waiting:
                for each in self._steps(waiting.pop(), Place({})):
                    if each not in found:
                        found.add(each)
                        waiting.append(each)
            self.next[state] = frozenset(found)
        return self.next[state]

    def run(self) -> None:
        here = set()
        for spte in self.valid:
            for state in [(spte, g, rec) for g in self.truths for rec in self.records]:
                here |= {At(state, state, (("x", x),), after=spte) for x in VALUES}
        for each in here:
            self._instant(each)
        ended = {
            self._moved(each, state) for each in self._block(self.case.body, here) for state in self.reached(each.state)
        }
        for each in ended:
            self._end(each)

    def _moved(self, at: At, state: tuple) -> At:
        return At(at.start, state, at.locals, at.changes, at.wrote, at.after)

    def _arrived(self, here: set[At]) -> set[At]:
        found = {self._moved(each, state) for each in here for state in self.reached(each.state)}
        if len(found) > MOST_CONFIGURATIONS:
            raise TooMany
        for each in found:
            self._instant(each)
        return found

    def _instant(self, at: At) -> None:
        if at.state[0] not in self.valid:
            self.broken.add("keeps invariants")
        for kind, *parts in self.case.claims:
            if kind == "always":
                place = Place(
                    dict(at.locals) | {"now": at.state[0], "start": at.start[0], "g": at.state[1], "rec": at.state[2]}
                )
                if not place(parts[0]) or place.faults:
                    self.broken.add("always")

    def _place(self, at: At) -> Place:
        return Place(dict(at.locals))

    def _block(self, body: list[Statement], here: set[At], inside: bool = False) -> set[At]:
        for each in body:
            here = self._statement(each, here, inside)
        return here

    def _statement(self, s: Statement, here: set[At], inside: bool) -> set[At]:
        match s:
            case ("any", name):
                return {self._with(each, name, value) for each in here for value in VALUES}
            case ("let", name, value):
                return {self._with(each, name, self._value(each, value)) for each in here}
            case ("assume", condition):
                return {each for each in here if self._value(each, condition)}
            case ("assert", condition):
                held = [self._value(each, condition) for each in here]
                if not all(held):
                    self.broken.add("asserts hold")
                return here
            case ("if", condition, then, other):
                split: tuple[set[At], set[At]] = (set(), set())
                for each in here:
                    split[not self._value(each, condition)].add(each)
                return self._block(then, split[0], inside) | self._block(other, split[1], inside)
            case ("atomic", body):
                return self._atomic(body, self._arrived(here))
        here = here if inside else self._arrived(here)
        return {self._event(s, each, inside) for each in here}

    def _atomic(self, body: list[Statement], here: set[At]) -> set[At]:
        found = set()
        for each in here:
            before = At(each.start, each.state, each.locals, (), False, each.after)
            for after in self._block(body, {before}, True):
                made = At(each.start, after.state, after.locals, each.changes, each.wrote, each.after)
                found.add(self._noted(made, each.state, after.wrote))
        return found

    def _with(self, at: At, name: str, value: int) -> At:
        return At(at.start, at.state, (*at.locals, (name, value)), at.changes, at.wrote, at.after)

    def _value(self, at: At, value: Expression) -> int:
        place = self._place(at)
        found = place(value)
        if place.faults:
            self.broken.add("every expression is defined")
        return found

    def _event(self, s: Statement, at: At, inside: bool) -> At:
        spte, g, rec = at.state
        values = [self._value(at, each) for each in s[1:] if isinstance(each, tuple)]
        if s[0] == "set":
            state = (spte, values[0], rec) if s[1] == "g" else (spte, g, values[0])
            made = self._moved(at, state)
            return made if inside else self._noted(made, at.state, False)
        if s[0] == "cmpxchg":
            new = values[1] if spte == values[0] else spte
        else:
            new = {"read": lambda: spte, "fetch_and": lambda: spte & values[0]}.get(s[0], lambda: values[0])()
        made = self._moved(at, (new, g, rec))
        if s[0] != "write":
            made = self._with(made, s[1], spte)
        if inside:
            return At(made.start, made.state, made.locals, (), made.wrote or s[0] != "read", made.after)
        return self._noted(made, at.state, s[0] != "read")

    def _noted(self, at: At, before: tuple, writes: bool) -> At:
        """After an own event. Of its changes those are kept that may break a claim whose mask is known at the end."""
        changes = tuple(sorted({*at.changes, (before[0], at.state[0])})) if before[0] != at.state[0] else at.changes
        made = At(at.start, at.state, at.locals, changes, at.wrote or writes, at.state[0])
        self._instant(made)
        self._judged(made, before)
        if writes:
            self.subject |= {"preserves", "changes"}
        return made

    def _judged(self, at: At, before: tuple) -> None:
        """The properties of events whose masks are constants are judged at once, with or without an end."""
        for kind, *parts in self.case.claims:
            if kind in PER_EVENT and not _names_in(parts[0]) - {"x"}:
                self._per_event(at, kind, parts, [(before[0], at.state[0])])

    def _per_event(self, at: At, kind: str, parts: list, changes) -> None:
        place = self._place(at)
        mask = place(parts[0]) & (~place(parts[1]) if kind == "preserves" else -1)
        for before, after in changes:
            if (before & ~after & mask) if kind == "preserves" else (before ^ after) & ~mask:
                self.broken.add(kind)

    def _end(self, at: At) -> None:
        self._instant(at)
        self.subject |= {"ensures", "always", "that", "asserts hold", "every expression is defined", "keeps invariants"}
        if at.wrote:
            self.subject |= {"conserves", "refines"}
        for kind, *parts in self.case.claims:
            place = self._place(at)
            place.values |= {
                "start": at.start[0],
                "end": at.state[0],
                "after": at.after,
                "g": at.state[1],
                "rec": at.state[2],
            }
            if kind in ("ensures", "that"):
                if not place(parts[0]) or place.faults:
                    self.broken.add(kind)
            elif kind in PER_EVENT:
                place(parts[0])
                if place.faults:
                    self.broken.add(kind)
                self._per_event(at, kind, parts, at.changes)
            elif kind == "conserves":
                mask, into = place(parts[0]), place.values[parts[1]]
                if place.faults or any(before & ~after & mask & ~into for before, after in at.changes):
                    self.broken.add(kind)
            elif kind == "refines":
                self._refines(at, place(parts[0]), bool(place.faults))

    def _refines(self, at: At, value: int, faulty: bool) -> None:
        """Broken for sure where two events, or one to another value, changed something."""
        if faulty or len(at.changes) > 1 or any(after != value for _, after in at.changes):
            self.broken.add("refines")


def _names_in(e: object) -> set[str]:
    if not isinstance(e, tuple):
        return set()
    return {e[1]} if e[0] == "name" else set().union(*map(_names_in, e[1:]))


# Comparing


def compare(case: Case, quickly: bool = False) -> tuple[list[str], Counter]:
    """What is wrong, and how many verdicts of each kind there were. `quickly`, what is refuted is not looked at."""
    told = results_of(case.text(), quickly)
    if told is None:
        return [], Counter({"refused texts": 1})
    results = {each.property: each for each in told}
    try:
        walk = Walk(case)
        walk.run()
    except TooMany:
        return [], Counter({"too many configurations": 1})
    wrong, counts = [], Counter()
    sound = "agents are sound" not in results
    walk.loose |= {*results, *[each[0] for each in case.claims]} if quickly else set()
    for kind, result in zip([each[0] for each in case.claims], list(results.values()), strict=False):
        wrong += _wrong(kind, result.verdict, walk, sound, counts)
    for each in ("asserts hold", "every expression is defined", "keeps invariants"):
        if each in results:
            wrong += _wrong(each, results[each].verdict, walk, sound, counts)
        elif each in walk.broken and any(result.verdict != "unknown" for result in results.values()):
            wrong.append(f"{each}: not asked")
    return wrong, counts


def _wrong(kind: str, verdict: str, walk: Walk, sound: bool, counts: Counter) -> Iterator[str]:
    counts[verdict] += 1
    if verdict in ("proved", "vacuous") and kind in walk.broken and (sound or not walk.faulty):
        yield f"{kind}: {verdict}, and some execution violates it"
    if verdict == "proved" and kind not in walk.subject:
        yield f"{kind}: proved, and nothing gets there"
    if verdict == "vacuous" and kind in walk.subject:
        yield f"{kind}: vacuous, and something gets there"
    kept = "keeps invariants" not in walk.broken and not walk.faulty
    if verdict == "refuted" and kind not in walk.broken and kept and kind not in walk.loose:
        yield f"{kind}: refuted, and no execution violates it"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--relies", action="store_true")
    parser.add_argument("--quickly", action="store_true", help="without counterexamples")
    parsed = parser.parse_args()
    started, total, found = time.monotonic(), Counter(), 0
    for number, case in zip(range(parsed.cases), cases(parsed.seed, parsed.relies), strict=False):
        if time.monotonic() - started > parsed.seconds:
            break
        wrong, counts = compare(case, parsed.quickly)
        total += counts
        if wrong:
            found += 1
            print(f"// case {number}: {'; '.join(wrong)}\n{case.text()}")
    print(f"{number + 1} cases, {found} with differences, {dict(total)}")


if __name__ == "__main__":
    main()
