"""Mutants that an author declares equivalent, and the proof that they are.

A comment on the mutated line, or on lines of comments just above it, declares one:

    // equivalent mutant: OLD => NEW because REASON

OLD is the text that was changed and NEW what stands for it, blanks apart. Of a predicate, function or helper outside of
eras the tool then proves it: both give the same for all values of their parameters, in every layout of the theorems
that use it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from spteproof.grammar import surface as s
from spteproof.grammar.modules import load
from spteproof.grammar.mutation.mutants import Mutant
from spteproof.grammar.names import Module
from spteproof.grammar.origins import file_key
from spteproof.mutating.judging import Court
from spteproof.mutating.outcomes import Subject
from spteproof.running.pipeline import LIBRARY
from spteproof.solver.proof import Prover
from spteproof.solver.results import PROVED, REFUTED, Result

_DECLARED = re.compile(r"//\s*equivalent mutant:\s*(.*?)\s*=>\s*(.*?)\s+because\s+(\S.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A declaration; `lines` are the numbers of the lines that it may be about."""

    line: int
    lines: tuple[int, int]
    start: int
    end: int
    old: str
    new: str
    reason: str

    def is_about(self, mutant: Mutant, text: str) -> bool:
        line = text.count("\n", 0, mutant.start) + 1
        old = text[mutant.start : mutant.end]
        told, made = (_bare(self.old), _bare(self.new)), (_bare(old), _bare(mutant.new))
        return self.lines[0] <= line <= self.lines[1] and told == made


def _folded(text: str) -> str:
    return " ".join(text.split())


def _bare(text: str) -> str:
    """Without the brackets around all of it, if there are some: an author may leave them out."""
    text = _folded(text)
    inside = text[1:-1].strip()
    depths = accumulate((each == "(") - (each == ")") for each in inside)
    around = text.startswith("(") and text.endswith(")") and min(depths, default=0) >= 0
    return _bare(inside) if around else text


def declared(text: str) -> list[Declared]:
    """All declarations of a text, in order."""
    lines = text.splitlines()
    found = []
    for match in _DECLARED.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        last = line
        while last < len(lines) and lines[last - 1].lstrip().startswith("//"):
            last += 1
        found.append(
            Declared(
                line=line,
                lines=(line, last),
                start=match.start(),
                end=match.end(),
                old=_folded(match[1]),
                new=_folded(match[2]),
                reason=match[3],
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a declared equivalence is not proved; `refuted` where it is shown to be wrong."""

    text: str
    refuted: bool = False


def why_not_proved(court: Court, subject: Subject) -> Problem | None:
    """None where the mutant is proved to be equivalent."""
    mutant = subject.mutant
    module = next(each for each in court.modules if _path(each) == file_key(subject.path))
    item = next((each for each in module.items if _is(each, mutant)), None)
    if mutant.era is not None or not isinstance(item, s.PureItem | s.HelperItem):
        return Problem("only of predicates, functions and helpers outside of eras can it be proved")
    if any(each.pointer for each in item.parameters):
        return Problem("it has a parameter that is a reference")
    layouts = _layouts(court, subject)
    if not layouts:
        return Problem("no theorem uses it")
    text = module.source.text + _question(module.source.text, item, mutant, layouts)
    loaded = load([subject.path], library_root=LIBRARY, open_texts={file_key(subject.path): text})
    if loaded.library is None:
        return Problem("the twin cannot be stated beside it")
    prover = Prover(loaded.library, court.budget)
    lemma = loaded.library.theorems[f"{item.name.text}_and_its_twin"]
    results = [each for each in prover.prove(lemma) if isinstance(each, Result)]
    for each in results:
        if each.verdict != PROVED:
            return Problem(f"that both are the same is {each.verdict} in {each.layout}", each.verdict == REFUTED)
    return None if results else Problem("there is nothing to prove it in")


def _path(module: Module) -> str | None:
    return None if module.source.path is None else file_key(module.source.path)


def _is(item: s.Item, mutant: Mutant) -> bool:
    return isinstance(item, s.PureItem | s.HelperItem) and item.start <= mutant.start and mutant.end <= item.end


def _layouts(court: Court, subject: Subject) -> list[str]:
    names: dict[str, None] = {}
    for theorem in court.judges_of(subject):
        names.update(dict.fromkeys(court.library.theorems[theorem].layouts))
    return list(names)


def _question(text: str, item: s.PureItem | s.HelperItem, mutant: Mutant, layouts: Sequence[str]) -> str:
    """The mutated item under another name, and the lemma that both are the same. An `int` is a local of it, as a
    parameter would have bounds."""
    name = item.name.text
    twin = f"{name}_twin"
    mutated = text[item.start : mutant.start] + mutant.new + text[mutant.end : item.end]
    shift = item.name.start - item.start
    mutated = mutated[:shift] + twin + mutated[shift + len(name) :]
    told = [(each.sort.text, each.name.text) for each in item.parameters]
    parameters = ", ".join(f"{sort} {name}" for sort, name in told if sort != "int")
    inputs = "".join(f"int {name} = any; " for sort, name in told if sort == "int")
    arguments = ", ".join(each.name.text for each in item.parameters)
    both = f"{name}({arguments})", f"{twin}({arguments})"
    claim = f"that {both[0]} == {both[1]}" if isinstance(item, s.PureItem) else f"equivalent {both[0]}, {both[1]}"
    where = f" for layout in {', '.join(layouts)}"
    return f"\n{mutated}\nlemma {name}_and_its_twin({parameters}){where} {{ {inputs}prove {claim}; }}\n"


def of_texts(modules: Sequence[Module], paths: Sequence[Path]) -> dict[Path, list[Declared]]:
    """The declarations in each of the files."""
    texts = {_path(module): module.source.text for module in modules}
    return {path: declared(texts[file_key(path)]) for path in paths}
