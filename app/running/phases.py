"""Verdicts first, their counterexamples after: what an editor, and who watches, is told of tasks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from spteproof.grammar.checked import Library
from spteproof.running.pipeline import pieces
from spteproof.solver.proof import Prover
from spteproof.solver.results import REFUTED, UNKNOWN, Result, Skipped

Piece = list[Result | Skipped]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a task gave. Not `whole`: all its verdicts, and for those that are refuted no counterexample yet."""

    task: str
    results: Piece
    whole: bool


@dataclass(slots=True)
class Phases:
    """`foremost` decides verdicts only, `prover` all; they share what they know of agents."""

    library: Library
    foremost: Prover
    prover: Prover

    def given(self, names: Iterable[str], stop: Callable[[], bool]) -> Iterator[Given]:
        """The verdicts of each task, then once more, whole, those tasks that were not; ends early when told to."""
        left: dict[str, list[Piece]] = {}
        for name in names:
            found: list[Piece] = []
            for piece in pieces(self.library, name, self._first(name)):
                if stop():
                    return
                found.append(piece)
            whole = self._first(name) is self.prover or not any(map(is_refuted, found))
            if not whole:
                left[name] = found
            yield _given(name, found, whole)
        for name, found in left.items():
            for number, piece in enumerate(found):
                if is_refuted(piece):
                    (then,) = pieces(self.library, name, self.prover, number, number + 1)
                    found[number] = standing(piece, then)
                if stop():
                    return
            yield _given(name, found, True)

    def _first(self, name: str) -> Prover:
        return self.foremost if in_two(self.library, name) else self.prover


def in_two(library: Library, name: str) -> bool:
    """Whether a task has two phases. Where nothing can be said before the search, as with a rely that may be too weak,
    the search is the first and only one."""
    theorem = library.theorems.get(name)
    return theorem is not None and theorem.rely is None


def is_refuted(piece: Piece) -> bool:
    return any(isinstance(each, Result) and each.verdict == REFUTED for each in piece)


def standing(early: Piece, late: Piece) -> Piece:
    """The later results. What was refuted stays so where the search gave up: an execution was replayed."""
    refuted = {
        (each.place, each.property): each for each in early if isinstance(each, Result) and each.verdict == REFUTED
    }
    return [
        _still(refuted.get((each.place, each.property)), each) if isinstance(each, Result) else each for each in late
    ]


def _still(early: Result | None, late: Result) -> Result:
    if early is None or late.verdict != UNKNOWN:
        return late
    return replace(early, reason=f"no counterexample can be shown: {late.reason}")


def _given(name: str, found: list[Piece], whole: bool) -> Given:
    return Given(task=name, results=[each for piece in found for each in piece], whole=whole)
