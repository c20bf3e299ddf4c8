"""The near end of a warm process: one Python with spteproof loaded, asked again and again."""

import json
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any


class WrongAnswer(RuntimeError):
    """The text was refused, took too long, or its verdicts are not the expected ones."""


class WarmProcess:
    """Use as a context. After a time-out it is gone, and the next question starts another."""

    def __init__(self, timeout_seconds: float) -> None:
        self.timeout_seconds = timeout_seconds
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "WarmProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def started(self) -> subprocess.Popen[str]:
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("warm.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self.reply(self.process)
        return self.process

    def reply(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], self.timeout_seconds)
        line = process.stdout.readline() if ready else ""
        if not line:
            self.stop()
            raise WrongAnswer("the process ended" if ready else f"over {self.timeout_seconds:.0f} s")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, text: str, name: str) -> float:
        """Seconds from text to verdicts, all of which were as expected. Raises WrongAnswer."""
        return self.ask_phases(text, name, False)[1]

    def ask_phases(self, text: str, name: str, phases: bool = True) -> tuple[float, float]:
        """Seconds from text to verdicts, and to their counterexamples; all were as expected. Raises WrongAnswer."""
        process = self.started()
        assert process.stdin is not None
        process.stdin.write(json.dumps({"name": name, "text": text, "phases": phases}) + "\n")
        process.stdin.flush()
        reply = self.reply(process)
        if "error" in reply:
            raise WrongAnswer(reply["error"].strip().splitlines()[0])
        if reply["unexpected"] or not reply["obligations"]:
            raise WrongAnswer("; ".join(reply["unexpected"][:2]) or "nothing was decided")
        return float(reply["verdict_seconds"]), float(reply["seconds"])
