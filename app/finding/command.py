"""The `find` command: which masks, and which predicates, make the theorems hold."""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase

from spteproof.colour import paint_for
from spteproof.finding.json import found_json, unknowns
from spteproof.finding.masks import masks_report
from spteproof.finding.predicates import predicates_report
from spteproof.grammar.checked import Library, Sort, Theorem
from spteproof.narrowing import Unknown
from spteproof.running.progress import Progress
from spteproof.solver.finding.answers import Masks, Predicate
from spteproof.solver.finding.masks import MaskFinder
from spteproof.solver.finding.predicates import PredicateFinder
from spteproof.solver.finding.replaced import asked_predicates, is_asked
from spteproof.solver.results import Budget
from spteproof.solver.workbench import Benches
from spteproof.solver.z3_solver import version

AS_EXPECTED, SOME_UNKNOWN = 0, 3


def find_and_report(called: argparse.Namespace, library: Library) -> tuple[str, int]:
    """The report's text and the exit status. Raises Unknown where nothing fits the call."""
    started = time.monotonic()
    theorems = _theorems(called, library)
    tasks = [task for theorem in theorems for task in _tasks(called, library, theorem)]
    _refuse_idle(called, library, theorems, tasks)
    masks, predicates = _find(called, library, tasks)
    seconds = time.monotonic() - started
    if called.format == "json":
        text = found_json(masks, predicates, version(), seconds)
    else:
        paint = paint_for(sys.stdout, "never" if called.output and called.color == "auto" else called.color)
        lines = [*masks_report(masks, paint), *predicates_report(predicates, paint)]
        text = "\n".join([*lines, _summary(masks, predicates, seconds)]) + "\n"
    answered = any(each.skipped is None for each in masks) or any(each.skipped is None for each in predicates)
    return text, AS_EXPECTED if answered and not unknowns(masks, predicates) else SOME_UNKNOWN


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be found of one theorem: about masks passed as `parameter`, or about a predicate (the other is
    None)."""

    theorem: Theorem
    parameter: str | None
    predicate: str | None


def _tasks(called: argparse.Namespace, library: Library, theorem: Theorem) -> list[_Task]:
    """What the call asks of a theorem; a call that names neither asks for all u64 parameters, and for the predicates
    that alone decide an `if` of the program."""
    found: list[_Task] = []
    if called.bits is not None or called.predicate is None:
        names = [each.name for each in theorem.parameters if each.sort is Sort.U64]
        found += [_Task(theorem, name, None) for name in names if called.bits in (None, name)]
    if called.predicate is not None:
        if is_asked(theorem, library, called.predicate):
            found.append(_Task(theorem, None, called.predicate))
    elif called.bits is None:
        found += [_Task(theorem, None, name) for name in asked_predicates(theorem, library)]
    return found


def _find(called: argparse.Namespace, library: Library, tasks: Sequence[_Task]) -> tuple[list[Masks], list[Predicate]]:
    progress = Progress(sys.stderr, sum(len(each.theorem.layouts) for each in tasks), 0)
    budget = Budget(timeout_seconds=called.timeout)
    benches = Benches()
    masks: list[Masks] = []
    predicates: list[Predicate] = []
    try:
        for task in tasks:
            chosen = _chosen(called, task.theorem)
            if task.parameter is not None:
                for found in MaskFinder(library, budget, chosen, benches).find(task.theorem, task.parameter):
                    masks.append(found)
                    progress.step(f"{found.theorem} in {found.layout}")
            if task.predicate is not None:
                for other in PredicateFinder(library, budget, chosen, benches).find(task.theorem, task.predicate):
                    predicates.append(other)
                    progress.step(f"{other.theorem} in {other.layout}")
    finally:
        progress.clear()
    return masks, predicates


def _theorems(called: argparse.Namespace, library: Library) -> list[Theorem]:
    asked = [each for name, each in library.theorems.items() if name in library.asked]
    for glob in called.theorem or ():
        if not any(fnmatchcase(each.name, glob) for each in asked):
            raise Unknown(f"no theorem matches `{glob}`{_near(glob, [each.name for each in asked])}")
    return [each for each in asked if any(fnmatchcase(each.name, glob) for glob in called.theorem or ["*"])]


def _near(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f": did you mean `{near[0]}`?" if near and near[0] != name else ""


def _refuse_idle(
    called: argparse.Namespace, library: Library, theorems: Sequence[Theorem], tasks: Sequence[_Task]
) -> None:
    """Raises Unknown where there is nothing to find, or where a name fits nothing."""
    if called.predicate is not None and all(each.predicate is None for each in tasks):
        known = sorted({name for scope in library.scopes.values() for name in scope.pures})
        if called.predicate not in known:
            raise Unknown(f"there is no predicate `{called.predicate}`{_near(called.predicate, known)}")
        raise Unknown(f"no theorem's program asks `{called.predicate}`")
    if called.bits is not None and all(each.parameter is None for each in tasks):
        known = [each.name for theorem in theorems for each in theorem.parameters if each.sort is Sort.U64]
        raise Unknown(f"no theorem has a u64 parameter `{called.bits}`{_near(called.bits, known)}")
    if not tasks:
        raise Unknown("there is nothing to find: no theorem has a u64 parameter or a program that asks a predicate")


def _chosen(called: argparse.Namespace, theorem: Theorem) -> list[int] | None:
    """The numbers of the properties asked for: by number from 1, or by their text. Raises Unknown."""
    if not called.property:
        return None
    texts = [each.text for each in theorem.proves]
    chosen: list[int] = []
    for wish in called.property:
        fitting = [number for number, text in enumerate(texts) if wish == str(number + 1) or fnmatchcase(text, wish)]
        if not fitting:
            raise Unknown(f"`{theorem.name}` has no property `{wish}`{_near(wish, texts)}")
        chosen += fitting
    return sorted(set(chosen))


def _summary(masks: Sequence[Masks], predicates: Sequence[Predicate], seconds: float) -> str:
    skipped = sum(each.skipped is not None for each in masks) + sum(each.skipped is not None for each in predicates)
    open_answers = unknowns(masks, predicates)
    count = len(masks) + len(predicates) - skipped
    parts = [f"{count} answer{'' if count == 1 else 's'}", *([f"{skipped} skipped"] if skipped else [])]
    parts += [f"{open_answers} with something unknown"] if open_answers else []
    return f"{', '.join(parts)} in {seconds:.2f} s"
