"""The `find` command: which masks, and which predicates, make the theorems hold."""

import argparse
import sys
import time
from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from spteproof.colour import paint_for
from spteproof.found_json import found_json, unknowns
from spteproof.found_masks import masks_report
from spteproof.grammar.checked import Library, Sort, Theorem
from spteproof.narrowing import Unknown
from spteproof.progress import Progress
from spteproof.solver.finding import Masks
from spteproof.solver.finding_masks import MaskFinder
from spteproof.solver.results import Budget
from spteproof.solver.surroundings import Workbench
from spteproof.solver.z3_solver import version

AS_EXPECTED, SOME_UNKNOWN = 0, 3


def find_and_report(called: argparse.Namespace, library: Library) -> tuple[str, int]:
    """The report's text and the exit status. Raises Unknown where nothing fits the call."""
    started = time.monotonic()
    theorems = _theorems(called, library)
    tasks = [(theorem, name) for theorem in theorems for name in _parameters(called, theorem)]
    if not tasks:
        raise Unknown(_nothing(called, theorems))
    masks = _find(called, library, tasks)
    seconds = time.monotonic() - started
    if called.format == "json":
        text = found_json(masks, version(), seconds)
    else:
        paint = paint_for(sys.stdout, "never" if called.output and called.color == "auto" else called.color)
        text = "\n".join([*masks_report(masks, paint), _summary(masks, seconds)]) + "\n"
    return text, SOME_UNKNOWN if unknowns(masks) else AS_EXPECTED


def _find(called: argparse.Namespace, library: Library, tasks: Sequence[tuple[Theorem, str]]) -> list[Masks]:
    progress = Progress(sys.stderr, sum(len(theorem.layouts) for theorem, _ in tasks), 0)
    budget = Budget(timeout_seconds=called.timeout)
    benches: dict[object, Workbench] = {}
    found: list[Masks] = []
    try:
        for theorem, name in tasks:
            finder = MaskFinder(library, budget, _chosen(called, theorem), benches)
            for each in finder.find(theorem, name):
                found.append(each)
                progress.step(f"{theorem.name} in {each.layout}")
    finally:
        progress.clear()
    return found


def _theorems(called: argparse.Namespace, library: Library) -> list[Theorem]:
    asked = [each for name, each in library.theorems.items() if name in library.asked]
    for glob in called.theorem or ():
        if not any(fnmatchcase(each.name, glob) for each in asked):
            raise Unknown(f"no theorem matches `{glob}`{_near(glob, [each.name for each in asked])}")
    return [each for each in asked if any(fnmatchcase(each.name, glob) for glob in called.theorem or ["*"])]


def _near(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f": did you mean `{near[0]}`?" if near and near[0] != name else ""


def _parameters(called: argparse.Namespace, theorem: Theorem) -> list[str]:
    names = [each.name for each in theorem.parameters if each.sort is Sort.U64]
    return names if called.bits is None else [name for name in names if name == called.bits]


def _nothing(called: argparse.Namespace, theorems: Sequence[Theorem]) -> str:
    known = [each.name for theorem in theorems for each in theorem.parameters if each.sort is Sort.U64]
    if called.bits is None:
        return "there is nothing to find: no theorem has a u64 parameter"
    return f"no theorem has a u64 parameter `{called.bits}`{_near(called.bits, known)}"


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


def _summary(masks: Sequence[Masks], seconds: float) -> str:
    skipped = sum(each.skipped is not None for each in masks)
    open_answers = unknowns(masks)
    parts = [f"{len(masks) - skipped} answers", *([f"{skipped} skipped"] if skipped else [])]
    parts += [f"{open_answers} with something unknown"] if open_answers else []
    return f"{', '.join(parts)} in {seconds:.2f} s"
