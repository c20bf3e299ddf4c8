"""The parser between runs: the analysed grammar is kept, and nothing depends on its being kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from spteproof.grammar.building_items import ModuleBuilder
from spteproof.grammar.kept import kept
from spteproof.grammar.parsing import ItemParser

TEXT = "predicate p(u64 a) = a;"


def parses() -> bool:
    return ItemParser().item(TEXT, 0).name.text == "p"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.delenv("SPTEPROOF_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "spteproof"


def test_the_grammar_is_kept(folder):
    assert parses()
    [stored] = folder.iterdir()
    before = stored.stat().st_mtime_ns
    assert parses() and stored.stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", [b"not a pickle", None])
def test_a_damaged_grammar_is_made_again(folder, damage):
    assert parses()
    [stored] = folder.iterdir()
    whole = stored.read_bytes()
    data = bytearray(whole)
    data[len(data) // 2] ^= 0xFF
    stored.write_bytes(bytes(data) if damage is None else damage)
    assert parses() and kept(stored.name) is not None


def test_a_folder_that_cannot_be_made_is_no_matter(tmp_path, monkeypatch):
    monkeypatch.delenv("SPTEPROOF_CACHE_DIR", raising=False)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert parses()


def test_no_home_is_no_matter(monkeypatch):
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.delenv("SPTEPROOF_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("spteproof.grammar.kept.Path.home", homeless)
    assert parses()


def test_checked_trees_do_not_import_the_parser():
    code = "import sys, spteproof.grammar.checked, spteproof.grammar.modules; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ}).returncode == 0


def test_every_rule_has_its_callback():
    rules = {rule.alias or rule.origin.name for rule in ItemParser()._lark.rules}
    named = {str(name) for name in rules if not str(name).startswith("__") and str(name) not in INLINED}
    assert [name for name in sorted(named) if not hasattr(ModuleBuilder(), name)] == []


INLINED = {
    "item", "entry", "pure_body", "member", "era_item", "values", "statement", "matched", "unmatched", "target",
    "property", "expr", "conditional", "disjunction", "conjunction", "bit_or", "bit_xor", "bit_and", "equality",
    "comparison", "shift", "sum", "product", "unary", "primary", "argument",
}  # fmt: skip
"""Rules whose one child stands for them."""
