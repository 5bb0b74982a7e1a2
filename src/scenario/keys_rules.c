/* DOC: the keys of security groups and route tables, see keys.c. */
#include "scenario/keys_internal.h"

#define ACTIONS "allow|deny"
#define PROTOS "tcp|udp|icmp|any"
#define PARTIES                                                                                                        \
	"A prefix, a tag (any, virtual-network, internet, azure-load-balancer, storage, sql, azure-management, or "    \
	"one "                                                                                                         \
	"of `tags`), asg/NAME, or a list."
#define PORTS "any, a number, \"FIRST-LAST\", or a list."
#define NEXT_HOP                                                                                                       \
	"internet, vnet, gateway, none, a host that forwards, a firewall, a frontend LB/FRONTEND with HA ports, or "   \
	"the "                                                                                                         \
	"address of one of these."

static const struct key nsg[] = {
	{.name = "inbound",
	 .value = RULES_IN(NSG_INBOUND),
	 .mutation = MUTATE_RULES,
	 .type = KEY_LIST,
	 .of = SECTION_RULE,
	 .help = "Rules for what comes in."},
	{.name = "outbound",
	 .value = RULES_IN(NSG_OUTBOUND),
	 .mutation = MUTATE_RULES,
	 .type = KEY_LIST,
	 .of = SECTION_RULE,
	 .help = "Rules for what goes out."},
	SOURCE_KEY,
};
static const struct key rule[] = {
	{.name = "name",
	 .value = IN_TEXT(struct nsg_rule, name),
	 .mutation = MUTATE_NOT,
	 .type = KEY_NAME,
	 .required = true,
	 .help = "Unique in its group."},
	{.name = "priority",
	 .value = IN_U16(struct nsg_rule, priority),
	 .mutation = MUTATE_RULES,
	 .type = KEY_INT,
	 .required = true,
	 .min = 100,
	 .max = 4096,
	 .help = "Unique in its direction; the lowest number is asked first."},
	{.name = "action",
	 .value = IN_EITHER(struct nsg_rule, allow),
	 .mutation = MUTATE_RULES,
	 .type = KEY_ENUM,
	 .required = true,
	 .values = ACTIONS,
	 .help = "What happens to a packet that matches."},
	{.name = "proto",
	 .value = IN_PROTO(struct nsg_rule, proto),
	 .mutation = MUTATE_RULES,
	 .type = KEY_ENUM,
	 .fallback = "any",
	 .values = PROTOS,
	 .help = "Protocol."},
	{.name = "src",
	 .value = IN_PARTIES(struct nsg_rule, src, n_src),
	 .mutation = MUTATE_RULES,
	 .type = KEY_PARTIES,
	 .fallback = "any",
	 .help = "Source: " PARTIES},
	{.name = "src_ports",
	 .value = IN_PORTS(struct nsg_rule, src_ports, n_src_ports),
	 .mutation = MUTATE_RULES,
	 .type = KEY_PORTS,
	 .fallback = "any",
	 .help = "Source ports: " PORTS},
	{.name = "dst",
	 .value = IN_PARTIES(struct nsg_rule, dst, n_dst),
	 .mutation = MUTATE_RULES,
	 .type = KEY_PARTIES,
	 .fallback = "any",
	 .help = "Destination: " PARTIES},
	{.name = "dst_ports",
	 .value = IN_PORTS(struct nsg_rule, dst_ports, n_dst_ports),
	 .mutation = MUTATE_RULES,
	 .type = KEY_PORTS,
	 .fallback = "any",
	 .help = "Destination ports: " PORTS},
	SOURCE_KEY,
};
static const struct key rule_set[] = {
	{WRITTEN_KEY("priority", MUTATE_NUMBER), .type = KEY_INT, .min = 100, .max = 4096, .help = "New priority."},
	{WRITTEN_KEY("action", MUTATE_OTHERS), .type = KEY_ENUM, .values = ACTIONS, .help = "New action."},
	{WRITTEN_KEY("proto", MUTATE_ANY), .type = KEY_ENUM, .values = PROTOS, .help = "New protocol."},
	{WRITTEN_KEY("src", MUTATE_ANY), .type = KEY_PARTIES, .help = "New source: " PARTIES},
	{WRITTEN_KEY("src_ports", MUTATE_ANY), .type = KEY_PORTS, .help = "New source ports: " PORTS},
	{WRITTEN_KEY("dst", MUTATE_ANY), .type = KEY_PARTIES, .help = "New destination: " PARTIES},
	{WRITTEN_KEY("dst_ports", MUTATE_ANY), .type = KEY_PORTS, .help = "New destination ports: " PORTS},
};
static const struct key route_table[] = {
	{.name = "gateway_routes",
	 .value = IN_BOOL(struct route_table_config, gateway_routes),
	 .mutation = MUTATE_FLIP,
	 .type = KEY_BOOL,
	 .fallback = "true",
	 .help = "Whether routes that gateways learn (BGP) hold in subnets with this table."},
	{.name = "routes",
	 .value = NAMED_IN(struct route_table_config, routes, n_routes),
	 .mutation = MUTATE_NOT,
	 .type = KEY_NAMED,
	 .of = SECTION_ROUTE,
	 .help = "User-defined routes, by name."},
	SOURCE_KEY,
};
static const struct key route[] = {
	{.name = "prefix",
	 .value = DESTINATIONS_IN,
	 .mutation = MUTATE_NOT,
	 .type = KEY_WHERE,
	 .required = true,
	 .help = "Destinations: a prefix, or one of `tags`."},
	{.name = "next_hop",
	 .value = HOP_IN,
	 .mutation = MUTATE_HOP,
	 .type = KEY_NEXT_HOP,
	 .required = true,
	 .help = NEXT_HOP},
	SOURCE_KEY,
};
static const struct key route_add[] = {
	{AS_WRITTEN_KEY("name"), .type = KEY_NAME, .help = "Name of the route. Default: its prefix."},
	{AS_WRITTEN_KEY("prefix"), .type = KEY_WHERE, .required = true,
	 .help = "Destinations: a prefix, or one of `tags`."},
	{AS_WRITTEN_KEY("next_hop"), .type = KEY_NEXT_HOP, .required = true, .help = NEXT_HOP},
	SOURCE_KEY,
};

KEY_LIST_OF(nsg);
KEY_LIST_OF(rule);
KEY_LIST_OF(rule_set);
KEY_LIST_OF(route_table);
KEY_LIST_OF(route);
KEY_LIST_OF(route_add);
