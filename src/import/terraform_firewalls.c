/* The tables of azurerm's firewalls: classic ones with collections that are resources of their own, policies with groups of
 * collections, and groups of addresses. */
#include "import/terraform_tables.h"

static const struct tf_attr firewall_configuration[] = {COPY("name", "name"), ID("subnet_id", P "subnet", SUBNETS),
							ID("public_ip_address_id", P "publicIPAddress", PUBLIC),
							COPY("private_ip_address", P "privateIPAddress"), END};
static const struct tf_attr firewall[] = {COMMON,
					  COPY("sku_name", P "sku.name"),
					  COPY("sku_tier", P "sku.tier"),
					  COPY("zones", "zones"),
					  COPY("threat_intel_mode", P "threatIntelMode"),
					  ID("firewall_policy_id", P "firewallPolicy", "firewallPolicies"),
					  BLOCKS("ip_configuration", P "ipConfigurations", firewall_configuration),
					  COPY("private_ip_ranges", P "privateRanges"),
					  COPY("virtual_hub", P "virtualHub"),
					  COPY("management_ip_configuration", P "managementIpConfiguration"),
					  COPY("dns_servers", P "dnsServers"),
					  COPY("dns_proxy_enabled", P "dnsProxy"),
					  END};
static const struct tf_attr policy[] = {COMMON,
					COPY("sku", P "sku.tier"),
					COPY("private_ip_ranges", P "snat.privateRanges"),
					ID("base_policy_id", P "basePolicy", "firewallPolicies"),
					COPY("threat_intelligence_mode", P "threatIntelMode"),
					COPY("dns", P "dnsSettings"),
					COPY("intrusion_detection", P "intrusionDetection"),
					COPY("insights", P "insights"),
					DROP("firewalls"),
					DROP("child_policies"),
					DROP("rule_collection_groups"),
					END};
/* ---- rules ---- */

#define SOURCES                                                                                                        \
	COPY("name", "name"), COPY("description", "description"), COPY("source_addresses", "sourceAddresses"),         \
		IDS("source_ip_groups", "sourceIpGroups", "ipGroups")
#define DESTINATIONS                                                                                                   \
	COPY("destination_addresses", "destinationAddresses"), COPY("destination_ports", "destinationPorts"),          \
		IDS("destination_ip_groups", "destinationIpGroups", "ipGroups"),                                       \
		COPY("destination_fqdns", "destinationFqdns")
#define TARGETS                                                                                                        \
	COPY("translated_address", "translatedAddress"), COPY("translated_fqdn", "translatedFqdn"),                    \
		COPY("translated_port", "translatedPort")
static const struct tf_attr network_rule[] = {SOURCES, DESTINATIONS, COPY("protocols", "ipProtocols"), END};
static const struct tf_attr nat_rule[] = {SOURCES,
					  COPY("protocols", "ipProtocols"),
					  LIST("destination_address", "destinationAddresses"),
					  COPY("destination_addresses", "destinationAddresses"),
					  COPY("destination_ports", "destinationPorts"),
					  TARGETS,
					  END};
static const struct tf_attr application_rule[] = {SOURCES,
						  COPY("protocols", "protocols"),
						  COPY("protocol", "protocols"),
						  COPY("destination_addresses", "destinationAddresses"),
						  COPY("destination_fqdns", "targetFqdns"),
						  COPY("target_fqdns", "targetFqdns"),
						  COPY("destination_fqdn_tags", "fqdnTags"),
						  COPY("fqdn_tags", "fqdnTags"),
						  COPY("destination_urls", "targetUrls"),
						  COPY("web_categories", "webCategories"),
						  COPY("terminate_tls", "terminateTLS"),
						  COPY("http_headers", "httpHeadersToInsert"),
						  END};

#define COLLECTION COPY("name", "name"), COPY("priority", "priority"), COPY("action", "action.type")
static const struct tf_attr network_rules[] = {COLLECTION,
					       SORTED("rule", "rules", "ruleType=NetworkRule", network_rule), END};
static const struct tf_attr nat_rules[] = {COLLECTION, SORTED("rule", "rules", "ruleType=NatRule", nat_rule), END};
static const struct tf_attr application_rules[] = {
	COLLECTION, SORTED("rule", "rules", "ruleType=ApplicationRule", application_rule), END};
#define COLLECTIONS(tf, type, inner) SORTED(tf, P "ruleCollections", "ruleCollectionType=" type, inner)
static const struct tf_attr policy_group[] = {
	COMMON,
	DROP("firewall_policy_id"),
	COPY("priority", P "priority"),
	COLLECTIONS("nat_rule_collection", "FirewallPolicyNatRuleCollection", nat_rules),
	COLLECTIONS("network_rule_collection", "FirewallPolicyFilterRuleCollection", network_rules),
	COLLECTIONS("application_rule_collection", "FirewallPolicyFilterRuleCollection", application_rules),
	END};
#define CLASSIC COMMON, DROP("azure_firewall_name"), COPY("priority", P "priority"), COPY("action", P "action.type")
static const struct tf_attr classic_network[] = {CLASSIC, BLOCKS("rule", P "rules", network_rule), END};
static const struct tf_attr classic_nat[] = {CLASSIC, BLOCKS("rule", P "rules", nat_rule), END};
static const struct tf_attr classic_application[] = {CLASSIC, BLOCKS("rule", P "rules", application_rule), END};

static const struct tf_attr ip_group[] = {COMMON, COPY("cidrs", P "ipAddresses"), DROP("firewall_ids"),
					  DROP("firewall_policy_ids"), END};
/* Azure's group has all its prefixes in one list; this one stands beside it. */
static const struct tf_attr ip_group_prefix[] = {COMMON, DROP("ip_group_id"), COPY("cidr", P "cidr"), END};

const struct tf_type *tf_types_firewalls(size_t *ret_n)
{
	static const struct tf_type types[] = {
		RESOURCE("azurerm_firewall", "Microsoft.Network/azureFirewalls", firewall),
		RESOURCE("azurerm_firewall_policy", "Microsoft.Network/firewallPolicies", policy),
		CHILD("azurerm_firewall_policy_rule_collection_group",
		      "Microsoft.Network/firewallPolicies/ruleCollectionGroups", "firewall_policy_id", policy_group),
		ATTACHED("azurerm_firewall_network_rule_collection", "azureFirewalls", "networkRuleCollections",
			 "azure_firewall_name", classic_network),
		ATTACHED("azurerm_firewall_application_rule_collection", "azureFirewalls", "applicationRuleCollections",
			 "azure_firewall_name", classic_application),
		ATTACHED("azurerm_firewall_nat_rule_collection", "azureFirewalls", "natRuleCollections",
			 "azure_firewall_name", classic_nat),
		RESOURCE("azurerm_ip_group", "Microsoft.Network/ipGroups", ip_group),
		ATTACHED("azurerm_ip_group_cidr", "ipGroups", "cidrs", "ip_group_id", ip_group_prefix),
	};
	*ret_n = sizeof types / sizeof *types;
	return types;
}
