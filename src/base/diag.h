/* The list of what is wrong with a user's input: never a return value, never printed here, all of it in one run. */
#ifndef PKTPATH_BASE_DIAG_H
#define PKTPATH_BASE_DIAG_H
#include "base/place.h"
#include <stdbool.h>
#include <stddef.h>

enum diag_severity { DIAG_ERROR, DIAG_WARNING };

struct diag {
	enum diag_severity severity;
	struct place place;
	const char *message; /* one sentence without a full stop */
	const char *hint;    /* the way out; NULL where there is none */
	const char *excerpt; /* the line and a caret below it, each ended by a newline; NULL where there is none */
};

struct arena;
struct diag_list {
	struct arena *arena; /* owns all texts; lent by the caller, may be shared */
	struct diag *items;
	size_t n;
	size_t capacity;
	size_t n_errors;
	bool failed; /* memory was short: the list is not whole */
	bool bare;   /* set by the caller: what is wrong and where is enough, without ways out and excerpts */
};

void diag_init(struct diag_list *list, struct arena *arena);
void diag_deinit(struct diag_list *list);
/* hint may be NULL. The excerpt is added by diag_add_excerpts(). Returns the item, NULL where memory was short. */
struct diag *diag_error(struct diag_list *list, struct place place, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
struct diag *diag_warning(struct diag_list *list, struct place place, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Whether a search among all names for a way out is worth its time: not where only the messages are read, and not after
 * the first errors of a file with very many, as such a search takes as long as the file has names. */
bool diag_may_search(const struct diag_list *list);
/* Draws the excerpts of items from the texts of their files, and sorts the items by place (stable): what stands in no
 * file, then file after file. */
void diag_add_excerpts(struct diag_list *list, const struct source *sources, size_t n);
/* Where `other` is, in a message about `place`: "line 12", or "base.yaml:12" where that is another file. NULL where
 * memory is short. */
const char *diag_where(struct arena *arena, struct place place, struct place other);
#endif
