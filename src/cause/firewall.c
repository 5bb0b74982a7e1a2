/* DOC: losses at what keeps the state of connections: the rule of a firewall that denies, or that none allows; a session
 * that ended, with its timer, or one of which no beginning was seen. */
#include "cause/firewall_near.h"
#include "cause/maker.h"
#include <string.h>

/* ---- rules ---- */

static const char *const kind_words[] = {
	[FIREWALL_DNAT] = "dnat", [FIREWALL_NETWORK] = "network", [FIREWALL_APPLICATION] = "application"};
_Static_assert(sizeof kind_words / sizeof *kind_words == FIREWALL_KIND_COUNT, "a word for each kind of rules");

static const struct firewall_collection *collection_of(const struct firewall_rules *rules, const char *path)
{
	for (size_t i = 0; i < rules->n; i++)
		for (size_t k = 0; k < rules->collections[i].n_rules; k++)
			if (strcmp(rules->collections[i].rules[k].path, path) == 0)
				return &rules->collections[i];
	return NULL;
}

static bool has_kind(const struct firewall_rules *rules, enum firewall_rules_kind kind)
{
	for (size_t i = 0; i < rules->n; i++)
		if (rules->collections[i].kind == kind && rules->collections[i].n_rules > 0)
			return true;
	return false;
}

/* The name that the call gives, as a proxy reads it; NULL. */
static const char *called_name(const struct maker *maker)
{
	return maker_flow(maker) ? world_called_name(maker->world, maker->step->flow)
				 : dns_name_of_address(maker->model, maker->step->after.dst);
}

static void put_call(struct maker *maker, struct buf *out)
{
	const struct tuple *tuple = &maker->step->after;
	char src[ADDR_TEXT_BYTES], dst[ADDR_TEXT_BYTES];
	buf_printf(out, "%s from %s to %s", proto_name(tuple->proto), addr_print(tuple->src, src),
		   addr_print(tuple->dst, dst));
	if (tuple->proto != PROTO_ICMP)
		buf_printf(out, ", port %u", be16_to(tuple->dst_port));
}

static void tell_denied(struct maker *maker, const struct firewall_collection *collection)
{
	const char *name = maker->at->name, *kind = kind_words[collection->kind];
	struct buf *what = &maker->what;
	buf_printf(what, "Rule %s of firewall %s", maker->step->verdict.rule, name);
	put_place(what, maker->step->verdict.place);
	buf_puts(what, " denies ");
	put_call(maker, what);
	buf_printf(what, "; it is one of its %s rules, of priority %u.", kind, collection->priority);
	buf_printf(&maker->helps,
		   "Change that rule, or allow the call in a collection of `network.firewalls.%s.rules.%s`", name,
		   kind);
	if (collection->priority > 100)
		buf_printf(&maker->helps, " with a priority below %u", collection->priority);
	buf_puts(&maker->helps, ".");
	maker_setting(maker, "network.firewalls.%s.rules.%s", name, kind);
}

static void tell_default(struct maker *maker, const struct firewall_rules *rules)
{
	const struct tuple *tuple = &maker->step->after;
	const char *name = maker->at->name, *dns = called_name(maker);
	bool own = firewall_is_at(&maker->model->firewalls[maker->at->owner], tuple->dst);
	bool by_name = !own && firewall_application(tuple) != 0 && has_kind(rules, FIREWALL_APPLICATION);
	struct buf *what = &maker->what, *helps = &maker->helps;
	buf_printf(what, "No %srule of firewall %s %s ", own ? "DNAT " : "", name, own ? "translates" : "allows");
	put_call(maker, what);
	if (by_name && dns)
		buf_printf(what, ", and no application rule allows the name %s", dns);
	else if (by_name)
		buf_puts(what, ", and no application rule allows a call without a name");
	buf_printf(what, "; what no rule allows is denied%s.",
		   tuple->proto == PROTO_TCP && by_name ? "" : ", and the sender gets no answer");
	if (own) {
		buf_puts(helps, "Translate it");
	} else {
		buf_puts(helps, "Allow ");
		put_call(maker, helps);
		buf_puts(helps, ",");
	}
	buf_printf(helps, " by a rule in a collection of `network.firewalls.%s.rules.%s`", name,
		   own ? "dnat" : "network");
	maker_setting(maker, "network.firewalls.%s.rules.%s", name, own ? "dnat" : "network");
	if (!own && dns && firewall_application(tuple) != 0) {
		buf_printf(helps, ", or its name by `fqdns: [%s]` in `network.firewalls.%s.rules.application`", dns,
			   name);
		maker_setting(maker, "network.firewalls.%s.rules.application", name);
	}
	buf_puts(helps, ".");
}

static bool is_of_this(const struct event_config *event, uint32_t firewall)
{
	return event->kind == EVENT_FIREWALL && event->firewall == firewall;
}

static const char *allowed_by(const struct maker *maker, const struct changed_rules *changed,
			      const struct event_config *before)
{
	const struct firewall_config *firewall = &maker->model->firewalls[changed->index];
	const struct firewall_rules *rules = before ? &before->firewall_rules : &firewall->rules;
	const struct tuple *tuple = &maker->step->after;
	struct firewall_judgement judgement = firewall_judge(rules, tuple, firewall_is_at(firewall, tuple->dst));
	if (judgement.answer == FIREWALL_BY_NAME)
		judgement = firewall_judge_name(rules, tuple, changed->called);
	return judgement.answer == FIREWALL_DENIED || !judgement.rule ? NULL : judgement.rule->path;
}

void tell_firewall(struct maker *maker)
{
	const char *rule = maker->step->verdict.rule;
	if (maker->at->kind != ELEMENT_FIREWALL || !rule)
		return;
	const struct firewall_rules *rules = firewall_rules_at(maker->model, maker->at->owner, maker->step->at);
	const struct firewall_collection *collection = collection_of(rules, rule);
	if (collection)
		tell_denied(maker, collection);
	else
		tell_default(maker, rules);
	const char *called = called_name(maker);
	tell_near_firewall(maker, rules, collection ? rule : NULL, called);
	tell_change(maker, &(struct changed_rules){is_of_this, allowed_by, maker->at->owner, .called = called});
}

/* ---- sessions ---- */

bool cause_of_past_session(struct maker *maker)
{
	const struct step *step = maker->step;
	struct world_session session;
	struct buf *what = &maker->what;
	if (maker->need || step->verdict.reason != REASON_NO_STATE ||
	    !world_past_session(maker->world, step->node, &step->after, &session) ||
	    instant_before(step->at, session.due))
		return false;
	const struct flow_config *flow = &maker->model->flows[step->flow];
	const char *name = flow->is_held_push ? maker->model->flows[flow->held_flow].name : flow->name;
	buf_printf(what, "%s forgot this connection at ", maker->at->name);
	put_time(what, session.due);
	buf_puts(what, ": ");
	put_duration(what, instant_since(session.due, session.last));
	buf_printf(what, "%s. This packet came at ",
		   session.closed ? " after both ends had closed it" : " without a packet (its idle time)");
	put_time(what, step->at);
	buf_puts(what, ", ");
	put_duration(what, instant_since(step->at, session.last));
	buf_puts(what, " after the last one.");
	if (session.closed) {
		buf_puts(&maker->helps, "Open a new connection: this one is over.");
		return true;
	}
	const char *key = step->after.proto == PROTO_TCP ? "keepalive" : "pause";
	buf_puts(&maker->helps, "Send something at least every ");
	put_duration(&maker->helps, session.idle_ns);
	buf_printf(&maker->helps, " (`flows.%s.%s`): the idle time of %s has no setting.", name, key, maker->at->name);
	maker_setting(maker, "flows.%s.%s", name, key);
	return true;
}

/* The event that brought the route by which the call, or its answer, comes to where the packet was lost; NULL. */
static const struct event_config *event_that_leads_here(const struct maker *maker)
{
	struct world_way there, back;
	if (!maker_ways(maker, &there, &back))
		return NULL;
	const struct world_way *way = maker->step->packet->flags & PACKET_FROM_CALLER ? &there : &back;
	for (size_t i = 0; i < way->n; i++) {
		uint32_t next = i + 1 < way->n ? way->hops[i + 1].node : way->fate.node;
		const struct verdict *route = &way->hops[i].route;
		if (next == maker->step->node && route->rule && decided_by_route(maker->model, route->by))
			return event_with_route(maker->model, route, maker->step->at);
	}
	return NULL;
}

/* Both ways are the same, or nothing is known of them: the beginning passed before this element was on the way. */
void tell_no_state(struct maker *maker)
{
	const char *name = maker->at->name;
	buf_printf(&maker->what,
		   "%s keeps the state of connections, and the packet that opened this one did not pass there.", name);
	const struct event_config *event = event_that_leads_here(maker);
	if (event) {
		buf_printf(&maker->what, " A route leads to %s ", name);
		put_event(maker, event);
		buf_puts(&maker->what, ".");
		buf_puts(&maker->helps, "Open a new connection after the event of `timeline`, or remove the event.");
		maker_setting(maker, "timeline");
		return;
	}
	buf_printf(&maker->helps, "Send both directions of the connection through %s (`network.route_tables`)", name);
	maker_setting(maker, "network.route_tables");
	if (maker->at->kind == ELEMENT_APPLIANCE) {
		buf_printf(&maker->helps, ", or let it forward without state (`network.hosts.%s.stateful: false`)",
			   name);
		maker_setting(maker, "network.hosts.%s.stateful", name);
	}
	buf_puts(&maker->helps, ".");
}
