"""Which bits the masks of a layout share, and whether it says so."""

from collections.abc import Iterator

from spteproof.grammar import surface as s
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.layout_drafts import Draft, Held
from spteproof.grammar.names import LayoutWord
from spteproof.grammar.source import Place

_ENOUGH = 50
"""So many overlaps of one layout are reported."""


def check_bits(draft: Draft, findings: Findings) -> None:
    """Reports overlaps that are not declared, declared ones that are none, and `disjoint` masks that share a bit."""
    declared = _declared_overlaps(draft, findings)
    reported = 0
    for left, right in _sharing(draft):
        if (left, right) not in declared and (right, left) not in declared and reported < _ENOUGH:
            reported += 1
            _report_overlap(draft, left, right, findings)
    for held in draft.groups:
        _check_disjoint(draft, held, findings)


def _fixed(draft: Draft) -> dict[str, int]:
    return {name: mask.value for name, mask in draft.masks.items() if mask.value}


def _inherited(draft: Draft, name: str) -> bool:
    """The mask has the value that it has in the base, where it was looked at."""
    base = draft.base.masks.get(name) if draft.base else None
    return base is not None and name not in draft.own and base.value == draft.masks[name].value


def _sharing(draft: Draft) -> Iterator[tuple[str, str]]:
    """Pairs of fixed masks that share a bit, unless both are as in the base; the later of the two comes second."""
    masks = _fixed(draft)
    by_bit: dict[int, list[str]] = {}
    seen: set[tuple[str, str]] = set()
    for name, value in masks.items():
        for bit in (bit for bit in range(64) if value >> bit & 1):
            holders = by_bit.setdefault(bit, [])
            for other in holders[:_ENOUGH]:
                pair = (other, name)
                if pair not in seen and not (_inherited(draft, name) and _inherited(draft, other)):
                    seen.add(pair)
                    yield pair
            holders.append(name)


def _place(draft: Draft, name: str) -> Place:
    held = draft.named[name]
    return held.module.place(held.entry.name)


def bits(value: int) -> str:
    """`bit 8`, `bits 52 and 53`, `bits 12 to 51`: the bits that are set, at most six stretches of them."""
    set_bits = [bit for bit in range(64) if value >> bit & 1]
    stretches: list[list[int]] = []
    for bit in set_bits:
        if stretches and stretches[-1][1] == bit - 1:
            stretches[-1][1] = bit
        else:
            stretches.append([bit, bit])
    said = [
        f"{low}" if low == high else f"{low} {'and' if high == low + 1 else 'to'} {high}" for low, high in stretches
    ]
    return f"bit{'s' if len(set_bits) > 1 else ''} {', '.join(said[:6])}{', ...' if len(said) > 6 else ''}"


def _report_overlap(draft: Draft, left: str, right: str, findings: Findings) -> None:
    if right not in draft.own and left in draft.own:
        left, right = right, left
    both = (draft.masks[left].value or 0) & (draft.masks[right].value or 0)
    shared = bits(both)
    findings.error(
        "layout.overlap:undeclared",
        _place(draft, right),
        f"`{right}` shares {shared} with `{left}` in layout `{draft.name}`",
        label=f"holds {shared}",
        others=[(_place(draft, left), f"so does `{left}`")],
        help=f"say `overlaps {left}` if that is meant",
    )


def _declared_overlaps(draft: Draft, findings: Findings) -> set[tuple[str, str]]:
    declared: set[tuple[str, str]] = set()
    for name, held in draft.named.items():
        if isinstance(held.entry, s.MaskEntry):
            for word in held.entry.overlaps:
                other = draft.final(word.text)
                declared.add((name, other))
                if held.owner == draft.name:
                    _check_overlap(draft, name, other, word, findings)
    return declared


def _check_overlap(draft: Draft, name: str, other: str, word: s.Word, findings: Findings) -> None:
    place, masks = draft.entity.module.place(word), draft.masks
    if other not in draft.words:
        if not draft.open:
            findings.error(
                "name.unknown:mask",
                place,
                f"`{word.text}` is not a name of layout `{draft.name}`",
                label="not declared",
                help=findings.nearest(word.text, lambda: draft.words),
            )
        return
    if other in draft.values or name in draft.values:
        constant = other if other in draft.values else name
        findings.error(
            "layout.mask:kind", place, f"`{constant}` is no mask and overlaps nothing", label="only masks overlap"
        )
    elif name in masks and other in masks:
        mine, theirs = masks[name].value, masks[other].value
        if mine is not None and theirs is not None and not mine & theirs:
            findings.warning(
                "layout.overlap:needless", place, f"`{name}` shares no bit with `{word.text}`", label="no overlap"
            )


def _check_disjoint(draft: Draft, held: Held[s.DisjointEntry], findings: Findings) -> None:
    taken: list[tuple[str, int]] = []
    union = 0
    for word in held.entry.names:
        name, place = draft.final(word.text), held.module.place(word)
        known: LayoutWord | None = draft.words.get(name)
        if known is None:
            if not draft.open:
                findings.error(
                    "name.unknown:mask",
                    place,
                    f"`{word.text}` is not a name of layout `{draft.name}`",
                    label="not declared",
                    help=findings.nearest(word.text, lambda: draft.words),
                )
            continue
        if name in draft.values:
            findings.error("layout.mask:kind", place, f"`{word.text}` is no mask", label="only masks are disjoint")
        value = draft.masks[name].value if name in draft.masks else None
        if value is None:
            continue
        if value & union:
            other, theirs = next((other, theirs) for other, theirs in taken if theirs & value)
            findings.error(
                "layout.disjoint:shared",
                place,
                f"`{word.text}` shares {bits(value & theirs)} with `{other}` in layout `{draft.name}`",
                label="not disjoint",
                others=[
                    (_place(draft, other), f"`{other}` is declared here"),
                    (_place(draft, name), f"`{name}` is here"),
                ],
            )
        if value == 0 and not _is_none(draft, name):
            findings.error(
                "layout.disjoint:zero", place, f"`{word.text}` is 0 and not `none`", label="a mask without bits"
            )
        taken.append((name, value))
        union |= value


def _is_none(draft: Draft, name: str) -> bool:
    entry = draft.named[name].entry
    return isinstance(entry, s.MaskEntry) and isinstance(entry.value, s.Placement) and entry.value.kind == "none"
