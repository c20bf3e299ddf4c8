"""Instances in few words: layouts of one kind by one name, eras in a row as a range."""

import pytest

from spteproof.reports.instance_words import eras_text

from .test_human_report import timeless

ORDER = ("v1", "v2", "v3", "v4", "v5")
NUMBERS = range(1, 6)
FORMATS = "".join(f"layout l{n} {{ W = bit 1; D = bit {n + 4}; assert W == 2; }}\n" for n in NUMBERS)
OTHERS = "".join(f"layout m{n} {{ W = bit 1; D = {'none' if n < 4 else 'bit 9'}; }}\n" for n in NUMBERS)
ERAS = "".join(
    f"era v{n} {'implements clearing' if n == 1 else f'extends v{n - 1}'} for layout in l{n}, m{n} "
    f"{{ helper clear(u64 old, u64 mask) {{ {'WRITE_ONCE(*sptep, old & ~mask)' if n < 4 else 'atomic64_and(~mask, sptep)'}; }} }}\n"
    for n in NUMBERS
)
TEXT = f"""{FORMATS}{OTHERS}
family all_l = {", ".join(f"l{n}" for n in NUMBERS)};
family all_m = {", ".join(f"m{n}" for n in NUMBERS)};
interface clearing {{ helper clear(u64 old, u64 mask); }}
{ERAS}
agent cpu lockless {{ step write: when spte & W {{ spte |= D; }} }}
theorem clears(u64 mask in {{W, D}})
    for layout in all_l, all_m, era in v1, v2, v3, v4, v5
    against any number of cpu
{{
    u64 old = READ_ONCE(*sptep);
    clear(old, mask);
    prove preserves W | D except mask;
    prove changes only mask    expect refuted;
}}
"""


@pytest.mark.parametrize(
    "eras, said",
    [
        ("v1", "v1"),
        ("v1 v2", "v1, v2"),
        ("v1 v2 v3", "v1 to v3"),
        ("v1 v3 v5", "v1, v3, v5"),
        ("v1 v3 v4 v5", "v1, v3 to v5"),
        ("v1 v2 v3 v5", "v1 to v3, v5"),
    ],
)
def test_eras_in_a_row_are_a_range(eras, said):
    assert eras_text(eras.split(), ORDER) == said


def test_a_report_of_many_eras(spteproof, small, golden):
    small.write_text(TEXT)
    out = timeless(spteproof("prove", small, "--counterexamples", "none").out)
    assert max(map(len, out.splitlines())) <= 100
    golden("many_eras.txt", out)


def test_eras_that_were_not_asked_for_make_no_range(spteproof, small):
    small.write_text(TEXT)
    out = spteproof("prove", small, "--counterexamples", "none", "--era", "v1", "--era", "v3", "--era", "v5").out
    assert "v1, v3" in out and " to " not in out


def test_what_is_skipped_in_many_eras_is_said_once(spteproof, small):
    small.write_text(TEXT)
    out = spteproof("prove", small, "--counterexamples", "none").out
    assert out.count("skipped") == 2  # its line, and the summary
    assert "    skipped  v1 to v3  m(D): `D` is none in it\n" in out
