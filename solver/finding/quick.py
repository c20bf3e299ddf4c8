"""Decisions whose counterexamples are replayed but not the shortest of their kind: where only the verdict is wanted."""

from collections.abc import Sequence

from spteproof.solver.claims import Decided, Verdict, unsettled
from spteproof.solver.counterexamples import Hunt
from spteproof.solver.decision import Decision
from spteproof.solver.properties import Violation
from spteproof.solver.results import REFUTED
from spteproof.solver.smtlib import Script
from spteproof.solver.terms import Term


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
        return unsettled(found) if isinstance(found, str) else Verdict(verdict=REFUTED)


class Losing(Quick):
    """They can be asked, besides, whether what an author expects to be lost at once can be."""

    def _script(self) -> Script:
        """With a truth value for each claim that is expected to lose bits: some moment loses all of them."""
        script = super()._script()
        for number, (claim, found) in enumerate(zip(self.claims, self.violations, strict=True)):
            bits = self._expected_losing(claim)
            if found is not None and bits:
                script.literal(f"together{number}", self._loses(found, bits))
        return script

    def _loses(self, found: Violation, bits: int) -> Term:
        terms = self.terms
        wanted = terms.word(bits)
        at_once = terms.any_of(
            terms.both(moment.guard, terms.equal(terms.bit_and(moment.blame, wanted), wanted))
            for moment in found.moments
            if moment.blame is not None
        )
        return terms.both(found.condition(terms), at_once)

    def _is_settled(self, number: int, found: Violation) -> bool:
        """Whether another schedule refutes the claim as its author expects."""
        return self._is_refuted_in(self.siblings, number)

    def _is_refuted_in(self, others: Sequence[Decided], number: int) -> bool:
        claim = self.claims[number]
        verdicts = [decided.verdict_on(claim.text, claim.place) for decided in others]
        return any(each is not None and each.verdict == REFUTED and not each.lacking for each in verdicts)
