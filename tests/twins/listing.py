"""The kept list of broken twins: for each proved theorem of the library one small change that makes it refuted."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from spteproof.grammar import checked as c
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.known import Known
from spteproof.grammar.modules import Loaded, load
from spteproof.grammar.mutation.mutants import Mutant, mutants
from spteproof.grammar.origins import file_key
from spteproof.grammar.reading import read_module
from spteproof.running.pipeline import LIBRARY
from spteproof.solver.instances import Instance, expectation, instances
from spteproof.solver.noticing import NoticingAll
from spteproof.solver.proof import Prover
from spteproof.solver.results import PROVED, REFUTED, Budget, Result

LIST = Path(__file__).resolve().parents[1] / "spec" / "twins.json"
BUDGET = Budget(shortest_seconds=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The `number`th mutant of `item` in `file` (below the library's root) that puts `new` for `old`; in the instance
    of this layout, era and choices the theorem's `property` is refuted, and proved without the change."""

    file: str
    item: str
    kind: str
    old: str
    new: str
    number: int
    layout: str
    era: str | None
    params: Mapping[str, str]
    property: str

    def mutated(self) -> str | None:
        """The text with the change; None where the text holds nothing of the kind."""
        text = text_of(self.file)
        fitting = [each for each in mutants_of(self.file) if self._is(each, text)]
        return fitting[self.number].of(text) if self.number < len(fitting) else None

    def _is(self, mutant: Mutant, text: str) -> bool:
        return (mutant.item, text[mutant.start : mutant.end], mutant.new) == (self.item, self.old, self.new)

    def is_of(self, instance: Instance) -> bool:
        return (instance.layout, instance.era, dict(instance.parameters)) == (self.layout, self.era, dict(self.params))


@cache
def library() -> Loaded:
    return load([LIBRARY], library_root=LIBRARY)


@cache
def text_of(file: str) -> str:
    return (LIBRARY / file).read_text(encoding="utf-8")


@cache
def mutants_of(file: str) -> list[Mutant]:
    key = file_key(LIBRARY / file)
    source = next(each for each in library().sources if each.path is not None and file_key(each.path) == key)
    return mutants(read_module(source, Findings()))


def theorems() -> Mapping[str, c.Theorem]:
    whole = library().library
    assert whole is not None
    return whole.theorems


def file_of(theorem: c.Theorem) -> str:
    assert theorem.place.source.path is not None
    return Path(file_key(theorem.place.source.path)).relative_to(file_key(LIBRARY)).as_posix()


def in_twin(theorem: str, file: str, text: str) -> c.Library | None:
    """The library of the theorem's file, where `text` stands for that of `file`; None where it has no meaning."""
    own = LIBRARY / file_of(theorems()[theorem])
    known = known_of(own)
    return load([own], library_root=LIBRARY, open_texts={file_key(LIBRARY / file): text}, known=known).library


@cache
def known_of(path: Path) -> Known:
    known = Known()
    load([path], library_root=LIBRARY, known=known)
    return known


def of_instance(prover: Prover, instance: Instance) -> list[Result]:
    return [each for each in prover.decide(instance) if isinstance(each, Result)]


def is_refuted(theorem: str, twin: Twin) -> bool:
    """Whether the twin is refuted, by an execution that was found and replayed."""
    text = twin.mutated()
    found = None if text is None else in_twin(theorem, twin.file, text)
    if found is None:
        return False
    instance = next((each for each in instances(found, found.theorems[theorem]) if twin.is_of(each)), None)
    results = [] if instance is None else of_instance(Prover(found, BUDGET, kind=NoticingAll), instance)
    return any((each.property, each.verdict, each.expected) == (twin.property, REFUTED, PROVED) for each in results)


def expects_a_proof(theorem: c.Theorem, instance: Instance) -> bool:
    """Whether the author expects something to be proved in this instance."""
    wanted = [expectation(each, instance) for each in theorem.proves]
    return instance.skipped is None and any(each is None or each.verdict == PROVED for each in wanted)


def kept() -> tuple[dict[str, Twin], dict[str, str]]:
    """The twins, and the theorems without one, with the reason."""
    if not LIST.exists():
        return {}, {}
    document = json.loads(LIST.read_text(encoding="utf-8"))
    return {name: Twin(**each) for name, each in document["twins"].items()}, document["none"]


def keep(twins: Mapping[str, Twin], none: Mapping[str, str]) -> None:
    document = {
        "twins": {name: asdict(twins[name]) for name in sorted(twins)},
        "none": {name: none[name] for name in sorted(none)},
    }
    LIST.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
