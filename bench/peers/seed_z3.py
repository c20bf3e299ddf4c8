"""The seed theorem by hand in z3py: what a careful author writes without spteproof.

One layout (EPT with A/D bits), the predicate of Linux 5.18, any mask of W, A and D, any level, any number of CPUs:
the closure of the environment is a relation thought out by hand and checked here. Prints `proved` or `refuted`;
anything else is a failed check of the hypotheses or of the closure, and the exit status is 1.

    python seed_z3.py [--broken]
"""

import sys

from z3 import And, BitVec, BitVecVal, BoolRef, If, Implies, Not, Or, SolverFor, sat, unsat

W, A, D = (BitVecVal(1 << bit, 64) for bit in (1, 8, 9))
RWX, LARGE, PRESENT = BitVecVal(7, 64), BitVecVal(1 << 7, 64), BitVecVal(1 << 11, 64)
HOST_WRITABLE, MMU_WRITABLE = BitVecVal(1 << 57, 64), BitVecVal(1 << 58, 64)
AD_MASK, AD_ENABLED, AD_DISABLED = (BitVecVal(kind << 52, 64) for kind in (3, 0, 1))
SAVED = BitVecVal(5 << 54, 64)
level = BitVec("level", 8)


def has(spte, mask):
    return spte & mask != 0


def is_last(spte):
    return Or(level == 1, has(spte, LARGE))


def is_access_track(spte):
    return And(spte & AD_MASK == AD_DISABLED, Not(has(spte, RWX)))


def restored(spte):
    return spte & ~RWX & ~SAVED | (spte >> 54 & 5)


def invariant(spte):
    return Implies(
        has(spte, PRESENT),
        And(
            spte & AD_MASK == AD_ENABLED,
            Implies(has(spte, W), has(spte, MMU_WRITABLE)),
            Implies(has(spte, MMU_WRITABLE), has(spte, HOST_WRITABLE)),
        ),
    )


def needs_atomic(spte, broken: bool):
    ad_enabled = spte & AD_MASK != AD_DISABLED
    volatile = [
        And(Not(has(spte, W)), has(spte, MMU_WRITABLE)),
        is_access_track(spte),
        And(ad_enabled, Not(has(spte, A))),
    ]
    if not broken:
        volatile.append(And(ad_enabled, has(spte, W), Not(has(spte, D))))
    return And(has(spte, PRESENT), is_last(spte), Or(volatile))


def steps(x, y) -> list[BoolRef]:
    """What one CPU may do to the entry at once: set A, set D, fix a write fault, restore a tracked entry."""
    fault = And(has(x, PRESENT), is_last(x))
    writable = If(is_access_track(x), restored(x), x) | W
    return [
        And(has(x, RWX), y == x | A),
        And(has(x, RWX), is_last(x), has(x, W), y == x | A | D),
        And(fault, has(x, MMU_WRITABLE), y == writable),
        And(fault, is_access_track(x), y == restored(x)),
    ]


def closure(x, y):
    """Any number of steps of any number of CPUs, by hand: bits only grow, each for its reason."""
    grown = y & ~x
    return And(
        x & ~y == 0,
        grown & ~(W | A | D) == 0,
        Implies(has(grown, W), And(has(x, PRESENT), is_last(x), has(x, MMU_WRITABLE))),
        Implies(has(grown, A), has(y, RWX)),
        Implies(has(grown, D), And(is_last(x), has(y, W), has(y, A))),
    )


def decided(*constraints):
    solver = SolverFor("QF_FD")
    solver.add(level >= 1, level <= 5, *constraints)
    return solver.check()


def closure_holds() -> bool:
    x, y, z = (BitVec(name, 64) for name in "xyz")
    claims = [
        Not(closure(x, x)),
        And(invariant(x), Or(steps(x, y)), Not(And(closure(x, y), invariant(y)))),
        And(closure(x, y), closure(y, z), Not(closure(x, z))),
    ]
    return all(decided(claim) == unsat for claim in claims)


def main() -> int:
    broken = "--broken" in sys.argv[1:]
    old, before, mask = (BitVec(name, 64) for name in ("old", "before", "mask"))
    hypotheses = And(
        Or(mask == W, mask == A, mask == D),
        invariant(old),
        has(old, PRESENT),
        is_last(old),
        closure(old, before),
    )
    atomic = needs_atomic(old, broken)
    if decided(hypotheses, atomic) != sat or decided(hypotheses, Not(atomic)) != sat:
        print("failed: a branch cannot happen")
        return 1
    if not closure_holds():
        print("failed: the closure is wrong")
        return 1
    after = If(atomic, before & ~mask, old & ~mask)
    lost = before & ~after & (W | A | D) & ~mask
    answer = decided(hypotheses, lost != 0)
    print("proved" if answer == unsat else "refuted" if answer == sat else "failed: unknown")
    return 0 if answer in (unsat, sat) else 1


if __name__ == "__main__":
    sys.exit(main())
