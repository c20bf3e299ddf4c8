"""Measures spteproof and prints the tables: python bench/run.py [--quick] [--only SECTION ...] [--output FILE.md]

Ratios are taken pair by pair within one run, since two machines, and two hours of one machine, differ. The exit
status is 1 if something could not be measured or gave a verdict that is not the expected one.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from growth import growth_tables
from library_runs import library_tables
from measurement import Plan, quick, thorough
from peer_runs import peer_tables
from process_start import edit_tables, parse_tables, start_tables
from table import Table, markdown

SECTIONS: dict[str, Callable[[Plan], list[Table]]] = {
    "start": start_tables,
    "edit": edit_tables,
    "parse": parse_tables,
    "library": library_tables,
    "growth": growth_tables,
}
PACKAGES = ("spteproof", "z3-solver", "lark", "cvc5", "bitwuzla")


def main() -> int:
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="spteproof-bench-") as folder:
        plan = quick(Path(folder)) if options.quick else thorough(Path(folder))
        missing = what_is_missing()
        tables = []
        for name in options.only or [*SECTIONS, "peers"]:
            print(f"measuring: {name}", file=sys.stderr)
            tables += measured(name, plan, missing)
    text = "\n".join([header(), *map(markdown, tables)])
    if options.output:
        options.output.write_text(text)
    print(text)
    return 1 if any(table.wrong for table in tables) else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures spteproof and prints tables.")
    parser.add_argument("--quick", action="store_true", help="few repetitions, small sizes: about two minutes")
    parser.add_argument("--only", nargs="+", choices=[*SECTIONS, "peers"], help="these sections")
    parser.add_argument("--output", type=Path, metavar="FILE.md", help="write the tables there as well")
    return parser.parse_args()


def what_is_missing() -> str:
    """Why the tool cannot be measured, or nothing. Asked in another process, so that this one stays small."""
    asked = subprocess.run([sys.executable, "-c", "import spteproof.running.pipeline"], capture_output=True, text=True)
    return asked.stderr.strip().splitlines()[-1] if asked.returncode else ""


def measured(name: str, plan: Plan, missing: str) -> list[Table]:
    """The section's tables, or one that says why there are none."""
    try:
        if name == "peers":
            return peer_tables(plan, with_tool=not missing)
        if not missing:
            return SECTIONS[name](plan)
        reason = f"spteproof is not here: {missing}"
    except (RuntimeError, OSError, ValueError, KeyError) as error:
        reason = f"{type(error).__name__}: {error}"
    return [Table(title=f"Section `{name}`", columns=("figure",), rows=[("not measured",)], wrong=(reason,))]


def header() -> str:
    """What was measured on what."""
    versions = [f"{package} {installed(package)}" for package in PACKAGES] + [f"Spin {spin_version()}"]
    return (
        f"# spteproof: figures of {date.today().isoformat()}\n\n"
        f"Python {platform.python_version()}, {platform.system()} on {platform.machine()}, {os.cpu_count()} CPUs;"
        f" {', '.join(versions)}.\n"
    )


def installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not here"


def spin_version() -> str:
    if shutil.which("spin") is None:
        return "not here"
    words = subprocess.run(["spin", "-V"], capture_output=True, text=True).stdout.split()
    return words[2] if len(words) > 2 else "of unknown version"


if __name__ == "__main__":
    sys.exit(main())
