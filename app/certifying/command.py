"""The `verify` command: is a bundle of certificates what it claims to be?"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spteproof.certifying.checkers import Checkers, at_hand, missing
from spteproof.certifying.confirming import Confirmation, Confirmed, differing_texts
from spteproof.certifying.store import Spoilt, Store
from spteproof.certifying.verifying import Judged, judged, manifest_of, store_at
from spteproof.certifying.writing import digests_of, source_digest
from spteproof.grammar.modules import Loaded
from spteproof.narrowing import Unknown, narrowed
from spteproof.running.pipeline import library_of, tasks
from spteproof.running.runs import run, usable_processors
from spteproof.solver.results import Budget, Result, Skipped

VALID, INVALID, HOLEY = "valid", "invalid", "holey"
STATUS = {VALID: 0, INVALID: 1, HOLEY: 3}
MOST_SHOWN = 10


@dataclass(slots=True)
class Verified:
    """Everything that was found: `confirmed` is None where no texts were at hand, `not_in_it` are theorems and layouts
    of these texts that the bundle does not speak of."""

    manifest: Mapping[str, Any]
    judged: Sequence[Judged]
    confirmed: Sequence[Confirmed] | None
    problems: list[str] = field(default_factory=list)
    not_in_it: Sequence[str] = ()

    def all_problems(self) -> list[str]:
        found = [f"{each.theorem}: {problem}" for each in self.judged for problem in each.problems]
        found += [f"{each.theorem}: {problem}" for each in self.confirmed or () for problem in each.problems]
        return [*self.problems, *found]

    def holes(self) -> list[str]:
        """What is taken on trust, with how often."""
        counted: Counter[str] = Counter()
        for each in self.judged:
            counted += each.holes
        for confirmed in self.confirmed or ():
            counted.update(confirmed.holes)
        found = [f"{_many(count, 'verdict')}: {hole}" for hole, count in counted.most_common()]
        replays = sum(each.replays for each in self.judged)
        if self.confirmed is None and replays:
            found.append(
                f"{_many(replays, 'verdict')} that {_are(replays)} refuted or evaluated: only the texts can show it"
            )
        return found + [f"{name}: instances without a verdict, as they were given up" for name in self.manifest["lost"]]

    def outcome(self) -> str:
        return INVALID if self.all_problems() else HOLEY if self.holes() else VALID


def verify(called: argparse.Namespace, loading: Callable[[Sequence[str]], Loaded]) -> tuple[str, int]:
    """The report's text and the exit status. Raises BadInput, WrongCall."""
    _check_folder(called.folder)
    checkers = _checkers(called.checker or [])
    try:
        store = store_at(called.folder)
        manifest = manifest_of(store)
    except Spoilt as spoilt:
        return f"{called.folder}: invalid\n  {spoilt}\n", STATUS[INVALID]
    jobs = called.jobs or usable_processors()
    found = Verified(manifest, judged(store, manifest, jobs, checkers), None)
    if called.spec and not found.all_problems():
        _confirm(found, store, loading(called.spec), jobs)
    outcome = found.outcome()
    return "".join(f"{line}\n" for line in _lines(called, found, outcome, checkers)), STATUS[outcome]


def _check_folder(folder: Path) -> None:
    """Raises WrongCall for what cannot be a bundle at all."""
    from spteproof.cli import WrongCall

    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise WrongCall(f"{folder} {what}: `verify` wants the folder that `prove --certify` wrote")


def _checkers(names: Sequence[str]) -> Checkers:
    from spteproof.cli import WrongCall

    lacking = missing(names)
    if lacking:
        raise WrongCall(f"{lacking[0]} is not installed")
    return Checkers(tuple(dict.fromkeys((*at_hand(), *names))))


def _confirm(found: Verified, store: Store, loaded: Loaded, jobs: int) -> None:
    """Compares the bundle with the texts at hand."""
    library, asked = library_of(loaded), found.manifest["asked"]
    found.problems += differing_texts(found.manifest, loaded, library)
    found.confirmed = confirmed = []
    if found.problems:
        return
    found.not_in_it = [name for name in tasks(library, lambda name: True) if name not in found.manifest["parts"]]
    try:
        library = narrowed(library, asked["layouts"], asked["eras"])
    except Unknown as unknown:
        found.problems.append(f"it was asked of what the texts at hand have not: {unknown}")
        return
    known = tasks(library, lambda name: True)
    found.problems += [
        f"`{name}` is in nothing that was asked of" for name in found.manifest["parts"] if name not in known
    ]
    if found.problems:
        return
    budget = Budget(timeout_seconds=asked["timeout_seconds"], effort=asked["effort"])
    names = list(found.manifest["parts"])

    def each(name: str, gave: list[Any]) -> None:
        for one in gave:
            gone = isinstance(one, Result | Skipped)  # an instance that was given up
            confirmed.append(Confirmed(name, holes=["an instance could not be decided again"]) if gone else one)

    sources = {source.name: source for source in loaded.sources}
    task = Confirmation(store, found.manifest["parts"], digests_of(loaded.sources))
    run(library, names, budget, jobs, each, sources=sources, done_by=task)
    made_by = found.manifest["made_by"]
    if any(each.problems for each in confirmed) and made_by.get("source") != source_digest():
        state = f"spteproof {made_by.get('spteproof')}"
        found.problems.append(f"the bundle was made by another state of the tool ({state}), which may ask otherwise")


def _lines(called: argparse.Namespace, found: Verified, outcome: str, checkers: Checkers) -> Iterator[str]:
    given = "" if called.spec else ", obligations taken as given"
    yield f"{called.folder}: {outcome}{given if outcome != INVALID else ''}"
    problems = found.all_problems()
    for problem in problems[:MOST_SHOWN]:
        yield f"  invalid: {problem}"
    if len(problems) > MOST_SHOWN:
        yield f"  and {len(problems) - MOST_SHOWN} more"
    if not problems:
        yield from _summary(found, checkers)
    if called.verbose:
        for before, part in zip([None, *found.judged], found.judged, strict=False):
            if before is None or before.theorem != part.theorem:
                yield part.theorem
            for verdict, words in part.verdicts:
                yield f"  {verdict['verdict']} {_where(verdict)}: {verdict['property']} ({words})"


def _summary(found: Verified, checkers: Checkers) -> Iterator[str]:
    verdicts = Counter(verdict["verdict"] for part in found.judged for verdict, _ in part.verdicts)
    counts: Counter[str] = Counter()
    arguments: Counter[str] = Counter()
    for part in found.judged:
        counts += part.counts
        arguments += part.arguments
    told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    theorems = len({part.theorem for part in found.judged})
    yield f"  {_many(theorems, 'theorem')} and layouts: {told or 'no verdicts'}"
    also = f" and by {', '.join(checkers.names)}" if checkers.names else ""
    no, yes = _many(counts["answers no"], "answer"), _many(counts["answers yes"], "answer")
    yield f"  {_many(counts['refutations'], 'refutation')} for {no} no, checked here{also}"
    yield f"  {_many(counts['satisfactions'], 'set')} of values for {yes} yes, evaluated"
    for what in ("layouts", "eras"):
        if found.manifest["asked"][what]:
            yield f"  asked of these {what} alone: {', '.join(found.manifest['asked'][what])}"
    if found.not_in_it:
        some = ", ".join(found.not_in_it[:MOST_SHOWN]) + (", ..." if len(found.not_in_it) > MOST_SHOWN else "")
        yield f"  not in the bundle: {_many(len(found.not_in_it), 'theorem')} and layouts of the texts at hand ({some})"
    if found.confirmed is not None:
        replayed = sum(each.replayed for each in found.confirmed)
        where = ", where they could be compared" if any(each.holes for each in found.confirmed) else ""
        yield f"  the obligations are those of the texts at hand{where}; {_many(replayed, 'execution')} replayed"
    for hole in found.holes():
        yield f"  taken on trust: {hole}"
    if arguments:
        named = ", ".join(f"{name} ({count})" for name, count in sorted(arguments.items()))
        yield f"  by arguments of docs/soundness.md besides: {named}"


def _where(verdict: Mapping[str, Any]) -> str:
    chosen = [f"{name} = {value}" for name, value in verdict["params"].items()]
    return " ".join(["in", verdict["layout"], *([verdict["era"]] if verdict["era"] else []), *chosen])


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
