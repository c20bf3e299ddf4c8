"""What is judged, and what came of it."""

from dataclasses import dataclass
from pathlib import Path

from spteproof.grammar.mutation.mutants import Mutant

KILLED, SURVIVED, MEANINGLESS, UNDECIDED = "killed", "survived", "meaningless", "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A mutant of the text of a file."""

    path: Path
    mutant: Mutant


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a mutant: killed, survived, meaningless (it has names or sorts that do not fit) or undecided.
    `killer` is the theorem that refuted it, with `where` and `how`; `looked` are the theorems that it was shown to, the
    killer included."""

    fate: str
    killer: str | None = None
    where: str = ""
    how: str = ""
    looked: tuple[str, ...] = ()
