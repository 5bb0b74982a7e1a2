/* DOC: the keys of a NAT and the three profiles that fill in what is not given (scenario.md; azure: load-balancer-outbound-connections-classic; linux: netfilter's
 * conntrack timers; home: RFC 4787 and RFC 5382). */
#include "base/time.h"
#include "scenario/decode.h"
#include <stdio.h>
#include <string.h>

#define MINUTES(n) ((n) * 60 * NS_PER_S)

static const struct nat_config profiles[] = {
	{
		/* azure */
		.mapping = NAT_ADDRESS_AND_PORT_DEPENDENT,
		.udp_by_address = true,
		.filtering = NAT_ADDRESS_AND_PORT_DEPENDENT,
		.allocation = NAT_SEQUENTIAL,
		.ports_per_worker = NAT_PORTS_AUTO,
		.reuse = NAT_REUSE_PER_DESTINATION,
		.tcp_idle_ns = MINUTES(4),
		.tcp_transitory_ns = 240 * NS_PER_S,
		.tcp_reset_ns = 15 * NS_PER_S,
		.udp_idle_ns = MINUTES(4),
		.udp_stream_ns = MINUTES(4),
		.icmp_idle_ns = MINUTES(1),
	},
	{
		/* linux */
		.mapping = NAT_ADDRESS_AND_PORT_DEPENDENT,
		.filtering = NAT_ADDRESS_AND_PORT_DEPENDENT,
		.allocation = NAT_PRESERVE,
		.ports_per_worker = NAT_PORTS_SHARED,
		.reuse = NAT_REUSE_PER_DESTINATION,
		.translate_icmp = true,
		.translate_fragments = true,
		.tcp_idle_ns = 5 * 24 * 60 * MINUTES(1),
		.tcp_transitory_ns = MINUTES(2),
		.tcp_reset_ns = 10 * NS_PER_S,
		.udp_idle_ns = 30 * NS_PER_S,
		.udp_stream_ns = MINUTES(2),
		.icmp_idle_ns = 30 * NS_PER_S,
	},
	{
		/* home */
		.mapping = NAT_ENDPOINT_INDEPENDENT,
		.filtering = NAT_ADDRESS_AND_PORT_DEPENDENT,
		.allocation = NAT_PRESERVE,
		.ports_per_worker = NAT_PORTS_SHARED,
		.reuse = NAT_REUSE_NEVER,
		.translate_icmp = true,
		.translate_fragments = true,
		.tcp_idle_ns = MINUTES(124),
		.tcp_transitory_ns = MINUTES(4),
		.tcp_reset_ns = MINUTES(4),
		.udp_idle_ns = MINUTES(5),
		.udp_stream_ns = MINUTES(5),
		.icmp_idle_ns = MINUTES(1),
	},
};

static void port_range(struct decoder *d, const struct tree *node, struct nat_config *nat)
{
	const char *text = decode_text(d, node, SECTION_NAT, "port_range");
	const char *hyphen = strchr(text, '-');
	char *first_text = hyphen ? arena_strndup(d->arena, text, (size_t)(hyphen - text)) : NULL;
	uint64_t first, last;
	if (first_text && read_number(first_text, 65535, &first) && read_number(hyphen + 1, 65535, &last) && first >= 1 && first <= last) {
		nat->port_first = (uint16_t)first;
		nat->port_last = (uint16_t)last;
		return;
	}
	diag_error(d->diags, decode_place(node, "port_range"), "such as \"1024-65535\"", "`%s` is not a range of ports", text);
}

static void ports_per_worker(struct decoder *d, const struct tree *node, struct nat_config *nat)
{
	const struct tree *value = tree_get(node, "ports_per_worker");
	int64_t n;
	if (tree_is_null(value))
		return;
	if (value->kind == TREE_SCALAR && strcmp(value->text, "auto") == 0)
		nat->ports_per_worker = NAT_PORTS_AUTO;
	else if (value->kind == TREE_SCALAR && strcmp(value->text, "shared") == 0)
		nat->ports_per_worker = NAT_PORTS_SHARED;
	else if (decode_scalar_int(d, value, "ports_per_worker", 1, 64512, &n))
		nat->ports_per_worker = (uint32_t)n;
}

void decode_nat(struct decoder *d, const struct tree *node, struct place place, struct nat_config *ret)
{
	unsigned choice = 0;
	static const struct tree nothing = {.kind = TREE_MAP};
	bool given = !tree_is_null(node) && decode_section(d, node, SECTION_NAT);
	if (!given)
		node = &nothing;
	(void)decode_enum(d, node, SECTION_NAT, "profile", &choice);
	*ret = profiles[choice < 3 ? choice : 0];
	ret->place = given && node->key ? node->key_place : place;
	if (decode_enum(d, node, SECTION_NAT, "mapping", &choice)) {
		ret->mapping = (enum nat_dependence)choice;
		ret->udp_by_address = ret->udp_by_address && ret->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT;
	}
	if (decode_enum(d, node, SECTION_NAT, "filtering", &choice))
		ret->filtering = (enum nat_dependence)choice;
	if (decode_enum(d, node, SECTION_NAT, "allocation", &choice))
		ret->allocation = (enum nat_allocation)choice;
	port_range(d, node, ret);
	ports_per_worker(d, node, ret);
	if (decode_enum(d, node, SECTION_NAT, "reuse", &choice))
		ret->reuse = (enum nat_reuse)choice;
	(void)decode_bool(d, node, SECTION_NAT, "hairpin", &ret->hairpin);
	if (decode_enum(d, node, SECTION_NAT, "icmp", &choice))
		ret->translate_icmp = choice == 0;
	if (decode_enum(d, node, SECTION_NAT, "fragments", &choice))
		ret->translate_fragments = choice == 0;
	(void)decode_duration(d, node, SECTION_NAT, "tcp_idle", &ret->tcp_idle_ns);
	(void)decode_duration(d, node, SECTION_NAT, "tcp_transitory", &ret->tcp_transitory_ns);
	(void)decode_duration(d, node, SECTION_NAT, "tcp_reset", &ret->tcp_reset_ns);
	if (decode_duration(d, node, SECTION_NAT, "udp_idle", &ret->udp_idle_ns))
		ret->udp_stream_ns = ret->udp_idle_ns;
	(void)decode_duration(d, node, SECTION_NAT, "icmp_idle", &ret->icmp_idle_ns);
	(void)decode_bool(d, node, SECTION_NAT, "reset_on_idle", &ret->reset_on_idle);
	if (ret->reset_on_idle)
		diag_error(d->diags, decode_place(node, "reset_on_idle"), "leave it out", "`reset_on_idle: true` is not supported yet");
}
