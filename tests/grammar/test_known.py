"""What is known of texts that did not change stands for checking them again: the library is the same."""

import pytest

from spteproof.grammar import checking
from spteproof.grammar.known import Known
from spteproof.grammar.modules import load
from spteproof.grammar.mutation.mutants import mutants
from spteproof.grammar.origins import file_key
from spteproof.running.pipeline import LIBRARY

BELOW = """layout small { PRESENT = bit 0; W = bit 1; D = bit 6; invariant present: (spte & W) -> (spte & PRESENT); }
layout wide extends small { A = bit 5; }
predicate writable(u64 spte) = spte & PRESENT && spte & W;
agent cpu lockless { step write: when writable(spte) { spte |= D; } }
interface stores { helper store(u64 value); }
era plain implements stores { helper store(u64 value) { WRITE_ONCE(*sptep, value); } }
era locked implements stores { helper store(u64 value) { xchg(sptep, value); } }
"""

ABOVE = """use below;
layout wider extends wide { G = D << 2; alias X = G; }
helper protect(u64 old) { if (writable(old)) store(old & ~W); }
theorem protected for layout in small, wide, era in plain, locked against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    protect(old);
    prove changes only W expect refuted;
}
lemma present(u64 value) for layout in wide, wider { prove that writable(value) -> value & PRESENT; }
"""


@pytest.fixture
def paths(tmp_path):
    found = tmp_path / "below.spte", tmp_path / "above.spte"
    for path, text in zip(found, (BELOW, ABOVE), strict=True):
        path.write_text(text)
    return found


def read(path, known=None, **texts):
    return load([path], library_root=LIBRARY, known=known, **texts)


@pytest.mark.parametrize("changed", [0, 1], ids=["below", "above"])
def test_every_mutant_is_the_same_library(paths, changed):
    known = Known()
    whole = read(paths[1], known)
    assert whole.library is not None and known.declared is not None, whole.diagnostics
    module = next(each for each in whole.modules if each.source.path == paths[changed])
    meanings = 0
    for mutant in mutants(module):
        texts = {file_key(paths[changed]): mutant.of(module.source.text)}
        assert read(paths[1], known, open_texts=texts).library == read(paths[1], open_texts=texts).library
        meanings += read(paths[1], known, open_texts=texts).library != whole.library
    assert meanings > 10


@pytest.mark.parametrize(
    "old, new",
    [
        ("predicate writable(u64 spte)", "predicate writable(u64 spte, u64 more)"),
        ("predicate writable", "function writable"),
        ("agent cpu lockless", "agent cpu holding mmu_lock(read)"),
        ("W = bit 1;", "WRITABLE = bit 1;"),
        ("layout wide extends small", "layout broad extends small"),
        ("era locked", "era atomic"),
        ("stores { helper store(u64 value)", "stores { helper store(u64 value, u64 more)"),
    ],
)
def test_another_declaration_makes_everything_be_checked(paths, old, new):
    known = Known()
    read(paths[1], known)
    assert old in BELOW
    texts = {file_key(paths[0]): BELOW.replace(old, new, 1)}
    with_known, anew = read(paths[1], known, open_texts=texts), read(paths[1], open_texts=texts)
    assert [each.id for each in with_known.diagnostics] == [each.id for each in anew.diagnostics]
    assert with_known.library == anew.library


def test_what_was_known_is_not_checked_again(paths, monkeypatch):
    known = Known()
    read(paths[1], known)
    seen = []
    monkeypatch.setattr(checking, "state", None)
    define = checking.define
    monkeypatch.setattr(checking, "define", lambda *given: seen.append(given[1].name) or define(*given))
    read(paths[1], known, open_texts={file_key(paths[0]): BELOW.replace("spte & PRESENT &&", "spte &&")})
    assert sorted(seen) == ["cpu", "store", "store", "writable"]


def test_texts_with_an_error_leave_nothing_known(paths):
    known = Known()
    paths[1].write_text(ABOVE.replace("protect(old);", "protect(young);"))
    assert read(paths[1], known).library is None and known.declared is None
