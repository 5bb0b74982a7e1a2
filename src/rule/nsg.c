/* DOC: security groups. A rule matches where its protocol, its two address lists and its two port lists all do; within
 * a list one alternative is enough. The group's rules are asked first, then the platform's, the last of which matches
 * everything: there is always a rule that decided.
 *
 * An address is "Internet" by exclusion: neither in a space or behind a gateway, nor of a range that the Internet does
 * not carry. 172.31.0.100 beside a VNet of 10.0.0.0/16 is therefore in neither tag, and the platform's last rule refuses
 * it, as Microsoft's own walk-through has it. An environment's public VIP is Internet even to a neighbour in the same
 * VNet.
 *
 * The tag virtual-network also has the prefixes of the subnet's user routes, and a learned default route (azure:
 * service-tags-overview). They do not shrink "Internet": behind a default route a public address is in both tags. */
#include "rule/nsg.h"
#include <string.h>

#define HEALTH_PROBE_ADDR UINT32_C(0xa83f8110) /* 168.63.129.16: the load balancer's probes, and Azure's DNS */

static const struct {
	const char *name, *alias; /* the alias is Azure's spelling (service-tags-overview) */
} tags_known[] = {
	[NSG_PREFIX] = {"", NULL},
	[NSG_ANY] = {"any", "*"},
	[NSG_VIRTUAL_NETWORK] = {"virtual-network", "VirtualNetwork"},
	[NSG_INTERNET] = {"internet", "Internet"},
	[NSG_AZURE_LOAD_BALANCER] = {"azure-load-balancer", "AzureLoadBalancer"},
	[NSG_STORAGE] = {"storage", "Storage"},
	[NSG_SQL] = {"sql", "Sql"},
	[NSG_AZURE_MANAGEMENT] = {"azure-management", "AppServiceManagement"},
	[NSG_NAMED] = {"", NULL},
};
_Static_assert(sizeof tags_known / sizeof *tags_known == NSG_TAG_COUNT, "a name for each tag");

const char *nsg_tag_name(enum nsg_tag tag)
{
	return tags_known[tag].name;
}

const char *nsg_tag_alias(enum nsg_tag tag)
{
	return tags_known[tag].alias;
}

bool nsg_tag_parse(const char *text, enum nsg_tag *ret)
{
	for (size_t i = NSG_ANY; i < NSG_NAMED; i++)
		if (strcmp(tags_known[i].name, text) == 0 || strcmp(tags_known[i].alias, text) == 0) {
			*ret = (enum nsg_tag)i;
			return true;
		}
	return false;
}

const char *nsg_address_name(const struct nsg_address *address)
{
	if (address->tag == NSG_NAMED)
		return address->named->name;
	return address->tag == NSG_PREFIX ? NULL : nsg_tag_name(address->tag);
}

bool nsg_address_equal(const struct nsg_address *a, const struct nsg_address *b)
{
	return a->tag == b->tag && a->prefix.addr.raw == b->prefix.addr.raw && a->prefix.length == b->prefix.length &&
	       a->named == b->named;
}

/* ---- the platform's rules ---- */

static const struct nsg_address any_address = {.tag = NSG_ANY};
static const struct nsg_address virtual_network = {.tag = NSG_VIRTUAL_NETWORK};
static const struct nsg_address internet = {.tag = NSG_INTERNET};
static const struct nsg_address azure_load_balancer = {.tag = NSG_AZURE_LOAD_BALANCER};
static const struct nsg_ports any_port = {0, UINT16_MAX};

#define PLATFORM_RULE(name_, priority_, allow_, src_, dst_)                                                            \
	{                                                                                                              \
		.name = (name_), .priority = (priority_), .allow = (allow_), .proto = NSG_ANY_PROTO, .src = (src_),    \
		.dst = (dst_), .src_ports = &any_port, .dst_ports = &any_port, .n_src = 1, .n_dst = 1,                 \
		.n_src_ports = 1, .n_dst_ports = 1, .id = NSG_PLATFORM_RULE,                                           \
	}
#define N_PLATFORM_RULES 3
static const struct nsg_rule platform_rules[NSG_DIRECTION_COUNT][N_PLATFORM_RULES] = {
	[NSG_INBOUND] =
		{
			PLATFORM_RULE("AllowVnetInBound", 65000, true, &virtual_network, &virtual_network),
			PLATFORM_RULE("AllowAzureLoadBalancerInBound", 65001, true, &azure_load_balancer, &any_address),
			PLATFORM_RULE("DenyAllInBound", 65500, false, &any_address, &any_address),
		},
	[NSG_OUTBOUND] =
		{
			PLATFORM_RULE("AllowVnetOutBound", 65000, true, &virtual_network, &virtual_network),
			PLATFORM_RULE("AllowInternetOutBound", 65001, true, &any_address, &internet),
			PLATFORM_RULE("DenyAllOutBound", 65500, false, &any_address, &any_address),
		},
};

const struct nsg_rule *nsg_platform_rules(enum nsg_direction direction, uint32_t *ret_n)
{
	*ret_n = N_PLATFORM_RULES;
	return platform_rules[direction];
}

/* ---- addresses ---- */

/* Where the public Internet does not reach (RFC 1122, 1918, 3927, 5771, 6598). */
static const struct nowhere {
	uint32_t first, last;
} nowhere[] = {
	{0x00000000, 0x00ffffff}, /* 0.0.0.0/8, this network */
	{0x0a000000, 0x0affffff}, /* 10.0.0.0/8 */
	{0x64400000, 0x647fffff}, /* 100.64.0.0/10 */
	{0x7f000000, 0x7fffffff}, /* 127.0.0.0/8, loopback */
	{0xa9fe0000, 0xa9feffff}, /* 169.254.0.0/16, link-local */
	{0xac100000, 0xac1fffff}, /* 172.16.0.0/12 */
	{0xc0a80000, 0xc0a8ffff}, /* 192.168.0.0/16 */
	{0xe0000000, 0xffffffff}, /* multicast, reserved, broadcast */
};

static bool is_public(be32 addr)
{
	uint32_t a = be32_to(addr);
	for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
		if (a >= nowhere[i].first && a <= nowhere[i].last)
			return false;
	return true;
}

static bool any_contains(const struct nsg_prefixes *prefixes, be32 addr)
{
	for (uint32_t i = 0; i < prefixes->n; i++)
		if (prefix_contains(prefixes->prefixes[i], addr))
			return true;
	return false;
}

static bool is_health_probe(be32 addr)
{
	return be32_to(addr) == HEALTH_PROBE_ADDR;
}

static bool in_virtual_network(const struct nsg_tags *tags, be32 addr)
{
	return is_health_probe(addr) || any_contains(&tags->network, addr) || any_contains(&tags->routed, addr);
}

bool nsg_address_matches(const struct nsg_address *address, const struct nsg_tags *tags, be32 addr)
{
	switch (address->tag) {
	case NSG_PREFIX:
		return prefix_contains(address->prefix, addr);
	case NSG_ANY:
		return true;
	case NSG_VIRTUAL_NETWORK:
		return in_virtual_network(tags, addr);
	case NSG_INTERNET:
		return is_public(addr) && !is_health_probe(addr) && !any_contains(&tags->network, addr);
	case NSG_AZURE_LOAD_BALANCER:
		return is_health_probe(addr);
	case NSG_STORAGE:
		return any_contains(&tags->storage, addr);
	case NSG_SQL:
		return any_contains(&tags->sql, addr);
	case NSG_AZURE_MANAGEMENT:
		return any_contains(&tags->azure_management, addr);
	case NSG_NAMED:
		return any_contains(&(struct nsg_prefixes){address->named->prefixes, address->named->n}, addr);
	case NSG_TAG_COUNT:
		break;
	}
	return false;
}

/* ---- judging ---- */

static bool address_list_matches(const struct nsg_address *list, uint32_t n, const struct nsg_tags *tags, be32 addr)
{
	for (uint32_t i = 0; i < n; i++)
		if (nsg_address_matches(&list[i], tags, addr))
			return true;
	return false;
}

static bool has_ports(uint8_t proto)
{
	return proto == PROTO_TCP || proto == PROTO_UDP;
}

static bool ports_are_any(const struct nsg_ports *ports)
{
	return ports->first == 0 && ports->last == UINT16_MAX;
}

static bool port_list_matches(const struct nsg_ports *list, uint32_t n, uint8_t proto, be16 port)
{
	for (uint32_t i = 0; i < n; i++)
		if (has_ports(proto) ? be16_to(port) >= list[i].first && be16_to(port) <= list[i].last
				     : ports_are_any(&list[i]))
			return true;
	return false;
}

static bool rule_matches(const struct nsg_rule *rule, const struct nsg_tags *tags, const struct tuple *tuple)
{
	return (rule->proto == NSG_ANY_PROTO || rule->proto == tuple->proto) &&
	       port_list_matches(rule->dst_ports, rule->n_dst_ports, tuple->proto, tuple->dst_port) &&
	       port_list_matches(rule->src_ports, rule->n_src_ports, tuple->proto, tuple->src_port) &&
	       address_list_matches(rule->src, rule->n_src, tags, tuple->src) &&
	       address_list_matches(rule->dst, rule->n_dst, tags, tuple->dst);
}

unsigned nsg_mismatch(const struct nsg_rule *rule, const struct nsg_tags *tags, const struct tuple *tuple)
{
	unsigned bits = 0;
	if (rule->proto != NSG_ANY_PROTO && rule->proto != tuple->proto)
		bits |= NSG_MISMATCH_PROTO;
	if (!address_list_matches(rule->src, rule->n_src, tags, tuple->src))
		bits |= NSG_MISMATCH_SRC;
	if (!address_list_matches(rule->dst, rule->n_dst, tags, tuple->dst))
		bits |= NSG_MISMATCH_DST;
	if (!port_list_matches(rule->src_ports, rule->n_src_ports, tuple->proto, tuple->src_port))
		bits |= NSG_MISMATCH_SRC_PORT;
	if (!port_list_matches(rule->dst_ports, rule->n_dst_ports, tuple->proto, tuple->dst_port))
		bits |= NSG_MISMATCH_DST_PORT;
	return bits;
}

const struct nsg_rule *nsg_judge(const struct nsg_rules *rules, const struct nsg_tags *tags,
				 enum nsg_direction direction, const struct tuple *tuple)
{
	for (uint32_t i = 0; i < rules->n[direction]; i++)
		if (rule_matches(&rules->rules[direction][i], tags, tuple))
			return &rules->rules[direction][i];
	const struct nsg_rule *platform = platform_rules[direction];
	while (!rule_matches(platform, tags, tuple))
		platform++; /* the last matches all */
	return platform;
}

/* ---- shadows ---- */

static bool address_covers(const struct nsg_address *outer, const struct nsg_address *inner)
{
	if (outer->tag == NSG_ANY || (outer->tag == NSG_PREFIX && outer->prefix.length == 0))
		return true;
	if (outer->tag == NSG_NAMED || inner->tag == NSG_NAMED)
		return outer->tag == inner->tag && outer->named == inner->named;
	if (outer->tag != NSG_PREFIX || inner->tag != NSG_PREFIX)
		return outer->tag == inner->tag;
	return prefix_within(inner->prefix, outer->prefix);
}

/* Each alternative of the inner list lies within one of the outer. */
static bool address_list_covers(const struct nsg_address *outer, uint32_t n_outer, const struct nsg_address *inner,
				uint32_t n_inner)
{
	for (uint32_t i = 0; i < n_inner; i++) {
		bool covered = false;
		for (uint32_t o = 0; o < n_outer && !covered; o++)
			covered = address_covers(&outer[o], &inner[i]);
		if (!covered)
			return false;
	}
	return true;
}

/* Together the outer ranges hold each port of `inner`. */
static bool port_list_holds(const struct nsg_ports *outer, uint32_t n_outer, struct nsg_ports inner)
{
	for (uint32_t port = inner.first; port <= inner.last;) {
		uint32_t next = port;
		for (uint32_t o = 0; o < n_outer; o++)
			if (outer[o].first <= port && outer[o].last >= next)
				next = outer[o].last + 1u;
		if (next == port)
			return false;
		port = next;
	}
	return true;
}

static bool port_list_has_any(const struct nsg_ports *list, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (ports_are_any(&list[i]))
			return true;
	return false;
}

/* `proto` is the later rule's. What has no ports matches "any" alone, not ranges that amount to it. */
static bool port_list_covers(uint8_t proto, const struct nsg_ports *outer, uint32_t n_outer,
			     const struct nsg_ports *inner, uint32_t n_inner)
{
	if (!has_ports(proto) && port_list_has_any(inner, n_inner) && !port_list_has_any(outer, n_outer))
		return false;
	for (uint32_t i = 0; i < n_inner; i++)
		if (!port_list_holds(outer, n_outer, inner[i]))
			return false;
	return true;
}

bool nsg_shadows(const struct nsg_rule *earlier, const struct nsg_rule *later)
{
	/* Sources differ most often: they are asked first. */
	return (earlier->proto == NSG_ANY_PROTO || earlier->proto == later->proto) &&
	       address_list_covers(earlier->src, earlier->n_src, later->src, later->n_src) &&
	       port_list_covers(later->proto, earlier->src_ports, earlier->n_src_ports, later->src_ports,
				later->n_src_ports) &&
	       port_list_covers(later->proto, earlier->dst_ports, earlier->n_dst_ports, later->dst_ports,
				later->n_dst_ports) &&
	       address_list_covers(earlier->dst, earlier->n_dst, later->dst, later->n_dst);
}
