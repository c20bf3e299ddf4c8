"""Texts that are too large, too deep or too wrong: one clear message, and no exception."""

import time

import pytest

from spteproof.grammar.splitting import NESTING_LIMIT

DEEP = 10_000
EXPRESSIONS = {
    "brackets": "(" * DEEP + "a" + ")" * DEEP,
    "calls": "p(" * DEEP + "a" + ")" * DEEP,
    "inversions": "~" * DEEP + "a",
    "negations": "!" * DEEP + "a",
    "signs": "-" * DEEP + "a",
    "sums": " + ".join(["a"] * DEEP),
    "alternatives": " || ".join(["a"] * DEEP),
    "implications": " -> ".join(["a"] * DEEP),
    "choices": "a ? a : " * DEEP + "a",
    "choices in choices": "a ? " * DEEP + "a" + " : a" * DEEP,
}
BODIES = {
    "else after else": "if (a) return 1; " + "else if (a) return 1; " * DEEP + "else return 2;",
    "if in if": "if (a) " * DEEP + "return 1;",
    "blocks": "{" * DEEP + "}" * DEEP,
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_that_is_too_deep_is_said_to_be(name, loaded):
    found = loaded(f"predicate p(u64 a) = {EXPRESSIONS[name]};\npredicate q(u64 a) = p(a);\n").diagnostics
    assert [each.id.split(":")[0] for each in found] == ["limit.nesting"]


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_too_deep_is_said_to_be(name, loaded):
    found = loaded(f"function f(u64 a) -> u64 {{ {BODIES[name]} }}\npredicate q(u64 a) = f(a);\n").diagnostics
    assert [each.id.split(":")[0] for each in found] == ["limit.nesting"]


def test_brackets_that_are_opened_and_never_closed(loaded):
    found = loaded("predicate p(u64 a) = " + "(" * 100_000).diagnostics
    assert [each.id for each in found] == ["limit.nesting:brackets"]


def test_brackets_that_are_closed_and_never_opened(loaded):
    found = loaded("}" * 100_000 + ")" * 100_000).diagnostics
    assert found[0].id == "syntax.item:unknown" and len(found) < 50


@pytest.mark.parametrize("depth", [NESTING_LIMIT // 3, NESTING_LIMIT - 5])
def test_what_is_as_deep_as_may_be_is_checked(depth, loaded):
    mixed = "~!" * (depth // 2) + "a"
    text = f"predicate p(u64 a) = {mixed};\npredicate q(u64 a) = {' + '.join(['a'] * depth)};\n"
    text += f"predicate r(u64 a) = {'(' * depth}a{')' * depth};\n"
    ladder = "if (a) return 1; " + "else if (a) return 1; " * (depth - 10) + "else return 2;"
    text += f"function f(u64 a) -> u64 {{ {ladder} }}\n"
    found = loaded(text)
    assert found.diagnostics == () and repr(found.library) and hash(found.library.scopes[None].pures["p"])


def test_calls_that_go_too_deep_are_said_to(loaded):
    chain = "".join(f"predicate p{number}(u64 a) = p{number - 1}(a);\n" for number in range(1, 3000))
    assert [each.id for each in loaded("predicate p0(u64 a) = a;\n" + chain).diagnostics] == ["limit.depth:calls"]


CALLS_THAT_DOUBLE = "".join(f"helper f{number}() {{ f{number + 1}(); f{number + 1}(); }}\n" for number in range(30))


def test_a_late_assumption_behind_many_calls_is_found(loaded):
    after = "WRITE_ONCE(*sptep, W); f0(); u64 x = *sptep; assume(x); prove changes nothing;"
    text = f"layout l {{ W = bit 1; }}\n{CALLS_THAT_DOUBLE}helper f30() {{ }}\ntheorem t {{ {after} }}"
    assert [each.id for each in loaded(text).diagnostics] == ["assume.late:value"]


def test_a_program_in_which_late_values_cannot_be_followed_is_refused(loaded, monkeypatch):
    monkeypatch.setattr("spteproof.grammar.lateness.WALK_LIMIT", 10)
    text = f"layout l {{ W = bit 1; }}\n{CALLS_THAT_DOUBLE}helper f30() {{ }}\ntheorem t {{ f0(); prove changes nothing; }}"
    assert [each.id for each in loaded(text).diagnostics] == ["limit.calls:program"]


def test_a_long_chain_of_definitions_in_a_layout_is_fine(loaded):
    chain = "".join(f"value V{number} = V{number - 1} + 1;\n" for number in range(1, 3000))
    assert loaded(f"layout one {{ value V0 = 0;\n{chain} }}").library.layouts["one"].values["V2999"].value == 2999


def test_long_chains_of_families_and_eras_are_fine(loaded):
    families = "".join(f"family f{number} = f{number - 1};\n" for number in range(1, 2000))
    eras = "".join(f"era e{number} extends e{number - 1} {{ }}\n" for number in range(1, 300))
    assert loaded(f"layout f0 {{ X = bit 1; }}\n{families}era e0 {{ }}\n{eras}").diagnostics == ()


def test_after_many_unreadable_items_the_rest_is_not_tried(loaded):
    found = loaded("predicate p(u64 a) = ;\n" * 5_000 + "predicate q(u64 a) = undeclared;\n").diagnostics
    assert [each.id for each in found[-2:]] == ["syntax.unexpected:token", "limit.syntax:errors"] and len(found) == 26


def test_many_unknown_names_takes_bounded_time(loaded):
    text = "".join(f"predicate p{number}(u64 a) = x{number};\n" for number in range(3_000))
    begin = time.process_time()
    found = loaded(text).diagnostics
    assert len(found) == 3_000 and {each.id for each in found} == {"name.unknown:name"}
    assert time.process_time() - begin < 10


def test_a_layout_of_many_masks_on_one_bit_is_reported_in_part(loaded):
    masks = "".join(f"M{number} = bit 1;\n" for number in range(3_000))
    found = loaded(f"layout one {{ {masks} }}").diagnostics
    assert {each.id for each in found} == {"layout.overlap:undeclared"} and len(found) <= 50
