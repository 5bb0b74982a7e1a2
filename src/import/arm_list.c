/* Functions of templates about lists and objects. */
#include "import/arm.h"
#include <stdlib.h>
#include <string.h>

static bool is_container(const struct js *value)
{
	return value->kind == JS_ARRAY || value->kind == JS_OBJECT;
}

/* Unknown arguments are items like others. */
static struct js *fn_create_array(struct eval *eval, const struct call *call)
{
	struct js *list = arm_empty(eval, JS_ARRAY);
	for (size_t i = 0; i < call->n; i++)
		js_put(eval->arm->store, list, NULL, call->args[i]);
	return list;
}

static struct js *fn_create_object(struct eval *eval, const struct call *call)
{
	struct js *object = arm_empty(eval, JS_OBJECT);
	for (size_t i = 0; i + 1 < call->n; i += 2)
		js_put(eval->arm->store, object, arm_text(call, i), call->args[i + 1]);
	return object;
}

static struct js *fn_array(struct eval *eval, const struct call *call)
{
	if (call->args[0]->kind == JS_ARRAY)
		return call->args[0];
	return fn_create_array(eval, call);
}

static struct js *fn_length(struct eval *eval, const struct call *call)
{
	const struct js *value = call->args[0];
	if (is_container(value) && !value->why)
		return js_number(eval->arm->store, (int64_t)value->n, eval->at);
	if (is_container(value))
		return js_unknown(eval->arm->store, value->why, eval->at);
	return js_number(eval->arm->store, (int64_t)strlen(arm_text(call, 0)), eval->at);
}

static struct js *fn_empty(struct eval *eval, const struct call *call)
{
	const struct js *value = call->args[0];
	bool empty = value->kind == JS_NULL || (is_container(value) ? value->n == 0 : *arm_text(call, 0) == '\0');
	return js_bool(eval->arm->store, empty, eval->at);
}

static struct js *end_of(struct eval *eval, struct js *value, bool last)
{
	if (value->kind == JS_ARRAY)
		return value->n == 0 ? arm_empty(eval, JS_NULL) : last ? value->last : value->first;
	const char *text = js_string(value) ? js_string(value) : "";
	size_t n = strlen(text);
	return js_text(eval->arm->store, n == 0 ? "" : store_text(eval->arm->store, last ? text + n - 1 : text, 1),
		       eval->at);
}

static struct js *fn_first(struct eval *eval, const struct call *call)
{
	return end_of(eval, call->args[0], false);
}

static struct js *fn_last(struct eval *eval, const struct call *call)
{
	return end_of(eval, call->args[0], true);
}

static struct js *part(struct eval *eval, const struct call *call, bool skip)
{
	int64_t n = arm_number(call, 1), index = 0;
	if (call->args[0]->kind == JS_STRING) {
		const char *text = arm_text(call, 0);
		int64_t length = (int64_t)strlen(text), cut = n < 0 ? 0 : n > length ? length : n;
		return js_text(eval->arm->store, skip ? text + cut : store_text(eval->arm->store, text, (size_t)cut),
			       eval->at);
	}
	struct js *list = arm_empty(eval, JS_ARRAY);
	if (call->args[0]->kind != JS_ARRAY)
		return list;
	for (struct js *item = call->args[0]->first; item && store_step(eval->arm->store); item = item->next, index++)
		if (skip ? index >= n : index < n)
			js_put(eval->arm->store, list, NULL, item);
	return list;
}

static struct js *fn_take(struct eval *eval, const struct call *call)
{
	return part(eval, call, false);
}

static struct js *fn_skip(struct eval *eval, const struct call *call)
{
	return part(eval, call, true);
}

static struct js *fn_range(struct eval *eval, const struct call *call)
{
	int64_t first = arm_number(call, 0), n = arm_number(call, 1);
	struct js *list = arm_empty(eval, JS_ARRAY);
	if (n < 0 || n > ARM_MAX_RANGE || first > INT64_MAX - n)
		return arm_unknown(eval, "range: Azure takes 0 to 10000 items");
	for (int64_t i = 0; i < n; i++)
		js_put(eval->arm->store, list, NULL, js_number(eval->arm->store, first + i, eval->at));
	return list;
}

static bool list_has(const struct js *list, const struct js *item)
{
	for (const struct js *at = list->first; at; at = at->next)
		if (js_equal(at, item))
			return true;
	return false;
}

static struct js *fn_contains(struct eval *eval, const struct call *call)
{
	const struct js *where = call->args[0], *what = call->args[1];
	bool found;
	if (where->kind == JS_ARRAY)
		found = list_has(where, what);
	else if (where->kind == JS_OBJECT)
		found = js_get(where, arm_text(call, 1));
	else
		found = strstr(arm_text(call, 0), arm_text(call, 1));
	if (!found && is_container(where) && where->why)
		return js_unknown(eval->arm->store, where->why, eval->at);
	return js_bool(eval->arm->store, found, eval->at);
}

static void merge(struct eval *eval, struct js *into, struct js *from, bool deep)
{
	for (struct js *child = from->first; child && store_step(eval->arm->store); child = child->next) {
		struct js *there = js_get(into, child->key);
		if (deep && there && there->kind == JS_OBJECT && child->kind == JS_OBJECT) {
			merge(eval, there, child, true);
			continue;
		}
		if (there)
			js_remove(there);
		js_put(eval->arm->store, into, child->key, child);
	}
}

static struct js *fn_union(struct eval *eval, const struct call *call)
{
	struct js *result = arm_empty(eval, call->args[0]->kind == JS_OBJECT ? JS_OBJECT : JS_ARRAY);
	for (size_t i = 0; i < call->n; i++) {
		if (call->args[i]->kind == JS_UNKNOWN)
			return call->args[i];
		if (result->kind == JS_OBJECT && call->args[i]->kind == JS_OBJECT) {
			merge(eval, result, call->args[i], true);
			continue;
		}
		for (struct js *item = call->args[i]->first; item && store_step(eval->arm->store); item = item->next)
			if (!list_has(result, item))
				js_put(eval->arm->store, result, NULL, item);
	}
	return result;
}

static struct js *fn_shallow_merge(struct eval *eval, const struct call *call)
{
	struct js *result = arm_empty(eval, JS_OBJECT);
	for (struct js *item = call->args[0]->first; item; item = item->next)
		if (item->kind == JS_OBJECT)
			merge(eval, result, item, false);
	return result;
}

static struct js *fn_intersection(struct eval *eval, const struct call *call)
{
	struct js *result = arm_empty(eval, call->args[0]->kind == JS_OBJECT ? JS_OBJECT : JS_ARRAY);
	for (struct js *item = call->args[0]->first; item && store_step(eval->arm->store); item = item->next) {
		bool everywhere = true;
		for (size_t i = 1; i < call->n && everywhere; i++) {
			const struct js *there = result->kind == JS_OBJECT ? js_get(call->args[i], item->key) : NULL;
			everywhere = result->kind == JS_OBJECT ? there && js_equal(there, item)
							       : list_has(call->args[i], item);
		}
		if (everywhere)
			js_put(eval->arm->store, result, item->key, item);
	}
	return result;
}

static int by_key(const void *a, const void *b)
{
	const struct js *const *x = a, *const *y = b;
	const char *p = (*x)->key ? (*x)->key : "", *q = (*y)->key ? (*y)->key : "";
	int order = strcasecmp(p, q);
	return order ? order : strcmp(p, q);
}

/* In the order of their keys, as Azure gives them. */
static struct js *fn_items(struct eval *eval, const struct call *call)
{
	struct js *list = arm_empty(eval, JS_ARRAY);
	size_t n = 0;
	struct js **children = store_array(eval->arm->store, call->args[0]->n, sizeof(struct js *));
	for (struct js *child = children ? call->args[0]->first : NULL; child; child = child->next)
		children[n++] = child;
	if (n > 1)
		qsort((void *)children, n, sizeof *children, by_key);
	for (size_t i = 0; i < n && store_step(eval->arm->store); i++) {
		struct js *child = children[i], *item = arm_empty(eval, JS_OBJECT);
		js_put(eval->arm->store, item, "key",
		       js_text(eval->arm->store, child->key ? child->key : "", eval->at));
		js_put(eval->arm->store, item, "value", child);
		js_put(eval->arm->store, list, NULL, item);
	}
	return list;
}

static struct js *fn_object_keys(struct eval *eval, const struct call *call)
{
	struct js *list = arm_empty(eval, JS_ARRAY);
	for (struct js *child = call->args[0]->first; child && store_step(eval->arm->store); child = child->next)
		js_put(eval->arm->store, list, NULL, js_text(eval->arm->store, child->key ? child->key : "", eval->at));
	return list;
}

static struct js *fn_flatten(struct eval *eval, const struct call *call)
{
	struct js *list = arm_empty(eval, JS_ARRAY);
	for (struct js *inner = call->args[0]->first; inner; inner = inner->next) {
		if (inner->kind != JS_ARRAY) {
			js_put(eval->arm->store, list, NULL, inner);
			continue;
		}
		for (struct js *item = inner->first; item && store_step(eval->arm->store); item = item->next)
			js_put(eval->arm->store, list, NULL, item);
	}
	return list;
}

static struct js *fn_try_get(struct eval *eval, const struct call *call)
{
	struct js *at = call->args[0];
	for (size_t i = 1; at && i < call->n; i++)
		at = call->args[i]->kind == JS_NUMBER ? js_nth(at, (size_t)call->args[i]->number)
						      : js_get(at, arm_text(call, i));
	return at ? at : arm_empty(eval, JS_NULL);
}

static struct js *fn_index_from_end(struct eval *eval, const struct call *call)
{
	int64_t index = (int64_t)call->args[0]->n - arm_number(call, 1);
	struct js *found = index >= 0 ? js_nth(call->args[0], (size_t)index) : NULL;
	return found ? found : arm_empty(eval, JS_NULL);
}

const struct arm_function *arm_functions_list(size_t *ret_n)
{
	static const struct arm_function table[] = {
		{"createArray", 0, 1000, fn_create_array, false, true},
		{"createObject", 0, 1000, fn_create_object, false, true},
		{"array", 1, 1, fn_array, false, true},
		{"length", 1, 1, fn_length, false, false},
		{"empty", 1, 1, fn_empty, false, false},
		{"first", 1, 1, fn_first, false, false},
		{"last", 1, 1, fn_last, false, false},
		{"take", 2, 2, fn_take, false, false},
		{"skip", 2, 2, fn_skip, false, false},
		{"range", 2, 2, fn_range, false, false},
		{"contains", 2, 2, fn_contains, false, false},
		{"union", 1, 1000, fn_union, false, true},
		{"shallowMerge", 1, 1, fn_shallow_merge, false, false},
		{"intersection", 2, 1000, fn_intersection, false, false},
		{"items", 1, 1, fn_items, false, false},
		{"objectKeys", 1, 1, fn_object_keys, false, false},
		{"flatten", 1, 1, fn_flatten, false, false},
		{"tryGet", 2, 1000, fn_try_get, false, false},
		{"indexFromEnd", 2, 2, fn_index_from_end, false, false},
		{"tryIndexFromEnd", 2, 2, fn_index_from_end, false, false},
	};
	*ret_n = sizeof table / sizeof *table;
	return table;
}
