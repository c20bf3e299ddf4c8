/*
 * What a printed case hands to the search, and what the search offers to a printed case.
 *
 * A case is a program (`run`) that stops before each of its events, an environment (`environment`) that lists the
 * steps possible on one value, and a property. The search walks all interleavings of the two.
 */
#ifndef SEARCH_H
#define SEARCH_H

typedef unsigned long long u64;

enum { MOST_BITS = 8, MOST_LOCALS = 14, AT_END = 254, OUTSIDE = 255 };

enum property { PRESERVES, CHANGES_ONLY, CONSERVES, RESURRECTS, REFINES, ENSURES, ALWAYS };
enum holder { NO_HOLDER, WORD, TRUTH, GHOST };

/* Where an execution is. `pc` is the event it will run next, AT_END, or OUTSIDE when an assumption failed. */
struct state {
	unsigned char pc, ghost, changes, candidates;
	unsigned int padding;
	u64 entry;
	u64 after;   /* value just after the last own event, where the property speaks of it */
	u64 note[2]; /* what the property remembers of the events so far */
	u64 local[MOST_LOCALS];
};

struct problem {
	int number;
	int bits;
	u64 bit[MOST_BITS]; /* the bits that matter, least first */
	int ghosts, inputs, locals;
	enum property property;
	u64 mask;
	enum holder holder; /* CONSERVES: what the bits are handed on to; REFINES: the sort of the result */
	int result;         /* CONSERVES, REFINES: number of the local, or -1 */
	int exactly;
	int keeps_after;
	_Bool (*invariant)(u64 spte);
	void (*environment)(u64 spte, u64 ghost);
	void (*run)(struct state *s);
	_Bool (*holds)(const struct state *s); /* ENSURES, ALWAYS */
	u64 (*block)(u64 entry, u64 *result);  /* REFINES: the value after, and the result */
};

extern u64 start, input;             /* of the search at hand */
extern int values;                   /* the values that the invariants allow */
extern u64 value[1 << MOST_BITS];
extern int words;                    /* every value of the bits that matter */
extern u64 word[1 << MOST_BITS];

void reach(u64 entry, u64 ghost);    /* called by `environment`: one step leads here */
void event(struct state *s, u64 before, int writes); /* called by `run` just after each event */
void judge(const struct problem *p); /* prints the answer */

#endif
