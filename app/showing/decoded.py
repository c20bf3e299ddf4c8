"""An entry's value in layouts: what is set, which invariants it breaks; several layouts side by side, and as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from spteproof.bit_sets import ranges
from spteproof.entries import Names
from spteproof.grammar import checked as c
from spteproof.solver.interpretation import Values
from spteproof.solver.setting import Setting
from spteproof.solver.stepping import broken_invariants

SCHEMA = "spteproof.entry/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An invariant of a layout and whether a value keeps it."""

    name: str
    condition: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """One value in one layout; `placed` are the symbolic masks, which lie in one place of several."""

    layout: c.Layout
    names: Names
    value: int
    invariants: tuple[Judged, ...]
    placed: tuple[str, ...]

    @property
    def broken(self) -> list[str]:
        return [each.name for each in self.invariants if not each.holds]


def decoded(layout: c.Layout, setting: Setting, value: int) -> Decoded:
    """The value in the layout as `setting` has it."""
    return Decoded(
        layout=layout,
        names=Names(setting.values, setting.masks, setting.aliases),
        value=value,
        invariants=tuple(_judged(setting, each, value) for each in layout.invariants),
        placed=tuple(mask.name for mask in layout.masks.values() if mask.some),
    )


def _judged(setting: Setting, invariant: c.Invariant, value: int) -> Judged:
    alone = replace(setting, invariants=(invariant,))
    condition = " ".join(invariant.condition.place.text().split())
    return Judged(name=invariant.name, condition=condition, holds=not broken_invariants(alone, Values(value, {})))


# Side by side -------------------------------------------------------------------------------------------


def side_by_side(found: Sequence[Decoded]) -> Iterator[str]:
    """A row for each bit that is set, or field that is not 0, somewhere; a column for each layout; then the invariants
    that are broken."""
    value = found[0].value
    yield f"0x{value:016x}"
    columns = [_column(each) for each in found]
    heads = [each.layout.name for each in found]
    rows = [[str(low), *[column.get(low, "") for column in columns]] for low in sorted({*sum(map(list, columns), [])})]
    wide = [max(len(row[number]) for row in [["bit", *heads], *rows]) for number in range(len(heads) + 1)]
    for line in [["bit", *heads], *rows]:
        cells = [f"{line[0]:>{wide[0]}}", *[f"{cell:<{size}}" for cell, size in zip(line[1:], wide[1:], strict=True)]]
        yield f"  {'  '.join(cells)}".rstrip()
    for each in found:
        if each.placed:
            yield f"  {each.layout.name}: {', '.join(each.placed)} may lie anywhere that is allowed, shown in one place"
    for each in found:
        if each.invariants:
            said = f"breaks {', '.join(each.broken)}" if each.broken else f"keeps its {len(each.invariants)} invariants"
            yield f"  {each.layout.name} {said}"


def _column(one: Decoded) -> dict[int, str]:
    """What stands at each bit: `W`, or `PFN=0x12` at a field's lowest bit; `unnamed` where no mask has it."""
    column: dict[int, str] = {}
    for number in range(64):
        field = one.names.field(number)
        if field is None and one.value >> number & 1:
            word = one.names.bit(number)
            column[number] = "unnamed" if word == f"b{number}" else word
        elif field is not None and one.value & one.names.values[field]:
            low, part = _part(one, field)
            column[low] = f"{one.names.display(field)}={part:#x}"
    return column


def _part(one: Decoded, mask: str) -> tuple[int, int]:
    """A mask's lowest bit, and the value that the entry has in it."""
    bits = one.names.values[mask]
    low = (bits & -bits).bit_length() - 1
    return low, (one.value & bits) >> low


# JSON ---------------------------------------------------------------------------------------------------


def entry_json(found: Sequence[Decoded]) -> str:
    """All layouts as one JSON object (docs/json.md)."""
    document = {
        "schema": SCHEMA,
        "value": f"0x{found[0].value:016x}",
        "layouts": [_layout(each) for each in found],
    }
    return json.dumps(document, indent=1)


def _layout(one: Decoded) -> dict[str, Any]:
    named = 0
    masks = []
    for name in one.names.masks:
        bits = one.names.values[name]
        if bits:
            named |= bits
            masks.append(_mask(one, name, bits))
    return {
        "layout": one.layout.name,
        "file": one.layout.place.source.name,
        "line": one.layout.place.line,
        "text": one.names.decode(one.value),
        "masks": masks,
        "unnamed": f"0x{one.value & ~named:016x}",
        "symbolic": list(one.placed),
        "invariants": [
            {"name": each.name, "condition": each.condition, "holds": each.holds} for each in one.invariants
        ],
    }


def _mask(one: Decoded, name: str, bits: int) -> dict[str, Any]:
    return {
        "mask": name,
        "name": one.names.display(name),
        "bits": [[high, low] for low, high in ranges(bits)],
        "value": f"{_part(one, name)[1]:#x}",
        "set": bool(one.value & bits),
    }
