"""The examples of the README, of the tutorial, of the explanation, of docs/find.md and of the how-to pages are run, and give what these say that they give."""

import re

import pytest

from .documents import ROOT, changed, read

HOW_TO = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "how-to").glob("*.md"))
DOCUMENTS = [read(name) for name in ("README.md", "docs/tutorial.md", "docs/explanation.md", "docs/find.md", *HOW_TO)]
EXAMPLES = [example for document in DOCUMENTS for example in document.examples]


@pytest.fixture(scope="module", autouse=True)
def one_cache(tmp_path_factory):
    """What one example proves is not proved again by the next."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPTEPROOF_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.document.name}: {each.command}")
def test_an_example_gives_what_the_document_shows(example, tmp_path, monkeypatch, capsys):
    example.check(tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.name)
def test_every_document_that_is_named_is_there(document):
    folder = (ROOT / document.name).parent
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.text):
        assert target.startswith("https://") or (folder / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.name)
def test_every_file_that_is_given_is_used(document):
    commands = " ".join(example.command for example in document.examples)
    assert [name for name in document.files if name not in commands] == []


@pytest.mark.parametrize("difference", ["-c\n+d\n", "-a\n", "+a\n-a\n", "-b\n+c\n"])
def test_a_change_of_a_file_must_fit(difference):
    with pytest.raises(AssertionError):
        changed("a\nb\nb\n", difference)


def test_an_example_that_shows_something_else_fails(tmp_path, monkeypatch, capsys):
    from dataclasses import replace

    example = next(each for each in EXAMPLES if each.command == "spteproof prove age.spte")
    for old, new in (
        ("+W", "+D"),
        ("refuted  npt", "...\nrefuted  ept"),
        ("expected proved", "expected proved\n...\nx"),
    ):
        assert old in example.expected
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            replace(example, expected=example.expected.replace(old, new)).check(tmp_path, monkeypatch, capsys)
