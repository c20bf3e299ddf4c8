"""Edited texts, proved from what is kept and anew: `python -m tests.edits --seconds 900 --seed 1 [TEXT...]`.

A text of the library is changed step by step: one small change of an item, a remark, items that change places, come or
go. After each step `spteproof prove` is run as ever, with what it kept of the steps before, and with `--no-cache`: both
must say the same, place for place, but for the time that it took. Exit status 1: they did not, once.
"""

import argparse
import contextlib
import io
import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from spteproof.cli import main as spteproof
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.mutation.mutants import mutants
from spteproof.grammar.reading import read_module
from spteproof.grammar.source import Source
from spteproof.grammar.splitting import stretches

SPEC = Path(__file__).resolve().parent.parent / "spec"
FOLDERS = ("properties", "mail", "history", "facts", "eras", "entries")
MOST_BYTES, STEPS = 3500, 6


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.edits")
    parser.add_argument("texts", nargs="*", type=Path, help="default: those of the library that are not large")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    random, texts = Random(options.seed), options.texts or _texts()
    until, count, refused = time.monotonic() + options.seconds, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SPTEPROOF_CACHE_DIR"] = str(Path(folder) / "cache")
        while time.monotonic() < until:
            source = random.choice(texts)
            text = source.read_text(encoding="utf-8")
            for _ in range(STEPS):
                path = Path(folder) / source.name
                path.write_text(text, encoding="utf-8")
                kept, anew = _proved(path), _proved(path, "--no-cache")
                count, refused = count + 1, refused + (anew[0] == 2)
                if kept != anew:
                    Path("edited.spte").write_text(text, encoding="utf-8")
                    print(f"not the same: {source.name}, text {count}, written to edited.spte")
                    return 1
                text = edited(text, random)
    print(f"{count} texts, {refused} of them refused: the same each time")
    return 0


def _texts() -> list[Path]:
    found = [path for folder in FOLDERS for path in sorted((SPEC / folder).glob("*.spte"))]
    return [path for path in found if path.stat().st_size < MOST_BYTES]


def _proved(path: Path, *more: str) -> tuple[int, str]:
    """Exit status and report, without the time that it took."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        status = spteproof(["prove", str(path), "--format", "json", "--jobs", "1", "--counterexamples", "all", *more])
    return status, re.sub(r'"seconds": [0-9.e-]+', "", out.getvalue())


def edited(text: str, random: Random) -> str:
    """The text with one change, some of which nobody should notice."""
    parts = [text[each.start : each.end] for each in stretches(text)]
    match random.choices(("change", "remark", "between", "order", "gone"), (50, 15, 15, 12, 8))[0]:
        case "change":
            found = mutants(read_module(Source(name="text", text=text), Findings(), keeps=False))
            return random.choice(found).of(text) if found else text
        case "remark":
            return f"// {random.random()}\n{text}"
        case "between":
            parts.insert(random.randrange(len(parts) + 1), "\n/* one\n   more */\n")
        case "order":
            random.shuffle(parts)
        case _ if len(parts) > 2:
            del parts[random.randrange(len(parts))]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
