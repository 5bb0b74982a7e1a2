/* Rules of security groups that nearly allow what was denied (near.h). */
#include "cause/near.h"

static const struct near_bit bits_of[] = {{NSG_MISMATCH_PROTO, NEAR_PROTO},
					  {NSG_MISMATCH_SRC, NEAR_SRC},
					  {NSG_MISMATCH_DST, NEAR_DST},
					  {NSG_MISMATCH_SRC_PORT, NEAR_SRC_PORT},
					  {NSG_MISMATCH_DST_PORT, NEAR_DST_PORT}};

static bool is_any_address(const struct nsg_address *list)
{
	return list->tag == NSG_ANY || (list->tag == NSG_PREFIX && list->prefix.length == 0);
}

static bool is_any_port(const struct nsg_ports *list)
{
	return list->first == 0 && list->last == UINT16_MAX;
}

/* Things that the rule says; in `bits` are those that do not match. */
static unsigned said_in_group(const struct nsg_rule *rule, unsigned bits)
{
	unsigned n = 0;
	n += rule->proto != NSG_ANY_PROTO && !(bits & NSG_MISMATCH_PROTO);
	n += !is_any_address(rule->src) && !(bits & NSG_MISMATCH_SRC);
	n += !is_any_address(rule->dst) && !(bits & NSG_MISMATCH_DST);
	n += !is_any_port(rule->src_ports) && !(bits & NSG_MISMATCH_SRC_PORT);
	n += !is_any_port(rule->dst_ports) && !(bits & NSG_MISMATCH_DST_PORT);
	return n;
}

static void put_ports(struct buf *out, const struct nsg_ports *ports, size_t n)
{
	for (size_t i = 0; i < n && i < NEAR_ITEMS; i++)
		near_ports(out, ports[i].first, ports[i].last, i);
	near_more(out, n);
}

static void put_addresses(struct buf *out, const struct nsg_address *list, size_t n)
{
	for (size_t i = 0; i < n && i < NEAR_ITEMS; i++) {
		const char *name = nsg_address_name(&list[i]);
		if (name)
			buf_printf(out, "%s%s", i > 0 ? ", " : "", name);
		else
			near_prefix(out, list[i].prefix, i);
	}
	near_more(out, n);
}

static void said(struct buf *out, const struct near *near)
{
	const struct nsg_rule *rule = near->rule;
	switch (near->by) {
	case NEAR_DST_PORT:
		put_ports(out, rule->dst_ports, rule->n_dst_ports);
		break;
	case NEAR_SRC_PORT:
		put_ports(out, rule->src_ports, rule->n_src_ports);
		break;
	case NEAR_PROTO:
		buf_puts(out, proto_name(rule->proto));
		break;
	case NEAR_SRC:
		put_addresses(out, rule->src, rule->n_src);
		break;
	case NEAR_DST:
		put_addresses(out, rule->dst, rule->n_dst);
		break;
	case NEAR_NAME:
	case NEAR_ORDER:
	case NEAR_DIRECTION:
		break;
	}
}

/* A rule that lets probes in, whatever else it says, is not about calls. */
static bool is_for_probes(const struct nsg_rule *rule)
{
	return rule->n_src == 1 && rule->src->tag == NSG_AZURE_LOAD_BALANCER;
}

/* It says a protocol, a destination or a port: a rule for the other direction that says less is no rule for this call. */
static bool is_about_a_call(const struct nsg_rule *rule)
{
	return rule->proto != NSG_ANY_PROTO || !is_any_address(rule->dst) || !is_any_port(rule->dst_ports);
}

static void look(struct maker *maker, const struct nsg_rules *rules, enum nsg_direction direction, bool other,
		 const struct nsg_rule *denier, struct nearest *ret)
{
	const struct nsg_tags *tags = world_tags(maker->world, maker->at->subnet);
	for (uint32_t i = 0; i < rules->n[direction]; i++) {
		const struct nsg_rule *rule = &rules->rules[direction][i];
		if (!rule->allow || is_for_probes(rule))
			continue;
		unsigned bits = nsg_mismatch(rule, tags, &maker->step->after);
		bool behind = denier && rule->priority > denier->priority;
		struct near near = {
			.n_said = said_in_group(rule, bits), .name = rule->name, .place = rule->place, .rule = rule};
		if (other || behind) {
			near.by = other ? NEAR_DIRECTION : NEAR_ORDER;
			if (bits == 0 && (!other || is_about_a_call(rule)))
				near_add(ret, near);
		} else if (near_by_one(bits_of, sizeof bits_of / sizeof *bits_of, bits, &near.by)) {
			near_add(ret, near);
		}
	}
}

/* ---- in words ---- */

static const char *word_of(enum nsg_direction direction)
{
	return direction == NSG_INBOUND ? "inbound" : "outbound";
}

static void put_too_late(struct maker *maker, const struct nsg_rule *rule, const struct nsg_rule *denier)
{
	struct buf *helps = &maker->helps;
	buf_printf(&maker->what, " would allow it, and comes too late: its priority is %u, and that of rule %s is %u.",
		   rule->priority, denier->name, denier->priority);
	if (denier->priority > 100)
		buf_printf(helps, " Or give rule %s a priority below %u.", rule->name, denier->priority);
	else
		buf_printf(helps, " Or give rule %s a priority above %u.", denier->name, rule->priority);
}

static void put_other_direction(struct maker *maker, const struct nsg_rule *rule, enum nsg_direction direction)
{
	enum nsg_direction other = direction == NSG_INBOUND ? NSG_OUTBOUND : NSG_INBOUND;
	buf_printf(&maker->what, " would allow it, and is a rule for %s packets; this one is %s.", word_of(other),
		   word_of(direction));
	buf_printf(&maker->helps, " Or move rule %s to `%s`.", rule->name, word_of(direction));
}

void tell_near_group(struct maker *maker, uint32_t nsg, enum nsg_direction direction, const struct nsg_rule *denier)
{
	const struct nsg_rules *rules = nsg_rules_at(maker->model, nsg, maker->step->at);
	const struct tuple *tuple = &maker->step->after;
	const struct near_words words = {
		.said = said, .verb = "nearly allows it: it allows", .proto = proto_name(tuple->proto)};
	struct nearest nearest = {.n = 0};
	if (maker->at->subnet == NONE)
		return;
	look(maker, rules, direction, false, denier, &nearest);
	look(maker, rules, direction == NSG_INBOUND ? NSG_OUTBOUND : NSG_INBOUND, true, NULL, &nearest);
	for (size_t i = 0; i < nearest.n; i++) {
		const struct near *near = &nearest.best[i];
		if (near->by != NEAR_ORDER && near->by != NEAR_DIRECTION) {
			put_near(maker, near, tuple, &words);
			continue;
		}
		put_near_rule(maker, near);
		if (near->by == NEAR_ORDER)
			put_too_late(maker, near->rule, denier);
		else
			put_other_direction(maker, near->rule, direction);
	}
}
