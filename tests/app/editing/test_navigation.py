import pytest

from spteproof.editing.documents import Documents, uri_of
from spteproof.editing.navigation import CannotRename, definition, references, renamable, renamed, replaced

ERAS = """\
layout tiny { W = bit 1; }
interface mmu { predicate must(u64 old); }
era v1 implements mmu { predicate must(u64 old) = old & W; }
era v2 extends v1 { predicate must(u64 old) = true; }
theorem t for layout in tiny, era in v1, v2 {
    u64 old = READ_ONCE(*sptep);
    prove that must(old) -> must(old);
}
"""


def words(found):
    return [each.source.text[each.start : each.end] for each in found]


def test_a_name_leads_to_where_it_is_declared(opened, race):
    documents, document, at = opened(race.replace("is_dirty(*seen", "is_§dirty(*seen"))
    found = definition(documents.read(document), at)
    assert [(each.line, each.text()) for each in found] == [(4, "is_dirty")]


def test_a_mask_leads_to_all_layouts_that_declare_it(opened, race):
    documents, document, at = opened(race.replace("preserves W", "preserves §W"))
    assert [each.line for each in definition(documents.read(document), at)] == [1, 2]


def test_a_member_of_an_interface_leads_to_what_eras_supply(opened):
    documents, document, at = opened(ERAS.replace("that must", "that §must"))
    assert [each.line for each in definition(documents.read(document), at)] == [2, 3, 4]


def test_a_module_leads_to_its_file(opened):
    documents, document, at = opened("use kvm.§mmu;")
    (found,) = definition(documents.read(document), at)
    assert found.source.path.name == "mmu.spte"


def test_a_word_of_the_language_leads_nowhere(opened):
    documents, document, at = opened("lay§out l { W = bit 1; }")
    assert definition(documents.read(document), at) == []


def test_a_local_is_used_in_its_own_scope_only(opened, race):
    documents, document, at = opened(race.replace("u64 old = READ", "u64 §old = READ"))
    found = references(documents, document, at, [])
    assert words(found) == ["old", "old"]
    assert [each.declares for each in found] == [True, False]


def test_references_cross_files_by_what_is_meant(tmp_path):
    (tmp_path / "base.spte").write_text("layout l { W = bit 1; }\npredicate p(u64 a) = a & W;\n")
    (tmp_path / "user.spte").write_text("use base;\nlemma one(u64 a) { prove that p(a); }\n")
    (tmp_path / "apart.spte").write_text("layout m { V = bit 1; }\npredicate p(u64 a) = a & V;\n")
    documents = Documents()
    text = (tmp_path / "base.spte").read_text()
    document = documents.put(uri_of(tmp_path / "base.spte"), text, 1)
    found = references(documents, document, text.index("p("), [tmp_path])
    assert sorted(each.source.path.name for each in found) == ["base.spte", "user.spte"]


def test_a_rename_changes_all_that_is_meant_and_nothing_else(opened):
    documents, document, at = opened(ERAS.replace("that must", "that §must"))
    found = renamed(documents, document, at, "needs", [])
    assert replaced(document.text, found, "needs") == ERAS.replace("must", "needs")


def test_a_rename_of_a_mask_takes_all_layouts_with_it(opened, race):
    documents, document, at = opened(race.replace("preserves W", "preserves §W"))
    text = replaced(document.text, renamed(documents, document, at, "WRITABLE", []), "WRITABLE")
    documents.put("untitled:two", text, 1)
    assert documents.check(documents.open["untitled:two"]).own == ()
    assert "W " not in text.replace("WRITABLE", "")


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("seen", "already"),
        ("is_dirty", "already"),
        ("D", "already"),
        ("start", "already"),
        ("xchg", "word of the language"),
        ("2a", "not a name"),
        ("a b", "not a name"),
    ],
)
def test_a_local_takes_no_name_that_has_a_meaning(opened, race, new, why):
    documents, document, at = opened(race.replace("u64 mask) -> u64", "u64 §mask) -> u64"))
    with pytest.raises(CannotRename, match=why):
        renamed(documents, document, at, new, [])


def test_a_rename_leaves_bundles_of_certificates_alone(tmp_path):
    text = "predicate p(u64 a) = a & 1;\n"
    held = tmp_path / "made" / "texts" / "spec" / "user.spte"
    held.parent.mkdir(parents=True)
    held.write_text("use base;\npredicate q(u64 a) = p(a);\n")
    held.with_name("base.spte").write_text(text)
    for name in ("MANIFEST.json", "DIGEST"):
        (tmp_path / "made" / name).touch()
    documents = Documents()
    document = documents.put(uri_of(held.with_name("base.spte")), text, 1)
    assert len(references(documents, document, text.index("p("), [held.parent])) == 2
    assert len(references(documents, document, text.index("p("), [tmp_path])) == 1


def test_a_rename_that_would_be_hidden_in_another_text_is_refused(tmp_path):
    (tmp_path / "user.spte").write_text("use base;\npredicate q(u64 fresh) = p(fresh);\n")
    text = "predicate p(u64 a) = a & 1;\n"
    (tmp_path / "base.spte").write_text(text)
    documents = Documents()
    document = documents.put(uri_of(tmp_path / "base.spte"), text, 1)
    with pytest.raises(CannotRename, match="fresh"):
        renamed(documents, document, text.index("p("), "fresh", [tmp_path])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("use kvm.mmu;\nlemma l(u64 a) { prove that is_last§_spte(a, 1); }", "library"),
        ("use kvm.§mmu;", "module"),
        ("agent a holding §mmu_lock { step s: { spte = 0; } }", "lock"),
        ("layout l { W = bit 1; invariant §i: spte & W; }", "invariant"),
        ("helper h() { x§chg(sptep, 0); }", "word of the language"),
        ("predicate p(u64 a) = nowhe§re;", "declared nowhere"),
        ("// com§ment\nlayout l { W = bit 1; }", "no name"),
    ],
)
def test_what_may_not_be_renamed_says_why(opened, text, why):
    documents, document, at = opened(text)
    with pytest.raises(CannotRename, match=why):
        renamable(documents, document, at, [])


def test_the_library_may_be_renamed_in_where_it_is_what_is_edited(opened):
    documents, document, at = opened("use kvm.mmu;\nlemma l(u64 a) { prove that is_last§_spte(a, 1); }")
    assert renamable(documents, document, at, [documents.library]).symbol.name == "is_last_spte"
