"""The completion scripts: what Bash offers, asked as Bash asks."""

import shutil
import subprocess

import pytest

pytest.importorskip("shtab", reason="no shtab: completion is not tried")


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    from spteproof.completing.command import completion

    path = tmp_path_factory.mktemp("completion") / "spteproof.bash"
    path.write_text(completion("bash"))
    return path


def offered(script, line: str) -> list[str]:
    words = line.split(" ")
    asked = (
        f"source {script}; COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}; "
        f"COMP_LINE={line!r}; COMP_POINT={len(line)}; _shtab_spteproof spteproof {words[-1]!r} {words[-2]!r}; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
@pytest.mark.parametrize(
    "line, some",
    [
        ("spteproof pro", "prove"),
        ("spteproof prove --form", "--format"),
        ("spteproof prove --format h", "html"),
        ("spteproof prove --layout ept_w", "ept_wrprot_only"),
        ("spteproof prove --era v6_1", "v6_15"),
        ("spteproof prove --theorem clear_one_bit_k", "clear_one_bit_keeps_what_others_set"),
        ("spteproof show fast_page", "fast_page_fault"),
        ("spteproof explain clear_one_bit_k", "clear_one_bit_keeps_what_others_set"),
        ("spteproof explain unknown.re", "unknown.rely"),
        ("spteproof completion t", "tcsh"),
    ],
)
def test_bash_offers(script, line, some):
    assert some in offered(script, line)
    assert all(each.startswith(line.split(" ")[-1]) for each in offered(script, line))


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_have_a_script(spteproof, shell):
    answer = spteproof("completion", shell)
    assert answer.status == 0 and "ept_wrprot_only" in answer.out


def test_without_the_library_the_call_says_what_to_install(spteproof, monkeypatch):
    monkeypatch.setattr("spteproof.completing.command.find_spec", lambda name: None)
    answer = spteproof("completion", "bash")
    assert answer.status == 2 and "pip install 'spteproof[completion]'" in answer.err
