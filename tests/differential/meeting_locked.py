"""A walk like that of `meeting_walk.py` in which agents' locks exclude each other: an instance of a program holds its
lock from its first event to its last, a step for itself."""

from collections.abc import Iterator

from .meeting_cases import Agent, excludes
from .meeting_machine import Locals, Program, State, positions, stepped
from .meeting_walk import Walk

READERS, STOPPED = 2, -1

Section = tuple[int, int, Locals]  # an instance that holds its lock: whose, where it stands, its locals
Around = tuple[frozenset[int], tuple[Section, ...]]  # who has held a lock since the start; who does now


class LockedWalk(Walk):
    """`bounded`, more instances could hold a lock that they share than are walked."""

    alone: Around = (frozenset(), ())
    most = 20_000

    def _environment(self) -> None:
        self.bounded = False
        locks = [self.agents[name].locks for name, _, _ in self.uses]
        self.against = {
            n: {k for k, other in enumerate(locks) if excludes(mine, other)} for n, mine in enumerate(locks)
        }
        self.holders: dict[int, tuple[Agent, Program]] = {}
        self.begun: dict[int, list[tuple[int, Locals]]] = {}
        self.first: dict[int, list[tuple[int, Locals]]] = {}
        for number, use in enumerate(self.uses):
            if not self.against[number]:
                self.add_transitions(*use)
                continue
            agent, program = self.bound(*use)
            self.holders[number] = agent, program
            if not agent.steps:
                seen, failed = positions(agent, program, self.starts)
                self.faulty = self.faulty or failed
                self.begun[number] = sorted(each for each in seen if each[0] < len(program.code))
                self.first[number] = program.settled(0, (0,) * len(program.names))

    def others(self, state: State, around: Around) -> Iterator[tuple[State, Around]]:
        for after in self.next.get(state, ()):
            yield after, around
        held, sections = around
        for section in dict.fromkeys(sections):
            rest = list(sections)
            rest.remove(section)
            yield from self._moved(state, held, rest, section)
        for number, (agent, program) in self.holders.items():
            if any(each[0] in self.against[number] for each in sections):
                continue
            if agent.steps:
                for after in stepped(agent, program, state, self.valid):
                    if after != state:
                        yield after, (held | {number}, sections)
                continue
            if sum(each[0] == number for each in sections) >= READERS:
                self.bounded = True
                continue
            for place, values in self.first[number]:
                if place < len(program.code):
                    yield from self._moved(state, held, sections, (number, place, values))
            if not held & self.against[number]:
                for place, values in self.begun[number]:
                    for moved in self._moved(state, held, sections, (number, place, values)):
                        if moved[0] != state:
                            yield moved

    def _moved(self, state: State, held: frozenset, rest, section: Section) -> Iterator[tuple[State, Around]]:
        """The instance's next event. One that an assumption stops holds its lock for ever."""
        number, place, values = section
        program = self.holders[number][1]
        if place == STOPPED:
            return
        for after, left, _, _ in program.code[place][1](*state, values):
            for at, settled in program.settled(place + 1, left) or [(STOPPED, left)]:
                more = [(number, at, settled)] if at < len(program.code) else []
                yield after, (held | {number}, tuple(sorted([*rest, *more])))
