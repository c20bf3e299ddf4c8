"""One mutant before its judges: the theorems that can tell it from the text that it was made of."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

from spteproof.grammar import checked as c
from spteproof.grammar.names import Module
from spteproof.grammar.origins import file_key
from spteproof.mutating.experience import Experience
from spteproof.mutating.outcomes import KILLED, MEANINGLESS, SURVIVED, UNDECIDED, Outcome, Subject
from spteproof.mutating.reach import Reach
from spteproof.mutating.texts import FEW, Changed, Texts
from spteproof.running.runs import weight
from spteproof.solver.instances import instances
from spteproof.solver.noticing import Noticing, NoticingAll
from spteproof.solver.proof import Prover
from spteproof.solver.results import REFUTED, UNKNOWN, Budget, Result
from spteproof.solver.workbench import Benches


@dataclass(frozen=True, kw_only=True)
class Court:
    """The theorems of the texts at hand, in the files that state them, and what each uses. `library` and `modules` are
    those of the texts as they are."""

    library: c.Library
    modules: Sequence[Module]
    judges: tuple[str, ...]
    seconds: float
    budget: Budget = field(default_factory=lambda: Budget(shortest_seconds=0.0))

    @cached_property
    def reach(self) -> Reach:
        """What each judge uses."""
        return Reach(self.library, self.modules, self.judges)

    @cached_property
    def texts(self) -> Texts:
        """The judges' texts."""
        return Texts([_path_of(self.library, name) for name in self.judges])

    def judges_of(self, subject: Subject) -> list[str]:
        """Who can tell this mutant: those of its own text first, then those with the fewest instances."""
        using = [name for name in self.judges if self.reach.meets(subject.mutant, name)]

        def order(name: str) -> tuple[bool, bool, int]:
            own = self.library.theorems[name].place.source.path
            same = own is not None and file_key(own) == file_key(subject.path)
            return (name != subject.mutant.item, not same, weight(self.library, name))

        return sorted(using, key=order)


class Judge:
    """Judges one mutant after the other in one process, keeping what theorems share."""

    def __init__(self, court: Court) -> None:
        self._court = court
        self._benches = Benches()
        self._before: dict[object, dict[str, bool]] = {}
        self._experience = Experience()

    def judge(self, subject: Subject, only: str | None = None) -> Outcome:
        """What becomes of the mutant when its judges look at it until one refutes it: each at one instance first, then
        at all others, as a change that many could notice is mostly noticed by some at once. `only` this theorem looks,
        if it is given. A verdict counts where it is another one than that of the text as it is. Where it makes one text
        wrong that uses it, another may refute it all the same, in whatever order they look."""
        court, mutant = self._court, subject.mutant
        text = mutant.of(next(each.source.text for each in court.modules if _is(each, subject.path)))
        looking = [
            _Looking(name=name, path=_path_of(court.library, name))
            for name in ([only] if only is not None else self._experience.in_order(subject, court.judges_of(subject)))
        ]
        many = len({each.path for each in looking}) > FEW
        changed = Changed(texts=court.texts, path=subject.path, text=text, many=many)
        some_wrong = False
        until = time.monotonic() + court.seconds
        failed = self._failed_assert(changed, subject) if only is None else None
        if failed is not None:
            return failed
        for is_first in (True, False):
            for each in looking:
                library = changed.library_of(each.path)
                if library is None:
                    if changed.library_of(subject.path) is None:
                        return Outcome(fate=MEANINGLESS)
                    some_wrong = True
                    continue
                if is_first:
                    each.rest = self._results(library, each.name, subject)
                for found in islice(each.rest, 1) if is_first else each.rest:
                    each.hear(found)
                    result = self._unexpected(found)
                    if result is not None:
                        self._experience.note_kill(subject, result)
                        return _killed(result, _looked(looking))
                    if time.monotonic() > until:
                        return Outcome(fate=UNDECIDED, how="time ran out", looked=_looked(looking))
        looked = _looked(looking)
        if any(each.unknown for each in looking):
            return Outcome(fate=UNDECIDED, how="a verdict is unknown", looked=looked)
        if some_wrong:
            return Outcome(fate=MEANINGLESS)
        if not any(each.decided for each in looking) and looking:
            return Outcome(fate=UNDECIDED, how="all its instances are skipped", looked=looked)
        return Outcome(fate=SURVIVED, looked=looked)

    def _failed_assert(self, changed: Changed, subject: Subject) -> Outcome | None:
        """The first assert of a layout that fails in the changed text, and holds in the text as it is; in the layouts
        that rest on what was changed."""
        known = self._court.library
        for name in self._court.reach.layouts_with(subject.mutant):
            path = known.layouts[name].place.source.path
            library = None if path is None else changed.library_of(path)
            if library is None or name not in library.layouts:
                continue
            before, after = (self._asserts(texts, name) for texts in (known, library))
            for was, now in zip(before, after, strict=False):
                if was.ok and now.verdict == REFUTED:
                    return _killed(now, ())
        return None

    def _asserts(self, library: c.Library, layout: str) -> list[Result]:
        found = Prover(library, self._court.budget).layout_pieces(library.layouts[layout])
        return [each for piece in found for each in piece if isinstance(each, Result)]

    def _was_ok(self, result: Result) -> bool:
        """Whether the verdict on the same property of the same instance is as expected in the text as it is; worked out
        once for each instance."""
        key = (result.theorem, result.layout, result.era, *result.params.items())
        if key not in self._before:
            theorem = self._court.library.theorems[result.theorem]
            prover = Prover(self._court.library, self._court.budget, self._benches, kind=NoticingAll)
            found = (
                each
                for instance in instances(self._court.library, theorem)
                if (instance.layout, instance.era, *instance.parameters.items()) == key[1:]
                for each in prover.decide(instance)
            )
            self._before[key] = {each.property: each.ok for each in found if isinstance(each, Result)}
        return self._before[key].get(result.property, True)

    def fails(self, name: str) -> bool:
        """Whether some verdict on the theorem is not as expected in the text as it is."""
        court = self._court
        prover = Prover(court.library, court.budget, self._benches, kind=NoticingAll)
        found = prover.prove(court.library.theorems[name])
        return any(isinstance(each, Result) and not each.ok for each in found)

    def _results(self, library: c.Library, name: str, subject: Subject) -> Iterator[list[Result]]:
        """The theorem's verdicts in the instances that the change reaches: those first that refuted an earlier mutant,
        the last one before all."""
        prover = Prover(library, self._court.budget, self._benches, kind=Noticing)

        for instance in self._experience.instances_in_order(instances(library, library.theorems[name])):
            if self._court.reach.meets_in(subject.mutant, name, instance.layout, instance.era):
                started = time.monotonic()
                found = [each for each in prover.decide(instance) if isinstance(each, Result)]
                self._experience.note_look(name, time.monotonic() - started)
                yield found

    def _unexpected(self, found: Sequence[Result]) -> Result | None:
        """The verdict of an instance that is not as expected, and was; of several, one that another is expected of."""
        wrong = [each for each in found if not each.ok and each.verdict != UNKNOWN]
        wrong.sort(key=lambda each: each.verdict == each.expected)
        return next((each for each in wrong if self._was_ok(each)), None)


@dataclass(slots=True, kw_only=True)
class _Looking:
    """A theorem that judges: `rest` are its verdicts on the instances that it has not looked at."""

    name: str
    path: Path
    rest: Iterator[list[Result]] = field(default_factory=lambda: iter(()))
    has_looked: bool = False
    decided: bool = False
    unknown: bool = False

    def hear(self, found: Sequence[Result]) -> None:
        self.has_looked = True
        self.decided = self.decided or bool(found)
        self.unknown = self.unknown or any(each.verdict == UNKNOWN for each in found)


def _looked(looking: Sequence[_Looking]) -> tuple[str, ...]:
    return tuple(each.name for each in looking if each.has_looked)


def _path_of(library: c.Library, name: str) -> Path:
    path = library.theorems[name].place.source.path
    assert path is not None
    return path


def _killed(result: Result, looked: tuple[str, ...]) -> Outcome:
    losing = f" losing {', '.join(result.expected_losing)}" if result.verdict == result.expected else ""
    return Outcome(
        fate=KILLED,
        killer=result.theorem,
        where=result.layout if result.era is None else f"{result.layout} of {result.era}",
        how=f"`{result.property}` is {result.verdict}, expected {result.expected}{losing}",
        looked=looked,
    )


def _is(module: Module, path: Path) -> bool:
    return module.source.path is not None and file_key(module.source.path) == file_key(path)
