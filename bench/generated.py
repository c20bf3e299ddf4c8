"""The texts that are measured, written out: they use nothing of the library, so that a figure of today can be set
beside one of next year. `edit` (0 to 30) changes a bit that matters to the question and not to the answer, so
that no text is ever decided twice."""

LAYOUTS = """
layout legacy {
    SPTE_HW_PRESENT_MASK     = bit 0;
    PT_WRITABLE_MASK         = bit 1;
    shadow_accessed_mask     = bit 5;
    shadow_dirty_mask        = bit 6;
    PT_PAGE_SIZE_MASK        = bit 7;
    shadow_host_writable_mask = bit 9;
    shadow_mmu_writable_mask = bit 10;
    SPTE_MMU_PRESENT_MASK    = bit 11;
    SPTE_TDP_AD_MASK         = GENMASK_ULL(53, 52);
    shadow_acc_track_mask    = none;
    value SPTE_TDP_AD_DISABLED = 0x10000000000000ULL;
    value AD_TYPE            = 0;
    hw_ad                    = true;
    alias W = PT_WRITABLE_MASK, A = shadow_accessed_mask, D = shadow_dirty_mask;
    invariant ad_type: is_shadow_present_pte(spte) -> (spte & SPTE_TDP_AD_MASK) == AD_TYPE;
    invariant writable: is_shadow_present_pte(spte)
        -> (!(spte & PT_WRITABLE_MASK) || (spte & shadow_mmu_writable_mask))
            && (!(spte & shadow_mmu_writable_mask) || (spte & shadow_host_writable_mask));
}
layout npt extends legacy { }
layout ept extends legacy {
    SPTE_HW_PRESENT_MASK     = GENMASK_ULL(2, 0) overlaps PT_WRITABLE_MASK, shadow_acc_track_mask;
    shadow_acc_track_mask    = GENMASK_ULL(2, 0) overlaps PT_WRITABLE_MASK;
    shadow_accessed_mask     = bit 8;
    shadow_dirty_mask        = bit 9;
    shadow_host_writable_mask = bit 57;
    shadow_mmu_writable_mask = bit 58;
}
layout ept_wrprot extends ept { value AD_TYPE = 0x20000000000000ULL; }
layout ept_no_ad extends ept {
    shadow_accessed_mask     = none;
    shadow_dirty_mask        = none;
    value AD_TYPE            = SPTE_TDP_AD_DISABLED;
    hw_ad                    = false;
}
layout ept_no_ad_software extends ept_no_ad { shadow_accessed_mask = bit 8; shadow_dirty_mask = bit 9; }
family all_layouts = legacy, npt, ept, ept_wrprot, ept_no_ad, ept_no_ad_software;
"""

KERNEL = """
predicate hw_present(u64 spte) = spte & SPTE_HW_PRESENT_MASK;
predicate is_shadow_present_pte(u64 spte) = spte & SPTE_MMU_PRESENT_MASK;
predicate is_last_spte(u64 spte, int level) = level == 1 || (spte & PT_PAGE_SIZE_MASK);
predicate is_writable_pte(u64 spte) = spte & PT_WRITABLE_MASK;
predicate is_mmu_writable_spte(u64 spte) = spte & shadow_mmu_writable_mask;
predicate spte_ad_enabled(u64 spte) = (spte & SPTE_TDP_AD_MASK) != SPTE_TDP_AD_DISABLED;
predicate is_access_track_spte(u64 spte) = !spte_ad_enabled(spte) && (spte & shadow_acc_track_mask) == 0;

function restore_acc_track_spte(u64 spte) -> u64 {
    u64 saved = (spte >> 54) & 5;
    spte &= ~shadow_acc_track_mask;
    spte &= ~(BIT_ULL(54) | BIT_ULL(56));
    return spte | saved;
}

predicate need_atomic_write(u64 old, int level) =
    is_shadow_present_pte(old) && is_last_spte(old, level)
    && ((!is_writable_pte(old) && is_mmu_writable_spte(old))
        || is_access_track_spte(old)
        || (spte_ad_enabled(old) && !(old & A))
        || @DIRTY_IS_VOLATILE@);

agent cpu_walk(int level) lockless {
    step set_accessed: when hw_ad && hw_present(spte) { spte |= A; }
    step set_dirty: when hw_ad && hw_present(spte) && is_last_spte(spte, level) && is_writable_pte(spte)
        { spte |= A | D; }
}

agent fast_page_fault(int level) lockless {
    u64 old = READ_ONCE(*sptep), new = old;
    bool write = any;
    if (!is_shadow_present_pte(old) || !is_last_spte(old, level)) return;
    if (!hw_ad && is_access_track_spte(old)) new = restore_acc_track_spte(old);
    if (write && is_mmu_writable_spte(old)) new |= PT_WRITABLE_MASK;
    if (new == old || !(write ? is_writable_pte(new) : hw_present(new))) return;
    try_cmpxchg64(sptep, &old, new);
}

agent ager() lockless {
    step clear_accessed: saw is_shadow_present_pte(spte) && (spte & A) { spte &= ~A; }
}
"""

SEED = """
helper clear_spte_bits(u64 old, u64 mask, int level) -> u64 {
    if (need_atomic_write(old, level))
        return atomic64_fetch_and(~mask, sptep);
    WRITE_ONCE(*sptep, old & ~mask);
    return old;
}

theorem clear_bits_keeps_what_others_set(u64 mask in {W, A, D}, int level)
    for layout in @LAYOUTS@
    against any number of cpu_walk, fast_page_fault
{
    u64 old = READ_ONCE(*sptep);
    assume(is_shadow_present_pte(old) && is_last_spte(old, level));
    u64 seen = clear_spte_bits(old, mask, level);

    prove preserves W | A | D | @EDIT@ except mask@EXPECT@;
}
"""


def prelude(broken: bool = False) -> str:
    """Six layouts, the predicate of Linux 5.18, hardware, fast page fault and an ager without a lock."""
    dirty_is_volatile = "false" if broken else "(spte_ad_enabled(old) && is_writable_pte(old) && !(old & D))"
    return LAYOUTS + KERNEL.replace("@DIRTY_IS_VOLATILE@", dirty_is_volatile)


def edited_bit(edit: int) -> str:
    """A bit of the page frame number, which no agent touches: `preserves` may name it and stays as it is."""
    return f"BIT_ULL({12 + edit % 31})"


def seed(layouts: str, *, broken: bool = False, edit: int = 0) -> str:
    """The mail's helper, every mask, every level, any number of CPUs. The broken twin leaves `W && !D` out of the
    predicate; where the hardware sets D, clearing W or A then loses it."""
    hardware_sets_dirty = "legacy, npt, ept, ept_wrprot" if layouts == "all_layouts" else layouts
    expect = f"\n        expect refuted in {hardware_sets_dirty} with mask in {{W, A}}" if broken else ""
    theorem = SEED.replace("@LAYOUTS@", layouts).replace("@EDIT@", edited_bit(edit)).replace("@EXPECT@", expect)
    return prelude(broken) + theorem


EVENT_PROPERTIES = {
    "preserves": "preserves W | D | @EDIT@",
    "resurrects": "resurrects nothing in W | D | @EDIT@",
    "refines": "refines { *sptep &= ~A; }",
}


def events(count: int, kind: str, edit: int = 0) -> str:
    """`count` tries to clear A by cmpxchg, each a live branch (with an ager about, A comes and goes), then the locked
    instruction if all failed. Exactly one event changes the entry."""
    tries = "    if (!done) done = try_cmpxchg64(sptep, &old, old & ~A);\n" * count
    goal = EVENT_PROPERTIES[kind].replace("@EDIT@", edited_bit(edit))
    return (
        prelude()
        + f"""
theorem many_tries(int level) for layout in ept against any number of cpu_walk, fast_page_fault, ager
{{
    u64 old = READ_ONCE(*sptep);
    assume(is_shadow_present_pte(old) && is_last_spte(old, level) && !(old & BIT_ULL({12 + edit % 31})));
    bool done = false;
{tries}    if (!done) atomic64_and(~A, sptep);

    prove {goal};
}}
"""
    )


def agents(count: int, edit: int = 0, *, apart: bool = False) -> str:
    """`count` agents (1 to 32), each of which sets a bit of its own; the helper is plain only where none of them can
    move, and clears a bit that none of them sets. An agent's two bits lie side by side, or `apart` by 32."""
    numbers = range(count)
    gates = [n if apart else 2 * n for n in range(32)]
    flags = [gate + (32 if apart else 1) for gate in gates]
    masks = "".join(f"    GATE{n} = bit {gates[n]};\n    FLAG{n} = bit {flags[n]};\n" for n in numbers)
    movers = "".join(
        f"agent mover{n} lockless {{ step set: when spte & GATE{n} {{ spte |= FLAG{n}; }} }}\n" for n in numbers
    )
    volatile = "\n    || ".join(f"((old & GATE{n}) && !(old & FLAG{n}))" for n in numbers)
    return f"""
layout many {{
{masks}}}
predicate is_volatile(u64 old) =
    {volatile};
{movers}
theorem many_agents() for layout in many against any number of {", ".join(f"mover{n}" for n in numbers)}
{{
    u64 old = READ_ONCE(*sptep);
    if (is_volatile(old)) atomic64_and(~GATE0, sptep);
    else WRITE_ONCE(*sptep, old & ~GATE0);

    prove preserves {" | ".join(f"FLAG{n}" for n in numbers)} | BIT_ULL({gates[1 + edit % 31]});
}}
"""


def layouts(count: int, edit: int = 0) -> str:
    """The seed theorem over `count` layouts (1 to 32) that put A and D at different bits of the page frame number."""
    placed = "".join(
        f"layout placed{n} extends ept {{ shadow_accessed_mask = bit {12 + n}; shadow_dirty_mask = bit {13 + n}; }}\n"
        for n in range(count)
    )
    family = "family placed = " + ", ".join(f"placed{n}" for n in range(count)) + ";\n"
    kernel_and_theorem = seed("placed", edit=edit)
    return kernel_and_theorem.replace("family all_layouts", placed + family + "family all_layouts", 1)


def long_text(lines: int, salt: int = 0) -> str:
    """A module of about `lines` lines: one helper of ten lines again and again, called by no theorem."""
    blocks = "".join(
        f"""predicate needs_{salt}_{n}(u64 old, int level) =
    is_shadow_present_pte(old) && is_last_spte(old, level)
    && ((!is_writable_pte(old) && is_mmu_writable_spte(old)) || (old & BIT_ULL({n % 60})) != {n}ULL);
helper clear_{salt}_{n}(u64 old, u64 mask, int level) -> u64 {{
    // As the mail has it, with the result that the caller needs.
    if (needs_{salt}_{n}(old, level))
        return atomic64_fetch_and(~mask, sptep);
    WRITE_ONCE(*sptep, old & ~mask);
    return old;
}}
"""
        for n in range(lines // 10)
    )
    return prelude() + blocks
