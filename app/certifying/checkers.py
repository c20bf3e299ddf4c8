"""Other people's checkers of refutations, asked besides the tool's own: where they are installed."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

LRAT, DRAT = "lrat", "drat"
PROGRAMS = {"cake_lpr": LRAT, "lrat-check": LRAT, "drat-trim": DRAT}
"""The programs that are looked for, and the format that each reads."""

DRATIFY = "dratify"
NAMES = (*PROGRAMS, DRATIFY)
SECONDS = 600


@dataclass(frozen=True, slots=True)
class Checkers:
    """Those to be asked, by name."""

    names: tuple[str, ...]

    def refuse(self, dimacs: str, lemmas: str) -> str | None:
        """Which of them does not accept a refutation; None where all do."""
        return next((name for name in self.names if not _accepts(name, dimacs, lemmas)), None)


def at_hand() -> tuple[str, ...]:
    """The programs that are found on PATH."""
    return tuple(name for name in PROGRAMS if shutil.which(name))


def missing(names: Sequence[str]) -> list[str]:
    """Those of the named checkers that are not installed."""
    return [name for name in names if not (find_spec(DRATIFY) if name == DRATIFY else shutil.which(name))]


def _accepts(name: str, dimacs: str, lemmas: str) -> bool:
    if name == DRATIFY:
        from dratify import check_proof, parse_dimacs

        return bool(check_proof(parse_dimacs(dimacs), without_hints(lemmas), engine="python").ok)
    with tempfile.TemporaryDirectory(prefix="spteproof-") as folder:
        clauses, proof = Path(folder) / "clauses.cnf", Path(folder) / "proof"
        clauses.write_text(dimacs)
        proof.write_text(lemmas if PROGRAMS[name] == LRAT else without_hints(lemmas))
        try:
            run = subprocess.run(
                [name, str(clauses), str(proof)], capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    said = run.stdout.upper()
    return "VERIFIED" in said and "NOT VERIFIED" not in said


def without_hints(lemmas: str) -> str:
    """The lemmas as a DRAT proof: the clauses alone."""
    lines = [line.split()[1:] for line in lemmas.splitlines()]
    return "".join(f"{' '.join(words[: words.index('0')])} 0\n" for words in lines)
