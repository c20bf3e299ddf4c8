"""The pictures of docs/explanation.md are what the tool says of the texts on that page today."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/pictures/explanation"
with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(ROOT / "docs/pictures")
    DRAWING = importlib.import_module("make_explanation")
SHOWN = """agent walk  entry.spte:6  lockless, in layout tiny
  walk.set_accessed  entry.spte:7
    +A  when P
  walk.set_dirty  entry.spte:8
    +A +D  when P W
"""
WITNESS = {
    "start_bits": "P W",
    "losing": ["D"],
    "steps": [
        {"who": "program", "action": "read", "changes": ""},
        {"who": "walk", "action": "walk.set_dirty", "changes": "+A +D"},
        {"who": "program", "action": "write", "changes": "-A -D"},
    ],
}


def test_the_pictures_are_in_step(monkeypatch, tmp_path):
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", str(tmp_path))
    made = DRAWING.pictures()
    assert {path.name for path in FOLDER.iterdir()} == made.keys()
    stale = [name for name, text in made.items() if (FOLDER / name).read_text(encoding="utf-8") != text]
    assert stale == [], "python docs/pictures/make_explanation.py"


def test_the_steps_are_those_that_are_shown():
    assert DRAWING._steps(SHOWN) == {"walk.set_accessed": ({"P"}, {"A"}), "walk.set_dirty": ({"P", "W"}, {"A", "D"})}


@pytest.mark.parametrize("line", ["    -W  when P", "    +A  when P\n  walk.other  entry.spte:9"])
def test_a_step_that_cannot_be_drawn_is_an_error(line):
    with pytest.raises(AssertionError):
        DRAWING._steps(SHOWN.replace("    +A  when P", line, 1))


def test_a_lost_bit_is_marked_where_it_is_lost():
    red = DRAWING.FILLS["lost"][0]
    assert DRAWING.lost_bit(WITNESS).count(f'fill="{red}"') == 1
    assert DRAWING.lost_bit(WITNESS | {"losing": []}).count(f'fill="{red}"') == 0


def test_a_chain_is_drawn_only_where_a_chain_is():
    steps = DRAWING._steps(SHOWN)
    assert DRAWING.closure(steps).count("a chain of steps") == 0
    assert DRAWING.closure(steps | {"fault": ({"MMU_W"}, {"W"})}).count("a chain of steps") == 1
