/* The scenario that an import makes, before it is text: maps, lists and scalars, with the comments of each, and where in
 * the inputs each came from. What the loader refuses can be dropped again, by its place in the text. */
#ifndef PKTPATH_IMPORT_DOC_H
#define PKTPATH_IMPORT_DOC_H
#include "base/buf.h"
#include "import/js.h"
#include "import/store.h"

enum doc_kind { DOC_MAP, DOC_LIST, DOC_SCALAR };

struct doc {
	enum doc_kind kind;
	bool flow; /* on one line */
	bool dropped;
	bool plain;          /* a scalar that was printed without quotes */
	const char *key;     /* in a map */
	const char *text;    /* of a scalar, without quotes */
	const char *comment; /* at the end of its line; NULL */
	const char *lead;    /* lines of comment above it, each ended by a newline; NULL */
	const char *what;    /* what to call it where it has to be dropped; NULL: it goes with what holds it */
	const struct js *from;
	uint32_t line, column, end_line, end_column;       /* as printed */
	struct doc *parent, *first, *last, *next, *sought; /* sought: the child that doc_at() found last */
};

struct doc *doc_root(struct store *store);
/* At the end of `parent`; key NULL in lists. Never NULL. */
struct doc *doc_map(struct store *store, struct doc *parent, const char *key, bool flow);
struct doc *doc_list(struct store *store, struct doc *parent, const char *key, bool flow);
struct doc *doc_scalar(struct store *store, struct doc *parent, const char *key, const char *text);
struct doc *doc_get(const struct doc *map, const char *key);
bool doc_is_empty(const struct doc *doc); /* nothing in it, or all of it dropped */
/* YAML, block style but where `flow`; empty containers of the root's sections are left out. */
void doc_print(struct doc *root, struct buf *out);
/* The innermost droppable node at this place; NULL. */
struct doc *doc_at(struct doc *root, uint32_t line, uint32_t column);
#endif
