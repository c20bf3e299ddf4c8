"""The report for programs: exactly the keys that docs/json.md tells, and what they say."""

import json
import re

import pytest

from .conftest import LARGE, ROOT, SMALL

DOCUMENT = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
RACE = ROOT / "spec" / "mail" / "whole_value_written_back.spte"
OPEN = {"params", "parameters", "ghosts", "inputs"}
"""Objects whose keys are the author's names."""

SKIPPING = """
theorem each(u64 mask in {A, D})
    for layout in small, no_dirty
    against any number of cpu
{
    atomic64_and(~mask, sptep);
    prove preserves W;
}
"""


def tables():
    """The keys that each section's table tells, by the section's heading."""
    found = {}
    for part in re.split(r"^##+ ", DOCUMENT, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        rows = re.findall(r"^\| (`.*?) \|", body, flags=re.MULTILINE)
        found[heading.strip("`")] = {key for row in rows for key in re.findall(r"`([^`]+)`", row)}
    return found


def keys(value, prefix=""):
    """All keys below an object as dotted paths, lists as `[]`."""
    for key, each in value.items():
        yield prefix + key
        if key in OPEN or key in ("results", "skipped", "scope", "counterexample", "other_counterexamples"):
            continue
        if isinstance(each, dict):
            yield from keys(each, f"{prefix}{key}.")
        elif isinstance(each, list) and each and isinstance(each[0], dict):
            yield from keys(each[0], f"{prefix}{key}[].")


@pytest.fixture
def reported(spteproof, small):
    def call(text, *words):
        small.write_text(text)
        return json.loads(spteproof("prove", small, "--format", "json", *words).out)

    return call


def test_each_key_of_a_section_is_told_once():
    for part in re.split(r"^##+ ", DOCUMENT, flags=re.MULTILINE)[1:]:
        told = re.findall(r"^\| (`.*?) \|", part, flags=re.MULTILINE)
        assert len(told) == len(set(told)), part.partition("\n")[0]


def test_the_keys_are_exactly_those_documented(reported):
    report, documented = reported(SMALL + SKIPPING), tables()
    assert set(keys(report)) == documented["The report"]
    for result in report["results"]:
        assert set(keys(result)) == documented["A result"]
        assert set(keys(result["scope"])) == documented["scope"]
    refuted = [result["counterexample"] for result in report["results"] if result["verdict"] == "refuted"]
    assert refuted and all(set(keys(each)) == documented["counterexample"] for each in refuted)
    assert report["skipped"]
    assert all(set(keys(each)) == documented["A skipped instance"] for each in report["skipped"])


def test_verdicts_as_expected_are_ok_and_counted(reported):
    report = reported(SMALL + SKIPPING)
    assert all(result["ok"] for result in report["results"])
    assert report["summary"]["unexpected"] == 0
    for verdict in ("proved", "refuted", "vacuous", "unknown"):
        assert report["summary"][verdict] == sum(each["verdict"] == verdict for each in report["results"])
    assert report["summary"]["skipped"] == len(report["skipped"]) == 1
    assert report["skipped"][0]["reason"] == "`D` is none in `no_dirty`"


@pytest.mark.usefixtures("few_nodes")
@pytest.mark.parametrize(
    "text, unexpected",
    [
        (SMALL.replace("losing {D}", "losing {W}"), 1),
        (SMALL.replace("prove preserves W | D;", "prove preserves W | D expect vacuous;"), 2),
        (LARGE, 1),
    ],
)
def test_verdicts_not_as_expected_are_not_ok(reported, text, unexpected):
    report = reported(text)
    assert sum(not result["ok"] for result in report["results"]) == unexpected
    assert report["summary"]["unexpected"] == unexpected


@pytest.mark.usefixtures("few_nodes")
def test_an_unknown_has_a_reason_and_no_counterexample(reported):
    (result,) = reported(LARGE)["results"]
    assert (result["verdict"], result["ok"], result["counterexample"]) == ("unknown", False, None)
    assert result["reason"] == "the environment's closure is too large"


def test_a_proved_result_has_neither(reported):
    results = reported(SMALL, "--theorem", "age_clears")["results"]
    assert [(each["reason"], each["counterexample"], each["other_counterexamples"]) for each in results] == [
        (None, None, []),
        (None, None, []),
    ]


def test_a_counterexample_is_one_execution(reported):
    (result,) = reported(SMALL, "--theorem", "age_stores")["results"]
    example = result["counterexample"]
    steps = example["steps"]
    assert example["start"] == steps[0]["before"] and example["end"] == steps[-1]["after"]
    assert all(one["after"] == other["before"] for one, other in zip(steps, steps[1:], strict=False))
    assert sum(step["who"] != "program" for step in steps) == example["environment_steps"] == 1
    assert [step["changes"] for step in steps] == ["", "+A +D", "-A -D"]
    assert result["losing"] == example["losing"] == ["D"]
    assert result["other_counterexamples"] == []


def test_narrowed_to_a_layout_and_a_theorem(reported):
    both = reported(SMALL, "--theorem", "age_*", "--layout", "small")["results"]
    assert [(each["theorem"], each["layout"]) for each in both] == [("age_stores", "small"), ("age_clears", "small")]
    two = reported(SMALL, "--theorem", "age_clears")["results"]
    assert [each["layout"] for each in two] == ["small", "no_dirty"]


def test_a_family_names_its_layouts(reported):
    text = SMALL + "family both = small, no_dirty;\n"
    found = {each["layout"] for each in reported(text, "--layout", "both")["results"]}
    assert found == {"small", "no_dirty"}


def test_the_race_of_the_mail(spteproof):
    report = json.loads(spteproof("prove", RACE, "--layout", "ept", "--format", "json").out)
    assert report["summary"]["unexpected"] == 0 and report["summary"]["unknown"] == 0
    first = next(each for each in report["results"] if each["property"] == "preserves W | A | D except A")
    assert first["counterexample"]["start"] == "0x0600000000000901"
    assert first["scope"]["environment"] == ["cpu_walk", "fast_page_fault"]
    assert not any(first["scope"][key] for key in ("any_change", "untriggered", "no_bits", "no_premise"))
