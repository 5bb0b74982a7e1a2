/* Asking values: by key, by path, for their text, and where they stand. */
#include "import/js.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct js *js_origin(const struct js *node)
{
	return node->origin ? node->origin : node;
}

struct place js_place(const struct js *node)
{
	return node ? (struct place){node->file, node->line, node->column} : PLACE_NONE;
}

bool text_same(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

bool text_begins(const char *text, const char *head)
{
	return strncasecmp(text, head, strlen(head)) == 0;
}

bool text_ends(const char *text, const char *tail)
{
	size_t n = strlen(text), m = strlen(tail);
	return n >= m && strcasecmp(text + n - m, tail) == 0;
}

bool text_holds(const char *text, const char *part)
{
	return strcasestr(text, part);
}

struct js *js_get(const struct js *object, const char *key)
{
	if (!object || object->kind != JS_OBJECT)
		return NULL;
	for (struct js *child = object->first; child; child = child->next)
		if (text_same(child->key, key))
			return child;
	return NULL;
}

struct js *js_at(const struct js *object, const char *path)
{
	char key[128];
	struct js *at = NULL;
	while (object && *path) {
		size_t n = strcspn(path, ".");
		if (n >= sizeof key)
			return NULL;
		memcpy(key, path, n);
		key[n] = '\0';
		object = at = js_get(object, key);
		path += n + (path[n] == '.');
	}
	return at;
}

struct js *js_nth(const struct js *array, size_t index)
{
	if (!array || array->kind != JS_ARRAY)
		return NULL;
	struct js *child = array->first;
	for (; child && index > 0; index--)
		child = child->next;
	return child;
}

bool js_is_text(const struct js *node)
{
	return node && node->kind == JS_STRING;
}

bool js_is_unknown(const struct js *node)
{
	return node && (node->kind == JS_UNKNOWN || (node->kind == JS_STRING && node->why));
}

const char *js_string(const struct js *node)
{
	if (!node || (node->kind != JS_STRING && node->kind != JS_NUMBER && node->kind != JS_BOOL))
		return NULL;
	return node->text;
}

bool js_is_true(const struct js *node)
{
	return node &&
	       ((node->kind == JS_BOOL && node->truth) || (node->kind == JS_STRING && text_same(node->text, "true")));
}

static bool children_equal(const struct js *a, const struct js *b)
{
	const struct js *other = b->first;
	for (const struct js *child = a->first; child; child = child->next) {
		if (a->kind == JS_OBJECT)
			other = js_get(b, child->key);
		if (!other || !js_equal(child, other))
			return false;
		if (a->kind == JS_ARRAY)
			other = other->next;
	}
	return true;
}

bool js_equal(const struct js *a, const struct js *b)
{
	if (a->kind != b->kind || a->n != b->n)
		return false;
	switch (a->kind) {
	case JS_NULL:
		return true;
	case JS_BOOL:
		return a->truth == b->truth;
	case JS_NUMBER:
	case JS_STRING:
		return strcmp(a->text, b->text) == 0;
	case JS_UNKNOWN:
		return false;
	case JS_ARRAY:
	case JS_OBJECT:
		return children_equal(a, b);
	}
	return false;
}

/* ---- where it stands ---- */

static size_t put(char *out, size_t size, size_t at, const char *text)
{
	for (; *text && at + 2 < size; text++) {
		if (*text == '~' || *text == '/') {
			out[at++] = '~';
			out[at++] = *text == '~' ? '0' : '1';
		} else {
			out[at++] = *text;
		}
	}
	return at;
}

char *js_pointer(const struct js *node, char *out, size_t size)
{
	const struct js *way[JS_MAX_DEPTH + 2];
	size_t n = 0, at = 0;
	for (node = js_origin(node); node->parent && n < sizeof way / sizeof *way; node = node->parent)
		way[n++] = node;
	while (n-- > 0) {
		char number[24];
		if (at + 2 < size)
			out[at++] = '/';
		if (way[n]->parent->kind == JS_OBJECT) {
			at = put(out, size, at, way[n]->key);
			continue;
		}
		(void)snprintf(number, sizeof number, "%u", way[n]->index);
		at = put(out, size, at, number);
	}
	out[at] = '\0';
	return out;
}
