"""What proofs of one process share: terms, and what is known of environments."""

from dataclasses import dataclass, field

from spteproof.solver.closure import Closure
from spteproof.solver.questions import Question
from spteproof.solver.terms import Terms

MOST_TERMS, MOST_NODES = 100_000, 100_000


@dataclass(frozen=True, slots=True)
class Known:
    """What was found and checked of one set of transitions; `questions` are those that were asked for it, None where
    nobody listened."""

    closure: Closure | None
    idle: tuple[str, ...]
    questions: tuple[Question, ...] | None = None

    def size(self) -> int:
        """Nodes of diagrams, those of the layers among them once they were asked for."""
        return len(self.closure.diagrams) if self.closure is not None else 0


@dataclass(slots=True)
class Workbench:
    """Terms, and what is known of environments by the terms of their transitions. One serves for all layouts, eras and
    texts: whatever changes a transition changes its terms."""

    terms: Terms = field(default_factory=Terms)
    _known: dict[object, Known] = field(default_factory=dict)

    def is_worn(self) -> bool:
        """Whether it holds so many terms that a new one is better."""
        return len(self.terms) > MOST_TERMS

    def known(self, key: object) -> Known | None:
        """What is known of the transitions with this key."""
        found = self._known.pop(key, None)
        if found is not None:
            self._known[key] = found
        return found

    def keep(self, key: object, known: Known) -> None:
        """Keeps it; what was not asked for longest goes where all together have too many nodes."""
        self._known.pop(key, None)
        self._known[key] = known
        nodes = sum(each.size() for each in self._known.values())
        while nodes > MOST_NODES and len(self._known) > 1:
            nodes -= self._known.pop(next(iter(self._known))).size()


class Benches:
    """The workbench of a process, and a new one when it is worn."""

    def __init__(self) -> None:
        self._bench = Workbench()

    def at_hand(self) -> Workbench:
        if self._bench.is_worn():
            self.clear()
        return self._bench

    def clear(self) -> None:
        """Forgets all that was kept."""
        self._bench = Workbench()
