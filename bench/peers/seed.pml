/*
 * The seed theorem for Spin: EPT with A/D bits, the predicate of Linux 5.18, a present leaf, any start value that the
 * layout allows, each mask of W, A and D, and CPUS other CPUs that walk and fault as often as they like. Only the
 * bits that matter are here. -DBROKEN leaves `W && !D` out of the predicate.
 *
 *     spin -DCPUS=2 -a seed.pml && gcc -O2 -DSAFETY -o pan pan.c && ./pan -E -m10000
 */
#ifndef CPUS
#define CPUS 2
#endif

#define W 1
#define A 2
#define D 4
#define R 8
#define MMU_WRITABLE 16
#define RWX (R | W)
#define ALL_BITS 31

byte entry;
bool ready = false;

#ifdef BROKEN
#define DIRTY_IS_VOLATILE(spte) false
#else
#define DIRTY_IS_VOLATILE(spte) (((spte) & W) && !((spte) & D))
#endif
#define NEEDS_ATOMIC(spte) ((!((spte) & W) && ((spte) & MMU_WRITABLE)) || !((spte) & A) || DIRTY_IS_VOLATILE(spte))

active [CPUS] proctype cpu()
{
	byte old;

	ready;
	do
	/* the page walker: a locked update that checks the entry again */
	:: atomic { (entry & RWX) -> entry = entry | A }
	:: atomic { ((entry & RWX) && (entry & W)) -> entry = entry | A | D }
	/* fast_page_fault() for a write */
	:: atomic { ((entry & MMU_WRITABLE) && !(entry & W)) -> old = entry };
	   d_step {
		if
		:: entry == old -> entry = old | W
		:: else
		fi;
		old = 0
	   }
	od
}

active proctype theorem()
{
	byte old, mask, before;

	atomic {
		select (old : 0 .. ALL_BITS);
		(!(old & W) || (old & MMU_WRITABLE));	/* W implies MMU-writable */
		entry = old;
		if
		:: mask = W
		:: mask = A
		:: mask = D
		fi;
		ready = true
	}

	old = entry;	/* READ_ONCE(*sptep) */
	d_step {
		before = entry;
		if
		:: NEEDS_ATOMIC(old) -> entry = entry & (ALL_BITS - mask)
		:: else -> entry = old & (ALL_BITS - mask)
		fi;
		assert((before & (ALL_BITS - entry) & (W | A | D) & (ALL_BITS - mask)) == 0)
	}
}
