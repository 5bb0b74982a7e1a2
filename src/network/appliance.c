/* DOC: a network virtual appliance: a VM that takes packets for others and hands them on by the routes of its own
 * subnet, with NAT where it has one. It is a router (RFC 1812): TTL goes down by one, and the sender of a packet whose
 * TTL ends here gets an error. With a NAT it is stateful: a segment of a connection whose SYN it never saw has no
 * mapping and is dropped, which is how asymmetric ways are seen.
 *
 *   forwarding   TTL; NAT outward, where it has one; then NIC out, as a packet of its own
 *   own address  an answer of a mapping goes back inside, by NIC out; anything else is for its own stack
 *   own calls    have a place in the NAT's table, as those that it forwards */
#include "network/drive.h"

static void drop(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *machine = machine_at(world, ask->leg.at);
	struct verdict verdict = {.reason = REASON_TTL_EXPIRED, .by = world->nodes[machine->node].name};
	if (element_is_vm(machine->kind))
		verdict.place = world->model->hosts[machine->owner].place;
	decide_drop(ret, verdict, STEP_SEEN | STEP_INBOUND);
	decide_error(ret, ICMP_TIME_EXCEEDED, 0, 0, machine->addr, (struct leg){PASSAGE_NIC_OUT, machine->node, NONE});
}

static void ttl(const struct ask *ask, struct decision *ret)
{
	if (packet_outlives(ask->packet, 1)) {
		decide_passed(ret);
		ret->hops = 1;
	} else {
		drop(ask, ret);
	}
}

static void source_nat(const struct ask *ask, struct decision *ret)
{
	const struct machine *machine = machine_at(ask->world, ask->leg.at);
	if (machine->own_nat != NONE)
		translate_out_decide(ask, ret);
	else
		decide_go(ret, PASSAGE_NIC_OUT, machine->node, NONE);
}

static void source_nat_commit(struct world *world, const struct leg *leg, struct packet *packet,
			      struct decision *decision)
{
	if (machine_at(world, leg->at)->own_nat != NONE)
		translate_out_commit(world, leg, packet, decision);
	else
		path_step(world, leg->at, packet, STEP_FORWARD, STEP_SEEN, NULL, NULL);
}

static void suppose(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (machine_at(ask->world, ask->leg.at)->own_nat != NONE)
		translate_out_suppose(ask, decision, trial);
}

const struct stage appliance_forward[] = {
	{"TTL", ttl, NULL, NULL},
	{"sessions", stateful_decide, stateful_commit, stateful_suppose},
	{"source NAT", source_nat, source_nat_commit, suppose},
	{NULL, NULL, NULL, NULL},
};

static void answer_of_mapping(const struct ask *ask, struct decision *ret)
{
	translate_in_decide(ask, ret);
	const struct translator *translator = translator_at(ask->world, ask->leg.at);
	bool is_refused = ret->nat.fragment == FRAGMENT_AGAIN || ret->nat.fragment == FRAGMENT_OVERLAPS;
	bool is_invalid = ret->verb == VERB_DROP && ret->verdict.reason == REASON_NO_MAPPING &&
			  translator->unknown == NAT_UNKNOWN_ANSWER && !ret->nat.answer.untranslated;
	if (is_invalid || is_refused)
		ret->step_flags = STEP_SEEN | STEP_INBOUND;
	else if (ret->verb == VERB_DROP)
		ret->verb = VERB_STACK; /* there is no mapping: it is for the machine itself */
	else if (ret->verb == VERB_GO && ret->next.passage == PASSAGE_STACK)
		return; /* an answer to a call of its own */
	else if (ret->verb == VERB_GO && !packet_outlives(ask->packet, 1))
		drop(ask, ret);
	else
		ret->hops = 1;
}

static void answer_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	/* For another machine: its NIC sees it, as it sees what it forwards outward. */
	if (decision->verb == VERB_GO && decision->next.passage != PASSAGE_STACK)
		path_step(world, leg->at, packet, STEP_FORWARD, STEP_SEEN | STEP_INBOUND, NULL, NULL);
	if (decision->verb == VERB_GO || decision->verb == VERB_TAKEN)
		translate_in_commit(world, leg, packet, decision);
	else
		translate_others(world, leg, packet, decision);
}

const struct stage appliance_own_out[] = {
	{"a call of its own?", translate_own_decide, translate_own_commit, translate_out_suppose},
	{NULL, NULL, NULL, NULL},
};

const struct stage appliance_in[] = {
	{"an answer of a mapping?", answer_of_mapping, answer_commit, translate_in_suppose},
	{NULL, NULL, NULL, NULL},
};
