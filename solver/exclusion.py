"""Locks that keep agents from each other, in one execution: whether its steps can be had with one section after the
other.

The environment lets every agent run at any time, which is enough for a proof. An execution that refutes must be one
that the locks allow, too: an instance that holds a lock has begun after the instance before it ended, if their locks
exclude each other. A step is a section of its own; of a program the section is all of it, from the first event to the
last. What an instance does that the execution does not show changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from spteproof.grammar.environments import conflict
from spteproof.solver.doubts import LOCKS, Doubt
from spteproof.solver.environment import SEEN
from spteproof.solver.interpretation import Call, Interpreter, Stopped, Values
from spteproof.solver.setting import Setting, Site
from spteproof.solver.stepping import Chosen, Taken, chosen, finds


@dataclass(frozen=True, slots=True)
class Line:
    """The instants of an execution in order, and the environment's steps by the numbers of the instants that they lead
    to; which of them have been found to be one instance's."""

    setting: Setting
    instants: list[Values]
    steps: dict[int, Taken]
    _instances: dict[int, frozenset[int]] = field(default_factory=dict)

    def go(self, taken: Taken) -> None:
        """One step further."""
        self.steps[len(self.instants)] = taken
        self.instants.append(taken.after)

    def instance(self, numbers: Iterable[int]) -> frozenset[int] | None:
        """All steps of the instance that takes these; None where it would take two at one site."""
        found = frozenset[int]().union(*(self._instances.get(each, {each}) for each in numbers))
        return found if len({self.steps[each].transition.site for each in found}) == len(found) else None

    def instances(self) -> list[frozenset[int]]:
        """Those that take several steps."""
        return list(dict.fromkeys(each for each in self._instances.values() if len(each) > 1))

    def unite(self, instance: frozenset[int]) -> None:
        """These steps are one instance's."""
        self._instances.update(dict.fromkeys(instance, instance))


def overlap(line: Line) -> Doubt | None:
    """Which agents run at one time though their locks exclude each other, as the reason of an unknown; None where their
    sections can be had one after the other. Where that is not found out they are said to overlap."""
    holding = [number for number, each in sorted(line.steps.items()) if each.transition.agent.locks]
    for place, later in enumerate(holding):
        for earlier in holding[:place]:
            first, second = line.steps[earlier].transition, line.steps[later].transition
            excluding = conflict(first.agent.locks, second.agent.locks)
            if excluding is not None and not _in_turn(line, earlier, later):
                who = f"`{first.who}` and `{second.who}`" if first.who != second.who else f"two of `{first.who}`"
                return _doubt(f"{who} run at one time, and hold `{excluding[0].name}`")
    return next((_doubt(f"`{who}` runs while others do that exclude it") for who in _torn(line, holding)), None)


def _doubt(words: str) -> Doubt:
    return Doubt(LOCKS, f"what refutes it needs more than the locks allow: {words}")


def _torn(line: Line, holding: Sequence[int]) -> Iterator[str]:
    """The agents of instances that cannot take all their steps after what excludes them before, and before what does
    after: whether two and two of them can says little of all."""
    for instance in line.instances():
        own = sorted(instance)
        mine = line.steps[own[0]].transition
        for other in holding:
            if other in instance or conflict(mine.agent.locks, line.steps[other].transition.agent.locks) is None:
                continue
            before, after = other < own[0], other > own[-1]
            if not (before and _runs(line, own, start=other)) and not (after and _runs(line, own, end=other - 1)):
                yield mine.who


def _in_turn(line: Line, earlier: int, later: int) -> bool:
    """Whether both steps are one instance's, or the later one's begins when the earlier one's has ended."""
    first, second = line.steps[earlier], line.steps[later]
    if first.transition.step is None and _runs(line, (earlier, later)):
        return True
    ended = first.transition.step is not None or _runs(line, (earlier,), end=later - 1)
    if not ended or second.transition.step is None:
        return ended and _runs(line, (later,), start=earlier)
    seen = second.inputs.get(SEEN)
    return seen is None or any(each.word(second.transition.on) == seen for each in line.instants[earlier:later])


def _same(one: Taken, other: Taken) -> bool:
    """Whether both are of the same agent, on the same entry, with the same arguments."""
    pairs = one.transition, other.transition
    return pairs[0].who == pairs[1].who and one.arguments == other.arguments


def _runs(line: Line, own: Sequence[int], start: int | None = None, end: int | None = None) -> bool:
    """Whether one instance can take these steps: begun at instant number `start` or later, or at any time; and ended at
    `end`, where that is given."""
    taken = line.steps[own[0]]
    inputs = Chosen()
    for each in (line.steps[number] for number in own):
        given = chosen(each.transition, each.inputs)
        if any(inputs.get(site, value) != value for site, value in given.items()):
            return False
        inputs.update(given)
    parameters = [each.name for each in taken.transition.agent.parameters]
    call = dict(zip(parameters, taken.arguments, strict=True))
    for hidden, late in product((False, True), repeat=2):
        section = _Section(line=line, own=own, waiting=list(own), at=start, end=end, hidden=hidden, late=late)
        interpreter = Interpreter(line.setting, line.instants[0], section.arrive, inputs)
        try:
            interpreter.complete(taken.transition.agent.program, Call(dict(call), entry=taken.transition.on))
            section.leave(interpreter.state)
        except _Done:
            pass
        except (_Impossible, Stopped):
            continue
        instance = None if section.waiting else line.instance(section.taken)
        if instance is not None:
            line.unite(instance)
            return True
    return False


class _Done(Exception):
    """All that was asked for has been done."""


class _Impossible(Exception):
    """The instance cannot go on."""


@dataclass(slots=True, kw_only=True)
class _Section:
    """One instance's way through the execution. `at` is the number of the instant at which it is, None before the
    theorem began; `waiting` are the steps that it has still to take, `taken` those that it has. What else changes the
    state is a step of the execution, unless the instance's changes are `hidden`: then it makes no others. What it reads
    before its steps it reads as soon as it can, or as `late`; what it does after them it does at once.
    """

    line: Line
    own: Sequence[int]
    waiting: list[int]
    at: int | None
    end: int | None
    hidden: bool
    late: bool
    taken: set[int] = field(default_factory=set)
    _left: Values | None = None

    def arrive(self, state: Values, site: Site) -> Values:
        """What the event at the site finds. Raises _Done and _Impossible."""
        self.leave(state)
        last = self.waiting[0] - 1 if self.waiting else self.end
        if last is None:
            raise _Done
        steps, instants = self.line.steps, self.line.instants
        if self.waiting and steps[self.waiting[0]].transition.site == site:
            return self._take(self.waiting.pop(0))
        if self.at is None:
            taken = steps[self.waiting[0]]
            return finds(taken.transition, taken.inputs, taken.before)(state, site)
        like = steps[self.own[0]]
        for number in range(self.at + 1, last + 1):
            other = steps.get(number)
            if self.hidden or other is None or other.transition.site != site or not _same(like, other):
                continue
            if self.line.instance((*self.own, number)) is not None:
                return self._take(number)
        within = range(self.at, last + 1)
        for number in reversed(within) if self.late and self.waiting else within:
            if self._is_found(instants[number], site):
                self.at, self._left = number, instants[number]
                return instants[number]
        raise _Impossible

    def leave(self, state: Values) -> None:
        """Checks what the last event left. Raises _Impossible."""
        if self._left is not None and state != self._left:
            raise _Impossible

    def _take(self, number: int) -> Values:
        before = self.line.instants[number - 1]
        site = self.line.steps[number].transition.site
        if not self._is_found(before, site):
            raise _Impossible
        self.at, self._left = number, self.line.instants[number]
        self.taken.add(number)
        return before

    def _is_found(self, state: Values, site: Site) -> bool:
        """Whether the instance's own steps rest on nothing else than this state at the site."""
        for taken in (self.line.steps[number] for number in self.own):
            if taken.transition.site != site and finds(taken.transition, taken.inputs, state)(state, site) != state:
                return False
        return True
