/* DOC: the tables of azurerm's resources: which type of Azure's each is, and which property each attribute. Names of
 * several versions of the provider stand side by side. TF_DROP is for what Azure's own shape says otherwise. */
#include "import/terraform_tables.h"

/* ---- networks ---- */

#define SUBNET_PROPERTIES                                                                                              \
	COPY("address_prefix", P "addressPrefix"), COPY("address_prefixes", P "addressPrefixes"),                      \
		ID("security_group", P "networkSecurityGroup", "networkSecurityGroups"),                               \
		ID("network_security_group_id", P "networkSecurityGroup", "networkSecurityGroups"),                    \
		ID("route_table_id", P "routeTable", "routeTables"), /* of version 5: written, never read */           \
		ID("network_security_group_id_wo", P "networkSecurityGroup", "networkSecurityGroups"),                 \
		ID("route_table_id_wo", P "routeTable", "routeTables"), DROP("network_security_group_id_wo_version"),  \
		DROP("route_table_id_wo_version"), COPY("service_endpoint", P "serviceEndpoints"),                     \
		COPY("ip_address_pool", P "ipamPoolPrefixAllocations"), DROP("sharing_scope"),                         \
		COPY("service_endpoints", P "serviceEndpoints"), COPY("delegation", P "delegations"),                  \
		COPY("service_endpoint_policy_ids", P "serviceEndpointPolicies"),                                      \
		COPY("default_outbound_access_enabled", P "defaultOutboundAccess"),                                    \
		{"private_endpoint_network_policies_enabled", TF_IF_TRUE, P "privateEndpointNetworkPolicies",          \
		 "Enabled", NULL},                                                                                     \
		COPY("private_endpoint_network_policies", P "privateEndpointNetworkPolicies"),                         \
		DROP("enforce_private_link_endpoint_network_policies"),                                                \
		DROP("enforce_private_link_service_network_policies"),                                                 \
		COPY("private_link_service_network_policies_enabled", P "privateLinkServiceNetworkPolicies")

static const struct tf_attr inline_subnet[] = {COPY("name", "name"), DROP("id"), SUBNET_PROPERTIES, END};
static const struct tf_attr vnet[] = {COMMON,
				      COPY("address_space", P "addressSpace.addressPrefixes"),
				      COPY("dns_servers", P "dhcpOptions.dnsServers"),
				      BLOCKS("subnet", P "subnets", inline_subnet),
				      COPY("ddos_protection_plan", P "ddosProtectionPlan"),
				      COPY("flow_timeout_in_minutes", P "flowTimeoutInMinutes"),
				      DROP("guid"),
				      DROP("bgp_community"),
				      DROP("edge_zone"),
				      COPY("encryption", P "encryption"),
				      COPY("ip_address_pool", P "addressSpace.ipamPoolPrefixAllocations"),
				      COPY("private_endpoint_vnet_policies", P "privateEndpointVNetPolicies"),
				      END};
static const struct tf_attr subnet[] = {COMMON, DROP("virtual_network_name"), SUBNET_PROPERTIES, END};
static const struct tf_attr peering[] = {COMMON,
					 DROP("virtual_network_name"),
					 ID("remote_virtual_network_id", P "remoteVirtualNetwork", "virtualNetworks"),
					 COPY("allow_virtual_network_access", P "allowVirtualNetworkAccess"),
					 COPY("allow_forwarded_traffic", P "allowForwardedTraffic"),
					 COPY("allow_gateway_transit", P "allowGatewayTransit"),
					 COPY("use_remote_gateways", P "useRemoteGateways"),
					 COPY("peer_complete_virtual_networks_enabled", P "peerCompleteVnets"),
					 COPY("only_ipv6_peering_enabled", P "enableOnlyIPv6Peering"),
					 COPY("local_subnet_names", P "localSubnetNames"),
					 COPY("remote_subnet_names", P "remoteSubnetNames"),
					 DROP("triggers"),
					 END};
#define RULE_PROPERTIES                                                                                                \
	COPY("priority", P "priority"), COPY("direction", P "direction"), COPY("access", P "access"),                  \
		COPY("protocol", P "protocol"), COPY("source_port_range", P "sourcePortRange"),                        \
		COPY("source_port_ranges", P "sourcePortRanges"),                                                      \
		COPY("destination_port_range", P "destinationPortRange"),                                              \
		COPY("destination_port_ranges", P "destinationPortRanges"),                                            \
		COPY("source_address_prefix", P "sourceAddressPrefix"),                                                \
		COPY("source_address_prefixes", P "sourceAddressPrefixes"),                                            \
		COPY("destination_address_prefix", P "destinationAddressPrefix"),                                      \
		COPY("destination_address_prefixes", P "destinationAddressPrefixes"),                                  \
		IDS("source_application_security_group_ids", P "sourceApplicationSecurityGroups",                      \
		    "applicationSecurityGroups"),                                                                      \
		IDS("destination_application_security_group_ids", P "destinationApplicationSecurityGroups",            \
		    "applicationSecurityGroups"),                                                                      \
		COPY("description", P "description")
static const struct tf_attr inline_rule[] = {COPY("name", "name"), RULE_PROPERTIES, END};
static const struct tf_attr nsg[] = {COMMON, BLOCKS("security_rule", P "securityRules", inline_rule), END};
static const struct tf_attr rule[] = {COMMON, DROP("network_security_group_name"), RULE_PROPERTIES, END};
static const struct tf_attr named[] = {COMMON, END};
#define ROUTE_PROPERTIES                                                                                               \
	COPY("address_prefix", P "addressPrefix"), COPY("next_hop_type", P "nextHopType"),                             \
		COPY("next_hop_in_ip_address", P "nextHopIpAddress")
static const struct tf_attr inline_route[] = {COPY("name", "name"), ROUTE_PROPERTIES, END};
static const struct tf_attr table[] = {COMMON,
				       BLOCKS("route", P "routes", inline_route),
				       COPY("disable_bgp_route_propagation", P "disableBgpRoutePropagation"),
				       NOT("bgp_route_propagation_enabled", P "disableBgpRoutePropagation"),
				       DROP("subnets"),
				       END};
static const struct tf_attr route[] = {COMMON, DROP("route_table_name"), ROUTE_PROPERTIES, END};

/* ---- addresses and machines ---- */

static const struct tf_attr public_ip[] = {COMMON,
					   COPY("ip_address", P "ipAddress"),
					   COPY("sku", "sku.name"),
					   COPY("sku_tier", "sku.tier"),
					   COPY("zones", "zones"),
					   COPY("availability_zone", "zones"),
					   COPY("allocation_method", P "publicIPAllocationMethod"),
					   COPY("public_ip_address_allocation", P "publicIPAllocationMethod"),
					   COPY("ip_version", P "publicIPAddressVersion"),
					   COPY("idle_timeout_in_minutes", P "idleTimeoutInMinutes"),
					   COPY("domain_name_label", P "dnsSettings.domainNameLabel"),
					   COPY("fqdn", P "dnsSettings.fqdn"),
					   COPY("reverse_fqdn", P "dnsSettings.reverseFqdn"),
					   COPY("ddos_protection_mode", P "ddosSettings.protectionMode"),
					   COPY("ip_tags", P "ipTags"),
					   COPY("ddos_protection_plan_id", P "ddosSettings.ddosProtectionPlan"),
					   COPY("domain_name_label_scope", P "dnsSettings.domainNameLabelScope"),
					   ID("public_ip_prefix_id", P "publicIPPrefix", "publicIPPrefixes"),
					   DROP("edge_zone"),
					   END};
static const struct tf_attr public_prefix[] = {COMMON,
					       COPY("ip_prefix", P "ipPrefix"),
					       COPY("prefix_length", P "prefixLength"),
					       COPY("ip_version", P "publicIPAddressVersion"),
					       COPY("sku_tier", "sku.tier"),
					       COPY("sku", "sku.name"),
					       COPY("zones", "zones"),
					       END};
#define CONFIGURATION_PROPERTIES                                                                                       \
	ID("subnet_id", P "subnet", "virtualNetworks/subnets"),                                                        \
		ID("public_ip_address_id", P "publicIPAddress", "publicIPAddresses"),                                  \
		COPY("private_ip_address", P "privateIPAddress"),                                                      \
		COPY("private_ip_address_allocation", P "privateIPAllocationMethod"),                                  \
		COPY("private_ip_address_version", P "privateIPAddressVersion"), COPY("primary", P "primary")
static const struct tf_attr configuration[] = {
	COPY("name", "name"), CONFIGURATION_PROPERTIES,
	IDS("load_balancer_backend_address_pools_ids", P "loadBalancerBackendAddressPools", NULL),
	IDS("application_security_group_ids", P "applicationSecurityGroups", "applicationSecurityGroups"), END};
static const struct tf_attr nic[] = {COMMON,
				     BLOCKS("ip_configuration", P "ipConfigurations", configuration),
				     COPY("enable_ip_forwarding", P "enableIPForwarding"),
				     COPY("ip_forwarding_enabled", P "enableIPForwarding"),
				     COPY("enable_accelerated_networking", P "enableAcceleratedNetworking"),
				     COPY("accelerated_networking_enabled", P "enableAcceleratedNetworking"),
				     ID("network_security_group_id", P "networkSecurityGroup", "networkSecurityGroups"),
				     COPY("dns_servers", P "dnsSettings.dnsServers"),
				     COPY("auxiliary_mode", P "auxiliaryMode"),
				     COPY("auxiliary_sku", P "auxiliarySku"),
				     DROP("edge_zone"),
				     DROP("applied_dns_servers"),
				     DROP("internal_domain_name_suffix"),
				     DROP("internal_dns_name_label"),
				     DROP("mac_address"),
				     DROP("private_ip_address"), /* those of its configurations count */
				     DROP("private_ip_addresses"),
				     DROP("virtual_machine_id"),
				     END};
static const struct tf_attr machine[] = {
	COMMON, IDS("network_interface_ids", P "networkProfile.networkInterfaces", "networkInterfaces"),
	DROP("network_interface_id"), END};
static const struct tf_attr windows_machine[] = {
	COMMON, IDS("network_interface_ids", P "networkProfile.networkInterfaces", "networkInterfaces"),
	COPY("admin_username", P "osProfile.windowsConfiguration.adminUsername"), END};
static const struct tf_attr set_configuration[] = {
	COPY("name", "name"),
	CONFIGURATION_PROPERTIES,
	IDS("load_balancer_backend_address_pool_ids", P "loadBalancerBackendAddressPools", NULL),
	IDS("load_balancer_inbound_nat_rules_ids", P "loadBalancerInboundNatPools", NULL),
	IDS("application_security_group_ids", P "applicationSecurityGroups", "applicationSecurityGroups"),
	COPY("public_ip_address", P "publicIPAddressConfiguration"),
	COPY("public_ip_address_configuration", P "publicIPAddressConfiguration"),
	COPY("version", P "privateIPAddressVersion"),
	END};
static const struct tf_attr set_interface[] = {
	COPY("name", "name"),
	BLOCKS("ip_configuration", P "ipConfigurations", set_configuration),
	COPY("enable_ip_forwarding", P "enableIPForwarding"),
	COPY("ip_forwarding_enabled", P "enableIPForwarding"),
	COPY("ip_forwarding", P "enableIPForwarding"),
	ID("network_security_group_id", P "networkSecurityGroup", "networkSecurityGroups"),
	COPY("primary", P "primary"),
	END};
static const struct tf_attr set_sku[] = {COPY("capacity", "capacity"), COPY("name", "name"), COPY("tier", "tier"), END};
#define SCALE_SET                                                                                                      \
	COMMON, COPY("instances", "sku.capacity"), BLOCK("sku", "sku", set_sku),                                       \
		BLOCKS("network_interface", P "virtualMachineProfile.networkProfile.networkInterfaceConfigurations",   \
		       set_interface),                                                                                 \
		BLOCKS("network_profile", P "virtualMachineProfile.networkProfile.networkInterfaceConfigurations",     \
		       set_interface)
static const struct tf_attr scale_set[] = {SCALE_SET, END};
static const struct tf_attr flexible_set[] = {SCALE_SET, CONSTANT(P "orchestrationMode", "Flexible"), END};

/* ---- gateways ---- */

static const struct tf_attr gateway_configuration[] = {COPY("name", "name"), CONFIGURATION_PROPERTIES, END};
static const struct tf_attr gateway[] = {
	COMMON,
	COPY("type", P "gatewayType"),
	COPY("vpn_type", P "vpnType"),
	COPY("sku", P "sku.name"),
	COPY("generation", P "vpnGatewayGeneration"),
	COPY("active_active", P "activeActive"),
	COPY("enable_bgp", P "enableBgp"),
	COPY("bgp_enabled", P "enableBgp"),
	COPY("private_ip_address_enabled", P "enablePrivateIpAddress"),
	COPY("bgp_route_translation_for_nat_enabled", P "enableBgpRouteTranslationForNat"),
	COPY("dns_forwarding_enabled", P "enableDnsForwarding"),
	NOT("ip_sec_replay_protection_enabled", P "disableIPSecReplayProtection"),
	COPY("remote_vnet_traffic_enabled", P "allowRemoteVnetTraffic"),
	COPY("virtual_wan_traffic_enabled", P "allowVirtualWanTraffic"),
	DROP("minimum_scale_unit"),
	DROP("maximum_scale_unit"),
	DROP("edge_zone"),
	COPY("bgp_settings", P "bgpSettings"),
	BLOCKS("ip_configuration", P "ipConfigurations", gateway_configuration),
	COPY("vpn_client_configuration", P "vpnClientConfiguration"),
	COPY("custom_route", P "customRoutes"),
	ID("default_local_network_gateway_id", P "gatewayDefaultSite", "localNetworkGateways"),
	END};
static const struct tf_attr local_gateway[] = {COMMON,
					       COPY("address_space", P "localNetworkAddressSpace.addressPrefixes"),
					       COPY("gateway_address", P "gatewayIpAddress"),
					       COPY("gateway_fqdn", P "fqdn"),
					       COPY("bgp_settings", P "bgpSettings"),
					       END};
static const struct tf_attr connection[] = {
	COMMON,
	COPY("type", P "connectionType"),
	ID("virtual_network_gateway_id", P "virtualNetworkGateway1", "virtualNetworkGateways"),
	ID("peer_virtual_network_gateway_id", P "virtualNetworkGateway2", "virtualNetworkGateways"),
	ID("local_network_gateway_id", P "localNetworkGateway2", "localNetworkGateways"),
	ID("express_route_circuit_id", P "peer", "expressRouteCircuits"),
	COPY("shared_key", P "sharedKey"),
	COPY("authorization_key", P "authorizationKey"),
	COPY("routing_weight", P "routingWeight"),
	COPY("enable_bgp", P "enableBgp"),
	COPY("bgp_enabled", P "enableBgp"),
	COPY("private_link_fast_path_enabled", P "enablePrivateLinkFastPath"),
	COPY("custom_bgp_addresses", P "gatewayCustomBgpIpAddresses"),
	IDS("egress_nat_rule_ids", P "egressNatRules", NULL),
	IDS("ingress_nat_rule_ids", P "ingressNatRules", NULL),
	COPY("connection_protocol", P "connectionProtocol"),
	COPY("connection_mode", P "connectionMode"),
	COPY("dpd_timeout_seconds", P "dpdTimeoutSeconds"),
	COPY("ipsec_policy", P "ipsecPolicies"),
	COPY("express_route_gateway_bypass", P "expressRouteGatewayBypass"),
	COPY("use_policy_based_traffic_selectors", P "usePolicyBasedTrafficSelectors"),
	COPY("local_azure_ip_address_enabled", P "useLocalAzureIpAddress"),
	COPY("traffic_selector_policy", P "trafficSelectorPolicies"),
	END};

const struct tf_type *tf_types_network(size_t *ret_n)
{
	static const struct tf_type types[] = {
		RESOURCE("azurerm_virtual_network", "Microsoft.Network/virtualNetworks", vnet),
		CHILD("azurerm_subnet", "Microsoft.Network/virtualNetworks/subnets", "virtual_network_name", subnet),
		CHILD("azurerm_virtual_network_peering", "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
		      "virtual_network_name", peering),
		RESOURCE("azurerm_network_security_group", "Microsoft.Network/networkSecurityGroups", nsg),
		CHILD("azurerm_network_security_rule", "Microsoft.Network/networkSecurityGroups/securityRules",
		      "network_security_group_name", rule),
		RESOURCE("azurerm_application_security_group", "Microsoft.Network/applicationSecurityGroups", named),
		RESOURCE("azurerm_route_table", "Microsoft.Network/routeTables", table),
		CHILD("azurerm_route", "Microsoft.Network/routeTables/routes", "route_table_name", route),
		RESOURCE("azurerm_public_ip", "Microsoft.Network/publicIPAddresses", public_ip),
		RESOURCE("azurerm_public_ip_prefix", "Microsoft.Network/publicIPPrefixes", public_prefix),
		RESOURCE("azurerm_network_interface", "Microsoft.Network/networkInterfaces", nic),
		RESOURCE("azurerm_linux_virtual_machine", "Microsoft.Compute/virtualMachines", machine),
		RESOURCE("azurerm_windows_virtual_machine", "Microsoft.Compute/virtualMachines", windows_machine),
		RESOURCE("azurerm_virtual_machine", "Microsoft.Compute/virtualMachines", machine),
		RESOURCE("azurerm_linux_virtual_machine_scale_set", "Microsoft.Compute/virtualMachineScaleSets",
			 scale_set),
		RESOURCE("azurerm_windows_virtual_machine_scale_set", "Microsoft.Compute/virtualMachineScaleSets",
			 scale_set),
		RESOURCE("azurerm_orchestrated_virtual_machine_scale_set", "Microsoft.Compute/virtualMachineScaleSets",
			 flexible_set),
		RESOURCE("azurerm_virtual_machine_scale_set", "Microsoft.Compute/virtualMachineScaleSets", scale_set),
		RESOURCE("azurerm_virtual_network_gateway", "Microsoft.Network/virtualNetworkGateways", gateway),
		RESOURCE("azurerm_local_network_gateway", "Microsoft.Network/localNetworkGateways", local_gateway),
		RESOURCE("azurerm_virtual_network_gateway_connection", "Microsoft.Network/connections", connection),
	};
	*ret_n = sizeof types / sizeof *types;
	return types;
}
