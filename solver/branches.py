"""Arms of a program's branches that no execution reaches: told beside the verdicts."""

from collections.abc import Callable, Mapping

from spteproof.solver.happenings import Branch
from spteproof.solver.z3_solver import Solver, Unknown, some_of


def arm(branch: Branch) -> str:
    """What an arm is called."""
    return f"{branch.place} ({branch.arm})"


def unreached(holds: Callable[..., bool | Unknown], solver: Solver, arms: Mapping[str, Branch]) -> tuple[str, ...]:
    """Which of the arms, by the names of their guards, are reached in no execution; none where the solver gives up.
    Each model rules out all arms that it goes through."""
    while arms:
        answer = holds("assumed", some_of(list(arms)))
        if isinstance(answer, Unknown):
            return ()
        if not answer:
            break
        values = solver.model([], list(arms))
        arms = {name: branch for name, branch in arms.items() if not values[name]}
    return tuple(dict.fromkeys(map(arm, arms.values())))
