"""`spteproof fmt`: texts in the house's style, written, compared or shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from spteproof.grammar.diagnostics import Diagnostic, Findings
from spteproof.grammar.files import decoded, file_text, files_named
from spteproof.grammar.formatter import formatted
from spteproof.grammar.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted:
    """A text that has no syntax errors, as it is and as it should be."""

    source: Source
    text: str

    @property
    def differs(self) -> bool:
        return self.text != self.source.text

    def diff(self) -> str:
        """What would change, as a unified diff; empty for nothing."""
        before, after = _lines(self.source.text), _lines(self.text)
        return "".join(unified_diff(before, after, self.source.name, self.source.name))


def _lines(text: str) -> list[str]:
    *lines, last = text.split("\n")
    return [f"{line}\n" for line in lines] + ([f"{last}\n\\ No newline at end of file\n"] if last else [])


def format_files(paths: Sequence[str]) -> tuple[list[Formatted], tuple[Diagnostic, ...]]:
    """Each file that is named or lies below a folder that is named, once; those with errors are left out."""
    findings = Findings()
    found = [each for source in _sources(paths, findings) if (each := _formatted(source, findings)) is not None]
    return found, findings.all()


def format_text(data: str, name: str) -> tuple[Formatted | None, tuple[Diagnostic, ...]]:
    """A text that lies in no file; None where it has errors."""
    findings = Findings()
    text = decoded(data.encode(), name, None, findings)
    found = None if text is None else _formatted(Source(name=name, text=text), findings)
    return found, findings.all()


def _formatted(source: Source, findings: Findings) -> Formatted | None:
    text = formatted(source, findings)
    return None if text is None else Formatted(source=source, text=text)


def _sources(paths: Sequence[str], findings: Findings) -> Iterator[Source]:
    seen: set[Path] = set()
    for path in files_named([Path(each) for each in paths], findings):
        if (key := path.absolute()) in seen:
            continue
        seen.add(key)
        text = file_text(path, str(path), None, findings)
        if text is not None:
            yield Source(name=str(path), text=text, path=path)
