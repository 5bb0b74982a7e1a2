/* The provider azapi: its resources have Azure's own shape in `body`, and their type in an attribute. One of them makes a
 * resource, another changes some properties of one that something else makes; what only asks or acts is none. */
#include "import/terraform.h"
#include <string.h>

static bool makes(const struct tf_resource *resource)
{
	return strcmp(resource->type, "azapi_resource") == 0;
}

bool tf_azapi_is_update(const struct tf_resource *resource)
{
	return strcmp(resource->type, "azapi_update_resource") == 0 && !resource->data;
}

const char *tf_azapi_type(struct tf *tf, const struct tf_resource *resource)
{
	const char *type = js_string(js_get(resource->values, "type"));
	if (!type || !(makes(resource) || tf_azapi_is_update(resource)))
		return store_printf(tf->store, "Terraform/%s", resource->type);
	return store_text(tf->store, type, strcspn(type, "@"));
}

static const char *reference(struct tf *tf, const struct tf_resource *resource, const char *attr)
{
	const char *id = tf_reference(tf, resource, resource->expressions, attr, js_get(resource->values, attr), NULL);
	return id && strchr(id, '/') ? id : NULL;
}

void tf_azapi_name(struct tf *tf, struct tf_resource *resource)
{
	const char *parent = reference(tf, resource, "parent_id"), *whole = reference(tf, resource, "resource_id"),
		   *slash = strrchr(resource->azure_type, '/');
	if (whole && tf_azapi_is_update(resource)) {
		resource->id = whole;
		resource->azure_name = tf_names_of_id(tf, whole);
		return;
	}
	bool child = slash && strchr(resource->azure_type, '/') != slash;
	if (!parent || !child || !text_holds(parent, "/providers/"))
		return;
	resource->id = store_printf(tf->store, "%s%s/%s", parent, slash, resource->azure_name);
	resource->azure_name = tf_names_of_id(tf, resource->id);
}

/* What stands in a text stands where the text does. */
static void place_at(struct js *node, const struct js *text, unsigned depth)
{
	node->origin = text;
	node->line = text->line;
	node->column = text->column;
	for (struct js *child = node->first; child && depth < JS_MAX_DEPTH; child = child->next)
		place_at(child, text, depth + 1);
}

void tf_azapi_fill(struct tf *tf, struct tf_resource *resource)
{
	struct js *body = js_get(resource->values, "body"), *read = NULL;
	struct store *store = tf->store;
	resource->body = js_make(store, JS_OBJECT, resource->values);
	if (js_is_unknown(body))
		need(tf->import, body, store_printf(store, "%s: its body", resource->azure_name));
	else if (body && body->kind == JS_STRING) { /* older versions have it as a text */
		if (js_read(store, body->file, body->text, strlen(body->text), &tf->import->diags, &read) < 0)
			store->failed = true;
		if (read)
			place_at(read, body, 0);
		body = read;
	}
	for (struct js *child = body && body->kind == JS_OBJECT ? body->first : NULL; child; child = child->next)
		js_put(store, resource->body, child->key, child);
	if (js_get(resource->values, "location"))
		js_put(store, resource->body, "location", js_get(resource->values, "location"));
}

/* Objects are joined, all else is replaced. */
static void merge(struct tf *tf, struct js *into, struct js *from, unsigned depth)
{
	for (struct js *at = from->first; at && depth < JS_MAX_DEPTH; at = at->next) {
		struct js *there = js_get(into, at->key);
		if (there && there->kind == JS_OBJECT && at->kind == JS_OBJECT) {
			merge(tf, there, at, depth + 1);
			continue;
		}
		if (there)
			tf_set_aside(tf, into, there);
		js_put(tf->store, into, at->key, at);
	}
}

void tf_azapi_update(struct tf *tf, struct tf_resource *update)
{
	struct tf_resource *changed = tf_resource_of_id(tf, update->id);
	if (changed && changed->body)
		merge(tf, changed->body, update->body, 0);
	else
		note(tf->import, SEVERITY_CHANGES, update->values, "%s: it changes what is not among the inputs",
		     update->azure_name);
}
