" Written by editors/generate.py: change that.
if exists("b:current_syntax")
  finish
endif
syn keyword spteItem use layout family ghost entry predicate function helper agent step interface era theorem lemma invariant alias thread
syn keyword spteClause extends overlaps value drop disjoint lockless holding when saw implements for in where has against number of on rely except only exactly into expect losing with bit some or
syn keyword spteStatement if else return atomic parallel retry until assume assert prove
syn keyword spteProperty preserves changes conserves resurrects refines ensures always that equivalent keeps invariants nothing
syn keyword spteConstant true false none any all nobody proved refuted vacuous
syn keyword spteSort u64 int bool
syn keyword spteOperation READ_ONCE atomic64_read WRITE_ONCE atomic64_set xchg atomic64_xchg cmpxchg64 try_cmpxchg64 atomic64_and atomic64_or atomic64_xor atomic64_andnot atomic64_fetch_and atomic64_fetch_or atomic64_fetch_xor atomic64_fetch_andnot set_bit clear_bit test_and_set_bit test_and_clear_bit test_bit __set_bit __clear_bit __test_and_set_bit __test_and_clear_bit BIT_ULL GENMASK_ULL __ffs64 cleared
syn keyword spteInstant sptep after before end spte start
syn match spteNumber "\<\(0[xX]\x\+\|\d\+\)\(ULL\|UL\|ull\|ul\)\?\>"
syn match spteOperator "->\|<<\|>>\|&&\|||\|[-+*~!&|^<>=?:]"
syn match spteComment "//.*$" contains=@Spell
syn region spteComment start="/\*" end="\*/" contains=@Spell
hi def link spteItem Structure
hi def link spteClause Keyword
hi def link spteStatement Statement
hi def link spteProperty Keyword
hi def link spteConstant Constant
hi def link spteSort Type
hi def link spteOperation Function
hi def link spteInstant Identifier
hi def link spteNumber Number
hi def link spteOperator Operator
hi def link spteComment Comment
let b:current_syntax = "spte"
