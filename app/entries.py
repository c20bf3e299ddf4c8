"""Entries as a person reads them: by the names of their bits in a layout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """A concrete layout's names: u64 values of its masks, its aliases, and the masks in the order of the text."""

    values: Mapping[str, int]
    masks: Sequence[str]
    aliases: Mapping[str, str]

    def bit(self, number: int) -> str:
        """The short name of one bit: an alias, else the mask that is just this bit, else a wider field's name with
        the bit's place in the entry, else `bN`."""
        single = [name for name in self.masks if self.values[name] == 1 << number]
        if single:
            return self.display(next((name for name in single if name in self.aliases.values()), single[0]))
        field = self.field(number)
        return f"{self.display(field)}[{number}]" if field else f"b{number}"

    def display(self, mask: str) -> str:
        """A mask's alias, else its name without what all masks' names have."""
        return next((alias for alias, name in self.aliases.items() if name == mask), short(mask))

    def field(self, number: int) -> str | None:
        """The narrowest mask of several bits that holds this bit; None where the bit is a mask of its own."""
        holding = [name for name in self.masks if self.values[name] >> number & 1]
        narrowest = min(holding, key=lambda name: self.values[name].bit_count(), default=None)
        return None if narrowest is None or self.values[narrowest].bit_count() == 1 else narrowest

    def decode(self, entry: int) -> str:
        """All that is set in an entry: bits by name, fields as NAME=value."""
        words: list[str] = []
        shown = 0
        for number in range(64):
            if not entry >> number & 1 or shown >> number & 1:
                continue
            field = self.field(number)
            if field is None:
                words.append(self.bit(number))
                shown |= 1 << number
            else:
                mask = self.values[field]
                low = (mask & -mask).bit_length() - 1
                words.append(f"{self.display(field)}={(entry & mask) >> low:#x}")
                shown |= mask
        return " ".join(words) or "nothing set"

    def changes(self, before: int, after: int) -> str:
        """The bits that changed: `+W -A`."""
        parts = [f"+{self.bit(number)}" for number in range(64) if after & ~before & 1 << number]
        parts += [f"-{self.bit(number)}" for number in range(64) if before & ~after & 1 << number]
        return " ".join(parts)


def short(name: str) -> str:
    """A mask's name without what all masks' names have: `shadow_mmu_writable_mask` is MMU_WRITABLE."""
    for prefix in ("shadow_", "SPTE_", "VMX_EPT_", "EPT_", "PT_"):
        if name.startswith(prefix) and len(name) > len(prefix):
            name = name[len(prefix) :]
            break
    for suffix in ("_mask", "_MASK"):
        name = name.removesuffix(suffix)
    return name.upper()
