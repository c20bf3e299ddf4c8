"""One walk through all executions of a case of `meeting_cases.py`, and what becomes of its claims."""

from collections import deque
from collections.abc import Iterator
from typing import Any

from .meeting_cases import Agent, Case, Tree, assigned, entry_of, excludes
from .meeting_machine import STATE, Program, State, changes, function

NONE: State = (0, False, 0, 0)
BIT = {0: 1, 2: 2}
WRITING = ("preserves", "changes", "resurrects", "conserves", "exactly")


class TooMany(Exception):
    pass


class Walk:
    """All executions with the masks' and parameters' `meanings`. `broken` and `subject` are numbers of claims, or
    "keeps" and "asserts"; `faulty`, an agent's assert may fail."""

    alone: Any = ()
    most = 60_000

    def __init__(self, case: Case, era: str | None, meanings: dict[str, int]) -> None:
        self.case, self.meanings = case, meanings
        touch, self.odd, other = case.members[era]
        self.helpers = {**case.helpers, "touch": touch}
        self.every = sorted({each & meanings["ALL"] for each in range(4)})
        kept = self.program({}).value(case.invariant, {"spte": "x"}) if case.invariant else "True"
        self.valid = [each for each in self.every if function("x", kept)(each)]
        further = self.every if case.further else [0]
        record = self.every if case.record else [0]
        self.states = [(x, g, y, w) for x in self.every for g in (False, True) for y in further for w in record]
        self.starts = [each for each in self.states if self.keeps(each)]
        self.agents = {each.name: each for each in [*case.agents, other]}
        self.faulty, self.next = False, dict[State, list[State]]()
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
        self.blocks = {n: self._compiled(each[1], 0) for n, each in enumerate(case.claims) if each[0] == "refines"}
        self.fits: dict[tuple, bool] = {}
        self.outcomes: dict[tuple, None] = {}
        self.instants: dict[tuple, None] = {}

    def keeps(self, state: State) -> bool:
        return state[0] in self.valid and (state[2] in self.valid or not self.case.further)

    def program(self, names: dict[str, int], **more: int) -> Program:
        return Program(names, {**self.meanings, **more}, self.helpers, self.odd)

    def _compiled(self, body: list[Tree], whose: int) -> Program:
        made = self.program(self.names)
        made.whose = f" {whose}"
        made.block(body, self.scope)
        return made

    @property
    def uses(self) -> list[tuple[str, list[Tree], str]]:
        if not self.case.everybody:
            return self.case.uses
        free = [each for each in self.agents.values() if not excludes(self.case.locks, each.locks)]
        return [(each.name, [("word", "m"), ("b",)][: each.takes], "") for each in free]

    def _environment(self) -> None:
        for each in self.uses:
            self.add_transitions(*each)

    def bound(self, name: str, given: list[Tree], on: str) -> tuple[Agent, Program]:
        """An agent, and a program with its parameters bound that holds nothing yet."""
        plain = self.program({})
        values = [int(eval(plain.value(each, {}))) for each in given]
        bound = self.program({}, **dict(zip(["m", "b"], values, strict=False)))
        bound.here = "y" if on else "x"
        return self.agents[name], bound

    def add_transitions(self, name: str, given: list[Tree], on: str) -> None:
        found, failed = changes(*self.bound(name, given, on), self.valid, self.states, self.starts)
        self.faulty = self.faulty or failed
        for before, after in found:
            if before != after and after not in self.next.setdefault(before, []):
                self.next[before].append(after)

    def others(self, state: State, around: Any) -> Iterator[tuple[State, Any]]:
        """What they may do next, and who of them is under way then."""
        for after in self.next.get(state, ()):
            yield after, around

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
        if claim[0] in WRITING or claim[0] == "refines":
            return None
        scope = {**self.scope, "start": "S[0]", "end": "x", "*sptep": "x", "after": "A[0]", "g": "g"}
        scope |= {"start(child)": "S[2]", "end(child)": "y", "*child": "y", "after(child)": "A[2]", "w": "w"}
        scope |= {f"cleared({name})": f"(C[0] & {self.meanings[name]})" for name in "WD"}
        scope |= {f"cleared({name}, child)": f"(C[2] & {self.meanings[name]})" for name in "WD"}
        return function(f"S, {STATE}, A, C, L", self.program({}).value(claim[1], scope))

    def started(self, start: State) -> tuple:
        """After, cleared, what own events found, which entries they wrote, then one for each claim."""
        parts = [(0, frozenset()) if each[0] == "refines" else 0 for each in self.case.claims]
        return (start if "after" in self.said else NONE, NONE, NONE, 0, *parts)

    def at(self, start: State, state: State, kept: tuple) -> tuple:
        """At an instant."""
        if not self.keeps(state):
            self.broken.add("keeps")
        made = list(kept)
        told = (start[0], *state[:2], *[start[2], state[2]] * self.case.further)
        self.instants.setdefault((*told, *[state[3]] * self.case.record))
        for number, claim in enumerate(self.case.claims):
            if claim[0] == "always" and not self.truths[number](start, *state, NONE, NONE, ()):
                self.broken.add(number)
            if claim[0] in ("conserves", "exactly") and claim[2] == "g" and state[1]:
                made[4 + number] = 0
            if claim[0] in ("conserves", "exactly") and claim[2] == "w":
                made[4 + number] &= ~state[3]
        return tuple(made)

    def happened(self, before: State, after: State, writes: int, on: int, kept: tuple) -> tuple:
        """An own event. One on another entry does not count for a claim, a statement about the ghost may."""
        _, cleared, seen, wrote, *claims = kept
        for number, (claim, mask) in enumerate(zip(self.case.claims, self.masks, strict=True)):
            at = entry_of(claim)
            x, left = before[at], after[at]
            gone = x & ~left
            if claim[0] == "refines":
                claims[number] = self._candidates(before, after, *claims[number])
            lost = {"preserves": gone & mask, "changes": (x ^ left) & ~mask}.get(claim[0], 0)
            if claim[0] == "resurrects" and (on & BIT[at] or not on):
                lost = left & ~x & claims[number] & mask
                claims[number] = claims[number] & ~gone | left
            elif claim[0] in ("conserves", "exactly"):
                claims[number] |= gone & mask
            if lost:
                self.broken.add(number)
            if writes & BIT[at] and claim[0] in ("preserves", "changes", "resurrects"):
                self.subject.add(number)
        said = self.said
        if "'exactly'" in said:
            seen = (seen[0] | (before[0] if on & 1 else 0), False, seen[2] | (before[2] if on & 2 else 0), 0)
        if "cleared" in said:
            cleared = (cleared[0] | before[0] & ~after[0], False, cleared[2] | before[2] & ~after[2], 0)
        return after if "after" in said else NONE, cleared, seen, wrote | writes, *claims

    @staticmethod
    def _candidates(before: State, after: State, changed: int, kept: frozenset) -> tuple[int, frozenset]:
        """Events that may be the block of a `refines`: as long as nothing changes, each; then what changes first."""
        if before[0] == after[0] and before[2] == after[2]:
            return changed, kept if changed else kept | {(before, after)}
        return (2, frozenset()) if changed else (1, frozenset([(before, after)]))

    def _is_the_block(self, number: int, before: State, after: State, values: tuple[int, ...]) -> bool:
        key = number, before, after, values
        if key not in self.fits:
            block = self.blocks[number]
            block.failed = False
            names = [self.names[each] for each in assigned(self.case.claims[number][1])]
            found = block.at_once(before, values)
            self.fits[key] = not block.failed and any(
                (x, y) == (after[0], after[2]) and all(left[each] == values[each] for each in names)
                for (x, _, y, _), left, _, _ in found
            )
        return self.fits[key]

    def ended(self, start: State, state: State, values: tuple[int, ...], kept: tuple) -> None:
        after, cleared, found, wrote, *claims = kept
        told = (start[0], *state[:2], *values[:3])
        self.outcomes.setdefault((*told, *[start[2], state[2]] * self.case.further, *[state[3]] * self.case.record))
        for number, claim in enumerate(self.case.claims):
            seen = found[entry_of(claim)]
            if claim[0] not in WRITING or wrote & BIT[entry_of(claim)] and claim[0] in ("conserves", "exactly"):
                self.subject |= {number} if claim[0] != "refines" or wrote else set()
            if claim[0] == "refines":
                pairs = claims[number][1]
                if not any(self._is_the_block(number, *each, values) for each in pairs):
                    self.broken.add(number)
            if claim[0] in ("ensures", "that") and not self.truths[number](start, *state, after, cleared, values):
                self.broken.add(number)
            if claim[0] in ("conserves", "exactly"):
                ghosts = {"g": state[1], "w": state[3]}
                into = ghosts[claim[2]] if claim[2] in ghosts else values[self.names[claim[2]]]
                truth = claim[2] in ("g", "p")
                held = 0 if claim[2] in ghosts else (3 if into else 0) if truth else into
                more = bool(into) and not seen & self.masks[number] if truth else into & self.masks[number] & ~seen
                if claims[number] & ~held or claim[0] == "exactly" and more:
                    self.broken.add(number)

    # Executions

    def run(self) -> None:
        waiting, seen = deque[tuple](), set()
        for start in self.starts:
            first = (start, start, self.at(start, start, self.started(start)), self.alone)
            waiting += [(*first, *each) for each in self._phase(0, (0,) * len(self.names))]
        while waiting:
            here = waiting.popleft()
            if here in seen:
                continue
            seen.add(here)
            if len(seen) > self.most:
                raise TooMany
            start, state, kept, around, phase, places, values = here
            for other, now in self.others(state, around):
                waiting.append((start, other, self.at(start, other, kept), now, phase, places, values))
            if phase == len(self.programs):
                self.ended(start, state, values, kept)
                continue
            waiting += self._own(*here)
        if any(each.failed for part in self.programs for each in part):
            self.broken.add("asserts")

    def _own(self, start, state, kept, around, phase, places, values) -> Iterator[tuple]:
        for number, program in enumerate(self.programs[phase]):
            at = places[number]
            if at == len(program.code):
                continue
            for after, left, writes, on in program.code[at][1](*state, values):
                noted = self.happened(state, after, writes, on, kept)
                noted = self.at(start, after, noted)
                for place, settled in program.settled(at + 1, left):
                    moved = (*places[:number], place, *places[number + 1 :])
                    for each in self._onward(phase, moved, settled):
                        yield (start, after, noted, around, *each)

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
