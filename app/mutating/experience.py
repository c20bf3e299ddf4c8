"""What a judge of mutants has seen so far, and the order in which theorems therefore look, and at which instances."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import log2
from pathlib import Path

from spteproof.mutating.outcomes import Subject
from spteproof.solver.instances import Instance
from spteproof.solver.results import Result

Item = tuple[Path, str]

CHEAP = 2**-4
"""The seconds that a look counts for at least, reading the texts included; of one that never looked no more is
expected."""


def _item(subject: Subject) -> Item:
    return subject.path, subject.mutant.item


class Experience:
    """Order is all that hangs on it: what becomes of a mutant does not."""

    def __init__(self) -> None:
        self._kills: defaultdict[Item, Counter[str]] = defaultdict(Counter)
        self._seconds: dict[str, float] = {}
        self._last_kill: dict[object, int] = {}
        self._number = 0

    def in_order(self, subject: Subject, judges: Iterable[str]) -> list[str]:
        """Those first that noticed most changes of the same item for the time that they take, then the others, quick
        ones first; all else as it was."""
        kills = self._kills[_item(subject)]

        def order(name: str) -> tuple[float, float]:
            return -kills[name] / self._cost(name), self._cost(name)

        return sorted(judges, key=order)

    def _cost(self, name: str) -> float:
        """The seconds of one look, as a power of two: two runs mostly agree on it."""
        return float(2 ** round(log2(max(self._seconds.get(name, CHEAP), CHEAP))))

    def note_look(self, name: str, seconds: float) -> None:
        """The theorem looked at a mutant in one instance."""
        self._seconds[name] = (self._seconds.get(name, seconds) + seconds) / 2

    def note_kill(self, subject: Subject, result: Result) -> None:
        self._kills[_item(subject)][result.theorem] += 1
        self._number += 1
        self._last_kill[result.theorem, result.layout, result.era, *result.params.items()] = self._number

    def instances_in_order(self, instances: Iterable[Instance]) -> list[Instance]:
        """Those first that refuted an earlier mutant, the last one before all."""

        def order(each: Instance) -> int:
            key = (each.theorem.name, each.layout, each.era, *each.parameters.items())
            return -self._last_kill.get(key, 0)

        return sorted(instances, key=order)
