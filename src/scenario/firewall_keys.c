/* The keys of firewalls, see keys.c. */
#include "scenario/keys_internal.h"

#define ADDRESSES_HELP "any, a prefix, an address, or a list of these"
#define PORTS_HELP "any, a port, a range such as \"8000-8010\", or a list of these"

static const struct key firewall[] = {
	{.name = "subnet",
	 .value = SUBNET_IN(struct firewall_config, subnet),
	 .mutation = MUTATE_NOT,
	 .type = KEY_SUBNET,
	 .required = true,
	 .help = "Where it stands: VNET/AzureFirewallSubnet; Azure deploys it to no subnet of another name."},
	{.name = "address",
	 .value = IN_ADDRESS(struct firewall_config, addr),
	 .mutation = MUTATE_NOT,
	 .type = KEY_ADDRESS,
	 .required = true,
	 .help = "Its address in the subnet: what its translations to private destinations show."},
	{.name = "public",
	 .value = IN_ADDRESSES(struct firewall_config, nat.addresses, nat.n_addresses),
	 .mutation = MUTATE_ADDRESS,
	 .type = KEY_ADDRESSES,
	 .required = true,
	 .help = "Its public address, or a list; a call out gets one of them by chance."},
	{WRITTEN_KEY("private_ranges", MUTATE_RANGES), .type = KEY_PARTIES, .fallback = "iana",
	 .help = "iana (RFC 1918 and 6598), or prefixes: towards these a network rule keeps the source. 0.0.0.0/0 "
		 "never "
		 "translates, 255.255.255.255/32 always."},
	{AS_WRITTEN_KEY("rules"), .type = KEY_SECTION, .of = SECTION_FIREWALL_RULES,
	 .help = "What it lets pass; all else is denied."},
	SOURCE_KEY,
};
KEY_LIST_OF(firewall);

static const struct key firewall_rules[] = {
	{WRITTEN_KEY("dnat", MUTATE_ITEMS), .type = KEY_LIST, .of = SECTION_FIREWALL_COLLECTION,
	 .help = "Collections of rules that translate a destination, and allow what they translate."},
	{WRITTEN_KEY("network", MUTATE_ITEMS), .type = KEY_LIST, .of = SECTION_FIREWALL_COLLECTION,
	 .help = "Collections of rules by protocol, addresses and ports."},
	{WRITTEN_KEY("application", MUTATE_ITEMS), .type = KEY_LIST, .of = SECTION_FIREWALL_COLLECTION,
	 .help = "Collections of rules by the name that is called: HTTP, HTTPS and MSSQL alone."},
};
KEY_LIST_OF(firewall_rules);

static const struct key firewall_collection[] = {
	{AS_WRITTEN_KEY("name"), .type = KEY_NAME, .required = true, .help = "Its name, unique in the firewall."},
	{WRITTEN_KEY("priority", MUTATE_PRIORITY), .type = KEY_INT, .min = 100, .max = 65000, .required = true,
	 .help = "The lowest number first."},
	{WRITTEN_KEY("action", MUTATE_OTHERS), .type = KEY_ENUM, .values = "allow|deny", .fallback = "allow",
	 .help = "Of network and application collections."},
	{WRITTEN_KEY("rules", MUTATE_ITEMS), .type = KEY_LIST, .of = SECTION_FIREWALL_RULE, .required = true,
	 .help = "In the order in which they apply."},
	SOURCE_KEY,
};
KEY_LIST_OF(firewall_collection);

static const struct key firewall_rule[] = {
	{AS_WRITTEN_KEY("name"), .type = KEY_NAME, .required = true,
	 .help = "Its name, unique in the collection; `rule` is COLLECTION/RULE."},
	{WRITTEN_KEY("proto", MUTATE_ANY), .type = KEY_WORDS, .values = "tcp|udp|icmp|any|http|https|mssql",
	 .help = "tcp, udp, icmp or any, one or a list; of application rules http, https, mssql."},
	{WRITTEN_KEY("src", MUTATE_ANY), .type = KEY_PARTIES, .fallback = "any",
	 .help = "Sources: " ADDRESSES_HELP "."},
	{WRITTEN_KEY("dst", MUTATE_ANY), .type = KEY_PARTIES, .fallback = "any",
	 .help = "Destinations: " ADDRESSES_HELP
		 "; of network rules service tags, too (sql, storage, azure-management, "
		 "those of `tags`); of DNAT the firewall's own addresses. Not of application rules."},
	{WRITTEN_KEY("dst_ports", MUTATE_ANY), .type = KEY_PORTS, .fallback = "any",
	 .help = "Destination ports: " PORTS_HELP ". Not of application rules."},
	{WRITTEN_KEY("to", MUTATE_PORT), .type = KEY_TEXT, .help = "Of DNAT: \"HOST:PORT\" or \"ADDRESS:PORT\"."},
	{WRITTEN_KEY("fqdns", MUTATE_ANY), .type = KEY_TEXTS,
	 .help = "Of application rules: names, \"*.example.net\", or \"*\"; one or a list."},
	SOURCE_KEY,
};
KEY_LIST_OF(firewall_rule);

static const struct key firewall_change[] = {
	{AS_WRITTEN_KEY("collection"), .type = KEY_NAME,
	 .help = "Of `add`: the collection that gets the rule, at its end."},
	{AS_WRITTEN_KEY("name"), .type = KEY_NAME, .help = "Of `add`: its name."},
	{WRITTEN_KEY("action", MUTATE_OTHERS), .type = KEY_ENUM, .values = "allow|deny",
	 .help = "Of `set`: the new action of the collection."},
	{WRITTEN_KEY("proto", MUTATE_ANY), .type = KEY_WORDS, .values = "tcp|udp|icmp|any|http|https|mssql",
	 .help = "Protocols."},
	{WRITTEN_KEY("src", MUTATE_ANY), .type = KEY_PARTIES, .help = "Sources."},
	{WRITTEN_KEY("dst", MUTATE_ANY), .type = KEY_PARTIES, .help = "Destinations."},
	{WRITTEN_KEY("dst_ports", MUTATE_ANY), .type = KEY_PORTS, .help = "Destination ports."},
	{WRITTEN_KEY("to", MUTATE_PORT), .type = KEY_TEXT, .help = "Of DNAT: HOST:PORT."},
	{WRITTEN_KEY("fqdns", MUTATE_ANY), .type = KEY_TEXTS, .help = "Names."},
};
KEY_LIST_OF(firewall_change);
