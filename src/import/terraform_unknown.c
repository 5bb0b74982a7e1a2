/* What a plan does not know before it is carried out. `planned_values` leaves such values out; `after_unknown` of the
 * resource's change names them, and with them all that Azure makes up itself. Only what the configuration says is a value
 * that is missed: it is put in its place as unknown, so that it is followed as those of templates are. */
#include "import/terraform.h"
#include <string.h>

#define WHY "it is known after the plan is carried out"

/* The change of the resource at this address; NULL. */
static const struct js *change_of(struct tf *tf, const char *address)
{
	uint32_t number;
	return address && names_find(&tf->by_address, address, &number) ? tf->changes[number] : NULL;
}

static int remember_changes(struct tf *tf)
{
	struct js *changes = js_get(tf->input->root, "resource_changes");
	size_t n = 0;
	if (!changes || changes->kind != JS_ARRAY || changes->n == 0)
		return 0;
	tf->changes = store_array(tf->store, changes->n, sizeof *tf->changes);
	if (!tf->changes)
		return 0;
	each_item(change, changes)
	{
		const char *address = js_string(js_get(change, "address"));
		if (address && names_add(&tf->by_address, address, (uint32_t)n) < 0)
			return -1;
		tf->changes[n++] = change;
	}
	return 0;
}

/* A constant is known, and what the configuration does not say is Azure's. */
static bool has_references(const struct js *expression)
{
	const struct js *references = js_get(expression, "references");
	return references && references->n > 0;
}

struct missed {
	struct tf *tf;
	const struct tf_resource *resource;
};

/* A node becomes a value that is not known; an address that Azure allots names the resource that gets it. */
static void forget(const struct missed *missed, struct js *node, struct js *expression)
{
	struct store *store = missed->tf->store;
	node->why = WHY;
	node->kind = JS_UNKNOWN;
	node->text = "";
	node->number = 0;
	node->truth = false;
	node->first = node->last = NULL;
	node->n = 0;
	const char *id = tf_address_of(missed->tf, missed->resource, expression);
	if (id)
		node->text = store_printf(store, JS_ADDRESS_OF "%s", id);
	else if (node->key && text_same(node->key, "name"))
		node->text = store_printf(store, "unnamed-%u", node->line);
	if (*node->text)
		node->kind = JS_STRING;
}

static void put_missed(const struct missed *missed, struct js *values, const struct js *unknown, struct js *expressions,
		       unsigned depth);

static void put_one(const struct missed *missed, struct js *holder, struct js *value, const struct js *unknown,
		    struct js *expression, unsigned depth)
{
	if (unknown->kind == JS_OBJECT || unknown->kind == JS_ARRAY) {
		if (value)
			put_missed(missed, value, unknown, expression, depth + 1);
		return;
	}
	bool known = value && value->kind != JS_NULL;
	if (!js_is_true(unknown) || known || !has_references(expression))
		return;
	if (!value) {
		value = js_make(missed->tf->store, JS_NULL, holder);
		js_put(missed->tf->store, holder, unknown->key, value);
	}
	forget(missed, value, expression);
}

/* Of blocks each has expressions of its own in a list, or one object of them has those of all; of an attribute one
 * expression says all. */
static void put_missed_items(const struct missed *missed, struct js *values, const struct js *unknown,
			     struct js *expressions, unsigned depth)
{
	struct js *value = values->first;
	bool listed = expressions && expressions->kind == JS_ARRAY;
	struct js *expression = listed ? expressions->first : expressions;
	for (struct js *child = unknown->first; child && value; child = child->next, value = value->next) {
		put_one(missed, values, value, child, expression, depth);
		if (listed && expression && expression->next)
			expression = expression->next;
	}
}

static void put_missed(const struct missed *missed, struct js *values, const struct js *unknown, struct js *expressions,
		       unsigned depth)
{
	if (depth > JS_MAX_DEPTH || values->kind != unknown->kind || !store_step(missed->tf->store))
		return;
	if (unknown->kind == JS_ARRAY) {
		put_missed_items(missed, values, unknown, expressions, depth);
		return;
	}
	bool one_for_all = has_references(expressions);
	for (struct js *child = unknown->first; child; child = child->next)
		put_one(missed, values, js_get(values, child->key), child,
			one_for_all ? expressions : js_get(expressions, child->key), depth);
}

int tf_unknown(struct tf *tf)
{
	if (remember_changes(tf) < 0)
		return -1;
	for (size_t i = 0; i < tf->n_resources; i++) {
		struct tf_resource *at = &tf->resources[i];
		struct missed missed = {tf, at};
		const struct js *unknown = js_at(change_of(tf, at->address), "change.after_unknown");
		if (!at->data && at->expressions && unknown && unknown->kind == JS_OBJECT)
			put_missed(&missed, at->values, unknown, at->expressions, 0);
		at->planned = !at->data && at->expressions && unknown && unknown->kind == JS_OBJECT;
	}
	return 0;
}
