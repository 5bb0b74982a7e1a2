/* DOC: rules that nearly allow what was denied. The author of a rule that should let a call pass asks why that rule did
 * not, and not which one denied. A rule that allows is near where one thing alone keeps it from deciding: the protocol, a
 * port, the source, the destination, the name; or where it matches in all of them and stands in the other direction, or
 * is asked behind the rule that denies. The nearest is named, and a second one that is as near. What a rule says and what
 * matches counts; that it says "any" does not. */
#include "cause/maker.h"
#include "model/firewall.h"
#include <string.h>

#define NAMED 2u /* rules at most */
#define ITEMS 3u /* of a list */

/* The most telling one first. */
enum near_by { NEAR_ORDER, NEAR_DST_PORT, NEAR_PROTO, NEAR_NAME, NEAR_SRC, NEAR_DST, NEAR_SRC_PORT, NEAR_DIRECTION };

struct near {
	enum near_by by;
	unsigned n_said;                              /* things that the rule says, and that match */
	const struct nsg_rule *in_group;              /* a rule of a group, or */
	const struct firewall_rule *rule;             /* of a firewall, */
	const struct firewall_collection *collection; /* in this collection */
};

struct nearest {
	struct near best[NAMED];
	size_t n;
};

static bool is_nearer(const struct near *a, const struct near *b)
{
	return a->n_said != b->n_said ? a->n_said > b->n_said : a->by < b->by;
}

static void add(struct nearest *nearest, struct near near)
{
	size_t at = nearest->n;
	while (at > 0 && is_nearer(&near, &nearest->best[at - 1]))
		at--;
	if (at == NAMED)
		return;
	nearest->n += nearest->n < NAMED;
	for (size_t i = nearest->n - 1; i > at; i--)
		nearest->best[i] = nearest->best[i - 1];
	nearest->best[at] = near;
	while (nearest->best[nearest->n - 1].n_said < nearest->best[0].n_said)
		nearest->n--;
}

static bool is_one_bit(unsigned bits)
{
	return bits != 0 && (bits & (bits - 1)) == 0;
}

/* ---- what a rule allows, as it is said of what differs ---- */

static void put_range(struct buf *out, uint16_t first, uint16_t last, size_t i)
{
	buf_printf(out, "%s%u", i > 0 ? ", " : "", first);
	if (last != first)
		buf_printf(out, "-%u", last);
}

static void put_more(struct buf *out, size_t n)
{
	if (n > ITEMS)
		buf_printf(out, " and %zu more", n - ITEMS);
}

static void put_prefix(struct buf *out, struct prefix prefix)
{
	char text[PREFIX_TEXT_BYTES];
	buf_puts(out, prefix.length == 32 ? addr_print(prefix.addr, text) : prefix_print(prefix, text));
}

static void put_ports(struct buf *out, const struct near *near, bool of_source)
{
	const struct nsg_rule *group = near->in_group;
	const struct nsg_ports *ports = !group ? NULL : of_source ? group->src_ports : group->dst_ports;
	size_t n = !group ? near->rule->n_dst_ports : of_source ? group->n_src_ports : group->n_dst_ports;
	for (size_t i = 0; i < n && i < ITEMS; i++) {
		if (group)
			put_range(out, ports[i].first, ports[i].last, i);
		else
			put_range(out, near->rule->dst_ports[i].first, near->rule->dst_ports[i].last, i);
	}
	put_more(out, n);
}

static void put_addresses(struct buf *out, const struct near *near, bool of_source)
{
	const struct nsg_rule *group = near->in_group;
	const struct firewall_rule *rule = near->rule;
	size_t n;
	if (group)
		n = of_source ? group->n_src : group->n_dst;
	else
		n = of_source ? rule->n_src : rule->n_dst;
	for (size_t i = 0; i < n && i < ITEMS; i++) {
		const struct nsg_address *address = !group ? NULL : of_source ? &group->src[i] : &group->dst[i];
		const char *name = address ? nsg_address_name(address) : NULL;
		buf_puts(out, i > 0 ? ", " : "");
		if (name)
			buf_puts(out, name);
		else
			put_prefix(out, address ? address->prefix : of_source ? rule->src[i] : rule->dst[i]);
	}
	put_more(out, n);
}

static void put_protos(struct buf *out, const struct near *near)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {{FIREWALL_TCP, "tcp"},   {FIREWALL_UDP, "udp"},     {FIREWALL_ICMP, "icmp"},
		     {FIREWALL_HTTP, "http"}, {FIREWALL_HTTPS, "https"}, {FIREWALL_MSSQL, "mssql"}};
	size_t n = 0;
	if (near->in_group)
		buf_puts(out, proto_name(near->in_group->proto));
	for (size_t i = 0; !near->in_group && i < sizeof names / sizeof *names; i++)
		if (near->rule->protos & names[i].bit)
			buf_printf(out, "%s%s", n++ > 0 ? ", " : "", names[i].name);
}

static void put_names(struct buf *out, const struct near *near)
{
	for (size_t i = 0; i < near->rule->n_fqdns && i < ITEMS; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "", near->rule->fqdns[i]);
	put_more(out, near->rule->n_fqdns);
}

/* ---- what the packet is instead ---- */

static void put_port(struct buf *out, const struct tuple *tuple, const char *way, be16 port)
{
	if (tuple->proto == PROTO_ICMP)
		buf_puts(out, "has no port");
	else
		buf_printf(out, "%s port %u", way, be16_to(port));
}

/* As rules of applications have it; NULL: it is of none. */
static const char *application_name(const struct tuple *tuple)
{
	switch (firewall_application(tuple)) {
	case FIREWALL_HTTP:
		return "http";
	case FIREWALL_HTTPS:
		return "https";
	case FIREWALL_MSSQL:
		return "mssql";
	}
	return NULL;
}

static void put_application(struct buf *out, const struct tuple *tuple)
{
	const char *name = application_name(tuple);
	if (name)
		buf_printf(out, "is %s (port %u)", name, be16_to(tuple->dst_port));
	else
		buf_printf(out, "is %s to port %u: application rules are about ports 80, 443 and 1433 alone",
			   proto_name(tuple->proto), be16_to(tuple->dst_port));
}

static const char *rule_name(const struct near *near)
{
	return near->in_group ? near->in_group->name : near->rule->path;
}

static bool is_application(const struct near *near)
{
	return near->collection && near->collection->kind == FIREWALL_APPLICATION;
}

static void help_protocol(struct buf *out, const struct near *near, const struct tuple *tuple)
{
	const char *name = is_application(near) ? application_name(tuple) : proto_name(tuple->proto);
	if (name)
		buf_printf(out, " Or let rule %s allow %s, too (`proto`).", rule_name(near), name);
}

/* "... allows port 80, and this packet goes to port 443", and what to change in that rule. */
static void put_difference(struct maker *maker, const struct near *near, const struct tuple *tuple, const char *called)
{
	struct buf *what = &maker->what, *helps = &maker->helps;
	const char *rule = rule_name(near);
	char src[ADDR_TEXT_BYTES], dst[ADDR_TEXT_BYTES];
	addr_print(tuple->src, src);
	addr_print(tuple->dst, dst);
	switch (near->by) {
	case NEAR_DST_PORT:
		buf_puts(what, "port ");
		put_ports(what, near, false);
		buf_puts(what, ", and this packet ");
		put_port(what, tuple, "goes to", tuple->dst_port);
		if (tuple->proto != PROTO_ICMP)
			buf_printf(helps, " Or add port %u to `dst_ports` of rule %s.", be16_to(tuple->dst_port), rule);
		break;
	case NEAR_SRC_PORT:
		buf_puts(what, "source port ");
		put_ports(what, near, true);
		buf_puts(what, ", and this packet ");
		put_port(what, tuple, "comes from", tuple->src_port);
		buf_printf(helps, " Or let rule %s take any source port (`src_ports`).", rule);
		break;
	case NEAR_PROTO:
		put_protos(what, near);
		buf_puts(what, ", and this packet ");
		if (is_application(near))
			put_application(what, tuple);
		else
			buf_printf(what, "is %s", proto_name(tuple->proto));
		help_protocol(helps, near, tuple);
		break;
	case NEAR_SRC:
		buf_puts(what, "the source ");
		put_addresses(what, near, true);
		buf_printf(what, ", and this packet comes from %s", src);
		buf_printf(helps, " Or add %s to `src` of rule %s.", src, rule);
		break;
	case NEAR_DST:
		buf_puts(what, "the destination ");
		put_addresses(what, near, false);
		buf_printf(what, ", and this packet goes to %s", dst);
		buf_printf(helps, " Or add %s to `dst` of rule %s.", dst, rule);
		break;
	case NEAR_NAME:
		buf_puts(what, "the name ");
		put_names(what, near);
		buf_printf(what, ", and this call %s%s", called ? "is for " : "gives no name", called ? called : "");
		break;
	case NEAR_ORDER:
	case NEAR_DIRECTION:
		break;
	}
}

static void put_near(struct maker *maker, const struct near *near, const struct tuple *tuple, const char *called)
{
	buf_printf(&maker->what, " Rule %s", rule_name(near));
	put_place(&maker->what, near->in_group ? near->in_group->place : near->rule->place);
	bool translates = near->collection && near->collection->kind == FIREWALL_DNAT;
	buf_puts(&maker->what, translates ? " nearly translates it: it is for " : " nearly allows it: it allows ");
	put_difference(maker, near, tuple, called);
	buf_putc(&maker->what, '.');
}

/* ---- security groups ---- */

static const struct {
	unsigned bit;
	enum near_by by;
} group_bits[] = {{NSG_MISMATCH_PROTO, NEAR_PROTO},
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

static void look_in_group(struct maker *maker, const struct nsg_rules *rules, enum nsg_direction direction, bool other,
			  const struct nsg_rule *denier, struct nearest *ret)
{
	const struct nsg_tags *tags = world_tags(maker->world, maker->at->subnet);
	for (uint32_t i = 0; i < rules->n[direction]; i++) {
		const struct nsg_rule *rule = &rules->rules[direction][i];
		if (!rule->allow || is_for_probes(rule))
			continue;
		unsigned bits = nsg_mismatch(rule, tags, &maker->step->after);
		bool behind = denier && rule->priority > denier->priority;
		struct near near = {.n_said = said_in_group(rule, bits), .in_group = rule};
		if (other || behind) {
			near.by = other ? NEAR_DIRECTION : NEAR_ORDER;
			if (bits == 0 && (!other || is_about_a_call(rule)))
				add(ret, near);
			continue;
		}
		for (size_t k = 0; is_one_bit(bits) && k < sizeof group_bits / sizeof *group_bits; k++)
			if (bits == group_bits[k].bit) {
				near.by = group_bits[k].by;
				add(ret, near);
			}
	}
}

void tell_near_group(struct maker *maker, uint32_t nsg, enum nsg_direction direction, const struct nsg_rule *denier)
{
	const struct nsg_rules *rules = nsg_rules_at(maker->model, nsg, maker->step->at);
	enum nsg_direction other = direction == NSG_INBOUND ? NSG_OUTBOUND : NSG_INBOUND;
	const char *list = direction == NSG_INBOUND ? "inbound" : "outbound";
	const char *other_list = direction == NSG_INBOUND ? "outbound" : "inbound";
	struct nearest nearest = {.n = 0};
	if (maker->at->subnet == NONE)
		return;
	look_in_group(maker, rules, direction, false, denier, &nearest);
	look_in_group(maker, rules, other, true, NULL, &nearest);
	for (size_t i = 0; i < nearest.n; i++) {
		const struct near *near = &nearest.best[i];
		const struct nsg_rule *rule = near->in_group;
		if (near->by != NEAR_ORDER && near->by != NEAR_DIRECTION) {
			put_near(maker, near, &maker->step->after, NULL);
			continue;
		}
		buf_printf(&maker->what, " Rule %s", rule->name);
		put_place(&maker->what, rule->place);
		if (near->by == NEAR_DIRECTION) {
			buf_printf(&maker->what, " would allow it, and is a rule for %s packets; this one is %s.",
				   other_list, list);
			buf_printf(&maker->helps, " Or move rule %s to `%s`.", rule->name, list);
			continue;
		}
		buf_printf(&maker->what,
			   " would allow it, and comes too late: its priority is %u, and that of rule %s is %u.",
			   rule->priority, denier->name, denier->priority);
		if (denier->priority > 100)
			buf_printf(&maker->helps, " Or give rule %s a priority below %u.", rule->name,
				   denier->priority);
		else
			buf_printf(&maker->helps, " Or give rule %s a priority above %u.", denier->name,
				   rule->priority);
	}
}

/* ---- firewalls ---- */

static const struct {
	unsigned bit;
	enum near_by by;
} firewall_bits[] = {{FIREWALL_MISMATCH_PROTO, NEAR_PROTO},
		     {FIREWALL_MISMATCH_SRC, NEAR_SRC},
		     {FIREWALL_MISMATCH_DST, NEAR_DST},
		     {FIREWALL_MISMATCH_PORT, NEAR_DST_PORT},
		     {FIREWALL_MISMATCH_NAME, NEAR_NAME}};

static unsigned said_by_firewall(const struct firewall_rule *rule, unsigned bits)
{
	unsigned n = 0;
	n += rule->protos != FIREWALL_ANY && !(bits & FIREWALL_MISMATCH_PROTO);
	n += rule->n_src > 0 && !(bits & FIREWALL_MISMATCH_SRC);
	n += rule->n_dst > 0 && !(bits & FIREWALL_MISMATCH_DST);
	n += rule->n_dst_ports > 0 && !(bits & FIREWALL_MISMATCH_PORT);
	n += rule->n_fqdns > 0 && !(bits & FIREWALL_MISMATCH_NAME);
	return n;
}

static void look_at_rule(const struct firewall_collection *collection, const struct firewall_rule *rule,
			 const struct tuple *tuple, const char *called, bool behind, struct nearest *ret)
{
	unsigned bits = firewall_mismatch(rule, collection->kind, tuple, called);
	struct near near = {.n_said = said_by_firewall(rule, bits), .rule = rule, .collection = collection};
	if (behind) {
		near.by = NEAR_ORDER;
		if (bits == 0)
			add(ret, near);
		return;
	}
	for (size_t k = 0; is_one_bit(bits) && k < sizeof firewall_bits / sizeof *firewall_bits; k++)
		if (bits == firewall_bits[k].bit) {
			near.by = firewall_bits[k].by;
			add(ret, near);
		}
}

/* What goes to the firewall's own address meets DNAT rules, and then network rules as it is translated. */
static void translate(const struct firewall_rules *rules, struct tuple *tuple)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct firewall_collection *collection = &rules->collections[i];
		for (size_t k = 0; collection->kind == FIREWALL_DNAT && k < collection->n_rules; k++) {
			const struct firewall_rule *rule = &collection->rules[k];
			if (firewall_mismatch(rule, FIREWALL_DNAT, tuple, NULL) != 0)
				continue;
			tuple->dst = rule->to;
			tuple->dst_port = be16_from(rule->to_port);
			return;
		}
	}
}

static bool denies(const struct firewall_collection *collection, const char *denier)
{
	for (size_t k = 0; denier && k < collection->n_rules; k++)
		if (strcmp(collection->rules[k].path, denier) == 0)
			return true;
	return false;
}

static void put_behind(struct maker *maker, const struct near *near, const struct firewall_collection *denying)
{
	buf_printf(&maker->what, " Rule %s", near->rule->path);
	put_place(&maker->what, near->rule->place);
	buf_puts(&maker->what, " would allow it, and comes too late: ");
	if (near->collection->kind != denying->kind) {
		buf_puts(&maker->what, "application rules are asked behind all network rules.");
		return;
	}
	buf_printf(&maker->what, "the priority of its collection is %u, and that of %s is %u.",
		   near->collection->priority, denying->name, denying->priority);
	if (denying->priority > 100)
		buf_printf(&maker->helps, " Or give collection %s a priority below %u.", near->collection->name,
			   denying->priority);
	else
		buf_printf(&maker->helps, " Or give collection %s a priority above %u.", denying->name,
			   near->collection->priority);
}

void tell_near_firewall(struct maker *maker, const struct firewall_rules *rules, const char *denier, const char *called)
{
	struct tuple tuple = maker->step->after;
	bool own = firewall_is_at(&maker->model->firewalls[maker->at->owner], tuple.dst);
	const struct firewall_collection *denying = NULL;
	struct nearest nearest = {.n = 0};
	if (own && denier)
		translate(rules, &tuple);
	for (size_t i = 0; i < rules->n; i++) {
		const struct firewall_collection *collection = &rules->collections[i];
		bool asked = own ? collection->kind == (denier ? FIREWALL_NETWORK : FIREWALL_DNAT)
				 : collection->kind != FIREWALL_DNAT;
		if (denies(collection, denier))
			denying = collection;
		else if (asked && collection->allow)
			for (size_t k = 0; k < collection->n_rules; k++)
				look_at_rule(collection, &collection->rules[k], &tuple, called, denying != NULL,
					     &nearest);
	}
	for (size_t i = 0; i < nearest.n; i++) {
		if (nearest.best[i].by == NEAR_ORDER)
			put_behind(maker, &nearest.best[i], denying);
		else
			put_near(maker, &nearest.best[i], &tuple, called);
	}
}
