"""The `verify` command: is a bundle of certificates what it claims to be?"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spteproof.certifying.checkers import Checkers, at_hand, missing
from spteproof.certifying.confirming import Confirmation, Confirmed, differing_texts
from spteproof.certifying.store import CannotRead, Spoilt, Store
from spteproof.certifying.texts import (
    TEXTS,
    digests_of,
    instead_of_the_library,
    is_shelved,
    loaded_from,
    misplaced,
    not_of_this_library,
    only_used,
)
from spteproof.certifying.verifying import TO_BE_REPLAYED, Judged, judged, manifest_of, store_at
from spteproof.certifying.writing import source_digest
from spteproof.diagnostic_text import printable
from spteproof.grammar.checked import Library
from spteproof.grammar.modules import Loaded
from spteproof.narrowing import Unknown, narrowed
from spteproof.running.pipeline import BadInput, library_of, tasks
from spteproof.running.progress import Progress
from spteproof.running.runs import run, usable_processors
from spteproof.solver.results import Budget, Result, Skipped

VALID, INVALID, HOLEY = "valid", "invalid", "holey"
STATUS = {VALID: 0, INVALID: 1, HOLEY: 3}
MOST_SHOWN, LONGEST_LINE = 10, 10_000
REPLAYED = "replayed"


@dataclass(slots=True)
class Verified:
    """Everything that was found: `against` says where the bundle is not what the texts give, `not_in_it` are theorems
    and layouts of the texts that it does not speak of. `other` is whether another state of the tool made it and its own
    texts are all that it can be compared with: then they may give something else, and it is right all the same.
    `instead` are texts of its own that stand for those of the library."""

    manifest: Mapping[str, Any]
    judged: Sequence[Judged]
    other: bool
    confirmed: list[Confirmed] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    not_in_it: Sequence[str] = ()
    instead: Sequence[str] = ()

    def problems(self) -> list[str]:
        found = [f"{each.theorem}: {problem}" for each in self.judged for problem in each.problems]
        return found + ([] if self.other else self.against)

    def holes(self) -> list[str]:
        """What is taken on trust, with how often."""
        counted: Counter[str] = Counter()
        for each in self.judged:
            counted += each.holes
        for confirmed in self.confirmed:
            counted.update(confirmed.holes)
        found = [f"{_many(count, 'verdict')}: {hole}" for hole, count in counted.most_common()]
        silent = sum((each.silent for each in self.judged), Counter[str]())
        found += [f"{_many(count, 'refutation')}, checked by this tool: {why}" for why, count in silent.most_common()]
        if self.other and self.against:
            made_by = self.manifest["made_by"].get("spteproof")
            found.append(
                f"the obligations as another state of the tool, spteproof {made_by}, made them of the texts, and what "
                f"is refuted: this one makes others ({self.against[0]})"
            )
        return found + [f"{name}: instances without a verdict, as they were given up" for name in self.manifest["lost"]]

    def outcome(self) -> str:
        return INVALID if self.problems() else HOLEY if self.holes() else VALID


def verify(called: argparse.Namespace, loading: Callable[[Sequence[str]], Loaded]) -> tuple[str, int]:
    """The report's text and the exit status. Raises BadInput, WrongCall."""
    from spteproof.cli import WrongCall

    try:
        return _verified(called, loading)
    except CannotRead as error:
        raise WrongCall(f"cannot read {error}") from None


def _verified(called: argparse.Namespace, loading: Callable[[Sequence[str]], Loaded]) -> tuple[str, int]:
    """The same. Raises CannotRead, too."""
    _check_folder(called.folder)
    checkers = _checkers(called.checker or [])
    try:
        store = store_at(called.folder)
        manifest = manifest_of(store)
    except Spoilt as spoilt:
        return _text([f"{called.folder}: invalid", f"  {spoilt}"]), STATUS[INVALID]
    at_hand = loading(called.spec) if called.spec else None
    if at_hand is not None:
        library_of(at_hand)  # what is wrong with the texts is said before the work
    jobs = called.jobs or usable_processors()
    parts = sum(each is not None for made in manifest["parts"].values() for each in made)
    progress = Progress(sys.stderr, parts + len(manifest["parts"]), 0)
    is_other = manifest["made_by"].get("source") != source_digest()
    found = Verified(manifest, judged(store, manifest, jobs, checkers, progress.step), is_other and not called.spec)
    if not found.problems():
        _compare(found, store, at_hand, jobs, progress)
    progress.clear()
    if is_other and found.problems() and found.against:
        state = f"spteproof {manifest['made_by'].get('spteproof')}"
        found.against.append(f"the bundle was made by another state of the tool ({state}), which may ask otherwise")
    outcome = found.outcome()
    return _text(_lines(called, found, outcome, checkers)), STATUS[outcome]


def _text(lines: Iterable[str]) -> str:
    """The lines, each of which stays one whatever a stranger wrote into the bundle."""
    return "".join(f"{printable(' '.join(line[:LONGEST_LINE].splitlines()))}\n" for line in lines)


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


def _compare(found: Verified, store: Store, at_hand: Loaded | None, jobs: int, progress: Progress) -> None:
    """Compares the bundle with the texts at hand, or with its own."""
    if at_hand is not None:
        _confirm(found, store, at_hand, library_of(at_hand), jobs, progress)
        return
    try:
        own = loaded_from(store, found.manifest)
        _confirm(found, store, own, library_of(own), jobs, progress)
        if not found.against:
            found.against += misplaced(store, found.manifest, own, library_of(own))
        found.not_in_it = [*found.not_in_it, *only_used(store, library_of(own))]
        found.instead = instead_of_the_library(store, own)
    except (BadInput, Spoilt) as wrong:
        found.against.append(f"its texts cannot be used: {str(wrong).splitlines()[0]}")


def _confirm(found: Verified, store: Store, loaded: Loaded, library: Library, jobs: int, progress: Progress) -> None:
    asked, parts = found.manifest["asked"], found.manifest["parts"]
    found.against += differing_texts(found.manifest, loaded, library)
    if found.against:
        return
    found.not_in_it = [name for name in tasks(library, lambda name: True) if name not in parts]
    try:
        library = narrowed(library, asked["layouts"], asked["eras"])
    except Unknown as unknown:
        found.against.append(f"it was asked of what the texts have not: {unknown}")
        return
    known = tasks(library, lambda name: True)
    found.against += [f"`{name}` is in nothing that was asked of" for name in parts if name not in known]
    if found.against:
        return
    budget = Budget(timeout_seconds=asked["timeout_seconds"], effort=asked["effort"])

    def each(name: str, gave: list[Any]) -> None:
        progress.step(name)
        for one in gave:
            gone = isinstance(one, Result | Skipped)  # an instance that was given up
            confirmed = Confirmed(name, holes=["an instance could not be decided again"]) if gone else one
            found.confirmed.append(confirmed)
            found.against += [f"{name}: {problem}" for problem in confirmed.problems]

    sources = {source.name: source for source in loaded.sources}
    task = Confirmation(store, parts, digests_of(loaded.sources))
    run(library, list(parts), budget, jobs, each, sources=sources, done_by=task)


def _lines(called: argparse.Namespace, found: Verified, outcome: str, checkers: Checkers) -> Iterator[str]:
    own = "" if called.spec else ", by the texts that it holds"
    yield f"{called.folder}: {outcome}{own if outcome != INVALID else ''}"
    problems = found.problems()
    for problem in problems[:MOST_SHOWN]:
        yield f"  invalid: {problem}"
    if len(problems) > MOST_SHOWN:
        yield f"  and {len(problems) - MOST_SHOWN} more"
    if not problems:
        yield from _summary(found, checkers)
        if not called.spec:
            yield from _own_texts(called.folder, found)
    if called.verbose:
        for before, part in zip([None, *found.judged], found.judged, strict=False):
            if before is None or before.theorem != part.theorem:
                yield part.theorem
            for verdict, words in part.verdicts:
                told = REPLAYED if words == TO_BE_REPLAYED and not found.against else words
                yield f"  {verdict['verdict']} {_where(verdict)}: {verdict['property']} ({told})"


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
        count = _many(len(found.not_in_it), "theorem")
        yield f"  not in the bundle: {count} and layouts of the texts ({_some(found.not_in_it)})"
    replayed = sum(each.replayed for each in found.confirmed)
    if not found.against:
        where = ", where they could be compared" if any(each.holes for each in found.confirmed) else ""
        yield f"  the obligations are those of the texts{where}; {_many(replayed, 'execution')} replayed"
    for hole in found.holes():
        yield f"  taken on trust: {hole}"
    if arguments:
        named = ", ".join(f"{name} ({count})" for name, count in sorted(arguments.items()))
        yield f"  by arguments of docs/soundness.md besides: {named}"


def _own_texts(folder: Path, found: Verified) -> Iterator[str]:
    """Which texts the verdicts are about."""
    texts = found.manifest["texts"]
    shelved = sum(map(is_shelved, texts))
    counts = {"of its own": len(texts) - shelved, "of the library": shelved}
    told = ", ".join(f"{count} {whose}" for whose, count in counts.items() if count)
    yield f"  its texts, in {folder / TEXTS}: {told or 'none'}"
    others = not_of_this_library(found.manifest)
    if others:
        yield f"  other than the library at hand: {_many(len(others), 'text')} ({_some(others)})"
    if found.instead:
        yield f"  in the place of the library's: {_many(len(found.instead), 'text')} ({_some(found.instead)})"
    links = [f"{link} is {each['place']}" for each in texts for link in each["links"]]
    if links:
        yield f"  {_many(len(links), 'link')}: {_some(links)}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_SHOWN]) + (", ..." if len(names) > MOST_SHOWN else "")


def _where(verdict: Mapping[str, Any]) -> str:
    chosen = [f"{name} = {value}" for name, value in verdict["params"].items()]
    return " ".join(["in", verdict["layout"], *([verdict["era"]] if verdict["era"] else []), *chosen])


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
