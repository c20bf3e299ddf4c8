"""Decisions whose counterexamples are replayed but not the shortest of their kind: where only the verdict is wanted."""

from spteproof.solver.claims import Verdict
from spteproof.solver.counterexamples import Hunt
from spteproof.solver.decision import Decision
from spteproof.solver.results import REFUTED, UNKNOWN


class Quick(Decision):
    """Refuted means, here as elsewhere, that an execution was found and replayed."""

    _hunts: dict[int, Hunt]

    def ask(self) -> None:
        super().ask()
        self._hunts = {}

    def hunt_for(self, number: int) -> Hunt:
        """The claim's search, made once."""
        if number not in self._hunts:
            self._hunts[number] = self._hunt(number)
        return self._hunts[number]

    def _refuted(self, number: int) -> Verdict:
        found = self.hunt_for(number).some(*self.given)
        return Verdict(verdict=UNKNOWN, reason=found) if isinstance(found, str) else Verdict(verdict=REFUTED)
