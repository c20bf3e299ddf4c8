"""No proof without a broken twin: a text that proves something also refutes something, or names the text that does."""

import re
from pathlib import Path

import pytest

from spteproof.running.pipeline import LIBRARY, Report
from spteproof.solver.results import Result

NAMED = re.compile(r"\b([a-z_]+/[a-z0-9_]+\.spte)\b")
SUBJECTS = sorted(path for path in LIBRARY.rglob("*.spte") if path.parent.name != "kvm")


def text_of(result: Result) -> str:
    """The text that states it, as other texts name it: folder and file."""
    return "/".join(Path(result.place.source.name).parts[-2:])


@pytest.fixture(scope="module")
def refuting(report: Report) -> set[str]:
    """The texts in which something is refuted in some instance, as expected."""
    return {text_of(each) for each in report.results if each.verdict == "refuted" and each.ok}


@pytest.mark.parametrize("path", SUBJECTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_text_that_proves_has_a_twin_that_is_refuted(path, refuting):
    named = NAMED.findall(path.read_text(encoding="utf-8"))
    assert {f"{path.parent.name}/{path.name}", *named} & refuting
