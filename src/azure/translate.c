/* DOC: what all translators share: an environment's VIP, the addresses that Azure lends, a site's NAT, an appliance. The rules are rule/nat.h's;
 * here a packet becomes a question, and the answer is applied and told, or drops the packet. Each translator has one timer in the event queue. */
#include "azure/world_internal.h"
#include <errno.h>

/* ---- making ---- */

int translate_build(struct world *world, uint32_t index, const struct nat_config *config)
{
	struct translator *translator = &world->translators[index];
	bool by_address = config->udp_by_address && config->mapping == NAT_ADDRESS_AND_PORT_DEPENDENT;
	struct nat_rules rules = {
		.address = translator->addr,
		.mapping = (enum nat_depends)config->mapping,
		.udp_mapping = by_address ? NAT_ON_ADDRESS : (enum nat_depends)config->mapping,
		.filtering = (enum nat_depends)config->filtering,
		.allocation = (enum nat_allocates)config->allocation,
		.port_first = config->port_first,
		.port_last = config->port_last,
		.reuse_ports = config->reuse == NAT_REUSE_PER_DESTINATION,
		.hairpin = config->hairpin,
		.translate_icmp = config->translate_icmp,
		.translate_fragments = config->translate_fragments,
		.tcp_idle_ns = config->tcp_idle_ns,
		.tcp_transitory_ns = config->tcp_transitory_ns,
		.tcp_reset_ns = config->tcp_reset_ns,
		.udp_idle_ns = config->udp_idle_ns,
		.udp_stream_ns = config->udp_stream_ns,
		.icmp_idle_ns = config->icmp_idle_ns,
		.seed = random_join(world->seed, world->nodes[translator->node].identity),
	};
	translator->hairpin = config->hairpin;
	translator->nat_place = config->place;
	return nat_new(&rules, &translator->nat);
}

/* ---- the timer ---- */

static void arm(struct world *world, uint32_t index)
{
	struct translator *translator = &world->translators[index];
	struct instant due = nat_expiry(translator->nat);
	if (!instant_before(due, translator->armed))
		return;
	translator->armed = due;
	struct event event = {.at = due, .key = event_key(translator->node, translator->node), .kind = WHAT_NAT_TIMER, .a = index};
	world_fail(world, queue_push(&world->queue, event));
}

int translate_timer(struct world *world, uint32_t index)
{
	struct translator *translator = &world->translators[index];
	if (instant_before(world->now, translator->armed))
		return 0; /* an earlier timer took its place and armed again */
	translator->armed = INSTANT_NEVER;
	int r = nat_handle(translator->nat, world->now);
	arm(world, index);
	return r;
}

/* ---- packets ---- */

static struct nat_question question_of(const struct world *world, const struct packet *packet, uint32_t owner)
{
	struct nat_question question = {.tuple = packet_tuple(packet), .owner = owner, .ip_bytes = packet_frame_bytes(packet) - 14,
					.hint = connection_at(world, packet->connection)->mapping};
	if (question.tuple.proto == PROTO_TCP)
		question.tcp_flags = ((const struct tcp_header *)packet_l4_const(packet))->flags;
	return question;
}

void translate_drop(struct world *world, const struct translator *translator, struct packet *packet, enum reason reason, const char *rule, const char *detail)
{
	struct verdict verdict = {.reason = reason, .by = world->nodes[translator->node].name, .rule = rule, .detail = detail, .place = translator->nat_place};
	path_drop(world, translator->node, packet, &verdict, 0);
}

void translate_tell(struct world *world, const struct translator *translator, const struct packet *packet, uint32_t flags, const char *rule,
		    const struct tuple *before)
{
	world->flows[connection_at(world, packet->connection)->flow].translated++;
	world->counts.translated++;
	if (!trail_wanted(&world->trail, STEP_TRANSLATE))
		return;
	struct verdict verdict = {.by = world->nodes[translator->node].name, .rule = rule, .place = translator->place};
	path_step(world, translator->node, packet, STEP_TRANSLATE, flags, &verdict, before);
}

static void count_exhausted(struct world *world, struct translator *translator, const struct station *from, const struct packet *packet)
{
	struct connection *connection = connection_at(world, packet->connection);
	if (connection->flags & CONNECTION_EXHAUSTED)
		return;
	connection->flags |= CONNECTION_EXHAUSTED;
	translator->exhausted++;
	if (from && from->kind == STATION_WORKER)
		translator->exhausted_by_worker[from->number]++;
}

/* The name of the rule by which it translates: Azure's own word at its load balancer. */
static const char *rule_name(const struct translator *translator)
{
	return translator->region != NONE && translator->site == NONE ? "snat" : "nat";
}

bool translate_out(struct world *world, uint32_t index, const struct station *from, struct packet *packet)
{
	struct translator *translator = &world->translators[index];
	struct nat_question question = question_of(world, packet, from && from->kind == STATION_WORKER ? from->number : 0);
	struct nat_answer answer;
	if (packet_is_fragment(packet)) {
		translate_drop(world, translator, packet, REASON_FRAGMENT_NOT_TRANSLATED, NULL, NULL);
		return false;
	}
	int r = nat_outbound(translator->nat, &question, world->now, &answer);
	if (r < 0) {
		world_fail(world, r);
		packets_put(&world->packets, packet);
		return false;
	}
	if (answer.reason != REASON_NONE) {
		if (answer.reason == REASON_SNAT_PORTS_EXHAUSTED)
			count_exhausted(world, translator, from, packet);
		translate_drop(world, translator, packet, answer.reason, rule_name(translator), NULL);
		return false;
	}
	if (answer.created || (question.tcp_flags & (TCP_FIN | TCP_RST | TCP_SYN)) != 0)
		arm(world, index);
	connection_at(world, packet->connection)->mapping = answer.mapping;
	packet_rewrite_src(packet, answer.addr, answer.port);
	translate_tell(world, translator, packet, STEP_SEEN | STEP_REALM, rule_name(translator), &question.tuple);
	return true;
}

static const char *why_no_mapping(const struct translator *translator, const struct tuple *tuple, bool ever)
{
	if (ever)
		return "the mapping that this port had towards the sender has ended";
	if (translator->ase == NONE)
		return "nobody inside asked for it";
	return be16_to(tuple->dst_port) == 0 ? NULL : "no load balancing rule for this port, and no mapping";
}

enum translate_way translate_in(struct world *world, uint32_t index, struct packet *packet, struct verdict *ret)
{
	struct translator *translator = &world->translators[index];
	struct nat_question question = question_of(world, packet, 0);
	const struct tuple before = question.tuple;
	struct nat_answer answer;
	*ret = (struct verdict){.by = world->nodes[translator->node].name, .place = translator->nat_place};
	int r = nat_inbound(translator->nat, &question, world->now, &answer);
	if (r < 0) {
		world_fail(world, r);
		packets_put(&world->packets, packet);
		return TRANSLATE_FAILED;
	}
	if (answer.reason != REASON_NONE) {
		bool ever = nat_port_was_mapped(translator->nat, before.proto, be16_to(before.dst_port));
		ret->reason = answer.reason == REASON_NO_MAPPING && !ever && translator->ase != NONE ? REASON_VIP_PORT_CLOSED : answer.reason;
		ret->detail = ret->reason == REASON_FILTERED ? NULL : why_no_mapping(translator, &before, ever);
		return TRANSLATE_UNKNOWN;
	}
	if ((question.tcp_flags & (TCP_FIN | TCP_RST)) != 0)
		arm(world, index);
	connection_at(world, packet->connection)->mapping = answer.mapping;
	packet_rewrite_dst(packet, answer.addr, answer.port);
	translate_tell(world, translator, packet, STEP_REALM | STEP_INBOUND, rule_name(translator), &before);
	return TRANSLATE_DONE;
}
