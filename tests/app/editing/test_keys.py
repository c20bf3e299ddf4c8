import json
import re
from dataclasses import replace

import pytest

from spteproof.editing.blanking import without
from spteproof.editing.verdicts import Verdicts
from spteproof.grammar.modules import load_text
from spteproof.grammar.source import Source
from spteproof.running.keys import keyed
from spteproof.running.moving import moved
from spteproof.running.pipeline import LIBRARY, Session
from spteproof.running.stored import to_stored

NAME = "untitled:one"


def keys(text, others=()):
    state = keyed(NAME, text, others, "10.0")
    return {name: state.key(name) for name in state.tasks()}


def test_a_key_stays_where_only_other_theorems_comments_and_places_change(small_text):
    before = keys(small_text)
    after = keys("// more\n\n" + small_text.replace("old & ~A", "old & ~D"))
    assert before["clears"] == after["clears"]
    assert before["stores"] != after["stores"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("spte |= A | D", "spte |= D"),
        ("D = bit 9", "D = bit 10"),
        ("agent cpu", "agent dog lockless { step s: { spte = 0; } }\nagent cpu"),
        ("layout small", "ghost bool g;\nlayout small"),
    ],
)
def test_a_key_changes_with_all_that_is_no_theorem(small_text, old, new):
    before, after = keys(small_text), keys(small_text.replace(old, new, 1))
    assert before["clears"] != after["clears"]


def test_a_key_changes_with_a_text_that_is_used_and_with_the_budget(small_text):
    one, other = Source(name="b", text="x"), Source(name="b", text="y")
    assert keys(small_text, [one])["clears"] != keys(small_text, [other])["clears"]
    assert keyed("other", small_text, [], "10.0").key("clears") != keyed(NAME, small_text, [], "10.0").key("clears")
    assert keyed(NAME, small_text, [], "10.0").key("clears") != keyed(NAME, small_text, [], "5.0").key("clears")


def test_two_theorems_of_one_name_have_no_key(small_text):
    assert "stores" not in keys(small_text.replace("theorem clears", "theorem stores"))


def test_parts_are_blanked_in_their_places(small_text):
    state = keyed(NAME, small_text, [], "")
    text = without(small_text, [state.theorems["stores"]])
    assert len(text) == len(small_text)
    assert text.count("\n") == small_text.count("\n")
    assert "theorem stores" not in text
    assert keyed(NAME, text, [], "").key("clears") == state.key("clears")


@pytest.fixture(scope="module")
def proved():
    """What a worker gives for the theorems of a text."""

    def prove(text):
        loaded = load_text(text, name=NAME, library_root=LIBRARY)
        found = Session().prove_tasks(loaded, list(loaded.library.theorems), lambda: False)
        return {each.task: each.results for each in found}

    return prove


def sent(results):
    return json.loads(json.dumps(to_stored(results)))


def test_kept_verdicts_move_with_their_text(small_text, proved):
    verdicts, old = Verdicts(), keyed(NAME, small_text, [], "")
    for name, results in proved(small_text).items():
        verdicts.put(old.key(name), NAME, old, sent(results))
    text = "// one line more\n" + small_text
    found = verdicts.get("stores", NAME, keyed(NAME, text, [], ""), {NAME: Source(name=NAME, text=text)})
    (claim,) = [each for each in found if not each.implicit]
    assert claim.place.text() == "prove preserves W | D;"
    assert claim.place.line == 7
    assert [each.place.text() for each in claim.counterexample.rows][-1] == "WRITE_ONCE(*sptep, old & ~A)"
    assert {each.place.source.text for each in claim.counterexample.rows} == {text}


def test_a_verdict_of_another_text_is_not_taken(small_text, proved):
    verdicts, old = Verdicts(), keyed(NAME, small_text, [], "")
    for name, results in proved(small_text).items():
        verdicts.put(old.key(name), NAME, old, sent(results))
    changed = keyed(NAME, small_text.replace("spte |= A | D", "spte |= D"), [], "")
    assert verdicts.get("stores", NAME, changed, {NAME: Source(name=NAME, text=changed.text)}) is None
    assert verdicts.get("stores", "untitled:other", old, {NAME: Source(name=NAME, text=small_text)}) is None


def test_a_place_in_a_part_that_is_gone_is_an_error(small_text):
    old, new = keyed(NAME, small_text, [], ""), keyed(NAME, "layout l { W = bit 1; }", [], "")
    with pytest.raises(KeyError):
        moved({"nodes": [["Place", NAME, 3, 5, 1, 4]], "values": []}, NAME, old.marks, new)


def test_what_tells_a_line_is_known_while_the_line_is_the_same(small_text, proved):
    """A branch that nothing reaches is told by its line."""
    dead = "theorem dead() for layout in LAYOUT { u64 old = READ_ONCE(*sptep); if (old != old) { *sptep = 0; } prove that old == old; }\n"
    text = small_text + dead.replace("LAYOUT", re.search(r"layout (\w+)", small_text)[1])
    verdicts, state = Verdicts(), keyed(NAME, text, [], "")
    results = proved(text)["dead"]
    assert any(NAME in words for each in results for words in each.scope.dead_branches)
    verdicts.put(state.key("dead"), NAME, state, sent(results))
    later = keyed(NAME, "// one line more\n" + text, [], "")
    assert later.key("dead") == state.key("dead")
    assert verdicts.known(state.key("dead"), state) and not verdicts.known(later.key("dead"), later)
    assert verdicts.get("dead", NAME, state, {NAME: Source(name=NAME, text=text)}) == results
    assert verdicts.get("dead", NAME, later, {NAME: Source(name=NAME, text=later.text)}) is None


def test_an_unknown_is_shown_and_not_taken_for_known(small_text, proved):
    state = keyed(NAME, small_text, [], "")
    results = proved(small_text)["clears"]
    verdicts, key = Verdicts(), state.key("clears")
    assert not verdicts.known(key, state)
    verdicts.put(key, NAME, state, sent(results))
    assert verdicts.known(key, state)
    first, *rest = results
    verdicts.put(key, NAME, state, sent([replace(first, verdict="unknown"), *rest]))
    assert not verdicts.known(key, state)
    found = verdicts.get("clears", NAME, state, {NAME: Source(name=NAME, text=small_text)})
    assert found[0].verdict == "unknown"


def test_verdicts_without_counterexamples_are_shown_and_do_not_take_the_place_of_whole_ones(small_text, proved):
    state = keyed(NAME, small_text, [], "")
    results = proved(small_text)["stores"]
    verdicts, key = Verdicts(), state.key("stores")
    stored, early = sent(results), sent([replace(each, counterexample=None) for each in results])

    def examples() -> int:
        found = verdicts.get("stores", NAME, state, {NAME: Source(name=NAME, text=small_text)})
        return sum(each.counterexample is not None for each in found)

    verdicts.put(key, NAME, state, early, False)
    assert examples() == 0 and not verdicts.known(key, state)
    verdicts.put(key, NAME, state, stored, True)
    assert examples() == 1 and verdicts.known(key, state)
    verdicts.put(key, NAME, state, early, False)
    assert examples() == 1 and verdicts.known(key, state)
