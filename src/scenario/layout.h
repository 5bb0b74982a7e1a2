/* A YAML file in the house style: its own tokens, its comments, another layout. */
#ifndef PKTPATH_SCENARIO_LAYOUT_H
#define PKTPATH_SCENARIO_LAYOUT_H
#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include <stdbool.h>

struct slice {
	const char *at;
	size_t n;
};

struct comment {
	struct comment *next;
	struct slice text; /* with its `#` */
	uint32_t column;   /* from 0 */
	bool blank_before; /* an empty line stands above it */
};
struct comments {
	struct comment *first, *last;
};

enum layout_kind { LAYOUT_SCALAR, LAYOUT_ALIAS, LAYOUT_MAP, LAYOUT_LIST };

struct layout_node {
	enum layout_kind kind;
	struct slice anchor, tag; /* with their marks; empty where there are none */
	struct slice text;        /* of a scalar with its quotes, of an alias with its mark; empty: no value at all */
	struct slice header;      /* of a block scalar: "|-" and what follows in its line; empty: it is none */
	uint32_t text_column;     /* of a block scalar: its lines are indented by so much */
	bool is_flow;             /* a container in brackets */
	bool is_bare;             /* a map of one pair in a list, without braces */
	bool closes_on_line;      /* its closing bracket begins a line */
	struct layout_entry *first, *last;
	struct comments end;          /* below its last entry */
	struct comment *open_comment; /* behind its opening bracket */
	struct comment *comment;      /* behind it, in the same line; NULL */
	uint32_t column;              /* of its first token */
};

struct layout_entry {
	struct layout_entry *next;
	struct layout_node *key; /* NULL in a list */
	bool has_colon;          /* `{a, b: c}`: a key may stand alone in braces */
	struct layout_node *value;
	struct comments above;
	bool blank_before, begins_line;
};

struct layout {
	struct comments above; /* the document's beginning, where that is marked by `---` */
	bool has_start;
	struct comment *start_comment; /* behind the mark */
	struct comments above_root;    /* where it is no block */
	struct layout_node *root;      /* NULL: there are comments alone */
	struct comments below;
};

/* layout_read.c: 0, 1 where it is no YAML that can be laid out, which diags say, or -ENOMEM. */
int layout_read(struct arena *arena, const struct source *source, struct diag_list *diags, struct layout **ret);
/* layout_same.c: 0 where two texts are the same YAML: the same nodes, texts, styles, anchors and tags; 1 where they
 * differ; -ENOMEM. */
int layout_same(const struct source *a, const struct source *b);
/* layout_print.c: 0 or -ENOMEM. */
int layout_print(struct arena *arena, const struct layout *layout, struct buf *out);

/* The text of a file in the house style; the file's ends with NUL. 0 with *ret; 1 where it is no YAML, which diags say; -ENOMEM. */
int scenario_format(struct arena *arena, const struct source *source, struct diag_list *diags, struct source *ret);
#endif
