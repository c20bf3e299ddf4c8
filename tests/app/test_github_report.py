"""The report as workflow commands of GitHub Actions."""

import re

import pytest

from spteproof.reports.github import _data, _property

from .conftest import MIXED, SMALL


@pytest.fixture
def reported(spteproof, small):
    def call(text, *words):
        small.write_text(text)
        return spteproof("prove", small, "--format", "github", *words).out.splitlines()

    return call


def read(line):
    """As GitHub's runner reads a command: its name, its properties and its message."""
    name, properties, message = re.fullmatch(r"::(\w+) (.*?)::(.*)", line).groups()
    found = dict(each.split("=", 1) for each in properties.split(","))
    return name, {key: plain(value) for key, value in found.items()}, plain(message)


def plain(text):
    for code, letter in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, letter)
    return text


def test_all_as_expected_is_one_notice(reported):
    (line,) = reported(SMALL)
    name, properties, message = read(line)
    assert (name, properties) == ("notice", {"title": "spteproof"})
    assert message.endswith(": all as expected")


@pytest.mark.usefixtures("few_nodes")
def test_errors_then_warnings_then_the_notice(reported):
    found = [read(line) for line in reported(MIXED)]
    assert [name for name, _, _ in found] == ["error", "error", "error", "warning", "notice"]
    _, properties, message = found[0]
    place = MIXED.splitlines()[int(properties["line"]) - 1]
    assert place[int(properties["col"]) - 1 : int(properties["endColumn"]) - 1].startswith("prove preserves W | D")
    assert properties["file"] == "small.spte" and properties["title"] == "age_stores: refuted in small"
    assert message.startswith("preserves W | D\nrefuted, losing D; expected proved\n\nage_stores: refuted in small")
    assert found[1][1]["title"] == "age_clears: proved in small, mask = A"
    assert "closure is too large" in found[3][2]


@pytest.mark.parametrize("text", ["a%0Ab", "a\r\nb", "100%", "a, b: c::d", "%25%"])
def test_what_is_escaped_is_read_back(text):
    assert plain(_property(text)) == text
    assert plain(_data(text)) == text
    assert not set(_property(text)) & set("\r\n:,") and not set(_data(text)) & set("\r\n")


def test_a_property_over_several_lines_has_no_columns(reported):
    text = SMALL.replace("prove preserves W | D       expect refuted losing {D}", "prove preserves W\n | D")
    _, properties, _ = read(reported(text)[0])
    assert "col" not in properties
    assert int(properties["endLine"]) == int(properties["line"]) + 1
