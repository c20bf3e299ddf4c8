"""A layout as a 64-bit register, drawn for a terminal."""

from spteproof.entries import Names, short


def draw_register(names: Names, entry: int | None = None) -> str:
    """Four rows of sixteen bits, bit 63 first; each named bit has a mark that the legend explains. With `entry`,
    the value's own bits stand below."""
    letters = _letters(names)
    lines: list[str] = []
    for high in (63, 47, 31, 15):
        bits = range(high, high - 16, -1)
        lines.append("      " + " ".join(f"{bit:>2}" for bit in bits))
        lines.append("     +" + "--+" * 16)
        lines.append("     |" + "|".join(f"{letters.get(bit, ''):>2}" for bit in bits) + "|")
        if entry is not None:
            lines.append("     |" + "|".join(f"{entry >> bit & 1:>2}" for bit in bits) + "|")
        lines.append("     +" + "--+" * 16)
    return "\n".join([*lines, *_legend(names, letters, entry)])


def _masks(names: Names) -> list[str]:
    """The masks that own bits, narrowest first, without those that only join others."""
    masks = [name for name in names.masks if names.values[name]]
    return sorted(masks, key=lambda name: (names.values[name].bit_count(), names.values[name]))


def _letters(names: Names) -> dict[int, str]:
    """A mark for each named bit: a name where it has at most two characters, else a number of the legend."""
    found: dict[int, str] = {}
    number = 1
    for mask in _masks(names):
        bits = [bit for bit in range(64) if names.values[mask] >> bit & 1 and bit not in found]
        if not bits:
            continue
        said = [alias for alias, target in names.aliases.items() if target == mask] + [mask]
        label = next((name for name in said if len(name) <= 2), None) or str(number)
        number += label == str(number)
        found.update(dict.fromkeys(bits, label))
    return found


def _legend(names: Names, letters: dict[int, str], entry: int | None) -> list[str]:
    lines = []
    for mask in _masks(names):
        value = names.values[mask]
        bits = [bit for bit in range(64) if value >> bit & 1]
        marks = sorted({letters[bit] for bit in bits})
        low = bits[0]
        holds = "" if entry is None else f" = {(entry & value) >> low:#x}"
        alias = names.display(mask)
        name = alias if len(alias) > 2 else short(mask)
        lines.append(f"  {' '.join(marks) if len(marks) < 4 else '':<8} {name:<24} {_ranges(bits):<12} {mask}{holds}")
    none = [name for name in names.masks if not names.values[name]]
    if none:
        lines.append(f"  none:    {', '.join(none)}")
    return lines


def _ranges(bits: list[int]) -> str:
    parts: list[str] = []
    start = previous = bits[0]
    for bit in [*bits[1:], -1]:
        if bit != previous + 1:
            parts.append(f"b{start}" if start == previous else f"b{previous}:{start}")
            start = bit
        previous = bit
    return ",".join(parts)
