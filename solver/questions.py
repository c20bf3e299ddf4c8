"""What is asked of the solver, told to whoever listens: for certificates, and for second opinions.

Told are the questions on which a verdict rests. Those of searches (for a shorter counterexample, for the steps of a
gap) are not: what a search finds is replayed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether a script (SMT-LIB 2, declarations and assertions) holds together with the formulas `assumed`, and the
    `answer`: None where the solver gave up. `about` says what the script speaks of, in one of the words of ABOUT; the
    assumed names say which part of that. `model` gives the values of all that the script declares, by name, after an
    answer that is true; to be called only while the question is told."""

    about: str
    script: str
    assumed: tuple[str, ...]
    answer: bool | None
    model: Callable[[], Mapping[str, int]]


ABOUT = {
    "program": "the theorem's program in its environment: whether a claim can be violated, whether what it speaks of "
    "can happen, which branches are dead, which stores may be overtaken",
    "closure": "whether the closure that was found is reflexive and closed under every step",
    "rely": "whether the author's rely is reflexive, transitive and contains every step",
    "agents": "which agents never change a valid value",
    "agents' duties": "whether an agent's assert may fail, or an expression, an argument or the rely be undefined",
    "events of a thread": "which two events of a thread never both happen",
    "agents' retry": "what one failed iteration of a retry of an agent's program stands for",
    "retry": "the same of the theorem's program",
    "equivalence": "whether two calls can be told apart",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What questions belong to: one instance in one concrete layout, whose names have `values`; params are the
    choices as their author wrote them."""

    theorem: str
    layout: str
    era: str | None
    params: Mapping[str, str]
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a second opinion said of the questions behind a verdict: how many answers it confirmed, and how many it left
    open. `version` is empty for what comes with the tool."""

    name: str
    version: str
    confirmed: int
    undecided: int


class Listener(Protocol):
    """Told, in the order in which things happen, which case comes, which claims and which order of its threads' events
    the questions after that are about, and each question with its answer."""

    def case(self, case: Case) -> None: ...

    def claims(self, texts: tuple[str, ...], order: int, trusting: bool) -> None:
        """`texts` are the claims by their numbers in assumed names (`violated2at0` is a part of number 2); `order` is
        the number of the schedule; not `trusting`, agents may have read what the invariants forbid."""

    def asked(self, question: Question) -> None:
        """May raise what stops the case; its verdicts are unknown then."""

    def opinions(self) -> tuple[Opinion, ...]:
        """What was thought of all that was asked since the last time that this was asked for."""


@dataclass(slots=True)
class Kept:
    """Hands on what it is told, and keeps it to be told again: of what is worked out once and used for many cases."""

    listener: Listener
    questions: list[Question] = field(default_factory=list)

    def case(self, case: Case) -> None:
        self.listener.case(case)

    def claims(self, texts: tuple[str, ...], order: int, trusting: bool) -> None:
        self.listener.claims(texts, order, trusting)

    def opinions(self) -> tuple[Opinion, ...]:
        return self.listener.opinions()

    def asked(self, question: Question) -> None:
        model = question.model() if question.answer else {}
        self.questions.append(replace(question, model=lambda: model))
        self.listener.asked(self.questions[-1])
