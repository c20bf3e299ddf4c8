"""What the exit status says, and what goes with it."""

import json
from pathlib import Path

import pytest

from .conftest import LARGE, SMALL


def test_all_as_expected_is_0(spteproof, small):
    answer = spteproof("prove", small)
    assert answer.status == 0
    assert answer.out.splitlines()[-1].startswith("4 proved, 1 refuted in ")
    assert answer.out.endswith(": all as expected\n")
    assert answer.err == ""


@pytest.mark.parametrize(
    "right, wrong",
    [
        ("expect refuted losing {D}", "expect refuted losing {W}"),
        ("expect refuted losing {D}", "expect proved"),
        ("expect refuted losing {D}", "expect vacuous"),
        ("prove preserves W | D;", "prove preserves W | D expect refuted;"),
        ("assert (A & D) == 0;", "assert (A & D) == 1;"),
    ],
)
def test_one_verdict_not_as_expected_is_1(spteproof, small, right, wrong):
    assert right in SMALL
    small.write_text(SMALL.replace(right, wrong))
    answer = spteproof("prove", small)
    assert answer.status == 1
    assert answer.out.splitlines()[-1].endswith(" not as expected")
    assert "expected" in answer.out.removesuffix(answer.out.splitlines()[-1])


def test_nothing_decided_is_3(spteproof, small):
    small.write_text(
        "layout small { D = none; } layout large { D = bit 9; }\n"
        "theorem t(u64 m in {D}) for layout in small, large { atomic64_or(m, sptep); prove preserves m; }\n"
    )
    answer = spteproof("prove", small, "--layout", "small")
    assert answer.status == 3 and answer.out.endswith(": nothing decided\n")
    assert ": nothing decided\n" in spteproof("prove", small, "--layout", "small", "--format", "github").out
    answer = spteproof("prove", small)
    assert answer.status == 0 and answer.out.endswith(": all as expected\n")


def test_an_environment_too_large_is_unknown_and_3(spteproof, small):
    small.write_text(LARGE)
    answer = spteproof("prove", small)
    assert answer.status == 3
    assert "unknown  small\n" in answer.out
    assert "the environment's closure is too large\n" in answer.out
    assert "1 unknown" in answer.out and answer.out.endswith(": nothing decided\n")
    small.write_text(f"{LARGE}lemma one {{ prove that true; }}\n")
    assert spteproof("prove", small).out.endswith(": the rest as expected\n")


def test_too_little_time_is_unknown_and_3(spteproof, small):
    answer = spteproof("prove", small, "--timeout", "0.00001", "--theorem", "age_stores")
    assert answer.status == 3
    assert "unknown  small\n" in answer.out


@pytest.mark.usefixtures("few_nodes")
def test_a_wrong_verdict_counts_more_than_an_unknown_one(spteproof, small):
    wrong = "theorem w() for layout in small { prove that W == A; }\n"
    small.write_text(LARGE + wrong)
    answer = spteproof("prove", small)
    assert answer.status == 1
    assert "1 unknown" in answer.out and "1 not as expected" in answer.out


def test_a_wrong_text_is_2_and_nothing_is_proved(spteproof, small):
    small.write_text(SMALL.replace("prove preserves W | D;", "prove preserves W | D"))
    answer = spteproof("prove", small)
    assert (answer.status, answer.out) == (2, "")


def test_check_proves_nothing(spteproof, small):
    small.write_text(SMALL.replace("losing {D}", "losing {W}"))
    answer = spteproof("check", small)
    assert (answer.status, answer.out) == (0, "1 modules, 2 layouts, 2 theorems: no errors\n")


@pytest.mark.usefixtures("few_nodes")
@pytest.mark.parametrize("form", ["human", "json", "junit", "sarif", "github", "markdown"])
def test_the_status_is_the_same_in_all_formats(spteproof, small, form):
    for text, status in ((SMALL, 0), (SMALL.replace("losing {D}", "losing {W}"), 1), (LARGE, 3)):
        small.write_text(text)
        assert spteproof("prove", small, "--format", form).status == status


@pytest.mark.parametrize(
    "form, said",
    [
        ("junit", "<error "),
        ("sarif", '"level": "error"'),
        ("github", "::warning "),
        ("markdown", "- age_clears: no worker"),
    ],
)
def test_a_run_without_workers_tells_it_in_all_formats(spteproof, small, monkeypatch, form, said):
    from spteproof.running.runs import WithoutWorkers

    def dies(library, names, *rest, **more):
        raise WithoutWorkers(*names)

    monkeypatch.setattr("spteproof.running.runs.run", dies)
    answer = spteproof("prove", small, "--theorem", "age_clears", "--format", form)
    assert answer.status == 3
    assert said in answer.out and "age_clears" in answer.out


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_inside_one_theorem_is_its_own(spteproof, small, monkeypatch, jobs):
    from spteproof.solver import proof

    real = proof.decisions

    def broken(bench, setting, instance, *rest):
        if instance.theorem.name == "age_stores":
            raise ValueError("broken on purpose")
        return real(bench, setting, instance, *rest)

    monkeypatch.setattr(proof, "decisions", broken)
    answer = spteproof("prove", "small.spte", "--jobs", jobs, "--no-cache", "--format", "json")
    results = json.loads(answer.out)["results"]
    reasons = {each["reason"] for each in results if each["theorem"] == "age_stores"}
    (details,) = {reason.rpartition(" ")[2] for reason in reasons}
    assert "broken on purpose" in Path(details).read_text()
    Path(details).unlink()
    assert all(reason.startswith("internal error: ValueError; details are in ") for reason in reasons)
    assert {each["verdict"] for each in results if each["theorem"] == "age_clears"} == {"proved"}
    assert answer.status == 4


def test_an_error_leaves_nothing_half_made(spteproof, small, monkeypatch):
    from spteproof.solver import proof

    def broken(*_):
        raise MemoryError

    monkeypatch.setattr(proof, "decisions", broken)
    answer = spteproof("prove", "small.spte", "--jobs", "1", "--theorem", "age_*")
    assert answer.status == 3 and "memory ran out" in answer.out
    monkeypatch.undo()


def test_where_theorems_are_stated_is_told(spteproof, small):
    small.write_text(
        "layout one { W = bit 1; }\nlayout two extends one { }\nlemma l for layout in one { prove that W; }\n"
    )
    answer = spteproof("prove", "small.spte", "--layout", "two")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == ("spteproof: there is nothing to prove in the layouts and eras asked for\n  `l` is in one\n")
