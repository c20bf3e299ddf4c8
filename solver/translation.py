"""Checked trees to terms: all branches at once, merged, with a guard for each event.

The concrete counterpart, arm by arm, is `interpretation.py`; they share `operations.py` and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from spteproof.grammar import checked as c
from spteproof.grammar.memory_operations import SIGNATURES
from spteproof.grammar.source import Place
from spteproof.solver import operations
from spteproof.solver.doubts import TooBig
from spteproof.solver.happenings import (
    Access,
    Arrival,
    Branch,
    Duty,
    Event,
    Frame,
    Loop,
    State,
    Strand,
    chosen,
    fresh,
    undisturbed,
)
from spteproof.solver.loops import run_loop
from spteproof.solver.setting import Setting, Site
from spteproof.solver.terms import Term, Terms

STEP_LIMIT = 200_000
_Act = Callable[[Term], operations.Outcome[Term, Term]]


@dataclass(slots=True)
class Translation:
    """Executes checked programs over terms and collects what happens.

    `strands` tell which events are whose where threads ran; `split` is the state before them, `joined` the one after.
    Raises TooBig when the text unfolds past STEP_LIMIT statements and expressions.
    """

    terms: Terms
    setting: Setting
    state: State
    arrive: Arrival = undisturbed
    events: list[Event] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    inputs: dict[Site, Term] = field(default_factory=dict)
    input_places: dict[Site, Place] = field(default_factory=dict)
    instants: Mapping[str, State] = field(default_factory=dict)
    cleared: Mapping[str, Term] = field(default_factory=dict)
    prefix: str = ""
    reads_ghosts: bool = False
    strands: list[Strand] = field(default_factory=list)
    split: State | None = None
    joined: State | None = None
    assumed: Term = field(init=False)
    _touched: dict[str, Term] = field(default_factory=dict)
    _written: dict[str, Term] = field(default_factory=dict)
    _path: Site = ()
    _thread: str | None = None
    _steps: int = 0
    looping: bool = False
    inside: bool = False
    _assumed_first: Term | None = None
    _pure: dict[tuple[object, ...], tuple[Term, list[Duty]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.assumed = self.terms.true

    # Expressions -----------------------------------------------------------------------------------

    def value(self, expression: c.Expression, frame: Frame) -> Term:
        """The word or truth value of an expression; events in it happen."""
        terms = self.terms
        match expression:
            case c.Constant():
                return terms.fixed(expression.value, expression.sort is not c.Sort.BOOL)
            case c.LayoutName():
                if expression.name in self.setting.open:
                    return terms.truth_variable(expression.name)
                return terms.fixed(self.setting.values[expression.name], expression.sort is not c.Sort.BOOL)
            case c.Variable():
                return frame.read(expression.name)
            case c.GhostName():
                return self._ghost(expression, frame)
            case c.Instant():
                return self.instants[expression.which].word(expression.entry)
            case c.Cleared():
                return terms.bit_and(self.cleared[expression.entry], self.value(expression.mask, frame))
            case c.Unary():
                return self._unary(expression, frame)
            case c.Binary():
                return self._binary(expression, frame)
            case c.Logic() | c.Conditional():
                return self._ordered(expression, frame)
            case c.Convert():
                return self._convert(expression, frame)
            case c.LowestBit():
                operand = self.value(expression.operand, frame)
                self._duty("defined", terms.negation(terms.is_zero(operand)), expression.place, frame)
                return operations.lowest_bit(terms, operand)
            case c.Call():
                return self._pure_call(expression, frame)
            case c.Any():
                return self._input(expression, frame)
            case c.Memory():
                return self._memory(expression, frame)
            case c.HelperCall():
                return self._helper_call(expression, frame)
        assert_never(expression)

    def _unary(self, node: c.Unary, frame: Frame) -> Term:
        operand = self.value(node.operand, frame)
        if node.operator == "!":
            return self.terms.negation(operand)
        if node.operator == "~":
            return self.terms.bit_not(operand)
        result = operations.minus(self.terms, operand)
        if node.sort is c.Sort.INT:
            self._duty("defined", operations.fits_int(self.terms, result), node.place, frame)
        return result

    def _binary(self, node: c.Binary, frame: Frame) -> Term:
        left, right = self.value(node.left, frame), self.value(node.right, frame)
        if node.sort is c.Sort.BOOL:
            return operations.comparison(self.terms, node.operator, left, right, node.signed)
        if node.operator in ("<<", ">>"):
            self._duty("defined", operations.shift_is_defined(self.terms, right, _bits(node.sort)), node.place, frame)
        result = operations.word_operator(self.terms, node.operator, left, right, node.signed)
        if node.sort is c.Sort.INT and node.operator in ("+", "-", "*"):
            self._duty("defined", operations.fits_int(self.terms, result), node.place, frame)
        return result

    def _ordered(self, node: c.Logic | c.Conditional, frame: Frame) -> Term:
        """`&& || -> ?:`: a side that does not decide does not happen."""
        terms = self.terms
        if isinstance(node, c.Conditional):
            condition = self.value(node.condition, frame)
            then = self._where(condition, node.then, frame)
            other = self._where(terms.negation(condition), node.other, frame)
            return terms.select(condition, then, other)
        left = self.value(node.left, frame)
        if node.operator == "||":
            return terms.either(left, self._where(terms.negation(left), node.right, frame))
        right = self._where(left, node.right, frame)
        return terms.both(left, right) if node.operator == "&&" else terms.implies(left, right)

    def _where(self, condition: Term, expression: c.Expression, frame: Frame) -> Term:
        alive = frame.alive
        frame.alive = self.terms.both(alive, condition)
        result = self.value(expression, frame)
        frame.alive = alive
        return result

    def _convert(self, node: c.Convert, frame: Frame) -> Term:
        operand = self.value(node.operand, frame)
        if node.sort is c.Sort.BOOL:
            return operations.to_truth(self.terms, operand) if operand.is_word else operand
        return operand if operand.is_word else operations.to_word(self.terms, operand)

    def _input(self, node: c.Any, frame: Frame) -> Term:
        site = self._site(node)
        name = f"{self.prefix}any {'truth ' if node.sort is c.Sort.BOOL else ''}{len(self.inputs)}"
        new = self.terms.variable(name, node.sort is not c.Sort.BOOL)
        self.inputs[site], self.input_places[site] = new, node.place
        if node.sort is c.Sort.INT:  # known from the start, so that in `atomic` nothing ends there
            fits, first = operations.fits_int(self.terms, new), self._assumed_first
            self.assumed = self.terms.both(self.assumed, fits)
            self._assumed_first = None if first is None else self.terms.both(first, fits)
        return new

    # Calls -----------------------------------------------------------------------------------------

    def _pure_call(self, node: c.Call, frame: Frame) -> Term:
        arguments = [self.value(argument, frame) for argument in node.arguments]
        key = (node.callee, *[argument.number for argument in arguments])
        if key not in self._pure:
            self._pure[key] = self._pure_body(self.setting.scope.pures[node.callee], arguments)
        result, duties = self._pure[key]
        for duty in duties:
            self._duty(duty.kind, duty.condition, duty.place, frame, duty.guard)
        return result

    def _pure_body(self, pure: c.Pure, arguments: Sequence[Term]) -> tuple[Term, list[Duty]]:
        outer, self.duties = self.duties, []
        inner = Frame(self.terms.true)
        inner.variables.update(zip([each.name for each in pure.parameters], arguments, strict=True))
        branches = len(self.branches)
        self.run(pure.body, inner)
        del self.branches[branches:]
        duties, self.duties = self.duties, outer
        assert inner.result is not None
        return inner.result, duties

    def _helper_call(self, node: c.HelperCall, frame: Frame) -> Term:
        helper = self.setting.scope.helpers[node.callee]
        inner = Frame(frame.alive, frame.named(node.entry))
        for parameter, argument in zip(helper.parameters, node.arguments, strict=True):
            if isinstance(argument, c.Reference):
                inner.references[parameter.name] = (frame, argument.variable.name)
            else:
                inner.variables[parameter.name] = self.value(argument, frame)
        path = self._path
        self._path = self._site(node)
        self.run(helper.body, inner)
        self._path = path
        return inner.result if inner.result is not None else self.terms.true

    # Events ----------------------------------------------------------------------------------------

    def _memory(self, node: c.Memory, frame: Frame) -> Term:
        operands = tuple(self.value(argument, frame) for argument in node.arguments)
        if node.operation in operations.BIT_NUMBER_OPERATIONS:
            self._duty("defined", operations.shift_is_defined(self.terms, operands[0]), node.place, frame)
        reference = frame.read(node.reference.name) if node.reference else None
        signature, site, entry = SIGNATURES[node.operation], self._site(node), frame.named(node.entry)
        if signature.events == 2:
            read = self._event("READ_ONCE", (), None, entry, node.place, (*site, ("read", 0, 0)), frame)
            assert read.word is not None

            def store(before: Term) -> operations.Outcome[Term, Term]:
                return operations.second_half(self.terms, node.operation, read.word, operands[0])  # type: ignore[arg-type]

            outcome = self._happen(node.operation, store, entry, node.place, (*site, ("write", 0, 0)), frame)
        else:
            outcome = self._event(node.operation, operands, reference, entry, node.place, site, frame)
        if node.reference is not None:
            assert outcome.reference is not None and reference is not None
            frame.write(node.reference.name, self.terms.choose(frame.alive, outcome.reference, reference))
        result = outcome.truth if signature.result is c.Sort.BOOL else outcome.word
        return result if result is not None else self.terms.true

    def _event(
        self,
        operation: str,
        operands: tuple[Term, ...],
        reference: Term | None,
        entry: str,
        place: Place,
        site: Site,
        frame: Frame,
    ) -> operations.Outcome[Term, Term]:
        def act(before: Term) -> operations.Outcome[Term, Term]:
            return operations.memory_operation(self.terms, operation, before, operands, reference)

        outcome = self._happen(operation, act, entry, place, site, frame)
        if not self.inside and operation in ("cmpxchg64", "try_cmpxchg64"):
            self.events[-1] = replace(self.events[-1], compared=operands[0] if reference is None else reference)
        return outcome

    def _happen(
        self, operation: str, act: _Act, entry: str, place: Place, site: Site, frame: Frame
    ) -> operations.Outcome[Term, Term]:
        before, signature = self._arrival(site, frame.alive), SIGNATURES[operation]
        outcome, reached = act(before.word(entry)), self._reached(frame.alive)
        self.accesses.append(Access(entry, signature.kind, frame.alive, place, self.assumed, self._thread))
        for noted in (self._touched, self._written) if signature.writes else (self._touched,):
            noted[entry] = self.terms.either(noted.get(entry, self.terms.false), reached)
        self._record(site, operation, place, frame.alive, before, before.with_word(entry, outcome.after))
        return outcome

    def _reached(self, guard: Term) -> Term:
        """Without what an assumption after the first change in an `atomic` stops; what came before it happens."""
        late = self.inside and self._assumed_first not in (None, self.assumed)
        return self.terms.both(guard, self.assumed) if late else guard

    def _arrival(self, site: Site, guard: Term) -> State:
        return self.state if self.inside else self.arrive(self.state, site, guard)

    def _record(self, site: Site, operation: str, place: Place, guard: Term, before: State, after: State) -> None:
        """Where `guard` holds; else what it found stays. In `atomic`, an assumption comes after earlier changes."""
        self.state = chosen(self.terms, self._reached(guard), after, before)
        if not self.inside:
            assumed, self._assumed_first = self._assumed_first or self.assumed, None
            self.events.append(
                Event(
                    site=site, operation=operation, place=place, guard=guard, before=before, after=after,
                    touched=self._touched, written=self._written, assumed=assumed
                )
            )  # fmt: skip
            self._touched, self._written = {}, {}
        elif after != before:
            self._assumed_first = self._assumed_first or self.assumed

    def _ghost(self, node: c.GhostName, frame: Frame) -> Term:
        """A program's read of a ghost is an event of its own; a property reads the ghosts of its instant."""
        self.reads_ghosts, site = True, self._site(node)
        before = self._arrival(site, frame.alive)
        self._record(site, "ghost read", node.place, frame.alive, before, before)
        return self.state.ghosts[node.name]

    def _set_ghost(self, node: c.SetGhost, frame: Frame) -> None:
        value, site = self.value(node.value, frame), self._site(node)
        before = self._arrival(site, frame.alive)
        after = State(before.entry, {**before.ghosts, node.ghost: value})
        self._record(site, "ghost", node.place, frame.alive, before, after)

    def _atomic(self, node: c.Atomic, frame: Frame) -> None:
        if self.inside:
            self.run(node.body, frame)
            return
        site, guard, met = self._site(node), frame.alive, self.assumed
        before = self._arrival(site, guard)
        self.state, self.inside = before, True
        self.run(node.body, frame)
        self.inside = False
        self._record(site, "atomic", node.place, guard, before, self.state)
        self.events[-1] = replace(self.events[-1], met=met)

    def _parallel(self, node: c.Parallel, frame: Frame) -> None:
        """Each thread once, on its own. What its events find, and what all leave, is unknown until the events have an
        order (`execution.py`). The threads share the frame: none mentions what another assigns."""
        outer, self.split = self.arrive, self.state
        self.arrive = lambda state, site, guard: fresh(self.terms, state, f"thread event{len(self.events)}")
        for thread in node.threads:
            first, self._thread = len(self.events), thread.name
            self.run(thread.body, frame)
            self.strands.append(Strand(name=thread.name, first=first, end=len(self.events)))
        self.arrive, self._thread = outer, None
        self.state = self.joined = fresh(self.terms, self.state, "joined")

    # Statements ------------------------------------------------------------------------------------

    def run(self, body: Sequence[c.Statement], frame: Frame) -> None:
        for statement in body:
            if frame.alive is self.terms.false:
                return
            self._statement(statement, frame)

    def _statement(self, statement: c.Statement, frame: Frame) -> None:
        self._tick()
        match statement:
            case c.Declare():
                frame.variables[statement.name] = self.value(statement.value, frame)
            case c.Assign():
                self._assign(statement.target.name, self.value(statement.value, frame), frame)
            case c.SetGhost():
                self._set_ghost(statement, frame)
            case c.Evaluate():
                self.value(statement.expression, frame)
            case c.If():
                self._if(statement, frame)
            case c.Return():
                self._return(statement, frame)
            case c.Atomic():
                self._atomic(statement, frame)
            case c.Parallel():
                self._parallel(statement, frame)
            case c.Retry():
                run_loop(self, statement, self._site(statement), frame)
            case c.Assume():
                self._assume(statement, frame)
            case c.Assert():
                self._duty("assert", self.value(statement.condition, frame), statement.place, frame)
            case _:
                assert_never(statement)

    def _assign(self, name: str, value: Term, frame: Frame) -> None:
        old = frame.read(name)
        frame.write(name, self.terms.select(frame.alive, value, old))

    def _if(self, node: c.If, frame: Frame) -> None:
        condition, alive = self.value(node.condition, frame), frame.alive
        starts = self.terms.both(alive, condition), self.terms.both(alive, self.terms.negation(condition))
        ends = []
        for arm, body, start in (("then", node.then, starts[0]), ("else", node.other, starts[1])):
            self.branches.append(Branch(place=node.place, arm=arm, guard=start))
            frame.alive = start
            self.run(body, frame)
            ends.append(frame.alive)
        frame.alive = alive if tuple(ends) == starts else self.terms.either(*ends)

    def _return(self, node: c.Return, frame: Frame) -> None:
        if node.value is not None:
            value = self.value(node.value, frame)
            frame.result = value if frame.result is None else self.terms.select(frame.alive, value, frame.result)
        frame.alive = self.terms.false

    def iteration(self, node: c.Retry, which: str, frame: Frame) -> Term:
        """Runs body and condition of a retry once, and gives the condition; it means something where the frame is
        alive."""
        path, self.looping = self._path, True
        self._path = (*path, (which, node.place.start, node.place.end))
        self.run(node.body, frame)
        ends = self.terms.true if frame.alive is self.terms.false else self.value(node.until, frame)
        self._path, self.looping = path, False
        return ends

    def _assume(self, node: c.Assume, frame: Frame) -> None:
        condition = self.value(node.condition, frame)
        self.assumed = self.terms.both(self.assumed, self.terms.implies(frame.alive, condition))

    # Bookkeeping -----------------------------------------------------------------------------------

    def _duty(self, kind: str, condition: Term, place: Place, frame: Frame, guard: Term | None = None) -> None:
        guard = frame.alive if guard is None else self.terms.both(frame.alive, guard)
        if condition is not self.terms.true and guard is not self.terms.false:
            self.duties.append(Duty(kind=kind, guard=guard, condition=condition, place=place, assumed=self.assumed))

    def _site(self, node: c.Node) -> Site:
        return (*self._path, (node.place.source.name, node.place.start, node.place.end))

    def _tick(self) -> None:
        self._steps += 1
        if self._steps > STEP_LIMIT:
            raise TooBig(f"the program unfolds to more than {STEP_LIMIT} statements")


def _bits(sort: c.Sort) -> int:
    return operations.INT_BITS if sort is c.Sort.INT else operations.WORD_BITS
