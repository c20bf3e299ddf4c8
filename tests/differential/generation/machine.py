"""Compiles a theorem in one placement of its layout to the instructions of `enumerate.c`, and asks it."""

import ctypes
import functools
import subprocess
import tempfile
from array import array
from dataclasses import dataclass
from pathlib import Path

from .tree import (
    Assign,
    Assume,
    Atomic,
    Binary,
    Call,
    Choice,
    Cleared,
    Declare,
    HelperCall,
    If,
    Instant,
    Name,
    Number,
    Operation,
    Parallel,
    Perform,
    Retry,
    Return,
    Unary,
    walk,
)

(END, SET, HAVOC, JZ, JMP, ASSUME, EVENT, GSET, GREAD, ATOM, ATOM_END, FORK, JOIN, EASSIGN, SAW) = range(15)
(READ, WRITE, AND, OR, XOR, ANDNOT, CMPXCHG, TRYCMP) = range(8)
(X_END, CONST, LOCAL, GHOST, ENTRY, PARAM, START, AFTER, CLEARED, TMP, NOT, LNOT, X_AND, X_OR, X_XOR, EQ, NE, LT,
 LAND, LOR, IMPLIES, CHOICE, MOVED) = range(23)  # fmt: skip
KINDS = {"preserves": 0, "changes only": 1, "conserves": 2, "resurrects": 3, "refines": 4, "ensures": 5, "always": 6,
         "that": 7, "keeps invariants": 6}  # fmt: skip
_BINARY = {"&": X_AND, "|": X_OR, "^": X_XOR, "==": EQ, "!=": NE, "<": LT, "&&": LAND, "||": LOR, "->": IMPLIES}
_WORDS = {"and": AND, "or": OR, "xor": XOR, "andnot": ANDNOT}
VERDICTS = (
    "proved",
    "refuted",
    "vacuous",
    "more states than the walk keeps",
    "no such instruction",
    "a bit without a name was set",
)
LOCALS = 16


class TooMany(Exception):
    """The program needs more locals than a state has."""


class _Problem(ctypes.Structure):
    _fields_ = (
        [(name, ctypes.c_int) for name in ("bits", "entries", "ghosts")]
        + [("ghost_word", ctypes.c_int * 4), ("code", ctypes.c_void_p), ("words", ctypes.c_void_p)]
        + [(name, ctypes.c_int) for name in ("main_pc", "agents")]
        + [("agent_pc", ctypes.c_int * 16), ("agent_is_program", ctypes.c_int * 16)]
        + [(name, ctypes.c_int) for name in ("invariant", "params")]
        + [("param_lo", ctypes.c_int * 4), ("param_hi", ctypes.c_int * 4)]
        + [
            (name, ctypes.c_int)
            for name in (
                "property", "on", "mask", "holder", "holder_at", "exactly", "condition", "block", "result",
                "result_bool", "keeps_start", "keeps_after", "most",
            )
        ]
    )  # fmt: skip


class _Answer(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in ("verdict", "steps", "lost", "states", "start")]


@functools.cache
def _library() -> ctypes.CDLL:
    folder = Path(tempfile.mkdtemp(prefix="enumerate"))
    target = folder / "enumerate.so"
    source = Path(__file__).with_name("enumerate.c")
    subprocess.run(["gcc", "-std=gnu11", "-O2", "-shared", "-fPIC", "-o", target, source], check=True)
    library = ctypes.CDLL(str(target))
    target.unlink()
    folder.rmdir()
    return library


@dataclass(frozen=True, slots=True)
class Answer:
    """`lost` are the names of the bits to blame, `steps` the fewest environment steps of a violation (-1: none)."""

    verdict: str
    steps: int
    lost: tuple[str, ...]
    states: int


class Machine:
    """One theorem of a text in one placement: `masks` gives each mask of the layout its bit among the bits that
    matter, or None; `choices` the instance's choices of parameters."""

    MOST_STATES = 300_000

    def __init__(self, text, theorem, layout, masks: dict[str, int | None], choices: dict[str, str]) -> None:
        self.text, self.theorem, self.layout, self.masks = text, theorem, layout, masks
        self.bits = max([bit for bit in masks.values() if bit is not None], default=0) + 1
        self.values = {name: 0 if bit is None else 1 << bit for name, bit in masks.items()}
        self.values |= {name: int(on) for name, on in layout.flags} | {"true": 1, "false": 0}
        self.values |= {name: self.values[mask] for name, mask in choices.items()}
        self.predicates = {each.name: each for each in text.predicates}
        self.helpers = {each.name: each for each in text.helpers}
        self.code: list[list[int]] = []
        self.words = array("i")
        self.uses: dict[int, int] = {}
        self.params: dict[str, int] = {}
        self.ranges: list[tuple[int, int]] = []
        self.next_local = 0
        self.scope: dict[str, int] = {}
        self.entry = 0
        self.returns: list[tuple[int | None, bool, list[int]]] = []
        used = self._used()
        self.entries = ["sptep", *[name for name in text.entries if name in used]]
        self.ghosts = [(sort, name) for sort, name in text.ghosts if name in used]
        self.ghost_at = {name: number for number, (_, name) in enumerate(self.ghosts)}
        self._parameters()
        self.agents = [self._agent(name, on) for name, on in theorem.against]
        self.agents = [each for some in self.agents for each in some]
        self.invariant = self._invariant()
        self.next_local = 0
        self.scope = {}
        self.main_pc = len(self.code)
        self._body(theorem.body)
        self._emit(END)
        self.top = dict(self.scope)

    # What is used

    def _used(self) -> set[str]:
        found: set[str] = set()
        agents = {each.name: each for each in self.text.agents}
        waiting = [self.theorem.body, self.theorem.properties]
        waiting += [(agents[name].steps, agents[name].program) for name, _ in self.theorem.against]
        found |= {on for _, on in self.theorem.against}
        seen: set[str] = set()
        while waiting:
            for node in walk(waiting.pop()):
                match node:
                    case Name(name=name):
                        found.add(name)
                    case Operation(entry=entry):
                        found.add(entry)
                    case HelperCall(helper=helper, entry=entry):
                        found.add(entry or "sptep")
                        if helper not in seen:
                            seen.add(helper)
                            waiting.append(self.helpers[helper].body)
                    case Assign(target=target):
                        found.add(target.lstrip("*"))
                    case Instant(which=which):
                        found.add(which.partition(" ")[2] or "sptep")
                    case _ if hasattr(node, "into"):
                        found |= {node.into or "", node.on}
        return found

    def _parameters(self) -> None:
        for parameter in self.theorem.parameters:
            if parameter.choices:
                continue
            self.params[parameter.name] = len(self.ranges)
            if parameter.bounds:
                self.ranges.append(parameter.bounds)
            else:
                self.ranges.append((0, 1) if parameter.sort == "bool" else (0, (1 << self.bits) - 1))

    # Expressions

    def _word(self, kind: int, value: int = 0) -> None:
        self.words.extend((kind, value))

    def expression(self, node, spte=None) -> int:
        """The place of its words; `spte` says what that name stands for."""
        found: set[int] = set()
        pieces = array("i")
        self._expression(node, spte, pieces, found)
        at = len(self.words)
        self.words.extend(pieces)
        self.words.extend((X_END, 0))
        self.uses[at] = sum(1 << local for local in found)
        return at

    def _expression(self, node, spte, out, found) -> None:
        match node:
            case Number():
                out.extend((CONST, node.value))
            case Name(name="spte"):
                spte(out, found)
            case Name():
                self._name(node.name, out, found)
            case Unary():
                self._expression(node.operand, spte, out, found)
                out.extend((NOT if node.operator == "~" else LNOT, 0))
            case Binary():
                self._expression(node.left, spte, out, found)
                self._expression(node.right, spte, out, found)
                out.extend((_BINARY[node.operator], 0))
            case Choice():
                for part in (node.condition, node.then, node.other):
                    self._expression(part, spte, out, found)
                out.extend((CHOICE, 0))
            case Call():

                def argument(out, found):
                    self._expression(node.argument, spte, out, found)

                self._expression(self.predicates[node.predicate].body, argument, out, found)
                out.extend((LNOT, 0, LNOT, 0))
            case Instant():
                which, _, entry = node.which.partition(" ")
                kind = {"start": START, "after": AFTER, "end": ENTRY, "now": ENTRY}[which]
                out.extend((kind, self.entries.index(entry or "sptep")))
            case Cleared():
                out.extend((CLEARED, 0))
                self._expression(node.mask, spte, out, found)
                out.extend((X_AND, 0))
            case _:
                raise ValueError(node)

    def _name(self, name: str, out, found) -> None:
        if name in self.scope:
            found.add(self.scope[name])
            out.extend((LOCAL, self.scope[name]))
        elif name in self.params:
            out.extend((PARAM, self.params[name]))
        elif name in self.ghost_at:
            out.extend((GHOST, self.ghost_at[name]))
        else:
            out.extend((CONST, self.values[name]))

    # Instructions

    def _emit(self, op: int, a: int = 0, b: int = 0, c: int = -1, d: int = -1, e: int = -1, f: int = -1, g: int = -1):
        self.code.append([op, a, b, c, d, e, f, g, 0])
        return len(self.code) - 1

    def _local(self) -> int:
        if self.next_local == LOCALS:
            raise TooMany
        self.next_local += 1
        return self.next_local - 1

    def _body(self, body) -> None:
        before = dict(self.scope)
        for statement in body:
            self._statement(statement)
        if self.returns or body is not self.theorem.body:
            self.scope = before

    def _statement(self, node) -> None:
        match node:
            case Declare():
                local = self._local()
                if node.value is None:
                    self._emit(HAVOC, local, 2 if node.sort == "bool" else 1 << self.bits)
                else:
                    self._into(local, node.value, node.sort == "bool")
                self.scope[node.name] = local
            case Assign():
                self._assign(self._read_first(node))
            case Perform():
                self._into(None, node.value, False)
            case If():
                self._if(node)
            case Return():
                self._return(node)
            case Atomic():
                self._emit(ATOM)
                self._body(node.body)
                self._emit(ATOM_END)
            case Assume():
                self._emit(ASSUME, self.expression(node.condition))
            case Retry():
                again, before = len(self.code), dict(self.scope)
                for each in node.body:
                    self._statement(each)
                self._emit(JZ, self._truth(node.until), again)
                self.scope = before
            case Parallel():
                self._parallel(node)

    def _truth(self, condition) -> int:
        """The place of an expression for the condition, whose events have happened by then."""
        if isinstance(condition, Operation | HelperCall):
            local = self._local()
            self._into(local, condition, True)
            return self._of_local(local)
        return self.expression(condition)

    def _of_local(self, local: int) -> int:
        at = len(self.words)
        self.words.extend((LOCAL, local, X_END, 0))
        self.uses[at] = 1 << local
        return at

    def _if(self, node: If) -> None:
        at = self._truth(node.condition)
        if node.negated:
            skip = self._emit(JZ, at)
            over = self._emit(JMP)
            self.code[skip][2] = len(self.code)
        else:
            over = self._emit(JZ, at)
        self._body(node.then)
        end = self._emit(JMP) if node.other else None
        self.code[over][2 if self.code[over][0] == JZ else 1] = len(self.code)
        if end is not None:
            self._body(node.other)
            self.code[end][1] = len(self.code)

    def _return(self, node: Return) -> None:
        target, truth, jumps = self.returns[-1]
        if node.value is not None:
            self._into(target, node.value, truth)
        jumps.append(self._emit(JMP))

    def _parallel(self, node: Parallel) -> None:
        fork = self._emit(FORK, len(node.threads))
        jumps = []
        for number, (_, body) in enumerate(node.threads):
            self.code[fork][2 + number] = len(self.code)
            self._body(body)
            jumps.append(self._emit(JMP))
        join = self._emit(JOIN)
        self.code[fork][5] = join + 1
        for jump in jumps:
            self.code[jump][1] = join

    def _read_first(self, node: Assign) -> Assign:
        """A compound assignment of a ghost in a program is two events: it reads the ghost, and assigns it."""
        if node.target not in self.ghost_at or node.operator == "=":
            return node
        self.scope[" ghost"] = self._local()
        self._emit(GREAD, self.scope[" ghost"], self.ghost_at[node.target])
        return Assign(node.target, "=", Binary(node.operator[0], Name(" ghost"), node.value))

    def _assign(self, node: Assign) -> None:
        name = node.target
        if name in self.ghost_at:
            value = node.value if node.operator == "=" else Binary(node.operator[0], Name(name), node.value)
            self._emit(GSET, self.ghost_at[name], self.expression(value, self._entry_word))
        elif name == "spte" or name == "*child_sptep":
            entry = self.entry if name == "spte" else self.entries.index(name[1:])
            old = Name("spte") if name == "spte" else Instant(f"now {name[1:]}")
            value = node.value if node.operator == "=" else Binary(node.operator[0], old, node.value)
            self._emit(EASSIGN, entry, self.expression(value, self._entry_word))
        elif node.operator == "=":
            self._into(self.scope[name], node.value, False)
        else:
            value = Binary(node.operator[0], Name(name), node.value)
            self._emit(SET, self.scope[name], self.expression(value), 0)

    def _entry_word(self, out, found) -> None:
        out.extend((ENTRY, self.entry))

    # Values

    def _into(self, local: int | None, value, truth: bool) -> None:
        match value:
            case Operation():
                self._operation(local, value)
            case HelperCall():
                self._call(local, value)
            case Name() if value.name in self.ghost_at and local is not None:
                self._emit(GREAD, local, self.ghost_at[value.name])
            case _ if local is not None:
                self._emit(SET, local, self.expression(value), int(truth))

    def _operation(self, local: int | None, node: Operation) -> None:
        entry = self.entry if node.entry == "sptep" else self.entries.index(node.entry)
        into = -1 if local is None else local
        arguments = [self.expression(each) for each in node.arguments]
        kind = node.kind
        if kind in ("READ_ONCE", "*", "atomic64_read"):
            self._emit(EVENT, entry, READ, e=into)
        elif kind in ("WRITE_ONCE", "*=", "atomic64_set", "xchg", "atomic64_xchg"):
            self._emit(EVENT, entry, WRITE, arguments[0], e=into)
        elif kind == "cmpxchg64":
            self._emit(EVENT, entry, CMPXCHG, arguments[0], arguments[1], into)
        elif kind == "try_cmpxchg64":
            self._emit(EVENT, entry, TRYCMP, arguments[0], e=into, f=self.scope[node.reference.lstrip("&")])
        elif kind == "test_bit":
            self._emit(EVENT, entry, READ, e=into, g=arguments[0])
        elif kind.startswith("atomic64_"):
            self._emit(
                EVENT, entry, _WORDS[kind.removeprefix("atomic64_").removeprefix("fetch_")], arguments[0], e=into
            )
        elif kind.startswith(("*", "__")):
            self._two_events(entry, into, node)
        else:
            word = OR if "set" in kind else ANDNOT
            self._emit(EVENT, entry, word, arguments[0], e=into, g=arguments[0] if "test" in kind else -1)

    def _two_events(self, entry: int, into: int, node: Operation) -> None:
        read = self._local()
        (argument,) = node.arguments
        self.scope[" read"] = read
        change = {"*&=": "&", "*|=": "|", "*^=": "^"}.get(node.kind) or ("|" if "set" in node.kind else "&")
        changed = Unary("~", argument) if "clear" in node.kind else argument
        self._emit(EVENT, entry, READ, e=read)
        self._emit(EVENT, entry, WRITE, self.expression(Binary(change, Name(" read"), changed)))
        if into >= 0 and "test" in node.kind:
            self._emit(SET, into, self.expression(Binary("&", Name(" read"), argument)), 1)

    def _call(self, local: int | None, node: HelperCall) -> None:
        helper = self.helpers[node.helper]
        inner: dict[str, int] = {}
        for number, (parameter, argument) in enumerate(zip(helper.parameters, node.arguments, strict=True)):
            if parameter.by_reference:
                inner[parameter.name] = inner[f"*{parameter.name}"] = self.scope[argument.name]
                continue
            copy = inner[parameter.name] = self._local()
            self._emit(SET, copy, self.expression(argument), int(parameter.sort == "bool"))
            assert number not in node.references
        outer, entry = self.scope, self.entry
        self.scope = inner
        if node.entry is not None:
            self.entry = self.entries.index(node.entry)
        self.returns.append((local, helper.sort == "bool", []))
        self._body(helper.body)
        for jump in self.returns.pop()[2]:
            self.code[jump][1] = len(self.code)
        self.scope, self.entry = outer, entry

    # Agents

    def _agent(self, name: str, on: str):
        agent = next(each for each in self.text.agents if each.name == name)
        self.entry = self.entries.index(on)
        found = []
        for step in agent.steps:
            self.scope, self.next_local = {}, 0
            found.append((len(self.code), False))
            for parameter in step.parameters:
                local = self.scope[parameter.name] = self._local()
                self._emit(HAVOC, local, 2 if parameter.sort == "bool" else 1 << self.bits)
            if step.when is not None:
                self._emit(ASSUME, self.expression(step.when, self._entry_word))
            if step.saw is not None:
                self._emit(SAW, self.expression(step.saw, lambda out, found: out.extend((TMP, 0))))
            for statement in step.body:
                self._step_statement(statement)
            self._emit(END)
        if agent.program:
            self.scope, self.next_local = {}, 0
            found.append((len(self.code), True))
            self.returns.append((None, False, []))
            self._body(agent.program)
            for jump in self.returns.pop()[2]:
                self.code[jump][1] = len(self.code)
            self._emit(END)
        self.entry = 0
        return found

    def _step_statement(self, node) -> None:
        if not isinstance(node, If):
            self._assign(node)
            return
        over = self._emit(JZ, self.expression(node.condition, self._entry_word))
        for each in node.then:
            self._step_statement(each)
        end = self._emit(JMP)
        self.code[over][2] = len(self.code)
        for each in node.other:
            self._step_statement(each)
        self.code[end][1] = len(self.code)

    # Invariants and properties

    def _invariants(self):
        return [condition for _, condition in self.layout.invariants]

    def _invariant(self) -> int:
        conditions = self._invariants()
        if not conditions:
            return -1
        total = conditions[0]
        for each in conditions[1:]:
            total = Binary("&&", total, each)
        return self.expression(total, lambda out, found: out.extend((TMP, 0)))

    def _constant(self, node) -> int:
        """A mask, as bits that matter."""
        if node is None:
            return 0
        match node:
            case Number():
                return node.value
            case Name():
                return self.values[node.name]
            case Binary(operator="|"):
                return self._constant(node.left) | self._constant(node.right)
        raise ValueError(node)

    def judge(self, wanted) -> Answer:
        """What a walk through all states says of the property."""
        words, uses = len(self.words), dict(self.uses)
        problem = _Problem(bits=self.bits, entries=len(self.entries), ghosts=len(self.ghosts))
        problem.ghost_word[: len(self.ghosts)] = [int(sort == "u64") for sort, _ in self.ghosts]
        problem.main_pc, problem.agents = self.main_pc, len(self.agents)
        for number, (pc, program) in enumerate(self.agents):
            problem.agent_pc[number], problem.agent_is_program[number] = pc, int(program)
        problem.invariant, problem.params = self.invariant, len(self.ranges)
        for number, (low, high) in enumerate(self.ranges):
            problem.param_lo[number], problem.param_hi[number] = low, high
        problem.most = self.MOST_STATES
        code = len(self.code)
        live = self._property(problem, wanted)
        self._live(live, code)
        flat = array("i", [each for row in self.code for each in row])
        problem.code, problem.words = flat.buffer_info()[0], self.words.buffer_info()[0]
        answer = _Answer()
        _library().judge(ctypes.byref(problem), ctypes.byref(answer))
        del self.code[code:], self.words[words:]
        self.uses = uses
        lost = tuple(sorted(name for name, bit in self.masks.items() if bit is not None and answer.lost >> bit & 1))
        return Answer(VERDICTS[answer.verdict], answer.steps, lost, answer.states)

    def _property(self, problem: _Problem, wanted) -> int:
        """Fills in what is asked; gives the locals that it looks at in the end."""
        self.scope = dict(self.top)
        problem.property = KINDS[wanted.kind]
        problem.on = self.entries.index(wanted.on)
        problem.result, live = -1, 0
        problem.mask = self._constant(wanted.mask) & ~self._constant(wanted.exempt)
        problem.exactly = int(wanted.exactly)
        if wanted.into is not None and wanted.kind == "conserves":
            if wanted.into in self.ghost_at:
                problem.holder_at = self.ghost_at[wanted.into]
                problem.holder = 3 if self.ghosts[problem.holder_at][0] == "u64" else 4
            else:
                problem.holder_at = self.scope[wanted.into]
                problem.holder, live = (2 if wanted.into.startswith("b") else 1), 1 << problem.holder_at
        if wanted.kind == "refines":
            live |= self._block(problem, wanted)
        condition = wanted.condition
        if wanted.kind == "keeps invariants":
            problem.condition = self._kept()
        elif condition is not None:
            problem.condition = self.expression(condition)
            live |= self.uses[problem.condition]
            instants = {node.which.split()[0] for node in walk(condition) if isinstance(node, Instant)}
            problem.keeps_start, problem.keeps_after = int("start" in instants), int("after" in instants)
        return live

    def _kept(self) -> int:
        pieces, found = array("i"), set()
        conditions = self._invariants()
        self._expression(Name("true"), None, pieces, found)
        for number in range(len(self.entries)):
            for each in conditions:
                self._expression(each, lambda out, found, n=number: out.extend((ENTRY, n)), pieces, found)
                pieces.extend((LAND, 0))
        at = len(self.words)
        self.words.extend(pieces)
        self.words.extend((X_END, 0))
        self.uses[at] = 0
        return at

    def _block(self, problem: _Problem, wanted) -> int:
        """A block reads and writes the entry at once; its result is one local of the program."""
        problem.block = len(self.code)
        for node in wanted.block:
            self._block_statement(node)
        self._emit(END)
        if wanted.into is None:
            return 0
        problem.result = self.scope[wanted.into]
        return 1 << problem.result

    def _block_statement(self, node) -> None:
        match node:
            case Assign(value=Operation(kind="*" | "READ_ONCE")):
                self._emit(SET, self.scope[node.target], self.expression(Instant("now")), 0)
            case Assign(value=Operation(kind="test_bit")):
                self._emit(
                    SET,
                    self.scope[node.target],
                    self.expression(Binary("&", Instant("now"), node.value.arguments[0])),
                    1,
                )
            case Perform(value=Operation(kind="*&=" | "*|=" as kind)):
                changed = Binary(kind[1], Instant("now"), node.value.arguments[0])
                self._emit(EASSIGN, 0, self.expression(changed))
            case If():
                over = self._emit(JZ, self.expression(node.condition))
                for each in node.then:
                    self._block_statement(each)
                self.code[over][2] = len(self.code)
            case _:
                raise ValueError(node)

    # Which locals still matter

    def _live(self, at_end: int, own: int) -> None:
        """Sets each instruction's last word to the locals that matter before it."""
        code, uses = self.code, self.uses
        count = len(code)
        following: list[tuple[int, ...]] = []
        read, written = [0] * count, [0] * count
        for pc, (op, a, b, c, d, e, f, g, _) in enumerate(code):
            match op:
                case 0:
                    following.append(())
                    read[pc] = at_end if self.main_pc <= pc < own else 0
                    continue
                case 4:
                    following.append((a,))
                    continue
                case 3:
                    following.append((pc + 1, b))
                    read[pc] = uses[a]
                    continue
                case 11:
                    following.append((*(b, c, d)[:a], e))
                    continue
            following.append((pc + 1,))
            if op == SET:
                read[pc], written[pc] = uses[b], 1 << a if a >= 0 else 0
            elif op in (HAVOC, GREAD):
                written[pc] = 1 << a
            elif op in (ASSUME, SAW):
                read[pc] = uses[a]
            elif op in (GSET, EASSIGN):
                read[pc] = uses[b]
            elif op == EVENT:
                read[pc] = sum_of(uses[x] for x in (c, d, g) if x >= 0) | (1 << f if f >= 0 else 0)
                written[pc] = (1 << e if e >= 0 else 0) & ~(1 << f if f >= 0 else 0)
        live = [0] * count
        changed = True
        while changed:
            changed = False
            for pc in range(count - 1, -1, -1):
                after = 0
                for each in following[pc]:
                    after |= live[each]
                now = (after & ~written[pc]) | read[pc]
                if now != live[pc]:
                    live[pc], changed = now, True
        for pc, each in enumerate(live):
            code[pc][8] = each


def sum_of(masks) -> int:
    total = 0
    for each in masks:
        total |= each
    return total
