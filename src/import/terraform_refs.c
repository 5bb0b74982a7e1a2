/* DOC: what an attribute of a plan refers to. Its value is not known before the plan is carried out; the configuration
 * says of which references its expression is made. Each is followed to a resource: one of the same module, an output of
 * a module, a variable that the caller of the module gives. Of several instances the one with the same index is meant,
 * as `count.index` and `each.key` are what configurations use. */
#include "import/terraform.h"
#include <stdlib.h>
#include <string.h>

struct wanted {
	const char *azure_type; /* NULL: any */
	const char *index;      /* of the resource that asks */
};

static struct tf_resource *follow_all(struct tf *tf, const char *module, const struct js *expression,
				      const struct wanted *wanted);

/* Outputs are often made by name: `{for s in azurerm_subnet.all : s.name => s.id}`. */
static bool has_name(const struct tf_resource *resource, const char *name)
{
	const char *own = js_string(js_get(resource->values, "name"));
	return name && own && strcmp(own, name) == 0;
}

/* The literal index of "azurerm_subnet.a[0].id", or of ["x"]; NULL where there is none. */
static const char *literal_index(struct tf *tf, const char *rest)
{
	if (*rest != '[')
		return NULL;
	rest++;
	bool quoted = *rest == '"';
	rest += quoted;
	size_t n = strcspn(rest, quoted ? "\"" : "]");
	return store_text(tf->store, rest, n);
}

static bool fits(const struct tf_resource *resource, const struct wanted *wanted)
{
	struct resource type = {.type = resource->azure_type ? resource->azure_type : ""};
	return !wanted->azure_type || resource_is(&type, wanted->azure_type);
}

/* For a list of references: each resource that one of them names. */
static void collect(struct tf *tf, struct tf_resource *found)
{
	for (size_t i = 0; i < tf->n_collected; i++)
		if (tf->collected[i] == found)
			return;
	if (tf->n_collected < TERRAFORM_MAX_CHOICE)
		tf->collected[tf->n_collected++] = found;
}

/* "azurerm_subnet.front", and what may follow. */
static struct tf_resource *follow_resource(struct tf *tf, const char *module, const char *reference,
					   const struct wanted *wanted)
{
	size_t type_bytes = strcspn(reference, ".");
	if (reference[type_bytes] != '.')
		return NULL;
	const char *name = reference + type_bytes + 1;
	size_t name_bytes = strcspn(name, ".[");
	const char *index = literal_index(tf, name + name_bytes);
	struct tf_resource *only = NULL, *same = NULL, *named = NULL, *all[TERRAFORM_MAX_CHOICE];
	size_t n = 0;
	const char *block = store_text(tf->store, reference, type_bytes + 1 + name_bytes);
	for (struct tf_resource *at = tf_resources_named(tf, module, block); at; at = at->next_of_name) {
		if (index ? at->index && strcmp(at->index, index) == 0
			  : wanted->index && at->index && strcmp(at->index, wanted->index) == 0)
			same = at;
		if (!index && has_name(at, wanted->index))
			named = at;
		if (n < TERRAFORM_MAX_CHOICE)
			all[n] = at;
		only = at;
		n++;
	}
	struct tf_resource *found = same ? same : named ? named : n == 1 ? only : NULL;
	if (found && !fits(found, wanted))
		found = NULL;
	if (tf->collects && found)
		collect(tf, found);
	bool each = tf->collects && !found && !index && !wanted->index; /* azurerm_network_interface.a[*].id */
	for (size_t i = 0; each && i < n && i < TERRAFORM_MAX_CHOICE; i++)
		if (fits(all[i], wanted))
			collect(tf, all[i]);
	if (found)
		tf->attribute = store_text(tf->store, name + name_bytes, strlen(name + name_bytes));
	return found;
}

/* "module.net", as `module.net[each.key].id` is: which output is meant the plan does not say. Where all that are of the
 * wanted type are one resource, it is that. */
static struct tf_resource *follow_any_output(struct tf *tf, const char *plain, const struct wanted *wanted)
{
	struct js *outputs = js_get(tf_module_configuration(tf, plain), "outputs");
	struct tf_resource *only = NULL;
	const char *index = wanted->index;
	if (!wanted->azure_type)
		return NULL;
	const char *paths[] = {plain, store_printf(tf->store, "%s[\"%s\"]", plain, index ? index : ""),
			       store_printf(tf->store, "%s[%s]", plain, index ? index : "0")};
	for (struct js *at = outputs && outputs->kind == JS_OBJECT ? outputs->first : NULL; at; at = at->next)
		for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
			struct tf_resource *found = follow_all(tf, paths[i], js_get(at, "expression"), wanted);
			if (found && only && found != only)
				return NULL;
			only = found ? found : only;
		}
	return only;
}

/* "module.net.subnet_id": an output of the module. */
static struct tf_resource *follow_output(struct tf *tf, const char *module, const char *reference,
					 const struct wanted *wanted)
{
	const char *name = reference + strlen("module.");
	size_t name_bytes = strcspn(name, ".[");
	const char *index = literal_index(tf, name + name_bytes), *output = strchr(name + name_bytes, '.');
	const char *plain =
		store_printf(tf->store, "%s%smodule.%.*s", module, *module ? "." : "", (int)name_bytes, name);
	if (!output)
		return follow_any_output(tf, plain, wanted);
	const char *word = store_text(tf->store, output + 1, strcspn(output + 1, ".["));
	struct js *expression =
		js_get(js_get(js_get(tf_module_configuration(tf, plain), "outputs"), word), "expression");
	const char *item = literal_index(tf, output + 1 + strlen(word));
	struct wanted inside = {wanted->azure_type, item ? item : wanted->index};
	struct tf_resource *found = follow_all(tf, plain, expression, &inside);
	const char *asked = index ? index : wanted->index;
	if (!found && asked)
		found = follow_all(tf, store_printf(tf->store, "%s[%s]", plain, asked), expression, &inside);
	if (!found && asked)
		found = follow_all(tf, store_printf(tf->store, "%s[\"%s\"]", plain, asked), expression, &inside);
	if (found) /* an output may be a whole resource: what of it is wanted follows */
		tf->attribute =
			store_printf(tf->store, "%s%s", tf->attribute ? tf->attribute : "", output + 1 + strlen(word));
	return found;
}

/* The last "module.NAME" of a path, without its index; the path before it in `*ret_before`. */
static const char *split_module(struct tf *tf, const char *module, const char **ret_before, const char **ret_index)
{
	const char *last = NULL;
	for (const char *at = strstr(module, "module."); at; at = strstr(at + 1, "module."))
		if (at == module || at[-1] == '.')
			last = at;
	if (!last)
		return NULL;
	*ret_before = last == module ? "" : store_text(tf->store, module, (size_t)(last - module) - 1);
	const char *name = last + strlen("module.");
	size_t n = strcspn(name, "[");
	*ret_index = literal_index(tf, name + n);
	return store_text(tf->store, name, n);
}

/* "var.subnet_id": what the module's caller gives. */
static struct tf_resource *follow_variable(struct tf *tf, const char *module, const char *reference,
					   const struct wanted *wanted)
{
	const char *before, *index = NULL, *name = split_module(tf, module, &before, &index);
	if (!name)
		return NULL;
	const char *variable = store_text(tf->store, reference + 4, strcspn(reference + 4, ".["));
	struct js *call = js_get(js_get(tf_module_configuration(tf, before), "module_calls"), name);
	struct wanted above = {wanted->azure_type, index ? index : wanted->index};
	return follow_all(tf, before, js_get(js_get(call, "expressions"), variable), &above);
}

static struct tf_resource *follow(struct tf *tf, const char *module, const char *reference, const struct wanted *wanted)
{
	if (tf->depth >= TERRAFORM_MAX_MODULES || !store_step(tf->store))
		return NULL;
	tf->depth++;
	struct tf_resource *found = NULL;
	if (text_begins(reference, "module."))
		found = follow_output(tf, module, reference, wanted);
	else if (text_begins(reference, "var."))
		found = follow_variable(tf, module, reference, wanted);
	else if (text_begins(reference, "data."))
		found = follow_resource(tf, module, reference + 5, wanted);
	else if (tf_is_azures(reference))
		found = follow_resource(tf, module, reference, wanted);
	tf->depth--;
	return found;
}

/* Of several resources of the wanted type that an expression names (a list of interfaces, two ends of a condition) the one
 * that is named as the index, or that stands at it; else the first. */
static bool suits(const struct tf_resource *found, const struct wanted *wanted, size_t place)
{
	char *end = NULL;
	const char *index = wanted->index;
	if (!index || !*index)
		return false;
	unsigned long number = strtoul(index, &end, 10);
	return *end ? strcmp(found->name, index) == 0 || has_name(found, index) : number == place;
}

/* "azurerm_subnet.a" behind "azurerm_subnet.a[0].id": a plan lists the beginnings of a reference after it. */
static bool is_beginning(const struct js *references, const struct js *reference)
{
	for (const struct js *at = references->first; at && at != reference; at = at->next)
		if (js_is_text(at) && js_is_text(reference) && text_begins(at->text, reference->text) &&
		    strchr(".[", at->text[strlen(reference->text)]) && at->text[strlen(reference->text)])
			return true;
	return false;
}

static struct tf_resource *follow_all(struct tf *tf, const char *module, const struct js *expression,
				      const struct wanted *wanted)
{
	struct js *references = js_get(expression, "references");
	struct tf_resource *seen[TERRAFORM_MAX_CHOICE], *chosen = NULL;
	const char *attribute = NULL;
	size_t n = 0;
	bool suited = false;
	each_item(reference, references)
	{
		if (n > 0 && is_beginning(references, reference))
			continue;
		struct tf_resource *found = js_is_text(reference) ? follow(tf, module, reference->text, wanted) : NULL;
		bool again = !found || !found->id;
		for (size_t i = 0; !again && i < n; i++)
			again = seen[i] == found;
		if (again || n == TERRAFORM_MAX_CHOICE)
			continue;
		bool suiting = !suited && suits(found, wanted, n);
		if (n == 0 || suiting) {
			chosen = found;
			attribute = tf->attribute;
		}
		suited = suited || suiting;
		seen[n++] = found;
		if (!wanted->azure_type && !tf->collects)
			break;
	}
	tf->attribute = attribute;
	tf->ambiguous = tf->ambiguous || n > 1;
	return chosen;
}

/* each.value and each.key: the collection of for_each says of what. */
static struct tf_resource *follow_each(struct tf *tf, const struct tf_resource *resource, const struct js *expression,
				       const struct wanted *wanted)
{
	struct js *references = js_get(expression, "references");
	each_item(reference, references)
	{
		if (js_is_text(reference) && text_begins(reference->text, "each."))
			return follow_all(tf, resource->module, resource->for_each, wanted);
	}
	return NULL;
}

/* Planned values leave out what is not known yet; a null among them is known, and of a planned resource it is still one. */
bool tf_is_absent(const struct tf_resource *resource, const char *attr, const struct js *value)
{
	return value && value->kind == JS_NULL && resource->planned && !text_ends(attr, "_wo");
}

const char *tf_reference(struct tf *tf, const struct tf_resource *resource, struct js *expressions, const char *attr,
			 const struct js *value, const char *azure_type)
{
	const char *text = js_string(value);
	if (text)
		return *text ? text : NULL;
	if (tf_is_absent(resource, attr, value))
		return NULL;
	struct js *expression = js_get(expressions, attr);
	struct wanted wanted = {azure_type, resource->index};
	const char *constant = js_string(js_get(expression, "constant_value"));
	if (constant)
		return constant;
	tf->ambiguous = false;
	struct tf_resource *found = follow_all(tf, resource->module, expression, &wanted);
	found = found ? found : follow_each(tf, resource, expression, &wanted);
	if (found && tf->ambiguous)
		note(tf->import, SEVERITY_CHANGES, value ? value : resource->values,
		     "%s: %s is one of several in the plan; %s.%s is taken", resource->azure_name, attr, found->type,
		     found->name);
	return found ? found->id : NULL;
}

const char *tf_address_of(struct tf *tf, const struct tf_resource *resource, struct js *expression)
{
	struct wanted wanted = {NULL, resource->index};
	tf->attribute = NULL;
	struct tf_resource *found = follow_all(tf, resource->module, expression, &wanted);
	return found && tf->attribute && text_holds(tf->attribute, "ip_address") ? found->id : NULL;
}

void tf_references(struct tf *tf, const struct tf_resource *resource, struct js *expressions, const char *attr,
		   struct js *values, const char *azure_type, const char ***ret, size_t *ret_n)
{
	void **items = NULL;
	size_t n = 0;
	union {
		const char *text;
		void *pointer;
	} item;
	*ret = NULL;
	*ret_n = 0;
	each_item(value, values)
	{
		item.text = js_string(value);
		if (item.text && *item.text)
			(void)store_push(tf->store, &items, &n, item.pointer);
	}
	if (n == 0 && !tf_is_absent(resource, attr, values)) {
		struct wanted wanted = {azure_type, resource->index};
		tf->collects = true;
		tf->n_collected = 0;
		(void)follow_all(tf, resource->module, js_get(expressions, attr), &wanted);
		tf->collects = false;
		for (size_t i = 0; i < tf->n_collected; i++) {
			item.text = tf->collected[i]->id;
			if (item.text)
				(void)store_push(tf->store, &items, &n, item.pointer);
		}
	}
	*ret = (const char **)(void *)items;
	*ret_n = n;
}
