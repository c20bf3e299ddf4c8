"""From a solver's script and what was asked of it to one obligation: an SMT-LIB 2 text with what it needs, no more.

Left out is what cannot matter: an assertion `(=> name ...)` or `(= name ...)` about a declared constant that nothing
else mentions can always be met by a value of that constant, and a definition that nothing uses says nothing. Names of
definitions are numbered anew, so that equal obligations are equal texts, whatever was worked out before them.
"""

import re
from collections import Counter
from collections.abc import Sequence

from spteproof.solver.certificates.reading import Tree, bare, trees

_DEFINED = re.compile(r"t\d+|n\d+")


Asked = Sequence[str]
"""What one question assumes beside its script: expressions that are truth values."""


def none_of(script: str, asked: Sequence[Asked]) -> str:
    """The text that can hold exactly where the script can hold together with some of the questions `asked`. So it
    cannot hold where the answer to all is no."""
    return _obligation(script, "or", asked)


def all_of(script: str, asked: Sequence[Asked]) -> str:
    """The text that can hold exactly where the script can hold together with all the questions `asked` at once. So
    where it holds the answer to each is yes."""
    return _obligation(script, "and", asked)


def conjunction(asked: Asked) -> str:
    """One question as one expression."""
    return _joined("and", asked) if asked else "true"


def asserted(operator: str, asked: Sequence[Asked]) -> str:
    """What an obligation asserts of the questions: "or" for some of them, "and" for all."""
    (question,) = trees(_joined(operator, [conjunction(each) for each in asked]))
    return f"(assert {_text(question)})"


def constants(text: str) -> set[str]:
    """The names of the constants that a text declares."""
    return {bare(str(command[1])) for command in trees(text) if command[0] == "declare-const"}


def _joined(operator: str, parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({operator} {' '.join(parts)})"


def _obligation(script: str, operator: str, asked: Sequence[Asked]) -> str:
    kept = _needed([*trees(script), *trees(asserted(operator, asked))])
    return "(set-logic QF_BV)\n" + _renumbered("\n".join(map(_text, kept))) + "\n(check-sat)\n"


def _needed(commands: list[Tree]) -> list[Tree]:
    """The commands that matter, in order."""
    mentioned = Counter(name for command in commands if command[0] == "assert" for name in _names(command))
    declared = {bare(str(command[1])) for command in commands if command[0] == "declare-const"}
    for command in commands:
        if command[0] == "define-fun":
            mentioned.update(set(_names(command[2:])))
    wanted: set[str] = set()
    kept: list[Tree] = []
    for command in reversed(commands):
        if command[0] == "assert":
            about = _about(command[1])
            if about in declared and mentioned[about] == 1:
                continue
        elif bare(str(command[1])) not in wanted:
            continue
        kept.append(command)
        wanted.update(_names(command[1:] if command[0] == "assert" else command[2:]))
    return kept[::-1]


def _about(body: Tree) -> str | None:
    """The name that an assertion is about."""
    match body:
        case ["=>" | "=", str(name), _]:
            return bare(name)
    return None


def _names(tree: Tree) -> list[str]:
    """All tokens of an expression, without their bars."""
    found, waiting = [], [tree]
    while waiting:
        at = waiting.pop()
        if isinstance(at, str):
            found.append(bare(at))
        else:
            waiting += at
    return found


def _text(tree: Tree) -> str:
    return tree if isinstance(tree, str) else f"({' '.join(map(_text, tree))})"


def _renumbered(text: str) -> str:
    """Definitions numbered in the order in which they come."""
    numbers: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        token = match.group()
        if not _DEFINED.fullmatch(token):
            return token
        return numbers.setdefault(token, f"{token[0]}{len(numbers)}")

    return re.sub(r"\|[^|]*\||[^\s()|]+", renamed, text)
