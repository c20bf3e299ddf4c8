"""docs/certificates.md says how much has to be trusted; the files are as long as it says."""

import re

from .documents import ROOT

DOCUMENT = ROOT / "docs" / "certificates.md"


def test_the_trusted_files_have_the_lines_that_are_told():
    rows = re.findall(r"^\| `((?:solver|app)/[a-z_/]+\.py)` \| (\d+) \|", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert len(rows) == 12
    for name, told in rows:
        lines = len((ROOT / name).read_text().splitlines())
        assert abs(lines - int(told)) <= lines // 10, f"{name} has {lines} lines"
