from dataclasses import replace

import pytest

from spteproof.editing.actions import Edit, actions, applied, proposed, tried


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("layout l { WRITABLE = bit 1; }\npredicate p(u64 a) = a & §WRITEABLE;", "a & WRITABLE"),
        ("lemma l(u64 a) { prove that §is_last_spte(a, 1); }", "use kvm.predicates;\n\nlemma"),
        ("use kvm.tlb;\nlemma l(u64 a) for layout in §ept { prove that a == a; }", None),
        ("predicate p(u64 a) = a & §(1 << 52);", "a & BIT_ULL(52)"),
        ("predicate p(u64 a, int n) = a & §(1 << n);", "a & BIT_ULL(n)"),
        ("predicate p(u64 a) = a & §4294967295;", "4294967295ULL"),
        ("layout l { W = bit 1; §V = bit 1; }", "V = bit 1 overlaps W;"),
        ("layout l { W = bit 1; }\nlemma l1 §against nobody { prove that W == W; }", "theorem l1"),
        ("layout l { W = bit 1; }\ntheorem t { atomic64_and(~W, sptep)§\n prove changes nothing; }", "sptep);"),
        ("layout l { W = bit 1; }\ntheorem t { prove §perserves W; }", "prove preserves W"),
        ("layout l { W = bit 1; }\ntheorem t holding m(§writing) { prove changes nothing; }", "m(write)"),
        ("agent a(int level) lockless { step s: { spte = 0; } }\nlayout l { W = bit 1; }\n"
         "theorem t against any number of §a { atomic64_and(~W, sptep); prove changes only W; }", "theorem t(int level)"),
        ("layout l { W = bit 1; }\nhelper h(u64 *o) { *o = 1; }\ntheorem t { u64 a; h(§a); prove that a == 1; }", "h(&a)"),
        ("layout l { W = bit 1; }\ntheorem t { prove ensures §*sptep; }", "ensures start"),
        ("layout l { W = bit 1; }\nagent a lockless { step s: { spte = 0; } }\n"
         "theorem §t(u64 m)\n    for layout in l\n{ *sptep = m; prove changes only ~0ULL; }", "in l against nobody\n{"),
    ],
)  # fmt: skip
def test_a_hint_becomes_a_change_that_takes_the_diagnostic_away(opened, text, after):
    documents, document, at = opened(text)
    found = actions(documents, document, at, at)
    if after is None:
        assert found == []
        return
    changed = [applied(document.text, each.edits) for each in found]
    assert any(after in each for each in changed), changed


def test_a_change_that_does_not_help_is_not_offered(opened):
    documents, document, at = opened("predicate p(u64 a) = a & §(1 << 52);")
    (diagnostic,) = documents.check(document).own
    (good,) = proposed(documents, document, diagnostic)
    idle = replace(good, edits=(Edit(start=at, end=at, text=" "),))
    assert tried(documents, document, good) == good
    assert tried(documents, document, idle) is None


def test_a_change_that_brings_another_error_is_not_called_sure(opened):
    documents, document, at = opened("predicate p(u64 a) = a & §sptep;")
    assert [(each.title, each.sure) for each in actions(documents, document, at, at)] == [
        ("Replace by `*sptep`", False)
    ]


def test_a_choice_is_not_called_sure(opened):
    documents, document, at = opened("layout l { W = bit 1; §V = bit 1; }")
    assert [each.sure for each in actions(documents, document, at, at)] == [False]
    documents, document, at = opened("predicate p(u64 a) = a & §(1 << 52);")
    assert [each.sure for each in actions(documents, document, at, at)] == [True]


def test_elsewhere_nothing_is_offered(opened):
    documents, document, at = opened("pre§dicate q(u64 a) = a & 1;\npredicate p(u64 a) = a & (1 << 52);")
    assert actions(documents, document, at, at) == []
