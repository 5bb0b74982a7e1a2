/* DOC: what an input is, by its content. A document of Azure's is a template, a file of parameters, or answers of the
 * live service; Terraform has its state file and what `terraform show -json` prints. What is near to one of these and
 * cannot be read gets the command that makes one that can. */
#include "import/foreign.h"
#include "import/import.h"

static const char *schema_of(const struct js *root)
{
	const char *schema = js_string(js_get(root, "$schema"));
	return schema ? schema : "";
}

static bool has_object(const struct js *root, const char *key)
{
	const struct js *at = js_get(root, key);
	return at && at->kind == JS_OBJECT;
}

static bool is_template(const struct js *root)
{
	const struct js *resources = js_get(root, "resources");
	if (text_holds(schema_of(root), "deploymentTemplate")) /* of a group, a subscription, or what is above */
		return true;
	return resources && (js_get(root, "contentVersion") || js_get(root, "languageVersion")) &&
	       !js_get(root, "terraform_version");
}

static bool is_parameters(const struct js *root)
{
	if (text_holds(schema_of(root), "deploymentParameters.json"))
		return true;
	return has_object(root, "parameters") && !js_get(root, "resources") && js_get(root, "contentVersion");
}

/* Does any object of Azure's stand in here, at the top or in the lists that answers come in? */
static bool is_live(const struct js *root)
{
	if (root->kind == JS_ARRAY)
		return true;
	if (root->kind != JS_OBJECT)
		return false;
	static const char *const lists[] = {"value", "data"};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		const struct js *list = js_get(root, lists[i]);
		if (list && (list->kind == JS_ARRAY || list->kind == JS_OBJECT))
			return true;
	}
	const char *id = js_string(js_get(root, "id"));
	return id && text_holds(id, "/providers/");
}

void recognise(struct import *import, struct input *input)
{
	const struct js *root = input->root;
	enum foreign foreign = foreign_document(root);
	if (root->kind == JS_OBJECT &&
	    (js_get(root, "planned_values") ||
	     (js_get(root, "format_version") && (js_get(root, "values") || js_get(root, "terraform_version")))))
		input->kind = INPUT_SHOWN;
	else if (js_get(root, "terraform_version") && js_get(root, "serial"))
		input->kind = INPUT_STATE;
	else if (is_template(root))
		input->kind = INPUT_TEMPLATE;
	else if (is_parameters(root))
		input->kind = INPUT_PARAMETERS;
	else if (input->parameters_for_all)
		diag_error(&import->diags, js_place(root),
			   "a file of parameters has {\"parameters\": {NAME: {\"value\": ...}}}",
			   "this is no file of parameters");
	else if (is_live(root) && (root->kind != JS_ARRAY || foreign == FOREIGN_NONE))
		input->kind = INPUT_LIVE;
	else
		foreign_refuse(import, js_place(root), foreign);
}
