"""What every obligation of an instance assumes, as SMT-LIB text."""

from spteproof.solver.execution import Execution
from spteproof.solver.smtlib import Script
from spteproof.solver.surroundings import AFTER, BEFORE, Surroundings
from spteproof.solver.terms import Terms


def state_hypotheses(script: Script, terms: Terms, run: Execution, surroundings: Surroundings) -> None:
    """Requires the start's invariants, the parameters' ranges, and that the environment filled every gap."""
    declared: list[object] = [*run.start.parts(), *run.parameters.values()]
    script.define(declared)  # type: ignore[arg-type]
    script.require(run.hypotheses)
    closed = surroundings.closure
    if closed is not None and not closed.is_identity():
        closed.define(script, "env")
        for gap in run.gaps:
            script.line(f"(assert {closed.apply(script, 'env', gap.before, gap.after)})")
    if surroundings.rely is not None:
        written = _ghosts_written(surroundings)
        for gap in run.gaps:
            replacements = {
                terms.word_variable(BEFORE): gap.before.entry,
                terms.word_variable(AFTER): gap.after.entry,
            }
            script.require(terms.substitute([surroundings.rely], replacements)[0])
            for name, ghost in gap.after.ghosts.items():
                if name not in written:
                    old = gap.before.ghosts[name]
                    script.require(terms.same(old, ghost))


def _ghosts_written(surroundings: Surroundings) -> set[str]:
    return {
        name
        for each in surroundings.transitions
        for name, ghost in each.ghosts.items()
        if ghost is not surroundings.state.ghosts[name]
    }
