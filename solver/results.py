"""Verdicts and what goes with them: the values that the solver gives and the app shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from spteproof.grammar.source import Place
from spteproof.solver.questions import Listener, Opinion

PROVED, REFUTED, VACUOUS, UNKNOWN = "proved", "refuted", "vacuous", "unknown"

SEARCHED = "its shortest counterexample is being looked for"
"""What is said of a refutation that was replayed, until its counterexamples are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of an interleaving. `who` is "program", a thread's name or an agent's; `action` is the statement's text
    or the step's name; `before` and `after` are the default entry, `others` the further entries that changed, each as
    (name, before, after); `note` tells what else changed or was chosen."""

    who: str
    action: str
    place: Place
    before: int
    after: int
    note: str = ""
    others: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """A replayed execution that violates the property. `lost` are the bits to blame (a u64; 0 where the property
    does not speak of bits) and `names` their names; `entries` are the further entries at the start; `values` are the
    concrete layout's names, for decoding; `placed` are those masks that the layout leaves open (`some bit`); `shortest`
    is whether the search for the shortest came to its end."""

    lost: int
    names: tuple[str, ...]
    start: int
    end: int
    ghosts: Mapping[str, int]
    parameters: Mapping[str, int]
    inputs: Mapping[str, int]
    rows: Sequence[Row]
    environment_steps: int
    shortest: bool
    values: Mapping[str, int]
    masks: tuple[str, ...]
    aliases: Mapping[str, str]
    place: Place
    threads: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    entries: Mapping[str, int] = field(default_factory=dict)
    placed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a verdict covers. `threads` are those of a `parallel`, in every order of their events. `retries` are
    the places of the loops involved: of an execution in which one of them never ends, only what happens meanwhile is
    judged. `any_change`: before each event comes any change that the invariants allow, in the place of `environment`.
    `untriggered`, `no_bits` and `no_premise` say of a proved property that it says little: no event clears a bit that
    it speaks of, its mask holds no bit here, what stands before its `->` never holds. `opinions` are what others said
    of the questions behind the verdicts of this instance."""

    layout: str
    era: str | None
    placements: int
    environment: tuple[str, ...]
    omitted: tuple[str, ...]
    locks: tuple[str, ...]
    rely: str | None
    invariants: tuple[str, ...]
    assumptions: tuple[str, ...]
    solver: str
    timeout_seconds: float
    effort: int
    idle_agents: tuple[str, ...] = ()
    dead_branches: tuple[str, ...] = ()
    any_change: bool = False
    untriggered: bool = False
    no_bits: bool = False
    no_premise: bool = False
    threads: tuple[str, ...] = ()
    retries: tuple[str, ...] = ()
    opinions: tuple[Opinion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The verdict on one property in one instance. `losing` are the names of all bits that can be lost (or
    changed, or resurrected);
    `asked` are those of the bits that the property asks about (None: it does not speak of bits, or they are many, or
    the instance does not fix them) and `kept` those of them that are shown never to be lost;
    `implicit` marks what the tool proves without being asked (asserts, definedness, invariants); `reason` explains an
    unknown or vacuous verdict, `reason_id` is the kind of an unknown's, of `doubts.KINDS`; `seconds` is wall time."""

    theorem: str
    place: Place
    property: str
    layout: str
    era: str | None
    params: Mapping[str, str]
    verdict: str
    expected: str
    expected_losing: tuple[str, ...]
    ok: bool
    losing: tuple[str, ...]
    implicit: bool
    reason: str | None
    scope: Scope
    seconds: float
    counterexample: Counterexample | None = None
    others: tuple[Counterexample, ...] = ()
    asked: tuple[str, ...] | None = None
    kept: tuple[str, ...] = ()
    reason_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An instance in which there is nothing to decide."""

    theorem: str
    place: Place
    layout: str
    era: str | None
    params: Mapping[str, str]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits for one obligation: wall seconds as the net, `effort` (the solver's own count, which repeats) as the
    budget, and seconds for the search for the shortest counterexample. `told` hears every question on which a verdict
    rests; nobody, where it is None."""

    timeout_seconds: float = 10.0
    effort: int = 50_000_000
    shortest_seconds: float = 1.0
    told: Listener | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that one theorem gave."""

    results: tuple[Result, ...] = ()
    skipped: tuple[Skipped, ...] = field(default=())
