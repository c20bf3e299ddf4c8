"""The near end of `spteproof lsp`, by hand: messages with their lengths over two pipes, and how long answers take."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any


class NoAnswer(RuntimeError):
    """The server is gone, silent, or answered with an error."""


class EditorClient:
    """Use as a context. `published` are the diagnostics that came, as (address, version, list, when)."""

    def __init__(self, *, prove: str, timeout_seconds: float = 30.0) -> None:
        self.timeout_seconds = timeout_seconds
        self.published: list[tuple[str, int | None, list[dict[str, Any]], float]] = []
        self._options = {"prove": prove}
        self._answers: dict[int, dict[str, Any]] = {}
        self._arrived = threading.Condition()
        self._number = 0
        self._versions: dict[str, int] = {}

    def __enter__(self) -> "EditorClient":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "spteproof", "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        threading.Thread(target=self._listen, daemon=True).start()
        self.ask("initialize", {"capabilities": {}, "processId": None, "initializationOptions": self._options})
        self.tell("initialized", {})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.ask("shutdown", None)
            self.tell("exit", None)
            self.process.wait(self.timeout_seconds)
        self.process.kill()
        self.process.wait()

    def _listen(self) -> None:
        out = self.process.stdout
        assert out is not None
        while header := out.readline():
            length = int(header.split(b":")[1])
            while out.readline().strip():
                pass
            message = json.loads(out.read(length))
            with self._arrived:
                if message.get("method") == "textDocument/publishDiagnostics":
                    said = message["params"]
                    self.published.append((said["uri"], said.get("version"), said["diagnostics"], time.perf_counter()))
                elif "method" not in message:
                    self._answers[message["id"]] = message
                self._arrived.notify_all()

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self.process.stdin.flush()

    def tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        """The answer. Raises NoAnswer."""
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        with self._arrived:
            if not self._arrived.wait_for(lambda: number in self._answers, self.timeout_seconds):
                raise NoAnswer(f"{method}: nothing within {self.timeout_seconds:.0f} s")
            answer = self._answers.pop(number)
        if "error" in answer:
            raise NoAnswer(f"{method}: {answer['error']}")
        return answer["result"]

    def timed(self, method: str, params: Any) -> tuple[float, float]:
        """Seconds to the answer, and seconds of the server's processor meanwhile, whatever else it did then."""
        start, before = time.perf_counter(), self.processor_seconds()
        self.ask(method, params)
        return time.perf_counter() - start, self.processor_seconds() - before

    def processor_seconds(self) -> float:
        """Of the server's main thread; 0 where the system does not tell."""
        try:
            return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[0]) / 1e9
        except OSError:
            return 0.0

    def open(self, uri: str, text: str) -> None:
        self._versions[uri] = 1
        item = {"uri": uri, "languageId": "spte", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, text: str) -> int:
        self._versions[uri] += 1
        which = {"uri": uri, "version": self._versions[uri]}
        self.tell("textDocument/didChange", {"textDocument": which, "contentChanges": [{"text": text}]})
        return self._versions[uri]

    def close(self, uri: str) -> None:
        self.tell("textDocument/didClose", {"textDocument": {"uri": uri}})

    def checked(self, uri: str) -> float:
        """When the diagnostics of the text's present version came."""
        wanted = self._versions[uri]

        def found() -> list[float]:
            return [when for which, version, _, when in self.published if (which, version) == (uri, wanted)]

        with self._arrived:
            if not self._arrived.wait_for(lambda: bool(found()), self.timeout_seconds):
                raise NoAnswer(f"no diagnostics of version {wanted} within {self.timeout_seconds:.0f} s")
            return found()[0]

    def told(self, uri: str, version: int) -> list[dict[str, Any]]:
        """The last diagnostics of a version; none where there are none yet."""
        with self._arrived:
            found = [each for which, number, each, _ in self.published if (which, number) == (uri, version)]
        return found[-1] if found else []
