"""Texts from memory: no file is looked at."""

from pathlib import Path

from spteproof.grammar.modules import load_held
from spteproof.grammar.origins import Memory

ROOT = Path("held/library")


def loaded(texts, links=None, asked=("held/spec/a.spte",)):
    memory = Memory({Path(place): text for place, text in texts.items()}, links or {})
    return load_held(memory, [Path(each) for each in asked], library_root=ROOT)


def codes(found):
    return [each.id for each in found.diagnostics if each.severity == "error"]


def test_what_is_used_is_found_beside_and_then_in_the_library():
    texts = {
        "held/spec/a.spte": b"use b, c;\nlemma l for layout in one { prove that W == 2; }\n",
        "held/spec/b.spte": b"layout one { W = bit 1; }\n",
        "held/library/b.spte": b"layout other { W = bit 2; }\n",
        "held/library/c.spte": b"predicate p() = true;\n",
    }
    found = loaded(texts)
    assert found.library is not None and list(found.library.layouts) == ["one"]
    assert [each.name for each in found.sources] == ["held/spec/a.spte", "held/spec/b.spte", "held/library/c.spte"]


def test_files_that_exist_are_not_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "held" / "spec").mkdir(parents=True)
    (tmp_path / "held" / "spec" / "b.spte").write_text("layout one { W = bit 1; }\n")
    (tmp_path / "held" / "spec" / "a.spte").write_text("layout other { W = bit 1; }\n")
    assert codes(loaded({"held/spec/a.spte": b"use b;\n"})) == ["use.unknown:module"]
    assert codes(loaded({})) == ["file.unreadable:missing"]


def test_a_link_leads_to_the_one_text():
    texts = {
        "held/spec/a.spte": b"use deep.b, c;\nlemma l for layout in one { prove that W == 2; }\n",
        "held/spec/c.spte": b"use b;\n",
        "held/spec/b.spte": b"layout one { W = bit 1; }\n",
    }
    found = loaded(texts, {Path("held/spec/deep/b.spte"): Path("held/spec/b.spte")})
    assert codes(found) == []
    assert [each.name for each in found.sources] == [f"held/spec/{name}.spte" for name in ("a", "b", "c")]


def test_what_is_no_text_is_refused():
    assert codes(loaded({"held/spec/a.spte": b"\xff"})) == ["file.encoding:utf8"]
    assert codes(loaded({"held/spec/a.spte": b"// " + b"x" * (1 << 20)})) == ["file.size:limit"]
