"""What the texts of the library keep to: nothing idle in them, short, and with a header that says what to expect."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from spteproof.grammar import checked as c
from spteproof.grammar.modules import load
from spteproof.running.pipeline import LIBRARY

TEXTS = sorted(LIBRARY.rglob("*.spte"))
DEFINES = re.compile(r"^(layout|predicate|function|helper|agent|ghost|theorem|lemma) ", re.MULTILINE)


@pytest.fixture(scope="module")
def tree(library: Path) -> c.Library:
    loaded = load([library], library_root=library)
    assert loaded.diagnostics == ()
    assert loaded.library is not None
    return loaded.library


def below(node: object) -> Iterator[object]:
    """A node and everything in it."""
    yield node
    if is_dataclass(node):
        for field in fields(node):
            if field.name != "place":
                yield from below(getattr(node, field.name))
    elif isinstance(node, tuple):
        for each in node:
            yield from below(each)


def named(node: object) -> Iterator[str]:
    """The definitions that a text calls, or lists as its environment."""
    for each in below(node):
        if isinstance(each, c.Call | c.HelperCall):
            yield each.callee
        elif isinstance(each, c.AgentUse):
            yield each.agent


def test_every_definition_is_used_by_some_theorem(tree):
    """What an era supplies is used where what its interface declares is, or where another item of the era uses it."""
    definitions: dict[str, list[object]] = {}
    for scope in tree.scopes.values():
        for name, definition in {**scope.pures, **scope.helpers, **scope.agents}.items():
            definitions.setdefault(name, []).append(definition)
    waiting = [name for theorem in tree.theorems.values() for name in named(theorem)]
    waiting += [
        name for layout in tree.layouts.values() for invariant in layout.invariants for name in named(invariant)
    ]
    used: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += [each for definition in definitions[name] for each in named(definition)]
    assert set(definitions) - used == set()


def test_every_layout_is_used_by_some_theorem(tree):
    used = {name for theorem in tree.theorems.values() for name in theorem.layouts}
    assert set(tree.layouts) - used == set()


def test_every_ghost_is_set_and_asked(tree):
    helpers = [each for scope in tree.scopes.values() for each in scope.helpers.values()]
    agents = [each for scope in tree.scopes.values() for each in scope.agents.values()]
    theorems = list(tree.theorems.values())
    set_somewhere = {
        each.ghost for text in [*helpers, *agents, *theorems] for each in below(text) if isinstance(each, c.SetGhost)
    }
    proves = [theorem.proves for theorem in theorems]
    asked = {each.name for text in [*agents, *proves] for each in below(text) if isinstance(each, c.GhostName)}
    assert set(tree.ghosts) == set_somewhere - {*tree.entries} == asked - {*tree.entries}


def test_every_entry_is_written_and_spoken_of(tree):
    everything = [each for theorem in tree.theorems.values() for each in below(theorem)]
    written = {each.entry for each in everything if isinstance(each, c.Memory | c.HelperCall)}
    spoken_of = {each.entry for theorem in tree.theorems.values() for prove in theorem.proves for each in below(prove)
                 if isinstance(each, c.Instant | c.Preserves | c.ChangesOnly | c.Conserves | c.Resurrects)}  # fmt: skip
    assert set(tree.entries) <= written & spoken_of


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_text_is_short_and_begins_with_its_essay(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 80
    assert max(len(line) for line in lines) <= 128
    assert lines[0].startswith("// ")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_text_about_the_kernel_says_what_it_was_checked_against(path):
    text = path.read_text(encoding="utf-8")
    about_the_kernel = path.parent.name in ("kvm", "mail", "facts") and DEFINES.search(text)
    assert not about_the_kernel or "hecked against" in text or "Nothing to check" in text
