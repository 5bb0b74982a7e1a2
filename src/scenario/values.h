/* A scenario as it was loaded: every value that the model has, by the table of keys and in its order. */
#ifndef PKTPATH_SCENARIO_VALUES_H
#define PKTPATH_SCENARIO_VALUES_H
#include "base/buf.h"
#include "model/model.h"
#include "scenario/keys.h"
#include "scenario/tree.h"

struct resolved {
	const char *name;      /* NULL in a list */
	const struct key *key; /* NULL of what has a name of the file's, and of items */
	enum tree_kind kind;
	const char *text;           /* of a scalar */
	bool is_quoted;             /* wherever it stands in a list */
	const struct tree *written; /* its value is not in the model: what the file has */
	bool is_no_setting;         /* reports have it elsewhere, or the file alone has it */
	bool is_implied;            /* to write it would change something, or is wrong */
	struct resolved *first, *last, *next;
};

/* `tree`: the file, with what was joined and set. NULL where memory is short. */
struct resolved *values_resolve(struct arena *arena, const struct model *model, const struct tree *tree);
/* A value in one line, as `--set` takes it. */
void values_print(struct buf *out, const struct resolved *value);

/* Every setting: path and value. */
struct scenario_setting {
	const char *path, *value;
	const struct key *key;
};
/* NULL where memory is short. */
const struct scenario_setting *scenario_settings(struct arena *arena, const struct model *model, size_t *ret_n);
/* The whole scenario as text: what loads equal, with every value that was loaded. NULL where memory is short. */
const char *scenario_print(struct arena *arena, const struct model *model, const struct tree *tree, size_t *ret_bytes);
#endif
