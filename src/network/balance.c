/* DOC: a load balancer's passages: an environment's VIP and the frontends of load balancers. A balancer is no proxy:
 * inbound it keeps the caller's address and rewrites the destination alone, to a machine that the five-tuple chooses
 * (balance_choice.c); what the machine answers leaves as the frontend. It answers nothing itself; a port without a rule
 * is silence. It knows its connections as flows (rule/flows.h), which end after a time of silence.
 *
 *   in   a rule for this port?   -> a flow, or a SYN or datagram that opens one: on to its machine
 *        else                    -> NAT's mapping and filter
 *   out  an environment's front end: an answer on a balanced port? -> source becomes the VIP; else NAT
 *        a machine of a pool: an answer of a flow (machine.c asks) -> source becomes the frontend, then the routes of
 *        the machine's subnet: Azure translates at the machine's host, before it routes
 *
 * What reaches an HA-ports frontend as a next hop has another destination: it goes to its machine as it is. */
#include "network/balance.h"

static const struct translator *here(const struct ask *ask)
{
	return translator_at(ask->world, ask->leg.at);
}

static bool opens_connection(const struct packet *packet)
{
	return (((const struct tcp_header *)packet_l4_const(packet))->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static uint32_t ip_bytes(const struct packet *packet)
{
	return packet_frame_bytes(packet) - 14;
}

/* A call that is not sent, but asked about, has left its flow in the trial. */
static bool is_supposed_at(const struct ask *ask, uint32_t node, const struct tuple *key)
{
	const struct tuple outside = tuple_reverse(*key);
	for (uint32_t i = 0; ask->trial && i < ask->trial->n_mappings; i++)
		if (ask->trial->mappings[i].node == node && tuple_equal(&ask->trial->mappings[i].outside, &outside))
			return true;
	return false;
}

static bool is_supposed(const struct ask *ask, const struct tuple *key)
{
	return is_supposed_at(ask, ask->leg.at, key);
}

static void drop(const struct ask *ask, enum reason reason, const struct balancing *rule, const char *detail,
		 struct decision *ret)
{
	translate_drop(ask->world, here(ask), reason, rule->name, detail, ret);
	ret->verdict.place = rule->place;
}

/* Silently: neither end gets an error (azure: load-balancer-tcp-idle-timeout). */
static void forgotten(const struct ask *ask, const struct balancing *rule, struct decision *ret)
{
	drop(ask, REASON_NO_MAPPING, rule,
	     here(ask)->readdressed
		     ? "the environment no longer has the address that was called, or the connection was silent for "
		       "too long"
		     : "the load balancer has no such flow, or forgot it: it was silent for the time of `idle`",
	     ret);
}

/* What the ends of a flow that is reset expect is kept. */
static void note_ack(const struct translator *translator, const struct balancing *rule, const struct tuple *key,
		     bool by_backend, const struct packet *packet)
{
	const struct tcp_header *tcp = packet_l4_const(packet);
	if (!rule->resets || key->proto != PROTO_TCP)
		return;
	if ((tcp->flags & (TCP_FIN | TCP_RST | TCP_SYN)) != 0)
		flows_note_closing(translator->flows, key, (tcp->flags & TCP_SYN) == 0);
	if ((tcp->flags & TCP_ACK) != 0)
		flows_note(translator->flows, key, by_backend, be32_to(tcp->ack), packet->connection);
}

/* ---- an environment's front ends, outward ---- */

static struct tuple arriving_of(const struct translator *translator, const struct tuple *answer)
{
	return (struct tuple){answer->dst, translator->addr, answer->dst_port, answer->src_port, answer->proto};
}

static void leave(const struct translator *translator, enum change_kind kind, be16 port, struct decision *ret)
{
	decide_go(ret, PASSAGE_PUBLIC, translator->node, NONE);
	decide_change(ret, kind, translator->addr, port, STEP_SEEN | STEP_REALM, "load-balancer", translator->place);
}

/* What a front end answers on a balanced port leaves as the VIP. */
static void front_end_answers(const struct ask *ask, struct decision *ret)
{
	const struct translator *translator = here(ask);
	const struct tuple tuple = packet_tuple(ask->packet);
	decide_pass(ret);
	if (machine_at(ask->world, ask->leg.from)->kind != ELEMENT_FRONT_END || packet_is_fragment(ask->packet) ||
	    !vip_port_is_open(translator, tuple.proto, be16_to(tuple.src_port)))
		return;
	const struct tuple arriving = arriving_of(translator, &tuple);
	if (flows_find(translator->flows, &arriving, ask->world->now) || is_supposed(ask, &arriving))
		leave(translator, CHANGE_SRC, tuple.src_port, ret);
	else
		forgotten(ask, &translator->balance->rules[0], ret);
}

static void front_end_answers_commit(struct world *world, const struct leg *leg, struct packet *packet,
				     struct decision *decision)
{
	const struct translator *translator = translator_at(world, leg->at);
	const struct tuple tuple = packet_tuple(packet), arriving = arriving_of(translator, &tuple);
	if (decision->verb == VERB_GO)
		(void)flows_use(translator->flows, &arriving, ip_bytes(packet), world->now);
}

bool balance_answers_by_vip(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	const struct translator *translator = &ask->world->translators[machine->translator];
	const struct tuple tuple = packet_tuple(ask->packet), arriving = arriving_of(translator, &tuple);
	if (packet_is_fragment(ask->packet) || !vip_port_is_open(translator, tuple.proto, be16_to(tuple.src_port)) ||
	    (!flows_find(translator->flows, &arriving, ask->world->now) &&
	     !is_supposed_at(ask, translator->node, &arriving)))
		return false;
	decide_go(ret, PASSAGE_VIP_OUT, translator->node, machine->node);
	return true;
}

/* An ICMP error by a front end, about a segment of a balanced connection: it leaves as its segments do. */
static void front_end_errors(const struct ask *ask, struct decision *ret)
{
	const struct translator *translator = here(ask);
	const struct machine *from = machine_at(ask->world, ask->leg.from);
	struct tuple about;
	decide_pass(ret);
	if (from->kind == ELEMENT_FRONT_END && translator->translates_icmp && translate_is_error(ask->packet) &&
	    translate_error_about(translator, ask->packet, &about) == REASON_NONE && about.dst.raw == from->addr.raw &&
	    vip_port_is_open(translator, about.proto, be16_to(about.dst_port)))
		leave(translator, CHANGE_SRC_OF_ERROR, about.dst_port, ret);
}

const struct stage vip_out[] = {
	{"an answer on a balanced port?", front_end_answers, front_end_answers_commit, NULL},
	{"an error about a balanced connection?", front_end_errors, NULL, NULL},
	{"source NAT", translate_out_decide, translate_out_commit, translate_out_suppose},
	{NULL, NULL, NULL, NULL},
};

/* ---- machines of pools, outward ---- */

bool balance_takes_answer(const struct ask *ask, const struct machine *machine, struct decision *ret)
{
	struct balanced_answer answer;
	if (!balance_find_answer(ask, machine, &answer))
		return false;
	decide_go(ret, PASSAGE_FRONTEND_OUT, ask->world->translators[answer.translator].node, machine->node);
	return true;
}

static void machine_answers(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct translator *translator = here(ask);
	struct balanced_answer answer;
	if (!balance_find_answer(ask, machine_at(world, ask->leg.from), &answer)) {
		decide_pass(ret); /* it was found at the machine, at this instant */
		return;
	}
	if (packet_is_fragment(ask->packet) && !answer.rule->all_ports) {
		drop(ask, REASON_FRAGMENT_NOT_TRANSLATED, answer.rule, "a balancing rule carries no fragments", ret);
		return;
	}
	decide_passed(ret);
	decide_change(ret, answer.is_error ? CHANGE_SRC_OF_ERROR : CHANGE_SRC, translator->addr, answer.port,
		      STEP_SEEN | STEP_REALM, answer.rule->name, answer.rule->place);
}

static void machine_answers_commit(struct world *world, const struct leg *leg, struct packet *packet,
				   struct decision *decision)
{
	const struct translator *translator = translator_at(world, leg->at);
	struct ask ask = {.world = world, .packet = packet, .leg = *leg};
	struct balanced_answer answer;
	if (decision->verb == VERB_DROP || !balance_find_answer(&ask, machine_at(world, leg->from), &answer) ||
	    answer.is_error)
		return;
	(void)flows_use(translator->flows, &answer.key, ip_bytes(packet), world->now);
	note_ack(translator, answer.rule, &answer.key, true, packet);
}

const struct stage frontend_out[] = {
	{"an answer of a flow?", machine_answers, machine_answers_commit, NULL},
	{"route", machine_route, machine_route_commit, NULL},
	{NULL, NULL, NULL, NULL},
};

const struct stage frontend_route[] = {
	{"route", machine_route, machine_route_commit, NULL},
	{NULL, NULL, NULL, NULL},
};

/* ---- inward: may it turn round? ---- */

/* A call to the own VIP was seen as it left, and comes back as it was: a capture here has it already. */
static bool hairpins(const struct translator *translator, const struct packet *packet)
{
	be32 src = packet_ip_const(packet)->src;
	return src.raw == translator->addr.raw || nat_has_address(translator->nat, src);
}

static void arrives(const struct ask *ask, struct decision *ret)
{
	const struct translator *translator = here(ask);
	if (!translator->hairpin && hairpins(translator, ask->packet))
		translate_drop(ask->world, translator, REASON_FILTERED, "hairpin", "hairpinning is off", ret);
	else
		decide_passed(ret);
}

static void arrives_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	(void)decision;
	if (trail_wanted(&world->trail, STEP_FORWARD, packet))
		path_step(world, leg->at, packet, STEP_FORWARD,
			  hairpins(translator_at(world, leg->at), packet) ? STEP_INBOUND : STEP_SEEN | STEP_INBOUND,
			  NULL, NULL);
}

/* ---- inward: a balanced connection ---- */

/* What arrives, as flows know it. Pieces of a datagram have no ports: those of a machine go one way. */
static inline struct tuple arriving_at(const struct translator *translator, const struct packet *packet)
{
	struct tuple tuple = packet_tuple(packet);
	if (__builtin_expect(packet_is_fragment(packet), 0) && translator->kind == ELEMENT_FRONTEND &&
	    !be32_equal(tuple.dst, translator->addr))
		tuple.src_port = tuple.dst_port = (be16){0};
	return tuple;
}

static void enter(const struct ask *ask, enum change_kind kind, const struct balancing *rule, uint32_t machine_index,
		  be16 port, struct decision *ret)
{
	const struct translator *translator = here(ask);
	const struct machine *machine = &ask->world->machines[machine_index];
	bool is_vip = translator->kind == ELEMENT_VIP;
	decide_go(ret, PASSAGE_NIC_IN, machine->node, is_vip ? NONE : ask->leg.at);
	if (!is_vip && !be32_equal(packet_ip_const(ask->packet)->dst, translator->addr))
		return;
	decide_change(ret, kind, rule->floating ? translator->addr : machine->addr, port, STEP_REALM | STEP_INBOUND,
		      rule->name, rule->place);
}

static be16 port_of_machine(const struct balancing *rule, be16 port)
{
	return rule->to == 0 ? port : be16_from(rule->to);
}

static bool is_in(const struct world *world, const struct balancing *rule, uint32_t machine)
{
	for (uint32_t i = 0; i < rule->n_backends; i++)
		if (rule->backends[i].machine == machine)
			return balance_is_in(world, rule, i);
	return false;
}

/* The machine that has the flow, while it may keep it; else one for a new flow; NONE. */
static uint32_t machine_for(const struct ask *ask, const struct balancing *rule, const struct tuple *arriving,
			    const struct balanced_flow *flow, bool opens)
{
	const struct world *world = ask->world;
	const struct translator *translator = here(ask);
	bool keeps = flow && balance_keeps(world, translator->balance, rule, flow) &&
		     (!opens || is_in(world, rule, flow->backend));
	return keeps ? flow->backend : balance_choose(world, translator, rule, arriving);
}

/* About an answer of a balanced port: it is for the machine that has the connection. */
static void error_in(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct translator *translator = here(ask);
	struct tuple about;
	if (!translate_is_error(ask->packet) || translate_error_about(translator, ask->packet, &about) != REASON_NONE ||
	    (translator->kind == ELEMENT_VIP && !translator->translates_icmp))
		return;
	const struct tuple call = tuple_reverse(about), key = balance_key(translator, &call);
	const struct balancing *rule = balance_rule(world, translator, &call);
	if (!rule)
		return;
	uint32_t machine = machine_for(ask, rule, &call, flows_find(translator->flows, &key, world->now), false);
	if (machine != NONE)
		enter(ask, CHANGE_DST_OF_ERROR, rule, machine, port_of_machine(rule, about.src_port), ret);
}

/* Routed here, by a next hop that is this frontend, and no rule takes it. */
static void nothing_takes(const struct ask *ask, const struct tuple *tuple, struct decision *ret)
{
	translate_drop(ask->world, here(ask),
		       tuple->proto == PROTO_ICMP ? REASON_ICMP_NOT_TRANSLATED : REASON_VIP_PORT_CLOSED, NULL,
		       tuple->proto == PROTO_ICMP ? "HA ports are those of TCP and UDP" : "it has no HA-ports rule",
		       ret);
}

/* False, with a drop, where the rule does not take this packet. */
static bool admits(const struct ask *ask, const struct balancing *rule, const struct tuple *arriving,
		   const struct tuple *key, const struct balanced_flow *flow, bool opens, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct translator *translator = here(ask);
	bool is_vip = translator->kind == ELEMENT_VIP;
	bool known = flow && (rule->by_power || balance_keeps(world, translator->balance, rule, flow));
	if (is_vip && vip_is_for_management(world, translator, be16_to(arriving->dst_port)) &&
	    !vip_is_management(world, arriving->src))
		translate_drop(world, translator, REASON_VIP_PORT_CLOSED, "management",
			       "the port is open to Azure's management addresses alone", ret);
	else if (!is_vip && packet_is_fragment(ask->packet) && !rule->all_ports)
		drop(ask, REASON_FRAGMENT_NOT_TRANSLATED, rule, "a balancing rule carries no fragments", ret);
	else if (!opens && !known && !is_supposed(ask, key))
		forgotten(ask, rule, ret);
	else
		return true;
	return false;
}

static void balanced_call(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct translator *translator = here(ask);
	const struct tuple arriving = arriving_at(translator, ask->packet);
	const struct balancing *rule = balance_rule(world, translator, &arriving);
	decide_pass(ret);
	if (!rule) {
		if (arriving.proto == PROTO_ICMP)
			error_in(ask, ret);
		if (ret->verb == VERB_PASS && translator->kind == ELEMENT_FRONTEND &&
		    !be32_equal(arriving.dst, translator->addr))
			nothing_takes(ask, &arriving, ret);
		return;
	}
	const struct tuple key = balance_key(translator, &arriving);
	const struct balanced_flow *flow = flows_find(translator->flows, &key, world->now);
	bool opens = arriving.proto != PROTO_TCP || packet_is_fragment(ask->packet) || opens_connection(ask->packet);
	if (!admits(ask, rule, &arriving, &key, flow, opens, ret))
		return;
	uint32_t machine = machine_for(ask, rule, &arriving, flow, opens && arriving.proto == PROTO_TCP);
	if (machine == NONE)
		drop(ask, REASON_NO_HEALTHY_BACKEND, rule,
		     rule->n_backends == 0 ? "the pool has no machine" : "no machine of the pool answers its probes",
		     ret);
	else if (translator->balance->is_internal && be32_equal(arriving.src, world->machines[machine].addr))
		drop(ask, REASON_LOAD_BALANCER_LOOP, rule,
		     "the load balancer chose the caller, and a machine gets no answer from itself through its own "
		     "frontend",
		     ret);
	else
		enter(ask, CHANGE_DST, rule, machine, port_of_machine(rule, arriving.dst_port), ret);
}

/* A decision for a flow: not about an error, and not of the NAT. */
static bool is_of_flow(const struct decision *decision)
{
	return decision->verb == VERB_GO &&
	       (decision->change.kind == CHANGE_DST || decision->change.kind == CHANGE_NONE);
}

static void balanced_call_commit(struct world *world, const struct leg *leg, struct packet *packet,
				 struct decision *decision)
{
	struct translator *translator = translator_at(world, leg->at);
	if (!is_of_flow(decision))
		return;
	const struct tuple arriving = arriving_at(translator, packet), key = balance_key(translator, &arriving);
	const struct balancing *rule = balance_rule(world, translator, &arriving);
	if (!rule)
		return; /* an error about a flow that passes */
	world_fail(world, flows_open(translator->flows, &key, rule->lane, world->nodes[decision->next.at].index,
				     ip_bytes(packet), world->now));
	if (__builtin_expect(!rule->resets, 1))
		return;
	note_ack(translator, rule, &key, !tuple_equal(&arriving, &key), packet);
	balance_arm(world, translator);
}

static void balanced_call_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (!is_of_flow(decision) || trial->n_mappings == TRIAL_MAX)
		return;
	const struct translator *translator = here(ask);
	const struct tuple arriving = packet_tuple(ask->packet);
	struct tuple inside = tuple_reverse(balance_key(translator, &arriving)), outside = inside;
	if (decision->change.kind == CHANGE_DST) {
		inside.src = decision->change.addr;
		inside.src_port = decision->change.port;
	}
	trial->mappings[trial->n_mappings].node = ask->leg.at;
	trial->mappings[trial->n_mappings].inside = inside;
	trial->mappings[trial->n_mappings++].outside = outside;
}

/* What no rule takes is the NAT's. */
enum known vip_known_in(struct world *world, struct leg *leg, struct packet *packet)
{
	const struct translator *translator = translator_at(world, leg->at);
	const struct tuple arriving = packet_tuple(packet);
	if (!translator->hairpin || arriving.proto != PROTO_TCP || translator->kind == ELEMENT_FRONTEND ||
	    trail_wanted(&world->trail, STEP_FORWARD, packet) || balance_rule(world, translator, &arriving))
		return KNOWN_NOT;
	return translate_known_in(world, leg, packet);
}

const struct stage vip_in[] = {
	{"may it turn round here?", arrives, arrives_commit, NULL},
	{"a balanced connection?", balanced_call, balanced_call_commit, balanced_call_suppose},
	{"destination NAT", translate_in_decide, translate_in_commit, NULL},
	{NULL, NULL, NULL, NULL},
};
