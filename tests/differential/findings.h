/* What the search and the property share. */
#ifndef FINDINGS_H
#define FINDINGS_H

#include "search.h"

struct findings {
	int wrote, ended;  /* somewhere in the case a write event happened, an execution was complete */
	int kept;          /* all steps and events keep the invariants */
	int lively;        /* the property had something to fail on */
	u64 broken;        /* the bits that the event at hand breaks the property for, or 1 */
};

extern struct findings found;
extern const struct problem *problem; /* the case at hand */

int packed(u64 entry);                    /* the bits that matter, side by side */
void note_ghost(struct state *s);         /* to be called when the ghost may have changed */
u64 broken_at(const struct state *s);     /* the bits for which the property is broken at this instant, or 1 */
void fail(const char *why);

#endif
