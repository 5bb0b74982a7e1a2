/* DOC: deployments: templates at the top, nested ones, and linked ones that are among the inputs. A nested template's
 * expressions are its own only where it says so (`scope: inner`), a linked one's always. Resources become facts in the
 * order in which Azure would deploy them, so that of one that is deployed twice the later counts. */
#include "import/arm.h"
#include <string.h>

#define MAX_NESTED 12u /* deployments within deployments */

/* ---- which template ---- */

static const char *base_of(struct import *import, const char *uri)
{
	size_t n = strcspn(uri, "?#");
	const char *whole = store_text(&import->store, uri, n), *slash = strrchr(whole, '/');
	return slash ? slash + 1 : whole;
}

static struct input *find_input(struct import *import, const char *uri, enum input_kind kind)
{
	const char *base = uri ? base_of(import, uri) : "";
	struct input *found = NULL;
	for (size_t i = 0; *base && i < import->n_inputs; i++) {
		struct input *input = &import->inputs[i];
		if (input->kind != kind || !text_same(input->base, base))
			continue;
		found = found && !text_ends(uri, input->name) ? found : input;
	}
	return found;
}

struct input *arm_linked(struct import *import, const char *uri)
{
	return find_input(import, uri, INPUT_TEMPLATE);
}

static struct js *link_of(struct eval *eval, struct js *properties, const char *key)
{
	struct js *link = js_get(properties, key);
	struct js *uri = js_get(link, "uri") ? js_get(link, "uri") : js_get(link, "relativePath");
	return uri ? arm_value(eval, uri) : NULL;
}

static struct js *template_of(struct eval *eval, struct entry *entry, struct js *properties,
			      const struct input **ret_input)
{
	struct js *inside = js_get(properties, "template");
	*ret_input = entry->scope->input;
	if (inside && inside->kind == JS_OBJECT)
		return inside;
	struct js *uri = link_of(eval, properties, "templateLink");
	struct input *input = arm_linked(eval->arm->import, js_string(uri));
	/* Many templates have one name: a link to this one's is to another of the same name. */
	if (!input || input == entry->scope->input) {
		note(eval->arm->import, SEVERITY_CHANGES, entry->node,
		     "deployment %s: its template %s is not among the inputs", entry->name,
		     js_string(uri) ? base_of(eval->arm->import, js_string(uri)) : "is not known, and");
		return NULL;
	}
	*ret_input = input;
	return input->root;
}

/* ---- a deployment ---- */

static struct js *outputs_of(struct scope *scope)
{
	struct store *store = scope->arm->store;
	struct js *declared = js_get(scope->template, "outputs"), *outputs = js_make(store, JS_OBJECT, declared);
	struct eval eval = {scope->arm, scope, scope->loop, NULL, declared};
	for (struct js *at = declared && declared->kind == JS_OBJECT ? declared->first : NULL; at; at = at->next) {
		struct js *output = js_make(store, JS_OBJECT, at), *value = js_get(at, "value");
		struct js copied = {
			.kind = JS_OBJECT, .text = "", .file = at->file, .line = at->line, .column = at->column};
		struct js *copy = js_get(at, "copy");
		if (value) {
			js_put(store, output, "value", arm_value(&eval, value));
		} else if (copy && copy->kind == JS_OBJECT) {
			struct js *list = js_make(store, JS_ARRAY, at), *item = js_copy(store, copy);
			js_put(store, item, "name", js_text(store, "value", at));
			js_add(&copied, "copy", list);
			js_put(store, list, NULL, item);
			js_put(store, output, "value",
			       js_get(arm_value(&eval, &copied), "value") ? js_get(arm_value(&eval, &copied), "value")
									  : js_make(store, JS_ARRAY, at));
		}
		js_put(store, outputs, at->key, output);
	}
	return outputs;
}

static void give_all(struct eval *eval, struct scope *inner, struct js *properties)
{
	struct input *file =
		find_input(eval->arm->import, js_string(link_of(eval, properties, "parametersLink")), INPUT_PARAMETERS);
	if (file)
		arm_give_parameters(eval, inner, js_get(file->root, "parameters"));
	arm_give_parameters(eval, inner, js_get(properties, "parameters"));
}

static const char *text_or(struct eval *eval, struct js *node, const char *key, const char *fallback)
{
	struct js *at = js_get(node, key);
	const char *text = at ? js_string(arm_value(eval, at)) : NULL;
	return text && *text ? text : fallback;
}

void arm_deploy(struct scope *scope, struct entry *entry)
{
	struct arm *arm = scope->arm;
	struct eval eval = {arm, scope, entry->loop, NULL, entry->node};
	struct js *properties = js_get(entry->node, "properties");
	const struct input *input;
	if (scope->depth >= MAX_NESTED) {
		diag_error(&arm->import->diags, js_place(entry->node), "look for templates that link to each other",
			   "deployments are nested more than %u deep", MAX_NESTED);
		return;
	}
	struct js *template = template_of(&eval, entry, properties, &input);
	struct scope *inner = template ? arm_scope(arm, scope, input, template) : NULL;
	if (!inner)
		return;
	const char *whose = js_string(js_at(properties, "expressionEvaluationOptions.scope"));
	inner->group = text_or(&eval, entry->node, "resourceGroup", scope->group);
	inner->subscription = text_or(&eval, entry->node, "subscriptionId", scope->subscription);
	inner->deployment = entry->name;
	if (input != scope->input || template == input->root || (whose && text_same(whose, "inner"))) {
		give_all(&eval, inner, properties);
	} else {
		inner->names = scope->names;
		inner->loop = entry->loop;
	}
	arm_enumerate(inner, &entry->inner, &entry->n_inner);
	entry->outputs = outputs_of(inner);
}

/* ---- a resource ---- */

/* Those whose properties a network depends on; of others nothing is evaluated but what is referred to. */
static bool is_needed(const char *type)
{
	static const char *const needed[] = {"Microsoft.Network/",
					     "Microsoft.Web/hostingEnvironments",
					     "Microsoft.Web/sites",
					     "Microsoft.Web/serverfarms",
					     "Microsoft.Compute/virtualMachines",
					     "Microsoft.Compute/virtualMachineScaleSets"};
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (text_begins(type, needed[i]))
			return true;
	return false;
}

static struct js *body_of(struct eval *eval, struct entry *entry)
{
	static const char *const skipped[] = {"resources", "copy",     "condition", "dependsOn", "apiVersion",
					      "comments",  "existing", "metadata",  "type",      "import"};
	struct store *store = eval->arm->store;
	struct js *body = js_make(store, JS_OBJECT, entry->node);
	for (struct js *child = entry->node->first; child && !store->exhausted && !store->failed; child = child->next) {
		bool skip = false;
		for (size_t i = 0; i < sizeof skipped / sizeof *skipped && !skip; i++)
			skip = text_same(child->key, skipped[i]);
		if (!skip)
			js_put(store, body, child->key, arm_value(eval, child));
	}
	return body;
}

static bool condition_holds(struct eval *eval, struct entry *entry)
{
	struct js *condition = js_get(entry->node, "condition"), *value = condition ? arm_value(eval, condition) : NULL;
	if (value && js_is_unknown(value)) {
		assume(eval->arm->import, condition, NULL, "%s: it is deployed, as its condition is not known: %s",
		       entry->name, value->why);
		return true;
	}
	return !value || js_is_true(value);
}

bool arm_finish_entry(struct eval *outer, struct entry *entry)
{
	struct arm *arm = outer->arm;
	struct eval eval = {arm, entry->scope, entry->loop, NULL, entry->node};
	if (entry->state != ARM_NEW)
		return entry->state == ARM_DONE;
	if (!arm_enter(arm, entry->node))
		return false;
	entry->state = ARM_BUSY;
	entry->deployed = !entry->existing && condition_holds(&eval, entry);
	if (entry->deployed && entry->deployment)
		arm_deploy(entry->scope, entry);
	if (entry->deployed)
		entry->body = entry->deployment ? js_make(arm->store, JS_OBJECT, entry->node) : body_of(&eval, entry);
	entry->state = ARM_DONE;
	arm_leave(arm);
	return true;
}

/* ---- facts ---- */

/* Linked templates are parts of the one that links to them. */
static const struct input *root_input(const struct entry *entry)
{
	const struct scope *scope = entry->scope;
	while (scope->outer)
		scope = scope->outer;
	return scope->input;
}

static void add_fact(struct arm *arm, struct entry *entry)
{
	struct import *import = arm->import;
	struct resource *there = entry->existing ? resource_find(import, entry->id, NULL) : NULL;
	if (there)
		return;
	struct resource *resource = resource_add(import, root_input(entry), entry->type, entry->name, entry->id,
						 entry->body ? entry->body : entry->node);
	if (resource)
		resource->existing = entry->existing;
	if (entry->name_value && entry->name_value->why && !entry->existing && is_needed(entry->type))
		assume(import, entry->node, NULL, "%s: its name: %s", entry->name, entry->name_value->why);
}

static void add_facts(struct arm *arm, struct entry **entries, size_t n);

static void add_entry(struct arm *arm, struct entry *entry)
{
	struct eval eval = {arm, entry->scope, entry->loop, NULL, entry->node};
	struct js *depends = js_get(entry->node, "dependsOn");
	if (entry->added || !arm_enter(arm, entry->node))
		return;
	entry->added = true;
	each_item(item, depends)
	{
		struct js *what = item->kind == JS_STRING ? arm_value(&eval, item) : NULL;
		struct entry *before = what && js_string(what) ? arm_find(&eval, js_string(what)) : NULL;
		if (before && before->scope == entry->scope)
			add_entry(arm, before);
	}
	if (!entry->deployment && !is_needed(entry->type)) {
		if (!entry->existing && condition_holds(&eval, entry))
			add_fact(arm, entry);
	} else if (arm_finish_entry(&eval, entry)) {
		if (entry->deployment)
			add_facts(arm, entry->inner, entry->n_inner);
		else if (entry->deployed || entry->existing)
			add_fact(arm, entry);
	}
	arm_leave(arm);
}

static void add_facts(struct arm *arm, struct entry **entries, size_t n)
{
	for (size_t i = 0; i < n && !arm->store->exhausted && !arm->store->failed; i++)
		add_entry(arm, entries[i]);
}

/* ---- all templates ---- */

/* Whether any text of the template speaks of this file. */
static bool speaks_of(const struct js *root, const char *base)
{
	for (const struct js *at = root; at;) {
		if (at->kind == JS_STRING && text_holds(at->text, base))
			return true;
		if (at->first) {
			at = at->first;
			continue;
		}
		while (at != root && !at->next)
			at = at->parent;
		at = at == root ? NULL : at->next;
	}
	return false;
}

static void mark_linked(struct import *import)
{
	size_t n_templates = 0, n_linked = 0;
	struct input *first = NULL;
	for (size_t i = 0; i < import->n_inputs; i++) {
		struct input *input = &import->inputs[i];
		for (size_t k = 0; input->kind == INPUT_TEMPLATE && k < import->n_inputs; k++)
			if (k != i && import->inputs[k].kind == INPUT_TEMPLATE &&
			    !text_same(import->inputs[k].base, input->base))
				input->linked = input->linked || speaks_of(import->inputs[k].root, input->base);
		n_templates += input->kind == INPUT_TEMPLATE;
		n_linked += input->linked;
		first = !first && input->kind == INPUT_TEMPLATE ? input : first;
	}
	if (first && n_linked == n_templates) /* a circle: the first one is where it begins */
		first->linked = false;
}

static const char *stem_of(struct import *import, const char *base)
{
	return store_text(&import->store, base, strcspn(base, "."));
}

/* Its parameters are looked up even where nothing needs them: --param of a name that is there is no mistake. */
static void use_options(struct import *import, const struct scope *scope)
{
	for (size_t i = 0; i < import->n_params; i++)
		for (size_t k = 0; k < scope->n_parameters; k++)
			if (text_same(import->params[i].name, scope->parameters[k].name))
				import->params[i].used = true;
}

void arm_read_all(struct import *import)
{
	struct arm arm = {.import = import, .store = &import->store};
	mark_linked(import);
	for (size_t i = 0; i < import->n_inputs; i++) {
		struct input *input = &import->inputs[i];
		struct entry **entries;
		size_t n;
		if (input->kind != INPUT_TEMPLATE || input->linked)
			continue;
		struct scope *scope = arm_scope(&arm, NULL, input, input->root);
		if (!scope)
			break;
		scope->deployment = stem_of(import, input->base);
		use_options(import, scope);
		arm_enumerate(scope, &entries, &n);
		add_facts(&arm, entries, n);
	}
	names_deinit(&arm.by_key);
}
