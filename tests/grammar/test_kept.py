"""What is kept between runs is whole, or is not there."""

import os

import pytest

from spteproof.grammar import kept_items as items_kept
from spteproof.grammar import reading
from spteproof.grammar.kept import KEPT_LIMIT, keep, kept
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
