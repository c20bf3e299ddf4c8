"""The report as Markdown."""

import re

import pytest

from spteproof.reports.markdown_text import code, escaped, prose, row

from .conftest import MIXED, ROOT, SMALL


def timeless(text):
    return re.sub(r" in \d+\.\d\d s: ", " in a while: ", text)


@pytest.fixture
def reported(spteproof, small):
    def call(text, *words):
        small.write_text(text)
        return timeless(spteproof("prove", small, "--format", "markdown", *words).out)

    return call


@pytest.mark.usefixtures("few_nodes")
def test_a_mixed_report(reported, golden):
    golden("mixed_report.md", reported(MIXED))


def test_the_race_of_the_mail(spteproof, golden, monkeypatch):
    monkeypatch.chdir(ROOT)
    answer = spteproof("prove", "spec/mail/whole_value_written_back.spte", "--format", "markdown")
    golden("race_of_the_mail.md", timeless(answer.out))
    assert max(map(len, answer.out.splitlines())) <= 76


def test_eras_are_told_on_every_row(spteproof, monkeypatch):
    monkeypatch.chdir(ROOT)
    called = ("spec/eras/lockless_aging.spte", "--era", "v6_15", "--era", "v6_13", "--theorem", "the_old*")
    answer = spteproof("prove", *called, "--format", "markdown")
    rows = [line for line in answer.out.splitlines() if line.startswith("| ") and "proved" in line]
    assert rows and all(re.match(r"\| v6_1[35]", line) for line in rows)
    assert max(map(len, rows)) <= 76


def test_every_row_of_a_table_has_the_same_cells(reported):
    text = SMALL.replace(
        "prove preserves W | D;", "prove preserves W | D;\n prove changes only A || true expect refuted;"
    )
    text = text.replace("A || true", "A")
    tables = re.findall(r"(?:^\|.*\n)+", reported(text), flags=re.MULTILINE)
    assert tables
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


@pytest.mark.parametrize("wish, count", [("none", 0), ("unexpected", 0), ("first", 1), ("all", 1)])
def test_which_counterexamples_are_drawn(reported, wish, count):
    assert reported(SMALL, "--counterexamples", wish).count("```text") == count


def test_a_bar_in_a_cell_is_escaped_once():
    assert row(["`a | b`", "c \\| d"]) == "| `a \\| b` | c \\| d |"


def test_code_holds_whatever_stands_in_it():
    assert [code(text) for text in ("a", "a`b", "`a`", "``")] == ["`a`", "``a`b``", "`` `a` ``", "``` `` ```"]


def test_plain_text_is_escaped():
    assert escaped("a_b *c* [d] <e> | _f") == "a_b \\*c\\* \\[d\\] \\<e\\> \\| \\_f"
    assert prose("`D` is none in `no_dirty`; a * b") == "`D` is none in `no_dirty`; a \\* b"
    assert prose("one ` only") == "one \\` only"


def test_a_property_that_is_asked_twice_has_both_verdicts_in_its_cell(reported):
    asked = "prove preserves W; prove preserves W expect refuted;"
    told = reported(f"layout small {{ W = bit 1; }}\ntheorem t {{ atomic64_and(~W, sptep); {asked} }}\n")
    assert "| small | **refuted W**, refuted W |" in told
