"""Checks a bundle from its files alone: every file is what it was, every certificate shows its obligation, and every
verdict follows from what they show."""

import hashlib
import json
import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spteproof.certifying.checkers import Checkers
from spteproof.certifying.shapes import MANIFEST as MANIFEST_SHAPE
from spteproof.certifying.shapes import PART, parsed
from spteproof.certifying.store import Spoilt, Store
from spteproof.certifying.texts import check_entry, file_of, wrong_texts
from spteproof.certifying.writing import DIGEST, MANIFEST, SCHEMA
from spteproof.running.dropping import drop
from spteproof.solver.certificates.following import rest_of
from spteproof.solver.certificates.judging import check_satisfiable, check_unsatisfiable
from spteproof.solver.certificates.obligations import asserted
from spteproof.solver.certificates.parts import CLAUSES, JSON, LEMMAS, OBLIGATION


@dataclass(slots=True)
class Judged:
    """What was found of one part: `problems` make the bundle invalid; `verdicts` each with what it rests on, in words;
    `holes` counts what is taken on trust, `arguments` what verdicts rest on besides certificates,
    `counts` how many certificates of each kind were checked, `silent` on how many refutations another checker gave no
    answer, and why."""

    theorem: str
    problems: list[str] = field(default_factory=list)
    holes: Counter[str] = field(default_factory=Counter)
    arguments: Counter[str] = field(default_factory=Counter)
    verdicts: list[tuple[Mapping[str, Any], str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    silent: Counter[str] = field(default_factory=Counter)


Named = tuple[str, int, str]
"""A part: the theorem, the number of its instance, and the part's own name."""


def manifest_of(store: Store) -> dict[str, Any]:
    """The manifest. Raises Spoilt."""
    data = store.read(MANIFEST)
    if store.read(DIGEST) != (hashlib.sha256(data).hexdigest() + "\n").encode():
        raise Spoilt(f"{MANIFEST} is not what it was")
    try:
        _check_schema(json.loads(data))
        value = parsed(data, MANIFEST_SHAPE)
        asked = value["asked"]
        if not (0 < asked["timeout_seconds"] <= MOST_SECONDS and 0 < asked["effort"] < 1 << 32):
            raise ValueError("no run is asked for so long")
        for each in value["texts"]:
            check_entry(each)
        return value  # type: ignore[no-any-return]
    except (ValueError, RecursionError):
        raise Spoilt(f"{MANIFEST} is no manifest") from None


def _check_schema(value: Any) -> None:
    """Raises Spoilt, with what to do about it, for a bundle of another version, which may have another shape."""
    schema = value.get("schema") if isinstance(value, dict) else None
    if not isinstance(schema, str) or schema == SCHEMA:
        return
    made_by = value.get("made_by")
    by = made_by.get("spteproof") if isinstance(made_by, dict) else None
    raise Spoilt(
        f"{MANIFEST} is of {schema}, and this version reads {SCHEMA} alone: make the bundle again "
        f"(`prove --certify`), or verify it with the spteproof that made it ({by or 'which is not said'})"
    )


def judged(
    store: Store, manifest: Mapping[str, Any], jobs: int, checkers: Checkers, tell: Callable[[str], object] = str
) -> list[Judged]:
    """The texts and every part judged, in the manifest's order, and what belongs to none; `tell` hears of each part."""
    of_all = [(name, number, part) for name, made in manifest["parts"].items() for number, part in enumerate(made)]
    parts = [each for each in of_all if each[2] is not None]
    known = {MANIFEST, DIGEST, *[part for _, _, part in parts], *map(file_of, manifest["texts"])}
    wrong = list(wrong_texts(store, manifest))
    found = [Judged("its texts", problems=wrong)] if wrong else []
    for each, names in _each(PartJudge(store, checkers), parts, jobs):
        found.append(each)
        known |= names
        tell(each.theorem)
    strays = sorted(store.files() - known)
    if strays:
        found.append(Judged("the bundle", problems=[f"{name} belongs to nothing" for name in strays[:5]]))
    return found


def _each(judge: "PartJudge", parts: Sequence[Named], jobs: int) -> Iterator[tuple[Judged, set[str]]]:
    if jobs <= 1 or len(parts) <= 2:
        yield from map(judge, parts)
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context, initializer=_leave_interrupts) as pool:
        try:
            yield from pool.map(judge, parts, chunksize=8)
        except BaseException:
            drop(pool)
            raise


def _leave_interrupts() -> None:
    """Workers leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


TO_BE_REPLAYED = "to be replayed"
"""What a verdict rests on that only the texts can show."""

MOST_SECONDS = 1e6
"""No question of a bundle was given more seconds, as nobody can ask for more."""

_CHECKED: dict[tuple[str, ...], Sequence[str]] = {}
"""What was checked in this process, by the names of the files, which are digests of what they hold, and what other
checkers left open."""


@dataclass(frozen=True, slots=True)
class PartJudge:
    """Judges one part."""

    store: Store
    checkers: Checkers

    def __call__(self, named: Named) -> tuple[Judged, set[str]]:
        """What was found, and the names of the files that belong to it."""
        theorem, number, name = named
        result, names = Judged(theorem), {name}
        try:
            part = self._part(name)
            if (part["theorem"], part["number"]) != (theorem, number):
                raise Spoilt(f"{name} is about something else")
            for script in part["scripts"]:
                self._script(script, result, names)
            for case in part["cases"]:
                names |= {each["witness"] for each in case["witnesses"]}
                result.counts["executions"] += len(case["witnesses"])
            for each in names:
                self.store.get(each)
            for verdict in part["verdicts"]:
                self._verdict(verdict, part, result)
        except Spoilt as spoilt:
            result.problems.append(str(spoilt))
        except IndexError:
            result.problems.append(f"{name} names scripts that it has not")
        except (ValueError, RecursionError) as error:
            result.problems.append(str(error) or f"{name} cannot be read")
        return result, names

    def _part(self, name: str) -> dict[str, Any]:
        """Raises Spoilt."""
        text = self.store.get(name, JSON)
        try:
            return parsed(text, PART)  # type: ignore[no-any-return]
        except ValueError:
            raise Spoilt(f"{name} is no part of a bundle") from None

    def _script(self, script: Mapping[str, Any], result: Judged, names: set[str]) -> None:
        """Checks all certificates of one script. Raises ValueError, Spoilt."""
        if "refutation" in script:
            made = script["refutation"]
            files = (made["obligation"], made["clauses"], made["lemmas"])
            names.update(files)
            text = self._asserting(made["obligation"], "or", script.get("no", []))
            result.silent.update(self._once(files, lambda: self._check_refutation(text, files[1], files[2])))
            result.counts["refutations"] += 1
            result.counts["answers no"] += len(script.get("no", []))
        elif script.get("no") and "not refuted" not in script:
            raise ValueError("answers have no certificate")
        if "satisfactions" in script:
            shown = [each for made in script["satisfactions"] for each in made["asked"]]
            if sorted(shown) != sorted(script.get("yes", [])):
                raise ValueError("answers have no certificate")
            for made in script["satisfactions"]:
                names.update((made["obligation"], made["values"]))
                self._satisfaction((made["obligation"], made["values"]), made["asked"])
            result.counts["satisfactions"] += len(script["satisfactions"])
            result.counts["answers yes"] += len(shown)
        elif script.get("yes") and "not satisfied" not in script:
            raise ValueError("answers have no certificate")

    def _check_refutation(self, text: str, clauses: str, lemmas_name: str) -> list[str]:
        dimacs, lemmas = self.store.get(clauses, CLAUSES), self.store.get(lemmas_name, LEMMAS)
        check_unsatisfiable(text, dimacs, lemmas)
        return list(self.checkers.silent(dimacs, lemmas))

    def _satisfaction(self, files: tuple[str, str], asked: Sequence[Sequence[str]]) -> None:
        text = self._asserting(files[0], "and", asked)
        self._once(files, lambda: check_satisfiable(text, parsed(self.store.get(files[1], JSON), {"*": int})))

    def _asserting(self, name: str, operator: str, asked: Sequence[Sequence[str]]) -> str:
        """The text of an obligation, which must end with what was asked. Raises ValueError, Spoilt."""
        text = self.store.get(name, OBLIGATION)
        if not text.endswith(f"\n{asserted(operator, asked)}\n(check-sat)\n"):
            raise ValueError(f"{name} does not state what was asked")
        return text

    @staticmethod
    def _once(files: tuple[str, ...], check: Callable[[], Sequence[str] | None]) -> Sequence[str]:
        """Checks what was not checked before; gives what other checkers have left open."""
        if files not in _CHECKED:
            try:
                _CHECKED[files] = check() or ()
            except ValueError as error:
                raise ValueError(f"{files[0]}: {error}") from None
        return _CHECKED[files]

    @staticmethod
    def _verdict(verdict: Mapping[str, Any], part: Mapping[str, Any], result: Judged) -> None:
        rest = rest_of(verdict, part)
        if rest.wrong is not None:
            result.problems.append(f"`{verdict['property']}` in {verdict['layout']}: {rest.wrong}")
        result.holes.update(rest.holes)
        result.arguments.update(verdict["arguments"])
        words = rest.wrong or "; ".join(rest.holes) or (TO_BE_REPLAYED if rest.replays else "complete")
        result.verdicts.append((verdict, words))


def store_at(folder: Path) -> Store:
    """The bundle in a folder. Raises Spoilt."""
    if not folder.is_dir():
        raise Spoilt(f"{folder} is no folder")
    return Store(folder)
