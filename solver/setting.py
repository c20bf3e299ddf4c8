"""What names mean in one instance: a concrete layout, an era, the ghosts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from spteproof.grammar.checked import DEFAULT_ENTRY, Invariant, Scope, Sort


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Setting:
    """`values` are the layout's names and aliases (u64 masks and values; bool constants as 0 or 1), all concrete.
    `entries` are the entries at hand, the default one first; `ghosts` are the ghosts and the further entries. `open`
    are truth values beside them that may be anything: variables over terms, and chosen anew in each transition.
    `choices` are the values of `in { }` parameters by name; where these are left open, `alternatives` are the values
    that they may have together."""

    layout: str
    values: Mapping[str, int]
    masks: tuple[str, ...]
    aliases: Mapping[str, str]
    invariants: tuple[Invariant, ...]
    scope: Scope
    ghosts: Mapping[str, Sort]
    entries: tuple[str, ...] = (DEFAULT_ENTRY,)
    era: str | None = None
    choices: Mapping[str, int] = field(default_factory=dict)
    open: frozenset[str] = frozenset()
    alternatives: tuple[Mapping[str, int], ...] = ()


Site = tuple[tuple[str, int, int], ...]
"""Where an event stands: the calls that lead to it and its own place, each as (source name, start, end); a two-event
operation's halves differ in a last part, and so do the iterations of a retry. So every site runs at most once."""

FAILED, LAST = "failed iteration", "last iteration"
"""What the part of a site for one iteration of a retry is called."""
