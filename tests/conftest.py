"""One guard for the whole suite: the parts are imported as parts of `spteproof`, never from the root by their folder's name."""

import sys

import pytest


@pytest.fixture(autouse=True, scope="session")
def parts_are_imported_once():
    yield
    twice = {"app", "grammar", "solver", "spec"} & set(sys.modules)
    assert not twice, f"imported a second time under the folder's name: {sorted(twice)}"
