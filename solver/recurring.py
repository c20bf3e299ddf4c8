"""Instances that recur: their layouts differ in name only, so what was decided of one holds of the others.

`npt extends legacy { }` is such a layout. The questions would be the same to the letter.
"""

from collections.abc import Sequence

from spteproof.grammar import checked as c
from spteproof.solver.claims import Decided
from spteproof.solver.instances import Instance, expectation
from spteproof.solver.results import UNKNOWN
from spteproof.solver.setting import Setting


class Recurring:
    """What was decided of the instances of one theorem at a time. What is unknown is not held: another try may tell."""

    def __init__(self) -> None:
        self._theorem: c.Theorem | None = None
        self._found: dict[object, tuple[Instance, list[Decided]]] = {}

    def get(self, instance: Instance) -> list[Decided] | None:
        """What was decided of an earlier instance that is the same but for its layout's name."""
        if instance.theorem is not self._theorem:
            return None
        _, found = self._found.get(_key(instance), (None, None))
        return found

    def put(self, instance: Instance, found: list[Decided]) -> None:
        if instance.theorem is not self._theorem:
            self._theorem, self._found = instance.theorem, {}
        if instance.problem is None and not any(each.verdict == UNKNOWN for one in found for each in one.verdicts):
            self._found[_key(instance)] = instance, found  # the instance, so that its scope's identity stays its own


def _key(instance: Instance) -> object:
    """All that a decision can depend on, but for the layout's name. Verdicts that are expected guide the search."""
    wanted = tuple(expectation(prove, instance) for prove in instance.theorem.proves)
    parameters = tuple(instance.parameters.items())
    return instance.era, parameters, _expected(wanted), tuple(map(_of_setting, instance.settings))


def _expected(wanted: Sequence[c.Expectation | None]) -> object:
    return tuple(None if each is None else (each.verdict, _places(each.losing)) for each in wanted)


def _places(losing: Sequence[c.Expression] | None) -> object:
    return None if losing is None else tuple(each.place for each in losing)


def _of_setting(setting: Setting) -> object:
    """Invariants are told by their texts' places: with the same values these mean the same."""
    return (
        tuple(setting.values.items()),
        setting.masks,
        tuple(setting.aliases.items()),
        tuple(each.condition.place for each in setting.invariants),
        id(setting.scope),
        tuple(setting.ghosts.items()),
        setting.entries,
        setting.era,
        tuple(setting.choices.items()),
        setting.open,
        tuple(tuple(each.items()) for each in setting.alternatives),
    )
