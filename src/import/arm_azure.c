/* DOC: functions of templates about Azure itself. The subscription, the group, its location and ids made of them are
 * fixed stand-ins that count as known: a network does not depend on them. What a resource has once it is deployed and
 * its template does not say is unknown. */
#include "import/arm.h"
#include <string.h>

static struct js *text_of(struct eval *eval, const char *text)
{
	return js_text(eval->arm->store, text, eval->at);
}

static void put_text(struct eval *eval, struct js *object, const char *key, const char *text)
{
	js_put(eval->arm->store, object, key, text_of(eval, text));
}

/* ---- ids ---- */

/* TYPE, NAME, ... from this argument on. */
static const char *names_from(struct eval *eval, const struct call *call, size_t first)
{
	const char *names = first < call->n ? arm_text(call, first) : "";
	for (size_t i = first + 1; i < call->n; i++)
		names = store_printf(eval->arm->store, "%s/%s", names, arm_text(call, i));
	return names;
}

/* The first argument that is a type: those before it are a subscription and a group. */
static size_t type_argument(const struct call *call)
{
	size_t i = 0;
	while (i < call->n && i < 2 && !strchr(arm_text(call, i), '/'))
		i++;
	return i;
}

static struct js *fn_resource_id(struct eval *eval, const struct call *call)
{
	const struct scope *scope = eval->scope;
	size_t type = type_argument(call);
	const char *group = type > 0 ? arm_text(call, type - 1) : scope->group,
		   *subscription = type > 1 ? arm_text(call, 0) : scope->subscription;
	return text_of(eval, resource_id(eval->arm->import, subscription, group, arm_text(call, type),
					 names_from(eval, call, type + 1)));
}

static struct js *fn_subscription_resource_id(struct eval *eval, const struct call *call)
{
	size_t type = type_argument(call);
	const char *subscription = type > 0 ? arm_text(call, 0) : eval->scope->subscription;
	return text_of(eval, resource_id(eval->arm->import, subscription, NULL, arm_text(call, type),
					 names_from(eval, call, type + 1)));
}

static struct js *fn_tenant_resource_id(struct eval *eval, const struct call *call)
{
	return text_of(eval, resource_id(eval->arm->import, NULL, NULL, arm_text(call, 0), names_from(eval, call, 1)));
}

/* The management group is given, or the deployment's. */
static struct js *fn_management_group_resource_id(struct eval *eval, const struct call *call)
{
	size_t type = type_argument(call);
	const char *below =
		resource_id(eval->arm->import, NULL, NULL, arm_text(call, type), names_from(eval, call, type + 1));
	return text_of(eval, store_printf(eval->arm->store, "/providers/Microsoft.Management/managementGroups/%s%s",
					  type > 0 ? arm_text(call, 0) : "management-group", below));
}

static struct js *fn_extension_resource_id(struct eval *eval, const struct call *call)
{
	const char *below = resource_id(eval->arm->import, NULL, NULL, arm_text(call, 1), names_from(eval, call, 2));
	return text_of(eval, store_printf(eval->arm->store, "%s%s", arm_text(call, 0), below));
}

/* ---- where the deployment is ---- */

static struct js *fn_resource_group(struct eval *eval, const struct call *call)
{
	struct js *group = arm_empty(eval, JS_OBJECT);
	const struct scope *scope = eval->scope;
	(void)call;
	put_text(eval, group, "id",
		 store_printf(eval->arm->store, "/subscriptions/%s/resourceGroups/%s", scope->subscription,
			      scope->group));
	put_text(eval, group, "name", scope->group);
	put_text(eval, group, "type", "Microsoft.Resources/resourceGroups");
	put_text(eval, group, "location", ARM_LOCATION);
	js_put(eval->arm->store, group, "tags", arm_empty(eval, JS_OBJECT));
	js_put(eval->arm->store, group, "properties", arm_empty(eval, JS_OBJECT));
	return group;
}

static struct js *fn_subscription(struct eval *eval, const struct call *call)
{
	struct js *subscription = arm_empty(eval, JS_OBJECT);
	(void)call;
	put_text(eval, subscription, "id",
		 store_printf(eval->arm->store, "/subscriptions/%s", eval->scope->subscription));
	put_text(eval, subscription, "subscriptionId", eval->scope->subscription);
	put_text(eval, subscription, "tenantId", ARM_SUBSCRIPTION);
	put_text(eval, subscription, "displayName", "subscription");
	return subscription;
}

static struct js *fn_tenant(struct eval *eval, const struct call *call)
{
	struct js *tenant = arm_empty(eval, JS_OBJECT);
	(void)call;
	put_text(eval, tenant, "tenantId", ARM_SUBSCRIPTION);
	put_text(eval, tenant, "id", "/tenants/" ARM_SUBSCRIPTION);
	put_text(eval, tenant, "displayName", "tenant");
	put_text(eval, tenant, "objectId", ARM_SUBSCRIPTION);
	return tenant;
}

static struct js *fn_management_group(struct eval *eval, const struct call *call)
{
	struct js *group = arm_empty(eval, JS_OBJECT);
	(void)call;
	put_text(eval, group, "name", "management-group");
	put_text(eval, group, "id", "/providers/Microsoft.Management/managementGroups/management-group");
	return group;
}

static struct js *fn_deployment(struct eval *eval, const struct call *call)
{
	struct js *deployment = arm_empty(eval, JS_OBJECT), *properties = arm_empty(eval, JS_OBJECT),
		  *link = arm_empty(eval, JS_OBJECT);
	struct store *store = eval->arm->store;
	(void)call;
	put_text(eval, deployment, "name", eval->scope->deployment);
	put_text(eval, deployment, "location", ARM_LOCATION);
	put_text(eval, link, "uri", store_printf(store, "https://template/%s", eval->scope->input->base));
	js_put(store, properties, "templateLink", link);
	put_text(eval, properties, "mode", "Incremental");
	js_put(store, properties, "parameters", arm_empty(eval, JS_OBJECT));
	js_put(store, deployment, "properties", properties);
	properties->why = link->why = "what Azure says of the deployment";
	return deployment;
}

static struct js *fn_environment(struct eval *eval, const struct call *call)
{
	static const char *const texts[][2] = {{"name", "AzureCloud"},
					       {"resourceManager", "https://management.azure.com/"},
					       {"portal", "https://portal.azure.com"},
					       {"gallery", "https://gallery.azure.com/"},
					       {"graph", "https://graph.windows.net/"}};
	static const char *const suffixes[][2] = {{"storage", "core.windows.net"},
						  {"sqlServerHostname", ".database.windows.net"},
						  {"keyvaultDns", ".vault.azure.net"},
						  {"acrLoginServer", ".azurecr.io"},
						  {"azureDatalakeStoreFileSystem", "azuredatalakestore.net"}};
	struct js *environment = arm_empty(eval, JS_OBJECT), *suffix = arm_empty(eval, JS_OBJECT),
		  *authentication = arm_empty(eval, JS_OBJECT);
	(void)call;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		put_text(eval, environment, texts[i][0], texts[i][1]);
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
		put_text(eval, suffix, suffixes[i][0], suffixes[i][1]);
	js_put(eval->arm->store, environment, "suffixes", suffix);
	put_text(eval, authentication, "loginEndpoint", "https://login.microsoftonline.com/");
	put_text(eval, authentication, "tenant", "common");
	js_put(eval->arm->store, environment, "authentication", authentication);
	environment->why = suffix->why = authentication->why = "what Azure says of itself";
	return environment;
}

static struct js *fn_providers(struct eval *eval, const struct call *call)
{
	struct js *provider = arm_empty(eval, JS_OBJECT);
	(void)call;
	provider->why = "what Azure says of a provider";
	return provider;
}

static struct js *fn_pick_zones(struct eval *eval, const struct call *call)
{
	struct js *list = arm_empty(eval, JS_ARRAY);
	int64_t n = call->n > 3 ? arm_number(call, 3) : 1;
	for (int64_t i = 1; i <= n && i <= 3; i++)
		put_text(eval, list, NULL, store_printf(eval->arm->store, "%lld", (long long)i));
	return list;
}

/* ---- other resources ---- */

static struct js *outputs_of(struct eval *eval, struct entry *entry)
{
	struct js *outputs = entry->outputs ? entry->outputs : arm_empty(eval, JS_OBJECT);
	struct js *properties = arm_empty(eval, JS_OBJECT);
	if (!entry->outputs)
		outputs->why = "its template is not among the inputs";
	js_put(eval->arm->store, properties, "outputs", js_copy(eval->arm->store, outputs));
	put_text(eval, properties, "provisioningState", "Succeeded");
	properties->why = "what Azure says of a deployment";
	return properties;
}

/* What stands within a resource has an id, as Azure answers it: the network's and, below it, `subnets/NAME`. */
static void put_ids(struct eval *eval, struct entry *entry, struct js *properties)
{
	struct store *store = eval->arm->store;
	for (struct js *list = properties->first; list; list = list->next) {
		if (list->kind != JS_ARRAY || !list->key)
			continue;
		each_item(child, list)
		{
			const char *name = child->kind == JS_OBJECT ? js_string(js_get(child, "name")) : NULL;
			if (name && js_get(child, "properties") && !js_get(child, "id"))
				put_text(eval, child, "id",
					 store_printf(store, "%s/%s/%s", entry->id, list->key, name));
		}
	}
}

static struct js *properties_of(struct eval *eval, struct entry *entry)
{
	struct js *properties = js_get(entry->body, "properties");
	if (!properties) {
		properties = js_make(eval->arm->store, JS_OBJECT, eval->at);
		js_put(eval->arm->store, entry->body, "properties", properties);
	}
	if (properties->kind == JS_OBJECT && !properties->why) {
		properties->why = store_printf(eval->arm->store, "Azure allots it to %s", entry->name);
		properties->text = entry->id;
		put_ids(eval, entry, properties);
	}
	return properties;
}

/* What stands within another resource: the subnet of a network by the id that it has by itself. */
static struct js *reference_inside(struct eval *eval, const char *id)
{
	struct store *store = eval->arm->store;
	char *parent = store_array(store, strlen(id) + 1, 1), *name = parent ? strrchr(strcpy(parent, id), '/') : NULL;
	if (!name || name == parent)
		return NULL;
	*name++ = '\0';
	char *kind = strrchr(parent, '/');
	if (!kind)
		return NULL;
	*kind++ = '\0';
	struct entry *entry = strchr(parent, '/') ? arm_find(eval, parent) : NULL;
	if (!entry || entry->existing || entry->deployment || !arm_finish_entry(eval, entry) || !entry->body)
		return NULL;
	struct js *children = js_get(properties_of(eval, entry), kind);
	each_item(child, children)
	{
		if (js_string(js_get(child, "name")) && text_same(js_string(js_get(child, "name")), name)) {
			struct js *inside = js_get(child, "properties");
			if (inside && inside->kind == JS_OBJECT && !inside->why) {
				inside->why = store_printf(store, "Azure allots it to %s", name);
				inside->text = id;
			}
			return inside;
		}
	}
	return NULL;
}

static struct js *fn_reference(struct eval *eval, const struct call *call)
{
	const char *what = arm_text(call, 0);
	struct entry *entry = arm_find(eval, what);
	bool full = call->n > 2 && text_same(arm_text(call, 2), "full");
	if (!entry || entry->existing) {
		struct js *inside = reference_inside(eval, what);
		return inside ? inside : arm_unknown(eval, "%s is not among the inputs", entry ? entry->name : what);
	}
	if (!arm_finish_entry(eval, entry)) { /* to what it was before it is deployed again */
		struct js *before = reference_inside(eval, entry->id);
		return before ? before : arm_unknown(eval, "%s refers to itself", entry->name);
	}
	if (!entry->body)
		return arm_unknown(eval, "%s is not deployed", entry->name);
	struct js *properties = entry->deployment ? outputs_of(eval, entry) : properties_of(eval, entry);
	if (!full)
		return properties;
	struct js *whole = js_make(eval->arm->store, JS_OBJECT, eval->at);
	for (struct js *child = entry->body->first; child; child = child->next)
		if (!text_same(child->key, "properties"))
			js_put(eval->arm->store, whole, child->key, child);
	js_put(eval->arm->store, whole, "properties", properties);
	js_put(eval->arm->store, whole, "resourceId", text_of(eval, entry->id));
	whole->why = store_printf(eval->arm->store, "Azure says it of %s", entry->name);
	whole->text = entry->id;
	return whole;
}

/* references('symbol'): of each copy. */
static struct js *fn_references(struct eval *eval, const struct call *call)
{
	struct js *list = arm_empty(eval, JS_ARRAY);
	for (int64_t i = 0; i < ARM_MAX_COPIES; i++) {
		struct js *name =
			text_of(eval, store_printf(eval->arm->store, "%s[%lld]", arm_text(call, 0), (long long)i));
		struct js *args[] = {name, call->n > 1 ? call->args[1] : name, call->n > 2 ? call->args[2] : name};
		struct call one = {call->expression, args, call->n};
		if (!arm_find(eval, name->text))
			break;
		js_put(eval->arm->store, list, NULL, fn_reference(eval, &one));
	}
	return list;
}

static struct js *fn_resource_info(struct eval *eval, const struct call *call)
{
	struct entry *entry = arm_find(eval, arm_text(call, 0));
	struct js *info = arm_empty(eval, JS_OBJECT);
	if (!entry)
		return arm_unknown(eval, "%s is not among the inputs", arm_text(call, 0));
	put_text(eval, info, "id", entry->id);
	put_text(eval, info, "name", entry->name);
	put_text(eval, info, "type", entry->type);
	info->why = "Azure says it";
	return info;
}

static struct js *fn_deployer(struct eval *eval, const struct call *call)
{
	struct js *deployer = arm_empty(eval, JS_OBJECT);
	(void)call;
	put_text(eval, deployer, "tenantId", ARM_SUBSCRIPTION);
	put_text(eval, deployer, "objectId", ARM_SUBSCRIPTION);
	return deployer;
}

const struct arm_function *arm_functions_azure(size_t *ret_n)
{
	static const struct arm_function table[] = {
		{"resourceId", 2, 1000, fn_resource_id, false, false},
		{"subscriptionResourceId", 2, 1000, fn_subscription_resource_id, false, false},
		{"tenantResourceId", 2, 1000, fn_tenant_resource_id, false, false},
		{"managementGroupResourceId", 2, 1000, fn_management_group_resource_id, false, false},
		{"extensionResourceId", 3, 1000, fn_extension_resource_id, false, false},
		{"resourceGroup", 0, 0, fn_resource_group, false, false},
		{"subscription", 0, 0, fn_subscription, false, false},
		{"tenant", 0, 0, fn_tenant, false, false},
		{"managementGroup", 0, 0, fn_management_group, false, false},
		{"deployment", 0, 0, fn_deployment, false, false},
		{"deployer", 0, 0, fn_deployer, false, false},
		{"environment", 0, 0, fn_environment, false, false},
		{"providers", 1, 2, fn_providers, false, false},
		{"pickZones", 3, 5, fn_pick_zones, false, false},
		{"reference", 1, 3, fn_reference, false, false},
		{"references", 1, 3, fn_references, false, false},
		{"resourceInfo", 1, 1, fn_resource_info, false, false},
	};
	*ret_n = sizeof table / sizeof *table;
	return table;
}
