"""`table`: what stands in the cells, golden texts, and what cannot be asked."""

import json
import re

import pytest

from spteproof.tables.columns import Column, columns_of

from .conftest import LARGE, ROOT, SMALL

ERAS = """\
layout first_npt { W = bit 1; A = bit 5; D = bit 6; }
layout first_ept { W = bit 1; A = bit 8; D = bit 9; }
layout no_ad     { W = bit 1; A = none; D = none; }
layout npt extends first_npt { }
layout ept extends first_ept { }
family all_npt = first_npt, npt;
family all_ept = first_ept, ept;
family older   = first_npt, first_ept;
family newer   = npt, ept, no_ad;

interface clearing { helper clear(u64 old, u64 mask); }
era v4_9  implements clearing for layout in older { helper clear(u64 old, u64 mask) { WRITE_ONCE(*sptep, old & ~mask); } }
era v6_15 extends v4_9 for layout in newer      { helper clear(u64 old, u64 mask) { atomic64_and(~mask, sptep); } }

agent cpu lockless { step set_dirty: when spte & W { spte |= A | D; } }

theorem clears(u64 mask in {W, D})
    for layout in all_npt, all_ept, no_ad, era in v4_9, v6_15
    against any number of cpu
{
    u64 old = READ_ONCE(*sptep);
    clear(old, mask);

    prove preserves W | A | D except mask   expect proved, refuted losing {A} in v4_9;
    prove changes only mask                 expect proved, refuted in v4_9;
    prove ensures !(after & mask)           expect proved;
}
"""


def timeless(text):
    return re.sub(r" in \d+\.\d\d s: ", " in a while: ", text)


@pytest.fixture
def table(spteproof, small):
    def call(text, *words):
        small.write_text(text)
        answer = spteproof("table", small, *words)
        assert answer.err == ""
        return answer

    return call


@pytest.fixture
def cells(table):
    """The cells of the first property, by era or parameters and column, from the JSON."""

    def call(text, *words):
        found = json.loads(table(text, "--format", "json", *words).out)["tables"][0]
        names = [column["name"] for column in found["columns"]]
        return {
            (row["era"], *row["params"].values(), name): cell
            for row in found["properties"][0]["rows"]
            for name, cell in zip(names, row["cells"], strict=True)
        }

    return call


@pytest.mark.parametrize(
    "name, text, words",
    [
        ("table.txt", SMALL, ""),
        ("table.md", SMALL, "--format markdown"),
        ("table_of_eras.txt", ERAS, ""),
        ("table_of_eras.md", ERAS, "--format markdown"),
        ("table_of_eras_split.txt", ERAS, "--split --property preserves*"),
        ("table_of_eras_split.md", ERAS, "--split --property preserves* --format markdown"),
        ("table_of_one_era.txt", ERAS, "--era v6_15 --layout ept --layout npt"),
        ("table_not_as_expected.txt", ERAS.replace("losing {A}", "losing {W}"), ""),
    ],
)
def test_golden_texts(table, golden, name, text, words):
    answer = table(text, *words.split())
    assert answer.status == (1 if "not_as" in name else 0)
    golden(name, timeless(answer.out))


def test_a_wide_table_is_folded_and_then_broken(table, golden):
    names = [f"a_layout_with_a_long_name_{number}" for number in range(7)]
    layouts = "".join(f"layout {name} {{ W = bit 1; }}\n" for name in names)
    text = f"{layouts}theorem t for layout in {', '.join(names)} {{ atomic64_and(~W, sptep); prove changes only W; }}"
    answer = table(text)
    assert max(map(len, answer.out.splitlines())) <= 100
    golden("table_wide.txt", timeless(answer.out))


def test_what_each_bit_of_a_cell_says(cells):
    found = cells(ERAS)
    assert found["v4_9", "npt"]["bits"] == {"W": "kept", "A": "lost", "D": "lost"}
    assert found["v6_15", "ept"]["bits"] == {"W": "kept", "A": "kept", "D": "kept"}
    assert found["v6_15", "no_ad"]["bits"] == {"W": "not asked", "A": "not asked", "D": "not asked"}
    assert found["v6_15", "npt"]["layouts"] == ["npt"] and found["v4_9", "npt"]["layouts"] == ["first_npt"]
    assert (found["v4_9", "no_ad"]["verdict"], found["v4_9", "no_ad"]["instances"]) == ("absent", 0)


def test_choices_are_joined_or_split(cells):
    joined, split = cells(ERAS)["v4_9", "npt"], cells(ERAS, "--split")
    assert joined["instances"] == 2
    assert split["v4_9", "W", "npt"]["bits"] == {"W": "not asked", "A": "lost", "D": "lost"}
    assert split["v4_9", "D", "npt"]["bits"] == {"W": "kept", "A": "lost", "D": "not asked"}
    assert split["v6_15", "D", "no_ad"]["verdict"] == "skipped"


def test_an_unknown_is_not_known_of_any_bit(table, few_nodes):
    answer = table(LARGE.replace("prove preserves W;", "prove preserves W; prove preserves A;"))
    assert answer.status == 3
    assert "unknown" in answer.out and "kept" not in answer.out and "!" not in answer.out


def test_beside_known_bits_an_unknown_is_a_question_mark(table, few_nodes):
    text = LARGE.replace("layout small {", "layout other { W = bit 1; A = bit 8; }\nlayout small {")
    text = text.replace(
        "spte = spte * spte * 3ULL + (spte >> 7);", "if (!W_ONLY) spte = spte * spte * 3ULL + (spte >> 7);"
    )
    text = text.replace("A = bit 8; }", "A = bit 8; W_ONLY = true; }", 1).replace(
        "A = bit 8; }", "A = bit 8; W_ONLY = false; }"
    )
    answer = table(text.replace("in small", "in small, other"))
    assert answer.status == 3
    assert re.search(r"preserves W +\? +W$", answer.out, re.MULTILINE)
    assert "W bit W is kept, ? not known" in answer.out


def test_a_vacuous_verdict_is_said_in_words(table):
    text = (
        "layout l { W = bit 1; }\ntheorem t for layout in l { bool b = READ_ONCE(*sptep); assume(b && !b); *sptep = 0; "
    )
    assert re.search(r"preserves W +vacuous$", table(text + "prove preserves W expect vacuous; }").out, re.MULTILINE)


def test_what_is_proved_unasked_is_there_only_where_it_is_wrong(table):
    text = "layout l { W = bit 1; }\ntheorem t(u64 n) for layout in l { set_bit(n, sptep); prove changes only BIT_ULL(n); }"
    assert "every expression is defined   refuted !" in table(text).out
    assert "defined" not in table(text.replace("set_bit", "assume(n < 64); set_bit")).out


def test_a_property_that_is_not_as_expected_is_shown_even_if_others_are_asked_for(table):
    answer = table(ERAS.replace("losing {A}", "losing {W}"), "--property", "ensures*")
    assert answer.status == 1 and "preserves" in answer.out and "changes only" not in answer.out


def test_an_assert_of_a_layout_that_fails_sets_the_status(table):
    answer = table(SMALL.replace("assert (A & D) == 0", "assert (A & D) == 1"))
    assert answer.status == 1
    assert "layout small: assert (A & D) == 1" in answer.out


def test_a_family_is_a_column_only_where_no_era_has_two_of_it(small):
    from pathlib import Path

    from spteproof.running.pipeline import LIBRARY, library_of, load

    small.write_text(ERAS)
    library = library_of(load([Path(small)], library_root=LIBRARY))
    assert columns_of(library, library.theorems["clears"]) == (
        Column(name="npt", layouts=("first_npt", "npt")),
        Column(name="ept", layouts=("first_ept", "ept")),
        Column(name="no_ad", layouts=("no_ad",)),
    )


def test_the_keys_are_exactly_those_documented(table):
    document = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").split("## Tables\n")[1].split("\n## ")[0]
    failing = ERAS.replace("layout no_ad     {", "layout no_ad { assert W == 1;")
    report = json.loads(table(failing, "--format", "json").out)
    assert report["schema"] == "spteproof.table/1"
    rows = re.findall(r"^\| (`.*?) \|", document, flags=re.MULTILINE)
    assert set(keys(report)) == {key for row in rows for key in re.findall(r"`([^`]+)`", row)}


def keys(value, prefix=""):
    for key, each in value.items():
        yield prefix + key
        if key in ("summary", "params", "bits"):
            continue
        if isinstance(each, dict):
            yield from keys(each, f"{prefix}{key}.")
        elif isinstance(each, list) and each and isinstance(each[0], dict):
            yield from keys(each[0], f"{prefix}{key}[].")


def test_verdicts_are_kept_for_prove_and_for_table(table, spteproof):
    first = timeless(table(ERAS).out)
    assert timeless(table(ERAS).out) == first
    assert timeless(table(ERAS, "--no-cache").out) == first
    assert spteproof("prove", "small.spte").status == 0


def test_what_is_kept_of_some_eras_is_not_all(table):
    assert "v4.9" not in table(ERAS, "--era", "v6_15").out
    assert "v4.9" in table(ERAS).out


def test_a_table_goes_to_a_file(table, own_place):
    assert table(ERAS, "--format", "markdown", "--output", "table.md").out == ""
    assert (own_place / "table.md").read_text().startswith("### `clears`\n")


def test_colour_only_where_it_is_asked_for(table):
    assert "\x1b" not in table(ERAS).out
    assert "\x1b[32mW\x1b[0m" in table(ERAS, "--color", "always").out
    assert "\x1b" not in table(ERAS, "--color", "always", "--format", "markdown").out


@pytest.mark.parametrize(
    "words, said",
    [
        ("--property nothing", "no property matches `nothing`"),
        ("--theorem nothing", "no theorem matches `nothing`"),
        ("--era v6_16", "there is no era `v6_16`"),
        ("--layout epd", "there is no layout `epd`: did you mean `ept`?"),
        ("--format human", "invalid choice: 'human'"),
        ("--counterexamples all", "unrecognized arguments"),
        ("--output missing/table.txt", "is no folder that can be written"),
        ("--jobs 0", "is not a whole number of at least 1"),
    ],
)
def test_a_call_that_cannot_be_carried_out_is_2(spteproof, small, words, said):
    small.write_text(ERAS)
    answer = spteproof("table", small, *words.split())
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err


def test_a_property_that_is_not_there_is_refused_before_the_work(spteproof, small, monkeypatch):
    monkeypatch.setattr("spteproof.tables.command.prove_all", lambda *words: pytest.fail("the work has begun"))
    assert spteproof("table", small, "--property", "preserves  W").status == 2


def test_a_wrong_text_has_no_table(spteproof, small):
    small.write_text("layout")
    answer = spteproof("table", small)
    assert (answer.status, answer.out) == (2, "") and answer.err.startswith("error[")
