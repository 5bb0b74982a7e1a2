/* DOC: the fate of a packet that is not sent: the stages of drive.h, asked one after the other, nothing
 * committed. Time stands still: links are crossed at once, a loss by chance does not happen, and what the packet would
 * leave behind (a mapping, a flow record) is kept in a trial, so that its answer can be asked about, too. */
#include "network/drive.h"

struct walk {
	struct ask ask;
	struct packet packet;
	struct trial trial;
	bool skips_groups;
	bool counts_use;
	fate_asked *asked; /* NULL */
	void *context;
	struct world_fate *fate;
};

/* ---- the packet that is asked about ---- */

static void make_packet(const struct world *world, const struct tuple *tuple, uint8_t tcp_flags, uint8_t ttl,
			struct packet *ret)
{
	*ret = (struct packet){0};
	craft_start(ret, tuple->proto == PROTO_TCP   ? &world->craft.tcp
			 : tuple->proto == PROTO_UDP ? &world->craft.udp
						     : &world->craft.echo);
	ret->payload = NULL;
	ret->payload_offset = ret->payload_bytes = 0;
	struct ipv4_header *ip = packet_ip(ret);
	ip->ttl = ttl;
	ip->src = tuple->src;
	ip->dst = tuple->dst;
	if (tuple->proto == PROTO_ICMP) {
		((struct icmp_header *)packet_l4(ret))->id = tuple->src_port;
	} else {
		struct udp_header *ports = packet_l4(ret); /* TCP has its ports in the same place */
		ports->src_port = tuple->src_port;
		ports->dst_port = tuple->dst_port;
	}
	if (tuple->proto == PROTO_TCP)
		((struct tcp_header *)packet_l4(ret))->flags = tcp_flags;
	packet_finish(ret);
}

void fate_packet(const struct world *world, const struct tuple *tuple, bool is_answer, struct packet *ret)
{
	make_packet(world, tuple, is_answer ? TCP_SYN | TCP_ACK : TCP_SYN, 64, ret);
	ret->flags = is_answer ? 0 : PACKET_FROM_CALLER | PACKET_OPENING;
}

/* ---- the loop ---- */

static void ended(struct walk *walk, uint32_t node, struct verdict verdict)
{
	walk->fate->node = node;
	walk->fate->verdict = verdict;
	walk->fate->tuple = packet_tuple(&walk->packet);
}

static void taken_by_stack(struct walk *walk)
{
	const struct world *world = walk->ask.world;
	const struct machine *machine = machine_at(world, walk->ask.leg.at);
	const struct tuple tuple = packet_tuple(&walk->packet);
	struct verdict verdict = {.by = world->nodes[machine->node].name};
	bool opens = tuple.proto != PROTO_TCP ||
		     (((const struct tcp_header *)packet_l4_const(&walk->packet))->flags & TCP_ACK) == 0;
	if (opens && tuple.proto != PROTO_ICMP &&
	    !machine_listens(world, machine, be16_to(tuple.dst_port), tuple.proto))
		verdict.reason = REASON_NO_LISTENER;
	ended(walk, machine->node, verdict);
}

/* True where the packet arrives at the far end of the links. */
static bool crosses(struct walk *walk, const struct decision *decision)
{
	const struct world *world = walk->ask.world;
	uint32_t at;
	drive_apply(decision, &walk->packet);
	(void)path_lower_ttl(&walk->packet, decision->carriage.internet_hops);
	struct verdict verdict = fabric_verdict(world, &decision->carriage, &at);
	if (verdict.reason != REASON_NONE) {
		ended(walk, at, verdict);
		return false;
	}
	walk->ask.leg = drive_arrival(world, decision->carriage.to);
	return true;
}

static bool is_passed_over(const struct walk *walk, const struct stage *stage)
{
	return walk->skips_groups && (stage->decide == machine_groups_out || stage->decide == machine_groups_in);
}

/* What decides about health is in use, as the lints of a run see it. The counters are no part of any decision. */
static void count_use(const struct walk *walk, const struct stage *stage, const struct decision *decision)
{
	const struct world *world = walk->ask.world;
	const struct machine *machine = machine_at(world, walk->ask.leg.at);
	if (stage->decide == machine_route && decision->route && decision->route->table != NONE)
		world->route_used[decision->route->table][decision->route->id]++;
	else if (stage->decide == machine_groups_out)
		security_count_use(world, machine, NSG_OUTBOUND, decision);
	else if (stage->decide == machine_groups_in)
		security_count_use(world, machine, NSG_INBOUND, decision);
	else if (walk->ask.leg.passage == PASSAGE_FORWARD)
		world->machines[machine - world->machines].used = true;
}

static void run(struct walk *walk)
{
	const struct stage *stage = passage_stages(walk->ask.leg.passage);
	for (;;) {
		struct decision decision = {.change = {.kind = CHANGE_NONE}};
		if (is_passed_over(walk, stage))
			decide_pass(&decision);
		else
			stage->decide(&walk->ask, &decision);
		if (walk->asked)
			walk->asked(walk->context, &walk->ask, stage, &decision);
		if (walk->counts_use && decision.verb != VERB_PASS)
			count_use(walk, stage, &decision);
		if (stage->suppose && decision.verb != VERB_DROP)
			stage->suppose(&walk->ask, &decision, &walk->trial);
		if (decision.change.kind != CHANGE_NONE && decision.verb != VERB_DROP)
			walk->fate->seen_by = walk->ask.leg.at;
		switch (decision.verb) {
		case VERB_PASSED:
			drive_apply(&decision, &walk->packet);
			stage++;
			continue;
		case VERB_PASS:
			stage++;
			continue;
		case VERB_GO:
		case VERB_GO_ALL:
			drive_apply(&decision, &walk->packet);
			walk->ask.leg = decision.next;
			break;
		case VERB_CARRY:
			decision.change.kind = CHANGE_NONE;
			if (!crosses(walk, &decision))
				return;
			break;
		case VERB_STACK:
			taken_by_stack(walk);
			return;
		case VERB_DROP:
			walk->fate->step_flags = decision.step_flags;
			ended(walk, decision.drop_at == NONE ? walk->ask.leg.at : decision.drop_at, decision.verdict);
			return;
		case VERB_TAKEN: /* a fragment that waits; questions are whole */
			ended(walk, walk->ask.leg.at, (struct verdict){.by = ""});
			return;
		}
		stage = passage_stages(walk->ask.leg.passage);
	}
}

/* ---- questions ---- */

static void begin(struct walk *walk, const struct world *world, struct world_fate *ret)
{
	walk->trial.n_mappings = walk->trial.n_records = walk->trial.n_public = walk->trial.n_private = 0;
	walk->skips_groups = walk->counts_use = false;
	walk->ask = (struct ask){.world = world, .packet = &walk->packet, .trial = &walk->trial};
	walk->asked = NULL;
	walk->fate = ret;
	*ret = (struct world_fate){.verdict = {.by = ""}, .node = NONE, .seen_by = NONE};
}

void fate_from(const struct world *world, struct leg leg, const struct tuple *tuple, struct trial *trial,
	       struct world_fate *ret)
{
	struct walk walk;
	begin(&walk, world, ret);
	walk.counts_use = true;
	make_packet(world, tuple, TCP_SYN, 64, &walk.packet);
	walk.packet.flags = PACKET_FROM_CALLER;
	walk.ask.leg = leg;
	run(&walk);
	*trial = walk.trial;
}

void fate_walk(const struct world *world, struct leg leg, const struct tuple *tuple, bool is_answer,
	       struct trial *trial, fate_asked *asked, void *context, struct world_fate *ret)
{
	struct walk walk;
	begin(&walk, world, ret);
	walk.trial = *trial;
	walk.asked = asked;
	walk.context = context;
	make_packet(world, tuple, is_answer ? TCP_SYN | TCP_ACK : TCP_SYN, 64, &walk.packet);
	walk.packet.flags = is_answer ? 0 : PACKET_FROM_CALLER;
	walk.ask.leg = leg;
	run(&walk);
	*trial = walk.trial;
}

void fate_of_answer(const struct world *world, uint32_t machine_node, const struct tuple *call,
		    const struct trial *trial, struct world_fate *ret)
{
	struct walk walk;
	const struct tuple answer = tuple_reverse(*call);
	const struct machine *machine = machine_at(world, machine_node);
	begin(&walk, world, ret);
	walk.trial = *trial;
	walk.counts_use = true;
	make_packet(world, &answer, TCP_SYN | TCP_ACK, machine->ttl, &walk.packet);
	walk.ask.leg = drive_start(world, machine, &walk.packet);
	run(&walk);
}

void world_fate(const struct world *world, uint32_t node, const struct tuple *tuple, bool skips_groups,
		struct world_fate *ret)
{
	struct walk walk;
	const struct machine *machine = machine_at(world, node);
	begin(&walk, world, ret);
	walk.skips_groups = skips_groups;
	make_packet(world, tuple, TCP_SYN, machine->ttl, &walk.packet);
	walk.packet.flags = PACKET_FROM_CALLER;
	walk.ask.leg = drive_start(world, machine, &walk.packet);
	run(&walk);
}

/* Of the range for benchmarks (RFC 2544), as the resolver's: no scenario has it, and no route names it, so that what is
 * said of it is said of the Internet. */
#define SOMEWHERE (PUBLIC_DNS_ADDR + 1)

/* A firewall lets out what its rules name alone: the scenario's hosts on the Internet are asked about. */
static be32 seen_by_hosts(const struct world *world, uint32_t node, uint32_t *ret_by)
{
	const struct machine *machine = machine_at(world, node);
	const struct model *model = world->model;
	for (size_t i = 0; i < model->n_hosts; i++) {
		const struct host_config *host = &model->hosts[i];
		for (size_t k = 0; host->kind == HOST_INTERNET && k < host->n_listen; k++) {
			const struct tuple tuple = {machine->addr, host->addr, be16_from(machine->next_port),
						    be16_from(host->listen[k].port), host->listen[k].proto};
			struct world_fate fate;
			world_fate(world, node, &tuple, true, &fate);
			*ret_by = fate.seen_by;
			if (fate.verdict.reason == REASON_NONE && fate.node == model->elements->host[i] &&
			    fate.seen_by != NONE)
				return fate.tuple.src;
		}
	}
	*ret_by = NONE;
	return ADDR_NONE;
}

be32 world_seen_from_outside(const struct world *world, uint32_t node, uint32_t *ret_by)
{
	const struct machine *machine = machine_at(world, node);
	struct tuple tuple = {machine->addr, be32_from(SOMEWHERE), be16_from(machine->next_port), be16_from(443),
			      PROTO_TCP};
	struct world_fate fate;
	world_fate(world, node, &tuple, true, &fate);
	*ret_by = fate.seen_by;
	bool arrived = fate.node == element_internet(world->model) && fate.verdict.reason == REASON_NO_ROUTE;
	if (arrived && fate.seen_by != NONE)
		return fate.tuple.src;
	if (!arrived && fate.node != NONE && world->nodes[fate.node].kind == ELEMENT_FIREWALL)
		return seen_by_hosts(world, node, ret_by);
	if (fate.verdict.reason != REASON_SNAT_PORTS_EXHAUSTED)
		return arrived && machine->realm == NONE ? machine->addr : ADDR_NONE;
	*ret_by = fate.node;
	const struct translator *translator = translator_at(world, fate.node);
	return nat_address_of(translator->nat, translate_owner_or_first(world, translator, machine), fate.tuple.src);
}

/* ---- the ways of a call ---- */

static bool is_fabric(const struct world *world, uint32_t node)
{
	enum element_kind kind = world->nodes[node].kind;
	return kind == ELEMENT_REGION || kind == ELEMENT_BACKBONE || kind == ELEMENT_INTERNET;
}

static void note_hop(void *context, const struct ask *ask, const struct stage *stage, const struct decision *decision)
{
	struct world_way *way = context;
	bool is_new = way->n == 0 || way->hops[way->n - 1].node != ask->leg.at;
	if (is_new && way->n < WORLD_WAY_MAX && !is_fabric(ask->world, ask->leg.at))
		way->hops[way->n++] = (struct world_hop){.node = ask->leg.at};
	if (stage->decide == machine_route && decision->route && way->n > 0)
		way->hops[way->n - 1].route = routing_verdict(ask->world, decision->route);
}

static void walk_way(const struct world *world, const struct machine *from, struct leg leg, const struct tuple *tuple,
		     bool is_answer, struct trial *trial, struct world_way *ret)
{
	struct walk walk;
	begin(&walk, world, &ret->fate);
	walk.trial = *trial;
	walk.skips_groups = true;
	walk.asked = note_hop;
	walk.context = ret;
	make_packet(world, tuple, is_answer ? TCP_SYN | TCP_ACK : TCP_SYN, from ? from->ttl : 64, &walk.packet);
	walk.packet.flags = is_answer ? 0 : PACKET_FROM_CALLER;
	walk.ask.leg = from ? drive_start(world, from, &walk.packet) : leg;
	run(&walk);
	*trial = walk.trial;
}

void fate_ways(const struct world *world, const struct machine *from, struct leg leg, const struct tuple *tuple,
	       struct world_way *ret_there, struct world_way *ret_back)
{
	struct trial trial = {0};
	ret_there->n = ret_back->n = 0;
	walk_way(world, from, leg, tuple, false, &trial, ret_there);
	uint32_t end = ret_there->fate.node;
	bool arrives = ret_there->fate.verdict.reason == REASON_NONE && end != NONE &&
		       element_is_end_point(world->nodes[end].kind);
	if (!arrives)
		return;
	const struct tuple answer = tuple_reverse(ret_there->fate.tuple);
	walk_way(world, machine_at(world, end), leg, &answer, true, &trial, ret_back);
}

bool world_ways(const struct world *world, uint32_t flow, uint32_t index, struct world_way *ret_there,
		struct world_way *ret_back)
{
	const struct connection *c = connection_at(world, world->flows[flow].first_connection + index);
	ret_there->n = ret_back->n = 0;
	if (c->caller == NONE)
		return false;
	const struct machine *caller = &world->machines[c->caller];
	struct tuple tuple = {caller->addr, c->to_addr, be16_from(c->from_port), be16_from(c->to_port),
			      world->model->flows[flow].proto};
	fate_ways(world, caller, (struct leg){PASSAGE_COUNT, NONE, NONE}, &tuple, ret_there, ret_back);
	return true;
}
