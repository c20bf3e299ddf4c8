"""A refuted `keeps invariants` says which of the layout's invariants broke."""

import json

TEXT = """\
layout one {
    W = bit 1;
    MMU_W = bit 10;
    HOST_W = bit 9;
    invariant mmu: spte & W -> spte & MMU_W;
    invariant host: spte & MMU_W -> spte & HOST_W;
}
theorem host_is_cleared { atomic64_and(~HOST_W, sptep); prove keeps invariants; }
theorem mmu_is_cleared { atomic64_and(~MMU_W, sptep); prove changes only MMU_W; }
"""


def test_the_invariant_is_named_beside_the_property(spteproof, small):
    small.write_text(TEXT)
    lines = spteproof("prove", "small.spte", "--counterexamples", "all").out.splitlines()
    assert [line.split("breaks")[1].split("   ")[0] for line in lines if "breaks" in line] == [
        " 'keeps invariants' (host)",
        " 'keeps invariants' (mmu)",
    ]


def test_programs_are_told_as_well(spteproof, small):
    small.write_text(TEXT)
    results = json.loads(spteproof("prove", "small.spte", "--format", "json").out)["results"]
    found = [each["counterexample"]["broken_invariants"] for each in results if each["verdict"] == "refuted"]
    assert found == [["host"], ["mmu"]]
