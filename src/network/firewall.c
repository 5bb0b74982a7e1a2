/* DOC: Azure Firewall. A packet comes by a route to it, or to one of its public addresses; it belongs to a session, or its
 * first packet is judged by the rules. What may pass leaves by the routes of the firewall's own subnet:
 *
 *   to the Internet            from a public address (its NAT), or through the NAT gateway of its subnet
 *   to private addresses       from where it came; a source outside of `private_ranges` destinations is translated
 *   by a DNAT rule             to the machine behind it, from the firewall's own address, so that answers come back
 *   by an application rule     as a connection of its own (firewall_proxy.c)
 *
 * Sessions idle for four minutes where one side is on the Internet, with resets to both, and five elsewhere, in silence
 * (azure: firewall, tcp-session-behavior). A deny that comes later ends what it matches: the session stays, and denies. */
#include "network/firewall.h"
#include <errno.h>

#define NORTH_SOUTH_NS (240 * NS_PER_S)
#define EAST_WEST_NS (300 * NS_PER_S)
#define FIREWALL_TTL 64u
#define FIRST_PORT 1024u

enum { SESSION_DENIED = 128 };

struct firewall_state *firewall_at(const struct world *world, uint32_t node)
{
	struct firewall_state *states = world->kind_state[KIND_FIREWALL];
	return &states[element_at(world->model, node)->owner];
}

static const struct machine *machine_of(const struct world *world, const struct firewall_state *state)
{
	return machine_at(world, state->node);
}

bool firewall_leads_out(const struct world *world, const struct firewall_state *state, be32 dst)
{
	const struct route *route = routing_choose(world, machine_of(world, state), dst);
	return route && route->hop == HOP_INTERNET;
}

/* ---- flows ---- */

static bool flow_of_trial(const struct ask *ask, const struct tuple *tuple, struct firewall_flow *ret)
{
	for (uint32_t i = ask->trial ? ask->trial->n_mappings : 0; i-- > 0;) {
		const struct tuple back = tuple_reverse(ask->trial->mappings[i].outside);
		if (ask->trial->mappings[i].node != ask->leg.at)
			continue;
		ret->back = tuple_equal(&back, tuple);
		if (!ret->back && !tuple_equal(&ask->trial->mappings[i].inside, tuple))
			continue;
		ret->session = NULL;
		ret->from = ask->trial->mappings[i].inside;
		ret->to = ask->trial->mappings[i].outside;
		return true;
	}
	return false;
}

bool firewall_flow_of(const struct ask *ask, const struct firewall_state *state, const struct tuple *tuple,
		      struct firewall_flow *ret)
{
	struct tuple about = *tuple, inner;
	bool is_error = translate_is_error(ask->packet);
	if (is_error &&
	    translate_error_about(translator_at(ask->world, ask->leg.at), ask->packet, &inner) != REASON_NONE)
		return false;
	if (is_error)
		about = tuple_reverse(inner);
	ret->session = session_find(state->sessions, &about, ask->world->now, &ret->back);
	if (!ret->session)
		return flow_of_trial(ask, &about, ret);
	ret->from = ret->session->from;
	ret->to = ret->session->to;
	return true;
}

static bool keeps_source(const struct firewall_state *state, be32 dst)
{
	for (size_t i = 0; i < state->config->n_private_ranges; i++)
		if (prefix_contains(state->config->private_ranges[i], dst))
			return true;
	return false;
}

/* The firewall's own address, and a port that answers to no other session. */
static void from_itself(const struct world *world, const struct firewall_state *state, struct tuple *to)
{
	uint32_t port = be16_to(to->src_port);
	to->src = state->config->addr;
	for (uint32_t i = 0; i < UINT16_MAX - FIRST_PORT; i++) {
		const struct tuple answer = tuple_reverse(*to);
		if (session_is_free(state->sessions, &answer, world->now))
			return;
		port = port == UINT16_MAX || port < FIRST_PORT ? FIRST_PORT : port + 1;
		to->src_port = be16_from((uint16_t)port);
		if (to->proto == PROTO_ICMP)
			to->dst_port = to->src_port;
	}
}

bool firewall_plan(const struct world *world, const struct firewall_state *state, const struct tuple *from,
		   const struct firewall_judgement *judgement, struct tuple *ret_to)
{
	*ret_to = *from;
	if (judgement->answer == FIREWALL_TRANSLATED) {
		ret_to->dst = judgement->rule->to;
		ret_to->dst_port = be16_from(judgement->rule->to_port);
		from_itself(world, state, ret_to);
		return false;
	}
	bool by_name = judgement->answer == FIREWALL_BY_NAME;
	if (!by_name && keeps_source(state, from->dst))
		return false;
	bool out = firewall_leads_out(world, state, from->dst);
	if (out && !machine_way_out_name(machine_of(world, state)))
		return true;
	from_itself(world, state, ret_to);
	return false;
}

/* ---- the rules ---- */

void firewall_drop(const struct ask *ask, const struct firewall_rule *rule, struct decision *ret)
{
	const struct firewall_state *state = firewall_at(ask->world, ask->leg.at);
	decide_drop(ret,
		    (struct verdict){.reason = REASON_FIREWALL_DENY,
				     .by = state->config->name,
				     .rule = rule ? rule->path : "default-deny",
				     .place = rule ? rule->place : state->config->place},
		    STEP_SEEN | STEP_INBOUND);
}

static uint8_t flags_of(const struct packet *packet)
{
	const struct tcp_header *tcp = packet_l4_const(packet);
	return packet_ip_const(packet)->proto == PROTO_TCP && !packet_is_fragment(packet) ? tcp->flags : 0;
}

/* Only what opens something is asked of the rules. */
static bool opens(const struct packet *packet)
{
	const struct icmp_header *icmp = packet_l4_const(packet);
	switch (packet_ip_const(packet)->proto) {
	case PROTO_TCP:
		return (flags_of(packet) & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
	case PROTO_ICMP:
		return icmp->type == ICMP_ECHO;
	}
	return true;
}

static struct firewall_judgement judge(const struct ask *ask, const struct firewall_state *state,
				       const struct tuple *tuple)
{
	struct firewall_judgement judgement =
		firewall_judge(state->rules, tuple, firewall_is_at(state->config, tuple->dst));
	if (judgement.answer != FIREWALL_BY_NAME || !ask->trial)
		return judgement;
	/* A packet that is not sent carries no name: the name is the one that DNS has for the address. */
	struct firewall_judgement by_name =
		firewall_judge_name(state->rules, tuple, dns_name_of_address(ask->world->model, tuple->dst));
	if (by_name.answer == FIREWALL_DENIED)
		return by_name;
	return (struct firewall_judgement){FIREWALL_BY_NAME, by_name.rule};
}

static void drop_ttl(const struct ask *ask, struct decision *ret)
{
	const struct firewall_state *state = firewall_at(ask->world, ask->leg.at);
	decide_drop(ret,
		    (struct verdict){
			    .reason = REASON_TTL_EXPIRED, .by = state->config->name, .place = state->config->place},
		    STEP_SEEN | STEP_INBOUND);
	decide_error(ret, ICMP_TIME_EXCEEDED, 0, 0, state->config->addr,
		     (struct leg){PASSAGE_NIC_OUT, state->node, NONE});
}

static void no_state(const struct ask *ask, struct decision *ret)
{
	const struct firewall_state *state = firewall_at(ask->world, ask->leg.at);
	decide_drop(ret,
		    (struct verdict){.reason = REASON_NO_STATE,
				     .by = state->config->name,
				     .detail = "it belongs to no session: the packet that opened one did not pass here",
				     .place = state->config->place},
		    STEP_SEEN | STEP_INBOUND);
}

static void decide_rules(const struct ask *ask, struct decision *ret)
{
	const struct firewall_state *state = firewall_at(ask->world, ask->leg.at);
	const struct tuple tuple = packet_tuple(ask->packet);
	struct firewall_flow flow;
	if (!packet_outlives(ask->packet, 1)) {
		drop_ttl(ask, ret);
		return;
	}
	decide_passed(ret);
	ret->hops = 1;
	if (firewall_flow_of(ask, state, &tuple, &flow)) {
		if (flow.session && (flow.session->flags & SESSION_DENIED))
			firewall_drop(ask, flow.session->rule, ret);
		else if (flow.session && (flow.session->flags & SESSION_PROXIED))
			proxy_decide(ask, state, &flow, ret);
		return;
	}
	if (!opens(ask->packet)) {
		no_state(ask, ret);
		return;
	}
	const struct firewall_judgement judgement = judge(ask, state, &tuple);
	if (judgement.answer == FIREWALL_DENIED)
		firewall_drop(ask, judgement.rule, ret);
	else if (judgement.answer == FIREWALL_BY_NAME && !ask->trial)
		ret->verb = VERB_TAKEN;
}

/* ---- time ---- */

static void arm(struct world *world, struct firewall_state *state, const struct session *session)
{
	struct instant due = session_due(session);
	if ((session->flags & SESSION_RESETS) == 0 || !instant_before(due, state->armed))
		return;
	state->armed = due;
	struct event event = {
		.at = due, .key = event_key(state->node, state->node), .kind = WHAT_KIND_TIMER, .a = state->node};
	world_fail(world, queue_push(&world->queue, event));
}

static bool is_north_south(const struct world *world, const struct firewall_state *state, const struct tuple *from)
{
	return firewall_is_at(state->config, from->dst) ? firewall_leads_out(world, state, from->src)
							: firewall_leads_out(world, state, from->dst);
}

void firewall_time(struct world *world, const struct firewall_state *state, const struct tuple *from,
		   struct session *session)
{
	bool out = is_north_south(world, state, from);
	session->idle_ns = out ? NORTH_SOUTH_NS : EAST_WEST_NS;
	session->flags |= out ? SESSION_RESETS : 0;
}

static void send_reset(struct world *world, struct firewall_state *state, const struct session *session,
		       const struct tuple *tuple, uint32_t seq, bool from_caller)
{
	struct packet *packet = packet_for(world, session->connection);
	if (!packet)
		return;
	bool out = from_caller
			   ? (session->flags & SESSION_TRANSLATED) != 0 || firewall_leads_out(world, state, tuple->dst)
			   : firewall_leads_out(world, state, tuple->dst);
	packet->flags = from_caller ? PACKET_FROM_CALLER : 0;
	tcp_reset_make(&world->craft, packet, tuple, seq, FIREWALL_TTL);
	path_make_own(world, state->node, packet);
	path_send_from(world, (struct leg){out ? PASSAGE_PUBLIC : PASSAGE_NIC_OUT, state->node, NONE}, packet);
}

int timer_firewall(struct world *world, uint32_t node)
{
	struct firewall_state *state = firewall_at(world, node);
	struct session *session;
	size_t at = 0;
	if (instant_before(world->now, state->armed))
		return 0;
	state->armed = INSTANT_NEVER;
	while ((session = session_next(state->sessions, &at))) {
		if ((session->flags & (SESSION_RESETS | SESSION_ENDED)) != SESSION_RESETS)
			continue;
		if (instant_before(world->now, session_due(session))) {
			arm(world, state, session);
			continue;
		}
		bool both = session->from_acked != 0 && session->to_acked != 0 && session->from.proto == PROTO_TCP &&
			    (session->flags & (SESSION_FIN | SESSION_FIN_BACK)) == 0;
		const struct tuple back = tuple_reverse(session->from);
		if (both) {
			results_reset(world, node, session->connection, session->idle_ns, NULL);
			send_reset(world, state, session, &back, session->from_acked, false);
			send_reset(world, state, session, &session->to, session->to_acked, true);
		}
		session_end(session);
		proxy_free(world, node, session);
	}
	return 0;
}

/* ---- sessions ---- */

void firewall_allow(struct world *world, const struct firewall_state *state, const struct session *session,
		    struct packet *packet)
{
	const struct firewall_rule *rule = session->rule;
	if (!rule || !trail_wanted(&world->trail, STEP_FILTER, packet))
		return;
	struct verdict verdict = {.by = world->nodes[state->node].name, .rule = rule->path, .place = rule->place};
	path_step(world, state->node, packet, STEP_FILTER, 0, &verdict, NULL);
}

static void open_session(struct world *world, struct firewall_state *state, struct packet *packet)
{
	const struct tuple from = packet_tuple(packet);
	const struct firewall_judgement judgement =
		firewall_judge(state->rules, &from, firewall_is_at(state->config, from.dst));
	struct tuple to;
	bool translated = firewall_plan(world, state, &from, &judgement, &to);
	struct session *session = session_open(state->sessions, &from, &to, world->now);
	if (!session) {
		world_fail(world, -ENOMEM);
		return;
	}
	session->rule = judgement.rule;
	session->connection = packet->connection;
	session->flags |= translated ? SESSION_TRANSLATED : 0;
	firewall_time(world, state, &from, session);
	session_note(session, false, flags_of(packet), 0, world->now);
	arm(world, state, session);
	firewall_allow(world, state, session, packet);
}

static void commit_rules(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	struct firewall_state *state = firewall_at(world, leg->at);
	const struct ask ask = {.world = world, .packet = packet, .leg = *leg};
	const struct tuple tuple = packet_tuple(packet);
	struct firewall_flow flow;
	if (!firewall_flow_of(&ask, state, &tuple, &flow)) {
		if (decision->verb == VERB_TAKEN)
			proxy_open(world, state, packet, decision);
		else if (decision->verb == VERB_PASSED)
			open_session(world, state, packet);
		return;
	}
	if (flow.session->flags & SESSION_DENIED)
		return;
	if (!translate_is_error(packet)) {
		const struct tcp_header *tcp = packet_l4_const(packet);
		session_note(flow.session, flow.back, flags_of(packet),
			     flags_of(packet) & TCP_ACK ? be32_to(tcp->ack) : 0, world->now);
	}
	/* The answer as it came, before its address is translated back: what stands next records the packet that leaves. */
	if (flow.back && (flow.session->flags & SESSION_TRANSLATED) && decision->verb == VERB_PASSED)
		path_step(world, leg->at, packet, STEP_FORWARD, STEP_SEEN | STEP_INBOUND, NULL, NULL);
	if (flow.session->flags & SESSION_PROXIED)
		proxy_commit(world, state, &flow, packet, decision);
	arm(world, state, flow.session);
}

static void suppose_rules(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	const struct firewall_state *state = firewall_at(ask->world, ask->leg.at);
	const struct tuple from = packet_tuple(ask->packet);
	struct firewall_flow flow;
	struct tuple to;
	if (decision->verb != VERB_PASSED || firewall_flow_of(ask, state, &from, &flow) ||
	    trial->n_mappings == TRIAL_MAX)
		return;
	const struct firewall_judgement judgement = judge(ask, state, &from);
	(void)firewall_plan(ask->world, state, &from, &judgement, &to);
	trial->mappings[trial->n_mappings].node = ask->leg.at;
	trial->mappings[trial->n_mappings].inside = from;
	trial->mappings[trial->n_mappings].outside = to;
	trial->n_mappings++;
}

/* ---- the way on ---- */

static void decide_both(const struct ask *ask, const struct firewall_flow *flow, struct decision *ret)
{
	const struct firewall_rule *rule = flow->session ? flow->session->rule : NULL;
	const struct tuple after = flow->back ? tuple_reverse(flow->from) : flow->to;
	const struct firewall_state *state = firewall_at(ask->world, ask->leg.at);
	bool is_dnat = !be32_equal(flow->from.dst, flow->to.dst);
	decide_change(ret, CHANGE_BOTH, after.src, after.src_port,
		      STEP_SEEN | STEP_REALM | (flow->back ? STEP_INBOUND : 0), rule && is_dnat ? rule->path : "snat",
		      rule ? rule->place : state->config->place);
	ret->change.dst = after.dst;
	ret->change.dst_port = after.dst_port;
}

static bool is_translated_outside(const struct world *world, const struct firewall_state *state,
				  const struct firewall_flow *flow)
{
	if (flow->session)
		return (flow->session->flags & SESSION_TRANSLATED) != 0;
	/* Of a trial: nothing else changes a source alone and leaves the port of the firewall's own. */
	return !firewall_is_at(state->config, flow->from.dst) && !be32_equal(flow->to.src, state->config->addr) &&
	       firewall_leads_out(world, state, flow->from.dst) && !keeps_source(state, flow->from.dst);
}

static void decide_way(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct firewall_state *state = firewall_at(world, ask->leg.at);
	const struct tuple tuple = packet_tuple(ask->packet);
	struct firewall_flow flow;
	decide_go(ret, PASSAGE_NIC_OUT, state->node, NONE);
	ret->nat.fragment = FRAGMENT_NONE;
	ret->nat.answer.reason = REASON_COUNT; /* not asked */
	if (!firewall_flow_of(ask, state, &tuple, &flow)) {
		no_state(ask, ret);
		return;
	}
	bool outside = is_translated_outside(world, state, &flow);
	if (outside && flow.back) {
		translate_in_decide(ask, ret);
	} else if (outside) {
		translate_out_decide(ask, ret);
	} else if (!tuple_equal(&flow.from, &flow.to) && !translate_is_error(ask->packet)) {
		bool out = firewall_leads_out(world, state, flow.back ? flow.from.src : flow.to.dst);
		if (out && flow.back)
			decide_go(ret, PASSAGE_PUBLIC, state->node, NONE);
		else if (out)
			decide_go(ret, PASSAGE_WAY_OUT, state->node, NONE); /* its subnet has one of its own */
		decide_both(ask, &flow, ret);
	}
}

static void commit_way(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	struct firewall_state *state = firewall_at(world, leg->at);
	const struct ask ask = {.world = world, .packet = packet, .leg = *leg};
	const struct tuple tuple = packet_tuple(packet);
	struct firewall_flow flow;
	if (!firewall_flow_of(&ask, state, &tuple, &flow))
		return;
	if ((flow.session->flags & SESSION_TRANSLATED) == 0) {
		if (decision->change.kind == CHANGE_NONE)
			path_step(world, leg->at, packet, STEP_FORWARD, STEP_SEEN, NULL, NULL);
		return;
	}
	if (flow.back) {
		translate_in_commit(world, leg, packet, decision);
		return;
	}
	translate_out_commit(world, leg, packet, decision);
	if (decision->verb != VERB_GO || decision->change.kind != CHANGE_SRC)
		return;
	struct tuple to = tuple;
	to.src = decision->change.addr;
	to.src_port = decision->change.port;
	if (to.proto == PROTO_ICMP)
		to.dst_port = to.src_port;
	if (!session_leaves_as(state->sessions, flow.session, &to))
		world_fail(world, -ENOMEM);
}

static void suppose_way(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (decision->change.kind == CHANGE_SRC)
		translate_out_suppose(ask, decision, trial);
}

const struct stage firewall_in[] = {
	{"rules and sessions", decide_rules, commit_rules, suppose_rules},
	{"translation, and the way on", decide_way, commit_way, suppose_way},
	{NULL, NULL, NULL, NULL},
};
const struct stage firewall_out[] = {
	{"translation, and the way on", decide_way, commit_way, suppose_way},
	{NULL, NULL, NULL, NULL},
};

/* ---- new rules ---- */

void firewall_set_rules(struct world *world, uint32_t index, const struct firewall_rules *rules)
{
	struct firewall_state *state = &((struct firewall_state *)world->kind_state[KIND_FIREWALL])[index];
	struct session *session;
	size_t at = 0;
	state->rules = rules;
	while ((session = session_next(state->sessions, &at))) {
		const struct proxy *proxy = session->more;
		if (!session_is_live(session, world->now) || (proxy && proxy->phase == PROXY_SHAKES))
			continue;
		struct firewall_judgement judgement =
			firewall_judge(rules, &session->from, firewall_is_at(state->config, session->from.dst));
		if (judgement.answer == FIREWALL_BY_NAME && (session->flags & SESSION_PROXIED))
			judgement = firewall_judge_name(rules, &session->from, proxy ? proxy->name : NULL);
		if (judgement.answer != FIREWALL_DENIED)
			continue;
		session->flags |= SESSION_DENIED;
		session->flags &= ~(uint32_t)SESSION_RESETS;
		session->rule = judgement.rule;
	}
}

/* ---- making ---- */

void build_firewall(struct world *world, uint32_t element)
{
	const struct model *model = world->model;
	uint32_t index = element_at(model, element)->owner;
	struct firewall_state *state;
	(void)build_machine(world, element);
	if (!world->kind_state[KIND_FIREWALL])
		world->kind_state[KIND_FIREWALL] = arena_array(world->arena, model->n_firewalls, sizeof *state);
	if (!world->kind_state[KIND_FIREWALL]) {
		world_fail(world, -ENOMEM);
		return;
	}
	state = &((struct firewall_state *)world->kind_state[KIND_FIREWALL])[index];
	*state = (struct firewall_state){.config = &model->firewalls[index],
					 .rules = &model->firewalls[index].rules,
					 .node = element,
					 .armed = INSTANT_NEVER};
	world_fail(world, sessions_new(&state->sessions));
}

void close_firewall(struct world *world)
{
	struct firewall_state *states = world->kind_state[KIND_FIREWALL];
	for (size_t i = 0; states && i < world->model->n_firewalls; i++) {
		struct session *session;
		size_t at = 0;
		while (states[i].sessions && (session = session_next(states[i].sessions, &at)))
			proxy_discard(world, session);
		states[i].sessions = sessions_free(states[i].sessions);
	}
}
