"""Decisions that say only whether an instance's verdicts are those that its author expects.

Another verdict than the expected one is found as soundly as ever: a refutation that nobody expects is replayed, and
what is proved is proved. A refutation that is expected needs a model only. After the first unexpected one nothing else
is asked.
"""

from spteproof.solver.claims import Claim, Decided, Verdict, given_up, unsettled
from spteproof.solver.doubts import TIME, Doubt
from spteproof.solver.finding.quick import Losing
from spteproof.solver.instances import expectation
from spteproof.solver.naming import names_of_bits
from spteproof.solver.properties import Violation
from spteproof.solver.results import PROVED, REFUTED
from spteproof.solver.z3_solver import Unknown

NOT_ASKED = Doubt(TIME, "not asked: another verdict is not as expected")


class Noticing(Losing):
    """Verdicts without counterexamples; those on an instance of which one verdict is REFUTED and not expected are
    unknown. `replays_all`: expected refutations are replayed as well."""

    replays_all = False
    recurs = True

    def run(self) -> Decided:
        if any(self._is_noticed(*each) for decided in self.earlier for each in _pairs(decided)):
            return given_up(self.theorem, NOT_ASKED)
        self._stopped = False
        return super().run()

    def _expected(self, claim: Claim) -> str:
        wanted = expectation(claim.prove, self.instance) if claim.prove is not None else None
        return wanted.verdict if wanted is not None else PROVED

    def _is_noticed(self, claim: Claim, verdict: Verdict) -> bool:
        return verdict.verdict == REFUTED and self._expected(claim) != REFUTED

    def _decide_all_iterations(self, number: int) -> Verdict:
        if self._stopped:
            return unsettled(NOT_ASKED)
        verdict = super()._decide_all_iterations(number)
        self._stopped = self._is_noticed(self.claims[number], verdict)
        return verdict

    def _refuted(self, number: int) -> Verdict:
        claim = self.claims[number]
        if self.replays_all or self._expected(claim) != REFUTED:
            verdict = super()._refuted(number)
            if verdict.verdict != REFUTED:
                return verdict
        return self._with_what_is_lacking(number)

    def _with_what_is_lacking(self, number: int) -> Verdict:
        """Refuted; what the author expects to be lost and no event loses is said only of one that was replayed."""
        claim = self.claims[number]
        if self._is_refuted_in(self.earlier, number):
            return Verdict(verdict=REFUTED)
        bits, lacking = self._expected_losing(claim), self._nowhere(claim)
        answer = self._holds(f"together{number}") if bits else True
        if isinstance(answer, Unknown):
            return unsettled(answer.reason)
        if not answer:
            lacking = (*names_of_bits(bits, self.setting), *lacking)
        if lacking and not self.replays_all:
            return self._lacking_and_replayed(number, lacking)
        return Verdict(verdict=REFUTED, lacking=lacking)

    def _lacking_and_replayed(self, number: int, lacking: tuple[str, ...]) -> Verdict:
        verdict = super()._refuted(number)
        return Verdict(verdict=REFUTED, lacking=lacking) if verdict.verdict == REFUTED else verdict

    def _rest_on_invariants(self) -> None:
        """After an unexpected refutation nothing else is said."""
        if not self._stopped:
            super()._rest_on_invariants()
            return
        for number, (claim, verdict) in enumerate(zip(self.claims, self.verdicts, strict=True)):
            if not self._is_noticed(claim, verdict):
                self.verdicts[number] = unsettled(NOT_ASKED)

    def _rest_on_order(self) -> None:
        if not self._stopped:
            super()._rest_on_order()

    def _is_untriggered(self, number: int, found: Violation) -> bool:
        return False

    def _dead_branches(self) -> tuple[str, ...]:
        return ()


class NoticingAll(Noticing):
    """The same, and every refutation is one that was replayed: what is said of a text as it is."""

    replays_all = True


def _pairs(decided: Decided) -> list[tuple[Claim, Verdict]]:
    return list(zip(decided.claims, decided.verdicts, strict=True))
