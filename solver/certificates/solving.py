"""Glucose, asked about an obligation's clauses. Nothing trusts this file: models are evaluated, refutations checked.

python-sat is an optional part of the installation (`pip install spteproof[certify]`) and is imported late.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Any

from spteproof.solver.certificates.circuits import Clause

SOLVER = "glucose42"


class Glucose:
    """One set of clauses, asked again and again under assumptions; as a context, it ends with it. All that it learns
    follows from the clauses alone."""

    def __init__(self, clauses: Sequence[Clause], conflicts: int) -> None:
        """`conflicts` is the budget of each question. Raises ModuleNotFoundError without python-sat."""
        from pysat.solvers import Solver

        self._conflicts = conflicts
        self._solver: Any = Solver(name=SOLVER, bootstrap_with=clauses, with_proof=True)

    def __enter__(self) -> "Glucose":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._solver.delete()

    def holds(self, assumed: Sequence[int]) -> bool | None:
        """Whether the clauses hold together with some literals; None where the budget did not suffice."""
        self._solver.conf_budget(self._conflicts)
        answer = self._solver.solve_limited(assumptions=list(assumed))
        return None if answer is None else bool(answer)

    def model(self) -> set[int]:
        """The literals that hold in the last model."""
        return set(self._solver.get_model())

    def core(self) -> tuple[int, ...]:
        """The assumptions that the last answer, which was no, needed."""
        return tuple(self._solver.get_core() or ())

    def learnt(self) -> list[Clause]:
        """The clauses that were learnt, in order."""
        lines = [line.split() for line in self._solver.get_proof() or ()]
        return [tuple(map(int, words[:-1])) for words in lines if words[0] not in ("d", "0")]
