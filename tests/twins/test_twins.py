"""Every proved theorem has a broken twin that is refuted: all are listed, and each run looks at some of them again."""

import random
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from spteproof.solver.instances import instances

from .finding import candidates
from .listing import expects_a_proof, is_refuted, kept, library, text_of, theorems

PROCESSOR_SECONDS = 10.0
AT_LEAST = 8
TWINS, NONE = kept()


def seed() -> str:
    """The commit, so that each looks at others; a fixed word where there is none."""
    here = Path(__file__).parent
    asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "no commit"


def claims_a_proof(name: str, reason: str | None = None) -> bool:
    """Whether some instance is expected to prove something. With a `reason` none is prepared, so that some may count
    that have nothing to decide."""
    return any(
        expects_a_proof(theorems()[name], each)
        for each in instances(library().library, theorems()[name], given_up=reason)
    )


def test_every_proved_theorem_is_listed():
    listed = {*TWINS, *NONE}
    assert listed <= set(theorems())
    unlisted = [name for name in theorems() if name not in listed and claims_a_proof(name, "not asked here")]
    assert not [name for name in unlisted if claims_a_proof(name)]


def test_what_is_listed_proves_something():
    assert all(claims_a_proof(name, "not asked here") for name in (*TWINS, *NONE))
    assert not set(TWINS) & set(NONE)


def test_every_change_can_be_made():
    assert [name for name, twin in TWINS.items() if twin.mutated() is None] == []


def test_some_twins_are_refuted_again():
    names = sorted(TWINS)
    random.Random(seed()).shuffle(names)
    started = time.process_time()
    for number, name in enumerate(names):
        if number >= AT_LEAST and time.process_time() - started > PROCESSOR_SECONDS:
            break
        assert is_refuted(name, TWINS[name]), name


@pytest.fixture
def known():
    return "without_dirty", TWINS["without_dirty"]


def test_a_text_as_it_is_is_no_twin(known, monkeypatch):
    name, twin = known
    assert is_refuted(name, twin)
    monkeypatch.setattr(type(twin), "mutated", lambda self: text_of(self.file))
    assert not is_refuted(name, twin)


def test_a_change_that_cannot_be_made_is_no_twin(known):
    name, twin = known
    assert not is_refuted(name, replace(twin, old=f"{twin.old} "))
    assert not is_refuted(name, replace(twin, number=1000))


def test_a_change_without_a_meaning_is_no_twin(known, monkeypatch):
    name, twin = known
    monkeypatch.setattr(type(twin), "mutated", lambda self: text_of(self.file).replace("old_spte", "young_spte", 1))
    assert not is_refuted(name, twin)


def test_another_property_or_instance_is_no_twin(known):
    name, twin = known
    assert not is_refuted(name, replace(twin, property="changes only everything"))
    assert not is_refuted(name, replace(twin, layout="no_layout"))


def test_changes_are_of_what_the_theorem_uses_and_its_own_come_first():
    found = list(candidates("without_dirty"))
    items = [mutant.item for _, mutant in found]
    assert items[0] == "without_dirty" and "has_volatile_bits_without_dirty" in items
    assert "fast_page_fault" in items and "has_volatile_bits" not in items
