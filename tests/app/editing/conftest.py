"""A real client that drives `spteproof lsp` as an editor does, over standard input and output."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from spteproof.editing.documents import Document, Documents

PATIENCE_SECONDS = 20.0

RACE = """\
layout small { W = bit 1; A = bit 8; D = bit 9; alias X = A; invariant w: spte & W -> !(spte & A); }
layout other extends small { W = bit 2; drop invariant w; }
agent cpu(int level) lockless { step set_dirty: when spte & W { spte |= D; } }
predicate is_dirty(u64 spte) = spte & D;
helper clear(u64 *seen, u64 mask) -> u64 {
    *seen = READ_ONCE(*sptep);
    if (is_dirty(*seen)) return atomic64_fetch_and(~mask, sptep);
    *sptep &= ~mask;
    return *seen;
}
// The race.
theorem stores(u64 mask in {A, D}, int level)
    for layout in small
    against any number of cpu
{
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old & ~mask);
    prove preserves W | D;
}
theorem clears(int level) against any number of cpu {
    u64 seen, got = clear(&seen, D);
    prove changes only D    expect proved;
}
"""
"""A bit of everything."""

SMALL = """\
layout small { W = bit 1; A = bit 8; D = bit 9; }
agent cpu lockless { step set_dirty: when spte & W { spte |= A | D; } }
theorem stores against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old & ~A);
    prove preserves W | D;
}
theorem clears against any number of cpu { atomic64_and(~A, sptep); prove preserves W | D; }
"""
"""A race that is not expected, and its repair."""


class Editor:
    """One client with its server. Everything that the server says is kept."""

    def __init__(self, folder: Path, *, encodings: list[str] | None = None, options: Any = None) -> None:
        self.published: dict[str, list[lsp.PublishDiagnosticsParams]] = {}
        self.refreshed = 0
        self.logged: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.folder = folder
        self.versions: dict[str, int] = {}
        self.said = self.wait(self._start(encodings, options))

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)

    async def _start(self, encodings: list[str] | None, options: Any) -> lsp.InitializeResult:
        self.client = LanguageClient("tests", "1")
        client = self.client

        @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self.published.setdefault(params.uri, []).append(params)

        @client.feature(lsp.WORKSPACE_INLAY_HINT_REFRESH)
        def hints(_: None) -> None:
            self.refreshed += 1

        @client.feature(lsp.WORKSPACE_CODE_LENS_REFRESH)
        def lenses(_: None) -> None:
            self.refreshed += 1

        @client.feature(lsp.WINDOW_LOG_MESSAGE)
        def logged(params: lsp.LogMessageParams) -> None:
            self.logged.append(params.message)

        await client.start_io(sys.executable, "-m", "spteproof", "lsp", env={**os.environ})
        said = await client.initialize_async(
            lsp.InitializeParams(
                capabilities=lsp.ClientCapabilities(
                    general=lsp.GeneralClientCapabilities(position_encodings=encodings),
                    text_document=lsp.TextDocumentClientCapabilities(
                        completion=lsp.CompletionClientCapabilities(
                            completion_item=lsp.ClientCompletionItemOptions(snippet_support=True)
                        )
                    ),
                    workspace=lsp.WorkspaceClientCapabilities(
                        code_lens=lsp.CodeLensWorkspaceClientCapabilities(refresh_support=True),
                        inlay_hint=lsp.InlayHintWorkspaceClientCapabilities(refresh_support=True),
                    ),
                ),
                workspace_folders=[lsp.WorkspaceFolder(uri=self.folder.as_uri(), name="here")]
                if options is None or options.get("folder", True)
                else None,
                initialization_options=options,
            )
        )
        client.initialized(lsp.InitializedParams())
        return said

    def open(self, uri: str, text: str) -> str:
        self.versions[uri] = 1
        self.client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri=uri, language_id="spte", version=1, text=text))
        )
        return uri

    def type(self, uri: str, text: str, at: lsp.Range | None = None) -> int:
        """Replaces a stretch, or all."""
        self.versions[uri] += 1
        change: Any = lsp.TextDocumentContentChangeWholeDocument(text)
        if at is not None:
            change = lsp.TextDocumentContentChangePartial(range=at, text=text)
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(version=self.versions[uri], uri=uri), [change]
            )
        )
        return self.versions[uri]

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))

    def ask(self, method: str, params: Any) -> Any:
        async def asked() -> Any:
            return await self.client.protocol.send_request_async(method, params)

        return self.wait(asked())

    def until(self, holds: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
        """What comes of asking again and again until it is true."""
        end = time.monotonic() + seconds
        while not (found := holds()):
            assert time.monotonic() < end, f"not within {seconds} s; logged: {self.logged}"
            time.sleep(0.01)
        return found

    def diagnostics(self, uri: str, version: int | None = None) -> list[lsp.Diagnostic]:
        """Those published last of this version, once it was."""
        wanted = self.versions[uri] if version is None else version

        def published() -> list[lsp.PublishDiagnosticsParams]:
            return [each for each in list(self.published.get(uri, [])) if each.version == wanted]

        found: list[lsp.PublishDiagnosticsParams] = self.until(published)
        return list(found[-1].diagnostics)

    def hints(self, uri: str) -> list[str]:
        """The verdicts that are shown now."""
        whole = lsp.Range(lsp.Position(0, 0), lsp.Position(100_000, 0))
        found = self.ask("textDocument/inlayHint", lsp.InlayHintParams(lsp.TextDocumentIdentifier(uri), whole))
        return [str(each.label) for each in found or ()]

    def leave(self) -> int | None:
        self.wait(self.client.shutdown_async(None))
        self.client.exit(None)
        self.wait(self.client.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        return None


@pytest.fixture
def race() -> str:
    return RACE


@pytest.fixture
def small_text() -> str:
    return SMALL


Opened = Callable[..., tuple[Documents, Document, int]]


@pytest.fixture
def opened() -> Opened:
    """A text that is open, and the place where `§` stands in it (taken out), or 0."""

    def open_it(text: str, uri: str = "untitled:one") -> tuple[Documents, Document, int]:
        documents = Documents()
        at = text.find("§")
        document = documents.put(uri, text.replace("§", "", 1), 1)
        return documents, document, max(at, 0)

    return open_it


@pytest.fixture(scope="module")
def start_editor(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Iterator[Editor]]:
    """A server for all tests of a module, each with texts of its own."""

    def start(**chosen: Any) -> Iterator[Editor]:
        place = tmp_path_factory.mktemp("workspace")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SPTEPROOF_CACHE_DIR", str(place / ".cache"))
            found = Editor(place, **chosen)
            yield found
            found.leave()

    return start


@pytest.fixture(scope="module")
def editor(start_editor: Callable[..., Iterator[Editor]]) -> Iterator[Editor]:
    yield from start_editor()
