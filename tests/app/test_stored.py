"""What results become when they are kept, and what becomes of that."""

import json
from dataclasses import replace

import pytest

from spteproof.grammar.modules import load
from spteproof.grammar.source import Place, Source
from spteproof.running.pipeline import LIBRARY, Session
from spteproof.running.stored import from_stored, stored_verdicts, to_stored

SOURCE = Source(name="a", text="one\ntwo\n")


def again(values):
    return from_stored(json.loads(json.dumps(to_stored(values))), {"a": SOURCE})


def with_tuples(result):
    """Lists become tuples."""
    example = result.counterexample
    return result if example is None else replace(result, counterexample=replace(example, rows=tuple(example.rows)))


def place(start):
    return Place(source=SOURCE, start=start, end=start + 1, line=1, column=start + 1)


@pytest.fixture
def results(small):
    loaded = load([small], library_root=LIBRARY)
    found = [
        each
        for one in Session().prove_tasks(loaded, ["age_clears", "age_stores"], lambda: False)
        for each in one.results
    ]
    return found, {each.name: each for each in loaded.sources}


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        1 << 63,
        (),
        ("Place", "@"),
        (1, True, 1.0, None),
        ((), ((),), (("a", 1), ("b", ((2,),)))),
        {},
        {"W": 2, "D": {"@": "nodes"}, "A": (1, (2, 3))},
        place(1),
        (place(1), (place(2), place(1))),
    ],
)
def test_a_value_comes_back(value):
    (found,) = again([value])
    assert found == value
    assert repr(found) == repr(value)


def test_what_is_equal_but_of_another_type_is_not_taken_for_it():
    (found,) = again([((1, (1,)), (True, (True,)), (1.0, (1.0,)))])
    assert repr(found) == "((1, (1,)), (True, (True,)), (1.0, (1.0,)))"


def test_results_come_back_whole(results):
    found, sources = results
    stored = json.loads(json.dumps(to_stored(found)))
    assert from_stored(stored, sources) == [with_tuples(each) for each in found]
    assert any(each.counterexample is not None for each in found)
    assert list(stored_verdicts(stored)) == [each.verdict for each in found]


def test_what_occurs_again_is_stored_once(results):
    found, _ = results
    once, ten = (to_stored([replace(found[0], seconds=float(n)) for n in range(k)])["nodes"] for k in (1, 10))
    assert len(ten) == len(once) + 9


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"nodes": [], "values": [{"@": 0}]},
        {"nodes": [], "values": [{"at": 0}]},
        {"nodes": [["Place", "b", 0, 1, 1, 1]], "values": []},
        {"nodes": [["Place", "a", 0, 1]], "values": []},
        {"nodes": [["dict", "a"]], "values": []},
        {"nodes": [["dict", {"@": 1}, 1], ["tuple"]], "values": []},
        {"nodes": [["Path", "/"]], "values": []},
        {"nodes": [["Skipped", "only one"]], "values": []},
        {"nodes": [[]], "values": []},
        {"nodes": 3, "values": []},
        [],
    ],
)
def test_what_was_not_stored_here_is_refused(stored):
    with pytest.raises((KeyError, IndexError, TypeError, ValueError)):
        from_stored(stored, {"a": SOURCE})
