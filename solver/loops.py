"""A retry over terms: perhaps one iteration that fails, then the last one. `retries.py` says when that is enough."""

from typing import TYPE_CHECKING

from spteproof.grammar import checked as c
from spteproof.solver.doubts import RETRY, TooBig
from spteproof.solver.happenings import Frame, Loop, joined
from spteproof.solver.setting import FAILED, LAST, Site

if TYPE_CHECKING:
    from spteproof.solver.translation import Translation


def run_loop(run: "Translation", node: c.Retry, site: Site, frame: Frame) -> None:
    """Runs the iterations; that the first one fails and the last one does not is assumed of what follows each. Raises
    TooBig where nothing says that these stand for all."""
    threaded = run.split is not None and run.joined is None
    for refused, where in ((run.inside, "`atomic`"), (run.looping, "another retry"), (threaded, "a thread")):
        if refused:
            raise TooBig(f"the retry at {node.place} runs inside {where}", RETRY)
    terms, alive, branches = run.terms, frame.alive, len(run.branches)
    run.loops.append(Loop(node=node, site=site, frame=frame.apart()))
    again = run.inputs[site] = terms.truth_variable(f"{run.prefix}any {len(run.inputs)}")
    start = frame.alive = terms.both(alive, again)
    ends = run.iteration(node, FAILED, frame)
    fails = terms.both(frame.alive, terms.negation(ends))
    run.assumed = terms.both(run.assumed, terms.implies(start, fails))
    frame.alive = alive
    ends = run.iteration(node, LAST, frame)
    run.assumed = terms.both(run.assumed, terms.implies(frame.alive, ends))
    run.branches[branches:] = joined(terms, run.branches[branches:])
