"""`always` and the invariants are judged at instants at which a run stops, and at no others."""

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver import counterexamples
from spteproof.solver.doubts import NOT_AGAIN

TEXT = """
layout l {{ W = bit 1; D = bit 6; {layout} }}
agent cpu lockless {{ step flip: {{ spte ^= D; }} }}
theorem t(bool go) for layout in l against any number of cpu {{
    READ_ONCE(*sptep);
    if (go) {{ READ_ONCE(*sptep); }}
    prove {claim};
}}
"""
GIVEN_ANOTHER_VALUE = "(and (not |parameter go|) (= |env0| |start| |env2|) (not (= |env0| |env1|)))"
"""What the second read finds differs from all that is found elsewhere, and it does not happen."""


@pytest.fixture
def hunted(monkeypatch):
    """The verdicts where counterexamples are sought under a further condition."""

    def call(condition, claim, layout=""):
        class Bound(counterexamples.Solver):
            def __init__(self, text, *arguments):
                super().__init__(f"{text}\n(assert {condition})\n", *arguments)

        monkeypatch.setattr(counterexamples, "Solver", Bound)
        results = prove_text(TEXT.format(claim=claim, layout=layout)).results
        return [(each.verdict, each.reason) for each in results]

    return call


@pytest.mark.parametrize(
    "claim, layout",
    [("always (start & D) == (*sptep & D)", ""), ("keeps invariants", "invariant clean: !(spte & D);")],
)
def test_what_an_event_that_does_not_happen_would_find_is_no_instant(hunted, claim, layout):
    """A model that breaks the property only there is none: its replay would not stop there."""
    assert hunted("true", claim, layout) == [("refuted", None)]
    assert hunted(GIVEN_ANOTHER_VALUE, claim, layout) == [("unknown", NOT_AGAIN)]
