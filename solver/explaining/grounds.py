"""Why a theorem holds: what its proof rests on, and what it did not need."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from spteproof.grammar import checked as c
from spteproof.solver.doubts import TooBig
from spteproof.solver.explaining.confirming import is_of, unconfirmed
from spteproof.solver.explaining.items import Item
from spteproof.solver.explaining.smallest import smallest
from spteproof.solver.explaining.texts import Texts
from spteproof.solver.explaining.trials import AGENTS, Trial
from spteproof.solver.instances import Instance, instances
from spteproof.solver.results import PROVED, Budget, Result
from spteproof.solver.workbench import Benches

SOLVERS_HELD = 30
"""A trial has one for each placement of a symbolic layout and each order of threads: hundreds of trials took 24 GB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An item that is needed: where that was found, one of several perhaps. `alone` is whether the proof there fails
    without this one item, all others kept; else another could take its place."""

    item: Item
    property: str
    layout: str
    era: str | None
    params: dict[str, str]
    alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What the proofs of a theorem rest on. `needed` are for the claims of its author, `needed_unasked` further ones
    for what is proved without being asked. `unneeded` are all others: with all of them taken out, what was `proved`
    was proved again, but for the results in `unconfirmed`, each with what was found instead (None: no verdict).
    `unnamed` are proofs that could not be examined, and why.
    `trusting` tells that agents were taken to have read only what the invariants allow."""

    proved: Sequence[Result]
    needed: Sequence[Need]
    needed_unasked: Sequence[Need]
    unneeded: Sequence[Item]
    unconfirmed: Sequence[tuple[Result, Result | None]]
    unnamed: Sequence[tuple[Result, str]]
    trusting: bool
    texts: Texts


def grounds(
    library: c.Library,
    theorem: c.Theorem,
    results: Sequence[Result],
    budget: Budget,
    progress: Callable[[str], None] = lambda text: None,
) -> Grounds:
    """What the proofs among a theorem's results rest on."""
    search = _Search(library, theorem, results, budget)
    for instance in instances(library, theorem):
        if instance.skipped is None and instance.problem is None:
            search.examine(instance)
            progress(f"{theorem.name} in {instance.layout}")
    return search.concluded()


@dataclass(slots=True)
class _Search:
    library: c.Library
    theorem: c.Theorem
    results: Sequence[Result]
    budget: Budget
    texts: Texts = field(init=False)
    asked: dict[int, Need] = field(default_factory=dict)
    unasked: dict[int, Need] = field(default_factory=dict)
    unnamed: list[tuple[Result, str]] = field(default_factory=list)
    proved: list[Result] = field(default_factory=list)
    trusting: bool = False
    _benches: Benches = field(default_factory=Benches)

    def __post_init__(self) -> None:
        self.texts = Texts(self.library, self.theorem)

    def examine(self, instance: Instance) -> None:
        """Adds what the proofs of one instance need beyond what is known to be needed."""
        own = [each for each in self.results if is_of(each, instance)]
        proofs = [each for each in own if each.verdict == PROVED]
        comparisons = {each.text for each in self.theorem.proves if isinstance(each.property, c.Equivalent)}
        kept = all(each.verdict == PROVED for each in own if each.property == "keeps invariants")
        self.trusting |= self.texts.stale and kept
        for result in [each for each in proofs if each.property in comparisons]:
            self.unnamed.append((result, "what the two sides of `equivalent` rest on is not looked for"))
        proofs = [each for each in proofs if each.property not in comparisons]
        if proofs and self.theorem.agents and all(each.property != AGENTS for each in own):
            proofs.append(replace(proofs[0], property=AGENTS, implicit=True))
        try:
            bench = _Instance(self, instance, trusting=kept)
            bench.add([each for each in proofs if not each.implicit], self.asked, {})
            bench.add([each for each in proofs if each.implicit], self.unasked, self.asked)
        except TooBig as big:
            self.unnamed += [(each, str(big)) for each in proofs]
        else:
            self.proved += proofs

    def concluded(self) -> Grounds:
        for number in self.asked:
            self.unasked.pop(number, None)
        items = self.texts.items
        unneeded = [each for each in items if each.number not in self.asked and each.number not in self.unasked]
        return Grounds(
            proved=self.proved,
            needed=_in_order(self.asked),
            needed_unasked=_in_order(self.unasked),
            unneeded=unneeded,
            unconfirmed=tuple(unconfirmed(self.texts, self.proved, unneeded, self.budget)),
            unnamed=self.unnamed,
            trusting=self.trusting,
            texts=self.texts,
        )


class _Instance:
    """One instance's proofs, tried with one set of the agents' items after the other."""

    def __init__(self, search: _Search, instance: Instance, trusting: bool) -> None:
        self._search, self._instance, self._trusting = search, instance, trusting
        self._texts = search.texts
        self._of_agents = sorted(self._texts.of_agents)
        self._of_program = [each.number for each in self._texts.items if each.number not in self._texts.of_agents]
        self._trials: dict[frozenset[int], Trial] = {}
        self._failing: dict[tuple[frozenset[int], str], bool] = {}

    def add(self, proofs: Sequence[Result], needed: dict[int, Need], besides: Collection[int]) -> None:
        """Adds to `needed` what some proofs need beyond it and `besides`. Raises TooBig."""
        if not proofs:
            return
        known = [number for number in self._of_agents if number in needed or number in besides]
        rest = [number for number in self._of_agents if number not in known]

        def enough(more: frozenset[int]) -> bool:
            return self._failing_one(proofs, frozenset([*known, *more])) is None

        if not enough(frozenset()) and not enough(frozenset(rest)):
            raise TooBig("with its conditions named, the proof is too much for the solver, or rests on a retry")
        found = smallest(rest, enough)
        kept = frozenset([*known, *found])
        for number in found:
            spoiled = self._failing_one(proofs, kept - {number})
            alone = self._failing_one(proofs, frozenset(self._of_agents) - {number}) is not None
            self._note(number, spoiled or proofs[0], alone, needed)
        of_program: list[tuple[int, Result]] = []
        for result in proofs:
            settled = {*needed, *besides, *[number for number, _ in of_program]}
            fixed = [number for number in self._of_program if number in settled]
            candidates = [number for number in self._of_program if number not in settled]
            of_program += [(number, result) for number in self._trial(kept).used(result.property, fixed, candidates)]
        for number, result in of_program:
            others = [each for each in self._of_program if each != number]
            alone = not self._trial(frozenset(self._of_agents)).holds(result.property, others)
            self._note(number, result, alone, needed)

    def _note(self, number: int, result: Result, alone: bool, needed: dict[int, Need]) -> None:
        needed[number] = Need(
            item=self._texts.items[number],
            property=result.property,
            layout=result.layout,
            era=result.era,
            params=dict(result.params),
            alone=alone,
        )

    def _failing_one(self, proofs: Sequence[Result], kept: frozenset[int]) -> Result | None:
        """A proof that fails where only these items of the agents are as written, and all of the program."""
        return next((each for each in proofs if not self._holds(each.property, kept)), None)

    def _holds(self, text: str, kept: frozenset[int]) -> bool:
        key = (kept, text)
        if key not in self._failing:
            try:
                self._failing[key] = self._trial(kept).holds(text, self._of_program)
            except TooBig:
                self._failing[key] = False
        return self._failing[key]

    def _trial(self, kept: frozenset[int]) -> Trial:
        """Raises TooBig."""
        trial = self._trials.pop(kept, None)
        if trial is None:
            loose = [number for number in self._of_agents if number not in kept]
            trial = Trial(
                self._search._benches, self._instance, self._texts, loose, self._search.budget, self._trusting
            )
        self._trials[kept] = trial
        while len(self._trials) > 1 and sum(each.solvers for each in self._trials.values()) > SOLVERS_HELD:
            del self._trials[next(iter(self._trials))]
        return trial


def _in_order(needs: dict[int, Need]) -> list[Need]:
    return [needs[number] for number in sorted(needs)]
