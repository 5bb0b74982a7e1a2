/* DOC: the account of properties. Each leaf of each network resource is used by the mapping, or noted, or stands in the
 * table below with the reason why no packet depends on it; what is neither is noted here, so that nothing is lost
 * silently. */
#include "import/properties.h"
#include "import/import.h"
#include <string.h>

#define OF_AZURE "a mark of Azure's own management"
#define OF_TEMPLATE "directs the deployment"
#define BACK "refers back to what refers here"
#define STATE "a state that Azure reports"
#define PLACEMENT "where machines stand, not what reaches them"

static const struct inert {
	const char *type; /* a beginning; NULL: of any */
	const char *key;
	const char *reason;
} table[] = {
	{NULL, "etag", OF_AZURE},
	{NULL, "name", "the name, as it is shown"},
	{NULL, "type", OF_AZURE},
	{NULL, "apiVersion", OF_TEMPLATE},
	{NULL, "dependsOn", OF_TEMPLATE},
	{NULL, "condition", OF_TEMPLATE},
	{NULL, "copy", OF_TEMPLATE},
	{NULL, "comments", "prose"},
	{NULL, "description", "prose"},
	{NULL, "displayName", "prose"},
	{NULL, "metadata", "prose"},
	{NULL, "scope", OF_TEMPLATE},
	{NULL, "tags", "labels of the owner"},
	{NULL, "systemData", OF_AZURE},
	{NULL, "location", "the region; of networks it is used"},
	{NULL, "zones", PLACEMENT},
	{NULL, "zone", PLACEMENT},
	{NULL, "extendedLocation", PLACEMENT},
	{NULL, "identity", "the identity towards Azure's management"},
	{NULL, "kind", OF_AZURE},
	{NULL, "managedBy", OF_AZURE},
	{NULL, "plan", "how it is paid for"},
	{NULL, "resourceGroup", OF_AZURE},
	{NULL, "resourceGroupName", OF_AZURE},
	{NULL, "subscriptionId", OF_AZURE},
	{NULL, "tenantId", OF_AZURE},
	{NULL, "resourceGuid", OF_AZURE},
	{NULL, "provisioningState", STATE},
	{NULL, "provisioningTime", STATE},
	{NULL, "timeCreated", STATE},
	{NULL, "createdTime", STATE},
	{NULL, "changedTime", STATE},
	{NULL, "peeringSyncLevel", STATE},
	{NULL, "peeringState", STATE},
	{NULL, "remoteAddressSpace", "the peer's own space counts"},
	{NULL, "remoteVirtualNetworkAddressSpace", "the peer's own space counts"},
	{NULL, "localAddressSpace", "the network's own space counts"},
	{NULL, "localVirtualNetworkAddressSpace", "the network's own space counts"},
	{NULL, "doNotVerifyRemoteGateways", OF_TEMPLATE},
	{NULL, "hidden-title", "prose"},
	{NULL, "packetCaptureDiagnosticState", "it watches"},
	{"Microsoft.Network/privateDnsZones", "maxNumberOfRecordSets", "a bound"},
	{"Microsoft.Network/privateDnsZones", "maxNumberOfVirtualNetworkLinks", "a bound"},
	{"Microsoft.Network/privateDnsZones", "maxNumberOfVirtualNetworkLinksWithRegistration", "a bound"},
	{"Microsoft.Network/privateDnsZones", "numberOfRecordSets", STATE},
	{"Microsoft.Network/privateDnsZones", "numberOfVirtualNetworkLinks", STATE},
	{"Microsoft.Network/privateDnsZones", "numberOfVirtualNetworkLinksWithRegistration", STATE},
	{"Microsoft.Network/virtualNetworkGateways", "disableIPSecReplayProtection", "how the tunnel is made"},
	{"Microsoft.Network/virtualNetworks", "enableDdosProtection",
	 "protection against floods, which the model has none of"},
	{"Microsoft.Network/virtualNetworks", "ddosProtectionPlan",
	 "protection against floods, which the model has none of"},
	{"Microsoft.Network/virtualNetworks", "enableVmProtection", "it has no effect any more"},
	{"Microsoft.Network/virtualNetworks", "flowTimeoutInMinutes",
	 "of connections without packets, longer than the model's"},
	{"Microsoft.Network/virtualNetworks", "ipConfigurations", BACK},
	{"Microsoft.Network/virtualNetworks", "ipConfigurationProfiles", BACK},
	{"Microsoft.Network/virtualNetworks", "privateEndpoints", BACK},
	{"Microsoft.Network/virtualNetworks", "resourceNavigationLinks", BACK},
	{"Microsoft.Network/virtualNetworks", "serviceAssociationLinks", BACK},
	{"Microsoft.Network/virtualNetworks", "applicationGatewayIPConfigurations", BACK},
	{"Microsoft.Network/virtualNetworks", "applicationGatewayIpConfigurations", BACK},
	{"Microsoft.Network/virtualNetworks", "delegations",
	 "who may place machines there; packets do not depend on it"},
	{"Microsoft.Network/virtualNetworks", "privateLinkServiceNetworkPolicies",
	 "of private link services, which are noted"},
	{"Microsoft.Network/virtualNetworks", "purpose", OF_AZURE},
	{"Microsoft.Network/virtualNetworks", "privateEndpointVNetPolicies",
	 "which policies a private endpoint may have"},
	{"Microsoft.Network/virtualNetworks", "id", OF_AZURE},
	{"Microsoft.Network/networkSecurityGroups", "defaultSecurityRules",
	 "the model has Azure's default rules itself"},
	{"Microsoft.Network/networkSecurityGroups", "networkInterfaces", BACK},
	{"Microsoft.Network/networkSecurityGroups", "subnets", BACK},
	{"Microsoft.Network/networkSecurityGroups", "flowLogs", "it watches"},
	{"Microsoft.Network/routeTables", "subnets", BACK},
	{"Microsoft.Network/routeTables", "hasBgpOverride", STATE},
	{"Microsoft.Network/networkInterfaces", "enableAcceleratedNetworking", "speed"},
	{"Microsoft.Network/networkInterfaces", "auxiliaryMode", "speed"},
	{"Microsoft.Network/networkInterfaces", "auxiliarySku", "speed"},
	{"Microsoft.Network/networkInterfaces", "vnetEncryptionSupported", STATE},
	{"Microsoft.Network/networkInterfaces", "disableTcpStateTracking",
	 "the flow table of a host with accelerated networking"},
	{"Microsoft.Network/networkInterfaces", "hostedWorkloads", STATE},
	{"Microsoft.Network/networkInterfaces", "tapConfigurations", "it watches"},
	{"Microsoft.Network/networkInterfaces", "macAddress", "the model has addresses of its own on links"},
	{"Microsoft.Network/networkInterfaces", "nicType", OF_AZURE},
	{"Microsoft.Network/networkInterfaces", "virtualMachine", BACK},
	{"Microsoft.Network/networkInterfaces", "primary", "the first address configuration counts"},
	{"Microsoft.Network/networkInterfaces", "internalDnsNameLabel", "a name of Azure's own resolver"},
	{"Microsoft.Network/networkInterfaces", "internalDomainNameSuffix", "a name of Azure's own resolver"},
	{"Microsoft.Network/networkInterfaces", "internalFqdn", "a name of Azure's own resolver"},
	{"Microsoft.Network/networkInterfaces", "appliedDnsServers", STATE},
	{"Microsoft.Network/networkInterfaces", "privateIPAllocationMethod", "the address itself counts"},
	{"Microsoft.Network/networkInterfaces", "privateIPAddressVersion", "it is IPv4"},
	{"Microsoft.Network/publicIPAddresses", "ipConfiguration", BACK},
	{"Microsoft.Network/publicIPAddresses", "publicIPAllocationMethod", "the address itself counts"},
	{"Microsoft.Network/publicIPAddresses", "publicIPAddressVersion", "others than IPv4 are in no scenario"},
	{"Microsoft.Network/publicIPAddresses", "idleTimeoutInMinutes",
	 "of a balancer or a machine: the noun that has the address says it"},
	{"Microsoft.Network/publicIPAddresses", "dnsSettings", "a public name; calls of the scenario name the host"},
	{"Microsoft.Network/publicIPAddresses", "ddosSettings",
	 "protection against floods, which the model has none of"},
	{"Microsoft.Network/publicIPAddresses", "ipTags", "labels for routing outside Azure"},
	{"Microsoft.Network/publicIPAddresses", "tier", "where it is announced"},
	{"Microsoft.Network/publicIPAddresses", "natGateway", BACK},
	{"Microsoft.Network/publicIPAddresses", "publicIPPrefix", BACK},
	{"Microsoft.Network/publicIPPrefixes", "publicIPAddresses", BACK},
	{"Microsoft.Network/publicIPPrefixes", "natGateway", BACK},
	{"Microsoft.Network/publicIPPrefixes", "loadBalancerFrontendIpConfiguration", BACK},
	{"Microsoft.Network/publicIPPrefixes", "ipTags", "labels for routing outside Azure"},
	{"Microsoft.Network/publicIPPrefixes", "sku", "a prefix has one only"},
	{"Microsoft.Network/publicIPPrefixes", "publicIPAddressVersion", "others than IPv4 are noted"},
	{"Microsoft.Network/loadBalancers", "tier", "where it is announced"},
	{"Microsoft.Network/loadBalancers", "privateIPAllocationMethod", "the address itself counts"},
	{"Microsoft.Network/loadBalancers", "privateIPAddressVersion", "others than IPv4 are noted"},
	{"Microsoft.Network/loadBalancers", "drainPeriodInSeconds", "how a machine leaves a pool"},
	{"Microsoft.Network/loadBalancers", "tunnelInterfaces", "of gateway load balancers, which are noted"},
	{"Microsoft.Network/azureFirewalls", "sku", "what it can do, which its rules use or not"},
	{"Microsoft.Network/azureFirewalls", "privateIPAllocationMethod", "the address itself counts"},
	{"Microsoft.Network/azureFirewalls", "virtualHub", "of a virtual WAN, which is noted"},
	{"Microsoft.Network/azureFirewalls", "ipGroups", BACK},
	{"Microsoft.Network/firewallPolicies", "sku", "what it can do, which its rules use or not"},
	{"Microsoft.Network/firewallPolicies", "firewalls", BACK},
	{"Microsoft.Network/firewallPolicies", "childPolicies", BACK},
	{"Microsoft.Network/firewallPolicies", "size", OF_AZURE},
	{"Microsoft.Network/firewallPolicies", "insights", "it watches"},
	{"Microsoft.Network/ipGroups", "firewalls", BACK},
	{"Microsoft.Network/ipGroups", "firewallPolicies", BACK},
	{"Microsoft.Network/natGateways", "subnets", BACK},
	{"Microsoft.Network/natGateways", "tier", "where it is"},
	{"Microsoft.Network/virtualNetworkGateways", "sku", "speed"},
	{"Microsoft.Network/virtualNetworkGateways", "vpnType", "how the tunnel is made"},
	{"Microsoft.Network/virtualNetworkGateways", "vpnGatewayGeneration", "speed"},
	{"Microsoft.Network/virtualNetworkGateways", "activeActive", "how many machines make the tunnel"},
	{"Microsoft.Network/virtualNetworkGateways", "enableBgp", "of a connection it is noted"},
	{"Microsoft.Network/virtualNetworkGateways", "bgpSettings",
	 "who speaks BGP; prefixes are those of local networks"},
	{"Microsoft.Network/virtualNetworkGateways", "privateIPAllocationMethod",
	 "the gateway's address is no destination"},
	{"Microsoft.Network/virtualNetworkGateways", "privateIPAddress", "the gateway's address is no destination"},
	{"Microsoft.Network/localNetworkGateways", "gatewayIpAddress",
	 "the other end of the tunnel, outside of what is carried"},
	{"Microsoft.Network/localNetworkGateways", "fqdn", "the other end of the tunnel, outside of what is carried"},
	{"Microsoft.Network/localNetworkGateways", "bgpSettings",
	 "who speaks BGP; prefixes are those of the local network"},
	{"Microsoft.Network/connections", "sharedKey", "a secret of the tunnel"},
	{"Microsoft.Network/connections", "authorizationKey", "a secret of the circuit"},
	{"Microsoft.Network/connections", "routingWeight", "the choice between circuits"},
	{"Microsoft.Network/connections", "connectionProtocol", "how the tunnel is made"},
	{"Microsoft.Network/connections", "connectionMode", "how the tunnel is made"},
	{"Microsoft.Network/connections", "ipsecPolicies", "how the tunnel is made"},
	{"Microsoft.Network/connections", "dpdTimeoutSeconds", "how the tunnel is made"},
	{"Microsoft.Network/connections", "connectionStatus", STATE},
	{"Microsoft.Network/connections", "egressBytesTransferred", STATE},
	{"Microsoft.Network/connections", "ingressBytesTransferred", STATE},
	{"Microsoft.Network/connections", "expressRouteGatewayBypass", "speed"},
	{"Microsoft.Network/connections", "usePolicyBasedTrafficSelectors",
	 "how the tunnel is made; its selectors are noted"},
	{"Microsoft.Network/connections", "useLocalAzureIpAddress", "how the tunnel is made"},
	{"Microsoft.Network/connections", "enableBgp", "where it is true it is noted"},
	{"Microsoft.Sql/servers", "*", "of the server, not of its network"},
	{"Microsoft.Compute/", "*", "of the machine, not of its network"},
	{"Microsoft.Web/sites", "*", "of the app, not of its network"},
	{"Microsoft.Web/serverfarms", "*", "of the app's plan, not of a network"},
	{"Microsoft.Web/hostingEnvironments", "clusterSettings", "of the machines, not of their network"},
	{"Microsoft.Web/hostingEnvironments", "multiSize", "size of machines"},
	{"Microsoft.Web/hostingEnvironments", "workerSize", "size of machines"},
	{"Microsoft.Web/hostingEnvironments", "workerSizeId", "size of machines"},
	{"Microsoft.Web/hostingEnvironments", "workerPools", "size of machines; their number is used"},
	{"Microsoft.Web/hostingEnvironments", "computeMode", "whether others use the same machines"},
	{"Microsoft.Web/hostingEnvironments", "frontEndScaleFactor",
	 "how the number of front ends follows that of workers"},
	{"Microsoft.Web/hostingEnvironments", "maximumNumberOfMachines", "a bound"},
	{"Microsoft.Web/hostingEnvironments", "dedicatedHostCount", PLACEMENT},
	{"Microsoft.Web/hostingEnvironments", "zoneRedundant", PLACEMENT},
	{"Microsoft.Web/hostingEnvironments", "hasLinuxWorkers", "of the machines, not of their network"},
	{"Microsoft.Web/hostingEnvironments", "status", STATE},
	{"Microsoft.Web/hostingEnvironments", "suspended", STATE},
	{"Microsoft.Web/hostingEnvironments", "dnsSuffix", "names of apps; calls of the scenario name the app"},
	{"Microsoft.Web/hostingEnvironments", "customDnsSuffixConfiguration",
	 "names of apps; calls of the scenario name the app"},
	{"Microsoft.Web/hostingEnvironments", "upgradePreference", OF_AZURE},
	{"Microsoft.Web/hostingEnvironments", "upgradeAvailability", STATE},
	{"Microsoft.Web/hostingEnvironments", "allowNewPrivateEndpointConnections", "what may be made later"},
	{"Microsoft.Web/hostingEnvironments", "ipSslAddressCount",
	 "addresses of single apps; zero in all but old environments"},
	{"Microsoft.Web/hostingEnvironments", "location", "the region; that of its network is used"},
};

/* Switches that are off, and others that change nothing at this value. */
static const struct {
	const char *key, *value, *reason;
} values[] = {
	{"threatIntelMode", "Off", "it is off"},
	{"threatIntelMode", "Alert", "it watches"},
	{"noHealthyBackendsBehavior", "AllProbedDown", "as the model has it"},
	{"dnsProxy", "false", "it is off"},
	{"terminateTLS", "false", "it is off"},
	{"proxy_enabled", "false", "it is off"},
	{"allowPort25Out", "true", "as the model has it"},
	{"allowBackendPortConflict", "false", "it is off"},
	{"allowRemoteVnetTraffic", "false", "it is off"},
	{"allowVirtualWanTraffic", "false", "it is off"},
};

/* A switch that the model does not have: where it is off, nothing is missed. */
static bool is_switch_off(const struct js *leaf)
{
	return leaf->kind == JS_BOOL && !leaf->truth && leaf->key &&
	       (text_begins(leaf->key, "enable") || text_ends(leaf->key, "_enabled"));
}

static bool is_container(const struct js *node)
{
	return node->kind == JS_ARRAY || node->kind == JS_OBJECT;
}

/* `{id: X}` says what its key says; an `id` among others is the object's own. */
static bool is_own_id(const struct js *node)
{
	return node->key && text_same(node->key, "id") && node->parent && node->parent->n > 1;
}

const char *property_inert(const struct js *leaf, const struct resource *resource)
{
	const char *value = js_is_unknown(leaf) ? NULL : js_string(leaf);
	if (is_own_id(leaf))
		return OF_AZURE;
	for (size_t i = 0; leaf->key && value && i < sizeof values / sizeof *values; i++)
		if (text_same(leaf->key, values[i].key) && text_same(value, values[i].value))
			return values[i].reason;
	if (is_switch_off(leaf))
		return "it is off";
	for (const struct js *at = leaf; at; at = at->parent) {
		if (resource && at == resource->body)
			break;
		if (at->key && text_begins(at->key, JS_TERRAFORM))
			return "Terraform's own, or said by another attribute";
		for (size_t i = 0; at->key && i < sizeof table / sizeof *table; i++) {
			bool of_type = !table[i].type || (resource && text_begins(resource->type, table[i].type));
			if (of_type && text_same(at->key, table[i].key))
				return table[i].reason;
		}
		if (!resource)
			break;
	}
	for (size_t i = 0; resource && i < sizeof table / sizeof *table; i++)
		if (table[i].type && strcmp(table[i].key, "*") == 0 && text_begins(resource->type, table[i].type))
			return table[i].reason;
	return NULL;
}

/* ---- the walk ---- */

/* The path below the resource, as people write it: "properties.subnets.0.addressPrefix". */
static const char *path_of(struct import *import, const struct js *leaf, const struct js *top)
{
	const char *path = "";
	for (const struct js *at = leaf; at && at != top; at = at->parent) {
		size_t index = 0;
		if (!at->key)
			for (const struct js *child = at->parent ? at->parent->first : NULL; child && child != at;
			     child = child->next)
				index++;
		const char *step = at->key ? at->key : store_printf(&import->store, "%zu", index);
		path = *path ? store_printf(&import->store, "%s.%s", step, path) : step;
	}
	return path;
}

typedef void visit_fn(struct import *import, struct resource *resource, struct js *leaf, void *context);

static bool is_leaf(const struct js *node)
{
	return !is_container(node) || node->n == 0;
}

/* Without recursion: hostile documents are no deeper than the reader allows, and mapped ones no deeper than those. */
static void visit(struct import *import, struct resource *resource, visit_fn *each, void *context)
{
	struct js *at = resource->body;
	while (at) {
		if (is_leaf(at))
			each(import, resource, at, context);
		if (at->first) {
			at = at->first;
			continue;
		}
		while (at != resource->body && !at->next)
			at = at->parent;
		at = at == resource->body ? NULL : at->next;
	}
}

static bool is_empty(const struct js *leaf)
{
	return leaf->kind == JS_NULL || is_container(leaf) || (leaf->kind == JS_STRING && !*leaf->text && !leaf->why);
}

/* A name only keeps things apart, and an id made of one finds what has the same. */
static bool is_name(const struct js *leaf)
{
	const char *text = js_string(leaf);
	bool of_sku = leaf->parent && leaf->parent->key && text_same(leaf->parent->key, "sku");
	return leaf->key && !of_sku &&
	       (text_same(leaf->key, "name") || text_same(leaf->key, "subnet") || (text && strchr(text, '/')));
}

/* A value that is not known was looked at, and nothing was said of it: the scenario has what holds without it. */
static bool is_silent_guess(const struct import *import, const struct js *leaf)
{
	if (leaf->mark != MARK_USED || !js_is_unknown(leaf) || is_name(leaf))
		return false;
	for (size_t i = 0; i < import->n_assumed; i++)
		if (import->assumed[i].at == leaf)
			return false;
	return true;
}

static void account(struct import *import, struct resource *resource, struct js *leaf, void *context)
{
	(void)context;
	if (is_silent_guess(import, leaf))
		note_prop(import, SEVERITY_MAY, leaf, "%s: %s: %s; the scenario is as without it",
			  resource->given ? resource->given : resource->name, path_of(import, leaf, resource->body),
			  leaf->why);
	if (leaf->mark != MARK_NONE)
		return;
	if (is_empty(leaf) || property_inert(leaf, resource)) {
		leaf->mark = MARK_INERT;
		return;
	}
	const char *value = js_string(leaf);
	note_prop(import, SEVERITY_MAY, leaf, "%s: %s: %.80s", resource->given ? resource->given : resource->name,
		  path_of(import, leaf, resource->body), value ? value : "not known");
}

void properties_account(struct import *import)
{
	for (size_t i = 0; i < import->n_resources; i++)
		if (import->resources[i]->network && import->resources[i]->body && !import->resources[i]->existing)
			visit(import, import->resources[i], account, NULL);
}

/* ---- telling it ---- */

static const char *const fates[] = {
	[MARK_NONE] = "lost", [MARK_USED] = "mapped", [MARK_NOTED] = "not-modelled", [MARK_INERT] = "no-influence"};
_Static_assert(sizeof fates / sizeof *fates == MARK_COUNT, "a word for each mark");

struct telling {
	property_fn *each;
	void *context;
};

static void list(struct import *import, struct resource *resource, struct js *leaf, void *context)
{
	const struct telling *telling = context;
	const char *reason = leaf->mark == MARK_INERT ? property_inert(leaf, resource) : NULL;
	if (leaf->mark == MARK_INERT && !reason)
		reason = "it is empty";
	telling->each(telling->context, resource, leaf, path_of(import, leaf, resource->body), fates[leaf->mark],
		      reason);
}

void properties_each(struct import *import, property_fn *each, void *context)
{
	struct telling telling = {each, context};
	for (size_t i = 0; i < import->n_resources; i++)
		if (import->resources[i]->network && import->resources[i]->body && !import->resources[i]->existing)
			visit(import, import->resources[i], list, &telling);
}
