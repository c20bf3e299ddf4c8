"""What a person may choose in the editor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Prove = Literal["type", "save", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`prove` says when theorems are proved without being asked; `timeout` is the limit of one solver call in
    seconds."""

    prove: Prove = "type"
    timeout: float = 10.0


def settings_from(said: Any) -> Settings:
    """From what a client sends: `{"prove": "save", "timeout": 5}`, perhaps below `spteproof`. What is missing or makes
    no sense is as if it were not said."""
    if isinstance(said, Mapping) and isinstance(said.get("spteproof"), Mapping):
        said = said["spteproof"]
    if not isinstance(said, Mapping):
        return Settings()
    prove = said.get("prove")
    return Settings(
        prove=prove if prove in ("type", "save", "never") else "type", timeout=_seconds(said.get("timeout"))
    )


def _seconds(said: Any) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 < said < 1e6:
        return Settings().timeout
    return float(said)
