"""Draws the pictures of docs/explanation.md from what the tool says of the texts on that page.

python docs/pictures/make_explanation.py        writes docs/pictures/explanation/*.svg
"""

import html
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "explanation.md"
WIDTH = 760
INK = "#768390"
FILLS = {  # fill, edge, text: dark on light boxes, so that one picture serves light and dark pages
    "ours": ("#cfe8ff", "#2f7dd1", "#0a2f5c"),
    "theirs": ("#fff1c2", "#b07d00", "#4a3300"),
    "lost": ("#ffd7d5", "#cf222e", "#6e0b14"),
    "set": ("#d4f4dd", "#1a7f37", "#0b3d1a"),
    "clear": ("#f6f8fa", "#768390", "#424a53"),
}
STYLE = (
    "text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;"
    " text-anchor: middle; }"
    f" .line {{ stroke: {INK}; stroke-width: 2; fill: none; }} .label {{ fill: {INK}; font-weight: bold; }}"
)
BITS = ("P", "MMU_W", "W", "A", "D")


def box(x: float, y: float, width: float, text: str, kind: str, height: float = 26) -> str:
    """A box around (x, y), its middle, with one line of text or several."""
    fill, edge, ink = FILLS[kind]
    lines = text.split("\n")
    top = y + 4.5 - 17 * (len(lines) - 1) / 2
    words = "".join(
        f'<text x="{x:g}" y="{top + 17 * number:g}" fill="{ink}">{html.escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    height = max(height, 17 * len(lines) + 9)
    return (
        f'<rect x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width:g}" height="{height:g}" rx="6" '
        f'fill="{fill}" stroke="{edge}" stroke-width="1.5"/>{words}\n'
    )


def label(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text class="label" x="{x:g}" y="{y:g}" style="text-anchor:{anchor}">{html.escape(text)}</text>\n'


def line(path: str, *, dashed: bool = False, arrow: bool = False) -> str:
    style = ' stroke-dasharray="6 5"' * dashed + ' marker-end="url(#tip)"' * arrow
    return f'<path class="line" d="{path}"{style}/>\n'


def drawing(height: float, title: str, parts: Iterator[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:g}" viewBox="0 0 {WIDTH} {height:g}">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style>\n"
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L10 5L0 10z" fill="{INK}"/></marker></defs>\n{"".join(parts)}</svg>\n'
    )


def lost_bit(witness: dict) -> str:
    """A counterexample as the tool gives it: who does what, the copy that our CPU holds, the entry after each step."""
    return drawing(108 + 50 * len(witness["steps"]), "A bit is lost", _lost_bit(witness))


def _lost_bit(witness: dict) -> Iterator[str]:
    ours, theirs, first, step = 140, 410, 556, 44
    steps = witness["steps"]
    end = 84 + 50 * len(steps)
    yield label(ours, 22, "our CPU") + label(theirs, 22, "any other CPU") + label(first + 2 * step, 22, "the entry")
    yield line(f"M{ours} 34V{end}") + line(f"M{theirs} 34V{end}")
    for number, bit in enumerate(BITS):
        yield label(first + number * step, 52, bit)
    y, held = 84, set(witness["start_bits"].split())
    yield from _bits(held, set(), first, step, y)
    yield box(ours, y, 70, "start", "clear") + box(theirs, y, 70, "start", "clear")
    mine, copy = [each["who"] == "program" for each in steps], held
    for number, each in enumerate(steps):
        y += 50
        yield box(ours if mine[number] else theirs, y, 246 if mine[number] else 170, *_action(each, mine[number]))
        if not mine[number] and any(mine[:number]) and any(mine[number:]):
            yield box(ours, y, 206, f"holds old: {' '.join(bit for bit in BITS if bit in copy)}", "clear")
        signs = each["changes"].split()
        gone = {sign[1:] for sign in signs if sign[0] == "-"}
        held = held - gone | {sign[1:] for sign in signs if sign[0] == "+"}
        copy = held if mine[number] else copy
        yield from _bits(held, gone & set(witness["losing"]), first, step, y)


def _action(step: dict, mine: bool) -> tuple[str, str]:
    return step["action"], "ours" if mine else "theirs"


def _bits(held, lost, first: float, step: float, y: float) -> Iterator[str]:
    for number, bit in enumerate(BITS):
        kind = "lost" if bit in lost else "set" if bit in held else "clear"
        yield box(first + number * step, y, 32, "1" if bit in held else "0", kind)


def rely_guarantee() -> str:
    return drawing(322, "Rely and guarantee", _rely_guarantee())


def _rely_guarantee() -> Iterator[str]:
    gaps, events = (75, 380, 685), ((228, "READ_ONCE"), (532, "WRITE_ONCE"))
    yield label(10, 20, "our CPU: two events, three gaps", "start")
    yield line("M8 126H752", arrow=True)
    for x in gaps:
        yield box(x, 126, 110, "gap: others,\nany steps", "theirs", 48) + line(f"M{x} 151V184", arrow=True)
    for x, name in events:
        yield box(x, 126, 150, f"our event:\n{name}", "ours", 48) + line(f"M{x} 101V72", arrow=True)
    yield box(380, 52, 730, "GUARANTEE: each event of ours changes only what we promise to change", "ours", 34)
    yield box(380, 204, 730, "RELY: what changes in a gap is a chain of steps that the others promise", "theirs", 34)
    yield label(10, 262, "another CPU: it steps in our gaps, and our events stand in its gaps", "start")
    yield line("M8 296H752", arrow=True)
    for x in gaps:
        yield box(x, 296, 110, "its steps", "theirs")
    for x, _ in events:
        yield box(x, 296, 150, "gap: our event", "ours")


def closure(steps: dict[str, tuple[set[str], set[str]]]) -> str:
    """The states of W and D, with P and MMU_W set and A left out: a line for each step, a dashed one for a chain."""
    return drawing(230, "Steps, and chains of steps", _closure(steps))


def _closure(steps: dict[str, tuple[set[str], set[str]]]) -> Iterator[str]:
    places = {(): (90, 115), ("W",): (380, 30), ("D",): (380, 200), ("W", "D"): (670, 115)}
    direct = {}
    for held in places:
        for name, (needs, sets) in steps.items():
            after = tuple(bit for bit in ("W", "D") if bit in {*held, *sets})
            if needs - {"P", "MMU_W"} <= set(held) and after != held:
                direct[held, after] = name
    for (before, after), name in direct.items():
        yield _arrow(places[before], places[after], name)
    for before, after in product(places, places):
        if (before, after) not in direct and any((before, one) in direct and (one, after) in direct for one in places):
            yield _arrow(places[before], places[after], "a chain of steps", dashed=True)
    for held, (x, y) in places.items():
        yield box(x, y, 150, " ".join(held) if held else "neither W nor D", "set" if held else "clear", 36)


def _arrow(start: tuple[float, float], end: tuple[float, float], name: str, *, dashed: bool = False) -> str:
    (x, y), (to_x, to_y) = start, end
    reach = (abs(to_x - x) - 84) / abs(to_x - x)
    middle, height = (x + to_x) / 2, (y + to_y) / 2
    if y == to_y:
        said = label(middle, height - 10, name)
    else:
        said = label(middle, height + (18 if y > 115 else -8), name, "end" if x < 300 else "start")
    return line(f"M{x} {y}L{x + (to_x - x) * reach:g} {y + (to_y - y) * reach:g}", dashed=dashed, arrow=True) + said


def files() -> dict[str, str]:
    """The texts that the page gives, by name."""
    return dict(re.findall(r"```spte file=(\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))


def pictures() -> dict[str, str]:
    """All pictures, by file name. Raises AssertionError where the tool says something that cannot be drawn."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files().items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        results = json.loads(_said(folder, "prove", "age.spte", "--format", "json"))["results"]
        witness = next(each["counterexample"] for each in results if each["verdict"] == "refuted")
        steps = {}
        for agent in ("walk", "fault"):
            steps |= _steps(_said(folder, "show", agent, "--layout", "tiny", "--from", "entry.spte"))
    return {
        "lost-bit.svg": lost_bit(witness),
        "rely-guarantee.svg": rely_guarantee(),
        "closure.svg": closure(steps),
    }


def _steps(shown: str) -> dict[str, tuple[set[str], set[str]]]:
    """The steps that `show AGENT` lists, by name: the bits that must be set, and the bits that are set then."""
    found = re.findall(r"^  (\S+)  \S+:\d+\n    (\S.*?)  when (.*)$", shown, re.MULTILINE)
    assert len(found) == len(re.findall(r"^  \S+  \S+:\d+$", shown, re.MULTILINE))
    assert all(sign.startswith("+") for _, signs, _ in found for sign in signs.split())
    return {name: (set(needs.split()), {sign[1:] for sign in signs.split()}) for name, signs, needs in found}


def _said(folder: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "spteproof", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def main() -> None:
    (HERE / "explanation").mkdir(exist_ok=True)
    for name, text in pictures().items():
        (HERE / "explanation" / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
