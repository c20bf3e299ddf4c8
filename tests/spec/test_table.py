"""The verdicts of the library against the table that was written down without the tool."""

from collections import Counter
from collections.abc import Iterator

import pytest
from spteproof.solver.results import Result

from .table import ELSEWHERE, LAYOUTS, LOSING, OWN_LAYOUTS, TABLE, TELLING, TWINS

ROWS = [line.split() for line in TABLE.splitlines() if line.strip()]
IN_TABLE = {row[0] for row in ROWS} | {name.split(",")[0] for name in OWN_LAYOUTS}


def explicit(report) -> list[Result]:
    return [each for each in report.results if not each.implicit and not each.property.startswith("assert ")]


def has_property(result: Result, wanted: str) -> bool:
    word = wanted.split(":")[0]
    telling = TELLING.get(wanted)
    if telling is None:
        return result.property.startswith(word)
    return result.property == telling if telling.startswith(word) else telling in result.property


def has_instance(result: Result, wanted: str) -> bool:
    return wanted == "*" or list(result.params.values()) == ([] if wanted == "." else [wanted])


def steps(result: Result) -> int:
    found = [each for each in (result.counterexample, *result.others) if each is not None]
    return min(each.environment_steps for each in found)


def cell(result: Result, like: str) -> str:
    """The verdict as the table writes it, with the steps where `like` has them."""
    if result.verdict == "proved":
        return "p"
    if result.verdict != "refuted":
        return f"{result.verdict}: {result.reason}"
    return f"r{steps(result)}" if like[1:] else "r"


def rows_by_layout() -> Iterator[tuple[str, str, str, str, str]]:
    """Theorem, property, instance, layout and cell, one by one."""
    for theorem, wanted, instance, *cells in ROWS:
        assert len(cells) == len(LAYOUTS), theorem
        for layout, expected in zip(LAYOUTS, cells, strict=True):
            yield theorem, wanted, instance, layout, expected


def test_everything_is_as_the_texts_expect(report):
    wrong = [(each.theorem, each.property, each.layout, dict(each.params), each.verdict) for each in report.results if not each.ok]
    assert wrong == []


def test_nothing_is_unknown_or_vacuous(report):
    assert {each.verdict for each in report.results} == {"proved", "refuted"}


def test_the_table_says_the_same(report):
    found = explicit(report)
    different = []
    for theorem, wanted, instance, layout, expected in rows_by_layout():
        cells = {
            cell(each, expected)
            for each in found
            if each.theorem == theorem and each.layout == layout and has_property(each, wanted) and has_instance(each, instance)
        }
        if cells != (set() if expected in "-." else {expected}):
            different.append((theorem, wanted, instance, layout, expected, cells))
    assert different == []


def test_the_table_leaves_no_verdict_out(report):
    covered = Counter()
    for each in explicit(report):
        if each.layout in LAYOUTS and each.theorem in IN_TABLE:
            matching = [row for row in ROWS if row[0] == each.theorem and has_property(each, row[1]) and has_instance(each, row[2])]
            covered[len(matching)] += 1
            assert len(matching) == 1, (each.theorem, each.property, dict(each.params), matching)
    assert covered[1] > 600


def test_a_dash_is_an_instance_that_the_tool_skips(report):
    dashes = {(theorem, instance, layout) for theorem, _, instance, layout, expected in rows_by_layout() if expected == "-"}
    skipped = {(each.theorem, *each.params.values(), each.layout) for each in report.skipped if each.layout in LAYOUTS}
    assert skipped == dashes


@pytest.mark.parametrize("theorem", ELSEWHERE)
def test_what_is_proved_is_proved_in_every_placement(report, theorem):
    layouts = set(ELSEWHERE[theorem].split())
    found = [each for each in explicit(report) if each.theorem == theorem and each.layout in layouts]
    assert {each.layout for each in found} == layouts
    assert {each.verdict for each in found} == {"proved"}


@pytest.mark.parametrize("entry", OWN_LAYOUTS)
def test_theorems_with_layouts_of_their_own(report, entry):
    layouts, properties = OWN_LAYOUTS[entry]
    found = [each for each in explicit(report) if each.theorem == entry.split(",")[0] and each.layout in layouts.split()]
    assert {each.layout for each in found} == set(layouts.split())
    for each in found:
        prefix = max((prefix for prefix in properties if each.property.startswith(prefix)), key=len)
        expected = properties[prefix]
        assert cell(each, expected) == expected, (each.property, each.layout, dict(each.params))


@pytest.mark.parametrize("theorem, text", LOSING)
def test_the_counterexample_loses_these_bits_at_once(report, theorem, text):
    found = [each for each in explicit(report) if (each.theorem, each.property) == (theorem, text)]
    assert found
    for each in found:
        assert each.counterexample is not None and LOSING[theorem, text] <= set(each.counterexample.names), each.layout


def test_every_theorem_that_proves_something_has_a_refuted_twin(report):
    verdicts: dict[str, set[str]] = {}
    for each in explicit(report):
        verdicts.setdefault(each.theorem, set()).add(each.verdict)
    for theorem, seen in verdicts.items():
        if "proved" in seen:
            assert "refuted" in verdicts[TWINS.get(theorem, theorem)], theorem


def test_every_shortest_counterexample_is_shown_to_be_shortest(report):
    refuted = [each for each in report.results if each.verdict == "refuted"]
    assert all(each.counterexample is not None and each.counterexample.shortest for each in refuted)


def test_the_kernels_static_asserts_are_proved_in_every_layout(report):
    asserts = [each for each in report.results if each.property.startswith("assert ")]
    assert {each.verdict for each in asserts} == {"proved"}
    assert set(LAYOUTS) | {"legacy_pae", "npt_sme", "legacy_anywhere", "ept_anywhere"} <= {each.layout for each in asserts}
