"""The report as JUnit XML."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from lxml import etree

from spteproof.reports.junit import _clean

from .conftest import MIXED, ROOT, SMALL

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))


@pytest.fixture
def reported(spteproof, small):
    def call(text, *words):
        small.write_text(text)
        return spteproof("prove", small, "--format", "junit", *words).out

    return call


def cases(text):
    return {each.get("name"): each for each in ElementTree.fromstring(text).iter("testcase")}


@pytest.mark.usefixtures("few_nodes")
@pytest.mark.parametrize("text", [SMALL, MIXED])
def test_a_report_is_valid(reported, text):
    SCHEMA.assertValid(etree.fromstring(reported(text).encode()))


@pytest.mark.parametrize(
    "old, new",
    [(' failures="1"', ""), ("<failure ", "<failed "), ("</testcase>", "<error/></testcase>"), ('time="0', 'time="x')],
)
def test_a_report_that_is_changed_is_not_valid(reported, old, new):
    report = reported(SMALL.replace("losing {D}", "losing {W}"))
    assert old in report
    changed = report.replace(old, new, 1).replace("</failure>", "</failed>" if "failed" in new else "</failure>")
    with pytest.raises(etree.DocumentInvalid):
        SCHEMA.assertValid(etree.fromstring(changed.encode()))


@pytest.mark.usefixtures("few_nodes")
def test_what_each_case_says(reported):
    found = cases(reported(MIXED))
    refuted = found["preserves W | D in small"].find("failure")
    assert (refuted.get("type"), refuted.get("message")) == ("preserves.refuted", "refuted, losing D; expected proved")
    assert "cpu.set_dirty    +A +D" in refuted.text and "environment: cpu, any number of steps" in refuted.text
    proved = found["preserves W | D in small, mask = A"].find("failure")
    assert (proved.get("type"), proved.get("message")) == ("preserves.proved", "proved; expected refuted")
    assert found["preserves W | D in small, mask = D"].findtext("system-out") == "refuted, losing D"
    assert found["all properties in no_dirty, mask = D"].find("skipped").get("message") == "`D` is none in `no_dirty`"
    unknown = found["preserves W in small"].find("error")
    assert "closure is too large" in unknown.get("message") and unknown.get("type") == "preserves.unknown"


@pytest.mark.usefixtures("few_nodes")
def test_counts_are_those_of_the_cases(reported):
    whole = ElementTree.fromstring(reported(MIXED))
    (suite,) = whole.findall("testsuite")
    assert suite.get("name") == "small.spte"
    for word, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(word)) == len(suite.findall(f"testcase/{tag}")) > 0
    assert int(suite.get("tests")) == int(whole.get("tests")) == len(suite.findall("testcase"))
    assert {each.get("classname") for each in suite.iter("testcase")} >= {"small.age_stores", "small.keeps"}


def test_a_theorem_without_a_verdict_is_an_error(reported, monkeypatch):
    monkeypatch.setattr("spteproof.running.runs.run", dies)
    whole = ElementTree.fromstring(reported(SMALL, "--theorem", "age_*"))
    assert whole.get("errors") == "2"
    assert [each.get("type") for each in whole.iter("error")] == ["lost", "lost"]


def dies(library, names, *rest, **more):
    from spteproof.running.runs import WithoutWorkers

    raise WithoutWorkers(*names)


def test_a_suite_for_each_text(spteproof, small, own_place):
    (own_place / "other.spte").write_text(
        "layout other { W = bit 3; }\ntheorem t() for layout in other { prove that W == 8; }\n"
    )
    whole = ElementTree.fromstring(spteproof("prove", small, "other.spte", "--format", "junit").out)
    assert {each.get("name") for each in whole} == {"small.spte", "other.spte"}


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\udc80", "\ufffe"])
def test_what_xml_cannot_hold_is_written_out(text):
    clean = _clean(text)
    assert ElementTree.fromstring(f"<a>{clean}</a>").text == clean != text


def test_what_xml_can_hold_is_kept():
    assert _clean("a\n\tb ü 𝔸 <&>") == "a\n\tb ü 𝔸 <&>"


@pytest.mark.parametrize(
    "called",
    [
        ("spec/parallel/two_zaps.spte", "--layout", "npt"),
        ("spec/eras/clear_bits.spte", "--layout", "ept", "--era", "v6_15"),
    ],
)
def test_a_report_on_the_library_is_valid(spteproof, monkeypatch, called):
    monkeypatch.chdir(ROOT)
    answer = spteproof("prove", *called, "--format", "junit")
    SCHEMA.assertValid(etree.fromstring(answer.out.encode()))
    assert answer.status == 0 and called[0] in answer.out


@pytest.mark.usefixtures("few_nodes")
def test_names_of_cases_are_different(reported):
    found = [
        (each.get("classname"), each.get("name")) for each in ElementTree.fromstring(reported(MIXED)).iter("testcase")
    ]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("name", ["b\udcff.spte", "a&<b>.spte"])
def test_any_name_of_a_file_will_do(spteproof, own_place, name):
    (own_place / name).write_text(SMALL.replace("losing {D}", "losing {W}"))
    report = spteproof("prove", name, "--format", "junit").out
    SCHEMA.assertValid(etree.fromstring(report.encode()))
