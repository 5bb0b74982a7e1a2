/* What is given by mistake: documents of other clouds and tools, and sources that some tool makes readable. Each is named,
 * with what to give in its place. */
#include "import/foreign.h"
#include <assert.h>
#include <string.h>

#define AZURES "give what describes a network in Azure"

static const struct {
	const char *what, *hint;
} foreigns[] = {
	[FOREIGN_NONE] =
		{"this JSON is nothing that describes a network of Azure",
		 "give answers of `az`, an ARM template, what `bicep build` writes, a Terraform state, or what "
		 "`terraform show -json` prints"},
	[FOREIGN_CLOUDFORMATION] = {"this is a template of another cloud: CloudFormation, of AWS", AZURES},
	[FOREIGN_AWS] = {"this is an answer of another cloud: AWS", AZURES},
	[FOREIGN_GOOGLE] = {"this is of another cloud: Google Cloud", AZURES},
	[FOREIGN_KUBERNETES] = {"this is a manifest of Kubernetes: its policies are no groups of Azure", AZURES},
	[FOREIGN_TERRAFORM] = {"Terraform is read as the JSON that it shows",
			       "plan it: terraform plan -out plan.out, and then: terraform show -json plan.out "
			       ">plan.json"},
	[FOREIGN_TERRAFORM_LOG] = {"this is Terraform's log, not its plan",
				   "show the plan: terraform show -json plan.out >plan.json"},
	[FOREIGN_PULUMI] = {"this is a state of Pulumi", "give answers of `az`, or `az graph query -q \"resources\"`"},
	[FOREIGN_FORM] = {"this describes a form of the portal", "give the template beside it"},
	[FOREIGN_WHAT_IF] = {"this is an answer of `az deployment group what-if`", "give the template itself"},
	[FOREIGN_ERROR] = {"this answer is an error of Azure",
			   "look whether the command names the right subscription, and sign in: az login"},
};
static_assert(sizeof foreigns / sizeof *foreigns == FOREIGN_COUNT, "each has its words");

void foreign_refuse(struct import *import, struct place place, enum foreign foreign)
{
	diag_error(&import->diags, place, foreigns[foreign].hint, "%s", foreigns[foreign].what);
}

/* ---- documents ---- */

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

static bool has_object(const struct js *root, const char *key)
{
	const struct js *at = js_get(root, key);
	return at && at->kind == JS_OBJECT;
}

enum foreign foreign_document(const struct js *root)
{
	const struct js *sample = sample_of(root);
	const char *schema = js_string(js_get(root, "$schema"));
	if (is_cloudformation(root))
		return FOREIGN_CLOUDFORMATION;
	if (is_amazons(root, sample))
		return FOREIGN_AWS;
	if (is_googles(sample))
		return FOREIGN_GOOGLE;
	if (js_get(sample, "apiVersion") && js_get(sample, "kind") && !js_get(sample, "type"))
		return FOREIGN_KUBERNETES;
	if (has_object(root, "resource") || js_get(root, "terraform"))
		return FOREIGN_TERRAFORM;
	if (js_get(sample, "@level") && js_get(sample, "@message"))
		return FOREIGN_TERRAFORM_LOG;
	if (js_at(root, "deployment.manifest"))
		return FOREIGN_PULUMI;
	if (schema && text_holds(schema, "CreateUIDefinition"))
		return FOREIGN_FORM;
	if (js_get(root, "changes") && js_get(root, "status"))
		return FOREIGN_WHAT_IF;
	return js_at(root, "error.code") ? FOREIGN_ERROR : FOREIGN_NONE;
}

/* ---- sources ---- */

static bool is_yaml(const struct input *input, const char *text, size_t n)
{
	size_t i = 0;
	while (i < n && strchr(" \t\r\n", text[i]))
		i++;
	return (text_ends(input->base, ".yaml") || text_ends(input->base, ".yml")) && !(i < n && strchr("{[", text[i]));
}

static bool holds(const char *text, size_t n, const char *part)
{
	return memmem(text, n, part, strlen(part));
}

static enum foreign foreign_yaml(const char *text, size_t n)
{
	if (holds(text, n, "AWSTemplateFormatVersion") || holds(text, n, "AWS::"))
		return FOREIGN_CLOUDFORMATION;
	return holds(text, n, "apiVersion:") && holds(text, n, "kind:") ? FOREIGN_KUBERNETES : FOREIGN_NONE;
}

bool foreign_refuse_source(struct import *import, const struct input *input, const char *text, size_t text_bytes)
{
	static const char log[] = "{\"@level\"";
	struct place place = {input->name, 0, 0};
	const char *base = input->base;
	if (text_ends(base, ".bicep") || text_ends(base, ".bicepparam"))
		diag_error(&import->diags, place,
			   store_printf(&import->store, "compile it: bicep build %s", input->name),
			   "Bicep is read as the JSON that it compiles to");
	else if (text_ends(base, ".tf") || text_ends(base, ".tfvars") || text_ends(base, ".tfplan"))
		foreign_refuse(import, place, FOREIGN_TERRAFORM);
	else if (text_bytes > strlen(log) && memcmp(text, log, strlen(log)) == 0)
		foreign_refuse(import, place, FOREIGN_TERRAFORM_LOG);
	else if (!is_yaml(input, text, text_bytes))
		return false;
	else if (foreign_yaml(text, text_bytes) != FOREIGN_NONE)
		foreign_refuse(import, place, foreign_yaml(text, text_bytes));
	else
		diag_error(&import->diags, place,
			   store_printf(&import->store, "a scenario is run as it is: pktpath run %s", input->name),
			   "this is YAML; inputs are JSON");
	return true;
}
