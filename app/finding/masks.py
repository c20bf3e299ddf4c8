"""What was found about masks, in words: a static assert for each layout, and why other bits fail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spteproof.bit_sets import in_c, in_words
from spteproof.colour import Paint
from spteproof.entries import Names
from spteproof.solver.finding.answers import Bit, Masks, Placed
from spteproof.solver.results import PROVED, REFUTED, UNKNOWN, VACUOUS

FEW = 8


def masks_report(found: Sequence[Masks], paint: Paint) -> list[str]:
    """The lines of the report; layouts with one answer stand together."""
    lines: list[str] = []
    for theorem, parameter in dict.fromkeys((each.theorem, each.parameter) for each in found):
        members = [each for each in found if (each.theorem, each.parameter) == (theorem, parameter)]
        lines.append(f"{paint.bold(theorem)}  single bits as `{parameter}`  {paint.dim(str(members[0].place))}")
        groups: dict[tuple[str, ...], list[Masks]] = {}
        for each in members:
            groups.setdefault(tuple(_answer(each, paint)), []).append(each)
        for answer, group in groups.items():
            lines.append(f"  {' '.join(where(each) for each in group)}")
            lines += [f"    {line}" for line in answer]
    return lines


def where(found: Masks) -> str:
    """The instance: layout, choices of other parameters, era."""
    chosen = ", ".join(found.params.values())
    place = f"{found.layout}({chosen})" if chosen else found.layout
    return f"{place} of {found.era}" if found.era is not None else place


def _answer(found: Masks, paint: Paint) -> Iterator[str]:
    if found.skipped is not None:
        yield paint.dim(f"skipped: {found.skipped}")
        return
    sides = list(sides_of(found))
    for side in sides:
        if side.verdict == PROVED:
            yield f"{paint.green('proved  ')} {side.words}"
    yield paint.bold(static_assert(found))
    for side in sides:
        if side.verdict == REFUTED:
            yield f"{paint.red('refuted ')} {side.words}"
            yield f"         breaks {'; '.join(f'`{text}`' for text in side.broken)}"
        elif side.verdict != PROVED:
            yield f"{paint.yellow(f'{side.verdict:<8}')} {side.words}"
            yield f"         {side.reason}"
    if found.none:
        yield paint.dim(f"none here {' '.join(found.none)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The bits of one verdict and one reason. `c` are C expressions for them; `other` is whether bits without a name
    are among them."""

    verdict: str
    broken: tuple[str, ...]
    reason: str | None
    words: str
    c: tuple[str, ...]
    other: bool


def sides_of(found: Masks) -> Iterator[Side]:
    """The bits by their verdicts, what is proved first."""
    if len(found.placed) == 1:
        yield from _by_bit(found)
    else:
        yield from _by_name(found)


def _kind(bit: Bit) -> tuple[str, tuple[str, ...], str | None]:
    return bit.verdict, bit.broken, bit.reason


def _rank(kind: tuple[str, tuple[str, ...], str | None]) -> tuple[int, int]:
    order = {PROVED: 0, REFUTED: 1, UNKNOWN: 2}
    return order.get(kind[0], 3), len(kind[1])


def _by_bit(found: Masks) -> Iterator[Side]:
    (placed,) = found.placed
    groups: dict[tuple[str, tuple[str, ...], str | None], int] = {}
    for bit in placed.bits:
        groups[_kind(bit)] = groups.get(_kind(bit), 0) | 1 << bit.number
    names = Names(placed.values, found.masks, found.aliases)
    for kind in sorted(groups, key=_rank):
        c = tuple(in_c(groups[kind], placed.values, found.masks))
        verdict, broken, reason = kind
        words = in_words(groups[kind], names)
        yield Side(verdict=verdict, broken=broken, reason=reason, words=words, c=c, other=False)


def _by_name(found: Masks) -> Iterator[Side]:
    """Over all placements: a name has the worst of its verdicts, with all that breaks somewhere."""
    verdicts: dict[str, list[list[Bit]]] = {}
    for placed in found.placed:
        names, here = Names(placed.values, found.masks, found.aliases), dict[str, list[Bit]]()
        for bit in placed.bits:
            holding = [name for name in found.masks if placed.values[name] == 1 << bit.number]
            field = names.field(bit.number)
            for name in holding or ([field] if field is not None else [""]):
                here.setdefault(name, []).append(bit)
        for name, bits in here.items():
            verdicts.setdefault(name, []).append(bits)
    groups: dict[tuple[str, tuple[str, ...], str | None], list[str]] = {}
    for name in [*found.masks, ""]:
        if name in verdicts:
            groups.setdefault(_over_placements(verdicts[name]), []).append(name)
    first = found.placed[0]
    names = Names(first.values, found.masks, found.aliases)
    for kind in sorted(groups, key=_rank):
        named = [name for name in groups[kind] if name]
        words = " ".join([*[names.display(name) for name in named], *(["other bits"] if "" in groups[kind] else [])])
        verdict, broken, reason = kind
        other = "" in groups[kind]
        yield Side(verdict=verdict, broken=broken, reason=reason, words=words, c=tuple(named), other=other)


def _over_placements(placed: Sequence[Sequence[Bit]]) -> tuple[str, tuple[str, ...], str | None]:
    """As `prove` says it: what is proved in some placements and vacuous in the rest is proved."""
    kinds = [_worst(bits) for bits in placed]
    if {kind[0] for kind in kinds} == {PROVED, VACUOUS}:
        return next(kind for kind in kinds if kind[0] == PROVED)
    return _worst([bit for bits in placed for bit in bits])


def _worst(bits: Sequence[Bit]) -> tuple[str, tuple[str, ...], str | None]:
    for wanted in (REFUTED, UNKNOWN):
        found = [bit for bit in bits if bit.verdict == wanted]
        if found:
            broken = tuple(dict.fromkeys(text for bit in found for text in bit.broken))
            return wanted, broken, found[0].reason
    return _kind(next((bit for bit in bits if bit.verdict != PROVED), bits[0]))


def static_assert(found: Masks) -> str:
    """The assert that lets exactly the proved bits pass, given that one bit is passed: by what may be passed or by what
    may not, whichever is said in fewer words."""
    sides = list(sides_of(found))
    good = [each for each in sides if each.verdict == PROVED]
    bad = [each for each in sides if each.verdict != PROVED]
    if not good:
        return "static_assert(false);  // no single bit may be passed"
    if not bad:
        return "static_assert(true);  // any single bit may be passed"
    name = found.parameter
    may = [part for side in good for part in side.c]
    may_not = [part for side in bad for part in side.c]
    if any(side.other for side in good) or (len(may) > len(may_not) and not any(side.other for side in bad)):
        return f"static_assert(!({name} & {_union(_without(may_not, may, found))}));"
    if len(may) <= FEW and all(_is_one_bit(part, found) for part in may):
        return f"static_assert({' || '.join(f'{name} == {part}' for part in may)});"
    return f"static_assert({name} & {_union(_without(may, may_not, found))});"


def _without(parts: Sequence[str], others: Sequence[str], found: Masks) -> list[str]:
    """The parts, each without the others that some of its bits go by: a bit goes by the narrowest mask that holds it.
    Of one placement the parts are exact."""
    if len(found.placed) == 1:
        return list(parts)
    result = []
    for part in parts:
        taken = [other for other in others if any(_goes_by(other, part, placed, found) for placed in found.placed)]
        result.append(f"{part} & ~{_union(taken)}" if taken else part)
    return result


def _goes_by(other: str, part: str, placed: Placed, found: Masks) -> bool:
    """Whether a bit of the part, a mask, goes by the other's name in this placement."""
    values, order = placed.values, found.masks
    narrower = (values[other].bit_count(), order.index(other)) < (values[part].bit_count(), order.index(part))
    return narrower and bool(values[other] & values[part])


def _union(parts: Sequence[str]) -> str:
    only = parts[0]
    return f"({' | '.join(parts)})" if len(parts) > 1 or "&" in only else only


def _is_one_bit(part: str, found: Masks) -> bool:
    if part.startswith(("BIT_ULL", "GENMASK_ULL")):
        return part.startswith("BIT_ULL")
    return all(placed.values[part].bit_count() <= 1 for placed in found.placed)
