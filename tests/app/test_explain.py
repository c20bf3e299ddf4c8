"""Every id has a page; what its page calls wrong yields exactly that id, and what it calls right yields nothing."""

import json
import re
import subprocess

import pytest

from spteproof.cli import main
from spteproof.explaining import VERDICTS, pages
from spteproof.grammar.diagnostic_ids import MEANINGS
from spteproof.grammar.formatter import formatted
from spteproof.grammar.modules import load, load_text
from spteproof.grammar.source import Source
from spteproof.running.pipeline import LIBRARY

PAGES = pages()
BEGINNING = {
    "unknown": r"the plain store to `sptep` at ",
    "unknown.large": r"the environment's closure is too large",
    "unknown.orders": r"the threads' events come in more than \d+ orders",
    "unknown.rely": r"rely too weak: ",
    "unknown.retry": r"what a failed iteration of the retry at .* matters to the next one",
    "unknown.order": r"the plain store to `sptep` at ",
    "unknown.locks": r"what refutes it needs more than the locks allow: `clear` and `slow` run at one time, and hold `mmu_lock`",
    "unknown.agents": r"agent `cpu`: the assert at ",
    "unknown.invariants": r"it rests on invariants that are not kept",
    "unknown.undefined": r"an invariant of the layout may be undefined, at ",
    "unknown.equivalent": r"a program with a retry has no fixed number of events to compare",
    "vacuous": r"the hypotheses cannot hold",
}
"""How the reasons begin that the examples of verdicts show."""

EXAMPLES = [(id, example) for id, page in PAGES.items() for example in page.examples]


def of(language, *shows):
    found = [each for each in EXAMPLES if each[1].language == language and each[1].shows in shows]
    return pytest.mark.parametrize("id, example", found, ids=[f"{id} {example.shows}" for id, example in found])


def files_of(text):
    return re.findall(r"^//// (\S+)\n(.*?)(?=^//// |\Z)", text, re.DOTALL | re.MULTILINE)


@of("spte", "wrong", "right")
def test_an_example_yields_its_id_when_wrong_and_nothing_when_right(id, example, own_place):
    files = files_of(example.text)
    for name, text in files:
        (own_place / name).write_text(text)
    if files:
        loaded = load([own_place / name for name, _ in files], library_root=LIBRARY)
    else:
        loaded = load_text(example.text, name="example", library_root=LIBRARY)
    found = {each.id for each in loaded.diagnostics}
    assert found == ({id} if example.shows == "wrong" else set())


@of("console", "wrong")
def test_a_wrong_call_yields_its_id(id, example, spteproof, own_place):
    *before, call = example.text.splitlines()
    for line in before:
        subprocess.run(line, shell=True, check=True)
    assert call.startswith("spteproof ")
    answer = spteproof(*call.split()[1:])
    assert answer.status == 2
    assert set(re.findall(r"^(?:error|warning)\[(\S+)\]", answer.err, re.MULTILINE)) == {id}


@of("spte", "example", "repaired")
def test_an_example_of_a_verdict_gets_that_verdict(id, example, own_place):
    (own_place / "example.spte").write_text(example.text)
    main(["prove", "example.spte", "--format", "json", "--output", "out.json", "--jobs", "1"])
    results = json.loads((own_place / "out.json").read_text())["results"]
    if example.shows == "repaired":
        assert {each["verdict"] for each in results} == {"proved"}
        return
    expected = id.split(".")[0]
    found = [each for each in results if each["verdict"] == expected]
    assert found
    assert id not in BEGINNING or any(re.match(BEGINNING[id], each["reason"]) for each in found)
    assert not id.startswith("unknown.") or {each["reason_id"] for each in found} == {id}
    assert id in ("proved", "refuted") or id in BEGINNING


def test_every_page_but_a_few_has_its_examples():
    kinds = {id: {example.shows for example in page.examples} for id, page in PAGES.items()}
    without = {id for id, shown in kinds.items() if not shown}
    assert without == {
        "file.unreadable:permission",
        "file.unreadable:system",
        "file.size:limit",
        "limit.syntax:errors",
        "limit.calls:program",
        "limit.depth:calls",
        "limit.depth:extends",
        "limit.folder:entries",
        "unknown.time",
        "unknown.internal",
    }
    assert all("No example: " in PAGES[id].text for id in without)
    calls = {id for id, example in EXAMPLES if example.language == "console"}
    for id in set(kinds) - without - calls:
        if id in MEANINGS:
            assert kinds[id] == {"wrong", "right"}, id
        else:
            assert kinds[id] == ({"example"} if id == "proved" else {"example", "repaired"}), id


def test_no_page_is_of_something_that_is_not_there():
    written = [
        page
        for file in (LIBRARY.parent / "app" / "pages").glob("*.md")
        for page in re.findall(r"^## (\S+)", file.read_text(), re.M)
    ]
    assert sorted(written) == sorted([*MEANINGS, *VERDICTS])


def test_what_is_right_is_written_in_the_style_of_the_library():
    from spteproof.grammar.diagnostics import Findings

    for id, example in EXAMPLES:
        if example.shows in ("right", "repaired") and not files_of(example.text):
            assert formatted(Source(name=id, text=example.text), Findings()) == example.text, id


def test_lines_of_pages_are_not_too_wide():
    for page in PAGES.values():
        assert page.text and all(
            len(line) <= 128 for each in (page.text, *(e.text for e in page.examples)) for line in each.split("\n")
        ), page.id


def test_a_page_is_printed(spteproof, golden):
    answer = spteproof("explain", "layout.overlap:undeclared")
    assert (answer.status, answer.err) == (0, "")
    golden("explain.txt", answer.out + "\n" + spteproof("explain", "file.folder:empty").out)


def test_all_ids_are_listed_each_with_its_meaning(spteproof):
    lines = spteproof("explain").out.splitlines()
    assert [line.split("  ", 1)[0] for line in lines] == [*MEANINGS, *VERDICTS]
    assert all(line.endswith(({**MEANINGS, **VERDICTS})[line.split()[0]]) for line in lines)


def test_the_page_of_unknown_lists_its_kinds(spteproof):
    said = spteproof("explain", "unknown").out
    assert all(f"\n{id} " in said for id in VERDICTS if id.startswith("unknown."))


def test_a_beginning_lists_what_begins_so(spteproof):
    assert [line.split()[0] for line in spteproof("explain", "lock").out.splitlines()] == [
        "lock.mode:unknown",
        "lock.twice:name",
    ]


@pytest.mark.parametrize(
    "asked, said",
    [
        ("layout.overlap:undeclard", "did you mean `layout.overlap:undeclared`?"),
        ("Proved", "did you mean `proved`?"),
        ("zzz", "lists them all"),
    ],
)
def test_an_id_that_is_not_there_gets_the_nearest(spteproof, asked, said):
    answer = spteproof("explain", asked)
    assert (answer.status, answer.out) == (2, "") and said in answer.err


@pytest.mark.parametrize("command", ["check", "prove"])
def test_help_mentions_explanations(spteproof, command):
    assert "spteproof explain " in spteproof(command, "--help").out
