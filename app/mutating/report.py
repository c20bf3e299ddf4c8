"""The report for a person: each survivor as a warning at its place, declared equivalences, counts for each theorem."""

from pathlib import Path

from spteproof.colour import Paint
from spteproof.diagnostic_text import draw
from spteproof.grammar.diagnostics import Diagnostic
from spteproof.grammar.source import Place, Source
from spteproof.mutating.command import Declaration, Trial
from spteproof.mutating.lines import by_line
from spteproof.mutating.outcomes import KILLED, MEANINGLESS, SURVIVED, UNDECIDED, Outcome, Subject

SHOWN_CHANGE = 100


def human_report(trial: Trial, paint: Paint, verbose: bool) -> str:
    """The whole report; `verbose` lists the mutants that were killed, with who killed them, and counts by line."""
    parts = [_warning(trial, subject, outcome, paint) for subject, outcome in trial.of_fate(SURVIVED)]
    parts += [_warning(trial, subject, outcome, paint) for subject, outcome in trial.of_fate(UNDECIDED)]
    parts += [_declaration(trial, each, paint) for each in trial.declarations if each.problem is not None]
    if verbose:
        parts += ["\n".join(_killed(trial, *each) for each in trial.of_fate(KILLED)), "\n".join(_lines(trial, paint))]
    parts += ["\n".join([*_theorems(trial, paint), summary_line(trial, paint)])]
    return "\n\n".join(part for part in parts if part) + "\n"


def place_of(path: Path, text: str, start: int, end: int) -> Place:
    """The place of a stretch of a file's text."""
    begin = text.rfind("\n", 0, start) + 1
    source = Source(name=str(path), text=text, path=path)
    line = text.count("\n", 0, start) + 1
    return Place(source=source, start=start, end=end, line=line, column=start - begin + 1)


def _place(trial: Trial, subject: Subject) -> Place:
    return place_of(subject.path, trial.texts[subject.path], subject.mutant.start, subject.mutant.end)


def change_of(new: str) -> str:
    """What stands there instead, on one line."""
    said = " ".join(new.split())
    said = f"{said[:SHOWN_CHANGE]}..." if len(said) > SHOWN_CHANGE else said
    return f"changed to `{said}`" if said else "left out"


def _warning(trial: Trial, subject: Subject, outcome: Outcome, paint: Paint) -> str:
    survived = outcome.fate == SURVIVED
    looked = ", ".join(f"`{each}`" for each in outcome.looked[:4]) + (", ..." if len(outcome.looked) > 4 else "")
    who = f"{looked} looked at it, and no verdict that was as expected has changed"
    said = "no theorem notices" if survived else f"not decided ({outcome.how})"
    return draw(
        Diagnostic(
            id=f"mutant.{outcome.fate}",
            severity="warning",
            message=f"{said}: {subject.mutant.kind} in `{subject.mutant.item}`",
            place=_place(trial, subject),
            label=change_of(subject.mutant.new),
            help=None if not survived else who if outcome.looked else "no theorem uses it",
        ),
        color=paint.on,
    )


def _declaration(trial: Trial, each: Declaration, paint: Paint) -> str:
    said = "declared equivalent, and" if each.is_wrong() else "declared equivalent, not proved:"
    return draw(
        Diagnostic(
            id="mutant.equivalent",
            severity="warning",
            message=f"{said} {each.problem.text if each.problem else ''}",
            place=place_of(each.path, trial.texts[each.path], each.declared.start, each.declared.end),
            label="declared here",
        ),
        color=paint.on,
    )


def _killed(trial: Trial, subject: Subject, outcome: Outcome) -> str:
    what = f"{subject.mutant.kind}, {change_of(subject.mutant.new)}"
    return f"{_place(trial, subject)}: {what}: {outcome.killer} in {outcome.where}: {outcome.how}"


def _lines(trial: Trial, paint: Paint) -> list[str]:
    """A line for each line at which something was changed."""
    found = {f"{path}:{number}": fates for path, number, fates in by_line(trial)}
    width = max(map(len, found), default=0)
    head = ("killed", "survived", "not decided", "equivalent")
    rows = [
        "  ".join([f"{place:<{width}}", *(f"{count:>{len(each)}}" for count, each in zip(fates, head, strict=True))])
        for place, fates in found.items()
    ]
    return [paint.dim("  ".join([f"{'line':<{width}}", *head])), *rows] if rows else []


def _theorems(trial: Trial, paint: Paint) -> list[str]:
    """A line for each theorem that looked at a mutant."""
    if not trial.counts:
        return []
    width = max(map(len, trial.counts))
    lines = [paint.dim(f"{'theorem':<{width}}  shown  refuted")]
    for name, (looked, killed) in trial.counts.items():
        doubt = ""
        if name in trial.failing:
            doubt = "  it is not as expected anyway"
        elif name in trial.suspicious:
            doubt = paint.yellow("  suspicious: it refuted none")
        lines.append(f"{name:<{width}}  {looked:>5}  {killed:>7}{doubt}")
    return lines


def summary_line(trial: Trial, paint: Paint) -> str:
    """`33 killed, 2 survived, ...`."""
    killed, survived, undecided = (len(trial.of_fate(fate)) for fate in (KILLED, SURVIVED, UNDECIDED))
    proved = sum(each.problem is None for each in trial.declarations)
    unproved = sum(each.is_unproved() for each in trial.declarations)
    parts = [f"{killed} killed", f"{survived} survived"]
    for number, what in (
        (proved, "equivalent"),
        (unproved, "declared equivalent without proof"),
        (undecided, "not decided"),
        (len(trial.of_fate(MEANINGLESS)), "without meaning"),
        (trial.left_out, "not tried"),
    ):
        parts += [f"{number} {what}"] if number else []
    end = paint.yellow("see above") if trial.status() else paint.green("every change is noticed")
    return f"{', '.join(parts)} in {trial.seconds:.2f} s: {end}"
