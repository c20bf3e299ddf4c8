"""`prove --changed-since`: what a change can affect is proved, the rest is named, and nothing is guessed."""

import json
import os
import subprocess

import pytest

LAYOUT = "layout one { W = bit 1; A = bit 8; }\n"
TEXTS = {
    "spec/base.spte": LAYOUT,
    "spec/middle.spte": "use base;\npredicate holds(u64 x) = x & W;\n",
    "spec/above.spte": "use middle;\nlemma above(u64 x) for layout in one { prove that holds(x) -> x & W; }\n",
    "spec/aside.spte": "layout two { B = bit 2; assert B == 4; }\nlemma aside() for layout in two { prove that B; }\n",
    "README": "",
}


def git(*words):
    options = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *options, *words], check=True, capture_output=True)


@pytest.fixture(autouse=True)
def repository(own_place, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    git("init", "-q")
    (own_place / "spec").mkdir()
    for name, text in TEXTS.items():
        (own_place / name).write_text(text)
    git("add", ".")
    git("commit", "-qm", "first")
    return own_place


@pytest.fixture
def proved(spteproof):
    """The theorems and layouts that one call proves, and what it says of the rest."""

    def of(*words, path="spec"):
        answer = spteproof("prove", path, "--format", "json", *words)
        assert answer.status == 0
        return sorted({each["theorem"] for each in json.loads(answer.out)["results"]}), answer.err

    return of


def test_nothing_changed(proved):
    names, said = proved("--changed-since", "HEAD")
    assert names == []
    assert said == "spteproof: left out, as nothing that they rest on changed since HEAD: 3 (two, above, aside)\n"


def test_a_text_that_does_not_matter_changed(proved, repository):
    (repository / "README").write_text("new")
    assert proved("--changed-since", "HEAD")[0] == []


@pytest.mark.parametrize("name", ["base", "middle", "above"])
@pytest.mark.parametrize("done", ["written", "added", "committed"])
def test_what_rests_on_a_text_that_changed_is_proved(proved, repository, name, done):
    with open(repository / f"spec/{name}.spte", "a") as file:
        file.write("// changed\n")
    if done != "written":
        git("add", ".")
    if done == "committed":
        git("commit", "-qm", "second")
    revision = "HEAD~1" if done == "committed" else "HEAD"
    names, said = proved("--changed-since", revision)
    assert names == ["above"] and "2 (two, aside)" in said


def test_everything_changed(proved, repository):
    for name in ("base", "aside"):
        with open(repository / f"spec/{name}.spte", "a") as file:
            file.write("// changed\n")
    assert proved("--changed-since", "HEAD") == (
        ["above", "aside", "two"],
        "spteproof: the changes since HEAD can affect everything\n",
    )


def test_a_new_text_that_git_does_not_know(proved, repository):
    (repository / "spec/new.spte").write_text("use aside;\nlemma new() for layout in two { prove that B; }\n")
    assert proved("--changed-since", "HEAD")[0] == ["new"]


def test_a_text_that_git_ignores_may_be_the_one_that_use_finds(proved, repository):
    git("rm", "-q", "--cached", "spec/base.spte")
    (repository / ".gitignore").write_text("base.spte\n")
    git("add", ".gitignore")
    git("commit", "-qm", "second")
    assert proved("--changed-since", "HEAD")[0] == ["above"]


def test_a_text_outside_of_the_repository_is_not_known_to_be_as_it_was(proved, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "far.spte").write_text(f"{LAYOUT}lemma far() for layout in one {{ prove that W; }}\n")
    assert proved("--changed-since", "HEAD", path=str(other))[0] == ["far"]


@pytest.mark.parametrize("told", ["--assume-unchanged", "--skip-worktree"])
def test_a_text_at_which_git_was_told_not_to_look_is_not_known_to_be_as_it_was(proved, told):
    git("update-index", told, "spec/base.spte")
    assert proved("--changed-since", "HEAD")[0] == ["above"]


@pytest.mark.parametrize("is_submodule", [False, True])
def test_a_text_in_a_repository_inside_is_not_known_to_be_as_it_was(proved, repository, is_submodule):
    git("init", "-q", "spec/inner")
    (repository / "spec/inner/base.spte").write_text(LAYOUT)
    git("-C", "spec/inner", "add", ".")
    git("-C", "spec/inner", "commit", "-qm", "inner")
    (repository / "spec/middle.spte").write_text(TEXTS["spec/middle.spte"].replace("base", "inner.base"))
    git("rm", "-q", "spec/base.spte")
    git("add", "spec/middle.spte", *(["spec/inner"] if is_submodule else []))
    git("commit", "-qm", "second")
    (repository / "spec/inner/base.spte").write_text(LAYOUT + "// changed\n")
    assert proved("--changed-since", "HEAD", path="spec/above.spte")[0] == ["above"]


def test_a_folder_that_is_a_link_may_lead_elsewhere_now(proved, repository):
    for name in ("first", "second"):
        (repository / f"spec/{name}").mkdir()
        (repository / f"spec/{name}/base.spte").write_text(LAYOUT)
    (repository / "spec/now").symlink_to("first")
    (repository / "spec/middle.spte").write_text(TEXTS["spec/middle.spte"].replace("base", "now.base"))
    git("rm", "-q", "spec/base.spte")
    git("add", ".")
    git("commit", "-qm", "second")
    assert proved("--changed-since", "HEAD", path="spec/above.spte")[0] == []
    (repository / "spec/now").unlink()
    (repository / "spec/now").symlink_to("second")
    assert proved("--changed-since", "HEAD", path="spec/above.spte")[0] == ["above"]


def test_the_library_of_the_tool_may_lie_where_git_looks_away(proved, repository, monkeypatch):
    library = repository / "library"
    library.mkdir()
    (library / "base.spte").write_text(LAYOUT)
    git("mv", "spec/base.spte", "elsewhere")
    (repository / ".gitignore").write_text("library\n")
    git("add", ".")
    git("commit", "-qm", "second")
    monkeypatch.setattr("spteproof.cli.LIBRARY", library)
    monkeypatch.setattr("spteproof.running.changes.files", lambda package: library)
    assert proved("--changed-since", "HEAD")[0] == []


def test_a_text_that_went_lets_use_find_another(proved, repository, monkeypatch):
    """Both are found under one name: first beside the text, then in the library."""
    library = repository / "library"
    library.mkdir()
    (library / "base.spte").write_text(LAYOUT)
    git("add", ".")
    git("commit", "-qm", "second")
    monkeypatch.setattr("spteproof.cli.LIBRARY", library)
    os.unlink(repository / "spec/base.spte")
    assert proved("--changed-since", "HEAD")[0] == ["above"]


def test_a_text_that_was_renamed_counts_under_both_names(proved, repository):
    git("mv", "spec/base.spte", "spec/below.spte")
    (repository / "spec/middle.spte").write_text(TEXTS["spec/middle.spte"].replace("base", "below"))
    assert proved("--changed-since", "HEAD")[0] == ["above"]


def test_it_is_asked_from_a_folder_below(proved, repository, monkeypatch):
    (repository / "spec/base.spte").write_text(LAYOUT + "// changed\n")
    monkeypatch.chdir(repository / "spec")
    assert proved("--changed-since", "HEAD", path=".")[0] == ["above"]


def test_where_the_tool_itself_changed_everything_is_proved(proved, repository, monkeypatch):
    (repository / "solver").mkdir()
    monkeypatch.setattr("spteproof.running.changes.files", lambda package: repository / "solver")
    (repository / "solver/new.py").write_text("")
    assert proved("--changed-since", "HEAD")[0] == ["above", "aside", "two"]


def test_a_theorem_that_is_left_out_is_not_said_to_be_missing(proved):
    assert proved("--changed-since", "HEAD", "--theorem", "above")[0] == []


@pytest.mark.parametrize("revision", ["none", "--upload-pack=x", "HEAD:spec", "", "-h"])
def test_a_revision_that_is_not_there(spteproof, revision):
    answer = spteproof("prove", "spec", f"--changed-since={revision}")
    assert answer.status == 2 and answer.out == ""
    assert answer.err.startswith(f"spteproof: --changed-since: there is no revision `{revision}` in `/")


def test_outside_of_a_repository(spteproof, repository, monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    answer = spteproof("prove", "spec", "--changed-since", "HEAD")
    assert answer.status == 2 and answer.err.endswith("is in no git repository\n")


def test_without_git(spteproof, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    answer = spteproof("prove", "spec", "--changed-since", "HEAD")
    assert answer.status == 2 and answer.err == "spteproof: --changed-since: git is not installed\n"


def test_a_family_that_is_asked_for_and_changed_affects_all_that_it_narrows(proved, repository):
    (repository / "spec/family.spte").write_text("use base;\nfamily both = one;\n")
    git("add", ".")
    git("commit", "-qm", "family")
    assert proved("--changed-since", "HEAD", "--layout", "both")[0] == []
    (repository / "spec/family.spte").write_text("use base;\nfamily both = one;\n// more\n")
    assert proved("--changed-since", "HEAD", "--layout", "both")[0] == ["above"]
    assert proved("--changed-since", "HEAD")[0] == []
