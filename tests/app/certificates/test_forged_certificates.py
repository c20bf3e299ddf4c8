"""Bundles that somebody changed to deceive, all digests put right, are not valid."""

import io
import json
from pathlib import Path

import pytest

from spteproof.certifying import store as stores
from spteproof.certifying.writing import MANIFEST
from spteproof.running.progress import Progress
from spteproof.solver.certificates import following
from spteproof.solver.certificates.making import refuted_text
from spteproof.solver.certificates.obligations import asserted
from spteproof.solver.certificates.parts import canonical

WITH = ("--spec", "small.spte")


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
        lambda manifest: manifest["asked"].update(timeout_seconds=float("nan")),
        lambda manifest: manifest["asked"].update(timeout_seconds=1e9),
        lambda manifest: manifest["asked"].update(effort=0),
        lambda manifest: manifest.update(texts={}),
        lambda manifest: manifest["texts"].append(None),
        lambda manifest: manifest["texts"][0].update(sha256=None),
        lambda manifest: manifest["texts"][0].update(asked=1),
        lambda manifest: manifest["texts"][0].update(links="spec/l.spte"),
        lambda manifest: manifest["texts"][0].update(links=["../l.spte"]),
        lambda manifest: manifest["texts"][0].pop("links"),
        lambda manifest: manifest.update(more=1),
        lambda manifest: manifest["made_by"].update(spteproof=[]),
    ],
    ids=range(19),
)
def test_a_manifest_that_is_none_is_invalid(tiny, change, forger):
    forger.manifest(tiny, change)
    assert "MANIFEST.json is no manifest" in forger.said_by(tiny)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"lost": []', '"lost": ["l"], "lost": []'),
        lambda text: text.replace('"lost": []', f'"lost": {"[" * 100_000}'),
        lambda text: text.replace("10.0", "1" * 5000),
    ],
    ids=("a name twice", "too deep", "too many digits"),
)
def test_a_manifest_that_is_not_read_alike_by_all_is_invalid(tiny, change, forger):
    forger.bytes(tiny, change((tiny / MANIFEST).read_text()).encode())
    assert "MANIFEST.json is no manifest" in forger.said_by(tiny)


@pytest.mark.parametrize("schema", ["spteproof.certificates/1", "spteproof.certificates/1\nmade: valid\x1b[8m"])
def test_a_bundle_of_another_version_says_what_to_do(tiny, schema, forger):
    forger.manifest(tiny, lambda manifest: manifest.update(schema=schema, texts=None))
    said = forger.said_by(tiny)
    assert "make the bundle again (`prove --certify`), or verify it with the spteproof that made it (0.1.0)" in said
    assert said.count("\n") == 2 and "\x1b" not in said


@pytest.mark.parametrize(
    "change",
    [
        lambda verdict: verdict.pop("params"),
        lambda verdict: verdict.pop("property"),
        lambda verdict: verdict.update(layout=0.5),
        lambda verdict: verdict.update(line=True),
        lambda verdict: verdict.update(arguments="evaluation"),
        lambda verdict: verdict.update(note=""),
    ],
    ids=range(6),
)
def test_a_part_of_another_shape_is_invalid(bundle, change, forger):
    forger.part(bundle, lambda part, store: change(part["verdicts"][0]), "small")
    assert "is no part of a bundle" in forger.said_by(bundle, "--verbose")


@pytest.mark.parametrize("kind, said", [("no", "does not state what was asked"), ("yes", "have no certificate")])
def test_certificates_of_no_answers_are_invalid(tiny, kind, said, forger):
    forger.part(tiny, lambda part, store: [each.pop(kind, None) for each in part["scripts"]], "l")
    assert said in forger.said_by(tiny)


def test_a_case_of_another_shape_is_invalid(tiny, forger):
    forger.part(tiny, lambda part, store: part["cases"][0].pop("placement"), "l")
    assert "is no part of a bundle" in forger.said_by(tiny)


def test_what_a_stranger_wrote_moves_no_cursor_and_makes_no_line(bundle, forger):
    name = "l\nvalid\x1b[2J\u202e\x00"
    forger.part(bundle, lambda part, store: part["verdicts"][0].update(property=name), "age_clears")
    forger.manifest(bundle, lambda manifest: manifest["parts"].update({name: manifest["parts"]["age_clears"]}))
    said = forger.said_by(bundle, "-v")
    assert all(each.isprintable() for each in said.splitlines())
    assert not any(each.startswith("valid") for each in said.splitlines())


def test_progress_moves_no_cursor_by_a_name():
    drawn = io.StringIO()
    drawn.isatty = lambda: True
    Progress(drawn, 2, 0).step("l\x1b[2J")
    assert "\x1b[2J" not in drawn.getvalue() and "[1/2] l" in drawn.getvalue()


def test_what_is_taken_to_pieces_is_not_as_large_as_lemmas(tiny, monkeypatch, forger):
    with monkeypatch.context() as patch:
        patch.setattr(stores, "MOST_BYTES_OF_TREES", 500)
        assert "is too large" in forger.said_by(tiny)

    def change(part, store):
        made = part["scripts"][0]["refutation"]
        made["obligation"] = store.put("cnf", store.get(made["obligation"]))

    forger.part(tiny, change, "l")
    assert "is no name of a text" in forger.said_by(tiny)


@pytest.mark.parametrize(
    "asked, said",
    [("no_dirty", "`age_stores` is in nothing that was asked of"), ("others", "there is no layout `others`")],
)
def test_what_was_not_asked_of_is_not_in_a_bundle(bundle, asked, said, forger):
    forger.manifest(bundle, lambda manifest: manifest["asked"].update(layouts=[asked]))
    assert said in forger.said_by(bundle, *WITH)


def test_a_refuted_claim_cannot_be_passed_off_as_proved(bundle, forger):
    def change(part, store):
        (verdict,) = [each for each in part["verdicts"] if each["verdict"] == "refuted"]
        verdict["verdict"] = "proved"

    forger.part(bundle, change, "age_stores")
    assert "a violation is not excluded" in forger.said_by(bundle)


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


def test_calls_that_are_not_equivalent_cannot_be_passed_off_as_such(spteproof, own_place, forger):
    (own_place / "calls.spte").write_text(CALLS)
    spteproof("prove", "calls.spte", "--certify", "made", "--jobs", "1")

    def change(part, store):
        for verdict in part["verdicts"]:
            verdict["verdict"] = "proved"

    forger.part(Path("made"), change, "t")
    said = forger.said_by(Path("made"))
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


def test_what_is_unknown_cannot_be_passed_off_as_proved(spteproof, own_place, forger):
    (own_place / "u.spte").write_text(UNKNOWNS)
    assert spteproof("prove", "u.spte", "--certify", "made", "--jobs", "1").status == 3

    def called_proved(part, store):
        for each in part["verdicts"]:
            each.update(verdict="proved", reason=None)

    for theorem in ("retries", "waits", "undefined", "relies", "sees", "ends", "idles_on"):
        forger.part(Path("made"), called_proved, theorem)
    answer = spteproof("verify", "made", "--jobs", "1")
    assert answer.status == 1
    for said in ("one failed iteration stands for all", "the order of the text", "the equivalence rests on besides"):
        assert said in answer.out
    for claim in ("ensures n <= 2", "resurrects nothing in W", "ensures after || !after", "always *sptep || !*sptep"):
        assert f"`{claim}` in one: that one failed iteration stands for all is not shown" in answer.out
    assert answer.out.count("nothing shows that what it speaks of can happen") == 2


def test_with_the_texts_an_argument_cannot_be_kept_quiet(spteproof, own_place, forger):
    body = "u64 old; retry { old = READ_ONCE(*sptep); } until (old & W); atomic64_or(W, sptep); prove changes only W;"
    (own_place / "r.spte").write_text(f"layout one {{ W = bit 1; }}\ntheorem t against nobody {{ {body} }}\n")
    assert spteproof("prove", "r.spte", "--certify", "made", "--jobs", "1").status == 0
    forger.part(Path("made"), lambda part, store: [each.update(arguments=[]) for each in part["verdicts"]], "t")
    answer = spteproof("verify", "made", "--spec", "r.spte", "--jobs", "1")
    assert answer.status == 1 and "other arguments than the bundle names: retries" in answer.out


def test_what_the_texts_leave_unknown_is_no_hole_but_wrong(spteproof, own_place, monkeypatch, forger):
    (own_place / "u.spte").write_text(UNKNOWNS)
    assert spteproof("prove", "u.spte", "--theorem", "retries", "--certify", "made", "--jobs", "1").status == 3
    forger.part(
        Path("made"), lambda part, store: [each.update(verdict="proved") for each in part["verdicts"]], "retries"
    )
    monkeypatch.setattr(following, "_leaves_iterations_out", lambda scripts, claim: False)
    answer = spteproof("verify", "made", "--spec", "u.spte", "--jobs", "1")
    assert answer.status == 1 and "`ensures n <= 2` in one is unknown, not proved" in answer.out


def test_a_claim_that_nobody_asked_about_cannot_be_proved(bundle, forger):
    def change(part, store):
        part["verdicts"].append({**part["verdicts"][0], "property": "preserves everything"})

    forger.part(bundle, change, "age_clears")
    assert "it is no claim of a case" in forger.said_by(bundle)


def test_an_answer_without_a_certificate_is_noticed(bundle, forger):
    def change(part, store):
        script = next(each for each in part["scripts"] if "refutation" in each)
        del script["refutation"]

    forger.part(bundle, change, "age_clears")
    assert "answers have no certificate" in forger.said_by(bundle)


def test_an_answer_that_is_left_out_is_noticed(bundle, forger):
    def change(part, store):
        for script in part["scripts"]:
            if script["about"] == "program":
                del script["yes"], script["satisfactions"]

    forger.part(bundle, change, "age_clears")
    assert "nothing shows that what it speaks of can happen" in forger.said_by(bundle)


def without_refutations(part, store):
    for script in part["scripts"]:
        for kind in ("no", "refutation"):
            script.pop(kind, None)


def test_a_proof_without_any_answer_no_is_noticed(bundle, forger):
    forger.part(bundle, without_refutations, "age_clears")
    assert "nothing shows that it is proved" in forger.said_by(bundle)


NEVER = """layout one { W = bit 1; }
theorem t(bool b) { if (b && !b) atomic64_and(~W, sptep); prove preserves W expect vacuous; prove ensures b || !b; }
lemma l { assume(false); prove equivalent f(), f() expect vacuous; prove that true expect vacuous; }
predicate f() = true;
"""


def test_what_is_vacuous_is_shown_to_be(spteproof, own_place, forger):
    (own_place / "n.spte").write_text(NEVER)
    assert spteproof("prove", "n.spte", "--certify", "made", "--jobs", "1").status == 0
    assert spteproof("verify", "made").status == 0
    forger.part(Path("made"), lambda part, store: [each.update(verdict="vacuous") for each in part["verdicts"]], "t")
    said = forger.said_by(Path("made"))
    assert said.count("may happen") == 1 and "`ensures b || !b` in one: what it speaks of may happen" in said


def test_what_can_happen_cannot_be_passed_off_as_vacuous(bundle, forger):
    forger.part(bundle, lambda part, store: [each.update(verdict="vacuous") for each in part["verdicts"]], "age_clears")
    assert "what it speaks of may happen" in forger.said_by(bundle)


def test_what_is_vacuous_needs_an_answer(bundle, forger):
    def change(part, store):
        for verdict in part["verdicts"]:
            verdict["verdict"] = "vacuous"
        for script in part["scripts"]:
            for kind in ("yes", "satisfactions"):
                script.pop(kind, None)

    forger.part(bundle, change, "age_clears")
    assert "nothing shows that it is vacuous" in forger.said_by(bundle)


def test_a_refutation_of_another_obligation_is_noticed(bundle, forger):
    def change(part, store):
        first, second = [each for each in part["scripts"] if "refutation" in each][:2]
        first["refutation"]["clauses"] = second["refutation"]["clauses"]

    forger.part(bundle, change, "age_clears")
    assert "the clauses are not those of the obligation" in forger.said_by(bundle)


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


def test_obligations_that_are_not_those_of_the_texts_are_noticed(spteproof, bundle, forger):
    forger.part(bundle, contradiction, "age_clears")
    forger.sweep(bundle)
    for words in ((), WITH):
        assert "is not the obligation of the texts" in forger.said_by(bundle, *words)


def test_beside_a_hole_they_are_compared_as_well(bundle, forger):
    def change(part, store):
        contradiction(part, store)
        part["verdicts"][0]["verdict"] = "unknown"

    forger.part(bundle, change, "age_clears")
    forger.sweep(bundle)
    assert "is not the obligation of the texts" in forger.said_by(bundle, *WITH)


def test_beside_a_hole_questions_that_are_others_are_named(spteproof, bundle, forger):
    def change(part, store):
        part["verdicts"][0]["verdict"] = "unknown"
        part["scripts"][-1]["digest"] = "0" * 64

    forger.part(bundle, change, "age_clears")
    answer = spteproof("verify", str(bundle), *WITH)
    assert answer.status == 3 and "its questions could not be compared" in answer.out
    assert "the obligations are those of the texts, where they could be compared; 1 exec" in answer.out


TWO_MOMENTS = """layout one { W = bit 1; A = bit 8; }
theorem t for layout in one { atomic64_and(~A, sptep); atomic64_or(A, sptep); prove preserves W; }
"""


def test_moments_that_are_left_out_are_noticed(spteproof, own_place, forger):
    def change(part, store):
        (script,) = [each for each in part["scripts"] if each["about"] == "program"]
        old, script["no"] = asserted("or", script["no"]), script["no"][:1]
        text = store.get(script["refutation"]["obligation"]).replace(old, asserted("or", script["no"]))
        refute_again(script, text, store)

    (own_place / "t.spte").write_text(TWO_MOMENTS)
    assert spteproof("prove", "t.spte", "--certify", "made", "--jobs", "1").status == 0
    forger.part(Path("made"), change, "t")
    forger.sweep(Path("made"))
    for words in ((), ("--spec", "t.spte")):
        said = forger.said_by(Path("made"), *words)
        assert "the answers are not those that the texts give" in said
        assert "made by another state" not in said
    forger.manifest(Path("made"), lambda manifest: manifest["made_by"].update(source="of another day"))
    assert "made by another state of the tool" in forger.said_by("made", "--spec", "t.spte")
    answer = spteproof("verify", "made")
    assert answer.status == 3 and answer.out.startswith("made: holey, by the texts that it holds\n")
    assert "as another state of the tool, spteproof 0.1.0, made them" in answer.out
    assert "the obligations are those of the texts" not in answer.out


@pytest.mark.parametrize("at", ["start", "after", "transition"])
def test_an_execution_that_does_not_replay_is_noticed(bundle, at, forger):
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

    forger.part(bundle, change, "age_stores")
    assert "an execution that refutes `preserves W | D` does not count" in forger.said_by(bundle, *WITH)


def test_executions_that_are_left_out_are_no_reason_to_believe(bundle, forger):
    def change(part, store):
        for each in part["verdicts"]:
            each["verdict"] = "refuted"

    forger.part(bundle, change, "age_clears")
    assert "is proved, not refuted" in forger.said_by(bundle, *WITH)


def test_what_was_unknown_and_is_reached_now_makes_nothing_wrong(spteproof, bundle, forger):
    forger.part(bundle, lambda part, store: [each.update(verdict="unknown") for each in part["verdicts"]], "age_clears")
    answer = spteproof("verify", str(bundle), *WITH)
    assert answer.status == 3 and "was unknown when the bundle was made, and is reached now" in answer.out
