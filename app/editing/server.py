"""The language server: requests in, answers out. What an answer holds is worked out in the modules beside this one."""

import asyncio
import logging
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from spteproof import __version__
from spteproof.editing import protocol
from spteproof.editing.actions import actions
from spteproof.editing.completion import completions, signature
from spteproof.editing.desk import Desk
from spteproof.editing.documents import Document, Documents, path_of
from spteproof.editing.formatting_edits import formatting_edit
from spteproof.editing.hover import hover
from spteproof.editing.navigation import CannotRename, definition, references, renamable, renamed
from spteproof.editing.positions import Encoding
from spteproof.editing.proofs import Proofs
from spteproof.editing.settings import settings_from
from spteproof.editing.shown import lenses, problems_of, theorem_notes, verdict_hints
from spteproof.editing.symbols import workspace_symbols
from spteproof.editing.tokens import MODIFIERS, TYPES

PAUSE_SECONDS = 0.05
"""So long after the last keystroke a text is checked."""

_ENCODINGS: dict[str, Encoding] = {"utf-8": "utf-8", "utf-16": "utf-16", "utf-32": "utf-32"}
PROVE_COMMAND = "spteproof.prove"
LEGEND = lsp.SemanticTokensLegend(token_types=list(TYPES), token_modifiers=list(MODIFIERS))


class _Refusals(logging.Filter):
    """What is refused is told to the client; there is no error to log."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], JsonRpcInvalidParams))


class SpteServer(LanguageServer):
    """One editor's server. `_due` are the texts that wait to be checked, `_news` those with new verdicts, `_shown` when
    something was shown of each last, on the loop's clock."""

    def __init__(self) -> None:
        super().__init__("spteproof", __version__, lsp.TextDocumentSyncKind.Incremental)
        self.desk = Desk(Documents(), Proofs(), self.show_soon)
        self._due: dict[str, asyncio.TimerHandle] = {}
        self._news: dict[str, asyncio.TimerHandle] = {}
        self._shown: dict[str, float] = {}
        self._asked: asyncio.TimerHandle | None = None

    def opened(self, initial: lsp.InitializeParams) -> None:
        """What the client says of itself."""
        encoding = self.workspace.position_encoding
        self.desk.documents.encoding = (
            "utf-8" if encoding == "utf-8" else "utf-32" if encoding == "utf-32" else "utf-16"
        )
        folders = [each.uri for each in initial.workspace_folders or ()]
        folders += [initial.root_uri] if initial.root_uri and not folders else []
        self.desk.folders = [path for uri in folders if (path := path_of(uri)) is not None]
        self.desk.settings = settings_from(initial.initialization_options)

    def document(self, uri: str) -> Document:
        """An open text. Raises what the protocol wants where it is not open."""
        if uri not in self.desk.documents.open:
            raise JsonRpcInvalidParams(f"{uri} is not open")
        return self.desk.documents.open[uri]

    def due(self, document: Document, *, prove: bool) -> None:
        """Checks the text, and those that may rest on it, as soon as nothing more is typed."""
        loop = asyncio.get_running_loop()
        for each in (document, *self.desk.documents.resting_on(document)):
            if each.uri in self._due:
                self._due.pop(each.uri).cancel()
            pause = PAUSE_SECONDS if each is document else 4 * PAUSE_SECONDS
            self._due[each.uri] = loop.call_later(pause, self._check, each.uri, prove)

    def _check(self, uri: str, prove: bool) -> None:
        self._due.pop(uri, None)
        document = self.desk.documents.open.get(uri)
        if document is None:
            return
        self.show(uri)
        if prove and self.desk.documents.check(document).loaded.library is not None:
            self.desk.prove(document)
        elif prove:  # what is whole of it is checked once more for that: not while somebody types on
            self._due_later(document)

    def _due_later(self, document: Document) -> None:
        stamp = document.stamp

        def prove() -> None:
            if document.stamp == stamp and document.uri in self.desk.documents.open:
                self.desk.prove(document)

        asyncio.get_running_loop().call_later(4 * PAUSE_SECONDS, prove)

    def show_soon(self, uri: str) -> None:
        """Shows the first verdict at once, and those together that come close upon it."""
        if uri not in self._due and uri not in self._news:
            loop = asyncio.get_running_loop()
            pause = max(0.0, self._shown.get(uri, 0.0) + PAUSE_SECONDS / 2 - loop.time())
            self._news[uri] = loop.call_later(pause, self.show, uri)

    def show(self, uri: str) -> None:
        """Sends all diagnostics of a text as it is now, and asks for lenses and hints anew."""
        if uri in self._news:
            self._news.pop(uri).cancel()
        document = self.desk.documents.open.get(uri)
        if document is None or uri in self._due:
            return  # what is due will be shown when it is checked
        self._shown[uri] = asyncio.get_running_loop().time()
        places = protocol.Places(self.desk.documents)
        checked = self.desk.documents.check(document)
        found = [protocol.diagnostic(document, places, each) for each in checked.own]
        found += [protocol.problem(document, places, each) for each in problems_of(self.desk, document)]
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=uri, version=document.version, diagnostics=found)
        )
        if uri in self.desk.problems:
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, self.desk.problems[uri]))
        if self._asked is None:
            self._asked = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._refresh)

    def _refresh(self) -> None:
        self._asked = None
        workspace = self.client_capabilities.workspace
        if workspace is not None and workspace.code_lens is not None and workspace.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None, _answered)
        if workspace is not None and workspace.inlay_hint is not None and workspace.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None, _answered)


def _answered(answer: Any, error: Any = None) -> None:
    """Nothing follows from the answer to a refresh."""


def server() -> SpteServer:
    """One with all that it answers."""
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_Refusals())
    made = SpteServer()
    _texts(made)
    _files(made)
    _names(made)
    _renaming(made)
    _outlines(made)
    _writing(made)
    _looks(made)
    _proving(made)
    return made


def _texts(server: SpteServer) -> None:
    """Texts that are opened and changed."""

    @server.feature(lsp.INITIALIZED)
    def initialized(_: lsp.InitializedParams) -> None:
        if server.desk.settings.prove != "never":
            server.desk.proofs.warm()

    @server.feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        server.opened(params)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: lsp.DidOpenTextDocumentParams) -> None:
        opened = params.text_document
        document = server.desk.documents.put(opened.uri, opened.text, opened.version)
        server.due(document, prove=server.desk.settings.prove != "never")

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: lsp.DidChangeTextDocumentParams) -> None:
        changed = params.text_document
        document = server.document(changed.uri)
        server.desk.documents.change(changed.uri, protocol.changes(params.content_changes), changed.version)
        for each in (document, *server.desk.documents.resting_on(document)):
            server.desk.typed(each)
        server.due(document, prove=server.desk.settings.prove == "type")


def _files(server: SpteServer) -> None:
    """Files that change on the disk, texts that are closed, settings."""

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: lsp.DidSaveTextDocumentParams) -> None:
        server.desk.documents.saved()
        for document in server.desk.documents.open.values():
            server.due(document, prove=server.desk.settings.prove != "never")

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.desk.proofs.cancel(uri)
        server.desk.documents.close(uri)
        server._shown.pop(uri, None)
        server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri=uri, diagnostics=[]))

    @server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: lsp.DidChangeConfigurationParams) -> None:
        server.desk.settings = settings_from(params.settings)
        for document in server.desk.documents.open.values():
            server.due(document, prove=server.desk.settings.prove == "type")

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(_: lsp.DidChangeWatchedFilesParams) -> None:
        server.desk.documents.saved()
        for document in server.desk.documents.open.values():
            server.due(document, prove=server.desk.settings.prove == "type")

    @server.feature(lsp.SHUTDOWN)
    async def shutdown(_: None) -> None:
        await server.desk.proofs.close()


def _names(server: SpteServer) -> None:
    """Where names are declared and used."""
    desk = server.desk

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def on_hover(params: lsp.HoverParams) -> lsp.Hover | None:
        document = server.document(params.text_document.uri)
        text = hover(
            desk.documents, document, protocol.offset(document, params.position), theorem_notes(desk, document)
        )
        if text is None:
            return None
        return lsp.Hover(contents=lsp.MarkupContent(kind=lsp.MarkupKind.Markdown, value=text))

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def on_definition(params: lsp.DefinitionParams) -> list[lsp.Location]:
        document = server.document(params.text_document.uri)
        found = definition(desk.documents.read(document), protocol.offset(document, params.position))
        places = protocol.Places(desk.documents)
        return [places.of(each) for each in found]

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def on_references(params: lsp.ReferenceParams) -> list[lsp.Location]:
        document = server.document(params.text_document.uri)
        at = protocol.offset(document, params.position)
        found = references(desk.documents, document, at, desk.folders)
        places = protocol.Places(desk.documents)
        with_declarations = params.context.include_declaration
        return [
            places.location(each.source, each.start, each.end)
            for each in found
            if with_declarations or not each.declares
        ]


def _renaming(server: SpteServer) -> None:
    """Names that are to be called something else."""
    desk = server.desk

    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def on_prepare(params: lsp.PrepareRenameParams) -> lsp.PrepareRenamePlaceholder:
        document = server.document(params.text_document.uri)
        try:
            at = renamable(desk.documents, document, protocol.offset(document, params.position), desk.folders)
        except CannotRename as cannot:
            raise JsonRpcInvalidParams(str(cannot)) from None
        return lsp.PrepareRenamePlaceholder(
            range=protocol.stretch(document.lines, at.start, at.end), placeholder=at.symbol.name
        )

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    def on_rename(params: lsp.RenameParams) -> lsp.WorkspaceEdit:
        document = server.document(params.text_document.uri)
        at = protocol.offset(document, params.position)
        try:
            found = renamed(desk.documents, document, at, params.new_name, desk.folders)
        except CannotRename as cannot:
            raise JsonRpcInvalidParams(str(cannot)) from None
        return protocol.rename_edit(protocol.Places(desk.documents), desk.documents, found, params.new_name)


def _outlines(server: SpteServer) -> None:
    """What a text declares, and a workspace."""
    desk = server.desk

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def on_symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        return protocol.document_symbols(desk.documents, server.document(params.text_document.uri))

    @server.feature(lsp.WORKSPACE_SYMBOL)
    def on_workspace_symbols(params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
        found = workspace_symbols(params.query, dict(desk.documents.texts()), desk.folders)
        places = protocol.Places(desk.documents)
        return [protocol.workspace_symbol(places, each) for each in found]


def _writing(server: SpteServer) -> None:
    """Help with what is being written."""
    desk = server.desk

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", "*"]))
    def on_completion(params: lsp.CompletionParams) -> lsp.CompletionList:
        document = server.document(params.text_document.uri)
        at = protocol.offset(document, params.position)
        capabilities = server.client_capabilities.text_document
        item = capabilities.completion.completion_item if capabilities and capabilities.completion else None
        snippets = bool(item and item.snippet_support)
        found = completions(desk.documents, document, at)
        return lsp.CompletionList(
            is_incomplete=False,
            items=[protocol.completion_item(document, each, at, snippets) for each in found],
        )

    @server.feature(lsp.TEXT_DOCUMENT_SIGNATURE_HELP, lsp.SignatureHelpOptions(trigger_characters=["(", ","]))
    def on_signature(params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
        document = server.document(params.text_document.uri)
        found = signature(desk.documents, document, protocol.offset(document, params.position))
        return None if found is None else protocol.signature_help(found)

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def on_formatting(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        document = server.document(params.text_document.uri)
        edit = formatting_edit(document.text, document.name)
        if edit is None:
            return []
        return [lsp.TextEdit(range=protocol.stretch(document.lines, edit.start, edit.end), new_text=edit.text)]

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
    )
    def on_actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        document = server.document(params.text_document.uri)
        start, end = (protocol.offset(document, each) for each in (params.range.start, params.range.end))
        places = protocol.Places(desk.documents)
        found = actions(desk.documents, document, start, end)
        return [protocol.code_action(document, places, each) for each in found]


def _looks(server: SpteServer) -> None:
    """How a text looks."""
    desk = server.desk

    @server.feature(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, LEGEND)
    def on_tokens(params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
        document = server.document(params.text_document.uri)
        return lsp.SemanticTokens(data=protocol.token_data(desk.documents, document))

    @server.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
    def on_folding(params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
        return protocol.folding_ranges(server.document(params.text_document.uri))


def _proving(server: SpteServer) -> None:
    """Verdicts, and what asks for them."""
    desk = server.desk

    @server.feature(lsp.TEXT_DOCUMENT_CODE_LENS, lsp.CodeLensOptions(resolve_provider=False))
    def on_lens(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        document = server.document(params.text_document.uri)
        return [
            lsp.CodeLens(
                range=protocol.stretch(document.lines, each.start, each.end),
                command=lsp.Command(title=each.title, command=PROVE_COMMAND, arguments=[document.uri, each.theorem]),
            )
            for each in lenses(desk, document)
        ]

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    def on_hints(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        document = server.document(params.text_document.uri)
        first, last = params.range.start.line, params.range.end.line
        found = [(document.lines.position(each.offset), each) for each in verdict_hints(desk, document)]
        return [
            lsp.InlayHint(
                position=protocol.position(at),
                label=each.text,
                tooltip=each.tooltip or None,
                padding_left=True,
            )
            for at, each in found
            if first <= at.line <= last
        ]

    @server.command(PROVE_COMMAND)
    def on_prove(uri: str, theorem: str | None = None) -> None:
        desk.prove(server.document(uri), theorem)
        server.show(uri)
