"""The machinery of the mutants itself, and a few of them. All of them: `python -m tests.mutants`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .altered import HOOK, SOLVER, instrumented, path_of
from .changes import mutants
from .equivalent import reasons
from .hunting import MODULES
from .smoke import KILLED, UNSEEN

ROOT = Path(__file__).resolve().parent.parent.parent

SMALL = '''"""A module."""

LIMIT = 3


def decided(found, wanted: int = 0) -> bool:
    """Whether."""
    assert found is not None
    if found.before and not wanted:
        note(found)
    for each in found:
        total = terms.bit_and(each, terms.bit_not(wanted))
    return total == LIMIT
'''


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.py"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_the_mutants_of_a_small_module(small):
    told = [each.key.removeprefix("small: ").replace("decided: ", "") for each in mutants(small)]
    condition, total = "if found.before and (not wanted): ...", "total = terms.bit_and(each, terms.bit_not(wanted))"
    assert told == [
        "module: constant: 3 => 4 in LIMIT = 3",
        "early return of True",
        "early return of False",
        "constant: 0 => 1 in def decided(found, wanted: int=0) -> bool: ...",
        "negated condition: if found.before and (not wanted): ... => if not (found.before and (not wanted)): ...",
        "dropped statement: if found.before and (not wanted): ... => nothing",
        f"and/or: found.before and (not wanted) => found.before or not wanted in {condition}",
        f"dropped operand: found.before and (not wanted) => not wanted in {condition}",
        f"dropped operand: found.before and (not wanted) => found.before in {condition}",
        f"other of a pair: found.before => found.after in {condition}",
        f"dropped operator: not wanted => wanted in {condition}",
        "dropped statement: note(found) => nothing",
        "dropped statement: for each in found: ... => nothing",
        "first turn only: for each in found: ... => for each in found: ...",
        f"other of a pair: terms.bit_and => terms.bit_or in {total}",
        f"dropped call: terms.bit_not(wanted) => wanted in {total}",
        "comparison: total == LIMIT => total != LIMIT in return total == LIMIT",
    ]


def test_to_return_early_what_is_returned_at_once_is_no_mutant(tmp_path):
    path = tmp_path / "small.py"
    path.write_text('def never() -> bool:\n    """Never."""\n    return False\n', encoding="utf-8")
    assert [each.key for each in mutants(path)] == [
        "small: never: early return of True",
        "small: never: constant: False => True in return False",
    ]


def test_each_mutant_is_other_code_and_leaves_the_tree_as_it_was(small):
    found = mutants(small)
    original = compile(SMALL, str(small), "exec")
    assert all(each.compiled() not in (None, original) for each in found)
    assert compile(found[0].tree, str(small), "exec") == original


def test_a_mutant_names_the_statement_that_a_test_must_reach(small):
    lines = {each.key.split(": ", 2)[2]: each.line for each in mutants(small)}
    assert lines["constant: 3 => 4 in LIMIT = 3"] == 0
    assert lines["early return of True"] == 9
    assert lines["dropped statement: note(found) => nothing"] == 10


def test_an_instrumented_module_tells_what_it_reaches(small):
    reached: set[tuple[str, int]] = set()
    space = {HOOK: reached.add}
    exec(instrumented(small), space)
    assert reached == set()
    with pytest.raises(AttributeError):
        space["decided"](object())
    assert reached == {("small", 8), ("small", 9)}


def test_the_modules_are_there():
    assert [name for name in MODULES if not path_of(name).exists()] == []


def test_what_is_said_to_be_equivalent_is_a_mutant():
    made = {each.key for name in MODULES for each in mutants(path_of(name))}
    assert [key for key in reasons() if key not in made] == []


def test_an_equivalent_mutant_needs_a_reason_and_one_only():
    assert reasons("a: f: x\nb: g: y\n    Both are\n    slow.\n") == {
        "a: f: x": "Both are slow.",
        "b: g: y": "Both are slow.",
    }
    for text in ("a: f: x\n", "a: f: x\n\nb: g: y\n    Why.\n", "a: f: x\n    Why.\na: f: x\n    Why.\n"):
        with pytest.raises(ValueError):
            reasons(text)


def test_known_mutants_are_killed_and_one_that_no_text_sees_is_not():
    before = {path: path.read_bytes() for path in SOLVER.glob("*.py")}
    command = [sys.executable, "-m", "tests.mutants.smoke"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    fates = {key: (outcome, by) for key, outcome, by in map(json.loads, done.stdout.splitlines())}
    assert len(fates) == len(KILLED) + 4
    for beginning in KILLED:
        (fate,) = [each for key, each in fates.items() if key.startswith(beginning)]
        assert fate[0] == "killed" and fate[1][0].startswith("theorem: "), beginning
    assert fates[UNSEEN][0] == "survived"
    ended = {"loop": "SIGXCPU", "memory": "MemoryError", "error": "KeyError: 'error'"}
    assert {kind: fates[kind] for kind in ended} == {kind: ("ended", [why]) for kind, why in ended.items()}
    assert before == {path: path.read_bytes() for path in SOLVER.glob("*.py")}
