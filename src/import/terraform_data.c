/* Data sources: what a configuration looks up and does not make. They have the attributes of resources, so that those whose
 * rules and routes are whole there become resources, too, where none of the inputs makes the same object. Of firewalls and
 * balancers they have no rules: those are in no scenario. */
#include "import/terraform.h"
#include <string.h>

static bool is_whole(const char *type)
{
	static const char *const whole[] = {"azurerm_virtual_network",
					    "azurerm_subnet",
					    "azurerm_network_security_group",
					    "azurerm_application_security_group",
					    "azurerm_route_table",
					    "azurerm_public_ip",
					    "azurerm_public_ip_prefix",
					    "azurerm_nat_gateway",
					    "azurerm_network_interface",
					    "azurerm_private_dns_zone",
					    "azurerm_storage_account",
					    "azurerm_mssql_server",
					    "azurerm_service_plan",
					    "azurerm_app_service_plan",
					    "azurerm_app_service_environment_v3",
					    "azurerm_local_network_gateway",
					    "azurerm_virtual_network_gateway"};
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		if (strcmp(whole[i], type) == 0)
			return true;
	return false;
}

/* {NAME: ID of the other network}: whether it lets traffic through, or lends a gateway, they do not say. */
static void put_peerings(struct tf *tf, struct tf_resource *network, struct js *body)
{
	struct js *peerings = js_get(network->values, "vnet_peerings");
	for (struct js *at = peerings && peerings->kind == JS_OBJECT ? peerings->first : NULL; at; at = at->next) {
		const char *id = js_string(at);
		if (!id || !resource_find(tf->import, id, "virtualNetworks"))
			continue;
		struct js *item = js_make(tf->store, JS_OBJECT, at);
		js_put(tf->store, item, "name", js_text(tf->store, at->key, at));
		js_put(tf->store, item, "remoteVirtualNetwork", tf_id_object(tf, id, at));
		js_put(tf->store, tf_list(tf, body, "properties.virtualNetworkPeerings", peerings), NULL, item);
		assume(tf->import, at, NULL, "%s: its peering %s lets no forwarded traffic in and lends no gateway",
		       network->azure_name, at->key);
	}
}

/* What the tables do not know of a data source is what Terraform computes of it. */
static bool is_computed(const struct js *member)
{
	static const char *const known[] = {"properties", "location", "tags", "sku", "zones"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (text_same(member->key, known[i]))
			return false;
	return member->kind != JS_NULL && !text_begins(member->key, JS_TERRAFORM);
}

static void set_computed_aside(struct tf *tf, struct js *body)
{
	struct js *next;
	for (struct js *at = js_get(body, "properties") ? body->first : NULL; at; at = next) {
		next = at->next;
		if (is_computed(at))
			tf_set_aside(tf, body, at);
	}
}

void tf_add_data(struct tf *tf, struct tf_resource *data)
{
	if (!data->kind || !data->id || !is_whole(data->type) || !js_get(data->values, "id"))
		return;
	struct js *body = js_make(tf->store, JS_OBJECT, data->values);
	tf_fill(tf, data, data->kind->attrs, data->values, NULL, body);
	set_computed_aside(tf, body);
	if (resource_add_looked_up(tf->import, tf->input, data->azure_type, data->azure_name, data->id, body) &&
	    strcmp(data->type, "azurerm_virtual_network") == 0)
		put_peerings(tf, data, body);
}
