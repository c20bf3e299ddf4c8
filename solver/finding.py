"""What `find` finds: values that the solver gives and the app shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spteproof.grammar.source import Place


class CannotFind(Exception):
    """There is nothing of the kind to find; the message is for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bit:
    """One single-bit mask as the parameter's value: `verdict` is "proved" where all that was asked is proved, "refuted"
    where the properties in `broken` have a replayed counterexample, else "vacuous" or "unknown" for this `reason`."""

    number: int
    verdict: str
    broken: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The answers in one concrete layout, whose names have these `values`: a Bit for each of the 64."""

    values: Mapping[str, int]
    bits: Sequence[Bit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Masks:
    """Which single-bit masks may be passed as `parameter`, in one instance of a theorem: a layout, an era, one choice
    for each other parameter. `placed` has an answer for each placement of the layout's symbolic bits (one where there
    are none); `none` are the layout's masks that are no bit here; `skipped` is why there is no answer,
    `undecided` whether that is so because it is too large; `seconds` is wall time."""

    theorem: str
    place: Place
    layout: str
    era: str | None
    params: Mapping[str, str]
    parameter: str
    properties: tuple[str, ...]
    masks: tuple[str, ...] = ()
    aliases: Mapping[str, str]
    placed: Sequence[Placed] = ()
    none: tuple[str, ...] = ()
    skipped: str | None = None
    undecided: bool = False
    seconds: float = 0.0
