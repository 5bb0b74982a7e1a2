/* The resources of an import: adding them, and finding them by what other resources say. Ids are compared without regard
 * to letters' case; a reference that names no subscription and group finds the only resource of that type and name. */
#include "base/buf.h"
#include "import/import.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *resource_id(struct import *import, const char *subscription, const char *group, const char *type,
			const char *name)
{
	struct buf buf = {0};
	if (group && *group)
		buf_printf(&buf, "/subscriptions/%s/resourceGroups/%s", subscription, group);
	else if (subscription)
		buf_printf(&buf, "/subscriptions/%s", subscription);
	size_t n = strcspn(type, "/");
	buf_printf(&buf, "/providers/%.*s", (int)n, type);
	type += n;
	while (*type == '/') {
		size_t type_bytes = strcspn(++type, "/"), name_bytes = strcspn(name, "/");
		buf_printf(&buf, "/%.*s/%.*s", (int)type_bytes, type, (int)name_bytes, name);
		type += type_bytes;
		name += name_bytes;
		name += *name == '/' && *type == '/';
	}
	if (buf_failed(&buf))
		import->store.failed = true;
	const char *id = store_text(&import->store, buf_text(&buf), buf.size_bytes);
	buf_free(&buf);
	return id;
}

static const char *tail_of(const char *key)
{
	const char *tail = NULL;
	for (const char *at = strstr(key, "/providers/"); at; at = strstr(at + 1, "/providers/"))
		tail = at + strlen("/providers/");
	return tail ? tail : key;
}

bool resource_is(const struct resource *resource, const char *type)
{
	static const char ours[] = "Microsoft.Network/";
	if (text_begins(type, "Microsoft."))
		return text_same(resource->type, type);
	return text_begins(resource->type, ours) && text_same(resource->type + strlen(ours), type);
}

struct resource *resource_find(const struct import *import, const char *id, const char *type)
{
	char key[1024];
	uint32_t number;
	size_t n = id ? strlen(id) : 0;
	if (n == 0 || n >= sizeof key)
		return NULL;
	for (size_t i = 0; i <= n; i++)
		key[i] = (char)(id[i] >= 'A' && id[i] <= 'Z' ? id[i] - 'A' + 'a' : id[i]);
	while (n > 1 && key[n - 1] == '/')
		key[--n] = '\0';
	if (names_find(&import->by_key, key, &number) ||
	    (names_find(&import->by_tail, tail_of(key), &number) && number != NAME_SEVERAL)) {
		struct resource *found = import->resources[number];
		return !type || resource_is(found, type) ? found : NULL;
	}
	if (strchr(id, '/') || !type)
		return NULL;
	struct resource *only = NULL;
	for (size_t i = 0; i < import->n_resources; i++) {
		struct resource *at = import->resources[i];
		if (!resource_is(at, type) || !text_same(at->name, id))
			continue;
		if (only)
			return NULL;
		only = at;
	}
	return only;
}

/* The bytes of a child's key that are its parent's: all but the last type and name. 0: it is no child. */
static size_t parent_bytes(const char *key)
{
	size_t n = strlen(key);
	for (unsigned part = 0; part < 2; part++) {
		while (n > 0 && key[n - 1] != '/')
			n--;
		n -= n > 0;
	}
	return n;
}

struct resource *resource_parent(struct import *import, const struct resource *resource)
{
	return resource_find(import, store_text(&import->store, resource->key, parent_bytes(resource->key)), NULL);
}

void resources_link(struct import *import)
{
	for (size_t i = 0; i < import->n_resources; i++) {
		struct resource *at = import->resources[i];
		uint32_t number;
		if (!names_find(&import->by_key, store_text(&import->store, at->key, parent_bytes(at->key)), &number))
			continue;
		struct resource *parent = import->resources[number];
		*(parent->last_child ? &parent->last_child->sibling : &parent->first_child) = at;
		parent->last_child = at;
	}
}

/* ---- two inputs about one resource ---- */

static struct js *member(const struct js *object, const char *key)
{
	struct js *found = js_get(object, key);
	return found ? found : js_get(js_get(object, "properties"), key);
}

static bool is_container(const struct js *node)
{
	return node->kind == JS_ARRAY || node->kind == JS_OBJECT;
}

/* The first value of `a` that `b` has otherwise; what `b` does not have is no contradiction. NULL: there is none. */
static const struct js *contradiction(const struct js *a, const struct js *b, const struct js **ret_other)
{
	const struct js *other = b->first;
	*ret_other = b;
	if (!is_container(a) || !is_container(b)) {
		const char *x = js_string(a), *y = js_string(b);
		return x && y && !text_same(x, y) ? a : NULL;
	}
	if (a->kind != b->kind || (a->kind == JS_ARRAY && a->n != b->n))
		return a;
	for (const struct js *child = a->first; child; child = child->next) {
		if (a->kind == JS_OBJECT) {
			if (property_inert(child, NULL))
				continue;
			other = text_same(child->key, "properties") ? b : member(b, child->key);
		}
		const struct js *found = other ? contradiction(child, other, ret_other) : NULL;
		if (found)
			return found;
		if (a->kind == JS_ARRAY)
			other = other->next;
	}
	return NULL;
}

/* The key of a value, or of the list that it stands in. */
static const char *key_of(const struct js *node)
{
	while (node && !node->key)
		node = node->parent;
	return node ? node->key : "a value";
}

/* Of one input, a template may deploy a resource twice, and ids of a plan are made of names, which two groups may share;
 * answers and states have each resource once. */
static bool says_once(const struct input *input)
{
	return input->kind == INPUT_LIVE || input->kind == INPUT_STATE;
}

/* A resource that is there already: what is said of it now holds, if it may be said at all. */
static void say_again(struct import *import, struct resource *resource, const struct input *input, struct js *body)
{
	const struct js *other, *differs = resource->body && body ? contradiction(body, resource->body, &other) : NULL;
	bool same_input = input == resource->input;
	if (differs && !resource->existing && !resource->looked_up && (!same_input || says_once(input))) {
		diag_error(&import->diags, js_place(differs),
			   store_printf(&import->store, "the other value is at %s:%u; leave one of the two %s out",
					other->file ? other->file : "?", other->line,
					same_input ? "objects" : "inputs"),
			   "%s: `%s` of %s",
			   same_input ? "the input contradicts itself" : "two inputs contradict each other",
			   key_of(differs), resource->id);
		return;
	}
	if (differs && same_input && input->kind == INPUT_SHOWN && !resource->looked_up)
		note(import, SEVERITY_CHANGES, differs, "%s: another resource of its name and group; this one counts",
		     resource->name);
	resource->body = body;
	resource->input = input;
	resource->existing = resource->looked_up = false;
}

struct resource *resource_add(struct import *import, const struct input *input, const char *type, const char *name,
			      const char *id, struct js *body)
{
	struct store *store = &import->store;
	uint32_t number;
	if (!id)
		id = resource_id(import, NULL, NULL, type, name);
	const char *key = store_lower(store, id);
	if (names_find(&import->by_key, key, &number)) {
		say_again(import, import->resources[number], input, body);
		return import->resources[number];
	}
	struct resource *resource = store_array(store, 1, sizeof *resource);
	void **items = (void **)import->resources;
	if (!resource || import->n_resources >= UINT32_MAX - 1)
		return NULL;
	const char *label = strrchr(name, '/');
	*resource = (struct resource){.type = type,
				      .name = name,
				      .id = id,
				      .key = key,
				      .tail = tail_of(key),
				      .label = label ? label + 1 : name,
				      .body = body,
				      .input = input,
				      .order = import->n_resources};
	number = (uint32_t)import->n_resources;
	if (!store_push(store, &items, &import->n_resources, resource))
		return NULL;
	import->resources = (struct resource **)items;
	if (names_add(&import->by_key, key, number) < 0)
		store->failed = true;
	int r = names_add(&import->by_tail, resource->tail, number);
	if (r > 0)
		names_set(&import->by_tail, resource->tail, NAME_SEVERAL);
	store->failed = store->failed || r < 0;
	return resource;
}

struct resource *resource_add_looked_up(struct import *import, const struct input *input, const char *type,
					const char *name, const char *id, struct js *body)
{
	uint32_t number;
	if (names_find(&import->by_key, store_lower(&import->store, id), &number) &&
	    !import->resources[number]->existing)
		return NULL;
	struct resource *resource = resource_add(import, input, type, name, id, body);
	if (resource)
		resource->looked_up = true;
	return resource;
}

/* ---- properties ---- */

static struct js *step(struct js *node, const char *key)
{
	struct js *found = js_get(js_get(node, "properties"), key);
	if (!found)
		found = js_get(node, key);
	if (found && found->kind != JS_NULL && found->mark == MARK_NONE)
		found->mark = MARK_USED;
	return found;
}

struct js *prop(struct js *node, const char *path)
{
	char key[128];
	while (node && *path) {
		size_t n = strcspn(path, ".");
		if (n >= sizeof key)
			return NULL;
		memcpy(key, path, n);
		key[n] = '\0';
		node = step(node, key);
		path += n + (path[n] == '.');
	}
	return node && node->kind != JS_NULL ? node : NULL;
}

const char *prop_text(struct js *node, const char *path)
{
	return js_string(prop(node, path));
}

bool prop_true(struct js *node, const char *path)
{
	return js_is_true(prop(node, path));
}

bool prop_int(struct js *node, const char *path, int64_t *ret)
{
	const char *text = prop_text(node, path);
	char *end;
	if (!text || !*text)
		return false;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (*end || errno)
		return false;
	*ret = number;
	return true;
}

const char *prop_id(struct js *node, const char *path)
{
	struct js *at = prop(node, path);
	if (at && at->kind == JS_OBJECT)
		at = prop(at, "id");
	return at && at->kind == JS_STRING && *at->text ? at->text : NULL;
}

void mark_all(struct js *node, enum js_mark mark)
{
	if (!node)
		return;
	if (node->mark == MARK_NONE || mark == MARK_NOTED)
		node->mark = mark;
	for (struct js *child = node->first; child; child = child->next)
		mark_all(child, mark);
}

/* ---- what is to be listed ---- */

static void add_note(struct import *import, enum severity severity, const struct js *at, const char *text)
{
	void *items = import->notes;
	for (size_t i = 0; i < import->n_notes; i++)
		if (import->notes[i].at == at && strcmp(import->notes[i].what, text) == 0)
			return;
	if (!store_grow(&import->store, &items, import->n_notes, sizeof *import->notes))
		return;
	import->notes = items;
	import->notes[import->n_notes++] = (struct note){severity, at, text};
}

void note(struct import *import, enum severity severity, const struct js *at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = arena_vprintf(import->arena, format, args);
	va_end(args);
	import->store.failed = import->store.failed || !text;
	if (text)
		add_note(import, severity, at, text);
}

void note_prop(struct import *import, enum severity severity, struct js *at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = arena_vprintf(import->arena, format, args);
	va_end(args);
	import->store.failed = import->store.failed || !text;
	mark_all(at, MARK_NOTED);
	if (text)
		add_note(import, severity, at, text);
}

void assume(struct import *import, const struct js *at, const char *option, const char *format, ...)
{
	void *items = import->assumed;
	va_list args;
	va_start(args, format);
	const char *text = arena_vprintf(import->arena, format, args);
	va_end(args);
	import->store.failed = import->store.failed || !text;
	if (!text || !store_grow(&import->store, &items, import->n_assumed, sizeof *import->assumed))
		return;
	import->assumed = items;
	import->assumed[import->n_assumed++] = (struct assumed){at, text, option};
}

void need(struct import *import, struct js *at, const char *what)
{
	const char *why = at && at->why ? at->why : "its value is not known";
	import->n_unknown_needed++;
	note_prop(import, SEVERITY_CHANGES, at, "%s: %s", what, why);
}

const char *address_of(struct import *import, const char *name)
{
	for (size_t i = 0; i < import->n_addresses; i++) {
		if (!text_same(import->addresses[i].name, name))
			continue;
		import->addresses[i].used = true;
		return import->addresses[i].value;
	}
	return NULL;
}
