"""docs/reports.md: its examples, and the rules that it names."""

import pytest

from spteproof.reports.result_words import KINDS

from .documents import read

DOCUMENT = read("docs/reports.md")


@pytest.mark.parametrize("example", DOCUMENT.examples, ids=lambda each: each.command)
def test_an_example_gives_what_the_document_shows(example, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", str(tmp_path / "cache"))
    example.check(tmp_path, monkeypatch, capsys)


def test_there_are_examples():
    assert len(DOCUMENT.examples) >= 2


def test_every_kind_of_property_is_named():
    for kind in KINDS:
        assert f"`{kind}`" in DOCUMENT.text
