"""Locks that keep agents from each other, in one execution: whether its steps can be had with one section after the
other.

The environment lets every agent run at any time, which is enough for a proof. An execution that refutes must be one
that the locks allow, too: an instance that holds a lock has begun after the instance before it ended, if their locks
exclude each other. A step is a section of its own; of a program the section is all of it, from the first event to the
last. What an instance does that the execution does not show changes nothing.

The steps are given to instances in their order, each with a way through its program; where one leaves no way to those
after it, another is tried.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from spteproof.grammar.checked import Lock
from spteproof.grammar.environments import conflict
from spteproof.solver.doubts import LOCKS, Doubt
from spteproof.solver.environment import SEEN, Transition
from spteproof.solver.interpretation import Call, Interpreter, Stopped, Values
from spteproof.solver.setting import Setting, Site
from spteproof.solver.stepping import Chosen, Taken, after_transition, chosen, finds, is_valid

MOST_TRIES = 400
"""So many beginnings of ways through programs are looked at before steps are said to overlap."""


@dataclass(frozen=True, slots=True)
class Line:
    """The instants of an execution in order, and the environment's steps by the numbers of the instants that they lead
    to."""

    setting: Setting
    instants: list[Values]
    steps: dict[int, Taken]

    def go(self, taken: Taken) -> None:
        """One step further."""
        self.steps[len(self.instants)] = taken
        self.instants.append(taken.after)

    def locks(self, number: int) -> Sequence[Lock]:
        return self.steps[number].transition.agent.locks

    def who(self, number: int) -> str:
        return self.steps[number].transition.who

    def exclude(self, one: int, other: int) -> bool:
        """Whether the locks of two steps do."""
        return conflict(self.locks(one), self.locks(other)) is not None


def may_overlap(transitions: Sequence[Transition]) -> bool:
    """Whether agents exclude each other that do not do all in one step."""
    slow = [each.agent for each in transitions if each.step is None or each.step.saw is not None]
    return any(conflict(each.locks, other.agent.locks) is not None for each in slow for other in transitions)


def overlap(line: Line) -> Doubt | None:
    """Which agents run at one time though their locks exclude each other, as the reason of an unknown; None where their
    sections can be had one after the other. Where that is not found out they are said to overlap."""
    holding = [number for number in sorted(line.steps) if line.locks(number)]
    numbers = [each for each in holding if any(line.exclude(each, other) for other in holding if other != each)]
    if _Turns(line).fit(numbers):
        return None
    for place, later in enumerate(numbers):
        for earlier in numbers[:place]:
            excluding = conflict(line.locks(earlier), line.locks(later))
            if excluding is not None and not _Turns(line).fit((earlier, later)):
                one, two = line.who(earlier), line.who(later)
                who = f"`{one}` and `{two}`" if one != two else f"two of `{one}`"
                return _doubt(f"{who} run at one time, and hold `{excluding[0].name}`")
    last = next(each for place, each in enumerate(numbers) if not _Turns(line).fit(numbers[: place + 1]))
    return _doubt(f"`{line.who(last)}` runs while others do that exclude it")


def _doubt(words: str) -> Doubt:
    return Doubt(LOCKS, f"what refutes it needs more than the locks allow: {words}")


class _Move(NamedTuple):
    """What an event of an instance finds: what is there at the instant of this number, or before the step of this
    number, which it `takes`. Where it is `early`, before the theorem began, it finds something like it."""

    number: int
    takes: bool = False
    early: bool = False


class _Stands(Exception):
    """The instance has an event to come for which there is no move."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site


class _Impossible(Exception):
    """The instance cannot go on."""


@dataclass(slots=True)
class _Turns:
    """The search for instances that take the steps one section after the other."""

    line: Line
    tries: int = MOST_TRIES

    def fit(self, waiting: Sequence[int], ended: Sequence[tuple[Sequence[Lock], int]] = ()) -> bool:
        """Whether the steps that wait for an instance can be had; `ended` are locks with the instants at which those
        that held them had ended, which was before all that wait and that they exclude."""
        if not waiting:
            return True
        first, locks = waiting[0], self.line.locks(waiting[0])
        start = max((end for held, end in ended if conflict(held, locks) is not None), default=None)
        for taken, end in self._ways(first, start, waiting):
            if self.fit([each for each in waiting if each not in taken], (*ended, (locks, end))):
                return True
        return False

    def _ways(self, first: int, start: int | None, waiting: Sequence[int]) -> Iterator[tuple[Sequence[int], int]]:
        """The steps that an instance takes, `first` before all others, and the instant at which it has ended; it begins
        at instant `start` or later, or at any time."""
        taken = self.line.steps[first]
        if taken.transition.step is None:
            yield from self._further((), first, start, waiting)
            return
        if start is None or any(_goes_by(self.line.setting, taken, each) for each in self.line.instants[start:first]):
            yield (first,), first

    def _further(
        self, moves: tuple[_Move, ...], first: int, start: int | None, waiting: Sequence[int]
    ) -> Iterator[tuple[Sequence[int], int]]:
        """The same for one that has made these moves."""
        if not self.tries:
            return
        self.tries -= 1
        try:
            site = _stands(self.line, first, moves)
        except (_Impossible, Stopped):
            return
        taken = _taken(moves)
        at = start if not moves else None if moves[-1].early else moves[-1].number
        others = [each for each in waiting if each not in taken and self.line.exclude(first, each)]
        if taken and at is not None and (site is None or not others):
            yield taken, at if site is None else len(self.line.instants)
        if site is not None:
            for move in self._moves(site, at, first, waiting, others):
                yield from self._further((*moves, move), first, start, waiting)

    def _moves(
        self, site: Site, at: int | None, first: int, waiting: Sequence[int], others: Sequence[int]
    ) -> Iterator[_Move]:
        """What an event at the site may find; no step of `others` comes between. Of instants that are the same the
        first leaves most to what comes after."""
        line, begun = self.line, at is not None and at >= first
        if not begun and line.steps[first].transition.site == site:
            yield _Move(first, takes=True)
            return
        last = min(others, default=len(line.instants)) if begun else first
        if begun:
            own = [each for each in waiting if at is not None and at < each <= last]
            yield from (_Move(each, takes=True) for each in own if line.steps[each].transition.site == site)
        elif at is None:
            likely = _distinct([first - 1, *range(len(line.instants))], lambda each: _early(line, first, each, site))
            yield from (_Move(each, early=True) for each in likely)
        yield from map(_Move, _distinct(range(at or 0, last), line.instants.__getitem__))


def _distinct(numbers: Iterable[int], state: Callable[[int], Values]) -> Iterator[int]:
    """The first number of each state."""
    found: list[Values] = []
    for number in numbers:
        if state(number) not in found:
            found.append(state(number))
            yield number


def _goes_by(setting: Setting, taken: Taken, seen: Values) -> bool:
    """Whether the step is the same where that is what it was decided on."""
    inputs = {**taken.inputs, SEEN: seen.word(taken.transition.on)}
    return after_transition(setting, taken.transition, taken.arguments, inputs, taken.before) == taken.after


def _early(line: Line, first: int, number: int, site: Site) -> Values:
    """What the instance has found before the theorem began: what its first step goes by, and where that goes by
    nothing, what is there at the instant of this number."""
    taken = line.steps[first]
    return finds(taken.transition, taken.inputs, line.instants[number])(taken.before, site)


def _stands(line: Line, first: int, moves: Sequence[_Move]) -> Site | None:
    """The event that the instance has to come after these moves, None where it has ended. Raises _Impossible, and
    Stopped."""
    taken = line.steps[first]
    left: list[Values] = []
    waiting = iter(moves)

    def arrive(state: Values, site: Site) -> Values:
        if left and left.pop() != state:
            raise _Impossible
        move = next(waiting, None)
        if move is None:
            raise _Stands(site)
        if move.early:
            found = _early(line, first, move.number, site)
            if not is_valid(line.setting, found):
                raise _Impossible
            return found
        if move.takes and line.steps[move.number].transition.site != site:
            raise _Impossible
        left.append(line.instants[move.number])
        return line.instants[move.number - 1] if move.takes else line.instants[move.number]

    parameters = [each.name for each in taken.transition.agent.parameters]
    call = Call(dict(zip(parameters, taken.arguments, strict=True)), entry=taken.transition.on)
    interpreter = Interpreter(line.setting, line.instants[0], arrive, _inputs(line, [first, *_taken(moves)]))
    try:
        interpreter.complete(taken.transition.agent.program, call)
    except _Stands as stands:
        return stands.site
    if left and left.pop() != interpreter.state:
        raise _Impossible
    return None


def _taken(moves: Sequence[_Move]) -> list[int]:
    return [each.number for each in moves if each.takes]


def _inputs(line: Line, numbers: Sequence[int]) -> Chosen:
    """What each `any` gives to the instance that takes these steps: what it is said to give to the first that goes by
    it."""
    inputs = Chosen()
    for taken in (line.steps[number] for number in numbers):
        for site, value in chosen(taken.transition, taken.inputs).items():
            inputs.setdefault(site, value)
    return inputs
