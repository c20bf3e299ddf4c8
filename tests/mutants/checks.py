"""What can kill a mutant: the theorems of the library and the predictions, with the verdicts that their texts expect,
random texts, with the verdicts that visiting all states gives, and the tests in `tests/solver`. Each check has its cost
and the lines of the solver that it reaches.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from spteproof.grammar.checked import Library
from spteproof.grammar.modules import load

from .random_texts import RandomText, as_visited, random_texts

ROOT = Path(__file__).resolve().parent.parent.parent
TESTS = ROOT / "tests" / "solver"
SPEC = ROOT / "spec"
Line = tuple[str, int]


KINDS = ("theorem", "prediction", "random", "test")


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is a test's node id, `theorem: NAME` of a text or the name of a random text; `counts` are how many verdicts of
    each kind a text gives, none for a test and a random text. `lines` are those that it reaches, as (module, line)."""

    name: str
    seconds: float
    lines: frozenset[Line]
    counts: tuple[tuple[str, int], ...] = ()

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return next((kind for kind in KINDS if self.name.startswith(f"{kind}: ")), "test")

    @property
    def group(self) -> str:
        """What tells much the same: the cases of one test. Texts are groups of their own."""
        return self.name.split("[")[0]

    @property
    def file(self) -> str:
        return self.name.split("::")[0]


@dataclass(frozen=True, slots=True)
class Texts:
    """Checked texts, read once; the solver that is altered takes no part in that."""

    libraries: Mapping[str, Library]
    random: Mapping[str, RandomText]

    def named(self) -> Iterator[tuple[str, Library, str]]:
        """Each theorem: the name of its check, its library and its own name."""
        for kind, library in self.libraries.items():
            for name in library.theorems:
                if name in library.asked:
                    yield f"{kind}: {name}", library, name


ALL_TEXTS = {"theorem": [SPEC], "prediction": [ROOT / "tests" / "predictions"]}
RANDOM_TEXTS = 60
"""The first of those that tests/differential decides in every run of the tests."""


def texts(paths: Mapping[str, Sequence[Path]] = ALL_TEXTS, random: int = RANDOM_TEXTS) -> Texts:
    """The library's texts and the predictions, or others, and some random texts. Raises AssertionError where one is
    wrong."""
    libraries = {}
    for kind, each in paths.items():
        loaded = load(each, library_root=SPEC)
        assert loaded.library is not None, loaded.diagnostics
        libraries[kind] = loaded.library
    return Texts(libraries, {f"random: {each.number}": each for each in random_texts(random, SPEC)})


def outcome(library: Library, theorem: str) -> tuple[bool, tuple[tuple[str, int], ...]]:
    """Proves a theorem with the solver as it is in this process: whether all is as its text expects, and how many verdicts
    of each kind there are, those that are skipped counted too."""
    from spteproof.solver.proof import Prover
    from spteproof.solver.results import Result

    found = list(Prover(library).prove(library.theorems[theorem]))
    results = [each for each in found if isinstance(each, Result)]
    counts = Counter(each.verdict for each in results)
    counts["skipped"] = len(found) - len(results)
    return all(each.ok for each in results), tuple(sorted(counts.items()))


class Chosen:
    """A pytest plugin: runs the chosen tests, in the order in which they were chosen, and tells which failed first."""

    def __init__(self, names: Sequence[str], before: Callable[[str], None]) -> None:
        self.before = before
        self.place = {name: number for number, name in enumerate(names)}
        self.failed: str | None = None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (each for each in items if each.nodeid in self.place), key=lambda each: self.place[each.nodeid]
        )

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.before(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.failed is None:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and self.failed is None:
            self.failed = f"collection of {report.nodeid}"


def run_tests(names: Sequence[str], before: Callable[[str], None]) -> str | None:
    """The first of these tests that fails."""
    plugin = Chosen(names, before)
    os.chdir(ROOT)
    files = sorted({name.split("::")[0] for name in names})
    status = pytest.main([*_QUIETLY, "-x", *files], plugins=[plugin])
    return plugin.failed or (None if status == 0 else f"pytest ended with {int(status)}")


_QUIETLY = ("-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(ROOT))


class Recorder:
    """A pytest plugin: what each test reaches and costs."""

    def __init__(self, reached: set[Line], keep: Callable[[Check], None]) -> None:
        self.reached, self.keep = reached, keep

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.reached.clear()
        started = time.process_time()
        result = yield
        self.keep(Check(item.nodeid, time.process_time() - started, frozenset(self.reached)))
        return result  # type: ignore[return-value]


def record_texts(named: Iterable[tuple[str, Library, str]], reached: set[Line], keep: Callable[[Check], None]) -> None:
    """Proves each of these theorems once, in a process whose solver tells `reached` its lines."""
    for name, library, theorem in named:
        reached.clear()
        started = time.process_time()
        ok, counts = outcome(library, theorem)
        assert ok, f"{name} is not as its text expects, before anything was changed"
        keep(Check(name, time.process_time() - started, frozenset(reached), counts))


def record_random(known: Texts, reached: set[Line], keep: Callable[[Check], None]) -> None:
    """The same for the random texts."""
    for name, each in known.random.items():
        reached.clear()
        started = time.process_time()
        assert as_visited(each), f"{name} is not decided as by visiting all states, before anything was changed"
        keep(Check(name, time.process_time() - started, frozenset(reached)))


def record_tests(path: Path, reached: set[Line], keep: Callable[[Check], None]) -> None:
    """The same for the tests of one file."""
    os.chdir(ROOT)
    status = pytest.main([*_QUIETLY, str(path)], plugins=[Recorder(reached, keep)])
    assert status == 0, f"{path} fails before anything was changed: pytest ended with {int(status)}"


def first_failing(known: Texts, checks: Sequence[Check], before: Callable[[Check], None]) -> str | None:
    """The first check that fails with the solver of this process: texts first, then tests; None where none does. Each is told to
    `before` when it begins."""
    by_name = {name: (library, theorem) for name, library, theorem in known.named()}
    for each in checks:
        if each.kind in ("theorem", "prediction"):
            before(each)
            library, theorem = by_name[each.name]
            ok, counts = outcome(library, theorem)
            if not ok or counts != each.counts:
                return each.name
        elif each.kind == "random":
            before(each)
            if not as_visited(known.random[each.name]):
                return each.name
    tests = {each.name: each for each in checks if each.kind == "test"}
    return run_tests(list(tests), lambda name: before(tests[name])) if tests else None
