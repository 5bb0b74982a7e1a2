/* Finding what a state or a plan has: resources by their name in Terraform and by their id in Azure, and the modules and
 * resources of the configuration. Each is looked up in a map: documents have thousands of them. */
#include "import/terraform.h"
#include <string.h>

/* The first of a name counts, or, with `replaces`, the last. */
static void remember(struct tf *tf, struct names *names, const char *key, size_t number, bool replaces)
{
	int r = names_add(names, key, (uint32_t)number);
	if (r < 0)
		tf->store->failed = true;
	else if (r == 1 && replaces)
		names_set(names, key, (uint32_t)number);
}

/* "module.net.azurerm_subnet.front"; at the root "azurerm_subnet.front". */
static const char *path_of(struct tf *tf, const char *module, const char *name)
{
	return *module ? store_printf(tf->store, "%s.%s", module, name) : name;
}

/* ---- the configuration ---- */

static void remember_node(struct tf *tf, const char *path, struct js *node)
{
	void *items = (void *)tf->configured;
	if (!node || !store_step(tf->store) || !store_grow(tf->store, &items, tf->n_configured, sizeof node))
		return;
	tf->configured = items;
	tf->configured[tf->n_configured] = node;
	remember(tf, &tf->by_path, path, tf->n_configured++, false);
}

static struct js *configured_at(const struct tf *tf, const char *path)
{
	uint32_t number;
	return names_find(&tf->by_path, path, &number) ? tf->configured[number] : NULL;
}

/* `path`: "module.a.module.b"; "" at the root. */
static void remember_module(struct tf *tf, const char *path, struct js *module, unsigned depth)
{
	remember_node(tf, path, module);
	each_item(node, js_get(module, "resources"))
	{
		const char *type = js_string(js_get(node, "type")), *name = js_string(js_get(node, "name"));
		if (type && name)
			remember_node(tf, path_of(tf, path, store_printf(tf->store, "%s.%s", type, name)), node);
	}
	struct js *calls = depth < TERRAFORM_MAX_MODULES ? js_get(module, "module_calls") : NULL;
	for (struct js *call = calls && calls->kind == JS_OBJECT ? calls->first : NULL; call; call = call->next)
		remember_module(tf, path_of(tf, path, store_printf(tf->store, "module.%s", call->key)),
				js_get(call, "module"), depth + 1);
}

/* "module.a[0].module.b" is configured as "module.a.module.b". */
static const char *without_indexes(struct tf *tf, const char *module)
{
	char *plain = strchr(module, '[') ? store_array(tf->store, strlen(module) + 1, 1) : NULL;
	size_t n = 0;
	if (!plain)
		return module;
	while (*module) {
		if (*module != '[') {
			plain[n++] = *module++;
			continue;
		}
		const char *end = module[1] == '"' ? "\"]" : "]", *close = strstr(module, end);
		module = close ? close + strlen(end) : "";
	}
	plain[n] = '\0';
	return plain;
}

struct js *tf_module_configuration(struct tf *tf, const char *module)
{
	return configured_at(tf, without_indexes(tf, module));
}

/* ---- resources ---- */

struct tf_resource *tf_resources_named(struct tf *tf, const char *module, const char *name)
{
	uint32_t number;
	return names_find(&tf->by_name, path_of(tf, module, name), &number) ? &tf->resources[number] : NULL;
}

void tf_index(struct tf *tf)
{
	remember_module(tf, "", js_at(tf->input->root, "configuration.root_module"), 0);
	for (size_t i = tf->n_resources; i-- > 0;) {
		struct tf_resource *at = &tf->resources[i];
		const char *name = store_printf(tf->store, "%s.%s", at->type, at->name);
		const struct js *node = configured_at(tf, path_of(tf, without_indexes(tf, at->module), name));
		at->expressions = js_get(node, "expressions");
		at->for_each = js_get(node, "for_each_expression");
		at->next_of_name = tf_resources_named(tf, at->module, name);
		remember(tf, &tf->by_name, path_of(tf, at->module, name), i, true);
	}
}

/* Of several the last counts, and a data source where nothing makes it. */
void tf_index_ids(struct tf *tf)
{
	for (size_t i = 0; i < tf->n_resources; i++) {
		struct tf_resource *at = &tf->resources[i];
		if (!at->id || tf_is_association(at->type) || tf_azapi_is_update(at))
			continue;
		remember(tf, &tf->by_id, store_lower(tf->store, at->id), i, !at->data);
	}
}

struct tf_resource *tf_resource_of_id(struct tf *tf, const char *id)
{
	uint32_t number;
	return id && names_find(&tf->by_id, store_lower(tf->store, id), &number) ? &tf->resources[number] : NULL;
}

void tf_index_deinit(struct tf *tf)
{
	names_deinit(&tf->by_path);
	names_deinit(&tf->by_name);
	names_deinit(&tf->by_id);
	names_deinit(&tf->by_address);
}
