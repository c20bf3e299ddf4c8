"""The weakest predicate: for which values must a program's question be answered yes?

A theorem's program asks a predicate once, and goes one way or the other. Answered no for some values, some property can
be violated: exactly these values need a yes. They are found with decision diagrams and written as a sum of products.
What was found is then decided like any other theorem: with it in the predicate's place all is proved, and with any of
its products left out something is refuted. What is not shown in this way is not an answer.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from spteproof.grammar import checked as c
from spteproof.solver.decision_diagrams import FALSE, TooLarge
from spteproof.solver.doubts import TooBig
from spteproof.solver.finding.answers import CannotFind, Difference, Enough, Literal, Predicate, Product
from spteproof.solver.finding.necessity import Necessity, necessity
from spteproof.solver.finding.questions import Questions, answer, answer_but
from spteproof.solver.finding.replaced import replaceable
from spteproof.solver.instances import Instance, instances
from spteproof.solver.products import products, some_value, without_needless
from spteproof.solver.results import Budget
from spteproof.solver.setting import Setting
from spteproof.solver.workbench import Benches

MOST_EXAMPLES = 8

Placement = tuple[tuple[str, int], ...]


@dataclass(slots=True)
class PredicateFinder:
    """Answers for one theorem after the other in one process. `chosen` are the numbers of the properties that count
    (None: all of them, and what is proved unasked)."""

    library: c.Library
    budget: Budget = field(default_factory=Budget)
    chosen: Sequence[int] | None = None
    benches: Benches = field(default_factory=Benches)

    def find(self, theorem: c.Theorem, predicate: str) -> Iterator[Predicate]:
        """One answer for each layout and era, good for all choices of the parameters. Raises CannotFind where there
        is no such predicate, or the theorem's program does not ask it."""
        for era in theorem.eras or (None,):
            pure = self.library.scopes[era].pures.get(predicate)
            if pure is None or pure.sort is not c.Sort.BOOL:
                raise CannotFind(f"there is no predicate `{predicate}`")
            if replaceable(theorem, self.library.scopes[era], predicate).theorem == theorem:
                raise CannotFind(f"the program of `{theorem.name}` does not ask `{predicate}`")
        groups: dict[tuple[str | None, str], list[Instance]] = {}
        for instance in instances(self.library, theorem):
            groups.setdefault((instance.era, instance.layout), []).append(instance)
        for members in groups.values():
            yield self._predicate(members, predicate)

    def _predicate(self, members: Sequence[Instance], predicate: str) -> Predicate:
        started = time.monotonic()
        first = members[0]
        scope = self.library.scopes[first.era]
        problem = next((each.problem for each in members if each.problem is not None), None)
        placed: dict[Placement, list[tuple[Instance, Setting]]] = {}
        for instance in members if problem is None else ():
            for setting in instance.settings:
                placed.setdefault(tuple(sorted(setting.values.items())), []).append((instance, setting))
        skipped = None if placed else problem or first.skipped
        ready = replaceable(first.theorem, scope, predicate)
        found = []
        for parts in placed.values():
            bench = self.benches.at_hand()
            questions = Questions(ready=ready, parts=parts, bench=bench, budget=self.budget, chosen=self.chosen)
            found.append(_enough(questions, parts[0][1], predicate))
        return Predicate(
            theorem=first.theorem.name,
            place=first.theorem.place,
            layout=first.layout,
            era=first.era,
            predicate=predicate,
            parameters=tuple(each.name for each in scope.pures[predicate].parameters),
            left_out=tuple(
                f"{', '.join(each.parameters.values())}: {each.skipped}" for each in members if each.skipped
            ),
            masks=tuple(self.library.layouts[first.layout].masks),
            aliases=self.library.layouts[first.layout].aliases,
            placed=found,
            skipped=skipped,
            undecided=problem is not None,
            seconds=time.monotonic() - started,
        )


def _enough(questions: Questions, setting: Setting, predicate: str) -> Enough:
    """The weakest predicate in one concrete layout, compared with the one that the kernel uses."""
    always = questions.outcome(answer(questions.ready.predicate, [()]))
    own = questions.outcome(questions.ready.predicate.body)
    none = Enough(values=setting.values, products=None, broken=always.broken, own_broken=own.broken)
    if always.broken:
        return none
    if always.unknown is not None or always.vacuous:
        return replace(none, reason=always.unknown or "nothing that the properties speak of can happen")
    try:
        need = necessity(questions, predicate)
        found = _products(need, need.least, need.allowed)
    except TooBig as big:
        return replace(none, reason=str(big))
    except TooLarge:
        return replace(none, reason="the executions are too many for a decision diagram")
    reason = _not_shown(questions, found)
    if reason is not None:
        return replace(none, reason=f"not shown: {reason}")
    never = questions.outcome(answer(questions.ready.predicate, []))
    stricter = _difference(questions, need, found, stricter=True)
    missing = _difference(questions, need, found, stricter=False)
    return replace(
        none,
        products=tuple(found),
        broken=never.broken,
        stricter=stricter,
        missing=missing,
        reason=own.unknown or stricter.reason or missing.reason,
    )


def _products(need: Necessity, least: int, allowed: int) -> list[Product]:
    """A sum of products that is true on `least` and false on the rest of what is allowed; what the kernel's predicate
    does not read is read last."""
    d = need.diagrams
    most = d.either(least, d.negation(allowed))
    read = d.support([need.own])
    numbers = sorted(need.names, key=lambda number: (number in read, -number))
    low, high = without_needless(d, least, most, numbers)
    found, _ = products(d, low, high)
    return [
        tuple(
            Literal(parameter=need.names[number][0], bit=need.names[number][1], value=value) for number, value in each
        )
        for each in found
    ]


def _not_shown(questions: Questions, found: Sequence[Product]) -> str | None:
    """None where all is proved with what was found, and not without any of its products."""
    predicate = questions.ready.predicate
    with_all = questions.outcome(answer(predicate, found))
    if with_all.broken or with_all.unknown is not None:
        return f"what was found is not enough ({with_all.unknown or '; '.join(with_all.broken)})"
    for number in range(len(found)):
        without = questions.outcome(answer(predicate, [*found[:number], *found[number + 1 :]]))
        if not without.broken:
            return "a part of what was found may be needless"
    return None


def _difference(questions: Questions, need: Necessity, found: Sequence[Product], *, stricter: bool) -> Difference:
    """Where the kernel's predicate and the weakest one differ: by whether the solver finds no execution in which they
    do, and by examples that were replayed."""
    same = questions.never_differ(found, stricter, None)
    if same is None:
        return Difference(reason="the solver gave up on whether the predicates differ")
    if same:
        return Difference()
    d = need.diagrams
    weakest = need.of_products(found)
    pair = (need.own, weakest) if stricter else (weakest, need.own)
    where = d.both(need.allowed, d.both(pair[0], d.negation(pair[1])))
    if where == FALSE:
        return Difference(reason="the predicates differ where the diagrams say that they do not")
    differing = _products(need, where, need.allowed)
    examples: list[Mapping[str, int]] = []
    for product in differing[:MOST_EXAMPLES]:
        at = d.both(where, need.of_products([product]))
        if at != FALSE:
            example = need.example(some_value(d, at))
            if questions.never_differ(found, stricter, example) is not False:
                return Difference(reason="an example of a difference does not replay")
            if not stricter and not questions.outcome(answer_but(questions.ready.predicate, found, example)).broken:
                return Difference(reason="an example that was found to be missing may not be needed")
            examples.append(example)
    return Difference(products=tuple(differing), examples=tuple(examples))
