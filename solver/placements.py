"""Layouts with `some bit`: every placement at once, by symmetry.

Two bit positions that no constant of the problem tells apart can change places: operators that work bit by bit,
equality
and the memory operations do not notice. So it is enough to decide one placement of each kind. Shifts and arithmetic
tell positions apart: a shift of a masked value only those under the mask, anything else all 64.
"""

from collections.abc import Iterator, Mapping, Sequence

from spteproof.grammar import checked as c
from spteproof.grammar.sorts import sort_of
from spteproof.solver.doubts import UNDEFINED, TooBig
from spteproof.solver.integers import Integers
from spteproof.solver.interpretation import Call, Failure, Interpreter, Values
from spteproof.solver.operations import ALL_ONES, BIT_NUMBER_OPERATIONS, WORD_BITS, word_operator
from spteproof.solver.setting import Setting
from spteproof.solver.walks import Decides, below

PLACEMENT_LIMIT = 600


def placements(
    library: c.Library, subject: c.Theorem | c.Expression | None, layout: c.Layout, era: str | None
) -> Iterator[Mapping[str, int]]:
    """The values of all names of the layout, aliases included, for each placement to decide about the subject: one
    for a layout without symbolic bits. Raises TooBig past PLACEMENT_LIMIT."""
    symbolic = [mask for mask in layout.masks.values() if mask.some]
    if not symbolic:
        yield _values(library, layout, era, {})
        return
    groups = _groups(layout)
    classes = alike(library, subject, layout, era)
    count = 0
    for chosen in _choose(symbolic, classes, groups, {}):
        values = _values(library, layout, era, chosen)
        if _disjoint(layout, values):
            count += 1
            if count > PLACEMENT_LIMIT:
                raise TooBig(f"layout `{layout.name}` has more than {PLACEMENT_LIMIT} placements that differ")
            yield values


def alike(
    library: c.Library, subject: c.Theorem | c.Expression | None, layout: c.Layout, era: str | None
) -> list[list[int]]:
    """The 64 bit positions, grouped: those of one group that no symbolic mask lies on can be exchanged in all that is
    said about the subject."""
    named: list[c.Mask | c.LayoutValue] = [*layout.masks.values(), *layout.values.values()]
    definitions = [each.definition for each in named]
    invariants = layout.invariants if isinstance(subject, c.Theorem) else ()
    roots = _called(library, [subject, invariants, *definitions], era, _decides(layout))
    return _classes(_constants(layout, roots) + [fixed for _, fixed in _groups(layout)])


def _groups(layout: c.Layout) -> list[tuple[frozenset[str], int]]:
    """For each `disjoint`: its names, and the bits that its fixed masks hold."""
    result = []
    for group in layout.disjoint:
        fixed = 0
        for name in group:
            mask = layout.masks.get(layout.aliases.get(name, name))
            fixed |= mask.value if mask is not None and mask.value is not None else 0
        result.append((frozenset(layout.aliases.get(name, name) for name in group), fixed))
    return result


def _decides(layout: c.Layout) -> Decides:
    """Conditions that the layout's fixed bool constants decide."""

    def decides(condition: c.Expression) -> bool | None:
        if isinstance(condition, c.Unary) and condition.operator == "!":
            inner = decides(condition.operand)
            return None if inner is None else not inner
        if isinstance(condition, c.LayoutName):
            value = _fixed(condition, layout)
            return None if value is None else bool(value)
        return None

    return decides


def _called(library: c.Library, roots: list[object], era: str | None, decides: Decides) -> list[object]:
    """The roots, and everything that they may run: agents, predicates, functions, helpers, each once."""
    scope = library.scopes[era]
    roots = list(roots)
    names: set[str] = set()
    waiting: list[object] = list(roots)
    while waiting:
        for node in below(waiting.pop(), decides):
            if isinstance(node, c.AgentUse):
                roots.append(scope.agents[node.agent])
                waiting.append(scope.agents[node.agent])
            if isinstance(node, c.Call | c.HelperCall) and node.callee not in names:
                names.add(node.callee)
                callee = scope.pures[node.callee] if isinstance(node, c.Call) else scope.helpers[node.callee]
                roots.append(callee)
                waiting.append(callee)
    return roots


def _constants(layout: c.Layout, roots: Sequence[object]) -> list[int]:
    """The words that tell bit positions apart: constants, and the fixed masks and values that some text speaks of."""
    found: list[int] = []
    masked: set[int] = set()
    nodes = below(tuple(roots), _decides(layout))
    for node in nodes:
        if isinstance(node, c.Constant | c.LayoutName) and node.sort is not c.Sort.BOOL:
            found.append(_fixed(node, layout) or 0)
        if isinstance(node, c.Binary) and (word := _fixed(node, layout)) is not None:
            masked.add(id(node))
            found.append(word)
        if isinstance(node, c.Convert) and node.sort is not c.Sort.BOOL and sort_of(node.operand) is c.Sort.BOOL:
            found.append(1)
        shift = _masked_shift(node, layout)
        if shift is not None:
            masked.add(id(shift[0]))
            found += _bits(shift[1])
    if any(id(node) not in masked and _tells_all_apart(node) for node in nodes):
        return _bits(ALL_ONES)
    return found


def _masked_shift(node: c.Node, layout: c.Layout) -> tuple[c.Binary, int] | None:
    """For `(x >> k) & m` and `(x & m) << k`, in either order: the shift, and all bits that it reads or gives."""
    if not isinstance(node, c.Binary) or node.operator not in ("&", "<<"):
        return None
    if node.operator == "&":
        for shift, mask in ((node.left, node.right), (node.right, node.left)):
            word = _fixed(mask, layout)
            if isinstance(shift, c.Binary) and shift.operator == ">>" and word is not None:
                distance = _fixed(shift.right, layout)
                return None if distance is None else (shift, word | word << min(distance, WORD_BITS) & ALL_ONES)
        return None
    distance = _fixed(node.right, layout)
    if distance is None or not isinstance(node.left, c.Binary) or node.left.operator != "&":
        return None
    for side in (node.left.left, node.left.right):
        word = _fixed(side, layout)
        if word is not None:
            return node, word | word << min(distance, WORD_BITS) & ALL_ONES
    return None


def _fixed(node: c.Expression, layout: c.Layout) -> int | None:
    """The value of a constant, of a fixed name of the layout, or of operators on these."""
    while isinstance(node, c.Convert):
        node = node.operand
    if isinstance(node, c.Binary) and node.sort is not c.Sort.BOOL:
        left, right = _fixed(node.left, layout), _fixed(node.right, layout)
        if left is None or right is None:
            return None
        return word_operator(Integers(), node.operator, left, right, node.signed)
    if isinstance(node, c.Unary) and node.operator == "~":
        operand = _fixed(node.operand, layout)
        return None if operand is None else operand ^ ALL_ONES
    if isinstance(node, c.Constant):
        return node.value
    if isinstance(node, c.LayoutName):
        name = layout.aliases.get(node.name, node.name)
        entry = layout.masks.get(name) or layout.values.get(name)
        return entry.value if entry is not None else None
    return None


def _tells_all_apart(node: c.Node) -> bool:
    if isinstance(node, c.Binary):
        ordering = node.operator in ("<", "<=", ">", ">=", "+", "-", "*", "<<", ">>")
        return ordering and _has_word(node)
    if isinstance(node, c.Unary):
        return node.operator == "-" and node.sort is c.Sort.U64
    if isinstance(node, c.Convert):
        return node.sort is c.Sort.U64 and sort_of(node.operand) is c.Sort.INT and not _is_choice(node.operand)
    if isinstance(node, c.Memory):
        return node.operation in BIT_NUMBER_OPERATIONS
    return isinstance(node, c.LowestBit)


def _is_choice(node: c.Expression) -> bool:
    """Whether an int is one of some constants, or 0 or 1: the constants themselves tell positions apart then."""
    if isinstance(node, c.Convert):
        return sort_of(node.operand) is c.Sort.BOOL
    if isinstance(node, c.Conditional):
        return _is_choice(node.then) and _is_choice(node.other)
    return isinstance(node, c.Constant)


def _has_word(node: c.Binary) -> bool:
    """Whether the operands are u64: an int such as a level is not made of the entry's bits."""
    return not node.signed and node.sort is not c.Sort.INT


def _bits(mask: int) -> list[int]:
    return [1 << bit for bit in range(WORD_BITS) if mask >> bit & 1]


def _classes(constants: Sequence[int]) -> list[list[int]]:
    """Positions 0..63 grouped by which constants hold them."""
    distinct = sorted(set(constants))
    groups: dict[tuple[int, ...], list[int]] = {}
    for bit in range(WORD_BITS):
        groups.setdefault(tuple(value >> bit & 1 for value in distinct), []).append(bit)
    return list(groups.values())


def _choose(
    symbolic: Sequence[c.Mask],
    classes: Sequence[Sequence[int]],
    groups: Sequence[tuple[frozenset[str], int]],
    chosen: Mapping[str, int],
) -> Iterator[Mapping[str, int]]:
    """One choice for each way to place the masks that differs: in each class a mask lies on a bit used before or on the
    first fresh one, unless `disjoint` forbids it."""
    if len(chosen) == len(symbolic):
        yield chosen
        return
    mask = symbolic[len(chosen)]
    taken = 0
    for names, fixed in groups:
        if mask.name in names:
            taken |= fixed
            for name in names & chosen.keys():
                taken |= chosen[name]
    if mask.or_none:
        yield from _choose(symbolic, classes, groups, {**chosen, mask.name: 0})
    used = set(chosen.values())
    for positions in classes:
        fresh = next((bit for bit in positions if 1 << bit not in used), None)
        for bit in [*[bit for bit in positions if 1 << bit in used], *([] if fresh is None else [fresh])]:
            if not taken >> bit & 1:
                yield from _choose(symbolic, classes, groups, {**chosen, mask.name: 1 << bit})


def _values(library: c.Library, layout: c.Layout, era: str | None, chosen: Mapping[str, int]) -> Mapping[str, int]:
    values: dict[str, int] = dict(chosen)
    setting = Setting(
        layout=layout.name, values=values, masks=(), aliases={}, invariants=(), scope=library.scopes[era], ghosts={}
    )
    interpreter = Interpreter(setting, Values(0, {}), lambda state, site: state)
    everything: list[c.Mask | c.LayoutValue] = [*layout.masks.values(), *layout.values.values()]
    waiting = [each for each in everything if each.name not in values]
    values.update(_aliases(layout, values))
    while waiting:
        later = []
        for each in waiting:
            if each.value is not None:
                values[each.name] = each.value
            elif _names(each.definition) <= values.keys():
                assert each.definition is not None
                values[each.name] = interpreter.value(each.definition, Call())
                if interpreter.failures:
                    raise undefined(each.definition, interpreter.failures[0])
            else:
                later.append(each)
        assert len(later) < len(waiting), "layout names that are defined by each other"
        waiting = later
        values.update(_aliases(layout, values))
    return values


def undefined(expression: c.Expression, failure: Failure) -> TooBig:
    """Why a value that a layout or a choice gives cannot be spoken of."""
    text = " ".join(expression.place.text().split())
    fails = "an assert that it reaches fails" if failure.kind == "assert" else "it is undefined"
    return TooBig(f"`{text}` has no value here: {fails}, at {failure.place}", UNDEFINED)


def _aliases(layout: c.Layout, values: Mapping[str, int]) -> dict[str, int]:
    return {alias: values[name] for alias, name in layout.aliases.items() if name in values}


def _names(definition: c.Expression | None) -> set[str]:
    """The names, aliases included, that a definition speaks of."""
    return {node.name for node in below(definition) if isinstance(node, c.LayoutName)}


def _disjoint(layout: c.Layout, values: Mapping[str, int]) -> bool:
    for group in layout.disjoint:
        seen = 0
        for name in group:
            if values[name] & seen:
                return False
            seen |= values[name]
    return True
