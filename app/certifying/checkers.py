"""Other people's checkers of refutations, asked besides the tool's own: where they are installed."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

LRAT, DRAT = "lrat", "drat"
PROGRAMS = {"cake_lpr": LRAT, "lrat-check": LRAT, "drat-trim": DRAT}
"""The programs that are looked for, and the format that each reads."""

DRATIFY = "dratify"
NAMES = (*PROGRAMS, DRATIFY)
SECONDS = 600
SHELL_SAYS_KILLED = 128
"""What a shell adds to the number of the signal that ended a program."""


@dataclass(frozen=True, slots=True)
class Checkers:
    """Those to be asked, by name."""

    names: tuple[str, ...]

    def silent(self, dimacs: str, lemmas: str) -> Iterator[str]:
        """Which of them gave no answer on a refutation, and why. Raises ValueError where one does not accept it."""
        for name in self.names:
            try:
                if not _accepts(name, dimacs, lemmas):
                    raise ValueError(f"{name} does not accept the refutation")
            except _NoAnswer as none:
                yield f"{name} gave no answer: {none}"


class _NoAnswer(Exception):
    """A checker did not come to an end by itself; the message says why."""


def at_hand() -> tuple[str, ...]:
    """The programs that are found on PATH."""
    return tuple(name for name in PROGRAMS if shutil.which(name))


def missing(names: Sequence[str]) -> list[str]:
    """Those of the named checkers that are not installed."""
    return [name for name in names if not (find_spec(DRATIFY) if name == DRATIFY else shutil.which(name))]


def _accepts(name: str, dimacs: str, lemmas: str) -> bool:
    """Raises _NoAnswer."""
    if name == DRATIFY:
        from dratify import check_proof, parse_dimacs

        return bool(check_proof(parse_dimacs(dimacs), without_hints(lemmas), engine="python").ok)
    with tempfile.TemporaryDirectory(prefix="spteproof-") as folder:
        clauses, proof = Path(folder) / "clauses.cnf", Path(folder) / "proof"
        clauses.write_text(dimacs)
        proof.write_text(lemmas if PROGRAMS[name] == LRAT else without_hints(lemmas))
        try:
            run = subprocess.run([name, str(clauses), str(proof)], capture_output=True, timeout=SECONDS, check=False)
        except OSError as error:
            raise _NoAnswer(f"it cannot be run ({error.strerror})") from None
        except subprocess.TimeoutExpired:
            raise _NoAnswer(f"it took more than {SECONDS} seconds") from None
    number = -run.returncode if run.returncode < 0 else run.returncode - SHELL_SAYS_KILLED
    if number in set(signal.Signals):
        raise _NoAnswer(f"it was ended by {signal.Signals(number).name}")
    if b"exhausted" in run.stderr:
        raise _NoAnswer("it had too little memory")
    said = run.stdout.upper()
    return b"VERIFIED" in said and b"NOT VERIFIED" not in said


def without_hints(lemmas: str) -> str:
    """The lemmas as a DRAT proof: the clauses alone."""
    lines = [line.split()[1:] for line in lemmas.splitlines()]
    return "".join(f"{' '.join(words[: words.index('0')])} 0\n" for words in lines)
