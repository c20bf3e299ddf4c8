"""The theorem of a witness, run again while its agents take other steps."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from spteproof.solver.interpretation import Call, Interpreter, Stopped, Values
from spteproof.solver.setting import Site
from spteproof.solver.stepping import Taken
from spteproof.solver.threads import in_turns
from spteproof.solver.turns import END, Own, Steps
from spteproof.solver.witness import Witness


class _Stands(Exception):
    """An event comes that has found nothing yet."""

    def __init__(self, state: Values) -> None:
        super().__init__()
        self.state = state


class _Strays(Exception):
    """The schedule does not fit."""


def rerun(witness: Witness) -> Own:
    """What the theorem's events leave, with the start, parameters, inputs and schedule of the witness."""

    def own(found: tuple[Values, ...]) -> Values | str | None:
        waiting = iter(found)

        def arrive(state: Values, site: Site | None) -> Values:
            for each in waiting:
                return each
            raise _Stands(state)

        try:
            _run(witness, arrive)
        except _Stands as stands:
            return stands.state
        except _Strays:
            return None
        return END

    return own


def with_steps(witness: Witness, steps: Steps) -> Witness:
    """The witness with other steps before its events, in their order."""
    waiting, made = iter(steps), dict[Site | None, list[Taken]]()

    def arrive(state: Values, site: Site | None) -> Values:
        made[site] = next(waiting, [])
        return made[site][-1].after if made[site] else state

    with suppress(_Strays):
        _run(witness, arrive)
    return replace(witness, steps=made)


def _run(witness: Witness, arrive: Callable[[Values, Site | None], Values]) -> None:
    """Runs the theorem, and arrives after its last event."""
    turns = iter(witness.schedule)

    def turn(standing: Mapping[str, Site]) -> str:
        name = next(turns, "")
        if name not in standing:
            raise _Strays
        return name

    interpreter = Interpreter(witness.setting, witness.start, arrive, witness.inputs, threads=in_turns(turn))
    try:
        interpreter.complete(witness.theorem.body, Call(dict(witness.parameters)))
    except Stopped:
        return
    arrive(interpreter.state, None)
