"""The proof: from a theorem to verdicts. Start reading here.

For each instance: prepare the environment, run the program over terms, state how each property could be violated,
ask the
solver. *Unsat* with hypotheses that can hold is a proof; a model becomes a witness, which counts only when the
concrete interpreter has replayed it.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from spteproof.grammar import checked as c
from spteproof.grammar.sorts import number_of
from spteproof.solver.claims import Claim, Decided, Verdict, given_up
from spteproof.solver.decision import Decision, decisions
from spteproof.solver.doubts import INTERNAL, MEMORY_RAN_OUT, Doubt, TooBig
from spteproof.solver.environment import placed
from spteproof.solver.instances import Instance, concrete, defined_value, expectation, instances
from spteproof.solver.jointly import Jointly
from spteproof.solver.placements import placements
from spteproof.solver.questions import Case
from spteproof.solver.recurring import Recurring
from spteproof.solver.results import PROVED, REFUTED, UNKNOWN, VACUOUS, Budget, Counterexample, Result, Scope, Skipped
from spteproof.solver.setting import Setting
from spteproof.solver.threads import threads_of
from spteproof.solver.walks import below
from spteproof.solver.workbench import Benches
from spteproof.solver.z3_solver import version


@dataclass(slots=True)
class Prover:
    """Decides theorems one after the other in one process, keeping what they share. `benches` may be handed on to the
    prover of a later version of the same texts. `keep` keeps the details of an error of the tool itself, and says
    where. `kind` is how it decides."""

    library: c.Library
    budget: Budget = field(default_factory=Budget)
    benches: Benches = field(default_factory=Benches)
    keep: Callable[[Exception], str] | None = None
    kind: type[Decision] | None = None
    _recurring: Recurring = field(default_factory=Recurring)

    def prove(self, theorem: c.Theorem) -> Iterator[Result | Skipped]:
        """The verdicts of one theorem."""
        for piece in self.pieces(theorem):
            yield from piece

    def pieces(
        self, theorem: c.Theorem, start: int = 0, stop: int | None = None, given_up: Doubt | None = None
    ) -> Iterator[list[Result | Skipped]]:
        """The verdicts of one theorem, instance by instance, from number `start` to `stop`; all unknown where
        `given_up` says why."""
        every = instances(self.library, theorem, start, stop, given_up)
        for _, alike in groupby(every, lambda each: (each.era, each.layout)):
            together = Jointly(list(alike), self.budget, foremost=self._joins())
            for instance in together.instances:
                yield list(self.decide(instance, together))

    def layout_pieces(
        self, layout: c.Layout, start: int = 0, stop: int | None = None, given_up: Doubt | None = None
    ) -> Iterator[list[Result | Skipped]]:
        """The verdicts on a layout's asserts, likewise, over all placements of its symbolic bits. They hold no
        variables, so that to evaluate them is to prove them."""
        for condition in layout.asserts[start:stop]:
            started = time.monotonic()
            try:
                if given_up is not None:
                    raise TooBig(given_up, given_up.kind)
                placed = list(placements(self.library, condition, layout, None))
            except TooBig as big:
                unknown = self._layout_result(layout, condition, False, 0, 0.0)
                yield [replace(unknown, verdict=UNKNOWN, reason=str(big), reason_id=big.doubt.kind)]
                continue
            settings = [concrete(self.library, layout, values) for values in placed]
            try:
                holds, reason = all(defined_value(condition, setting) for setting in settings), None
            except TooBig as undefined:
                holds, reason = False, str(undefined)
            result = self._layout_result(layout, condition, holds, len(settings), time.monotonic() - started)
            yield [replace(result, reason=reason)]

    def _layout_result(
        self, layout: c.Layout, condition: c.Expression, holds: bool, placements: int, seconds: float
    ) -> Result:
        scope = Scope(
            layout=layout.name,
            era=None,
            placements=placements,
            environment=(),
            omitted=(),
            locks=(),
            rely=None,
            invariants=(),
            assumptions=(),
            solver="evaluation",
            timeout_seconds=self.budget.timeout_seconds,
            effort=self.budget.effort,
        )
        return Result(
            theorem=layout.name,
            place=condition.place,
            property=f"assert {' '.join(condition.place.text().split())}",
            layout=layout.name,
            era=None,
            params={},
            verdict=PROVED if holds and placements else VACUOUS if holds else REFUTED,
            expected=PROVED,
            expected_losing=(),
            ok=holds and placements > 0,
            losing=(),
            implicit=False,
            reason=None,
            scope=scope,
            seconds=seconds,
        )

    def decide(self, instance: Instance, alike: Jointly | None = None) -> Iterator[Result | Skipped]:
        """The verdicts on all claims of one instance, `alike` with others or by itself."""
        theorem = instance.theorem
        if instance.skipped is not None:
            yield Skipped(
                theorem=theorem.name,
                place=theorem.place,
                layout=instance.layout,
                era=instance.era,
                params=instance.parameters,
                reason=instance.skipped,
            )
            return
        started = time.monotonic()
        found_in = self._decided(instance, alike)
        opinions = self.budget.told.opinions() if self.budget.told is not None else ()
        shared = alike.share(instance) if alike is not None else None
        seconds = time.monotonic() - started if shared is None else shared
        claims = {(claim.text, claim.place): claim for decided in found_in for claim in decided.claims}
        for claim in claims.values():
            found = [decided.verdict_on(claim.text, claim.place) for decided in found_in]
            verdicts = [verdict for verdict in found if verdict is not None]
            if claim.prove is None and all(verdict.verdict == VACUOUS for verdict in verdicts):
                continue  # the author's own claims say that nothing can happen
            result = self._result(instance, claim, verdicts, found_in, seconds / len(claims))
            yield replace(result, scope=replace(result.scope, opinions=opinions)) if opinions else result

    def _decided(self, instance: Instance, alike: Jointly | None) -> list[Decided]:
        """What was decided of an instance. An error of the tool itself is the reason of an unknown, and other theorems
        go on, without what was half made."""
        earlier = self._recurring.get(instance) if self._recurs() else None
        if earlier is not None:
            return earlier
        try:
            found = self._decide_at_once(instance, alike) or self._decide_placements(instance)
            self._recurring.put(instance, found)
            return found
        except (MemoryError, SystemError):  # CPython says the latter where there is no memory for one more call
            reason = MEMORY_RAN_OUT
        except Exception as error:
            details = f"; details are in {self.keep(error)}" if self.keep is not None else ""
            reason = Doubt(INTERNAL, f"internal error: {type(error).__name__}{details}")
        self.benches.clear()
        return [given_up(instance.theorem, reason)]

    def _decide_at_once(self, instance: Instance, alike: Jointly | None) -> list[Decided]:
        if alike is None or not (self.kind is None or self._joins()) or not instance.settings:
            return []
        found = alike.decided(self.benches.at_hand(), instance)
        return [] if found is None else [found]

    def _recurs(self) -> bool:
        """Whether nobody wants to hear of each instance by itself."""
        return self.budget.told is None and (self.kind is None or self.kind.recurs)

    def _joins(self) -> bool:
        return self.kind is not None and self.kind.at_once

    def _decide_placements(self, instance: Instance) -> list[Decided]:
        """One decision for each placement, and each schedule of the threads in it. Where one gave a counterexample,
        later ones look only for what it lacks."""
        if instance.problem is not None:
            return [given_up(instance.theorem, instance.problem)]
        decided: list[Decided] = []
        for setting in instance.settings:
            if self.budget.told is not None:
                self.budget.told.case(_case(instance, setting))
            decided += decisions(self.benches.at_hand(), setting, instance, self.budget, decided, self.kind)
        return decided

    def _result(
        self,
        instance: Instance,
        claim: Claim,
        verdicts: Sequence[Verdict],
        decided: Sequence[Decided],
        seconds: float,
    ) -> Result:
        verdict = together(verdicts)
        wanted = expectation(claim.prove, instance) if claim.prove is not None else None
        expected = wanted.verdict if wanted is not None else PROVED
        losing = wanted.losing if wanted is not None and wanted.losing is not None else ()
        layout = self.library.layouts[instance.layout]
        examples = [each for each in (verdict.counterexample, *verdict.others) if each is not None]
        told = [_told(each, instance.theorem, layout) for each in examples]
        return Result(
            theorem=instance.theorem.name,
            place=claim.place,  # type: ignore[arg-type]
            property=claim.text,
            layout=instance.layout,
            era=instance.era,
            params=instance.parameters,
            verdict=verdict.verdict,
            expected=expected,
            expected_losing=tuple(each.place.text() for each in losing),
            ok=verdict.verdict == expected and not verdict.lacking and verdict.verdict != UNKNOWN,
            losing=verdict.losing,
            implicit=claim.prove is None,
            reason=None if verdict.reason is None else str(verdict.reason),
            reason_id=verdict.reason.kind if isinstance(verdict.reason, Doubt) else None,
            scope=self._scope(instance, claim, decided, verdict),
            seconds=seconds,
            counterexample=told[0] if told else None,
            others=tuple(told[1:]),
            asked=verdict.asked,
            kept=verdict.kept,
        )

    def _scope(self, instance: Instance, claim: Claim, decided: Sequence[Decided], verdict: Verdict) -> Scope:
        theorem, what = instance.theorem, claim.property
        return Scope(
            layout=instance.layout,
            era=instance.era,
            placements=len(instance.settings),
            environment=tuple(placed(use.agent, use.entry) for use in theorem.agents),
            omitted=(*theorem.omitted, *_omitted_elsewhere(instance)),
            locks=tuple(f"{lock.name}({lock.mode})" for lock in theorem.locks),
            rely=theorem.rely.place.text() if theorem.rely is not None else None,
            invariants=tuple(each.name for each in self.library.layouts[instance.layout].invariants),
            assumptions=tuple(dict.fromkeys(_assumptions(self.library.scopes[instance.era], theorem))),
            solver=f"z3 {version()}",
            timeout_seconds=self.budget.timeout_seconds,
            effort=self.budget.effort,
            idle_agents=_in_all([decision.idle for decision in decided]),
            dead_branches=_in_all([decision.dead for decision in decided]),
            any_change=isinstance(what, c.Equivalent) and _has_events(what) and not theorem.against_given,
            untriggered=verdict.untriggered and isinstance(what, c.Conserves),
            no_bits=verdict.no_bits,
            no_premise=verdict.untriggered and not isinstance(what, c.Conserves),
            threads=threads_of(theorem),
            retries=tuple(dict.fromkeys(each for decision in decided for each in decision.retries)),
        )


def _told(example: Counterexample, theorem: c.Theorem, layout: c.Layout) -> Counterexample:
    """The execution with where the layout's symbolic bits lie, and with the sign of what is an `int`."""
    sorts = {each.name: each.sort for each in theorem.parameters}
    values = {name: number_of(value, sorts[name]) for name, value in example.parameters.items()}
    placed = tuple(name for name, mask in layout.masks.items() if mask.some)
    return replace(example, placed=placed, parameters=values)


def _has_events(what: c.Equivalent) -> bool:
    """Whether programs are compared, not values."""
    return isinstance(what.left, c.HelperCall)


def _case(instance: Instance, setting: Setting) -> Case:
    return Case(
        theorem=instance.theorem.name,
        layout=instance.layout,
        era=instance.era,
        params=instance.parameters,
        values=setting.values,
    )


def _omitted_elsewhere(instance: Instance) -> Iterator[str]:
    """The agents that could run on a further entry of the theorem, and are not put there. One whose steps name the
    entry cannot."""
    theorem = instance.theorem
    listed = {(use.agent, use.entry) for use in theorem.agents}
    could = dict.fromkeys([*(use.agent for use in theorem.agents), *theorem.omitted])
    for setting in instance.settings[:1]:
        agents = [setting.scope.agents[name] for name in could if name in setting.scope.agents]
        for entry in setting.entries[1:]:
            for agent in agents:
                if (agent.name, entry) not in listed and not _names(agent, entry):
                    yield placed(agent.name, entry)


def _names(agent: c.Agent, entry: str) -> bool:
    """Whether the agent's steps read or assign an entry by its name."""
    nodes = below(agent.steps)
    read = any(isinstance(each, c.GhostName) and each.name == entry for each in nodes)
    return read or any(isinstance(each, c.SetGhost) and each.ghost == entry for each in nodes)


def _assumptions(scope: c.Scope, theorem: c.Theorem) -> Iterator[str]:
    """What the program assumes, in branches and in helpers too, and what its agents' programs do."""
    yield from _assumed(scope, theorem.body, "")
    for name in dict.fromkeys(use.agent for use in theorem.agents):
        yield from _assumed(scope, scope.agents[name].program, f" (agent `{name}`)")


def _assumed(scope: c.Scope, body: Sequence[c.Statement], whose: str) -> Iterator[str]:
    bodies, called = [(body, whose)], set[str]()
    while bodies:
        body, said = bodies.pop(0)
        nodes = below(tuple(body))
        for each in sorted((each for each in nodes if isinstance(each, c.Assume)), key=lambda each: each.place.start):
            text = each.place.text().removeprefix("assume").strip().removesuffix(";").strip()
            yield " ".join(text.removeprefix("(").removesuffix(")").split()) + said
        for name in [each.callee for each in nodes if isinstance(each, c.HelperCall)]:
            if name not in called:
                called.add(name)
                bodies.append((scope.helpers[name].body, whose or f" (helper `{name}`)"))


def _in_all(lists: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(each for each in lists[0] if all(each in others for others in lists[1:]))


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict for all placements of a symbolic layout and all schedules of threads: refuted by any, proved only
    where none is refuted or unknown and some is proved."""
    if len(verdicts) == 1:
        return verdicts[0]
    names = {name: None for each in verdicts for name in each.asked or ()}
    asked = None if any(each.asked is None for each in verdicts) else tuple(names)
    return replace(
        _together(verdicts), asked=asked, kept=tuple(name for name in asked or () if _is_kept(verdicts, name))
    )


def _is_kept(verdicts: Sequence[Verdict], name: str) -> bool:
    """Whether no placement loses the bit. Where it lies on another's place it goes by the other's name: then only a
    proof says that it is kept."""
    held = all(name in each.kept or name in each.absent or each.verdict in (PROVED, VACUOUS) for each in verdicts)
    return held and any(name in each.kept for each in verdicts)


def _others(best: Verdict, shown: Sequence[Verdict]) -> tuple[Counterexample, ...]:
    """What the best one draws beside its first, and of the rest what loses a bit that none before it loses."""
    found = [each for each in (best.counterexample, *best.others) if each is not None]
    for each in (example for verdict in shown for example in (verdict.counterexample, *verdict.others)):
        if each is not None and not {*each.names} <= {name for other in found for name in other.names}:
            found.append(each)
    return tuple(found[1:])


def _together(verdicts: Sequence[Verdict]) -> Verdict:
    for wanted in (REFUTED, UNKNOWN):
        found = [each for each in verdicts if each.verdict == wanted]
        if found:
            losing = {name: None for each in found for name in each.losing}
            shown = [each for each in found if each.counterexample is not None] or found
            best = next((each for each in shown if not each.lacking), shown[0])
            return replace(best, losing=tuple(losing), others=_others(best, shown))
    proved = [each for each in verdicts if each.verdict == PROVED]
    if not proved:
        return verdicts[0]
    untriggered, no_bits = all(each.untriggered for each in proved), all(each.no_bits for each in proved)
    return Verdict(verdict=PROVED, untriggered=untriggered, no_bits=no_bits)
