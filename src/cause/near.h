/* Rules that nearly allow what was denied: what all kinds of rules share in finding the nearest, and in saying what
 * keeps it from deciding. Each has its own file for what its rules are, and for the order in which they are asked. */
#ifndef PKTPATH_CAUSE_NEAR_H
#define PKTPATH_CAUSE_NEAR_H
#include "cause/maker.h"

#define NEAR_NAMED 2u /* rules at most */
#define NEAR_ITEMS 3u /* of a list */

/* What keeps a rule from deciding, the most telling one first. */
enum near_by { NEAR_ORDER, NEAR_DST_PORT, NEAR_PROTO, NEAR_NAME, NEAR_SRC, NEAR_DST, NEAR_SRC_PORT, NEAR_DIRECTION };

struct near {
	enum near_by by;
	unsigned n_said; /* things that the rule says, and that match */
	const char *name;
	struct place place;
	const void *rule, *list; /* of the kind that found it: the rule, and what it stands in */
};
struct nearest {
	struct near best[NEAR_NAMED];
	size_t n;
};
/* Kept, where it is one of the nearest. */
void near_add(struct nearest *nearest, struct near near);

/* A bit of a mismatch, and what differs then. */
struct near_bit {
	unsigned bit;
	enum near_by by;
};
/* True: `bits` is one of these alone, and `ret` says which. */
bool near_by_one(const struct near_bit *table, size_t n, unsigned bits, enum near_by *ret);

/* The difference of a rule from the packet. */
struct near_words {
	/* what the rule says of it: "80, 8080-8090"; appended */
	void (*said)(struct buf *out, const struct near *near);
	const char *verb;        /* "nearly allows it: it allows" */
	const char *application; /* of a rule of applications: how the packet is one of them; NULL */
	const char *proto;       /* to be allowed, too; NULL: none is */
	const char *called;      /* the name that the call gives; NULL */
};
/* " Rule web (a.yaml:4) nearly allows it: it allows port 80, and this packet goes to port 443.", and what to change. */
void put_near(struct maker *maker, const struct near *near, const struct tuple *tuple, const struct near_words *words);
void put_near_rule(struct maker *maker, const struct near *near); /* " Rule web (a.yaml:4)" */

/* Items of a list, as far as they are shown. */
void near_ports(struct buf *out, uint16_t first, uint16_t last, size_t i);
void near_prefix(struct buf *out, struct prefix prefix, size_t i);
void near_more(struct buf *out, size_t n);
#endif
