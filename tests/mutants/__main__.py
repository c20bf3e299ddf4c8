"""`python -m tests.mutants`: makes mutants of the solver and tells which no test sees.

    python -m tests.mutants --module translation --sample 100 --seed 1 --jobs 2 --output mutants.jsonl

Without `--module` all modules that a verdict rests on; without `--sample` all their mutants. What a run found is added to `--output`, a line each;
`--again FILE` tries those once more that survived there. Exit status 1: some survived that `equivalent.txt` does not tell why.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .altered import path_of
from .changes import Mutant, mutants
from .checks import ROOT, texts
from .equivalent import reasons
from .hunting import MODULES, Found, hunt, recorded
from .processes import warm_up

KEPT = ROOT / "build" / "mutants"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    made = {name: mutants(path_of(name)) for name in map(_module, options.module or MODULES)}
    argued = reasons()
    wanted = [each for name in made for each in _chosen(made[name], options) if each.key not in argued]
    if options.list:
        for each in wanted:
            print(f"{each.shown}: {each.key}")
        return 0
    warm_up()
    known = texts()
    checks = recorded(known, KEPT, options.jobs, options.checks or (), options.library)
    print(f"{len(wanted)} mutants, {len(checks)} checks", flush=True)
    started, found = time.monotonic(), []
    for number, each in enumerate(hunt(known, wanted, checks, options.jobs, options.patience), start=1):
        found.append(each)
        if options.output:
            with options.output.open("a", encoding="utf-8") as file:
                told = {"key": each.mutant.key, "outcome": each.outcome, "by": each.by, "at": each.mutant.shown}
                file.write(json.dumps(told) + "\n")
        if each.outcome == "survived":
            print(f"{each.mutant.shown}: survived: {each.mutant.key}", flush=True)
        elif number % 100 == 0:
            print(f"{number} of {len(wanted)}, {time.monotonic() - started:.0f} s", flush=True)
    _report(made, found, argued)
    return int(any(each.outcome == "survived" for each in found))


def _module(told: str) -> str:
    return told.removeprefix("solver/").removesuffix(".py").replace("/", ".")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument(
        "--module", action="append", help="a module of solver/, as translation or solver/translation.py"
    )
    parser.add_argument("--sample", type=int, help="at most so many mutants of each module, chosen by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--patience", type=float, default=12.0, help="seconds of checks that one mutant may survive")
    parser.add_argument("--output", type=Path, help="a file to which each mutant's fate is added, as a line of JSON")
    parser.add_argument("--again", type=Path, help="only what survived according to this file")
    parser.add_argument("--checks", type=Path, action="append", help="only the tests of this file, and no texts")
    parser.add_argument("--list", action="store_true", help="list the mutants, and try none")
    parser.add_argument(
        "--library",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether the library's theorems and the predictions are shown to the mutants; to record them takes long",
    )
    parser.set_defaults(module=None)
    return parser


def _chosen(made: Sequence[Mutant], options: argparse.Namespace) -> list[Mutant]:
    if options.again:
        lines = [json.loads(line) for line in options.again.read_text(encoding="utf-8").splitlines()]
        fate = {line["key"]: line["outcome"] for line in lines}
        made = [each for each in made if fate.get(each.key) == "survived"]
    if options.sample is None or options.sample >= len(made):
        return list(made)
    picked = random.Random(f"{options.seed} {made[0].module}").sample(range(len(made)), options.sample)
    return [made[number] for number in sorted(picked)]


def _report(made: dict[str, list[Mutant]], found: Sequence[Found], argued: dict[str, str]) -> None:
    count = Counter((each.mutant.module, each.outcome) for each in found)
    print(f"{'module':16}{'possible':>9}{'made':>6}{'killed':>8}{'survived':>10}{'equivalent':>12}")
    for name, all_of_it in made.items():
        killed, survived = count[name, "killed"], count[name, "survived"]
        equivalent = sum(each.key in argued for each in all_of_it)
        print(f"{name:16}{len(all_of_it):9}{killed + survived:6}{killed:8}{survived:10}{equivalent:12}")
    killed, survived = (sum(each.outcome == outcome for each in found) for outcome in ("killed", "survived"))
    print(f"{killed} of {killed + survived} killed, {100 * killed / max(killed + survived, 1):.1f} %")


if __name__ == "__main__":
    sys.exit(main())
