"""The only module that knows Z3: scripts in, answers and models out."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import z3

from spteproof.solver.doubts import MEMORY_RAN_OUT, TIME, Doubt
from spteproof.solver.questions import Question
from spteproof.solver.results import Budget

SHORT_EFFORT, LONG_SECONDS = 1_000_000, 5.0
"""Where there are so many seconds a question is first asked with so little effort, which is spent long before, and
without a clock: Z3 starts a thread for each question that has one."""


@contextmanager
def _memory_errors() -> Iterator[None]:
    """Z3's own complaint that it gets no more memory is Python's. Raises MemoryError."""
    try:
        yield
    except z3.Z3Exception as error:
        if "memory" in str(error):
            raise MemoryError(str(error)) from None
        raise


@dataclass(frozen=True, slots=True)
class Unknown:
    """The solver gave up."""

    reason: Doubt


class Solver:
    """One script (SMT-LIB 2 declarations and assertions, QF_BV) that is checked again and again under assumptions.

    All solvers of a process share Z3's one main context, so a process proves in one thread only. The budget's seconds
    are the net for each check; its effort is Z3's rlimit, a budget that repeats, counted per check. `about` is one of
    the words of `questions.ABOUT`, or None for a search, whose questions nobody is told of.
    """

    def __init__(self, script: str, budget: Budget, about: str | None) -> None:
        self._told = budget.told if about is not None else None
        self._about = about or ""
        self._scripts = [script]
        self._budget = budget
        self._is_timed = budget.timeout_seconds < LONG_SECONDS or budget.effort <= SHORT_EFFORT
        self._is_broken_off = False
        self._solver = self._read()
        self._named: dict[str, z3.BoolRef] = {}

    def _read(self) -> z3.Solver:
        """A solver that has read the scripts."""
        solver = z3.SolverFor("QF_FD")
        budget = self._budget
        limits = {"timeout": max(1, int(budget.timeout_seconds * 1000)), "rlimit": budget.effort}
        # Python's own KeyboardInterrupt comes after the check
        solver.set(ctrl_c=False, **(limits if self._is_timed else {"rlimit": SHORT_EFFORT}))
        with _memory_errors():
            solver.from_string(self._scripts[0])
            for each in self._scripts[1:]:
                solver.add(z3.parse_smt2_string(each))
        return solver

    def check(self, *literals: "Literal") -> bool | Unknown:
        """Whether the script holds together with these: names of truth values, or what `word_at_most` and `word_is`
        give."""
        assumed = [self._truth(each) if isinstance(each, str) else each.term for each in literals]
        known = self._answer(assumed)
        if known is None and not self._is_timed:
            self._is_timed = True
            known = self._answer(assumed)
        if self._told is not None:
            texts = tuple(f"|{each}|" if isinstance(each, str) else each.text for each in literals)
            self._told.asked(
                Question(
                    about=self._about, script=self._scripts[0], assumed=texts, answer=known, model=self._everything
                )
            )
        return Unknown(_reason(self._solver.reason_unknown())) if known is None else known

    def _answer(self, assumed: Sequence[z3.BoolRef]) -> bool | None:
        """What Z3 says. One that was broken off may not have understood all of its script: a new one is asked then."""
        if self._is_broken_off:
            del self._solver  # its memory first
            self._solver = self._read()
        asts = (z3.Ast * len(assumed))(*[each.as_ast() for each in assumed])
        self._is_broken_off = True
        with _memory_errors():
            answer = z3.Z3_solver_check_assumptions(self._solver.ctx.ref(), self._solver.solver, len(asts), asts)
        self._is_broken_off = answer == z3.Z3_L_UNDEF
        return None if answer == z3.Z3_L_UNDEF else bool(answer == z3.Z3_L_TRUE)

    def _everything(self) -> Mapping[str, int]:
        """The values of all constants, by name; one that does not matter is left out."""
        model = self._solver.model()
        values: dict[str, int] = {}
        for each in model.decls():
            value = model[each]
            values[each.name()] = value.as_long() if isinstance(value, z3.BitVecNumRef) else int(z3.is_true(value))
        return values

    def _truth(self, name: str) -> z3.BoolRef:
        """The variable of this name; made once, as z3py takes longer to make it than the solver to use it."""
        if name not in self._named:
            self._named[name] = z3.Bool(name)
        return self._named[name]

    def search(self) -> None:
        """From here on answers guide a search; nobody is told of them."""
        self._told = None

    def extend(self, script: str) -> None:
        """More declarations and assertions, for a search; a constant that is known already must be declared again."""
        self.search()
        self._scripts.append(script)
        with _memory_errors():
            self._solver.add(z3.parse_smt2_string(script))

    def core(self) -> frozenset[str]:
        """The names that the last check, which did not hold, had assumed and needed."""
        return frozenset(each.decl().name() for each in self._solver.unsat_core() if z3.is_const(each))

    def model(self, words: Sequence[str], truths: Sequence[str]) -> Mapping[str, int]:
        """The values of named variables after a check that held: words as integers, truth values as 0 or 1; a variable
        that does not matter is 0."""
        with _memory_errors():
            model = self._solver.model()
        context, values = model.ctx.ref(), {}
        for name in words:
            value = z3.Z3_model_get_const_interp(context, model.model, _known(name, True).ast)
            values[name] = int(z3.Z3_get_numeral_string(context, value)) if value else 0
        for name in truths:
            value = z3.Z3_model_get_const_interp(context, model.model, _known(name, False).ast)
            values[name] = int(bool(value) and z3.Z3_get_bool_value(context, value) == z3.Z3_L_TRUE)
        return values


@lru_cache(maxsize=4096)
def _known(name: str, is_word: bool) -> z3.FuncDeclRef:
    """The constant of this name as models know it; made once, as z3py takes longer to make it than to read it."""
    return (z3.BitVec(name, 64) if is_word else z3.Bool(name)).decl()


@dataclass(frozen=True, slots=True)
class Bound:
    """A condition on declared constants that can be assumed in a check, with its text in SMT-LIB 2."""

    term: z3.BoolRef

    @property
    def text(self) -> str:
        return str(self.term.sexpr())


Literal = str | Bound


def word_at_most(name: str, value: int) -> Bound:
    """The 64-bit word `name` is at most `value`, unsigned."""
    return Bound(z3.ULE(z3.BitVec(name, 64), z3.BitVecVal(value, 64)))


def some_of(names: Sequence[str]) -> Bound:
    """At least one of these truth values."""
    truths = [z3.Bool(name) for name in names]
    return Bound(truths[0] if len(truths) == 1 else z3.Or(truths))


def truth_is(name: str, value: bool) -> Bound:
    """The truth value `name`."""
    return Bound(z3.Bool(name) if value else z3.Not(z3.Bool(name)))


def word_is(name: str, value: int) -> Bound:
    """The 64-bit word `name` has this value."""
    return Bound(z3.BitVec(name, 64) == z3.BitVecVal(value, 64))


def high_bits_are(name: str, low: int, value: int) -> Bound:
    """The bits from number `low` up of the 64-bit word `name` are those of `value`."""
    if low > 63:
        return Bound(z3.BoolVal(True))
    return Bound(z3.Extract(63, low, z3.BitVec(name, 64)) == z3.BitVecVal(value >> low, 64 - low))


def any_bit(name: str, mask: int) -> Bound:
    """Some bit of `mask` is set in the 64-bit word `name`."""
    return Bound((z3.BitVec(name, 64) & z3.BitVecVal(mask, 64)) != z3.BitVecVal(0, 64))


def lacks_some(name: str, mask: int) -> Bound:
    """Some bit of `mask` is not set in the 64-bit word `name`."""
    word, all_of_them = z3.BitVec(name, 64), z3.BitVecVal(mask, 64)
    return Bound((word & all_of_them) != all_of_them)


def none_is_set(name: str, mask: int) -> Bound:
    """No bit of `mask` is set in the 64-bit word `name`."""
    return Bound((z3.BitVec(name, 64) & z3.BitVecVal(mask, 64)) == z3.BitVecVal(0, 64))


def one_bit(name: str, mask: int) -> Bound:
    """The 64-bit word `name` is one bit of `mask`, no other set."""
    return Bound(z3.Or([z3.BitVec(name, 64) == z3.BitVecVal(1 << bit, 64) for bit in range(64) if mask >> bit & 1]))


def _reason(text: str) -> Doubt:
    lowered = text.lower()
    if "timeout" in lowered or "canceled" in lowered:
        return Doubt(TIME, "the solver ran out of time")
    if "resource" in lowered or "rlimit" in lowered:
        return Doubt(TIME, "the solver ran out of its effort budget")
    if "memory" in lowered:
        return MEMORY_RAN_OUT
    return Doubt(TIME, text.partition("\n")[0] or "the solver gave no reason")


def limit_memory(megabytes: int) -> None:
    """All solvers of the process together give up when they want so much more than they hold now."""
    z3.set_param("memory_max_size", megabytes + (z3.Z3_get_estimated_alloc_size() >> 20))


def version() -> str:
    """Z3's version, for the scope of a verdict."""
    return str(z3.get_version_string())
