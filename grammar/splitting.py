"""A module's text to the stretches of its items, so that an error in one leaves the others readable."""

import re
from dataclasses import dataclass

NESTING_LIMIT = 100
"""How deep brackets, and later trees, may go: deeper than any kernel text, far from the depth where a pass over a
tree would fail."""

_ITEM_WORDS = "use|layout|family|ghost|entry|interface|era|theorem|lemma|predicate|function|helper|agent"
BLANK_PATTERN, COMMENT_PATTERN = r"[ \t\r\n\f]", r"//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/"
"""The patterns of what may stand between words, as `spte.lark` has them."""

_SCAN = re.compile(rf"{COMMENT_PATTERN}|/\*|[{{}}()\[\];]|^(?:{_ITEM_WORDS})\b", re.MULTILINE)
_BETWEEN = re.compile(rf"(?:{BLANK_PATTERN}|{COMMENT_PATTERN})*")
_PARTNERS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """One item, as [start, end). `too_deep` is the bracket that goes too deep; `open_comment` the comment without an
    end."""

    start: int
    end: int
    too_deep: int | None = None
    open_comment: int | None = None


class _Brackets:
    """The brackets that are open. A closing one without its partner is left for the parser to complain about."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.braces = 0

    def take(self, word: str) -> None:
        if word in "([{":
            self.open.append(word)
            self.braces += word == "{"
        elif word == "}" and self.braces:
            while self.open.pop() != "{":
                pass
            self.braces -= 1
        elif self.open and self.open[-1] == _PARTNERS.get(word):
            self.open.pop()


def stretches(text: str) -> list[Stretch]:
    """The items of a text: each ends at a `;` outside braces, at the `}` that closes its outermost bracket, or where
    a line begins with the word of another item. Where a bracket is never closed, brackets do not matter to the last.
    """
    found, unclosed = _split(text, wary=False)
    return _split(text, wary=True)[0] if unclosed else found


def _split(text: str, *, wary: bool) -> tuple[list[Stretch], bool]:
    found: list[Stretch] = []
    start, brackets, too_deep = _significant(text, 0), _Brackets(), None
    for token in _SCAN.finditer(text):
        word, ends = token.group(), None
        if word == "/*":
            return [*found, Stretch(start, len(text), too_deep, token.start())], False
        if word.startswith("/"):
            continue
        brackets.take(word)
        if len(brackets.open) > NESTING_LIMIT and too_deep is None:
            too_deep = token.start()
        if word == ";" and not brackets.braces or word == "}" and not brackets.open:
            ends = token.end()
        elif word[0].isalpha() and token.start() > start and (wary or not brackets.braces):
            ends = token.start()
        if ends is not None:
            found.append(Stretch(start, ends, too_deep))
            start, brackets, too_deep = _significant(text, ends), _Brackets(), None
    if start < len(text):
        found.append(Stretch(start, len(text), too_deep))
    return found, bool(brackets.open)


def _significant(text: str, at: int) -> int:
    """The offset of the first character from `at` that is neither blank nor in a comment."""
    blank = _BETWEEN.match(text, at)
    return blank.end() if blank else at
