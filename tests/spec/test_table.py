"""The verdicts of the library: all as its texts expect, and those of `spec/mail` written down a second time.

`verdicts.txt` comes from an enumeration of every entry and every interleaving that shares nothing with the tool. A slip
in an `expect` clause cannot hide there. Of every other folder it is demanded that all is as expected, nothing is unknown,
and no proof stands without a refuted twin.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from spteproof.solver.results import Result, Skipped

LAYOUTS = ("legacy", "npt", "ept", "ept_wrprot_only", "ept_no_ad_until_6_12", "ept_no_ad_since_6_13")
LINES = (Path(__file__).parent / "verdicts.txt").read_text(encoding="utf-8").splitlines()
ROWS = [line.split() for line in LINES if line.strip() and not line.startswith("#")]

# Which part of a property's text tells it from others of its theorem that begin with the same word.
TELLING = {
    "preserves:W|A|D": "preserves W | A | D except A",
    "preserves:W": "preserves W",
    "conserves:seen": "into seen",
    "conserves:old": "into old",
    "equivalent:mask": "clear_spte_bit_by_mask(",
    "equivalent:not": "clear_spte_bit_not_atomically(",
    "equivalent:leaf": "write_spte_without_the_leaf_test(",
    "equivalent:old": "write_spte_returning_old(",
    "changes:only-D": "changes only D",
    "changes:only-A": "changes only A",
    "changes:only-IPAT": "changes only IPAT",
    "changes:only-MEMTYPE": "changes only MEMTYPE",
    "changes:VMX_EPT": "changes only VMX_EPT_ACCESS_BIT",
}

# The same theorems in layouts with fewer values, or with every placement of the bits at once.
ELSEWHERE = {
    "clear_one_bit_keeps_what_others_set": "legacy_pae npt_sme legacy_anywhere ept_anywhere ept_no_ad_anywhere",
    "clear_one_bit_tells_what_it_cleared": "legacy_pae npt_sme legacy_anywhere ept_anywhere ept_no_ad_anywhere",
    "refactoring": "legacy_pae npt_sme legacy_anywhere ept_anywhere ept_no_ad_anywhere",
    "dirty_from_the_returned_value": "ept_no_ad_anywhere",
}

# theorem: the layouts of its own, and the first words of its properties with their cells, whatever the instance.
OWN_LAYOUTS = {
    "clear_one_bit_of_a_non_leaf_entry": (
        "npt_non_leaf ept_non_leaf ept_wrprot_only_non_leaf",
        {
            "preserves W | A | D except W": "r1",
            "changes only W | A": "p",
            "changes only W": "r1",
            "refines": "r1",
            "conserves": "p",
        },
    ),
    "clear_one_bit_under_a_wrong_ad_type": (
        "ept_any_ad_type ept_wrprot_only_any_ad_type",
        {"preserves": "r1", "changes": "r1", "refines": "r1", "conserves": "r1"},
    ),
    "clear_one_bit_under_a_wrong_ad_type, the other way round": (
        "ept_no_ad_until_6_12_any_ad_type ept_no_ad_since_6_13_any_ad_type",
        {"preserves": "p", "changes": "p", "refines": "p", "conserves": "p"},
    ),
    "ept_dirty_on_a_legacy_entry": (
        "legacy_losing_host_writable npt_losing_host_writable",
        {"preserves": "p", "changes": "r0", "ensures": "r0"},
    ),
    "the_mark_is_lost_after_twelve_steps": (
        "counter",
        {"preserves": "r12", "always (start & (COUNT | MARK)) == 0 -> !": "r12", "always": "p"},
    ),
    "the_mark_is_kept": ("counter", {"preserves": "p"}),
    "a_mark_that_was_seen_is_kept": ("counter", {"preserves": "p", "ensures": "p"}),
    "a_mark_that_was_seen_is_lost": ("counter", {"preserves": "r12"}),
    "software_bits_of_the_other_family": ("ept_with_legacy_numbers", {"that": "r0"}),
}

# What the races of the mail take away, at once.
LOSING = {
    ("age_stores_the_whole_value", "preserves W | A | D except A"): {"W", "D"},
    ("age_exchanges_the_whole_value", "preserves W | A | D except A"): {"W", "D"},
    ("age_uses_what_the_exchange_returned", "preserves W | A | D except A"): {"W", "D"},
    ("clear_one_bit_of_a_non_leaf_entry", "preserves W | A | D except W"): {"A"},
    ("legacy_dirty_on_an_ept_entry", "changes only D"): {"IPAT"},
    ("ept_dirty_on_a_legacy_entry", "changes only D"): {"HOST_WRITABLE"},
    ("the_mark_is_lost_after_twelve_steps", "preserves MARK"): {"MARK"},
}

# No proof without a broken twin: for each theorem that proves something, one in which the like is refuted.
TWINS = {
    "clear_one_bit_keeps_what_others_set": "never_atomic",
    "clear_one_bit_tells_what_it_cleared": "without_writable",
    "clear_one_bit_in_an_indirect_mmu": "never_atomic_in_an_indirect_mmu",
    "clear_bit_always": "never_atomic_by_number",
    "clear_bit_if_volatile": "never_atomic_by_number",
    "refactoring": "refactoring_that_went_wrong",
    "dirty_from_the_returned_value": "dirty_from_the_stale_value",
    "clear_dirty_as_it_was_merged": "clear_dirty_of_the_mail",
    "software_bits_are_nobody_elses": "software_bits_of_the_other_family",
    "the_mark_is_kept": "the_mark_is_lost_after_twelve_steps",
    "a_mark_that_was_seen_is_kept": "a_mark_that_was_seen_is_lost",
}

IN_TABLE = {row[0] for row in ROWS} | {name.split(",")[0] for name in OWN_LAYOUTS}


def of_the_mail(each: Result | Skipped) -> bool:
    return Path(each.place.source.name).parent.name == "mail"


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


def cell(result: Result, like: str) -> str:
    """The verdict as the table writes it, with the steps where `like` has them."""
    if result.verdict == "proved":
        return "p"
    if result.verdict != "refuted":
        return f"{result.verdict}: {result.reason}"
    return f"r{result.counterexample.environment_steps}" if result.counterexample and like[1:] else "r"


def rows_by_layout() -> Iterator[tuple[str, str, str, str, str]]:
    """Theorem, property, instance, layout and cell, one by one."""
    for theorem, wanted, instance, *cells in ROWS:
        assert len(cells) == len(LAYOUTS), theorem
        for layout, expected in zip(LAYOUTS, cells, strict=True):
            yield theorem, wanted, instance, layout, expected


def test_everything_is_as_the_texts_expect(report):
    wrong = [
        (each.theorem, each.property, each.layout, dict(each.params), each.verdict)
        for each in report.results
        if not each.ok
    ]
    assert wrong == []


def test_nothing_is_unknown(report):
    assert {each.verdict for each in report.results} <= {"proved", "refuted", "vacuous"}


def test_nothing_of_the_mail_is_vacuous(report):
    assert {each.verdict for each in report.results if of_the_mail(each)} == {"proved", "refuted"}


def test_the_table_says_the_same(report):
    found = explicit(report)
    different = []
    for theorem, wanted, instance, layout, expected in rows_by_layout():
        cells = {
            cell(each, expected)
            for each in found
            if each.theorem == theorem
            and each.layout == layout
            and has_property(each, wanted)
            and has_instance(each, instance)
        }
        if cells != (set() if expected in "-." else {expected}):
            different.append((theorem, wanted, instance, layout, expected, cells))
    assert different == []


def test_the_table_leaves_no_verdict_out(report):
    covered = Counter()
    for each in explicit(report):
        if each.layout in LAYOUTS and each.theorem in IN_TABLE:
            matching = [
                row
                for row in ROWS
                if row[0] == each.theorem and has_property(each, row[1]) and has_instance(each, row[2])
            ]
            covered[len(matching)] += 1
            assert len(matching) == 1, (each.theorem, each.property, dict(each.params), matching)
    assert covered[1] > 600


def test_a_dash_is_an_instance_that_the_tool_skips(report):
    dashes = {
        (theorem, instance, layout) for theorem, _, instance, layout, expected in rows_by_layout() if expected == "-"
    }
    skipped = {
        (each.theorem, *each.params.values(), each.layout)
        for each in report.skipped
        if each.layout in LAYOUTS and of_the_mail(each)
    }
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
    found = [
        each for each in explicit(report) if each.theorem == entry.split(",")[0] and each.layout in layouts.split()
    ]
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
    """Itself, the one that TWINS names, or one beside it in the same file."""
    verdicts: dict[str, set[str]] = {}
    refuted_beside: set[str] = set()
    for each in explicit(report):
        verdicts.setdefault(each.theorem, set()).add(each.verdict)
        if each.verdict == "refuted":
            refuted_beside.add(each.place.source.name)
    files = {each.theorem: each.place.source.name for each in explicit(report)}
    for theorem, seen in verdicts.items():
        if "proved" in seen:
            twin = TWINS.get(theorem)
            assert "refuted" in verdicts[twin] if twin else files[theorem] in refuted_beside, theorem


def test_every_refutation_has_a_counterexample_and_those_of_the_mail_are_shown_to_be_shortest(report):
    refuted = [each for each in report.results if each.verdict == "refuted"]
    assert all(each.counterexample is not None for each in refuted)
    assert all(each.counterexample.shortest for each in refuted if of_the_mail(each))


def test_the_kernels_static_asserts_are_proved_in_every_layout(report):
    asserts = [each for each in report.results if each.property.startswith("assert ")]
    assert {each.verdict for each in asserts} == {"proved"}
    assert set(LAYOUTS) | {"legacy_pae", "npt_sme", "legacy_anywhere", "ept_anywhere"} <= {
        each.layout for each in asserts
    }
