"""Why nothing was decided: words for a person, and the id of their kind, which stays as it is.

Each kind has a page in `app/pages/verdicts.md`, which says what to do. Whoever finds a reason says of which kind it is.
"""

from collections.abc import Mapping
from typing import Self

TIME, LARGE, ORDERS = "unknown.time", "unknown.large", "unknown.orders"
RELY, RETRY, ORDER, LOCKS = "unknown.rely", "unknown.retry", "unknown.order", "unknown.locks"
AGENTS, INVARIANTS, UNDEFINED = "unknown.agents", "unknown.invariants", "unknown.undefined"
EQUIVALENT, INTERNAL = "unknown.equivalent", "unknown.internal"

KINDS: Mapping[str, str] = {
    TIME: "the solver gave up: time, effort or memory",
    LARGE: "the environment, the placements or the program are too large",
    ORDERS: "the events of threads come in too many orders",
    RELY: "a `rely` that allows more than the agents do, or that is none",
    RETRY: "one failed iteration of a loop does not stand for all",
    ORDER: "a plain store that a later read of another entry may overtake",
    LOCKS: "what refutes it, or what it speaks of, takes agents that run at one time whose locks exclude each other",
    AGENTS: "an agent's assert may fail, or an expression of it may be undefined",
    INVARIANTS: "it rests on invariants that are not kept",
    UNDEFINED: "an invariant, a `rely`, an agent's argument, a choice or a mask may be undefined",
    EQUIVALENT: "`equivalent` does not compare such calls, nor `refines` such a block",
    INTERNAL: "an error of the tool",
}
"""Every kind, with its meaning in one line."""


class Doubt(str):
    """The reason of an unknown: its words, and in `kind` the id of its kind."""

    __slots__ = ("kind",)
    kind: str

    def __new__(cls, kind: str, words: str) -> Self:
        assert kind in KINDS, kind
        made = super().__new__(cls, words)
        made.kind = kind
        return made


class TooBig(Exception):
    """Something is too large to decide, or cannot be for another reason; `doubt` is the reason of an unknown."""

    def __init__(self, words: str, kind: str = LARGE) -> None:
        super().__init__(words)
        self.doubt = Doubt(kind, words)


MEMORY_RAN_OUT = Doubt(TIME, "memory ran out")
"""The reason of an unknown for which there was not enough memory."""

NOT_KEPT = Doubt(INVARIANTS, "it rests on invariants that are not kept: agents may have read values that break them")
"""The reason of an unknown that would be proved if all that agents read met the invariants."""

NOT_SHOWN = Doubt(RELY, "rely too weak: no steps of the agents are shown that lead to what it speaks of")
"""The reason of an unknown that nothing violates, and of which it is not known whether anything like it happens."""

NOT_IN_TURN = Doubt(LOCKS, "what it speaks of is seen only where agents run at one time whose locks exclude each other")
"""The reason of an unknown that nothing violates, and of which it is not known whether the locks let it happen."""

NOT_AGAIN = Doubt(INTERNAL, "no counterexample could be found again")
"""The reason of an unknown that was found to be violated, and then not."""

# Of `equivalent`

RETRIED = Doubt(EQUIVALENT, "a program with a retry has no fixed number of events to compare")
MORE_ENTRIES = Doubt(EQUIVALENT, "`equivalent` compares what is done to one entry, and the theorem speaks of more")
ASSUMING = Doubt(EQUIVALENT, "a call makes an assumption of its own, which would hold for the other as well")
READING = Doubt(EQUIVALENT, "a call reads a ghost, which others may change meanwhile")
SETTING = Doubt(EQUIVALENT, "a call sets a ghost that agents read or set, and when it does is not compared")
FREE_GHOSTS = Doubt(EQUIVALENT, "what agents do hangs on ghosts, and without it the hypotheses are not seen to hold")
NOT_DEFINED = Doubt(EQUIVALENT, "a call may reach an undefined expression or an assert that fails")
NO_STEPS = Doubt(EQUIVALENT, "no steps of the agents lead from one value of the counterexample to the next")
NOT_APART = Doubt(INTERNAL, "internal error: the replayed counterexample does not tell the two apart")
NOT_MET = Doubt(INTERNAL, "internal error: the model does not meet an assumption")
