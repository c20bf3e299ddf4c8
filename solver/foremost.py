"""Verdicts first: the same as ever, with every refutation replayed, and without the search for its counterexamples.

An editor shows them while the search goes on. What is refuted here is refuted for good: the model with which the solver
answered was replayed. Its execution is not the shortest, so that nobody is shown it, and it may lose fewer bits than
can be lost.
"""

from spteproof.solver.claims import Verdict
from spteproof.solver.decision import Decision
from spteproof.solver.finding.quick import Losing
from spteproof.solver.naming import lacking_words, names_of_bits
from spteproof.solver.results import REFUTED, SEARCHED
from spteproof.solver.setting import Setting


class Foremost(Losing):
    """`losing` are the bits of one execution, or those that were expected to be lost; where a model does not replay,
    the search is made at once."""

    at_once = True
    recurs = True

    def _refuted(self, number: int) -> Verdict:
        bits = self._hunt(number).blamed(self.solver, 0)
        if bits is None:
            return Decision._refuted(self, number)
        claim, lacking = self.claims[number], self._nowhere(self.claims[number])
        if self._is_refuted_in(self.earlier, number):
            return searched(bits, (), self.setting)
        wanted = self._expected_losing(claim)
        if wanted:
            answer = self._holds(f"together{number}")
            at_once = self._hunt(number).blamed(self.solver, wanted) if answer is True else None
            if answer is not False and at_once is None:
                return Decision._refuted(self, number)
            bits |= at_once or 0
            lacking = lacking if answer else (*names_of_bits(wanted, self.setting), *lacking)
        return searched(bits, lacking, self.setting)


def searched(bits: int, lacking: tuple[str, ...], setting: Setting) -> Verdict:
    """Refuted, losing at least these bits."""
    losing = names_of_bits(bits, setting)
    return Verdict(verdict=REFUTED, reason=lacking_words(lacking) or SEARCHED, losing=losing, lacking=lacking)
