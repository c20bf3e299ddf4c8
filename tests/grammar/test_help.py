"""The help line of a diagnostic: what an author should have written."""

from importlib.resources import files
from pathlib import Path

import pytest

from spteproof.grammar.modules import load_text

LIBRARY = Path(str(files("spteproof.spec")))

HELP = {
    "predicate p(u64 a) = a & (1 << 52);": "use `BIT_ULL(52)`",
    "predicate p(u64 a) = a & (3 << 52);": "use `3ULL << 52`",
    "predicate p(u64 a, int n) = a & (1 << n);": "write `1ULL << n` or `BIT_ULL(n)`",
    "predicate p(u64 a) = a & 0xffffffff;": "write `0xffffffffULL`",
    "predicate p(u64 a) = is_dirti(a);": "did you mean `is_dirty`?",
    "predicate p(u64 a) = a & BIT_ULLL(3);": "did you mean `BIT_ULL`?",
    "layout mine extends one { alias X = WRITEABLE; }": "did you mean `WRITABLE`?",
    "theorem t for layout in onne { prove changes nothing; }": "did you mean `one`?",
    "theorem t against any number of walkr { prove changes nothing; }": "did you mean `walker`?",
    "theorem t { prove perserves W; }": "did you mean `preserves`?",
    "theorem t { prove preserves W expcet refuted; }": "did you mean `expect`?",
    "theorem t for layot in one { prove changes nothing; }": "did you mean `layout`?",
    "layuot mine { X = bit 1; }": "did you mean `layout`?",
    "theorem t { prove preserves {W, A}; }": "join masks by `|`",
    "theorem t { prove ensures *sptep == start; }": (
        "write `start`, `after` (just after the program's last event) or `end`"
    ),
    "theorem t { put(1); prove changes nothing; }": "say `era in` `v1`",
    "theorem t against any number of walker { prove changes nothing; }": (
        "add the parameter `int level`, or give the arguments in brackets"
    ),
    "helper f(u64 a) { if (a = 1) return; }": "`==` compares",
    "helper f(u64 a) { a++; }": "write `a += 1`",
    "helper f(u64 a) { while (a) { a = 1; } }": "write `retry { ... } until (done);`",
    "helper f(u64 a) { for (a); }": "write `retry { ... } until (done);`",
    "helper f(u64 a) { refresh(a); }": "write `&a`",
    "helper f(u64 *a) { refresh(&a); }": "write `a`",
    "helper f(u64 *a) -> u64 { return a; }": "write `*a`",
    "helper f() { u64 a = spte; }": "the entry's value is `*sptep` here",
    "helper f() { u64 a = *sptep + *sptep; }": "put one of them into a local first",
    "agent a lockless { step s: { *sptep = 1; } }": "write `spte = ...;`",
    "theorem t { ensures *sptep == 1; }": "write `prove ensures ...`",
    "theorem t { preserves W; }": "write `prove preserves ...`",
    "theorem t { refines { *sptep = 1; } }": "write `prove refines ...`",
    "helper f() { unsigned long x = 1; }": "write `u64`",
    "helper f(uint64_t a) { }": "write `u64`",
    "helper f() { unsigned int a = 1; }": "write `int`, or `u64` for bits of an entry",
    "helper f() { u32 a = 1; }": "write `u64`",
    "helper f() { _Bool a = 1; }": "write `bool`",
    "helper f() { use base; }": "`use` stands at the top of a file, outside of everything",
    "theorem t { u64 old = *sptep; prove ensures old = 0; }": "did you mean `==`?",
    "theorem t for layout in ome { prove changes nothing; }": "did you mean `one`?",
    "theorem t against walker { prove changes nothing; }": "write `any number of walker`",
    "use kvm/mmu;": "write `kvm.mmu`",
    "layout mine { X = bit 1; Y = bit 1; }": "say `overlaps X` if that is meant",
    "theorem t { *sptep = 1; }": "end it with a property, such as `prove preserves W;`",
    "theorem t { prove that *sptep == 1; }": "`prove ensures` speaks of the entry at the end",
    "theorem t { prove preserves *sptep; }": None,
    "theorem t(int n: 0..63) { prove changes nothing; }": "bounds are written `int n in 0..7`",
    "theorem t(int n 0..63) { prove changes nothing; }": "bounds are written `int n in 0..7`",
    "theorem t(u64 m in W, A) { prove changes nothing; }": "choices stand in braces: `in {W, ...}`",
    "helper f() { u64 a = (u64)5; }": "there are no casts: assign to a local of sort `u64`",
    "helper f(u64 a) { u64 b = (u64) ~a; }": "there are no casts: assign to a local of sort `u64`",
    "helper f(u64 a) { u64 b = (a) 5; }": None,
}


@pytest.mark.parametrize("text", HELP)
def test_the_help_is_what_should_have_been_written(text, loaded):
    [diagnostic] = loaded(f"use base;\n{text}").diagnostics
    assert diagnostic.help == HELP[text]


def test_nothing_near_is_no_help(loaded):
    [diagnostic] = loaded("predicate p(u64 a) = zzz;").diagnostics
    assert diagnostic.help is None


@pytest.mark.parametrize(
    "text, said",
    [
        ("theorem t { prove changes nothing expect unknown; }", "nobody expects `unknown`"),
        ("theorem t { prove changes nothing;", "`}` is missing"),
        ("predicate p(u64 a, int n) = a & (1 << n);", "refused even where"),
        ("theorem t { u64 one = 1; prove changes nothing; }", "are one space"),
    ],
)
def test_the_message_says_it_first(text, said, loaded):
    [diagnostic] = loaded(f"use base;\n{text}").diagnostics
    assert said in diagnostic.message


def test_a_name_that_hides_another_shows_both_places(loaded):
    [diagnostic] = loaded("use base;\ntheorem t { u64 one = 1; prove changes nothing; }").diagnostics
    assert diagnostic.place is not None and [label for _, label in diagnostic.others] == ["declared here"]


@pytest.mark.parametrize(
    "text, help",
    [
        ("theorem t for layout in ept { prove changes nothing; }", "`ept` is in the library: add `use kvm.ept;`"),
        ("theorem t against any number of cpu_walk { prove changes nothing; }", "add `use kvm.agents;`"),
        ("predicate p(u64 a) = is_shadow_present_pte(a);", "add `use kvm.predicates;`"),
    ],
)
def test_a_name_of_the_library_comes_with_its_module(text, help):
    found = load_text(text, name="text", library_root=LIBRARY).diagnostics
    assert any(diagnostic.help is not None and diagnostic.help.endswith(help) for diagnostic in found)


def test_a_name_that_only_a_theorems_text_declares_is_none_of_the_librarys():
    [diagnostic] = load_text("predicate p(u64 a) = ept_alone(a);", name="text", library_root=LIBRARY).diagnostics
    assert diagnostic.help is None or "in the library" not in diagnostic.help
