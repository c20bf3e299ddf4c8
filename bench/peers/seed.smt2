; The seed theorem by hand in SMT-LIB 2: EPT with A/D bits, the predicate of Linux 5.18, any mask of W, A and D,
; any level, any number of CPUs (the closure is a relation thought out by hand and checked here).
;
; Six answers. Right: sat sat (both branches can happen), unsat unsat unsat (the closure is one), and then the
; theorem: unsat is proved, sat is refuted. With `broken` true the predicate lacks `ad_enabled && W && !D`.
(set-logic QF_BV)
(define-fun broken () Bool false)

(define-sort Entry () (_ BitVec 64))
(define-fun W () Entry #x0000000000000002)
(define-fun A () Entry #x0000000000000100)
(define-fun D () Entry #x0000000000000200)
(define-fun RWX () Entry #x0000000000000007)
(define-fun LARGE () Entry #x0000000000000080)
(define-fun PRESENT () Entry #x0000000000000800)
(define-fun HOST_WRITABLE () Entry #x0200000000000000)
(define-fun MMU_WRITABLE () Entry #x0400000000000000)
(define-fun AD_MASK () Entry #x0030000000000000)
(define-fun AD_DISABLED () Entry #x0010000000000000)
(define-fun SAVED () Entry #x0140000000000000)
(define-fun WAD () Entry (bvor W A D))

(declare-const level (_ BitVec 8))
(assert (and (bvule #x01 level) (bvule level #x05)))

(define-fun has ((spte Entry) (mask Entry)) Bool (distinct (bvand spte mask) #x0000000000000000))
(define-fun within ((spte Entry) (mask Entry)) Bool (= (bvand spte (bvnot mask)) #x0000000000000000))
(define-fun is_last ((spte Entry)) Bool (or (= level #x01) (has spte LARGE)))
(define-fun is_access_track ((spte Entry)) Bool
  (and (= (bvand spte AD_MASK) AD_DISABLED) (not (has spte RWX))))
(define-fun restored ((spte Entry)) Entry
  (bvor (bvand spte (bvnot RWX) (bvnot SAVED))
        (bvand (bvlshr spte #x0000000000000036) #x0000000000000005)))

(define-fun invariant ((spte Entry)) Bool
  (=> (has spte PRESENT)
      (and (not (has spte AD_MASK))
           (=> (has spte W) (has spte MMU_WRITABLE))
           (=> (has spte MMU_WRITABLE) (has spte HOST_WRITABLE)))))

(define-fun needs_atomic ((spte Entry)) Bool
  (let ((ad_enabled (distinct (bvand spte AD_MASK) AD_DISABLED)))
    (and (has spte PRESENT)
         (is_last spte)
         (or (and (not (has spte W)) (has spte MMU_WRITABLE))
             (is_access_track spte)
             (and ad_enabled (not (has spte A)))
             (and (not broken) ad_enabled (has spte W) (not (has spte D)))))))

; What one CPU may do to the entry at once: set A, set D, fix a write fault, restore a tracked entry.
(define-fun step ((x Entry) (y Entry)) Bool
  (or (and (has x RWX) (= y (bvor x A)))
      (and (has x RWX) (is_last x) (has x W) (= y (bvor x A D)))
      (and (has x PRESENT) (is_last x) (has x MMU_WRITABLE)
           (= y (bvor (ite (is_access_track x) (restored x) x) W)))
      (and (has x PRESENT) (is_last x) (is_access_track x) (= y (restored x)))))

; Any number of steps of any number of CPUs, by hand: bits only grow, each for its reason.
(define-fun closure ((x Entry) (y Entry)) Bool
  (let ((grown (bvand y (bvnot x))))
    (and (within x y)
         (within grown WAD)
         (=> (has grown W) (and (has x PRESENT) (is_last x) (has x MMU_WRITABLE)))
         (=> (has grown A) (has y RWX))
         (=> (has grown D) (and (is_last x) (has y W) (has y A))))))

(declare-const x Entry)
(declare-const y Entry)
(declare-const z Entry)
(declare-const mask Entry)

(define-fun hypotheses ((old Entry) (before Entry)) Bool
  (and (or (= mask W) (= mask A) (= mask D))
       (invariant old)
       (has old PRESENT)
       (is_last old)
       (closure old before)))
(define-fun after ((old Entry) (before Entry)) Entry
  (bvand (ite (needs_atomic old) before old) (bvnot mask)))

; Both branches can happen.
(push 1) (assert (hypotheses x y)) (assert (needs_atomic x)) (check-sat) (pop 1)
(push 1) (assert (hypotheses x y)) (assert (not (needs_atomic x))) (check-sat) (pop 1)

; The closure is reflexive, holds every step (which keeps the invariant), and is transitive.
(push 1) (assert (not (closure x x))) (check-sat) (pop 1)
(push 1) (assert (and (invariant x) (step x y) (not (and (closure x y) (invariant y))))) (check-sat) (pop 1)
(push 1) (assert (and (closure x y) (closure y z) (not (closure x z)))) (check-sat) (pop 1)

; The theorem: no bit of W, A, D outside the mask is lost.
(push 1)
(assert (hypotheses x y))
(assert (has (bvand y (bvnot (after x y))) (bvand WAD (bvnot mask))))
(check-sat)
(pop 1)
