"""Verdicts of open texts: kept while what they rest on stays as it is, and put into words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spteproof.entries import Names
from spteproof.grammar.source import Place, Source
from spteproof.reports.interleaving import list_interleaving
from spteproof.reports.result_words import expected, instance
from spteproof.running.keys import Keyed
from spteproof.running.moving import can_move, moved
from spteproof.running.stored import from_stored, stored_verdicts
from spteproof.solver.results import PROVED, REFUTED, UNKNOWN, VACUOUS, Counterexample, Result, Skipped

MOST_KEPT = 4000
FEW = 6
WIDTH = 100


@dataclass(frozen=True, slots=True)
class _Kept:
    name: str
    keyed: Keyed
    stored: Any
    whole: bool


class Verdicts:
    """What was proved of texts, by the keys of `spteproof.running.keys`. `count` is how often something was put."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self.count = 0

    def put(self, key: str, name: str, keyed: Keyed, stored: Any, whole: bool = True) -> None:
        """`stored` are the results of a task of the text called `name`, in the state `keyed`; where they are not whole,
        what is known already with its counterexamples stays."""
        if not whole and self.known(key, keyed):
            return
        self.count += 1
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[key] = _Kept(name, keyed, stored, whole)

    def known(self, key: str | None, keyed: Keyed) -> bool:
        """Whether the task need not be proved in the state `keyed`: an unknown is tried again when there is a reason
        to, a search that did not come to its end goes on, and what tells lines that moved is told anew."""
        kept = self._kept.get(key) if key is not None else None
        if kept is None or not kept.whole or _undecided(kept.stored):
            return False
        return can_move(kept.stored, kept.keyed.marks, keyed)

    def get(self, task: str, name: str, keyed: Keyed, sources: Mapping[str, Source]) -> list[Result | Skipped] | None:
        """What the task gave, with places in the text as it is now; None where that is not known."""
        key = keyed.key(task)
        kept = self._kept.get(key) if key is not None else None
        if kept is None or kept.name != name:
            return None
        try:
            return from_stored(moved(kept.stored, name, kept.keyed.marks, keyed), sources)
        except (KeyError, IndexError, TypeError, ValueError):
            return None


def _undecided(stored: Any) -> bool:
    """Whether some verdict is unknown, of results as `spteproof.running.stored` writes them."""
    return UNKNOWN in stored_verdicts(stored)


# Words ---------------------------------------------------------------------------------------------------


def results_of(found: Iterable[Result | Skipped]) -> list[Result]:
    return [each for each in found if isinstance(each, Result)]


def summary(found: Sequence[Result | Skipped]) -> str:
    """`12 proved, 3 refuted: as expected`."""
    results = results_of(found)
    parts = [
        f"{number} {verdict}"
        for verdict in (PROVED, REFUTED, VACUOUS, UNKNOWN)
        if (number := sum(each.verdict == verdict for each in results))
    ]
    skipped = len(found) - len(results)
    parts += [f"{skipped} skipped"] if skipped else []
    return f"{', '.join(parts) or 'no verdicts'}: {_judgement(results)}"


def _judgement(results: Sequence[Result]) -> str:
    wrong = sum(not each.ok and each.verdict != UNKNOWN for each in results)
    unknown = sum(each.verdict == UNKNOWN for each in results)
    if wrong:
        return f"{wrong} not as expected"
    if unknown == len(results):
        return "nothing decided"
    return "the rest as expected" if unknown else "as expected"


def by_claim(found: Iterable[Result | Skipped]) -> dict[Place, list[Result]]:
    """The results of what the author wrote, by place."""
    groups: dict[Place, list[Result]] = {}
    for each in results_of(found):
        if not each.implicit:
            groups.setdefault(each.place, []).append(each)
    return groups


def claim_summary(results: Sequence[Result]) -> str:
    """`proved`, or `4 proved, 2 refuted`, with what is not as expected."""
    kinds = {each.verdict for each in results}
    said = next(iter(kinds)) if len(kinds) == 1 else summary(results).split(":")[0]
    wrong = sum(not each.ok for each in results)
    return f"{said}, {wrong} not as expected" if wrong else said


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A verdict that is not the expected one, at a `prove`; `steps` are the counterexample's, each with its place."""

    place: Place
    verdict: str
    message: str
    steps: tuple[tuple[Place, str], ...]


def problems(found: Iterable[Result | Skipped]) -> list[Problem]:
    """What is not as expected, together for each place and kind."""
    groups: dict[tuple[Place, str, str, str, str], list[Result]] = {}
    for each in results_of(found):
        if not each.ok:
            key = (each.place, each.property, each.verdict, expected(each), each.reason or "")
            groups.setdefault(key, []).append(each)
    return [_problem(group) for group in groups.values()]


def _problem(group: Sequence[Result]) -> Problem:
    first = group[0]
    where = "; ".join(map(instance, group[:FEW])) + (f" and {len(group) - FEW} more" if len(group) > FEW else "")
    losing = f", losing {' '.join(first.losing)}" if first.losing else ""
    lines = [f"{first.property}: {first.verdict}{losing} in {where}: expected {expected(first)}"]
    lines += [first.reason] if first.reason else []
    example = next((each for each in group if each.counterexample is not None), None)
    if example is None or example.counterexample is None:
        return Problem(place=first.place, verdict=first.verdict, message="\n".join(lines), steps=())
    lines += ["", list_interleaving(example, example.counterexample, WIDTH)]
    return Problem(
        place=first.place, verdict=first.verdict, message="\n".join(lines), steps=steps(example.counterexample)
    )


def steps(example: Counterexample) -> tuple[tuple[Place, str], ...]:
    """Each line of an interleaving at the text that it comes from."""
    names = Names(example.values, example.masks, example.aliases)
    found = []
    for number, row in enumerate(example.rows, 1):
        who = "theorem" if row.who == "program" else row.who
        change = "   ".join(
            part
            for part in (
                names.changes(row.before, row.after),
                *[f"{name}: {names.changes(before, after)}" for name, before, after in row.others],
                row.note,
            )
            if part
        )
        action = row.action if row.action.startswith(f"{who}.") else f"{who}: {row.action}"
        found.append((row.place, f"{number}. {action}" + (f"   {change}" if change else "")))
    return tuple(found)
