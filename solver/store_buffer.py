"""Stores that wait: where the order in which a program's accesses take effect may differ from its text.

On x86 a plain store may take effect after later loads from other words, up to the next locked operation (Intel SDM
vol. 3A, 9.2.3.4). The model shows the order of the text. For one entry that is the same (docs/soundness.md); for two it
is not, so what is proved of a program that stores to one entry and then loads from another is not believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from spteproof.solver.doubts import ORDER, Doubt
from spteproof.solver.happenings import Access
from spteproof.solver.smtlib import Script
from spteproof.solver.terms import Term, Terms
from spteproof.solver.z3_solver import Solver


@dataclass(frozen=True, slots=True)
class Overtaking:
    """Where `guard` holds, `load` may be over before `store`, which stands above it, has taken effect."""

    store: Access
    load: Access
    guard: Term

    def reason(self) -> Doubt:
        return Doubt(
            ORDER,
            f"the plain store to `{self.store.entry}` at {self.store.place} may take effect after the read of "
            f"`{self.load.entry}` at {self.load.place}: x86 keeps their order only where a locked operation stands "
            "between them",
        )


def overtakings(terms: Terms, accesses: Sequence[Access]) -> list[Overtaking]:
    """All plain stores with later plain loads from another entry and no locked operation between. Threads run on CPUs
    of their own: what one thread does, or what stands outside of all, comes after the other; a locked operation
    of another thread keeps no order here."""
    found: list[Overtaking] = []
    for at, store in enumerate(accesses):
        if store.kind != "store":
            continue
        waits = store.guard
        for later in accesses[at + 1 :]:
            if later.kind == "locked" and later.thread == store.thread:
                waits = terms.both(waits, terms.negation(later.guard))
            if later.kind == "load" and later.entry != store.entry and _one_after_the_other(store, later):
                guard = terms.all_of([waits, later.guard, later.assumed])
                if guard is not terms.false:
                    found.append(Overtaking(store, later, guard))
    return found


def state_overtakings(script: Script, terms: Terms, accesses: Sequence[Access]) -> None:
    """Each as a truth value to assume."""
    for number, each in enumerate(overtakings(terms, accesses)):
        script.literal(f"overtaken{number}", each.guard)


def why_in_doubt(solver: Solver, terms: Terms, accesses: Sequence[Access]) -> Doubt | None:
    """Why the model does not show all executions; None where no stated overtaking can come about."""
    for number, each in enumerate(overtakings(terms, accesses)):
        if solver.check(f"overtaken{number}") is not False:
            return each.reason()
    return None


def _one_after_the_other(store: Access, load: Access) -> bool:
    """Whether one CPU may do both, in this order."""
    return store.thread is None or load.thread is None or store.thread == load.thread
