/* The memory of an import, and the making of values in it. */
#include "import/store.h"
#include <string.h>

static bool take(struct store *store, uint64_t bytes)
{
	store->used_bytes += bytes;
	if (store->used_bytes > STORE_MAX_BYTES)
		store->exhausted = true;
	return !store->exhausted && !store->failed;
}

void *store_array(struct store *store, size_t n, size_t item_bytes)
{
	if (item_bytes != 0 && n > STORE_MAX_BYTES / item_bytes) {
		store->exhausted = true;
		return NULL;
	}
	if (!take(store, (uint64_t)n * item_bytes))
		return NULL;
	void *items = arena_array(store->arena, n ? n : 1, item_bytes);
	store->failed = store->failed || !items;
	return items;
}

const char *store_text(struct store *store, const char *text, size_t bytes)
{
	if (!take(store, bytes + 1))
		return "";
	const char *copy = arena_strndup(store->arena, text, bytes);
	store->failed = store->failed || !copy;
	return copy ? copy : "";
}

const char *store_printf(struct store *store, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = take(store, 64) ? arena_vprintf(store->arena, format, args) : "";
	va_end(args);
	store->failed = store->failed || !text;
	if (!text)
		return "";
	(void)take(store, strlen(text));
	return text;
}

const char *store_lower(struct store *store, const char *text)
{
	size_t n = strlen(text);
	char *copy = store_array(store, n + 1, 1);
	if (!copy)
		return "";
	for (size_t i = 0; i < n; i++)
		copy[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
	return copy;
}

bool store_step(struct store *store)
{
	if (++store->steps > STORE_MAX_STEPS)
		store->exhausted = true;
	return !store->exhausted && !store->failed;
}

bool store_grow(struct store *store, void **items, size_t n, size_t item_bytes)
{
	if (n > 0 && (n & (n - 1)) != 0)
		return true;
	void *larger = store_array(store, n ? n * 2 : 1, item_bytes);
	if (!larger)
		return false;
	if (n)
		memcpy(larger, *items, n * item_bytes);
	*items = larger;
	return true;
}

bool store_push(struct store *store, void ***items, size_t *n, void *item)
{
	void *array = *items;
	if (!store_grow(store, &array, *n, sizeof item))
		return false;
	*items = array;
	(*items)[(*n)++] = item;
	return true;
}

/* ---- values ---- */

struct js *js_make(struct store *store, enum js_kind kind, const struct js *from)
{
	struct js *node = store_array(store, 1, sizeof *node);
	if (!node) {
		store->spare = (struct js){.kind = JS_NULL, .text = ""};
		return &store->spare;
	}
	node->kind = kind;
	node->text = "";
	if (from) {
		node->file = from->file;
		node->line = from->line;
		node->column = from->column;
		node->origin = js_origin(from);
	}
	return node;
}

struct js *js_text(struct store *store, const char *text, const struct js *from)
{
	struct js *node = js_make(store, JS_STRING, from);
	node->text = text;
	return node;
}

struct js *js_number(struct store *store, int64_t number, const struct js *from)
{
	struct js *node = js_make(store, JS_NUMBER, from);
	node->number = number;
	node->text = store_printf(store, "%lld", (long long)number);
	return node;
}

struct js *js_bool(struct store *store, bool truth, const struct js *from)
{
	struct js *node = js_make(store, JS_BOOL, from);
	node->truth = truth;
	node->text = truth ? "true" : "false";
	return node;
}

struct js *js_unknown(struct store *store, const char *why, const struct js *from)
{
	struct js *node = js_make(store, JS_UNKNOWN, from);
	node->why = why;
	return node;
}

struct js *js_stand_in(struct store *store, const char *text, const char *why, const struct js *from)
{
	struct js *node = js_text(store, text, from);
	node->why = why;
	return node;
}

/* Depth is that of the documents it is made of, which the reader bounds. */
struct js *js_copy(struct store *store, const struct js *node)
{
	struct js *copy = js_make(store, node->kind, node);
	if (copy == &store->spare || !store_step(store))
		return copy;
	copy->text = node->text;
	copy->number = node->number;
	copy->truth = node->truth;
	copy->why = node->why;
	for (const struct js *child = node->first; child && !store->exhausted && !store->failed; child = child->next)
		js_add(copy, child->key, js_copy(store, child));
	return copy;
}

void js_add(struct js *parent, const char *key, struct js *child)
{
	child->key = key;
	child->parent = parent;
	child->next = NULL;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	child->index = (uint32_t)parent->n++;
}

void js_put(struct store *store, struct js *parent, const char *key, struct js *child)
{
	if (child == &store->spare || parent == &store->spare)
		return;
	js_add(parent, key, child->parent ? js_copy(store, child) : child);
}

void js_remove(struct js *child)
{
	struct js *parent = child->parent, *before = NULL;
	if (!parent)
		return;
	for (struct js *at = parent->first; at && at != child; at = at->next)
		before = at;
	if (before)
		before->next = child->next;
	else
		parent->first = child->next;
	if (parent->last == child)
		parent->last = before;
	parent->n--;
	child->parent = child->next = NULL;
}
