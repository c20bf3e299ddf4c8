"""What the words of several commands have in common."""

import argparse
from pathlib import Path
from typing import TypeAlias

from spteproof.argument_values import megabytes, positive, seconds

Commands: TypeAlias = "argparse._SubParsersAction[Command]"


class Command(argparse.ArgumentParser):
    """A command's own words. Options may stand between the others: `show NAME --layout L FILE`; behind `--` there are
    none. What it does not know it refuses itself, with its own usage, not that of all commands."""

    _inside = False

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        if self._inside:
            return super().parse_known_args(args, namespace)
        if "--" in args:
            found, unknown = super().parse_known_args(args, namespace)
        else:
            self._inside = True  # the call below makes its two passes, options and what is left, through this method
            try:
                found, unknown = self.parse_known_intermixed_args(args, namespace)
            finally:
                self._inside = False
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown


def add_command(commands: Commands, name: str, help: str, examples: str) -> argparse.ArgumentParser:
    """A command with its help, and the options that all have."""
    command = commands.add_parser(
        name,
        help=help,
        description=help[0].upper() + help[1:] + ".",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colour; auto: on a terminal, unless NO_COLOR is set or TERM is dumb",
    )
    return command


_TEXTS = "files, folders (hidden ones, virtual environments and bundles of certificates in them are left out)"
PATHS = f"{_TEXTS}, or - for standard input; the tool's own library if none is given"
WATCHED = f"{_TEXTS} (default: this folder)"


def add_paths(command: argparse.ArgumentParser, help: str = PATHS) -> None:
    """The texts to read."""
    command.add_argument("paths", nargs="*", metavar="PATH", help=help)


def add_scope(command: argparse.ArgumentParser) -> None:
    """In which layouts and eras."""
    command.add_argument("--layout", action="append", metavar="NAME", help="only in this layout (may be repeated)")
    command.add_argument("--era", action="append", metavar="NAME", help="only in this era (may be repeated)")


def add_timeout(command: argparse.ArgumentParser) -> None:
    """How long the solver may take."""
    command.add_argument(
        "--timeout", type=seconds, default=10.0, metavar="SECONDS", help="limit for one solver call (default: 10)"
    )


def add_proofs(command: argparse.ArgumentParser, paths: str = PATHS) -> None:
    """What is proved, and how: the options of all commands that prove."""
    add_paths(command, paths)
    add_scope(command)
    command.add_argument(
        "--theorem", action="append", metavar="GLOB", help="only theorems whose name matches (may be repeated)"
    )
    command.add_argument(
        "--jobs", type=positive, metavar="N", help="worker processes (default: one for each processor)"
    )
    add_timeout(command)
    command.add_argument(
        "--instance-timeout",
        type=seconds,
        default=300.0,
        metavar="SECONDS",
        help="limit for one theorem in one layout, era and choice of parameters, all that it takes (default: 300)",
    )
    command.add_argument(
        "--memory",
        type=megabytes,
        metavar="MB",
        help="limit for the memory that proofs take in each worker process (default: none)",
    )
    command.add_argument("--no-cache", action="store_true", help="neither use nor keep earlier verdicts")


def add_output(command: argparse.ArgumentParser) -> None:
    """Where the report goes."""
    command.add_argument("--output", type=Path, metavar="FILE", help="write the report there, whole or not at all")
