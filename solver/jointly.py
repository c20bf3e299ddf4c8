"""All choices of a theorem's `in { }` parameters in one layout decided at once: where one proof serves for all of them.

The choices become variables that have the values of one instance or another. What cannot be violated whatever their
values are is violated in no instance; what happens is asked for each instance. Only what is proved is settled here: an
instance of which anything else might be said is decided by itself.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from spteproof.grammar import checked as c
from spteproof.solver.claims import Claim, Decided, Verdict
from spteproof.solver.decision import Decision
from spteproof.solver.doubts import TooBig
from spteproof.solver.execution import chosen_values
from spteproof.solver.foremost import searched
from spteproof.solver.ground import grounded
from spteproof.solver.happenings import Branch
from spteproof.solver.hypotheses import happening
from spteproof.solver.instances import Instance, expectation
from spteproof.solver.properties import Violation
from spteproof.solver.results import PROVED, REFUTED, Budget
from spteproof.solver.smtlib import Script
from spteproof.solver.terms import Term, reachable
from spteproof.solver.threads import threads_of
from spteproof.solver.walks import below
from spteproof.solver.workbench import Workbench
from spteproof.solver.z3_solver import Unknown

SHARE_OF_EFFORT = 10
"""One question about all instances may take this part of the effort that a question about one may."""


@dataclass(slots=True)
class Jointly:
    """Instances of one theorem in one layout and era. Where it is `foremost`, what is refuted is settled too, as
    `spteproof.solver.foremost` does it."""

    instances: Sequence[Instance]
    budget: Budget
    foremost: bool = False
    _settled: Mapping[int, Decided] | None = None
    _seconds: float = 0.0

    def decided(self, bench: Workbench, instance: Instance) -> Decided | None:
        """What was decided of the instance; None where it must be decided by itself."""
        if self._settled is None:
            self._settled = {}  # what raises is not tried again
            started = time.monotonic()
            fitting = _fitting(self.instances, self.budget, self.foremost)
            if len(fitting) > 1:
                self._settled = _settled(bench, fitting, self.budget, self.foremost)
                self._seconds = time.monotonic() - started
        return self._settled.get(id(instance))

    def share(self, instance: Instance) -> float | None:
        """The seconds of an instance that was settled at once: an equal part of what all of them took."""
        if self._settled is None or id(instance) not in self._settled:
            return None
        return self._seconds / len(self._settled)


def _fitting(instances: Sequence[Instance], budget: Budget, foremost: bool) -> list[Instance]:
    """Those that can be decided at once, and are expected to be settled: all in one placement of the layout's bits,
    as a choice may be none in another. Whoever is told of questions is told of each instance by itself."""
    theorem = instances[0].theorem
    chosen = {parameter.name for parameter in theorem.parameters if parameter.choices is not None}
    around = (*(each.arguments for each in theorem.agents), theorem.rely)
    if budget.told is not None or not chosen or threads_of(theorem) or _speaks_of(around, chosen):
        return []
    if any(isinstance(each.property, c.Equivalent) for each in theorem.proves):
        return []
    fitting = [
        each
        for each in instances
        if len(each.settings) == 1 and all(_is_hoped_for(prove, each, foremost) for prove in theorem.proves)
    ]
    return [each for each in fitting if each.settings[0].values == fitting[0].settings[0].values]


def _speaks_of(tree: object, names: set[str]) -> bool:
    return any(isinstance(node, c.Variable) and node.name in names for node in below(tree))


def _is_hoped_for(prove: c.Prove, instance: Instance, foremost: bool) -> bool:
    wanted = expectation(prove, instance)
    return wanted is None or wanted.verdict == PROVED or (foremost and wanted.verdict == REFUTED and not wanted.losing)


def _settled(bench: Workbench, instances: Sequence[Instance], budget: Budget, foremost: bool) -> Mapping[int, Decided]:
    """By the identity of an instance, what was decided of it."""
    alternatives = tuple(instance.settings[0].choices for instance in instances)
    setting = replace(instances[0].settings[0], choices={}, alternatives=alternatives)
    budget = replace(budget, effort=budget.effort // SHARE_OF_EFFORT)
    try:
        shared = grounded(bench, setting, instances[0].theorem, budget, True)
        (schedule,) = shared.schedules
        return _AtOnce(bench, setting, instances[0], budget, shared, schedule).settled(instances, foremost)
    except TooBig:
        return {}


class _AtOnce(Decision):
    """The questions about all the instances. A literal says which of them is meant."""

    _number: int
    _found: Sequence[Violation]
    _doubtful: Sequence[int] = ()
    _answer: bool | Unknown | None = None
    _reached: frozenset[str] = frozenset()
    _last: dict[int, int]
    _never: set[tuple[int, int]]
    _asked_of_all: tuple[Claim, ...]

    def settled(self, instances: Sequence[Instance], foremost: bool) -> Mapping[int, Decided]:
        """By the identity of an instance, what was decided of it."""
        self.ask()
        self._last, self._never, self._asked_of_all = {}, set(), tuple(self.claims)
        self._found = [each for each in self.violations if each is not None]
        if len(self._found) < len(self.claims) or self._hangs_on_choices():
            return {}
        if any(self._why_unknown(each) is not None for each in self.claims):
            return {}
        self._doubtful = [each for each in range(len(self.claims)) if self._may_be_violated(each)]
        decided = {id(each): self._one(number, each, foremost) for number, each in enumerate(instances)}
        return {key: found for key, found in decided.items() if found is not None}

    def _script(self) -> Script:
        script = super()._script()
        values = chosen_values(self.terms, self.setting, self.execution.parameters)
        for number, condition in enumerate(values):
            script.literal(_meant(number), condition)
        return script

    def _hangs_on_choices(self) -> bool:
        """Whether it hangs on the choices what there is to prove unasked: there may be less in one instance."""
        choices = self._choices()
        duties = [part for each in self.execution.duties for part in (each.guard, each.condition)]
        return any(term in choices for term in reachable(duties))

    def _choices(self) -> list[Term]:
        return [self.execution.parameters[name] for name in self.setting.alternatives[0]]

    def _may_be_violated(self, number: int) -> bool:
        """Whether the claim is not shown to be never violated, in the instances that are meant."""
        self._answer = self._violated(number, self._found[number])
        return self._answer is not False

    def _violated(self, number: int, found: Violation) -> bool | Unknown:
        """As ever; a moment at which no instance violates it is not asked about again for one of them, and the moment
        at which the instance before did comes first."""
        parts = [part for part in range(len(found.moments)) if (number, part) not in self._never]
        for part in sorted(parts, key=lambda each: each != self._last.get(number)):
            answer = self._holds(f"violated{number}at{part}")
            if answer is not False:
                self._last[number] = part
                return answer
            if not self.given:
                self._never.add((number, part))
        return False if found.doubt is None else Unknown(found.doubt)

    def _one(self, number: int, instance: Instance, foremost: bool) -> Decided | None:
        """What is said of one instance; None where there is more to say than can be settled here."""
        self.given, self._number, self.claims = (_meant(number),), number, list(self._asked_of_all)
        refuted: dict[int, Verdict] = {}
        for each in filter(self._may_be_violated, self._doubtful):
            verdict = self._refuted_in(instance, each) if foremost else None
            if verdict is None:
                return None
            refuted[each] = verdict
        self.verdicts = self._happening() or [self._not_violated(each, found) for each, found in enumerate(self._found)]
        self.verdicts = [refuted.get(each, verdict) for each, verdict in enumerate(self.verdicts)]
        decided = self._finished()
        return decided if all(each.verdict in (PROVED, REFUTED) for each in decided.verdicts) else None

    def _refuted_in(self, instance: Instance, number: int) -> Verdict | None:
        """After an answer to whether the claim may be violated: that it is, where the model replays. What rests on
        invariants is not settled where they are not kept."""
        hunt = replace(self._hunt(number), setting=instance.settings[0])
        if self._answer is not True or isinstance(hunt.property, c.KeepsInvariants) or self.theorem.rely is not None:
            return None
        bits = hunt.blamed(self.solver, 0)
        return None if bits is None else searched(bits, (), hunt.setting)

    def _happening(self) -> list[Verdict]:
        """All proved, where one execution shows that everything the claims speak about happens; it also goes through
        some arms of the branches. Empty where there is no such execution."""
        self._reached = frozenset()
        arms, numbered = list(self._arms()), list(enumerate(self._found))
        triggered = [f"triggered{each}" for each, found in numbered if found.triggered is not None]
        wanted = ("assumed", *(f"subject{each}" for each, _ in numbered), *triggered)
        if happening(self._holds, self.execution, self.surroundings, *wanted, shown=lambda: False) is not True:
            return []
        values = self.solver.model([], arms)
        self._reached = frozenset(each for each in arms if values[each])
        return [Verdict(verdict=PROVED) for _ in self.claims]

    def _arms(self) -> dict[str, Branch]:
        return {name: branch for name, branch in super()._arms().items() if name not in self._reached}

    def _asked_word(self, number: int) -> Term | None:
        """As in the instance that is looked at."""
        word = super()._asked_word(number)
        if word is None:
            return None
        values = self.setting.alternatives[self._number]
        terms, chosen = self.terms, {self.execution.parameters[name]: value for name, value in values.items()}
        return terms.substitute([word], {each: terms.fixed(value, each.is_word) for each, value in chosen.items()})[0]


def _meant(number: int) -> str:
    return f"instance{number}"
