"""What every measurement shares: how often, how far, and how the tool is called."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`folder` holds the texts and the cache of this run alone, so that no earlier run helps this one."""

    folder: Path
    pairs: int
    repeats: int
    largest: int
    step_seconds: float
    library_runs: int

    @property
    def environment(self) -> Mapping[str, str]:
        """As a user's is: compiled modules are kept."""
        return {
            "SPTEPROOF_CACHE_DIR": str(self.folder / "cache"),
            "NO_COLOR": "1",
            "PYTHONDONTWRITEBYTECODE": "",
        }

    def written(self, name: str, text: str) -> str:
        """The path of a new text."""
        path = self.folder / f"{name}.spte"
        path.write_text(text)
        return str(path)


def quick(folder: Path) -> Plan:
    return Plan(folder=folder, pairs=3, repeats=2, largest=8, step_seconds=20, library_runs=1)


def thorough(folder: Path) -> Plan:
    return Plan(folder=folder, pairs=9, repeats=5, largest=64, step_seconds=60, library_runs=3)


def prove(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "spteproof", "prove", *arguments]


def check(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "spteproof", "check", *arguments]
