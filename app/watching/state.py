"""What is known after each round, and what one round changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from spteproof.colour import Paint
from spteproof.grammar.checked import Library
from spteproof.reports.human import summary_line
from spteproof.reports.instance_words import instance_lines
from spteproof.reports.interleaving import draw_interleaving
from spteproof.reports.result_words import judged
from spteproof.running.pipeline import Report
from spteproof.solver.results import UNKNOWN, Result

Key = tuple[str, str, str, str | None, tuple[str, ...]]
"""A verdict's place: theorem, property, layout, era, choices."""


@dataclass(slots=True)
class State:
    """`texts` is for each task a digest of all that can change its verdict; `found` are its verdicts."""

    texts: Mapping[str, str] = field(default_factory=dict)
    found: dict[str, Report] = field(default_factory=dict)

    def touched(self, texts: Mapping[str, str], tasks: Sequence[str]) -> list[str]:
        """The tasks that must be proved again."""
        return [name for name in tasks if name not in self.found or self.texts.get(name) != texts[name]]

    def after(self, texts: Mapping[str, str], tasks: Sequence[str], proved: Report) -> "State":
        """The state with what was proved, without the tasks that are gone."""
        new = dict.fromkeys([*[each.theorem for each in proved.results], *[each.theorem for each in proved.skipped]])
        found = {name: report for name, report in self.found.items() if name in tasks and name not in new}
        for name in new:
            found[name] = Report(
                tuple(each for each in proved.results if each.theorem == name),
                tuple(each for each in proved.skipped if each.theorem == name),
            )
        return State({name: texts[name] for name in tasks}, {name: found[name] for name in tasks if name in found})

    def whole(self) -> Report:
        reports = self.found.values()
        return Report(
            tuple(each for report in reports for each in report.results),
            tuple(each for report in reports for each in report.skipped),
        )

    def verdicts(self) -> dict[Key, Result]:
        return {_key(each): each for each in self.whole().results}


def _key(result: Result) -> Key:
    return result.theorem, result.property, result.layout, result.era, tuple(result.params.values())


def _said(result: Result | None) -> str:
    return "not there" if result is None else judged(result)


def changes(before: State, after: State, library: Library, paint: Paint) -> Iterator[str]:
    """A line for each property whose verdict changed, with the instances; then the first counterexample of each theorem
    that was as expected and is not."""
    old, new = before.verdicts(), after.verdicts()
    groups: dict[tuple[str, str, str, str], list[Result]] = {}
    for key in dict.fromkeys([*new, *old]):
        was, now = old.get(key), new.get(key)
        if _said(was) != _said(now) and not _quiet(was, now):
            groups.setdefault((key[0], key[1], _said(was), _said(now)), []).extend(
                each for each in (now or was,) if each is not None
            )
    for (theorem, property, said_before, said_now), members in groups.items():
        there = said_now != _said(None)
        colour = paint.dim if not there else paint.green if members[0].ok else _bad(members[0], paint)
        where = "; ".join(" ".join(line.split()) for line in _where(members, library))
        yield f"{paint.bold(theorem)}  {property}"
        yield f"  {said_before} -> {colour(said_now)}  in {where}"
    yield from _counterexamples(old, new, paint)


def _quiet(was: Result | None, now: Result | None) -> bool:
    """What is proved unasked, and as expected, comes and goes without a word."""
    return all(each is None or (each.implicit and each.ok) for each in (was, now))


def _bad(result: Result, paint: Paint) -> Callable[[str], str]:
    return paint.yellow if result.verdict == UNKNOWN else paint.red


def _where(members: Sequence[Result], library: Library) -> list[str]:
    if members[0].theorem in library.theorems and all(_is_known(each, library) for each in members):
        return instance_lines(members, library)
    return [" ".join([each.layout, *([each.era] if each.era else []), *each.params.values()]) for each in members]


def _is_known(result: Result, library: Library) -> bool:
    theorem = library.theorems[result.theorem]
    return result.layout in theorem.layouts and (result.era is None) == (not theorem.eras)


def _counterexamples(old: Mapping[Key, Result], new: Mapping[Key, Result], paint: Paint) -> Iterator[str]:
    drawn: set[str] = set()
    for key, now in new.items():
        was = old.get(key)
        if now.ok or now.counterexample is None or key[0] in drawn or (was is not None and judged(was) == judged(now)):
            continue
        drawn.add(key[0])
        yield ""
        yield draw_interleaving(now, now.counterexample, paint)


def unexpected(state: State, library: Library, paint: Paint) -> Iterator[str]:
    """What the first round has to say: all that is not as expected."""
    nothing = State()
    wrong = State(state.texts, {name: _wrong(report) for name, report in state.found.items()})
    for line in changes(nothing, wrong, library, paint):
        yield line.replace(f"{_said(None)} -> ", "", 1)


def _wrong(report: Report) -> Report:
    return Report(tuple(each for each in report.results if not each.ok), ())


def standing(state: State, seconds: float, paint: Paint) -> str:
    """The summary line of all that is known."""
    return summary_line(state.whole(), seconds, paint)
