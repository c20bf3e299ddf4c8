"""The verdicts of the library, written down a second time: from an enumeration of every entry and every interleaving
that shares nothing with the tool. A slip in an `expect` clause cannot hide here.

A cell is `p` (proved), `r` and the number of environment steps of the shortest counterexample (refuted), or `-` (the
layout has no such mask)."""

LAYOUTS = ("legacy", "npt", "ept", "ept_wrprot_only", "ept_no_ad_until_6_12", "ept_no_ad_since_6_13")

# theorem, first word of the property, instance, then one cell for each of LAYOUTS.
TABLE = """
age_stores_the_whole_value                preserves:W|A|D   .      r2 r2 r2 r2 .  .
age_stores_the_whole_value                preserves:W       .      r1 r1 r1 r1 .  .
age_stores_the_whole_value                changes           .      r1 r1 r1 r1 .  .
age_stores_the_whole_value                refines           .      r1 r1 r1 r1 .  .
age_stores_the_whole_value                conserves         .      r2 r2 r2 r2 .  .
age_stores_the_whole_value                resurrects        .      p  p  p  p  .  .
age_exchanges_the_whole_value             preserves:W|A|D   .      r2 r2 r2 r2 .  .
age_exchanges_the_whole_value             preserves:W       .      r1 r1 r1 r1 .  .
age_exchanges_the_whole_value             changes           .      r1 r1 r1 r1 .  .
age_exchanges_the_whole_value             refines           .      r1 r1 r1 r1 .  .
age_exchanges_the_whole_value             conserves         .      r2 r2 r2 r2 .  .

age_uses_what_the_exchange_returned       preserves         .      r2 r2 r2 r2 .  .
age_uses_what_the_exchange_returned       changes           .      r1 r1 r1 r1 .  .
age_uses_what_the_exchange_returned       conserves:seen    .      p  p  p  p  .  .
age_uses_what_the_exchange_returned       conserves:old     .      r2 r2 r2 r2 .  .
tracking_uses_what_the_exchange_returned  preserves         .      .  .  .  .  r0 r0
tracking_uses_what_the_exchange_returned  conserves:seen    .      .  .  .  .  p  p
tracking_uses_what_the_exchange_returned  conserves:old     .      .  .  .  .  r1 r1

clear_one_bit_keeps_what_others_set       preserves         W      p  p  p  p  p  p
clear_one_bit_keeps_what_others_set       preserves         A      p  p  p  p  -  p
clear_one_bit_keeps_what_others_set       preserves         D      p  p  p  p  -  p
clear_one_bit_keeps_what_others_set       changes           W      p  p  p  p  p  p
clear_one_bit_keeps_what_others_set       changes           A      p  p  p  p  -  p
clear_one_bit_keeps_what_others_set       changes           D      p  p  p  p  -  p
clear_one_bit_keeps_what_others_set       refines           W      p  p  p  p  p  p
clear_one_bit_keeps_what_others_set       refines           A      p  p  p  p  -  p
clear_one_bit_keeps_what_others_set       refines           D      p  p  p  p  -  p
clear_one_bit_keeps_what_others_set       resurrects        W      p  p  p  p  p  p
clear_one_bit_keeps_what_others_set       resurrects        A      p  p  p  p  -  p
clear_one_bit_keeps_what_others_set       resurrects        D      p  p  p  p  -  p
clear_one_bit_tells_what_it_cleared       preserves         W      p  p  p  p  p  p
clear_one_bit_tells_what_it_cleared       preserves         A      p  p  p  p  -  p
clear_one_bit_tells_what_it_cleared       preserves         D      p  p  p  p  -  p
clear_one_bit_tells_what_it_cleared       changes           W      p  p  p  p  p  p
clear_one_bit_tells_what_it_cleared       changes           A      p  p  p  p  -  p
clear_one_bit_tells_what_it_cleared       changes           D      p  p  p  p  -  p
clear_one_bit_tells_what_it_cleared       refines           W      p  p  p  p  p  p
clear_one_bit_tells_what_it_cleared       refines           A      p  p  p  p  -  p
clear_one_bit_tells_what_it_cleared       refines           D      p  p  p  p  -  p
clear_one_bit_tells_what_it_cleared       conserves         W      p  p  p  p  p  p
clear_one_bit_tells_what_it_cleared       conserves         A      p  p  p  p  -  p
clear_one_bit_tells_what_it_cleared       conserves         D      p  p  p  p  -  p
clear_one_bit_in_an_indirect_mmu          refines           W      p  p  p  p  p  p
clear_one_bit_in_an_indirect_mmu          refines           A      p  p  p  p  -  p
clear_one_bit_in_an_indirect_mmu          refines           D      p  p  p  p  -  p

without_writable                          preserves         W      r2 r2 r2 r2 p  p
without_writable                          preserves         A      r1 r1 r1 r1 -  r1
without_writable                          preserves         D      r1 r1 r1 r1 -  r1
without_writable                          changes           W      r2 r2 r2 r2 p  p
without_writable                          changes           A      r1 r1 r1 r1 -  r1
without_writable                          changes           D      r1 r1 r1 r1 -  r1
without_writable                          refines           W      r1 r1 r1 r1 r1 r1
without_writable                          refines           A      r1 r1 r1 r1 -  r1
without_writable                          refines           D      r1 r1 r1 r1 -  r1
without_writable                          conserves         W      r1 r1 r1 r1 r1 r1
without_writable                          conserves         A      r1 r1 r1 r1 -  r1
without_writable                          conserves         D      r1 r1 r1 r1 -  r1

without_access_track                      preserves         W      p  p  p  p  p  r1
without_access_track                      preserves         A      p  p  p  p  -  p
without_access_track                      preserves         D      p  p  p  p  -  r1
without_access_track                      changes           W      p  p  p  p  r1 r1
without_access_track                      changes           A      p  p  p  p  -  r1
without_access_track                      changes           D      p  p  p  p  -  r1
without_access_track                      refines           W      p  p  p  p  r1 r1
without_access_track                      refines           A      p  p  p  p  -  r1
without_access_track                      refines           D      p  p  p  p  -  r1
without_access_track                      resurrects        W      p  p  p  p  r1 r1
without_access_track                      resurrects        A      p  p  p  p  -  r1
without_access_track                      resurrects        D      p  p  p  p  -  r1
without_access_track                      conserves         W      p  p  p  p  p  p
without_access_track                      conserves         A      p  p  p  p  -  p
without_access_track                      conserves         D      p  p  p  p  -  p

without_accessed                          preserves         W      r1 r1 r1 r1 p  p
without_accessed                          preserves         A      p  p  p  p  -  p
without_accessed                          preserves         D      r1 r1 r1 r1 -  p
without_accessed                          changes           W      r1 r1 r1 r1 p  p
without_accessed                          changes           A      p  p  p  p  -  p
without_accessed                          changes           D      r1 r1 r1 r1 -  p
without_accessed                          refines           W      r1 r1 r1 r1 p  p
without_accessed                          refines           A      r1 r1 r1 r1 -  p
without_accessed                          refines           D      r1 r1 r1 r1 -  p
without_accessed                          conserves         W      p  p  p  p  p  p
without_accessed                          conserves         A      p  p  p  p  -  p
without_accessed                          conserves         D      p  p  p  p  -  p

without_dirty                             preserves         W      r1 r1 r1 r1 p  p
without_dirty                             preserves         A      r1 r1 r1 r1 -  p
without_dirty                             preserves         D      p  p  p  p  -  p
without_dirty                             changes           W      r1 r1 r1 r1 p  p
without_dirty                             changes           A      r1 r1 r1 r1 -  p
without_dirty                             changes           D      p  p  p  p  -  p
without_dirty                             refines           W      r1 r1 r1 r1 p  p
without_dirty                             refines           A      r1 r1 r1 r1 -  p
without_dirty                             refines           D      r1 r1 r1 r1 -  p
without_dirty                             conserves         W      r1 r1 r1 r1 p  p
without_dirty                             conserves         A      r1 r1 r1 r1 -  p
without_dirty                             conserves         D      r1 r1 r1 r1 -  p

never_atomic                              preserves         W      r1 r1 r1 r1 p  r1
never_atomic                              preserves         A      r1 r1 r1 r1 -  r1
never_atomic                              preserves         D      r1 r1 r1 r1 -  r1
never_atomic                              changes           W      r1 r1 r1 r1 r1 r1
never_atomic                              changes           A      r1 r1 r1 r1 -  r1
never_atomic                              changes           D      r1 r1 r1 r1 -  r1
never_atomic                              refines           W      r1 r1 r1 r1 r1 r1
never_atomic                              refines           A      r1 r1 r1 r1 -  r1
never_atomic                              refines           D      r1 r1 r1 r1 -  r1
never_atomic                              conserves         W      r1 r1 r1 r1 r1 r1
never_atomic                              conserves         A      r1 r1 r1 r1 -  r1
never_atomic                              conserves         D      r1 r1 r1 r1 -  r1
never_atomic_by_number                    preserves         W      r1 r1 r1 r1 p  r1
never_atomic_by_number                    preserves         A      r1 r1 r1 r1 -  r1
never_atomic_by_number                    preserves         D      r1 r1 r1 r1 -  r1
never_atomic_by_number                    changes           W      r1 r1 r1 r1 r1 r1
never_atomic_by_number                    changes           A      r1 r1 r1 r1 -  r1
never_atomic_by_number                    changes           D      r1 r1 r1 r1 -  r1
never_atomic_by_number                    refines           W      r1 r1 r1 r1 r1 r1
never_atomic_by_number                    refines           A      r1 r1 r1 r1 -  r1
never_atomic_by_number                    refines           D      r1 r1 r1 r1 -  r1
never_atomic_in_an_indirect_mmu           refines           W      r1 r1 r1 r1 p  p
never_atomic_in_an_indirect_mmu           refines           A      r1 r1 r1 r1 -  p
never_atomic_in_an_indirect_mmu           refines           D      r1 r1 r1 r1 -  p
never_atomic_with_the_guard               preserves         .      r1 r1 r1 r1 p  p
never_atomic_with_the_guard               changes           .      r1 r1 r1 r1 p  p
never_atomic_with_the_guard               refines           .      r1 r1 r1 r1 p  p
never_atomic_with_the_guard               conserves         .      r1 r1 r1 r1 p  p
never_atomic_by_number_with_the_guard     preserves         .      r1 r1 r1 r1 p  p
never_atomic_by_number_with_the_guard     changes           .      r1 r1 r1 r1 p  p
never_atomic_by_number_with_the_guard     refines           .      r1 r1 r1 r1 p  p

clear_bit_always                          preserves         W      p  p  p  p  p  p
clear_bit_always                          preserves         A      p  p  p  p  -  p
clear_bit_always                          preserves         D      p  p  p  p  -  p
clear_bit_always                          changes           W      p  p  p  p  p  p
clear_bit_always                          changes           A      p  p  p  p  -  p
clear_bit_always                          changes           D      p  p  p  p  -  p
clear_bit_always                          refines           W      p  p  p  p  p  p
clear_bit_always                          refines           A      p  p  p  p  -  p
clear_bit_always                          refines           D      p  p  p  p  -  p
clear_bit_if_volatile                     preserves         W      p  p  p  p  p  p
clear_bit_if_volatile                     preserves         A      p  p  p  p  -  p
clear_bit_if_volatile                     preserves         D      p  p  p  p  -  p
clear_bit_if_volatile                     changes           W      p  p  p  p  p  p
clear_bit_if_volatile                     changes           A      p  p  p  p  -  p
clear_bit_if_volatile                     changes           D      p  p  p  p  -  p
clear_bit_if_volatile                     refines           W      p  p  p  p  p  p
clear_bit_if_volatile                     refines           A      p  p  p  p  -  p
clear_bit_if_volatile                     refines           D      p  p  p  p  -  p
clear_bit_by_number_or_by_mask            equivalent:mask   W      p  p  p  p  p  p
clear_bit_by_number_or_by_mask            equivalent:mask   A      p  p  p  p  -  p
clear_bit_by_number_or_by_mask            equivalent:mask   D      p  p  p  p  -  p
clear_bit_by_number_or_by_mask            equivalent:not    W      r1 r1 r1 r1 r1 r1
clear_bit_by_number_or_by_mask            equivalent:not    A      r1 r1 r1 r1 -  r1
clear_bit_by_number_or_by_mask            equivalent:not    D      r1 r1 r1 r1 -  r1

refactoring                               equivalent        .      p  p  p  p  p  p
refactoring_that_went_wrong               equivalent:leaf   .      r  r  r  r  r  r
refactoring_that_went_wrong               equivalent:old    .      r  r  r  r  r  r

dirty_from_the_returned_value             conserves         .      .  .  .  .  p  p
dirty_from_the_stale_value                conserves         .      .  .  .  .  r1 r1

clear_dirty_of_the_mail                   conserves         false  r0 r0 r0 p  r0 r0
clear_dirty_of_the_mail                   conserves         true   p  p  p  p  r0 r0
clear_dirty_of_the_mail                   preserves         *      p  p  p  p  p  p
clear_dirty_as_it_was_merged              conserves         *      p  p  p  p  p  p
clear_dirty_as_it_was_merged              preserves         *      p  p  p  p  p  p

legacy_dirty_on_an_ept_entry              preserves         .      .  .  p  p  p  p
legacy_dirty_on_an_ept_entry              changes:only-D    .      .  .  r0 r0 r0 r0
legacy_dirty_on_an_ept_entry              changes:only-IPAT .      .  .  p  p  p  p
legacy_accessed_on_an_ept_entry           preserves         .      .  .  p  p  p  p
legacy_accessed_on_an_ept_entry           changes:only-A    .      .  .  r0 r0 r0 r0
legacy_accessed_on_an_ept_entry           changes:only-MEMTYPE .   .  .  p  p  p  p
ept_accessed_on_a_legacy_entry            preserves         .      p  p  .  .  .  .
ept_accessed_on_a_legacy_entry            changes:only-A    .      r0 r0 .  .  .  .
ept_accessed_on_a_legacy_entry            changes:VMX_EPT   .      p  p  .  .  .  .
"""

# Which part of a property's text tells it from others of its theorem that begin with the same word.
TELLING = {
    "preserves:W|A|D": "preserves W | A | D except A",
    "preserves:W": "preserves W",
    "conserves:seen": "into seen",
    "conserves:old": "into old",
    "equivalent:mask": "clear_spte_bit_by_mask(",
    "equivalent:not": "clear_spte_bit_not_atomically(",
    "equivalent:leaf": "write_spte_without_the_leaf_test(",
    "equivalent:old": "write_spte_returning_old(",
    "changes:only-D": "changes only D",
    "changes:only-A": "changes only A",
    "changes:only-IPAT": "changes only IPAT",
    "changes:only-MEMTYPE": "changes only MEMTYPE",
    "changes:VMX_EPT": "changes only VMX_EPT_ACCESS_BIT",
}

# The same theorems in layouts with fewer values, or with every placement of the bits at once.
ELSEWHERE = {
    "clear_one_bit_keeps_what_others_set": "legacy_pae npt_sme legacy_anywhere ept_anywhere ept_no_ad_anywhere",
    "clear_one_bit_tells_what_it_cleared": "legacy_pae npt_sme legacy_anywhere ept_anywhere ept_no_ad_anywhere",
    "refactoring": "legacy_pae npt_sme legacy_anywhere ept_anywhere ept_no_ad_anywhere",
    "dirty_from_the_returned_value": "ept_no_ad_anywhere",
}

# theorem: the layouts of its own, and the first words of its properties with their cells, whatever the instance.
OWN_LAYOUTS = {
    "clear_one_bit_of_a_non_leaf_entry": (
        "npt_non_leaf ept_non_leaf ept_wrprot_only_non_leaf",
        {
            "preserves W | A | D except W": "r1",
            "changes only W | A": "p",
            "changes only W": "r1",
            "refines": "r1",
            "conserves": "p",
        },
    ),
    "clear_one_bit_under_a_wrong_ad_type": (
        "ept_any_ad_type ept_wrprot_only_any_ad_type",
        {"preserves": "r1", "changes": "r1", "refines": "r1", "conserves": "r1"},
    ),
    "clear_one_bit_under_a_wrong_ad_type, the other way round": (
        "ept_no_ad_until_6_12_any_ad_type ept_no_ad_since_6_13_any_ad_type",
        {"preserves": "p", "changes": "p", "refines": "p", "conserves": "p"},
    ),
    "ept_dirty_on_a_legacy_entry": (
        "legacy_losing_host_writable npt_losing_host_writable",
        {"preserves": "p", "changes": "r0", "ensures": "r0"},
    ),
    "the_mark_is_lost_after_twelve_steps": (
        "counter",
        {"preserves": "r12", "always (start & (COUNT | MARK)) == 0 -> !": "r12", "always": "p"},
    ),
    "the_mark_is_kept": ("counter", {"preserves": "p"}),
    "a_mark_that_was_seen_is_kept": ("counter", {"preserves": "p", "ensures": "p"}),
    "a_mark_that_was_seen_is_lost": ("counter", {"preserves": "r12"}),
    "software_bits_of_the_other_family": ("ept_with_legacy_numbers", {"that": "r0"}),
}

# What the races of the mail take away, at once.
LOSING = {
    ("age_stores_the_whole_value", "preserves W | A | D except A"): {"W", "D"},
    ("age_exchanges_the_whole_value", "preserves W | A | D except A"): {"W", "D"},
    ("age_uses_what_the_exchange_returned", "preserves W | A | D except A"): {"W", "D"},
    ("clear_one_bit_of_a_non_leaf_entry", "preserves W | A | D except W"): {"A"},
    ("legacy_dirty_on_an_ept_entry", "changes only D"): {"IPAT"},
    ("ept_dirty_on_a_legacy_entry", "changes only D"): {"HOST_WRITABLE"},
    ("the_mark_is_lost_after_twelve_steps", "preserves MARK"): {"MARK"},
}

# No proof without a broken twin: for each theorem that proves something, one in which the like is refuted.
TWINS = {
    "clear_one_bit_keeps_what_others_set": "never_atomic",
    "clear_one_bit_tells_what_it_cleared": "without_writable",
    "clear_one_bit_in_an_indirect_mmu": "never_atomic_in_an_indirect_mmu",
    "clear_bit_always": "never_atomic_by_number",
    "clear_bit_if_volatile": "never_atomic_by_number",
    "refactoring": "refactoring_that_went_wrong",
    "dirty_from_the_returned_value": "dirty_from_the_stale_value",
    "clear_dirty_as_it_was_merged": "clear_dirty_of_the_mail",
    "software_bits_are_nobody_elses": "software_bits_of_the_other_family",
    "the_mark_is_kept": "the_mark_is_lost_after_twelve_steps",
    "a_mark_that_was_seen_is_kept": "a_mark_that_was_seen_is_lost",
}
