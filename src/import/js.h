/* JSON as it is found, as a tree in which each value has its place. Comments, trailing commas and texts over several
 * lines are accepted, since Azure's own tools accept them. The same nodes serve for what expressions evaluate to: such a
 * value may be unknown, and its origin says where in a file it came from. */
#ifndef PKTPATH_IMPORT_JS_H
#define PKTPATH_IMPORT_JS_H
#include "base/diag.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JS_MAX_BYTES (32u << 20)
#define JS_MAX_DEPTH 128u
#define JS_MAX_NODES 2000000u

enum js_kind { JS_NULL, JS_BOOL, JS_NUMBER, JS_STRING, JS_ARRAY, JS_OBJECT, JS_UNKNOWN };

/* Before the key of an attribute of Terraform that says nothing of its own. */
#define JS_TERRAFORM "terraform:"
/* The text that stands in for the inside address of a resource, which Azure allots; the resource's id follows. */
#define JS_ADDRESS_OF "address-of:"

/* What became of a value; of the leaves of a resource this is asked at the end. */
enum js_mark {
	MARK_NONE,  /* not looked at */
	MARK_USED,  /* it is in the scenario, or decided what is */
	MARK_NOTED, /* NOT MODELLED says so */
	MARK_INERT, /* no influence on packets */
	MARK_COUNT
};

struct js {
	enum js_kind kind;
	enum js_mark mark;
	bool truth;
	uint32_t index; /* in its array */
	const char *file;
	uint32_t line, column;
	const char *key;         /* in an object */
	const char *text;        /* of a string; a number's and a truth's spelling; "" else */
	int64_t number;          /* of a number: its whole part */
	const char *why;         /* of an unknown value, and of a text that stands in for one: the reason; else NULL */
	const struct js *origin; /* the value of a file that this one was made of; NULL: it is of a file itself, or of
				      none */
	struct js *parent, *first, *last, *next;
	size_t n; /* children */
};

/* Everything under `array` as items; a lone value counts as a list of one. */
#define each_item(item, array)                                                                                         \
	for (struct js *item = (array) && (array)->kind == JS_ARRAY ? (array)->first : (array); item;                  \
	     item = (array)->kind == JS_ARRAY ? item->next : NULL)

struct store;
/* 0 or -ENOMEM. *ret is NULL where the text is no JSON: diags say why, with a place. `file` lives as long as the
 * store. */
int js_read(struct store *store, const char *file, const char *text, size_t text_bytes, struct diag_list *diags,
	    struct js **ret);

/* The same of documents one after the other, as logs have them: a list of them. */
int js_read_documents(struct store *store, const char *file, const char *text, size_t text_bytes,
		      struct diag_list *diags, struct js **ret);

const struct js *js_origin(const struct js *node);
struct place js_place(const struct js *node); /* NULL: no place */
/* The member of an object, letters of either case; NULL where there is none, or `object` is none (or NULL). */
struct js *js_get(const struct js *object, const char *key);
/* Members of members: "a.b.c". */
struct js *js_at(const struct js *object, const char *path);
struct js *js_nth(const struct js *array, size_t index);
bool js_is_text(const struct js *node); /* a string that is known, or stands in for one that is not */
bool js_is_unknown(const struct js *node);
/* The text of a string, or of a number or a truth; NULL of anything else. */
const char *js_string(const struct js *node);
bool js_is_true(const struct js *node); /* true, or the text "true" */
/* Keys of objects and texts of ids: letters of either case. */
bool text_same(const char *a, const char *b);
bool text_begins(const char *text, const char *head);
bool text_ends(const char *text, const char *tail);
bool text_holds(const char *text, const char *part);
/* Deep, keys in any order, letters of keys of either case. */
bool js_equal(const struct js *a, const struct js *b);
/* RFC 6901, of the value's origin: "/resources/0/properties". `out` gets at most `size` bytes with the NUL. */
char *js_pointer(const struct js *node, char *out, size_t size);
#define JS_POINTER_BYTES 512
#endif
