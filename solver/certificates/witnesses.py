"""Witnesses as JSON values and back. What is read is replayed before it counts."""

from collections.abc import Mapping, Sequence
from typing import Any

from spteproof.grammar import checked as c
from spteproof.solver.environment import Transition
from spteproof.solver.interpretation import Values
from spteproof.solver.setting import Setting, Site
from spteproof.solver.stepping import Taken
from spteproof.solver.witness import Witness


def to_json(witness: Witness, transitions: Sequence[Transition], texts: Mapping[str, str]) -> dict[str, Any]:
    """The witness; its transitions by their place among all of the environment, texts by what `texts` calls them."""
    place = {id(each): at for at, each in enumerate(transitions)}

    def _site(site: Site) -> list[list[Any]]:
        return [[texts.get(name, name), start, end] for name, start, end in site]

    def taken(each: Taken) -> dict[str, Any]:
        return {
            "transition": place[id(each.transition)],
            "name": each.transition.name,
            "agent": each.transition.who,
            "arguments": list(each.arguments),
            "inputs": dict(each.inputs),
            "before": _state(each.before),
            "after": _state(each.after),
        }

    return {
        "start": _state(witness.start),
        "parameters": dict(witness.parameters),
        "inputs": [[_site(site), value] for site, value in witness.inputs.items()],
        "steps": [
            [None if site is None else _site(site), list(map(taken, steps))] for site, steps in witness.steps.items()
        ],
        "schedule": list(witness.schedule),
    }


def from_json(
    value: Mapping[str, Any],
    setting: Setting,
    theorem: c.Theorem,
    transitions: Sequence[Transition],
    texts: Mapping[str, str],
) -> Witness:
    """The witness again; `texts` are as they were given to `to_json`, by the names at hand. Raises KeyError,
    IndexError, TypeError or ValueError for what `to_json` did not make."""

    names = {called: name for name, called in texts.items()}

    def _site_again(value: Any) -> Site:
        return tuple((names.get(name, name), start, end) for name, start, end in value)

    def taken(each: Mapping[str, Any]) -> Taken:
        transition = transitions[each["transition"]]
        if (transition.name, transition.who) != (each["name"], each["agent"]):
            raise ValueError("the environment has other transitions")
        return Taken(
            transition=transition,
            arguments=tuple(each["arguments"]),
            inputs=dict(each["inputs"]),
            before=_state_again(each["before"]),
            after=_state_again(each["after"]),
        )

    return Witness(
        setting=setting,
        theorem=theorem,
        start=_state_again(value["start"]),
        parameters=dict(value["parameters"]),
        inputs={_site_again(site): each for site, each in value["inputs"]},
        steps={None if site is None else _site_again(site): list(map(taken, steps)) for site, steps in value["steps"]},
        schedule=list(value["schedule"]),
    )


def _state(state: Values) -> dict[str, Any]:
    return {"entry": state.entry, "ghosts": dict(state.ghosts)}


def _state_again(value: Mapping[str, Any]) -> Values:
    return Values(value["entry"], dict(value["ghosts"]))
