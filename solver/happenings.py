"""What a program run over terms leaves behind: states, events, duties, branches, and the locals of its calls."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from spteproof.grammar import checked as c
from spteproof.grammar.checked import DEFAULT_ENTRY
from spteproof.grammar.source import Place
from spteproof.solver.setting import Site
from spteproof.solver.terms import Term, Terms


@dataclass(frozen=True, slots=True)
class State:
    """What is shared, at one instant: `entry` is the default entry (a word), `ghosts` are by name the ghosts (truth
    values or words) and the further entries (words)."""

    entry: Term
    ghosts: Mapping[str, Term]

    def word(self, entry: str) -> Term:
        """The value of an entry."""
        return self.entry if entry == DEFAULT_ENTRY else self.ghosts[entry]

    def with_word(self, entry: str, value: Term) -> "State":
        """The same state with another value of an entry."""
        if entry == DEFAULT_ENTRY:
            return State(value, self.ghosts)
        return State(self.entry, {**self.ghosts, entry: value})

    def parts(self) -> list[Term]:
        return [self.entry, *self.ghosts.values()]


def fresh(terms: Terms, like: State, name: str) -> State:
    """New variables for everything that `like` holds, called `name` and `name GHOST`."""
    ghosts = {ghost: terms.variable(f"{name} {ghost}", term.is_word) for ghost, term in like.ghosts.items()}
    return State(terms.word_variable(name), ghosts)


def chosen(terms: Terms, condition: Term, then: State, other: State) -> State:
    """One of two states that hold the same ghosts."""
    ghosts = {name: terms.select(condition, ghost, other.ghosts[name]) for name, ghost in then.ghosts.items()}
    return State(terms.choose(condition, then.entry, other.entry), ghosts)


def same_state(terms: Terms, left: State, right: State) -> Term:
    """Two states that hold the same ghosts are equal."""
    parts = [terms.same(left.ghosts[name], right.ghosts[name]) for name in left.ghosts]
    return terms.both(terms.equal(left.entry, right.entry), terms.all_of(parts))


Arrival = Callable[[State, Site, Term], State]
"""What an event finds: the state that others left before it. Told the state, the site and where the event happens."""


def undisturbed(state: State, site: Site, guard: Term) -> State:
    """Nobody else runs."""
    return state


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of a program: it happens where `guard` holds. `touched` are the entries that it may act on and
    `written` those that it may write, with where that is carried out (an atomic block may hold it in a branch);
    `assumed` are the assumptions that stand before it. A ghost statement is an event with `operation` "ghost".
    `compared` is what a compare-and-exchange compares the entry with; `met` are the assumptions before what an atomic
    block finds, where some may stand inside of it."""

    site: Site
    operation: str
    place: Place
    guard: Term
    before: State
    after: State
    touched: Mapping[str, Term]
    written: Mapping[str, Term]
    assumed: Term
    compared: Term | None = None
    met: Term | None = None

    def concerns(self, terms: Terms, entry: str) -> Term:
        """Where it counts for what is said of an entry: events on other entries do not."""
        touches = self.touched.get(entry, terms.false)
        return terms.either(touches, terms.negation(terms.any_of(self.touched.values())))


@dataclass(frozen=True, slots=True)
class Access:
    """One access of the program to an entry, in the program's order, where `guard` holds; in a thread or (None) outside
    of threads. `kind` is "load" or "store" for a plain one and "locked" for one that waits until all stores before it
    have taken effect."""

    entry: str
    kind: str
    guard: Term
    place: Place
    assumed: Term
    thread: str | None


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
    """The locals of one call; `alive` is where it has not returned (and the branch at hand is taken), `entry` what
    `sptep` means in it."""

    def __init__(self, alive: Term, entry: str = DEFAULT_ENTRY) -> None:
        self.variables: dict[str, Term] = {}
        self.references: dict[str, tuple[Frame, str]] = {}
        self.alive = alive
        self.entry = entry
        self.result: Term | None = None

    def named(self, entry: str) -> str:
        """The entry that a text means by this name here."""
        return self.entry if entry == DEFAULT_ENTRY else entry

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
        copy, callers = Frame(self.alive, self.entry), Frame(self.alive)
        copy.variables.update(self.variables)
        for name in self.references:
            frame, other = self.owner(name)
            key = f"{id(frame)} {other}"
            callers.variables[key] = frame.variables[other]
            copy.references[name] = (callers, key)
        return copy
