"""`spteproof lsp` as an editor meets it."""

import itertools
import time

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from spteproof.solver.results import SEARCHED

NUMBERS = itertools.count()

MASKS = [f"M{number}" for number in range(8)]
WIDE = f"""\
layout wide {{ {" ".join(f"{name} = bit {number};" for number, name in enumerate(MASKS))} }}
agent sets lockless {{ {" ".join(f"step s{name}: {{ spte |= {name}; }}" for name in MASKS)} }}
theorem stores(u64 mask in {{{", ".join(MASKS)}}}) against any number of sets
{{
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old & ~mask);
    prove preserves {" | ".join(MASKS)} except mask;
}}
"""
"""Many bits are lost, so that it takes a while until all counterexamples are known."""


@pytest.fixture
def uri():
    return f"untitled:{next(NUMBERS)}"


def at(text, word, after=""):
    offset = text.index(word, text.index(after))
    before = text[:offset]
    return lsp.Position(before.count("\n"), len(before) - before.rfind("\n") - 1)


def here(uri, position):
    return {"text_document": lsp.TextDocumentIdentifier(uri), "position": position}


def test_errors_are_published_and_one_broken_item_does_not_silence_the_rest(editor, uri):
    editor.open(uri, "theorem broken {\npredicate p(u64 a) = a & nowhere;\n")
    found = editor.diagnostics(uri)
    assert {each.code for each in found} >= {"name.unknown:name"}
    assert len(found) == 2
    editor.close(uri)


def test_a_diagnostic_has_its_id_help_and_other_places(editor, uri):
    editor.open(uri, "layout l { W = bit 1; }\nlayout l { W = bit 2; }\npredicate p(u64 a) = a & (1 << 52);\n")
    by_code = {each.code: each for each in editor.diagnostics(uri)}
    assert by_code["name.duplicate:declaration"].related_information[0].location.range.start.line == 0
    assert "BIT_ULL(52)" in by_code["sort.int_shift:range"].message
    editor.close(uri)


def test_a_verdict_comes_with_its_counterexample_at_the_steps_lines(editor, uri, small_text):
    editor.open(uri, small_text)
    (found,) = editor.until(lambda: [each for each in editor.diagnostics(uri) if each.related_information])
    assert found.code == "refuted"
    assert found.range.start == at(small_text, "prove preserves")
    assert [each.location.range.start.line for each in found.related_information] == [3, 1, 4]
    hints = editor.until(lambda: len(editor.hints(uri)) == 4 and editor.hints(uri))
    assert "1 refuted: 1 not as expected" in hints
    assert "1 proved: as expected" in hints
    editor.close(uri)


def test_a_path_in_the_workspace_is_shown_from_its_folder(editor, uri, small_text):
    editor.open(uri, small_text)
    (found,) = editor.until(lambda: [each for each in editor.diagnostics(uri) if each.related_information])
    name = uri.rpartition("/")[2]
    assert found.message.endswith(f"breaks 'preserves W | D'   {name}:6")
    assert str(editor.folder) not in found.message
    editor.close(uri)


def test_a_verdict_comes_before_its_counterexample_is_looked_for(editor, uri, small_text):
    editor.open(uri, WIDE)
    editor.until(lambda: any(each.related_information for each in editor.diagnostics(uri)), seconds=30.0)
    told = [each.diagnostics[0] for each in editor.published[uri] if each.diagnostics]
    assert {each.code for each in told} == {"refuted"} and {each.range.start.line for each in told} == {6}
    assert not told[0].related_information and SEARCHED in told[0].message
    assert told[-1].related_information and SEARCHED not in told[-1].message
    editor.close(uri)


def test_a_counterexample_of_a_text_that_changed_meanwhile_is_not_shown(editor, uri):
    editor.open(uri, WIDE)
    editor.until(lambda: editor.diagnostics(uri))
    version = editor.type(uri, WIDE.replace("WRITE_ONCE(*sptep, old & ~mask)", "atomic64_and(~mask, sptep)"))
    editor.until(lambda: any("as expected" in each for each in editor.hints(uri)))
    assert editor.diagnostics(uri, version) == []
    assert all(not each.diagnostics for each in editor.published[uri] if each.version == version)
    editor.close(uri)


def test_a_verdict_is_gone_with_the_text_that_it_belongs_to(editor, uri, small_text):
    editor.open(uri, small_text)
    editor.until(lambda: len(editor.hints(uri)) == 4)
    version = editor.type(uri, small_text.replace("spte |= A | D", "spte |= A"))
    assert not any("refuted" in each for each in editor.hints(uri))
    editor.until(lambda: len(editor.hints(uri)) == 4)
    assert editor.diagnostics(uri, version) == []
    editor.close(uri)


def test_verdicts_that_rest_on_nothing_that_changed_stay(editor, uri, small_text):
    editor.open(uri, small_text)
    editor.until(lambda: len(editor.hints(uri)) == 4)
    editor.type(uri, small_text.replace("old & ~A);", "old & ~A"))
    assert editor.hints(uri) == ["proved", "1 proved: as expected"]
    editor.type(uri, "// moved\n" + small_text)
    assert len(editor.hints(uri)) == 4
    assert editor.diagnostics(uri)[0].range.start.line == 6
    editor.close(uri)


def test_theorems_are_proved_while_another_is_broken(editor, uri, small_text):
    editor.open(uri, small_text.replace("old & ~A);", "old & ~A"))
    editor.until(lambda: editor.hints(uri) == ["proved", "1 proved: as expected"])
    editor.close(uri)


def test_a_proof_that_is_not_wanted_any_more_is_cancelled(editor, uri):
    slow = (
        "use kvm.mmu;\ntheorem slow(u64 mask in {W, A, D}, int level) for layout in kvm, restricted, anywhere\n"
        "  holding mmu_lock(write) against any number of cpu_walk, fast_page_fault\n{\n"
        "  u64 old = READ_ONCE(*sptep); assume(is_last_spte(old, level));\n"
        "  u64 seen = atomic64_fetch_and(~mask, sptep);\n  prove preserves W | A | D except mask;\n}\n"
    )
    editor.open(uri, slow)
    editor.diagnostics(uri)
    time.sleep(0.2)
    editor.type(uri, "layout l { W = bit 1; }\nlemma quick { prove that W == 2; }\n")
    editor.until(lambda: "proved" in editor.hints(uri), seconds=10.0)
    editor.close(uri)


def test_a_position_counts_utf16_units(editor, uri):
    text = "/* 😋 */ layout l { W = bit 1; }\n/* 😋 */ predicate p(u64 a) = a & W;\n"
    editor.open(uri, text)
    position = lsp.Position(1, text.splitlines()[1].index("W") + 1)
    (found,) = editor.ask("textDocument/definition", lsp.DefinitionParams(**here(uri, position)))
    assert found.range == lsp.Range(lsp.Position(0, 20), lsp.Position(0, 21))
    editor.close(uri)


def test_words_are_explained_declared_used_and_offered(editor, uri, race):
    editor.open(uri, race)
    editor.diagnostics(uri)
    position = at(race, "is_dirty", "if (")
    hover = editor.ask("textDocument/hover", lsp.HoverParams(**here(uri, position)))
    assert "predicate is_dirty" in hover.contents.value
    (target,) = editor.ask("textDocument/definition", lsp.DefinitionParams(**here(uri, position)))
    assert target.range.start == at(race, "is_dirty")
    used = editor.ask(
        "textDocument/references", lsp.ReferenceParams(**here(uri, position), context=lsp.ReferenceContext(False))
    )
    assert [each.range.start for each in used] == [position]
    offered = editor.ask("textDocument/completion", lsp.CompletionParams(**here(uri, at(race, "seen", "if ("))))
    assert {"READ_ONCE", "W", "mask"} <= {each.label for each in offered.items}
    help = editor.ask("textDocument/signatureHelp", lsp.SignatureHelpParams(**here(uri, at(race, "D);", "got ="))))
    assert help.signatures[0].label == "clear(u64 *seen, u64 mask) -> u64"
    assert help.active_parameter == 1
    editor.close(uri)


def test_the_outline_folds_tokens_and_format_of_a_text(editor, uri, race):
    editor.open(uri, race)
    which = lsp.TextDocumentIdentifier(uri)
    symbols = editor.ask("textDocument/documentSymbol", lsp.DocumentSymbolParams(which))
    assert [each.name for each in symbols][:3] == ["small", "other", "cpu"]
    folds = editor.ask("textDocument/foldingRange", lsp.FoldingRangeParams(which))
    assert {(each.start_line, each.end_line) for each in folds} >= {(4, 9), (14, 18)}
    data = editor.ask("textDocument/semanticTokens/full", lsp.SemanticTokensParams(which)).data
    assert len(data) % 5 == 0 and len(data) > 200
    edits = editor.ask("textDocument/formatting", lsp.DocumentFormattingParams(which, lsp.FormattingOptions(4, True)))
    assert not edits
    editor.close(uri)


def test_a_rename_is_prepared_made_and_refused(editor, uri, race):
    editor.open(uri, race)
    position = at(race, "is_dirty", "if (")
    prepared = editor.ask("textDocument/prepareRename", lsp.PrepareRenameParams(**here(uri, position)))
    assert prepared.placeholder == "is_dirty"
    made = editor.ask("textDocument/rename", lsp.RenameParams(**here(uri, position), new_name="dirty"))
    assert [len(each.edits) for each in made.document_changes] == [2]
    with pytest.raises(JsonRpcException, match="already"):
        editor.ask("textDocument/rename", lsp.RenameParams(**here(uri, position), new_name="clear"))
    with pytest.raises(JsonRpcException, match="word of the language"):
        editor.ask("textDocument/prepareRename", lsp.PrepareRenameParams(**here(uri, at(race, "READ_ONCE"))))
    editor.close(uri)


def test_a_hint_is_a_quick_fix(editor, uri):
    text = "predicate p(u64 a) = a & (1 << 52);\n"
    editor.open(uri, text)
    (found,) = editor.diagnostics(uri)
    (action,) = editor.ask(
        "textDocument/codeAction",
        lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), found.range, lsp.CodeActionContext([found])),
    )
    assert action.edit.document_changes[0].edits[0].new_text == "BIT_ULL(52)"
    assert action.is_preferred
    editor.close(uri)


def test_each_theorem_has_a_lens_that_proves_it(editor, uri, small_text):
    editor.open(uri, small_text)
    lenses = editor.ask("textDocument/codeLens", lsp.CodeLensParams(lsp.TextDocumentIdentifier(uri)))
    assert [list(each.command.arguments) for each in lenses] == [[uri, "stores"], [uri, "clears"]]
    editor.close(uri)


def test_a_workspace_is_searched(editor):
    (editor.folder / "found.spte").write_text("predicate somewhere_else(u64 a) = a & 1;\n")
    found = editor.ask("workspace/symbol", lsp.WorkspaceSymbolParams("somewhere"))
    assert [each.name for each in found] == ["somewhere_else"]


def test_a_text_that_is_not_open_is_an_error_and_the_server_goes_on(editor, uri):
    with pytest.raises(JsonRpcException, match="not open"):
        editor.ask("textDocument/hover", lsp.HoverParams(**here("untitled:never", lsp.Position(0, 0))))
    editor.open(uri, "layout l { W = bit 1; }")
    assert editor.diagnostics(uri) == []
    editor.close(uri)
