"""`prove --cross-check`: who is asked, what is said of it, and that a contradiction is an internal error."""

import json
from pathlib import Path

import pytest

from spteproof.cli import main
from spteproof.running import runs
from spteproof.solver.opinions import cross_check, enumeration

FILE = "spec/mail/whole_value_written_back.spte"
TEXT = """
layout mine { W = bit 1; A = bit 5; D = bit 6; }
agent cpu lockless { step write: when spte & W { spte |= A | D; } }
theorem t for layout in mine against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old & ~A);
    prove preserves W;
}
"""


@pytest.fixture
def text(tmp_path, monkeypatch):
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "t.spte"
    path.write_text(TEXT)
    return str(path)


def test_a_file_of_the_library_is_confirmed(capsys, tmp_path, monkeypatch):
    pytest.importorskip("bitwuzla")
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", str(tmp_path))
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    assert main(["prove", FILE, "--cross-check=bitwuzla", "--jobs", "1", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    [opinion] = report["summary"]["second_opinions"]
    assert opinion["name"] == "bitwuzla" and opinion["confirmed"] >= 100 and opinion["undecided"] == 0


def test_the_summary_names_who_was_asked(text, capsys):
    assert main(["prove", text, "--cross-check=enumeration", "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert "enumeration confirmed" in out and "answers of the solver" in out


def test_without_it_nothing_is_said(text, capsys):
    assert main(["prove", text, "--jobs", "1"]) == 0
    assert "confirmed" not in capsys.readouterr().out


def test_a_contradiction_ends_with_4_and_a_file_to_attach(text, capsys, monkeypatch):
    real = enumeration.Enumeration.holds
    monkeypatch.setattr(enumeration.Enumeration, "holds", lambda self, assumed: not real(self, assumed))
    assert main(["prove", text, "--cross-check=enumeration", "--jobs", "1", "--format", "json"]) == 4
    report = json.loads(capsys.readouterr().out)
    assert report["summary"]["proved"] == 0 and report["summary"]["unknown"] == len(report["results"])
    details = Path(report["results"][0]["reason"].split("details are in ")[1])
    assert "Z3 says" in details.read_text() and "(check-sat)" in details.read_text()
    details.unlink()
    monkeypatch.setattr(enumeration.Enumeration, "holds", real)
    assert main(["prove", text, "--cross-check=enumeration", "--jobs", "1"]) == 0


def test_kept_verdicts_without_second_opinions_do_not_count(text, capsys, monkeypatch):
    assert main(["prove", text, "--jobs", "1"]) == 0
    asked = []
    real = runs.run

    def noted(library, names, *rest, **more):
        asked.extend(names)
        real(library, names, *rest, **more)

    monkeypatch.setattr(runs, "run", noted)
    assert main(["prove", text, "--cross-check=enumeration", "--jobs", "1"]) == 0
    assert asked
    asked.clear()
    capsys.readouterr()
    assert main(["prove", text, "--cross-check=enumeration", "--jobs", "1"]) == 0
    assert not asked and "enumeration confirmed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "names, said",
    [
        ("bitwuzl", "did you mean `bitwuzla`?"),
        ("yices", "there is no second opinion `yices`"),
        ("", "there is no second opinion ``"),
        ("bitwuzla,,cvc5", "there is no second opinion ``"),
    ],
)
def test_a_wrong_name_is_told(text, names, said, capsys):
    assert main(["prove", text, f"--cross-check={names}"]) == 2
    assert said in capsys.readouterr().err


def test_one_that_is_not_installed_is_told_with_how_to_get_it(text, capsys, monkeypatch):
    monkeypatch.setattr(cross_check, "find_spec", lambda name: None)
    for option in ("--cross-check=cvc5", "--cross-check"):
        assert main(["prove", text, option]) == 2
        assert "pip install 'spteproof[opinions]'" in capsys.readouterr().err


def test_a_refuted_equivalence_is_confirmed_by_all_who_are_here(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", str(tmp_path))
    path = tmp_path / "e.spte"
    path.write_text(
        "layout mine { A = bit 5; }\n"
        "helper one(u64 old) { WRITE_ONCE(*sptep, old & ~A); }\nhelper two(u64 old) { WRITE_ONCE(*sptep, old); }\n"
        "theorem t(u64 old) for layout in mine { prove equivalent one(old), two(old) expect refuted; "
        "prove equivalent one(old), one(old); }\n"
    )
    assert main(["prove", str(path), "--cross-check", "--jobs", "1", "--format", "json"]) == 0
    opinions = json.loads(capsys.readouterr().out)["summary"]["second_opinions"]
    assert opinions and all(each["confirmed"] > 0 and each["undecided"] == 0 for each in opinions)
