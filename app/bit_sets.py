"""Sets of bits in the kernel's words and in short ones."""

from collections.abc import Mapping, Sequence

from spteproof.entries import Names


def in_c(bits: int, values: Mapping[str, int], masks: Sequence[str]) -> list[str]:
    """C expressions whose union is the set: names of masks that lie in it, single bits first, then the widest, then
    GENMASK_ULL and BIT_ULL for what no name covers."""
    single = {values[name]: name for name in reversed(masks) if values[name].bit_count() == 1}
    parts = [single[1 << number] for number in range(64) if bits >> number & 1 and 1 << number in single]
    rest = bits & ~sum(1 << number for number in range(64) if 1 << number in single)
    fields = [name for name in masks if values[name].bit_count() > 1 and not values[name] & ~bits]
    for name in sorted(fields, key=lambda each: -values[each].bit_count()):
        if values[name] & rest:
            parts.append(name)
            rest &= ~values[name]
    return parts + [_range_in_c(low, high) for low, high in ranges(rest)]


def _range_in_c(low: int, high: int) -> str:
    return f"BIT_ULL({low})" if low == high else f"GENMASK_ULL({high}, {low})"


def ranges(bits: int) -> list[tuple[int, int]]:
    """The runs of set bits, each as its lowest and highest bit."""
    found: list[tuple[int, int]] = []
    for number in range(64):
        if bits >> number & 1:
            if found and found[-1][1] == number - 1:
                found[-1] = (found[-1][0], number)
            else:
                found.append((number, number))
    return found


def in_words(bits: int, names: Names) -> str:
    """The set as a person reads it: single bits by their short names, whole fields by theirs, runs within a field, and
    runs of bits without a name by number."""
    words: list[str] = []
    loose = 0
    done: set[str] = set()
    for number in range(64):
        if not bits >> number & 1:
            continue
        field = names.field(number)
        if field is not None and field not in done:
            done.add(field)
            words += _of_field(names.display(field), bits, names.values[field])
        elif field is None and names.bit(number) != f"b{number}":
            words.append(names.bit(number))
        elif field is None:
            loose |= 1 << number
    return " ".join([*words, *[f"b{low}" if low == high else f"b{low}..b{high}" for low, high in ranges(loose)]])


def _of_field(name: str, bits: int, mask: int) -> list[str]:
    if not mask & ~bits:
        return [name]
    runs = ranges(mask & bits)
    return [f"{name}[{low}]" if low == high else f"{name}[{low}..{high}]" for low, high in runs]
