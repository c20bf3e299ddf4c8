"""`show`: golden texts of what a person reads, and what cannot be shown."""

import io

import pytest

from .conftest import ROOT, SMALL

RACE = "spec/mail/whole_value_written_back.spte"

MORE = """
ghost bool logged;
agent clearer(int level) holding mmu_lock(write) {
    step clear: when spte & W && level > 1  { spte &= ~(W | D); logged = true; }
    step stale: saw spte & D                { spte |= A; }
    step idle:  when spte & W               { spte |= W; }
}
agent mapper lockless {
    step map(u64 value): when !(spte & W) && (value & W) { spte = value; }
}
layout anywhere extends small { A = some bit; disjoint(A, W, D, COUNT); }
family both = small, no_dirty;
theorem chosen(u64 mask in {A, D}, int level)
    for layout in both
    holding mmu_lock(read)
    against any number of cpu
{
    atomic64_and(~mask, sptep);
    prove preserves W;
    prove preserves D except mask   expect refuted in no_dirty;
}
interface mmu { agent writer(); }
era v1 implements mmu { agent writer() lockless { step one: { spte |= W; } } }
era v2 implements mmu { agent writer() lockless { step two: { spte |= D; } } }
"""

RESTING = """
predicate writable(u64 x) = x & W;
predicate dirty(u64 x) = (x & D) && writable(x);
predicate anything(u64 x) = !x;
interface bits { predicate volatile(u64 x); }
era bits_v1 implements bits for layout in small { predicate volatile(u64 x) = dirty(x); }
"""


@pytest.fixture
def show(spteproof, small):
    small.write_text(SMALL + MORE)

    def call(*words):
        answer = spteproof("show", *words, "--from", "small.spte")
        assert (answer.status, answer.err) == (0, "")
        return answer.out

    return call


@pytest.mark.parametrize(
    "name, words",
    [
        ("register.txt", "small"),
        ("register_with_a_value.txt", "small 0x0120000000000102"),
        ("register_with_symbolic_bits.txt", "anywhere"),
        ("agent.txt", "clearer"),
        ("agent_that_chooses_the_value.txt", "mapper --layout no_dirty"),
        ("agent_of_two_eras.txt", "writer"),
        ("theorem.txt", "chosen"),
        ("theorem_in_one_layout.txt", "chosen --layout small"),
    ],
)
def test_golden_texts(show, golden, name, words):
    text = show(*words.split())
    assert max(map(len, text.splitlines())) <= 110
    golden(name, text)


@pytest.mark.parametrize(
    "name, words",
    [
        ("fast_page_fault_in_ept.txt", "fast_page_fault --layout ept"),
        ("fast_page_fault_without_accessed.txt", "fast_page_fault --layout ept_no_ad_since_6_13"),
        ("cpu_walk_in_npt.txt", "cpu_walk --layout npt"),
        ("age_stores_the_whole_value.txt", "age_stores_the_whole_value"),
    ],
)
def test_golden_texts_of_the_library(spteproof, golden, monkeypatch, name, words):
    monkeypatch.chdir(ROOT)
    answer = spteproof("show", *words.split(), "--from", RACE)
    assert answer.status == 0
    assert max(map(len, answer.out.splitlines())) <= 110
    golden(name, answer.out)


def test_a_layout_of_the_library(spteproof, golden, monkeypatch):
    monkeypatch.chdir(ROOT)
    answer = spteproof("show", "ept", "0x0600000000000901", "--from", RACE)
    assert answer.status == 0
    golden("ept.txt", answer.out.partition("  none:")[0])


def test_in_several_layouts_one_after_the_other(spteproof, small):
    small.write_text("layout other { P = bit 0; }\n" + SMALL)
    both = spteproof("show", "cpu", "--from", "small.spte", "--layout", "small", "--layout", "other")
    assert both.status == 2 and "`other` has no `" in both.err, both.out  # nothing of the first is shown
    first = spteproof("show", "cpu", "--from", "small.spte", "--layout", "small").out
    twice = spteproof("show", "cpu", "--from", "small.spte", "--layout", "small", "--layout", "small").out
    assert twice == f"{first}\n{first}"


def test_without_a_layout_an_agent_is_shown_in_the_first_that_has_its_names(spteproof, small):
    small.write_text("layout other { P = bit 0; }\n" + SMALL)
    assert ", in layout small\n" in spteproof("show", "cpu", "--from", "small.spte").out


@pytest.mark.usefixtures("few_nodes")
def test_an_agent_that_cannot_be_followed_is_told_so(spteproof, small):
    small.write_text(SMALL.replace("spte |= A | D;", "spte = spte * spte * 3ULL + (spte >> 7);"))
    answer = spteproof("show", "cpu", "--from", "small.spte")
    assert answer.status == 0
    assert "    what it changes is too large to show\n" in answer.out


@pytest.mark.parametrize(
    "words, said",
    [
        ("smal", "nothing that can be shown is called `smal`: did you mean `small`?"),
        ("cpus", "did you mean `cpu`?"),
        ("age_store", "did you mean `age_stores`?"),
        ("zzzzzz", "nothing that can be shown is called `zzzzzz`\n"),
        ("both", "`both` is a family: show one of small, no_dirty"),
        ("cpu --layout smal", "there is no layout `smal`: did you mean `small`?"),
        ("cpu 7", "`cpu` is no layout"),
        ("age_stores 7", "`age_stores` is no layout"),
        ("small --layout small", "`small` is a layout itself: write `spteproof show small`;"),
        ("small 0x2 --layout no_dirty", "write `spteproof show no_dirty 0x2`\n"),
        ("both 2 --layout no_dirty", "write `spteproof show no_dirty 0x2`\n"),
        ("cpu 2 --layout no_dirty", "write `spteproof show no_dirty 0x2`\n"),
        ("--layout no_dirty", "name it, or write `spteproof show no_dirty`\n"),
        ("dirty --layout bare", "layout `bare` has no `D`, which `dirty` needs\n"),
        ("volatile --layout no_dirty", "no era that has the layout `no_dirty` supplies `volatile`\n"),
        ("age_stores --layout no_dirty", "`age_stores` says nothing about layout `no_dirty`"),
        ("cpu --layout bare", "layout `bare` has no `W`, which `cpu` needs"),
        ("small zz", "'zz' is not a number; and there is no such file"),
        ("small zz.spte", "there is no file `zz.spte`"),
        ("small 0y", "'0y' is not a number\n"),
        ("small 0x10000000000000000", "does not fit 64 bits"),
        ("small -1", "-1 does not fit 64 bits"),
        ("small 1 --from nowhere.spte", "there is no file `nowhere.spte`"),
    ],
)
def test_what_cannot_be_shown(spteproof, small, words, said):
    small.write_text(SMALL + MORE + RESTING + "layout bare { P = bit 0; }\n")
    answer = spteproof("show", *words.split(), "--from", "small.spte")
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err and "Traceback" not in answer.err


@pytest.mark.parametrize("words", ["small small.spte 0x2", "small 0x2 small.spte", "small 2 ./small.spte", "small 2 -"])
def test_a_file_may_stand_behind_the_name_as_for_explain(spteproof, small, monkeypatch, words):
    small.write_text(SMALL)
    wanted = spteproof("show", "small", "2", "--from", "small.spte")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SMALL.encode())))
    answer = spteproof("show", *words.split())
    assert (answer.status, answer.err) == (wanted.status, wanted.err) == (0, "")
    assert answer.out.replace("<stdin>", "small.spte") == wanted.out


def test_files_may_be_named_both_ways_and_one_value_is_decoded_at_a_time(spteproof, small, own_place):
    small.write_text(SMALL)
    (own_place / "more").mkdir()
    (own_place / "more/other.spte").write_text("layout other { X = bit 3; }\n")
    assert "X" in spteproof("show", "other", "8", "more", "--from", "small.spte").out
    answer = spteproof("show", "small", "2", "3", "small.spte")
    assert (answer.status, answer.err) == (2, "spteproof: one value is decoded at a time\n")


def test_all_words_are_listed_by_kind(spteproof):
    lines = spteproof("show").out.splitlines()
    kinds = [line for line in lines if not line.startswith(" ")]
    assert kinds == [
        "layouts", "families", "eras", "agents", "predicates", "functions", "helpers", "ghosts", "theorems",
    ]  # fmt: skip
    words = {line.split("  ")[1] for line in lines if line.startswith("  ")}
    assert {
        "is_writable_pte(u64 pte)",
        "tdp_mmu_clear_spte_bits(u64 old_spte, u64 mask, int level) -> u64",
        "fast_page_fault(int level) lockless",
        "bool memslot_dirty",
        "v6_15",
    } <= words


def test_a_helper_is_shown_as_it_was_written(spteproof, small):
    small.write_text(
        "layout l { W = bit 1; }\n\n// Sets W.\nhelper set(u64 m) { // { not a brace\n    atomic64_or(m, sptep);\n}\n"
        "predicate w(u64 x) = x & W;\n"
    )
    assert spteproof("show", "set", "--from", "small.spte").out == (
        "small.spte:4\n  // Sets W.\n  helper set(u64 m) { // { not a brace\n      atomic64_or(m, sptep);\n  }\n"
    )
    assert spteproof("show", "w", "--from", "small.spte").out == "small.spte:7\n  predicate w(u64 x) = x & W;\n"


def test_what_eras_supply_is_shown_for_each(spteproof):
    shown = spteproof("show", "needs_atomic_update").out
    assert "eras v6_15" in shown and "spte_needs_atomic_update(old_spte)" in shown and "eras v4_9" in shown


def test_what_a_definition_rests_on_is_shown_in_one_layout(spteproof, small):
    small.write_text(SMALL + MORE + RESTING)

    def last_line(*words):
        return spteproof("show", *words, "--from", "small.spte").out.splitlines()[-1]

    assert last_line("dirty", "--layout", "small") == "  in small: D = bit 9, W = bit 1"
    assert last_line("dirty", "--layout", "no_dirty") == "  in no_dirty: D = none, W = bit 1"
    assert last_line("dirty", "--layout", "anywhere") == "  in anywhere: D = bit 9, W = bit 1"
    assert last_line("volatile", "--layout", "small") == "  in small: D = bit 9, W = bit 1"
    assert last_line("anything", "--layout", "small") == "  in small: the same as in any other layout"


def test_a_bit_that_may_be_missing_is_shown_where_it_is_there(spteproof, small):
    text = "layout either extends small { D = some bit or none; disjoint(A, W, D, COUNT); }\n"
    small.write_text(SMALL + text)
    shown = spteproof("show", "cpu", "--layout", "either", "--from", "small.spte").out
    assert "shown in one place: D" in shown and "+D" in shown and "changes nothing" not in shown


def test_only_the_eras_that_have_the_layout_are_shown(spteproof):
    shown = spteproof("show", "needs_atomic_update", "--layout", "ept_4_9").out
    assert "eras v4_9" in shown and "v6_15" not in shown
    assert shown.count("  in ept_4_9: ") == len([each for each in shown.splitlines() if "eras " in each])


@pytest.mark.parametrize(
    "words",
    ["cpu --layout no_dirty small.spte", "--layout no_dirty cpu small.spte", "cpu small.spte --layout no_dirty"],
)
def test_an_option_may_stand_anywhere(spteproof, small, words):
    small.write_text(SMALL)
    answer = spteproof("show", *words.split())
    assert (answer.status, answer.err) == (0, "") and ", in layout no_dirty\n" in answer.out
