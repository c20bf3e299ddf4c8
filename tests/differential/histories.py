"""Judges a small case from its complete histories, by the words of the definitions: a check of the search in C."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from .interpreter import AssumptionFailed, Event, Frame, Meaning, Returned, Steps, Word, layout_names
from .tree import Case, Declare, Statement, Step, nodes

Distances = dict[Word, int]


class TooManyHistories(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Past:
    """One event that happened."""

    before: int
    after: int
    writes: bool


@dataclass(slots=True)
class Finding:
    """`shortest` is the least (environment steps, bits set at the start, start value) of the violations."""

    shortest: tuple[int, int, int] | None = None
    bits: int = 0
    ended: bool = False
    wrote: bool = False

    def violated(self, steps: int, start: int, bits: int) -> None:
        found = (steps, start.bit_count(), start)
        self.shortest = found if self.shortest is None else min(self.shortest, found)
        self.bits |= bits


@dataclass(slots=True)
class Run:
    """An execution so far: its events, its cost in steps, and, for a ghost, the bits whose clearing is not yet
    recorded."""

    start: Word
    inputs: tuple[int, ...]
    befores: tuple[Word, ...]
    events: tuple[Past, ...]
    now: Word
    steps: int
    pending: int = 0


class Histories:
    """All of one case. Raises TooManyHistories when there are more than the budget."""

    def __init__(self, case: Case, budget: int) -> None:
        self.case = case
        self.budget = budget
        self.finding = Finding()
        self.constants = layout_names(case)
        bits = [1 << position for _, position in case.layout.masks]
        self.entries = [sum(chosen) for chosen in product(*((0, bit) for bit in bits))]
        self.allowed = [entry for entry in self.entries if self.invariant(entry)]
        self.ghosts = (0, 1) if case.ghost is not None else (0,)
        self.reached: dict[tuple[Word, bool], Distances] = {}
        self.instances = [event for agent in case.agents for event in self.events_of(agent.program)]

    def judge(self) -> tuple[str, int, int, int]:
        """Verdict, steps, start and bits, as the search in C gives them."""
        inputs = sum(isinstance(node, Declare) and node.value is None for _, node in nodes(self.case.body))
        for entry, ghost, chosen in product(self.allowed, self.ghosts, product((0, 1), repeat=inputs)):
            self.go_on(Run((entry, ghost), chosen, (), (), (entry, ghost), 0))
        found = self.finding
        if found.shortest is not None:
            bitwise = self.case.property.kind in ("preserves", "changes only", "conserves", "resurrects")
            return "refuted", found.shortest[0], found.shortest[2], found.bits if bitwise else 0
        of_events = self.case.property.kind not in ("ensures", "always")
        return "vacuous" if not found.ended or of_events and not found.wrote else "proved", -1, 0, 0

    def invariant(self, entry: int) -> bool:
        return all(self.meaning(spte=entry).value(condition) for _, condition in self.case.layout.invariants)

    def meaning(self, **names: int) -> Meaning:
        return Meaning(self.case, self.constants | names)

    # The environment ------------------------------------------------------------------------------------

    def events_of(self, program: tuple[Statement, ...]) -> list[Event]:
        """The events that an instance anywhere in its program may be at, having read any allowed values."""
        inputs = sum(isinstance(node, Declare) and node.value is None for _, node in nodes(program))
        found: list[Event] = []
        waiting: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
            (chosen, ()) for chosen in product((0, 1), repeat=inputs)
        ]
        while waiting:
            chosen, past = waiting.pop()
            frame = Frame(self.case, self.constants, list(chosen))
            event = replayed(frame.run(program), [(value, 0) for value in past])
            if isinstance(event, Event):
                found.append(event)
                waiting += [(chosen, (*past, value)) for value in self.allowed]
        return found

    def steps_from(self, word: Word) -> Iterator[Word]:
        for event in self.instances:
            yield event.act(*word)[:2]
        for agent in self.case.agents:
            for step in agent.steps:
                ranges = [(0, 1) if p.sort == "bool" else self.entries for p in step.parameters]
                for values in product(*ranges):
                    given = {p.name: value for p, value in zip(step.parameters, values, strict=True)}
                    yield from self.step(step, word, given)

    def step(self, step: Step, word: Word, given: dict[str, int]) -> Iterator[Word]:
        ghosts = {self.case.ghost: word[1]} if self.case.ghost is not None else {}
        if step.saw is not None and not any(self.meaning(**given, spte=v).value(step.saw) for v in self.allowed):
            return
        if step.when is not None and not self.meaning(**given, **ghosts, spte=word[0]).value(step.when):
            return
        frame = Frame(
            self.case, self.constants, [], {name: [value] for name, value in given.items()} | {"spte": [word[0]]}
        )
        ghost = word[1]
        for event in frame.run(step.body):
            ghost = event.act(0, ghost)[1]
        yield frame.cells["spte"][0], ghost

    def distances(self, word: Word, silent: bool) -> Distances:
        """To every word that steps lead to; `silent` only along words whose ghost is false."""
        if (word, silent) not in self.reached:
            found, waiting = {word: 0}, [word]
            for here in waiting:
                for there in set(self.steps_from(here)):
                    if there not in found and not (silent and there[1]):
                        found[there] = found[here] + 1
                        waiting.append(there)
            self.reached[word, silent] = found
        return self.reached[word, silent]

    # Executions -----------------------------------------------------------------------------------------

    def go_on(self, run: Run) -> None:
        """Lets the environment run, then the program's next event, in every way."""
        self.budget -= 1
        if self.budget < 0:
            raise TooManyHistories
        frame = Frame(self.case, self.constants, list(run.inputs))
        event = replayed(frame.run(self.case.body), run.befores)
        if isinstance(event, AssumptionFailed):
            return
        self.check_always(run)
        if event is None:
            self.at_end(run, frame)
            return
        for silent in (False, True) if run.pending else (False,):
            for word, distance in self.distances(run.now, silent).items():
                entry, ghost, _ = replayed_event(self.case, self.constants, run, word)
                past = Past(word[0], entry, event.writes)
                pending = run.pending if silent else 0
                pending = 0 if ghost else pending | (word[0] & ~entry)
                after = Run(
                    run.start,
                    run.inputs,
                    (*run.befores, word),
                    (*run.events, past),
                    (entry, ghost),
                    run.steps + distance,
                    pending,
                )
                self.check_event(after, run.events, past)
                self.go_on(after)

    def mask(self) -> int:
        wanted = self.case.property
        exempt = self.meaning().value(wanted.exempt) if wanted.exempt is not None else 0
        return self.meaning().value(wanted.mask) & ~exempt if wanted.mask is not None else 0

    def check_event(self, run: Run, earlier: tuple[Past, ...], now: Past) -> None:
        self.finding.wrote |= now.writes
        broken = 0
        match self.case.property.kind:
            case "preserves":
                broken = now.before & ~now.after & self.mask()
            case "changes only":
                broken = (now.before ^ now.after) & ~self.mask()
            case "resurrects":
                for position, old in enumerate(earlier):
                    since = cleared_by(earlier[position + 1 :])
                    broken |= ~now.before & now.after & self.mask() & old.after & ~since
        if broken:
            self.finding.violated(run.steps, run.start[0], broken)

    def check_always(self, run: Run) -> None:
        if self.case.property.kind != "always":
            return
        for word, distance in self.distances(run.now, False).items():
            if not self.holds(run, word, {}):
                self.finding.violated(run.steps + distance, run.start[0], 0)

    def holds(self, run: Run, end: Word, names: dict[str, int]) -> bool:
        condition = self.case.property.condition
        assert condition is not None
        instants = {
            "start": run.start[0],
            "after": run.events[-1].after if run.events else run.start[0],
            "end": end[0],
            "now": end[0],
        }
        ghosts = {self.case.ghost: end[1]} if self.case.ghost is not None else {}
        cleared = cleared_by(run.events)
        return Meaning(self.case, self.constants | names | ghosts, instants, cleared).value(condition) != 0

    def at_end(self, run: Run, frame: Frame) -> None:
        self.finding.ended = True
        wanted = self.case.property
        names = {name: cell[0] for name, cell in frame.cells.items()}
        broken = 0
        match wanted.kind:
            case "conserves":
                broken = self.unrecorded(run, names)
            case "refines":
                if not any(self.is_the_block(run, index, names) for index in range(len(run.events))):
                    self.finding.violated(run.steps, run.start[0], 0)
            case "ensures":
                for word, distance in self.distances(run.now, False).items():
                    if not self.holds(run, word, names):
                        self.finding.violated(run.steps + distance, run.start[0], 0)
        if broken:
            self.finding.violated(run.steps, run.start[0], broken)

    def unrecorded(self, run: Run, names: dict[str, int]) -> int:
        wanted = self.case.property
        assert wanted.into is not None
        if wanted.into == self.case.ghost:
            return run.pending & self.mask()
        cleared, had = cleared_by(run.events), 0
        for event in run.events:
            had |= event.before
        held = names[wanted.into]
        if wanted.into_sort == "bool":
            return 0 if held else cleared & self.mask()
        return (cleared & self.mask() & ~held) | (held & self.mask() & ~had if wanted.exactly else 0)

    def is_the_block(self, run: Run, index: int, names: dict[str, int]) -> bool:
        """The event is what the block does at once, and no other event changes anything."""
        if any(event.before != event.after for other, event in enumerate(run.events) if other != index):
            return False
        wanted = self.case.property
        frame = Frame(self.case, self.constants, [], {wanted.into: [0]} if wanted.into is not None else {})
        entry, _, _ = frame.at_once(wanted.block).act(run.events[index].before, 0)
        given = wanted.into is None or frame.cells[wanted.into][0] == names[wanted.into]
        return entry == run.events[index].after and given


def cleared_by(events: tuple[Past, ...]) -> int:
    cleared = 0
    for event in events:
        cleared |= event.before & ~event.after
    return cleared


def replayed(steps: Steps, befores: tuple[Word, ...] | list[Word]) -> Event | AssumptionFailed | None:
    """The event that comes after those whose befores are given; None at the end."""
    try:
        event = next(steps)
        for before in befores:
            event = steps.send(event.act(*before)[2])
        return event
    except (StopIteration, Returned):
        return None
    except AssumptionFailed as failed:
        return failed


def replayed_event(case: Case, constants: dict[str, int], run: Run, word: Word) -> tuple[int, int, int]:
    """What the next event does on `word`, in an execution of its own: an atomic block changes locals as it acts."""
    frame = Frame(case, constants, list(run.inputs))
    event = replayed(frame.run(case.body), run.befores)
    assert isinstance(event, Event)
    return event.act(*word)
