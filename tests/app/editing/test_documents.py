from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from spteproof.editing.documents import Change, Documents, path_of, uri_of
from spteproof.editing.positions import Lines, Position, Span


@given(
    text=st.text(st.sampled_from("ab😋\n"), max_size=12),
    new=st.text(st.sampled_from("x😋\n"), max_size=4),
    ends=st.tuples(st.integers(0, 12), st.integers(0, 12)),
)
def test_a_change_replaces_just_its_stretch(text, new, ends):
    start, end = sorted(min(each, len(text)) for each in ends)
    documents = Documents()
    documents.put("untitled:1", text, 1)
    span = Lines(text, "utf-16").span(start, end)
    assert documents.change("untitled:1", [Change(span, new)], 2).text == text[:start] + new + text[end:]


def test_several_changes_come_one_after_the_other():
    documents = Documents()
    documents.put("untitled:1", "abc", 1)
    first = Change(Span(Position(0, 0), Position(0, 1)), "\n")
    second = Change(Span(Position(1, 0), Position(1, 1)), "B")
    found = documents.change("untitled:1", [first, second], 5)
    assert (found.text, found.version) == ("\nBc", 5)


def test_a_file_is_known_by_its_address_and_back():
    path = Path("/a b/ü%/x.spte")
    assert path_of(uri_of(path)) == path
    assert path_of("untitled:Untitled-1") is None


def test_what_is_open_counts_and_not_what_is_saved(tmp_path):
    (tmp_path / "one.spte").write_text("predicate p(u64 a) = a & 1;")
    documents = Documents()
    documents.put(uri_of(tmp_path / "one.spte"), "predicate q(u64 a) = a & 1;", 1)
    two = documents.put(uri_of(tmp_path / "two.spte"), "use one;\npredicate r(u64 a) = q(a);", 1)
    assert documents.check(two).own == ()
    documents.close(uri_of(tmp_path / "one.spte"))
    assert [each.id for each in documents.check(two).own] == ["name.unknown:name"]


def test_an_untitled_text_uses_the_library():
    documents = Documents()
    document = documents.put("untitled:1", "use kvm.mmu;\nlemma l(u64 a) { prove that is_last_spte(a, 1); }", 1)
    assert documents.check(document).own == ()


def test_the_last_library_without_errors_is_kept():
    documents = Documents()
    document = documents.put("untitled:1", "layout l { W = bit 1; }", 1)
    documents.check(document)
    documents.change("untitled:1", [Change(None, "layout l { W = bit ; }")], 2)
    documents.check(document)
    assert document.analysis.good is not None
    assert list(document.analysis.good.layouts) == ["l"]


def test_what_cannot_be_read_at_all_is_a_diagnostic():
    documents = Documents()
    document = documents.put("untitled:1", "layout l { \0 }", 1)
    assert [each.id for each in documents.check(document).own] == ["file.encoding:nul"]
    assert documents.read(document).occurrences == []


def test_a_keystroke_concerns_the_texts_that_use_what_is_typed(tmp_path):
    documents = Documents()
    one = documents.put(uri_of(tmp_path / "one.spte"), "predicate p(u64 a) = a & 1;", 1)
    two = documents.put(uri_of(tmp_path / "two.spte"), "use one;\npredicate q(u64 a) = p(a);", 1)
    three = documents.put(uri_of(tmp_path / "three.spte"), "predicate r(u64 a) = a & 1;", 1)
    for each in (one, two, three):
        documents.check(each)
    assert documents.resting_on(one) == [two]
    before = documents.check(three)
    documents.change(one.uri, [Change(None, "predicate other(u64 a) = a & 1;")], 2)
    assert documents.check(three) is before
    assert [each.id for each in documents.check(two).own] == ["name.unknown:name"]
