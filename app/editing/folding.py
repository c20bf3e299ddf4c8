"""What may be folded: blocks in braces, comments of several lines, and runs of `use`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARK = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)|[{}]|^use\b[^;]*;", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fold:
    """From the line that holds `start` to the one that holds `end`; `kind` is "comment", "imports" or "region"."""

    start: int
    end: int
    kind: str


def folds(text: str) -> list[Fold]:
    """By the text alone: half-written ones fold too."""
    return sorted(_folds(text), key=lambda each: (each.start, each.end))


def _folds(text: str) -> Iterator[Fold]:
    braces: list[int] = []
    run: Fold | None = None
    for mark in _MARK.finditer(text):
        word = mark[0]
        if word == "{":
            braces.append(mark.start())
        elif word == "}":
            if braces:
                opened = braces.pop()
                if "\n" in text[opened : mark.start()]:
                    yield Fold(opened, mark.start(), "region")
        else:
            kind = "imports" if word.startswith("use") else "comment"
            alone = not text[text.rfind("\n", 0, mark.start()) + 1 : mark.start()].strip()
            if run is not None and run.kind == kind and alone and text[run.end : mark.start()].count("\n") <= 1:
                run = Fold(run.start, mark.end(), kind)
                continue
            yield from _of_several_lines(run, text)
            run = Fold(mark.start(), mark.end(), kind) if alone or "\n" in word else None
    yield from _of_several_lines(run, text)


def _of_several_lines(fold: Fold | None, text: str) -> Iterator[Fold]:
    if fold is not None and "\n" in text[fold.start : fold.end]:
        yield fold
