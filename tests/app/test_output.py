"""Where a report goes: standard output or a file, whole or not at all; colour where it is wanted."""

import errno
import io
import json
import os
import stat

import pytest

import spteproof.cli as cli


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_report_goes_to_a_file(spteproof, small, own_place):
    answer = spteproof("prove", small, "--format", "json", "--output", "out.json")
    assert (answer.status, answer.out, answer.err) == (0, "", "")
    assert json.loads((own_place / "out.json").read_text())["summary"]["proved"] == 4
    assert left_in(own_place) == ["out.json", "small.spte"]


def test_a_new_file_has_the_permissions_of_any_new_file(spteproof, small, own_place):
    before = os.umask(0o027)
    try:
        spteproof("prove", small, "--output", "out.txt")
    finally:
        os.umask(before)
    assert stat.S_IMODE((own_place / "out.txt").stat().st_mode) == 0o640


def test_a_file_that_is_replaced_keeps_its_permissions(spteproof, small, own_place):
    (own_place / "out.txt").write_text("old")
    (own_place / "out.txt").chmod(0o604)
    assert spteproof("prove", small, "--output", "out.txt").status == 0
    assert stat.S_IMODE((own_place / "out.txt").stat().st_mode) == 0o604
    assert (own_place / "out.txt").read_text().startswith("layout small")


def test_behind_a_link_the_file_is_replaced_and_not_the_link(spteproof, small, own_place):
    (own_place / "link").symlink_to("real")
    spteproof("prove", small, "--output", "link")
    assert (own_place / "link").is_symlink() and (own_place / "real").read_text().startswith("layout small")


def test_a_device_is_written_to_and_not_replaced(spteproof, small):
    assert spteproof("prove", small, "--output", "/dev/null").status == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize(
    "output, said", [("folder", "it is a folder"), ("missing/out.json", "is no folder that can be written")]
)
def test_what_cannot_be_written_is_refused_before_the_work(spteproof, small, own_place, monkeypatch, output, said):
    (own_place / "folder").mkdir()
    monkeypatch.setattr(cli, "_load", lambda paths: pytest.fail("the work has begun"))
    answer = spteproof("prove", small, "--output", output)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(f"spteproof: cannot write {output}: ") and said in answer.err


@pytest.mark.parametrize("command", ["prove", "table", "find"])
@pytest.mark.parametrize("output", ["small.spte", "./link", "hard"])
def test_a_text_that_is_read_is_never_overwritten(spteproof, small, own_place, command, output):
    (own_place / "link").symlink_to("small.spte")
    (own_place / "hard").hardlink_to("small.spte")
    before = small.read_text()
    answer = spteproof(command, small, "--output", output)
    assert (answer.status, answer.out) == (2, "")
    assert "it is one of the texts that were read (small.spte)" in answer.err
    assert small.read_text() == before and (own_place / "link").is_symlink()


def test_a_text_that_is_only_used_is_not_overwritten_either(spteproof, small, own_place):
    (own_place / "other.spte").write_text("use small;\ntheorem t() for layout in small { prove that W != 0; }\n")
    before = small.read_text()
    answer = spteproof("prove", "other.spte", "--output", "small.spte")
    assert answer.status == 2 and "it is one of the texts that were read" in answer.err
    assert small.read_text() == before


@pytest.mark.skipif(not os.path.isfile("/proc/version"), reason="there is no /proc")
def test_where_no_file_can_be_made_is_said_before_the_work(spteproof, small, monkeypatch):
    monkeypatch.setattr(cli, "_load", lambda paths: pytest.fail("the work has begun"))
    answer = spteproof("prove", small, "--output", "/proc/version")
    assert answer.status == 2
    assert answer.err.startswith("spteproof: cannot write /proc/version: ") and " /proc " in answer.err


def test_a_folder_that_may_not_be_written_is_refused(spteproof, small, own_place, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    answer = spteproof("prove", small, "--output", "out.json")
    assert answer.status == 2 and "is no folder that can be written" in answer.err
    assert left_in(own_place) == ["small.spte"]


@pytest.mark.parametrize("failing", ["replace", "fdopen"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(spteproof, small, own_place, monkeypatch, failing):
    (own_place / "out.json").write_text("old")
    real = getattr(os, failing)

    def full(*words, **options):
        if failing == "replace" and not str(words[1]).endswith("out.json"):
            return real(*words, **options)
        if failing == "fdopen":
            os.close(words[0])
        raise OSError(errno.ENOSPC, "No space left on device")

    (small.parent / "cache").mkdir(exist_ok=True)
    monkeypatch.setattr(os, failing, full)
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", "/dev/null/none")
    answer = spteproof("prove", small, "--output", "out.json")
    monkeypatch.undo()
    assert answer.status == 2
    assert answer.err == "spteproof: cannot write out.json: No space left on device\n"
    assert (own_place / "out.json").read_text() == "old"
    assert [name for name in left_in(own_place) if name.startswith(".")] == []


def test_no_report_is_written_for_a_wrong_text(spteproof, small, own_place):
    small.write_text("layout")
    assert spteproof("prove", small, "--output", "out.json").status == 2
    assert left_in(own_place) == ["small.spte"]


def test_no_colour_where_there_is_no_terminal(spteproof, small):
    assert "\x1b" not in spteproof("prove", small).out


def test_colour_where_it_is_asked_for(spteproof, small, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32mproved  \x1b[0m" in spteproof("prove", small, "--color", "always").out
    small.write_text("layout")
    assert spteproof("check", small, "--color", "always").err.startswith("\x1b[31merror[")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    "no_color, term, wish, coloured",
    [
        (None, "xterm", "auto", True),
        ("1", "xterm", "auto", False),
        (None, "xterm", "never", False),
        (None, "dumb", "auto", False),
        (None, "dumb", "always", True),
    ],
)
def test_on_a_terminal_colour_is_used_unless_the_environment_says_no(monkeypatch, no_color, term, wish, coloured):
    from spteproof.colour import paint_for

    monkeypatch.setenv("TERM", term)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    assert paint_for(Terminal(), wish).on is coloured


@pytest.mark.parametrize("term, drawn", [("xterm", "\r\x1b[K[2/2] second"), ("dumb", "")])
def test_progress_is_drawn_where_a_line_can_be_drawn_over(monkeypatch, term, drawn):
    from spteproof.running.progress import Progress

    monkeypatch.setenv("TERM", term)
    terminal = Terminal()
    progress = Progress(terminal, 2, 0)
    progress.step("first")
    progress.step("second")
    assert terminal.getvalue().endswith(drawn) and bool(terminal.getvalue()) == bool(drawn)


def test_a_file_gets_no_colour_unless_asked_for(spteproof, small, own_place):
    spteproof("prove", small, "--output", "out.txt")
    assert "\x1b" not in (own_place / "out.txt").read_text()
    spteproof("prove", small, "--output", "out.txt", "--color", "always")
    assert "\x1b" in (own_place / "out.txt").read_text()


def test_an_internal_error_is_4_with_the_details_in_a_file(spteproof, small, own_place, monkeypatch):
    monkeypatch.setattr(cli, "_load", lambda paths: 1 / 0)
    monkeypatch.setattr("tempfile.tempdir", str(own_place))
    answer = spteproof("check", small)
    assert (answer.status, answer.out) == (4, "")
    assert "Traceback" not in answer.err
    name = answer.err.removeprefix("spteproof: internal error: ZeroDivisionError; details are in ").rstrip("\n")
    with open(name) as details:
        assert "division by zero" in details.read()
