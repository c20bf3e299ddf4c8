"""`spteproof completion SHELL`: a script by which the shell completes commands, options, files and the library's
words."""

import argparse
from collections.abc import Iterable, Iterator
from importlib.util import find_spec

from spteproof.arguments import parser
from spteproof.explaining import VERDICTS
from spteproof.grammar.checked import Library
from spteproof.grammar.modules import load
from spteproof.running.pipeline import LIBRARY, library_of

MISSING = """\
`completion` needs `shtab`, which is not installed. Install it beside spteproof:
  pip install 'spteproof[completion]'        or, in a checkout: pip install -e '.[completion]'"""


class CompletionMissing(Exception):
    """The library that makes the scripts is not installed; the message says what to do."""


def completion(shell: str) -> str:
    """The script for "bash", "zsh" or "tcsh". Names of the library are those of now. Raises CompletionMissing."""
    if find_spec("shtab") is None:
        raise CompletionMissing(MISSING)
    import shtab

    top = parser()
    words = _words(library_of(load([LIBRARY], library_root=LIBRARY)))
    for command, action in _actions(top):
        kind = _kind(command, action)
        if kind == "file":
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif kind is not None:
            action.complete = shtab.cmd(f"echo {' '.join(words[kind])}")  # type: ignore[attr-defined]
    return shtab.complete(top, shell).rstrip("\n") + "\n"


def _words(library: Library) -> dict[str, list[str]]:
    """The library's names by kind; all are letters, digits and `_`, and of verdicts `.`. The ids of diagnostics are
    left out: bash ends a word at their `:`."""
    named: dict[str, Iterable[str]] = {
        "layout": [*library.layouts, *library.families],
        "era": library.eras,
        "theorem": library.theorems,
    }
    scopes = library.scopes.values()
    defined = {name for scope in scopes for kind in (scope.agents, scope.pures, scope.helpers) for name in kind}
    named["explained"] = [*library.theorems, *VERDICTS]
    named["word"] = [*library.layouts, *library.theorems, *defined]
    return {kind: sorted(names) for kind, names in named.items()}


def _actions(top: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    for action in top._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, command in action.choices.items():
                yield from ((name, each) for each in command._actions)  # noqa: SLF001


def _kind(command: str, action: argparse.Action) -> str | None:
    """What may stand for an option or an argument: "file", or a kind of name."""
    if action.dest in ("paths", "given", "output", "folder"):
        return "file"
    if command == "show" and action.dest == "name":
        return "word"
    if command == "explain" and action.dest == "id":
        return "explained"
    return action.dest if action.dest in ("layout", "era", "theorem") else None
