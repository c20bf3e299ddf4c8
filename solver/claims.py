"""What is claimed of one instance, and what one concrete layout says of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from spteproof.grammar import checked as c
from spteproof.solver.doubts import Doubt
from spteproof.solver.naming import lacking_words
from spteproof.solver.operations import ALL_ONES
from spteproof.solver.results import REFUTED, UNKNOWN, Counterexample
from spteproof.solver.terms import Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing to decide: a `prove`, or what is proved without being asked (`implicit`)."""

    text: str
    property: c.Property | str
    place: object
    prove: c.Prove | None


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What one concrete layout says of one claim. Of a proved one: `untriggered`, what it waits for never happens;
    `no_bits`, its mask holds no bit."""

    verdict: str
    reason: str | None = None
    untriggered: bool = False
    no_bits: bool = False
    losing: tuple[str, ...] = ()
    counterexample: Counterexample | None = None
    others: tuple[Counterexample, ...] = ()
    lacking: tuple[str, ...] = ()
    asked: tuple[str, ...] | None = None
    kept: tuple[str, ...] = ()
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What one concrete layout says of all claims of an instance, with agents that change nothing and branches
    that nothing reaches. `problem` is why nothing was decided, asserts and the like included."""

    claims: Sequence[Claim]
    verdicts: Sequence[Verdict]
    idle: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    retries: tuple[str, ...] = ()
    problem: Doubt | None = None

    def verdict_on(self, text: str, place: object = None) -> Verdict | None:
        """The verdict on the claim of this text, at this place if two have one; None where there was nothing of the
        kind to decide (an assert that folds away)."""
        for claim, verdict in zip(self.claims, self.verdicts, strict=True):
            if claim.text == text and place in (None, claim.place):
                return verdict
        return None if self.problem is None else unsettled(self.problem)


def claims_of(theorem: c.Theorem) -> list[Claim]:
    """The author's own claims."""
    return [Claim(text=each.text, property=each.property, place=each.place, prove=each) for each in theorem.proves]


def unsettled(reason: Doubt, asked: tuple[str, ...] | None = None) -> Verdict:
    """Unknown, for this reason."""
    return Verdict(verdict=UNKNOWN, reason=reason, asked=asked)


def losing_none(verdict: Verdict, expected: Sequence[c.Expression]) -> Verdict:
    """The verdict on a claim that speaks of no bits: none of the masks that are expected to be lost is."""
    lacking = tuple(each.place.text() for each in expected if verdict.verdict == REFUTED)
    return replace(verdict, reason=verdict.reason or lacking_words(lacking), lacking=lacking)


def given_up(theorem: c.Theorem, reason: Doubt) -> Decided:
    """All claims unknown, for one reason."""
    claims = claims_of(theorem)
    return Decided(claims=claims, verdicts=[unsettled(reason) for _ in claims], problem=reason)


def holds_no_bit(claim: Claim, asked: Term | None) -> bool:
    """Whether a claim's mask is empty, by the word of the bits that it asks about. What may change is what is not asked
    about; `changes nothing` says so itself."""
    if asked is None or asked.operator != "word":
        return False
    if isinstance(claim.property, c.ChangesOnly):
        return asked.constant() == ALL_ONES and not isinstance(claim.property.mask, c.Constant)
    return asked.constant() == 0
