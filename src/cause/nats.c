/* DOC: a packet that met no mapping names the mapping that was. It is looked for among those that ended, by the packet's
 * own end points: at the NAT that dropped it, or, where a NAT let it pass untranslated and the next element has no use
 * for it, at any. The flows of a VIP's balancer are its own. */
#include "cause/maker.h"
#include "net/header.h"
#include <string.h>

/* A SYN opens a connection of its own, whatever was there before. */
static bool opens(const struct step *step)
{
	return step->after.proto == PROTO_TCP && !cause_is_late_segment(step);
}

/* ---- how it ended ---- */

static void put_timer(struct maker *maker, const struct past_mapping *past, const char *until)
{
	const struct element *nat = element_at(maker->model, past->node);
	put_duration(&maker->what, past->timer_ns);
	buf_printf(&maker->what, " %s (`%s`", until, past->timer);
	if (nat->nat && nat->nat->profile)
		buf_printf(&maker->what, ", profile %s", nat->nat->profile);
	buf_puts(&maker->what, ")");
}

void put_idle_timer(struct maker *maker, const struct past_mapping *past)
{
	put_timer(maker, past, "without a packet");
}

static void put_end(struct maker *maker, const struct past_mapping *past)
{
	struct buf *what = &maker->what;
	if (strcmp(past->why, "idle") == 0)
		put_idle_timer(maker, past);
	else if (strcmp(past->why, "closed") == 0)
		put_timer(maker, past, "after both ends had closed the connection");
	else if (strcmp(past->why, "reset") == 0)
		put_timer(maker, past, "after a reset had ended the connection");
	else if (strcmp(past->why, "reclaimed") == 0)
		buf_puts(what, "its port went to another worker when the environment was scaled");
	else if (strcmp(past->why, "instance-gone") == 0)
		buf_puts(what, "its worker was removed when the environment was scaled in");
	else if (strcmp(past->why, "forgotten") == 0)
		buf_puts(what, "an event of `timeline` made the NAT forget it");
	else if (strcmp(past->why, "address-changed") == 0)
		buf_puts(what, "the NAT got another public address");
	else
		buf_puts(what, past->why);
}

void put_past_mapping(struct maker *maker, const struct past_mapping *past)
{
	struct buf *what = &maker->what;
	uint8_t proto = past->inside.proto;
	const struct element *nat = element_at(maker->model, past->node);
	buf_puts(what, "The mapping ");
	put_end_point(what, past->outside_addr, be16_from(past->outside_port), proto);
	buf_printf(what, " of %s, for ", nat->name);
	put_end_point(what, past->inside.src, past->inside.src_port, proto);
	buf_puts(what, " towards ");
	put_end_point(what, past->inside.dst, past->inside.dst_port, proto);
	buf_puts(what, ", ended at ");
	put_time(what, past->ended);
	buf_puts(what, ": ");
	put_end(maker, past);
}

static void put_late_packet(struct maker *maker, const struct past_mapping *past)
{
	struct buf *what = &maker->what;
	buf_puts(what, ". This packet came at ");
	put_time(what, maker->step->at);
	buf_puts(what, ", ");
	put_duration(what, instant_since(maker->step->at, past->last_used));
	buf_puts(what, " after the last one, and met no mapping.");
}

/* ---- what helps ---- */

const struct flow_config *maker_opener(const struct maker *maker, uint32_t flow)
{
	const struct flow_config *config = &maker->model->flows[flow];
	return config->is_held_push ? &maker->model->flows[config->held_flow] : config;
}

/* TCP keepalives keep a connection busy that says nothing; what else there is, is said more often. */
void put_busy_key(struct maker *maker, const char *flow, uint8_t proto)
{
	const char *key = proto == PROTO_TCP ? "keepalive" : "pause";
	buf_printf(&maker->helps, "%s (`flows.%s.%s`)", proto == PROTO_TCP ? ", as TCP keepalives do" : "", flow, key);
	maker_setting(maker, "flows.%s.%s", flow, key);
}

static void help_idle(struct maker *maker, const struct past_mapping *past)
{
	const struct element *nat = element_at(maker->model, past->node);
	const char *flow = maker_opener(maker, past->flow)->name;
	const char *timer = nat_setting(maker, nat, past->timer), *reset = nat_setting(maker, nat, "reset_on_idle");
	buf_puts(&maker->helps, "Send something at least every ");
	put_duration(&maker->helps, past->timer_ns);
	put_busy_key(maker, flow, past->inside.proto);
	if (timer) {
		buf_printf(&maker->helps, ", or raise `%s`", timer);
		maker_setting(maker, "%s", timer);
	}
	if (reset && past->inside.proto == PROTO_TCP && !nat->nat->reset_on_idle) {
		buf_printf(&maker->helps, ". `%s: true` does not keep the connection, but lets both ends know at once",
			   reset);
		maker_setting(maker, "%s", reset);
	}
	buf_puts(&maker->helps, ".");
}

static void help_changed(struct maker *maker, const struct past_mapping *past)
{
	if (strcmp(past->why, "closed") == 0 || strcmp(past->why, "reset") == 0) {
		const char *timer = nat_setting(maker, element_at(maker->model, past->node), past->timer);
		buf_puts(&maker->helps, "Open a new connection: this one is over");
		if (timer) {
			buf_printf(&maker->helps, "; or keep its mapping for longer (`%s`)", timer);
			maker_setting(maker, "%s", timer);
		}
		buf_puts(&maker->helps, ".");
		return;
	}
	buf_puts(&maker->helps, "Open a new connection after the event of `timeline`, or remove the event.");
	maker_setting(maker, "timeline");
}

void help_past_mapping(struct maker *maker, const struct past_mapping *past)
{
	if (strcmp(past->why, "idle") == 0)
		help_idle(maker, past);
	else
		help_changed(maker, past);
}

bool cause_of_past_mapping(struct maker *maker)
{
	const struct step *step = maker->step;
	bool at_nat = maker->at->nat;
	bool asks = step->verdict.reason == REASON_NO_MAPPING || step->verdict.reason == REASON_FILTERED ||
		    step->verdict.reason == REASON_VIP_PORT_CLOSED ||
		    (step->verdict.reason == REASON_NO_ROUTE && !at_nat) || step->verdict.reason == REASON_NO_LISTENER;
	if (maker->need || !asks || opens(step))
		return false;
	uint32_t node = at_nat ? step->node : NONE;
	bool by_endpoint = at_nat && maker->at->nat->mapping != NAT_ON_ADDRESS_AND_PORT;
	const struct past_mapping *past = past_find(causes_past(maker->causes), &step->after, node, by_endpoint);
	if (!past)
		return false;
	put_past_mapping(maker, past);
	put_late_packet(maker, past);
	help_past_mapping(maker, past);
	return true;
}

/* ---- balancers ---- */

/* The idle time of the balancer's flow, and the key that has it; false where the element has none. */
static bool idle_of(struct maker *maker, int64_t *ret_ns, const char **ret_key)
{
	const struct balancer_config *balancer = cause_balancer(maker);
	const char *list;
	*ret_ns = balancer ? cause_idle_of_rule(balancer, maker->step->verdict.rule, &list) : 0;
	if (maker->at->kind == ELEMENT_VIP) {
		const struct ase_config *ase = &maker->model->ases[maker->at->owner];
		*ret_ns = ase->idle_ns;
		*ret_key = arena_printf(maker->arena, "network.ases.%s.idle", ase->name);
	} else if (*ret_ns > 0) {
		*ret_key = arena_printf(maker->arena, "network.load_balancers.%s.%s", balancer->name, list);
	} else {
		return false;
	}
	return *ret_key;
}

bool cause_of_silent_flow(struct maker *maker)
{
	const struct step *step = maker->step;
	struct instant last_used;
	int64_t idle_ns;
	const char *key;
	if (maker->need || step->verdict.reason != REASON_NO_MAPPING || !idle_of(maker, &idle_ns, &key) ||
	    !world_silent_flow(maker->world, step->node, &step->after, &last_used))
		return false;
	struct instant ended = instant_add(last_used, idle_ns);
	struct buf *what = &maker->what;
	bool is_vip = maker->at->kind == ELEMENT_VIP;
	if (instant_before(step->at, ended))
		return false;
	buf_printf(what, "The load balancer of %s forgot this inbound connection at ", maker->at->name);
	put_time(what, ended);
	buf_puts(what, ": ");
	put_duration(what, idle_ns);
	buf_printf(what, " without a packet (`idle` of %s%s). This packet came at ", is_vip ? "" : "rule ",
		   is_vip ? maker->model->ases[maker->at->owner].name : step->verdict.rule);
	put_time(what, step->at);
	buf_puts(what, ", ");
	put_duration(what, instant_since(step->at, last_used));
	buf_puts(what, " after the last one, and belongs to no connection that the balancer knows.");
	const char *flow = maker_opener(maker, step->flow)->name;
	buf_puts(&maker->helps, "Send something at least every ");
	put_duration(&maker->helps, idle_ns);
	put_busy_key(maker, flow, step->after.proto);
	if (is_vip)
		buf_printf(&maker->helps, ", or raise `%s` (to 30 min at most).", key);
	else
		buf_printf(&maker->helps, ", or raise `idle` of rule %s in `%s`.", step->verdict.rule, key);
	maker_setting(maker, "%s", key);
	return true;
}
