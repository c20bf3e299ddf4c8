"""docs/grammar.md and its pictures are what the script makes of today's grammar, and they describe the same language."""

import html
import importlib
import random
import re
from functools import cache
from pathlib import Path

import pytest
from lark import Lark
from lark.exceptions import UnexpectedInput

from spteproof.grammar.parsing import grammar_text
from spteproof.grammar.splitting import stretches

ROOT = Path(__file__).resolve().parent.parent
RULE = re.compile(r"^\??(\w+): ", re.MULTILINE)
ITEMS = [
    text[each.start : each.end]
    for path in sorted((ROOT / "tests/grammar/right").glob("*.spte"))
    for text in [path.read_text(encoding="utf-8")]
    for each in stretches(text)
]
WORDS = re.compile(r"\w+|->|\.\.|[<>]{2}=|[<>=!&|^+-]=|<<|>>|&&|\|\||[^\w\s]")


with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(ROOT / "docs")
    DIAGRAMS = importlib.import_module("make_grammar_diagrams")
MADE = DIAGRAMS.files(grammar_text())
PAGE = (ROOT / "docs/grammar.md").read_text(encoding="utf-8")
SAID = [html.unescape(each) for each in re.findall(r'alt="([^"]*)"', PAGE)]


def picture(rule: str) -> str:
    return (ROOT / f"docs/pictures/grammar/{rule}.svg").read_text(encoding="utf-8")


@cache
def parsers() -> tuple[Lark, Lark]:
    """The grammar, and the one that the page's pictures say."""
    ignored = "".join(f"\n%ignore {each}" for each in re.findall(r"^- `(.*)`$", PAGE, re.MULTILINE))
    return Lark(grammar_text(), parser="lalr"), Lark("\n".join(SAID) + ignored, parser="lalr")


def is_read(parser: Lark, text: str) -> bool:
    try:
        parser.parse(text)
    except UnexpectedInput:
        return False
    return True


def damaged(text: str, random: random.Random) -> str:
    """The text with one word left out, said twice, or in the place of another."""
    words = WORDS.findall(re.sub(r"//.*|/\*.*?\*/", "", text))
    at, other = random.randrange(len(words)), random.choice(words)
    words[at : at + 1] = random.choice([[], [words[at], words[at]], [other], [words[at], other]])
    return " ".join(words)


def test_the_page_and_its_pictures_are_in_step():
    found = {f"pictures/grammar/{path.name}" for path in (ROOT / "docs/pictures/grammar").iterdir()} | {"grammar.md"}
    assert found == MADE.keys(), "python docs/make_grammar_diagrams.py"
    stale = [name for name, text in MADE.items() if (ROOT / "docs" / name).read_text(encoding="utf-8") != text]
    assert stale == [], "python docs/make_grammar_diagrams.py"


@pytest.mark.parametrize(("old", "new"), [('"lockless"', '"lockfree"'), (" [overlaps]", ""), ('"until"', '"while"')])
def test_another_grammar_makes_another_page(old, new):
    assert old in grammar_text()
    other = DIAGRAMS.files(grammar_text().replace(old, new))
    assert {name for name in MADE if other[name] != MADE[name]} > {"grammar.md"}


def test_every_rule_has_its_picture_with_every_word_of_it():
    text = re.sub(r"^//.*", "", grammar_text(), flags=re.MULTILINE)
    written = dict(re.findall(r'^([A-Z_]+): "(.*)"$', text, re.MULTILINE))
    parts = RULE.split(text.replace("\n    |", " |"))[1:]
    bodies = {name: body for name, body in zip(parts[::2], parts[1::2], strict=True) if name not in written}
    headings = re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)
    assert headings == list(bodies)
    for rule, body in bodies.items():
        drawn = html.unescape(" ".join(re.findall(r">([^<]+)</text>", picture(rule))))
        wanted = [
            *re.findall(r'"([^"]+)"', body),
            *(written[each] for each in re.findall(r"\b[A-Z_]+\b", body) if each in written),
        ]
        assert [word for word in wanted if word not in drawn] == [], rule


def test_the_pictures_say_what_the_grammar_says_of_right_texts():
    grammar, drawn = parsers()
    assert len(ITEMS) > 100
    assert [item for item in ITEMS if not (is_read(grammar, item) and is_read(drawn, item))] == []


def test_the_pictures_say_what_the_grammar_says_of_damaged_texts():
    grammar, drawn = parsers()
    chance = random.Random(1)
    texts = [damaged(item, chance) for item in ITEMS for _ in range(6)]
    read = [text for text in texts if is_read(grammar, text)]
    assert 50 < len(read) < len(texts) / 2
    assert [text for text in texts if is_read(drawn, text)] == read


def test_the_text_of_a_picture_is_what_is_drawn():
    shapes = DIAGRAMS.rules(grammar_text())
    assert [f"{rule}: {DIAGRAMS.notation(shape)}" for rule, shape in shapes.items()] == SAID


def test_every_link_leads_to_one_heading():
    anchors = [each.lower().replace(" ", "-") for each in re.findall(r"^##+ (.*)$", PAGE, re.MULTILINE)]
    assert len(set(anchors)) == len(anchors)
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) <= set(anchors)
    language = (ROOT / "docs/language.md").read_text(encoding="utf-8")
    known = {
        re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-")
        for each in re.findall(r"^##+ (.*)$", language, re.MULTILINE)
    }
    assert set(re.findall(r"language\.md#([\w-]+)", PAGE)) <= known
    assert set(re.findall(r"grammar\.md#([\w-]+)", language)) <= set(anchors)
    assert "grammar.md" in language


def test_a_construct_that_is_not_drawn_is_an_error():
    with pytest.raises(ValueError, match="not drawn yet"):
        DIAGRAMS.rules('start: "a" ~ 3\n')


def test_pictures_are_readable_on_light_and_dark_pages():
    for ground in ("#ffffff", "#0d1117"):
        assert contrast(DIAGRAMS.INK, ground) >= 3.5
    assert contrast(DIAGRAMS.WORD_TEXT, DIAGRAMS.WORD) >= 7
    assert contrast(DIAGRAMS.RULE_TEXT, DIAGRAMS.RULE) >= 7


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
