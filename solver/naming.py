"""What bits of a layout and inputs of a program are called."""

from collections import Counter
from collections.abc import Mapping, Sequence

from spteproof.grammar.source import Place
from spteproof.solver.setting import Setting, Site


def names_of_bits(bits: int, setting: Setting) -> tuple[str, ...]:
    """The names of single bits in this layout: an alias where there is one, else the narrowest mask's name, else
    `bN`."""
    return tuple(_name_of_bit(bit, setting) for bit in range(64) if bits >> bit & 1)


def _name_of_bit(bit: int, setting: Setting) -> str:
    single = [name for name in setting.masks if setting.values[name] == 1 << bit]
    for alias, name in setting.aliases.items():
        if name in single:
            return alias
    if single:
        return single[0]
    wide = [name for name in setting.masks if setting.values[name] >> bit & 1]
    wide.sort(key=lambda name: setting.values[name].bit_count())
    return f"{wide[0]}[{bit}]" if wide else f"b{bit}"


def names_of_inputs(places: Mapping[Site, Place]) -> dict[Site, str]:
    """What each `any` is called: its variable's name; with the line where several have that name, and with a number
    where one line is run several times."""
    names = {site: place.text().split("=")[0].strip() for site, place in places.items()}
    if len(set(names.values())) < len(names):
        common = {name for name, count in Counter(names.values()).items() if count > 1}
        names = {site: f"{name}:{places[site].line}" if name in common else name for site, name in names.items()}
    counts: Counter[str] = Counter()
    repeated = {name for name, count in Counter(names.values()).items() if count > 1}
    for site, name in names.items():
        if name in repeated:
            counts[name] += 1
            names[site] = f"{name} #{counts[name]}"
    return names


def lacking_words(names: Sequence[str]) -> str | None:
    """What is said of bits that are expected to be lost at once, and are not."""
    if not names:
        return None
    return f"no event loses {names[0]}" if len(names) == 1 else f"no event loses {', '.join(names)} all at once"
