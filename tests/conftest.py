"""One guard for the whole suite, and how its tests are shared out among workers.

The parts are imported as parts of `spteproof`, never from the root by their folder's name.
"""

import signal
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

TOGETHER = (
    "tests/spec/",
    "tests/differential/test_differential.py",
    "tests/differential/test_generation.py",
    "tests/test_readme.py",
    "tests/kernel/test_constants.py",
    "tests/solver/test_second_solver.py",
)
"""Tests below one of these share what is dear to make: one worker takes them all. The dearest are first, and start
first, so that no worker is left with one of them at the end."""


def together(nodeid: str) -> str | None:
    """What of TOGETHER a test belongs to."""
    return next((each for each in TOGETHER if nodeid.startswith(each)), None)


def pytest_configure() -> None:
    """A shell that runs the suite in the background has Ctrl-C ignored, by all that the tests start, too: they ask what
    it does."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        group = together(item.path.relative_to(ROOT).as_posix())
        return len(TOGETHER) if group is None else TOGETHER.index(group)

    items.sort(key=rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """pytest-xdist's own groups by marks do not work with pytest 9.2, whose test ids can no longer be changed."""
    from xdist.scheduler import LoadScopeScheduling

    class Grouped(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return together(nodeid) or nodeid

    config.option.loadscopereorder = False
    return Grouped(config, log)


@pytest.fixture(autouse=True, scope="session")
def parts_are_imported_once():
    yield
    twice = {"app", "grammar", "solver", "spec"} & set(sys.modules)
    assert not twice, f"imported a second time under the folder's name: {sorted(twice)}"
