"""How a diagnostic is drawn: golden texts, and what must not reach a terminal."""

from pathlib import Path

import pytest

from spteproof.diagnostic_text import draw, draw_all
from spteproof.grammar.diagnostics import Diagnostic
from spteproof.grammar.modules import load_text
from spteproof.grammar.source import Place, Source


def drawn(text: str, *, color: bool = False) -> str:
    loaded = load_text(text, name="spec/mail/a.spte", library_root=Path("nowhere"))
    return draw_all(loaded.diagnostics, color=color)


def at(text: str, start: int, end: int) -> Place:
    line_start = text.rfind("\n", 0, start) + 1
    source = Source(name="a.spte", text=text)
    return Place(
        source=source, start=start, end=end, line=text.count("\n", 0, start) + 1, column=start - line_start + 1
    )


def lines_under(text: str, start: int, end: int) -> list[str]:
    """The source line and the marks below it."""
    return draw(Diagnostic(id="a.b:c", severity="error", message="m", place=at(text, start, end))).split("\n")[3:5]


def test_a_hint_and_a_caret():
    text = "layout ept { shadow_accessed_mask = bit 8; }\n\npredicate p(u64 old) = old & shadow_acessed_mask;\n"
    assert drawn(text) == (
        "error[name.unknown:name]: `shadow_acessed_mask` is not declared\n"
        " --> spec/mail/a.spte:3:30\n"
        "  |\n"
        "3 | predicate p(u64 old) = old & shadow_acessed_mask;\n"
        "  |                              ^^^^^^^^^^^^^^^^^^^ not declared\n"
        "  = help: did you mean `shadow_accessed_mask`?\n"
        "\n"
        "1 error"
    )


def test_the_other_end_of_a_conflict():
    text = "layout ept {\n" + "\n" * 8 + "    W = bit 1;\n    R = GENMASK_ULL(2, 0);\n}\n"
    assert drawn(text) == (
        "error[layout.overlap:undeclared]: `R` shares bit 1 with `W` in layout `ept`\n"
        "  --> spec/mail/a.spte:11:5\n"
        "   |\n"
        "11 |     R = GENMASK_ULL(2, 0);\n"
        "   |     ^ holds bit 1\n"
        "   |\n"
        "  ::: spec/mail/a.spte:10\n"
        "10 |     W = bit 1;\n"
        "   |     - so does `W`\n"
        "   = help: say `overlaps W` if that is meant\n"
        "\n"
        "1 error"
    )


def test_a_missing_semicolon_is_marked_where_it_is_missing():
    assert drawn("helper f() {\n    u64 a = 1 // so\n    return;\n}\n") == (
        "error[syntax.missing:semicolon]: expected `;` after this statement\n"
        " --> spec/mail/a.spte:2:14\n"
        "  |\n"
        "2 |     u64 a = 1 // so\n"
        "  |              ^ `;` is missing here\n"
        "\n"
        "1 error"
    )


def test_a_diagnostic_without_a_place_is_one_line():
    loaded = load_text("a\0", name="<stdin>", library_root=Path("nowhere"))
    assert (
        draw_all(loaded.diagnostics).split("\n")[0].startswith("error[file.encoding:nul]: `<stdin>` holds a NUL byte")
    )


def test_nothing_wrong_is_nothing_drawn():
    assert draw_all(()) == ""


def test_colour_is_off_unless_asked_for():
    text = "predicate p(u64 a) = b;"
    assert "\x1b" not in drawn(text)
    coloured = drawn(text, color=True)
    assert coloured.startswith("\x1b[31merror[name.unknown:name]\x1b[0m")
    assert "\x1b[31m^ not declared\x1b[0m" in coloured


def test_a_warning_is_not_counted_as_an_error():
    found = drawn("layout one { X = bit 1; Y = bit 2 overlaps X; }")
    assert found.startswith("warning[layout.overlap:needless]") and "error" not in found


@pytest.mark.parametrize("count, last", [(1, "1 error"), (20, "20 errors"), (21, "21 errors, 1 of them not shown")])
def test_twenty_errors_are_shown_and_the_rest_counted(count, last):
    found = drawn("".join(f"predicate p{number}(u64 a) = b;\n" for number in range(count)))
    assert found.count("error[") == min(count, 20)
    assert found.split("\n")[-1] == last


def test_tabs_are_as_wide_as_they_are_drawn():
    assert lines_under("\tab\tcd", 4, 6) == ["1 |     ab    cd", "  |           ^^"]


def test_wide_characters_take_two_columns():
    assert lines_under("/* 漢字 */ x", 9, 10)[1] == "  |            ^"


def test_what_a_terminal_would_obey_is_not_passed_on():
    line, _ = lines_under("a \x1b[31m b\u202e c", 0, 1)
    assert line == "1 | a \ufffd[31m b\ufffd c"
    message = Diagnostic(id="a.b:c", severity="error", message="`\x1b[2J`", place=None)
    assert "\x1b" not in draw(message)


def test_a_long_line_is_cut_around_the_place():
    text = "x" * 1000 + "HERE" + "y" * 1000
    line, marks = lines_under(text, 1000, 1004)
    assert "HERE" in line and len(line) < 200 and line.count("...") == 2
    assert line.index("HERE") == marks.index("^^^^")


def test_of_many_lines_the_first_is_marked():
    assert lines_under("ab\ncd\nef", 1, 7) == ["1 | ab", "  |  ^"]


def test_the_end_of_the_text_can_be_marked():
    assert lines_under("ab", 2, 3) == ["1 | ab", "  |   ^"]
    assert lines_under("", 0, 1) == ["1 |", "  | ^"]
