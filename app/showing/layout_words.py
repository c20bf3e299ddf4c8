"""What one layout makes of names: the bits of a mask, and of all the names that a definition rests on."""

from spteproof.bit_sets import ranges
from spteproof.grammar import checked as c
from spteproof.solver.walks import below


def said_of(layout: c.Layout, name: str) -> str | None:
    """The bits of a mask, or a value, as words; None where the layout has no such name. What an alias stands for is
    said behind it."""
    target = layout.aliases.get(name, name)
    alias = f" (`{target}`)" if target != name else ""
    mask, value = layout.masks.get(target), layout.values.get(target)
    if mask is not None:
        if mask.some:
            return f"some bit{' or none' if mask.or_none else ''}{alias}"
        if mask.value is None:
            return f"depends on the placement{alias}"
        return f"{_bits(mask.value)}{alias}"
    if value is not None:
        if value.value is None:
            return f"depends on the placement{alias}"
        return (
            f"{'true' if value.value else 'false'}{alias}" if value.sort is c.Sort.BOOL else f"{value.value:#x}{alias}"
        )
    return None


def _bits(mask: int) -> str:
    if not mask:
        return "none"
    runs = ranges(mask)
    said = ", ".join(f"{low}" if low == high else f"{high}..{low}" for low, high in runs)
    return f"bit{'s' if mask & (mask - 1) else ''} {said}"


def names_of(scope: c.Scope, root: c.Pure | c.Helper) -> list[str]:
    """The layout's names that a definition speaks of, itself or through what it calls; its own first, in the order of
    the text."""
    found: dict[str, None] = {}
    called: set[str] = set()
    waiting: list[c.Pure | c.Helper] = [root]
    for each in waiting:
        nodes = sorted(below(each.body), key=lambda node: node.place.start)
        found.update(dict.fromkeys(node.name for node in nodes if isinstance(node, c.LayoutName)))
        for node in nodes:
            if isinstance(node, c.HelperCall | c.Call) and node.callee not in called:
                called.add(node.callee)
                callee = scope.helpers.get(node.callee) or scope.pures.get(node.callee)
                waiting += [] if callee is None else [callee]
    return list(found)
