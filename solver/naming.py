"""What bits of a layout and inputs of a program are called."""

from collections import Counter
from collections.abc import Mapping, Sequence

from spteproof.grammar.source import Place
from spteproof.solver.interpretation import Values
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


def change(before: Values, after: Values) -> str:
    """What differs between two states, of which the default entry needs no name."""
    ghosts = [(name, each, after.ghosts[name]) for name, each in before.ghosts.items() if each != after.ghosts[name]]
    entry = [("", before.entry, after.entry)] if before.entry != after.entry or not ghosts else []
    return " and ".join(f"{name} from {_said(old)} to {_said(new)}".strip() for name, old, new in [*entry, *ghosts])


def _said(value: int) -> str:
    return str(value).lower() if isinstance(value, bool) else f"0x{value:016x}"


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
