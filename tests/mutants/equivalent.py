"""Mutants that no test can see, each with the reason: `equivalent.txt`."""

from pathlib import Path

LIST = Path(__file__).parent / "equivalent.txt"


def reasons(text: str | None = None) -> dict[str, str]:
    """The reason by the mutant's key. A key stands on a line of its own, and its reason on the indented lines that follow;
    several keys may share one. Lines that begin with `#` are comments. Raises ValueError."""
    found: dict[str, str] = {}
    keys: list[str] = []
    told: list[str] = []
    lines = (LIST.read_text(encoding="utf-8") if text is None else text).splitlines()
    for line in [*lines, ""]:
        if line.startswith("#"):
            continue
        if line.startswith("    "):
            told.append(line.strip())
            continue
        if told or not line:
            _keep(found, keys, told)
            keys, told = [], []
        if line:
            keys.append(line)
    return found


def _keep(found: dict[str, str], keys: list[str], told: list[str]) -> None:
    for key in keys:
        if not told:
            raise ValueError(f"no reason: {key}")
        if key in found:
            raise ValueError(f"listed twice: {key}")
        found[key] = " ".join(told)
