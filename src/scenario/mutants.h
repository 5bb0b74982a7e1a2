/* A list of mutants in the making: who finds one says what changes, and how. */
#ifndef PKTPATH_SCENARIO_MUTANTS_H
#define PKTPATH_SCENARIO_MUTANTS_H
#include "scenario/load.h"
#include "scenario/tree.h"
#include "scenario/values.h"

#define MUTANT_MAX_OVERRIDES 4u

struct mutant {
	const char *path, *from, *to;
	const struct key *key; /* NULL: of no single key */
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

/* mutants_settings.c: what a setting can be besides, by its key's mutation; of a setting in force, and of a key as it
 * stands in the file. */
void mutants_of_setting(struct mutants *mutants, const struct scenario_setting *setting);
void mutants_of_key(struct mutants *mutants, const struct scenario_setting *setting);
void mutants_of_fixed(struct mutants *mutants);
void mutants_of_profiles(struct mutants *mutants);
void mutants_of_workers(struct mutants *mutants);
void mutants_of_peers(struct mutants *mutants);
/* mutants_written.c */
struct item_at {          /* an item of a list of maps, as the file has it */
	const char *path; /* of its list */
	const struct tree *list, *item;
	size_t number;
};
const char *mutants_item_path(struct mutants *mutants, const struct item_at *at, const char *key);
/* With the item that is asked next, where that does something else. */
void mutants_swap_priorities(struct mutants *mutants, const struct item_at *at);
const char *mutants_text_of(const struct tree *map, const char *key, const char *fallback);
void mutants_of_written(struct mutants *mutants);
/* mutants_rules.c */
void mutants_of_rules(struct mutants *mutants);
void mutants_of_routes(struct mutants *mutants);
#endif
