"""Whether one failed iteration of a retry, and then the last one, stand for any number of failed iterations.

They do where failed iterations change neither the entry nor a ghost, and where nothing that they leave in locals
matters to the next iteration, or only what a compare-and-exchange found, by which they failed. docs/soundness.md has
the argument. An iteration is run from any values of the locals that it assigns, with an environment that may do
anything; each check asks the solver, and what it cannot answer counts as a problem.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spteproof.grammar import checked as c
from spteproof.solver.doubts import RETRY, Doubt
from spteproof.solver.environment import current
from spteproof.solver.happenings import Event, Frame, Loop, State, fresh
from spteproof.solver.results import Budget
from spteproof.solver.setting import LAST, Setting, Site
from spteproof.solver.smtlib import Script
from spteproof.solver.terms import Term, Terms, variables
from spteproof.solver.translation import Translation
from spteproof.solver.walks import below
from spteproof.solver.z3_solver import Solver

TRIAL = "(trial) "
"""What the variables of an iteration on trial are called: nothing in a text has such a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exactness:
    """`problem` is why one failed iteration does not stand for all (None: it does). `carries` is whether the last
    iteration starts from what the one before it found: of those before that one, nothing is known. `silent` is
    whether a last iteration may hold no event where one that starts alike may fail; `waits`, whether one may fail
    without any event, so that nothing asks what others do while it never ends."""

    problem: Doubt | None
    carries: bool
    silent: bool
    waits: bool


def exactness(
    terms: Terms, setting: Setting, loop: Loop, budget: Budget, disturbed: bool, *, of_agent: bool = False
) -> Exactness:
    """What one failed iteration of the loop stands for, which is `of_agent`s or the theorem's; `disturbed`, others run
    beside it, and what they do is asked about. Raises TooBig."""
    return _Trial(terms, setting, loop, of_agent).examine(budget, disturbed)


def duties_again(terms: Terms, setting: Setting, loops: Iterable[Loop]) -> set[str]:
    """The kinds of what must hold, or be defined, in an iteration that starts from any values: with those of the first
    two it may fold away. Raises TooBig."""
    return {duty.kind for loop in loops for duty in _Trial(terms, setting, loop).run.duties}


def why_unknown(found: Exactness, loop: Loop, what: c.Property | str) -> Doubt | None:
    """Why a property cannot be said to hold of all numbers of failed iterations; None where it can."""
    where = f"the retry at {loop.node.place}"
    if found.problem is None and found.waits and isinstance(what, c.Always | c.KeepsInvariants):
        return Doubt(RETRY, f"{where} may wait for ever without an event, and what others do then is not asked about")
    if found.problem is not None or not found.carries:
        return found.problem
    if isinstance(what, c.Resurrects):
        return Doubt(RETRY, f"which bits all the failed iterations of {where} have seen is not known")
    after = any(isinstance(each, c.Instant) and each.which == "after" for each in below(what))
    if after and found.silent:
        return Doubt(
            RETRY, f"`after` may be the moment of any failed iteration of {where}: its last one may hold no event"
        )
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Local:
    """A local from outside that an iteration may assign: its name there, what it starts from, and what it ends with.
    `alive` is where it still matters at the end."""

    name: str
    start: Term
    end: Term
    alive: Term


class _Trial:
    """One iteration from any values."""

    def __init__(self, terms: Terms, setting: Setting, loop: Loop, of_agent: bool = False) -> None:
        self.terms, self.loop, self.entries, self.of_agent = terms, loop, setting.entries, of_agent
        self.frame = loop.frame.apart()
        self.frame.alive = terms.true
        self._found = 0
        starts = self._free_locals()
        anything = fresh(terms, current(terms, setting), f"{TRIAL}entry")
        self.run = Translation(terms, setting, anything, prefix=TRIAL)
        self.run.arrive = self._arrive
        ends = self.run.iteration(loop.node, LAST, self.frame)
        self.alive = self.frame.alive
        self.fails = terms.both(self.alive, terms.negation(ends))
        self.locals = [
            _Local(
                name=name,
                start=start,
                end=owner.variables[key],
                alive=self.alive if owner is self.frame else terms.true,
            )
            for name, owner, key, start in starts
        ]

    def _free_locals(self) -> list[tuple[str, Frame, str, Term]]:
        """Gives the locals that an iteration may assign any value at all."""
        freed: dict[tuple[int, str], tuple[str, Frame, str, Term]] = {}
        for name in _assigned(self.loop.node):
            if name in self.frame.variables or name in self.frame.references:
                owner, key = self.frame.owner(name)
                if (id(owner), key) not in freed:
                    start = self._any(owner.variables[key], f"{TRIAL}start{len(freed)}")
                    owner.variables[key] = start
                    freed[id(owner), key] = (name, owner, key, start)
        return list(freed.values())

    def _any(self, like: Term, name: str) -> Term:
        return self.terms.variable(name, like.is_word)

    def _arrive(self, state: State, site: Site, guard: Term) -> State:
        """Others may have left anything."""
        self._found += 1
        return fresh(self.terms, state, f"{TRIAL}found{self._found}")

    # What is asked

    def examine(self, budget: Budget, disturbed: bool) -> Exactness:
        solver = self._solver(self._script(), budget)
        carried = [local for number, local in enumerate(self.locals) if solver.check(f"matters{number}") is not False]
        return Exactness(
            problem=self._changing(solver) or self._carrying(carried, budget),
            carries=bool(carried),
            silent=solver.check("silent") is not False,
            waits=disturbed and solver.check("waits") is not False,
        )

    def _script(self) -> Script:
        """What may be wrong with it: no two loops have the same one, unless they are the same, of the same program."""
        terms, script = self.terms, Script()
        if self.of_agent:
            script.literal("agents", terms.true)
        events = self.run.events
        script.literal("changes", terms.both(self.fails, terms.any_of(self._changes(each) for each in events)))
        heard = terms.any_of(each.guard for each in events)
        script.literal("waits", terms.both(self.fails, terms.negation(heard)))
        script.literal("silent", terms.any_of(self._silent(each) for each in self.entries))
        for number, local in enumerate(self.locals):
            script.literal(f"matters{number}", self._matters(local))
        return script

    def _solver(self, script: Script, budget: Budget) -> Solver:
        return Solver(script.text(), budget, "agents' retry" if self.of_agent else "retry")

    def _silent(self, entry: str) -> Term:
        """It fails with an event that concerns the entry; another one that starts alike does neither."""
        terms = self.terms
        heard = terms.any_of(terms.both(each.guard, each.concerns(terms, entry)) for each in self.run.events)
        last = terms.both(terms.negation(self.fails), terms.negation(heard))
        starts = {local.start for local in self.locals}
        own = [each for each in variables([last]) if str(each.value).startswith(TRIAL) and each not in starts]
        elsewhere = terms.substitute([last], {each: self._any(each, f"{each.value} elsewhere") for each in own})[0]
        return terms.all_of([self.fails, heard, elsewhere])

    def _changes(self, event: Event) -> Term:
        pairs = list(zip(event.before.parts(), event.after.parts(), strict=True))
        return self.terms.both(event.guard, self._differ(pairs))

    def _differ(self, pairs: Sequence[tuple[Term, Term]]) -> Term:
        return self.terms.any_of(self.terms.negation(self.terms.same(*pair)) for pair in pairs)

    def _matters(self, local: _Local) -> Term:
        """Two values of the local, and all else the same, lead to something different."""
        seen = self._seen()
        if local.start not in variables(seen):
            return self.terms.false
        other = self._any(local.start, f"{TRIAL}other {'word' if local.start.is_word else 'truth'}")
        return self._differ(list(zip(seen, self.terms.substitute(seen, {local.start: other}), strict=True)))

    def _seen(self) -> list[Term]:
        """Everything of an iteration that anything later, or a property, may depend on."""
        terms, run = self.terms, self.run
        seen = [self.alive, self.fails, run.assumed]
        for event in run.events:
            seen += [event.guard, *event.touched.values(), *event.written.values()]
            seen += [self._where(event.guard, part) for part in event.after.parts()]
        seen += [terms.both(duty.guard, terms.negation(duty.condition)) for duty in run.duties]
        if self.frame.result is not None:
            seen.append(self._where(terms.negation(self.alive), self.frame.result))
        return seen + [self._where(local.alive, local.end) for local in self.locals]

    def _where(self, guard: Term, value: Term) -> Term:
        return self.terms.choose(guard, value, self.terms.word(0)) if value.is_word else self.terms.both(guard, value)

    def _changing(self, solver: Solver) -> Doubt | None:
        if solver.check("changes") is False:
            return None
        where = self.loop.node.place
        return Doubt(RETRY, f"a failed iteration of the retry at {where} may change the entry or a ghost")

    def _carrying(self, carried: Sequence[_Local], budget: Budget) -> Doubt | None:
        """None where the next iteration needs nothing of a failed one but what a compare-and-exchange found."""
        if not carried:
            return None
        if self.run.assumed is self.terms.true:
            for number, event in enumerate(self.run.events):
                if self._refreshes(number, event, carried, budget):
                    return None
        names = ", ".join(f"`{each.name.split('.')[0]}`" for each in carried)
        return Doubt(
            RETRY,
            f"what a failed iteration of the retry at {self.loop.node.place} leaves in {names} matters to the next "
            "one, and it is not what a failed compare-and-exchange with it found",
        )

    def _refreshes(self, number: int, event: Event, carried: Sequence[_Local], budget: Budget) -> bool:
        """An iteration fails exactly where this exchange does, nothing happens after it then, it compared with what
        each local carried started from, and each ends with what it found."""
        terms = self.terms
        if event.compared is None or not all(local.start.is_word for local in carried):
            return False
        (entry,) = event.touched
        found = event.before.word(entry)
        misses = terms.both(event.guard, terms.negation(terms.equal(found, event.compared)))
        later = terms.any_of(each.guard for each in self.run.events[number + 1 :])
        pairs = [pair for local in carried for pair in ((local.end, found), (local.start, event.compared))]
        script = self._script()
        script.literal("otherwise", terms.negation(terms.same(self.fails, misses)))
        script.literal("later", terms.both(self.fails, later))
        script.literal("stale", terms.both(self.fails, self._differ(pairs)))
        solver = self._solver(script, budget)
        return all(solver.check(each) is False for each in ("otherwise", "later", "stale"))


def _assigned(node: c.Retry) -> list[str]:
    """The locals that an iteration may assign, each once."""
    names: dict[str, None] = {}
    for each in below(node):
        match each:
            case c.Assign():
                names[each.target.name] = None
            case c.Memory(reference=c.Variable(name=name)):
                names[name] = None
            case c.Reference():
                names[each.variable.name] = None
    return list(names)
