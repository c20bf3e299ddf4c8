"""`spteproof explain THEOREM`: which theorem is meant, and what is shown of one that holds, fails, or says nothing."""

import json
import re

import pytest

from .conftest import ROOT

HEAD = """\
layout small { W = bit 1; A = bit 8; D = bit 9; }
agent cpu lockless {
    step set_accessed: when spte & W     { spte |= A; }
    step set_dirty: when spte & W        { spte |= D; }
}
"""


def test_what_a_proof_rests_on_and_what_it_did_not_need(spteproof, own_place):
    (own_place / "holds.spte").write_text(
        HEAD
        + """
theorem store_of_a_read_only_entry() for layout in small against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    assume(!(old & W) && old & A);
    WRITE_ONCE(*sptep, old & ~A);
    prove preserves D;
}
"""
    )
    answer = spteproof("explain", "store_of_a_read_only_entry", "holds.spte")
    assert (answer.status, answer.err) == (0, "")
    rests, rest = answer.out.split("It did not need")
    unneeded, harmless = rest.split("Harmless anyway")
    assert "!(old & W)" in rests and "holds.spte:9" in rests and "agent cpu.set_dirty" in rests
    assert "old & A" in unneeded and "old & A" not in rests
    assert "cpu.set_accessed" in harmless and "cpu.set_dirty" not in harmless
    assert "Confirmed: with all that was not needed taken out of the texts, the proof holds again." in answer.out


FAILS = (
    HEAD
    + """
theorem store_of_any_entry() for layout in small against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    assume(!(old & D));
    if (old & A) WRITE_ONCE(*sptep, old & ~A);
    prove preserves D       expect refuted;
    prove changes only A    expect refuted;
}
"""
)


def test_why_each_step_of_a_failure_happens(spteproof, own_place):
    (own_place / "fails.spte").write_text(FAILS)
    answer = spteproof("explain", "store_of_any_entry", "fails.spte")
    assert (answer.status, answer.err) == (0, "")
    why = answer.out.split("  Why\n")[1].split("\n\n")[0]
    assert why.splitlines() == [
        "    1  u64 old = READ_ONCE(*sptep)   fails.spte:8",
        "    2  cpu.set_dirty   fails.spte:4",
        "       finds W A",
        "       is allowed because",
        "         spte & W",
        "       changes +D",
        "    3  if (old & A) WRITE_ONCE(*sptep, old & ~A)   fails.spte:10",
        "       comes here because",
        "         old & A",
        "       changes -A -D",
        "       breaks 'preserves D': lost D",
    ]


def test_a_verdict_that_is_not_as_expected_is_said_by_the_exit_status(spteproof, own_place):
    (own_place / "fails.spte").write_text(FAILS.replace("expect refuted;\n}", ";\n}"))
    assert spteproof("explain", "store_of_any_entry", "fails.spte").status == 1


VACUOUS = (
    HEAD
    + """
theorem nothing() for layout in small against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    assume(old & W && old & D);
    assume(!(old & W));
    atomic64_and(~A, sptep);
    prove preserves D    expect vacuous;
}
"""
)


WEAK = (
    HEAD
    + """
theorem weak() for layout in small against any number of cpu rely (before & A) == (after & A) || true {
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old);
    prove preserves W;
}
"""
)


def test_assumptions_that_contradict_one_another_are_shown(spteproof, own_place):
    (own_place / "vacuous.spte").write_text(VACUOUS)
    answer = spteproof("explain", "nothing", "vacuous.spte")
    assert answer.status == 0
    named = answer.out.split("these contradict one another, so that nothing is shown:\n")[1].splitlines()
    assert [line.split("  ")[2] for line in named[:2]] == ["old & W", "!(old & W)"]
    assert named[2] == "  Confirmed: with all else taken out of the texts it is vacuous still."


def test_what_is_unknown_is_said_with_what_to_do(spteproof, own_place):
    (own_place / "unknown.spte").write_text(WEAK)
    answer = spteproof("explain", "weak", "unknown.spte")
    assert answer.status == 3
    assert "What to do: `spteproof explain unknown.rely`." in answer.out


def test_where_all_is_skipped_is_3_and_where_it_is_not_stated_is_said(spteproof, own_place):
    text = "theorem t(u64 n in {D}) for layout in bare, full { atomic64_and(~n, sptep); prove changes only n; }\n"
    layouts = "layout bare { D = none; }\nlayout full { D = bit 6; }\nlayout third { D = bit 7; }\n"
    (own_place / "skipped.spte").write_text(layouts + text)
    answer = spteproof("explain", "t", "skipped.spte", "--layout", "bare")
    assert answer.status == 3 and "nothing to decide" in answer.out
    answer = spteproof("explain", "t", "skipped.spte", "--layout", "third")
    assert answer.status == 2 and "`t` is in bare, full: not in the layouts and eras asked for" in answer.err


def test_names_that_no_theorem_has(spteproof, own_place):
    (own_place / "fails.spte").write_text(FAILS)
    for name, said in (
        ("store_of_any_entri", "no diagnostic, no verdict and no theorem is called `store_of_any_entri`: did you mean"),
        ("store_of", "no theorem is called `store_of`; so begin `store_of_any_entry`"),
        ("small", "`small` is a layout: its asserts are evaluated, not proved from anything"),
        ("quite_another", "no diagnostic, no verdict and no theorem is called `quite_another`; `spteproof explain`"),
    ):
        answer = spteproof("explain", name, "fails.spte")
        assert (answer.status, answer.out) == (2, "")
        assert answer.err.startswith(f"spteproof: {said}")


def test_many_names_that_begin_alike_are_not_all_listed(spteproof, own_place):
    theorems = "".join(f"theorem same_{n}() for layout in small {{ prove that true; }}\n" for n in range(11))
    (own_place / "many.spte").write_text("layout small { W = bit 1; }\n" + theorems)
    answer = spteproof("explain", "same_", "many.spte")
    assert answer.status == 2 and answer.err.endswith("`same_7` and 3 more\n")


def test_with_a_path_a_name_is_always_a_theorem(spteproof, own_place):
    """An id is never the name of a theorem by chance: with a path it is one, without it is an id."""
    (own_place / "proved.spte").write_text(FAILS.replace("store_of_any_entry", "proved"))
    assert spteproof("explain", "proved").out.startswith("proved: no execution violates the property")
    assert spteproof("explain", "proved", "proved.spte").out.startswith("proved  proved.spte:7")


def test_layouts_narrow_what_is_explained(spteproof, own_place):
    (own_place / "fails.spte").write_text(FAILS + "layout other extends small { }\n")
    answer = spteproof("explain", "store_of_any_entry", "fails.spte", "--layout", "othr")
    assert (answer.status, answer.err) == (2, "spteproof: there is no layout `othr`: did you mean `other`?\n")


def test_the_reasons_go_to_a_file(spteproof, own_place):
    (own_place / "fails.spte").write_text(FAILS)
    answer = spteproof("explain", "store_of_any_entry", "fails.spte", "--output", "why.txt")
    assert (answer.status, answer.out) == (0, "")
    assert (own_place / "why.txt").read_text().startswith("store_of_any_entry  fails.spte:7")


DOCUMENTED = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").split("## Why\n")[1].split("\n## ")[0]


def keys_of(value, path=""):
    """All keys of an object, those of what it holds with their paths."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}{key}"
            yield from keys_of(inner, f"{path}{key}.")
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner, f"{path.removesuffix('.')}[].")


def test_the_keys_of_json_are_those_that_are_documented(spteproof, own_place):
    text = FAILS.replace("prove changes only A    expect refuted;", "prove changes only A | D;")
    (own_place / "both.spte").write_text(text)
    answer = spteproof("explain", "store_of_any_entry", "both.spte", "--format", "json")
    found = json.loads(answer.out)
    rows = [row.split("|")[1] for row in DOCUMENTED.splitlines() if row.startswith("| `")]
    told = {key for row in rows for key in re.findall(r"`([^`]+)`", row)}
    listed = ("holds.harmless[]", "holds.not_needed[]", "holds.rests_on_unasked[]", "fails[].counterexample.")
    inner = ("fails[].instances[].", "fails[].steps[].because[].", "results[].params.", "holds.rests_on[].params.")
    own = {key for key in keys_of(found) if not key.startswith((*listed, *inner))}
    assert own - told == set()
    assert {key for key in told - own if not key.startswith(("vacuous[]", "holds.rests_on[]."))} == set()
    assert found["schema"] == "spteproof.explained/1" and found["holds"]["confirmed"] is True
    (failure,) = found["fails"]
    assert [step["who"] for step in failure["steps"]] == [step["who"] for step in failure["counterexample"]["steps"]]
    assert failure["steps"][1]["because"] == [{"text": "spte & W", "value": True, "depth": 0}]
    assert [step["breaks"] for step in failure["steps"]] == [False, False, True]


def test_json_says_what_contradicts_itself_and_what_is_unknown(spteproof, own_place):
    (own_place / "vacuous.spte").write_text(VACUOUS)
    (own_place / "unknown.spte").write_text(WEAK)
    found = json.loads(spteproof("explain", "nothing", "vacuous.spte", "--format", "json").out)
    (nothing,) = found["vacuous"]
    assert [each["text"] for each in nothing["contradiction"]] == ["old & W", "!(old & W)"]
    assert nothing["confirmed"] is True and found["holds"] is None
    (unknown,) = json.loads(spteproof("explain", "weak", "unknown.spte", "--format", "json").out)["unknown"]
    assert unknown["page"] == "unknown.rely"


def test_properties_that_hold_in_the_same_layouts_stand_together(spteproof, own_place):
    text = FAILS.replace("prove changes only A    expect refuted;", "prove changes only A | D; prove preserves W;")
    (own_place / "both.spte").write_text(text + "layout other extends small { }\n")
    answer = spteproof("explain", "store_of_any_entry", "both.spte")
    assert answer.out.splitlines()[1:4] == ["  holds  changes only A | D", "  holds  preserves W", "         in small"]


def test_what_is_refuted_comes_before_what_is_proved_unasked(spteproof, own_place):
    text = HEAD.replace("}\nagent", "invariant set: (spte & D) -> (spte & W); }\nagent", 1)
    body = "{ u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~A); prove preserves D; }"
    (own_place / "t.spte").write_text(f"{text}theorem t() for layout in small against any number of cpu {body}\n")
    answer = spteproof("explain", "t", "t.spte")
    assert answer.status == 1
    assert answer.out.index("t: refuted in small") < answer.out.index("holds  keeps invariants (unasked)")
    assert "It rests on" in answer.out and "holds  preserves D" not in answer.out


def test_what_is_no_theorem_is_told_what_it_is(spteproof, own_place):
    (own_place / "t.spte").write_text(FAILS)
    assert "`cpu` is an agent; `spteproof show cpu`" in spteproof("explain", "cpu", "t.spte").err
    answer = spteproof("explain", "unknown.rely", "--layout", "ept")
    assert answer.status == 2 and "is no theorem but an id: `spteproof explain unknown.rely`" in answer.err


GUARDED = """layout l { W = bit 1; A = bit 5; D = bit 6; X = bit 7; }
helper add(u64 o) { if (o & W) return; cmpxchg64(sptep, o, o | D); }
agent by_arm lockless { u64 o = *sptep; if (o & W) { } else { if (o & A) cmpxchg64(sptep, o, o | D); } }
agent by_helper lockless { u64 o = *sptep; if (o & A) add(o); }
agent step_by_arm lockless { step s: when spte & A { if (spte & W) { } else { spte |= D; } } }
agent two_ways lockless { step s: when spte & A { if (spte & W) { spte |= X; } else { spte |= D; } } }
agent other lockless { u64 o = *sptep; if (o & A) cmpxchg64(sptep, o, o | X); }
"""


@pytest.mark.parametrize(
    "agent, harmless",
    [("by_arm", False), ("by_helper", False), ("step_by_arm", False), ("two_ways", True), ("other", True)],
)
def test_what_is_never_loosened_is_not_said_to_be_harmless(spteproof, own_place, agent, harmless):
    text = f"{GUARDED}theorem t against any number of {agent} {{ u64 x = *sptep; assume(x & W);"
    (own_place / "t.spte").write_text(f"{text} prove ensures !(end & D) || x & D; }}\n")
    answer = spteproof("explain", "t", "t.spte")
    assert answer.status == 0 and ("Harmless anyway" in answer.out) == harmless


EARLIER = """layout l { W = bit 1; A = bit 5; }
entry child;
ghost bool g;
ghost u64 w;
agent on_child lockless { u64 o = *sptep; if (o & W) atomic64_or(A, sptep); }
agent of_truth lockless { bool o = g; if (o) atomic64_or(A, sptep); }
agent of_word lockless { u64 o = w; if (o & W) atomic64_or(A, sptep); }
"""


@pytest.mark.parametrize(
    "agent, read, said",
    [
        ("on_child on child", "u64 x = *child; assume(!(x & W)); prove ensures end(child) == x;", "o & W"),
        ("of_truth", "bool b = g; u64 x = *sptep; assume(!b); prove ensures end == x;", "o"),
        ("of_word", "u64 b = w; u64 x = *sptep; assume(!b); prove ensures end == x;", "o & W"),
    ],
)
def test_a_condition_is_told_of_what_was_found_earlier(spteproof, own_place, agent, read, said):
    """Where it was found in another entry or in a ghost, too."""
    (own_place / "t.spte").write_text(f"{EARLIER}theorem t against any number of {agent} {{ {read} }}\n")
    lines = spteproof("explain", "t", "t.spte").out.splitlines()
    assert lines[lines.index("       is allowed because") + 1].strip() == said
