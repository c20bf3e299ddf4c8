"""`refines`: whether an event is the block, run at once.

A local that the block only reads has the value that the program ends with. One that it assigns has none before: a block
that reads it first, or may leave it as it was, says nothing of it, and no proof rests on that.
"""

from collections.abc import Iterator

from spteproof.grammar import checked as c
from spteproof.solver.doubts import EQUIVALENT, Doubt
from spteproof.solver.execution import Execution
from spteproof.solver.happenings import Event, Frame, State, undisturbed
from spteproof.solver.setting import Setting
from spteproof.solver.terms import Term, Terms, variables
from spteproof.solver.translation import Translation
from spteproof.solver.walks import below


def why_no_block(setting: Setting, what: c.Refines) -> Doubt | None:
    """Why the block cannot be compared with an event; None where it can. The grammar refuses all this of the block
    itself; here it stands in what the block calls."""
    for node in _called(setting, what):
        match node:
            case c.Any():
                words = f"takes an input, at {node.place}"
            case c.Retry():
                words = f"holds a retry, at {node.place}"
            case c.Assume():
                words = f"makes an assumption, at {node.place}"
            case c.SetGhost():
                if node.ghost in setting.entries:
                    continue
                words = f"sets a ghost, which `refines` does not compare, at {node.place}"
            case _:
                continue
        return Doubt(EQUIVALENT, f"what the block of `refines` calls {words}")
    return None


def _called(setting: Setting, what: c.Refines) -> Iterator[c.Node]:
    """Every node of the helpers that the block calls."""
    waiting: list[object] = [what.block]
    known: set[str] = set()
    while waiting:
        for node in below(waiting.pop()):
            if known:
                yield node
            if isinstance(node, c.HelperCall) and node.callee not in known:
                known.add(node.callee)
                waiting.append(setting.scope.helpers[node.callee].body)


def fitting(terms: Terms, run: Execution, what: c.Refines) -> tuple[Term, Doubt | None]:
    """That some event is the block while all other events change nothing, and why this is not enough for a proof."""
    started = {
        each.name: terms.variable(f"block {each.name}", run.frame.read(each.name).is_word) for each in what.results
    }
    blocks = [_is_the_block(terms, run, event, what, started) for event in run.events]
    occurring = variables(blocks)
    loose = [name for name, term in started.items() if term in occurring]
    if not loose:
        return _one_alone(terms, run, blocks), None
    names = ", ".join(f"`{name.split('.')[0]}`" for name in loose)
    doubt = Doubt(EQUIVALENT, f"the block of `refines` reads {names} before it assigns it, or may leave it as it was")
    return _one_alone(terms, run, [_is_the_block(terms, run, event, what, {}) for event in run.events]), doubt


def _one_alone(terms: Terms, run: Execution, blocks: list[Term]) -> Term:
    """Some event happens and is the block, and no other changes anything."""
    changes = [
        terms.both(event.guard, terms.negation(_same_entries(terms, run, event.before, event.after)))
        for event in run.events
    ]
    before = [terms.false]
    for each in changes:
        before.append(terms.either(before[-1], each))
    after = [terms.false]
    for each in reversed(changes):
        after.append(terms.either(after[-1], each))
    after.reverse()
    return terms.any_of(
        terms.all_of(
            [event.guard, blocks[number], terms.negation(before[number]), terms.negation(after[number + 1])],
        )
        for number, event in enumerate(run.events)
    )


def _same_entries(terms: Terms, run: Execution, left: State, right: State) -> Term:
    return terms.all_of(terms.equal(left.word(entry), right.word(entry)) for entry in run.setting.entries)


def _is_the_block(terms: Terms, run: Execution, event: Event, what: c.Refines, started: dict[str, Term]) -> Term:
    """`started` are values that locals have before the block; others have those that the program ends with."""
    block = Translation(terms, run.setting, event.before, undisturbed)
    frame = Frame(terms.true)
    frame.variables.update(run.frame.variables)
    frame.variables.update(started)
    block.run(what.block, frame)
    equal = terms.both(block.assumed, _same_entries(terms, run, block.state, event.after))
    for duty in block.duties:  # a block that is undefined here is no description of the event
        equal = terms.both(equal, terms.implies(duty.guard, duty.condition))
    for result in what.results:
        ours, theirs = run.frame.read(result.name), frame.read(result.name)
        equal = terms.both(equal, terms.same(ours, theirs))
    return equal
