/*
 * What the property notes of each event, and when it is broken. The definitions are those of the language.
 */
#include "findings.h"

static int byte_of(u64 result)
{
	return problem->holder == WORD ? packed(result) : (int)result;
}

/* notes of REFINES: the results of the events that could be the block, one byte each */
static void refining_event(struct state *s, u64 before)
{
	u64 result = 0;
	int fits = problem->block(before, &result) == s->entry;
	int index = byte_of(result);

	if (before != s->entry) {
		s->candidates = 0;
		s->note[0] = 0;
		if (s->changes++ || !fits) {
			found.broken = 1;
			return;
		}
	} else if (s->changes) {
		return;
	}
	if (!fits)
		return;
	for (int i = 0; i < s->candidates; i++)
		if ((s->note[0] >> 8 * i & 255) == (u64)index)
			return;
	if (s->candidates == 8)
		fail("more events than notes");
	s->note[0] |= (u64)index << 8 * s->candidates++;
}

void note_ghost(struct state *s)
{
	if (problem->property == CONSERVES && problem->holder == GHOST && s->ghost)
		s->note[0] = 0;
}

void event(struct state *s, u64 before, int writes)
{
	u64 cleared = before & ~s->entry, set = ~before & s->entry, mask = problem->mask;

	packed(s->entry);
	found.wrote |= writes;
	if (problem->invariant(before) && !problem->invariant(s->entry))
		found.kept = 0;
	switch (problem->property) {
	case PRESERVES:
		found.broken = cleared & mask;
		found.lively |= writes && (before & ~s->note[0] & mask);
		s->note[0] = s->entry & mask;
		break;
	case CHANGES_ONLY:
		found.broken = (cleared | set) & ~mask;
		found.lively |= writes && ((before ^ s->note[0]) & ~mask);
		s->note[0] = s->entry & ~mask;
		break;
	case CONSERVES:
		found.lively |= (cleared & mask) != 0;
		s->note[0] |= cleared & mask;
		if (problem->exactly)
			s->note[1] |= before & mask;
		note_ghost(s);
		break;
	case RESURRECTS:
		found.broken = set & mask & s->note[0];
		found.lively |= writes && (s->note[0] & ~before);
		s->note[0] = (s->note[0] | s->entry) & ~cleared & mask;
		break;
	case REFINES:
		refining_event(s, before);
		break;
	case ENSURES:
		s->after = problem->keeps_after ? s->entry : 0;
		s->note[0] |= cleared & mask; /* the mask of `cleared` */
		break;
	case ALWAYS:
		break;
	}
}

static u64 broken_at_end(const struct state *s)
{
	u64 result = problem->result >= 0 ? s->local[problem->result] : 0;

	switch (problem->property) {
	case CONSERVES:
		if (problem->holder == GHOST)
			return s->note[0];
		if (problem->holder == TRUTH)
			return result ? 0 : s->note[0];
		return (s->note[0] & ~result) | (problem->exactly ? result & problem->mask & ~s->note[1] : 0);
	case REFINES:
		if (problem->result < 0)
			return !s->candidates;
		for (int i = 0; i < s->candidates; i++)
			if ((int)(s->note[0] >> 8 * i & 255) == byte_of(result))
				return 0;
		return 1;
	case ENSURES:
		return !problem->holds(s);
	default:
		return 0;
	}
}

u64 broken_at(const struct state *s)
{
	if (problem->property == ALWAYS)
		return !problem->holds(s);
	return s->pc == AT_END ? broken_at_end(s) : 0;
}
