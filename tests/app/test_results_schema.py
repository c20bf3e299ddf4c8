"""The published JSON schema of the report: real reports of every kind are valid by it, changed ones are not."""

import copy
import json
from importlib.resources import files

import jsonschema
import pytest

from .conftest import LARGE, MIXED, ROOT, SMALL

TEXT = (files("spteproof") / "schemas" / "results-1.json").read_text(encoding="utf-8")
SCHEMA = jsonschema.Draft202012Validator(json.loads(TEXT))

REAL = {
    "threads, ghosts": ("spec/parallel/two_zaps.spte", "--layout", "npt"),
    "retries": ("spec/properties/retry_looks_again.spte", "--layout", "ept", "--theorem", "only_*"),
    "entries": ("spec/entries/removed_child.spte", "--layout", "npt_tree"),
    "eras, params": ("spec/eras/clear_bits.spte", "--layout", "ept", "--era", "v6_15"),
}


def closed(schema):
    """The schema without leave for keys that it does not name: today's reports have no others."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(each) for key, each in schema.items()}
    return found | ({"additionalProperties": False} if "required" in schema and "properties" in schema else {})


CLOSED = jsonschema.Draft202012Validator(closed(json.loads(TEXT)))


@pytest.fixture
def reported(spteproof, small):
    def call(text, *words):
        small.write_text(text)
        return json.loads(spteproof("prove", small, "--format", "json", *words).out)

    return call


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(json.loads(TEXT))


@pytest.mark.parametrize("what", REAL)
def test_a_report_on_the_library_is_valid(spteproof, monkeypatch, what):
    monkeypatch.chdir(ROOT)
    report = json.loads(spteproof("prove", *REAL[what], "--format", "json").out)
    CLOSED.validate(report)
    results = report["results"]
    examples = [each["counterexample"] for each in results if each["counterexample"] is not None]
    assert {
        "threads, ghosts": any(each["scope"]["threads"] for each in results)
        and any(each["ghosts"] for each in examples),
        "retries": any(each["scope"]["retries"] for each in results),
        "entries": any(each["entries"] for each in examples),
        "eras, params": all(each["era"] and each["params"] for each in results if each["theorem"] != each["layout"]),
    }[what]


@pytest.mark.usefixtures("few_nodes")
@pytest.mark.parametrize("text", [SMALL, MIXED, LARGE])
def test_a_small_report_is_valid(reported, text):
    CLOSED.validate(reported(text))


def test_inputs_and_words_as_ghosts(reported):
    text = (
        "layout small { W = bit 1; A = bit 8; }\nghost u64 seen;\n"
        "theorem t() for layout in small {\n    u64 given = any;\n    seen = given;\n"
        "    WRITE_ONCE(*sptep, given);\n    prove preserves W expect refuted;\n}\n"
    )
    report = reported(text)
    CLOSED.validate(report)
    example = next(each["counterexample"] for each in report["results"] if each["verdict"] == "refuted")
    assert example["inputs"] and isinstance(example["ghosts"]["seen"], str)


def test_a_key_that_is_new_is_allowed(reported):
    report = reported(SMALL)
    report["results"][0]["more"] = 1
    assert SCHEMA.is_valid(report) and not CLOSED.is_valid(report)


@pytest.mark.usefixtures("few_nodes")
@pytest.mark.parametrize(
    "path, value",
    [
        (("schema",), "spteproof.results/2"),
        (("results", 2, "verdict"), "maybe"),
        (("results", 2, "counterexample", "start"), "0x1"),
        (("results", 2, "counterexample", "start"), 1),
        (("results", 2, "line"), 0),
        (("results", 2, "scope", "correctness"), "total"),
        (("results", 3, "params"), {"mask": 1}),
        (("results", -1, "ok"), True),
        (("results", -1, "reason"), None),
        (("results", -1, "counterexample"), "of a refuted one"),
        (("summary", "unknown"), -1),
    ],
)
def test_a_report_that_is_changed_is_not_valid(reported, path, value):
    report = reported(MIXED)
    assert [each["verdict"] for each in report["results"]][2] == "refuted"
    assert report["results"][-1]["verdict"] == "unknown" and SCHEMA.is_valid(report)
    if value == "of a refuted one":
        value = copy.deepcopy(report["results"][2]["counterexample"])
    at = report
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    assert not SCHEMA.is_valid(report)


def keys_of(schema):
    if isinstance(schema, list):
        for each in schema:
            yield from keys_of(each)
    elif isinstance(schema, dict):
        if "required" in schema:
            yield schema
        for each in schema.values():
            yield from keys_of(each)


def test_every_key_of_the_schema_is_told_in_the_document():
    document = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    objects = list(keys_of(json.loads(TEXT)))
    assert len(objects) >= 8
    for each in objects:
        for key in each["required"]:
            assert f"`{key}`" in document or f".{key}`" in document, key
