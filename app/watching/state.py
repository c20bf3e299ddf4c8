"""What is known of each task, and what has been told of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from spteproof.colour import Paint
from spteproof.reports.human import summary_line
from spteproof.running.pipeline import Report, report
from spteproof.solver.results import Result, Skipped

Key = tuple[str, str, str, str | None, tuple[str, ...]]
"""A verdict's place: theorem, property, layout, era, choices."""


@dataclass(slots=True)
class State:
    """`texts` is for each task a digest of all that can change its verdict; `found` are its verdicts as they were told.
    `unfinished` are the tasks whose counterexamples are not known yet, `early` those verdicts of theirs that were told
    without."""

    texts: dict[str, str] = field(default_factory=dict)
    found: dict[str, Report] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    early: set[Key] = field(default_factory=set)

    def touched(self, texts: Mapping[str, str], tasks: Sequence[str]) -> list[str]:
        """The tasks that must be proved again."""
        return [
            name
            for name in tasks
            if name not in self.found or name in self.unfinished or self.texts.get(name) != texts[name]
        ]

    def forget(self, names: Collection[str]) -> None:
        """These tasks are gone."""
        for name in names:
            del self.texts[name], self.found[name]
            self._finish(name)

    def put(self, name: str, text: str, found: Sequence[Result | Skipped], early: Collection[Key] | None) -> None:
        """What is told of a task; None for `early` where it is whole."""
        self._finish(name)
        if early is not None:
            self.unfinished.add(name)
            self.early.update(early)
        self.texts[name], self.found[name] = text, report(found)

    def _finish(self, name: str) -> None:
        self.unfinished.discard(name)
        self.early = {each for each in self.early if each[0] != name}

    def results(self, name: str) -> Sequence[Result]:
        """The verdicts of a task, as they were told last."""
        return self.found[name].results if name in self.found else ()

    def summary(self, tasks: Sequence[str], lost: Collection[str], seconds: float, paint: Paint) -> str:
        """The summary line of all that is known, in the order of the texts. What was told of a `lost` task, for which
        no worker could be had, is about an earlier text."""
        known = [self.found[name] for name in tasks if name in self.found and name not in lost]
        results = tuple(each for of in known for each in of.results)
        whole = Report(results, tuple(each for of in known for each in of.skipped))
        return summary_line(whole, seconds, paint, len(lost))


def key_of(result: Result) -> Key:
    return result.theorem, result.property, result.layout, result.era, tuple(result.params.values())
