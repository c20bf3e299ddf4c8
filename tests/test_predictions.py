"""Theorems whose verdicts were predicted by hand, from the language alone, before they were first proved."""

from pathlib import Path

import pytest

from spteproof.running.pipeline import prove_paths

FOLDER = Path(__file__).resolve().parent / "predictions"
FILES = sorted(FOLDER.glob("*.spte"))


def test_there_are_predictions() -> None:
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_predictions(path: Path) -> None:
    results = prove_paths([path]).results
    assert results
    assert "unknown" not in {each.verdict for each in results}
    assert [(each.property, each.layout, each.verdict) for each in results if not each.ok] == []
