"""The whole operator table: how each pair of operators is split and bound, and what constants are worth."""

import ast
import itertools

import pytest

from spteproof.grammar import surface as s
from spteproof.grammar.parsing import grammar_text, item_parser

LEVELS = [
    ["->"],
    ["?:"],
    ["||"],
    ["&&"],
    ["|"],
    ["^"],
    ["&"],
    ["==", "!="],
    ["<", "<=", ">", ">="],
    ["<<", ">>"],
    ["+", "-"],
    ["*"],
]
BINARY = [(operator, level) for level, operators in enumerate(LEVELS) for operator in operators if operator != "?:"]
PAIRS = list(itertools.product(BINARY, BINARY))


def term(text: str) -> s.Term:
    item = item_parser().item(f"predicate p(u64 a) = {text};", 0)
    assert isinstance(item, s.PureItem)
    return item.body


def shape(tree: s.Term) -> str:
    """The tree with every bracket written."""
    match tree:
        case s.Infix():
            return f"({shape(tree.left)} {tree.operator} {shape(tree.right)})"
        case s.Prefix():
            return f"({tree.operator}{shape(tree.operand)})"
        case s.Choice():
            return f"({shape(tree.condition)} ? {shape(tree.then)} : {shape(tree.other)})"
        case s.Name() | s.Number():
            return tree.text
        case s.Dereference():
            return f"(*{tree.name.text})"
    raise AssertionError(tree)


@pytest.mark.parametrize("blank", ["", " "])
def test_every_pair_of_operators_binds_as_in_c(blank):
    for (first, low), (second, high) in PAIRS:
        left = low > high or (low == high and first != "->")
        wanted = f"((a {first} b) {second} c)" if left else f"(a {first} (b {second} c))"
        assert shape(term(f"a{blank}{first}{blank}b{blank}{second}{blank}c")) == wanted


@pytest.mark.parametrize("prefix", ["~", "!", "-", "*"])
def test_a_prefix_binds_tightest_after_every_operator(prefix):
    for operator, _ in BINARY:
        assert shape(term(f"a{operator} {prefix}b")) == f"(a {operator} ({prefix}b))"
        assert shape(term(f"{prefix}a{operator}b")) == f"(({prefix}a) {operator} b)"


@pytest.mark.parametrize("operator", [operator for operator, _ in BINARY])
def test_numbers_beside_an_operator_are_split_as_meant(operator):
    assert shape(term(f"1{operator}0")) == f"(1 {operator} 0)"


def test_a_choice_binds_looser_than_or_and_tighter_than_implication():
    assert shape(term("a || b ? c : d ? e : f")) == "((a || b) ? c : (d ? e : f))"
    assert shape(term("a ? b : c -> d")) == "((a ? b : c) -> d)"
    assert shape(term("a ? b -> c : d")) == "(a ? (b -> c) : d)"
    assert shape(term("a -> b ? c : d")) == "(a -> (b ? c : d))"


def test_signs_in_a_row_are_separate():
    assert shape(term("- -a")) == shape(term("--a")) == "(-(-a))"
    assert shape(term("!~a")) == "(!(~a))"
    assert shape(term("a - -b")) == shape(term("a--b")) == "(a - (-b))"
    assert shape(term("a&*b")) == "(a & (*b))"


def test_brackets_are_part_of_the_place_of_what_they_hold():
    tree = term("(a) + b")
    assert (tree.start, tree.end) == (21, 28)


def test_the_grammar_has_no_conflict_and_no_colliding_terminals():
    import lark

    lark.Lark(
        grammar_text(), parser="lalr", lexer="contextual", maybe_placeholders=True, keep_all_tokens=True, strict=True
    )


CONSTANTS = [
    "1 << 0",
    "1<<3<<2",
    "7 & 3 | 8",
    "1 | 2 ^ 3 & 5",
    "2 + 3 * 4",
    "10 - 3 - 2",
    "-8 >> 1",
    "~5 & 15",
    "100 >> 2 >> 1",
    "1 << 2 + 3",
]


@pytest.mark.parametrize("text", CONSTANTS)
def test_constants_are_worth_what_c_says(text, loaded):
    library = loaded(f"layout one {{ value V = {text}; }}").library
    assert library.layouts["one"].values["V"].value == eval(compile(ast.parse(text, mode="eval"), "", "eval")) % 2**64


@pytest.mark.parametrize(
    "text, value",
    [
        ("1 < 2", 1), ("2 <= 1", 0), ("-1 < 0", 1), ("-1 < 0ULL", 0), ("1 == 1", 1), ("!5", 0), ("!0 + !0", 2),
        ("5 && 0", 0), ("0 || 3", 1), ("0 -> 0", 1), ("1 -> 0", 0), ("1 ? 2 : 3", 2), ("0 ? 2 : -1", 2**64 - 1),
        ("~0ULL", 2**64 - 1), ("0ULL - 1", 2**64 - 1), ("-1", 2**64 - 1), ("-1 >> 1", 2**64 - 1), ("~0ULL >> 63", 1),
        ("BIT_ULL(52)", 2**52), ("GENMASK_ULL(3, 1)", 14), ("__ffs64(0x600)", 9), ("(1ULL << 63) << 1", 0),
        ("0xffffffffffffffffULL * 3", 2**64 - 3), ("true + true", 2), ("(1 == 1) << 4", 16),
    ],
)  # fmt: skip
def test_constants_convert_as_in_c(text, value, loaded):
    assert loaded(f"layout one {{ value V = {text}; }}").library.layouts["one"].values["V"].value == value
