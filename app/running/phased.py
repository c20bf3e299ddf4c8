"""A run that tells verdicts first, and each task whole when its counterexamples are known, over worker processes.

The crew is handed errands: a task's name alone asks for its verdicts; numbers behind it ask for the counterexamples of
those of its pieces that are refuted. The second errand of a task waits until the first errands of all are handed out.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from spteproof.grammar.checked import Library
from spteproof.grammar.source import Source
from spteproof.running.crew import Crew, NoWorkers
from spteproof.running.details import kept_details
from spteproof.running.phases import Phases, Piece, in_two, is_refuted, standing
from spteproof.running.pipeline import pieces
from spteproof.running.runs import WithoutWorkers, weight
from spteproof.running.worker import Limits, serve
from spteproof.solver.doubts import Doubt
from spteproof.solver.foremost import Foremost
from spteproof.solver.proof import Prover
from spteproof.solver.results import Budget


def run_in_phases(
    library: Library,
    names: Sequence[str],
    budget: Budget,
    jobs: int,
    hear: Callable[[str, Piece, bool], None],
    *,
    sources: Mapping[str, Source],
    limits: Limits,
    stop: Callable[[], bool],
) -> None:
    """Proves the named tasks: `hear` is told the name, what it gave, and whether that is whole, of each once or twice.
    Ends early when told to `stop`. `sources` are all texts, by name. Raises WithoutWorkers."""
    heaviest = sorted(names, key=lambda name: -weight(library, name))
    if "fork" not in multiprocessing.get_all_start_methods():
        prover = Prover(library, budget, keep=kept_details)
        for given in Phases(library, _foremost(prover), prover).given(heaviest, stop):
            hear(given.task, given.results, given.whole)
        return

    def live(tasks: int, answers: int, parent: int) -> None:
        serve(library, budget, limits, tasks, answers, parent, _carried_out)

    def given_up(errand: str, reason: Doubt, start: int, end: int | None) -> list[Piece]:
        prover = Prover(library, budget)
        name, *numbers = errand.split(" ")
        if not numbers:
            return list(pieces(library, name, prover, start, end, reason))
        some = map(int, numbers[start:end])
        return [piece for at in some for piece in pieces(library, name, prover, at, at + 1, reason)]

    crew = Crew(live, sources, limits, min(jobs, len(names)), given_up, stop)
    missing = dict.fromkeys(heaviest)
    left: dict[str, list[Piece]] = {}
    try:
        with closing(crew.run(heaviest)) as done:
            for task in done:
                name, *numbers = task.name.split(" ")
                found = task.pieces if not numbers else _put_together(left.pop(name), numbers, task.pieces)
                refuted = [] if numbers or not in_two(library, name) else _refuted(found)
                if refuted:
                    left[name] = found
                    crew.add(" ".join([name, *map(str, refuted)]))
                else:
                    del missing[name]
                hear(name, [each for piece in found for each in piece], not refuted)
    except NoWorkers:
        raise WithoutWorkers(*[name for name in names if name in missing]) from None


def _carried_out(library: Library, errand: str, prover: Prover, skip: int) -> Iterator[list[Any]]:
    """What a worker does."""
    name, *numbers = errand.split(" ")
    if not numbers:
        yield from pieces(library, name, _foremost(prover) if in_two(library, name) else prover, skip)
    for number in map(int, numbers[skip:]):
        yield from pieces(library, name, prover, number, number + 1)


def _foremost(prover: Prover) -> Prover:
    """One that decides verdicts only, and shares what is known of agents."""
    return Prover(prover.library, prover.budget, prover.benches, keep=prover.keep, kind=Foremost)


def _refuted(found: Sequence[Piece]) -> list[int]:
    return [number for number, piece in enumerate(found) if is_refuted(piece)]


def _put_together(early: list[Piece], numbers: Sequence[str], late: Sequence[Piece]) -> list[Piece]:
    found = list(early)
    for number, piece in zip(map(int, numbers), late, strict=True):
        found[number] = standing(found[number], piece)
    return found
