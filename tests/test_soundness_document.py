"""The sizes that docs/soundness.md gives for what is trusted are those of the files."""

import re

import pytest

from .documents import ROOT

TEXT = (ROOT / "docs" / "soundness.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ((?:`[a-z0-9_/.]+`(?:, )?)+)[^|]*\| (\d+) \|", TEXT, re.MULTILINE)


def lines_of(name: str) -> int:
    path = ROOT / name
    files = [path] if path.is_file() else [*path.glob("*.py"), *path.glob("*.lark")]
    assert files, name
    return sum(len(each.read_text(encoding="utf-8").splitlines()) for each in files)


@pytest.mark.parametrize("names, lines", ROWS, ids=[names for names, _ in ROWS])
def test_the_size_is_that_of_the_files(names, lines):
    found = sum(lines_of(each) for each in re.findall(r"`([^`]+)`", names))
    assert abs(found - int(lines)) <= max(30, found // 10), found


def test_the_table_is_found():
    assert len(ROWS) >= 9
