import pytest
from hypothesis import given
from hypothesis import strategies as st

from spteproof.editing.positions import Lines, Position, units

TEXTS = st.text(st.sampled_from(["a", "é", "€", "😋", "\n", "\r", "\f", "\u2028", " "]), max_size=30)
ENCODINGS = ["utf-8", "utf-16", "utf-32"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=TEXTS)
def test_an_offset_survives_the_way_to_the_client_and_back(encoding, text):
    lines = Lines(text, encoding)
    for offset in range(len(text) + 1):
        inside_a_break = text[max(0, offset - 1) : offset + 1] == "\r\n"
        if not inside_a_break:
            assert lines.offset(lines.position(offset)) == offset


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)])
def test_a_column_counts_what_the_client_counts(encoding, column):
    assert Lines("a😋b", encoding).position(2) == Position(0, column)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_position_behind_the_end_of_a_line_is_its_end(encoding):
    assert Lines("ab\r\ncd", encoding).offset(Position(0, 99)) == 2
    assert Lines("é\ncd", encoding).offset(Position(0, 99)) == 1
    assert Lines("ab", encoding).offset(Position(7, 0)) == 2


def test_a_position_inside_of_a_character_is_before_it():
    assert Lines("😋x", "utf-16").offset(Position(0, 1)) == 0
    assert Lines("😋x", "utf-8").offset(Position(0, 3)) == 0


def test_form_feeds_and_other_separators_end_no_line():
    assert Lines("a\fb\u2028c\n", "utf-16").count() == 2


def test_a_lone_surrogate_has_a_length():
    assert [units("\ud800", each) for each in ENCODINGS] == [3, 1, 1]
