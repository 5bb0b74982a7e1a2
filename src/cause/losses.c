/* DOC: what can be said of a loss beyond the general words of its reason (reasons.c): the rule and how to allow the
 * packet, the networks that are not peered, the port and who could listen on it, the link and what changed it. A lost
 * "fragmentation needed" is called what it is for the sender, a path MTU black hole. */
#include "cause/maker.h"
#include "net/header.h"
#include <string.h>

static const char *name_of_protocol(const struct maker *maker)
{
	return proto_name(maker->step->after.proto);
}

/* ---- security groups ---- */

/* As it is when the packet is lost. */
static const struct nsg_rule *rule_named(const struct maker *maker, uint32_t nsg, const char *rule,
					 enum nsg_direction direction)
{
	const struct nsg_rules *rules = nsg_rules_at(maker->model, nsg, maker->step->at);
	for (uint32_t i = 0; i < rules->n[direction]; i++)
		if (strcmp(rules->rules[direction][i].name, rule) == 0)
			return &rules->rules[direction][i];
	return NULL;
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
	else if (rule)
		buf_printf(&maker->helps,
			   ", and give rule %s a higher priority number: %u is the lowest that a rule may have",
			   rule->name, rule->priority);
	buf_puts(&maker->helps, ".");
	maker_setting(maker, "network.nsgs.%s.%s", group, list);
}

/* A standard public address, the machine's own or that of a load balancer before it, is closed without a group. */
static void tell_closed(struct maker *maker)
{
	const struct tuple *tuple = &maker->step->after;
	const char *name = maker->at->name;
	buf_printf(&maker->what,
		   "The call comes to %s by a public address of SKU standard, which is closed until a security group "
		   "allows the call, and neither %s nor its subnet has a group.",
		   name, name);
	buf_printf(&maker->helps, "Give %s a group (`network.hosts.%s.nsg`) with an inbound rule that allows %s", name,
		   name, name_of_protocol(maker));
	if (tuple->proto != PROTO_ICMP)
		buf_printf(&maker->helps, " to port %u", be16_to(tuple->dst_port));
	buf_puts(&maker->helps, " (`network.nsgs`).");
	maker_setting(maker, "network.hosts.%s.nsg", name);
	maker_setting(maker, "network.nsgs");
}

void tell_group(struct maker *maker)
{
	const struct verdict *verdict = &maker->step->verdict;
	uint32_t nsg = decided_by(maker->model, BY_GROUP, verdict->by);
	if (verdict->rule && strcmp(verdict->rule, "no-group") == 0) {
		tell_closed(maker);
		return;
	}
	if (nsg == NONE || !verdict->rule)
		return;
	const char *group = maker->model->nsgs[nsg].name;
	bool inbound = maker->step->flags & STEP_INBOUND;
	enum nsg_direction direction = inbound ? NSG_INBOUND : NSG_OUTBOUND;
	const struct nsg_rule *rule = rule_named(maker, nsg, verdict->rule, direction);
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
	else if (cause_is_late_segment(maker->step))
		buf_puts(
			what,
			" It opens nothing, and the group has no flow record of its connection: the record ended after "
			"4 min of silence, or the first packet took another way.");
	help_group(maker, group, rule, direction);
	if (!cause_is_late_segment(maker->step))
		tell_near_group(maker, nsg, direction, rule);
	tell_group_changed(maker, nsg, direction);
}

/* ---- end points ---- */

void tell_listener(struct maker *maker)
{
	const struct tuple *tuple = &maker->step->after;
	const struct element *at = maker->at;
	if (tuple->proto == PROTO_ICMP)
		return;
	const struct flow_config *flow = maker_flow(maker);
	if ((maker->step->packet->flags & PACKET_FROM_CALLER) == 0 && flow && !flow->n_packets) {
		buf_printf(&maker->what,
			   "The answer came back to %s after the call had ended there: its port %u/%s is closed again.",
			   at->name, be16_to(tuple->dst_port), name_of_protocol(maker));
		buf_puts(&maker->helps, "Lower the latency of the links, or raise their rate (`network.links`): the "
					"caller gives up before the answer arrives.");
		maker_setting(maker, "network.links");
		return;
	}
	buf_printf(&maker->what, "Nothing listens on port %u/%s of %s; the sender gets %s.", be16_to(tuple->dst_port),
		   name_of_protocol(maker), at->name, tuple->proto == PROTO_TCP ? "a reset" : "an ICMP error");
	enum element_owner owner = element_traits[at->kind].owner;
	const char *path = element_path(maker->model, maker->arena, at), *forward = nat_setting(maker, at, "forward");
	if (path && (owner == OWNER_HOST || element_is_of_kinds(at->kind))) {
		buf_printf(&maker->helps, "Add %u/%s to `%s.listen`", be16_to(tuple->dst_port), name_of_protocol(maker),
			   path);
		maker_setting(maker, "%s.listen", path);
		if (flow) {
			buf_printf(&maker->helps, ", or call a port that is there (`flows.%s.to`)", flow->name);
			maker_setting(maker, "flows.%s.to", flow->name);
		}
		buf_puts(&maker->helps, ".");
	} else if (owner == OWNER_ENVIRONMENT) {
		const char *ase = maker->model->ases[at->owner].name;
		buf_printf(
			&maker->helps,
			"Let an app listen there (`network.ases.%s.apps.APP.listen`), or run it on this worker (`on`).",
			ase);
		maker_setting(maker, "network.ases.%s.apps", ase);
	} else if (forward) {
		buf_printf(&maker->helps, "Forward port %u/%s to a machine behind it (`%s`).", be16_to(tuple->dst_port),
			   name_of_protocol(maker), forward);
		maker_setting(maker, "%s", forward);
	}
}

/* A port of management: open, and to Azure's management addresses alone. */
static void tell_management(struct maker *maker)
{
	char src[ADDR_TEXT_BYTES];
	const struct flow_config *flow = maker_flow(maker);
	buf_printf(&maker->what,
		   "Port %u/tcp of %s is open to Azure's management addresses alone (the tag AppServiceManagement), "
		   "and %s "
		   "is none of them.",
		   be16_to(maker->step->after.dst_port), maker->at->name, addr_print(maker->step->after.src, src));
	if (!flow)
		return;
	buf_printf(
		&maker->helps,
		"Call from a host of management (`network.hosts.NAME.service: management`, `flows.%s.from`), or call a "
		"port of an app (`flows.%s.to`).",
		flow->name, flow->name);
	maker_setting(maker, "flows.%s.from", flow->name);
	maker_setting(maker, "flows.%s.to", flow->name);
}

void tell_closed_port(struct maker *maker)
{
	const struct tuple *tuple = &maker->step->after;
	const struct flow_config *flow = maker_flow(maker);
	char text[ADDR_TEXT_BYTES];
	tell_no_rule(maker);
	if (element_traits[maker->at->kind].owner != OWNER_ENVIRONMENT)
		return;
	const struct ase_config *ase = &maker->model->ases[maker->at->owner];
	if (maker->step->verdict.rule && strcmp(maker->step->verdict.rule, "management") == 0) {
		tell_management(maker);
		return;
	}
	buf_printf(&maker->what, "%s has no load balancing rule for port %u/%s, and gives no answer itself",
		   maker->at->name, be16_to(tuple->dst_port), name_of_protocol(maker));
	if (flow && maker->at->kind == ELEMENT_VIP && !be32_equal(ase->internal, ADDR_NONE)) {
		buf_printf(&maker->what, ": the apps of %s are reached at its internal address %s (%s/internal) alone.",
			   ase->name, addr_print(ase->internal, text), ase->name);
		buf_printf(&maker->helps,
			   "Call that address from the network, its peers or its sites (`flows.%s.to`), or "
			   "make the environment external (`network.ases.%s.internal`).",
			   flow->name, ase->name);
		maker_setting(maker, "flows.%s.to", flow->name);
		maker_setting(maker, "network.ases.%s.internal", ase->name);
		return;
	}
	buf_puts(&maker->what, ".");
	buf_printf(&maker->helps,
		   "Call a port on which an app of %s listens (`network.ases.%s.apps.APP.listen`), or open the group "
		   "of ports (`network.ases.%s.ports`).",
		   ase->name, ase->name, ase->name);
	maker_setting(maker, "network.ases.%s.apps", ase->name);
	maker_setting(maker, "network.ases.%s.ports", ase->name);
}

/* ---- forwarding ---- */

void tell_forwarding(struct maker *maker)
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

/* ---- packets and subnets ---- */

void tell_own_subnet(struct maker *maker)
{
	const struct model *model = maker->model;
	char text[ADDR_TEXT_BYTES];
	if (maker->at->subnet == NONE)
		return;
	const struct subnet_config *subnet = &model->subnets[maker->at->subnet];
	uint32_t called = element_of_address(model, maker->step->after.dst);
	uint32_t machine = element_traits[maker->at->kind].owner == OWNER_HOST ? maker->step->node : called;
	buf_printf(
		&maker->what,
		"%s and %s are in subnet %s/%s, which is an environment's own: Azure cuts its instances off from other "
		"machines there, whatever the rules say.",
		maker->at->name, addr_print(maker->step->after.dst, text), model->vnets[subnet->vnet].name,
		subnet->name);
	if (machine == NONE || element_traits[element_at(model, machine)->kind].owner != OWNER_HOST)
		return;
	const char *host = element_at(model, machine)->name;
	buf_printf(&maker->helps, "Put %s into another subnet (`network.hosts.%s.subnet`).", host, host);
	maker_setting(maker, "network.hosts.%s.subnet", host);
}

void tell_too_large(struct maker *maker)
{
	const struct flow_config *flow = maker_flow(maker);
	if (!maker->step->verdict.detail)
		return;
	buf_printf(
		&maker->what,
		"The packet has %u bytes and must not be fragmented (DF is set), and at %s %s; the router drops it and "
		"sends back the size that fits.",
		be16_to(packet_ip_const(maker->step->packet)->total_bytes), maker->at->name,
		maker->step->verdict.detail);
	if (flow && flow->df) {
		buf_printf(&maker->helps,
			   "Let the flow's packets be fragmented (`flows.%s.df: false`), or send less at once "
			   "(`flows.%s.send`).",
			   flow->name, flow->name);
		maker_setting(maker, "flows.%s.df", flow->name);
		maker_setting(maker, "flows.%s.send", flow->name);
		return;
	}
	const struct site_config *site =
		maker->at->kind == ELEMENT_GATEWAY ? &maker->model->sites[maker->at->owner] : NULL;
	if (!flow || !site || maker->step->after.proto != PROTO_TCP)
		return;
	buf_printf(&maker->helps,
		   "Let the gateway lower the segments that connections agree on "
		   "(`network.sites.%s.gateway.clamp_mss: true`), or send less at once (`flows.%s.send`).",
		   site->name, flow->name);
	maker_setting(maker, "network.sites.%s.gateway.clamp_mss", site->name);
	maker_setting(maker, "flows.%s.send", flow->name);
}

void tell_damaged(struct maker *maker)
{
	const struct flow_config *flow = maker_flow(maker);
	if (!flow || flow->n_packets == 0)
		return;
	buf_printf(&maker->what, "Flow %s makes this packet itself, and it is damaged: %s.", flow->name,
		   maker->step->verdict.detail ? maker->step->verdict.detail : "its checksum is wrong");
	buf_printf(&maker->helps, "Correct the packet in `flows.%s.packets`.", flow->name);
	maker_setting(maker, "flows.%s.packets", flow->name);
}

void tell_order(struct maker *maker)
{
	const struct flow_config *flow = maker_flow(maker);
	if (!flow)
		return;
	const char *name = flow->name;
	uint32_t offset =
		(uint32_t)(be16_to(packet_ip_const(maker->step->packet)->flags_fragment) & IPV4_OFFSET_MASK) * 8;
	buf_printf(&maker->what,
		   "The fragment at offset %u of a datagram came to %s out of order, and a virtual network drops "
		   "fragments that are out of order.",
		   offset, maker->at->name);
	if (flow->n_packets > 0) {
		buf_printf(&maker->helps, "Send the fragments of `flows.%s.packets` in their order.", name);
		maker_setting(maker, "flows.%s.packets", name);
		return;
	}
	buf_printf(&maker->helps,
		   "Send datagrams that fit into one packet (`flows.%s.send`), or remove the jitter of the links "
		   "(`network.links`).",
		   name);
	maker_setting(maker, "flows.%s.send", name);
	maker_setting(maker, "network.links");
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
	const struct flow_config *flow = maker_flow(maker);
	for (size_t i = 0; i < maker->model->n_sites; i++)
		if (maker->model->sites[i].has_gateway)
			maker_setting(maker, "network.sites.%s.gateway.clamp_mss", maker->model->sites[i].name);
	buf_puts(&maker->helps, " Or let the gateway lower the segments that connections agree on (`clamp_mss: true`)");
	if (flow) {
		buf_printf(&maker->helps, ", or send less at once (`flows.%s.send`)", flow->name);
		maker_setting(maker, "flows.%s.send", flow->name);
	}
	buf_puts(&maker->helps, ".");
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
		   "than %u bytes do not fit, is lost at %s, so packets that are too large are retransmitted until the "
		   "call times out. ",
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
		const char *icmp = nat_setting(maker, nat, "icmp");
		if (icmp) {
			buf_printf(&maker->helps, "Set `%s: translate`.", icmp);
			maker_setting(maker, "%s", icmp);
		}
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
