"""A theorem's threads on integers, one event at a time.

A thread is run from its beginning with what its events have found so far; where it asks for one more, it stands. So
each thread is the plain interpreter's, and only who goes next is decided here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from spteproof.grammar import checked as c
from spteproof.solver.interpretation import Call, Interpreter, Values
from spteproof.solver.setting import Site

Turn = Callable[[Mapping[str, Site]], str]
"""Who runs its next event, told the names of the threads that have not ended, each with the site where it stands."""


def threads_of(theorem: c.Theorem) -> tuple[str, ...]:
    """The names of the theorem's threads, in the order of the text."""
    return tuple(
        thread.name for statement in theorem.body if isinstance(statement, c.Parallel) for thread in statement.threads
    )


class _Stands(Exception):
    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site


@dataclass(slots=True)
class _Strand:
    """One thread: what its events found so far, its run up to where it stands (None: it has ended), its locals."""

    thread: c.Thread
    found: list[Values] = field(default_factory=list)
    at: Site | None = None
    run: Interpreter = field(init=False)
    call: Call = field(init=False)

    def advance(self, outer: Interpreter, call: Call) -> None:
        """Runs from the beginning to the first event that has found nothing yet."""
        waiting = iter(self.found)

        def arrive(state: Values, site: Site) -> Values:
            for found in waiting:
                return found
            raise _Stands(site)

        self.run = Interpreter(outer.setting, outer.state, arrive, outer.inputs)
        self.call = Call(dict(call.variables))
        try:
            self.run.complete(self.thread.body, self.call)
            self.at = None
        except _Stands as stands:
            self.at = stands.site


def in_turns(turn: Turn) -> Callable[[Interpreter, c.Parallel, Call], None]:
    """How an interpreter runs threads: event by event, as `turn` says. Raises Stopped."""

    def run(interpreter: Interpreter, node: c.Parallel, call: Call) -> None:
        strands = {thread.name: _Strand(thread) for thread in node.threads}
        for strand in strands.values():
            strand.advance(interpreter, call)
        while standing := {name: strand.at for name, strand in strands.items() if strand.at is not None}:
            name = turn(standing)
            strand = strands[name]
            strand.found.append(interpreter.arrive(interpreter.state, standing[name]))
            strand.advance(interpreter, call)
            happening = strand.run.happened[len(strand.found) - 1]
            interpreter.happened.append(happening.of_thread(name))
            interpreter.state = happening.after
        before = dict(call.variables)
        for strand in strands.values():
            interpreter.failures += strand.run.failures
            for local, value in strand.call.variables.items():
                if local not in before or before[local] != value:
                    call.variables[local] = value

    return run
