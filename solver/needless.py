"""Reads on whose value nothing depends: what calls are compared by holds none of them."""

from collections.abc import Iterable, Mapping, Sequence

from spteproof.solver.happenings import Event
from spteproof.solver.setting import Site
from spteproof.solver.terms import Term, variables


def needless(events: Sequence[Event], found: Mapping[Site, Term], ends: Iterable[Term]) -> frozenset[Site]:
    """The sites of the events that only read a value which reaches none of the `ends`, no other event, and nothing that
    decides on one. Each event has `found` a variable of its own."""
    reads = {event.site: event for event in events if _only_reads(event)}
    roots = list(ends)
    for event in events:
        if event.site not in reads:
            roots += [event.guard, *([event.after.entry] if event.written else [])]
    while needed := [site for live in [variables(roots)] for site in reads if found[site] in live]:
        roots += [reads.pop(site).guard for site in needed]
    return frozenset(reads)


def _only_reads(event: Event) -> bool:
    """Whether the event can change nothing; a ghost statement counts as one that can."""
    ghosts = event.before.ghosts
    sets = any(new is not ghosts[name] for name, new in event.after.ghosts.items())
    return not (event.written or sets or event.operation == "ghost")
