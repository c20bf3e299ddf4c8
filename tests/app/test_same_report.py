"""The same run says the same, byte by byte but for its seconds; and no clock that jumps is asked for them."""

import os
import re
import subprocess
import sys
from pathlib import Path

from .conftest import MIXED

PARTS = ("app", "grammar", "solver")


def test_the_report_does_not_depend_on_workers_hashes_or_the_clock(small, own_place):
    small.write_text(MIXED.split("agent mixer")[0])
    (own_place / "sitecustomize.py").write_text("import time\ntime.time = iter(range(10**9, 0, -10**6)).__next__\n")
    texts = set()
    for jobs, seed in (("1", "0"), ("2", "1"), ("2", "2")):
        words = ("prove", "small.spte", "--jobs", jobs, "--no-cache", "--format", "json")
        paths = os.pathsep.join([str(own_place), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONHASHSEED": seed, **({"PYTHONPATH": paths} if seed == "2" else {})}
        done = subprocess.run(
            [sys.executable, "-m", "spteproof", *words], env=environment, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (1, "")
        text, count = re.subn(r'("seconds": |in )[0-9.e-]+', r"\1some", done.stdout)
        assert count and "some-" not in text
        texts.add(text)
    assert len(texts) == 1


def test_seconds_come_from_a_clock_that_does_not_jump():
    """But for the age of files that a killed process left, which only the other clock tells."""
    root = Path(__file__).parents[2]
    asks = re.compile(r"\btime\.time\(|\bdatetime\b|from time import")
    found = [
        path.relative_to(root).as_posix()
        for part in PARTS
        for path in sorted((root / part).rglob("*.py"))
        if asks.search(path.read_text(encoding="utf-8"))
    ]
    assert [each for each in found if each != "grammar/kept.py"] == []
