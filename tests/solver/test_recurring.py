"""Layouts that differ in name only are decided once; what differs in anything else, or is listened to, is not."""

from dataclasses import fields, replace

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, library_of
from spteproof.solver import proof, recurring
from spteproof.solver.foremost import Foremost
from spteproof.solver.instances import instances
from spteproof.solver.noticing import Noticing
from spteproof.solver.proof import Prover
from spteproof.solver.results import Budget, Result

TEXT = """
layout one { P = bit 0; W = bit 1; A = bit 5; D = bit 6; NX = bit 63; alias DIRTY = D; invariant live: spte & P; }
layout same extends one { }
layout moved extends one { D = bit 9; }
layout without extends one { NX = none; }
layout renamed extends one { alias WRITABLE = W; }
layout stricter extends one { invariant clean: !(spte & D); }
layout otherwise { P = bit 0; W = bit 1; A = bit 5; D = bit 6; NX = bit 63; alias DIRTY = D; invariant live: spte & W; }
agent cpu lockless { step dirty: when spte & W { spte |= D; } }
theorem t(PARAMETERS) for layout in LAYOUTS against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old & ~MASK);
    prove preserves D EXPECTED;
    prove changes only MASK EXPECTED;
}
"""


def library(layouts, expected="expect refuted", parameters="", mask="A"):
    text = TEXT.replace("LAYOUTS", layouts).replace("EXPECTED", expected)
    text = text.replace("PARAMETERS", parameters).replace("MASK", mask)
    return library_of(load_text(text, name="example", library_root=LIBRARY))


@pytest.fixture
def decided(monkeypatch):
    """The layouts of the settings that decisions are made in."""
    found = []
    made = proof.decisions

    def heard(bench, setting, *rest):
        found.append(setting.layout)
        return made(bench, setting, *rest)

    monkeypatch.setattr(proof, "decisions", heard)
    return found


def results(library, budget=None, kind=None):
    prover = Prover(library, budget or Budget(), kind=kind)
    return [each for each in prover.prove(library.theorems["t"]) if isinstance(each, Result)]


def nameless(found, layout):
    return [
        replace(each, layout="", place=None, seconds=0.0, scope=replace(each.scope, layout=""), counterexample=None)
        for each in found
        if each.layout == layout
    ]


@pytest.mark.parametrize("kind", [None, Foremost, Noticing])
def test_layouts_that_differ_in_name_only_are_decided_once(decided, kind):
    found = results(library("one, same"), kind=kind)
    assert decided == ["one"]
    assert nameless(found, "one") == nameless(found, "same") != []
    assert {each.scope.layout for each in found} == {"one", "same"}
    if kind is None:
        by_layout = [[each.counterexample for each in found if each.layout == name] for name in ("one", "same")]
        assert by_layout[0] == by_layout[1] and any(by_layout[0])


@pytest.mark.parametrize("other", ["moved", "without", "renamed", "stricter", "otherwise"])
def test_layouts_that_differ_in_anything_else_are_decided_each(decided, other):
    found = results(library(f"one, {other}"))
    assert decided == ["one", other]
    alone = results(library(other))
    assert nameless(found, other) == nameless(alone, other)


def test_what_is_expected_otherwise_is_decided_for_itself(decided):
    found = results(library("one, same", "expect refuted, refuted losing {D} in same"))
    assert decided == ["one", "same"]
    assert [each.expected_losing for each in found if not each.implicit] == [(), (), ("D",), ("D",)]


@pytest.mark.parametrize("expected", ["expect refuted, proved in same", "expect proved, refuted in same"])
def test_another_verdict_that_is_expected_is_decided_for_itself(decided, expected):
    found = results(library("one, same", expected))
    assert decided == ["one", "same"]
    assert len({(each.layout, each.ok) for each in found if not each.implicit}) == 2


def test_choices_that_are_decided_at_once_recur_as_well():
    found = results(library("one, same, moved", "", "u64 mask in {A, P, D}", "mask"))
    assert nameless(found, "one") == nameless(found, "same") != []
    assert nameless(found, "same") == nameless(results(library("same", "", "u64 mask in {A, P, D}", "mask")), "same")


class Listening:
    def case(self, case):
        pass

    def asked(self, question):
        pass

    def opinions(self):
        return ()


def test_whoever_is_told_of_questions_is_told_of_each_instances(decided):
    results(library("one, same"), Budget(told=Listening()))
    assert decided == ["one", "same"]


def test_a_kind_that_listens_hears_each_instance(decided):
    class Hearing(proof.Decision):
        pass

    results(library("one, same"), kind=Hearing)
    assert decided == ["one", "same"]


def test_an_unknown_is_tried_again(decided):
    found = results(library("one, same"), Budget(effort=1))
    assert {each.verdict for each in found} >= {"unknown"}
    assert decided == ["one", "same"]


def test_an_instance_of_which_one_claim_is_unknown_is_tried_again(decided):
    text = (
        TEXT[: TEXT.index("theorem")]
        + """theorem t for layout in one, same against any number of cpu {
        u64 old = READ_ONCE(*sptep);
        retry { } until (try_cmpxchg64(sptep, &old, old & ~A));
        prove preserves D;
        prove resurrects nothing in NX;
    }"""
    )
    found = results(library_of(load_text(text, name="example", library_root=LIBRARY)))
    assert [each.verdict for each in found if not each.implicit] == ["proved", "unknown"] * 2
    assert decided == ["one", "same"]


def test_another_version_of_a_theorem_is_another(decided):
    now, later = library("one"), library("one")
    prover = Prover(now)
    for theorem in (now.theorems["t"], later.theorems["t"], later.theorems["t"]):
        assert len(list(prover.prove(theorem))) == 3
    assert decided == ["one"] * 2


OTHER = {
    "values": {"P": 1, "W": 2, "A": 32, "D": 128, "NX": 1 << 63, "DIRTY": 128}, "masks": ("P", "W"), "aliases": {}, "invariants": (),
    "scope": object(), "ghosts": {"seen": "bool"}, "entries": ("sptep", "child"), "era": "old", "choices": {"m": 2},
    "open": frozenset(["n"]), "alternatives": ({"m": 2},),
}  # fmt: skip


def test_whatever_an_instance_is_made_of_tells_it_apart_but_the_name_of_its_layout():
    found = library("one, same", "expect refuted, refuted losing {D} in same")
    one, same = instances(found, found.theorems["t"])
    (setting,) = one.settings
    assert {each.name for each in fields(setting)} == {"layout", *OTHER}
    key, other = recurring._key(one), recurring._key(same)
    assert key != other and key == recurring._key(replace(one, layout="without"))
    assert key == recurring._key(replace(one, settings=(replace(setting, layout="same"),)))
    for name, value in OTHER.items():
        assert key != recurring._key(replace(one, settings=(replace(setting, **{name: value}),))), name
    for name, value in {"era": "old", "parameters": {"m": "W"}, "settings": (setting, setting)}.items():
        assert key != recurring._key(replace(one, **{name: value})), name
