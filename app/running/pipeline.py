"""From texts to verdicts in one call: parse, check, prove. Every command and every test goes through here."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from spteproof.diagnostic_text import draw
from spteproof.grammar.checked import Library
from spteproof.grammar.diagnostics import Diagnostic
from spteproof.grammar.modules import Loaded, load, load_text
from spteproof.running.details import kept_details
from spteproof.solver.doubts import Doubt
from spteproof.solver.results import Budget, Result, Skipped

if TYPE_CHECKING:
    from spteproof.running.phases import Given
    from spteproof.solver.proof import Prover
    from spteproof.solver.workbench import Benches

sys.setrecursionlimit(20_000)

LIBRARY = Path(str(files("spteproof.spec")))
"""The folder of the library's texts."""


class BadInput(ValueError):
    """The input is wrong; `diagnostics` say where and why, and the message is their text."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n".join(draw(each) for each in diagnostics))
        self.diagnostics = tuple(diagnostics)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run gave."""

    results: tuple[Result, ...]
    skipped: tuple[Skipped, ...]

    def is_all_skipped(self) -> bool:
        """Whether there were instances, and none had anything to decide."""
        return bool(self.skipped) and not self.results


class Session:
    """A process that proves one text after the other, as an editor does. What is known of agents that did not
    change is kept; what has grown past reason is dropped."""

    def __init__(self, budget: Budget | None = None) -> None:
        from spteproof.solver.workbench import Benches

        self._budget = budget or Budget()
        self._benches = Benches()

    def prove_text(self, text: str, name: str = "<text>") -> Report:
        """Proves all theorems of one module given as text. Raises BadInput."""
        loaded = load_text(text, name=name, library_root=LIBRARY)
        return prove_loaded(loaded, budget=self._budget, benches=self._benches)

    def prove_tasks(self, loaded: Loaded, names: Iterable[str], stop: Callable[[], bool]) -> "Iterator[Given]":
        """What the named tasks give: first all verdicts, then their counterexamples; ends early when told to `stop`.
        Raises BadInput."""
        from spteproof.running.phases import Phases
        from spteproof.solver.foremost import Foremost
        from spteproof.solver.proof import Prover

        library = library_of(loaded)
        foremost = Prover(library, self._budget, self._benches, keep=kept_details, kind=Foremost)
        prover = Prover(library, self._budget, self._benches, keep=kept_details)
        yield from Phases(library, foremost, prover).given(names, stop)


def prove_text(text: str, name: str = "<text>", *, budget: Budget | None = None) -> Report:
    """Proves all theorems of one module given as text. Raises BadInput."""
    return Session(budget).prove_text(text, name)


def prove_paths(paths: Sequence[Path], *, budget: Budget | None = None) -> Report:
    """Proves all theorems of the files named, or of the folders' files. Raises BadInput."""
    return prove_loaded(load(paths, library_root=LIBRARY), budget=budget or Budget())


def library_of(loaded: Loaded) -> Library:
    """The checked library. Raises BadInput where there is none."""
    if loaded.library is None:
        raise BadInput([each for each in loaded.diagnostics if each.severity == "error"])
    return loaded.library


def prove_loaded(
    loaded: Loaded,
    *,
    budget: Budget,
    wanted: Callable[[str], bool] = lambda name: True,
    each: Callable[[Result | Skipped], None] = lambda result: None,
    benches: "Benches | None" = None,
) -> Report:
    """Proves in this process what was asked for, telling `each` result as it comes. Raises BadInput."""
    from spteproof.solver.proof import Prover
    from spteproof.solver.workbench import Benches

    library = library_of(loaded)
    prover = Prover(library, budget, Benches() if benches is None else benches)
    found: list[Result | Skipped] = []
    for name in tasks(library, wanted):
        for result in prove_task(library, name, prover):
            found.append(result)
            each(result)
    return report(found)


def report(found: Iterable[Result | Skipped]) -> Report:
    found = list(found)
    return Report(
        tuple(each for each in found if isinstance(each, Result)),
        tuple(each for each in found if isinstance(each, Skipped)),
    )


def tasks(library: Library, wanted: Callable[[str], bool]) -> list[str]:
    """The names of what is to be proved: layouts with asserts first, then theorems, in the order of the texts."""
    theorems = [each for name, each in library.theorems.items() if name in library.asked and wanted(name)]
    used = {name for each in theorems for name in each.layouts} | (library.asked & library.layouts.keys())
    layouts = [name for name in library.layouts if name in used and library.layouts[name].asserts and wanted(name)]
    return [*layouts, *[each.name for each in theorems]]


def prove_task(library: Library, name: str, prover: "Prover") -> list[Result | Skipped]:
    """The verdicts on one theorem, or on the asserts of one layout."""
    return list(task_results(library, name, prover))


def task_results(library: Library, name: str, prover: "Prover") -> "Iterator[Result | Skipped]":
    """The same, one after the other as they come."""
    for piece in pieces(library, name, prover):
        yield from piece


def pieces(
    library: Library,
    name: str,
    prover: "Prover",
    start: int = 0,
    stop: int | None = None,
    given_up: Doubt | None = None,
) -> Iterator[list[Result | Skipped]]:
    """What one theorem gives instance by instance, or one layout assert by assert, from number `start` to `stop`; all
    unknown where `given_up` says why."""
    if name in library.theorems:
        return prover.pieces(library.theorems[name], start, stop, given_up)
    return prover.layout_pieces(library.layouts[name], start, stop, given_up)
