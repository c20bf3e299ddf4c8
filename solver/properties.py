"""What each property says, as the ways to violate it.

A violation is a list of moments. Each has a guard and, for the properties that speak of bits, a word of the bits
to blame:
the property is violated where some guard holds and its blamed bits are not zero. *Unsat* therefore means: in
every execution within the hypotheses the property holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from spteproof.grammar import checked as c
from spteproof.solver.doubts import Doubt
from spteproof.solver.environment import valid
from spteproof.solver.execution import Execution
from spteproof.solver.happenings import Event, State
from spteproof.solver.operations import ALL_ONES
from spteproof.solver.refining import fitting, why_no_block
from spteproof.solver.terms import Term, Terms
from spteproof.solver.translation import Translation


@dataclass(frozen=True, slots=True)
class Moment:
    """Violated where `guard` holds and, unless it is None, `blame` is not zero."""

    guard: Term
    blame: Term | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """`moments` violate; what the property speaks about happens where `subject` holds; `triggered` is where what a
    conditional property waits for happens (None: it waits for nothing); `asked` is the word of the bits that the
    property speaks about (None: it speaks of no bits). Where there is a `doubt`, that it is never violated is not
    shown by the moments."""

    moments: Sequence[Moment]
    subject: Term
    triggered: Term | None = None
    asked: Term | None = None
    doubt: Doubt | None = None

    def parts(self, terms: Terms) -> list[Term]:
        """For each moment, where it violates."""
        return [
            moment.guard
            if moment.blame is None
            else terms.both(moment.guard, terms.negation(terms.is_zero(moment.blame)))
            for moment in self.moments
        ]

    def condition(self, terms: Terms) -> Term:
        """Where some moment violates."""
        return terms.any_of(self.parts(terms))


def violation(terms: Terms, run: Execution, what: c.Property) -> Violation:
    """How the property is violated in the executions of `run`. Equivalence is decided elsewhere: AssertionError.

    A property whose mask is undefined is violated.
    """
    own = len(run.translation.duties)
    found = _violation(terms, run, what)
    duties = run.translation.duties[own:]
    del run.translation.duties[own:]
    if not duties:
        return found
    undefined = terms.any_of(terms.both(duty.guard, terms.negation(duty.condition)) for duty in duties)
    return replace(found, moments=[*found.moments, Moment(terms.both(run.assumed, undefined))])


def _violation(terms: Terms, run: Execution, what: c.Property) -> Violation:
    match what:
        case c.Preserves():
            mask = _without(terms, _word(run, what.mask), None if what.exempt is None else _word(run, what.exempt))
            return _per_event(terms, run, what.entry, mask, _cleared)
        case c.ChangesOnly():
            mask = terms.bit_not(_word(run, what.mask))
            return _per_event(terms, run, what.entry, mask, _changed)
        case c.Conserves():
            return _conserves(terms, run, what)
        case c.Resurrects():
            return _resurrects(terms, run, _word(run, what.mask), what.entry)
        case c.Refines():
            return _refines(terms, run, what)
        case c.Ensures():
            return _at_the_end(terms, run, what.condition, _instants(run))
        case c.Always():
            return _always(terms, run, what)
        case c.KeepsInvariants():
            moments = [
                Moment(terms.both(guard, terms.negation(valid(terms, run.setting, state))))
                for guard, state in _later_instants(terms, run)
            ]
            return Violation(moments, run.assumed)
        case c.That():
            return _at_the_end(terms, run, what.condition, {})
        case c.Equivalent():
            raise AssertionError("equivalence is decided in equivalence.py")
    assert_never(what)


def _word(run: Execution, expression: c.Expression) -> Term:
    translation = Translation(run.translation.terms, run.setting, run.end, duties=run.translation.duties)
    return translation.value(expression, run.frame)


def _without(terms: Terms, mask: Term, exempt: Term | None) -> Term:
    return mask if exempt is None else terms.bit_and(mask, terms.bit_not(exempt))


def _occurs(terms: Terms, event: Event) -> Term:
    return terms.both(event.guard, event.assumed)


def _cleared(terms: Terms, event: Event, entry: str) -> Term:
    return terms.bit_and(event.before.word(entry), terms.bit_not(event.after.word(entry)))


def _changed(terms: Terms, event: Event, entry: str) -> Term:
    return terms.bit_xor(event.before.word(entry), event.after.word(entry))


def write_happens(terms: Terms, run: Execution, entries: Sequence[str]) -> Term:
    """Some event of an operation that writes one of the entries happens."""
    return terms.any_of(
        terms.both(guard, event.assumed)
        for event in run.events
        for entry, guard in event.written.items()
        if entry in entries
    )


def _per_event(
    terms: Terms, run: Execution, entry: str, mask: Term, blame: Callable[[Terms, Event, str], Term]
) -> Violation:
    moments = [
        Moment(_occurs(terms, event), terms.bit_and(blame(terms, event, entry), mask))
        for event in run.events
        if entry in event.written
    ]
    return Violation(moments, write_happens(terms, run, [entry]), asked=mask)


def _conserves(terms: Terms, run: Execution, what: c.Conserves) -> Violation:
    mask, entry = _word(run, what.mask), what.entry
    moments, clears = [], []
    for number, event in enumerate(run.events):
        if entry in event.written:
            cleared = terms.bit_and(_cleared(terms, event, entry), mask)
            lost = terms.bit_and(cleared, terms.bit_not(_handed_on(terms, run, what.into, number)))
            moments.append(Moment(terms.both(_occurs(terms, event), run.assumed), lost))
            clears.append(terms.both(_occurs(terms, event), terms.negation(terms.is_zero(cleared))))
    if what.exactly:
        moments.append(_more_than_was_there(terms, run, what, mask))
    subject = terms.both(run.assumed, write_happens(terms, run, [entry]))
    return Violation(moments, subject, terms.any_of(clears), mask)


def _handed_on(terms: Terms, run: Execution, into: c.Variable | c.GhostName, number: int) -> Term:
    """The bits that `into` holds: a local at the end, a ghost at some instant from the event on."""
    if isinstance(into, c.Variable):
        return _all_or_itself(terms, run.frame.read(into.name))
    event, later = run.events[number], run.events[number + 1 :]
    instants = [event.after.ghosts[into.name], run.end.ghosts[into.name]]
    for each in later:
        instants.append(each.before.ghosts[into.name])
        after = each.after.ghosts[into.name]
        instants.append(terms.select(each.guard, after, terms.word(0) if after.is_word else terms.false))
    kept = terms.word(0)
    for instant in instants:
        kept = terms.bit_or(kept, _all_or_itself(terms, instant))
    return kept


def _all_or_itself(terms: Terms, value: Term) -> Term:
    """A truth value stands for all bits at once."""
    return value if value.is_word else terms.choose(value, terms.word(ALL_ONES), terms.word(0))


def _more_than_was_there(terms: Terms, run: Execution, what: c.Conserves, mask: Term) -> Moment:
    """Bits that no event on the entry found in it: a ghost statement finds nothing of it."""
    seen, into = terms.word(0), what.into
    for event in run.events:
        found = terms.both(_occurs(terms, event), event.touched.get(what.entry, terms.false))
        seen = terms.bit_or(seen, terms.choose(found, event.before.word(what.entry), terms.word(0)))
    value = run.frame.read(into.name) if isinstance(into, c.Variable) else run.end.ghosts[into.name]
    if value.is_word:
        return Moment(run.assumed, terms.bit_and(terms.bit_and(value, mask), terms.bit_not(seen)))
    return Moment(terms.all_of([run.assumed, value, terms.is_zero(terms.bit_and(seen, mask))]))


def _resurrects(terms: Terms, run: Execution, mask: Term, entry: str) -> Violation:
    """`left` are the bits that an own event on the entry left set and none has cleared since."""
    left = terms.word(0)
    moments = []
    for event in run.events:
        before, after = event.before.word(entry), event.after.word(entry)
        appears = terms.bit_and(after, terms.bit_not(before))
        moments.append(Moment(_occurs(terms, event), terms.bit_and(terms.bit_and(appears, left), mask)))
        kept = terms.bit_and(left, terms.bit_not(_cleared(terms, event, entry)))
        counts = terms.both(event.guard, event.concerns(terms, entry))
        left = terms.choose(counts, terms.bit_or(kept, after), left)
    return Violation(moments, write_happens(terms, run, [entry]), asked=mask)


def _refines(terms: Terms, run: Execution, what: c.Refines) -> Violation:
    """Violated where no event is the block while all other events change nothing."""
    happens = terms.both(run.assumed, write_happens(terms, run, run.setting.entries))
    doubt = why_no_block(run.setting, what)
    if doubt is not None:
        return Violation([], happens, doubt=doubt)
    fits, doubt = fitting(terms, run, what)
    return Violation([Moment(terms.both(run.assumed, terms.negation(fits)))], happens, doubt=doubt)


def _at_the_end(terms: Terms, run: Execution, what: c.Expression, instants: dict[str, State]) -> Violation:
    condition, premise = _condition(run, what, instants, run.end), _premise(what)
    triggered = None if premise is None else terms.both(run.assumed, _condition(run, premise, instants, run.end))
    return Violation([Moment(terms.both(run.assumed, terms.negation(condition)))], run.assumed, triggered)


def _premise(condition: c.Expression) -> c.Expression | None:
    """What stands before the last `->` of a condition, joined by `&&`."""
    if not isinstance(condition, c.Logic) or condition.operator != "->":
        return None
    rest = _premise(condition.right)
    if rest is None:
        return condition.left
    return c.Logic(place=condition.place, operator="&&", left=condition.left, right=rest)


def _instants(run: Execution) -> dict[str, State]:
    return {"start": run.start, "after": run.after, "end": run.end}


def _condition(run: Execution, condition: c.Expression, instants: dict[str, State], state: State) -> Term:
    """A property's own expression, evaluated apart from the program's duties."""
    terms = run.translation.terms
    cleared = dict.fromkeys(run.setting.entries, terms.word(0))
    for event in run.events:
        for entry, old in cleared.items():
            new = terms.choose(event.guard, _cleared(terms, event, entry), terms.word(0))
            cleared[entry] = terms.bit_or(old, new)
    translation = Translation(terms, run.setting, state, instants=instants, cleared=cleared)
    result = translation.value(condition, run.frame)
    for duty in translation.duties:
        result = terms.both(result, terms.implies(duty.guard, duty.condition))
    return result


def _later_instants(terms: Terms, run: Execution) -> list[tuple[Term, State]]:
    """What each event that happens finds and leaves, and the end. Between them the environment passes only through
    values that it could also have left there, so with the start they stand for all instants. What a model gives an
    event that does not happen is none of them: a run does not stop there, and the next event could find it."""
    found = []
    for event in run.events:
        happens, met = _occurs(terms, event), event.assumed if event.met is None else event.met
        found += [(terms.both(event.guard, met), event.before), (happens, event.after)]
    return [*found, (run.assumed, run.end)]


def _always(terms: Terms, run: Execution, what: c.Always) -> Violation:
    moments, met, premise = [], [], _premise(what.condition)
    for guard, state in [(run.hypotheses, run.start), *_later_instants(terms, run)]:
        values = {"start": run.start, "now": state}
        condition = _condition(run, what.condition, values, state)
        moments.append(Moment(terms.both(guard, terms.negation(condition))))
        if premise is not None:
            met.append(terms.both(guard, _condition(run, premise, values, state)))
    return Violation(moments, run.assumed, None if premise is None else terms.any_of(met))
