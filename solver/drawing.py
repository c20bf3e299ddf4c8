"""A replayed witness as the counterexample that is reported."""

from spteproof.grammar import checked as c
from spteproof.grammar.source import Place
from spteproof.solver.judgement import Trace
from spteproof.solver.naming import names_of_bits, names_of_inputs
from spteproof.solver.results import Counterexample
from spteproof.solver.rows import rows
from spteproof.solver.setting import Setting
from spteproof.solver.stepping import broken_invariants
from spteproof.solver.threads import threads_of
from spteproof.solver.translation import Translation
from spteproof.solver.witness import Witness


def drawn(
    witness: Witness,
    trace: Trace,
    run: Translation,
    what: c.Property | str,
    place: Place,
    bits: int,
    shortest: bool,
) -> Counterexample:
    """What a witness of `run` shows of the property `what`, stated at `place`; `bits` are those that it loses."""
    setting, start = witness.setting, witness.start
    return Counterexample(
        lost=bits,
        names=names_of_bits(bits, setting),
        start=start.entry,
        end=trace.end.entry,
        ghosts={name: value for name, value in start.ghosts.items() if name not in setting.entries},
        entries={name: start.word(name) for name in setting.entries[1:]},
        parameters=witness.parameters,
        inputs=_inputs(witness, run),
        rows=rows(witness, trace, setting.entries[1:]),
        environment_steps=witness.environment_steps(),
        shortest=shortest,
        values=setting.values,
        masks=setting.masks,
        aliases=setting.aliases,
        place=place,
        threads=threads_of(witness.theorem),
        broken=_broken(setting, trace) if isinstance(what, c.KeepsInvariants) else (),
    )


def _broken(setting: Setting, trace: Trace) -> tuple[str, ...]:
    """The invariants that the first instant to break any breaks."""
    broken = (broken_invariants(setting, state) for state in trace.instants)
    return next((names for names in broken if names), ())


def _inputs(witness: Witness, run: Translation) -> dict[str, int]:
    """What each `any` gave; whether a retry failed once is seen from the rows."""
    names = names_of_inputs(run.input_places)
    values = {site: witness.inputs[site] for site in names}
    return {names[site]: value if run.inputs[site].is_word else bool(value) for site, value in values.items()}
