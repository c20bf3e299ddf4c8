"""A layout as a 64-bit register in SVG. Each naming of bits is drawn once, as a symbol; where it is used, the bits that
are set lie above it."""

from dataclasses import dataclass, field

from spteproof.bit_sets import ranges
from spteproof.entries import Names

CELL = 26
PER_ROW = 32
LABELS = 78
"""Height of the slanted names above a row of cells."""
CELL_HEIGHT = 24
ROW = 142
WIDTH, HEIGHT = PER_ROW * CELL + 76, 2 * ROW
LONGEST = 15
"""So many letters of a name are shown; the whole name is the mark's title."""
LETTER = 6
MARGIN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A name at a place of the picture; a field's has a bracket from `left` to `right`."""

    x: float
    y: int
    text: str
    whole: str
    left: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One naming of an entry's 64 bits. `words` has one word for each bit from 0: its name, `=NAME` for a bit of a
    field, or `-` without any."""

    id: str
    labels: tuple[Mark, ...]
    fields: tuple[Mark, ...]
    words: str


@dataclass(slots=True)
class Frames:
    """All namings that a report uses, each once."""

    found: dict[tuple[str, ...], Frame] = field(default_factory=dict)

    def of(self, names: Names) -> Frame:
        words = tuple(_word(names, number) for number in range(64))
        if words not in self.found:
            self.found[words] = _frame(f"r{len(self.found)}", words)
        return self.found[words]


def _word(names: Names, number: int) -> str:
    mask = names.field(number)
    if mask is not None:
        return f"={names.display(mask)}"
    word = names.bit(number)
    return "-" if word == f"b{number}" else word


def _frame(id: str, words: tuple[str, ...]) -> Frame:
    labels = [
        Mark(x=left(number) + CELL / 2, y=top(number) - 5, text=_cut(word, LONGEST), whole=word)
        for number, word in enumerate(words)
        if word[0] not in "-="
    ]
    fields = [
        mark
        for name in dict.fromkeys(word[1:] for word in words if word[0] == "=")
        for low, high in ranges(sum(1 << number for number, word in enumerate(words) if word == f"={name}"))
        for mark in _field(name, low, high)
    ]
    return Frame(id=id, labels=tuple(labels), fields=tuple(fields), words=" ".join(words))


def _field(name: str, low: int, high: int) -> list[Mark]:
    """The brackets below the cells: two where the field lies in both rows."""
    parts = [(low, high)] if low // PER_ROW == high // PER_ROW else [(low, PER_ROW - 1), (PER_ROW, high)]
    found = []
    for first, last in parts:
        start, end = left(last) + 2, left(first) + CELL - 2
        text = _cut(name, max(1, (end - start) // LETTER))
        found.append(Mark(x=(start + end) / 2, y=top(first) + 54, text=text, whole=name, left=start, right=end))
    return found


def left(number: int) -> int:
    """Where a bit's cell begins; bit 63 stands first."""
    return MARGIN + (PER_ROW - 1 - number % PER_ROW) * CELL


def top(number: int) -> int:
    """Where the row of a bit's cell begins."""
    return LABELS + (ROW if number < PER_ROW else 0)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: max(most - 1, 0)]}…"
