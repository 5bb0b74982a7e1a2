/* DOC: calls that fail and lose no packet. An element on the way ends a connection that was silent for too long, with
 * resets to both ends: a NAT by `reset_on_idle`, a load balancer by `reset` of a rule, a firewall where the Internet is
 * at one of the ends. The answer arrives from another address than the call was sent to, and the caller's machine takes
 * it for none. The machine that calls is stopped, or was scaled away. */
#include "cause/maker.h"
#include <string.h>

/* ---- resets ---- */

static void put_head(struct maker *maker)
{
	buf_printf(&maker->what, "%s ended this connection at ", maker->at->name);
	put_time(&maker->what, maker->step->at);
	buf_puts(&maker->what, " and sent a reset to both ends: ");
}

static void help_busy(struct maker *maker, int64_t idle_ns)
{
	buf_puts(&maker->helps, "Send something at least every ");
	put_duration(&maker->helps, idle_ns);
	put_busy_key(maker, maker_opener(maker, maker->step->flow)->name, PROTO_TCP);
}

static void tell_mapping(struct maker *maker)
{
	const struct step *step = maker->step;
	const struct past_mapping *past =
		past_of_connection(causes_past(maker->causes), step->node, step->flow, step->index_in_flow);
	if (!past)
		return;
	put_idle_timer(maker, past);
	buf_puts(&maker->what, ".");
	help_past_mapping(maker, past);
}

static void tell_rule(struct maker *maker, const char *rule)
{
	const struct balancer_config *balancer = cause_balancer(maker);
	const char *list = NULL;
	int64_t idle_ns = balancer ? cause_idle_of_rule(balancer, rule, &list) : 0;
	if (idle_ns == 0)
		return;
	put_duration(&maker->what, idle_ns);
	buf_printf(&maker->what, " without a packet (`idle` of rule %s, which has `reset: true`).", rule);
	help_busy(maker, idle_ns);
	buf_printf(&maker->helps, ", or raise `idle` of rule %s in `network.load_balancers.%s.%s`.", rule,
		   balancer->name, list);
	maker_setting(maker, "network.load_balancers.%s.%s", balancer->name, list);
}

void tell_reset(struct maker *maker, const struct world_reset *reset)
{
	put_head(maker);
	if (reset->rule) {
		tell_rule(maker, reset->rule);
	} else if (reset->idle_ns > 0) {
		put_duration(&maker->what, reset->idle_ns);
		buf_puts(&maker->what, " without a packet (its idle time).");
		help_busy(maker, reset->idle_ns);
		buf_printf(&maker->helps, ": the idle time of %s has no setting.", maker->at->name);
	} else {
		tell_mapping(maker);
	}
}

/* ---- what is found at the end of a run ---- */

/* As of a packet that the machine had lost. */
static bool tell_caller_gone(struct maker *maker)
{
	struct step step = *maker->step;
	step.verdict = (struct verdict){.reason = REASON_HOST_DOWN, .by = maker->at->name};
	const struct step *before = maker->step;
	maker->step = &step;
	tell_stopped(maker);
	maker->step = before;
	return maker->what.size_bytes > 0;
}

static bool is_same_end(const struct tuple *tuple, const struct world_connection *connection)
{
	return be32_equal(tuple->src, connection->to_addr) &&
	       (tuple->proto == PROTO_ICMP || be16_to(tuple->src_port) == connection->to_port);
}

static bool tell_other_source(struct maker *maker, const struct world_connection *connection)
{
	struct world_way there, back;
	uint8_t proto = 0;
	if (!maker_ways(maker, &there, &back) || back.n == 0 || back.fate.verdict.reason != REASON_NONE ||
	    back.fate.node != maker->step->node || is_same_end(&back.fate.tuple, connection))
		return false;
	struct buf *what = &maker->what;
	const char *server = element_at(maker->model, back.hops[0].node)->name;
	proto = back.fate.tuple.proto;
	buf_printf(what, "The answer of %s comes straight to %s, with the source ", server, maker->at->name);
	put_end_point(what, back.fate.tuple.src, back.fate.tuple.src_port, proto);
	buf_puts(what, ", and the call was sent to ");
	put_end_point(what, connection->to_addr, be16_from(connection->to_port), proto);
	buf_printf(what, ": %s takes it for no answer%s.", maker->at->name, proto == PROTO_TCP ? " and resets it" : "");
	const struct element *nat = there.fate.seen_by == NONE ? NULL : element_at(maker->model, there.fate.seen_by);
	const char *hairpin = nat ? nat_setting(maker, nat, "hairpin") : NULL;
	buf_puts(&maker->helps, "Call ");
	put_end_point(&maker->helps, back.fate.tuple.src, back.fate.tuple.src_port, proto);
	buf_printf(&maker->helps, " (`flows.%s.to`)", maker_flow(maker)->name);
	maker_setting(maker, "flows.%s.to", maker_flow(maker)->name);
	if (hairpin) {
		buf_printf(&maker->helps,
			   ", or let %s translate the source of such calls, too, so that the answer comes back "
			   "through it (`%s: true`)",
			   nat->name, hairpin);
		maker_setting(maker, "%s", hairpin);
	}
	buf_puts(&maker->helps, ".");
	return true;
}

/* Data that were to be pushed on a connection whose port a NAT has given to another: what that one sent, or was sent,
 * reset this one. */
static bool tell_port_taken(struct maker *maker)
{
	const struct flow_config *flow = maker_flow(maker);
	const struct past *all = causes_past(maker->causes);
	const struct past_mapping *past =
		flow->is_held_push ? past_of_connection(all, NONE, flow->held_flow, flow->held_index) : NULL;
	if (!past)
		return false;
	struct buf *what = &maker->what;
	const struct past_mapping *next = past_of_port(all, past);
	put_past_mapping(maker, past);
	if (next) {
		buf_puts(what, ". Its port went to a connection of flow ");
		buf_puts(what, maker->model->flows[next->flow].name);
		buf_puts(what, " at ");
		put_time(what, next->created);
		buf_puts(what, ", and this connection was reset because of that.");
	} else {
		buf_puts(what, ", and this connection was reset after that.");
	}
	help_past_mapping(maker, past);
	return true;
}

/* A NAT that the call did not pass took its answer, in the middle of the connection, for one from inside. */
static bool tell_picked_up(struct maker *maker, const struct world_connection *connection)
{
	const struct tuple answer = {.src = connection->to_addr,
				     .dst = connection->from_addr,
				     .src_port = be16_from(connection->to_port),
				     .dst_port = be16_from(connection->from_port),
				     .proto = maker_flow(maker)->proto};
	const struct past_mapping *past = past_of_inside(causes_past(maker->causes), &answer);
	if (!past)
		return false;
	const struct element *nat = element_at(maker->model, past->node);
	const char *loose = nat_setting(maker, nat, "loose");
	struct buf *what = &maker->what;
	buf_printf(what, "The answer takes another way than the call, and %s translates it: it gave the answer of ",
		   nat->name);
	put_end_point(what, answer.src, answer.src_port, answer.proto);
	buf_puts(what, " the source ");
	put_end_point(what, past->outside_addr, be16_from(past->outside_port), answer.proto);
	buf_printf(what, " at ");
	put_time(what, past->created);
	buf_printf(what, ", as if that end had opened a connection. %s knows no such connection and resets it.",
		   maker->at->name);
	buf_printf(&maker->helps,
		   "Send both directions of the connection through %s, or neither (`network.route_tables`)", nat->name);
	maker_setting(maker, "network.route_tables");
	if (loose) {
		buf_printf(&maker->helps, "; with `%s: false` the NAT opens no mapping in the middle of a connection",
			   loose);
		maker_setting(maker, "%s", loose);
	}
	buf_puts(&maker->helps, ".");
	return true;
}

/* The machine that was called was stopped under the connection, and runs again. */
static bool tell_called_restarted(struct maker *maker, const struct world_connection *connection)
{
	struct world_way there, back;
	bool known = maker_ways(maker, &there, &back) &&
		     element_is_end_point(element_at(maker->model, there.fate.node)->kind);
	uint32_t called = known ? there.fate.node : element_of_address(maker->model, connection->to_addr);
	if (called == NONE)
		return false;
	const char *name = element_at(maker->model, called)->name;
	const struct verdict verdict = {.reason = REASON_HOST_DOWN, .by = name};
	const struct event_config *event = event_behind(maker->model, &verdict, called, connection->ended_at);
	if (!event || instant_before((struct instant){event->at_ns}, connection->started_at))
		return false;
	buf_puts(&maker->what, "At ");
	put_time(&maker->what, (struct instant){event->at_ns});
	buf_printf(&maker->what, " the event `%s`", event->text);
	put_place(&maker->what, event->place);
	buf_printf(&maker->what,
		   " ended the connections of %s; a machine that runs again answers packets of a connection that it "
		   "does not know with a reset.",
		   name);
	buf_puts(&maker->helps, "Open a new connection after the event, or remove the event from `timeline`.");
	maker_setting(maker, "timeline");
	return true;
}

bool tell_end(struct maker *maker, const struct world_connection *connection)
{
	if (connection->outcome != OUTCOME_RESET)
		return tell_other_source(maker, connection);
	return tell_port_taken(maker) || tell_picked_up(maker, connection) || tell_caller_gone(maker) ||
	       tell_called_restarted(maker, connection);
}
