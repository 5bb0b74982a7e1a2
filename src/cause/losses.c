/* DOC: what can be said of a loss beyond the general words of its reason (reasons.c): the rule and how to allow the
 * packet, the networks that are not peered, the port and who could listen on it, the link and what changed it. A lost
 * "fragmentation needed" is called what it is for the sender, a path MTU black hole. */
#include "cause/maker.h"
#include "net/header.h"
#include <string.h>

/* The rest of the text behind a prefix; NULL where it begins differently. */
static const char *behind(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);
	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

static const char *name_of_protocol(const struct maker *maker)
{
	return proto_name(maker->step->after.proto);
}

/* ---- security groups ---- */

static const struct nsg_rule *rule_named(const struct maker *maker, const char *group, const char *rule,
					 enum nsg_direction direction)
{
	for (size_t i = 0; i < maker->model->n_nsgs; i++) {
		if (strcmp(maker->model->nsgs[i].name, group) != 0)
			continue;
		const struct nsg_rules *rules = &maker->model->nsgs[i].rules;
		for (uint32_t k = 0; k < rules->n[direction]; k++)
			if (strcmp(rules->rules[direction][k].name, rule) == 0)
				return &rules->rules[direction][k];
	}
	return NULL;
}

static bool is_late_segment(const struct step *step)
{
	if (step->after.proto != PROTO_TCP)
		return false;
	const struct tcp_header *tcp = packet_l4_const(step->packet);
	return (tcp->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN;
}

static bool is_front_ends_own(const struct maker *maker)
{
	const struct model *model = maker->model;
	if (maker->at->kind != ELEMENT_WORKER)
		return false;
	const struct ase_config *ase = &model->ases[maker->at->owner];
	for (uint32_t i = 0; i < ase->front_ends; i++)
		if (be32_equal(ase->addresses[i], maker->step->after.src))
			return true;
	return false;
}

static void help_group(struct maker *maker, const char *group, const struct nsg_rule *rule,
		       enum nsg_direction direction)
{
	const struct tuple *tuple = &maker->step->after;
	char src[ADDR_TEXT_BYTES], dst[ADDR_TEXT_BYTES];
	const char *list = direction == NSG_INBOUND ? "inbound" : "outbound";
	buf_printf(&maker->helps, "Allow %s from %s to %s", name_of_protocol(maker), addr_print(tuple->src, src),
		   addr_print(tuple->dst, dst));
	if (tuple->proto != PROTO_ICMP)
		buf_printf(&maker->helps, ", port %u", be16_to(tuple->dst_port));
	buf_printf(&maker->helps, ", in `network.nsgs.%s.%s`", group, list);
	if (rule && rule->priority > 100)
		buf_printf(&maker->helps, " with a priority below %u", rule->priority);
	buf_puts(&maker->helps, ".");
	maker_setting(maker, "network.nsgs.%s.%s", group, list);
}

static void tell_group(struct maker *maker)
{
	const struct verdict *verdict = &maker->step->verdict;
	const char *group = behind(verdict->by, "nsg/");
	if (!group || !verdict->rule)
		return;
	bool inbound = maker->step->flags & STEP_INBOUND;
	enum nsg_direction direction = inbound ? NSG_INBOUND : NSG_OUTBOUND;
	const struct nsg_rule *rule = rule_named(maker, group, verdict->rule, direction);
	struct buf *what = &maker->what;
	if (verdict->place.file)
		buf_printf(what, "Rule %s of %s denies it %s at %s", verdict->rule, verdict->by,
			   inbound ? "inbound" : "outbound", maker->at->name);
	else
		buf_printf(what, "No rule of %s allows it %s at %s, so the platform's %s denies it", verdict->by,
			   inbound ? "inbound" : "outbound", maker->at->name, verdict->rule);
	buf_puts(what, maker->step->after.proto == PROTO_TCP
			       ? "; the group drops it silently, and the sender retransmits until it times out."
			       : "; the group drops it silently: the sender gets no answer and no error.");
	if (is_front_ends_own(maker))
		buf_puts(what, " This is the front end's own connection to the worker, the second leg of the call: the "
			       "environment's subnet must be allowed to reach itself.");
	else if (is_late_segment(maker->step))
		buf_puts(
			what,
			" It opens nothing, and the group has no flow record of its connection: the record ended after "
			"4 min of silence, or the first packet took another way.");
	help_group(maker, group, rule, direction);
}

/* ---- routes and addresses ---- */

static void tell_route(struct maker *maker)
{
	const struct verdict *verdict = &maker->step->verdict;
	char text[ADDR_TEXT_BYTES];
	const char *table = behind(verdict->by, "route/"), *dst = addr_print(maker->step->after.dst, text);
	if (!table || !verdict->rule)
		return;
	buf_printf(&maker->what, "Route %s of %s is the one that wins for %s, and its next hop is `none`, which drops.",
		   verdict->rule, verdict->by, dst);
	if (!verdict->place.file) {
		buf_printf(&maker->helps,
			   "Give %s a route of its own in the table of the sender's subnet "
			   "(`network.route_tables`).",
			   dst);
		return;
	}
	buf_printf(&maker->helps,
		   "Give `network.route_tables.%s.routes.%s` another next hop, or %s a longer prefix of its own there.",
		   table, verdict->rule, dst);
	maker_setting(maker, "network.route_tables.%s.routes.%s", table, verdict->rule);
}

static uint32_t network_of(const struct maker *maker, be32 addr)
{
	for (uint32_t i = 0; i < maker->model->n_vnets; i++)
		for (size_t k = 0; k < maker->model->vnets[i].n_space; k++)
			if (prefix_contains(maker->model->vnets[i].space[k], addr))
				return i;
	return NONE;
}

static void tell_peering(struct maker *maker)
{
	const struct model *model = maker->model;
	char text[ADDR_TEXT_BYTES];
	uint32_t from = maker->at->vnet, to = network_of(maker, maker->step->after.dst);
	if (from == NONE || to == NONE || from == to)
		return;
	const char *a = model->vnets[from].name, *b = model->vnets[to].name;
	buf_printf(
		&maker->what,
		"%s is in virtual network %s, which is not peered with %s, where %s stands; peering is not transitive.",
		addr_print(maker->step->after.dst, text), b, a, maker->at->name);
	buf_printf(&maker->helps,
		   "Peer the two (`network.vnets.%s.peers: [%s]`), or route through an appliance that forwards in a "
		   "network "
		   "that both are peered with (`network.route_tables`).",
		   a, b);
	maker_setting(maker, "network.vnets.%s.peers", a);
	maker_setting(maker, "network.route_tables");
}

static bool is_private(be32 addr)
{
	uint32_t a = be32_to(addr);
	return a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8;
}

static void tell_address(struct maker *maker)
{
	const struct step *step = maker->step;
	char src[ADDR_TEXT_BYTES], dst[ADDR_TEXT_BYTES];
	if (!step->verdict.detail)
		return;
	if (maker->at->kind == ELEMENT_INTERNET && is_private(step->after.dst)) {
		buf_printf(&maker->what, "%s is a private address, and the Internet has no way to it",
			   addr_print(step->after.dst, dst));
		if (is_private(step->after.src))
			buf_printf(&maker->what, "; nor was its source %s translated",
				   addr_print(step->after.src, src));
		buf_puts(&maker->what, ".");
		return;
	}
	buf_printf(&maker->what, "%s cannot be reached from %s: %s.", addr_print(step->after.dst, dst), maker->at->name,
		   step->verdict.detail);
}

static void tell_loop(struct maker *maker)
{
	buf_printf(&maker->what, "Its TTL reached 0 at %s", maker->at->name);
	if (maker->at->kind == ELEMENT_APPLIANCE)
		buf_puts(&maker->what, ": routes sent it round in a circle through this appliance");
	buf_puts(&maker->what, ".");
}

/* ---- end points ---- */

static void tell_listener(struct maker *maker)
{
	const struct tuple *tuple = &maker->step->after;
	const struct element *at = maker->at;
	if (tuple->proto == PROTO_ICMP)
		return;
	buf_printf(&maker->what, "Nothing listens on port %u/%s of %s; the sender gets %s.", be16_to(tuple->dst_port),
		   name_of_protocol(maker), at->name, tuple->proto == PROTO_TCP ? "a reset" : "an ICMP error");
	enum element_owner owner = element_traits[at->kind].owner;
	if (owner == OWNER_HOST) {
		const char *host = maker->model->hosts[at->owner].name;
		buf_printf(&maker->helps,
			   "Add %u/%s to `network.hosts.%s.listen`, or call a port that is there (`flows.%s.to`).",
			   be16_to(tuple->dst_port), name_of_protocol(maker), host,
			   maker->model->flows[maker->step->flow].name);
		maker_setting(maker, "network.hosts.%s.listen", host);
		maker_setting(maker, "flows.%s.to", maker->model->flows[maker->step->flow].name);
	} else if (owner == OWNER_ENVIRONMENT) {
		const char *ase = maker->model->ases[at->owner].name;
		buf_printf(
			&maker->helps,
			"Let an app listen there (`network.ases.%s.apps.APP.listen`), or run it on this worker (`on`).",
			ase);
		maker_setting(maker, "network.ases.%s.apps", ase);
	}
}

static void tell_closed_port(struct maker *maker)
{
	const struct tuple *tuple = &maker->step->after;
	if (maker->at->kind != ELEMENT_VIP)
		return;
	const char *ase = maker->model->ases[maker->at->owner].name;
	buf_printf(&maker->what, "%s has no load balancing rule for port %u/%s, and gives no answer itself",
		   maker->at->name, be16_to(tuple->dst_port), name_of_protocol(maker));
	if (maker->step->verdict.rule && strcmp(maker->step->verdict.rule, "management") == 0)
		buf_puts(&maker->what, ": the management ports are open to Azure's management addresses alone");
	buf_puts(&maker->what, ".");
	buf_printf(&maker->helps,
		   "Call a port on which an app of %s listens (`network.ases.%s.apps.APP.listen`), or open the group "
		   "of ports "
		   "(`network.ases.%s.ports`).",
		   ase, ase, ase);
	maker_setting(maker, "network.ases.%s.apps", ase);
	maker_setting(maker, "network.ases.%s.ports", ase);
}

static void tell_filter(struct maker *maker)
{
	const struct verdict *verdict = &maker->step->verdict;
	const char *path = nat_path(maker, maker->at);
	if (!path)
		return;
	bool hairpin = verdict->rule && strcmp(verdict->rule, "hairpin") == 0;
	struct buf *what = &maker->what;
	if (hairpin) {
		buf_printf(what,
			   "The packet was sent to %s's own public address from behind it, and hairpinning is off.",
			   maker->at->name);
		buf_printf(&maker->helps, "Call the inside address, or set `%s.hairpin: true`.", path);
		maker_setting(maker, "%s.hairpin", path);
		return;
	}
	buf_printf(what, "%s has a mapping on this port, and its filter does not admit ", maker->at->name);
	put_end_point(what, maker->step->after.src, maker->step->after.src_port, maker->step->after.proto);
	buf_puts(what, ", to which the inside has not sent.");
	buf_printf(&maker->helps, "Let the inside send there first, or filter less (`%s.filtering`).", path);
	maker_setting(maker, "%s.filtering", path);
}

static bool has_address(const struct prefix *prefixes, size_t n, be32 addr)
{
	for (size_t i = 0; i < n; i++)
		if (prefix_contains(prefixes[i], addr))
			return true;
	return false;
}

/* An appliance's NAT let the packet out with the source that it had. */
static void tell_kept_source(struct maker *maker, const char *path)
{
	const struct step *step = maker->step;
	const struct nat_rules *nat = maker->at->nat;
	bool is_excepted = has_address(nat->except, nat->n_except, step->after.dst);
	bool is_left_out = nat->n_only > 0 && !has_address(nat->only, nat->n_only, step->after.dst);
	buf_printf(&maker->what, "%s let it out with the source ", maker->at->name);
	put_end_point(&maker->what, step->after.src, step->after.src_port, step->after.proto);
	buf_printf(&maker->what, ", %s; and Azure translates a machine's own address alone.",
		   is_excepted   ? "which its NAT keeps towards this destination (`except`)"
		   : is_left_out ? "which its NAT keeps towards this destination (`only`)"
				 : "as the packet belongs to no connection of its NAT and opens none");
	if (!path)
		return;
	if (is_excepted || is_left_out) {
		const char *key = is_excepted ? "except" : "only";
		buf_printf(&maker->helps, "Let the NAT translate this destination (`%s.%s`).", path, key);
		maker_setting(maker, "%s.%s", path, key);
		return;
	}
	buf_printf(&maker->helps,
		   "Open the connection from inside, through this NAT; with `%s.invalid: drop` the NAT drops such "
		   "packets itself.",
		   path);
	maker_setting(maker, "%s.invalid", path);
}

static void tell_no_mapping(struct maker *maker)
{
	const struct step *step = maker->step;
	bool is_segment = is_late_segment(step);
	const char *path = nat_path(maker, maker->at);
	struct buf *what = &maker->what;
	if (maker->at->kind == ELEMENT_APPLIANCE && !maker->at->nat) {
		const char *host = maker->model->hosts[maker->at->owner].name;
		buf_printf(what, "%s forwarded it towards the Internet with the source ", host);
		put_end_point(what, step->after.src, step->after.src_port, step->after.proto);
		buf_printf(what, ", and Azure translates a machine's own address alone.");
		buf_printf(&maker->helps, "Let the appliance translate what it forwards: `network.hosts.%s.nat: {}`.",
			   host);
		maker_setting(maker, "network.hosts.%s.nat", host);
		return;
	}
	if (step->flags & STEP_UNTRANSLATED) {
		tell_kept_source(maker, path);
		return;
	}
	if (step->verdict.detail)
		buf_printf(what, "%s has no mapping for it: %s.", maker->at->name, step->verdict.detail);
	else if (is_segment)
		buf_printf(what, "%s has no mapping for it, and a segment in the middle of a connection opens none.",
			   maker->at->name);
	else
		buf_printf(what, "%s has no mapping for it: no connection was opened from inside that it belongs to.",
			   maker->at->name);
	if (!path)
		return;
	buf_printf(&maker->helps, "Open the connection from inside, through this NAT");
	maker_setting(maker, "%s.tcp_idle", path);
	if (is_segment) {
		buf_printf(&maker->helps, "; `%s.loose: true` lets a segment from inside take a connection up again",
			   path);
		maker_setting(maker, "%s.loose", path);
	}
	buf_puts(&maker->helps, ".");
}

/* ---- what NATs do not carry ---- */

static void tell_untranslated(struct maker *maker, const char *key, const char *thing)
{
	const char *path = nat_path(maker, maker->at);
	if (!path)
		return;
	buf_printf(&maker->what, "%s does not translate %s (`%s.%s`).", maker->at->name, thing, path, key);
	maker_setting(maker, "%s.%s", path, key);
}

/* Of instances of App Service; other machines have the words of the reason itself. */
static void tell_no_outbound(struct maker *maker)
{
	const char *rule = maker->step->verdict.rule;
	if (rule && strcmp(rule, "port-25") == 0) {
		buf_printf(&maker->what, "%s sends mail to port 25, which Azure does not let out of App Service.",
			   maker->at->name);
		buf_puts(&maker->helps,
			 "Send it to a relay that listens on another port, such as 587 (`to` of the flow).");
		maker_setting(maker, "flows.*.to");
	} else if (maker->at->kind == ELEMENT_WORKER) {
		const char *ase = maker->model->ases[maker->at->owner].name;
		buf_printf(&maker->what,
			   "%s has no way to the Internet: %s has no outbound address, and its subnet no NAT gateway.",
			   maker->at->name, ase);
		buf_printf(&maker->helps,
			   "Give it addresses (`network.ases.%s.outbound`), or its subnet a NAT gateway or a default "
			   "route to "
			   "an appliance (`network.vnets.*.subnets`).",
			   ase);
		maker_setting(maker, "network.ases.*.outbound");
		maker_setting(maker, "network.vnets.*.subnets");
	}
}

static void tell_forwarding(struct maker *maker)
{
	if (element_traits[maker->at->kind].owner != OWNER_HOST)
		return;
	const char *host = maker->model->hosts[maker->at->owner].name;
	char text[ADDR_TEXT_BYTES];
	buf_printf(&maker->what, "A route sent the packet for %s to %s, which does not forward packets of others.",
		   addr_print(maker->step->after.dst, text), host);
	buf_printf(
		&maker->helps,
		"Set `network.hosts.%s.forwards: true`, or give the route another next hop (`network.route_tables`).",
		host);
	maker_setting(maker, "network.hosts.%s.forwards", host);
	maker_setting(maker, "network.route_tables");
}

static void tell_link(struct maker *maker)
{
	const char *by = maker->step->verdict.by;
	for (size_t i = 0; i < LINK_CLASS_COUNT; i++) {
		const char *name = link_class_name((enum link_class)i);
		if (strcmp(name, by) != 0)
			continue;
		enum reason reason = maker->step->verdict.reason;
		const char *key = reason == REASON_LINK_DOWN ? "state" : reason == REASON_LINK_LOSS ? "loss" : "queue";
		maker_setting(maker, "network.links.%s.%s", name, key);
	}
}

/* ---- path MTU ---- */

static bool is_fragmentation_needed(const struct packet *packet)
{
	const struct icmp_header *icmp = packet_l4_const(packet);
	return packet_ip_const(packet)->proto == PROTO_ICMP && icmp->type == ICMP_UNREACHABLE &&
	       icmp->code == ICMP_FRAGMENTATION_NEEDED;
}

static void help_clamp(struct maker *maker)
{
	const char *flow = maker->model->flows[maker->step->flow].name;
	for (size_t i = 0; i < maker->model->n_sites; i++)
		if (maker->model->sites[i].has_gateway)
			maker_setting(maker, "network.sites.%s.gateway.clamp_mss", maker->model->sites[i].name);
	buf_printf(
		&maker->helps,
		" Or let the gateway lower the segments that connections agree on (`clamp_mss: true`), or send less at "
		"once (`flows.%s.send`).",
		flow);
	maker_setting(maker, "flows.%s.send", flow);
}

static void tell_lost_error(struct maker *maker)
{
	const struct step *step = maker->step;
	char text[ADDR_TEXT_BYTES];
	struct buf loss = maker->what;
	maker->what = (struct buf){0};
	const struct icmp_header *icmp = packet_l4_const(step->packet);
	buf_printf(&maker->what,
		   "A path MTU black hole: the ICMP error \"fragmentation needed\", by which %s learns that packets of "
		   "more "
		   "than %u bytes do not fit, is lost at %s, so what does not fit is retransmitted until the call "
		   "times out. ",
		   addr_print(step->after.dst, text), be16_to(icmp->seq), maker->at->name);
	buf_puts(&maker->what, buf_text(&loss));
	buf_free(&loss);
	help_clamp(maker);
}

/* The NAT with this outside address; NULL. */
static const struct element *nat_at(const struct maker *maker, be32 addr)
{
	for (uint32_t i = element_next_nat(maker->model, 0); i != NONE; i = element_next_nat(maker->model, i + 1))
		if (be32_equal(element_at(maker->model, i)->addr, addr))
			return element_at(maker->model, i);
	return NULL;
}

/* A sender that has the error cuts its segments smaller; one that retransmits them as they were has not. */
static void tell_deaf_sender(struct maker *maker)
{
	const struct step *step = maker->step;
	char text[ADDR_TEXT_BYTES];
	const struct element *nat = nat_at(maker, step->after.src);
	const char *path = nat ? nat_path(maker, nat) : NULL;
	buf_clear(&maker->what);
	buf_clear(&maker->helps);
	maker->cause->n_settings = 0;
	buf_printf(
		&maker->what,
		"A path MTU black hole: %s drops what is too large for the next link and answers with the ICMP error "
		"\"fragmentation needed\", but the sender retransmits packets of the same size: the error does not "
		"reach "
		"it.",
		maker->at->name);
	if (!path)
		buf_puts(&maker->helps, "Let ICMP errors pass on the way back to the sender.");
	else {
		buf_printf(&maker->what,
			   " It goes to %s, which %s has put in the place of the sender's address, and %s.",
			   addr_print(step->after.src, text), nat->name,
			   nat->nat->translate_icmp ? "its mapping is gone" : "that NAT does not translate ICMP");
		buf_printf(&maker->helps, "Set `%s.icmp: translate`.", path);
		maker_setting(maker, "%s.icmp", path);
	}
	help_clamp(maker);
}

bool cause_of_black_hole(struct maker *maker)
{
	if (is_fragmentation_needed(maker->step->packet))
		tell_lost_error(maker);
	else if (maker->again && maker->step->verdict.reason == REASON_FRAGMENTATION_NEEDED)
		tell_deaf_sender(maker);
	else
		return false;
	return true;
}

/* ---- all ---- */

void cause_of_loss(struct maker *maker)
{
	switch (maker->step->verdict.reason) {
	case REASON_NSG_DENY:
		tell_group(maker);
		break;
	case REASON_ROUTE_NONE:
		tell_route(maker);
		break;
	case REASON_NO_ROUTE:
		tell_address(maker);
		break;
	case REASON_NO_MAPPING:
		tell_no_mapping(maker);
		break;
	case REASON_FILTERED:
		tell_filter(maker);
		break;
	case REASON_VIP_PORT_CLOSED:
		tell_closed_port(maker);
		break;
	case REASON_NO_LISTENER:
		tell_listener(maker);
		break;
	case REASON_LINK_DOWN:
	case REASON_LINK_LOSS:
	case REASON_QUEUE_FULL:
		tell_link(maker);
		break;
	case REASON_TTL_EXPIRED:
		tell_loop(maker);
		break;
	case REASON_NOT_PEERED:
		tell_peering(maker);
		break;
	case REASON_ICMP_NOT_TRANSLATED:
		tell_untranslated(maker, "icmp", "ICMP");
		break;
	case REASON_FRAGMENT_NOT_TRANSLATED:
		tell_untranslated(maker, "fragments", "fragments of packets");
		break;
	case REASON_NOT_FORWARDING:
		tell_forwarding(maker);
		break;
	case REASON_NO_OUTBOUND:
		tell_no_outbound(maker);
		break;
	case REASON_SAME_SUBNET_AS_ASE:
	case REASON_SNAT_PORTS_EXHAUSTED:
	case REASON_HOST_DOWN:
	case REASON_FRAGMENTATION_NEEDED:
	case REASON_BAD_CHECKSUM:
	case REASON_FRAGMENT_OUT_OF_ORDER:
	case REASON_NO_STATE:
	case REASON_FIREWALL_DENY:
	case REASON_LOAD_BALANCER_LOOP:
	case REASON_NO_HEALTHY_BACKEND:
	case REASON_NONE:
	case REASON_COUNT:
		break;
	}
	cause_in_general(maker);
}
