"""Bundles of certificates: written whole or not at all, valid with the texts they were made from, and invalid as soon as
one byte is another."""

import errno
import hashlib
import json
import os
import random
import shutil
from pathlib import Path

import pytest

from spteproof.certifying import store as stores
from spteproof.certifying.checkers import Checkers
from spteproof.certifying.store import Spoilt, Store
from spteproof.certifying.verifying import judged, manifest_of
from spteproof.certifying.writing import DIGEST, MANIFEST, Bundle
from spteproof.solver.certificates import following
from spteproof.solver.certificates.making import Disagreement, refuted_text
from spteproof.solver.certificates.obligations import asserted
from spteproof.solver.certificates.parts import canonical

pytest.importorskip("pysat", reason="python-sat is not installed")

LEMMA = """layout one { W = bit 1; }
lemma l(u64 v) for layout in one { prove that (v & W) == 0 || (v | W) == v; }
"""
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


@pytest.fixture
def bundle(spteproof, small):
    """The bundle of the small text: proofs, a refutation, an evaluated assert."""
    assert spteproof("prove", "small.spte", "--certify", "made", "--jobs", "1").status == 0
    return Path("made")


@pytest.fixture
def tiny(spteproof, own_place):
    """The bundle of one lemma."""
    (own_place / "l.spte").write_text(LEMMA)
    assert spteproof("prove", "l.spte", "--certify", "tiny", "--jobs", "1").status == 0
    return Path("tiny")


def forged(folder, change, theorem):
    """The bundle with one part changed, all digests put right: what somebody would do who wants to deceive."""
    store = Store(folder)
    manifest = json.loads(store.read(MANIFEST))
    made = manifest["parts"][theorem]
    for number, name in enumerate(made):
        part = json.loads(store.get(name))
        change(part, store)
        made[number] = store.put("json", canonical(part))
        if made[number] != name:
            (folder / name).unlink()
    data = json.dumps(manifest).encode()
    (folder / MANIFEST).write_bytes(data)
    (folder / DIGEST).write_text(hashlib.sha256(data).hexdigest() + "\n")


def restated(folder, change):
    """The bundle with its manifest changed, its digest put right."""
    manifest = json.loads((folder / MANIFEST).read_text())
    change(manifest)
    data = json.dumps(manifest).encode()
    (folder / MANIFEST).write_bytes(data)
    (folder / DIGEST).write_text(hashlib.sha256(data).hexdigest() + "\n")


# What is right is valid


def test_a_bundle_with_its_texts_is_valid(spteproof, bundle):
    answer = spteproof("verify", bundle, "--spec", "small.spte")
    assert (answer.status, outcome(answer)) == (0, "valid")
    assert "the obligations are those of the texts at hand; 1 execution replayed" in answer.out
    assert "by arguments of docs/soundness.md besides: evaluation (2)" in answer.out


def test_without_the_texts_refutations_are_taken_on_trust(spteproof, bundle):
    answer = spteproof("verify", bundle, "--jobs", "2")
    assert (answer.status, outcome(answer)) == (3, "holey")
    assert answer.out.startswith("made: holey, obligations taken as given\n")
    assert "taken on trust: 3 verdicts that are refuted or evaluated: only the texts can show it" in answer.out


def test_proofs_alone_are_valid_without_the_texts(spteproof, tiny):
    answer = spteproof("verify", tiny)
    assert answer.out.startswith("tiny: valid, obligations taken as given\n") and answer.status == 0


def test_each_verdict_is_listed_on_demand(spteproof, bundle):
    out = spteproof("verify", bundle, "--verbose").out
    assert "  refuted in small: preserves W | D (to be replayed)\n" in out
    assert "  proved in no_dirty: preserves W | D (complete)\n" in out


def test_symbolic_layouts_retries_and_stale_reads_are_certified(spteproof, own_place):
    (own_place / "s.spte").write_text(SYMBOLIC)
    assert spteproof("prove", "s.spte", "--certify", "made").status == 0
    answer = spteproof("verify", "made", "--spec", "s.spte")
    assert (answer.status, outcome(answer)) == (0, "valid"), answer.out
    assert "placements (" in answer.out and "retries (" in answer.out


def test_a_narrowed_run_is_confirmed_as_narrow_as_it_was(spteproof, small):
    words = ("--layout", "small", "--theorem", "age_*", "--certify", "made")
    assert spteproof("prove", "small.spte", *words).status == 0
    answer = spteproof("verify", "made", "--spec", "small.spte")
    assert (answer.status, outcome(answer)) == (0, "valid"), answer.out
    assert "  asked of these layouts alone: small\n" in answer.out
    assert "  not in the bundle: 2 theorems and layouts of the texts at hand (small, no_dirty)\n" in answer.out


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


def is_sound(folder):
    """Whether the files alone are beyond reproach."""
    store = Store(folder)
    try:
        manifest = manifest_of(store)
        return not any(each.problems for each in judged(store, manifest, 1, Checkers(())))
    except Spoilt:
        return False


def flipped(folder, name, at, mask):
    path = folder / name
    data = path.read_bytes()
    path.write_bytes(data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :])
    try:
        return is_sound(folder)
    finally:
        path.write_bytes(data)


def test_each_byte_of_a_small_bundle_counts(tiny):
    assert is_sound(tiny)
    source, count = random.Random(1), 0
    for name in sorted(Store(tiny).files()):
        for at in range(len((tiny / name).read_bytes())):
            assert not flipped(tiny, name, at, 1 << source.randrange(8)), (name, at)
            count += 1
    assert count > 1000 and is_sound(tiny)


def test_bytes_of_a_larger_bundle_count(bundle):
    source = random.Random(2)
    for name in source.choices(sorted(Store(bundle).files()), k=60):
        at = source.randrange(len((bundle / name).read_bytes()))
        assert not flipped(bundle, name, at, 1 << source.randrange(8)), (name, at)


def test_a_file_that_is_gone_cut_off_or_too_many_is_noticed(tiny):
    store = Store(tiny)
    for name in sorted(store.files()):
        data = (tiny / name).read_bytes()
        for other in (None, data[:-1], data + b"\n", b""):
            (tiny / name).unlink() if other is None else (tiny / name).write_bytes(other)
            assert not is_sound(tiny), (name, other)
            (tiny / name).write_bytes(data)
    (tiny / "objects" / "stray").write_text("")
    assert not is_sound(tiny)


def test_what_unpacks_to_too_much_is_refused(tiny, monkeypatch):
    monkeypatch.setattr(stores, "MOST_BYTES", 100)
    assert not is_sound(tiny)


def test_a_link_is_no_file_of_a_bundle(tiny, tmp_path):
    shutil.copy(tiny / MANIFEST, tmp_path / "elsewhere")
    (tiny / MANIFEST).unlink()
    (tiny / MANIFEST).symlink_to(tmp_path / "elsewhere")
    assert not is_sound(tiny)


# Texts that are others


def test_a_text_that_was_changed_makes_the_bundle_invalid(spteproof, bundle, small):
    small.write_text(small.read_text().replace("// ", "") + "\n")
    answer = spteproof("verify", bundle, "--spec", "small.spte")
    assert (answer.status, outcome(answer)) == (1, "invalid")
    assert "small.spte is not the text that the certificates were made from" in answer.out


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.pop("lost"),
        lambda manifest: manifest["asked"].pop("layouts"),
        lambda manifest: manifest["asked"].update(layouts="one"),
        lambda manifest: manifest["asked"].update(timeout_seconds="ten"),
        lambda manifest: manifest["parts"].update(l=None),
        lambda manifest: manifest["parts"].update(l=[1]),
        lambda manifest: manifest.update(parts=[]),
        lambda manifest: manifest["texts"].update(other=None),
    ],
    ids=range(8),
)
def test_a_manifest_that_is_none_is_invalid(spteproof, tiny, change):
    restated(tiny, change)
    assert "MANIFEST.json is no manifest" in said_by(spteproof, tiny)


@pytest.mark.parametrize(
    "asked, said",
    [("no_dirty", "`age_stores` is in nothing that was asked of"), ("others", "there is no layout `others`")],
)
def test_what_was_not_asked_of_is_not_in_a_bundle(spteproof, bundle, asked, said):
    restated(bundle, lambda manifest: manifest["asked"].update(layouts=[asked]))
    assert said in said_by(spteproof, bundle, *WITH)


def test_another_text_makes_the_bundle_invalid(spteproof, bundle, own_place):
    (own_place / "l.spte").write_text(LEMMA)
    answer = spteproof("verify", bundle, "--spec", "l.spte")
    assert answer.status == 1 and "the texts at hand have no `age_stores`" in answer.out


def said_by(spteproof, folder, *words):
    answer = spteproof("verify", folder, *words)
    assert (answer.status, outcome(answer)) == (1, "invalid"), answer.out
    return answer.out


WITH = ("--spec", "small.spte")


def test_a_refuted_claim_cannot_be_passed_off_as_proved(spteproof, bundle):
    def change(part, store):
        (verdict,) = [each for each in part["verdicts"] if each["verdict"] == "refuted"]
        verdict["verdict"] = "proved"

    forged(bundle, change, "age_stores")
    assert "a violation is not excluded" in said_by(spteproof, bundle)


CALLS = """layout one { W = bit 1; A = bit 8; }
helper plain(u64 m) { *sptep &= ~m; }
helper locked(u64 m) { atomic64_and(~m, sptep); }
helper careful(u64 m) { if (*sptep & W) atomic64_and(~m, sptep); }
theorem t for layout in one against nobody {
    prove equivalent plain(A), locked(A);
    prove equivalent plain(A), careful(A) expect refuted;
    prove preserves W;
}
"""


def test_calls_that_are_equivalent_stand_beside_calls_that_are_not(spteproof, own_place):
    (own_place / "calls.spte").write_text(CALLS)
    assert spteproof("prove", "calls.spte", "--certify", "made", "--jobs", "1").status in (0, 1)
    assert spteproof("verify", "made", "--spec", "calls.spte").status == 0


def test_calls_that_are_not_equivalent_cannot_be_passed_off_as_such(spteproof, own_place):
    (own_place / "calls.spte").write_text(CALLS)
    spteproof("prove", "calls.spte", "--certify", "made", "--jobs", "1")

    def change(part, store):
        for verdict in part["verdicts"]:
            verdict["verdict"] = "proved"

    forged(Path("made"), change, "t")
    said = said_by(spteproof, Path("made"))
    assert said.count("a violation is not excluded") == 1 and "careful(A)` in one: a violation" in said


UNKNOWNS = """layout one { W = bit 1; }
entry child_sptep;
theorem retries against nobody {
    u64 n = 0;
    retry { n += 1; u64 x = READ_ONCE(*sptep); } until (x & W || n > 1);
    atomic64_or(W, sptep);
    prove ensures n <= 2;
}
theorem waits { WRITE_ONCE(*sptep, 0); u64 x = READ_ONCE(*child_sptep); prove ensures after == 0; }
helper shifts() { u64 x = READ_ONCE(*sptep); u64 y = 1ULL << x; }
helper does_nothing() { }
lemma undefined { prove equivalent shifts(), does_nothing(); }
agent idles lockless { step s: when spte & W { spte |= W; } }
theorem relies against any number of idles rely true {
    u64 x = READ_ONCE(*sptep), y = READ_ONCE(*sptep);
    assume(x != y);
    prove that x != y;
    prove equivalent does_nothing(), does_nothing();
}
agent sets lockless { step s: { spte |= W; } }
helper clear(u64 *old) { retry { bool c = any; if (c) return; } until (try_cmpxchg64(sptep, old, *old & ~W)); }
theorem sees against nobody { u64 old = READ_ONCE(*sptep); clear(&old); prove resurrects nothing in W; }
theorem ends against nobody { u64 old = READ_ONCE(*sptep); clear(&old); prove ensures after || !after; }
theorem idles_on(bool b) against any number of sets { retry { } until (b); prove always *sptep || !*sptep; }
"""


def test_what_is_unknown_cannot_be_passed_off_as_proved(spteproof, own_place):
    (own_place / "u.spte").write_text(UNKNOWNS)
    assert spteproof("prove", "u.spte", "--certify", "made", "--jobs", "1").status == 3

    def called_proved(part, store):
        for each in part["verdicts"]:
            each.update(verdict="proved", reason=None)

    for theorem in ("retries", "waits", "undefined", "relies", "sees", "ends", "idles_on"):
        forged(Path("made"), called_proved, theorem)
    answer = spteproof("verify", "made", "--jobs", "1")
    assert answer.status == 1
    for said in ("one failed iteration stands for all", "the order of the text", "the equivalence rests on besides"):
        assert said in answer.out
    for claim in ("ensures n <= 2", "resurrects nothing in W", "ensures after || !after", "always *sptep || !*sptep"):
        assert f"`{claim}` in one: that one failed iteration stands for all is not shown" in answer.out
    assert answer.out.count("nothing shows that what it speaks of can happen") == 2


def test_with_the_texts_an_argument_cannot_be_kept_quiet(spteproof, own_place):
    body = "u64 old; retry { old = READ_ONCE(*sptep); } until (old & W); atomic64_or(W, sptep); prove changes only W;"
    (own_place / "r.spte").write_text(f"layout one {{ W = bit 1; }}\ntheorem t against nobody {{ {body} }}\n")
    assert spteproof("prove", "r.spte", "--certify", "made", "--jobs", "1").status == 0
    forged(Path("made"), lambda part, store: [each.update(arguments=[]) for each in part["verdicts"]], "t")
    answer = spteproof("verify", "made", "--spec", "r.spte", "--jobs", "1")
    assert answer.status == 1 and "other arguments than the bundle names: retries" in answer.out


def test_what_the_texts_leave_unknown_is_no_hole_but_wrong(spteproof, own_place, monkeypatch):
    (own_place / "u.spte").write_text(UNKNOWNS)
    assert spteproof("prove", "u.spte", "--theorem", "retries", "--certify", "made", "--jobs", "1").status == 3
    forged(Path("made"), lambda part, store: [each.update(verdict="proved") for each in part["verdicts"]], "retries")
    monkeypatch.setattr(following, "_leaves_iterations_out", lambda scripts, claim: False)
    answer = spteproof("verify", "made", "--spec", "u.spte", "--jobs", "1")
    assert answer.status == 1 and "`ensures n <= 2` in one is unknown, not proved" in answer.out


def test_a_claim_that_nobody_asked_about_cannot_be_proved(spteproof, bundle):
    def change(part, store):
        part["verdicts"].append({**part["verdicts"][0], "property": "preserves everything"})

    forged(bundle, change, "age_clears")
    assert "it is no claim of a case" in said_by(spteproof, bundle)


def test_an_answer_without_a_certificate_is_noticed(spteproof, bundle):
    def change(part, store):
        script = next(each for each in part["scripts"] if "refutation" in each)
        del script["refutation"]

    forged(bundle, change, "age_clears")
    assert "answers have no certificate" in said_by(spteproof, bundle)


def test_an_answer_that_is_left_out_is_noticed(spteproof, bundle):
    def change(part, store):
        for script in part["scripts"]:
            if script["about"] == "program":
                del script["yes"], script["satisfactions"]

    forged(bundle, change, "age_clears")
    assert "nothing shows that what it speaks of can happen" in said_by(spteproof, bundle)


def without_refutations(part, store):
    for script in part["scripts"]:
        for kind in ("no", "refutation"):
            script.pop(kind, None)


def test_a_proof_without_any_answer_no_is_noticed(spteproof, bundle):
    forged(bundle, without_refutations, "age_clears")
    assert "nothing shows that it is proved" in said_by(spteproof, bundle)


NEVER = """layout one { W = bit 1; }
theorem t(bool b) { if (b && !b) atomic64_and(~W, sptep); prove preserves W expect vacuous; prove ensures b || !b; }
lemma l { assume(false); prove equivalent f(), f() expect vacuous; prove that true expect vacuous; }
predicate f() = true;
"""


def test_what_is_vacuous_is_shown_to_be(spteproof, own_place):
    (own_place / "n.spte").write_text(NEVER)
    assert spteproof("prove", "n.spte", "--certify", "made", "--jobs", "1").status == 0
    assert spteproof("verify", "made").status == 0
    forged(Path("made"), lambda part, store: [each.update(verdict="vacuous") for each in part["verdicts"]], "t")
    said = said_by(spteproof, Path("made"))
    assert said.count("may happen") == 1 and "`ensures b || !b` in one: what it speaks of may happen" in said


def test_what_can_happen_cannot_be_passed_off_as_vacuous(spteproof, bundle):
    forged(bundle, lambda part, store: [each.update(verdict="vacuous") for each in part["verdicts"]], "age_clears")
    assert "what it speaks of may happen" in said_by(spteproof, bundle)


def test_what_is_vacuous_needs_an_answer(spteproof, bundle):
    def change(part, store):
        for verdict in part["verdicts"]:
            verdict["verdict"] = "vacuous"
        for script in part["scripts"]:
            for kind in ("yes", "satisfactions"):
                script.pop(kind, None)

    forged(bundle, change, "age_clears")
    assert "nothing shows that it is vacuous" in said_by(spteproof, bundle)


def test_a_refutation_of_another_obligation_is_noticed(spteproof, bundle):
    def change(part, store):
        first, second = [each for each in part["scripts"] if "refutation" in each][:2]
        first["refutation"]["clauses"] = second["refutation"]["clauses"]

    forged(bundle, change, "age_clears")
    assert "the clauses are not those of the obligation" in said_by(spteproof, bundle)


def refute_again(script, text, store):
    """Another obligation for a script's answers, with clauses and lemmas that fit."""
    made = refuted_text(text, [])
    script["refutation"] = {
        "obligation": store.put("smt2", made.text),
        "clauses": store.put("cnf", made.dimacs),
        "lemmas": store.put("lrat", made.lemmas),
    }


def contradiction(part, store):
    """Every obligation gets an assertion that cannot hold."""
    for script in part["scripts"]:
        if "refutation" in script:
            text = store.get(script["refutation"]["obligation"])
            refute_again(script, text.replace("(set-logic QF_BV)\n", "(set-logic QF_BV)\n(assert false)\n"), store)


def rid_of_strays(folder):
    """Removes what belongs to nothing any more."""
    while not is_sound(folder):
        found = judged(Store(folder), manifest_of(Store(folder)), 1, Checkers(()))
        for line in [each for part in found for each in part.problems]:
            assert line.endswith(" belongs to nothing")
            (folder / line.split(" ")[0]).unlink()


def test_obligations_that_are_not_the_texts_need_the_texts_to_be_noticed(spteproof, bundle):
    forged(bundle, contradiction, "age_clears")
    rid_of_strays(bundle)
    assert spteproof("verify", bundle).status == 3
    assert "is not the obligation of the texts at hand" in said_by(spteproof, bundle, *WITH)


def test_beside_a_hole_they_are_compared_as_well(spteproof, bundle):
    def change(part, store):
        contradiction(part, store)
        part["verdicts"][0]["verdict"] = "unknown"

    forged(bundle, change, "age_clears")
    rid_of_strays(bundle)
    assert "is not the obligation of the texts at hand" in said_by(spteproof, bundle, *WITH)


def test_beside_a_hole_questions_that_are_others_are_named(spteproof, bundle):
    def change(part, store):
        part["verdicts"][0]["verdict"] = "unknown"
        part["scripts"][-1]["digest"] = "0" * 64

    forged(bundle, change, "age_clears")
    answer = spteproof("verify", str(bundle), *WITH)
    assert answer.status == 3 and "its questions could not be compared" in answer.out
    assert "the obligations are those of the texts at hand, where they could be compared; 1 exec" in answer.out


TWO_MOMENTS = """layout one { W = bit 1; A = bit 8; }
theorem t for layout in one { atomic64_and(~A, sptep); atomic64_or(A, sptep); prove preserves W; }
"""


def test_moments_that_are_left_out_need_the_texts_to_be_noticed(spteproof, own_place):
    def change(part, store):
        (script,) = [each for each in part["scripts"] if each["about"] == "program"]
        old, script["no"] = asserted("or", script["no"]), script["no"][:1]
        text = store.get(script["refutation"]["obligation"]).replace(old, asserted("or", script["no"]))
        refute_again(script, text, store)

    (own_place / "t.spte").write_text(TWO_MOMENTS)
    assert spteproof("prove", "t.spte", "--certify", "made", "--jobs", "1").status == 0
    forged(Path("made"), change, "t")
    rid_of_strays(Path("made"))
    assert spteproof("verify", "made").status == 0
    said = said_by(spteproof, "made", "--spec", "t.spte")
    assert "the answers are not those that the texts at hand give" in said
    assert "made by another state" not in said
    manifest = json.loads((Path("made") / MANIFEST).read_bytes())
    manifest["made_by"]["source"] = "of another day"
    data = json.dumps(manifest).encode()
    (Path("made") / MANIFEST).write_bytes(data)
    (Path("made") / DIGEST).write_text(hashlib.sha256(data).hexdigest() + "\n")
    assert "made by another state of the tool" in said_by(spteproof, "made", "--spec", "t.spte")


@pytest.mark.parametrize("at", ["start", "after", "transition"])
def test_an_execution_that_does_not_replay_is_noticed(spteproof, bundle, at):
    def change(part, store):
        (recorded,) = [each for case in part["cases"] for each in case["witnesses"]]
        witness = json.loads(store.get(recorded["witness"]))
        (store.root / recorded["witness"]).unlink()
        if at == "start":
            witness["start"]["entry"] ^= 2
        else:
            taken = next(steps[0] for _, steps in witness["steps"] if steps)
            if at == "transition":
                taken["transition"] = 7
            else:
                taken["after"]["entry"] ^= 1 << 8
        recorded["witness"] = store.put("json", canonical(witness))

    forged(bundle, change, "age_stores")
    assert "an execution that refutes `preserves W | D` does not count" in said_by(spteproof, bundle, *WITH)


def test_executions_that_are_left_out_are_no_reason_to_believe(spteproof, bundle):
    def change(part, store):
        for each in part["verdicts"]:
            each["verdict"] = "refuted"

    forged(bundle, change, "age_clears")
    assert "is proved, not refuted" in said_by(spteproof, bundle, *WITH)


def test_what_was_unknown_and_is_reached_now_makes_nothing_wrong(spteproof, bundle):
    forged(bundle, lambda part, store: [each.update(verdict="unknown") for each in part["verdicts"]], "age_clears")
    answer = spteproof("verify", str(bundle), *WITH)
    assert answer.status == 3 and "was unknown when the bundle was made, and is reached now" in answer.out


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
    monkeypatch.setattr("spteproof.certifying.verifying._CHECKED", set())
    answer = spteproof("verify", tiny)
    assert answer.status == status
    assert (f"checked here and by {name}" if status == 0 else f"{name} does not accept the refutation") in answer.out


def test_a_checker_that_is_not_there_is_an_error(spteproof, tiny, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    answer = spteproof("verify", tiny, "--checker", "cake_lpr")
    assert (answer.status, answer.err) == (2, "spteproof: cake_lpr is not installed\n")


def test_dratify_accepts_the_refutations(spteproof, bundle, monkeypatch):
    pytest.importorskip("dratify", reason="dratify is not installed")
    monkeypatch.setattr("spteproof.certifying.verifying._CHECKED", set())
    assert "checked here and by dratify" in spteproof("verify", bundle, "--checker", "dratify").out


def test_second_opinions_and_certificates_can_be_had_at_once(spteproof, small):
    words = ("prove", "small.spte", "--certify", "made", "--cross-check=enumeration")
    answer = spteproof(*words, "--theorem", "age_*", "--format", "json")
    confirmed = [each["confirmed"] for each in json.loads(answer.out)["summary"]["second_opinions"]]
    assert answer.status == 0 and sum(confirmed) > 5
    assert spteproof("verify", "made", "--spec", "small.spte").status == 0
