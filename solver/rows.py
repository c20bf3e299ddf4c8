"""A replayed run as rows to show: the program's events and the environment's steps in the order in which they
happened."""

from collections.abc import Sequence

from spteproof.grammar.source import Place
from spteproof.solver.interpretation import Happening, Values
from spteproof.solver.judgement import Trace
from spteproof.solver.results import Row
from spteproof.solver.setting import FAILED
from spteproof.solver.witness import Taken, Witness

LONGEST_LINE = 72


def rows(witness: Witness, trace: Trace, further: Sequence[str] = ()) -> Sequence[Row]:
    """All rows of the run; steps that change nothing are left out. `further` are the entries beside the default one."""
    shown: list[Row] = []
    for happening in trace.happened:
        shown += _of_steps(witness.steps.get(happening.site, ()), further)
        shown.append(_of_event(happening, further))
    return [*shown, *_of_steps(witness.steps.get(None, ()), further)]


def _of_steps(steps: Sequence[Taken], further: Sequence[str]) -> list[Row]:
    return [_of_step(taken, further) for taken in steps if taken.before != taken.after]


def _of_step(taken: Taken, further: Sequence[str]) -> Row:
    return Row(
        who=taken.transition.agent.name,
        action=taken.transition.name,
        place=taken.transition.place,
        before=taken.before.entry,
        after=taken.after.entry,
        note=_ghosts(taken.before, taken.after, further),
        others=_others(taken.before, taken.after, further),
    )


def _of_event(happening: Happening, further: Sequence[str]) -> Row:
    text = _statement(happening.place) if happening.thread is None else _part(happening.place)
    if len(happening.site) and happening.site[-1][0] in ("read", "write"):
        text = f"{text} ({happening.site[-1][0]})"
    notes = [_ghosts(happening.before, happening.after, further)]
    if any(name == FAILED for name, _, _ in happening.site):
        notes.append(f"({FAILED})")
    others = [name for name in further if name in happening.entries and name not in text]
    if others:
        text = f"{text} on {', '.join(others)}"
    return Row(
        who=happening.thread or "program",
        action=text,
        place=happening.place,
        before=happening.before.entry,
        after=happening.after.entry,
        note=" ".join(each for each in notes if each),
        others=_others(happening.before, happening.after, further),
    )


def _statement(place: Place) -> str:
    """The line on which an event stands, as its author wrote it, where it holds the whole event; else the event's
    own text."""
    text = place.text()
    start = place.source.text.rfind("\n", 0, place.start) + 1
    end = place.source.text.find("\n", place.start)
    line = place.source.text[start : end if end >= 0 else None].split("//")[0].strip()
    if "\n" in text or len(line) > LONGEST_LINE or not line:
        return " ".join(text.split())
    return line.removesuffix(";")


def _part(place: Place) -> str:
    """The statement in which an event of a thread stands: one line may hold several, and several threads."""
    text = place.source.text
    start = max(text.rfind(mark, 0, place.start) for mark in "{;}\n") + 1
    end = min(found for mark in ";{}\n" if (found := text.find(mark, place.end)) >= 0)
    part = " ".join(text[start:end].split("//")[0].split())
    return part if "\n" not in place.text() and 0 < len(part) <= LONGEST_LINE else " ".join(place.text().split())


def _others(before: Values, after: Values, further: Sequence[str]) -> tuple[tuple[str, int, int], ...]:
    """The further entries that changed."""
    pairs = [(name, before.word(name), after.word(name)) for name in further]
    return tuple(each for each in pairs if each[1] != each[2])


def _ghosts(before: Values, after: Values, further: Sequence[str]) -> str:
    """The ghosts that changed; entries are shown by their bits."""
    changed = [name for name, value in after.ghosts.items() if value != before.ghosts[name] and name not in further]
    return ", ".join(f"{name} = {_value(after.ghosts[name])}" for name in changed)


def _value(value: int) -> str:
    return str(value).lower() if isinstance(value, bool) else f"0x{value:x}"
