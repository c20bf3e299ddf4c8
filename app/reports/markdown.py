"""The report as Markdown, for a mail or a pull request: what was decided in tables, interleavings as code blocks.

Lines stay within 76 columns wherever the names of the text allow it, because mail programs wrap wider ones.
"""

import textwrap
from collections.abc import Iterator, Sequence
from typing import TypedDict

from spteproof.colour import Paint
from spteproof.grammar.checked import Library
from spteproof.reports.human import interleavings_to_show, summary_line
from spteproof.reports.instance_words import instance_lines
from spteproof.reports.interleaving import draw_interleaving, list_interleaving
from spteproof.reports.markdown_text import code, escaped, prose, row
from spteproof.reports.result_words import Lost, expected, instance
from spteproof.running.pipeline import Report
from spteproof.solver.results import Result, Skipped


class Whole(TypedDict):
    """How lines are broken: between words only."""

    break_long_words: bool
    break_on_hyphens: bool


WIDTH = 76
WHERE = 30
"""How wide the cell that names the instances may be; of more, several rows with the same verdicts are made."""

WHOLE_WORDS: Whole = {"break_long_words": False, "break_on_hyphens": False}


def markdown_report(
    report: Report, library: Library, *, counterexamples: str, seconds: float, lost: Sequence[Lost] = ()
) -> str:
    """The whole report, its summary first. `counterexamples` as in the report for a person."""
    lines = [escaped(f"spteproof: {summary_line(report, seconds, Paint(), len(lost))}")]
    lines += ["", *[f"- {escaped(str(each))}" for each in lost]] if lost else []
    theorems: dict[str, list[Result]] = {}
    for each in report.results:
        theorems.setdefault(each.theorem, []).append(each)
    skips: dict[str, list[Skipped]] = {}
    for skip in report.skipped:
        skips.setdefault(skip.theorem, []).append(skip)
    layouts = [name for name, group in theorems.items() if name == group[0].layout and all(each.ok for each in group)]
    if layouts:
        number = sum(len(theorems.pop(name)) for name in layouts)
        said = f"{len(layouts)} layout{'s' * (len(layouts) > 1)} with {number} assert{'s' * (number > 1)}: proved"
        lines += ["", said]
    for name in dict.fromkeys([*theorems, *skips]):
        lines += _theorem(name, theorems.get(name, []), skips.get(name, []), library, counterexamples)
    return "\n".join(lines) + "\n"


def _theorem(
    name: str, results: Sequence[Result], skipped: Sequence[Skipped], library: Library, counterexamples: str
) -> Iterator[str]:
    place = results[0].place if results else skipped[0].place
    yield from ("", f"### {code(name)}", "", escaped(str(place)))
    shown: dict[str, list[Result]] = {}
    for each in results:
        if not each.implicit or not each.ok:
            shown.setdefault(each.property, []).append(each)
    if shown:
        yield ""
    for number, text in enumerate(shown, 1):
        yield from _folded(f"{number}. ", code(text))
    for numbers, texts in _parts(shown):
        yield ""
        yield from _grid(numbers, [shown[text] for text in texts], library)
    notes = [*_notes(results), *_skips(skipped, library)]
    if notes:
        yield from ("", *notes)
    for result, example in interleavings_to_show(results, counterexamples):
        picture = draw_interleaving(result, example, Paint())
        if max(map(len, picture.splitlines())) > WIDTH:
            picture = list_interleaving(result, example, WIDTH)
        yield from ("", "```text", picture.replace("```", "'''"), "```")


def _notes(results: Sequence[Result]) -> Iterator[str]:
    """What is not as expected, and why a verdict is what it is, as items of a list."""
    for each in results:
        if not each.ok or (each.reason and not each.implicit):
            wanted = "" if each.ok else f", expected {expected(each)}"
            reason = f": {prose(each.reason)}" if each.reason else ""
            text = f"{code(each.property)} is {each.verdict} in {escaped(instance(each) + wanted)}{reason}"
            yield from _folded("- ", text)


def _parts(shown: dict[str, list[Result]]) -> Iterator[tuple[list[int], list[str]]]:
    """The properties that stand side by side in one table: as many as the width allows."""
    numbers: list[int] = []
    texts: list[str] = []
    width = WHERE + 4
    for number, (text, results) in enumerate(shown.items(), 1):
        wide = 3 + max(len(_cell(each)) for each in results)
        if texts and width + wide > WIDTH:
            yield numbers, texts
            numbers, texts, width = [], [], WHERE + 4
        numbers.append(number)
        texts.append(text)
        width += wide
    if texts:
        yield numbers, texts


def _grid(numbers: Sequence[int], columns: Sequence[Sequence[Result]], library: Library) -> Iterator[str]:
    """A row for the instances that have the same verdicts, a column for each property."""
    cells: dict[tuple[str, str | None, str], list[str]] = {}
    members: dict[tuple[str, str | None, str], Result] = {}
    for index, results in enumerate(columns):
        for each in results:
            key = (each.layout, each.era, str(dict(each.params)))
            texts = cells.setdefault(key, [""] * len(columns))
            texts[index] = _joined(texts[index], _cell(each))
            members.setdefault(key, each)
    groups: dict[tuple[str, ...], list[Result]] = {}
    for key, row_of in cells.items():
        groups.setdefault(tuple(row_of), []).append(members[key])
    yield row(["in", *map(str, numbers)])
    yield row(["---"] * (len(numbers) + 1))
    for verdicts, group in groups.items():
        for where in _where(group, library):
            yield row([escaped(where), *verdicts])


def _joined(before: str, text: str) -> str:
    """A property may be asked more than once, with other expectations."""
    return text if before in ("", text) else f"{before}, {text}"


def _cell(result: Result) -> str:
    """`proved`, `refuted W D`; bold where it is not as expected."""
    text = escaped(" ".join([result.verdict, *result.losing[:4]]))
    text += " ..." if len(result.losing) > 4 else ""
    return text if result.ok else f"**{text}**"


def _where(members: Sequence[Result], library: Library) -> Iterator[str]:
    """The instances on as many rows as they need, each with its eras."""
    for line in instance_lines(members, library):
        eras, layouts = line.split("  ", 1) if members[0].era is not None else ("", line)
        first = f"{eras.rstrip()}: " if eras else ""
        width = max(WHERE - len(first), WHERE // 2)
        yield from (first + part for part in textwrap.wrap(layouts.strip(), width, **WHOLE_WORDS))


def _folded(first: str, text: str) -> list[str]:
    """An item of a list over several lines."""
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first), **WHOLE_WORDS)


def _skips(skipped: Sequence[Skipped], library: Library) -> Iterator[str]:
    reasons: dict[str, list[Skipped]] = {}
    for each in skipped:
        reasons.setdefault(each.reason, []).append(each)
    for reason, group in reasons.items():
        where = "; ".join(" ".join(line.split()) for line in instance_lines(group, library))
        yield from _folded("- ", f"skipped in {escaped(where)}: {prose(reason)}")
