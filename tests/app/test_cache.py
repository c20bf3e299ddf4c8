"""Verdicts of earlier runs: used where nothing changed, never believed where something did, never in the way."""

import os
import re
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

import spteproof.running.runs as runs
from spteproof.grammar.modules import load
from spteproof.running.cache import Cache
from spteproof.running.pipeline import LIBRARY
from spteproof.solver.results import Budget

from .conftest import LARGE, SMALL

ALL = ["age_clears", "age_stores", "no_dirty", "small"]


@pytest.fixture
def proved(monkeypatch):
    """The tasks that were really proved, in the order of the runs."""
    names = []
    real = runs.run

    def noted(library, wanted, *rest, **more):
        names.extend(wanted)
        return real(library, wanted, *rest, **more)

    monkeypatch.setattr(runs, "run", noted)
    return names


def timeless(text):
    """The report without the time that it took."""
    text = re.sub(r'("summary": \{.*?"seconds": )[0-9.e-]+', r"\1", text, flags=re.DOTALL)
    text = re.sub(r'(<testsuites .*? time=")[0-9.]+', r"\1", text)
    return re.sub(r" in \d+\.\d\d s: ", " in a while: ", text)


def database() -> Path:
    return Path(os.environ["SPTEPROOF_CACHE_DIR"]) / "verdicts.sqlite"


def prove(spteproof, *words):
    return spteproof("prove", "small.spte", "--jobs", "1", *words)


@pytest.mark.parametrize("format", ["human", "json", "junit", "sarif", "github", "markdown"])
def test_a_second_run_proves_nothing_and_says_the_same(spteproof, small, proved, format):
    first = prove(spteproof, "--format", format, "--counterexamples", "all")
    assert sorted(proved) == ALL
    second = prove(spteproof, "--format", format, "--counterexamples", "all")
    assert sorted(proved) == ALL
    assert (second.status, timeless(second.out)) == (first.status, timeless(first.out))


def test_a_verdict_not_as_expected_is_so_the_second_time(spteproof, small, proved):
    small.write_text(SMALL.replace("losing {D}", "losing {W}"))
    first, second = prove(spteproof), prove(spteproof)
    assert (first.status, second.status) == (1, 1)
    assert timeless(first.out) == timeless(second.out)
    assert sorted(proved) == ALL


@pytest.mark.parametrize(
    "right, wrong, anew",
    [
        ("bit 8", "bit 7", ALL),
        ("spte & W {", "spte & A {", ALL),
        ("losing {D}", "losing {W}", ["age_stores"]),
        ("layout small {", "layout small  {", ALL),
    ],
)
def test_a_changed_text_is_proved_anew(spteproof, small, proved, right, wrong, anew):
    prove(spteproof)
    small.write_text(SMALL.replace(right, wrong))
    changed = prove(spteproof)
    assert sorted(proved) == sorted([*ALL, *anew])
    assert timeless(prove(spteproof, "--no-cache").out) == timeless(changed.out)


def test_what_only_moved_is_not_proved_again_and_told_where_it_is_now(spteproof, small, proved):
    """Lines before and between; other theorems that go, come and change places."""
    words = ("--format", "json", "--counterexamples", "all")
    prove(spteproof, *words)
    proved.clear()
    head, *theorems = re.split(r"^(?=theorem)", SMALL, flags=re.MULTILINE)
    more = "theorem more() for layout in small { u64 old = READ_ONCE(*sptep); prove preserves W; }\n"
    for text, anew in (
        ("// a remark\n\n" + SMALL, []),
        (head + "\n\n".join(reversed(theorems)), []),
        (more + head + theorems[0], ["more"]),
    ):
        small.write_text(text)
        kept = prove(spteproof, *words)
        assert proved == anew
        assert without_seconds(prove(spteproof, *words, "--no-cache").out) == without_seconds(kept.out)
        proved.clear()


def without_seconds(text):
    return re.sub(r'"seconds": [0-9.e-]+', "", text)


def test_words_that_tell_a_line_do_not_move(spteproof, small, proved):
    """A dead branch is told by its line, so that the theorem is proved again where this is another."""
    dead = "theorem dead() for layout in small { u64 old = READ_ONCE(*sptep); if (old != old) { *sptep = 0; } prove preserves W; }\n"
    small.write_text(SMALL + dead)
    first = prove(spteproof, "--verbose")
    assert "small.spte:" in first.out
    small.write_text("// one\n// two\n" + SMALL + dead)
    second = prove(spteproof, "--verbose")
    assert proved.count("dead") == 2 and proved.count("age_stores") == 1
    assert timeless(second.out) == timeless(prove(spteproof, "--verbose", "--no-cache").out)


def test_another_budget_is_proved_anew(spteproof, small, proved):
    prove(spteproof)
    prove(spteproof, "--timeout", "11")
    assert sorted(proved) == sorted(ALL + ALL)


def test_another_version_of_the_tool_proves_anew(spteproof, small, proved, monkeypatch):
    prove(spteproof)
    monkeypatch.setattr("spteproof.running.cache.version", lambda package: "another")
    prove(spteproof)
    assert sorted(proved) == sorted(ALL + ALL)


def test_a_run_in_one_layout_does_not_answer_for_all(spteproof, small, proved):
    prove(spteproof, "--layout", "no_dirty")
    whole = prove(spteproof)
    assert timeless(whole.out) == timeless(prove(spteproof, "--no-cache").out)


ERAS = """\
layout one { W = bit 1; }
interface mmu { predicate is_new(u64 x); }
era v1 implements mmu { predicate is_new(u64 x) = false; }
era v2 implements mmu { predicate is_new(u64 x) = true; }
lemma new(u64 x) for layout in one, era in v1, v2 { prove that is_new(x)    expect refuted, proved in v2; }
"""


def test_a_run_in_one_era_does_not_answer_for_all(spteproof, small, proved):
    small.write_text(ERAS)
    one = prove(spteproof, "--era", "v2")
    whole = prove(spteproof)
    assert "1 proved, 0 refuted" in one.out and "1 proved, 1 refuted" in whole.out
    assert proved == ["new", "new"]


def test_a_changed_text_leaves_what_does_not_use_it(spteproof, small, own_place, proved):
    other = own_place / "other.spte"
    other.write_text("layout other { B = bit 3; assert B == 8; }\n")
    spteproof("prove", ".", "--jobs", "1")
    other.write_text("layout other { B = bit 3; assert B == 9; }\n")
    assert spteproof("prove", ".", "--jobs", "1").status == 1
    assert sorted(proved) == sorted([*ALL, "other", "other"])


def test_a_changed_text_is_proved_anew_in_what_uses_it(spteproof, own_place, proved):
    (own_place / "below.spte").write_text("predicate holds(u64 x) = true;\n")
    (own_place / "between.spte").write_text(
        "use below;\nlayout one { W = bit 1; }\npredicate held(u64 x) = holds(x);\n"
    )
    (own_place / "above.spte").write_text("use between;\nlemma always(u64 x) { prove that held(x); }\n")
    assert spteproof("prove", "above.spte").status == 0
    (own_place / "below.spte").write_text("predicate holds(u64 x) = x;\n")
    assert spteproof("prove", "above.spte").status == 1
    assert proved == ["always", "always"]


def test_without_the_cache_nothing_is_used_or_kept(spteproof, small, proved):
    prove(spteproof, "--no-cache")
    assert not database().exists()
    prove(spteproof)
    prove(spteproof, "--no-cache")
    assert sorted(proved) == sorted(3 * ALL)


@pytest.mark.usefixtures("few_nodes")
def test_an_unknown_is_never_kept(spteproof, small, proved):
    small.write_text(LARGE.replace("layout small {", "layout small { assert W != A;"))
    assert [prove(spteproof).status, prove(spteproof).status] == [3, 3]
    assert sorted(proved) == ["keeps", "keeps", "small"]


def test_an_unknown_for_want_of_time_is_never_kept(spteproof, small, proved):
    words = ("--timeout", "0.00001", "--theorem", "age_*", "--layout", "small")
    assert [prove(spteproof, *words).status, prove(spteproof, *words).status] == [3, 3]
    assert proved.count("age_stores") == 2


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE verdicts SET value = replace(replace(value, 'proved', 'vacuous'), 'refuted', 'proved')",
        "UPDATE verdicts SET value = '[]'",
        "UPDATE verdicts SET value = 'no json'",
        "UPDATE verdicts SET digest = ''",
        "UPDATE verdicts SET value = NULL, digest = NULL",
        "UPDATE verdicts SET value = x'ff00', digest = 7",
        "DELETE FROM verdicts",
        "DROP TABLE verdicts",
        "ALTER TABLE verdicts RENAME COLUMN value TO other",
    ],
)
def test_a_damaged_entry_is_noticed_and_proved_anew(spteproof, small, proved, damage):
    first = prove(spteproof)
    with sqlite3.connect(database()) as connection:
        connection.execute(damage)
    connection.close()
    second = prove(spteproof)
    assert (second.status, second.err, timeless(second.out)) == (0, "", timeless(first.out))
    assert sorted(proved) == sorted(ALL + ALL)


def test_entries_that_changed_places_are_noticed(spteproof, small, proved):
    first = prove(spteproof)
    with sqlite3.connect(database()) as connection:
        rows = connection.execute("SELECT name, value, digest FROM verdicts ORDER BY name").fetchall()
        for (name, _, _), (_, value, digest) in zip(rows, rows[1:] + rows[:1], strict=True):
            connection.execute("UPDATE verdicts SET value = ?, digest = ? WHERE name = ?", (value, digest, name))
    connection.close()
    assert timeless(prove(spteproof).out) == timeless(first.out)
    assert sorted(proved) == sorted(ALL + ALL)


def test_one_byte_that_changed_anywhere_in_an_entry_is_noticed(spteproof, small, monkeypatch):
    """Each byte of what is kept of one theorem, with name and digest."""
    prove(spteproof, "--theorem", "age_stores")
    loaded = load([Path("small.spte")], library_root=LIBRARY)
    cache = Cache.open(loaded, Budget(timeout_seconds=10.0), enabled=True, library=loaded.library)
    name, value, digest = cache.connection.execute("SELECT * FROM verdicts").fetchone()
    assert cache.get("age_stores") is not None and len(value) > 1000
    for column, text in (("name", name), ("value", value), ("digest", digest)):
        for at in range(len(text)):
            changed = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
            cache.connection.execute(f"UPDATE verdicts SET {column} = ?", (changed,))
            assert cache.get("age_stores") is None
        cache.connection.execute(f"UPDATE verdicts SET {column} = ?", (text,))
    assert cache.get("age_stores") is not None
    cache.close()


def test_bytes_that_changed_anywhere_in_the_file_change_no_verdict(spteproof, small):
    """Whatever SQLite makes of it. The command says the same as ever, or the entries are not there."""
    prove(spteproof)
    whole, random = database().read_bytes(), Random(1)
    loaded = load([Path("small.spte")], library_root=LIBRARY)

    def entries():
        cache = Cache.open(loaded, Budget(timeout_seconds=10.0), enabled=True, library=loaded.library)
        found = [cache.get(name) for name in ALL]
        cache.close()
        return found

    right, seen = entries(), set()
    assert None not in right
    for _ in range(100):
        data = bytearray(whole)
        for _ in range(random.choice([1, 1, 4, 64])):
            data[random.randrange(random.choice([100, len(data)]))] ^= 1 << random.randrange(8)
        for each in database().parent.glob("verdicts.sqlite-*"):
            each.unlink()
        database().write_bytes(data)
        found = entries()
        assert all(each in (None, was) for each, was in zip(found, right, strict=True))
        seen.add(found == right)
    assert seen == {True, False}


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no owners")
@pytest.mark.parametrize("target, mode", [("folder", 0o777), ("file", 0o666), ("file", 0o660)])
def test_verdicts_that_others_could_have_written_are_not_believed(spteproof, small, proved, target, mode):
    prove(spteproof)
    (database() if target == "file" else database().parent).chmod(mode)
    assert prove(spteproof).status == 0
    assert sorted(proved) == sorted(ALL + ALL)


def test_nobody_else_may_read_or_write_what_is_kept(spteproof, small):
    before = os.umask(0)
    try:
        prove(spteproof)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (database().parent, database())]
    assert modes == [0o700, 0o600]


def test_two_runs_at_once_share_one_cache(small):
    words = [sys.executable, "-m", "spteproof", "prove", "small.spte", "--jobs", "1", "--format", "markdown"]
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    outs = [each.communicate(timeout=60) for each in both]
    assert [each.returncode for each in both] == [0, 0, 0] and [err for _, err in outs] == [b"", b"", b""]
    assert len({timeless(out.decode()) for out, _ in outs}) == 1
    with sqlite3.connect(database()) as connection:
        assert connection.execute("SELECT count(*) FROM verdicts").fetchone() == (len(ALL),)
    connection.close()


def test_another_run_that_never_ends_its_writing_is_no_obstacle(spteproof, small, monkeypatch):
    first = prove(spteproof)
    monkeypatch.setattr("spteproof.running.cache.BUSY_SECONDS", 0.1)
    with sqlite3.connect(database(), isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        small.write_text(SMALL + "\n")
        second = prove(spteproof)
        other.execute("ROLLBACK")
    other.close()
    assert (second.status, second.err, timeless(second.out)) == (0, "", timeless(first.out))


def test_verdicts_are_in_the_file_before_the_run_ends(spteproof, small, monkeypatch):
    """A run that is killed keeps what it has found."""
    monkeypatch.setattr("spteproof.running.cache.FLUSH_SECONDS", 0.0)
    monkeypatch.setattr(Cache, "close", lambda self: None)
    prove(spteproof)
    with sqlite3.connect(database()) as connection:
        assert connection.execute("SELECT count(*) FROM verdicts").fetchone() == (len(ALL),)
    connection.close()


@pytest.mark.parametrize("data", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_no_obstacle(spteproof, small, data):
    first = prove(spteproof)
    database().write_bytes(data)
    second = prove(spteproof)
    assert (second.status, second.err, timeless(second.out)) == (0, "", timeless(first.out))


def test_a_cut_file_is_no_obstacle(spteproof, small):
    first = prove(spteproof)
    data = database().read_bytes()
    database().write_bytes(data[: len(data) * 2 // 3])
    second = prove(spteproof)
    assert (second.status, second.err, timeless(second.out)) == (0, "", timeless(first.out))


@pytest.mark.parametrize("place", ["/dev/null/none", "/proc/none", "small.spte", "x" * 300])
def test_a_folder_that_cannot_be_used_is_no_obstacle(spteproof, small, monkeypatch, place):
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", place)
    answer = prove(spteproof)
    assert (answer.status, answer.err) == (0, "")


def test_a_cache_that_can_only_be_read_is_no_obstacle(spteproof, small, proved, monkeypatch):
    """Even for a user whom permissions do not bind."""
    first = prove(spteproof)
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **more: real(f"file:{path}?mode=ro", uri=True, **more))
    second = prove(spteproof)
    assert (second.status, second.err, timeless(second.out)) == (0, "", timeless(first.out))
    small.write_text(SMALL.replace("bit 8", "bit 7"))
    third = prove(spteproof)
    assert (third.status, third.err) == (0, "")


def test_the_cache_lies_where_the_users_caches_lie(spteproof, small, monkeypatch, tmp_path):
    monkeypatch.delenv("SPTEPROOF_CACHE_DIR")
    prove(spteproof)
    assert (tmp_path / "xdg" / "spteproof" / "verdicts.sqlite").exists()


def test_a_family_in_a_text_that_no_theorem_uses_says_what_is_asked_for(spteproof, own_place: Path):
    """A verdict that was kept of one layout hid that another, since in the family, is refuted."""
    text = "layout a { W = bit 0; }\nlayout b extends a { W = bit 1; }\n"
    text += "theorem t for layout in a, b against nobody { atomic64_or(1, sptep); prove changes only W; }\n"
    own_place.joinpath("t.spte").write_text(text)
    for family, status in (("a", 0), ("a, b", 1), ("a", 0)):
        own_place.joinpath("f.spte").write_text(f"use t;\nfamily f = {family};\n")
        for _ in range(2):
            run = spteproof("prove", "t.spte", "f.spte", "--layout", "f", "--jobs", "1")
            assert (run.status, run.out.count("refuted  b")) == (status, status)
