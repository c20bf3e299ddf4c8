"""`spteproof init`: a first text that proves, a file for CI and one for pre-commit. Nothing is ever written over."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from spteproof.whole_files import CannotWrite

SAMPLES: Mapping[str, str] = {
    "first.spte": "first.spte",
    ".github/workflows/spteproof.yml": "workflow.yml",
    ".pre-commit-config.yaml": "pre-commit.yaml",
}
"""Where each sample goes, from the folder that is named, and what it is called in the package."""


def begin(folder: Path) -> str:
    """Writes what is not there yet, and tells what was done and what may come next. Raises CannotWrite."""
    done = [(name, _written(folder / name, sample)) for name, sample in SAMPLES.items()]
    return "\n".join([*_told(folder, done), "", *_next(folder, dict(done))]) + "\n"


def _written(path: Path, sample: str) -> bool:
    """Whether the file was written: not where something of that name is there, a dangling link included."""
    text = files("spteproof.starting").joinpath("samples", sample).read_text(encoding="utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        if path.parent.is_dir():
            return False
        raise CannotWrite(f"cannot write {path}: {path.parent} is no folder") from None
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror}") from None
    return True


def _told(folder: Path, done: list[tuple[str, bool]]) -> Iterator[str]:
    for name, written in done:
        yield f"{'wrote' if written else 'left as it was'}  {folder / name}"


def _next(folder: Path, written: Mapping[str, bool]) -> Iterator[str]:
    first = folder / "first.spte"
    commands = {
        f"spteproof prove {first}": "prove it, and see the race of its broken twin",
        f"spteproof watch {first}": "prove again whenever it is saved",
        "spteproof show": "all words of the library; `use kvm.mmu;` brings in KVM's",
    }
    if written[".pre-commit-config.yaml"]:
        commands["pre-commit install"] = "check texts before each commit (pip install pre-commit)"
    width = max(map(len, commands))
    yield "next:"
    yield from (f"  {command:<{width}}    {what}" for command, what in commands.items())
    if not written[".pre-commit-config.yaml"]:
        yield "  to have texts checked before each commit, add two hooks to .pre-commit-config.yaml:"
        yield "  `spteproof fmt`, and `spteproof prove .` with pass_filenames: false; language: system, files: \\.spte$"
    if written[".github/workflows/spteproof.yml"] and not (folder / ".git").exists():
        yield f"  {folder / '.github'} is read at the root of a repository only: move it there if this is not one"
