"""A replayed run as rows to show: the program's events and the environment's steps in the order in which they
happened."""

import re
from collections.abc import Sequence

from spteproof.grammar.source import Place
from spteproof.grammar.splitting import COMMENT_PATTERN
from spteproof.solver.interpretation import Happening, Values
from spteproof.solver.judgement import Trace
from spteproof.solver.results import Row
from spteproof.solver.setting import FAILED
from spteproof.solver.stepping import Taken
from spteproof.solver.witness import Witness

LONGEST_LINE = 72
_COMMENT = re.compile(COMMENT_PATTERN)


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
    """The line on which an event stands, as its author wrote it, where it is short and holds the whole event and no
    other statement; else the event's own statement."""
    start, end = _line(place)
    line = _COMMENT.sub(_inner, place.source.text[start:end]).strip().removesuffix(";")
    around = place.source.text[start : place.start] + _without_comments(place.source.text[place.end : end])
    if "\n" in place.text() or len(line) > LONGEST_LINE or ";" in around.strip().removesuffix(";"):
        return _part(place)
    return line


def _part(place: Place) -> str:
    """The statement in which an event stands, where it is short: one line may hold several, and several threads; else
    the event's own text."""
    text, (start, end) = place.source.text, _line(place)
    before = _without_comments(text[start : place.start])
    behind = "" if place.text().endswith(("}", ";")) else _without_comments(text[place.end : end])
    before = before[max(map(before.rfind, "{;}")) + 1 :]
    behind = behind[: min((found for mark in "{;}" if (found := behind.find(mark)) >= 0), default=None)]
    part = " ".join(f"{before}{place.text()}{behind}".split()).removesuffix(";")
    if "\n" in place.text() or len(part) > LONGEST_LINE:
        return " ".join(place.text().split()).removesuffix(";")
    return part


def _line(place: Place) -> tuple[int, int]:
    """Where the lines of the place begin and end."""
    text = place.source.text
    end = text.find("\n", place.end)
    return text.rfind("\n", 0, place.start) + 1, end if end >= 0 else len(text)


def _inner(comment: re.Match[str]) -> str:
    """A comment within a line; nothing for one that ends it."""
    return "" if comment[0].startswith("//") else comment[0]


def _without_comments(text: str) -> str:
    """Part of a line, with a blank for each comment that it holds."""
    return _COMMENT.sub(" ", text)


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
