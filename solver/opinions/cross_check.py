"""Every question on which a verdict rests, asked again of others. Where one contradicts, there is no verdict."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from typing import Protocol

from spteproof.solver.opinions.enumeration import holds_with
from spteproof.solver.questions import Case, Opinion, Question

SOLVERS = ("bitwuzla", "cvc5")
ENUMERATION = "enumeration"
NAMES = (*SOLVERS, ENUMERATION)
_MODULES = {
    "bitwuzla": ("bitwuzla_opinion", "Bitwuzla"),
    "cvc5": ("cvc5_opinion", "Cvc5"),
    ENUMERATION: (ENUMERATION, "Enumeration"),
}


class Asked(Protocol):
    """One script, asked again and again under assumptions; None where there is no answer within reason."""

    def holds(self, assumed: tuple[str, ...]) -> bool | None: ...


Opener = Callable[[str, float], Asked]
"""From a script and the seconds for each answer."""


class Disagreement(Exception):
    """Two answers to one question; the message holds all that is needed to ask it again."""


class NotInstalled(Exception):
    """A second solver that is asked for is not there; the message is its name."""


def installed() -> tuple[str, ...]:
    """The opinions that can be had here."""
    return tuple(each for each in NAMES if each == ENUMERATION or find_spec(each) is not None)


def opener(name: str) -> tuple[Opener, str]:
    """What opens a script for the opinion of this name, and the version. Raises NotInstalled."""
    module, kind = _MODULES[name]
    if name not in installed():
        raise NotInstalled(name)
    loaded = importlib.import_module(f"spteproof.solver.opinions.{module}")
    return getattr(loaded, kind), version(name) if name in SOLVERS else ""


@dataclass(slots=True)
class _Counted:
    open: Opener
    version: str
    confirmed: int = 0
    undecided: int = 0
    at: tuple[str, Asked] | None = None


@dataclass(slots=True)
class CrossCheck:
    """A listener (questions.Listener) that asks the opinions named; `seconds` limit each answer. What was confirmed
    once is not asked again."""

    names: Sequence[str]
    seconds: float
    openers: Callable[[str], tuple[Opener, str]] = opener
    _counted: dict[str, _Counted] = field(default_factory=dict)
    _known: dict[bytes, dict[str, bool]] = field(default_factory=dict)
    _case: Case | None = None

    def versions(self) -> tuple[str, ...]:
        """Who is asked, with versions. Raises NotInstalled."""
        return tuple(f"{name} {self.openers(name)[1]}".strip() for name in self.names)

    def case(self, case: Case) -> None:
        self._case = case

    def claims(self, texts: tuple[str, ...], order: int, trusting: bool) -> None:
        pass

    def asked(self, question: Question) -> None:
        """Raises Disagreement."""
        if question.answer is None:
            return
        if not self._counted:
            self._counted = {name: _Counted(*self.openers(name)) for name in self.names}
        key = sha256("\0".join([question.script, *question.assumed]).encode()).digest()
        if key not in self._known:
            self._known[key] = {name: self._confirms(name, question) for name in self.names}
        for name, confirmed in self._known[key].items():
            if confirmed:
                self._counted[name].confirmed += 1
            else:
                self._counted[name].undecided += 1

    def opinions(self) -> tuple[Opinion, ...]:
        found = tuple(
            Opinion(name=name, version=each.version, confirmed=each.confirmed, undecided=each.undecided)
            for name, each in self._counted.items()
        )
        for counted in self._counted.values():
            counted.confirmed = counted.undecided = 0
        return found

    def _confirms(self, name: str, question: Question) -> bool:
        if name == ENUMERATION and question.answer:
            tried = holds_with(question.script, question.assumed, question.model())
            if tried is not False:
                return tried is True
            raise Disagreement(self._described("evaluation with the values that it gives", question, False))
        counted = self._counted[name]
        if counted.at is None or counted.at[0] != question.script:
            counted.at = (question.script, counted.open(question.script, self.seconds))
        answer = counted.at[1].holds(question.assumed)
        if answer is None:
            return False
        if answer is not question.answer:
            raise Disagreement(self._described(f"{name} {counted.version}".strip(), question, answer))
        return True

    def _described(self, who: str, question: Question, answer: bool) -> str:
        said = {True: "sat", False: "unsat"}
        asserts = "".join(f"(assert {each})\n" for each in question.assumed)
        return (
            f"Z3 says {said[bool(question.answer)]}, {who} says {said[answer]}\n"
            f"about: {question.about}, {self._case}\n\n"
            f"(set-logic QF_BV)\n{question.script}\n{asserts}(check-sat)\n"
        )
