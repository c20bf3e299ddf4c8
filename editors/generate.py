"""Writes the words of the language into the highlighters that editors read: python editors/generate.py

A test compares what is there with what this would write, and the words with the grammar's own.
"""

import json
from pathlib import Path

from spteproof import highlighting as h

HERE = Path(__file__).resolve().parent


def alternatives(group: tuple[str, ...]) -> str:
    return "\\b(?:" + "|".join(group) + ")\\b"


def text_mate() -> str:
    """The grammar that VS Code and others read. Scope names are TextMate's own."""
    named = "[A-Za-z_][A-Za-z0-9_]*"
    scopes = (
        ("keyword.declaration.spte", h.ITEMS),
        ("storage.type.spte", h.SORTS),
        ("constant.language.spte", (*h.CONSTANTS, *h.VERDICTS)),
        ("keyword.control.spte", h.STATEMENTS),
        ("keyword.other.property.spte", h.PROPERTIES),
        ("keyword.other.clause.spte", h.CLAUSES),
        ("support.function.spte", h.OPERATIONS),
        ("variable.language.spte", h.INSTANTS),
    )
    patterns: list[dict[str, object]] = [
        {"name": "comment.line.double-slash.spte", "match": "//.*$"},
        {"name": "comment.block.spte", "begin": "/\\*", "end": "\\*/"},
        {
            "match": f"\\b(layout|family|interface|era|agent)\\s+({named})",
            "captures": {"1": {"name": "keyword.declaration.spte"}, "2": {"name": "entity.name.type.spte"}},
        },
        {
            "match": f"\\b(predicate|function|helper|theorem|lemma|step)\\s+({named})",
            "captures": {"1": {"name": "keyword.declaration.spte"}, "2": {"name": "entity.name.function.spte"}},
        },
        *[{"name": scope, "match": alternatives(group)} for scope, group in scopes],
        {"name": "constant.numeric.spte", "match": f"\\b(?:{h.NUMBER})\\b"},
        {"name": "entity.name.function.call.spte", "match": f"{named}(?=\\s*\\()"},
        {"name": "keyword.operator.spte", "match": h.OPERATOR},
    ]
    grammar = {"name": "spte", "scopeName": "source.spte", "fileTypes": ["spte"], "patterns": patterns}
    return json.dumps(grammar, indent=2) + "\n"


def vim() -> str:
    groups = (
        ("spteItem", "Structure", h.ITEMS),
        ("spteClause", "Keyword", h.CLAUSES),
        ("spteStatement", "Statement", h.STATEMENTS),
        ("spteProperty", "Keyword", h.PROPERTIES),
        ("spteConstant", "Constant", (*h.CONSTANTS, *h.VERDICTS)),
        ("spteSort", "Type", h.SORTS),
        ("spteOperation", "Function", h.OPERATIONS),
        ("spteInstant", "Identifier", h.INSTANTS),
    )
    lines = [
        '" Written by editors/generate.py: change that.',
        'if exists("b:current_syntax")',
        "  finish",
        "endif",
        *[f"syn keyword {name} {' '.join(group)}" for name, _, group in groups],
        r'syn match spteNumber "\<\(0[xX]\x\+\|\d\+\)\(ULL\|UL\|ull\|ul\)\?\>"',
        r'syn match spteOperator "->\|<<\|>>\|&&\|||\|[-+*~!&|^<>=?:]"',
        'syn match spteComment "//.*$" contains=@Spell',
        r'syn region spteComment start="/\*" end="\*/" contains=@Spell',
        *[f"hi def link {name} {link}" for name, link, _ in groups],
        "hi def link spteNumber Number",
        "hi def link spteOperator Operator",
        "hi def link spteComment Comment",
        'let b:current_syntax = "spte"',
    ]
    return "\n".join(lines) + "\n"


def emacs() -> str:
    def quoted(group: tuple[str, ...]) -> str:
        return "'(" + " ".join(f'"{word}"' for word in group) + ")"

    groups = (
        ("keywords", (*h.ITEMS, *h.CLAUSES, *h.STATEMENTS, *h.PROPERTIES)),
        ("constants", (*h.CONSTANTS, *h.VERDICTS)),
        ("sorts", h.SORTS),
        ("operations", (*h.OPERATIONS, *h.INSTANTS)),
    )
    lines = [";;; spte-words.el --- words of spte texts  -*- lexical-binding: t; -*-", ""]
    lines += [";; Written by editors/generate.py: change that.", "", ";;; Code:", ""]
    for name, group in groups:
        lines += [f"(defconst spte-{name}", f"  {quoted(group)})", ""]
    return "\n".join([*lines, "(provide 'spte-words)", ";;; spte-words.el ends here", ""])


FILES = {
    HERE / "vscode/syntaxes/spte.tmLanguage.json": text_mate,
    HERE / "vim/syntax/spte.vim": vim,
    HERE / "emacs/spte-words.el": emacs,
}

if __name__ == "__main__":
    for path, text in FILES.items():
        path.write_text(text(), encoding="utf-8")
