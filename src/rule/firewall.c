/* The rules of a firewall, asked in their order. */
#include "rule/firewall.h"
#include <string.h>
#include <strings.h>

static bool in_prefixes(const struct prefix *prefixes, size_t n, be32 addr)
{
	for (size_t i = 0; i < n; i++)
		if (prefix_contains(prefixes[i], addr))
			return true;
	return n == 0;
}

static bool in_ports(const struct firewall_rule *rule, const struct tuple *tuple)
{
	uint16_t port = be16_to(tuple->dst_port);
	if (tuple->proto == PROTO_ICMP)
		return true;
	for (size_t i = 0; i < rule->n_dst_ports; i++)
		if (rule->dst_ports[i].first <= port && port <= rule->dst_ports[i].last)
			return true;
	return rule->n_dst_ports == 0;
}

static uint32_t proto_bit(uint8_t proto)
{
	return proto == PROTO_TCP ? FIREWALL_TCP : proto == PROTO_UDP ? FIREWALL_UDP : FIREWALL_ICMP;
}

/* By addresses and ports; the names of an application rule apart. */
static bool matches(const struct firewall_rule *rule, uint32_t proto, const struct tuple *tuple)
{
	return (rule->protos & proto) != 0 && in_prefixes(rule->src, rule->n_src, tuple->src) &&
	       in_prefixes(rule->dst, rule->n_dst, tuple->dst) && in_ports(rule, tuple);
}

uint32_t firewall_application(const struct tuple *tuple)
{
	if (tuple->proto != PROTO_TCP)
		return 0;
	switch (be16_to(tuple->dst_port)) {
	case 80:
		return FIREWALL_HTTP;
	case 443:
		return FIREWALL_HTTPS;
	case 1433:
		return FIREWALL_MSSQL;
	}
	return 0;
}

static const struct firewall_rule *first(const struct firewall_rules *rules, enum firewall_rules_kind kind,
					 uint32_t proto, const struct tuple *tuple, bool *ret_allow)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct firewall_collection *collection = &rules->collections[i];
		for (size_t k = 0; collection->kind == kind && k < collection->n_rules; k++)
			if (matches(&collection->rules[k], proto, tuple)) {
				*ret_allow = collection->allow;
				return &collection->rules[k];
			}
	}
	return NULL;
}

static bool has_application(const struct firewall_rules *rules, const struct tuple *tuple)
{
	bool allow;
	uint32_t proto = firewall_application(tuple);
	return proto != 0 && first(rules, FIREWALL_APPLICATION, proto, tuple, &allow);
}

struct firewall_judgement firewall_judge(const struct firewall_rules *rules, const struct tuple *tuple, bool is_own)
{
	bool allow = false;
	uint32_t proto = proto_bit(tuple->proto);
	if (is_own) {
		const struct firewall_rule *dnat = first(rules, FIREWALL_DNAT, proto, tuple, &allow);
		if (!dnat)
			return (struct firewall_judgement){FIREWALL_DENIED, NULL};
		struct tuple after = *tuple;
		after.dst = dnat->to;
		after.dst_port = be16_from(dnat->to_port);
		const struct firewall_rule *rule = first(rules, FIREWALL_NETWORK, proto, &after, &allow);
		return rule && !allow ? (struct firewall_judgement){FIREWALL_DENIED, rule}
				      : (struct firewall_judgement){FIREWALL_TRANSLATED, dnat};
	}
	const struct firewall_rule *rule = first(rules, FIREWALL_NETWORK, proto, tuple, &allow);
	if (rule)
		return (struct firewall_judgement){allow ? FIREWALL_ALLOWED : FIREWALL_DENIED, rule};
	if (has_application(rules, tuple))
		return (struct firewall_judgement){FIREWALL_BY_NAME, NULL};
	return (struct firewall_judgement){FIREWALL_DENIED, NULL};
}

bool firewall_name_matches(const char *pattern, const char *name)
{
	if (strcmp(pattern, "*") == 0)
		return true;
	if (pattern[0] != '*')
		return strcasecmp(pattern, name) == 0;
	size_t n_tail = strlen(pattern + 1), n = strlen(name);
	return n > n_tail && strcasecmp(name + n - n_tail, pattern + 1) == 0;
}

static bool has_name(const struct firewall_rule *rule, const char *name)
{
	for (size_t i = 0; i < rule->n_fqdns; i++)
		if (name && firewall_name_matches(rule->fqdns[i], name))
			return true;
	return false;
}

struct firewall_judgement firewall_judge_name(const struct firewall_rules *rules, const struct tuple *tuple,
					      const char *name)
{
	uint32_t proto = firewall_application(tuple);
	for (size_t i = 0; i < rules->n; i++) {
		const struct firewall_collection *collection = &rules->collections[i];
		for (size_t k = 0; collection->kind == FIREWALL_APPLICATION && k < collection->n_rules; k++) {
			const struct firewall_rule *rule = &collection->rules[k];
			if (matches(rule, proto, tuple) && has_name(rule, name))
				return (struct firewall_judgement){
					collection->allow ? FIREWALL_ALLOWED : FIREWALL_DENIED, rule};
		}
	}
	return (struct firewall_judgement){FIREWALL_DENIED, NULL};
}

unsigned firewall_mismatch(const struct firewall_rule *rule, enum firewall_rules_kind kind, const struct tuple *tuple,
			   const char *name)
{
	bool by_name = kind == FIREWALL_APPLICATION;
	unsigned bits = 0;
	if ((rule->protos & (by_name ? firewall_application(tuple) : proto_bit(tuple->proto))) == 0)
		bits |= FIREWALL_MISMATCH_PROTO;
	if (!in_prefixes(rule->src, rule->n_src, tuple->src))
		bits |= FIREWALL_MISMATCH_SRC;
	if (!in_prefixes(rule->dst, rule->n_dst, tuple->dst))
		bits |= FIREWALL_MISMATCH_DST;
	if (!in_ports(rule, tuple))
		bits |= FIREWALL_MISMATCH_PORT;
	if (by_name && !has_name(rule, name))
		bits |= FIREWALL_MISMATCH_NAME;
	return bits;
}

/* ---- overlaps ---- */

static bool prefixes_meet(const struct prefix *a, size_t n_a, const struct prefix *b, size_t n_b)
{
	for (size_t i = 0; i < n_a; i++)
		for (size_t k = 0; k < n_b; k++)
			if (prefix_overlaps(a[i], b[k]))
				return true;
	return n_a == 0 || n_b == 0;
}

static bool ports_meet(const struct firewall_rule *a, const struct firewall_rule *b)
{
	for (size_t i = 0; i < a->n_dst_ports; i++)
		for (size_t k = 0; k < b->n_dst_ports; k++)
			if (a->dst_ports[i].first <= b->dst_ports[k].last &&
			    b->dst_ports[k].first <= a->dst_ports[i].last)
				return true;
	return a->n_dst_ports == 0 || b->n_dst_ports == 0;
}

bool firewall_rules_overlap(const struct firewall_rule *a, const struct firewall_rule *b)
{
	return (a->protos & b->protos) != 0 && prefixes_meet(a->src, a->n_src, b->src, b->n_src) &&
	       prefixes_meet(a->dst, a->n_dst, b->dst, b->n_dst) && ports_meet(a, b);
}
