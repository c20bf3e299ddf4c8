"""Makes the certificates of one script's questions. Nothing trusts this file: what it makes is checked at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from spteproof.solver.certificates.checking import check_refutation
from spteproof.solver.certificates.elaborating import NotDerived, refutation
from spteproof.solver.certificates.judging import Blasted, check_satisfiable
from spteproof.solver.certificates.obligations import Asked, all_of, conjunction, constants, none_of
from spteproof.solver.certificates.solving import Glucose

CONFLICTS = 300_000
"""The budget of one question, in the solver's own count. The hardest of the library takes a minute, and over 20,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refutation:
    """That none of the questions `asked` can be answered with yes: their obligation, its clauses as DIMACS, and lemmas
    that refute them."""

    asked: tuple[Asked, ...]
    text: str
    dimacs: str
    lemmas: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfaction:
    """That all the questions `asked` are answered with yes, at once: their obligation, and values of its constants."""

    asked: tuple[Asked, ...]
    text: str
    values: dict[str, int]


class NotCertified(Exception):
    """There is no certificate; the message says why."""


class Disagreement(NotCertified):
    """The second solver's answer is the opposite of the first one's."""


def refuted(script: str, asked: Sequence[Asked]) -> Refutation:
    """That the script holds together with none of the questions. Raises NotCertified, Unreadable,
    ModuleNotFoundError."""
    return refuted_text(none_of(script, asked), asked)


def refuted_text(text: str, asked: Sequence[Asked]) -> Refutation:
    """That an obligation cannot hold which says that some of the questions can. Raises as `refuted`."""
    blasted = Blasted(text)
    clauses = blasted.clauses
    learnt = []
    with Glucose(clauses.found, CONFLICTS) as solver:
        for each in asked:
            literal = _assumption(blasted, each)
            if literal is not None:
                _demand(solver.holds([literal]), False)
        _demand(solver.holds([]), False)
        learnt = solver.learnt()
    try:
        lemmas = refutation(clauses.found, learnt)
    except NotDerived:
        raise NotCertified("the solver's proof could not be followed") from None
    dimacs = clauses.dimacs()
    check_refutation(dimacs, lemmas)
    return Refutation(asked=tuple(asked), text=text, dimacs=dimacs, lemmas=lemmas)


def satisfied(script: str, asked: Sequence[Asked]) -> list[Satisfaction]:
    """That the script holds together with each of the questions; those that can hold at once share one obligation.
    Raises NotCertified, Unreadable, ModuleNotFoundError."""
    questions = _Questions(script, asked)
    found: list[Satisfaction] = []
    waiting = list(asked)
    with Glucose(questions.clauses.found, CONFLICTS) as solver:
        while waiting:
            together = questions.together(solver, waiting)
            text = all_of(script, together)
            used = constants(text)
            values = {name: value for name, value in questions.values(solver.model()).items() if name in used}
            check_satisfiable(text, values)
            found.append(Satisfaction(asked=tuple(together), text=text, values=values))
            waiting = [each for each in waiting if each not in together]
    return found


class _Questions:
    """The clauses of a script, and for each question a literal that implies it."""

    def __init__(self, script: str, asked: Sequence[Asked]) -> None:
        self._blasted = blasted = Blasted(none_of(script, asked))
        circuit = blasted.circuit
        chosen = {tuple(each): circuit.variable() for each in asked}
        implied = [
            circuit.either(literal ^ 1, blasted.script.truth(conjunction(each))) for each, literal in chosen.items()
        ]
        self.clauses = circuit.clauses([*blasted.script.asserted, *implied])
        number = self.clauses.number
        self._literals = {each: number[literal >> 1] for each, literal in chosen.items() if literal >> 1 in number}

    def together(self, solver: Glucose, waiting: Sequence[Asked]) -> list[Asked]:
        """As many questions as hold at once, found from the first on; the solver's model is theirs afterwards."""
        if self._hold(solver, waiting):
            return list(waiting)
        chosen = [waiting[0]]
        _demand(self._hold(solver, chosen), True)
        for each in waiting[1:]:
            if self._hold(solver, [*chosen, each]):
                chosen.append(each)
        _demand(self._hold(solver, chosen), True)
        return chosen

    def _hold(self, solver: Glucose, asked: Sequence[Asked]) -> bool | None:
        """One that always holds has no literal."""
        return solver.holds([self._literals[tuple(each)] for each in asked if tuple(each) in self._literals])

    def values(self, model: set[int]) -> dict[str, int]:
        """The constants' values in a model of the clauses; a bit that does not occur there is 0."""
        number = self.clauses.number
        return {
            name: sum(1 << at for at, literal in enumerate(bits) if number.get(literal >> 1, 0) in model)
            for name, bits in self._blasted.inputs.items()
        }


def _assumption(blasted: Blasted, asked: Asked) -> int | None:
    """The literal of the clauses that says what is asked; None where there is none."""
    literal = blasted.script.truth(conjunction(asked))
    variable = blasted.clauses.number.get(literal >> 1)
    return None if variable is None else -variable if literal & 1 else variable


def _demand(answer: bool | None, wanted: bool) -> None:
    if answer is None:
        raise NotCertified("too hard for the solver that writes proofs")
    if answer is not wanted:
        raise Disagreement(f"the solver that writes proofs answers {'yes' if answer else 'no'}")
