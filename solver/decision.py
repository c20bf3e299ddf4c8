"""One instance in one concrete layout: what is claimed, asked of the solver, and decided."""

from collections.abc import Sequence
from dataclasses import replace

from spteproof.grammar import checked as c
from spteproof.solver import equivalence
from spteproof.solver.branches import arm, unreached
from spteproof.solver.claims import Claim, Decided, Verdict, claims_of, given_up, holds_no_bit, losing_none, unsettled
from spteproof.solver.counterexamples import SHOWN_BITS, Hunt
from spteproof.solver.doubts import INVARIANTS, NOT_KEPT, Doubt, TooBig
from spteproof.solver.execution import execution
from spteproof.solver.found import Found
from spteproof.solver.ground import Ground, grounded
from spteproof.solver.happenings import Branch, Loop
from spteproof.solver.hypotheses import happening, state_hypotheses
from spteproof.solver.instances import Instance, bits_to_lose, expectation
from spteproof.solver.naming import lacking_words, names_of_bits
from spteproof.solver.properties import Moment, Violation, violation
from spteproof.solver.results import PROVED, REFUTED, VACUOUS, Budget
from spteproof.solver.retries import Exactness, duties_again, exactness, why_unknown
from spteproof.solver.schedules import Schedule
from spteproof.solver.setting import Setting
from spteproof.solver.smtlib import Script
from spteproof.solver.store_buffer import state_overtakings, why_in_doubt
from spteproof.solver.terms import Term, Terms
from spteproof.solver.workbench import Workbench
from spteproof.solver.z3_solver import Literal, Solver, Unknown


def decisions(
    bench: Workbench,
    setting: Setting,
    instance: Instance,
    budget: Budget,
    earlier: Sequence[Decided],
    kind: "type[Decision] | None" = None,
) -> list[Decided]:
    """Decides one instance in one concrete layout: once, or once for each schedule of its threads. `earlier` are other
    placements already decided, `kind` is how it decides."""
    try:
        shared = grounded(bench, setting, instance.theorem, budget, True)
    except TooBig as big:
        return [given_up(instance.theorem, big.doubt)]
    found: list[Decided] = []
    for schedule in shared.schedules:
        decision = (kind or Decision)(bench, setting, instance, budget, shared, schedule, earlier, found)
        found.append(decision.run())
    return found


class Decision:
    """Decides one instance in one concrete layout and with one schedule of its threads. `earlier` are other placements
    already decided, `siblings` other schedules in this one; `trusting`, its agents have read only what the invariants
    allow. All that is asked is asked under the literals in `given`.
    """

    at_once = False
    """Whether what is proved of all choices at once need not be decided by this kind."""

    recurs = False
    """Whether what was decided may be taken for an instance that is the same but for its layout's name."""

    def __init__(
        self,
        bench: Workbench,
        setting: Setting,
        instance: Instance,
        budget: Budget,
        shared: Ground,
        schedule: Schedule,
        earlier: Sequence[Decided] = (),
        siblings: Sequence[Decided] = (),
        trusting: bool = True,
    ) -> None:
        self.bench = bench
        self.shared = shared
        self.surroundings = shared.surroundings
        self.schedule = schedule
        self.earlier = [*earlier, *siblings]
        self.siblings = list(siblings)
        self.trusting = trusting
        self.terms: Terms = bench.terms
        self.setting = setting
        self.instance = instance
        self.theorem = instance.theorem
        self.budget = budget
        self.claims = claims_of(self.theorem)
        self.verdicts: list[Verdict] = []
        self.given: tuple[Literal, ...] = ()
        self._exact: list[Exactness] | None = None
        self._is_out_of_order = False

    def run(self) -> Decided:
        try:
            self.ask()
        except TooBig as big:
            return given_up(self.theorem, big.doubt)
        self.verdicts = [self._decide_all_iterations(number) for number in range(len(self.claims))]
        return self._finished()

    def _finished(self) -> Decided:
        """What is said of the verdicts, and what they rest on besides."""
        for number, verdict in enumerate(self.verdicts):
            asked = self._asked(number)
            verdict.asked = None if asked is None else names_of_bits(asked, self.setting)
            verdict.absent = frozenset(name for name, value in self.setting.values.items() if not value)
            if verdict.verdict == PROVED:
                verdict.kept = verdict.asked or ()
                verdict.no_bits = holds_no_bit(self.claims[number], self._asked_word(number))
        self._rest_on_invariants()
        self._rest_on_order()
        return Decided(
            claims=self.claims,
            verdicts=self.verdicts,
            idle=self.surroundings.idle if self._keeps_invariants(PROVED, VACUOUS) else (),
            dead=self._dead_branches(),
            retries=tuple(dict.fromkeys(str(loop.node.place) for loop in (*self._loops, *self.surroundings.loops))),
        )

    def ask(self) -> None:
        """Prepares everything up to the solver's questions. Raises TooBig."""
        self.execution = execution(self.terms, self.shared.draft, self.schedule)
        self._add_implicit()
        self.violations = [self._violation(claim) for claim in self.claims]
        if self.budget.told is not None:
            self.budget.told.claims(tuple(claim.text for claim in self.claims), len(self.siblings), self.trusting)
        self.solver = Solver(self._script().text(), self.budget, "program")

    # What is to be decided

    def _add_implicit(self) -> None:
        """Asserts, definedness and the layout's invariants are proved without being asked."""
        kinds = duties_again(self.terms, self.setting, self._loops) | {each.kind for each in self.execution.duties}
        texts = {"assert": "asserts hold", "defined": "every expression is defined"}
        for kind, text in texts.items():
            if kind in kinds:
                self.claims.append(Claim(text=text, property=kind, place=self.theorem.place, prove=None))
        if self.surroundings.faults:
            self.claims.append(self._agents_claim())
        asked = any(isinstance(claim.property, c.KeepsInvariants) for claim in self.claims)
        if self.setting.invariants and self.theorem.kind != "lemma" and not asked:
            keeps = c.KeepsInvariants(place=self.theorem.place)
            self.claims.append(Claim(text="keeps invariants", property=keeps, place=self.theorem.place, prove=None))

    def _agents_claim(self) -> Claim:
        return Claim(text="agents are sound", property="agents", place=self.theorem.place, prove=None)

    def _violation(self, claim: Claim) -> Violation | None:
        """None for a claim that is decided elsewhere."""
        terms, run = self.terms, self.execution
        if isinstance(claim.property, c.Equivalent) or claim.property == "agents":
            return None
        if isinstance(claim.property, str):
            moments = [
                Moment(terms.all_of([duty.guard, duty.assumed, terms.negation(duty.condition)]))
                for duty in run.duties
                if duty.kind == claim.property
            ]
            return Violation(moments, run.assumed)
        return violation(terms, run, claim.property)

    def _asked(self, number: int) -> int | None:
        """The bits that a claim asks about; None where it does not speak of bits, where they are more than are shown
        one by one, and where the instance does not fix them."""
        word = self._asked_word(number)
        if word is None or word.operator != "word":
            return None
        bits = word.constant()
        return bits if bits.bit_count() <= SHOWN_BITS else None

    def _asked_word(self, number: int) -> Term | None:
        found = self.violations[number]
        return None if found is None else found.asked

    def _script(self) -> Script:
        """The hypotheses and the environment, required; each violation, subject and branch as a truth value to
        assume."""
        script = Script()
        state_hypotheses(script, self.terms, self.execution, self.surroundings)
        for number, found in enumerate(self.violations):
            if found is not None:
                for part, condition in enumerate(found.parts(self.terms)):
                    script.literal(f"violated{number}at{part}", condition)
                script.literal(f"subject{number}", found.subject)
                if found.triggered is not None:
                    script.literal(f"triggered{number}", found.triggered)
        script.literal("assumed", self.execution.assumed)
        state_overtakings(script, self.terms, self.execution.accesses)
        for number, branch in enumerate(self.execution.branches):
            script.equal(f"branch{number}", branch.guard)
        return script

    # Deciding

    @property
    def _loops(self) -> Sequence[Loop]:
        """The retries of the theorem's own program."""
        return self.execution.translation.loops

    def _decide_all_iterations(self, number: int) -> Verdict:
        """What is not refuted with one failed iteration of each retry holds only where one stands for all."""
        verdict = self._decide(number)
        if verdict.verdict not in (PROVED, VACUOUS) and not verdict.kept:
            return verdict
        reason = self._why_unknown(self.claims[number])
        if reason is not None and verdict.verdict == REFUTED:
            return replace(verdict, kept=())
        return verdict if reason is None else unsettled(reason)

    def _exactness(self) -> Sequence[Exactness]:
        """What one failed iteration of each retry stands for."""
        if self._exact is None:
            disturbed = bool(self.surroundings.transitions)
            self._exact = [exactness(self.terms, self.setting, each, self.budget, disturbed) for each in self._loops]
        return self._exact

    def _why_unknown(self, claim: Claim) -> Doubt | None:
        found = zip(self._exactness(), self._loops, strict=True)
        reasons = [why_unknown(exact, loop, claim.property) for exact, loop in found]
        return next((each for each in (self.surroundings.incomplete, *reasons) if each is not None), None)

    def _holds(self, *literals: Literal) -> bool | Unknown:
        return self.solver.check(*literals, *self.given)

    def _decide(self, number: int) -> Verdict:
        claim, found = self.claims[number], self.violations[number]
        if claim.property == "agents":
            return unsettled(self.surroundings.fault())
        if isinstance(claim.property, c.Equivalent):
            return losing_none(self._equivalent(claim.property), self._to_be_lost(claim))
        assert found is not None
        if self._is_settled(number, found):
            return Verdict(verdict=REFUTED)
        answer = self._violated(number, found)
        if isinstance(answer, Unknown):
            return unsettled(answer.reason)
        if answer:
            return self._refuted(number)
        return self._not_violated(number, found)

    def _is_settled(self, number: int, found: Violation) -> bool:
        """Whether other schedules refute the claim so that this one cannot add to it: as the author expects, and for
        all bits that it speaks about."""
        claim = self.claims[number]
        verdicts = [decided.verdict_on(claim.text, claim.place) for decided in self.siblings]
        refuted = [each for each in verdicts if each is not None and each.counterexample is not None]
        if all(each.lacking for each in refuted):
            return False
        if all(moment.blame is None for moment in found.moments):
            return True
        asked = self._asked(number)
        return bool(asked) and not (asked or 0) & ~self._known(refuted)

    def _violated(self, number: int, found: Violation) -> bool | Unknown:
        """Whether the property can be violated at some moment. Each is asked for by itself: a solver that must
        refute all at once takes more than their sum."""
        for part in range(len(found.moments)):
            answer = self._holds(f"violated{number}at{part}")
            if answer is not False:
                return answer
        return False if found.doubt is None else Unknown(found.doubt)

    def _not_violated(self, number: int, found: Violation) -> Verdict:
        shown = lambda: self._hunt(number).happens(self.solver)  # noqa: E731
        subject = happening(self._holds, self.execution, self.surroundings, f"subject{number}", shown=shown)
        if isinstance(subject, Unknown):
            return unsettled(subject.reason)
        if not subject:
            able = self._holds("assumed")
            reason = "the hypotheses cannot hold" if able is False else "no event that writes the entry can happen"
            if able is False and self._loops:
                reason = "the hypotheses cannot hold, or a retry never ends"
            return Verdict(verdict=VACUOUS, reason=reason)
        return Verdict(verdict=PROVED, untriggered=self._is_untriggered(number, found))

    def _is_untriggered(self, number: int, found: Violation) -> bool:
        """Whether what a conditional claim waits for never happens."""
        return found.triggered is not None and self._holds(f"triggered{number}") is False

    def _equivalent(self, what: c.Equivalent) -> Verdict:
        answer = equivalence.decide(self.terms, self.theorem, self.setting, self.surroundings, what, self.budget)
        return Verdict(verdict=answer.verdict, reason=answer.reason, counterexample=answer.counterexample)

    def _refuted(self, number: int) -> Verdict:
        """A model was found: look for the shortest witness for each bit, and replay it."""
        claim = self.claims[number]
        hunt = self._hunt(number)
        verdicts = [decided.verdict_on(claim.text, claim.place) for decided in self.earlier]
        before = [verdict for verdict in verdicts if verdict is not None and verdict.counterexample is not None]
        hunt.known = self._known(before)
        together = 0 if any(not each.lacking for each in before) else self._expected_losing(claim)
        if before and not together and not hunt.speaks_of_bits():
            return Verdict(verdict=REFUTED)
        answer = hunt.go(together)
        if isinstance(answer, str) and (answer or not before):
            return unsettled(answer)
        lost = hunt.known | hunt.undecided | (0 if isinstance(answer, str) else answer.bits)
        kept = names_of_bits((self._asked(number) or 0) & ~lost, self.setting)
        if isinstance(answer, str):
            return Verdict(verdict=REFUTED, kept=kept)
        return replace(self._with_counterexamples(answer, together, self._nowhere(claim)), kept=kept)

    def _hunt(self, number: int) -> Hunt:
        claim, found = self.claims[number], self.violations[number]
        assert found is not None
        return Hunt(
            terms=self.terms,
            theorem=self.theorem,
            setting=self.setting,
            run=self.execution,
            surroundings=self.surroundings,
            property=claim.property,
            violation=found,
            place=claim.place,
            budget=self.budget,
        )

    def _known(self, before: Sequence[Verdict]) -> int:
        """The bits whose names a counterexample in an earlier placement has lost."""
        names = {name for each in before for name in each.losing}
        return sum((1 << bit for bit in range(64) if names_of_bits(1 << bit, self.setting)[0] in names), 0)

    def _with_counterexamples(self, answer: Found, together: int, nowhere: tuple[str, ...]) -> Verdict:
        names = names_of_bits(answer.bits, self.setting)
        lacking = nowhere if answer.at_once is not None else (*names_of_bits(together, self.setting), *nowhere)
        shown, others = answer.drawn()
        reason = lacking_words(lacking) or answer.problem
        return Verdict(
            verdict=REFUTED, reason=reason, losing=names, counterexample=shown, others=others, lacking=lacking
        )

    def _to_be_lost(self, claim: Claim) -> Sequence[c.Expression]:
        """The masks that the author expects to be lost here."""
        wanted = expectation(claim.prove, self.instance) if claim.prove is not None else None
        return wanted.losing or () if wanted is not None else ()

    def _expected_losing(self, claim: Claim) -> int:
        bits = 0
        for each in self._to_be_lost(claim):
            bits |= bits_to_lose(each, self.setting)
        return bits

    def _nowhere(self, claim: Claim) -> tuple[str, ...]:
        """Masks that are expected to be lost and are none here: an expectation that cannot be met."""
        return tuple(each.place.text() for each in self._to_be_lost(claim) if not bits_to_lose(each, self.setting))

    def _rest_on_invariants(self) -> None:
        """Where the invariants are not kept, agents may have read values that break them: what is proved, or
        said never to happen, must be so again without trusting them."""
        if self._keeps_invariants(PROVED) or not self.setting.invariants or not self.surroundings.trusts_invariants():
            return
        try:
            again = self._without_trust()
        except TooBig as big:
            for number, verdict in enumerate(self.verdicts):
                verdict.kept = ()
                if verdict.verdict in (PROVED, VACUOUS):
                    self.verdicts[number] = unsettled(big.doubt, verdict.asked)
            return
        if again.surroundings.faults and all(claim.property != "agents" for claim in self.claims):
            self.claims.append(self._agents_claim())
            self.verdicts.append(unsettled(again.surroundings.fault()))
        numbers = {claim.text: number for number, claim in enumerate(again.claims)}
        for number, verdict in enumerate(self.verdicts):
            verdict.untriggered = False  # it was asked of agents that read what the invariants allow
            if verdict.verdict not in (PROVED, VACUOUS):
                verdict.kept = ()
                continue
            violation = again.violations[other := numbers[self.claims[number].text]]
            if (
                violation is None
                or again._violated(other, violation) is not False
                or (verdict.verdict == VACUOUS and again._holds(f"subject{other}") is not False)
            ):
                self.verdicts[number] = unsettled(NOT_KEPT, verdict.asked)

    def _without_trust(self) -> "Decision":
        """The same questions, of agents that may have read anything. Raises TooBig."""
        shared = grounded(self.bench, self.setting, self.theorem, self.budget, False)
        if shared.schedules != self.shared.schedules:
            raise TooBig("the threads' events differ where agents may have read anything", INVARIANTS)
        again = Decision(self.bench, self.setting, self.instance, self.budget, shared, self.schedule, trusting=False)
        again.ask()
        again.given = self.given
        return again

    def _rest_on_order(self) -> None:
        """What is not refuted rests on the order in which the program's accesses take effect."""
        reason = why_in_doubt(self.solver, self.terms, self.execution.accesses)
        self._is_out_of_order = reason is not None
        for number, verdict in enumerate(self.verdicts if reason else ()):
            verdict.kept = ()
            if verdict.verdict in (PROVED, VACUOUS) and reason is not None:
                self.verdicts[number] = unsettled(reason, verdict.asked)

    def _dead_branches(self) -> tuple[str, ...]:
        """Arms of the program's branches that no execution reaches, in this schedule or those before it; none where
        what is said of executions is doubted."""
        inexact = any(each.problem is not None for each in self._exactness())
        misread = self.surroundings.trusts_invariants() and not self._keeps_invariants(PROVED, VACUOUS)
        if inexact or misread or self.surroundings.incomplete is not None or self._is_out_of_order:
            return ()
        last = self.siblings[-1:]
        arms = {name: each for name, each in self._arms().items() if all(arm(each) in decided.dead for decided in last)}
        return unreached(self._holds, self.solver, arms)

    def _keeps_invariants(self, *verdicts: str) -> bool:
        """Whether it is said to do so, by one of these verdicts."""
        return all(
            verdict.verdict in verdicts
            for claim, verdict in zip(self.claims, self.verdicts, strict=True)
            if isinstance(claim.property, c.KeepsInvariants)
        )

    def _arms(self) -> dict[str, Branch]:
        """The arms of which it is not known yet that something reaches them, by the names of their guards."""
        return {f"branch{number}": branch for number, branch in enumerate(self.execution.branches)}
