"""`expect refuted losing {...}` is met only by an event that loses all of it; a mask that is none is never lost."""

import pytest

from spteproof.running.pipeline import prove_text

TEXT = """
layout l {{ W = bit 1; D = bit 6; N = none; }}
theorem t for layout in l against nobody {{ *sptep = 0; prove preserves W | D expect refuted losing {{{bits}}}; }}
"""


@pytest.mark.parametrize("bits, met", [("W", True), ("W, D", True), ("N", False), ("W, N", False)])
def test_what_is_expected_to_be_lost_must_be_lost(bits, met):
    (result,) = prove_text(TEXT.format(bits=bits)).results
    assert (result.verdict, result.ok) == ("refuted", met)
