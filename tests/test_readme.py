"""The README's example is run, and gives what the README says it gives."""

import re
from pathlib import Path

import pytest

from spteproof.cli import main

README = (Path(__file__).resolve().parent.parent / "README.md").read_text()
PROPERTY = "prove preserves W | A | D except A;"
STORE = "WRITE_ONCE(*sptep, old & ~shadow_accessed_mask);"


def blocks(kind: str) -> list[tuple[str, str]]:
    return re.findall(rf"```{kind}(.*?)\n(.*?)```", README, re.DOTALL)


def files() -> dict[str, str]:
    """The file that the README gives, and the two that it describes."""
    (header, text) = blocks("spte")[0]
    assert header.strip() == "file=age.spte"
    both = text.replace(PROPERTY, PROPERTY.replace(";", " expect refuted losing {W, D};"))
    fixed = text.replace(STORE, "tdp_mmu_clear_spte_bits(old, shadow_accessed_mask, level);")
    assert text != both and text != fixed
    return {"age.spte": text, "age_both.spte": both, "age_fixed.spte": fixed}


def timeless(text: str) -> str:
    return re.sub(r"in \d+\.\d\d s", "in N s", text).strip()


@pytest.mark.parametrize("block", [text for _, text in blocks("console")], ids=lambda text: text.splitlines()[0])
def test_an_example_gives_what_the_readme_shows(block, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", str(tmp_path / "cache"))
    for name, text in files().items():
        (tmp_path / name).write_text(text)
    command, expected = block.split("\n", 1)
    program, *arguments = command.removeprefix("$ ").split()
    assert program == "spteproof"
    main(arguments)
    assert timeless(capsys.readouterr().out) == timeless(expected)


def test_every_document_that_the_readme_names_is_there():
    for target in re.findall(r"\]\((docs/[^)]*)\)", README):
        assert (Path(__file__).resolve().parent.parent / target).exists(), target
