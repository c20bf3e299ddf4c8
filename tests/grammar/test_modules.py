"""Files, folders, `use`: what is read, in which order, and what is said when it cannot be."""

import os

import pytest

from spteproof.grammar.modules import load, load_text

GOOD = "layout one { W = bit 1; }\ntheorem t { prove changes nothing; }\n"


@pytest.fixture
def ids():
    def of(loaded) -> list[str]:
        return [each.id for each in loaded.diagnostics]

    return of


@pytest.fixture
def folder(tmp_path):
    """Writes files by name and gives the folder."""

    def of(**texts: str):
        for name, text in texts.items():
            path = tmp_path / (name.replace("__", "/") + ".spte")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return of


def test_a_folder_is_searched_in_order(folder):
    root = folder(b="predicate b(u64 a) = a;", a="predicate a_(u64 a) = a;", c__d="predicate d(u64 a) = a;")
    loaded = load([root], library_root=root)
    assert [source.path.stem for source in loaded.sources] == ["a", "b", "d"]
    assert list(loaded.library.scopes[None].pures) == ["a_", "b", "d"]


def test_hidden_folders_and_virtual_environments_are_left_out_unless_they_are_named(folder):
    root = folder(**{".venv__a": GOOD, "venv__lib__b": GOOD, "lib__c": "predicate c(u64 a) = a;"})
    (root / "venv" / "pyvenv.cfg").touch()
    assert [source.path.stem for source in load([root], library_root=root).sources] == ["c"]
    for named in (".venv", "venv"):
        assert len(load([root / named], library_root=root).sources) == 1


def test_bundles_are_left_out_unless_they_are_named(folder):
    root = folder(made__texts__spec__a=GOOD, a=GOOD, other__texts__b="predicate b(u64 a) = a;")
    for each in ("made/MANIFEST.json", "made/DIGEST", "other/MANIFEST.json"):
        (root / each).touch()
    assert [source.path.stem for source in load([root], library_root=root).sources] == ["a", "b"]
    assert len(load([root / "made"], library_root=root).sources) == 1


def test_a_module_is_found_beside_the_file_before_the_library(folder):
    root = folder(lib__m="layout far { X = bit 1; }", here__m="layout near { X = bit 1; }", here__t="use m;" + GOOD)
    loaded = load([root / "here" / "t.spte"], library_root=root / "lib")
    assert set(loaded.library.layouts) == {"near", "one"}


def test_a_module_is_found_in_the_library(folder):
    root = folder(lib__kvm__m="layout far { X = bit 1; }", here__t="use kvm.m;" + GOOD)
    loaded = load([root / "here" / "t.spte"], library_root=root / "lib")
    assert set(loaded.library.layouts) == {"far", "one"}
    assert loaded.library.asked == {"one", "t"}


def test_modules_that_use_each_other_are_each_read_once(folder):
    root = folder(
        a="use b; predicate pa(u64 x) = pb(x);", b="use a; predicate pb(u64 x) = x; predicate pc(u64 x) = pa(x);"
    )
    loaded = load([root / "a.spte"], library_root=root)
    assert loaded.diagnostics == () and len(loaded.sources) == 2


def test_a_file_named_twice_is_read_once(folder):
    root = folder(a=GOOD)
    loaded = load([root / "a.spte", root, root / "." / "a.spte"], library_root=root)
    assert loaded.diagnostics == () and len(loaded.sources) == 1


def test_a_used_file_that_is_named_too_is_asked_for(folder):
    root = folder(a="use b;", b=GOOD)
    assert load([root], library_root=root).library.asked == {"one", "t"}


def test_a_name_is_visible_only_where_its_module_is_used(folder):
    root = folder(a="predicate pa(u64 x) = x;", b="predicate pb(u64 x) = pa(x);")
    [diagnostic] = load([root], library_root=root).diagnostics
    assert diagnostic.id == "name.unknown:use"
    assert diagnostic.others[0][0].source.path.name == "a.spte"


def test_the_help_for_a_name_not_visible_is_a_use(folder):
    root = folder(a__m="predicate pa(u64 x) = x;", b="predicate pb(u64 x) = pa(x);")
    [diagnostic] = load([root], library_root=root).diagnostics
    assert diagnostic.help == "add `use a.m;`"


def test_nothing_is_called_unknown_where_a_module_is_missing(folder, ids):
    root = folder(
        a="use gone; predicate p(u64 x) = from_there(x) & MASK; theorem t for layout in far { prove changes nothing; }"
    )
    assert ids(load([root], library_root=root)) == ["use.unknown:module"]


def test_a_use_cannot_leave_the_library(ids):
    assert ids(load_text("use ..secret;", name="t", library_root=os.curdir)) == ["syntax.unexpected:token"]


def test_an_empty_file_is_a_warning(folder, ids):
    loaded = load([folder(a="", b="// only this\n")], library_root=folder())
    assert ids(loaded) == ["file.empty:text", "file.empty:text"]
    assert {each.severity for each in loaded.diagnostics} == {"warning"} and loaded.library is not None


def test_no_path_at_all_is_an_empty_library(tmp_path):
    loaded = load([], library_root=tmp_path)
    assert loaded.diagnostics == () and loaded.library is not None and loaded.library.theorems == {}


def test_a_file_that_is_missing(tmp_path, ids):
    assert ids(load([tmp_path / "gone.spte"], library_root=tmp_path)) == ["file.unreadable:missing"]


def test_a_path_through_a_file(folder, ids):
    assert ids(load([folder(a=GOOD) / "a.spte" / "b.spte"], library_root=folder())) == ["file.unreadable:missing"]


def test_a_folder_without_modules(tmp_path, ids):
    assert ids(load([tmp_path], library_root=tmp_path)) == ["file.folder:empty"]


def test_a_folder_that_ends_like_a_module(tmp_path, ids):
    (tmp_path / "m.spte").mkdir()
    assert ids(load_text("use m;", name="t", library_root=tmp_path)) == ["file.unreadable:kind"]


def test_a_device_is_not_a_file(ids, tmp_path):
    os.mkfifo(tmp_path / "pipe.spte")
    assert ids(load([tmp_path / "pipe.spte"], library_root=tmp_path)) == ["file.unreadable:kind"]


def test_a_link_to_itself(tmp_path, ids):
    (tmp_path / "loop.spte").symlink_to(tmp_path / "loop.spte")
    assert ids(load([tmp_path / "loop.spte"], library_root=tmp_path)) == ["file.unreadable:system"]


def test_a_path_with_a_nul(tmp_path, ids):
    from pathlib import Path

    assert ids(load([Path("a\0b.spte")], library_root=tmp_path)) == ["file.unreadable:name"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(folder, ids):
    path = folder(a=GOOD) / "a.spte"
    path.chmod(0)
    assert ids(load([path], library_root=path.parent)) == ["file.unreadable:permission"]


def test_permission_denied_is_said_so(folder, ids, monkeypatch):
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = folder(a=GOOD) / "a.spte"
    monkeypatch.setattr("spteproof.grammar.files.os.stat", denied)
    assert ids(load([path], library_root=path.parent)) == ["file.unreadable:permission"]


def test_bytes_that_are_no_text(tmp_path, ids):
    (tmp_path / "a.spte").write_bytes(b"layout one {\n \xff }")
    loaded = load([tmp_path], library_root=tmp_path)
    assert ids(loaded) == ["file.encoding:utf8"] and "line 2" in loaded.diagnostics[0].message


def test_a_nul_byte(tmp_path, ids):
    (tmp_path / "a.spte").write_bytes(b"layout one {\n\n \0 }")
    loaded = load([tmp_path], library_root=tmp_path)
    assert ids(loaded) == ["file.encoding:nul"] and "line 3" in loaded.diagnostics[0].message


def test_standard_input_with_a_nul_byte(tmp_path, ids):
    assert ids(load_text("a\0b", name="<stdin>", library_root=tmp_path)) == ["file.encoding:nul"]


def test_standard_input_with_half_a_character(tmp_path, ids):
    assert ids(load_text("// \ud800", name="<stdin>", library_root=tmp_path)) == ["file.encoding:utf8"]


def test_a_file_of_ten_megabytes(tmp_path, ids):
    (tmp_path / "a.spte").write_bytes(b"predicate p(u64 a) = a;\n" * 420_000)
    assert ids(load([tmp_path], library_root=tmp_path)) == ["file.size:limit"]


def test_a_byte_order_mark_and_carriage_returns_are_no_errors(tmp_path):
    (tmp_path / "a.spte").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load([tmp_path], library_root=tmp_path).diagnostics == ()


def test_a_text_that_is_too_large_is_not_read(tmp_path, ids):
    assert ids(load_text("x" * (1 << 20) + "y", name="<stdin>", library_root=tmp_path)) == ["file.size:limit"]
    assert ids(load_text("ä" * (1 << 19) + "y", name="<stdin>", library_root=tmp_path)) == ["file.size:limit"]
