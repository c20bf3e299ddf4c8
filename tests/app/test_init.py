"""`init`: what it writes proves, is in the library's style, and is never written over another file."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from spteproof.starting.command import SAMPLES


def test_the_first_text_proves_and_its_twin_is_refuted(spteproof, own_place):
    assert spteproof("init").status == 0
    answer = spteproof("prove", "first.spte", "--jobs", 1)
    assert answer.status == 0
    assert "2 proved, 1 refuted" in answer.out and "page_walk.set_dirty" in answer.out
    assert spteproof("fmt", "--check", "first.spte").status == 0


def test_the_twin_is_what_its_author_says_it_is(spteproof, own_place):
    """Without the expectation the run fails, and with the exchange that the text proposes it fails as well."""
    spteproof("init")
    first = Path("first.spte")
    text = first.read_text()
    first.write_text(re.sub(r" +expect refuted losing \{D\};", ";", text))
    assert spteproof("prove", "first.spte", "--jobs", 1).status == 1


def test_it_says_what_was_written_and_what_comes_next(spteproof, own_place):
    answer = spteproof("init", "new/folder")
    for name in SAMPLES:
        assert (own_place / "new/folder" / name).is_file()
        assert f"wrote  new/folder/{name}" in answer.out
    assert "spteproof prove new/folder/first.spte" in answer.out


@pytest.mark.parametrize("folder", [".", "new/folder/far/below", "f"])
def test_what_comes_next_stands_in_two_columns(spteproof, own_place, folder):
    lines = spteproof("init", folder).out.partition("next:\n")[2].splitlines()
    told = [re.fullmatch(r"  (.*?)( {4,})(.*)", line) for line in lines]
    columns = [each.start(3) for each in told if each]
    assert len(columns) == 4 and len(set(columns)) == 1


def test_nothing_is_written_over(spteproof, own_place):
    (own_place / "first.spte").write_text("mine")
    (own_place / ".pre-commit-config.yaml").symlink_to("nowhere")
    answer = spteproof("init")
    assert answer.status == 0
    assert (own_place / "first.spte").read_text() == "mine"
    assert not (own_place / "nowhere").exists()
    assert "left as it was  first.spte" in answer.out
    again = spteproof("init").out
    assert again.count("left as it was") == len(SAMPLES)


@pytest.mark.parametrize("folder", ["file", "file/below"])
def test_a_file_in_the_way_is_an_error(spteproof, own_place, folder):
    (own_place / "file").write_text("mine")
    answer = spteproof("init", folder)
    assert answer.status == 2 and "cannot write" in answer.err
    assert (own_place / "file").read_text() == "mine"


def test_the_samples_parse_and_what_they_run_works(spteproof, own_place):
    spteproof("init")
    workflow = yaml.safe_load(Path(".github/workflows/spteproof.yml").read_text())
    runs = [step["run"] for step in workflow["jobs"]["prove"]["steps"] if "run" in step]
    ours = [words[1:] for words in map(shlex.split, runs) if words[0] == "spteproof"]
    hooks = yaml.safe_load(Path(".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    for hook in hooks:
        assert re.search(hook["files"], "first.spte") and not re.search(hook["files"], "first.spte.txt")
        ours.append([*shlex.split(hook["entry"])[1:], *(["first.spte"] if hook.get("pass_filenames", True) else [])])
    assert len(ours) == 4
    for words in ours:
        assert spteproof(*words).status == 0, words
    assert Path("spteproof.html").read_text().startswith("<!DOCTYPE html>")
