"""The hunt: which checks can see which mutant, and whether one of them does."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from .altered import HOOK, PACKAGE, SOLVER, instrumented, module_of, path_of, put_in_place
from .changes import Mutant
from .checks import (
    ROOT,
    SPEC,
    TESTS,
    Check,
    Line,
    Texts,
    first_failing,
    record_random,
    record_tests,
    record_texts,
)
from .processes import allow, in_forks

MODULES = (
    "blocks", "call_runs", "claims", "closure", "closure_text", "counterexamples", "decision", "doubts", "environment",
    "equivalence", "exclusion", "execution", "filling", "finding.quick", "foremost", "ground", "happenings",
    "hypotheses", "instances", "integers", "interpretation", "jointly", "judgement", "loops", "needless", "noticing",
    "operations", "paths", "placements", "proof", "properties", "recurring", "refining", "retries", "schedules", "smtlib",
    "stepping", "store_buffer", "surroundings", "terms", "threads", "translation", "walks", "witness", "workbench",
    "z3_solver",
)  # fmt: skip
"""The modules that a verdict rests on. The others find what one of these checks, or show it."""

SLACK = 4.0
GENERATION = ROOT / "tests" / "differential" / "generation"
TEXT_PARTS = 16
"""The library's theorems are recorded in so many parts, each in a process of its own."""
SHARES = (({"theorem", "prediction"}, 0.25), ({"random"}, 0.25), ({"test"}, 0.5))
"""The parts of one's patience that go to each kind of check; of the tests' part, half to those that are about the
mutant's statement."""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a mutant: "killed" by a check, "survived" all that reach it, or the "same" code as before."""

    mutant: Mutant
    outcome: str
    by: str


def recorded(known: Texts, folder: Path, at_once: int, only: Sequence[Path] = (), library: bool = True) -> list[Check]:
    """All checks, or all but the library's, or the tests of some files, from the folder where nothing that matters has
    changed since they were recorded there."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = _digest([SOLVER, ROOT / "grammar"])
    files = [each.resolve() for each in only] or sorted(TESTS.glob("test_*.py"))
    parts: dict[Path, Path | int] = {folder / f"{sources}-{_digest([path])}.json": path for path in files}
    if not only and library:
        texts = _digest([SPEC, ROOT / "tests" / "predictions"])
        parts |= {folder / f"{sources}-{texts}-{part}of{TEXT_PARTS}.json": part for part in range(TEXT_PARTS)}
    if not only:
        parts[folder / f"{sources}-{_digest([GENERATION])}-{len(known.random)}.json"] = GENERATION
    missing = [kept for kept in parts if not kept.exists()]
    for kept, found in in_forks(lambda kept: _record(known, parts[kept]), missing, at_once, wall_seconds=3600.0):
        assert isinstance(found, list), f"{parts[kept]}: {found}"
        kept.write_text(json.dumps(found), encoding="utf-8")
    return [_check(each) for kept in parts for each in json.loads(kept.read_text(encoding="utf-8"))]


def _record(known: Texts, part: Path | int) -> list[object]:
    """The checks of one part: a file of tests, the random texts, or every so many-th theorem from a number on."""
    reached: set[Line] = set()
    paths = {module_of(each): each for each in [*SOLVER.glob("*.py"), *map(path_of, MODULES)]}
    put_in_place({module: instrumented(each) for module, each in paths.items()}, **{HOOK: reached.add})
    for module in paths:
        import_module(f"{PACKAGE}.{module}")  # pytest may look for modules in its own way once it runs
    found: list[object] = []

    def keep(check: Check) -> None:
        found.append((check.name, check.seconds, sorted(check.lines), check.counts))

    if isinstance(part, int):
        record_texts(list(known.named())[part::TEXT_PARTS], reached, keep)
    elif part == GENERATION:
        record_random(known, reached, keep)
    else:
        record_tests(part, reached, keep)
    return found


def _check(fields: list[object]) -> Check:
    name, seconds, lines, counts = fields
    assert isinstance(name, str) and isinstance(seconds, float) and isinstance(lines, list) and isinstance(counts, list)
    return Check(name, seconds, frozenset(map(tuple, lines)), tuple(map(tuple, counts)))


def _digest(paths: Sequence[Path]) -> str:
    """Of files, and all texts below folders."""
    digest = hashlib.sha256()
    files = [each for path in paths for each in ([path] if path.is_file() else path.rglob("*"))]
    for path in sorted(each for each in files if each.suffix in (".py", ".lark", ".spte")):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def that_reach(mutant: Mutant, checks: Sequence[Check], patience: float) -> list[Check]:
    """The checks that may see the mutant, for as long as `patience`, in seconds, and of each kind for its share of that. Of one
    group, as the cases of one test, the quickest comes first; a second one comes when each group had its first.
    What runs when the module is imported may be seen by whatever reaches the module."""
    place = (mutant.module, mutant.line)
    seeing = [
        each for each in checks
        if (place in each.lines if mutant.line else any(module == mutant.module for module, _ in each.lines))
    ]  # fmt: skip
    found: list[Check] = []
    for kinds, share in SHARES:
        reaching = [each for each in seeing if each.kind in kinds]
        about = _within(share * patience / 2, _about(mutant, reaching, checks)) if "test" in kinds else []
        seconds, known = share * patience - sum(each.seconds for each in about), {each.name for each in about}
        found += [*about, *_within(seconds, _in_turns([each for each in reaching if each.name not in known]))]
    return found


def _within(seconds: float, checks: Iterable[Check]) -> list[Check]:
    found = []
    for each in checks:
        if each.seconds < seconds:
            seconds -= each.seconds
            found.append(each)
    return found


def _about(mutant: Mutant, reaching: Sequence[Check], checks: Sequence[Check]) -> list[Check]:
    """The tests of the module's own file come first, then those of the file of which the greatest part reaches the
    statement."""
    files = Counter(each.file for each in checks)
    hits = Counter(each.file for each in reaching)
    own = f"/test_{mutant.module.rpartition('.')[2]}.py"
    return sorted(
        _in_turns(reaching), key=lambda each: (not each.file.endswith(own), -hits[each.file] / files[each.file])
    )


def _in_turns(checks: Sequence[Check]) -> list[Check]:
    """The quickest of each group, then the second of each, and so on."""
    turn: Counter[str] = Counter()
    found: list[tuple[int, float, int, Check]] = []
    for number, each in enumerate(sorted(checks, key=lambda each: each.seconds)):
        found.append((turn[each.group], each.seconds, number, each))
        turn[each.group] += 1
    return [each for *_, each in sorted(found, key=lambda each: each[:3])]


def hunt(
    known: Texts, mutants: Sequence[Mutant], checks: Sequence[Check], at_once: int, patience: float | None
) -> Iterator[Found]:
    """What becomes of each mutant, in no order; without `patience`, all checks are tried."""

    def work(mutant: Mutant) -> dict[str, str | None]:
        code = mutant.compiled()
        if code is None:
            return {"same": None}
        seeing = checks if patience is None else that_reach(mutant, checks, patience)
        put_in_place({mutant.module: code})
        allow(SLACK)
        import_module(f"{PACKAGE}.{mutant.module}")
        return {"killed": first_failing(known, seeing, lambda check: allow(SLACK + 10 * check.seconds))}

    for mutant, found in in_forks(work, mutants, at_once):
        assert isinstance(found, dict)
        if "same" in found:
            yield Found(mutant, "same", "")
        elif "ended" in found:
            yield Found(mutant, "killed", f"ended: {found['ended']}")
        elif found["killed"] is None:
            yield Found(mutant, "survived", "")
        else:
            yield Found(mutant, "killed", str(found["killed"]))
