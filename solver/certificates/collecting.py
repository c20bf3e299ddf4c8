"""What an instance's verdicts rest on: every question that was answered on the way, and every execution that counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from spteproof.grammar.checked import Equivalent
from spteproof.solver.certificates.following import RETRY
from spteproof.solver.certificates.obligations import Asked
from spteproof.solver.certificates.witnesses import to_json
from spteproof.solver.claims import Verdict
from spteproof.solver.counterexamples import Hunt
from spteproof.solver.decision import Decision
from spteproof.solver.questions import Case, Listener, Opinion, Question


@dataclass(slots=True)
class Answers:
    """What was asked of one script, by its answer; `open` is what the solver gave up on."""

    about: str
    no: dict[Asked, None] = field(default_factory=dict)
    yes: dict[Asked, None] = field(default_factory=dict)
    open: dict[Asked, None] = field(default_factory=dict)

    def note(self, question: Question) -> None:
        kept = self.open if question.answer is None else self.yes if question.answer else self.no
        kept[question.assumed] = None


@dataclass(slots=True, kw_only=True)
class Section:
    """The scripts that were asked about: `claims` by their numbers, None for what all claims of the case rest on;
    `order` and `trusting` as the listener is told."""

    claims: tuple[str, ...] | None
    order: int = 0
    trusting: bool = True
    scripts: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class CollectedCase:
    """One instance in one concrete layout. `witnesses` are executions that violate a claim: the claim's text, the bits
    to blame, and the witness as JSON."""

    case: Case
    sections: list[Section]
    witnesses: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)


@dataclass(slots=True)
class Collector:
    """The listener (questions.Listener) that keeps what it is told of one instance: `scripts` by their text. It tells
    `also`, if anybody else listens."""

    cases: list[CollectedCase] = field(default_factory=list)
    scripts: dict[str, Answers] = field(default_factory=dict)
    also: Listener | None = None
    texts: Mapping[str, str] = field(default_factory=dict)

    def case(self, case: Case) -> None:
        self.cases.append(CollectedCase(case, [Section(claims=None)]))
        if self.also is not None:
            self.also.case(case)

    def claims(self, texts: tuple[str, ...], order: int, trusting: bool) -> None:
        self.cases[-1].sections.append(Section(claims=texts, order=order, trusting=trusting))
        if self.also is not None:
            self.also.claims(texts, order, trusting)

    def asked(self, question: Question) -> None:
        """Which branches are dead decides no verdict, and how one asks for it is chance: that is not kept."""
        if not any("branch" in each for each in question.assumed):
            self.scripts.setdefault(question.script, Answers(question.about)).note(question)
            sections = self.cases[-1].sections
            known = sections[-1:] if question.about == RETRY else sections  # two loops may be the same
            if not any(question.script in each.scripts for each in known):
                sections[-1].scripts[question.script] = None
        if self.also is not None:
            self.also.asked(question)

    def taken(self) -> "Collector":
        """What was heard so far, which is forgotten here."""
        heard = Collector(cases=self.cases, scripts=self.scripts)
        self.cases, self.scripts = [], {}
        return heard

    def opinions(self) -> tuple[Opinion, ...]:
        return () if self.also is None else self.also.opinions()

    def refuted(self, claim: str, hunt: Hunt) -> None:
        """Told of each claim that was refuted, after its executions have been replayed."""
        known = self.cases[-1].witnesses
        for bits, witness in hunt.replayed:
            made = (claim, bits, to_json(witness, hunt.surroundings.transitions, self.texts))
            if made not in known:
                known.append(made)


class Witnessing(Decision):
    """Decides as ever, and tells a collector of the executions that refute. A search for one has terms of its own: what
    it finds on its way is chance, and the texts of later questions must not depend on it."""

    def _hunt(self, number: int) -> Hunt:
        self.hunt = super()._hunt(number)
        self.hunt.terms = self.terms.branched()
        return self.hunt

    def _equivalent(self, what: Equivalent) -> Verdict:
        shared, self.terms = self.terms, self.terms.branched()
        try:
            return super()._equivalent(what)
        finally:
            self.terms = shared

    def _refuted(self, number: int) -> Verdict:
        verdict = super()._refuted(number)
        if isinstance(self.budget.told, Collector):
            self.budget.told.refuted(self.claims[number].text, self.hunt)
        return verdict
