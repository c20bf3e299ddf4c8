"""Bundles of certificates: written whole or not at all, valid with the texts they were made from, and invalid as soon as
one byte is another."""

import errno
import json
import os
import random
import shutil
from pathlib import Path

import pytest

from spteproof.certifying import store as stores
from spteproof.certifying.store import Store
from spteproof.certifying.writing import MANIFEST, Bundle
from spteproof.solver.certificates.making import Disagreement
from spteproof.solver.z3_solver import Solver

SYMBOLIC = """layout one { W = some bit; A = some bit; D = bit 9; C = some bit; disjoint(W, A, D); invariant i: (spte & D) -> (spte & W); }
agent cpu lockless { step s: when (spte & W) && !(spte & C) { spte |= D; } step t: saw (spte & D) { spte |= A; } }
theorem t for layout in one against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    retry {
        u64 now = READ_ONCE(*sptep);
        bool done = try_cmpxchg64(sptep, &now, now & ~A);
    } until (done);
    prove preserves W;
    prove preserves A expect refuted;
}
"""


def outcome(answer):
    """The word after the folder's name in the first line."""
    return answer.out.splitlines()[0].split(": ")[1].split(",")[0]


# What is right is valid


def test_a_bundle_with_its_texts_is_valid(spteproof, bundle):
    answer = spteproof("verify", bundle, "--spec", "small.spte")
    assert (answer.status, outcome(answer)) == (0, "valid")
    assert answer.out.startswith("made: valid\n") and "its texts" not in answer.out
    assert "the obligations are those of the texts; 1 execution replayed" in answer.out
    assert "by arguments of docs/soundness.md besides: evaluation (2)" in answer.out


def test_a_bundle_is_valid_by_the_texts_that_it_holds(spteproof, bundle, small):
    small.unlink()
    bundle.rename("elsewhere")
    answer = spteproof("verify", "elsewhere", "--jobs", "2")
    assert answer.status == 0 and answer.out.startswith("elsewhere: valid, by the texts that it holds\n")
    assert "the obligations are those of the texts; 1 execution replayed" in answer.out
    assert answer.out.endswith("  its texts, in elsewhere/texts: 1 of its own\n")


def test_each_verdict_is_listed_on_demand(spteproof, bundle):
    out = spteproof("verify", bundle, "--verbose").out
    assert "  refuted in small: preserves W | D (replayed)\n" in out
    assert "  proved in no_dirty: preserves W | D (complete)\n" in out


def test_symbolic_layouts_retries_and_stale_reads_are_certified(spteproof, own_place):
    (own_place / "s.spte").write_text(SYMBOLIC)
    assert spteproof("prove", "s.spte", "--certify", "made").status == 0
    answer = spteproof("verify", "made", "--spec", "s.spte")
    assert (answer.status, outcome(answer)) == (0, "valid"), answer.out
    assert "placements (" in answer.out and "retries (" in answer.out


SETS_W, SETS_A = (f"retry {{ }} until (try_cmpxchg64(sptep, &old, old | {bit}));" for bit in "WA")


@pytest.mark.parametrize("agents, own", [(SETS_W, SETS_A), (SETS_A, SETS_A), (SETS_A, SETS_A + SETS_W)])
def test_exchanges_of_several_retries_are_each_shown_to_refresh_what_they_compare(spteproof, own_place, agents, own):
    read = "u64 old = READ_ONCE(*sptep);"
    (own_place / "t.spte").write_text(
        f"layout one {{ W = bit 1; A = bit 8; }}\nagent loops lockless {{ {read} {agents} }}\n"
        f"theorem t against any number of loops {{ {read} {own} prove preserves 16; prove always !(start & W) || W; }}\n"
    )
    assert spteproof("prove", "t.spte", "--certify", "made", "--jobs", "1").status == 0
    answer = spteproof("verify", "made", "--jobs", "1")
    assert answer.status == 0, answer.out


def test_a_narrowed_run_is_confirmed_as_narrow_as_it_was(spteproof, small):
    words = ("--layout", "small", "--theorem", "age_*", "--certify", "made")
    assert spteproof("prove", "small.spte", *words).status == 0
    answer = spteproof("verify", "made", "--spec", "small.spte")
    assert (answer.status, outcome(answer)) == (0, "valid"), answer.out
    assert "  asked of these layouts alone: small\n" in answer.out
    assert "  not in the bundle: 2 theorems and layouts of the texts (small, no_dirty)\n" in answer.out


CHANCE = """layout one { W = bit 1; A = bit 8; D = bit 9; }
agent cpu lockless { step s: when spte & W { spte |= A | D; } step t: saw (spte & D) { spte |= W; } }
helper clear(u64 old, u64 mask) {
    if (old & W) { WRITE_ONCE(*sptep, old & ~mask); } else { atomic64_andnot(mask, sptep); }
}
theorem t(u64 mask in {W, A, D}) for layout in one against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    clear(old, mask);
    prove preserves W | A | D except mask    expect refuted;
    prove changes only mask                  expect refuted;
}
"""


def test_what_a_search_finds_on_its_way_changes_no_later_obligation_and_places_do_not_matter(spteproof, own_place):
    (own_place / "t.spte").write_text(CHANCE)
    assert spteproof("prove", "t.spte", "--certify", "made", "--jobs", "1").status == 0
    (own_place / "below").mkdir()
    (own_place / "t.spte").rename(own_place / "below" / "other.spte")
    answer = spteproof("verify", "made", "--spec", "below/other.spte")
    assert (answer.status, outcome(answer)) == (0, "valid"), answer.out


def test_two_runs_write_the_same_bytes(spteproof, bundle):
    assert spteproof("prove", "small.spte", "--certify", "again", "--jobs", "2").status == 0
    for name in Store(bundle).files():
        assert (bundle / name).read_bytes() == (Path("again") / name).read_bytes()
    assert Store(bundle).files() == Store(Path("again")).files()


# One byte


def flipped(is_sound, folder, name, at, mask):
    path = folder / name
    data = path.read_bytes()
    path.write_bytes(data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :])
    try:
        return is_sound(folder)
    finally:
        path.write_bytes(data)


def test_each_byte_of_a_small_bundle_counts(tiny, is_sound):
    assert is_sound(tiny)
    source, count = random.Random(1), 0
    for name in sorted(Store(tiny).files()):
        for at in range(len((tiny / name).read_bytes())):
            assert not flipped(is_sound, tiny, name, at, 1 << source.randrange(8)), (name, at)
            count += 1
    assert count > 1000 and is_sound(tiny)


def test_bytes_of_a_larger_bundle_count(bundle, is_sound):
    source = random.Random(2)
    for name in source.choices(sorted(Store(bundle).files()), k=60):
        at = source.randrange(len((bundle / name).read_bytes()))
        assert not flipped(is_sound, bundle, name, at, 1 << source.randrange(8)), (name, at)


def test_a_file_that_is_gone_cut_off_or_too_many_is_noticed(tiny, is_sound):
    store = Store(tiny)
    for name in sorted(store.files()):
        data = (tiny / name).read_bytes()
        for other in (None, data[:-1], data + b"\n", b""):
            (tiny / name).unlink() if other is None else (tiny / name).write_bytes(other)
            assert not is_sound(tiny), (name, other)
            (tiny / name).write_bytes(data)
    (tiny / "objects" / "stray").write_text("")
    assert not is_sound(tiny)


def test_what_unpacks_to_too_much_is_refused(tiny, monkeypatch, is_sound):
    monkeypatch.setattr(stores, "MOST_BYTES", 100)
    assert not is_sound(tiny)


def test_a_link_is_no_file_of_a_bundle(tiny, tmp_path, is_sound):
    shutil.copy(tiny / MANIFEST, tmp_path / "elsewhere")
    (tiny / MANIFEST).unlink()
    (tiny / MANIFEST).symlink_to(tmp_path / "elsewhere")
    assert not is_sound(tiny)


@pytest.mark.parametrize("name", [MANIFEST, "texts/spec/l.spte", "objects", "more"])
def test_what_may_not_be_read_is_not_called_invalid(spteproof, tiny, monkeypatch, name):
    (tiny / "more").mkdir()

    def refuses(does):
        def call(path, *more, **named):
            if str(path).startswith(str(tiny / name)):
                raise PermissionError(13, "Permission denied", str(path))
            return does(path, *more, **named)

        return call

    for where, does in ((Path, "read_bytes"), (os, "scandir")):
        monkeypatch.setattr(where, does, refuses(getattr(where, does)))
    answer = spteproof("verify", tiny, "--jobs", "1")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(f"spteproof: cannot read {tiny / name}") and "Permission denied" in answer.err


# Texts that are others


def test_a_text_that_was_changed_makes_the_bundle_invalid(spteproof, bundle, small):
    small.write_text(small.read_text().replace("// ", "") + "\n")
    answer = spteproof("verify", bundle, "--spec", "small.spte")
    assert (answer.status, outcome(answer)) == (1, "invalid")
    assert "small.spte is not the text that the certificates were made from" in answer.out


def test_another_text_makes_the_bundle_invalid(spteproof, bundle, own_place):
    (own_place / "l.spte").write_text("layout one { W = bit 1; } lemma l(u64 v) { prove that (v | W) & W; }\n")
    answer = spteproof("verify", bundle, "--spec", "l.spte")
    assert answer.status == 1 and "the texts have no `age_stores`" in answer.out


# Places


def test_a_folder_that_holds_something_else_is_left_alone(spteproof, small):
    Path("mine").mkdir()
    Path("mine/notes").write_text("mine")
    answer = spteproof("prove", "small.spte", "--certify", "mine")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == "spteproof: cannot write mine: the folder is not empty, and no bundle of certificates\n"
    assert Path("mine/notes").read_text() == "mine"


@pytest.mark.parametrize("place", ["small.spte", "nowhere/made"])
def test_a_place_that_cannot_be_is_refused_before_the_work(spteproof, small, place):
    answer = spteproof("prove", "small.spte", "--certify", place)
    assert answer.status == 2 and answer.err.startswith(f"spteproof: cannot write {place}: ")


def test_an_older_bundle_and_an_empty_folder_are_replaced(spteproof, bundle):
    Path("empty").mkdir()
    for place in ("made", "empty"):
        assert spteproof("prove", "small.spte", "--certify", place, "--theorem", "age_clears").status == 0
        assert list(json.loads((Path(place) / MANIFEST).read_text())["parts"]) == ["age_clears"]
    assert sorted(os.listdir()) == ["empty", "made", "small.spte"]


def test_what_is_not_a_bundle_is_invalid(spteproof, own_place):
    (own_place / "empty").mkdir()
    answer = spteproof("verify", "empty")
    assert (answer.status, outcome(answer)) == (1, "invalid")


@pytest.mark.parametrize("place, said", [("nowhere", "does not exist"), ("small.spte", "is no folder")])
def test_what_cannot_be_a_bundle_is_a_wrong_call(spteproof, small, place, said):
    answer = spteproof("verify", place)
    assert (answer.status, answer.out) == (2, "")
    assert f"spteproof: {place} {said}: `verify` wants the folder that `prove --certify` wrote\n" == answer.err


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_disk_leaves_nothing(spteproof, small, monkeypatch, jobs):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(stores.tempfile, "mkstemp", full)
    answer = spteproof("prove", "small.spte", "--certify", "made", "--jobs", jobs)
    assert (answer.status, answer.err) == (2, "spteproof: cannot write certificates: No space left on device\n")
    assert os.listdir() == ["small.spte"]


def test_a_run_that_is_stopped_leaves_nothing(spteproof, small, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("spteproof.certifying.writing.Bundle.hear", stopped)
    assert spteproof("prove", "small.spte", "--certify", "made", "--jobs", "1").status == 130
    assert os.listdir() == ["small.spte"]


# What has no certificate


def test_an_instance_that_was_given_up_is_a_hole(spteproof, small, monkeypatch):
    real = Bundle._note

    def dies(self, name, number, *more):
        if (name, number) == ("age_clears", 0):
            os._exit(1)
        real(self, name, number, *more)

    with monkeypatch.context() as patch:
        patch.setattr(Bundle, "_note", dies)
        assert spteproof("prove", "small.spte", "--certify", "made", "--theorem", "age_*").status == 3
    manifest = json.loads((Path("made") / MANIFEST).read_text())
    assert manifest["lost"] == ["age_clears"] and manifest["parts"]["age_clears"][0] is None
    answer = spteproof("verify", "made", "--spec", "small.spte")
    assert answer.status == 3 and "age_clears: instances without a verdict" in answer.out


def test_a_bundle_of_nothing_but_what_was_given_up_is_all_holes(spteproof, own_place):
    """Its texts are those of a theorem of which it has no part."""
    (own_place / "l.spte").write_text("layout o { W = bit 1; } lemma l(u64 v) { prove that v == v; }\n")
    given = ("--certify", "made", "--instance-timeout", "0.000001", "--jobs", "1")
    assert spteproof("prove", "l.spte", *given).status == 3
    manifest = json.loads((Path("made") / MANIFEST).read_text())
    assert manifest["parts"] == {} and manifest["lost"] == ["l"]
    answer = spteproof("verify", "made")
    assert answer.status == 3 and "l: instances without a verdict" in answer.out


def test_where_the_tool_at_hand_breaks_down_the_bundle_is_not_to_blame(spteproof, own_place, monkeypatch):
    def broken(*_):
        raise RuntimeError("of this machine")

    (own_place / "t.spte").write_text(
        "layout one { W = bit 1; invariant i: spte & W; }\n"
        "theorem t { *sptep &= ~W; prove preserves W expect refuted; prove keeps invariants expect refuted; }\n"
    )
    assert spteproof("prove", "t.spte", "--certify", "made", "--jobs", "1").status == 0
    monkeypatch.setattr("spteproof.solver.counterexamples.Hunt.go", broken)
    answer = spteproof("verify", "made", "--jobs", "1")
    assert answer.status == 3, answer.out
    assert "taken on trust: 1 verdict: its questions could not be compared with those of the texts\n" in answer.out


def test_where_the_solver_gives_up_and_other_questions_follow_the_bundle_is_not_to_blame(
    spteproof, own_place, monkeypatch
):
    real = Solver._answer

    def gives_up(solver, assumed):
        return None if [str(each) for each in assumed] == ["matters0"] else real(solver, assumed)

    (own_place / "t.spte").write_text(
        "layout one { W = bit 1; }\n"
        "theorem t { u64 old; retry { old = READ_ONCE(*sptep); } until (try_cmpxchg64(sptep, &old, old | W));\n"
        "prove preserves W; }\n"
    )
    assert spteproof("prove", "t.spte", "--certify", "made", "--jobs", "1").status == 0
    monkeypatch.setattr(Solver, "_answer", gives_up)
    answer = spteproof("verify", "made", "--jobs", "1")
    assert answer.status == 3 and "its questions could not be compared with those of the texts" in answer.out, (
        answer.out
    )


def test_without_python_sat_the_call_is_refused(spteproof, small, monkeypatch):
    monkeypatch.setattr("spteproof.certifying.writing.find_spec", lambda name: None)
    answer = spteproof("prove", "small.spte", "--certify", "made")
    assert (answer.status, answer.err) == (
        2,
        "spteproof: certificates need python-sat: pip install 'spteproof[certify]'\n",
    )


def test_what_is_too_hard_is_a_hole(spteproof, own_place, monkeypatch):
    (own_place / "l.spte").write_text(
        "layout one { W = bit 1; }\nlemma l(u64 v, u64 w) for layout in one { prove that (v & w) + (v | w) == v + w; }\n"
    )
    monkeypatch.setattr("spteproof.solver.certificates.making.CONFLICTS", 1)
    assert spteproof("prove", "l.spte", "--certify", "made").status == 0
    answer = spteproof("verify", "made", "--spec", "l.spte")
    assert (answer.status, outcome(answer)) == (3, "holey")
    assert "taken on trust: 1 verdict: program: too hard for the solver that writes proofs" in answer.out


def test_solvers_that_disagree_give_no_verdict(spteproof, small, monkeypatch):
    def disagrees(text, asked):
        raise Disagreement("the solver that writes proofs answers yes")

    monkeypatch.setattr("spteproof.solver.certificates.parts.refuted_text", disagrees)
    answer = spteproof("prove", "small.spte", "--certify", "made", "--theorem", "age_clears", "--format", "json")
    verdicts = {(each["verdict"], each["reason"]) for each in json.loads(answer.out)["results"]}
    reason = "internal error: the solvers are in disagreement: the solver that writes proofs answers yes"
    assert verdicts == {("unknown", reason)} and answer.status == 4


# Other checkers


def program(folder, name, says):
    path = folder / name
    path.write_text(f'#!/bin/sh\ntest -s "$1" && test -s "$2" && echo "{says}"\n')
    path.chmod(0o755)


@pytest.mark.parametrize("says, status", [("s VERIFIED", 0), ("s NOT VERIFIED", 1), ("nothing", 1)])
@pytest.mark.parametrize("name", ["cake_lpr", "lrat-check", "drat-trim"])
def test_a_checker_on_the_path_is_asked_too(spteproof, tiny, tmp_path, monkeypatch, name, says, status):
    program(tmp_path, name, says)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("spteproof.certifying.verifying._CHECKED", {})
    answer = spteproof("verify", tiny)
    assert answer.status == status
    assert (f"checked here and by {name}" if status == 0 else f"{name} does not accept the refutation") in answer.out


@pytest.mark.parametrize(
    "does, why",
    [
        ("kill -9 $$", "it was ended by SIGKILL"),
        ("exit 139", "it was ended by SIGSEGV"),
        ("echo CakeML heap space exhausted. >&2; exit 1", "it had too little memory"),
    ],
)
def test_a_checker_that_gives_no_answer_leaves_a_hole(spteproof, tiny, tmp_path, monkeypatch, does, why):
    program(tmp_path, "cake_lpr", f's VERIFIED UNSAT"; {does}; "')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("spteproof.certifying.verifying._CHECKED", {})
    answer = spteproof("verify", tiny)
    assert (answer.status, outcome(answer)) == (3, "holey")
    assert f"  taken on trust: 2 refutations, checked by this tool: cake_lpr gave no answer: {why}\n" in answer.out


def test_a_checker_that_is_not_there_is_an_error(spteproof, tiny, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    answer = spteproof("verify", tiny, "--checker", "cake_lpr")
    assert (answer.status, answer.err) == (2, "spteproof: cake_lpr is not installed\n")


def test_dratify_accepts_the_refutations(spteproof, bundle, monkeypatch):
    pytest.importorskip("dratify", reason="dratify is not installed")
    monkeypatch.setattr("spteproof.certifying.verifying._CHECKED", {})
    assert "checked here and by dratify" in spteproof("verify", bundle, "--checker", "dratify").out


def test_second_opinions_and_certificates_can_be_had_at_once(spteproof, small):
    words = ("prove", "small.spte", "--certify", "made", "--cross-check=enumeration")
    answer = spteproof(*words, "--theorem", "age_*", "--format", "json")
    confirmed = [each["confirmed"] for each in json.loads(answer.out)["summary"]["second_opinions"]]
    assert answer.status == 0 and sum(confirmed) > 5
    assert spteproof("verify", "made", "--spec", "small.spte").status == 0
