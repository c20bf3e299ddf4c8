from spteproof.editing.folding import folds
from spteproof.editing.formatting_edits import formatting_edit
from spteproof.editing.tokens import encoded, tokens


def test_each_word_has_the_colour_of_what_it_stands_for(opened, race):
    documents, document, _ = opened(race)
    found = {(document.text[each.start : each.end], each.type) for each in tokens(documents.read(document))}
    assert {
        ("layout", "keyword"),
        ("small", "class"),
        ("W", "enumMember"),
        ("cpu", "type"),
        ("set_dirty", "method"),
        ("is_dirty", "function"),
        ("READ_ONCE", "macro"),
        ("sptep", "variable"),
        ("seen", "variable"),
        ("stores", "method"),
        ("1", "number"),
        ("in", "keyword"),
    } <= found


def test_tokens_do_not_overlap_and_come_in_order(opened, race):
    documents, document, _ = opened(race)
    found = tokens(documents.read(document))
    assert all(one.end <= other.start for one, other in zip(found, found[1:], strict=False))


def test_an_item_that_cannot_be_read_keeps_its_first_words(opened, race):
    documents, document, _ = opened(race.replace("prove preserves W | D;", "prove preserves W | ;"))
    found = [document.text[each.start : each.end] for each in tokens(documents.read(document))]
    assert "theorem" in found[found.index("stores") - 1 if "stores" in found else 0 :]
    assert "is_dirty" in found


def test_tokens_are_told_relative_to_the_one_before(opened):
    documents, document, _ = opened("layout l {\n  W = bit 1;\n}")
    spans = []
    for each in tokens(documents.read(document)):
        span = document.lines.span(each.start, each.end)
        spans.append((span.start.line, span.start.column, span.end.column - span.start.column, each))
    assert encoded(spans)[:15:5] == [0, 0, 1]
    assert encoded(spans)[1:15:5] == [0, 7, 2]


def test_blocks_comments_and_uses_fold():
    text = "// one\n// two\nuse a;\nuse b;\nlayout l {\n  W = bit 1; /* x\n y */\n}\npredicate p(u64 a) { return a; }\n"
    found = [(text.count("\n", 0, each.start), text.count("\n", 0, each.end), each.kind) for each in folds(text)]
    assert found == [(0, 1, "comment"), (2, 3, "imports"), (4, 7, "region"), (5, 6, "comment")]


def test_a_half_written_text_folds_what_is_whole():
    assert [each.kind for each in folds("theorem t {\n if (a) {\n x;\n }\n")] == ["region"]


def test_formatting_changes_the_stretch_that_needs_it():
    text = "layout l {\nW = bit 1;\n}\n"
    edit = formatting_edit(text, "x")
    assert text[: edit.start] + edit.text + text[edit.end :] == "layout l {\n    W = bit 1;\n}\n"
    assert formatting_edit("layout l {\n    W = bit 1;\n}\n", "x") is None
    assert formatting_edit("layout l {\nW = bit ;\n}\n", "x") is None
