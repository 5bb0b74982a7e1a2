/* DOC: a log has what each network card sees of a flow: which group's rule admitted or denied it, and packets and bytes
 * in both directions, with headers. A tuple is a line of a flow's life: it begins (B), goes on (C, each five minutes
 * while packets come), ends (E), or was denied (D). TCP ends with both FINs or a RST, other flows with their last
 * packet; a TCP flow that is open at the end of the run is written as going on. A call that is denied is one line,
 * however often its SYN is retransmitted. What no group is asked for is in the log of its network alone. */
#include "out/flow_log.h"
#include "net/header.h"
#include "out/flow_log_text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define GOES_ON_NS INT64_C(300000000000)
#define FORGOTTEN_NS INT64_C(240000000000) /* of UDP and ICMP, and of what was denied: then it is another flow */
#define SLOTS_MIN 1024u

static uint32_t hash_of(uint32_t node, const struct tuple *tuple)
{
	uint64_t h = ((uint64_t)tuple->src.raw << 32 | tuple->dst.raw) * UINT64_C(0x9e3779b97f4a7c15);
	h ^= ((uint64_t)tuple->src_port.raw << 32 | tuple->dst_port.raw) * UINT64_C(0xc2b2ae3d27d4eb4f);
	h ^= ((uint64_t)node << 8 | tuple->proto) * UINT64_C(0x165667b19e3779f9);
	return (uint32_t)(h ^ h >> 29 ^ h >> 47);
}

/* ---- the table ---- */

static bool grow(struct flow_log *log)
{
	size_t capacity = log->capacity ? log->capacity * 2 : SLOTS_MIN / 2;
	struct logged_flow *flows = realloc(log->flows, capacity * sizeof *flows);
	if (!flows)
		return false;
	log->flows = flows;
	log->capacity = capacity;
	uint32_t *slots = calloc(capacity * 2, sizeof *slots);
	if (!slots)
		return false;
	free(log->slots);
	log->slots = slots;
	for (size_t i = 0; i < log->n; i++) {
		uint32_t *slot = &slots[hash_of(flows[i].node, &flows[i].tuple) & (capacity * 2 - 1)];
		flows[i].next = *slot;
		*slot = (uint32_t)i + 1;
	}
	return true;
}

/* The newest flow of this tuple at this node; NULL. */
static struct logged_flow *find(struct flow_log *log, uint32_t node, const struct tuple *tuple)
{
	if (log->capacity == 0)
		return NULL;
	uint32_t at = log->slots[hash_of(node, tuple) & (log->capacity * 2 - 1)];
	for (; at != 0; at = log->flows[at - 1].next)
		if (log->flows[at - 1].node == node && tuple_equal(&log->flows[at - 1].tuple, tuple))
			return &log->flows[at - 1];
	return NULL;
}

static struct logged_flow *add(struct flow_log *log, const struct step *step, bool inbound)
{
	if (log->n == log->capacity && !grow(log))
		return NULL;
	struct logged_flow *flow = &log->flows[log->n];
	uint32_t *slot = &log->slots[hash_of(step->node, &step->before) & (log->capacity * 2 - 1)];
	*flow = (struct logged_flow){
		.node = step->node, .tuple = step->before, .inbound = inbound, .first = step->at, .next = *slot};
	*slot = (uint32_t)++log->n;
	return flow;
}

/* ---- one packet ---- */

static const struct tcp_header *tcp_of(const struct packet *packet, const struct tuple *tuple)
{
	return tuple->proto == PROTO_TCP ? packet_l4_const(packet) : NULL;
}

static bool opens(const struct step *step)
{
	const struct tcp_header *tcp = tcp_of(step->packet, &step->before);
	return tcp && (tcp->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static bool is_over(const struct logged_flow *flow, const struct step *step)
{
	bool silent = step->at.ns - flow->last.ns > FORGOTTEN_NS;
	if (flow->tuple.proto != PROTO_TCP || flow->denied)
		return silent;
	return opens(step) && (flow->ended || silent);
}

static void note_group(struct logged_flow *flow, const struct verdict *verdict)
{
	const char *group = verdict_group(verdict);
	if (!group || !verdict->rule)
		return;
	for (size_t i = 0; i < flow->n_groups; i++)
		if (strcmp(flow->groups[i].name, group) == 0)
			return;
	if (flow->n_groups < sizeof flow->groups / sizeof *flow->groups)
		flow->groups[flow->n_groups++] = (struct logged_group){group, verdict->rule, !verdict->place.file};
}

/* Of the IPv4 packet; TCP's options are left out. */
static uint32_t bytes_of(const struct packet *packet, const struct tcp_header *tcp)
{
	if (tcp)
		return (uint32_t)(sizeof(struct ipv4_header) + sizeof *tcp) + packet->payload_bytes;
	return be16_to(packet_ip_const(packet)->total_bytes);
}

static void count(struct logged_flow *flow, const struct step *step, bool back)
{
	const struct tcp_header *tcp = tcp_of(step->packet, &step->before);
	if (flow->last_packet == step->packet->id + 1 && flow->last.ns == step->at.ns)
		return; /* a second group was asked for it */
	flow->last_packet = step->packet->id + 1;
	flow->last = step->at;
	flow->packets[back]++;
	flow->bytes[back] += bytes_of(step->packet, tcp);
	if (!tcp)
		return;
	if (tcp->flags & TCP_RST)
		flow->ended = true;
	if (tcp->flags & TCP_FIN)
		flow->fins |= (uint8_t)(1u << back);
	flow->ended = flow->ended || flow->fins == 3;
}

/* Later fragments have no ports; an ICMP error is about a flow that has lines of its own. */
static bool is_of_no_flow(const struct step *step)
{
	if (be16_to(packet_ip_const(step->packet)->flags_fragment) & IPV4_OFFSET_MASK)
		return true;
	if (step->before.proto != PROTO_ICMP)
		return false;
	uint8_t type = ((const struct icmp_header *)packet_l4_const(step->packet))->type;
	return type != ICMP_ECHO && type != ICMP_ECHO_REPLY;
}

static int take(struct flow_log *log, const struct step *step, bool inbound, bool denied)
{
	struct tuple reverse = tuple_reverse(step->before);
	struct logged_flow *flow = find(log, step->node, &reverse);
	bool back = flow && !is_over(flow, step);
	if (!back)
		flow = find(log, step->node, &step->before);
	if (!back && (!flow || is_over(flow, step)))
		flow = add(log, step, inbound);
	if (!flow)
		return -ENOMEM;
	/* A packet of a flow that was admitted before is one that a change of the rules keeps out. */
	if (denied && (!flow->seen || flow->last_packet == step->packet->id + 1))
		flow->denied = true;
	note_group(flow, &step->verdict);
	bool first = !flow->seen;
	flow->seen = true;
	if (!first && step->at.ns - flow->written.ns > GOES_ON_NS && !flow->denied)
		flow_log_goes_on(log, flow);
	count(flow, step, back);
	if (first)
		flow->written = step->at;
	return log->failed ? -ENOMEM : 0;
}

static int observe(void *context, const struct step *step)
{
	struct flow_log *log = context;
	const struct flow_log_node *node = &log->config.nodes[step->node];
	bool inbound = step->flags & STEP_INBOUND, filtered = step->kind == STEP_FILTER;
	bool by_firewall = filtered && step->verdict.rule && !verdict_group(&step->verdict);
	if (!node->vnet || is_of_no_flow(step) || by_firewall)
		return 0;
	bool denied = step->kind == STEP_DROP && step->verdict.reason == REASON_NSG_DENY;
	if (step->kind == STEP_DROP && !denied)
		return 0;
	if (!filtered && !denied && node->guarded)
		return 0;
	return take(log, step, filtered || denied ? inbound : step->kind == STEP_DELIVER, denied);
}

int flow_log_new(const struct flow_log_config *config, struct flow_log **ret)
{
	*ret = calloc(1, sizeof **ret);
	if (!*ret)
		return -ENOMEM;
	(*ret)->config = *config;
	return 0;
}

struct trail_observer flow_log_observer(struct flow_log *log)
{
	return (struct trail_observer){.wants = 1u << STEP_FILTER | 1u << STEP_DROP | 1u << STEP_ORIGINATE |
						1u << STEP_DELIVER,
				       .step = observe,
				       .context = log};
}

struct flow_log *flow_log_free(struct flow_log *log)
{
	if (!log)
		return NULL;
	free(log->flows);
	free(log->slots);
	free(log->lines);
	free(log);
	return NULL;
}
