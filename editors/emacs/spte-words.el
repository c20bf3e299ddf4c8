;;; spte-words.el --- words of spte texts  -*- lexical-binding: t; -*-

;; Written by editors/generate.py: change that.

;;; Code:

(defconst spte-keywords
  '("use" "layout" "family" "ghost" "entry" "predicate" "function" "helper" "agent" "step" "interface" "era" "theorem" "lemma" "invariant" "alias" "thread" "extends" "overlaps" "value" "drop" "disjoint" "lockless" "holding" "when" "saw" "implements" "for" "in" "where" "has" "against" "number" "of" "on" "rely" "except" "only" "exactly" "into" "expect" "losing" "with" "bit" "some" "or" "if" "else" "return" "atomic" "parallel" "retry" "until" "assume" "assert" "prove" "preserves" "changes" "conserves" "resurrects" "refines" "ensures" "always" "that" "equivalent" "keeps" "invariants" "nothing"))

(defconst spte-constants
  '("true" "false" "none" "any" "all" "nobody" "proved" "refuted" "vacuous"))

(defconst spte-sorts
  '("u64" "int" "bool"))

(defconst spte-operations
  '("READ_ONCE" "atomic64_read" "WRITE_ONCE" "atomic64_set" "xchg" "atomic64_xchg" "cmpxchg64" "try_cmpxchg64" "atomic64_and" "atomic64_or" "atomic64_xor" "atomic64_andnot" "atomic64_fetch_and" "atomic64_fetch_or" "atomic64_fetch_xor" "atomic64_fetch_andnot" "set_bit" "clear_bit" "test_and_set_bit" "test_and_clear_bit" "test_bit" "__set_bit" "__clear_bit" "__test_and_set_bit" "__test_and_clear_bit" "BIT_ULL" "GENMASK_ULL" "__ffs64" "cleared" "sptep" "after" "before" "end" "spte" "start"))

(provide 'spte-words)
;;; spte-words.el ends here
