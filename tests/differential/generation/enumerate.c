/*
 * Visits all states of a small concurrent program and its environment, and says what becomes of one property.
 *
 * It is compiled once: a case is data. Programs, agents and blocks are instructions, conditions are postfix words. An
 * entry has `bits` bits that matter; all others together are one more bit (number `bits`), which is 0 in every entry.
 * Agents take one step between any two events; a breadth-first walk by the number of steps that change something finds
 * the fewest that break the property.
 */
#include <stdlib.h>
#include <string.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned long long u64;

enum { END, SET, HAVOC, JZ, JMP, ASSUME, EVENT, GSET, GREAD, ATOM, ATOM_END, FORK, JOIN, EASSIGN, SAW };
enum { READ, WRITE, AND, OR, XOR, ANDNOT, CMPXCHG, TRYCMP };
enum { X_END, CONST, LOCAL, GHOST, ENTRY, PARAM, START, AFTER, CLEARED, TMP, NOT, LNOT, X_AND, X_OR, X_XOR, EQ, NE, LT,
	LAND, LOR, IMPLIES, CHOICE, MOVED };
enum { PRESERVES, CHANGES, CONSERVES, RESURRECTS, REFINES, ENSURES, ALWAYS, THAT };
enum { NONE, WORD, TRUTH, GWORD, GTRUTH };
enum { PROVED, REFUTED, VACUOUS, BIG };
enum { LOCALS = 16, POOL = 1 << 19, SLOTS = 1 << 20, LEVELS = 64, CONFIGS = 4096, SUCC = 1 << 22, ENVS = 1 << 18 };

struct ins { int op, a, b, c, d, e, f, g, live; };

struct problem {
	int bits, entries, ghosts, ghost_word[4];
	const struct ins *code;
	const int *words;
	int main_pc, agents, agent_pc[16], agent_is_program[16];
	int invariant; /* a condition over TMP, or -1 */
	int params, param_lo[4], param_hi[4];
	int property, on, mask, holder, holder_at, exactly, condition, block, result, result_bool, keeps_start, keeps_after;
	int most;
};

struct answer { int verdict, steps, lost, states, start; };

struct state {
	u16 pc[4];
	u8 ent[2], gh[4], start[2], after[2], clr[2], n0, n1, changes, forked;
	u8 loc[LOCALS];
	u64 cand;
};

static const struct problem *p;
static struct answer *answer;
static u64 param[4];
static u64 tmp;
static int too_big, wrote, ended;

static struct state *pool;
static u8 *level_of, *finished;
static int pooled, *slot, *slot_run, run_number;
static struct { int *item, count, room; } queue[LEVELS];

static u64 wide(u8 x)
{
	u64 outside = ~0ULL << p->bits;

	return x >> p->bits & 1 ? x | outside : x;
}

static u8 narrow(u64 x)
{
	return x & ((2ULL << p->bits) - 1);
}

static u64 eval(int at, const struct state *s)
{
	u64 stack[32], *top = stack;
	const int *w = p->words + at;

	for (;; w += 2) {
		int k = w[1];

		switch (w[0]) {
		case X_END: return top[-1];
		case CONST: *top++ = (u64)(long long)k; break;
		case LOCAL: *top++ = wide(s->loc[k]); break;
		case GHOST: *top++ = wide(s->gh[k]); break;
		case ENTRY: *top++ = wide(s->ent[k]); break;
		case PARAM: *top++ = param[k]; break;
		case START: *top++ = wide(s->start[k]); break;
		case AFTER: *top++ = wide(s->after[k]); break;
		case CLEARED: *top++ = wide(s->clr[k]); break;
		case TMP: *top++ = tmp; break;
		case NOT: top[-1] = ~top[-1]; break;
		case LNOT: top[-1] = !top[-1]; break;
		case X_AND: top--; top[-1] &= *top; break;
		case X_OR: top--; top[-1] |= *top; break;
		case X_XOR: top--; top[-1] ^= *top; break;
		case EQ: top--; top[-1] = top[-1] == *top; break;
		case NE: top--; top[-1] = top[-1] != *top; break;
		case LT: top--; top[-1] = (long long)top[-1] < (long long)*top; break;
		case LAND: top--; top[-1] = top[-1] && *top; break;
		case LOR: top--; top[-1] = top[-1] || *top; break;
		case IMPLIES: top--; top[-1] = !top[-1] || *top; break;
		case CHOICE: top -= 2; top[-1] = top[-1] ? top[0] : top[1]; break;
		case MOVED: top[-1] = top[-1] >> (k & 255) & 1 ? 1ULL << (k >> 8) : 0; break;
		}
	}
}

static int valid(u64 entry)
{
	u64 kept = tmp;
	int holds;

	if (p->invariant < 0)
		return 1;
	tmp = entry;
	holds = eval(p->invariant, NULL) != 0;
	tmp = kept;
	return holds;
}

/* Events --------------------------------------------------------------------------------------------- */

/* One event on s, its results stored in locals; says whether it is one that writes the entry `on`. */
static int act(struct state *s, const struct ins *i)
{
	u64 before, after, a, b = 0, result;

	if (i->op == GSET) {
		a = eval(i->b, s);
		s->gh[i->a] = p->ghost_word[i->a] ? narrow(a) : a != 0;
		return 0;
	}
	if (i->op == GREAD) {
		s->loc[i->a] = s->gh[i->b];
		return 0;
	}
	before = after = wide(s->ent[i->a]);
	a = i->c >= 0 ? eval(i->c, s) : 0;
	result = before;
	switch (i->b) {
	case READ: break;
	case WRITE: after = a; break;
	case AND: after = before & a; break;
	case OR: after = before | a; break;
	case XOR: after = before ^ a; break;
	case ANDNOT: after = before & ~a; break;
	case CMPXCHG:
		b = eval(i->d, s);
		if (before == a)
			after = b;
		break;
	case TRYCMP:
		result = before == wide(s->loc[i->f]);
		if (result)
			after = a;
		else
			s->loc[i->f] = narrow(before);
		break;
	}
	if (i->e >= 0)
		s->loc[i->e] = i->g >= 0 ? (before & eval(i->g, s)) != 0 : narrow(result);
	s->ent[i->a] = narrow(after);
	return i->b != READ && i->a == p->on;
}

static void break_by(u64 bits, int level, const struct state *s)
{
	answer->verdict = REFUTED;
	answer->lost |= narrow(bits);
	if (answer->steps < 0 || level < answer->steps) {
		answer->steps = level;
		answer->start = s->start[0];
	}
}

static void ghost_noted(struct state *s)
{
	if (p->property != CONSERVES)
		return;
	if (p->holder == GTRUTH && s->gh[p->holder_at])
		s->n0 = 0;
	if (p->holder == GWORD)
		s->n0 &= ~s->gh[p->holder_at];
}

static int run_plain(struct state *s, int pc)
{
	for (;; pc++) {
		const struct ins *i = p->code + pc;

		switch (i->op) {
		case END: return 1;
		case SET: { u64 v = eval(i->b, s); s->loc[i->a] = i->c ? v != 0 : narrow(v); break; }
		case JZ: if (!eval(i->a, s)) pc = i->b - 1; break;
		case JMP: pc = i->a - 1; break;
		case ASSUME: if (!eval(i->a, s)) return 0; break;
		case EASSIGN: s->ent[i->a] = narrow(eval(i->b, s)); break;
		case GSET: act(s, i); break;
		default: too_big = 2; return 0;
		}
	}
}

static void refining(struct state *s, const struct state *before)
{
	struct state t = *before;
	int fits;

	run_plain(&t, p->block);
	fits = !memcmp(t.ent, s->ent, sizeof(t.ent));
	if (memcmp(before->ent, s->ent, sizeof(t.ent))) {
		s->cand = 0;
		if (s->changes) {
			s->changes = 2;
			return;
		}
		s->changes = 1;
	} else if (s->changes) {
		return;
	}
	if (fits)
		s->cand |= 1ULL << (p->result < 0 ? 0 : t.loc[p->result]);
}

/* What the property notes of an event that acts on the entries `touched`: events on other entries do not concern it,
 * and statements about ghosts find nothing of it. Gives the bits it breaks. */
static u64 noted(struct state *s, const struct state *b, int touched)
{
	u8 before = b->ent[p->on], after = s->ent[p->on], lost = before & ~after, broken = 0;

	for (int e = 0; e < p->entries; e++) {
		s->clr[e] |= b->ent[e] & ~s->ent[e];
		s->after[e] = p->keeps_after ? s->ent[e] : 0;
	}
	if (touched && !(touched >> p->on & 1)) {
		ghost_noted(s); /* an atomic block may set the ghost and act on another entry */
		return 0;
	}
	switch (p->property) {
	case PRESERVES: broken = lost & p->mask; break;
	case CHANGES: broken = (before ^ after) & ~p->mask; break;
	case CONSERVES:
		s->n0 |= lost & p->mask;
		if (p->exactly && touched)
			s->n1 |= before & p->mask;
		ghost_noted(s);
		break;
	case RESURRECTS:
		broken = after & ~before & s->n0 & p->mask;
		s->n0 = ((s->n0 & ~lost) | after) & p->mask;
		break;
	case REFINES: refining(s, b); break;
	}
	if (p->property != ENSURES)
		memset(s->clr, 0, sizeof(s->clr));
	return broken;
}

static u64 broken_at_end(const struct state *s)
{
	u64 value;

	switch (p->property) {
	case CONSERVES:
		if (p->holder == GTRUTH || p->holder == GWORD)
			return s->n0;
		value = s->loc[p->holder_at];
		if (p->holder == TRUTH)
			return value ? 0 : s->n0;
		return (s->n0 & ~value) | (p->exactly ? value & p->mask & ~s->n1 : 0);
	case REFINES:
		return s->changes > 1 || !(s->cand >> (p->result < 0 ? 0 : s->loc[p->result]) & 1);
	case ENSURES:
	case THAT:
		return !eval(p->condition, s);
	}
	return 0;
}

static u64 broken_now(const struct state *s)
{
	return p->property == ALWAYS && !eval(p->condition, s);
}

/* The environment ------------------------------------------------------------------------------------ */

struct env { u8 ent[2], gh[4]; };

static struct env *envs;
static int env_count, env_first[ENVS], env_number[ENVS];
static int *succ, succ_count;
static int *env_slot; /* by packed value: number + 1 */
static struct { u16 pc; u8 loc[LOCALS]; } config[CONFIGS];
static int configs;

static int packed(const u8 *ent, const u8 *gh)
{
	int key = 0;

	for (int e = 0; e < p->entries; e++)
		key = key << p->bits | ent[e];
	for (int g = 0; g < p->ghosts; g++)
		key = p->ghost_word[g] ? key << p->bits | gh[g] : key << 1 | gh[g];
	return key;
}

static int env_of(const u8 *ent, const u8 *gh)
{
	int key;

	for (int e = 0; e < p->entries; e++)
		if (ent[e] >> p->bits) {
			too_big = 3; /* a bit that has no name was set */
			return 0;
		}
	key = packed(ent, gh);
	if (key >= ENVS) {
		too_big = 1;
		return 0;
	}
	if (!env_slot[key]) {
		memcpy(envs[env_count].ent, ent, 2);
		memcpy(envs[env_count].gh, gh, 4);
		env_first[env_count] = -1;
		env_slot[key] = ++env_count;
	}
	return env_slot[key] - 1;
}

static void add_successor(int from, const struct state *s)
{
	int to = env_of(s->ent, s->gh);

	if (to == from || too_big)
		return;
	for (int i = env_first[from]; i < succ_count; i++)
		if (succ[i] == to)
			return;
	if (succ_count == SUCC)
		too_big = 1;
	else
		succ[succ_count++] = to;
}

static void step(struct state *s, int pc, int from)
{
	for (;; pc++) {
		const struct ins *i = p->code + pc;

		switch (i->op) {
		case END: add_successor(from, s); return;
		case SET: { u64 v = eval(i->b, s); s->loc[i->a] = i->c ? v != 0 : narrow(v); break; }
		case JZ: if (!eval(i->a, s)) pc = i->b - 1; break;
		case JMP: pc = i->a - 1; break;
		case ASSUME: if (!eval(i->a, s)) return; break;
		case EASSIGN: s->ent[i->a] = narrow(eval(i->b, s)); break;
		case GSET: act(s, i); break;
		case HAVOC:
			for (int v = 0; v < i->b; v++) {
				struct state t = *s;

				t.loc[i->a] = v;
				step(&t, pc + 1, from);
			}
			return;
		case SAW: {
			int saw = 0;

			for (int v = 0; v < 1 << p->bits && !saw; v++) {
				tmp = v;
				saw = valid(v) && eval(i->a, s);
			}
			if (!saw)
				return;
			break;
		}
		default: too_big = 2; return;
		}
	}
}

static void arrive(struct state *s, int pc)
{
	for (;; pc++) {
		const struct ins *i = p->code + pc;

		switch (i->op) {
		case END: return;
		case SET: { u64 v = eval(i->b, s); s->loc[i->a] = i->c ? v != 0 : narrow(v); break; }
		case JZ: if (!eval(i->a, s)) pc = i->b - 1; break;
		case JMP: pc = i->a - 1; break;
		case ASSUME: if (!eval(i->a, s)) return; break;
		case HAVOC:
			for (int v = 0; v < i->b; v++) {
				struct state t = *s;

				t.loc[i->a] = v;
				arrive(&t, pc + 1);
			}
			return;
		case EVENT: case GSET: case GREAD:
			for (int l = 0; l < LOCALS; l++)
				if (!(i->live >> l & 1))
					s->loc[l] = 0;
			for (int c = 0; c < configs; c++)
				if (config[c].pc == pc && !memcmp(config[c].loc, s->loc, LOCALS))
					return;
			if (configs == CONFIGS) {
				too_big = 1;
				return;
			}
			config[configs].pc = pc;
			memcpy(config[configs++].loc, s->loc, LOCALS);
			return;
		default: too_big = 2; return;
		}
	}
}

/* Where instances of agents that are programs may stand: what they found before is any valid value. */
static void find_configs(void)
{
	struct state s;

	configs = 0;
	memset(&s, 0, sizeof(s));
	for (int a = 0; a < p->agents; a++)
		if (p->agent_is_program[a])
			arrive(&s, p->agent_pc[a]), memset(&s, 0, sizeof(s));
	for (int c = 0; c < configs && !too_big; c++) {
		const struct ins *i = p->code + config[c].pc;
		int found = i->op == EVENT ? 1 << p->bits : i->op == GSET ? 1 : p->ghost_word[i->b] ? 1 << p->bits : 2;

		for (int v = 0; v < found; v++) {
			memset(&s, 0, sizeof(s));
			memcpy(s.loc, config[c].loc, LOCALS);
			if (i->op == EVENT && !valid(v))
				continue;
			if (i->op == EVENT)
				s.ent[i->a] = v;
			if (i->op == GREAD)
				s.gh[i->b] = v;
			act(&s, i);
			arrive(&s, config[c].pc + 1);
		}
	}
}

static void find_steps(int from)
{
	struct state s;

	env_first[from] = succ_count;
	for (int a = 0; a < p->agents; a++)
		if (!p->agent_is_program[a]) {
			memset(&s, 0, sizeof(s));
			memcpy(s.ent, envs[from].ent, 2);
			memcpy(s.gh, envs[from].gh, 4);
			step(&s, p->agent_pc[a], from);
		}
	for (int c = 0; c < configs; c++) {
		const struct ins *i = p->code + config[c].pc;

		if (i->op == GREAD || (i->op == EVENT && i->b == READ))
			continue;
		memset(&s, 0, sizeof(s));
		memcpy(s.ent, envs[from].ent, 2);
		memcpy(s.gh, envs[from].gh, 4);
		memcpy(s.loc, config[c].loc, LOCALS);
		act(&s, i);
		add_successor(from, &s);
	}
	env_number[from] = succ_count - env_first[from];
}

/* The walk ------------------------------------------------------------------------------------------- */

static void enqueue(int level, int item)
{
	if (level >= LEVELS) {
		too_big = 1;
		return;
	}
	if (queue[level].count == queue[level].room) {
		queue[level].room = queue[level].room ? 2 * queue[level].room : 1024;
		queue[level].item = realloc(queue[level].item, queue[level].room * sizeof(int));
	}
	queue[level].item[queue[level].count++] = item;
}

static void meet(struct state *s, int level)
{
	unsigned long long hash = 0, part[sizeof(struct state) / 8];
	int live = 0, place;

	for (int t = 0; t < 4; t++)
		if (t == 0 || s->forked)
			live |= p->code[s->pc[t]].live;
	for (int l = 0; l < LOCALS; l++)
		if (!(live >> l & 1))
			s->loc[l] = 0;
	memcpy(part, s, sizeof(part));
	for (unsigned i = 0; i < sizeof(part) / 8; i++) {
		hash = (hash ^ part[i]) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	place = hash >> 24 & (SLOTS - 1);
	while (slot_run[place] == run_number) {
		int known = slot[place];

		if (!memcmp(&pool[known], s, sizeof(*s))) {
			if (level < level_of[known]) {
				level_of[known] = level;
				enqueue(level, known);
			}
			return;
		}
		place = (place + 1) & (SLOTS - 1);
	}
	if (pooled >= p->most || pooled == POOL) {
		too_big = 1;
		return;
	}
	slot_run[place] = run_number;
	slot[place] = pooled;
	pool[pooled] = *s;
	level_of[pooled] = level;
	finished[pooled] = 0;
	enqueue(level, pooled++);
}

/* Runs strand t of s up to its next event and keeps the state. */
static void go_on(struct state *s, int t, int pc, int level)
{
	for (;; pc++) {
		const struct ins *i = p->code + pc;

		switch (i->op) {
		case END: case EVENT: case GSET: case GREAD: case ATOM:
			s->pc[t] = pc;
			meet(s, level);
			return;
		case SET: { u64 v = eval(i->b, s); s->loc[i->a] = i->c ? v != 0 : narrow(v); break; }
		case JZ: if (!eval(i->a, s)) pc = i->b - 1; break;
		case JMP: pc = i->a - 1; break;
		case ASSUME: if (!eval(i->a, s)) return; break;
		case HAVOC:
			for (int v = 0; v < i->b; v++) {
				struct state n = *s;

				n.loc[i->a] = v;
				go_on(&n, t, pc + 1, level);
			}
			return;
		case FORK: {
			/* Each thread runs to its first event, one after the other: until then it touches its own locals only. */
			int starts[3] = { i->b, i->c, i->d };

			s->pc[0] = i->e;
			s->forked = i->a;
			for (int k = 0; k < 3; k++)
				s->pc[k + 1] = k < i->a ? starts[k] : i->e;
			for (int k = 0; k < i->a; k++) {
				int at = starts[k];

				for (;; at++) {
					const struct ins *j = p->code + at;

					if (j->op == SET) {
						u64 v = eval(j->b, s);
						s->loc[j->a] = j->c ? v != 0 : narrow(v);
					} else if (j->op == JZ) {
						if (!eval(j->a, s))
							at = j->b - 1;
					} else if (j->op == JMP) {
						at = j->a - 1;
					} else {
						break;
					}
				}
				s->pc[k + 1] = at;
			}
			for (int k = 0; k < i->a; k++)
				if (p->code[s->pc[k + 1]].op != JOIN) {
					meet(s, level);
					return;
				}
			s->forked = 0;
			memset(s->pc, 0, sizeof(s->pc));
			pc = i->e - 1;
			break;
		}
		case JOIN:
			s->pc[t] = pc;
			for (int k = 1; k <= s->forked; k++)
				if (p->code[s->pc[k]].op != JOIN) {
					meet(s, level);
					return;
				}
			pc = s->pc[0] - 1;
			s->forked = 0;
			memset(s->pc, 0, sizeof(s->pc));
			t = 0;
			break;
		default: too_big = 2; return;
		}
	}
}

/* Runs what stands in `atomic`; s is left just after it. Gives the pc behind it, or -1. */
static int run_atomic(struct state *s, int pc, int *writes, int *touched)
{
	for (;; pc++) {
		const struct ins *i = p->code + pc;

		switch (i->op) {
		case ATOM_END: return pc + 1;
		case SET: { u64 v = eval(i->b, s); s->loc[i->a] = i->c ? v != 0 : narrow(v); break; }
		case JZ: if (!eval(i->a, s)) pc = i->b - 1; break;
		case JMP: pc = i->a - 1; break;
		case EVENT: *touched |= 1 << i->a; *writes |= act(s, i); break;
		case GSET: case GREAD: act(s, i); break;
		default: too_big = 2; return -1;
		}
	}
}

static void happen(const struct state *from, int t, int level)
{
	struct state s = *from;
	const struct ins *i = p->code + s.pc[t];
	int writes = 0, touched = 0, next = s.pc[t] + 1;
	u64 broken;

	if (i->op == ATOM) {
		next = run_atomic(&s, next, &writes, &touched);
		if (next < 0)
			return;
	} else {
		writes = act(&s, i);
		touched = i->op == EVENT ? 1 << i->a : 0;
	}
	wrote |= writes;
	broken = noted(&s, from, touched);
	if (broken)
		break_by(broken, level, &s);
	if (broken_now(&s))
		break_by(0, level, &s);
	go_on(&s, t, next, level);
}

static void expand(int item, int level)
{
	struct state s = pool[item];
	int env;

	if (broken_now(&s))
		break_by(0, level, &s);
	if (s.forked) {
		for (int t = 1; t <= s.forked; t++)
			if (p->code[s.pc[t]].op != JOIN)
				happen(&s, t, level);
	} else if (p->code[s.pc[0]].op != END) {
		happen(&s, 0, level);
	} else {
		u64 broken = broken_at_end(&s);

		ended = 1;
		if (broken)
			break_by(p->property == CONSERVES ? broken : 0, level, &s);
	}
	env = env_of(s.ent, s.gh);
	if (too_big)
		return;
	if (env_first[env] < 0)
		find_steps(env);
	for (int i = 0; i < env_number[env] && !too_big; i++) {
		struct state n = s;
		const struct env *to = &envs[succ[env_first[env] + i]];

		memcpy(n.ent, to->ent, 2);
		memcpy(n.gh, to->gh, 4);
		ghost_noted(&n);
		meet(&n, level + 1);
	}
}

static void walk(void)
{
	struct state s;
	int ghosts = 1, highest = 0;

	for (int g = 0; g < p->ghosts; g++)
		ghosts *= p->ghost_word[g] ? 1 << p->bits : 2;
	run_number++;
	pooled = env_count = succ_count = 0;
	find_configs();
	for (int one = 0; one < 1 << p->bits; one++)
		for (int two = 0; two < (p->entries > 1 ? 1 << p->bits : 1); two++)
			for (int g = 0; g < ghosts && !too_big; g++) {
				int rest = g;

				if (!valid(one) || (p->entries > 1 && !valid(two)))
					continue;
				memset(&s, 0, sizeof(s));
				s.ent[0] = one;
				s.ent[1] = two;
				for (int k = 0; k < p->ghosts; k++) {
					int size = p->ghost_word[k] ? 1 << p->bits : 2;

					s.gh[k] = rest % size;
					rest /= size;
				}
				if (p->keeps_start)
					memcpy(s.start, s.ent, 2);
				if (p->keeps_after)
					memcpy(s.after, s.ent, 2);
				go_on(&s, 0, p->main_pc, 0);
			}
	for (int level = 0; level < LEVELS; level++) {
		for (int i = 0; i < queue[level].count && !too_big; i++) {
			int item = queue[level].item[i];

			if (finished[item])
				continue;
			finished[item] = 1;
			expand(item, level);
		}
		if (queue[level].count)
			highest = level;
		queue[level].count = 0;
	}
	(void)highest;
	for (int e = 0; e < env_count; e++)
		env_slot[packed(envs[e].ent, envs[e].gh)] = 0;
	answer->states += pooled;
}

static void over_params(int number)
{
	if (number == p->params) {
		walk();
		return;
	}
	for (int v = p->param_lo[number]; v <= p->param_hi[number] && !too_big; v++) {
		param[number] = v;
		over_params(number + 1);
	}
}

void judge(const struct problem *problem, struct answer *into)
{
	if (!pool) {
		pool = malloc(POOL * sizeof(*pool));
		level_of = malloc(POOL);
		finished = malloc(POOL);
		slot = malloc(SLOTS * sizeof(int));
		slot_run = calloc(SLOTS, sizeof(int));
		envs = malloc(ENVS * sizeof(*envs));
		env_slot = calloc(ENVS, sizeof(int));
		succ = malloc(SUCC * sizeof(int));
	}
	p = problem;
	answer = into;
	*answer = (struct answer){ .verdict = PROVED, .steps = -1 };
	too_big = wrote = ended = 0;
	over_params(0);
	if (too_big)
		answer->verdict = too_big == 1 ? BIG : 2 + too_big;
	else if (answer->verdict != REFUTED && (!ended || (!wrote && p->property <= REFINES)))
		answer->verdict = VACUOUS;
}
