"""The report for a person: a line for each verdict and group of layouts, and the interleavings that matter."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from spteproof.colour import Paint
from spteproof.grammar.checked import Library
from spteproof.reports.instance_words import instance_lines
from spteproof.reports.interleaving import draw_interleaving
from spteproof.reports.result_words import environment_lines, everybody, notes, told_apart
from spteproof.reports.second_opinions import opinions_of
from spteproof.running.pipeline import Report
from spteproof.solver.results import REFUTED, Counterexample, Result, Scope, Skipped

FEW_LAYOUTS = 3


def human_report(
    report: Report,
    library: Library,
    *,
    paint: Paint,
    counterexamples: str,
    seconds: float,
    verbose: bool,
    lost: int = 0,
) -> str:
    """The whole report. `library` is what the texts say, in all layouts and eras. `counterexamples` is "all", "first"
    (one for each theorem), "unexpected" or "none"; `lost` is how many theorems have no verdict at all."""
    lines: list[str] = []
    by_theorem = list(_by_theorem(report.results))
    quiet = [
        results
        for results in by_theorem
        if _is_layout(results)
        and all(each.ok for each in results)
        and not (verbose and results[0].theorem in library.asked)
    ]
    lines += _layouts(quiet, paint)
    for results in [each for each in by_theorem if each not in quiet]:
        lines += _theorem(results, library, paint, verbose)
        skipped = [each for each in report.skipped if each.theorem == results[0].theorem]
        lines += _skipped(skipped, library, paint)
        lines += _interleavings(results, paint, counterexamples)
    lone = {each.theorem for each in report.skipped} - {each.theorem for each in report.results}
    for name in sorted(lone):
        lines.append(paint.bold(name))
        lines += _skipped([each for each in report.skipped if each.theorem == name], library, paint)
    lines += _opinions(report.results)
    lines.append(summary_line(report, seconds, paint, lost))
    return "\n".join(lines) + "\n"


def _by_theorem(results: Iterable[Result]) -> Iterator[list[Result]]:
    groups: dict[str, list[Result]] = {}
    for each in results:
        groups.setdefault(each.theorem, []).append(each)
    yield from groups.values()


def _is_layout(results: Sequence[Result]) -> bool:
    return results[0].theorem == results[0].layout


def _layouts(layouts: Sequence[Sequence[Result]], paint: Paint) -> list[str]:
    """A line for each layout whose asserts are proved; one for all where there are many."""
    if len(layouts) > FEW_LAYOUTS:
        number = sum(map(len, layouts))
        return [f"{paint.bold(f'{len(layouts)} layouts')}  {number} asserts {paint.green('proved')}"]
    asserts = ["1 assert" if len(results) == 1 else f"{len(results)} asserts" for results in layouts]
    return [
        f"{paint.bold('layout ' + results[0].layout)}  {number} {paint.green('proved')}"
        for results, number in zip(layouts, asserts, strict=True)
    ]


def _theorem(results: Sequence[Result], library: Library, paint: Paint, verbose: bool) -> list[str]:
    lines = [f"{paint.bold(results[0].theorem)}  {paint.dim(str(results[0].place))}"]
    stated = library.theorems.get(results[0].theorem)
    if stated is not None and stated.against_all:
        lines.append(paint.dim(f"  all agents in scope: {everybody(stated)}"))
    properties: dict[str, list[Result]] = {}
    for each in results:
        if not each.implicit or not each.ok or verbose:
            properties.setdefault(each.property, []).append(each)
    for text, group in properties.items():
        lines.append(f"  {text}")
        kinds: dict[tuple[str, ...], list[Result]] = {}
        for each in group:
            kinds.setdefault(_kind(each), []).append(each)
        for members in kinds.values():
            lines += _verdict(members, library, paint)
    if verbose:
        lines += _scope(results, library)
    return lines


def _kind(result: Result) -> tuple[str, ...]:
    return (
        result.verdict,
        str(result.ok),
        result.expected,
        result.reason or "",
        *result.losing,
        " ".join(["expected", *result.expected_losing]),
        *notes(result),
    )


def _verdict(members: Sequence[Result], library: Library, paint: Paint) -> list[str]:
    first = members[0]
    verdict = first.verdict
    colour = paint.green if first.ok else paint.yellow if verdict == "unknown" else paint.red
    losing = f"losing {' '.join(first.losing)}" if first.losing else ""
    where = instance_lines(members, library)
    if first.era is None:
        where = [" ".join([*where, *([losing] if losing else [])])]
    elif losing:
        where = [losing, *where]
    lines = [f"    {colour(f'{verdict:<8}')} {where[0]}"]
    lines += [f"             {each}" for each in where[1:]]
    if not first.ok:
        wanted = (
            f"{first.expected}{' losing {' + ', '.join(first.expected_losing) + '}' if first.expected_losing else ''}"
        )
        lines.append(f"             {colour(f'expected {wanted}')}")
    if first.reason:
        lines.append(f"             {first.reason}")
    return lines + [f"             {each}" for each in notes(first)]


def _scope(results: Sequence[Result], library: Library) -> list[str]:
    lines = [f"  {each}" for each in environment_lines(results)]
    threads = results[0].scope.threads
    if threads:
        lines.insert(0, f"  threads: {', '.join(threads)}, their events in every order")
    parts: dict[str, Callable[[Scope], Sequence[str]]] = {
        "agents that could run and are not listed": lambda scope: scope.omitted,
        "agents that change nothing here": lambda scope: scope.idle_agents,
        "branches that nothing reaches": lambda scope: scope.dead_branches,
        "assumed": lambda scope: scope.assumptions,
        "locks held": lambda scope: scope.locks,
        "not covered: that these retries end": lambda scope: scope.retries,
    }

    def where(members: Sequence[Result]) -> str:
        return "; ".join(" ".join(line.split()) for line in instance_lines(members, library))

    named = told_apart(results, parts, where)
    return [*lines, *[f"  {each}" for each in named], *_invariants(results)]


def _invariants(results: Sequence[Result]) -> list[str]:
    """The invariants that were assumed of the start, by the layouts that have them."""
    layouts: dict[tuple[str, ...], dict[str, None]] = {}
    for each in results:
        layouts.setdefault(each.scope.invariants, {})[each.layout] = None
    if len(layouts) == 1:
        return [f"  invariants of the layout: {', '.join(names)}" for names in layouts if names]
    return [f"  invariants of {' '.join(having)}: {', '.join(names) or 'none'}" for names, having in layouts.items()]


def _skipped(skipped: Sequence[Skipped], library: Library, paint: Paint) -> list[str]:
    reasons: dict[str, list[Skipped]] = {}
    for each in skipped:  # in eras, layouts of one kind have one reason
        reason = each.reason if each.era is None else each.reason.replace(f"`{each.layout}`", "it")
        reasons.setdefault(reason, []).append(each)
    return [
        paint.dim(f"    skipped  {'; '.join(instance_lines(group, library))}: {reason}")
        for reason, group in reasons.items()
    ]


def _interleavings(results: Sequence[Result], paint: Paint, counterexamples: str) -> list[str]:
    lines: list[str] = []
    for result, example in interleavings_to_show(results, counterexamples):
        lines += ["", _indented(draw_interleaving(result, example, paint))]
    return [*lines, ""] if lines else []


def interleavings_to_show(results: Sequence[Result], counterexamples: str) -> Iterator[tuple[Result, Counterexample]]:
    """Those of one theorem that are wished for: "all", "first", "unexpected" or "none"."""
    for result in results:
        if result.verdict != REFUTED or result.counterexample is None or counterexamples == "none":
            continue
        if counterexamples == "unexpected" and result.ok:
            continue
        yield result, result.counterexample
        if counterexamples == "all":
            yield from ((result, each) for each in result.others if each != result.counterexample)
        if counterexamples == "first":
            break


def _opinions(results: Sequence[Result]) -> list[str]:
    """What others said of the solver's answers."""
    lines = []
    for each in opinions_of(results):
        left = f", {each.undecided:,} were too much for it" if each.undecided else ""
        lines.append(
            f"{' '.join([each.name, *each.version.split()])} confirmed {each.confirmed:,} answers of the solver{left}"
        )
    return lines


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def summary_line(report: Report, seconds: float, paint: Paint, lost: int = 0) -> str:
    """`12 proved, 3 refuted ...: all as expected`."""
    counts = dict.fromkeys(("proved", "refuted", "vacuous", "unknown"), 0)
    for each in report.results:
        counts[each.verdict] += 1
    parts = [f"{number} {verdict}" for verdict, number in counts.items() if number or verdict in ("proved", "refuted")]
    wrong = sum(not each.ok and each.verdict != "unknown" for each in report.results)
    if wrong:
        end = paint.red(f"{wrong} not as expected")
    elif lost:
        end = paint.yellow(f"{lost} left without a verdict")
    elif report.is_all_skipped() or counts["unknown"] == len(report.results) > 0:
        end = paint.yellow("nothing decided")
    elif counts["unknown"]:
        end = paint.yellow("the rest as expected")
    else:
        end = paint.green("all as expected")
    skipped = f", {len(report.skipped)} skipped" if report.skipped else ""
    return f"{', '.join(parts)}{skipped} in {seconds:.2f} s: {end}"
