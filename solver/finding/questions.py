"""A theorem decided with other answers in the place of a predicate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from spteproof.grammar import checked as c
from spteproof.solver.claims import Claim, Verdict
from spteproof.solver.decision import decisions
from spteproof.solver.finding.answers import Literal, Product
from spteproof.solver.finding.quick import Quick
from spteproof.solver.finding.replaced import Replaceable, silent
from spteproof.solver.instances import Instance
from spteproof.solver.proof import together
from spteproof.solver.results import PROVED, REFUTED, UNKNOWN, VACUOUS, Budget
from spteproof.solver.setting import Setting
from spteproof.solver.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Outcome:
    """The properties that are refuted, why some verdict is unknown (None: none is), and whether nothing is proved
    either: there is nothing that could go wrong."""

    broken: tuple[str, ...]
    unknown: str | None
    vacuous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """One concrete layout: `parts` are the instances (one for each choice of the parameters) with their settings.
    `chosen` as in the finder."""

    ready: Replaceable
    parts: Sequence[tuple[Instance, Setting]]
    bench: Workbench
    budget: Budget
    chosen: Sequence[int] | None

    def outcome(self, body: Sequence[c.Statement]) -> Outcome:
        """What is refuted, in any part, where the predicate has this body."""
        broken: dict[str, None] = {}
        unknown: str | None = None
        proved = False
        for claim, verdict in self.verdicts(self.ready.answering(body)):
            if self.counts(claim) and verdict.verdict == REFUTED:
                broken[claim.text] = None
            elif self.counts(claim) and verdict.verdict == UNKNOWN:
                unknown = unknown or f"{claim.text}: {verdict.reason}"
            proved = proved or (claim.prove is not None and self.counts(claim) and verdict.verdict == PROVED)
        return Outcome(tuple(broken), unknown, not (broken or unknown or proved))

    def counts(self, claim: Claim) -> bool:
        proves = self.ready.theorem.proves
        wanted = proves if self.chosen is None else [proves[number] for number in self.chosen]
        return claim.prove in wanted or (self.chosen is None and claim.prove is None)

    def verdicts(self, scope: c.Scope) -> list[tuple[Claim, Verdict]]:
        """All claims of all parts, decided in this scope."""
        found: list[tuple[Claim, Verdict]] = []
        for instance, setting in self.parts:
            whole, placed = self.asked(instance, setting, scope)
            decided = decisions(self.bench, placed, whole, self.budget, (), Quick)
            claims = {claim.text: claim for each in decided for claim in each.claims}
            for text, claim in claims.items():
                found.append((claim, together([one for each in decided if (one := each.verdict_on(text)) is not None])))
        return found

    def asked(self, instance: Instance, setting: Setting, scope: c.Scope) -> tuple[Instance, Setting]:
        """A part with the theorem that asks the copy, in this scope."""
        theorem = replace(self.ready.theorem, parameters=instance.theorem.parameters)
        return replace(instance, theorem=theorem), replace(setting, scope=scope)

    def never_differ(self, found: Sequence[Product], stricter: bool, example: Mapping[str, int] | None) -> bool | None:
        """Whether in no execution the kernel's predicate says yes and what was found says no (`stricter`), or the other
        way round, when asked (for the example, where there is one); None where the solver gave up. Decided as an assert
        in the predicate's body, so that False means a replayed execution."""
        predicate = self.ready.predicate
        scope, name = silent(self.ready.scope, predicate.name)
        place = predicate.place
        own: c.Expression = c.Call(
            place=place,
            callee=name,
            arguments=tuple(_variable(each) for each in predicate.parameters),
            sort=c.Sort.BOOL,
        )
        weakest = _sum(predicate, found)
        yes, no = (own, weakest) if stricter else (weakest, own)
        differ: c.Expression = _logic("&&", yes, _not(no))
        if example is not None:
            differ = _logic("&&", differ, _all_are(predicate, example))
        body = (c.Assert(place=place, condition=_not(differ)), c.Return(place=place, value=weakest))
        ready = replace(self.ready, scope=scope)
        asserted = [v.verdict for claim, v in self.verdicts(ready.answering(body)) if claim.property == "assert"]
        if REFUTED in asserted:
            return False
        return None if UNKNOWN in asserted else all(each in (PROVED, VACUOUS) for each in asserted)


def answer(predicate: c.Pure, found: Sequence[Product]) -> tuple[c.Statement, ...]:
    """A body that returns the sum of the products."""
    return (c.Return(place=predicate.place, value=_sum(predicate, found)),)


def answer_but(predicate: c.Pure, found: Sequence[Product], example: Mapping[str, int]) -> tuple[c.Statement, ...]:
    """A body that returns the sum of the products, but no for the example."""
    value = _logic("&&", _sum(predicate, found), _not(_all_are(predicate, example)))
    return (c.Return(place=predicate.place, value=value),)


def _all_are(predicate: c.Pure, example: Mapping[str, int]) -> c.Expression:
    result: c.Expression = c.Constant(place=predicate.place, value=1, sort=c.Sort.BOOL)
    for parameter in predicate.parameters:
        result = _logic("&&", result, _is(parameter, example[parameter.name]))
    return result


def _sum(predicate: c.Pure, found: Sequence[Product]) -> c.Expression:
    place = predicate.place
    result: c.Expression = c.Constant(place=place, value=0, sort=c.Sort.BOOL)
    for product in found:
        term: c.Expression = c.Constant(place=place, value=1, sort=c.Sort.BOOL)
        for literal in product:
            term = _logic("&&", term, _literal(predicate, literal))
        result = _logic("||", result, term)
    return result


def _literal(predicate: c.Pure, literal: Literal) -> c.Expression:
    (parameter,) = [each for each in predicate.parameters if each.name == literal.parameter]
    bit = bit_of(parameter, literal.bit)
    return bit if literal.value else _not(bit)


def bit_of(parameter: c.Parameter, bit: int) -> c.Expression:
    """One bit of a parameter, as a truth value; the only one of a `bool`."""
    variable = _variable(parameter)
    if parameter.sort is c.Sort.BOOL:
        return variable
    mask = c.Constant(place=parameter.place, value=1 << bit, sort=parameter.sort)
    word = c.Binary(place=parameter.place, operator="&", left=variable, right=mask, sort=parameter.sort)
    return c.Convert(place=parameter.place, operand=word, sort=c.Sort.BOOL)


def _is(parameter: c.Parameter, value: int) -> c.Expression:
    variable = _variable(parameter)
    if parameter.sort is c.Sort.BOOL:
        return variable if value else _not(variable)
    constant = c.Constant(place=parameter.place, value=value, sort=parameter.sort)
    return c.Binary(place=parameter.place, operator="==", left=variable, right=constant, sort=c.Sort.BOOL)


def _variable(parameter: c.Parameter) -> c.Variable:
    return c.Variable(place=parameter.place, name=parameter.name, sort=parameter.sort)


def _not(operand: c.Expression) -> c.Expression:
    return c.Unary(place=operand.place, operator="!", operand=operand, sort=c.Sort.BOOL)


def _logic(operator: str, left: c.Expression, right: c.Expression) -> c.Expression:
    return c.Logic(place=left.place, operator=operator, left=left, right=right)
