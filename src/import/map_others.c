/* DOC: what the language has no noun for. Each resource that nothing has mapped is listed, with what it may change; of
 * types that have nothing to do with a network their number alone. */
#include "import/map.h"
#include <string.h>

#define OF_TERRAFORM "a resource of the network that no table has"

static const struct kind {
	const char *type; /* a beginning: longer ones first */
	enum severity severity;
	bool silent; /* it carries no packets and decides about none */
	const char *what;
} kinds[] = {
	{"Microsoft.Network/applicationGatewayWebApplicationFirewallPolicies", SEVERITY_MAY, false,
	 "web application firewall"},
	{"Microsoft.Network/applicationGateways", SEVERITY_CHANGES, false, "application gateway"},
	{"Microsoft.Network/azureFirewalls", SEVERITY_CHANGES, false, "firewall"},
	{"Microsoft.Network/firewallPolicies", SEVERITY_CHANGES, false, "policy of a firewall"},
	{"Microsoft.Network/ipGroups", SEVERITY_CHANGES, false, "group of addresses"},
	{"Microsoft.Network/loadBalancers", SEVERITY_CHANGES, false, "load balancer"},
	{"Microsoft.Network/natGateways", SEVERITY_CHANGES, false, "NAT gateway"},
	{"Microsoft.Network/privateEndpoints", SEVERITY_CHANGES, false, "private endpoint"},
	{"Microsoft.Network/privateLinkServices", SEVERITY_CHANGES, false, "private link service"},
	{"Microsoft.Network/privateDnsZones", SEVERITY_MAY, false, "private DNS zone"},
	{"Microsoft.Network/dnsZones", SEVERITY_MAY, false, "DNS zone"},
	{"Microsoft.Network/dnsResolvers", SEVERITY_MAY, false, "DNS resolver"},
	{"Microsoft.Network/dnsForwardingRulesets", SEVERITY_MAY, false, "DNS forwarding rules"},
	{"Microsoft.Network/bastionHosts", SEVERITY_MAY, false, "bastion"},
	{"Microsoft.Network/virtualWans", SEVERITY_CHANGES, false, "virtual WAN"},
	{"Microsoft.Network/virtualHubs", SEVERITY_CHANGES, false, "hub of a virtual WAN, or route server"},
	{"Microsoft.Network/vpnGateways", SEVERITY_CHANGES, false, "VPN gateway of a virtual WAN"},
	{"Microsoft.Network/vpnSites", SEVERITY_CHANGES, false, "site of a virtual WAN"},
	{"Microsoft.Network/p2sVpnGateways", SEVERITY_CHANGES, false, "gateway of users of a virtual WAN"},
	{"Microsoft.Network/expressRouteGateways", SEVERITY_CHANGES, false, "ExpressRoute gateway of a virtual WAN"},
	{"Microsoft.Network/expressRoute", SEVERITY_MAY, false, "ExpressRoute circuit or port"},
	{"Microsoft.Network/networkManagers", SEVERITY_CHANGES, false, "network manager"},
	{"Microsoft.Network/networkVirtualAppliances", SEVERITY_CHANGES, false, "appliance of a virtual WAN"},
	{"Microsoft.Network/frontDoors", SEVERITY_MAY, false, "front door"},
	{"Microsoft.Network/trafficManagerProfiles", SEVERITY_MAY, false, "traffic manager"},
	{"Microsoft.Network/serviceEndpointPolicies", SEVERITY_CHANGES, false, "policy of service endpoints"},
	{"Microsoft.Network/publicIPPrefixes", SEVERITY_MAY, false, "prefix of public addresses"},
	{"Microsoft.Network/publicIPAddresses", SEVERITY_MAY, false, "public address that nothing of the scenario has"},
	{"Microsoft.Network/applicationSecurityGroups", SEVERITY_MAY, false, "application security group"},
	{"Microsoft.Network/networkWatchers", SEVERITY_MAY, true, "it watches"},
	{"Microsoft.Network/networkInterfaces/tapConfigurations", SEVERITY_MAY, true, "it watches"},
	{"Microsoft.Network/networkProfiles", SEVERITY_MAY, false, "network of containers"},
	{"Microsoft.Network/ddos", SEVERITY_MAY, false, "protection against floods"},
	{"Microsoft.Network/", SEVERITY_CHANGES, false, "resource of the network"},
	{"Microsoft.Web/hostingEnvironments", SEVERITY_CHANGES, false, "environment"},
	{"Microsoft.Web/sites/config", SEVERITY_MAY, true, "settings of an app"},
	{"Microsoft.Web/sites/networkConfig", SEVERITY_CHANGES, false, "integration of an app with a network"},
	{"Microsoft.Web/sites/virtualNetworkConnections", SEVERITY_CHANGES, false,
	 "integration of an app with a network"},
	{"Microsoft.Web/sites/slots/", SEVERITY_MAY, true, "a part of a slot"},
	{"Microsoft.Web/sites/slots", SEVERITY_MAY, false, "slot of an app"},
	{"Microsoft.Web/sites/", SEVERITY_MAY, true, "a part of an app"},
	{"Microsoft.Web/sites", SEVERITY_MAY, false, "web app"},
	{"Microsoft.Web/serverfarms", SEVERITY_MAY, true, "plan of apps"},
	{"Microsoft.Web/", SEVERITY_MAY, true, "not of the network"},
	{"Microsoft.Compute/virtualMachineScaleSets/", SEVERITY_MAY, true, "a part of a scale set"},
	{"Microsoft.Compute/virtualMachineScaleSets", SEVERITY_CHANGES, false, "scale set"},
	{"Microsoft.Compute/virtualMachines/", SEVERITY_MAY, true, "a part of a machine"},
	{"Microsoft.Compute/virtualMachines", SEVERITY_CHANGES, false, "machine"},
	{"Microsoft.Compute/", SEVERITY_MAY, true, "not of the network"},
	{"Microsoft.ContainerService/managedClusters", SEVERITY_CHANGES, false, "Kubernetes cluster"},
	{"Microsoft.ContainerInstance/containerGroups", SEVERITY_CHANGES, false, "containers"},
	{"Microsoft.App/managedEnvironments", SEVERITY_CHANGES, false, "environment of container apps"},
	{"Microsoft.ApiManagement/service", SEVERITY_MAY, false, "API management"},
	{"Microsoft.Sql/managedInstances", SEVERITY_CHANGES, false, "managed instance of SQL"},
	{"Microsoft.Sql/servers/firewallRules", SEVERITY_MAY, false, "rule of a server's firewall"},
	{"Microsoft.Sql/servers/virtualNetworkRules", SEVERITY_MAY, false, "rule of a server's firewall"},
	{"Microsoft.Sql/servers", SEVERITY_MAY, false, "SQL server"},
	{"Microsoft.Cdn/", SEVERITY_MAY, false, "front door"},
	{"Microsoft.HDInsight/clusters", SEVERITY_MAY, false, "cluster"},
	{"Microsoft.Databricks/workspaces", SEVERITY_MAY, false, "workspace"},
	{"Microsoft.Cache/", SEVERITY_MAY, false, "cache"},
	{"Microsoft.Batch/", SEVERITY_MAY, false, "batch account"},
	{"Microsoft.ServiceFabric/clusters", SEVERITY_MAY, false, "cluster"},
	{"Microsoft.RedHatOpenShift/", SEVERITY_CHANGES, false, "cluster"},
	{"Microsoft.NetApp/", SEVERITY_MAY, false, "storage in a subnet"},
	{"Microsoft.AVS/", SEVERITY_CHANGES, false, "private cloud"},
	{"Microsoft.Resources/", SEVERITY_MAY, true, "the deployment"},
	{"Microsoft.Authorization/", SEVERITY_MAY, true, "permissions on resources"},
	{"Microsoft.Insights/", SEVERITY_MAY, true, "it watches"},
	{"Microsoft.OperationalInsights/", SEVERITY_MAY, true, "it watches"},
	{"Microsoft.OperationsManagement/", SEVERITY_MAY, true, "it watches"},
	{"Microsoft.ManagedIdentity/", SEVERITY_MAY, true, "identities of machines"},
	/* Of the provider azurerm, what stands in none of its tables. */
	{"Terraform/azurerm_network_watcher", SEVERITY_MAY, true, "it watches"},
	{"Terraform/azurerm_network_connection_monitor", SEVERITY_MAY, true, "it watches"},
	{"Terraform/azurerm_network_packet_capture", SEVERITY_MAY, true, "it watches"},
	{"Terraform/azurerm_network_ddos", SEVERITY_MAY, false, "protection against floods"},
	{"Terraform/azurerm_network_", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_subnet_", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_virtual_network_", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_virtual_hub", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_vpn_", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_point_to_site_", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_express_route_", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_route", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_firewall", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_ip_group", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_lb", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_nat_gateway", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_public_ip", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_private_endpoint", SEVERITY_CHANGES, false, OF_TERRAFORM},
	{"Terraform/azurerm_private_dns_", SEVERITY_MAY, false, "private DNS"},
	{"Microsoft.ClassicNetwork/", SEVERITY_CHANGES, false, "network of the classic deployment model"},
	{"Microsoft.ClassicCompute/", SEVERITY_CHANGES, false, "machine of the classic deployment model"},
};

static const struct kind *kind_of(const char *type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (text_begins(type, kinds[i].type))
			return &kinds[i];
	return NULL;
}

/* Children of what is listed go with it. */
static bool parent_told(struct map *map, struct resource *resource)
{
	struct resource *parent = resource_parent(map->import, resource);
	return parent && !parent->existing && !parent->mapped && !resource_is(parent, "virtualNetworks");
}

/* Whether a note says already why it is not in the scenario. */
static bool is_told(const struct map *map, const struct resource *resource)
{
	for (size_t i = 0; i < map->import->n_notes; i++)
		for (const struct js *at = map->import->notes[i].at; at; at = at->parent)
			if (at == resource->body)
				return true;
	return false;
}

static void list(struct map *map, struct resource *resource, const struct kind *kind)
{
	static const char *const parts[] = {"Microsoft.Network/virtualNetworks/",
					    "Microsoft.Network/networkSecurityGroups/",
					    "Microsoft.Network/routeTables/"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (text_begins(resource->type, parts[i])) {
			note_prop(map->import, SEVERITY_CHANGES, resource->body,
				  "%s: it is a part of what is not among the inputs", resource->name);
			return;
		}
	note_prop(map->import, kind->severity, resource->body, "%s: %s", resource->name, kind->what);
}

void map_others(struct map *map)
{
	struct import *import = map->import;
	size_t n_strange = 0;
	const struct js *first = NULL;
	struct buf types = {0};
	for (size_t i = 0; i < import->n_resources; i++) {
		struct resource *at = import->resources[i];
		const struct kind *kind = kind_of(at->type);
		at->network = kind && !kind->silent;
		if (at->mapped || at->existing || (kind && kind->silent))
			continue;
		if (kind && is_told(map, at)) {
			mark_all(at->body, MARK_NOTED);
			continue;
		}
		if (kind && !parent_told(map, at)) {
			list(map, at, kind);
			continue;
		}
		if (kind) {
			mark_all(at->body, MARK_NOTED);
			continue;
		}
		if (n_strange++ < 8)
			buf_printf(&types, "%s%s %s", n_strange == 1 ? "" : ", ", at->type, at->label);
		first = first ? first : at->body;
	}
	if (n_strange > 0)
		note(import, SEVERITY_MAY, first, "%zu resource%s of other services: %s%s", n_strange,
		     n_strange == 1 ? "" : "s", buf_text(&types), n_strange > 8 ? ", ..." : "");
	import->store.failed = import->store.failed || buf_failed(&types);
	buf_free(&types);
}
