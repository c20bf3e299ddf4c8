"""One error is one message: what rests on something broken is not complained about."""

import random

import pytest

BROKEN = {
    "predicate": "predicate p(u64 a) = ;\npredicate q(u64 a) = p(a);",
    "function": "function f(u64 a) -> u64 { return a }\npredicate q(u64 a) = f(a);",
    "helper": "helper h() { log_it() }\nhelper g() { h(); }",
    "ghost": "ghost bool seen\nhelper g() { seen = true; }",
    "agent": "agent a lockless { step : { } }\ntheorem t against any number of a { prove changes nothing; }",
    "layout": "layout mine { X = bit; Y = bit 3; }\npredicate q(u64 a) = a & X | Y;\n"
    "theorem t for layout in mine { prove preserves Y; }",
    "base layout": "layout mine { X = bit; }\nlayout more extends mine { Y = X; invariant i: spte & X & Z; }\n"
    "predicate q(u64 a) = a & X;",
    "family": "family f = one two;\ntheorem t for layout in f { prove changes nothing expect refuted in f; }",
    "era": "era e implements mmu { predicate q(u64 a) = ; }\n"
    "theorem t for layout in one, era in e { assume(q(1)); prove changes nothing; }",
    "interface": "interface i { predicate pi(u64 a) = a; }\nera e implements i { predicate pi(u64 a) = a; }\n"
    "predicate q(u64 a) = pi(a);",
    "keyword": "layuot mine { X = bit 1; }\npredicate q(u64 a) = a & X;\n"
    "theorem t for layout in mine { prove changes nothing; }",
    "use": "use nowhere,;\npredicate q(u64 a) = from_there(a);",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_speaks_of_a_broken_item_is_not_complained_about(kind, loaded):
    found = loaded(f"use base;\n{BROKEN[kind]}").diagnostics
    assert [each.id.split(".")[0] for each in found] == ["syntax"], [each.message for each in found]


def test_an_unknown_name_in_a_definition_makes_the_definition_no_unknown_name(loaded):
    found = loaded("layout one { X = UNKNOWN; Y = X; }\npredicate p(u64 a) = other(a);\npredicate q(u64 a) = p(a) & X;")
    assert [each.message for each in found.diagnostics] == [
        "`UNKNOWN` is not a name of layout `one`", "`other` is not declared",
    ]  # fmt: skip


def test_errors_of_different_items_are_all_reported(loaded):
    text = "predicate p(u64 a) = ;\npredicate q(u64 a) = b;\nlayout one { X = bit 1; Y = bit 1; }\n"
    text += "helper h() { return 1; }"
    assert [each.id for each in loaded(text).diagnostics] == [
        "syntax.unexpected:token", "layout.overlap:undeclared", "name.unknown:name", "return.value:unexpected",
    ]  # fmt: skip


@pytest.mark.parametrize("blank", ["\u00a0", "\u2003", "\u3000"])
@pytest.mark.parametrize(
    "text", ["{}layout l {{ A = bit 3; }}", "layout l {{ A = bit 3; }}\n{}\n", "layout{}l {{ A = bit 3; }}"]
)
def test_a_blank_that_the_language_has_not_is_an_unknown_character_wherever_it_stands(blank, text, loaded):
    (found,) = loaded(text.format(blank)).diagnostics
    assert found.id == "syntax.character:unknown" and f"U+{ord(blank):04X}" in found.message


def test_a_library_with_a_warning_only_is_whole(loaded):
    found = loaded("layout one { X = bit 1; Y = bit 2 overlaps X; }")
    assert [each.severity for each in found.diagnostics] == ["warning"] and found.library is not None


def mutations(texts: list[str], count: int) -> list[str]:
    """Texts with a stretch left out, doubled, moved, or a character exchanged; the same ones in every run."""
    chance = random.Random(1)
    found = []
    for _ in range(count):
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.choice([1, 1, 2, 5, 20]))
        stray = chance.choice(["(", ")", "{", "}", ";", "=", "*", "&", "u64", " any ", "0x", "/*", "ä", "-", "<", ","])
        found.append(
            chance.choice([text[:start] + text[end:], text[:start] + stray + text[start:], text[:end] + text[start:]])
        )
    return found


def test_no_damaged_text_raises(all_right, loaded):
    for text in mutations([case.text for case in all_right], 200):
        found = loaded(text)
        assert (found.library is None) == any(each.severity == "error" for each in found.diagnostics)
