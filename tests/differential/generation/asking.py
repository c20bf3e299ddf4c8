"""Asks the tool, through `spteproof.running.pipeline`; of one text, of a text and a changed one, of one under schedules."""

import itertools
from contextlib import contextmanager
from dataclasses import replace
from random import Random

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, BadInput, Session, library_of
from spteproof.solver.claims import Verdict as Decided
from spteproof.solver.decision import Decision
from spteproof.solver.opinions.cross_check import CrossCheck
from spteproof.solver.results import REFUTED, SEARCHED, Budget, Result

from .compare import Verdict
from .schedules import broken
from .text import spte_text
from .tree import Parallel, Text


@contextmanager
def quick():
    """What is refuted is not searched for its shortest counterexample, most of a text's time: nothing that is proved
    rests on it, only which bits of a refuted claim are kept does."""
    search, Decision._refuted = Decision._refuted, lambda self, number: Decided(verdict=REFUTED)
    try:
        yield
    finally:
        Decision._refuted = search


class Tool:
    """The tool in this process, warm as in an editor. `second` are opinions that are asked every question again;
    `confirmed` and `undecided` count what they said. One that contradicts makes the verdict an internal error. `first`:
    what an editor shows before counterexamples are looked for."""

    def __init__(self, shortest_seconds: float = 1.0, second: tuple[str, ...] = (), first: bool = False) -> None:
        self.told = CrossCheck(second, 10.0) if second else None
        self.confirmed = self.undecided = 0
        self.first = first
        self.session = Session(Budget(shortest_seconds=shortest_seconds, told=self.told))

    def report(self, text: str):
        return self.session.prove_text(text)

    def __call__(self, text: str):
        """The verdicts, or why there are none."""
        try:
            results = self._first_results(text) if self.first else self.report(text).results
        except BadInput as bad:
            return f"rejected: {bad}"
        except Exception as error:
            return f"crashed: {type(error).__name__}: {error}"
        self._count(results)
        return [plainly(each) for each in results]

    def _first_results(self, text: str):
        """The first verdicts on each theorem, in the order of the text."""
        loaded = load_text(text, name="<text>", library_root=LIBRARY)
        library = library_of(loaded)
        given = self.session.prove_tasks(loaded, library.theorems, lambda: False)
        first = itertools.islice(given, len(library.theorems))
        return [each for task in first for each in task.results if isinstance(each, Result)]

    def _count(self, results) -> None:
        """All verdicts of one instance carry the same opinions."""
        instances = {(each.theorem, each.layout, *sorted(each.params.items())): each.scope.opinions for each in results}
        for opinions in instances.values():
            self.confirmed += sum(each.confirmed for each in opinions)
            self.undecided += sum(each.undecided for each in opinions)


def plainly(result) -> Verdict:
    """A result of the tool as the comparison wants it."""
    found = result.counterexample
    return Verdict(
        result.theorem,
        result.layout,
        tuple(sorted(result.params.items())),
        " ".join(result.property.split()),
        "",
        result.verdict,
        found.environment_steps if found else -1,
        tuple(result.losing),
        tuple(result.kept),
        shortest=bool(found and found.shortest),
        reason=result.reason or "",
        first=result.reason == SEARCHED,
    )


def changed(text: Text, change, seed: int) -> tuple[list[str], int]:
    """What a change of the text altered and should not have, and how many verdicts were compared. Of theorems with
    threads and of symbolic layouts lengths are not compared: the shortest is that of one order, one placement."""
    from .metamorphic import violations

    tool = Tool(0.5)
    made = change(text, Random(seed))
    before, after = tool(spte_text(text)), tool(made.text)
    if isinstance(before, str) or isinstance(after, str):
        return [str(before if isinstance(before, str) else after)], 0
    threads = {each.name for each in text.theorems if any(isinstance(part, Parallel) for part in each.body)}
    symbolic = {each.name for each in text.layouts if any(isinstance(place, str) for _, place in each.places)}
    before = [replace(each, exact=each.theorem not in threads and each.layout not in symbolic) for each in before]
    return [f"{made.what}: {each}" for each in violations(before, after, made)], len(before)


def scheduled(text: Text, seed: int, runs: int, verdict: str = "proved") -> tuple[int, list[str]]:
    """How many random runs were judged, and what they broke of what has the verdict."""
    results = Tool(0.0).report(spte_text(text)).results
    return broken(spte_text(text), [each for each in results if each.verdict == verdict], seed, runs)
