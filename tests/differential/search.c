/*
 * The search: every execution of a small program on one word, against any number of steps of its environment
 * between any two of the program's events.
 *
 * From each start value (fewest bits first, then least) it goes level by level, a level being the number of
 * environment steps that changed something, so the first violation met has the fewest. Answers are printed one a line:
 *
 *     NUMBER VERDICT STEPS START BITS KEPT LIVELY
 *
 * BITS are those that can be lost; KEPT is 1 if all steps keep the invariants; LIVELY is 0 if the environment or
 * the program never gave the property anything to fail on.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"

enum { MOST_ENTRIES = 1 << MOST_BITS, MOST_STATES = 1 << 18, SLOTS = 1 << 19, MOST_LEVELS = 64 };
static const long BUDGET = 150000; /* states of one case; beyond it the case is called big */

u64 start, input;
int values;
u64 value[MOST_ENTRIES];
int words;
u64 word[MOST_ENTRIES];

const struct problem *problem;
struct findings found;
static int best_steps; /* -1: no violation yet */
static u64 best_start, broken_bits;
static long visited;

void fail(const char *why)
{
	fprintf(stderr, "case %d: %s\n", problem->number, why);
	exit(1);
}

int packed(u64 entry)
{
	int index = 0;

	for (int i = 0; i < problem->bits; i++) {
		if (entry & problem->bit[i])
			index |= 1 << i;
		entry &= ~problem->bit[i];
	}
	if (entry)
		fail("a bit outside the bits that matter was touched");
	return index;
}

/* The environment as a table ------------------------------------------------------------------------- */

static int table_entry, table_ghost;
static struct {
	short count;
	unsigned char entry[2 * MOST_ENTRIES], ghost[2 * MOST_ENTRIES];
} step[MOST_ENTRIES][2]; /* the changes possible from each entry and ghost */

void reach(u64 entry, u64 ghost)
{
	int to = packed(entry), count = step[table_entry][table_ghost].count;

	if (!problem->invariant(entry))
		found.kept &= !problem->invariant(word[table_entry]);
	if (to == table_entry && (int)ghost == table_ghost)
		return;
	for (int i = 0; i < count; i++)
		if (step[table_entry][table_ghost].entry[i] == to && step[table_entry][table_ghost].ghost[i] == ghost)
			return;
	step[table_entry][table_ghost].entry[count] = to;
	step[table_entry][table_ghost].ghost[count] = ghost;
	step[table_entry][table_ghost].count = count + 1;
}

static void tabulate(void)
{
	values = 0;
	words = 1 << problem->bits;
	for (int i = 0; i < words; i++) {
		word[i] = 0;
		for (int b = 0; b < problem->bits; b++)
			if (i >> b & 1)
				word[i] |= problem->bit[b];
		if (problem->invariant(word[i]))
			value[values++] = word[i];
	}
	for (table_entry = 0; table_entry < words; table_entry++)
		for (table_ghost = 0; table_ghost <= problem->ghosts; table_ghost++) {
			step[table_entry][table_ghost].count = 0;
			problem->environment(word[table_entry], table_ghost);
		}
}

/* The search ----------------------------------------------------------------------------------------- */

static struct state pool[MOST_STATES];
static unsigned char level_of[MOST_STATES], finished[MOST_STATES];
static int pool_count;
static int slot[SLOTS];
static unsigned slot_run[SLOTS], run_number;

static struct { int *item; int count, room; } queue[MOST_LEVELS];

static void enqueue(int level, int item)
{
	if (level >= MOST_LEVELS)
		fail("too many levels");
	if (queue[level].count == queue[level].room) {
		queue[level].room = queue[level].room ? 2 * queue[level].room : 1024;
		queue[level].item = realloc(queue[level].item, queue[level].room * sizeof(int));
	}
	queue[level].item[queue[level].count++] = item;
}

static size_t used_size(void)
{
	return offsetof(struct state, local) + problem->locals * sizeof(u64);
}

static unsigned hashed(const struct state *s)
{
	u64 part[sizeof(struct state) / sizeof(u64)], hash = 0;
	size_t count = used_size() / sizeof(u64);

	memcpy(part, s, used_size());
	for (size_t i = 0; i < count; i++) {
		hash = (hash ^ part[i]) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	return hash >> 20 & (SLOTS - 1);
}

static int meet(const struct state *s, int level)
{
	unsigned place = hashed(s);

	while (slot_run[place] == run_number) {
		int known = slot[place];

		if (!memcmp(&pool[known], s, used_size())) {
			if (level < level_of[known]) {
				level_of[known] = level;
				enqueue(level, known);
			}
			return 1;
		}
		place = (place + 1) & (SLOTS - 1);
	}
	if (pool_count == MOST_STATES || ++visited > BUDGET)
		return 0;
	slot_run[place] = run_number;
	slot[place] = pool_count;
	pool[pool_count] = *s;
	level_of[pool_count] = level;
	finished[pool_count] = 0;
	enqueue(level, pool_count++);
	return 1;
}

static int bit_count(u64 bits)
{
	return __builtin_popcountll(bits);
}

static void violated(u64 bits, int level)
{
	broken_bits |= bits;
	if (best_steps >= 0 && best_steps <= level)
		return; /* starts come fewest bits first, then least */
	best_steps = level;
	best_start = start;
}

static int bitwise(void)
{
	return problem->property < REFINES;
}

static int expand(int item, int level)
{
	struct state s = pool[item], next;
	u64 bits = broken_at(&s);
	int index = packed(s.entry);

	if (bits) {
		violated(bits, level);
		return 1;
	}
	if (s.pc == AT_END) {
		found.ended = 1;
		if (problem->property != ENSURES && problem->property != ALWAYS)
			return 1;
	} else {
		next = s;
		found.broken = 0;
		problem->run(&next);
		if (found.broken)
			violated(found.broken, level);
		if (next.pc != OUTSIDE && (!found.broken || bitwise()) && !meet(&next, level))
			return 0;
	}
	for (int i = 0; i < step[index][s.ghost].count; i++) {
		next = s;
		next.entry = word[step[index][s.ghost].entry[i]];
		next.ghost = step[index][s.ghost].ghost[i];
		note_ghost(&next);
		if (!meet(&next, level + 1))
			return 0;
	}
	return 1;
}

static int search(u64 ghost)
{
	struct state s;

	memset(&s, 0, sizeof(s));
	pool_count = 0;
	run_number++;
	s.entry = start;
	s.ghost = ghost;
	if (problem->keeps_after)
		s.after = start;
	problem->run(&s);
	if (s.pc != OUTSIDE && !meet(&s, 0))
		return 0;
	for (int level = 0; level < MOST_LEVELS; level++) {
		int wanted = bitwise() || best_steps < 0 || level < best_steps;

		for (int i = 0; wanted && i < queue[level].count; i++) {
			int item = queue[level].item[i];

			if (finished[item])
				continue;
			finished[item] = 1;
			if (!expand(item, level))
				return 0;
		}
	}
	return 1;
}

static int search_all(void)
{
	for (int count = 0; count <= problem->bits; count++)
		for (int i = 0; i < words; i++) {
			start = word[i];
			if (bit_count(start) != count || !problem->invariant(start))
				continue;
			for (input = 0; input < 1ULL << problem->inputs; input++)
				for (u64 ghost = 0; ghost <= (u64)problem->ghosts; ghost++) {
					int done = search(ghost);

					for (int level = 0; level < MOST_LEVELS; level++)
						queue[level].count = 0;
					if (!done)
						return 0;
				}
		}
	return 1;
}

void judge(const struct problem *p)
{
	const char *verdict = "proved";

	problem = p;
	found = (struct findings){ .kept = 1, .lively = p->property >= REFINES };
	best_steps = -1;
	best_start = broken_bits = 0;
	visited = 0;
	tabulate();
	if (!search_all())
		verdict = "big";
	else if (best_steps >= 0)
		verdict = "refuted";
	else if (!found.ended || (!found.wrote && problem->property <= REFINES))
		verdict = "vacuous";
	printf("%d %s %d %llu %llu ", p->number, verdict, best_steps, best_start, bitwise() ? broken_bits : 0);
	printf("%d %d\n", found.kept, found.lively);
	fflush(stdout);
}
