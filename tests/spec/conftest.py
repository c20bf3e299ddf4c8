"""The library is proved once for all tests of this folder."""

from pathlib import Path

import pytest

from spteproof.pipeline import LIBRARY, Report, prove_paths


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where workers share the tests, one takes all of this folder's, so that the library is proved once."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("library"))


@pytest.fixture(scope="session")
def library() -> Path:
    return LIBRARY


@pytest.fixture(scope="session")
def report(library: Path) -> Report:
    return prove_paths([library])
