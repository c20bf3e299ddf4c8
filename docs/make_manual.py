"""Writes docs/spteproof.1, the manual page, from the command line's own words.

python docs/make_manual.py            writes it
python docs/make_manual.py --check    says whether it is in step: exit status 1 if not
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from spteproof.arguments import parser

PAGE = Path(__file__).with_name("spteproof.1")


def manual() -> str:
    """The whole page."""
    top = parser()
    commands = next(each for each in top._actions if isinstance(each, argparse._SubParsersAction))
    lines = ['.TH SPTEPROOF 1 "" "spteproof" "User commands"', ".SH NAME"]
    lines.append("spteproof \\- prove what concurrent changes of a KVM shadow page table entry keep")
    lines += [".SH SYNOPSIS", ".B spteproof", ".I COMMAND", "[options] [arguments]"]
    lines += [".SH DESCRIPTION", _plain(top.description or ""), ".SH OPTIONS"]
    for action in top._actions:
        if action is not commands:
            lines += _option(action)
    lines.append(".SH COMMANDS")
    for name, command in commands.choices.items():
        lines += _command(name, command)
    examples, _, status = (top.epilog or "").partition("exit status:\n")
    lines += [".SH EXIT STATUS", *_literal(status), ".SH EXAMPLES", *_literal(examples.removeprefix("examples:\n"))]
    lines += [
        ".SH FILES",
        ".TP",
        ".I ~/.cache/spteproof",
        "verdicts of earlier runs, kept under all that can change them",
    ]
    lines += [".SH ENVIRONMENT", ".TP", ".B SPTEPROOF_CACHE_DIR", "where verdicts are kept", ".TP", ".B NO_COLOR"]
    lines += ["no colour on a terminal (no-color.org)", ""]
    return "\n".join(lines)


def _command(name: str, command: argparse.ArgumentParser) -> Iterator[str]:
    positional = [each for each in command._actions if not each.option_strings]
    words = " ".join(rf"\fI{_plain(_value(each))}\fR{' ...' if each.nargs == '*' else ''}" for each in positional)
    yield f".SS spteproof {name} {words}".rstrip()
    yield _plain(command.description or "")
    for action in (*positional, *(each for each in command._actions if each.option_strings)):
        yield from _option(action)
    epilog = (command.epilog or "").removeprefix("examples:\n")
    if epilog:
        yield from (".P", "Examples:", *_literal(epilog))


def _option(action: argparse.Action) -> Iterator[str]:
    said = ", ".join(rf"\fB{_plain(each)}\fR" for each in action.option_strings)
    value = "" if action.nargs == 0 else rf"\fI{_plain(_value(action))}\fR"
    yield ".TP"
    yield " ".join(part for part in (said, f"[{value}]" if action.nargs == "?" and said else value) if part)
    yield _plain((action.help or "").replace("%%", "%"))


def _value(action: argparse.Action) -> str:
    if action.choices is not None:
        return "{" + ",".join(map(str, action.choices)) + "}"
    return str(action.metavar or (action.dest.upper() if action.option_strings else action.dest))


def _literal(text: str) -> list[str]:
    return [".nf", *[_plain(line) for line in text.rstrip("\n").split("\n")], ".fi"]


def _plain(text: str) -> str:
    """Text in which nothing is a request of troff."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{text}" if text.startswith((".", "\\(aq")) else text


def main() -> int:
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == manual() else 1
    PAGE.write_text(manual(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
