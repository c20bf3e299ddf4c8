"""What is worked out before anything is decided: the environment, the body over terms, the orders of its threads."""

from collections.abc import Sequence
from dataclasses import dataclass

from spteproof.grammar import checked as c
from spteproof.solver.blocks import blocks
from spteproof.solver.doubts import TooBig
from spteproof.solver.execution import Draft, bind_parameters, draft
from spteproof.solver.results import Budget
from spteproof.solver.schedules import Schedule, schedules
from spteproof.solver.setting import Setting
from spteproof.solver.surroundings import Surroundings, prepare
from spteproof.solver.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all schedules of one instance in one concrete layout share."""

    surroundings: Surroundings
    draft: Draft
    schedules: Sequence[Schedule]


def grounded(bench: Workbench, setting: Setting, theorem: c.Theorem, budget: Budget, trusting: bool) -> Ground:
    """Prepares the environment and translates the body. Not `trusting`, agents may have read values that the
    invariants forbid. Raises TooBig."""
    parameters, ranges = bind_parameters(bench.terms, theorem, setting)
    surroundings = prepare(bench, setting, theorem, parameters, ranges, budget, trusting)
    if surroundings.problem is not None:
        raise TooBig(surroundings.problem, surroundings.problem.kind)
    drafted = draft(bench.terms, theorem, setting, surroundings.closure)
    orders = schedules(blocks(bench.terms, drafted, setting, theorem, budget), drafted.alone)
    return Ground(surroundings=surroundings, draft=drafted, schedules=orders)
