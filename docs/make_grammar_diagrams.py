"""Draws the grammar: reads grammar/spte.lark with lark's own loader, writes docs/grammar.md and docs/pictures/grammar/.

python docs/make_grammar_diagrams.py            writes them
python docs/make_grammar_diagrams.py --check    says what is not in step: exit status 1 if anything
"""

import html
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import assert_never

import railroad
from grammar_shapes import Either, Many, Maybe, Name, Pattern, Row, Shape, Word, ignored, names_in, notation, rules

HERE = Path(__file__).resolve().parent
GRAMMAR = HERE.parent / "grammar" / "spte.lark"
PAGE = "grammar.md"
PICTURES = "pictures/grammar"
WIDEST = 760
"""Pixels, beyond which a row is broken."""

INK, WORD, WORD_EDGE, WORD_TEXT = "#768390", "#cfe8ff", "#2f7dd1", "#0a2f5c"
RULE, RULE_EDGE, RULE_TEXT = "#fff1c2", "#b07d00", "#4a3300"
STYLE = f"""
svg {{ background-color: transparent; }}
path {{ stroke-width: 2; stroke: {INK}; fill: none; }}
text {{ font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; text-anchor: middle; }}
.terminal rect {{ stroke-width: 1.5; stroke: {WORD_EDGE}; fill: {WORD}; }}
.terminal text {{ font-weight: bold; fill: {WORD_TEXT}; }}
.non-terminal rect {{ stroke-width: 1.5; stroke: {RULE_EDGE}; fill: {RULE}; }}
.non-terminal text {{ fill: {RULE_TEXT}; }}
"""
railroad.INTERNAL_ALIGNMENT = "left"
SECTIONS = {
    "start": (
        "Modules",
        "A file is any number of items. What they mean stands in [modules and names](language.md#modules-and-names).",
    ),
    "layout": ("Layouts", "What the bits of an entry are called: [layouts](language.md#layouts)."),
    "ghost": (
        "Definitions",
        "[Predicates and functions](language.md#predicates-and-functions), [helpers](language.md#helpers), "
        "[agents](language.md#agents), [ghosts](language.md#ghosts-and-atomic), "
        "[eras](language.md#interfaces-and-eras).",
    ),
    "theorem": ("Theorems", "The clauses before the body: [theorems](language.md#theorems)."),
    "block": (
        "Statements",
        "[Statements](language.md#statements). Two rules share them, so that an `else` belongs to the nearest `if`: a "
        "`matched` statement leaves no `if` without its `else`, an `unmatched` one does.",
    ),
    "prove": (
        "Properties",
        "What a theorem asks, and what is expected: [properties](language.md#properties), "
        "[expected verdicts](language.md#expected-verdicts).",
    ),
    "expr": (
        "Expressions",
        "From the loosest operator to the tightest: [operators](language.md#operators). A loop groups to the left.",
    ),
    "NAME": ("Names and numbers", "As regular expressions. Between any two words may stand what the last list says."),
}
INTRODUCTION = """# The grammar

Each rule of `grammar/spte.lark` as a railroad diagram: follow the line from left to right, without a sharp turn. Blue
boxes are written as they stand. Yellow ones are rules, linked below the picture. What all of it means stands in
[the language](language.md). `docs/make_grammar_diagrams.py` writes this page, and a test holds it to the grammar.

"""


def _drawn(shape: Shape) -> railroad.DiagramItem:
    match shape:
        case Word(text=text) | Pattern(text=text):
            return railroad.Terminal(text)
        case Name(rule=rule):
            return railroad.NonTerminal(rule)
        case Row(parts=parts):
            return _broken([_drawn(each) for each in _sayings(parts)])
        case Either(choices=choices):
            return railroad.Choice(0, *(_drawn(each) for each in choices))
        case Maybe(part=part):
            return railroad.Optional(_drawn(part))
        case Many(part=part, between=between):
            return railroad.OneOrMore(_drawn(part), None if between is None else _drawn(between))
    assert_never(shape)


def _sayings(parts: tuple[Shape, ...]) -> Iterator[Shape]:
    """Words of letters that follow one another stand in one box."""
    said: list[str] = []
    for part in (*parts, None):
        if isinstance(part, Word) and part.text.isalpha():
            said.append(part.text)
            continue
        if said:
            yield Word(" ".join(said))
            said = []
        if part is not None:
            yield part


def _broken(items: list[railroad.DiagramItem]) -> railroad.DiagramItem:
    """The items in a row, or in several where one would be too wide."""
    rows: list[list[railroad.DiagramItem]] = [[]]
    for item in items:
        if rows[-1] and railroad.Sequence(*rows[-1], item).width > WIDEST:
            rows.append([])
        rows[-1].append(item)
    lines = [railroad.Sequence(*row) for row in rows]
    return lines[0] if len(lines) == 1 else railroad.Stack(*lines)


def picture(shape: Shape) -> str:
    """The railroad diagram as SVG."""
    pieces: list[str] = []
    railroad.Diagram(_drawn(shape)).format(6).writeStandalone(pieces.append, STYLE)
    return "".join(pieces) + "\n"


def files(text: str) -> dict[str, str]:
    """What is written, by its path below docs/."""
    drawn = rules(text)
    pictures = {f"{PICTURES}/{rule}.svg": picture(shape) for rule, shape in drawn.items()}
    return pictures | {PAGE: "".join(_page(drawn, ignored(text)))}


def _page(drawn: dict[str, Shape], between: list[str]) -> Iterator[str]:
    yield INTRODUCTION
    yield " · ".join(f"[{title}](#{_anchor(title)})" for title, _ in SECTIONS.values()) + "\n"
    for rule, shape in drawn.items():
        if rule in SECTIONS:
            title, meaning = SECTIONS[rule]
            yield f"\n## {title}\n{meaning}\n"
        said = html.escape(f"{rule}: {notation(shape)}")
        yield f'\n### {rule}\n<img src="{PICTURES}/{rule}.svg" alt="{said}">\n'
        yield from _links("uses", dict.fromkeys(names_in(shape)))
        yield from _links("in", [other for other, uses in drawn.items() if rule in names_in(uses) and other != rule])
    yield "\n### Between words\n" + "".join(f"- `{each}`\n" for each in between)


def _links(what: str, names) -> Iterator[str]:
    if names:
        yield f"\n{what} " + " · ".join(f"[{each}](#{_anchor(each)})" for each in names) + "\n"


def _anchor(heading: str) -> str:
    """As code hosts make it."""
    return heading.lower().replace(" ", "-")


def main() -> int:
    wanted = files(GRAMMAR.read_text(encoding="utf-8"))
    found = {path.relative_to(HERE).as_posix() for path in (HERE / PICTURES).glob("*")} | {PAGE}
    stale = [path for path in wanted if path not in found or not (HERE / path).exists()]
    stale += [path for path, text in wanted.items() if path not in stale and (HERE / path).read_text("utf-8") != text]
    stale += sorted(found - wanted.keys())
    if "--check" in sys.argv[1:]:
        print("\n".join(stale), end="\n" if stale else "")
        return 1 if stale else 0
    for path in found - wanted.keys():
        (HERE / path).unlink()
    (HERE / PICTURES).mkdir(parents=True, exist_ok=True)
    for path, text in wanted.items():
        (HERE / path).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
