"""`watch` in a process of its own, with files that are saved, broken, half saved, renamed and taken away."""

import io
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spteproof.arguments import parser
from spteproof.watching.command import Watcher

pytest.importorskip("watchfiles", reason="no watchfiles: watch is not tried")

AGED = """\
layout small { W = bit 1; A = bit 8; D = bit 9; }
agent cpu lockless { step set_dirty: when spte & W { spte |= A | D; } }
"""
KEPT = "theorem kept() for layout in small against any number of cpu { atomic64_and(~A, sptep); prove preserves D; }\n"
STORED = KEPT.replace("atomic64_and(~A, sptep);", "u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~A);")
OTHER = KEPT.replace("kept", "other").replace("preserves D", "changes only A")


class Watched:
    """A running watch: what it says, bit by bit."""

    def __init__(self, *paths: str) -> None:
        command = [sys.executable, "-m", "spteproof", "watch", *paths, "--jobs", "1"]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        self.heard = ""

    def until(self, pattern: str, seconds: float = 40.0) -> str:
        """What is said up to the end of the pattern."""
        assert self.process.stdout is not None
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.heard, re.DOTALL)
            if found:
                said, self.heard = self.heard[: found.end()], self.heard[found.end() :]
                return said
            assert time.monotonic() < end and self.process.poll() is None, self.heard
            time.sleep(0.05)
            self.heard += (self.process.stdout.read() or b"").decode()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


@pytest.fixture
def watched() -> Iterator[object]:
    started: list[Watched] = []

    def start(*paths: str) -> Watched:
        started.append(Watched(*paths))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
        each.process.wait()


SUMMARY = r"\d+ proved, \d+ refuted in [^\n]*\n"


def test_only_what_changed_is_shown_and_ctrl_c_ends_it(watched, own_place: Path):
    text = own_place / "age.spte"
    text.write_text(AGED + KEPT + OTHER)
    watch = watched("age.spte")
    assert re.fullmatch(r"2 proved, 0 refuted in [\d.]+ s: all as expected\n", watch.until(SUMMARY))

    text.write_text(AGED + STORED + OTHER)
    said = watch.until(SUMMARY)
    assert "kept  preserves D\n  proved -> refuted, losing D; expected proved  in small" in said
    assert "cpu.set_dirty" in said and "other" not in said and "1 not as expected" in said

    text.write_text("")
    os.replace(_beside(text, AGED + KEPT + OTHER), text)
    said = watch.until(SUMMARY)
    assert "refuted, losing D; expected proved -> proved" in said
    assert watch.stop() == 130
    assert watch.process.stdout is not None
    assert "Traceback" not in (watch.process.stdout.read() or b"").decode()


def _beside(text: Path, new: str) -> Path:
    """As editors save: a new file in the old one's place."""
    other = text.with_suffix(".new")
    other.write_text(new)
    return other


def test_a_broken_text_is_told_once_and_the_watch_goes_on(watched, own_place: Path):
    text = own_place / "age.spte"
    text.write_text(AGED + KEPT[:-20])
    watch = watched("age.spte")
    assert "error[" in watch.until(r"errors?\n")
    text.write_text(AGED + KEPT)
    assert "proved" in watch.until(SUMMARY)
    text.unlink()
    assert "the verdicts before stand" in watch.until("stand\n")
    text.write_text(AGED + KEPT.replace("preserves D", "preserves D    expect refuted"))
    assert "proved -> proved; expected refuted" in watch.until(SUMMARY)


def test_a_saved_module_touches_what_uses_it_and_nothing_else(watched, own_place: Path):
    (own_place / "base.spte").write_text(AGED)
    (own_place / "user.spte").write_text("use base;\n" + KEPT)
    (own_place / "loner.spte").write_text(
        AGED.replace("small", "lone").replace("cpu", "walk") + OTHER.replace("small", "lone").replace("cpu", "walk")
    )
    watch = watched("user.spte", "loner.spte")
    watch.until(SUMMARY)
    (own_place / "base.spte").write_text(AGED + "\n// a remark\n")
    assert "no verdict changed (1 of 2 proved again)" in watch.until(SUMMARY)


def test_a_new_file_in_a_folder_is_found(watched, own_place: Path):
    (own_place / "one.spte").write_text(AGED + KEPT)
    watch = watched(".")
    watch.until(SUMMARY)
    (own_place / "two.spte").write_text("use one;\n" + OTHER)
    said = watch.until(SUMMARY)
    assert "other  changes only A\n  not there -> proved  in small" in said


BOTH = KEPT.replace("preserves D", "preserves W | D").replace("cpu {", "cpu, clearer {")
CLEARED = BOTH.replace("atomic64_and(~A, sptep);", "u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, 0);")
CLEARER = "agent clearer lockless { step clear: when spte & W { spte &= ~W; } }\n"
BROKEN = "kept  preserves D\n  proved -> refuted, losing D; expected proved  in small\n"


class Rounds:
    """A watch of one file, round by round: `said` is all that it told, and `told` what is done at each telling."""

    def __init__(self, text: Path, *words: str) -> None:
        self.text, self.said = text, [""]
        self.told = lambda: None
        self.watcher = Watcher(
            parser().parse_args(["watch", text.name, "--jobs", "1", "--no-cache", *words]), self._tell
        )

    def _tell(self, words: str) -> None:
        self.said.append(words)
        self.told()

    def save(self, text: str) -> list[str]:
        """What a round says of a text."""
        self.said.clear()
        self.text.write_text(text)
        self.watcher.round()
        return self.said


@pytest.fixture
def rounds(own_place: Path):
    def begin(text: str, *words: str) -> Rounds:
        begun = Rounds(own_place / "age.spte", *words)
        begun.save(text)
        return begun

    return begin


def test_the_verdict_is_told_before_its_counterexample_and_nothing_is_told_twice(rounds):
    watch = rounds(AGED + KEPT + OTHER)
    change, picture, summary = watch.save(AGED + STORED + OTHER)
    assert change == BROKEN
    assert picture.startswith("\nkept: refuted in small, losing {D}\n") and "cpu.set_dirty" in picture
    assert re.fullmatch(SUMMARY, summary) and "1 not as expected" in summary and "->" not in picture + summary
    assert watch.save(AGED + STORED + OTHER + "// a remark\n") == []
    (nothing, _) = watch.save(AGED + STORED + OTHER.replace(";", " ;"))
    assert nothing == "no verdict changed (1 of 2 proved again)\n"


@pytest.mark.parametrize("before", [AGED + KEPT, AGED], ids=["proved before", "new"])
def test_what_no_worker_decided_is_not_as_expected(rounds, monkeypatch, before):
    from spteproof.running.runs import WithoutWorkers

    def dies(library, names, *rest, **more):
        raise WithoutWorkers(*names)

    watch = rounds(before + OTHER)
    with monkeypatch.context() as without:
        without.setattr("spteproof.running.phased.run_in_phases", dies)
        *_, summary = watch.save(AGED + STORED + OTHER)
        assert summary.startswith("1 proved, 0 refuted in ") and summary.endswith(": 1 left without a verdict\n")
    *_, summary = watch.save(AGED + KEPT + OTHER.replace(";", " ;"))
    assert summary.startswith("2 proved, 0 refuted in ") and summary.endswith(": all as expected\n")


def test_asserts_of_a_layout_that_change_alike_are_told_in_one_line(rounds):
    asserting = AGED.replace("D = bit 9;", "D = bit 9; assert A == BIT_ULL(8); assert D == BIT_ULL(9); assert W == 2;")
    watch = rounds(asserting + KEPT)
    gone, kept, *_ = watch.save(
        "layout other { W = bit 1; A = bit 8; D = bit 9; }\n"
        + KEPT.replace("small against any number of cpu", "other against nobody")
    )
    assert gone == "layout small  3 asserts\n  proved -> not there\n"
    assert kept.startswith("kept  preserves D\n")
    watch.save(asserting + KEPT)
    moved = watch.save(asserting.replace("bit 9; assert", "bit 10; assert") + KEPT)[0]
    assert moved.startswith("small  assert D == BIT_ULL(9)\n  proved -> refuted")


def test_the_first_round_tells_what_is_wrong_and_then_draws_it(rounds):
    said = rounds(AGED + STORED + OTHER).said
    assert said[0] == "kept  preserves D\n  refuted, losing D; expected proved  in small\n"
    assert "cpu.set_dirty" in said[1] and len(said) == 3


def test_bits_that_only_the_search_finds_are_told_after_it(rounds):
    """One execution lost some bit; that another can be lost as well is not said as if the verdict had changed."""
    text = AGED.replace("W | D", "D") + CLEARER
    change, picture, _ = rounds(text + BOTH).save(text + CLEARED)
    assert re.fullmatch(
        r"kept  preserves W \| D\n  proved -> refuted, losing [WD ]+; expected proved  in small\n", change
    )
    early = change.split("losing ")[1].split(";")[0]
    assert early == "W D" or "kept  preserves W | D\n  losing W D in all  in small\n" in picture


def test_other_bits_of_what_was_refuted_before_wait_for_the_search(rounds):
    text = AGED + CLEARER
    watch = rounds(text + CLEARED)
    (nothing, _) = watch.save(text + CLEARED.replace("0);", "0 & old);"))
    assert nothing.startswith("no verdict changed")
    told, _ = watch.save(text + CLEARED.replace("0);", "old & W);"))
    assert "refuted, losing W D; expected proved -> refuted, losing " in told and told.count("->") == 1


def test_saved_again_between_verdict_and_counterexample_the_next_round_goes_on(rounds):
    watch = rounds(AGED + KEPT + OTHER)
    again = iter([lambda: watch.text.write_text(AGED + STORED + OTHER + "// and again\n")])
    watch.told = lambda: next(again, lambda: None)()
    assert watch.save(AGED + STORED + OTHER) == [BROKEN]
    watch.said.clear()
    watch.watcher.rounds()
    picture, summary = watch.said
    assert picture.startswith("\nkept: refuted in small, losing {D}\n") and "1 not as expected" in summary


def test_repaired_between_the_two_it_is_told_and_nothing_is_drawn(rounds):
    watch = rounds(AGED + KEPT + OTHER)
    again = iter([lambda: watch.text.write_text(AGED + KEPT + OTHER)])
    watch.told = lambda: next(again, lambda: None)()
    assert watch.save(AGED + STORED + OTHER) == [BROKEN]
    watch.said.clear()
    watch.watcher.round()
    change, summary = watch.said
    assert (
        change.endswith("  refuted, losing D; expected proved -> proved  in small\n") and "all as expected" in summary
    )
    assert not watch.watcher.state.unfinished and not watch.watcher.state.early


def test_broken_between_the_two_the_verdicts_told_stand(rounds):
    watch = rounds(AGED + KEPT)
    again = iter([lambda: watch.text.write_text(AGED + STORED[:-20])])
    watch.told = lambda: next(again, lambda: None)()
    assert watch.save(AGED + STORED) == [BROKEN]
    watch.watcher.round()
    assert "the verdicts before stand" in watch.said[-1]
    picture, _ = watch.save(AGED + STORED)
    assert "cpu.set_dirty" in picture and "->" not in picture


def test_a_round_that_a_save_ended_is_followed_by_one_that_ends(rounds):
    watch = rounds(AGED + KEPT)
    again = iter([lambda: watch.text.write_text(AGED + STORED + "// and again\n")])
    watch.told = lambda: next(again, lambda: None)()
    watch.said.clear()
    watch.text.write_text(AGED + STORED)
    watch.watcher.rounds()
    assert watch.said[0] == BROKEN and "cpu.set_dirty" in watch.said[1] and len(watch.said) == 3


def test_stopped_between_the_two_no_worker_is_left(rounds):
    watch = rounds(AGED + KEPT)

    def stop() -> None:
        raise KeyboardInterrupt

    watch.told = stop
    with pytest.raises(KeyboardInterrupt):
        watch.save(AGED + STORED)
    assert watch.said == [BROKEN] and not multiprocessing.active_children()


def test_progress_on_a_terminal_leaves_the_line_before_something_is_told(rounds, monkeypatch):
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", terminal)
    watch = rounds(AGED + KEPT + OTHER)
    shown = []
    watch.told = lambda: shown.append(terminal.getvalue())
    watch.save(AGED + STORED + OTHER)
    assert "/2] other" in shown[-1] and all(each.endswith("\r\x1b[K") for each in shown)


def test_only_the_first_words_of_a_round_clear_the_screen(rounds):
    watch = rounds(AGED + KEPT, "--clear", "always")
    said = watch.save(AGED + STORED)
    assert [each.startswith("\x1b[2J\x1b[H") for each in said] == [True, False, False]


def test_what_cannot_be_watched_is_refused(spteproof):
    answer = spteproof("watch", "missing.spte")
    assert answer.status == 2 and "there is no such file or folder" in answer.err


def test_without_the_library_the_call_says_what_to_install(spteproof, small, monkeypatch):
    monkeypatch.setattr("spteproof.watching.command.find_spec", lambda name: None)
    answer = spteproof("watch", small)
    assert answer.status == 2 and "pip install 'spteproof[watch]'" in answer.err


def test_a_family_in_another_text_that_changes_is_proved_anew(rounds, own_place: Path):
    text = "layout a { W = bit 0; }\nlayout b extends a { W = bit 1; }\n"
    text += "theorem t for layout in a, b against nobody { atomic64_or(1, sptep); prove changes only W; }\n"
    families = own_place / "f.spte"
    families.write_text("use age;\nfamily f = a;\n")
    watch = rounds(text, families.name, "--layout", "f")
    families.write_text("use age;\nfamily f = a, b;\n")
    assert any("refuted" in each for each in watch.save(text))
