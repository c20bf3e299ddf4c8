"""Must-pass examples: nothing is said about them, and their library is whole."""

from spteproof.grammar.checked import Theorem


def test_a_right_text_yields_nothing(right, loaded):
    found = loaded(right.text, right.name)
    assert [(each.place.line, each.id, each.message) for each in found.diagnostics] == []
    assert found.library is not None


def test_theorems_of_right_texts_say_where_they_hold(right, loaded):
    library = loaded(right.text).library
    for theorem in library.theorems.values():
        assert isinstance(theorem, Theorem)
        assert set(theorem.layouts) <= set(library.layouts)
        assert set(theorem.needs) == set(theorem.eras or (None,))
