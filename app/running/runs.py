"""A proof run: many theorems over worker processes, with progress, losing nothing already reached."""

import math
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from spteproof.grammar.checked import Library
from spteproof.grammar.source import Source
from spteproof.running.crew import Crew, NoWorkers
from spteproof.running.details import kept_details
from spteproof.running.pipeline import pieces, prove_task
from spteproof.running.worker import Limits, serve
from spteproof.solver.doubts import Doubt
from spteproof.solver.proof import Prover
from spteproof.solver.results import Budget, Result, Skipped

Found = list[Result | Skipped]
Pieces = Callable[[Library, str, Prover, int], Iterator[list[Any]]]
"""How one task is done: what it gives piece by piece, from a number on (`pipeline.pieces` proves it)."""


SYMBOLIC_WEIGHT = 40


class WithoutWorkers(Exception):
    """No worker process can be had any more; `args` are the tasks that have no verdict."""


def run(
    library: Library,
    names: Sequence[str],
    budget: Budget,
    jobs: int,
    each: Callable[[str, list[Any]], None],
    *,
    sources: Mapping[str, Source],
    limits: Limits | None = None,
    done_by: Pieces | None = None,
) -> None:
    """Does the named tasks (proves them, without `done_by`), telling `each` name and what it gave as it comes.
    `sources` are all texts, by name. Raises WithoutWorkers."""
    if "fork" not in multiprocessing.get_all_start_methods():
        prover = Prover(library, budget, keep=kept_details)
        for name in names:
            if done_by is None:
                each(name, prove_task(library, name, prover))
            else:
                each(name, [result for piece in done_by(library, name, prover, 0) for result in piece])
        return
    limits = limits or Limits()

    def live(tasks: int, answers: int, parent: int) -> None:
        serve(library, budget, limits, tasks, answers, parent, done_by or pieces)

    def given_up(name: str, reason: Doubt, start: int, stop: int | None) -> list[Found]:
        return list(pieces(library, name, Prover(library, budget), start, stop, reason))

    heaviest = sorted(names, key=lambda name: -weight(library, name))
    crew = Crew(live, sources, limits, min(jobs, len(names)), given_up)
    missing = set(names)
    try:
        with closing(crew.run(heaviest)) as done:
            for task in done:
                missing.discard(task.name)
                each(task.name, [result for piece in task.pieces for result in piece])
    except NoWorkers:
        raise WithoutWorkers(*[name for name in names if name in missing]) from None


def weight(library: Library, name: str) -> int:
    """About how much work a task is, in instances: the heaviest goes first, so that no worker idles at the end. A
    symbolic layout has many placements."""
    theorem = library.theorems.get(name)
    if theorem is None:
        return 1
    choices = math.prod(len(each.choices) for each in theorem.parameters if each.choices is not None)
    eras = [library.eras[era] for era in theorem.eras] or [None]
    return choices * sum(
        SYMBOLIC_WEIGHT if any(mask.some for mask in library.layouts[layout].masks.values()) else 1
        for had in eras
        for layout in theorem.layouts
        if had is None or layout in had
    )


def usable_processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
