"""The `mutate` command: makes the mutants, has them judged, keeps what was found, and reports."""

import argparse
import math
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from spteproof.colour import paint_for
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.files import files_named
from spteproof.grammar.modules import Loaded, load
from spteproof.grammar.mutation.mutants import mutants
from spteproof.grammar.names import Module
from spteproof.grammar.origins import file_key
from spteproof.grammar.reading import read_module
from spteproof.mutating.equivalents import Declared, Problem, of_texts, why_not_proved
from spteproof.mutating.judging import Court
from spteproof.mutating.kept import Case, Kept
from spteproof.mutating.outcomes import KILLED, SURVIVED, UNDECIDED, Outcome, Subject
from spteproof.mutating.pool import judged
from spteproof.mutating.suspecting import counts, stated_in, suspect
from spteproof.running.pipeline import LIBRARY, library_of
from spteproof.running.progress import Progress
from spteproof.running.runs import usable_processors
from spteproof.solver.results import Budget

NONE_SURVIVED, SOME_SURVIVED, SOME_UNDECIDED = 0, 1, 3
BATCH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A declared equivalence: `subject` None where no mutant fits it, `problem` what speaks against it or why it could
    not be proved; None where it is proved."""

    path: Path
    declared: Declared
    subject: Subject | None
    outcome: Outcome | None
    problem: Problem | None

    def is_wrong(self) -> bool:
        """Whether no mutant fits it, or one that is shown to differ."""
        return self.problem is not None and self.problem.refuted

    def is_unproved(self) -> bool:
        """Whether it is neither proved nor shown to be wrong."""
        return self.problem is not None and not self.problem.refuted


@dataclass(slots=True, kw_only=True)
class Trial:
    """What a run found. `left_out` are mutants that were not tried; `counts` says of each theorem how many it was shown
    and how many it refuted. Of those whose own texts were tried whole, `failing` refuted none and are not as expected
    anyway, `suspicious` refuted none of what others did."""

    texts: dict[Path, str]
    outcomes: list[tuple[Subject, Outcome]] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)
    left_out: int = 0
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    suspicious: set[str] = field(default_factory=set)
    seconds: float = 0.0

    def of_fate(self, fate: str) -> list[tuple[Subject, Outcome]]:
        """In the order of the texts; those that are declared equivalent are apart."""
        apart = {id(each.subject) for each in self.declarations}
        found = [(subject, outcome) for subject, outcome in self.outcomes if id(subject) not in apart]
        return [(subject, outcome) for subject, outcome in found if outcome.fate == fate]

    def status(self) -> int:
        if self.of_fate(SURVIVED) or any(each.is_wrong() for each in self.declarations):
            return SOME_SURVIVED
        unproved = any(each.problem is not None for each in self.declarations)
        return SOME_UNDECIDED if self.of_fate(UNDECIDED) or self.left_out or unproved else NONE_SURVIVED


def mutate_and_report(called: argparse.Namespace, loaded: Loaded) -> tuple[str, int]:
    """The report's text and the exit status. Raises BadInput, WrongCall."""
    from spteproof.cli import WrongCall

    trial = try_all(called, loaded)
    if not trial.outcomes and not trial.left_out:
        raise WrongCall("there is nothing to mutate in these texts")
    if called.format == "json":
        from spteproof.mutating.report_json import json_report

        return json_report(trial), trial.status()
    from spteproof.mutating.report import human_report

    return human_report(trial, paint_for(sys.stdout, called.color), called.verbose), trial.status()


def try_all(called: argparse.Namespace, loaded: Loaded) -> Trial:
    """All mutants of the texts that were named, before the theorems of these and of `--by`. Raises BadInput,
    WrongCall."""
    started = time.monotonic()
    library_of(loaded)
    paths = list(files_named([Path(each) for each in called.paths] or [LIBRARY], Findings()))
    whole = load([*paths, *map(Path, called.by or _judging(paths))], library_root=LIBRARY)
    library = library_of(whole)
    modules = [read_module(each, Findings()) for each in whole.sources]
    court = Court(
        library=library,
        modules=modules,
        judges=tuple(name for name in library.theorems if name in library.asked),
        seconds=called.seconds,
        budget=Budget(timeout_seconds=called.timeout, shortest_seconds=0.0),
    )
    every = _subjects(modules, paths)
    subjects = _asked_for(every, called.item or ())
    trial = Trial(texts=dict(_texts(modules, paths)))
    chosen = subjects
    if called.sample is not None and called.sample < len(subjects):
        picked = set(random.Random(called.seed).sample(range(len(subjects)), called.sample))
        chosen = [each for number, each in enumerate(subjects) if number in picked]
    trial.left_out = len(subjects) - len(chosen)
    _try(called, court, whole, chosen, trial, started)
    order = {id(subject): number for number, subject in enumerate(subjects)}
    trial.outcomes.sort(key=lambda pair: order[id(pair[0])])
    trial.declarations = _declarations(court, trial, every, modules, paths)
    trial.counts = counts(trial.outcomes)
    if not trial.left_out and not called.item:
        own = stated_in(library, paths, trial.counts)
        kept = Kept(whole, enabled=not called.no_cache)
        left = math.inf if called.time is None else started + called.time
        try:
            suspect(court, trial, own, kept, called.jobs or usable_processors(), left)
        finally:
            kept.close()
    trial.seconds = time.monotonic() - started
    return trial


def _judging(paths: Sequence[Path]) -> list[Path]:
    """Who judges where nobody is named: mutants of the library's own modules are judged by the whole library."""
    shared = LIBRARY / "kvm"
    return [LIBRARY] if any(path.resolve().is_relative_to(shared.resolve()) for path in paths) else []


def _texts(modules: Sequence[Module], paths: Sequence[Path]) -> list[tuple[Path, str]]:
    texts = {file_key(each.source.path): each.source.text for each in modules if each.source.path is not None}
    return [(path, texts[file_key(path)]) for path in paths]


def _subjects(modules: Sequence[Module], paths: Sequence[Path]) -> list[Subject]:
    known = {file_key(each.source.path): each for each in modules if each.source.path is not None}
    return [Subject(path=path, mutant=mutant) for path in paths for mutant in mutants(known[file_key(path)])]


def _asked_for(every: Sequence[Subject], items: Sequence[str]) -> list[Subject]:
    """Those of the items, or all without items. Raises WrongCall for an item that has none."""
    from spteproof.cli import WrongCall

    names = {each.mutant.item for each in every}
    for item in items:
        if item not in names:
            near = get_close_matches(item, sorted(names), 1)
            hint = f": did you mean `{near[0]}`?" if near else ""
            raise WrongCall(f"there is nothing to mutate that is called `{item}`{hint}")
    return [each for each in every if not items or each.mutant.item in items]


def _try(
    called: argparse.Namespace, court: Court, loaded: Loaded, subjects: Sequence[Subject], trial: Trial, started: float
) -> None:
    """What is kept is not tried again; what is found is kept as it comes, and when the run is stopped too."""
    kept = Kept(loaded, enabled=not called.no_cache)
    cases = {id(each): kept.case(court, each, trial.texts[each.path]) for each in subjects}
    rest = []
    for each in subjects:
        before = kept.outcome(cases[id(each)])
        if before is None:
            rest.append(each)
        else:
            trial.outcomes.append((each, before))
    progress = Progress(sys.stderr, len(subjects), len(subjects) - len(rest))
    waiting: list[tuple[Case, Outcome]] = []
    found = judged(court, rest, called.jobs or usable_processors())
    done = 0
    try:
        for subject, outcome in found:
            done += 1
            trial.outcomes.append((subject, outcome))
            waiting.append((cases[id(subject)], outcome))
            progress.step(f"{subject.path.name}: {subject.mutant.item}")
            if len(waiting) >= BATCH:
                kept.keep(waiting)
                waiting.clear()
            if called.time is not None and time.monotonic() - started > called.time:
                break
    finally:
        found.close()  # type: ignore[attr-defined]
        progress.clear()
        kept.keep(waiting)
        kept.close()
    trial.left_out += len(rest) - done


def _declarations(
    court: Court, trial: Trial, subjects: Sequence[Subject], modules: Sequence[Module], paths: Sequence[Path]
) -> list[Declaration]:
    outcomes = {id(subject): outcome for subject, outcome in trial.outcomes}
    found = []
    for path, declarations in of_texts(modules, paths).items():
        text = trial.texts[path]
        own = [each for each in subjects if each.path == path]
        for declared in declarations:
            subject = next((each for each in own if declared.is_about(each.mutant, text)), None)
            outcome = None if subject is None else outcomes.get(id(subject))
            problem: Problem | None
            if subject is None:
                problem = Problem("no mutant is like that", refuted=True)
            elif outcome is not None and outcome.fate == KILLED:
                problem = Problem(f"it is not: `{outcome.killer}` tells them apart", refuted=True)
            else:
                problem = why_not_proved(court, subject)
            found.append(Declaration(path=path, declared=declared, subject=subject, outcome=outcome, problem=problem))
    return found
