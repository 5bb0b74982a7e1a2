/* DOC: the resources of a template: those at the top and those within others, one for each copy. They are registered by
 * id, name and symbol before any is evaluated, so that each may refer to each. */
#include "import/arm.h"
#include <string.h>

/* ---- finding ---- */

static struct entry *lookup(struct arm *arm, const char *space, const char *name)
{
	uint32_t number;
	const char *key = store_lower(arm->store, store_printf(arm->store, "%s:%s", space, name));
	return names_find(&arm->by_key, key, &number) ? arm->entries[number] : NULL;
}

static const char *symbol_space(struct arm *arm, const struct scope *scope)
{
	return store_printf(arm->store, "symbol%u", scope->number);
}

/* Of several resources with one id the one whose condition holds. */
static struct entry *deployed_one(struct eval *eval, struct entry *entry)
{
	for (struct entry *at = entry; at && entry->same; at = at->same) {
		struct eval inside = {eval->arm, at->scope, at->loop, NULL, at->node};
		struct js *condition = js_get(at->node, "condition");
		if (!condition || js_is_true(arm_value(&inside, condition)))
			return at;
	}
	return entry;
}

static const char *tail_of(const char *id)
{
	const char *tail = NULL;
	for (const char *at = strcasestr(id, "/providers/"); at; at = strcasestr(at + 1, "/providers/"))
		tail = at + strlen("/providers/");
	return tail;
}

/* What one template takes to be there another of the inputs may make. */
static struct entry *made_one(struct arm *arm, struct entry *existing)
{
	for (struct entry *at = lookup(arm, "id", existing->id); at; at = at->same)
		if (!at->existing)
			return at;
	const char *tail = tail_of(existing->id);
	struct entry *other = tail ? lookup(arm, "tail", tail) : NULL;
	return other && !other->existing ? other : existing;
}

struct entry *arm_find(struct eval *eval, const char *reference)
{
	struct arm *arm = eval->arm;
	struct entry *found = NULL;
	const char *tail = tail_of(reference);
	if (tail)
		found = lookup(arm, "id", reference);
	for (const struct scope *scope = eval->scope; !found && !tail && scope; scope = scope->outer)
		found = lookup(arm, symbol_space(arm, scope), reference);
	if (!found && (tail || strchr(reference, '/')))
		found = lookup(arm, "tail", tail ? tail : reference);
	if (!found && !tail)
		found = lookup(arm, "name", reference);
	if (found && found->existing)
		found = made_one(arm, found);
	return found ? deployed_one(eval, found) : NULL;
}

static void index_entry(struct arm *arm, const char *space, const char *name, uint32_t number)
{
	const char *key = store_lower(arm->store, store_printf(arm->store, "%s:%s", space, name));
	uint32_t first;
	int r = names_add(&arm->by_key, key, number);
	arm->store->failed = arm->store->failed || r < 0;
	if (r == 1 && strcmp(space, "id") == 0 && names_find(&arm->by_key, key, &first)) {
		arm->entries[number]->same = arm->entries[first]->same;
		arm->entries[first]->same = arm->entries[number];
	}
}

/* ---- making ---- */

struct list {
	struct entry **items;
	size_t n;
};

static void add_resources(struct scope *scope, struct js *resources, struct entry *parent, struct list *list);

static const char *text_of(struct eval *eval, struct js *node, const char *key, struct js **ret)
{
	struct js *at = js_get(node, key), *value = at ? arm_value(eval, at) : NULL;
	*ret = value;
	if (value && value->kind == JS_UNKNOWN) /* a name is needed in any case */
		*ret = value = js_stand_in(eval->arm->store, store_printf(eval->arm->store, "unnamed-%u", node->line),
					   value->why, at);
	return js_string(value);
}

static void name_entry(struct entry *entry, struct eval *eval, struct entry *parent)
{
	struct store *store = eval->arm->store;
	struct js *type, *group = js_get(entry->node, "resourceGroup");
	entry->type = text_of(eval, entry->node, "type", &type);
	entry->name = text_of(eval, entry->node, "name", &entry->name_value);
	entry->type = entry->type ? entry->type : "unknown";
	entry->name = entry->name ? entry->name : store_printf(store, "unnamed-%u", entry->node->line);
	const char *at_sign = strchr(entry->type, '@'); /* Bicep's own form */
	if (at_sign)
		entry->type = store_text(store, entry->type, (size_t)(at_sign - entry->type));
	if (parent && !text_begins(entry->type, "Microsoft.")) {
		entry->type = store_printf(store, "%s/%s", parent->type, entry->type);
		entry->name = store_printf(store, "%s/%s", parent->name, entry->name);
	}
	const char *whose = group && !text_same(entry->type, "Microsoft.Resources/deployments")
				    ? js_string(arm_value(eval, group))
				    : NULL;
	entry->id = resource_id(eval->arm->import, entry->scope->subscription, whose ? whose : entry->scope->group,
				entry->type, entry->name);
	entry->deployment = text_same(entry->type, "Microsoft.Resources/deployments");
	entry->existing = js_is_true(js_get(entry->node, "existing"));
}

static void register_entry(struct arm *arm, struct entry *entry, struct list *list)
{
	uint32_t number = (uint32_t)arm->n_entries;
	void **items = (void **)arm->entries;
	if (arm->n_entries >= ARM_MAX_ENTRIES) {
		arm->store->exhausted = true;
		return;
	}
	if (!store_push(arm->store, &items, &arm->n_entries, entry))
		return;
	arm->entries = (struct entry **)items;
	items = (void **)list->items;
	(void)store_push(arm->store, &items, &list->n, entry);
	list->items = (struct entry **)items;
	index_entry(arm, "id", entry->id, number);
	index_entry(arm, "tail", strcasestr(entry->id, "/providers/") + strlen("/providers/"), number);
	index_entry(arm, "name", entry->name, number);
	if (entry->symbol)
		index_entry(arm, symbol_space(arm, entry->scope), entry->symbol, number);
}

static void add_one(struct scope *scope, struct js *node, const char *symbol, struct entry *parent, struct loop *loop,
		    struct list *list)
{
	struct arm *arm = scope->arm;
	struct entry *entry = store_array(arm->store, 1, sizeof *entry);
	if (!entry || !store_step(arm->store))
		return;
	*entry = (struct entry){.scope = scope, .symbol = symbol, .node = node, .loop = loop};
	struct eval eval = {arm, scope, loop, NULL, node};
	name_entry(entry, &eval, parent);
	register_entry(arm, entry, list);
	if (!entry->deployment)
		add_resources(scope, js_get(node, "resources"), entry, list);
}

/* How many copies; 1 where it is not known. */
static int64_t count_of(struct scope *scope, struct js *copy, struct loop *outer)
{
	struct eval eval = {scope->arm, scope, outer, NULL, copy};
	struct js *at = js_get(copy, "count"), *count = at ? arm_value(&eval, at) : NULL;
	if (!count || js_is_unknown(count) || count->kind != JS_NUMBER) {
		assume(scope->arm->import, copy, NULL, "one copy, as the count is not known: %s",
		       count && count->why ? count->why : "it is no number");
		return 1;
	}
	if (count->number >= 0 && count->number <= ARM_MAX_COPIES)
		return count->number;
	diag_error(&scope->arm->import->diags, js_place(at), "Azure takes 0 to 800 copies", "%lld copies of a resource",
		   (long long)count->number);
	return 0;
}

static void add_copies(struct scope *scope, struct js *node, const char *symbol, struct entry *parent,
		       struct list *list)
{
	struct store *store = scope->arm->store;
	struct js *copy = js_get(node, "copy");
	struct loop *outer = parent ? parent->loop : scope->loop;
	if (node->kind != JS_OBJECT)
		return;
	if (!copy || copy->kind != JS_OBJECT) {
		add_one(scope, node, symbol, parent, outer, list);
		return;
	}
	const char *name = js_string(js_get(copy, "name"));
	int64_t n = count_of(scope, copy, outer);
	for (int64_t i = 0; i < n && !store->exhausted && !store->failed; i++) {
		struct loop *loop = store_array(store, 1, sizeof *loop);
		if (!loop)
			return;
		*loop = (struct loop){.name = name ? name : "", .index = i, .outer = outer};
		add_one(scope, node, symbol ? store_printf(store, "%s[%lld]", symbol, (long long)i) : NULL, parent,
			loop, list);
	}
}

static void add_resources(struct scope *scope, struct js *resources, struct entry *parent, struct list *list)
{
	if (!resources || (resources->kind != JS_ARRAY && resources->kind != JS_OBJECT) ||
	    !arm_enter(scope->arm, resources))
		return;
	for (struct js *node = resources->first; node; node = node->next)
		add_copies(scope, node, resources->kind == JS_OBJECT ? node->key : NULL, parent, list);
	arm_leave(scope->arm);
}

void arm_enumerate(struct scope *scope, struct entry ***ret, size_t *ret_n)
{
	struct list list = {NULL, 0};
	add_resources(scope, js_get(scope->template, "resources"), NULL, &list);
	*ret = list.items;
	*ret_n = list.n;
}
