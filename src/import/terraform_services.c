/* The tables of azurerm's resources, continued: balancers, NAT gateways, private endpoints, environments and
 * apps, and those that the language has no noun for. */
#include "import/terraform_tables.h"

/* ---- NAT gateways and balancers ---- */

static const struct tf_attr nat_gateway[] = {COMMON,
					     IDS("public_ip_address_ids", P "publicIpAddresses", PUBLIC),
					     IDS("public_ip_prefix_ids", P "publicIpPrefixes", "publicIPPrefixes"),
					     COPY("idle_timeout_in_minutes", P "idleTimeoutInMinutes"),
					     COPY("sku_name", "sku.name"),
					     COPY("zones", "zones"),
					     DROP("resource_guid"),
					     END};
static const struct tf_attr frontend[] = {COPY("name", "name"),
					  ID("subnet_id", P "subnet", SUBNETS),
					  ID("public_ip_address_id", P "publicIPAddress", PUBLIC),
					  ID("public_ip_prefix_id", P "publicIPPrefix", "publicIPPrefixes"),
					  COPY("private_ip_address", P "privateIPAddress"),
					  COPY("private_ip_address_allocation", P "privateIPAllocationMethod"),
					  COPY("private_ip_address_version", P "privateIPAddressVersion"),
					  COPY("zones", "zones"),
					  DROP("id"),
					  DROP("inbound_nat_rules"),
					  DROP("load_balancer_rules"),
					  DROP("outbound_rules"),
					  END};
static const struct tf_attr balancer[] = {COMMON,
					  COPY("sku", "sku.name"),
					  COPY("sku_tier", "sku.tier"),
					  BLOCKS("frontend_ip_configuration", P "frontendIPConfigurations", frontend),
					  DROP("private_ip_address"),
					  DROP("private_ip_addresses"),
					  END};
static const struct tf_attr pool[] = {COMMON,
				      DROP("loadbalancer_id"),
				      DROP("backend_ip_configurations"),
				      DROP("load_balancing_rules"),
				      DROP("outbound_rules"),
				      DROP("inbound_nat_rules"),
				      DROP("synchronous_mode"),
				      ID("virtual_network_id", P "virtualNetwork", "virtualNetworks"),
				      COPY("tunnel_interface", P "tunnelInterfaces"),
				      END};
static const struct tf_attr pool_address[] = {COMMON,
					      DROP("backend_address_pool_id"),
					      DROP("backend_address_ip_configuration_id"),
					      DROP("inbound_nat_rule_port_mapping"),
					      ID("virtual_network_id", P "virtualNetwork", "virtualNetworks"),
					      COPY("ip_address", P "ipAddress"),
					      END};
static const struct tf_attr probe[] = {COMMON,
				       DROP("loadbalancer_id"),
				       DROP("load_balancer_rules"),
				       COPY("protocol", P "protocol"),
				       COPY("port", P "port"),
				       COPY("request_path", P "requestPath"),
				       COPY("interval_in_seconds", P "intervalInSeconds"),
				       COPY("number_of_probes", P "numberOfProbes"),
				       COPY("probe_threshold", P "probeThreshold"),
				       END};
#define BALANCING                                                                                                      \
	COMMON, DROP("loadbalancer_id"), COPY("protocol", P "protocol"), COPY("frontend_port", P "frontendPort"),      \
		COPY("backend_port", P "backendPort"), COPY("frontend_ip_configuration_name", P "frontendName"),       \
		DROP("frontend_ip_configuration_id"), COPY("idle_timeout_in_minutes", P "idleTimeoutInMinutes"),       \
		COPY("enable_floating_ip", P "enableFloatingIP"), COPY("floating_ip_enabled", P "enableFloatingIP"),   \
		COPY("enable_tcp_reset", P "enableTcpReset"), COPY("tcp_reset_enabled", P "enableTcpReset")
static const struct tf_attr balancing[] = {BALANCING,
					   ID("backend_address_pool_id", P "backendAddressPool", NULL),
					   IDS("backend_address_pool_ids", P "backendAddressPools", NULL),
					   ID("probe_id", P "probe", NULL),
					   COPY("load_distribution", P "loadDistribution"),
					   COPY("disable_outbound_snat", P "disableOutboundSnat"),
					   END};
#define RANGE                                                                                                          \
	COPY("frontend_port_start", P "frontendPortRangeStart"), COPY("frontend_port_end", P "frontendPortRangeEnd")
static const struct tf_attr nat_pool[] = {BALANCING, RANGE, END};
static const struct tf_attr nat_rule[] = {BALANCING, RANGE, DROP("backend_ip_configuration_id"),
					  ID("backend_address_pool_id", P "backendAddressPool", NULL), END};
static const struct tf_attr outbound_frontend[] = {COPY("name", "name"), DROP("id"), END};
static const struct tf_attr outbound_rule[] = {
	BALANCING, ID("backend_address_pool_id", P "backendAddressPool", NULL),
	BLOCKS("frontend_ip_configuration", P "frontendIPConfigurations", outbound_frontend),
	COPY("allocated_outbound_ports", P "allocatedOutboundPorts"), END};

/* ---- private endpoints ---- */

static const struct tf_attr service_connection[] = {
	COPY("name", "name"),
	ID_TEXT("private_connection_resource_id", P "privateLinkServiceId", NULL),
	COPY("subresource_names", P "groupIds"),
	DROP("is_manual_connection"),
	DROP("request_message"),
	COPY("private_connection_resource_alias", P "privateLinkServiceAlias"),
	COPY("private_ip_address", P "privateIPAddress"),
	END};
static const struct tf_attr zone_group[] = {COPY("name", "name"),
					    IDS("private_dns_zone_ids", P "zones", "privateDnsZones"), DROP("id"), END};
static const struct tf_attr endpoint_configuration[] = {
	COPY("name", "name"), COPY("private_ip_address", P "privateIPAddress"), COPY("subresource_name", P "groupId"),
	COPY("member_name", P "memberName"), END};
static const struct tf_attr endpoint[] = {
	COMMON,
	ID("subnet_id", P "subnet", SUBNETS),
	BLOCKS("private_service_connection", P "privateLinkServiceConnections", service_connection),
	BLOCKS("private_dns_zone_group", P "privateDnsZoneGroups", zone_group),
	BLOCKS("ip_configuration", P "ipConfigurations", endpoint_configuration),
	DROP("network_interface"),
	DROP("private_dns_zone_configs"),
	DROP("custom_dns_configs"),
	COPY("custom_network_interface_name", P "customNetworkInterfaceName"),
	END};
static const struct tf_attr zone[] = {COMMON,
				      DROP("soa_record"),
				      DROP("number_of_record_sets"),
				      DROP("max_number_of_record_sets"),
				      DROP("max_number_of_virtual_network_links"),
				      DROP("max_number_of_virtual_network_links_with_registration"),
				      END};
static const struct tf_attr zone_record[] = {COMMON,
					     DROP("zone_name"),
					     DROP("private_dns_zone_id"),
					     DROP("fqdn"),
					     COPY("records", P "aRecords"),
					     COPY("ttl", P "ttl"),
					     END};
static const struct tf_attr zone_link[] = {COMMON,
					   DROP("private_dns_zone_name"),
					   DROP("private_dns_zone_id"),
					   COPY("resolution_policy", P "resolutionPolicy"),
					   ID("virtual_network_id", P "virtualNetwork", "virtualNetworks"),
					   COPY("registration_enabled", P "registrationEnabled"),
					   END};

/* ---- environments and apps ---- */

static const struct tf_attr environment_v2[] = {
	COMMON,
	CONSTANT("kind", "ASEV2"),
	DROP("pricing_tier"),
	ID("subnet_id", P "virtualNetwork", SUBNETS),
	COPY("internal_load_balancing_mode", P "internalLoadBalancingMode"),
	COPY("front_end_scale_factor", P "frontEndScaleFactor"),
	LIST("service_ip_address", P "networkingConfiguration.externalInboundIpAddresses"),
	LIST("internal_ip_address", P "networkingConfiguration.internalInboundIpAddresses"),
	COPY("outbound_ip_addresses", P "networkingConfiguration.linuxOutboundIpAddresses"),
	END};
static const struct tf_attr environment_v3[] = {
	COMMON,
	CONSTANT("kind", "ASEV3"),
	COPY("remote_debugging_enabled", P "networkingConfiguration.remoteDebugEnabled"),
	ID("subnet_id", P "virtualNetwork", SUBNETS),
	COPY("internal_load_balancing_mode", P "internalLoadBalancingMode"),
	COPY("external_inbound_ip_addresses", P "networkingConfiguration.externalInboundIpAddresses"),
	COPY("internal_inbound_ip_addresses", P "networkingConfiguration.internalInboundIpAddresses"),
	COPY("linux_outbound_ip_addresses", P "networkingConfiguration.linuxOutboundIpAddresses"),
	COPY("windows_outbound_ip_addresses", P "networkingConfiguration.windowsOutboundIpAddresses"),
	COPY("zone_redundant", P "zoneRedundant"),
	COPY("dedicated_host_count", P "dedicatedHostCount"),
	COPY("dns_suffix", P "dnsSuffix"),
	COPY("cluster_setting", P "clusterSettings"),
	COPY("ip_ssl_address_count", P "ipSslAddressCount"),
	COPY("allow_new_private_endpoint_connections", P "allowNewPrivateEndpointConnections"),
	DROP("inbound_network_dependencies"),
	DROP("pricing_tier"),
	END};
static const struct tf_attr plan_sku[] = {COPY("capacity", "capacity"), COPY("size", "name"), COPY("tier", "tier"),
					  END};
static const struct tf_attr plan[] = {
	COMMON, BLOCK("sku", "sku", plan_sku), COPY("worker_count", P "numberOfWorkers"),
	ID("app_service_environment_id", P "hostingEnvironmentProfile", "Microsoft.Web/hostingEnvironments"), END};
static const struct tf_attr service_plan[] = {
	COMMON, COPY("worker_count", P "numberOfWorkers"), COPY("sku_name", "sku.name"),
	ID("app_service_environment_id", P "hostingEnvironmentProfile", "Microsoft.Web/hostingEnvironments"), END};
static const struct tf_attr site_config[] = {
	COPY("vnet_route_all_enabled", "vnetRouteAllEnabled"), COPY("ip_restriction", "ipSecurityRestrictions"),
	COPY("ip_restriction_default_action", "ipSecurityRestrictionsDefaultAction"), END};
static const struct tf_attr app[] = {
	COMMON,
	{"public_network_access_enabled", TF_IF_FALSE, P "publicNetworkAccess", "Disabled", NULL},
	ID_TEXT("service_plan_id", P "serverFarmId", "Microsoft.Web/serverfarms"),
	ID_TEXT("app_service_plan_id", P "serverFarmId", "Microsoft.Web/serverfarms"),
	ID_TEXT("virtual_network_subnet_id", P "virtualNetworkSubnetId", SUBNETS),
	COPY("outbound_ip_addresses", P "outboundIpAddresses"),
	BLOCK("site_config", P "siteConfig", site_config),
	COPY("app_settings", P "appSettings"),
	END};

/* ---- services behind private endpoints ---- */

static const struct tf_attr account_rules[] = {COPY("default_action", "defaultAction"), END};
static const struct tf_attr service[] = {
	COMMON,
	{"public_network_access_enabled", TF_IF_FALSE, P "publicNetworkAccess", "Disabled", NULL},
	BLOCK("network_rules", P "networkAcls", account_rules),
	END};

/* A part of a balancer: a resource in Terraform, an item of the list in Azure. */
#define PART(tf, list, attrs) ATTACHED(tf, "loadBalancers", list, "loadbalancer_id", attrs)
#define PLAIN(tf, azure) RESOURCE(tf, azure, named)
static const struct tf_attr named[] = {COMMON, END};

const struct tf_type *tf_types_services(size_t *ret_n)
{
	static const struct tf_type types[] = {
		RESOURCE("azurerm_nat_gateway", "Microsoft.Network/natGateways", nat_gateway),
		RESOURCE("azurerm_lb", "Microsoft.Network/loadBalancers", balancer),
		PART("azurerm_lb_backend_address_pool", "backendAddressPools", pool),
		{"azurerm_lb_backend_address_pool_address",
		 "Microsoft.Network/loadBalancers/backendAddressPools/addresses", "backend_address_pool_id",
		 pool_address, "backend_address_pool_id", "loadBalancers/backendAddressPools",
		 P "loadBalancerBackendAddresses"},
		PART("azurerm_lb_probe", "probes", probe),
		PART("azurerm_lb_rule", "loadBalancingRules", balancing),
		PART("azurerm_lb_nat_rule", "inboundNatRules", nat_rule),
		PART("azurerm_lb_nat_pool", "inboundNatPools", nat_pool),
		PART("azurerm_lb_outbound_rule", "outboundRules", outbound_rule),
		RESOURCE("azurerm_private_endpoint", "Microsoft.Network/privateEndpoints", endpoint),
		RESOURCE("azurerm_private_dns_zone", "Microsoft.Network/privateDnsZones", zone),
		CHILD("azurerm_private_dns_a_record", "Microsoft.Network/privateDnsZones/A", "zone_name", zone_record),
		CHILD("azurerm_private_dns_zone_virtual_network_link",
		      "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "private_dns_zone_name", zone_link),
		RESOURCE("azurerm_app_service_environment", "Microsoft.Web/hostingEnvironments", environment_v2),
		RESOURCE("azurerm_app_service_environment_v3", "Microsoft.Web/hostingEnvironments", environment_v3),
		RESOURCE("azurerm_app_service_plan", "Microsoft.Web/serverfarms", plan),
		RESOURCE("azurerm_service_plan", "Microsoft.Web/serverfarms", service_plan),
		RESOURCE("azurerm_app_service", "Microsoft.Web/sites", app),
		RESOURCE("azurerm_linux_web_app", "Microsoft.Web/sites", app),
		RESOURCE("azurerm_windows_web_app", "Microsoft.Web/sites", app),
		RESOURCE("azurerm_function_app", "Microsoft.Web/sites", app),
		RESOURCE("azurerm_linux_function_app", "Microsoft.Web/sites", app),
		RESOURCE("azurerm_windows_function_app", "Microsoft.Web/sites", app),
		PLAIN("azurerm_application_gateway", "Microsoft.Network/applicationGateways"),
		PLAIN("azurerm_bastion_host", "Microsoft.Network/bastionHosts"),
		PLAIN("azurerm_virtual_wan", "Microsoft.Network/virtualWans"),
		PLAIN("azurerm_virtual_hub", "Microsoft.Network/virtualHubs"),
		PLAIN("azurerm_virtual_hub_connection", "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections"),
		PLAIN("azurerm_vpn_gateway", "Microsoft.Network/vpnGateways"),
		PLAIN("azurerm_vpn_site", "Microsoft.Network/vpnSites"),
		PLAIN("azurerm_express_route_circuit", "Microsoft.Network/expressRouteCircuits"),
		PLAIN("azurerm_route_server", "Microsoft.Network/virtualHubs"),
		PLAIN("azurerm_private_link_service", "Microsoft.Network/privateLinkServices"),
		PLAIN("azurerm_frontdoor", "Microsoft.Network/frontDoors"),
		PLAIN("azurerm_traffic_manager_profile", "Microsoft.Network/trafficManagerProfiles"),
		PLAIN("azurerm_network_watcher", "Microsoft.Network/networkWatchers"),
		PLAIN("azurerm_network_watcher_flow_log", "Microsoft.Network/networkWatchers/flowLogs"),
		PLAIN("azurerm_network_ddos_protection_plan", "Microsoft.Network/ddosProtectionPlans"),
		PLAIN("azurerm_kubernetes_cluster", "Microsoft.ContainerService/managedClusters"),
		PLAIN("azurerm_container_group", "Microsoft.ContainerInstance/containerGroups"),
		PLAIN("azurerm_mssql_managed_instance", "Microsoft.Sql/managedInstances"),
		RESOURCE("azurerm_mssql_server", "Microsoft.Sql/servers", service),
		RESOURCE("azurerm_sql_server", "Microsoft.Sql/servers", service),
		RESOURCE("azurerm_storage_account", "Microsoft.Storage/storageAccounts", service),
		PLAIN("azurerm_key_vault", "Microsoft.KeyVault/vaults"),
		RESOURCE("azurerm_logic_app_standard", "Microsoft.Web/sites", app),
		RESOURCE("azurerm_function_app_flex_consumption", "Microsoft.Web/sites", app),
		PLAIN("azurerm_linux_web_app_slot", "Microsoft.Web/sites/slots"),
		PLAIN("azurerm_windows_web_app_slot", "Microsoft.Web/sites/slots"),
		PLAIN("azurerm_linux_function_app_slot", "Microsoft.Web/sites/slots"),
		PLAIN("azurerm_windows_function_app_slot", "Microsoft.Web/sites/slots"),
		PLAIN("azurerm_app_service_slot", "Microsoft.Web/sites/slots"),
		PLAIN("azurerm_api_management", "Microsoft.ApiManagement/service"),
		PLAIN("azurerm_virtual_machine_extension", "Microsoft.Compute/virtualMachines/extensions"),
		PLAIN("azurerm_managed_disk", "Microsoft.Compute/disks"),
		PLAIN("azurerm_availability_set", "Microsoft.Compute/availabilitySets"),
	};
	*ret_n = sizeof types / sizeof *types;
	return types;
}
