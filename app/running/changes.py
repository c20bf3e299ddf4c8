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


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Places by their real folders. `changed` are those that differ from the revision, those that are gone and those
    that git does not know included, texts that it is told to ignore left out. `watched` are those that it knows and
    looks at, in its own repository `top`."""

    top: str
    changed: frozenset[str]
    watched: frozenset[str]

    def touch(self, path: Path) -> bool:
        """Whether the file, or a link on the way to it, changed, came or went."""
        return not self.changed.isdisjoint(_way(path))

    def may_touch(self, path: Path) -> bool:
        """The same, or git does not say: what it ignores or does not look at, what lies outside of the repository or in
        another one inside of it. The tool's own library goes with the tool."""
        if self.touch(path):
            return True
        real = os.path.realpath(path)
        links = [each for each in _way(path) if os.path.islink(each) and each.startswith(self.top + os.sep)]
        library = os.path.realpath(str(files("spteproof.spec"))) + os.sep
        return not real.startswith(library) and not self.watched.issuperset([real, *links])


def affected(
    loaded: Loaded, library: Library, tasks: Sequence[str], revision: str, asked: Sequence[str] = ()
) -> Affected:
    """Divides the tasks by whether the change can affect them; all where one of the names of layouts, eras and families
    that are `asked` for stands in a text that it affects. Raises NoChanges."""
    changes = changes_since(Path.cwd(), revision)
    texts = None if _is_tools_own(changes.changed) else _affected_texts(loaded, changes)
    stated = [loaded.names.globals[name].module.source.name for name in asked if name in loaded.names.globals]
    if texts is not None and not texts.isdisjoint(stated):
        texts = None
    items = {**library.layouts, **library.theorems}
    hit = [name for name in tasks if texts is None or items[name].place.source.name in texts]
    left = [name for name in tasks if name not in set(hit)]
    return Affected(revision=revision, tasks=tuple(hit), left_out=tuple(left))


def changes_since(folder: Path, revision: str) -> Changes:
    """What git says of its repository. Raises NoChanges."""
    top = _top(folder)
    name = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    commit = _git(folder, name, f"there is no revision `{revision}` in `{top}`").decode().strip()
    differing = ["diff", "--name-only", "--no-renames", "--no-ext-diff", "--no-relative", "-z", commit, "--"]
    unknown = ["ls-files", "--others", "--exclude-standard", "-z"]
    tagged = ["ls-files", "-v", "-z"]  # a small letter, or S: git was told not to look
    found = [_git(Path(top), words, f"git cannot compare with `{revision}`") for words in (differing, unknown, tagged)]
    named = [[os.fsdecode(each) for each in data.split(b"\0") if each] for data in found]
    top = os.path.realpath(top)
    watched = [each[2:] for each in named[2] if each[0] in "HM"]
    return Changes(
        top=top,
        changed=frozenset(os.path.join(top, each.rstrip(os.sep)) for each in (*named[0], *named[1])),
        watched=frozenset(os.path.join(top, each) for each in watched),
    )


def _place(path: str) -> str:
    """Where a file, a folder or a link stands; what it leads to does not matter."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def _way(path: Path) -> frozenset[str]:
    """The places of a file and of every folder and link that leads to it."""
    found: set[str] = set()
    waiting = [os.path.join(os.getcwd(), path)]
    while waiting:
        at = waiting.pop()
        for place in [_place(str(each)) for each in (Path(at), *Path(at).parents)]:
            if place not in found and os.path.islink(place):
                waiting.append(os.path.join(os.path.dirname(place), os.readlink(place)))
            found.add(place)
    return frozenset(found)


def _top(folder: Path) -> str:
    """The repository's own folder. Raises NoChanges."""
    said = _git(folder, ["rev-parse", "--show-toplevel"], f"`{folder}` is in no git repository")
    return os.fsdecode(said).rstrip("\n")


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


def _affected_texts(loaded: Loaded, changes: Changes) -> frozenset[str]:
    """The names of the texts that changed, or that rest on one that did."""
    own = {each.source.name for each in loaded.modules if _is_changed(each.source.path, each.items, changes)}
    seen: Mapping[str, Sequence[str]] = {name: [each.name for each in of] for name, of in loaded.seen.items()}
    return frozenset(name for name, names in seen.items() if own.intersection([name, *names]))


def _is_changed(path: Path | None, items: Sequence[s.Item], changes: Changes) -> bool:
    """Whether a text changed, or which file a `use` of it finds first: one beside it came or went. Standard input is
    never known to be as it was."""
    if path is None or changes.may_touch(path):
        return True
    words = [word.text for item in items if isinstance(item, s.Use) for word in item.modules]
    return any(changes.touch(path.parent.joinpath(*word.split(".")).with_suffix(".spte")) for word in words)
