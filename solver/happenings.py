"""What a program run over terms leaves behind: states, events, duties, branches, and the locals of its calls."""

from collections.abc import Mapping
from dataclasses import dataclass

from spteproof.grammar.source import Place
from spteproof.solver.setting import Site
from spteproof.solver.terms import Term


@dataclass(frozen=True, slots=True)
class State:
    """The entry (a word) and the ghosts (truth values) at one instant."""

    entry: Term
    ghosts: Mapping[str, Term]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of a program: it happens where `guard` holds. `writes` tells an operation that writes the entry,
    and `written` where one is carried out (an atomic block may hold one in a branch);
    `assumed` are the assumptions that stand before it. A ghost statement is an event with `operation` "ghost"."""

    site: Site
    operation: str
    place: Place
    guard: Term
    before: State
    after: State
    writes: bool
    written: Term
    assumed: Term


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
