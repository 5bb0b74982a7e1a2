/* Memory of one import: an arena with a bound, whose failure is sticky. Callers get something valid in any case and look
 * at `failed` and `exhausted` once, at the end, so that the walks over other people's documents stay readable. */
#ifndef PKTPATH_IMPORT_STORE_H
#define PKTPATH_IMPORT_STORE_H
#include "base/arena.h"
#include "import/js.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_MAX_BYTES (UINT64_C(768) << 20)
#define STORE_MAX_STEPS UINT64_C(20000000) /* of evaluation: far more than any real template takes */
#define STORE_MAX_TEXT (1u << 20)          /* bytes of one text that an expression makes */

struct store {
	struct arena *arena;
	uint64_t used_bytes, steps;
	bool failed;    /* memory was short */
	bool exhausted; /* the input asked for more than the bounds above */
	struct js spare;
};

/* NULL where it failed: for arrays alone. */
void *store_array(struct store *store, size_t n, size_t item_bytes);
/* Never NULL; "" where it failed. */
const char *store_printf(struct store *store, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *store_text(struct store *store, const char *text, size_t bytes);
const char *store_lower(struct store *store, const char *text);
/* Counts a step of work; false where there were too many. */
bool store_step(struct store *store);
/* Grows an array by one: doubles `*items` where n is a power of two (or 0). False where it failed. */
bool store_grow(struct store *store, void **items, size_t n, size_t item_bytes);
/* Appends to a list of pointers. */
bool store_push(struct store *store, void ***items, size_t *n, void *item);

/* A node of this kind, with the place and the origin of `from` (NULL: of none). Never NULL. */
struct js *js_make(struct store *store, enum js_kind kind, const struct js *from);
struct js *js_text(struct store *store, const char *text, const struct js *from);
struct js *js_number(struct store *store, int64_t number, const struct js *from);
struct js *js_bool(struct store *store, bool truth, const struct js *from);
/* A value that is not known, and why. */
struct js *js_unknown(struct store *store, const char *why, const struct js *from);
/* A text that is not known, with another in its place. */
struct js *js_stand_in(struct store *store, const char *text, const char *why, const struct js *from);
/* A deep copy; places and origins are kept. */
struct js *js_copy(struct store *store, const struct js *node);
/* Hangs `child`, which hangs nowhere, at the end of `parent`. */
void js_add(struct js *parent, const char *key, struct js *child);
/* The same for a node that may hang elsewhere: a copy is made then. */
void js_put(struct store *store, struct js *parent, const char *key, struct js *child);
void js_remove(struct js *child);
#endif
