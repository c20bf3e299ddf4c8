"""Mutants of an expression: a part dropped, an operator or a mask taken for another."""

from collections.abc import Iterator

from spteproof.grammar import surface as s
from spteproof.grammar.mutation.writing import Edit, Writer

_TAKEN_FOR = {
    "&&": "||",
    "||": "&&",
    "&": "|",
    "|": "&",
    "==": "!=",
    "!=": "==",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "<<": ">>",
    ">>": "<<",
    "+": "-",
    "-": "+",
}
_PARTS = {"&&": "conjunct", "||": "disjunct", "&": "mask", "|": "mask"}
_MASKS = {
    "W": ("A", "D"),
    "A": ("D", "W"),
    "D": ("W", "A"),
    "PT_WRITABLE_MASK": ("shadow_accessed_mask", "shadow_dirty_mask"),
    "shadow_accessed_mask": ("shadow_dirty_mask", "PT_ACCESSED_MASK"),
    "shadow_dirty_mask": ("PT_WRITABLE_MASK", "PT_DIRTY_MASK"),
    "shadow_mmu_writable_mask": ("shadow_host_writable_mask",),
    "shadow_host_writable_mask": ("shadow_mmu_writable_mask",),
    "SPTE_MMU_PRESENT_MASK": ("PT_PRESENT_MASK",),
    "SPTE_TDP_AD_ENABLED": ("SPTE_TDP_AD_DISABLED",),
    "SPTE_TDP_AD_DISABLED": ("SPTE_TDP_AD_WRPROT_ONLY",),
    "SPTE_TDP_AD_WRPROT_ONLY": ("SPTE_TDP_AD_DISABLED",),
}
"""Masks that are taken for each other: others of one entry, and those of the other family. `PT_ACCESSED_MASK` lies at
bit 5 in EPT entries too, where Accessed is bit 8."""


def of_expression(writer: Writer, node: s.Term) -> Iterator[Edit]:
    """All of them, of the parts too."""
    yield from _of_node(writer, node)
    match node:
        case s.Infix():
            yield from of_expression(writer, node.left)
            yield from of_expression(writer, node.right)
        case s.Prefix():
            yield from of_expression(writer, node.operand)
        case s.Choice():
            for part in (node.condition, node.then, node.other):
                yield from of_expression(writer, part)
        case s.CallOf():
            for part in node.arguments:
                yield from of_expression(writer, part)


def _of_node(writer: Writer, node: s.Term) -> Iterator[Edit]:
    match node:
        case s.Infix():
            yield from _of_infix(writer, node)
        case s.Prefix(operator="!" | "~"):
            kept = writer.standing_for(node, writer.operand(node.operand))
            yield Edit(f"`{node.operator}` is gone", node.start, node.end, kept)
        case s.Choice():
            swapped = f"({writer.operand(node.condition)} ? {writer.operand(node.other)} : {writer.operand(node.then)})"
            yield Edit("the choices are swapped", node.start, node.end, swapped)
        case s.Name(text=name) if name in _MASKS:
            for other in _MASKS[name]:
                yield Edit("another mask", node.start, node.end, other)
        case s.Truth():
            yield Edit("the opposite", node.start, node.end, "false" if node.value else "true")
        case s.CallOf(callee=s.Word(text="BIT_ULL"), arguments=(s.Number() as number,)) if number.text.isdecimal():
            if int(number.text) < 63:
                yield Edit("the next bit", number.start, number.end, str(int(number.text) + 1))


def _of_infix(writer: Writer, node: s.Infix) -> Iterator[Edit]:
    left, right = writer.operand(node.left), writer.operand(node.right)
    part = _PARTS.get(node.operator)
    if part is not None:
        for kept in (right, left):
            yield Edit(f"a {part} is gone", node.start, node.end, writer.standing_for(node, kept))
    if node.operator == "->":
        yield Edit("the premise is gone", node.start, node.end, writer.standing_for(node, right))
    other = _TAKEN_FOR.get(node.operator)
    if other is not None:
        yield Edit(f"`{other}` for `{node.operator}`", node.start, node.end, f"({left} {other} {right})")
