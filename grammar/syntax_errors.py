"""What the parser stumbled over, in its author's words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from spteproof.grammar.bodies import LOOP_WORDS
from spteproof.grammar.diagnostics import Findings, listed
from spteproof.grammar.habits import habit
from spteproof.grammar.names import Module
from spteproof.grammar.parsing import ItemParser
from spteproof.grammar.source import Place
from spteproof.grammar.splitting import BLANK_PATTERN, COMMENT_PATTERN

_TOKEN = re.compile(rf"(?:{BLANK_PATTERN}|{COMMENT_PATTERN})*+(\w+|[-+*/&|^<>=!~]=?|(?!{BLANK_PATTERN})(?s:.))")
_EXPRESSION = frozenset(["NAME", "NUMBER", "TRUE", "FALSE", "LPAR", "TILDE", "NOT", "MINUS", "STAR"])
_INFIX = frozenset(
    ["ARROW", "QUESTION", "COLON", "OR_OR", "AND_AND", "OR", "XOR", "AND", "EQUAL", "UNEQUAL", "LESS", "LESS_EQUAL"]
    + ["MORE", "MORE_EQUAL", "LEFT", "RIGHT", "PLUS", "MINUS", "STAR"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stumble:
    """Where the parser stopped: at `word` (empty at the end of the item), when it `wanted` one of some terminals.
    `tokens` are those before it in the item, each as (text, offset)."""

    module: Module
    word: str
    at: int
    wanted: frozenset[str]
    words: Mapping[str, str]
    tokens: tuple[tuple[str, int], ...]

    @property
    def place(self) -> Place:
        return self.module.stretch(self.at, self.at + len(self.word)) if self.word else self.gap

    @property
    def gap(self) -> Place:
        """The place just after the last token that fitted."""
        end = self.tokens[-1][1] + len(self.tokens[-1][0]) if self.tokens else self.at
        return self.module.stretch(end, end + 1)

    def unclosed(self, opening: str, closing: str) -> list[tuple[Place, str]]:
        """The innermost bracket that is still open, as the other end of a conflict."""
        depth = 0
        for word, at in reversed(self.tokens):
            depth += (word == opening) - (word == closing)
            if depth == 1:
                return [(self.module.stretch(at, at + 1), f"this `{opening}` is not closed")]
        return []


def report_syntax(findings: Findings, parser: ItemParser, module: Module, start: int, end: int, error: Any) -> None:
    """Reports why the item at [start, end) could not be read; `error` is lark's UnexpectedInput."""
    token = getattr(error, "token", None)
    if token is None:
        _report_character(findings, module, start, start + error.pos_in_stream)
        return
    ends = token.type == "$END"
    at = end if ends else start + error.pos_in_stream
    stumble = _Stumble(
        module=module,
        word="" if ends else str(token),
        at=at,
        wanted=frozenset(error.accepts or error.expected),
        words=parser.words,
        tokens=tuple(_tokens(module.source.text, start, at)),
    )
    _report(findings, stumble)


def _tokens(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    """The tokens in a stretch of text, each with its offset."""
    while (match := _TOKEN.match(text, start, end)) is not None:
        yield match[1], match.start(1)
        start = match.end()


def _report(findings: Findings, stumble: _Stumble) -> None:
    word, wanted = stumble.word, stumble.wanted
    loop = _loop(stumble)
    meant = _meant(findings, stumble)
    usual = habit(word, [text for text, _ in stumble.tokens])
    advice = usual or meant or _advice(findings, stumble)
    complete = not wanted >= _EXPRESSION and meant is None
    if loop is not None:
        findings.error(
            "syntax.word:loop",
            loop,
            "there is no loop but `retry`, and no jump but `return`",
            label="not known here",
            help="write `retry { ... } until (done);`",
        )
    elif not stumble.tokens:
        findings.error(
            "syntax.item:unknown",
            stumble.place,
            f"`{word}` begins no item",
            label="expected an item",
            help=usual or meant or "items begin with a word such as `layout`, `predicate` or `theorem`",
        )
    elif complete and "SEMICOLON" in wanted:
        what = "statement" if any(text == "{" for text, _ in stumble.tokens) else "item"
        findings.error(
            "syntax.missing:semicolon",
            stumble.gap,
            f"expected `;` after this {what}",
            label="`;` is missing here",
            help=usual,
        )
    elif complete and "RPAR" in wanted:
        findings.error(
            "syntax.missing:bracket",
            stumble.gap,
            "expected `)`",
            label="missing",
            others=stumble.unclosed("(", ")"),
            help=advice,
        )
    elif word:
        findings.error(
            "syntax.unexpected:token",
            stumble.place,
            f"expected {_said(stumble)}, found `{word[:40]}`",
            label="not expected here",
            help=advice,
        )
    else:
        _report_end(findings, stumble)


def _report_end(findings: Findings, stumble: _Stumble) -> None:
    open_ = stumble.unclosed("{", "}")
    findings.error(
        "syntax.missing:bracket" if open_ else "syntax.unexpected:end",
        stumble.gap,
        "`}` is missing: the item ends, and a `{` is still open"
        if open_ and "RBRACE" in stumble.wanted
        else f"expected {_said(stumble)}, and the item ends",
        label="ends here",
        others=open_,
    )


def _meant(findings: Findings, stumble: _Stumble) -> str | None:
    """A help line for a word of the language that is misspelt."""
    if not stumble.word[:1].isalpha():
        return None
    return findings.nearest(stumble.word, lambda: [stumble.words.get(name, "") for name in stumble.wanted])


def _advice(findings: Findings, stumble: _Stumble) -> str | None:
    """A help line for what C, or a list, would have here."""
    word, wanted = stumble.word, stumble.wanted
    before = stumble.tokens[-1][0] if stumble.tokens else ""
    if word == "=" and "EQUAL" in wanted:
        return "`==` compares"
    if word in ("+", "-") and "ADD_ASSIGN" in wanted:
        return f"write `{before} {word}= 1`"
    if word == "{" and wanted >= _EXPRESSION:
        return "join masks by `|`"
    if word == "in" and before.isidentifier():
        return findings.nearest(before, lambda: ["layout", "era"])
    return None


def _loop(stumble: _Stumble) -> Place | None:
    """The word of the statement at hand, if it is one of C's for loops and jumps."""
    opener = max((number for number, (text, _) in enumerate(stumble.tokens) if text in ";{}"), default=None)
    following = stumble.tokens[opener + 1 :] if opener is not None else ()
    if following and following[0][0] in LOOP_WORDS:
        return stumble.module.stretch(following[0][1], following[0][1] + len(following[0][0]))
    return None


def _report_character(findings: Findings, module: Module, start: int, at: int) -> None:
    text = module.source.text
    place = module.stretch(at, at + 1)
    if text[at] in "/%":
        findings.error(
            "syntax.character:division",
            place,
            "there is no division",
            label="not known here",
            help=_dotted(text[start:at], text[at:]) or "shift right instead",
        )
        return
    shown = text[at] if text[at].isprintable() else f"U+{ord(text[at]):04X}"
    findings.error("syntax.character:unknown", place, f"`{shown}` means nothing here", label="not known here")


def _dotted(before: str, after: str) -> str | None:
    """A help line for a module that is named by a path."""
    named = re.match(r"use\s+([\w.]+)$", before)
    rest = re.match(r"[\w./]+", after)
    if named is None or rest is None:
        return None
    return f"write `{(named[1] + rest[0]).removesuffix('.spte').replace('/', '.')}`"


def _said(stumble: _Stumble) -> str:
    """The terminals that would fit, as a person calls them; operators only where nothing else does."""
    names = set(stumble.wanted)
    said: list[str] = []
    if names >= _EXPRESSION:
        names -= _EXPRESSION
        said.append("an expression")
    if names - _INFIX - {"LPAR"}:
        names -= _INFIX | {"LPAR"} if len(names - _INFIX) > 1 or "LPAR" not in names else _INFIX
    plain = {"NAME": "a name", "NUMBER": "a number"}
    said += [plain[name] for name in ("NAME", "NUMBER") if name in names]
    said += sorted(f"`{stumble.words[name]}`" for name in names if name in stumble.words)
    return listed(said[:14]) or "nothing more"
