"""Random texts, certified and verified; more: `python -m tests.differential.bundles.certified`."""

from collections import Counter
from random import Random

import pytest

from .certified import compare, text_of

pytest.importorskip("pysat", reason="python-sat is not installed")


def test_bundles_are_valid_and_none_is_with_another_verdict():
    total = Counter()
    for number, most in ((1, 2), (2, 1), (4, 2)):
        wrong, counts = compare(text_of(1, number), Random(number), most)
        assert wrong == []
        total += counts
    assert total["valid"] == 3 and total["forged"] == 5


def test_an_execution_that_is_found_by_a_longer_search_counts():
    assert compare(text_of(1, 8), Random(8), 0) == ([], Counter({"bundles": 1, "valid": 1}))
