/* Network security groups: may this packet pass? Pure: the rules, what the tags mean here, and a tuple go in; the rule
 * that decides comes out.
 *
 * DOC: rules of a direction are asked in the order of their priority, the lowest number first; the first that matches
 * decides. After the group's own come the platform's three of each direction (65000, 65001, 65500; azure:
 * network-security-groups-overview), so one always matches. Inbound is judged after a public address was translated to
 * a private one, outbound before source NAT. Statefulness is record.h's. */
#ifndef PKTPATH_RULE_NSG_H
#define PKTPATH_RULE_NSG_H
#include "base/place.h"
#include "net/prefix.h"
#include "net/tuple.h"
#include <stdbool.h>
#include <stddef.h>

enum nsg_direction { NSG_INBOUND, NSG_OUTBOUND, NSG_DIRECTION_COUNT };

/* What `src` and `dst` can name. */
enum nsg_tag {
	NSG_PREFIX, /* no tag: the prefix beside it */
	NSG_ANY,
	NSG_VIRTUAL_NETWORK, /* the VNet's space, its peers', prefixes behind its gateways, 168.63.129.16, and the
				  * prefixes of the subnet's user routes and a learned default route */
	NSG_INTERNET,        /* public addresses outside of spaces and gateways' prefixes; Azure's own are among them */
	NSG_AZURE_LOAD_BALANCER, /* 168.63.129.16, where probes come from */
	NSG_STORAGE,
	NSG_SQL,
	NSG_AZURE_MANAGEMENT,
	NSG_NAMED, /* the prefixes of a service tag or of an application security group of the scenario */
	NSG_TAG_COUNT
};
/* Prefixes that a scenario gives a name: a service tag, or the machines of an application security group. */
struct nsg_named {
	const char *name; /* as rules have it: "AzureCloud", "asg/web" */
	const struct prefix *prefixes;
	uint32_t n;
};
const char *nsg_tag_name(enum nsg_tag tag);  /* "virtual-network"; "" for NSG_PREFIX and NSG_NAMED */
const char *nsg_tag_alias(enum nsg_tag tag); /* Azure's spelling, "VirtualNetwork"; NULL where it has none */
bool nsg_tag_parse(const char *text, enum nsg_tag *ret); /* either */

struct nsg_address {
	enum nsg_tag tag;
	struct prefix prefix;          /* where tag is NSG_PREFIX */
	const struct nsg_named *named; /* where it is NSG_NAMED */
};
struct nsg_ports { /* first to last, both included; {0, 65535} is any */
	uint16_t first, last;
};

#define NSG_ANY_PROTO 0u
#define NSG_PLATFORM_RULE UINT32_MAX /* id of the platform's own rules */

struct nsg_rule {
	const char *name;
	uint16_t priority; /* 100 to 4096; the platform's are higher */
	bool allow;
	uint8_t proto;                       /* enum ip_proto, or NSG_ANY_PROTO */
	const struct nsg_address *src, *dst; /* alternatives; at least one */
	const struct nsg_ports *src_ports,
		*dst_ports; /* alternatives; at least one; ICMP has no ports, it matches {0, 65535} alone */
	uint32_t n_src, n_dst, n_src_ports, n_dst_ports;
	uint32_t id; /* the same for a rule over the whole run, whatever `set` made of it: for counting what was used */
	struct place place;
};

/* Sorted by priority. */
struct nsg_rules {
	const struct nsg_rule *rules[NSG_DIRECTION_COUNT];
	uint32_t n[NSG_DIRECTION_COUNT];
};

/* What the tags mean for a subnet. */
struct nsg_prefixes {
	const struct prefix *prefixes;
	uint32_t n;
};
struct nsg_tags {
	struct nsg_prefixes network; /* spaces, gateways' prefixes; 168.63.129.16 need not be among them */
	struct nsg_prefixes routed;  /* user routes of the subnet, a learned default route: virtual-network, too */
	struct nsg_prefixes storage, sql, azure_management;
};

/* The rule that decides; never NULL. */
const struct nsg_rule *nsg_judge(const struct nsg_rules *rules, const struct nsg_tags *tags,
				 enum nsg_direction direction, const struct tuple *tuple);
/* In what a rule does not match, for explanations; 0: it matches. */
enum nsg_mismatch {
	NSG_MISMATCH_PROTO = 1,
	NSG_MISMATCH_SRC = 2,
	NSG_MISMATCH_DST = 4,
	NSG_MISMATCH_SRC_PORT = 8,
	NSG_MISMATCH_DST_PORT = 16
};
unsigned nsg_mismatch(const struct nsg_rule *rule, const struct nsg_tags *tags, const struct tuple *tuple);
/* The platform's three rules of a direction, in their order. */
const struct nsg_rule *nsg_platform_rules(enum nsg_direction direction, uint32_t *ret_n);
/* "virtual-network", "AzureCloud"; NULL of a prefix. */
const char *nsg_address_name(const struct nsg_address *address);
bool nsg_address_equal(const struct nsg_address *a, const struct nsg_address *b);
bool nsg_address_matches(const struct nsg_address *address, const struct nsg_tags *tags, be32 addr);
/* Can `later` never decide, because `earlier` matches all that it matches? Says yes only where that is certain (lints).
 * Tags are compared by name, prefixes by containment; what needs several earlier rules together is not seen. */
bool nsg_shadows(const struct nsg_rule *earlier, const struct nsg_rule *later);
#endif
