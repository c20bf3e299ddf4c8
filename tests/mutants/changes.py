"""Every small change of one module's syntax tree, one at a time.

Left alone is what decides nothing: annotations, docstrings, messages, `assert` and `strict=` (which only tell what is known), and the order of arguments where the operator does not mind it.
"""

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from .altered import module_of

Replacement = tuple[str, ast.AST]

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Lt: (ast.LtE,), ast.LtE: (ast.Lt,), ast.Gt: (ast.GtE,),
    ast.GtE: (ast.Gt,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr, ast.Mult: ast.Add,
}  # fmt: skip
PAIRS = (
    ("guard", "assumed"), ("before", "after"), ("touched", "written"), ("start", "end"), ("left", "right"), ("then", "other"),
    ("first", "last"), ("split", "joined"), ("FAILED", "LAST"), ("when", "saw"), ("found", "earlier"), ("low", "high"),
    ("true", "false"), ("both", "either"), ("bit_and", "bit_or"), ("all_of", "any_of"), ("less", "less_signed"), ("failed", "last"),
    ("shift_right", "shift_right_signed"), ("shift_left", "shift_right"), ("add", "subtract"), ("equal", "less"), ("reads", "writes"),
    ("PROVED", "VACUOUS"), ("PROVED", "REFUTED"), ("UNKNOWN", "VACUOUS"), ("accesses", "events"), ("layouts", "eras"), ("all", "any"),
    ("min", "max"), ("earlier", "siblings"), ("reflexive", "irreflexive"), ("condition", "guard"), ("keys", "values"), ("event", "access"),
    ("bit_xor", "bit_or"), ("entry", "on"), ("stale", "fresh"), ("outer", "inner"), ("held", "lost"),
)  # fmt: skip
COUNTERPARTS: dict[str, list[str]] = {}
for _one, _two in PAIRS:
    COUNTERPARTS.setdefault(_one, []).append(_two)
    COUNTERPARTS.setdefault(_two, []).append(_one)
SYMMETRIC = frozenset(
    [
        "both",
        "either",
        "equal",
        "same",
        "bit_and",
        "bit_or",
        "bit_xor",
        "add",
        "multiply",
        "isinstance",
        "zip",
        "max",
        "min",
        "same_state",
        "getattr",
        "hasattr",
    ]
)
WRAPPERS = frozenset(("negation", "bit_not", "reversed", "to_truth", "to_word", "sorted", "is_zero", "lowest_bit"))


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the tree, and what stands there: `owner.field`, or the entry `index` of that list."""

    owner: ast.AST
    field: str
    index: int | None
    node: ast.AST
    function: str
    statement: ast.stmt
    inside: bool
    names: frozenset[str]

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.owner, self.field, node)
        else:
            getattr(self.owner, self.field)[self.index] = node


@dataclass(frozen=True, slots=True)
class Mutant:
    """`key` names the change by what it does and where, and stays the same when lines move. `line` is where the changed
    statement begins; 0 where that is outside of all functions, so that it runs when the module is imported."""

    module: str
    path: Path
    key: str
    line: int
    shown: str
    tree: ast.Module
    slot: Slot
    new: ast.AST

    def compiled(self) -> CodeType | None:
        """The changed module's code; None where it is the same as before, or none at all, or where only `strict=` is other."""
        if isinstance(self.slot.owner, ast.keyword) and self.slot.owner.arg == "strict":
            return None
        original = compile(self.tree, str(self.path), "exec")
        self.slot.put(self.new)
        try:
            code = compile(self.tree, str(self.path), "exec")
        except (SyntaxError, ValueError):
            return None
        finally:
            self.slot.put(self.slot.node)
        return None if code == original else code


def mutants(path: Path) -> list[Mutant]:
    """All mutants of a module, in the order of its text."""
    tree, module = ast.parse(path.read_text(encoding="utf-8")), module_of(path)
    found, count = [], Counter[str]()
    for slot in _slots(tree, "", tree, False, frozenset(_top(tree))):
        for kind, new in _replacements(slot):
            new = ast.fix_missing_locations(ast.copy_location(copy.copy(new), slot.node))
            key = f"{module}: {slot.function or 'module'}: {_told(slot, kind, new)}"
            count[key] += 1
            key = key if count[key] == 1 else f"{key} ({count[key]})"
            shown = f"{path.parent.name}/{path.name}:{getattr(slot.node, 'lineno', slot.statement.lineno)}"
            found.append(Mutant(module, path, key, _line(slot), shown, tree, slot, new))
    return found


def _told(slot: Slot, kind: str, new: ast.AST) -> str:
    if kind.startswith("early return"):
        return kind
    after = "nothing" if isinstance(new, ast.Pass) else _text(new)
    where = "" if isinstance(slot.node, ast.stmt) else f" in {_text(slot.statement)[:90]}"
    return f"{kind}: {_text(slot.node)} => {after}{where}"


def _line(slot: Slot) -> int:
    if isinstance(slot.node, ast.FunctionDef):
        return next((each.lineno for each in slot.node.body if not _decides_nothing(each)), slot.node.lineno)
    return slot.statement.lineno if slot.inside else 0


def _text(node: ast.AST) -> str:
    first, *rest = ast.unparse(node).split("\n")
    return " ".join(first.split()) + (" ..." if rest else "")


def _top(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


_SKIPPED_FIELDS = frozenset(("annotation", "returns", "decorator_list", "bases"))


def _slots(node: ast.AST, function: str, statement: ast.AST, inside: bool, names: frozenset[str]) -> Iterator[Slot]:
    if isinstance(node, ast.FunctionDef):
        inside = True
        names |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        names |= {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        function = f"{function}.{node.name}".lstrip(".")
    for field, value in ast.iter_fields(node):
        if field in _SKIPPED_FIELDS:
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _decides_nothing(child):
                continue
            own = child if isinstance(child, ast.stmt) else statement
            within = inside and not (isinstance(node, ast.FunctionDef) and field == "args")
            if isinstance(own, ast.stmt):
                named = f"{function}.{child.name}".lstrip(".") if isinstance(child, ast.FunctionDef) else function
                yield Slot(node, field, index, child, named, own, within, names)
            yield from _slots(child, function, own, within, names)


def _decides_nothing(node: ast.AST) -> bool:
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    checking = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return (
        docstring
        or checking
        or isinstance(node, ast.Assert | ast.JoinedStr | ast.Import | ast.ImportFrom | ast.pattern)
    )


def _replacements(slot: Slot) -> Iterator[Replacement]:
    for kind in KINDS:
        yield from kind(slot)


def _comparison(slot: Slot) -> Iterator[Replacement]:
    if isinstance(slot.node, ast.Compare) and len(slot.node.ops) == 1:
        for operator in COMPARISONS.get(type(slot.node.ops[0]), ()):
            yield "comparison", ast.Compare(slot.node.left, [operator()], slot.node.comparators)
    elif isinstance(slot.node, ast.Compare):
        yield "shorter comparison", ast.Compare(slot.node.left, slot.node.ops[:1], slot.node.comparators[:1])


def _logic(slot: Slot) -> Iterator[Replacement]:
    node = slot.node
    if isinstance(node, ast.BoolOp):
        other = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        yield "and/or", ast.BoolOp(other, node.values)
        for number in range(len(node.values)):
            rest = node.values[:number] + node.values[number + 1 :]
            yield "dropped operand", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert | ast.USub):
        yield "dropped operator", node.operand
    if isinstance(node, ast.IfExp) and not isinstance(node.test, ast.Compare | ast.UnaryOp):
        yield "negated condition", ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield "operator", ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)


def _conditions(slot: Slot) -> Iterator[Replacement]:
    node = slot.node
    if isinstance(node, ast.If | ast.While) and not isinstance(node.test, ast.Compare | ast.UnaryOp):
        yield "negated condition", _copy(node, test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.comprehension):
        for number in range(len(node.ifs)):
            rest = node.ifs[:number] + node.ifs[number + 1 :]
            yield "dropped condition", _copy(node, ifs=rest)


def _calls(slot: Slot) -> Iterator[Replacement]:
    node = slot.node
    if not isinstance(node, ast.Call):
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name not in SYMMETRIC and not name[:1].isupper():
        for number in range(len(node.args) - 1):
            one, two = node.args[number : number + 2]
            if _text(one) not in ("terms", "self.terms", "domain") and _text(one) != _text(two):
                swapped = [*node.args[:number], two, one, *node.args[number + 2 :]]
                yield "swapped arguments", _copy(node, args=swapped)
    if name in WRAPPERS and node.args:
        yield "dropped call", node.args[-1]


def _constants(slot: Slot) -> Iterator[Replacement]:
    if isinstance(slot.node, ast.Constant):
        if isinstance(slot.node.value, bool):
            yield "constant", ast.Constant(not slot.node.value)
        elif isinstance(slot.node.value, int):
            yield "constant", ast.Constant(slot.node.value + 1)


def _statements(slot: Slot) -> Iterator[Replacement]:
    node = slot.node
    effect = isinstance(
        node, ast.Expr | ast.If | ast.For | ast.While | ast.Delete | ast.AugAssign | ast.Continue | ast.Break
    )
    stored = isinstance(node, ast.Assign) and not all(isinstance(each, ast.Name) for each in node.targets)
    reassigned = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _assigned_before(slot)
    if effect or stored or reassigned or isinstance(node, ast.Raise):
        yield "dropped statement", ast.Pass()
    if isinstance(node, ast.If) and node.orelse:
        yield "dropped else", _copy(node, orelse=[])
    if isinstance(node, ast.For):
        yield "first turn only", _copy(node, body=[*node.body, ast.Break()])
    if isinstance(node, ast.AugAssign) and type(node.op) in OPERATORS:
        yield "operator", ast.AugAssign(node.target, OPERATORS[type(node.op)](), node.value)
        if isinstance(node.op, ast.BitOr | ast.Add):
            yield "assigned instead", ast.Assign([node.target], node.value)


def _assigned_before(slot: Slot) -> bool:
    """Whether the name has a value already, from a statement before this one in the same list."""
    assert isinstance(slot.node, ast.Assign) and isinstance(slot.node.targets[0], ast.Name)
    name, body = slot.node.targets[0].id, getattr(slot.owner, slot.field)
    earlier = body[: slot.index] if isinstance(body, list) else []
    stores = [each for statement in earlier for each in ast.walk(statement) if isinstance(each, ast.Name)]
    return any(each.id == name and isinstance(each.ctx, ast.Store) for each in stores)


def _displays(slot: Slot) -> Iterator[Replacement]:
    node = slot.node
    if isinstance(node, ast.List | ast.Tuple | ast.Set) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        kept = isinstance(slot.owner, ast.Return | ast.Assign | ast.Subscript | ast.AnnAssign) and isinstance(
            node, ast.Tuple
        )
        for number in () if kept or (isinstance(node, ast.Set) and len(node.elts) == 1) else range(len(node.elts)):
            yield "dropped element", _copy(node, elts=node.elts[:number] + node.elts[number + 1 :])
    if isinstance(node, ast.Dict):
        for number in range(len(node.keys)):
            keys, values = ([*each[:number], *each[number + 1 :]] for each in (node.keys, node.values))
            yield "dropped entry", ast.Dict(keys, values)


def _names(slot: Slot) -> Iterator[Replacement]:
    node = slot.node
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        for other in COUNTERPARTS.get(node.attr, ()):
            yield "other of a pair", _copy(node, attr=other)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for other in COUNTERPARTS.get(node.id, ()):
            if other in slot.names or other in ("all", "any", "min", "max"):
                yield "other of a pair", ast.Name(other, ast.Load())


def _functions(slot: Slot) -> Iterator[Replacement]:
    node = slot.node
    if not isinstance(node, ast.FunctionDef) or node.returns is None:
        return
    returns = ast.unparse(node.returns)
    early: list[ast.expr | None] = []
    if returns == "None" and node.name != "__init__":
        early = [None]
    elif returns == "bool":
        early = [ast.Constant(True), ast.Constant(False)]
    elif returns.endswith("| None"):
        early = [ast.Constant(None)]
    elif returns.startswith(("tuple[str, ...]", "list[", "Sequence[")):
        early = [ast.Tuple([], ast.Load())]
    first = next((each for each in node.body if not _decides_nothing(each)), None)
    for value in early:
        if value is not None and isinstance(first, ast.Return) and first.value is not None:
            if ast.dump(first.value) == ast.dump(value):
                continue  # nothing else is done as it is
        told = f"early return of {ast.unparse(value)}" if value is not None else "early return"
        yield told, _copy(node, body=[ast.Return(value), *node.body])


KINDS: tuple[Callable[[Slot], Iterator[Replacement]], ...] = (
    _comparison, _logic, _conditions, _calls, _constants, _statements, _displays, _names, _functions,
)  # fmt: skip


def _copy(node: ast.AST, **changes: object) -> ast.AST:
    new = copy.copy(node)
    for name, value in changes.items():
        setattr(new, name, value)
    return new
