"""`show LAYOUT VALUE`: how a value may be written, which invariants it breaks, several layouts, JSON."""

import json

import pytest

TEXT = """\
layout small {
    W = bit 1; A = bit 8; D = bit 9; COUNT = GENMASK_ULL(59, 52);
    invariant dirty_is_writable: (spte & D) -> (spte & W);
    invariant few: ((spte & COUNT) >> 52) < 16;
}
layout narrow { W = bit 1; A = bit 9; }
family both = small, narrow;
agent cpu lockless { step s: { spte |= A; } }
theorem t() for layout in small against any number of cpu { prove changes nothing; }
"""


@pytest.fixture
def show(spteproof, own_place):
    (own_place / "t.spte").write_text(TEXT)
    return lambda *words: spteproof("show", *words, "--from", "t.spte")


@pytest.mark.parametrize("value", ["0x302", "0x3_02", "770", "7_70", "0b1100000010", "0x302ULL"])
def test_a_value_may_be_written_in_many_ways(show, value):
    answer = show("small", value)
    assert answer.status == 0 and "0x0000000000000302  W A D" in answer.out


@pytest.mark.parametrize(
    "value, said",
    [
        ("0302", "'0302' is not a number: did you mean `0x0302`?"),
        ("deadbeef", "did you mean `0xdeadbeef`?"),
        ("W", "'W' is not a number"),
        ("0x10000000000000000", "does not fit 64 bits"),
        ("0x", "'0x' is not a number"),
    ],
)
def test_a_value_that_is_none_is_refused(show, value, said):
    answer = show("small", value)
    assert answer.status == 2 and said in answer.err


@pytest.mark.parametrize(
    "value, dirty, few",
    [(0x302, "kept", "kept"), (0x200, "BROKEN", "kept"), (0x0130000000000202, "kept", "BROKEN"), (0, "kept", "kept")],
)
def test_the_invariants_that_a_value_breaks_are_marked(show, value, dirty, few):
    words = {
        line.split()[0]: line.split()[1] for line in show("small", value).out.split("invariants:\n")[1].splitlines()
    }
    assert words == {"dirty_is_writable": dirty, "few": few}


SIDE_BY_SIDE = """\
0x0030000000000200
  bit  small      narrow
    9  D          A
   52  COUNT=0x3  unnamed
   53             unnamed
  small breaks dirty_is_writable
"""


@pytest.mark.parametrize("names", ["small,narrow", "small, narrow", "both", "both,small"])
def test_layouts_stand_side_by_side(show, names):
    assert show(names, 0x0030000000000200).out == SIDE_BY_SIDE


def test_a_value_as_json(show):
    document = json.loads(show("both", 0x0130000000000300, "--format", "json").out)
    assert (document["schema"], document["value"]) == ("spteproof.entry/1", "0x0130000000000300")
    small, narrow = document["layouts"]
    assert (small["layout"], small["text"]) == ("small", "A D COUNT=0x13")
    assert small["masks"][-1] == {"mask": "COUNT", "name": "COUNT", "bits": [[59, 52]], "value": "0x13", "set": True}
    assert [each["holds"] for each in small["invariants"]] == [False, False]
    assert small["invariants"][0]["condition"] == "(spte & D) -> (spte & W)"
    assert (narrow["unnamed"], narrow["invariants"]) == ("0x0130000000000100", [])


@pytest.mark.parametrize(
    "words, said",
    [
        (("smal,narrow", "1"), "there is no layout `smal`: did you mean `small`?"),
        (("cpu", "1"), "`cpu` is no layout"),
        (("small", "--format", "json"), "only an entry's value in layouts is shown as JSON"),
        (("t", "1", "--format", "json"), "there is no layout `t`"),
    ],
)
def test_what_has_no_value_to_decode_is_refused(show, words, said):
    answer = show(*words)
    assert answer.status == 2 and said in answer.err
