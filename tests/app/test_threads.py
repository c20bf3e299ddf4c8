"""Theorems with threads as a person and a program see them."""

import json

import pytest

from .conftest import SMALL
from .test_human_report import timeless

LAYOUT = SMALL.split("theorem")[0]
RACE = (
    LAYOUT
    + """
theorem stale_after_a_zap() for layout in small against any number of cpu {
    u64 old = READ_ONCE(*sptep), seen = 0, zapped = 0;
    parallel {
        thread ager   { seen = READ_ONCE(*sptep); if (seen & A) WRITE_ONCE(*sptep, seen & ~A); }
        thread zapper { zapped = xchg(sptep, 0); }
        thread reader { bool written = test_bit(1, sptep); }
    }
    prove ensures old & W && zapped & W && zapped & D -> !(end & W)     expect refuted;
}
"""
)


@pytest.fixture
def prove(spteproof, small):
    def call(*words):
        small.write_text(RACE)
        return spteproof("prove", small, *words)

    return call


def test_a_race_of_threads_is_drawn_a_column_each(prove, golden):
    golden("race_of_threads.txt", timeless(prove("--verbose", "--theorem", "stale_after_a_zap").out))


def test_no_line_of_it_is_wide(prove):
    table = [line for line in prove().out.splitlines() if "CPU" in line or "ONCE" in line or "xchg" in line]
    assert len(table) >= 4 and max(map(len, table)) <= 120


def test_long_statements_and_names_are_cut(spteproof, small):
    names = ["a_thread_with_a_very_long_name_indeed", "another_thread_with_a_long_name", "the_third_one_of_them_all"]
    writes = "WRITE_ONCE(*sptep, (W | A | D | W | A | D | W | A | D | W | A | D | W) & ~A);"
    threads = " ".join(f"thread {name} {{ {writes} }}" for name in names)
    small.write_text(LAYOUT + f"theorem t() for layout in small {{ parallel {{ {threads} }} prove changes nothing; }}")
    table = [line for line in spteproof("prove", small).out.splitlines() if "CPU" in line or "ONCE" in line]
    assert len(table) == 4 and max(map(len, table)) <= 120
    assert table[0].count("...") == 3 and all("..." in line for line in table[2:])


def test_the_json_report_names_the_threads(prove):
    results = json.loads(prove("--format", "json").out)["results"]
    (result,) = [each for each in results if each["property"].startswith("ensures")]
    assert result["scope"]["threads"] == ["ager", "zapper", "reader"]
    steps = [step["who"] for step in result["counterexample"]["steps"]]
    assert steps.count("program") == 1 and {"ager", "zapper"} <= set(steps)


def test_show_names_the_threads(spteproof, small):
    small.write_text(RACE)
    answer = spteproof("show", "stale_after_a_zap", "--from", small)
    assert answer.status == 0 and "  threads: ager, zapper, reader\n" in answer.out


def test_a_bit_that_is_lost_in_another_order_only_is_drawn_too(spteproof, small):
    text = "layout tiny { W = bit 1; A = bit 5; }\ntheorem t {\n    u64 a;\n    parallel {\n"
    text += "        thread one { a = READ_ONCE(*sptep); WRITE_ONCE(*sptep, a); }\n"
    text += (
        "        thread two { atomic64_or(W, sptep); atomic64_and(~A, sptep); }\n    }\n    prove preserves W | A;\n}\n"
    )
    small.write_text(text)
    told = spteproof("prove", small, "--counterexamples", "all").out
    assert "    refuted  tiny losing A W\n" in told
    assert "refuted in tiny, losing {A}" in told and "refuted in tiny, losing {W}" in told
