"""What each property says of one concrete run. The replay believes this, not the solver.

The symbolic counterpart is `properties.py`; nothing is shared but the checked trees and the operations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from spteproof.grammar import checked as c
from spteproof.solver.interpretation import Call, Failure, Happening, Interpreter, Stopped, Values
from spteproof.solver.operations import ALL_ONES
from spteproof.solver.setting import Setting, Site
from spteproof.solver.stepping import is_valid
from spteproof.solver.walks import below


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One finished run: what happened in order, every instant the environment passed through, and the locals at
    the end."""

    setting: Setting
    start: Values
    happened: Sequence[Happening]
    end: Values
    instants: Sequence[Values]
    instants_of: Sequence[int]
    call: Call
    failures: Sequence[Failure]
    stopped: bool

    def after(self) -> Values:
        return self.happened[-1].after if self.happened else self.start


@dataclass(frozen=True, slots=True)
class Breach:
    """The property is violated; `bits` are those to blame at one moment (0 for a property that does not speak of
    bits), `event` the number of the event to blame, if one is."""

    bits: int
    event: int | None


def breaches(trace: Trace, what: c.Property) -> list[Breach]:
    """All moments of the run at which the property is violated; empty where it holds, and where a run that stopped
    has not reached a local that the property speaks of."""
    if trace.stopped:
        locals_read = {node.name for node in below(what) if isinstance(node, c.Variable)}
        if (
            isinstance(what, c.Conserves | c.Refines | c.Ensures | c.That)
            or not locals_read <= trace.call.variables.keys()
        ):
            return []
    elif isinstance(what, c.Preserves | c.ChangesOnly | c.Conserves | c.Resurrects) and not _mask_is_defined(
        trace, what
    ):
        return [Breach(0, None), *_breaches(trace, what)]
    return _breaches(trace, what)


def _mask_is_defined(trace: Trace, what: c.Preserves | c.ChangesOnly | c.Conserves | c.Resurrects) -> bool:
    interpreter = _interpreter(trace, trace.end, {})
    interpreter.value(what.mask, trace.call)
    if isinstance(what, c.Preserves) and what.exempt is not None:
        interpreter.value(what.exempt, trace.call)
    return not interpreter.failures


def _breaches(trace: Trace, what: c.Property) -> list[Breach]:
    match what:
        case c.Preserves():
            exempt = 0 if what.exempt is None else _word(trace, what.exempt)
            mask = _word(trace, what.mask) & ~exempt & ALL_ONES
            return _blamed([_cleared(each, what.entry) & mask for each in trace.happened])
        case c.ChangesOnly():
            mask = _word(trace, what.mask) ^ ALL_ONES
            words = [each.before.word(what.entry) ^ each.after.word(what.entry) for each in trace.happened]
            return _blamed([word & mask for word in words])
        case c.Conserves():
            return _conserves(trace, what)
        case c.Resurrects():
            return _resurrects(trace, _word(trace, what.mask), what.entry)
        case c.Refines():
            return (
                []
                if any(_is_the_block(trace, number, what) for number in range(len(trace.happened)))
                else [Breach(0, None)]
            )
        case c.Ensures():
            instants = {"start": trace.start, "after": trace.after(), "end": trace.end}
            return [] if _holds(trace, what.condition, instants, trace.end) else [Breach(0, None)]
        case c.Always():
            return [
                Breach(0, None)
                for state in trace.instants
                if not _holds(trace, what.condition, {"start": trace.start, "now": state}, state)
            ]
        case c.KeepsInvariants():
            return [Breach(0, None) for state in trace.instants if not is_valid(trace.setting, state)]
        case c.That():
            return [] if _holds(trace, what.condition, {}, trace.end) else [Breach(0, None)]
        case c.Equivalent():
            raise AssertionError("equivalence is judged in equivalence.py")
    assert_never(what)


def _blamed(words: Sequence[int]) -> list[Breach]:
    return [Breach(word, number) for number, word in enumerate(words) if word]


def _cleared(happening: Happening, entry: str) -> int:
    return happening.before.word(entry) & ~happening.after.word(entry)


def _interpreter(trace: Trace, state: Values, instants: Mapping[str, Values]) -> Interpreter:
    def stay(at: Values, site: Site) -> Values:
        return at

    cleared = dict.fromkeys(trace.setting.entries, 0)
    for happening in trace.happened:
        for entry in cleared:
            cleared[entry] |= _cleared(happening, entry)
    return Interpreter(trace.setting, state, stay, instants=instants, cleared=cleared)


def _word(trace: Trace, expression: c.Expression) -> int:
    return _interpreter(trace, trace.end, {}).value(expression, trace.call)


def _holds(trace: Trace, condition: c.Expression, instants: Mapping[str, Values], state: Values) -> bool:
    interpreter = _interpreter(trace, state, instants)
    return bool(interpreter.value(condition, trace.call)) and not interpreter.failures


def _conserves(trace: Trace, what: c.Conserves) -> list[Breach]:
    mask = _word(trace, what.mask)
    lost = []
    for number, happening in enumerate(trace.happened):
        lost.append(_cleared(happening, what.entry) & mask & ~_kept(trace, what.into, number))
    result = _blamed(lost)
    if what.exactly:
        seen = 0
        for happening in trace.happened:
            if what.entry in happening.entries:  # a ghost statement finds nothing of it
                seen |= happening.before.word(what.entry)
        value = (
            trace.call.read(what.into.name) if isinstance(what.into, c.Variable) else trace.end.ghosts[what.into.name]
        )
        if what.into.sort is c.Sort.U64 and value & mask & ~seen:
            result.append(Breach(value & mask & ~seen, None))
        elif what.into.sort is c.Sort.BOOL and value and not seen & mask:
            result.append(Breach(0, None))
    return result


def _kept(trace: Trace, into: c.Variable | c.GhostName, number: int) -> int:
    if isinstance(into, c.Variable):
        value = trace.call.read(into.name)
        return value if into.sort is c.Sort.U64 else ALL_ONES * value
    first = trace.instants_of[number]
    kept = 0
    for state in trace.instants[first:]:
        value = state.ghosts[into.name]
        kept |= value if into.sort is c.Sort.U64 else ALL_ONES * value
    return kept


def _resurrects(trace: Trace, mask: int, entry: str) -> list[Breach]:
    words = []
    for number, happening in enumerate(trace.happened):
        word = 0
        for bit in (1 << position for position in range(64)):
            appears = happening.after.word(entry) & ~happening.before.word(entry) & mask & bit
            if appears and _left_set(trace.happened[:number], bit, entry):
                word |= bit
        words.append(word)
    return _blamed(words)


def _left_set(earlier: Sequence[Happening], bit: int, entry: str) -> bool:
    """An earlier own event on the entry left the bit set and no own event cleared it since."""
    for happening in reversed([each for each in earlier if each.concerns(entry)]):
        if happening.after.word(entry) & bit:
            return True
        if _cleared(happening, entry) & bit:
            return False
    return False


def _is_the_block(trace: Trace, number: int, what: c.Refines) -> bool:
    others = [each for index, each in enumerate(trace.happened) if index != number]
    entries = trace.setting.entries
    if any(each.before.word(entry) != each.after.word(entry) for each in others for entry in entries):
        return False
    happening = trace.happened[number]
    interpreter = _interpreter(trace, happening.before, {})
    call = Call(dict(trace.call.variables))
    try:
        interpreter.complete(what.block, call)
    except Stopped:
        return False
    if interpreter.failures:
        return False
    if any(interpreter.state.word(entry) != happening.after.word(entry) for entry in entries):
        return False
    return all(call.read(result.name) == trace.call.read(result.name) for result in what.results)
