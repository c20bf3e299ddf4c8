"""From an execution that agents' locks exclude to one that they allow.

The agents' steps are sought anew, on integers; the fewest that change something first. `exclusion.py` has the last
word.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from spteproof.solver.exclusion import Line
from spteproof.solver.interpretation import Values
from spteproof.solver.sections import AtHand, Others, Sections
from spteproof.solver.stepping import Taken

MOST_PLACES = 5000
"""So many places are gone on from before there is said to be no such execution."""
END = "end"
Own = Callable[[tuple[Values, ...]], Values | str | None]
"""What the theorem's events leave, told what they have found so far; END where it has ended, with what is there in the
end, or stopped; None where that is not looked at."""
Steps = list[list[Taken]]
"""The agents' steps before each event of the theorem, and after the last one."""

Accepts = Callable[[Steps], bool | None]
"""Whether an execution counts; None where another may in which the theorem's events find the same."""


def in_turn(line: Line, at_hand: AtHand, own: Own, accepts: Accepts) -> Steps | None:
    """The steps of such an execution that counts; None where none is found. `line` says what agents may go by."""
    return _Search(Sections(line, at_hand), own).found(accepts)


def kept(line: Line) -> Own:
    """The theorem's events find and leave what they do in the line."""
    before, wanted = list[Values](), list[Values]()
    for number, instant in enumerate(line.instants):
        if number in line.steps:
            wanted[-1] = instant
        else:
            before.append(instant)
            wanted.append(instant)

    def own(found: tuple[Values, ...]) -> Values | str | None:
        if found and found[-1] != wanted[len(found) - 1]:
            return None
        return before[len(found)] if len(found) < len(before) else END

    return own


def with_steps(line: Line, steps: Steps) -> Line:
    """The line with other steps between what the theorem's events leave."""
    made, own = Line(line.setting, [], {}), set(range(len(line.instants))) - line.steps.keys()
    for number, gap in zip(sorted(own), steps, strict=True):
        made.instants.append(line.instants[number])
        for taken in gap:
            made.go(taken)
    return made


class _Place(NamedTuple):
    """What the theorem's events have found, and the others."""

    own: tuple[int, ...]
    others: Others


_Way = tuple[_Place, Taken | None] | None
"""From which place one came, by what step."""


@dataclass(slots=True)
class _Search:
    sections: Sections
    own: Own
    _owned: dict[tuple[int, ...], int | str | None] = field(default_factory=dict)

    def found(self, accepts: Accepts) -> Steps | None:
        """Goes on from places in the order of how many steps lead there."""
        came: dict[_Place, _Way] = {}
        ended = set[tuple[int, ...]]()
        first = _Place((), self.sections.first())
        waiting: deque[tuple[_Place, _Way]] = deque([(first, None)])
        while waiting and len(came) < MOST_PLACES:
            here, way = waiting.popleft()
            if here in came:
                continue
            came[here] = way
            own = (*here.own, here.others.state)
            left = self._own(own)
            if left == END and own not in ended:
                steps = _steps(came, here)
                answer = accepts(steps)
                if answer:
                    return steps
                if answer is False:
                    ended.add(own)
            if isinstance(left, int):
                waiting.appendleft((_Place(own, here.others._replace(state=left)), (here, None)))
            for others, taken in self.sections.onward(here.others):
                (waiting.appendleft if taken is None else waiting.append)((_Place(here.own, others), (here, taken)))
        return None

    def _own(self, found: tuple[int, ...]) -> int | str | None:
        """What the theorem leaves, by its number."""
        if found not in self._owned:
            left = self.own(tuple(map(self.sections.states.__getitem__, found)))
            self._owned[found] = self.sections.number(left) if isinstance(left, Values) else left
        return self._owned[found]


def _steps(came: Mapping[_Place, _Way], last: _Place) -> Steps:
    """The steps in each gap that lead to a place."""
    steps: Steps = [[] for _ in range(len(last.own) + 1)]
    while (before := came[last]) is not None:
        last, taken = before
        if taken is not None:
            steps[len(last.own)].insert(0, taken)
    return steps
