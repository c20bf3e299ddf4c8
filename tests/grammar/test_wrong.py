"""Must-fail examples: each case yields exactly the diagnostics that its comments expect, where they expect them."""

from collections import Counter


def test_a_wrong_text_yields_what_its_comments_say(wrong, loaded):
    found = loaded(wrong.text, wrong.name).diagnostics
    assert Counter((each.place.line, each.id) for each in found) == wrong.expected, [each.message for each in found]
    assert {each.place.source.name for each in found} == {wrong.name}


def test_names_of_cases_are_unique(all_wrong, all_right):
    for cases in (all_wrong, all_right):
        names = Counter(case.name for case in cases)
        assert [name for name, count in names.items() if count > 1] == []


def test_every_case_expects_something(all_wrong):
    assert [case.name for case in all_wrong if not case.expected] == []
