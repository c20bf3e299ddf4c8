"""The library is proved once for all tests of this folder."""

from pathlib import Path

import pytest

from spteproof.pipeline import LIBRARY, Report, prove_paths


@pytest.fixture(scope="session")
def library() -> Path:
    return LIBRARY


@pytest.fixture(scope="session")
def report(library: Path) -> Report:
    return prove_paths([library])
