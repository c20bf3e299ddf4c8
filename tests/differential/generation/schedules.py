"""The tool's interpreter under random schedules: it must never break what was proved."""

from random import Random

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, library_of
from spteproof.solver.doubts import TooBig
from spteproof.solver.ground import grounded
from spteproof.solver.instances import instances
from spteproof.solver.interpretation import Call, Interpreter, Stopped, Values
from spteproof.solver.judgement import Trace, breaches
from spteproof.solver.results import Budget
from spteproof.solver.stepping import after_transition, is_valid
from spteproof.solver.threads import in_turns
from spteproof.solver.workbench import Workbench


def broken(text: str, results, seed: int, runs: int) -> tuple[int, list[str]]:
    """How many runs were judged, and which claims of `results` they broke."""
    random, library = Random(seed), library_of(load_text(text, name="<text>", library_root=LIBRARY))
    asked = {(each.theorem, each.layout, tuple(sorted(each.params.items())), each.property) for each in results}
    judged, found = 0, []
    for theorem in library.theorems.values():
        if theorem.kind == "lemma":
            continue
        for instance in instances(library, theorem):
            key = (theorem.name, instance.layout, tuple(sorted(instance.parameters.items())))
            claims = [each for each in theorem.proves if (*key, each.text) in asked]
            if instance.skipped is not None or instance.problem is not None or not claims:
                continue
            setting = random.choice(instance.settings)
            try:
                steps = grounded(Workbench(), setting, theorem, Budget(), True).surroundings.transitions
            except TooBig:
                continue
            for _ in range(runs):
                trace = _run(setting, theorem, steps, random)
                if trace is None:
                    continue
                judged += 1
                found += [f"{key}: {each.text}" for each in claims if breaches(trace, each.property)]
    return judged, found


class _Chosen(dict):
    """What `any` yields, and whether a retry fails once: chosen where it is asked for, and kept."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.random = random

    def __missing__(self, site):
        self[site] = self.random.randint(0, 1)
        return self[site]


def _word(setting, random: Random) -> int:
    word = 0
    for name in setting.masks:
        if random.random() < 0.5:
            word |= setting.values[name]
    return word | random.getrandbits(64) if random.random() < 0.15 else word


def _run(setting, theorem, steps, random: Random) -> Trace | None:
    """One finished run from a valid start, others stepping in between; None where no start was found."""
    for _ in range(30):
        ghosts = {name: _word(setting, random) if name in setting.entries or sort.name == "U64" else random.random() < 0.5
                  for name, sort in setting.ghosts.items()}  # fmt: skip
        start = Values(_word(setting, random), ghosts)
        if is_valid(setting, start):
            break
    else:
        return None
    parameters = {each.name: _parameter(each, setting, random) for each in theorem.parameters}
    instants, counts = [start], []

    def note() -> None:
        for happening in interpreter.happened[len(counts) :]:
            counts.append(len(instants))
            instants.append(happening.after)

    def others(state: Values, site) -> Values:
        note()
        for _ in range(random.choice((0, 0, 1, 1, 2, 3)) if steps else 0):
            after = _step(setting, random.choice(steps), parameters, state, random)
            if after is not None and after != state:
                state = after
                instants.append(state)
        return state

    call, stopped = Call(dict(parameters)), False
    turn = in_turns(lambda standing: random.choice(list(standing)))
    interpreter = Interpreter(setting, start, others, _Chosen(random), threads=turn)
    try:
        interpreter.complete(theorem.body, call)
    except Stopped:
        stopped = True
    note()
    end = interpreter.state if stopped else others(interpreter.state, None)
    return Trace(
        setting=setting, start=start, happened=interpreter.happened, end=end, instants=instants, instants_of=counts,
        call=call, failures=interpreter.failures, stopped=stopped,
    )  # fmt: skip


def _parameter(parameter, setting, random: Random) -> int:
    if parameter.choices is not None:
        return setting.choices[parameter.name]
    if parameter.bounds is not None:
        return random.randint(*parameter.bounds)
    return random.randint(0, 1) if parameter.sort.name == "BOOL" else _word(setting, random)


def _step(setting, transition, parameters, state: Values, random: Random) -> Values | None:
    arguments = tuple(parameters[each.name] for each in transition.agent.parameters)
    inputs = {}
    for name, term in transition.inputs.items():
        word = random.choice((state.entry, _word(setting, random), _word(setting, random)))
        inputs[name] = word if term.is_word else random.randint(0, 1)
    return after_transition(setting, transition, arguments, inputs, state)
