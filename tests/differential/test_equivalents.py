"""What is proved to be equivalent is, on every stream of values; more: `python -m tests.differential.equivalents`."""

from itertools import islice

from .equivalents import cases, compare, is_needless, later_cases


def test_no_stream_tells_apart_what_is_proved_to_be_equivalent():
    found = [(case, *compare(case)) for case in islice(cases(1), 30)]
    assert [case.text() for case, _, stream in found if stream is not None] == []
    assert {verdict for _, verdict, _ in found} >= {"proved", "refuted"}


def test_what_comes_after_events_of_the_theorem_is_told_apart_where_some_stream_does():
    found = [(case, *compare(case)) for case in islice(later_cases(1), 20)]
    wrong = [case.text() for case, verdict, stream in found if stream is not None or is_needless(case, verdict)]
    assert wrong == [] and {verdict for _, verdict, _ in found} >= {"proved", "refuted"}
