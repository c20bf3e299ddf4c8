"""What a change since a git revision can affect: a text that changed, and every text that rests on it."""

import os
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from spteproof.grammar import surface as s
from spteproof.grammar.checked import Library
from spteproof.grammar.modules import Loaded

GIT_SECONDS = 60
SHOWN = 8


class NoChanges(Exception):
    """It cannot be found out what changed; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """`tasks` are those that the change can affect, `left_out` the others, both in order."""

    revision: str
    tasks: tuple[str, ...]
    left_out: tuple[str, ...]

    def __str__(self) -> str:
        count = len(self.left_out)
        if not count:
            return f"the changes since {self.revision} can affect everything"
        some = ", ".join(self.left_out[:SHOWN]) + (", ..." if count > SHOWN else "")
        return f"left out, as nothing that they rest on changed since {self.revision}: {count} ({some})"


def affected(
    loaded: Loaded, library: Library, tasks: Sequence[str], revision: str, asked: Sequence[str] = ()
) -> Affected:
    """Divides the tasks by whether the change can affect them; all where one of the names of layouts, eras and families
    that are `asked` for stands in a text that it affects. Raises NoChanges."""
    top = _top(Path.cwd())
    changed = changed_files(Path.cwd(), revision) | _unknown_to_git(loaded, top)
    texts = None if _is_tools_own(changed) else _affected_texts(loaded, changed)
    stated = [loaded.names.globals[name].module.source.name for name in asked if name in loaded.names.globals]
    if texts is not None and not texts.isdisjoint(stated):
        texts = None
    items = {**library.layouts, **library.theorems}
    hit = [name for name in tasks if texts is None or items[name].place.source.name in texts]
    left = [name for name in tasks if name not in set(hit)]
    return Affected(revision=revision, tasks=tuple(hit), left_out=tuple(left))


def changed_files(folder: Path, revision: str) -> frozenset[str]:
    """The files, by their real paths, that differ from the revision, in the index or not, those that are gone and those
    that git does not know included, and texts that it is told to ignore. Raises NoChanges."""
    top = _top(folder)
    name = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    commit = _git(folder, name, f"there is no revision `{revision}` in `{top}`").decode().strip()
    differing = ["diff", "--name-only", "--no-renames", "--no-ext-diff", "--no-relative", "-z", commit, "--"]
    unknown = ["ls-files", "--others", "--exclude-standard", "-z"]
    ignored = ["ls-files", "--others", "-z", "--", "*.spte"]
    found = [_git(Path(top), words, f"git cannot compare with `{revision}`") for words in (differing, unknown, ignored)]
    paths = [os.fsdecode(path) for data in found for path in data.split(b"\0") if path]
    return frozenset(os.path.realpath(os.path.join(top, path)) for path in paths)


def _top(folder: Path) -> str:
    """The repository's own folder. Raises NoChanges."""
    said = _git(folder, ["rev-parse", "--show-toplevel"], f"`{folder}` is in no git repository")
    return os.fsdecode(said).rstrip("\n")


def _unknown_to_git(loaded: Loaded, top: str) -> frozenset[str]:
    """The texts that lie in another place than the repository, of which it is not known what they were. The tool's own
    library goes with the tool."""
    known = [os.path.realpath(each) + os.sep for each in (top, str(files("spteproof.spec")))]
    paths = [os.path.realpath(each.source.path) for each in loaded.modules if each.source.path is not None]
    return frozenset(path for path in paths if not path.startswith(tuple(known)))


def _git(folder: Path, words: Sequence[str], otherwise: str) -> bytes:
    """What git says. Raises NoChanges."""
    try:
        done = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", *words],
            cwd=folder,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GIT_SECONDS,
        )
    except FileNotFoundError:
        raise NoChanges("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise NoChanges(f"git took longer than {GIT_SECONDS} s") from None
    if done.returncode:
        raise NoChanges(otherwise)
    return done.stdout


def _is_tools_own(changed: Collection[str]) -> bool:
    """Whether the tool itself changed: then every verdict may."""
    own = [os.path.realpath(str(files(each))) for each in ("spteproof", "spteproof.grammar", "spteproof.solver")]
    return any(
        path.endswith((".py", ".lark")) and any(path.startswith(folder + os.sep) for folder in own) for path in changed
    )


def _affected_texts(loaded: Loaded, changed: Collection[str]) -> frozenset[str]:
    """The names of the texts that changed, or that rest on one that did."""
    own = {each.source.name for each in loaded.modules if _is_changed(each.source.path, each.items, changed)}
    seen: Mapping[str, Sequence[str]] = {name: [each.name for each in of] for name, of in loaded.seen.items()}
    return frozenset(name for name, names in seen.items() if own.intersection([name, *names]))


def _is_changed(path: Path | None, items: Sequence[s.Item], changed: Collection[str]) -> bool:
    """Whether a text changed, or which file a `use` of it finds first: one beside it came or went. Standard input is
    never known to be as it was."""
    if path is None or os.path.realpath(path) in changed:
        return True
    words = [word.text for item in items if isinstance(item, s.Use) for word in item.modules]
    beside = [path.parent.joinpath(*word.split(".")).with_suffix(".spte") for word in words]
    return any(os.path.realpath(each) in changed for each in beside)
