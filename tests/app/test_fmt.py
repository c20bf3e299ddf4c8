"""`spteproof fmt`: files are written whole, or named, or left alone."""

import io
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNTIDY, TIDY = "lemma one{prove that 1==1;}  // kept\n", "lemma one { prove that 1 == 1; }  // kept\n"
WRONG = "lemma one { prove that 1 == ; }\n"


@pytest.fixture
def files(own_place):
    for name, text in (("untidy", UNTIDY), ("tidy", TIDY), ("wrong", WRONG)):
        (own_place / f"{name}.spte").write_text(text)
    return own_place


def test_the_library_is_formatted(spteproof):
    answer = spteproof("fmt", "--check", str(ROOT / "spec"))
    assert (answer.status, answer.out, answer.err) == (0, "", "")


def test_a_file_is_written_and_named(spteproof, files):
    answer = spteproof("fmt", "untidy.spte", "tidy.spte")
    assert (answer.status, answer.out, answer.err) == (0, "untidy.spte\n", "")
    assert (files / "untidy.spte").read_text() == TIDY
    assert spteproof("fmt", "untidy.spte").out == ""


def test_check_names_the_file_and_writes_nothing(spteproof, files):
    answer = spteproof("fmt", "--check", "untidy.spte", "tidy.spte")
    assert (answer.status, answer.out) == (1, "untidy.spte\n")
    assert (files / "untidy.spte").read_text() == UNTIDY
    assert spteproof("fmt", "--check", "tidy.spte").status == 0


def test_a_diff_writes_nothing(spteproof, files):
    answer = spteproof("fmt", "--diff", "untidy.spte", "tidy.spte")
    assert answer.status == 0
    assert answer.out == f"--- untidy.spte\n+++ untidy.spte\n@@ -1 +1 @@\n-{UNTIDY}+{TIDY}"
    assert (files / "untidy.spte").read_text() == UNTIDY
    assert spteproof("fmt", "--diff", "--check", "untidy.spte").status == 1


def test_a_diff_tells_that_the_last_line_had_no_end(spteproof, files):
    (files / "open.spte").write_text(TIDY.rstrip("\n"))
    assert "\\ No newline at end of file\n" in spteproof("fmt", "--diff", "open.spte").out


def test_a_file_with_errors_is_left_alone_and_the_others_are_written(spteproof, files):
    answer = spteproof("fmt")
    assert (answer.status, answer.out) == (2, "untidy.spte\n")
    assert "error[syntax." in answer.err and "wrong.spte:1" in answer.err
    assert (files / "wrong.spte").read_text() == WRONG
    assert (files / "untidy.spte").read_text() == TIDY


def test_standard_input_goes_to_standard_output(spteproof, monkeypatch):
    def fed(text):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    fed(UNTIDY)
    assert spteproof("fmt", "-").out == TIDY
    fed(UNTIDY)
    assert spteproof("fmt", "-", "--check").status == 1
    fed(WRONG)
    answer = spteproof("fmt", "-")
    assert (answer.status, answer.out) == (2, "")


def test_standard_input_stands_alone(spteproof, files):
    assert spteproof("fmt", "-", "tidy.spte").status == 2


def test_what_is_not_there_is_said(spteproof):
    answer = spteproof("fmt", "nowhere.spte")
    assert answer.status == 2 and "file.unreadable:missing" in answer.err


def test_a_file_that_cannot_be_written_stays_as_it_was(spteproof, files, monkeypatch):
    from spteproof import whole_files

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole_files.os, "replace", full)
    answer = spteproof("fmt", "untidy.spte")
    assert answer.status == 2 and "No space left" in answer.err
    assert sorted(path.name for path in files.iterdir()) == ["tidy.spte", "untidy.spte", "wrong.spte"]
    assert (files / "untidy.spte").read_text() == UNTIDY


def test_a_link_stays_a_link(spteproof, files):
    (files / "link.spte").symlink_to("untidy.spte")
    spteproof("fmt", "link.spte")
    assert (files / "link.spte").is_symlink() and (files / "untidy.spte").read_text() == TIDY


def test_a_copy_of_the_library_with_other_indentation_comes_back(spteproof, files):
    shutil.copytree(ROOT / "spec" / "mail", files / "mail")
    original = {path: path.read_text() for path in (files / "mail").glob("*.spte")}
    for path, text in original.items():
        path.write_text("\n\n   " + text.replace("\n", " \r\n   "))
    assert spteproof("fmt", "mail").out.count("\n") == len(original)
    assert [path for path, text in original.items() if path.read_bytes() != text.encode()] == []
