"""Values of this package to those of the protocol. Only this module and the server know the protocol's library."""

from collections.abc import Iterable, Sequence

from lsprotocol import types as lsp

from spteproof.editing.actions import Action
from spteproof.editing.completion import Offer, Signature
from spteproof.editing.documents import Change, Document, Documents, uri_of
from spteproof.editing.folding import folds
from spteproof.editing.navigation import Found
from spteproof.editing.positions import Lines, Position, Span
from spteproof.editing.symbols import Declared, Outline, outline
from spteproof.editing.tokens import encoded, tokens
from spteproof.editing.verdicts import Problem
from spteproof.grammar.diagnostics import Diagnostic
from spteproof.grammar.names import Kind
from spteproof.grammar.origins import file_key
from spteproof.grammar.source import Place, Source
from spteproof.solver.results import UNKNOWN

SOURCE = "spteproof"

_SYMBOLS = {
    "layout": lsp.SymbolKind.Class,
    "family": lsp.SymbolKind.Enum,
    "ghost": lsp.SymbolKind.Variable,
    "entry": lsp.SymbolKind.Variable,
    "interface": lsp.SymbolKind.Interface,
    "era": lsp.SymbolKind.Namespace,
    "theorem": lsp.SymbolKind.Method,
    "lemma": lsp.SymbolKind.Method,
    "predicate": lsp.SymbolKind.Boolean,
    "function": lsp.SymbolKind.Function,
    "helper": lsp.SymbolKind.Function,
    "agent": lsp.SymbolKind.Event,
    "step": lsp.SymbolKind.Event,
    "mask": lsp.SymbolKind.EnumMember,
    "value": lsp.SymbolKind.Constant,
    "alias": lsp.SymbolKind.EnumMember,
    "invariant": lsp.SymbolKind.Property,
}
_OFFERS: dict[str | Kind, lsp.CompletionItemKind] = {
    "keyword": lsp.CompletionItemKind.Keyword,
    "operation": lsp.CompletionItemKind.Operator,
    "local": lsp.CompletionItemKind.Variable,
    "module": lsp.CompletionItemKind.Module,
    "mask": lsp.CompletionItemKind.EnumMember,
    "lock": lsp.CompletionItemKind.Property,
    "instant": lsp.CompletionItemKind.Variable,
    Kind.LAYOUT: lsp.CompletionItemKind.Class,
    Kind.FAMILY: lsp.CompletionItemKind.Enum,
    Kind.GHOST: lsp.CompletionItemKind.Variable,
    Kind.ENTRY: lsp.CompletionItemKind.Variable,
    Kind.PREDICATE: lsp.CompletionItemKind.Function,
    Kind.FUNCTION: lsp.CompletionItemKind.Function,
    Kind.HELPER: lsp.CompletionItemKind.Function,
    Kind.AGENT: lsp.CompletionItemKind.Event,
    Kind.INTERFACE: lsp.CompletionItemKind.Interface,
    Kind.ERA: lsp.CompletionItemKind.Module,
}


def position(found: Position) -> lsp.Position:
    return lsp.Position(line=found.line, character=found.column)


def range_of(span: Span) -> lsp.Range:
    return lsp.Range(start=position(span.start), end=position(span.end))


def stretch(lines: Lines, start: int, end: int) -> lsp.Range:
    return range_of(lines.span(start, end))


def offset(document: Document, at: lsp.Position) -> int:
    return document.lines.offset(Position(at.line, at.character))


def changes(found: Iterable[lsp.TextDocumentContentChangeEvent]) -> list[Change]:
    result = []
    for each in found:
        if isinstance(each, lsp.TextDocumentContentChangePartial):
            start, end = each.range.start, each.range.end
            span = Span(Position(start.line, start.character), Position(end.line, end.character))
            result.append(Change(span, each.text))
        else:
            result.append(Change(None, each.text))
    return result


class Places:
    """Places in any text as the client knows them; the lines of each text are counted once."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._open = {file_key(each.path): uri for uri, each in documents.open.items() if each.path is not None}
        self._lines: dict[str, Lines] = {}

    def uri(self, source: Source) -> str:
        if source.path is None:
            return source.name
        return self._open.get(file_key(source.path)) or uri_of(source.path)

    def location(self, source: Source, start: int, end: int) -> lsp.Location:
        uri = self.uri(source)
        if uri not in self._lines:
            self._lines[uri] = Lines(source.text, self._documents.encoding)
        return lsp.Location(uri=uri, range=stretch(self._lines[uri], start, end))

    def of(self, place: Place) -> lsp.Location:
        return self.location(place.source, place.start, place.end)


# Diagnostics ---------------------------------------------------------------------------------------------


def diagnostic(document: Document, places: Places, found: Diagnostic) -> lsp.Diagnostic:
    place = found.place
    start, end = (place.start, place.end) if place is not None else (0, 0)
    message = found.message + (f"\n{found.label}" if found.label else "")
    message += f"\nhelp: {found.help}" if found.help else ""
    return lsp.Diagnostic(
        range=stretch(document.lines, start, max(end, start)),
        message=message,
        severity=lsp.DiagnosticSeverity.Error if found.severity == "error" else lsp.DiagnosticSeverity.Warning,
        code=found.id,
        source=SOURCE,
        related_information=[
            lsp.DiagnosticRelatedInformation(location=places.of(other), message=label) for other, label in found.others
        ],
    )


def problem(document: Document, places: Places, found: Problem) -> lsp.Diagnostic:
    """A verdict that is not as expected: the steps of its counterexample are the related information."""
    severity = lsp.DiagnosticSeverity.Warning if found.verdict == UNKNOWN else lsp.DiagnosticSeverity.Error
    return lsp.Diagnostic(
        range=stretch(document.lines, found.place.start, found.place.end),
        message=found.message,
        severity=severity,
        code=found.verdict,
        source=SOURCE,
        related_information=[
            lsp.DiagnosticRelatedInformation(location=places.of(place), message=said) for place, said in found.steps
        ],
    )


# Answers -------------------------------------------------------------------------------------------------


def symbols(document: Document, found: Sequence[Outline]) -> list[lsp.DocumentSymbol]:
    return [
        lsp.DocumentSymbol(
            name=each.name,
            kind=_SYMBOLS[each.kind],
            detail=f"{each.kind} {each.detail}".strip(),
            range=stretch(document.lines, each.start, each.end),
            selection_range=stretch(document.lines, each.name_start, each.name_end),
            children=symbols(document, each.children),
        )
        for each in found
    ]


def document_symbols(documents: Documents, document: Document) -> list[lsp.DocumentSymbol]:
    return symbols(document, outline(documents.read(document).module))


def workspace_symbol(places: Places, found: Declared) -> lsp.WorkspaceSymbol:
    each = found.outline
    return lsp.WorkspaceSymbol(
        name=each.name,
        kind=_SYMBOLS[each.kind],
        location=places.location(found.source, each.name_start, each.name_end),
        container_name=found.inside or None,
    )


def completion_item(document: Document, found: Offer, at: int, snippets: bool) -> lsp.CompletionItem:
    text = found.snippet if found.snippet is not None and snippets else found.label
    return lsp.CompletionItem(
        label=found.label,
        kind=_OFFERS[found.kind],
        detail=found.detail or None,
        documentation=lsp.MarkupContent(kind=lsp.MarkupKind.Markdown, value=found.documentation)
        if found.documentation
        else None,
        text_edit=lsp.TextEdit(range=stretch(document.lines, found.start, at), new_text=text),
        insert_text_format=lsp.InsertTextFormat.Snippet
        if found.snippet is not None and snippets
        else lsp.InsertTextFormat.PlainText,
    )


def signature_help(found: Signature) -> lsp.SignatureHelp:
    return lsp.SignatureHelp(
        signatures=[
            lsp.SignatureInformation(
                label=found.label,
                documentation=found.documentation or None,
                parameters=[lsp.ParameterInformation(label=each) for each in found.parameters],
                active_parameter=found.active,
            )
        ],
        active_signature=0,
        active_parameter=found.active,
    )


def token_data(documents: Documents, document: Document) -> list[int]:
    found = []
    for each in tokens(documents.read(document)):
        span = document.lines.span(each.start, each.end)
        found.append((span.start.line, span.start.column, span.end.column - span.start.column, each))
    return encoded(found)


def folding_ranges(document: Document) -> list[lsp.FoldingRange]:
    found = []
    for each in folds(document.text):
        span = document.lines.span(each.start, each.end)
        if span.end.line > span.start.line:
            kind = lsp.FoldingRangeKind(each.kind)
            found.append(lsp.FoldingRange(start_line=span.start.line, end_line=span.end.line, kind=kind))
    return found


def rename_edit(places: Places, documents: Documents, found: Iterable[Found], new: str) -> lsp.WorkspaceEdit:
    edits: dict[str, list[lsp.TextEdit]] = {}
    for each in found:
        location = places.location(each.source, each.start, each.end)
        edits.setdefault(location.uri, []).append(lsp.TextEdit(range=location.range, new_text=new))
    versions = {uri: each.version for uri, each in documents.open.items()}
    return lsp.WorkspaceEdit(
        document_changes=[
            lsp.TextDocumentEdit(
                text_document=lsp.OptionalVersionedTextDocumentIdentifier(uri=uri, version=versions.get(uri)),
                edits=edits[uri],
            )
            for uri in edits
        ]
    )


def code_action(document: Document, places: Places, found: Action) -> lsp.CodeAction:
    edits = [
        lsp.TextEdit(range=stretch(document.lines, each.start, each.end), new_text=each.text) for each in found.edits
    ]
    return lsp.CodeAction(
        title=found.title,
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(document, places, found.diagnostic)],
        is_preferred=found.sure,
        edit=lsp.WorkspaceEdit(
            document_changes=[
                lsp.TextDocumentEdit(
                    text_document=lsp.OptionalVersionedTextDocumentIdentifier(
                        uri=document.uri, version=document.version
                    ),
                    edits=list(edits),
                )
            ]
        ),
    )
