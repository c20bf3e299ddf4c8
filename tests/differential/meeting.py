"""Random theorems where features meet: threads, retries, helpers with asserts and references, agents that are programs
of several events with arguments, locks, ghosts, eras, choices and symbolic bits. All executions over two bits are walked.

    python -m tests.differential.meeting --seconds 600 --seed 1 [--number 17]

A verdict is wrong where it is proved or vacuous and some execution violates the claim, proved and nothing gets to what it
speaks of, or vacuous and something does. What is refuted is not looked at: the tool replays that itself.
"""

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

from .meeting_cases import LAYOUTS, Case, Grower, Tree, excludes
from .meeting_machine import Program, State, changes, function
from .meeting_text import lines_of
from .tool import results_of

MOST, SLOW = 60_000, 2.0
WRITING = ("preserves", "changes", "resurrects", "conserves", "exactly")


class TooMany(Exception):
    pass


class Slow(BaseException):
    """The tool takes long over a text."""


class Walk:
    """All executions with the masks' and parameters' `meanings`. `broken` and `subject` are numbers of claims, or
    "keeps" and "asserts"; `faulty`, an agent's assert may fail."""

    def __init__(self, case: Case, era: str | None, meanings: dict[str, int]) -> None:
        self.case, self.meanings = case, meanings
        touch, self.odd, other = case.members[era]
        self.helpers = {**case.helpers, "touch": touch}
        self.every = sorted({each & meanings["ALL"] for each in range(4)})
        kept = self.program({}).value(case.invariant, {"spte": "x"}) if case.invariant else "True"
        self.valid = [each for each in self.every if function("x", kept)(each)]
        self.agents = {each.name: each for each in [*case.agents, other]}
        self.faulty, self.next = False, {}
        self._environment()
        self.names = {"a": 0, "c": 1, "p": 2}
        self.scope = {name: f"L[{slot}]" for name, slot in self.names.items()}
        self.parts = [[case.first], case.threads, [case.last]]
        self.programs = [[self._compiled(each) for each in part] for part in self.parts]
        self.said = str(case.claims)
        self.broken: set[Any] = set()
        self.subject: set[Any] = set()
        self.masks = [self._mask(each) for each in case.claims]
        self.truths = [self._truth(each) for each in case.claims]

    def program(self, names: dict[str, int], **more: int) -> Program:
        return Program(names, {**self.meanings, **more}, self.helpers, self.odd)

    def _compiled(self, body: list[Tree]) -> Program:
        made = self.program(self.names)
        made.block(body, self.scope)
        return made

    def _environment(self) -> None:
        uses = self.case.uses
        if self.case.everybody:
            free = [each for each in self.agents.values() if not excludes(self.case.locks, each.locks)]
            uses = [(each.name, [("word", "m"), ("b",)][: each.takes]) for each in free]
        pairs: set[tuple[State, State]] = set()
        for name, given in uses:
            plain = self.program({})
            values = [int(eval(plain.value(each, {}))) for each in given]
            bound = self.program({}, **dict(zip(["m", "b"], values, strict=False)))
            found, failed = changes(self.agents[name], bound, self.valid, self.every)
            pairs |= found
            self.faulty = self.faulty or failed
        for before, after in pairs:
            if before != after:
                self.next.setdefault(before, []).append(after)

    # Claims: what is kept of an execution so far, one number each

    def _mask(self, claim: Tree) -> int:
        if claim[0] not in WRITING:
            return 0
        program = self.program({})
        mask, but = eval(program.value(claim[1], {})), 0
        if claim[0] == "preserves":
            but = eval(program.value(claim[2], {}))
        return mask & ~but

    def _truth(self, claim: Tree):
        if claim[0] in WRITING:
            return None
        scope = {**self.scope, "start": "start", "end": "x", "*sptep": "x", "after": "after", "g": "g"}
        scope |= {f"cleared({name})": f"(cleared & {self.meanings[name]})" for name in "WD"}
        return function("start, x, g, after, cleared, L", self.program({}).value(claim[1], scope))

    def started(self, start: State) -> tuple[int, ...]:
        """After, cleared, what own events found, whether one wrote, then one for each claim."""
        return (start[0] if "'after'" in self.said else 0, 0, 0, 0, *[0] * len(self.masks))

    def at(self, start: int, state: State, kept: tuple[int, ...]) -> tuple[int, ...]:
        """At an instant."""
        if state[0] not in self.valid:
            self.broken.add("keeps")
        made = list(kept)
        for number, claim in enumerate(self.case.claims):
            if claim[0] == "always" and not self.truths[number](start, *state, 0, 0, ()):
                self.broken.add(number)
            if claim[0] in ("conserves", "exactly") and claim[2] == "g" and state[1]:
                made[4 + number] = 0
        return tuple(made)

    def happened(self, before: int, after: int, writes: bool, on: bool, kept: tuple[int, ...]) -> tuple[int, ...]:
        _, cleared, seen, wrote, *claims = kept
        gone = before & ~after
        for number, (claim, mask) in enumerate(zip(self.case.claims, self.masks, strict=True)):
            lost = {"preserves": gone & mask, "changes": (before ^ after) & ~mask}.get(claim[0], 0)
            if claim[0] == "resurrects":
                lost = after & ~before & claims[number] & mask
                claims[number] = claims[number] & ~gone | after
            elif claim[0] in ("conserves", "exactly"):
                claims[number] |= gone & mask
            if lost:
                self.broken.add(number)
            if writes and claim[0] in ("preserves", "changes", "resurrects"):
                self.subject.add(number)
        said = self.said
        seen = seen | (before if on and "'exactly'" in said else 0)
        return (after if "'after'" in said else 0, cleared | gone if "cleared" in said else 0, seen, wrote | writes, *claims)

    def ended(self, start: int, state: State, values: tuple[int, ...], kept: tuple[int, ...]) -> None:
        after, cleared, seen, wrote, *claims = kept
        for number, claim in enumerate(self.case.claims):
            if claim[0] not in WRITING or wrote and claim[0] in ("conserves", "exactly"):
                self.subject.add(number)
            if claim[0] in ("ensures", "that") and not self.truths[number](start, *state, after, cleared, values):
                self.broken.add(number)
            if claim[0] in ("conserves", "exactly"):
                into = state[1] if claim[2] == "g" else values[self.names[claim[2]]]
                truth = claim[2] in ("g", "p")
                held = (3 if into else 0) if truth and claim[2] != "g" else 0 if truth else into
                more = bool(into) and not seen & self.masks[number] if truth else into & self.masks[number] & ~seen
                if claims[number] & ~held or claim[0] == "exactly" and more:
                    self.broken.add(number)

    # Executions

    def run(self) -> None:
        used = "'start'" in self.said
        waiting, seen = [], set()
        for x, g in product(self.valid, (False, True)):
            first = (x if used else 0, (x, g), self.at(x, (x, g), self.started((x, g))))
            waiting += [(*first, *each) for each in self._phase(0, (0,) * len(self.names))]
        while waiting:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            if len(seen) > MOST:
                raise TooMany
            start, state, kept, phase, places, values = here
            for other in self.next.get(state, ()):
                waiting.append((start, other, self.at(start, other, kept), phase, places, values))
            if phase == len(self.programs):
                self.ended(start, state, values, kept)
                continue
            waiting += self._own(*here)
        if any(each.failed for part in self.programs for each in part):
            self.broken.add("asserts")

    def _own(self, start, state, kept, phase, places, values) -> Iterator[tuple]:
        for number, program in enumerate(self.programs[phase]):
            at = places[number]
            if at == len(program.code):
                continue
            for after, left, writes, on in program.code[at][1](*state, values):
                noted = self.happened(state[0], after[0], writes, on, kept)
                noted = self.at(start, after, noted)
                for place, settled in program.settled(at + 1, left):
                    moved = (*places[:number], place, *places[number + 1 :])
                    for each in self._onward(phase, moved, settled):
                        yield (start, after, noted, *each)

    def _phase(self, phase: int, values: tuple[int, ...]) -> Iterator[tuple]:
        """Where one may stand when a phase begins: its number, the places of its programs, the locals."""
        if phase == len(self.programs):
            yield phase, (), values
            return
        found = [((), values)]
        for program in self.programs[phase]:
            found = [((*places, at), left) for places, each in found for at, left in program.settled(0, each)]
        for places, each in found:
            yield from self._onward(phase, places, each)

    def _onward(self, phase: int, places: tuple[int, ...], values: tuple[int, ...]) -> Iterator[tuple]:
        done = all(at == len(each.code) for at, each in zip(places, self.programs[phase], strict=True))
        if done:
            yield from self._phase(phase + 1, values)
        else:
            yield phase, places, values


# Comparing


def walked(case: Case, era: str | None, choice: str | None) -> list[Walk]:
    """One for each placement, and each value of the parameters."""
    found = []
    for d in LAYOUTS[case.layout][1]:
        meanings = {"W": 1, "D": d, "ALL": 1 | d, "true": 1, "false": 0}
        words = [meanings[choice]] if choice else sorted({each & meanings["ALL"] for each in range(4)})
        for m, b in product(words, (0, 1)) if not (choice == "D" and not d) else ():
            walk = Walk(case, era, {**meanings, "m": m, "b": b})
            walk.run()
            found.append(walk)
    return found


@contextmanager
def limited():
    def stop(number, frame):
        raise Slow

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SLOW)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def compare(case: Case) -> tuple[list[str], Counter]:
    """What is wrong, and how many verdicts of each kind there were."""
    lines = lines_of(case)
    try:
        with limited():
            told = results_of("\n".join(lines), quickly=True)
    except Slow:
        return [], Counter({"slow texts": 1})
    if told is None:
        return [], Counter({"texts refused": 1})
    wrong, counts = [], Counter({"texts": 1})
    instances: dict[tuple, list] = {}
    for each in told:
        instances.setdefault((each.era, each.params.get("m")), []).append(each)
    for (era, choice), results in instances.items():
        try:
            walks = walked(case, era, choice)
        except TooMany:
            counts["too many configurations"] += 1
            continue
        first = len(lines) - len(case.claims)
        said = {each.property for each in results}
        decided = any(each.verdict != "unknown" for each in results)
        for words, key in (("agents are sound", "faulty"), ("asserts hold", "asserts"), ("keeps invariants", "keeps")):
            if words not in said and decided and any(w.faulty if key == "faulty" else key in w.broken for w in walks):
                if not (key == "keeps" and all(each.verdict == "vacuous" for each in results)):
                    wrong.append(f"{words}: not asked, in {era} with {choice}")
        for each in results:
            key = {"asserts hold": "asserts", "keeps invariants": "keeps"}.get(each.property, each.place.line - first)
            counts[each.verdict] += 1
            counts["refuted, and the walk shows it"] += each.verdict == "refuted" and any(key in w.broken for w in walks)
            if each.property not in ("agents are sound", "every expression is defined"):
                wrong += [f"{each.property}: {why}, in {era} with {choice}" for why in _wrong(each.verdict, key, walks)]
    return wrong, counts


def _wrong(verdict: str, key: Any, walks: list[Walk]) -> Iterator[str]:
    if verdict in ("proved", "vacuous") and any(key in each.broken for each in walks):
        yield f"{verdict}, and some execution violates it"
    if isinstance(key, int):
        reached = any(key in each.subject for each in walks)
        if verdict == "proved" and not reached:
            yield "proved, and nothing gets there"
        if verdict == "vacuous" and reached:
            yield "vacuous, and something gets there"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int)
    asked = parser.parse_args()
    end, number, total, met = time.monotonic() + asked.seconds, asked.number or 0, Counter(), 0
    while time.monotonic() < end:
        case = Grower(f"{asked.seed} {number}").case()
        wrong, counts = compare(case)
        total += counts
        if wrong:
            met += 1
            print(f"// seed {asked.seed}, number {number}: {'; '.join(wrong)}", *lines_of(case), sep="\n", flush=True)
        if asked.number is not None:
            break
        number += 1
    print(f"{dict(total)}, {met} with differences")
    return 1 if met else 0


if __name__ == "__main__":
    sys.exit(main())
