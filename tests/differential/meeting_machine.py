"""Walks through all executions of a text of `meeting_cases.py`, over the two bits that its entries may have. Programs
are lists of instructions; whoever runs one is a place in it, with values of its locals. Shares no code with the tool."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from .meeting_cases import Agent, Helper, Tree

State = tuple[int, bool, int, int]  # the entry, a ghost, the further entry, a ghost of words
Locals = tuple[int, ...]
STATE = "x, g, y, w"
GIVEN = f"{STATE}, L"
Found = tuple[
    State, Locals, int, int
]  # what an event leaves, which entries it may write, which it acts on: 1, 2 or both


@cache
def function(arguments: str, source: str) -> Callable:
    return eval(f"lambda {arguments}: {source}")


@dataclass
class Program:
    """`code` are ("event", f), ("local", f), ("any", slot, values), ("branch", f, where to if not), ("jump", where to),
    ("assume", f), ("assert", f); what comes after the last one is the end. `failed`, some assert was broken."""

    names: dict[str, int]
    meanings: dict[str, int]
    helpers: dict[str, Helper]
    odd: Tree
    whose: str = ""
    here: str = "x"
    code: list[tuple] = field(default_factory=list)
    failed: bool = False
    ends: list[tuple[list[int], str]] = field(default_factory=list)

    # Expressions, as Python

    def value(self, e: Tree, scope: dict[str, str]) -> str:
        match e:
            case ("word", name):
                return str(self.meanings[name])
            case ("var", name):
                return scope[name]
            case ("some", a, b):
                return f"({self.value(a, scope)} & {self.value(b, scope)} != 0)"
            case ("==", a, b):
                return f"({self.value(a, scope)} == {self.value(b, scope)})"
            case ("!", a):
                return f"(not {self.value(a, scope)})"
            case ("odd", a):
                return self.value(self.odd, {"x": self.value(a, scope)})
            case ("true" | "false" | "b",):
                return str(bool(self.meanings[e[0]]))
            case ("->", a, b):
                return f"(not {self.value(a, scope)} or {self.value(b, scope)})"
            case ("&&" | "||" | "&" | "|" | "^" | "&~" as operator, a, b):
                word = {"&&": "and", "||": "or", "&~": "& ~"}.get(operator, operator)
                return f"({self.value(a, scope)} {word}({self.value(b, scope)}))"
        raise AssertionError(e)

    # Instructions

    def slot(self, name: str) -> int:
        """Where a local is; no two programs share one that has no name in the text."""
        return self.names.setdefault(f"{name}{self.whose}" if name.startswith(" ") else name, len(self.names))

    def let(self, slot: int, source: str) -> None:
        self.code.append(("local", function("L", f"(*L[:{slot}], int({source}), *L[{slot + 1}:])")))

    def event(self, source: str, into: int | None = None, writes: bool = True) -> None:
        """One that leaves `source` in the entry at hand, x or y."""
        kept = "L" if into is None else f"(*L[:{into}], {self.here}, *L[{into + 1}:])"
        on = 1 if self.here == "x" else 2
        self.code.append(("event", function(GIVEN, f"[({self.left(source)}, {kept}, {on * writes}, {on})]")))

    def aside(self, source: str, into: int | None = None, gives: str = "") -> None:
        """An event on ghosts that leaves `source`."""
        kept = "L" if into is None else f"(*L[:{into}], {gives}, *L[{into + 1}:])"
        self.code.append(("event", function(GIVEN, f"[({source}, {kept}, 0, 0)]")))

    def left(self, source: str) -> str:
        """The state with another value of the entry at hand."""
        return f"({source}, g, y, w)" if self.here == "x" else f"(x, g, {source}, w)"

    def test(self, e: Tree, scope: dict[str, str]) -> str:
        """A condition, whose event goes before it."""
        if e[0] == "on":
            with self.at_child():
                return self.test(e[1], scope)
        if e[0] != "try":
            return self.value(e, scope)
        done, v, new = self.slot(" done"), scope[e[1]], self.value(e[2], scope)
        slot = int(v[2:-1])
        assert done != slot
        here = self.here
        both = {slot: f"{v} if {here} == {v} else {here}", done: f"int({here} == {v})"}
        parts = (
            f"tuple(({both[slot]}) if i == {slot} else ({both[done]}) if i == {done} else o for i, o in enumerate(L))"
        )
        after, on = self.left(f"{new} if {here} == {v} else {here}"), 1 if here == "x" else 2
        self.code.append(("event", function(GIVEN, f"[({after}, {parts}, {on}, {on})]")))
        return f"L[{done}]"

    def block(self, body: list[Tree], scope: dict[str, str]) -> None:
        for each in body:
            self.statement(each, scope)

    @contextmanager
    def at_child(self) -> Iterator[None]:
        before, self.here = self.here, "y"
        yield
        self.here = before

    def statement(self, s: Tree, scope: dict[str, str]) -> None:
        match s:
            case ("on", inner):
                with self.at_child():
                    self.statement(inner, scope)
            case ("anyw" | "anyp", v):
                values = sorted({each & self.meanings["ALL"] for each in range(4)}) if s[0] == "anyw" else [0, 1]
                self.code.append(("any", int(scope[v][2:-1]), values))
            case ("let" | "letp", v, value):
                self.let(int(scope[v][2:-1]), self.value(value, scope))
            case ("setg", value):
                self.aside(f"(x, bool({self.value(value, scope)}), y, w)")
            case ("setw", value):
                self.aside(f"(x, g, y, {self.value(value, scope)})")
            case ("orw", value):
                read = self.slot(" read")
                self.aside(f"({STATE})", read, "w")
                self.aside(f"(x, g, y, L[{read}] | {self.value(value, scope)})")
                self.let(read, "0")
            case ("readw", v):
                self.aside(f"({STATE})", int(scope[v][2:-1]), "w")
            case ("readg", p):
                self.aside(f"({STATE})", int(scope[p][2:-1]), "int(g)")
            case ("assert" | "assume", value):
                self.code.append((s[0], function("L", self.value(value, scope))))
            case ("if", test, then, other):
                at = self.branch(self.test(test, scope))
                self.block(then, scope)
                out = len(self.code)
                self.code.append(("jump", out))
                self.code[at] = (*self.code[at][:2], len(self.code))
                self.block(other, scope)
                self.code[out] = ("jump", len(self.code))
            case ("atomic", body):
                self.atomic(body, scope)
            case ("retry", body, until):
                start = len(self.code)
                self.block(body, scope)
                at = self.branch(self.test(until, scope))
                self.code[at] = (*self.code[at][:2], start)
            case ("return", value):
                jumps, result = self.ends[-1]
                self.let(int(result), self.value(value, scope)) if result else None
                jumps.append(len(self.code))
                self.code.append(("jump", 0))
            case ("call", v, name, given, value):
                self.call(scope[v], self.helpers[name], [scope[each] for each in given], self.value(value, scope))
            case _:
                self.memory(s, scope)

    def branch(self, source: str) -> int:
        self.code.append(("branch", function("L", source), 0))
        return len(self.code) - 1

    def memory(self, s: Tree, scope: dict[str, str]) -> None:
        into = int(scope[s[1]][2:-1]) if s[0] in ("read", "xchg", "cas", "and", "or", "xor") else None
        operands = [self.value(each, scope) for each in s[1:] if isinstance(each, tuple)] if s[0] != "do" else []
        x = self.here
        match s[0]:
            case "read":
                self.event(x, into, writes=False)
            case "xchg" | "store":
                self.event(operands[0], into)
            case "cas":
                self.event(f"{operands[1]} if {x} == {operands[0]} else {x}", into)
            case "and":
                self.event(f"{x} & ~{operands[0]}", into)
            case "xor":
                self.event(f"{x} ^ {operands[0]}", into)
            case "or":
                self.event(f"{x} | {operands[0]}", into)
            case "plain or" | "plain and":
                read = self.slot(" read")
                self.event(x, read, writes=False)
                self.event(f"L[{read}] {'|' if s[0] == 'plain or' else '& ~'}({operands[0]})")
                self.let(read, "0")
            case "do":
                self.test(s[1], scope)

    def call(self, into: str, helper: Helper, given: list[str], value: str) -> None:
        result, n = self.slot(f" result{len(self.ends)}"), self.slot(f" n{len(self.ends)}")
        self.let(n, value)
        self.ends.append(([], str(result)))
        scope = {**dict(zip(helper.refs, given, strict=True)), "n": f"L[{n}]"}
        self.block([*helper.body, ("return", helper.result)], scope)
        for at in self.ends.pop()[0]:
            self.code[at] = ("jump", len(self.code))
        self.let(int(into[2:-1]), f"L[{result}]")
        self.let(n, "0")
        self.let(result, "0")

    def atomic(self, body: list[Tree], scope: dict[str, str]) -> None:
        inner = Program(self.names, self.meanings, self.helpers, self.odd, self.whose, self.here)
        inner.block(body, scope)

        def happens(x: int, g: bool, y: int, w: int, L: Locals) -> list[Found]:
            found = inner.at_once((x, g, y, w), L)
            self.failed = self.failed or inner.failed
            return found

        self.code.append(("event", happens))

    def at_once(self, before: State, values: Locals) -> list[Found]:
        """What all of it leaves, with nobody between."""
        found, waiting = [], [(before, 0, 0, *each) for each in self.settled(0, values)]
        while waiting:
            state, writes, on, at, values = waiting.pop()
            if at == len(self.code):
                found.append((state, values, writes, on))
                continue
            for after, left, wrote, acts in self.code[at][1](*state, values):
                settled = self.settled(at + 1, left)
                waiting += [(after, writes | wrote, on | acts, *each) for each in settled]
        return found

    def settled(self, at: int, values: Locals) -> list[tuple[int, Locals]]:
        """Where one that stands there comes to an event, or to the end."""
        found, seen, waiting = [], set(), [(at, values)]
        while waiting:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            at, L = here
            if at == len(self.code) or self.code[at][0] == "event":
                found.append(here)
                continue
            match self.code[at]:
                case ("local", f):
                    waiting.append((at + 1, f(L)))
                case ("any", slot, each):
                    waiting += [(at + 1, (*L[:slot], value, *L[slot + 1 :])) for value in each]
                case ("branch", f, other):
                    waiting.append((at + 1 if f(L) else other, L))
                case ("jump", to):
                    waiting.append((to, L))
                case ("assume" | "assert" as kind, f):
                    held = f(L)
                    self.failed = self.failed or kind == "assert" and not held
                    waiting += [(at + 1, L)] if held or kind == "assert" else []
        return found


def changes(
    agent: Agent, program: Program, valid: list[int], states: list[State], starts: list[State]
) -> tuple[set[tuple[State, State]], bool]:
    """What the agent's instances may do to any state, wherever they stand; and whether an assert of theirs may fail."""
    if agent.steps:
        return {(each, after) for each in states for after in stepped(agent, program, each, valid)}, False
    seen, failed = positions(agent, program, starts)
    found = {(each, after) for at, L in seen for each in states for after, *_ in program.code[at][1](*each, L)}
    return found, failed


def positions(agent: Agent, program: Program, starts: list[State]) -> tuple[set[tuple[int, Locals]], bool]:
    """Where an instance may stand, and whether an assert of its may fail. What it has read meets the invariants, as
    `starts` do."""
    scope = {name: f"L[{program.slot(name)}]" for name in "oqp"}
    start = [("let", "q", ("word", "W")), *agent.body]
    program.ends.append(([], ""))
    program.block(start, scope)
    for at in program.ends[-1][0]:
        program.code[at] = ("jump", len(program.code))
    seen: set[tuple[int, Locals]] = set()
    waiting = program.settled(0, (0,) * len(program.names))
    while waiting:
        here = waiting.pop()
        if here in seen or here[0] == len(program.code):
            continue
        seen.add(here)
        for each in starts:
            for _, left, _, _ in program.code[here[0]][1](*each, here[1]):
                waiting += program.settled(here[0] + 1, left)
    return seen, program.failed


def stepped(agent: Agent, program: Program, state: State, valid: list[int]) -> Iterator[State]:
    scope = {"spte": program.here, "g": "g", "*child": "y"}
    at = {name: "xgyw".index(where) for name, where in {**scope, "w": "w", "w |=": "w"}.items()}
    for when, saw, sets in agent.steps:
        seen = saw is None or any(function("x", program.value(saw, {"spte": "x"}))(each) for each in valid)
        if seen and (when is None or function(STATE, program.value(when, scope))(*state)):
            left = list(state)
            for name, value in sets:
                made = function(STATE, program.value(value, scope))(*left)
                left[at[name]] = bool(made) if name == "g" else made | left[3] if name == "w |=" else made
            x, g, y, w = left
            yield x, bool(g), y, w
