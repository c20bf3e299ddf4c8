"""What is kept between runs is whole, or is not there."""

import os
import pickle

import pytest

from spteproof.grammar import kept_items as items_kept
from spteproof.grammar import parsing, reading
from spteproof.grammar.kept import KEPT_LIMIT, NotPlain, keep, kept, unpacked
from spteproof.grammar.kept_items import kept_items
from spteproof.grammar.modules import load_text

TEXT = "layout one { W = bit 1; }\ntheorem t(u64 m in {W}) { prove preserves m; }\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", str(tmp_path / "kept"))
    reading._read.cache_clear()
    return tmp_path / "kept"


def read():
    reading._read.cache_clear()
    return load_text(TEXT, name="t", library_root=os.curdir)


def test_what_is_kept_comes_back(folder):
    keep("kind-a", b"data")
    assert kept("kind-a") == b"data" and kept("kind-b") is None


@pytest.mark.parametrize("damage", [b"", b"x", b"x" * 100])
def test_what_is_damaged_is_not_there(folder, damage):
    keep("kind-a", b"data")
    (folder / "kind-a").write_bytes(damage)
    assert kept("kind-a") is None


def test_the_oldest_go_first(folder):
    for number in range(KEPT_LIMIT + 3):
        keep(f"kind-{number}", b"data")
        os.utime(folder / f"kind-{number}", (number, number))
    keep("kind-new", b"data")
    assert len(list(folder.iterdir())) == KEPT_LIMIT
    assert kept("kind-0") is None and kept("kind-new") == b"data"


def test_nothing_is_left_behind_where_nothing_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", str(tmp_path / "file"))
    keep("kind-a", b"data")
    assert kept("kind-a") is None and read().library is not None


def test_a_text_read_before_is_read_the_same(folder, monkeypatch):
    first = read()
    assert kept_items(TEXT) is not None
    monkeypatch.setattr(reading, "item_parser", None)
    second = read()
    assert second.library == first.library and repr(second.library) == repr(first.library)


def test_a_text_with_errors_is_not_kept(folder):
    load_text("predicate p(u64 a) = ;", name="t", library_root=os.curdir)
    assert kept_items("predicate p(u64 a) = ;") is None


def test_everything_that_makes_items_is_part_of_the_key():
    package = os.path.dirname(reading.__file__)
    makers = {name for name in os.listdir(package) if "build" in name or name.endswith(".lark")}
    assert makers <= set(items_kept._MAKERS) and all(
        os.path.exists(os.path.join(package, name)) for name in items_kept._MAKERS
    )


@pytest.mark.parametrize("number", range(40))
def test_one_byte_that_changed_anywhere_is_noticed(folder, number):
    keep("kind-a", b"datadata")
    whole = (folder / "kind-a").read_bytes()
    assert len(whole) == 40
    (folder / "kind-a").write_bytes(whole[:number] + bytes([whole[number] ^ 1]) + whole[number + 1 :])
    assert kept("kind-a") is None


def test_data_under_another_name_is_noticed(folder):
    keep("kind-a", b"data")
    os.rename(folder / "kind-a", folder / "kind-b")
    assert kept("kind-b") is None


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no owners")
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_may_write_is_not_used(folder, mode):
    keep("kind-a", b"data")
    folder.chmod(mode)
    assert kept("kind-a") is None
    keep("kind-b", b"data")
    assert [path.name for path in folder.iterdir()] == ["kind-a"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no owners")
def test_a_folder_of_somebody_else_is_not_used(folder, monkeypatch):
    keep("kind-a", b"data")
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert kept("kind-a") is None


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no owners")
def test_a_file_that_others_may_write_is_not_read(folder):
    keep("kind-a", b"data")
    (folder / "kind-a").chmod(0o666)
    assert kept("kind-a") is None


class Dangerous:
    """Runs code where it is read without care."""

    def __reduce__(self):
        return os.mkdir, ("run",)


@pytest.mark.parametrize("name", ["items", "grammar"])
def test_what_is_kept_never_runs_code(folder, monkeypatch, tmp_path, name):
    """Even where its digest is right."""
    monkeypatch.chdir(tmp_path)
    read()
    parsing.ItemParser()
    stored = [path.name for path in folder.iterdir() if path.name.startswith(name)]
    assert stored
    for each in stored:
        keep(each, pickle.dumps(Dangerous()))
    assert read().library is not None and parsing.ItemParser().item("use a;", 0)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("value", [os.system, Dangerous, Exception(), {1: Dangerous()}])
def test_only_plain_values_are_unpacked(value):
    with pytest.raises(NotPlain):
        unpacked(pickle.dumps(value), {})
    assert unpacked(pickle.dumps({"a": [1, None, ("b",)]}), {}) == {"a": [1, None, ("b",)]}


def test_what_a_killed_process_left_goes_after_a_while(folder):
    keep("kind-a", b"data")
    for name in ("old", "new"):
        (folder / f"writing-{name}").write_bytes(b"half")
    os.utime(folder / "writing-old", (1, 1))
    keep("kind-b", b"data")
    assert sorted(path.name for path in folder.iterdir()) == ["kind-a", "kind-b", "writing-new"]


def test_a_full_disk_leaves_nothing_half_written(folder, monkeypatch):
    keep("kind-a", b"data")

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        keep("kind-b", b"data")
        keep("kind-a", b"other")
    assert [path.name for path in folder.iterdir()] == ["kind-a"] and kept("kind-a") == b"data"
