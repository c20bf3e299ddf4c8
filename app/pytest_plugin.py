"""A plugin for pytest that makes each theorem of a `.spte` file a test: `pytest --spteproof spec/mail`.

pytest loads it in every run of an environment where both are installed, so it imports nothing else until it is asked
for, by the option or by `spteproof = true` in pytest's configuration. Nothing else in the package needs pytest.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from spteproof.grammar.checked import Library
    from spteproof.grammar.modules import Loaded
    from spteproof.grammar.source import Place
    from spteproof.running.cache import Cache
    from spteproof.solver.proof import Prover
    from spteproof.solver.results import Budget, Result, Skipped


class SpteWarning(pytest.PytestWarning):
    """A warning about a text."""


class NotAsExpected(Exception):
    """Some verdict is not as expected, or unknown; the message is the report, its summary first."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options and the setting of the configuration."""
    from spteproof.argument_values import seconds

    group = parser.getgroup("spteproof", "proofs about shadow page table entries")
    group.addoption("--spteproof", action="store_true", help="collect .spte files: a test for each theorem")
    group.addoption(
        "--spteproof-timeout", type=seconds, default=10.0, metavar="SECONDS", help="limit for one solver call"
    )
    group.addoption("--spteproof-no-cache", action="store_true", help="neither use nor keep earlier verdicts")
    parser.addini("spteproof", "collect .spte files: a test for each theorem", type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "SpteFile | None":
    """A text, where it is asked for."""
    config = parent.config
    if file_path.suffix != ".spte" or not (config.getoption("spteproof") or config.getini("spteproof")):
        return None
    found = SpteFile.from_parent(parent, path=file_path)
    assert isinstance(found, SpteFile)
    return found


class SpteFile(pytest.File):
    """A text: its theorems, and the asserts of the layouts that they use."""

    library: "Library"
    loaded: "Loaded"
    _cache: "Cache | None" = None
    _prover: "Prover | None" = None

    def collect(self) -> Iterator["SpteItem"]:
        """Reads and checks the text. Raises CollectError with its diagnostics where it is wrong."""
        from spteproof.diagnostic_text import draw
        from spteproof.grammar.modules import load
        from spteproof.running.pipeline import LIBRARY, BadInput, library_of, tasks

        self.loaded = load([_from_here(self.path)], library_root=LIBRARY)
        try:
            self.library = library_of(self.loaded)
        except BadInput as bad:
            raise self.CollectError(str(bad)) from None
        for each in self.loaded.diagnostics:
            self.warn(SpteWarning(draw(each)))
        for name in tasks(self.library, lambda name: True):
            shown = name if name in self.library.theorems else f"layout {name}"
            yield SpteItem.from_parent(self, name=shown, task=name)

    def budget(self) -> "Budget":
        """The limits of one solver call, as asked for."""
        from spteproof.solver.results import Budget

        return Budget(timeout_seconds=self.config.getoption("spteproof_timeout"))

    def setup(self) -> None:
        """Opens the verdicts of earlier runs."""
        from spteproof.running.cache import Cache

        enabled = not self.config.getoption("spteproof_no_cache")
        self._cache = Cache.open(self.loaded, self.budget(), enabled=enabled, library=self.loaded.library)

    def teardown(self) -> None:
        """Keeps the new verdicts for the next run."""
        if self._cache is not None:
            self._cache.close()
        self._cache = self._prover = None

    def verdicts(self, task: str) -> "list[Result | Skipped]":
        """What is known of a task, or what the proof gives."""
        assert self._cache is not None
        kept = self._cache.get(task)
        if kept is not None:
            return kept
        from spteproof.running.details import kept_details
        from spteproof.running.pipeline import prove_task
        from spteproof.solver.proof import Prover

        if self._prover is None:
            self._prover = Prover(self.library, self.budget(), keep=kept_details)
        found = prove_task(self.library, task, self._prover)
        self._cache.put(task, found)
        return found


class SpteItem(pytest.Item):
    """A theorem, or the asserts of one layout. It fails where some verdict is not as expected or unknown."""

    parent: SpteFile

    def __init__(self, *, task: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.task = task

    def runtest(self) -> None:
        """Proves it. Raises NotAsExpected; skips where no instance has anything to decide."""
        from spteproof.colour import Paint
        from spteproof.reports.human import human_report
        from spteproof.running.pipeline import report

        started = time.monotonic()
        whole = report(self.parent.verdicts(self.task))
        if whole.is_all_skipped():
            pytest.skip("; ".join(dict.fromkeys(each.reason for each in whole.skipped)))
        if whole.results and all(each.ok for each in whole.results):
            return
        text = human_report(
            whole,
            self.parent.library,
            paint=Paint(),
            counterexamples="unexpected",
            seconds=time.monotonic() - started,
            verbose=self.config.get_verbosity() > 0,
        )
        body, _, summary = text.rstrip("\n").rpartition("\n")
        raise NotAsExpected(f"{summary}\n{body}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report, where that is what failed."""
        if isinstance(excinfo.value, NotAsExpected):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands; lines count from 0 here."""
        place = self._place()
        here = place.source.path is not None and place.source.path.absolute() == self.path.absolute()
        return self.path, place.line - 1 if here else 0, self.name

    def _place(self) -> "Place":
        library = self.parent.library
        return (library.theorems.get(self.task) or library.layouts[self.task]).place


def _from_here(path: Path) -> Path:
    """As a person would name it who calls from here; a verdict that the command keeps is then found."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
