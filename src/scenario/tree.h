/* A YAML document as a tree of our own: every node with its place, and nothing that a scenario has no use for (anchors,
 * tags, a second document). */
#ifndef PKTPATH_SCENARIO_TREE_H
#define PKTPATH_SCENARIO_TREE_H
#include "base/arena.h"
#include "base/diag.h"
#include <stdbool.h>

enum tree_kind { TREE_SCALAR, TREE_MAP, TREE_LIST };

struct tree {
	enum tree_kind kind;
	struct place place; /* of a scalar; of a container its key, or its first scalar */
	const char *text;   /* of a scalar */
	bool quoted;
	/* A key is unknown here, or does not go with the others: what is missing may be what it means, and is no second
	 * error. */
	bool has_wrong_key;
	bool is_guessed; /* the key is what an unknown one may mean */
	const char *key; /* in a map */
	struct place key_place;
	struct tree *parent;
	struct tree *first, *last, *next;
	size_t n;             /* children */
	struct tree **sorted; /* children by key, of a map that is whole; NULL where it is not, or is small */
};

/* 0 or -ENOMEM. *ret is NULL where the text is no tree (diags say why) or is empty. A tree may have errors in diags,
 * too (a duplicate key, of which the first counts). */
int tree_read(struct arena *arena, const char *file, const char *text, size_t text_bytes, struct diag_list *diags,
	      struct tree **ret);
struct tree *tree_get(const struct tree *map,
		      const char *key);     /* NULL where there is none, or `map` is no map (or NULL) */
bool tree_is_null(const struct tree *tree); /* absent, empty or ~ */
/* A new node at the end of `parent`; key NULL in lists. NULL where memory is short. */
struct tree *tree_add(struct arena *arena, struct tree *parent, enum tree_kind kind, const char *key,
		      struct place place);
/* Takes `child` out of where it was (which is not looked at any more) and puts it at the end of `parent`. */
void tree_move(struct tree *parent, struct tree *child);
/* `node` takes over what `value` is, and stays where it stands: its key and its place in a list are its own. */
void tree_become(struct tree *node, const struct tree *value);
/* A copy with all that is below it, with the places of the original. NULL where memory is short. */
struct tree *tree_copy(struct arena *arena, const struct tree *tree);
/* Of a path of keys divided by dots: the bytes of the key that comes first, where a key may hold dots itself (names do).
 * That is the longest key of `node` that the path begins with; where it has none, what stands before the first dot. */
size_t tree_part(const struct tree *node, const char *path);
/* After the last tree_add(): makes tree_get() quick where the map is large. 0 or -ENOMEM. */
int tree_sort(struct arena *arena, struct tree *map);
/* Children of the child with this key; where there is none, the most that one has which a misspelt key may turn into it. */
size_t tree_count(const struct tree *node, const char *key);
#endif
