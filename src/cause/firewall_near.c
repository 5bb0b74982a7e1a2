/* Rules of firewalls that nearly allow what was denied (near.h). */
#include "cause/firewall_near.h"
#include "cause/near.h"
#include "model/firewall.h"
#include <string.h>

static const struct near_bit bits_of[] = {{FIREWALL_MISMATCH_PROTO, NEAR_PROTO},
					  {FIREWALL_MISMATCH_SRC, NEAR_SRC},
					  {FIREWALL_MISMATCH_DST, NEAR_DST},
					  {FIREWALL_MISMATCH_PORT, NEAR_DST_PORT},
					  {FIREWALL_MISMATCH_NAME, NEAR_NAME}};

/* Things that the rule says; in `bits` are those that do not match. */
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
	struct near near = {.n_said = said_by_firewall(rule, bits),
			    .name = rule->path,
			    .place = rule->place,
			    .rule = rule,
			    .list = collection};
	if (behind) {
		near.by = NEAR_ORDER;
		if (bits == 0)
			near_add(ret, near);
	} else if (near_by_one(bits_of, sizeof bits_of / sizeof *bits_of, bits, &near.by)) {
		near_add(ret, near);
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

/* ---- in words ---- */

static void put_prefixes(struct buf *out, const struct prefix *list, size_t n)
{
	for (size_t i = 0; i < n && i < NEAR_ITEMS; i++)
		near_prefix(out, list[i], i);
	near_more(out, n);
}

static void put_protos(struct buf *out, const struct firewall_rule *rule)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {{FIREWALL_TCP, "tcp"},   {FIREWALL_UDP, "udp"},     {FIREWALL_ICMP, "icmp"},
		     {FIREWALL_HTTP, "http"}, {FIREWALL_HTTPS, "https"}, {FIREWALL_MSSQL, "mssql"}};
	size_t n = 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (rule->protos & names[i].bit)
			buf_printf(out, "%s%s", n++ > 0 ? ", " : "", names[i].name);
}

static void put_names(struct buf *out, const struct firewall_rule *rule)
{
	for (size_t i = 0; i < rule->n_fqdns && i < NEAR_ITEMS; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "", rule->fqdns[i]);
	near_more(out, rule->n_fqdns);
}

static void said(struct buf *out, const struct near *near)
{
	const struct firewall_rule *rule = near->rule;
	switch (near->by) {
	case NEAR_DST_PORT:
		for (size_t i = 0; i < rule->n_dst_ports && i < NEAR_ITEMS; i++)
			near_ports(out, rule->dst_ports[i].first, rule->dst_ports[i].last, i);
		near_more(out, rule->n_dst_ports);
		break;
	case NEAR_PROTO:
		put_protos(out, rule);
		break;
	case NEAR_SRC:
		put_prefixes(out, rule->src, rule->n_src);
		break;
	case NEAR_DST:
		put_prefixes(out, rule->dst, rule->n_dst);
		break;
	case NEAR_NAME:
		put_names(out, rule);
		break;
	case NEAR_SRC_PORT:
	case NEAR_ORDER:
	case NEAR_DIRECTION:
		break;
	}
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
		buf_printf(out, "%s (port %u)", name, be16_to(tuple->dst_port));
	else
		buf_printf(out, "%s to port %u: application rules are about ports 80, 443 and 1433 alone",
			   proto_name(tuple->proto), be16_to(tuple->dst_port));
}

static void put_behind(struct maker *maker, const struct near *near, const struct firewall_collection *denying)
{
	const struct firewall_collection *late = near->list;
	put_near_rule(maker, near);
	buf_puts(&maker->what, " would allow it, and comes too late: ");
	if (late->kind != denying->kind) {
		buf_puts(&maker->what, "application rules are asked behind all network rules.");
		return;
	}
	buf_printf(&maker->what, "the priority of its collection is %u, and that of %s is %u.", late->priority,
		   denying->name, denying->priority);
	if (denying->priority > 100)
		buf_printf(&maker->helps, " Or give collection %s a priority below %u.", late->name, denying->priority);
	else
		buf_printf(&maker->helps, " Or give collection %s a priority above %u.", denying->name, late->priority);
}

static void put_difference(struct maker *maker, const struct near *near, const struct tuple *tuple, const char *called)
{
	const struct firewall_collection *collection = near->list;
	bool of_applications = collection->kind == FIREWALL_APPLICATION;
	struct buf application = {0};
	put_application(&application, tuple);
	const struct near_words words = {.said = said,
					 .verb = collection->kind == FIREWALL_DNAT ? "nearly translates it: it is for"
										   : "nearly allows it: it allows",
					 .application = of_applications ? buf_text(&application) : NULL,
					 .proto = of_applications ? application_name(tuple) : proto_name(tuple->proto),
					 .called = called};
	put_near(maker, near, tuple, &words);
	buf_free(&application);
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
			put_difference(maker, &nearest.best[i], &tuple, called);
	}
}
