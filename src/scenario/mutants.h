/* A list of mutants in the making: who finds one says what changes, and how. */
#ifndef PKTPATH_SCENARIO_MUTANTS_H
#define PKTPATH_SCENARIO_MUTANTS_H
#include "scenario/load.h"
#include "scenario/tree.h"
#include "scenario/values.h"

#define MUTANT_MAX_OVERRIDES 4u

struct mutant {
	const char *path, *from, *to;
	struct place place;
	struct scenario_override overrides[MUTANT_MAX_OVERRIDES];
	size_t n_overrides;
};

struct mutants {
	struct arena *arena;
	const struct model *model;
	const struct tree *root;
	struct mutant *items;
	size_t n, capacity;
	bool failed; /* memory was short */
};

/* A mutant that gives `path` the value `to`; NULL takes it away. All texts are copied. *ret, for further overrides, is
 * NULL where memory was short. */
struct mutant *mutants_add(struct mutants *mutants, const char *path, const char *from, const char *to);
/* One override more, copied. `mutant` may be NULL. */
void mutant_also(struct mutants *mutants, struct mutant *mutant, const char *path, const char *value);
/* Formats a path or a value; NULL, and the list has failed, where memory is short. */
const char *mutants_text(struct mutants *mutants, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* All mutants, in the order of the settings. 0 or -ENOMEM; `tree` is the file's, with what was set. */
int mutants_find(struct arena *arena, const struct model *model, const struct tree *tree, struct mutants *ret);

/* mutants_settings.c: what a setting can be besides, by its key's mutation. */
void mutants_of_setting(struct mutants *mutants, const struct scenario_setting *setting);
void mutants_of_profiles(struct mutants *mutants);
void mutants_of_workers(struct mutants *mutants);
void mutants_of_peers(struct mutants *mutants);
/* mutants_rules.c */
void mutants_of_rules(struct mutants *mutants);
void mutants_of_routes(struct mutants *mutants);
void mutants_of_events(struct mutants *mutants);
/* mutants_balancers.c */
void mutants_of_balancers(struct mutants *mutants);
#endif
