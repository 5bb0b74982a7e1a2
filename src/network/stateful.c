/* DOC: an appliance that filters without NAT: it passes what belongs to a connection whose opening packet it saw, by
 * Linux's connection tracking with its timers (nf_conntrack-sysctl), and drops the rest: no-state. A SYN and ACK alone is
 * no opening packet, which is how an asymmetric way shows. */
#include "network/drive.h"
#include "rule/session.h"
#include <errno.h>

#define TCP_OPENING_NS (120 * NS_PER_S)
#define TCP_ESTABLISHED_NS (INT64_C(432000) * NS_PER_S)
#define UDP_NS (30 * NS_PER_S)
#define UDP_STREAM_NS (120 * NS_PER_S)
#define ICMP_NS (30 * NS_PER_S)

static int64_t idle_of(const struct session *session)
{
	bool answered = (session->flags & SESSION_ANSWERED) != 0;
	switch (session->from.proto) {
	case PROTO_TCP:
		return answered ? TCP_ESTABLISHED_NS : TCP_OPENING_NS;
	case PROTO_UDP:
		return answered ? UDP_STREAM_NS : UDP_NS;
	}
	return ICMP_NS;
}

static bool opens(const struct packet *packet)
{
	const struct tcp_header *tcp = packet_l4_const(packet);
	const struct icmp_header *icmp = packet_l4_const(packet);
	switch (packet_ip_const(packet)->proto) {
	case PROTO_TCP:
		return (tcp->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
	case PROTO_ICMP:
		return icmp->type == ICMP_ECHO;
	}
	return true;
}

/* Later fragments have no ports: they pass with the first one. */
static bool is_later_fragment(const struct packet *packet)
{
	return (be16_to(packet_ip_const(packet)->flags_fragment) & IPV4_OFFSET_MASK) != 0;
}

static bool is_supposed(const struct ask *ask, const struct tuple *tuple)
{
	const struct tuple back = tuple_reverse(*tuple);
	for (uint32_t i = 0; ask->trial && i < ask->trial->n_mappings; i++)
		if (ask->trial->mappings[i].node == ask->leg.at &&
		    (tuple_equal(&ask->trial->mappings[i].inside, tuple) ||
		     tuple_equal(&ask->trial->mappings[i].inside, &back)))
			return true;
	return false;
}

static bool belongs(const struct ask *ask, const struct sessions *sessions, struct session **ret, bool *ret_back)
{
	struct tuple tuple = packet_tuple(ask->packet), inner;
	*ret = NULL;
	if (translate_is_error(ask->packet)) {
		if (!icmp_error_inner(ask->packet, &inner))
			return false;
		tuple = inner;
	}
	*ret = session_find(sessions, &tuple, ask->world->now, ret_back);
	return *ret || is_supposed(ask, &tuple);
}

void stateful_decide(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct machine *machine = machine_at(world, ask->leg.at);
	struct session *session;
	bool back;
	decide_pass(ret);
	if (__builtin_expect(!machine->sessions, 1) || is_later_fragment(ask->packet))
		return;
	decide_passed(ret);
	if (belongs(ask, machine->sessions, &session, &back) ||
	    (opens(ask->packet) && !translate_is_error(ask->packet)))
		return;
	decide_drop(ret,
		    (struct verdict){.reason = REASON_NO_STATE,
				     .by = world->nodes[machine->node].name,
				     .detail = "its opening packet did not pass here",
				     .place = world->model->hosts[machine->owner].place},
		    STEP_SEEN | STEP_INBOUND);
}

void stateful_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	const struct machine *machine = machine_at(world, leg->at);
	const struct ask ask = {.world = world, .packet = packet, .leg = *leg};
	const struct tuple tuple = packet_tuple(packet);
	const struct tcp_header *tcp = packet_l4_const(packet);
	struct session *session;
	bool back = false;
	if (decision->verb == VERB_DROP || translate_is_error(packet))
		return;
	if (!belongs(&ask, machine->sessions, &session, &back))
		session = session_open(machine->sessions, &tuple, &tuple, world->now);
	if (!session) {
		world_fail(world, -ENOMEM);
		return;
	}
	session_note(session, back, tuple.proto == PROTO_TCP ? tcp->flags : 0, 0, world->now);
	session->idle_ns = idle_of(session);
}

void stateful_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (decision->verb != VERB_PASSED || trial->n_mappings == TRIAL_MAX)
		return;
	trial->mappings[trial->n_mappings].node = ask->leg.at;
	trial->mappings[trial->n_mappings].inside = trial->mappings[trial->n_mappings].outside =
		packet_tuple(ask->packet);
	trial->n_mappings++;
}
