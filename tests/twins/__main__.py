"""Finds a broken twin for each proved theorem of the library that has none in tests/spec/twins.json.

    python -m tests.twins                    # for each theorem that lacks one
    python -m tests.twins --check            # shows all twins to their theorems again
    python -m tests.twins --by-folder        # how many there are

The list holds, under `twins`, the change and the instance in which it is refuted; under `none`, the theorems for which none was found.
What is found is kept at once: a search may be stopped and goes on where it was.
"""

import argparse
import sys
from collections import Counter

from .finding import found_for
from .listing import Twin, file_of, is_refuted, keep, kept, theorems


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.twins", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="show all twins to their theorems again")
    parser.add_argument("--by-folder", action="store_true", help="count them")
    parser.add_argument("--again", action="store_true", help="try those as well for which none was found")
    parser.add_argument("--seconds", type=float, default=30.0, help="of a processor, for one theorem (default: 30)")
    parser.add_argument("--part", default="", help="only theorems of files below this folder of the library")
    called = parser.parse_args()
    if called.by_folder:
        return count()
    return check(called.part) if called.check else find(called.part, called.seconds, called.again)


def count() -> int:
    twins, none = (Counter(file_of(theorems()[name]).split("/")[0] for name in names) for names in kept())
    for folder in sorted({*twins, *none}):
        print(f"{folder}: {twins[folder]} twins, {none[folder]} theorems without")
    return 0


def check(part: str) -> int:
    status = 0
    for name, twin in kept()[0].items():
        if file_of(theorems()[name]).startswith(part) and not is_refuted(name, twin):
            print(f"{name}: its twin is not refuted")
            status = 1
    return status


def find(part: str, seconds: float, again: bool) -> int:
    twins, none = kept()
    for name, theorem in theorems().items():
        if name in twins or name in none and not again or not file_of(theorem).startswith(part):
            continue
        found = found_for(name, seconds)
        none.pop(name, None)
        if isinstance(found, Twin):
            twins[name] = found
        elif found is not None:
            none[name] = found
            print(f"{name}: {found}")
        keep(twins, none)
    return 1 if none else 0


if __name__ == "__main__":
    sys.exit(main())
