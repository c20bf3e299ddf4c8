"""What a program run over terms leaves behind: states, events, duties, branches, and the locals of its calls."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from spteproof.grammar import checked as c
from spteproof.grammar.source import Place
from spteproof.solver.setting import Site
from spteproof.solver.terms import Term, Terms


@dataclass(frozen=True, slots=True)
class State:
    """The entry (a word) and the ghosts (truth values) at one instant."""

    entry: Term
    ghosts: Mapping[str, Term]


Arrival = Callable[[State, Site, Term], State]
"""What an event finds: the state that others left before it. Told the state, the site and where the event happens."""


def undisturbed(state: State, site: Site, guard: Term) -> State:
    """Nobody else runs."""
    return state


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of a program: it happens where `guard` holds. `writes` tells an operation that writes the entry,
    and `written` where one is carried out (an atomic block may hold one in a branch);
    `assumed` are the assumptions that stand before it. A ghost statement is an event with `operation` "ghost".
    `compared` is what a compare-and-exchange compares the entry with."""

    site: Site
    operation: str
    place: Place
    guard: Term
    before: State
    after: State
    writes: bool
    written: Term
    assumed: Term
    compared: Term | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """The events of one thread: those of the run from number `first` up to, not including, `end`."""

    name: str
    first: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Something that must hold where `guard` does: an assert, or that an expression is defined."""

    kind: str
    guard: Term
    condition: Term
    place: Place
    assumed: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One arm of an `if`: it is reached where `guard` holds."""

    place: Place
    arm: str
    guard: Term


def joined(terms: Terms, branches: Iterable[Branch]) -> list[Branch]:
    """One branch for each arm: it is reached where some of them are."""
    guards: dict[tuple[Place, str], Term] = {}
    for each in branches:
        key = (each.place, each.arm)
        guards[key] = terms.either(guards.get(key, terms.false), each.guard)
    return [Branch(place=place, arm=arm, guard=guard) for (place, arm), guard in guards.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A retry that was met: where, and with which locals its first iteration starts."""

    node: c.Retry
    site: Site
    frame: "Frame"


class Frame:
    """The locals of one call; `alive` is where it has not returned (and the branch at hand is taken)."""

    def __init__(self, alive: Term) -> None:
        self.variables: dict[str, Term] = {}
        self.references: dict[str, tuple[Frame, str]] = {}
        self.alive = alive
        self.result: Term | None = None

    def read(self, name: str) -> Term:
        if name in self.references:
            frame, other = self.references[name]
            return frame.read(other)
        return self.variables[name]

    def write(self, name: str, value: Term) -> None:
        if name in self.references:
            frame, other = self.references[name]
            frame.write(other, value)
        else:
            self.variables[name] = value

    def owner(self, name: str) -> tuple["Frame", str]:
        """The frame whose local the name means, and its name there."""
        if name in self.references:
            frame, other = self.references[name]
            return frame.owner(other)
        return self, name

    def apart(self) -> "Frame":
        """The same locals in a frame of their own: what is written there changes nothing here. References that lead to
        one local still do."""
        copy, callers = Frame(self.alive), Frame(self.alive)
        copy.variables.update(self.variables)
        for name in self.references:
            frame, other = self.owner(name)
            key = f"{id(frame)} {other}"
            callers.variables[key] = frame.variables[other]
            copy.references[name] = (callers, key)
        return copy
