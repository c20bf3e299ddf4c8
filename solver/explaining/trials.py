"""One instance's proof tried with some items loosened: does it still hold, and which of the others does it use?"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from spteproof.solver.claims import Claim
from spteproof.solver.decision import Decision
from spteproof.solver.doubts import TooBig
from spteproof.solver.explaining.texts import Texts, anything, keep
from spteproof.solver.ground import grounded
from spteproof.solver.instances import Instance
from spteproof.solver.results import Budget
from spteproof.solver.store_buffer import overtakings
from spteproof.solver.workbench import Benches
from spteproof.solver.z3_solver import Unknown, truth_is

AGENTS = "agents are sound"
"""The claim that no assert of an agent fails and no expression of it is undefined; spoken of where it is not so."""


class _Asked(Decision):
    """The questions of a proof, to be asked under further literals."""

    def number_of(self, text: str) -> int | None:
        """The number of the claim of this text; None where there is nothing of the kind to prove."""
        return next((number for number, claim in enumerate(self.claims) if claim.text == text), None)

    def violations_of(self, number: int) -> list[str]:
        """The literals each of which, if it can hold, spoils the proof of a claim."""
        found = self.violations[number]
        parts = [] if found is None else found.parts(self.terms)
        late = overtakings(self.terms, self.execution.accesses)
        return [
            *[f"violated{number}at{part}" for part in range(len(parts))],
            *[f"overtaken{each}" for each in range(len(late))],
        ]

    def doubt(self, claim: Claim) -> str | None:
        """Why what is shown of one failed iteration does not hold of all."""
        return self._why_unknown(claim)


class Trial:
    """The questions of an instance's claims where the items `loose` may be anything. Raises TooBig."""

    def __init__(
        self,
        benches: Benches,
        instance: Instance,
        texts: Texts,
        loose: Collection[int],
        budget: Budget,
        trusting: bool,
    ) -> None:
        loosened = texts.asking(loose)
        settings = tuple(loosened.setting(each) for each in instance.settings)
        instance = replace(instance, theorem=loosened.theorem, settings=settings)
        self._asked: list[_Asked] = []
        for setting in settings:
            bench = benches.at_hand()
            shared = grounded(bench, setting, loosened.theorem, budget, trusting)
            for schedule in shared.schedules:
                decision = _Asked(bench, setting, instance, budget, shared, schedule, trusting=trusting)
                decision.ask()
                self._asked.append(decision)

    @property
    def solvers(self) -> int:
        """How many it holds."""
        return len(self._asked)

    def holds(self, text: str, kept: Collection[int]) -> bool:
        """Whether the claim is proved where only the program's items `kept` are as written. What the solver cannot
        answer is not proved."""
        if text == AGENTS:
            return not any(decision.surroundings.faults for decision in self._asked)
        selectors = [keep(each) for each in sorted(kept)]
        for decision in self._asked:
            number = decision.number_of(text)
            if number is None:
                continue
            if any(decision.solver.check(each, *selectors) is not False for each in decision.violations_of(number)):
                return False
            if decision.doubt(decision.claims[number]) is not None:
                return False
        return True

    def used(self, text: str, known: Collection[int], candidates: Collection[int]) -> list[int]:
        """The candidates that the claim's proof needs beside the program's items that are `known` to be needed, as many
        as cannot be left out one by one; the claim holds where all are kept."""
        found: list[int] = []
        for decision in self._asked:
            number = decision.number_of(text)
            for literal in decision.violations_of(number) if number is not None else ():
                fixed = [*known, *found]
                found += _core(decision, literal, fixed, [each for each in candidates if each not in fixed])
        return found

    def possible(
        self, text: str, kept: Collection[int], left_out: Collection[int], loose: Collection[int]
    ) -> dict[int, bool] | None:
        """Values for the program's items left out, and for the loose ones, with which what the claim speaks of can
        happen; None where there are none."""
        for decision in self._asked:
            number = decision.number_of(text)
            found = None if number is None else decision.violations[number]
            subject = "assumed" if found is None else f"subject{number}"
            loosened = [truth_is(keep(each), False) for each in left_out]
            if decision.solver.check(subject, *map(keep, kept), *loosened) is True:
                wanted = [*left_out, *loose]
                values = decision.solver.model([], [anything(each) for each in wanted])
                return {each: bool(values[anything(each)]) for each in wanted}
        return None

    def contradicting(self, candidates: Sequence[int]) -> list[int] | None:
        """The candidates because of which nothing can satisfy all assumptions; None where something can."""
        found: list[int] = []
        for decision in self._asked:
            if decision.solver.check("assumed", *map(keep, candidates)) is not False:
                return None
            found += _core(decision, "assumed", found, [each for each in candidates if each not in found])
        return found


def _core(decision: Decision, literal: str, fixed: Sequence[int], candidates: Sequence[int]) -> list[int]:
    """Which of the candidates are needed, with those that are fixed, for the literal not to hold."""
    solver, base = decision.solver, [literal, *map(keep, fixed)]
    if solver.check(*base) is False:
        return []
    answer = solver.check(*base, *map(keep, candidates))
    if answer is not False:
        reason = answer.reason if isinstance(answer, Unknown) else "the proof does not hold any more"
        raise TooBig(f"no core is to be had: {reason}")
    left = _in(solver.core(), candidates)
    for each in list(left):
        if each in left:
            others = [other for other in left if other != each]
            if solver.check(*base, *map(keep, others)) is False:
                left = _in(solver.core(), others)
    return left


def _in(core: frozenset[str], candidates: Sequence[int]) -> list[int]:
    return [each for each in candidates if keep(each) in core]
