"""Wrong texts and wrong calls: a message that says what and where, exit status 2, no traceback."""

import io
import sys

import pytest

from .conftest import SMALL

BINARY = b"\x7fELF\x02\x01\x01\x00\x00"


def refused(answer, *parts):
    """The call was refused with all these texts in its message."""
    assert (answer.status, answer.out) == (2, "")
    assert "Traceback" not in answer.err and "internal error" not in answer.err
    for part in parts:
        assert part in answer.err


def test_a_missing_semicolon_is_marked_where_it_is_missing(spteproof, small, golden):
    small.write_text(SMALL.replace("(*sptep);", "(*sptep)"))
    answer = spteproof("prove", small)
    refused(answer)
    golden("missing_semicolon.txt", answer.err)


@pytest.mark.parametrize(
    "right, wrong, id, said",
    [
        ("for layout in small\n", "for layout in smal\n", "name.unknown:layout", "did you mean `small`?"),
        ("any number of cpu\n", "any number of cpus\n", "name.unknown:agent", "did you mean `cpu`?"),
        ("preserves W | D  ", "preserves W | E  ", "name.unknown:", "`E` is not declared"),
        ("A = bit 8", "A = bit 64", "", "error["),
        ("A = bit 8", "A = bit 1", "layout.overlap:undeclared", "so does `W`"),
        ("theorem age_clears", "theorem age_stores", "name.duplicate:", "declared twice"),
        ("spte |= A | D;", "spte |= ;", "syntax.", "small.spte:11:"),
        ("u64 old = READ_ONCE(*sptep);", "bool old = 1ULL << 70;", "", "small.spte:18:"),
        ("expect refuted losing {D}", "expect refused", "", "small.spte:21:"),
        ("{\n    atomic64_and", "{{{{\n    atomic64_and", "syntax.", "error["),
    ],
)
def test_ten_wrong_texts(spteproof, small, right, wrong, id, said):
    assert right in SMALL
    small.write_text(SMALL.replace(right, wrong))
    refused(spteproof("prove", small), f"error[{id}", said)


@pytest.mark.parametrize(
    "data, said",
    [(BINARY, "NUL byte"), (b"layout \xff", "not UTF-8"), (b"// x\n" * (1 << 18), "larger than 1 MiB")],
)
def test_what_is_no_text(spteproof, small, data, said):
    small.write_bytes(data)
    refused(spteproof("prove", small), said)


def test_many_errors_come_in_one_run(spteproof, small):
    small.write_text(SMALL.replace("~A", "~B").replace("losing {D}", "losing {F}"))
    refused(spteproof("check", small), "`B` is not declared", "`F` is not declared", "\n3 errors\n")


def test_of_very_many_errors_twenty_are_shown(spteproof, small):
    small.write_text("".join(f"predicate p{number}(u64 a) = b;\n" for number in range(30)))
    answer = spteproof("check", small)
    refused(answer, "30 errors, 10 of them not shown")
    assert answer.err.count("error[") == 20


@pytest.mark.parametrize(
    "words, said",
    [
        ("prove nothing.spte", "there is no file `nothing.spte`"),
        ("prove small.spte/inner", "there is no file `small.spte/inner`"),
        ("prove /dev/null", "`/dev/null` is not a file"),
        ("prove empty", "the folder `empty` holds no `.spte` file"),
        ("prove small.spte --layout smal", "there is no layout `smal`: did you mean `small`?"),
        ("prove small.spte --layout zzz", "there is no layout `zzz`\n"),
        ("prove small.spte --theorem age_store", "no theorem matches `age_store`: did you mean `age_stores`?"),
        ("prove small.spte --theorem age_* --theorem zzz", "no theorem matches `zzz`\n"),
        ("prove small.spte --theorem age_stores --layout no_dirty", "no theorem matches `age_stores` in the layouts"),
        ("prove - small.spte", "cannot be joined with other paths"),
        ("prove small.spte --jobs 0", "'0' is not a whole number of at least 1"),
        ("prove small.spte --jobs -1", "'-1' is not a whole number of at least 1"),
        ("prove small.spte --jobs many", "'many' is not a whole number of at least 1"),
        ("prove small.spte --timeout -1", "must be more than 0 seconds"),
        ("prove small.spte --timeout 0", "must be more than 0 seconds"),
        ("prove small.spte --timeout nan", "must be more than 0 seconds"),
        ("prove small.spte --timeout soon", "'soon' is not a number of seconds"),
        ("prove small.spte --format xml", "invalid choice: 'xml'"),
        ("prove small.spte --color sometimes", "invalid choice: 'sometimes'"),
        ("prove small.spte --frobnicate", "unrecognized arguments: --frobnicate"),
        ("dance", "invalid choice: 'dance'"),
        ("", "the following arguments are required: COMMAND"),
    ],
)
def test_wrong_calls(spteproof, small, own_place, words, said):
    (own_place / "empty").mkdir()
    refused(spteproof(*words.split()), said)


@pytest.mark.parametrize("command", ["prove", "check", "verify here", "init", "show", "explain", "fmt", "lsp"])
def test_an_option_that_a_command_lacks_is_refused_with_the_usage_of_that_command(spteproof, own_place, command):
    answer = spteproof(*command.split(), "--bogus")
    assert answer.status == 2 and answer.out == ""
    name = command.split()[0]
    assert answer.err.startswith(f"usage: spteproof {name} ")
    assert answer.err.endswith(f"spteproof {name}: error: unrecognized arguments: --bogus\n")


def test_options_stand_anywhere_but_behind_two_dashes(spteproof, small, own_place):
    (own_place / "-w.spte").write_text("layout other { W = bit 1; }\n")
    assert spteproof("check", "small.spte", "--color", "never", "./-w.spte").out.startswith("2 modules, ")
    assert spteproof("check", "--color", "never", "--", "-w.spte").out.startswith("1 modules, ")
    refused(spteproof("check", "small.spte", "--", "--color"), "there is no file")


def test_a_file_name_that_is_no_text_is_shown_all_the_same(spteproof, small):
    refused(spteproof("check", "\udcff.spte"), "there is no file")


class Input(io.StringIO):
    """A standard input of these bytes."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.buffer = io.BytesIO(data)


def test_standard_input_is_a_module(spteproof, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Input(SMALL.encode()))
    answer = spteproof("prove", "-")
    assert answer.status == 0
    assert "age_stores  <stdin>:21\n" in answer.out


@pytest.mark.parametrize(
    "given, said",
    [
        (Input(b"layout a"), "<stdin>:1:"),
        (Input(b"a\xff"), "standard input is not UTF-8 (byte 1)"),
        (None, "standard input is closed"),
    ],
)
def test_a_wrong_standard_input(spteproof, monkeypatch, given, said):
    monkeypatch.setattr(sys, "stdin", given)
    refused(spteproof("prove", "-"), said)
