from spteproof.editing.symbols import outline, workspace_symbols


def names(found):
    return [(each.kind, each.name) for each in found]


def test_a_text_is_outlined(opened, race):
    documents, document, _ = opened(race)
    found = outline(documents.read(document).module)
    assert names(found) == [
        ("layout", "small"),
        ("layout", "other"),
        ("agent", "cpu"),
        ("predicate", "is_dirty"),
        ("helper", "clear"),
        ("theorem", "stores"),
        ("theorem", "clears"),
    ]
    assert names(found[0].children) == [
        ("mask", "W"),
        ("mask", "A"),
        ("mask", "D"),
        ("alias", "X"),
        ("invariant", "w"),
    ]
    for each in found:
        assert each.start <= each.name_start < each.name_end <= each.end
        assert document.text[each.name_start : each.name_end] == each.name


def test_an_item_that_cannot_be_read_is_there_by_its_first_words(opened, race):
    documents, document, _ = opened(race.replace("u64 old = READ_ONCE(*sptep);", "u64 old = ;"))
    found = outline(documents.read(document).module)
    assert ("theorem", "stores") in names(found)
    assert next(each for each in found if each.name == "stores").detail == "cannot be read"


def test_a_workspace_is_searched_by_letters_in_their_order(tmp_path):
    (tmp_path / "a.spte").write_text("predicate is_last_spte(u64 a) = a & 1;\nlayout l { W = bit 1; }\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "b.spte").write_text("predicate is_lost(u64 a) = a & 1;\n")
    assert [each.outline.name for each in workspace_symbols("islst", {}, [tmp_path])] == ["is_last_spte"]
    assert [(each.outline.name, each.inside) for each in workspace_symbols("W", {}, [tmp_path])] == [("W", "l")]
    assert workspace_symbols("xyz", {}, [tmp_path]) == []
