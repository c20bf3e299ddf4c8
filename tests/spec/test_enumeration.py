"""Five ways to clear a bit, enumerated: every entry, every value that others can leave, every property. Compared with the library.

Nothing here comes from the tool: an entry is a set of letters, what others do is written out once more, and the reachable
values are found by walking. W, A and D are the bits of these names, R and X the permissions, H and M say host- and
MMU-writable, r and x are where R and X are kept while an entry is access-tracked.
"""

from collections.abc import Callable, Iterator
from itertools import combinations

import pytest

from spteproof.solver.results import Result

Entry = frozenset[str]
Writer = Callable[["Kind", Entry, Entry, str], tuple[Entry, Entry]]


class Kind:
    """What an entry of one layout may be, and what others do to it. `software_ad`: A and D exist, and no CPU sets them."""

    def __init__(self, *, legacy: bool = False, hw_ad: bool = True, software_ad: bool = False, agers: bool = False):
        self.legacy, self.hw_ad, self.has_ad, self.agers = legacy, hw_ad, hw_ad or software_ad, agers

    def tracked(self, entry: Entry) -> bool:
        return not self.hw_ad and not entry & set("RWX")

    def entries(self) -> Iterator[Entry]:
        letters = "RWHM" + ("AD" if self.has_ad else "") + ("" if self.legacy else "X") + ("" if self.hw_ad else "rx")
        for size in range(len(letters) + 1):
            yield from filter(self.exists, map(frozenset, combinations(letters, size)))

    def exists(self, entry: Entry) -> bool:
        if "W" in entry and "M" not in entry or "M" in entry and "H" not in entry:
            return False
        if self.tracked(entry):
            return bool(entry & set("rx")) and not ("M" in entry and "r" not in entry)
        readable = "R" in entry or not self.legacy and "X" in entry and not entry & set("WM")
        return readable and not entry & set("rx")

    def steps(self, entry: Entry) -> Iterator[Entry]:
        """One step of anybody else."""
        if self.hw_ad:
            yield entry | {"A"}
            if "W" in entry:
                yield entry | {"A", "D"}
            if self.agers:
                yield entry - {"A"}
        elif self.agers and "A" in entry and not self.tracked(entry):
            yield track(entry)
        for wanted in "RWX":
            fixed = (restore(entry) | ({"A"} if self.has_ad else set())) if self.tracked(entry) else entry
            if wanted == "W" and "M" in entry:
                fixed = fixed | {"W"}
            if wanted not in entry and wanted in fixed:
                yield fixed

    def reachable(self, entry: Entry) -> set[Entry]:
        seen, waiting = {entry}, [entry]
        while waiting:
            for after in self.steps(waiting.pop()):
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)
        return seen


def track(entry: Entry) -> Entry:
    saved = {letter.lower() for letter in entry & set("RX")}
    return (entry - set("RWXA")) | saved


def restore(entry: Entry) -> Entry:
    back = {letter.upper() for letter in entry & set("rx")}
    return (entry - set("rx")) | back


def volatile_since_5_18(kind: Kind, old: Entry) -> bool:
    by_cpu = kind.hw_ad and ("A" not in old or "W" in old and "D" not in old)
    return "M" in old and "W" not in old or kind.tracked(old) or by_cpu


def volatile_since_6_15(kind: Kind, old: Entry) -> bool:
    return "M" in old and "W" not in old or not kind.hw_ad or "W" in old and "D" not in old


def plain(kind: Kind, old: Entry, found: Entry, mask: str) -> tuple[Entry, Entry]:
    return old - {mask}, old


def exchange(kind: Kind, old: Entry, found: Entry, mask: str) -> tuple[Entry, Entry]:
    return old - {mask}, found if volatile_since_5_18(kind, old) else old


def and_not(volatile: Callable[[Kind, Entry], bool]) -> Writer:
    def write(kind: Kind, old: Entry, found: Entry, mask: str) -> tuple[Entry, Entry]:
        return (found - {mask}, found) if volatile(kind, old) else (old - {mask}, old)

    return write


def kept(letters: str) -> Callable[[Entry, Entry, Entry, str], bool]:
    return lambda found, after, told, mask: not (found - after - {mask}) & set(letters)


PROPERTIES: dict[str, Callable[[Entry, Entry, Entry, str], bool]] = {
    "preserves W except mask": kept("W"),
    "preserves D except mask": kept("D"),
    "preserves A except mask": kept("A"),
    "preserves W | D except mask": kept("WD"),
    "preserves W | A | D except mask": kept("WAD"),
    "resurrects nothing in ~0ULL": lambda found, after, told, mask: not after - found,
    "resurrects nothing in ~mask": lambda found, after, told, mask: not after - found - {mask},
    "resurrects nothing in A": lambda found, after, told, mask: "A" not in after - found,
    "resurrects nothing in ~A": lambda found, after, told, mask: not after - found - {"A"},
    "changes only mask": lambda found, after, told, mask: found ^ after <= {mask},
    "changes only mask | A": lambda found, after, told, mask: found ^ after <= {mask, "A"},
    "refines { *sptep &= ~mask; }": lambda found, after, told, mask: after == found - {mask},
    "conserves W | D into seen": lambda found, after, told, mask: not (found - after - told) & set("WD"),
}

LEGACY, EPT = Kind(legacy=True), Kind()
NO_AD_6_12, NO_AD_6_13 = Kind(hw_ad=False), Kind(hw_ad=False, software_ad=True)
AGED = {"npt": Kind(legacy=True, agers=True), "ept": Kind(agers=True), "ept_wrprot_only": Kind(agers=True)}
AGED["ept_no_ad_since_6_13"] = Kind(hw_ad=False, software_ad=True, agers=True)
OF_5_13 = {"legacy_5_13": LEGACY, "ept_5_13": EPT, "ept_wrprot_only_5_13": EPT}
OF_THE_MAIL = {"legacy": LEGACY, "npt": LEGACY, "ept": EPT, "ept_wrprot_only": EPT}
OF_THE_MAIL |= {"ept_no_ad_until_6_12": NO_AD_6_12, "ept_no_ad_since_6_13": NO_AD_6_13}

# Theorem, era (or none), how it writes, in which layouts.
ROWS: list[tuple[str, str, Writer, dict[str, Kind]]] = [
    ("the_whole_value_is_written", "v5_13", plain, OF_5_13),
    ("the_whole_value_is_written", "v5_18", exchange, OF_5_13),
    ("clear_one_bit_keeps_what_others_set", "", and_not(volatile_since_5_18), OF_THE_MAIL),
    ("clear_one_bit_tells_what_it_cleared", "", and_not(volatile_since_5_18), OF_THE_MAIL),
    ("the_old_predicate_among_lockless_agers", "v6_15", and_not(volatile_since_5_18), AGED),
    ("the_new_predicate_among_lockless_agers", "v6_15", and_not(volatile_since_6_15), AGED),
]


def holds(kind: Kind, write: Writer, mask: str, wanted: str) -> bool:
    """Whether the property holds for every entry, and every value that the write may find."""
    for old in kind.entries():
        for found in kind.reachable(old):
            after, told = write(kind, old, found, mask)
            if not PROPERTIES[wanted](found, after, told, mask):
                return False
    return True


def differences(
    results: list[Result], theorem: str, era: str, write: Writer, kinds: dict[str, Kind]
) -> tuple[int, list]:
    """How many verdicts were compared, and those in which the enumeration says something else."""
    compared, different = 0, []
    for each in results:
        if each.theorem == theorem and (each.era or "") == era and each.layout in kinds and each.property in PROPERTIES:
            mask = str(each.params["mask"])
            enumerated = "proved" if holds(kinds[each.layout], write, mask, each.property) else "refuted"
            compared += 1
            if enumerated != each.verdict:
                different.append((each.layout, mask, each.property, each.verdict, enumerated))
    return compared, different


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_the_library_says_what_the_enumeration_says(report, row):
    compared, different = differences(list(report.results), *row)
    assert different == []
    assert compared > 30


def test_a_wrong_predicate_makes_a_difference():
    blind = and_not(lambda kind, old: False)
    assert not holds(EPT, blind, "W", "preserves D except mask")
    assert holds(EPT, and_not(volatile_since_5_18), "W", "preserves D except mask")


def test_an_entry_without_ad_bits_is_tracked_and_restored():
    entry = frozenset("RXWHMA")
    assert restore(track(entry)) == entry - {"W", "A"}
    assert NO_AD_6_13.tracked(track(entry)) and not NO_AD_6_13.tracked(entry)
