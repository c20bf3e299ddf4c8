"""Stores that wait: only what can come about on one CPU is in doubt."""

import pytest

TEXT = "entry child;\ntheorem t(u64 n, u64 k) for layout in l against nobody {{ {} u64 z = 0; prove ensures z == 0; }}"


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("if (n > 5) WRITE_ONCE(*sptep, 0); if (n < 5) { u64 a = *child; }", "proved"),
        ("if (n > 4) WRITE_ONCE(*sptep, 0); if (n < 6) { u64 a = *child; }", "unknown"),
        ("assume(n < k); if (n > 5) WRITE_ONCE(*sptep, 0); if (k < 6) { u64 a = *child; }", "proved"),
        ("assume(n < k); if (n > 5) WRITE_ONCE(*sptep, 0); if (k < 8) { u64 a = *child; }", "unknown"),
        ("if (n > 5) WRITE_ONCE(*sptep, 0); if (n > 4) set_bit(0, sptep); u64 a = *child;", "proved"),
        ("if (n > 5) WRITE_ONCE(*sptep, 0); if (n > 6) set_bit(0, sptep); u64 a = *child;", "unknown"),
        ("if (n > 5) WRITE_ONCE(*sptep, 0); if (n > 6) set_bit(0, child); assume(n != 6); u64 a = *child;", "proved"),
    ],
)
def test_what_the_conditions_exclude_is_in_no_doubt(prove, body, verdict):
    (found,) = prove(TEXT.format(body))
    assert found.verdict == verdict
    assert verdict == "proved" or "the plain store to `sptep`" in found.reason and "`child`" in found.reason


@pytest.mark.parametrize(("first", "later"), [("sptep", "child"), ("child", "sptep")])
def test_of_many_the_one_that_can_come_about_is_told(prove, first, later):
    never = f"if (n > 5) WRITE_ONCE(*{later}, 0); if (n < 5) {{ u64 a = *{first}; }}"
    (found,) = prove(TEXT.format(f"{never} WRITE_ONCE(*{first}, 1); u64 b = *{later};"))
    assert found.verdict == "unknown" and f"the plain store to `{first}`" in found.reason
