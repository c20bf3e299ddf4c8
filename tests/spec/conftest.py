"""The library is proved once for all tests of this folder."""

from pathlib import Path

import pytest

from spteproof.grammar.modules import load
from spteproof.running.pipeline import LIBRARY, Report, library_of, tasks
from spteproof.running.pipeline import report as reported
from spteproof.running.runs import Found, run, usable_processors
from spteproof.solver.results import Budget


@pytest.fixture(scope="session")
def library() -> Path:
    return LIBRARY


@pytest.fixture(scope="session")
def report(library: Path) -> Report:
    """Proved by as many workers as the command would take."""
    loaded = load([library], library_root=LIBRARY)
    whole = library_of(loaded)
    names = tasks(whole, lambda name: True)
    found: dict[str, Found] = {}
    sources = {each.name: each for each in loaded.sources}
    run(whole, names, Budget(), usable_processors(), found.__setitem__, sources=sources)
    return reported(each for name in names for each in found[name])
