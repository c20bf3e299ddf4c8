"""Which events of a thread need no place of their own among other threads' events: they form blocks.

**Alternatives.** Where two events never both happen, as those of two arms of a branch, what comes before the one that
happens may come before both, and what comes after it after both.

**Quiet events** are bookkeeping whose place nobody can tell. A quiet event leaves the entry as it is, sets ghosts to
constants, and what it finds is used by nothing. The ghosts that it sets are read by no thread and touched by no agent;
another thread that sets one sets it to the same; and no property tells when it was set. It may change places with any
event of another thread: every event finds what it found before, but for those ghosts, and all ends alike.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from spteproof.grammar import checked as c
from spteproof.solver.execution import Draft
from spteproof.solver.happenings import Event
from spteproof.solver.results import Budget
from spteproof.solver.schedules import Block
from spteproof.solver.setting import Setting, Site
from spteproof.solver.smtlib import Script
from spteproof.solver.terms import Term, Terms, variables
from spteproof.solver.walks import below, parts_of_state
from spteproof.solver.z3_solver import Solver


def blocks(terms: Terms, drafted: Draft, setting: Setting, theorem: c.Theorem, budget: Budget) -> list[list[Block]]:
    """The events of each thread in blocks: of the events of a block that are not quiet, at most one happens."""
    events, strands = drafted.translation.events, drafted.translation.strands
    if not strands:
        return []
    own = [events[strand.first : strand.end] for strand in strands]
    quiet: set[Site] = set()
    if not any(_tells_all(prove.property) for prove in theorem.proves):
        known = _Known(frozenset(variables(_used(drafted))), own, _touched(theorem, setting), theorem)
        quiet = {event.site for number, strand in enumerate(own) for event in strand if known.is_quiet(event, number)}
    return [_joined(strand, quiet, _alternatives(terms, strand, budget)) for strand in own]


def _joined(strand: Sequence[Event], quiet: set[Site], alternatives: set[tuple[Site, Site]]) -> list[Block]:
    result: list[list[Event]] = []
    for event in strand:
        loud = [] if not result else [each for each in result[-1] if each.site not in quiet]
        if result and (event.site in quiet or all((each.site, event.site) in alternatives for each in loud)):
            result[-1].append(event)
        else:
            result.append([event])
    return [tuple(each) for each in result]


def _alternatives(terms: Terms, strand: Sequence[Event], budget: Budget) -> set[tuple[Site, Site]]:
    """The pairs of events, in the order of the text, that never both happen, whatever any event finds."""
    pairs = list(combinations(strand, 2))
    script = Script()
    for number, (first, second) in enumerate(pairs):
        script.literal(f"both{number}", terms.both(first.guard, second.guard))
    solver = Solver(script.text(), budget, "events of a thread")
    return {
        (first.site, second.site)
        for number, (first, second) in enumerate(pairs)
        if solver.check(f"both{number}") is False
    }


@dataclass(frozen=True, slots=True)
class _Known:
    """`used` are the variables that something rests on; `touched` the ghosts that an agent reads or sets."""

    used: frozenset[Term]
    strands: Sequence[Sequence[Event]]
    touched: frozenset[str]
    theorem: c.Theorem

    def is_quiet(self, event: Event, strand: int) -> bool:
        if event.written or self.used & set(event.before.parts()):
            return False
        return all(self._is_quiet_about(name, value, strand) for name, value in _sets(event))

    def _is_quiet_about(self, ghost: str, value: Term, strand: int) -> bool:
        if value.operator not in ("truth", "word") or ghost in self.touched:
            return False
        for number, events in enumerate(self.strands):
            for event in events:
                if event.before.ghosts[ghost] in self.used:
                    return False
                if number != strand and any(name == ghost and new is not value for name, new in _sets(event)):
                    return False
        own = [new for event in self.strands[strand] for name, new in _sets(event) if name == ghost]
        return not any(_tells(prove.property, ghost, own) for prove in self.theorem.proves)


def _sets(event: Event) -> list[tuple[str, Term]]:
    """The ghosts and further entries that an event may change, with what it leaves in them."""
    return [(name, value) for name, value in event.after.ghosts.items() if value is not event.before.ghosts[name]]


def _used(drafted: Draft) -> Iterable[Term]:
    """Everything that rests on what events find: but what an event leaves as it found it. What is written is also
    touched."""
    translation = drafted.translation
    for event in translation.events:
        yield from (event.guard, event.assumed, *event.touched.values())
        if event.after.entry is not event.before.entry:
            yield event.after.entry
        yield from (value for _, value in _sets(event))
    for duty in translation.duties:
        yield from (duty.guard, duty.condition, duty.assumed)
    yield from (branch.guard for branch in translation.branches)
    yield from drafted.frame.variables.values()
    yield translation.assumed


def _touched(theorem: c.Theorem, setting: Setting) -> frozenset[str]:
    """The ghosts that the agents speak of, themselves or through what they call."""
    agents = [setting.scope.agents[use.agent] for use in theorem.agents]
    return frozenset(parts_of_state(setting.scope, agents))


def _tells_all(what: c.Property) -> bool:
    """Whether a property counts what every event finds, or asks which came last."""
    if isinstance(what, c.Resurrects) or (isinstance(what, c.Conserves) and what.exactly):
        return True
    return any(isinstance(node, c.Instant) and node.which == "after" for node in below(what))


def _tells(what: c.Property, ghost: str, own: Sequence[Term]) -> bool:
    """Whether a property tells when the ghost was set. What bits are conserved into may be set to true only, and then
    stays true: that it holds from an event on says that it holds in the end."""
    if isinstance(what, c.Conserves) and isinstance(what.into, c.GhostName) and what.into.name == ghost:
        return not all(value.value is True for value in own)
    return isinstance(what, c.Always) and any(
        isinstance(node, c.GhostName) and node.name == ghost for node in below(what)
    )
