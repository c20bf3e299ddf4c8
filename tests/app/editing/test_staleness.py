"""Verdicts belong to the text that they are shown with, however one types."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from spteproof.editing.blanking import without
from spteproof.grammar.modules import load_text
from spteproof.running.keys import keyed
from spteproof.running.pipeline import LIBRARY, BadInput, prove_text

LIBRARY_TEXTS = [LIBRARY / f"{name}.spte" for name in ("mail/whole_value_written_back", "facts/disjoint_bits")]


def variants(text: str) -> list[str]:
    """Texts a keystroke or two apart: some are right, some are wrong, some are half-written."""
    return [
        text,
        "// a line more\n" + text,
        text.replace("old & ~A", "old & ~D"),
        text.replace("spte |= A | D", "spte |= A"),
        text.replace("W | D;\n}", "W;\n}"),
        text.replace("W | D;\n}", "W | D expect refuted losing {D};\n}"),
        text.replace("W | D;\n}", "W |"),
        text.replace("old & ~A);", "old & ~A"),
        text.replace("step set_dirty: when", "step set_dirty: whe"),
        text.replace("theorem clears", "theorem stores"),
        text[: len(text) // 2],
        text.replace("atomic64_and", "atomic64_or"),
    ]


def truth(text: str) -> set[tuple[int, str]]:
    """(line, verdict) of each verdict that is not as expected: proved here, with theorems that have errors left out."""
    loaded = load_text(text, name="<text>", library_root=LIBRARY)
    state = keyed("<text>", text, [], "")
    places = [each.place for each in loaded.diagnostics if each.severity == "error" and each.place is not None]
    broken = [part for part in state.theorems.values() if any(part.start <= at.start <= part.end for at in places)]
    try:
        report = prove_text(without(text, broken))
    except BadInput:
        return set()
    return {(each.place.line - 1, each.verdict) for each in report.results if not each.ok}


@pytest.fixture(scope="module")
def true_of() -> Callable[[str], set[tuple[int, str]]]:
    known: dict[str, set[tuple[int, str]]] = {}

    def found(text: str) -> set[tuple[int, str]]:
        if text not in known:
            known[text] = truth(text)
        return known[text]

    return found


def said(found: list[lsp.Diagnostic]) -> set[tuple[int, str]]:
    return {
        (each.range.start.line, str(each.code))
        for each in found
        if each.code in ("refuted", "proved", "vacuous", "unknown")
    }


def test_the_truth_is_not_all_the_same(small_text, true_of):
    assert len({frozenset(true_of(each)) for each in variants(small_text)}) >= 3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_verdict_is_stale_however_one_types(editor, small_text, true_of, seed):
    chance = random.Random(seed)
    texts, uri = variants(small_text), f"untitled:typing{seed}"
    typed = {1: small_text}
    editor.open(uri, small_text)
    for _ in range(25):
        text = chance.choice(texts)
        typed[editor.type(uri, text)] = text
        time.sleep(chance.choice([0, 0, 0.01, 0.06, 0.15, 0.3]))
    last = typed[editor.versions[uri]]
    editor.until(lambda: said(editor.diagnostics(uri)) == true_of(last))
    for each in editor.published[uri]:
        assert said(each.diagnostics) <= true_of(typed[each.version]), (each.version, typed[each.version])
    editor.close(uri)


@pytest.mark.parametrize("path", LIBRARY_TEXTS, ids=lambda path: path.stem)
def test_a_text_of_the_library_may_be_cut_off_behind_any_line(editor, path: Path):
    text, uri = path.read_text(encoding="utf-8"), path.resolve().as_uri()
    editor.open(uri, text)
    lines = text.splitlines(keepends=True)
    which = lsp.TextDocumentIdentifier(uri)
    for count in range(len(lines) - 1, 0, -2):
        editor.type(uri, "".join(lines[:count]))
        at = {"text_document": which, "position": lsp.Position(count - 1, len(lines[count - 1]) - 1)}
        editor.ask("textDocument/completion", lsp.CompletionParams(**at))
        editor.ask("textDocument/hover", lsp.HoverParams(**at))
        editor.ask("textDocument/definition", lsp.DefinitionParams(**at))
        editor.ask("textDocument/signatureHelp", lsp.SignatureHelpParams(**at))
        editor.ask("textDocument/documentSymbol", lsp.DocumentSymbolParams(which))
        editor.ask("textDocument/semanticTokens/full", lsp.SemanticTokensParams(which))
        editor.ask("textDocument/codeLens", lsp.CodeLensParams(which))
        editor.hints(uri)
    editor.diagnostics(uri)
    assert not [each for one in editor.published[uri] for each in said(one.diagnostics)]
    editor.close(uri)
