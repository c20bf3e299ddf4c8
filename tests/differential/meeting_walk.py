"""One walk through all executions of a case of `meeting_cases.py`, and what becomes of its claims."""

from collections import deque
from collections.abc import Iterator
from itertools import product
from typing import Any

from .meeting_cases import Case, Tree, excludes
from .meeting_machine import Program, State, changes, function

MOST = 60_000
WRITING = ("preserves", "changes", "resurrects", "conserves", "exactly")


class TooMany(Exception):
    pass


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
        self.programs = [[self._compiled(each, n) for n, each in enumerate(part)] for part in self.parts]
        self.said = str(case.claims)
        self.broken: set[Any] = set()
        self.subject: set[Any] = set()
        self.masks = [self._mask(each) for each in case.claims]
        self.truths = [self._truth(each) for each in case.claims]
        self.outcomes: dict[tuple, None] = {}
        self.instants: dict[tuple, None] = {}

    def program(self, names: dict[str, int], **more: int) -> Program:
        return Program(names, {**self.meanings, **more}, self.helpers, self.odd)

    def _compiled(self, body: list[Tree], whose: int) -> Program:
        made = self.program(self.names)
        made.whose = f" {whose}"
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
        self.instants.setdefault((start, *state))
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
        return (
            after if "'after'" in said else 0,
            cleared | gone if "cleared" in said else 0,
            seen,
            wrote | writes,
            *claims,
        )

    def ended(self, start: int, state: State, values: tuple[int, ...], kept: tuple[int, ...]) -> None:
        after, cleared, seen, wrote, *claims = kept
        self.outcomes.setdefault((start, *state, *values[:3]))
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
        waiting, seen = deque[tuple](), set()
        for x, g in product(self.valid, (False, True)):
            first = (x, (x, g), self.at(x, (x, g), self.started((x, g))))
            waiting += [(*first, *each) for each in self._phase(0, (0,) * len(self.names))]
        while waiting:
            here = waiting.popleft()
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
