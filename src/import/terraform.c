/* DOC: Terraform's states and plans. Each resource of the azurerm provider becomes one of Azure's, by tables; resources
 * that only join two others become the property that they stand for. Of a plan ids are not known yet: they are made of
 * names, and references are followed through the configuration, through modules and variables. */
#include "import/terraform.h"
#include <string.h>

/* ---- gathering ---- */

static bool is_data(const struct js *node)
{
	const char *mode = js_string(js_get(node, "mode"));
	return mode && strcmp(mode, "data") == 0;
}

/* Whether a resource is of Azure's providers. What is not, is counted. */
static bool is_taken(struct tf *tf, const struct js *node, bool has_values)
{
	const char *type = js_string(js_get(node, "type")), *name = js_string(js_get(node, "name"));
	if (!type || !name || !has_values)
		note(tf->import, SEVERITY_CHANGES, node, "a resource without type, name or values: skipped");
	else if (tf_is_azures(type))
		return true;
	else if (!is_data(node))
		tf_count_other(tf, type, node);
	return false;
}

static void add_resource(struct tf *tf, const struct js *node, const char *module, const struct js *index,
			 struct js *values)
{
	void *items = tf->resources;
	if (!store_step(tf->store) || !store_grow(tf->store, &items, tf->n_resources, sizeof *tf->resources))
		return;
	tf->resources = items;
	tf->resources[tf->n_resources++] = (struct tf_resource){.type = js_string(js_get(node, "type")),
								.name = js_string(js_get(node, "name")),
								.module = module ? module : "",
								.index = js_string(index),
								.address = js_string(js_get(node, "address")),
								.values = values,
								.data = is_data(node)};
}

static void gather_module(struct tf *tf, struct js *module, bool data)
{
	const char *address = js_string(js_get(module, "address"));
	each_item(node, js_get(module, "resources"))
	{
		struct js *values = js_get(node, "values");
		if (is_data(node) == data && is_taken(tf, node, values))
			add_resource(tf, node, address, js_get(node, "index"), values);
	}
	if (++tf->depth <= TERRAFORM_MAX_MODULES)
		each_item(child, js_get(module, "child_modules")) gather_module(tf, child, data);
	tf->depth--;
}

static void gather_state(struct tf *tf)
{
	each_item(node, js_get(tf->input->root, "resources"))
	{
		const char *module = js_string(js_get(node, "module"));
		struct js *instances = is_taken(tf, node, true) ? js_get(node, "instances") : NULL;
		each_item(instance, instances)
		{
			struct js *values = js_get(instance, "attributes");
			if (values)
				add_resource(tf, node, module, js_get(instance, "index_key"), values);
		}
	}
}

/* ---- ids ---- */

static const char *last_name(const char *id)
{
	const char *slash = strrchr(id, '/');
	return slash ? slash + 1 : id;
}

/* The names of an id behind its provider: "hub/apps". */
const char *tf_names_of_id(struct tf *tf, const char *id)
{
	const char *at = strcasestr(id, "/providers/"), *names = "";
	if (!at)
		return last_name(id);
	at += strlen("/providers/");
	for (unsigned part = 0; *at; part++) {
		size_t n = strcspn(at, "/");
		if (part > 0 && part % 2 == 0)
			names = store_printf(tf->store, "%s%s%.*s", names, *names ? "/" : "", (int)n, at);
		at += n + (at[n] == '/');
	}
	return names;
}

/* The attribute with the parent: "virtual_network_name"; of newer versions of the provider "virtual_network_id", and of
 * records of zones "private_dns_zone_id". */
static const char *parent_attr(struct tf *tf, const struct tf_resource *resource)
{
	const char *attr = resource->kind->parent;
	size_t n = strlen(attr);
	struct js *value = js_get(resource->values, attr);
	if ((value && value->kind != JS_NULL) || js_get(resource->expressions, attr) || !text_ends(attr, "_name"))
		return attr;
	const char *id = strcmp(attr, "zone_name") == 0 ? "private_dns_zone_id"
							: store_printf(tf->store, "%.*s_id", (int)n - 5, attr);
	return js_get(resource->values, id) || js_get(resource->expressions, id) ? id : attr;
}

static void name_resource(struct tf *tf, struct tf_resource *resource)
{
	struct store *store = tf->store;
	const char *name = js_string(js_get(resource->values, "name")), *id = js_string(js_get(resource->values, "id")),
		   *group = js_string(js_get(resource->values, "resource_group_name"));
	if (!name && !resource->kind && resource->address) /* it has no name in Azure, and is one of several */
		name = resource->address;
	if (!name)
		name = resource->index ? store_printf(store, "%s-%s", resource->name, resource->index) : resource->name;
	resource->azure_name = name;
	if (id && text_holds(id, "/providers/") && !text_holds(id, "|")) {
		resource->id = id;
		resource->azure_name = tf_names_of_id(tf, id);
		return;
	}
	if (text_begins(resource->type, "azapi_")) {
		tf_azapi_name(tf, resource);
		if (resource->id)
			return;
	}
	if (resource->kind && resource->kind->parent) {
		const char *attr = parent_attr(tf, resource), *parent = js_string(js_get(resource->values, attr));
		if (!parent || strchr(parent, '/')) {
			parent = tf_reference(tf, resource, resource->expressions, attr, js_get(resource->values, attr),
					      NULL);
			if (parent && strchr(parent, '/')) { /* the group is the parent's */
				resource->azure_name = store_printf(store, "%s/%s", tf_names_of_id(tf, parent), name);
				resource->id = store_printf(store, "%s%s/%s", parent,
							    strrchr(resource->azure_type, '/'), name);
				return;
			}
			parent = parent ? parent : "unknown";
		}
		resource->azure_name = store_printf(store, "%s/%s", parent, name);
	}
	resource->id = resource_id(tf->import, "00000000-0000-0000-0000-000000000000", group ? group : "group",
				   resource->azure_type, resource->azure_name);
}

static const struct tf_type *kind_of(const char *type)
{
	static const struct tf_type *(*const tables[])(size_t *) = {tf_types_network, tf_types_services,
								    tf_types_firewalls};
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		size_t n;
		const struct tf_type *types = tables[i](&n);
		for (size_t k = 0; k < n; k++)
			if (strcmp(types[k].tf, type) == 0)
				return &types[k];
	}
	return NULL;
}

static void find_type(struct tf *tf, struct tf_resource *resource)
{
	bool azapi = text_begins(resource->type, "azapi_");
	resource->kind = kind_of(resource->type);
	resource->azure_type = resource->kind ? resource->kind->azure
			       : azapi        ? tf_azapi_type(tf, resource)
					      : store_printf(tf->store, "Terraform/%s", resource->type);
	bool child = azapi || (resource->kind && resource->kind->parent);
	for (const char *at = strchr(resource->azure_type, '/'); child && at && (at = strchr(at + 1, '/'));)
		resource->level++;
	if (resource->level > TERRAFORM_MAX_LEVEL || tf_azapi_is_update(resource))
		resource->level = TERRAFORM_MAX_LEVEL;
}

/* Those within others come after them: their ids are made of the others'. */
static void name_all(struct tf *tf)
{
	for (size_t i = 0; i < tf->n_resources; i++)
		find_type(tf, &tf->resources[i]);
	for (unsigned level = 0; level <= TERRAFORM_MAX_LEVEL; level++)
		for (size_t i = 0; i < tf->n_resources; i++)
			if (tf->resources[i].level == level)
				name_resource(tf, &tf->resources[i]);
}

/* ---- resources ---- */

static bool is_part(const struct tf_resource *resource)
{
	return resource->kind && resource->kind->attach;
}

static void fill(struct tf *tf, struct tf_resource *resource)
{
	if (resource->data || tf_is_association(resource->type) || is_part(resource))
		return;
	if (text_begins(resource->type, "azapi_")) {
		tf_azapi_fill(tf, resource);
		return;
	}
	if (!resource->kind) {
		resource->body = resource->values;
		return;
	}
	resource->body = js_make(tf->store, JS_OBJECT, resource->values);
	tf_fill(tf, resource, resource->kind->attrs, resource->values, resource->expressions, resource->body);
}

/* Some parts name the whole by its name. */
static struct tf_resource *resource_named(struct tf *tf, const struct tf_resource *part, const char *name)
{
	for (size_t i = 0; name && i < tf->n_resources; i++) {
		struct tf_resource *at = &tf->resources[i];
		struct resource type = {.type = at->azure_type};
		if (!at->data && at->body && resource_is(&type, part->kind->attach_type) &&
		    text_same(at->azure_name, name))
			return at;
	}
	return NULL;
}

/* A part of another resource that Terraform has as a resource: a rule of a balancer. */
static void attach(struct tf *tf, struct tf_resource *part)
{
	struct store *store = tf->store;
	const char *id = tf_reference(tf, part, part->expressions, part->kind->attach,
				      js_get(part->values, part->kind->attach), part->kind->attach_type);
	struct tf_resource *whole = id && strchr(id, '/') ? tf_resource_of_id(tf, id) : resource_named(tf, part, id);
	if (!whole || !whole->body) {
		note(tf->import, SEVERITY_CHANGES, part->values, "%s: it is a part of what is not among the inputs",
		     part->azure_name);
		return;
	}
	struct js *item = js_make(store, JS_OBJECT, part->values);
	js_put(store, item, "name", js_text(store, last_name(part->azure_name), js_get(part->values, "name")));
	tf_fill(tf, part, part->kind->attrs, part->values, part->expressions, item);
	js_put(store, tf_list(tf, whole->body, part->kind->list, part->values), NULL, item);
	part->body = item; /* what is a part of this one goes there */
}

static void add_all(struct tf *tf)
{
	for (size_t i = 0; i < tf->n_resources; i++)
		fill(tf, &tf->resources[i]);
	for (unsigned level = 0; level <= TERRAFORM_MAX_LEVEL; level++)
		for (size_t i = 0; i < tf->n_resources; i++)
			if (!tf->resources[i].data && is_part(&tf->resources[i]) && tf->resources[i].level == level)
				attach(tf, &tf->resources[i]);
	for (size_t i = 0; i < tf->n_resources; i++)
		if (tf_azapi_is_update(&tf->resources[i]))
			tf_azapi_update(tf, &tf->resources[i]);
	for (size_t i = 0; i < tf->n_resources; i++)
		if (!tf->resources[i].data && tf_is_association(tf->resources[i].type))
			tf_associate(tf, &tf->resources[i]);
	for (size_t i = 0; i < tf->n_resources; i++) {
		struct tf_resource *at = &tf->resources[i];
		if (!at->body || is_part(at) || tf_azapi_is_update(at) ||
		    strcmp(at->type, "azurerm_resource_group") == 0)
			continue;
		(void)resource_add(tf->import, tf->input, at->azure_type, at->azure_name, at->id, at->body);
	}
	for (size_t i = 0; i < tf->n_resources; i++)
		if (tf->resources[i].data)
			tf_add_data(tf, &tf->resources[i]);
}

/* ---- the document ---- */

static bool only_destroys(const struct js *root)
{
	const struct js *changes = js_get(root, "resource_changes");
	return js_get(root, "planned_values") && changes && changes->n > 0;
}

static void complain_of_nothing(struct tf *tf)
{
	const struct js *root = tf->input->root;
	if (tf->n_strange > 0)
		tf_complain_of_others(tf);
	else if (js_get(root, "modules"))
		diag_error(&tf->import->diags, js_place(root), "show it: terraform show -json >state.json",
			   "this state is of a version of Terraform before 0.12");
	else if (only_destroys(root))
		diag_error(&tf->import->diags, js_place(root), "import the state: terraform show -json",
			   "the plan leaves nothing: it only destroys");
	else
		diag_error(&tf->import->diags, js_place(root), NULL, "there is no resource in it");
}

static size_t n_managed(const struct tf *tf)
{
	size_t n = 0;
	for (size_t i = 0; i < tf->n_resources; i++)
		n += !tf->resources[i].data;
	return n;
}

void terraform_read(struct import *import, struct input *input)
{
	struct tf tf = {.import = import, .store = &import->store, .input = input};
	struct js *planned = js_get(input->root, "planned_values"), *values = js_get(input->root, "values");
	if (input->kind == INPUT_STATE)
		gather_state(&tf);
	else
		gather_module(&tf, js_get(planned ? planned : values, "root_module"), false);
	if (input->kind == INPUT_SHOWN) {
		gather_module(&tf, js_get(values, "root_module"), true);
		gather_module(&tf, js_at(input->root, "prior_state.values.root_module"), true);
	}
	if (n_managed(&tf) == 0) {
		complain_of_nothing(&tf);
		return;
	}
	tf_note_others(&tf);
	tf_index(&tf);
	name_all(&tf);
	tf_index_ids(&tf);
	if (tf_unknown(&tf) < 0)
		import->store.failed = true;
	add_all(&tf);
	tf_index_deinit(&tf);
}
