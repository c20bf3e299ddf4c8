"""For which values of a predicate's parameters a "no" lets something go wrong: a decision diagram over their bits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spteproof.grammar import checked as c
from spteproof.grammar.source import Place, Source
from spteproof.solver.decision import Decision
from spteproof.solver.decision_diagrams import FALSE, TRUE, Diagrams
from spteproof.solver.doubts import TooBig
from spteproof.solver.execution import draft
from spteproof.solver.finding.answers import Product
from spteproof.solver.finding.projection import Answer, Projection
from spteproof.solver.finding.questions import Questions, answer, bit_of
from spteproof.solver.finding.replaced import silent
from spteproof.solver.ground import grounded
from spteproof.solver.happenings import Duty, Frame, State
from spteproof.solver.instances import Instance
from spteproof.solver.operations import WORD_BITS
from spteproof.solver.setting import Setting
from spteproof.solver.terms import Term
from spteproof.solver.translation import Translation

NODE_LIMIT = 400_000
_PROBE = Source(name="<asked>", text="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Necessity:
    """Diagrams over the bits of the predicate's parameters, which `names` tells by their variables: `least` are the
    values that need a yes, `allowed` those that the program may ask about, `own` those to which the kernel's
    predicate says yes."""

    diagrams: Diagrams
    names: Mapping[int, Answer]
    least: int
    allowed: int
    own: int

    def of_products(self, found: Sequence[Product]) -> int:
        d = self.diagrams
        numbers = {name: number for number, name in self.names.items()}
        whole = FALSE
        for product in found:
            term = TRUE
            for literal in product:
                bit = d.variable(numbers[literal.parameter, literal.bit])
                term = d.both(term, bit if literal.value else d.negation(bit))
            whole = d.either(whole, term)
        return whole

    def example(self, values: Mapping[int, bool]) -> dict[str, int]:
        """The parameters' values; bits that are not said are 0."""
        found = {name: 0 for name, _ in self.names.values()}
        for number, value in values.items():
            name, bit = self.names[number]
            found[name] |= int(value) << bit
        return found


def necessity(questions: Questions, predicate: str) -> Necessity:
    """Over all parts together: a yes is needed where any part needs it. Raises TooBig, TooLarge."""
    pure = questions.ready.predicate
    kept = [(each.name, bit) for each in pure.parameters for bit in range(_bits(each))]
    projection = Projection(NODE_LIMIT, kept)
    d = projection.diagrams
    least, allowed = FALSE, FALSE
    for instance, setting in questions.parts:
        bad, any_at_all = _of_part(questions, projection, instance, setting)
        least, allowed = d.either(least, bad), d.either(allowed, any_at_all)
    return Necessity(
        diagrams=d,
        names={number: name for name, number in projection.numbers.items()},
        least=least,
        allowed=allowed,
        own=_own(questions, projection, predicate),
    )


def _bits(parameter: c.Parameter) -> int:
    return 1 if parameter.sort is c.Sort.BOOL else WORD_BITS


def _of_part(questions: Questions, projection: Projection, instance: Instance, setting: Setting) -> tuple[int, int]:
    """For which values something goes wrong after a no, and about which values the program may ask at all."""
    ready = questions.ready
    whole, placed = questions.asked(instance, setting, ready.answering(answer(ready.predicate, [])))
    shared = grounded(questions.bench, placed, whole.theorem, questions.budget, True)
    if list(shared.schedules) != [()]:
        raise TooBig("a predicate is not looked for among threads")
    no = Decision(questions.bench, placed, whole, questions.budget, shared, ())
    no.ask()
    guard, answers = _asked(questions, whole, placed, no)
    run, terms = no.execution, questions.bench.terms
    executions = projection.executions(terms, run, no.surroundings)
    wrong = terms.any_of(
        part
        for claim, found in zip(no.claims, no.violations, strict=True)
        if found is not None and questions.counts(claim)
        for part in found.parts(terms)
    )
    return (
        projection.kept(executions, [guard, wrong], answers),
        projection.kept(executions, [guard, run.assumed], answers),
    )


def _asked(questions: Questions, whole: Instance, placed: Setting, no: Decision) -> tuple[Term, Mapping[Answer, Term]]:
    """Where the program asks, and the bits of what it asks about: the body of the predicate asserts each bit, and
    what is to be asserted is read off. Raises TooBig where it asks at no place or at several."""
    terms, pure = questions.bench.terms, questions.ready.predicate
    names = [(each, bit) for each in pure.parameters for bit in range(_bits(each))]
    conditions: list[c.Expression] = [c.Constant(place=pure.place, value=0, sort=c.Sort.BOOL)]
    conditions += [bit_of(parameter, bit) for parameter, bit in names]
    body: list[c.Statement] = [
        c.Assert(place=Place(source=_PROBE, start=number, end=number, line=1, column=1), condition=condition)
        for number, condition in enumerate(conditions)
    ]
    scope = questions.ready.answering([*body, *answer(pure, [])])
    _, probing = questions.asked(whole, placed, scope)
    found = draft(terms, whole.theorem, probing, no.surroundings.closure)
    duties: dict[int, list[Duty]] = {}
    for duty in found.translation.duties:
        if duty.place.source is _PROBE:
            duties.setdefault(duty.place.start, []).append(duty)
    places = len(duties.get(0, ()))
    if places != 1:
        raise TooBig(f"the program asks at {places} places, and a predicate is found only for one")
    told = {
        (parameter.name, bit): duties[number + 1][0].condition if number + 1 in duties else terms.true
        for number, (parameter, bit) in enumerate(names)
    }
    return duties[0][0].guard, told


def _own(questions: Questions, projection: Projection, predicate: str) -> int:
    """The kernel's predicate over the kept bits."""
    _, setting = questions.parts[0]
    terms, pure = questions.bench.terms, questions.ready.predicate
    scope, name = silent(questions.ready.scope, predicate)
    frame = Frame(terms.true)
    for parameter in pure.parameters:
        frame.variables[parameter.name] = projection.asked(terms, parameter.name, parameter.sort is not c.Sort.BOOL)
    _, placed = questions.asked(*questions.parts[0], scope)
    translation = Translation(terms, placed, State(terms.word_variable("start"), {}))
    arguments = tuple(c.Variable(place=each.place, name=each.name, sort=each.sort) for each in pure.parameters)
    call = c.Call(place=pure.place, callee=name, arguments=arguments, sort=c.Sort.BOOL)
    return projection.truth(translation.value(call, frame))
