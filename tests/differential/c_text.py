"""Prints a batch of cases as one C program, a few small functions for each; `search.c` walks their states.

Bits outside the masks of a case are constant 0 in C. That is enough for what is generated. No step, helper or
property names such a bit, and none makes one: words are combined from the entry, masks and shifts of single masked
bits. So each of them keeps its start value in the entry and in everything read from it, and since whole words are
compared only with whole words that were read (and stored by way of `| M`, `& ~M`), such a bit is equal on both sides
and decides nothing. Two things would break this, stale whole words that agents write back and words such as a plain
0; a case that has either has the invariant `closed`, which says that all these bits are 0. The search stops with an
error if any of them is ever set.
"""

from collections.abc import Callable, Iterable

from .c_agents import Environment
from .c_program import Program
from .expression_text import Vocabulary, expression_text
from .tree import Assign, Binary, Case, Cleared, Expression, Instant, Name, Operation, Unary, nodes

_KINDS = {
    "preserves": "PRESERVES",
    "changes only": "CHANGES_ONLY",
    "conserves": "CONSERVES",
    "resurrects": "RESURRECTS",
    "refines": "REFINES",
    "ensures": "ENSURES",
    "always": "ALWAYS",
}
_INSTANTS = {"start": "start", "after": "s->after", "end": "s->entry", "now": "s->entry"}
_HOLDERS = {"": "NO_HOLDER", "u64": "WORD", "bool": "TRUTH", "ghost": "GHOST"}


def batch_text(cases: Iterable[tuple[int, Case]]) -> str:
    """A whole C program that judges the cases, each under its number."""
    parts = ['#include "search.h"\n']
    calls: list[str] = []
    for number, case in cases:
        parts.append(_CaseWriter(number, case).text())
        calls.append(f"judge(&case_{number});")
    return "\n".join([*parts, "int main(void)", "{", *calls, "return 0;", "}", ""])


class _CaseWriter:
    def __init__(self, number: int, case: Case) -> None:
        self.number = number
        self.case = case
        self.positions = dict(case.layout.masks)
        self.constants = {name: f"{1 << position:#x}ULL" for name, position in case.layout.masks}
        self.constants |= {name: str(int(on)) for name, on in case.layout.flags} | {"true": "1", "false": "0"}
        for name, value in case.layout.values:
            self.constants[name] = f"({expression_text(value, self.words(self.constants.__getitem__))})"

    def words(self, name: Callable[[str], str]) -> Vocabulary:
        return Vocabulary(
            name=name,
            predicate=lambda predicate: f"c{self.number}_{predicate}",
            instant=_INSTANTS.__getitem__,
            cleared=lambda mask: f"(s->note[0] & ({mask}))",
            implication=lambda left, right: f"(!{left} || {right})",
            positions=self.positions,
        )

    def pure(self, expression: Expression) -> str:
        """Over the layout's names and `spte`."""
        return expression_text(expression, self.words((self.constants | {"spte": "spte"}).__getitem__))

    def function(self, head: str, body: str) -> str:
        name, _, rest = head.partition("(")
        kind, _, name = name.rpartition(" ")
        return f"static {kind} c{self.number}_{name}({rest}\n{{\n{body}\n}}\n"

    def text(self) -> str:
        case = self.case
        parts = [self.function(f"_Bool {p.name}(u64 spte)", f"return {self.pure(p.body)};") for p in case.predicates]
        invariants = [f"({self.pure(condition)})" for _, condition in case.layout.invariants]
        parts.append(
            self.function("_Bool invariant(u64 spte)", f"(void)spte; return {' && '.join(invariants) or '1'};")
        )
        environment = Environment(self.words, self.constants, case.ghost)
        body = environment.text(case.agents)
        parts.append(self.function("void environment(u64 spte, u64 ghost)", f"(void)spte; (void)ghost;\n{body}"))
        return "\n".join([*parts, self.program()])

    def program(self) -> str:
        """The functions of the theorem's body and property, and the table that names them all."""
        case, wanted = self.case, self.case.property
        ghosts = {case.ghost: "s->ghost"} if case.ghost is not None else {}
        program = Program(self.words, self.constants | ghosts, {helper.name: helper for helper in case.helpers})
        program.print_body(case.body)
        result = program.keep_to_the_end(wanted.into) if wanted.into not in (None, case.ghost) else -1
        parts: list[str] = []
        fields = {"result": str(result), "exactly": str(int(wanted.exactly)), "property": _KINDS[wanted.kind]}
        fields["holder"] = _HOLDERS[
            "ghost" if wanted.into is not None and wanted.into == case.ghost else wanted.into_sort
        ]
        fields["mask"] = self.pure(self.mask())
        if wanted.condition is not None:
            for name in {node.name for _, node in nodes(wanted.condition) if isinstance(node, Name)} & set(
                program.scopes[0]
            ):
                program.keep_to_the_end(name)
            text = expression_text(wanted.condition, program.words)
            parts.append(self.function("_Bool holds(const struct state *s)", f"{_LOCALS} return {text};"))
            fields["holds"] = f"c{self.number}_holds"
            fields["keeps_after"] = str(int(any(node == Instant("after") for _, node in nodes(wanted.condition))))
        if wanted.kind == "refines":
            parts.append(self.block())
            fields["block"] = f"c{self.number}_block"
        run = f"{_RUN_HEAD}\n{program.text()}\n}}\ns->pc = AT_END;"
        parts.append(self.function("void run(struct state *s)", run))
        return "\n".join([*parts, self.table(fields, program)])

    def table(self, fields: dict[str, str], program: Program) -> str:
        bits = sorted(1 << position for position in self.positions.values())
        fields |= {
            "number": str(self.number),
            "bits": str(len(bits)),
            "inputs": str(program.inputs),
            "bit": "{" + ", ".join(f"{bit:#x}ULL" for bit in bits) + "}",
            "ghosts": str(int(self.case.ghost is not None)),
            "locals": str(len(program.last_use)),
        }
        fields |= {name: f"c{self.number}_{name}" for name in ("invariant", "environment", "run")}
        assert len(program.last_use) <= 14 and len(bits) <= 8, "more than the search has room for"
        return (
            f"static const struct problem case_{self.number} = {{ "
            + ", ".join(f".{k} = {v}" for k, v in fields.items())
            + " };\n"
        )

    def mask(self) -> Expression:
        """The bits that the search watches: for ensures those of every `cleared`."""
        wanted = self.case.property
        if wanted.condition is not None:
            total: Expression = Binary("^", Name(self.case.layout.masks[0][0]), Name(self.case.layout.masks[0][0]))
            for _, node in nodes(wanted.condition):
                if isinstance(node, Cleared):
                    total = Binary("|", total, node.mask)
            return total
        mask = wanted.mask if wanted.mask is not None else Name(self.case.layout.masks[0][0])
        return mask if wanted.exempt is None else Binary("&", mask, Unary("~", wanted.exempt))

    def block(self) -> str:
        """The block of `refines` run at once, as a function of the entry: a Program that never stops."""
        wanted = self.case.property
        program = Program(self.words, self.constants, {})
        program.whole = True
        result = program.new_local()
        if wanted.into is not None:
            program.scopes[0][wanted.into] = result
        assert all(isinstance(node.value, Operation) for _, node in nodes(wanted.block) if isinstance(node, Assign))
        program.print_body(wanted.block)
        given = f"L[{result}]{' != 0' if wanted.into_sort == 'bool' else ''}"
        body = f"{_BLOCK_HEAD}\n{program.text()}\n*given = {given}; return s->entry;"
        return self.function("u64 block(u64 entry, u64 *given)", body)


_LOCALS = "const u64 *L = s->local; (void)L;"
_RUN_HEAD = """u64 *L = s->local, before = 0, result = 0; int writes = 0;
(void)L; (void)before; (void)result; (void)writes;
switch (s->pc) { case 0:;"""
_BLOCK_HEAD = """struct state at_once = { .entry = entry }, *s = &at_once;
u64 *L = s->local, before = 0, result = 0; int writes = 0; (void)result; (void)writes;"""
