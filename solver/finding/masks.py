"""Which single-bit masks may be passed: a theorem decided for each of the 64 as a parameter's value.

The parameter stays a variable: the program is run once, and one solver is asked for the next bit that breaks a property
until there is none. What it answers is what `prove` would say with that bit as the only choice; where the parameter
cannot stay a variable, each bit is decided by itself.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from spteproof.grammar import checked as c
from spteproof.grammar.memory_operations import SIGNATURES
from spteproof.solver.claims import Claim, Decided, Verdict
from spteproof.solver.decision import Decision, decisions
from spteproof.solver.doubts import TooBig
from spteproof.solver.exclusion import may_overlap
from spteproof.solver.finding.answers import Bit, CannotFind, Masks, Placed
from spteproof.solver.finding.quick import Quick
from spteproof.solver.ground import grounded
from spteproof.solver.hypotheses import ALONE
from spteproof.solver.instances import Instance, instances
from spteproof.solver.operations import WORD_BITS
from spteproof.solver.placements import alike
from spteproof.solver.proof import together
from spteproof.solver.results import PROVED, REFUTED, UNKNOWN, VACUOUS, Budget
from spteproof.solver.setting import Setting
from spteproof.solver.store_buffer import overtakings
from spteproof.solver.terms import Term
from spteproof.solver.witness import Refused, Witness, replay
from spteproof.solver.workbench import Benches
from spteproof.solver.z3_solver import Unknown, one_bit, word_is

MOST_TRIED = 12


class _Shared(Quick):
    """One decision for all values of a parameter that have a single bit. Its counterexamples are replayed, but not the
    shortest of their kind. `ask` once, then ask of as many values as wanted."""

    _count: int
    _distrustful: Decision | None = None
    _run: Witness | None = None
    _witnesses: list[Witness]

    def ask(self) -> None:
        super().ask()
        self._count = len(self.claims)
        self._witnesses = []

    def is_plain(self) -> bool:
        """Whether nothing but the solver's answers bears on the verdicts: no retries, no agent that may go wrong, no
        store that a read of another entry may overtake, no rely that may allow more than the agents do."""
        around = self.surroundings
        if around.rely is not None or overtakings(self.terms, self.execution.accesses):
            return False
        return not (self._loops or around.loops or around.incomplete or around.faults)

    def decided(self, parameter: str, bit: int) -> Decided:
        """All verdicts where the parameter is this bit (a mask)."""
        self.given = (word_is(f"parameter {parameter}", bit),)
        del self.claims[self._count :]
        self.verdicts = [self._decide_all_iterations(number) for number in range(self._count)]
        self._rest_on_invariants()
        return Decided(claims=tuple(self.claims), verdicts=tuple(self.verdicts))

    def violable(self, parameter: str, number: int, among: int) -> int | None:
        """The bits of `among` for which the claim can be violated: the next is asked for until there is none. None
        where the solver gives up, and where that it is never violated would not prove it."""
        found = self.violations[number]
        if found is not None and found.doubt is not None:
            return None
        name, open_bits, bits = f"parameter {parameter}", among, 0
        for part in range(len(found.moments) if found is not None else 0):
            while open_bits:
                answer = self.solver.check(f"violated{number}at{part}", one_bit(name, open_bits))
                if isinstance(answer, Unknown):
                    return None
                if not answer:
                    break
                bit = self.solver.model([name], [])[name]
                bits, open_bits = bits | bit, open_bits & ~bit
        return bits

    def happens(self, parameter: str, number: int, bit: int) -> bool:
        """Whether what the claim speaks of can happen where the parameter is this bit; where locks may exclude some
        agents, while they change nothing. An execution that the solver gave for another bit is tried first, without any
        step of the environment: a run on integers costs less than a question."""
        one_entry = len(self.setting.entries) == 1
        if one_entry and self._run is not None and _writes_and_ends(self._run, parameter, bit):
            return True
        alone = (ALONE,) if may_overlap(self.surroundings.transitions) else ()
        if self.solver.check(f"subject{number}", word_is(f"parameter {parameter}", bit), *alone) is not True:
            return False
        self._run = self.hunt_for(number).idle(self.solver)
        return True

    def replayed(self, parameter: str, number: int, bit: int) -> str | None:
        """None where an execution with this bit that violates the claim was found and replayed; else why not. What was
        found for other bits and claims is tried first: to replay costs less than to search."""
        hunt = self.hunt_for(number)
        for witness in reversed(self._witnesses):
            if hunt.counts(replace(witness, parameters={**witness.parameters, parameter: bit})):
                return None
        found = hunt.some(word_is(f"parameter {parameter}", bit))
        if isinstance(found, str):
            return found
        self._witnesses = [*self._witnesses[-MOST_TRIED:], found]
        return None

    def keeper(self) -> int | None:
        """The number of the claim that the invariants are kept; None where there are none, or nobody relies on them."""
        if not self.setting.invariants or not self.surroundings.reads_stale():
            return None
        numbers = [n for n in range(self._count) if isinstance(self.claims[n].property, c.KeepsInvariants)]
        return numbers[0] if numbers else None

    def subject_of(self, number: int) -> Term:
        found = self.violations[number]
        assert found is not None
        return found.subject

    def _without_trust(self) -> Decision:
        if self._distrustful is None:
            self._distrustful = super()._without_trust()
        self._distrustful.given = self.given
        return self._distrustful


@dataclass(slots=True)
class MaskFinder:
    """Answers for one theorem after the other in one process. `chosen` are the numbers of the properties that count
    (None: all of them, and what is proved unasked)."""

    library: c.Library
    budget: Budget = field(default_factory=Budget)
    chosen: Sequence[int] | None = None
    benches: Benches = field(default_factory=Benches)

    def find(self, theorem: c.Theorem, parameter: str) -> Iterator[Masks]:
        """One answer for each layout, era and choice of the other parameters. Raises CannotFind where the theorem has
        no such u64 parameter."""
        names = [each.name for each in theorem.parameters if each.sort is c.Sort.U64]
        if parameter not in names:
            raise CannotFind(f"`{theorem.name}` has no u64 parameter `{parameter}`")
        for instance in instances(self.library, _freed(theorem, parameter, None)):
            yield self._masks(instance, parameter)

    def _masks(self, instance: Instance, parameter: str) -> Masks:
        started = time.monotonic()
        layout = self.library.layouts[instance.layout]
        placed = [Placed(values=each.values, bits=self._bits(instance, each, parameter)) for each in instance.settings]
        everywhere = set(layout.masks).intersection(
            *[{name for name in each.masks if not each.values[name]} for each in instance.settings]
        )
        return Masks(
            theorem=instance.theorem.name,
            place=instance.theorem.place,
            layout=instance.layout,
            era=instance.era,
            params=instance.parameters,
            parameter=parameter,
            properties=tuple(each.text for each in self._asked(instance.theorem)),
            masks=tuple(layout.masks),
            aliases=layout.aliases,
            placed=placed,
            none=tuple(name for name in layout.masks if name in everywhere) if placed else (),
            skipped=instance.skipped or instance.problem,
            undecided=instance.problem is not None,
            seconds=time.monotonic() - started,
        )

    def _asked(self, theorem: c.Theorem) -> Sequence[c.Prove]:
        return theorem.proves if self.chosen is None else [theorem.proves[number] for number in self.chosen]

    def _bits(self, instance: Instance, setting: Setting, parameter: str) -> Sequence[Bit]:
        of = self._representatives(instance, setting)
        numbers = sorted(set(of.values()))
        shared = self._shared(instance, setting)
        if shared is not None:
            found = self._swift(shared, instance.theorem, parameter, numbers)
            for number in numbers:
                if number not in found:
                    found[number] = self._bit(number, [shared.decided(parameter, 1 << number)], instance.theorem)
        else:
            found = self._one_by_one(instance, setting, parameter, numbers)
        return [replace(found[of[number]], number=number) for number in range(WORD_BITS)]

    def _representatives(self, instance: Instance, setting: Setting) -> dict[int, int]:
        """For each bit the one that is decided in its place: itself, but where the layout's bits are symbolic the first
        of those that nothing tells apart."""
        layout = self.library.layouts[instance.layout]
        taken = [setting.values[each.name] for each in layout.masks.values() if each.some]
        if not taken:
            return {number: number for number in range(WORD_BITS)}
        of = {number: number for number in range(WORD_BITS)}
        for group in alike(self.library, instance.theorem, layout, instance.era):
            free = [number for number in group if 1 << number not in taken]
            of.update(dict.fromkeys(free, free[0] if free else 0))
        return of

    def _shared(self, instance: Instance, setting: Setting) -> _Shared | None:
        """All bits in one solver; None where there are threads or retries, and where the parameter cannot be a
        variable: what an equivalence or an agent makes of values that are no single bit would count against those
        that are."""
        if any(isinstance(each.property, c.Equivalent) for each in instance.theorem.proves):
            return None
        bench = self.benches.at_hand()
        try:
            shared = grounded(bench, setting, instance.theorem, self.budget, True)
            schedules = shared.schedules
            if schedules != [()]:
                return None
            decision = _Shared(bench, setting, instance, self.budget, shared, ())
            decision.ask()
        except TooBig:
            return None
        return decision if decision.is_plain() else None

    def _swift(self, shared: _Shared, theorem: c.Theorem, parameter: str, numbers: Sequence[int]) -> dict[int, Bit]:
        """The bits whose verdict needs no more than: which claims can be violated, and whether anything happens. Left
        open are those for which the solver gave up, nothing happens, or the invariants may be broken beside what was
        asked."""
        wanted = [n for n, claim in enumerate(shared.claims) if self._counts(claim, theorem)]
        keeper = shared.keeper()
        claims = {*wanted, *([] if keeper is None else [keeper])}
        violable = {n: shared.violable(parameter, n, sum(1 << number for number in numbers)) for n in claims}
        if any(bits is None for bits in violable.values()):
            return {}
        found: dict[int, Bit] = {}
        for number in numbers:
            bit = 1 << number
            broken = [n for n in wanted if (violable[n] or 0) & bit]
            if broken:
                if all(shared.replayed(parameter, n, bit) is None for n in broken):
                    texts = tuple(shared.claims[n].text for n in broken)
                    found[number] = Bit(number=number, verdict=REFUTED, broken=texts)
            elif keeper is None or not (violable[keeper] or 0) & bit:
                must = [n for n in wanted if shared.claims[n].prove is not None or n == keeper]
                subjects = {shared.subject_of(n): n for n in [*must, *([] if keeper is None else [keeper])]}
                if all(shared.happens(parameter, n, bit) for n in subjects.values()):
                    found[number] = Bit(number=number, verdict=PROVED)
        return found

    def _counts(self, claim: Claim, theorem: c.Theorem) -> bool:
        return claim.prove in self._asked(theorem) or (self.chosen is None and claim.prove is None)

    def _one_by_one(
        self, instance: Instance, setting: Setting, parameter: str, numbers: Sequence[int]
    ) -> dict[int, Bit]:
        """Each bit as the only choice. What is too big for the first is not tried again for the others."""
        found: dict[int, Bit] = {}
        for number in numbers:
            only = replace(instance, theorem=_freed(instance.theorem, parameter, 1 << number))
            placed = replace(setting, choices={**setting.choices, parameter: 1 << number})
            decided = decisions(self.benches.at_hand(), placed, only, self.budget, ())
            found[number] = self._bit(number, decided, instance.theorem)
            if number == numbers[0] and _is_given_up(decided):
                return dict.fromkeys(numbers, found[number])
        return found

    def _bit(self, number: int, decided: Sequence[Decided], theorem: c.Theorem) -> Bit:
        """One bit's verdict from those on all that counts, in all schedules: what is refuted counts more than what is
        unknown."""
        claims = {claim.text: claim for each in decided for claim in each.claims if self._counts(claim, theorem)}
        found: dict[str, Verdict] = {}
        for text, claim in claims.items():
            verdict = together([one for each in decided if (one := each.verdict_on(text)) is not None])
            if claim.prove is not None or verdict.verdict != VACUOUS:
                found[text] = verdict
        broken = tuple(text for text, verdict in found.items() if verdict.verdict == REFUTED)
        if broken:
            return Bit(number=number, verdict=REFUTED, broken=broken)
        for kind in (UNKNOWN, VACUOUS):
            for text, verdict in found.items():
                if verdict.verdict == kind:
                    return Bit(number=number, verdict=kind, reason=f"{text}: {verdict.reason}")
        return Bit(number=number, verdict=PROVED)


def _writes_and_ends(run: Witness, parameter: str, bit: int) -> bool:
    """Whether the execution with the parameter set to this bit comes to its end and has a write event: then what any
    claim speaks of happens. What an atomic block may write does not count."""
    try:
        trace = replay(replace(run, parameters={**run.parameters, parameter: bit}))
    except Refused:
        return False
    return not trace.stopped and any(
        each.operation in SIGNATURES and SIGNATURES[each.operation].writes for each in trace.happened
    )


def _is_given_up(decided: Sequence[Decided]) -> bool:
    """Whether all is unknown for one reason, however it was asked."""
    found = {(verdict.verdict, verdict.reason) for each in decided for verdict in each.verdicts}
    return len(decided) == len(found) == 1 and found.pop()[0] == UNKNOWN


def _freed(theorem: c.Theorem, parameter: str, value: int | None) -> c.Theorem:
    """The theorem with the parameter free, its choices ignored, or with this value as the only choice."""

    def freed(each: c.Parameter) -> c.Parameter:
        if each.name != parameter:
            return each
        only = None if value is None else (c.Constant(place=each.place, value=value, sort=c.Sort.U64),)
        return replace(each, choices=only)

    return replace(theorem, parameters=tuple(freed(each) for each in theorem.parameters))
