"""All mutants of a text, from its surface tree. A mutant parses; whether it has a meaning is for the checker to say."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from spteproof.grammar import surface as s
from spteproof.grammar.mutation.expressions import of_expression
from spteproof.grammar.mutation.statements import of_block
from spteproof.grammar.mutation.writing import Edit, Writer
from spteproof.grammar.names import Module


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The text with [start, end) replaced by `new`. `item` is the item's name and `era` that of the era it stands in;
    `kind` says what was changed, for a person."""

    item: str
    era: str | None
    kind: str
    start: int
    end: int
    new: str

    def of(self, text: str) -> str:
        """The mutated text."""
        return text[: self.start] + self.new + text[self.end :]


def mutants(module: Module) -> list[Mutant]:
    """Each mutant once, in the order of the text."""
    writer = Writer(module.source.text)
    found: dict[tuple[int, int, str], Mutant] = {}
    for era, item in _items(module.items):
        for edit in _of_item(writer, item):
            if edit.new.split() != module.source.text[edit.start : edit.end].split():
                mutant = Mutant(
                    item=item.name.text, era=era, kind=edit.kind, start=edit.start, end=edit.end, new=edit.new
                )
                found.setdefault((edit.start, edit.end, edit.new), mutant)
    return sorted(found.values(), key=lambda each: (each.start, each.end, each.new))


_Mutated = s.LayoutItem | s.PureItem | s.HelperItem | s.AgentItem | s.TheoremItem


def _items(items: tuple[s.Item, ...]) -> Iterator[tuple[str | None, _Mutated]]:
    for each in items:
        match each:
            case s.EraItem():
                yield from ((each.name.text, inner) for inner in each.items)
            case s.LayoutItem() | s.PureItem() | s.HelperItem() | s.AgentItem() | s.TheoremItem():
                yield None, each


def _of_item(writer: Writer, item: _Mutated) -> Iterator[Edit]:
    match item:
        case s.LayoutItem():
            for entry in item.entries:
                yield from _of_entry(writer, entry)
        case s.PureItem(body=s.Block() as block) | s.HelperItem(body=s.Block() as block):
            yield from of_block(writer, block)
        case s.PureItem(body=body) if body is not None and not isinstance(body, s.Block):
            yield from of_expression(writer, body)
        case s.AgentItem():
            for step in item.steps or ():
                yield from _of_step(writer, step)
            if item.program:
                whole = s.Block(start=item.program[0].start, end=item.program[-1].end, statements=item.program)
                yield from of_block(writer, whole)
        case s.TheoremItem():
            yield from _of_theorem(writer, item)


def _of_step(writer: Writer, step: s.SurfaceStep) -> Iterator[Edit]:
    for guard, word, other in ((step.when, "when", "saw"), (step.saw, "saw", "when")):
        if guard is not None:
            at = writer.text.rindex(word, step.start, guard.start)
            yield Edit("the guard is gone", at, guard.end, "")
            if (step.saw if word == "when" else step.when) is None:
                kind = "decided on an earlier value" if other == "saw" else "decided on the current value"
                yield Edit(kind, at, at + len(word), other)
            yield from of_expression(writer, guard)
    yield from of_block(writer, step.body)


def _of_entry(writer: Writer, entry: s.LayoutEntry) -> Iterator[Edit]:
    match entry:
        case s.InvariantEntry():
            yield Edit("an invariant is gone", entry.start, entry.end, "")
            yield from of_expression(writer, entry.condition)
        case s.MaskEntry(value=s.Placement(kind="bit", number=s.Number() as number)) if number.text.isdecimal():
            for moved in _moved(int(number.text)):
                yield Edit("the bit lies elsewhere", number.start, number.end, str(moved))
        case s.MaskEntry(value=s.Truth() as truth):
            yield Edit("the hardware differs", truth.start, truth.end, "false" if truth.value else "true")
        case s.MaskEntry(value=value) if not isinstance(value, s.Placement):
            yield from of_expression(writer, value)
        case s.ValueEntry():
            yield from of_expression(writer, entry.value)


_OTHER_FAMILY = {5: 8, 6: 9, 8: 5, 9: 6}
"""Accessed and Dirty of legacy and NPT entries, and of EPT's."""


def _moved(bit: int) -> list[int]:
    other = _OTHER_FAMILY.get(bit)
    return [each for each in (other, bit + 1) if each is not None and each < 64]


def _expects_more(item: s.TheoremItem) -> bool:
    """Whether a verdict other than `proved` is expected. Where none is, fewer agents only make a theorem say less."""
    proofs = [each for each in item.body.statements if isinstance(each, s.ProveStatement)]
    return any(each.verdict != "proved" for proof in proofs for each in proof.expectations)


def _of_theorem(writer: Writer, item: s.TheoremItem) -> Iterator[Edit]:
    agents = item.against.agents if item.against is not None and _expects_more(item) else ()
    if len(agents) > 1:
        for number, each in enumerate(agents):
            start, end = (each.start, agents[1].start) if number == 0 else (agents[number - 1].end, each.end)
            yield Edit("an agent is missing", start, end, "")
    elif agents and item.against is not None:
        yield Edit("an agent is missing", item.against.start, item.against.end, "against nobody")
    # The proofs are what judges the mutant: they stay.
    program = tuple(each for each in item.body.statements if not isinstance(each, s.ProveStatement))
    yield from of_block(writer, replace(item.body, statements=program))
