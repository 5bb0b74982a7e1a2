/* DOC: losses at NATs that no mapping of the past explains: a filter that does not admit the sender, a packet that opens
 * nothing, a source that a NAT keeps, and what a NAT does not translate at all. */
#include "cause/maker.h"
#include "net/header.h"
#include <string.h>

bool cause_is_late_segment(const struct step *step)
{
	if (step->after.proto != PROTO_TCP)
		return false;
	const struct tcp_header *tcp = packet_l4_const(step->packet);
	return (tcp->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN;
}

/* The mapping by which the inside has sent to the sender of a packet that the filter refuses. */
struct sent_by {
	struct tuple arriving;
	struct world_mapping mapping;
	bool found;
};

static void look_for_sent(void *context, const struct world_mapping *mapping)
{
	struct sent_by *sent = context;
	const struct tuple *inside = &mapping->inside, *arriving = &sent->arriving;
	if (sent->found || inside->proto != arriving->proto || inside->proto == PROTO_ICMP ||
	    !be32_equal(inside->dst, arriving->src) || !be16_equal(inside->dst_port, arriving->src_port))
		return;
	sent->mapping = *mapping;
	sent->found = true;
}

/* Both ends send to where a third one saw the other, and a NAT between them gives each destination another port. */
static bool tell_other_mapping(struct maker *maker)
{
	struct sent_by sent = {.arriving = maker->step->after};
	struct buf *what = &maker->what, *helps = &maker->helps;
	const char *mapping = nat_setting(maker, maker->at, "mapping");
	if (world_each_mapping(maker->world, maker->step->node, look_for_sent, &sent) < 0 || !sent.found)
		return false;
	const struct tuple *inside = &sent.mapping.inside;
	put_end_point(what, inside->src, inside->src_port, inside->proto);
	buf_puts(what, " has sent to ");
	put_end_point(what, inside->dst, inside->dst_port, inside->proto);
	buf_printf(what, ", but %s mapped that to ", maker->at->name);
	put_end_point(what, sent.mapping.outside_addr, be16_from(sent.mapping.outside_port), inside->proto);
	buf_puts(what, "; the packet came to ");
	put_end_point(what, maker->step->after.dst, maker->step->after.dst_port, inside->proto);
	buf_puts(what,
		 ", the port of a mapping towards another destination, and its filter does not admit the sender.");
	buf_puts(helps, "Send to ");
	put_end_point(helps, sent.mapping.outside_addr, be16_from(sent.mapping.outside_port), inside->proto);
	if (mapping) {
		buf_printf(helps,
			   ", or give each inside port one mapping for all destinations "
			   "(`%s: endpoint-independent`)",
			   mapping);
		maker_setting(maker, "%s", mapping);
	}
	buf_puts(helps, ".");
	return true;
}

void tell_filter(struct maker *maker)
{
	const struct verdict *verdict = &maker->step->verdict;
	const char *filtering = nat_setting(maker, maker->at, "filtering");
	const char *hairpinning = nat_setting(maker, maker->at, "hairpin");
	bool hairpin = verdict->rule && strcmp(verdict->rule, "hairpin") == 0;
	struct buf *what = &maker->what;
	if (hairpin) {
		buf_printf(what,
			   "The packet was sent to %s's own public address from behind it, and hairpinning is off.",
			   maker->at->name);
		buf_puts(&maker->helps, "Call the inside address");
		if (hairpinning) {
			buf_printf(&maker->helps, ", or set `%s: true`", hairpinning);
			maker_setting(maker, "%s", hairpinning);
		}
		buf_puts(&maker->helps, ".");
		return;
	}
	if (tell_other_mapping(maker))
		return;
	buf_printf(what, "%s has a mapping on this port, and its filter does not admit ", maker->at->name);
	put_end_point(what, maker->step->after.src, maker->step->after.src_port, maker->step->after.proto);
	buf_puts(what, ", to which the inside has not sent.");
	buf_puts(&maker->helps, "Let the inside send there first");
	if (filtering) {
		buf_printf(&maker->helps, ", or filter less (`%s`)", filtering);
		maker_setting(maker, "%s", filtering);
	}
	buf_puts(&maker->helps, ".");
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

void tell_no_mapping(struct maker *maker)
{
	const struct step *step = maker->step;
	bool is_segment = cause_is_late_segment(step);
	struct buf *what = &maker->what;
	if (maker->at->kind == ELEMENT_APPLIANCE && !maker->at->nat) {
		const char *host = maker->model->hosts[maker->at->owner].name;
		buf_printf(what, "%s forwarded it towards the Internet with the source ", host);
		put_end_point(what, step->after.src, step->after.src_port, step->after.proto);
		buf_printf(what, ", and Azure translates only a machine's own address.");
		buf_printf(&maker->helps, "Let the appliance translate what it forwards: `network.hosts.%s.nat: {}`.",
			   host);
		maker_setting(maker, "network.hosts.%s.nat", host);
		return;
	}
	if (step->flags & STEP_UNTRANSLATED) {
		tell_kept_source(maker, nat_path(maker, maker->at));
		return;
	}
	if (maker->at->kind == ELEMENT_FRONTEND && cause_balancing(maker)) {
		buf_printf(what,
			   "%s knows no connection that the packet belongs to, and a segment in the middle of one "
			   "opens none.",
			   maker->at->name);
		buf_puts(&maker->helps, "Open a new connection.");
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
	if (!is_segment && !nat_setting(maker, maker->at, "forward") && element_is_of_kinds(maker->at->kind)) {
		buf_puts(&maker->helps,
			 "It takes no calls from outside. Give the machine that is called a public address of its own "
			 "(`network.hosts.NAME.public_ip`), or a load balancer (`network.load_balancers`), and call "
			 "that.");
		maker_setting(maker, "network.hosts");
		maker_setting(maker, "network.load_balancers");
		return;
	}
	buf_printf(&maker->helps, "Open the connection from inside, through this NAT");
	const char *loose = nat_setting(maker, maker->at, "loose");
	const char *forward = nat_setting(maker, maker->at, "forward");
	if (is_segment && loose) {
		buf_printf(&maker->helps,
			   "; `%s: true` lets a segment from inside open a mapping for a connection that is under way",
			   loose);
		maker_setting(maker, "%s", loose);
	} else if (!is_segment && forward && step->after.proto != PROTO_ICMP) {
		buf_printf(&maker->helps, ", or forward port %u/%s to a machine behind it (`%s`)",
			   be16_to(step->after.dst_port), proto_name(step->after.proto), forward);
		maker_setting(maker, "%s", forward);
	}
	buf_puts(&maker->helps, ".");
}

/* ---- what NATs do not carry ---- */

static void help_smaller(struct maker *maker, const struct flow_config *flow, const char *words)
{
	buf_puts(&maker->helps, words);
	if (flow) {
		buf_printf(&maker->helps, " (`flows.%s.send`)", flow->name);
		maker_setting(maker, "flows.%s.send", flow->name);
	}
	buf_puts(&maker->helps, ".");
}

void tell_untranslated(struct maker *maker, const char *key, const char *thing)
{
	const char *setting = nat_setting(maker, maker->at, key);
	const struct verdict *verdict = &maker->step->verdict;
	const struct flow_config *flow = maker_flow(maker);
	bool is_icmp = strcmp(key, "icmp") == 0;
	if (!setting) {
		buf_printf(&maker->what, "%s does not translate %s%s%s, and no setting changes that.", maker->at->name,
			   thing, verdict->detail ? ": " : "", verdict->detail ? verdict->detail : "");
		if (is_icmp)
			buf_puts(&maker->helps, "Probe by TCP or UDP.");
		else
			help_smaller(maker, flow, "Send datagrams that fit into one packet");
		return;
	}
	buf_printf(&maker->what, "%s does not translate %s (`%s`).", maker->at->name, thing, setting);
	if (strcmp(text_behind(setting, nat_path(maker, maker->at)) + 1, "sku") == 0)
		buf_printf(&maker->helps, "Set `%s: v2`, or probe by TCP or UDP.", setting);
	else if (is_icmp)
		buf_printf(&maker->helps, "Set `%s: translate`, or probe by TCP or UDP.", setting);
	else
		buf_printf(&maker->helps, "Set `%s: translate`, ", setting);
	maker_setting(maker, "%s", setting);
	if (!is_icmp)
		help_smaller(maker, flow, "or send datagrams that fit into one packet");
}
