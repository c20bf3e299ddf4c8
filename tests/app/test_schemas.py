"""The published JSON schemas of what commands write beside the report: real outputs are valid by them, changed ones not."""

import copy
import json
from importlib.resources import files

import jsonschema
import pytest

from .test_find import TEXT as FINDS
from .test_results_schema import closed

WRONG = "layout wrong { W = bit 1; X = bit 2; assert W == X; }\n"
GUARDED = """\
// equivalent mutant: old & A => (old & A) != 0 because conditions are what is not 0
layout small { W = bit 1; A = bit 8; }
predicate is_young(u64 old) = old & A;
agent cpu lockless { step set_accessed: when spte & W { spte |= A; } }
theorem age() for layout in small against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    if (is_young(old)) atomic64_and(~A, sptep);
    prove changes only A;
}
"""
CHECKS = """\
predicate is_volatile(u64 old) = old & W;
layout small { W = bit 1; A = bit 8; D = bit 9; }
agent cpu lockless { step set_dirty: when spte & W { spte |= A | D; } }
theorem ages() for layout in small against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    if (is_volatile(old)) atomic64_and(~A, sptep);
    else WRITE_ONCE(*sptep, old & ~A);
    prove preserves W | D;
}
"""
WRITTEN = {
    "entry": [("show", "ept", "0x0600000000000901"), ("show", "ept,npt_5_13,ept_anywhere", "0x8000000000000042")],
    "table": [("table", "small.spte"), ("table", "small.spte", "--split"), ("table", "wrong.spte")],
    "found": [("find", "finds.spte"), ("find", "checks.spte", "--predicate", "is_volatile")],
    "explained": [("explain", "ages", "fails.spte"), ("explain", "ages", "checks.spte")],
    "mutants": [("mutate", "guarded.spte", "--jobs", 1), ("mutate", "guarded.spte", "--jobs", 1, "--sample", 2)],
}
CALLS = [(name, call) for name, calls in WRITTEN.items() for call in calls]


def schema(name):
    return json.loads((files("spteproof") / "schemas" / f"{name}-1.json").read_text(encoding="utf-8"))


@pytest.fixture
def written(spteproof, small, own_place):
    (own_place / "finds.spte").write_text(FINDS)
    (own_place / "wrong.spte").write_text(WRONG)
    (own_place / "checks.spte").write_text(CHECKS)
    (own_place / "fails.spte").write_text(
        CHECKS.replace("old & W;", "old & A;").replace("preserves W | D", "preserves D")
    )
    (own_place / "guarded.spte").write_text(GUARDED)
    return lambda *words: json.loads(spteproof(*words, "--format", "json").out)


def test_every_schema_is_one_and_is_tried():
    names = {each.name.removesuffix("-1.json") for each in (files("spteproof") / "schemas").iterdir()}
    assert names == {"results", *WRITTEN}
    for each in names:
        jsonschema.Draft202012Validator.check_schema(schema(each))


@pytest.mark.parametrize("name, call", CALLS, ids=[" ".join(map(str, call)) for _, call in CALLS])
def test_what_is_written_is_valid(written, name, call):
    jsonschema.Draft202012Validator(closed(schema(name))).validate(written(*call))


def keys(value, path=()):
    if isinstance(value, dict):
        for key, each in value.items():
            yield (*path, key)
            yield from keys(each, (*path, key))
    elif isinstance(value, list) and value:
        yield from keys(value[0], (*path, 0))


OPEN = ("params", "masks", "bits", "parameters", "examples")
"""Objects whose keys are names of the text."""


@pytest.mark.parametrize("name", WRITTEN)
def test_no_key_may_be_missing_or_be_of_another_kind(written, name):
    judge = jsonschema.Draft202012Validator(schema(name))
    document = written(*WRITTEN[name][0])
    tried = 0
    for path in keys(document):
        if any(each in OPEN for each in path[:-1]) and isinstance(_at(document, path[:-1]), dict) and path[-2] in OPEN:
            continue
        missing, other = copy.deepcopy(document), copy.deepcopy(document)
        del _at(missing, path[:-1])[path[-1]]
        _at(other, path[:-1])[path[-1]] = [[None]]
        assert not judge.is_valid(missing), path
        assert not judge.is_valid(other), path
        tried += 1
    assert tried > 10


def _at(value, path):
    for each in path:
        value = value[each]
    return value
