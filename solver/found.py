"""The counterexamples that were found to one claim, and which of them is the shortest."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from spteproof.grammar import checked as c
from spteproof.solver.doubts import INTERNAL, RETRY, UNDEFINED, Doubt
from spteproof.solver.results import Counterexample
from spteproof.solver.walks import below

NO_MORE = Doubt(INTERNAL, "")
"""What is known already is all that there is: no reason at all."""


@dataclass(slots=True)
class Found:
    """`bits` are all that can be lost; `per_bit` the counterexamples, one for each of the first SHOWN_BITS of them (or
    the only one, where the property does not speak of bits), and a shorter one where there is one; `at_once` loses all
    the bits that were asked for at one moment. `problem` is why a counterexample for some further bit does not count;
    `doubtful` says that one which was not met may be shorter."""

    bits: int = 0
    per_bit: list[Counterexample] = field(default_factory=list)
    at_once: Counterexample | None = None
    problem: str | None = None
    doubtful: bool = False

    def is_short(self) -> bool:
        """Whether there is one, each is the shortest for its bit, and all need a step of the environment."""
        return bool(self.per_bit) and all(each.shortest and each.environment_steps for each in self.per_bit)

    def take_shorter(self, example: Counterexample | None) -> None:
        """Another one, the shortest of all where its search was complete; None where none was found."""
        if example is not None and example.environment_steps < self._least().environment_steps:
            self.per_bit.append(example)
        self.doubtful = example is None or not example.shortest

    def drawn(self) -> tuple[Counterexample, tuple[Counterexample, ...]]:
        """The one to show, and all others."""
        least = None if self.at_once is not None else self._least()
        shown = self.at_once or self.shortest()
        return shown, tuple(each for each in self.per_bit if each is not least and each != shown)

    def shortest(self) -> Counterexample:
        """The one with the fewest steps. It is not shown to be the shortest of all where the search for another bit was
        not complete: that bit may be lost in fewer."""
        least = self._least()
        sure = not self.doubtful and all(each.shortest for each in self.per_bit) and self.problem is None
        return replace(least, shortest=least.shortest and (sure or not least.environment_steps))

    def _least(self) -> Counterexample:
        return min(self.per_bit, key=lambda each: (each.environment_steps, each.start.bit_count(), each.start))


def reads_at_the_end(what: c.Property | str, parameters: Collection[str]) -> bool:
    """Whether it judges events by locals as they are at the end, which a run that an assumption stops may not reach."""
    named = {each.name for each in below(what) if isinstance(each, c.Variable)}
    return isinstance(what, c.Preserves | c.ChangesOnly | c.Resurrects) and not named <= set(parameters)


def why_not_violated(what: c.Property | str, written: Collection[str], parameters: Collection[str]) -> Doubt:
    """Why the execution of a model, replayed, does not violate the property; `written` are the ghosts that agents set.
    What they set for a moment, between two events, the model does not show: a retry may wait for what comes of it."""
    if isinstance(what, c.Conserves) and isinstance(what.into, c.GhostName) and what.into.name in written:
        return Doubt(RETRY, f"a retry ends only where agents may have set `{what.into.name}` for a moment meanwhile")
    if reads_at_the_end(what, parameters):
        return Doubt(
            UNDEFINED, "it is violated only where the program comes to no end, at which its mask would have a value"
        )
    return Doubt(INTERNAL, "internal error: the replayed counterexample does not violate the property")
