"""What a round has to say of one task: first which verdicts changed, then, when they are known, its counterexample."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from spteproof.colour import Paint
from spteproof.grammar.checked import Library
from spteproof.reports.instance_words import instance_lines
from spteproof.reports.interleaving import draw_interleaving
from spteproof.reports.result_words import judged
from spteproof.solver.results import REFUTED, SEARCHED, UNKNOWN, Result, Skipped
from spteproof.watching.state import Key, State, key_of

Verdicts = Mapping[Key, Result]
NOT_THERE = "not there"


@dataclass(frozen=True, slots=True)
class Telling:
    """Puts into the state what is told. In the `first` round of a watch all is new that is not as expected."""

    state: State
    library: Library
    paint: Paint
    first: bool

    def gone(self, names: Sequence[str]) -> list[str]:
        """Of tasks that are there no more."""
        lines = [line for name in names for line in self._changes(self._told(name), {})]
        self.state.forget(names)
        return lines

    def heard(self, name: str, text: str, found: Sequence[Result | Skipped], whole: bool) -> list[str]:
        """Of a task that was decided; `text` is the digest of what can change its verdicts."""
        told = self._told(name)
        if not whole:
            found = [_without_search(each) for each in found]
        now = {key_of(each): each for each in found if isinstance(each, Result)}
        if whole:
            lines = [*self._changes(told, now), *self._counterexample(told, now)]
            self.state.put(name, text, found, None)
            return lines
        as_bad = {key for key, each in now.items() if _is_as_bad(told.get(key), each)}
        said = [told[key_of(each)] if isinstance(each, Result) and key_of(each) in as_bad else each for each in found]
        lines = list(self._changes(told, {key_of(each): each for each in said if isinstance(each, Result)}))
        early = {key for key, each in now.items() if each.verdict == REFUTED}
        self.state.put(name, text, said, early - (as_bad - self.state.early))
        return lines

    def _told(self, name: str) -> Verdicts:
        return {key_of(each): each for each in self.state.results(name)}

    def _changes(self, told: Verdicts, now: Verdicts) -> Iterator[str]:
        """A line for each property whose verdict changed, with the instances."""
        groups: dict[tuple[str, str, str], list[Result]] = {}
        for key in dict.fromkeys([*now, *told]):
            said = self._said(key, told.get(key), now.get(key))
            if said is not None:
                groups.setdefault((key[0], key[1], said), []).append(now.get(key) or told[key])
        yield from self._asserts(groups)
        for (theorem, property, said), members in groups.items():
            where = "; ".join(" ".join(line.split()) for line in _where(members, self.library))
            yield f"{self.paint.bold(theorem)}  {property}"
            yield f"  {said}  in {where}"

    def _asserts(self, groups: dict[tuple[str, str, str], list[Result]]) -> Iterator[str]:
        """Takes out what changed alike of several asserts of a layout, and says it once; each that fails is named."""
        alike: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
        for group, members in groups.items():
            if members[0].theorem == members[0].layout and all(each.ok for each in members):
                alike.setdefault((group[0], group[2]), []).append(group)
        for (layout, said), several in alike.items():
            if len(several) > 1:
                yield f"{self.paint.bold(f'layout {layout}')}  {len(several)} asserts"
                yield f"  {said}"
                for group in several:
                    del groups[group]

    def _said(self, key: Key, was: Result | None, now: Result | None) -> str | None:
        """What is to be said of one verdict, if anything is. What is proved unasked, and as expected, comes and goes
        without a word."""
        before, after = [NOT_THERE if each is None else judged(each) for each in (was, now)]
        if before == after or all(each is None or (each.implicit and each.ok) for each in (was, now)):
            return None
        if now is None:
            return f"{before} -> {self.paint.dim(after)}"
        colour = self.paint.green if now.ok else _bad(now, self.paint)
        if was is None and self.first:
            return None if now.ok else colour(after)
        if was is not None and key in self.state.early and judged(replace(was, losing=now.losing)) == after:
            return colour(f"losing {' '.join(now.losing)} in all")
        return f"{before} -> {colour(after)}"

    def _counterexample(self, told: Verdicts, now: Verdicts) -> Iterator[str]:
        """The first one of what was as expected and is not."""
        for key, each in now.items():
            was = told.get(key)
            if each.ok or each.counterexample is None:
                continue
            if was is None or key in self.state.early or judged(was) != judged(each):
                yield ""
                yield draw_interleaving(each, each.counterexample, self.paint)
                return


def _without_search(each: Result | Skipped) -> Result | Skipped:
    """Told without the remark that the search goes on: its end is told, too."""
    return replace(each, reason=None) if isinstance(each, Result) and each.reason == SEARCHED else each


def _is_as_bad(was: Result | None, now: Result) -> bool:
    """Whether the verdict is refuted as it was: of which bits can be lost only the end of the search can tell."""
    return was is not None and was.verdict == now.verdict == REFUTED and _met(was) == _met(now)


def _met(result: Result) -> tuple[object, ...]:
    return result.ok, result.expected, result.expected_losing


def _bad(result: Result, paint: Paint) -> Callable[[str], str]:
    return paint.yellow if result.verdict == UNKNOWN else paint.red


def _where(members: Sequence[Result], library: Library) -> list[str]:
    if members[0].theorem in library.theorems and all(_is_known(each, library) for each in members):
        return instance_lines(members, library)
    return [" ".join([each.layout, *([each.era] if each.era else []), *each.params.values()]) for each in members]


def _is_known(result: Result, library: Library) -> bool:
    theorem = library.theorems[result.theorem]
    return result.layout in theorem.layouts and (result.era is None) == (not theorem.eras)
