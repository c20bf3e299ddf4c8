"""All executions of a program as one decision diagram, and what they make of a few truth values.

Used to find a predicate; what is found is decided again by the solver, so a mistake here cannot make an answer wrong
but only leave it not shown.
"""

from collections.abc import Mapping, Sequence

from spteproof.solver.bitwise import Bits
from spteproof.solver.blasting import Blaster
from spteproof.solver.closure import Closure
from spteproof.solver.closure_text import PRE
from spteproof.solver.decision_diagrams import FALSE, TRUE, Diagrams
from spteproof.solver.environment import ENTRY
from spteproof.solver.execution import Execution, Gap
from spteproof.solver.happenings import State
from spteproof.solver.operations import WORD_BITS
from spteproof.solver.surroundings import AFTER, BEFORE, Surroundings
from spteproof.solver.terms import Term, Terms

_STRIDE = 1024

Answer = tuple[str, int]
"""A truth value that is kept: a parameter of a predicate and the number of its bit."""


class Projection:
    """A table of diagrams in which the kept truth values stand beside the bits of words of the same number. Raises
    TooLarge past `limit` nodes."""

    def __init__(self, limit: int, kept: Sequence[Answer]) -> None:
        self.diagrams = Diagrams(limit)
        self.numbers: dict[Answer, int] = {}
        slots: dict[str, int] = {}
        for name, bit in kept:
            self.numbers[name, bit] = bit * _STRIDE + slots.setdefault(name, len(slots))
        self._first = len(slots)
        self._words: dict[Term, int] = {}
        self._truths: dict[Term, int] = {}
        self._asked: dict[Term, str] = {}
        self._blaster = Blaster(self.diagrams, self._leaf)

    def asked(self, terms: Terms, name: str, is_word: bool) -> Term:
        """A variable whose bits are the kept truth values of this parameter."""
        term = (terms.word_variable if is_word else terms.truth_variable)(f"asked {name}")
        self._asked[term] = name
        return term

    def truth(self, term: Term) -> int:
        return self._blaster.truth(term)

    def _leaf(self, term: Term) -> Bits | None:
        if term.operator != "variable":
            return None
        if term in self._asked:
            name = self._asked[term]
            bits = range(WORD_BITS if term.is_word else 1)
            return tuple(self.diagrams.variable(self.numbers[name, bit]) for bit in bits)
        if not term.is_word:
            return (self.diagrams.variable(self._truths.setdefault(term, -1 - len(self._truths))),)
        slot = self._first + self._words.setdefault(term, len(self._words))
        return tuple(self.diagrams.variable(bit * _STRIDE + slot) for bit in range(WORD_BITS))

    def executions(self, terms: Terms, run: Execution, surroundings: Surroundings) -> list[int]:
        """The hypotheses, and each gap filled by the environment: all of them must hold."""
        found = [self._blaster.truth(run.hypotheses)]
        for gap in run.gaps:
            if surroundings.closure is not None and not surroundings.closure.is_identity():
                found.append(self._filled(surroundings.closure, gap))
            if surroundings.rely is not None:
                ends = {terms.word_variable(BEFORE): gap.before.entry, terms.word_variable(AFTER): gap.after.entry}
                found.append(self._blaster.truth(terms.substitute([surroundings.rely], ends)[0]))
        return found

    def _filled(self, closure: Closure, gap: Gap) -> int:
        d = self.diagrams
        done = {FALSE: FALSE, TRUE: TRUE}
        for at in closure.diagrams.below([closure.whole]):
            number, low, high = closure.diagrams.node(at)
            meaning = closure.meaning[number]
            if isinstance(meaning[0], Term):
                term, bit = meaning
                assert isinstance(bit, int)
                condition = self._blaster.bits(term)[bit]
            else:
                name, bit = meaning[1]
                early = meaning[0] == PRE or name in closure.read_ghosts
                condition = self._blaster.bits(_part(gap.before if early else gap.after, name))[bit]
            done[at] = d.choose(condition, done[high], done[low])
        masks = {ENTRY: closure.mask, **{name: closure.words[name] for name in closure.ghosts if name in closure.words}}
        kept = TRUE
        for bit in reversed(range(WORD_BITS)):  # from the last variable up: each step then makes few nodes
            for name, mask in masks.items():
                if not mask >> bit & 1:
                    before, after = (
                        self._blaster.bits(_part(gap.before, name)),
                        self._blaster.bits(_part(gap.after, name)),
                    )
                    kept = d.both(d.same(before[bit], after[bit]), kept)
        return d.both(done[closure.whole], kept)

    def kept(self, conditions: Sequence[int], truths: Sequence[Term], answers: Mapping[Answer, Term]) -> int:
        """For which values of the kept truth values all of this can hold."""
        d = self.diagrams
        whole = TRUE
        for answer in sorted(answers, key=lambda each: -self.numbers[each]):
            told = d.same(d.variable(self.numbers[answer]), self._blaster.truth(answers[answer]))
            whole = d.both(told, whole)
        for condition in [*conditions, *[self._blaster.truth(each) for each in truths]]:
            whole = d.both(whole, condition)
        own = set(self.numbers.values())
        return d.exists(whole, frozenset(d.support([whole]) - own))


def _part(state: State, name: str) -> Term:
    return state.entry if name == ENTRY else state.ghosts[name]
