/* A list of mutants in the making: who finds one says what changes, and how. */
#ifndef PKTPATH_FACADE_MUTANTS_H
#define PKTPATH_FACADE_MUTANTS_H
#include "facade/facade.h"
#include "scenario/tree.h"

#define MUTANT_MAX_OVERRIDES 4u

struct mutant {
	const char *path, *from, *to;
	struct place place;
	pp_override overrides[MUTANT_MAX_OVERRIDES];
	size_t n_overrides;
};

struct pp_mutants {
	struct arena *arena;
	const struct model *model;
	const struct tree *root;
	struct mutant *items;
	size_t n, capacity;
	bool failed; /* memory was short */
};

/* A mutant that gives `path` the value `to`; NULL takes it away. All texts are copied. *ret, for further overrides, is
 * NULL where memory was short. */
struct mutant *mutants_add(struct pp_mutants *mutants, const char *path, const char *from, const char *to);
/* One override more, copied. `mutant` may be NULL. */
void mutant_also(struct pp_mutants *mutants, struct mutant *mutant, const char *path, const char *value);
/* Formats a path or a value; NULL, and the list has failed, where memory is short. */
const char *mutants_text(struct pp_mutants *mutants, const char *format, ...) __attribute__((format(printf, 2, 3)));

void mutants_of_settings(struct pp_mutants *mutants); /* NATs, placement, gateways: whatever --set can change of them */
void mutants_of_rules(struct pp_mutants *mutants);    /* rules of security groups, routes */
void mutants_of_events(struct pp_mutants *mutants);   /* the timeline */
#endif
