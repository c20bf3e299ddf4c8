"""The `prove` command: runs the proofs with progress, keeps verdicts for the next run, and makes the report."""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from spteproof.colour import paint_for
from spteproof.grammar.checked import Library
from spteproof.grammar.modules import Loaded
from spteproof.reports.human import human_report
from spteproof.reports.json import json_report
from spteproof.running.cache import Cache
from spteproof.running.pipeline import Report, library_of, report, tasks
from spteproof.running.progress import Progress
from spteproof.solver.doubts import INTERNAL as INTERNAL_ERROR
from spteproof.solver.results import PROVED, Budget, Result, Skipped
from spteproof.standard_streams import written

if TYPE_CHECKING:
    from spteproof.certifying.writing import Bundle
    from spteproof.solver.opinions.cross_check import CrossCheck

AS_EXPECTED, NOT_AS_EXPECTED, SOME_UNKNOWN, INTERNAL = 0, 1, 3, 4
FEW = 3
INSTALL = "`pip install 'spteproof[opinions]'`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run gave: `theorems` is how many it asked about, `lost` those without a verdict for want of workers,
    `seconds` its wall time."""

    report: Report
    theorems: int
    lost: tuple[str, ...]
    seconds: float


def prove_and_report(
    called: argparse.Namespace, library: Library, loaded: Loaded, wanted: Callable[[str], bool]
) -> tuple[str, int]:
    """The report's text and the exit status. Raises BadInput, WrongCall."""
    run = prove_all(called, library, loaded, wanted)
    if not called.no_cache:
        _tell_suspicious(run, loaded)
    return _text(called, run, library_of(loaded)), status(run)


def _tell_suspicious(run: Run, loaded: Loaded) -> None:
    """A proof that would hold of broken twins as well, as far as `mutate` has found out, is worth a warning. What fails
    anyway is not."""
    from spteproof.mutating.kept import Kept

    results, stated = run.report.results, library_of(loaded).theorems
    failing = {each.theorem for each in results if not each.ok}
    named = {each.theorem: None for each in results if each.verdict == PROVED and not each.implicit}
    proved = [each for each in named if each in stated and each not in failing]
    kept = Kept(loaded, enabled=True, create=False)
    for name, number in kept.suspicious(proved).items():
        place = library_of(loaded).theorems[name].place
        what = "the change" if number == 1 else f"any of the {number} changes"
        said = f"warning: {place}: `{name}` is suspicious: it does not notice {what} that `mutate` showed it\n"
        written(sys.stderr, said)
    kept.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """Who wants verdicts before their counterexamples: `hear` is told a task's name, what it gave, and whether that is
    whole; `stop` says when no more is wanted."""

    hear: Callable[[str, list[Result | Skipped], bool], None]
    stop: Callable[[], bool]


def prove_all(
    called: argparse.Namespace,
    library: Library,
    loaded: Loaded,
    wanted: Callable[[str], bool],
    early: Early | None = None,
) -> Run:
    """Proves what is wanted; what is kept of earlier runs is not proved again. Raises BadInput, WrongCall."""
    started = time.monotonic()
    others = _others(called)
    budget = Budget(timeout_seconds=called.timeout, told=others)
    names = tasks(library, wanted)
    _refuse_idle(called, library, names, loaded)
    certify = getattr(called, "certify", None)
    enabled = not called.no_cache and certify is None  # a certificate is made while its theorem is proved
    if getattr(called, "changed_since", None) is not None:
        names = _affected(called, library, loaded, names)
    opinions = others.versions() if others is not None else ()
    cache = Cache.open(loaded, budget, enabled=enabled, library=library, opinions=opinions)
    if certify is None:
        found, lost = _run(called, library, names, budget, cache, early=early)
    else:
        found, lost = _certified(called, library, names, budget, cache, loaded)
    if lost:
        written(sys.stderr, f"spteproof: no worker process can be had; without a verdict: {', '.join(lost)}\n")
    return Run(
        report=report(each for name in names for each in found.get(name, [])),
        theorems=len(library.theorems.keys() & names),
        lost=lost,
        seconds=time.monotonic() - started,
    )


def _affected(called: argparse.Namespace, library: Library, loaded: Loaded, names: list[str]) -> list[str]:
    """What the changes since a revision can affect; the rest is named on standard error. Raises WrongCall."""
    from spteproof.cli import WrongCall
    from spteproof.running.changes import NoChanges, affected

    try:
        asked = [*(called.layout or ()), *(called.era or ())]
        found = affected(loaded, library, names, called.changed_since, asked)
    except NoChanges as problem:
        raise WrongCall(f"--changed-since: {problem}") from None
    written(sys.stderr, f"spteproof: {found}\n")
    return list(found.tasks)


def _others(called: argparse.Namespace) -> "CrossCheck | None":
    """Who is asked for second opinions, if anybody is. Raises WrongCall."""
    wanted = getattr(called, "cross_check", None)
    if wanted is None:
        return None
    from spteproof.cli import WrongCall
    from spteproof.solver.opinions.cross_check import ENUMERATION, NAMES, CrossCheck, NotInstalled, installed

    names = installed() if wanted == "all" else tuple(dict.fromkeys(each.strip() for each in wanted.split(",")))
    for each in names:
        if each not in NAMES:
            near = get_close_matches(each, NAMES, 1)
            hint = f": did you mean `{near[0]}`?" if near else f"; there are {', '.join(NAMES)} (`--cross-check=NAMES`)"
            raise WrongCall(f"there is no second opinion `{each}`{hint}")
    if names == (ENUMERATION,) and wanted == "all":
        raise WrongCall(f"no second solver is installed: {INSTALL}, or ask for `--cross-check=enumeration`")
    found = CrossCheck(names, called.timeout)
    try:
        found.versions()
    except NotInstalled as missing:
        raise WrongCall(f"`{missing}` is not installed: {INSTALL}") from None
    return found


def _refuse_idle(called: argparse.Namespace, library: Library, names: list[str], loaded: Loaded) -> None:
    """Raises WrongCall where there is nothing to prove, or where some pattern matches nothing."""
    from spteproof.cli import WrongCall

    for glob in called.theorem or ():
        if not any(fnmatchcase(name, glob) for name in names):
            where = " in the layouts asked for" if called.layout else ""
            near = get_close_matches(glob, [name for name in library.theorems if name in library.asked], 1)
            hint = f": did you mean `{near[0]}`?" if near and near[0] != glob else ""
            raise WrongCall(f"no theorem matches `{glob}`{where}{hint}")
    if not names:
        if not called.layout and not called.era:
            raise WrongCall("there is nothing to prove: no theorem and no layout assert")
        stated = _elsewhere(library_of(loaded))
        raise WrongCall(f"there is nothing to prove in the layouts and eras asked for{stated}")


def _elsewhere(library: Library) -> str:
    """The theorems that were named and not narrowed away, with where they are stated; a few of them."""
    stated = [each for name, each in library.theorems.items() if name in library.asked]
    lines = [
        f"\n  `{each.name}` is in {', '.join(each.layouts[:FEW])}{', ...' if len(each.layouts) > FEW else ''}"
        + (f", in the eras {', '.join(each.eras[:FEW])}{', ...' if len(each.eras) > FEW else ''}" if each.eras else "")
        for each in stated[:FEW]
    ]
    return "".join(lines) + (f"\n  and {len(stated) - FEW} more" if len(stated) > FEW else "")


def _certified(
    called: argparse.Namespace, library: Library, names: list[str], budget: Budget, cache: Cache, loaded: Loaded
) -> tuple[dict[str, list[Result | Skipped]], tuple[str, ...]]:
    """As `_run`, and writes the bundle of certificates."""
    from spteproof.certifying.texts import digests_of, held_of
    from spteproof.certifying.writing import Bundle, asked_of, check_target

    check_target(called.certify)
    asked = asked_of(library, names, budget, by_layout=bool(called.layout), by_era=bool(called.era))
    with Bundle(called.certify, digests_of(loaded.sources), held_of(loaded, library, names)) as bundle:
        found, lost = _run(called, library, names, budget, cache, bundle)
        bundle.finish(asked, found)
    return found, lost


def _run(
    called: argparse.Namespace,
    library: Library,
    names: list[str],
    budget: Budget,
    cache: Cache,
    bundle: "Bundle | None" = None,
    early: Early | None = None,
) -> tuple[dict[str, list[Result | Skipped]], tuple[str, ...]]:
    """What each task gave, and the names of those without a verdict, where no worker could be had. What they rest on
    goes into the bundle."""
    found = {name: kept for name in names if (kept := cache.get(name)) is not None}
    rest = [name for name in names if name not in found]
    progress = Progress(sys.stderr, len(names), len(found))

    def tell(name: str, gave: list[Result | Skipped], whole: bool) -> None:
        if early is not None:
            progress.clear()
            early.hear(name, gave, whole)

    def each(name: str, gave: list[Result | Skipped], whole: bool) -> None:
        if whole:
            if bundle is not None:
                bundle.hear(gave)
            found[name] = gave
            cache.put(name, gave)
        tell(name, gave, whole)
        if whole:
            progress.step(name)

    lost: tuple[str, ...] = ()
    try:
        for name, gave in list(found.items()):
            tell(name, gave, True)
        if rest:
            lost = _proved(called, library, rest, budget, each, cache, bundle, early)
    finally:
        progress.clear()
        cache.close()
    return found, lost


def _proved(
    called: argparse.Namespace,
    library: Library,
    names: list[str],
    budget: Budget,
    each: Callable[[str, list[Result | Skipped], bool], None],
    cache: Cache,
    bundle: "Bundle | None",
    early: Early | None,
) -> tuple[str, ...]:
    """Lets worker processes prove the tasks; those without a verdict, where no worker could be had."""
    from spteproof.running.runs import WithoutWorkers, run, usable_processors
    from spteproof.running.worker import Limits

    limits = Limits(instance_seconds=called.instance_timeout, memory_megabytes=called.memory)
    jobs, sources = called.jobs or usable_processors(), cache.sources
    try:
        if early is not None:
            from spteproof.running.phased import run_in_phases

            run_in_phases(library, names, budget, jobs, each, sources=sources, limits=limits, stop=early.stop)
        else:
            more = {} if bundle is None else {"done_by": bundle}
            run(
                library,
                names,
                budget,
                jobs,
                lambda name, gave: each(name, gave, True),
                sources=sources,
                limits=limits,
                **more,
            )
    except WithoutWorkers as dead:
        return dead.args
    return ()


def _text(called: argparse.Namespace, run: Run, library: Library) -> str:
    """The report in the format asked for; what a format needs is imported only for it."""
    whole, seconds, lost = run.report, run.seconds, len(run.lost)
    if called.format == "json":
        return json_report(whole, seconds=seconds, lost=lost)
    wish = called.counterexamples or ("first" if run.theorems <= FEW else "unexpected")
    if called.format != "human":
        return _for_others(called.format, run, library, wish)
    paint = paint_for(sys.stdout, "never" if called.output and called.color == "auto" else called.color)
    return human_report(
        whole, library, paint=paint, counterexamples=wish, seconds=seconds, verbose=called.verbose, lost=lost
    )


def _for_others(form: str, run: Run, library: Library, wish: str) -> str:
    """The report for other tools and places: JUnit XML, SARIF, annotations, Markdown, a page."""
    from spteproof.reports.result_words import lost_of

    whole, seconds, lost = run.report, run.seconds, lost_of(library, run.lost)
    match form:
        case "junit":
            from spteproof.reports.junit import junit_report

            return junit_report(whole, seconds=seconds, lost=lost)
        case "sarif":
            from spteproof.reports.sarif import sarif_report

            return sarif_report(whole, lost=lost)
        case "github":
            from spteproof.reports.github import github_report

            return github_report(whole, seconds=seconds, lost=lost)
        case "html":
            from spteproof.html.report import html_report

            return html_report(whole, library, seconds=seconds, lost=lost)
    from spteproof.reports.markdown import markdown_report

    return markdown_report(whole, library, counterexamples=wish, seconds=seconds, lost=lost)


def status(run: Run) -> int:
    """The exit status of a run."""
    whole = run.report
    if any(not each.ok and each.verdict != "unknown" for each in whole.results):
        return NOT_AS_EXPECTED
    if any(each.reason_id == INTERNAL_ERROR for each in whole.results):
        return INTERNAL
    if run.lost or whole.is_all_skipped() or any(each.verdict == "unknown" for each in whole.results):
        return SOME_UNKNOWN
    return AS_EXPECTED
