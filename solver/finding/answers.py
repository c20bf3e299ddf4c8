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


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """One bit of a predicate's parameter, set or not; a `bool` has bit 0 alone."""

    parameter: str
    bit: int
    value: bool


Product = tuple[Literal, ...]
"""All of these; empty: always true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where one predicate says yes and the other no: nowhere that the program may ask, where there are no `products`.
    Else any of these, with a value of the parameters for each of the first of them, each found in a replayed
    execution. `reason` is why this is not known."""

    products: tuple[Product, ...] = ()
    examples: tuple[Mapping[str, int], ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enough:
    """The weakest predicate in one concrete layout: any of the `products` (none of them: it is never needed); None
    where it was not found for this `reason`, or where the properties in `broken` are refuted even if the answer is
    always yes. Else `broken` are those refuted where it is always no, and `own_broken` those refuted with the
    kernel's own predicate, which is `stricter` than needed here and lets through what is `missing` there."""

    values: Mapping[str, int]
    products: tuple[Product, ...] | None
    broken: tuple[str, ...] = ()
    own_broken: tuple[str, ...] = ()
    stricter: Difference = Difference()
    missing: Difference = Difference()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """The weakest predicate that makes a theorem hold in one layout and era, for all choices of the theorem's
    parameters but those `left_out`. `placed`, `skipped`, `undecided` and `seconds` as in Masks."""

    theorem: str
    place: Place
    layout: str
    era: str | None
    predicate: str
    parameters: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    aliases: Mapping[str, str]
    placed: Sequence[Enough] = ()
    skipped: str | None = None
    undecided: bool = False
    seconds: float = 0.0
