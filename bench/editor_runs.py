"""The language server, measured over the library: python bench/editor_runs.py [--every N] [--cut-every N] [--edits N]

Each text of the library (every N-th) is opened and cut off behind its lines (every N-th line); at each cut the server
answers everything that an editor asks. No request may fail, and no verdict may be shown that is not the expected one:
all theorems of the library are as expected, and so is each that stands in a cut text whole.
"""

import argparse
import random
import re
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from editor_client import EditorClient, NoAnswer
from generated import seed

SPEC = Path(__file__).resolve().parent.parent / "spec"
AT_A_PLACE = ("hover", "definition", "completion", "signatureHelp", "prepareRename")
OF_A_TEXT = ("documentSymbol", "foldingRange", "semanticTokens/full", "codeLens", "inlayHint", "formatting")
UNEXPECTED = re.compile(r"\s+expect refuted[^;]*;")
"""What the text with the broken theorem says of it; without that, the verdict is not as expected."""
VERDICTS = {"refuted", "vacuous", "unknown", "proved"}


class Tally:
    """Seconds by kind of request, those of the server's processor beside them; what went wrong."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.cuts = 0
        self.wrong: list[str] = []

    def add(self, kind: str, seconds: tuple[float, float]) -> None:
        self.seconds[kind].append(seconds)


def asked(client: EditorClient, uri: str, place: dict[str, int], tally: Tally, prefix: str = "") -> None:
    which = {"textDocument": {"uri": uri}}
    for name in AT_A_PLACE:
        try:
            tally.add(prefix + name, client.timed(f"textDocument/{name}", {**which, "position": place}))
        except NoAnswer as no:
            if name != "prepareRename" or "-32602" not in str(no):
                raise
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 100000, "character": 0}}
    options = {"tabSize": 4, "insertSpaces": True}
    for name in OF_A_TEXT:
        params = {**which, "range": whole, "options": options}
        tally.add(prefix + name, client.timed(f"textDocument/{name}", params))


def cut_off(client: EditorClient, path: Path, every: int, tally: Tally) -> None:
    """One text, cut behind its lines, the longest first."""
    text, uri = path.read_text(), path.as_uri()
    lines = text.splitlines(keepends=True)
    client.open(uri, text)
    for count in range(len(lines) - 1, 0, -every):
        kept = lines[:count]
        typed, before = time.perf_counter(), client.processor_seconds()
        client.change(uri, "".join(kept))
        place = {"line": count - 1, "character": len(kept[-1].rstrip("\n"))}
        params = {"textDocument": {"uri": uri}, "position": place}
        tally.add("completion at once after a keystroke", client.timed("textDocument/completion", params))
        tally.add("diagnostics after a keystroke", (client.checked(uri) - typed, client.processor_seconds() - before))
        asked(client, uri, place, tally)
        tally.cuts += 1
    client.close(uri)


def verdicts_shown(client: EditorClient) -> Iterator[str]:
    for uri, version, found, _ in client.published:
        for each in found:
            if each.get("code") in VERDICTS:
                yield f"{uri} version {version}: {each['message'].splitlines()[0]}"


def edit_to_verdict(client: EditorClient, broken: bool, tally: Tally, times: int) -> None:
    """From a keystroke to the verdict on one theorem in six layouts, as in `bench/run.py --only edit`: to its hint, or,
    where the edit breaks the theorem and nobody expects that, to the diagnostic, and to the steps that it gets."""
    kind = "edit to verdict, an edit that " + ("breaks it" if broken else "keeps it")
    uri = f"untitled:{broken}"
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 100000, "character": 0}}
    params = {"textDocument": {"uri": uri}, "range": whole}

    def wait(seen: Callable[[int], bool], version: int) -> None:
        end = time.perf_counter() + 60
        while not seen(version):
            if time.perf_counter() > end:
                raise NoAnswer("no verdict within a minute")
            time.sleep(0.005)

    def verdict(version: int) -> bool:
        if broken:
            return any(each.get("code") in VERDICTS for each in client.told(uri, version))
        return any(": " in each["label"] for each in client.ask("textDocument/inlayHint", params) or [])

    def steps(version: int) -> bool:
        return any(each.get("relatedInformation") for each in client.told(uri, version))

    def text(number: int) -> str:
        found = seed("all_layouts", broken=broken, edit=number)
        return UNEXPECTED.sub(";", found) if broken else found

    client.open(uri, text(0))
    wait(verdict, 1)
    for number in range(1, times + 1):
        start, before = time.perf_counter(), client.processor_seconds()
        version = client.change(uri, text(number))
        wait(verdict, version)
        tally.add(kind, (time.perf_counter() - start, client.processor_seconds() - before))
        if broken:
            wait(steps, version)
            tally.add("edit to counterexample", (time.perf_counter() - start, client.processor_seconds() - before))
    client.close(uri)


def rows(tally: Tally) -> Iterator[str]:
    yield "| what | times | median ms | 95th percentile ms | largest ms | of the processor: median | 95th percentile |"
    yield "|---|---|---|---|---|---|---|"
    asked_for = [found for kind, found in tally.seconds.items() if not kind.startswith(("edit", "diagnostics"))]
    answers = [each for found in asked_for for each in found]
    for kind, found in [("all answers that need no proof", answers), *tally.seconds.items()]:
        if found:
            wall, used = (sorted(1000 * each for each in one) for one in zip(*found, strict=True))
            yield (
                f"| {kind} | {len(found)} | {statistics.median(wall):.1f} | {late(wall):.1f} | {wall[-1]:.0f} "
                f"| {statistics.median(used):.1f} | {late(used):.1f} |"
            )


def late(ordered: Sequence[float]) -> float:
    """The 95th percentile."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def measured(options: Any, tally: Tally) -> None:
    paths = sorted(SPEC.rglob("*.spte"))[:: options.every]
    random.Random(1).shuffle(paths)
    with EditorClient(prove="type") as client:
        for number, path in enumerate(paths):
            try:
                cut_off(client, path, options.cut_every, tally)
            except NoAnswer as no:
                tally.wrong.append(f"{path}: {no}")
                break
            print(f"\r{number + 1}/{len(paths)} texts, {tally.cuts} cuts", end="", file=sys.stderr)
        tally.wrong += verdicts_shown(client)
    print(file=sys.stderr)
    with EditorClient(prove="type") as client:
        for broken in (False, True):
            edit_to_verdict(client, broken, tally, options.edits)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measures the language server over the library.")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every N-th text")
    parser.add_argument("--cut-every", type=int, default=1, metavar="N", help="every N-th line of a text")
    parser.add_argument("--edits", type=int, default=10, metavar="N", help="edits that are proved")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the table there as well")
    options = parser.parse_args(arguments)
    tally = Tally()
    measured(options, tally)
    text = "\n".join([*rows(tally), "", f"{tally.cuts} cuts, {len(tally.wrong)} wrong", *tally.wrong[:20]])
    print(text)
    if options.output:
        options.output.write_text(text + "\n")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
