/* DOC: what an input is, by its content. A document of Azure's is a template, a file of parameters, or answers of the
 * live service; Terraform has its state file and what `terraform show -json` prints. What is near to one of these and
 * cannot be read gets the command that makes one that can. */
#include "import/import.h"
#include <string.h>

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
	if (text_holds(schema_of(root), "deploymentTemplate.json"))
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

static void refuse(struct import *import, const struct input *input, const char *hint, const char *message)
{
	diag_error(&import->diags, js_place(input->root), hint, "%s", message);
}

/* ---- documents that are something else ---- */

#define AZURES "give what describes a network in Azure"

/* The first object of a document or of the list that it is: what its keys say, it is. */
static const struct js *sample_of(const struct js *root)
{
	static const char *const lists[] = {"items", "resources", "value", "data"};
	const struct js *at = root->kind == JS_ARRAY ? root->first : NULL;
	for (size_t i = 0; !at && i < sizeof lists / sizeof *lists; i++) {
		const struct js *list = js_get(root, lists[i]);
		at = list && list->kind == JS_ARRAY ? list->first : NULL;
	}
	return at ? at : root;
}

static bool is_googles(const struct js *sample)
{
	const char *kind = js_string(js_get(sample, "kind")), *type = js_string(js_get(sample, "type")),
		   *link = js_string(js_get(sample, "selfLink"));
	return (kind && text_begins(kind, "compute#")) || (type && text_begins(type, "compute.")) ||
	       (link && text_holds(link, "googleapis.com"));
}

static bool is_cloudformation(const struct js *root)
{
	const struct js *resources = js_get(root, "Resources");
	const char *type =
		resources && resources->kind == JS_OBJECT ? js_string(js_get(resources->first, "Type")) : NULL;
	return js_get(root, "AWSTemplateFormatVersion") || (type && text_begins(type, "AWS::"));
}

static bool is_amazons(const struct js *root, const struct js *sample)
{
	static const char *const lists[] = {"Vpcs",         "Subnets",     "SecurityGroups",    "RouteTables",
					    "Reservations", "NatGateways", "NetworkInterfaces", "TransitGateways"};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		const struct js *list = js_get(root, lists[i]);
		if (list && list->kind == JS_ARRAY && !js_get(root, "id"))
			return true;
	}
	return js_get(sample, "VpcId") && !js_get(sample, "id");
}

/* Why nothing can be made of it, and what can be given in its place; NULL: it is not known what it is. */
static const char *name_of_other(const struct js *root, const char **ret_hint)
{
	const struct js *sample = sample_of(root);
	*ret_hint = AZURES;
	if (is_cloudformation(root))
		return "this is a template of another cloud: CloudFormation, of AWS";
	if (is_amazons(root, sample))
		return "this is an answer of another cloud: AWS";
	if (is_googles(sample))
		return "this is of another cloud: Google Cloud";
	if (js_get(sample, "apiVersion") && js_get(sample, "kind") && !js_get(sample, "type"))
		return "this is a manifest of Kubernetes: its policies are no groups of Azure";
	if (has_object(root, "resource") || js_get(root, "terraform")) {
		*ret_hint = "plan it: terraform plan -out plan.out, and then: terraform show -json plan.out >plan.json";
		return "Terraform is read as the JSON that it shows";
	}
	if (js_get(sample, "@level") && js_get(sample, "@message")) {
		*ret_hint = "show the plan: terraform show -json plan.out >plan.json";
		return "this is Terraform's log, not its plan";
	}
	if (js_at(root, "deployment.manifest")) {
		*ret_hint = "give answers of `az`, or `az graph query -q \"resources\"`";
		return "this is a state of Pulumi";
	}
	if (text_holds(schema_of(root), "CreateUIDefinition")) {
		*ret_hint = "give the template beside it";
		return "this describes a form of the portal";
	}
	if (js_get(root, "changes") && js_get(root, "status")) {
		*ret_hint = "give the template itself";
		return "this is an answer of `az deployment group what-if`";
	}
	if (js_at(root, "error.code")) {
		*ret_hint = "look whether the command names the right subscription, and sign in: az login";
		return "this answer is an error of Azure";
	}
	return NULL;
}

static bool is_other(const struct js *root)
{
	const char *hint;
	return name_of_other(root, &hint);
}

static enum input_kind of_others(struct import *import, const struct input *input)
{
	const struct js *root = input->root;
	const char *hint, *what = name_of_other(root, &hint);
	if (what)
		refuse(import, input, hint, what);
	else if (text_holds(schema_of(root), "subscriptionDeploymentTemplate") ||
		 text_holds(schema_of(root), "managementGroupDeploymentTemplate") ||
		 text_holds(schema_of(root), "tenantDeploymentTemplate"))
		return INPUT_TEMPLATE;
	else
		refuse(import, input,
		       "give answers of `az`, an ARM template, what `bicep build` writes, a Terraform state, or what "
		       "`terraform show "
		       "-json` prints",
		       "this JSON is nothing that describes a network of Azure");
	return INPUT_NOTHING;
}

void recognise(struct import *import, struct input *input)
{
	const struct js *root = input->root;
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
		refuse(import, input, "a file of parameters has {\"parameters\": {NAME: {\"value\": ...}}}",
		       "this is no file of parameters");
	else if (is_live(root) && !(root->kind == JS_ARRAY && is_other(root)))
		input->kind = INPUT_LIVE;
	else
		input->kind = of_others(import, input);
}
