"""The formatter: one form, nothing lost, and formatting twice is formatting once."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spteproof.grammar import formatter
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.formatter import ChangedText, formatted
from spteproof.grammar.parsing import grammar_text
from spteproof.grammar.pieces import pieces_of
from spteproof.grammar.source import Source

PLAIN = """\
// What stands first.
use kvm.mmu, mail.other;

layout tiny extends wide {
    W = bit 1; // beside
    RWX = GENMASK_ULL(2, 0) overlaps W;
    assert (W & RWX) == W -> hw ? true : !false;
    assert(W == 2);
    // inside, at the end
}

agent cpu(int level) holding mmu_lock(read), slots_lock {
    step set(u64 new): when spte & W saw -level < 1 { spte |= ~new; }
    step no_more: { }
}

helper h(u64 *old, u64 m) -> bool {
    if (*old & P)
        return a ? -1 : !b;
    else if (x == -1) {
        f(&old, *old * 2);
        // below
    } else
        *old = 2;
    if (x)
        *sptep &= ~m;
    retry {
        atomic {
            x <<= 1;
        }
    } until (x < y);
    /* of the other kind */
    return (x) + 1;
}

theorem t(u64 m in {W, D}, int n in 0..3) {
    parallel {
        thread a { x = 1; }
        thread b {
            x = 2;
        }
    }
    prove refines { *sptep &= ~m; };
    prove conserves exactly W on child into old expect refuted losing {W, D} in a with m in {W}, proved;
}
// The end.
"""

SETTINGS = settings(deadline=None, max_examples=60, database=None)
ITEM_WORDS = re.compile(
    r"(use|layout|family|ghost|entry|interface|era|theorem|lemma|predicate|function|helper|agent)\b"
)


def form(text):
    findings = Findings()
    given = formatted(Source(name="text", text=text), findings)
    assert given is not None, findings.all()
    return given


def significant(text):
    """Tokens and comments, in order; the lines of a comment without the blanks around them."""
    return [(each.kind, [line.strip() for line in each.text.split("\n")]) for each in pieces_of(text)]


def merges(left, right):
    """Whether two tokens need a blank between them."""
    return bool(re.match(r"\w\w|[^\w\s(){},;][^\w\s(){},;]", left[-1] + right[0]))


@st.composite
def disarranged(draw, text):
    """The text with other blanks, but for line breaks: what the author does not choose."""
    pieces = pieces_of(text)
    parts = []
    for before, piece in zip([None, *pieces], pieces, strict=False):
        if before is None or piece.breaks:
            ends = draw(st.sampled_from(["\n", " \n", "\t\r\n"]))
            lines = 1 if piece.breaks < 2 else draw(st.integers(2, 4))
            parts.append(ends * (lines if before else draw(st.integers(0, 2))) + " " * draw(st.integers(1, 9)))
        elif merges(before.text, piece.text):
            parts.append(" ")
        else:
            parts.append(draw(st.sampled_from(["", " "])))
        parts.append(piece.text)
    return "".join(parts) + draw(st.sampled_from(["", "\n", "  \n\n\n"]))


@st.composite
def scattered(draw, text):
    """The tokens of the text with anything between them that is no token."""
    noise = st.sampled_from(
        ["", " ", "   ", "\t", "\n", "\n\n\n\n", "\r\n", " \n  ", "/* c */", " // d  \n", "/* a\n   b */"]
    )
    parts = []
    items = {0}
    depth = 0
    pieces = [each for each in pieces_of(text) if not each.is_comment]
    for number, piece in enumerate(pieces):
        depth += (piece.text == "{") - (piece.text == "}")
        if not depth and piece.text in ";}":
            items.add(number + 1)
    for number, piece in enumerate(pieces):
        between = draw(noise) + draw(noise)
        if number not in items and ITEM_WORDS.match(piece.text):
            between += " "
        if not between.strip(" \t") and number and merges(pieces[number - 1].text, piece.text):
            between += " "
        parts += [between, piece.text]
    return "".join(parts) + draw(noise)


@SETTINGS
@given(st.data())
def test_blanks_and_indentation_come_back_to_one_form(data):
    assert form(data.draw(disarranged(PLAIN))) == PLAIN


@SETTINGS
@given(st.data())
def test_nothing_between_tokens_changes_them_or_loses_a_comment(data):
    text = data.draw(scattered(PLAIN))
    assert [each for each in significant(form(text)) if "comment" not in each[0]] == [
        each for each in significant(PLAIN) if "comment" not in each[0]
    ]
    assert significant(form(text)) == significant(text)


@SETTINGS
@given(st.data())
def test_formatting_twice_is_formatting_once(data):
    once = form(data.draw(scattered(PLAIN)))
    assert form(once) == once
    assert not re.search(r"[ \t\r]\n|\n\n\n|\A\n|\n\n\Z", once)


def test_every_right_text_is_formatted_once_and_keeps_its_tokens(right):
    once = form(right.text)
    assert form(once) == once
    assert significant(once) == significant(right.text)


@pytest.mark.parametrize(
    "before, after",
    [
        ("layout a { W   = bit 1;   // c\n}", "layout a { W   = bit 1;   // c\n}\n"),
        (
            "layout a {\nW=bit 1;   // c\nAB = bit 2; // d\n}",
            "layout a {\n    W = bit 1;  // c\n    AB = bit 2; // d\n}\n",
        ),
        (
            "layout a {\n W = bit 1; // c\n            // d\n}",
            "layout a {\n    W = bit 1; // c\n               // d\n}\n",
        ),
        (
            "lemma a\n  for layout in b\n{\n prove that x &&\n    y;\n}",
            "lemma a\n  for layout in b\n{\n    prove that x &&\n       y;\n}\n",
        ),
        ("lemma a\nfor layout in b\n{ }", "lemma a\n    for layout in b\n{ }\n"),
        ("agent a lockless { step s: { }\n                   step t: { } }", None),
        (
            "agent a lockless {\n  step s: when x\n      { }\n }",
            "agent a lockless {\n    step s: when x\n        { }\n}\n",
        ),
        ("helper f() {\n\tif (x) {\n\t\ty();\n\t}\n}", "helper f() {\n    if (x) {\n        y();\n    }\n}\n"),
        ("helper f() {\n  /* a\n       b\n\n c */ g();\n}", "helper f() {\n    /* a\n         b\n\n   c */ g();\n}\n"),
        ("layout in {W=bit 1;}", "layout in { W = bit 1; }\n"),
        ("// only\n\n\n\n   // comments", "// only\n\n// comments\n"),
        ("", ""),
    ],
)
def test_a_text_in_the_style_of_the_house(before, after):
    assert form(before) == (f"{before}\n" if after is None else after)


@pytest.mark.parametrize("text", ["lemma x { prove that 1 == ; }", "layout a { W = bit 1;", "/* open", "lemma 1"])
def test_a_text_with_syntax_errors_has_no_form(text):
    findings = Findings()
    assert formatted(Source(name="text", text=text), findings) is None
    assert findings.has_errors()


@pytest.mark.parametrize(
    "broken", ["lemma x { prove that 1 == 2; }", "lemma x { prove that a; }\n", "lemma x { prove that b; }"]
)
def test_a_text_that_would_change_otherwise_is_refused(broken, monkeypatch):
    monkeypatch.setattr(formatter, "_laid_out", lambda pieces: broken)
    with pytest.raises(ChangedText):
        formatted(Source(name="text", text="lemma x { prove that a; /* kept */ }"), Findings())


def test_every_word_that_begins_an_item_is_known_here():
    first = re.search(r"\?item: (.*)", grammar_text())
    assert first is not None
    rules = {"further": "entry", "theorem": "lemma"}
    assert all(ITEM_WORDS.match(rules.get(rule, rule)) for rule in first[1].split(" | "))
