"""What is proved to be equivalent is, on every stream of values; more: `python -m tests.differential.equivalents`."""

from itertools import islice

from .equivalents import cases, compare


def test_no_stream_tells_apart_what_is_proved_to_be_equivalent():
    found = [(case, *compare(case)) for case in islice(cases(1), 30)]
    assert [case.text() for case, _, stream in found if stream is not None] == []
    assert {verdict for _, verdict, _ in found} >= {"proved", "refuted"}
