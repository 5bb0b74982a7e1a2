/* DOC: what all translators share: an environment's VIP, the addresses that Azure lends, a site's NAT, an appliance.
 * The rules are rule/nat.h's; here a packet becomes a question, and the answer is applied and told, or drops the
 * packet. Each translator has one timer in the event queue.
 *
 * An ICMP error is translated with the packet inside it (RFC 5508 R4, R5): that one decides. Of a fragmented datagram
 * the first piece does, the others follow it (translate_fragments.c). */
#include "network/world_internal.h"
#include <errno.h>
#include <string.h>

/* ---- making ---- */

static void mapping_ended(void *context, const struct nat_mapping *mapping, const struct nat_acks *acks,
			  enum nat_end why, struct instant at)
{
	struct translator *translator = context;
	results_mapping(translator->world, translator, mapping, at, nat_end_name(why));
	if (translator->resets_on_idle && why == NAT_END_IDLE)
		reset_both_ends(translator, mapping, acks);
}

int translate_build(struct world *world, uint32_t index, const struct nat_rules *config)
{
	struct translator *translator = &world->translators[index];
	struct nat_rules rules = *config;
	if (rules.n_addresses == 0) {
		rules.addresses = &translator->addr;
		rules.n_addresses = 1;
	}
	rules.seed = random_join(world->seed, world->nodes[translator->node].identity);
	translator->world = world;
	translator->hairpin = config->hairpin;
	translator->translates_icmp = config->translate_icmp;
	translator->translates_fragments = config->translate_fragments;
	translator->resets_on_idle = config->reset_on_idle;
	translator->nat_place = config->place;
	int r = nat_new(&rules, &translator->nat);
	/* At a VIP the instances are its workers: vip_resize(). */
	if (r == 0 && translator->ase == NONE && config->ports_per_worker != NAT_PORTS_SHARED &&
	    config->ports_per_worker != NAT_PORTS_AUTO)
		nat_blocks_by_source(translator->nat, config->ports_per_worker);
	if (r == 0)
		nat_observe(translator->nat, mapping_ended, translator);
	return r;
}

/* ---- the timer ---- */

static void arm(struct world *world, uint32_t index)
{
	struct translator *translator = &world->translators[index];
	struct instant due = nat_expiry(translator->nat);
	if (!instant_before(due, translator->armed))
		return;
	translator->armed = due;
	struct event event = {
		.at = due, .key = event_key(translator->node, translator->node), .kind = WHAT_NAT_TIMER, .a = index};
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

/* `unasked`: the type of echo that does not go this way. */
static struct nat_question question_of(const struct world *world, const struct packet *packet, uint32_t owner,
				       uint8_t unasked)
{
	struct nat_question question = {.tuple = packet_tuple(packet),
					.owner = owner,
					.ip_bytes = packet_frame_bytes(packet) - 14,
					.reference = packet->connection,
					.hint = connection_at(world, packet->connection)->mapping};
	if (question.tuple.proto == PROTO_TCP) {
		const struct tcp_header *tcp = packet_l4_const(packet);
		question.tcp_flags = tcp->flags;
		question.tcp_ack = be32_to(tcp->ack);
	} else if (question.tuple.proto == PROTO_ICMP) {
		question.unasked = ((const struct icmp_header *)packet_l4_const(packet))->type == unasked;
	}
	return question;
}

/* The balancer's rules are the environment's, all others the NAT's: a rule has one line, rewrite it or drop it. */
struct place translate_place(const struct translator *translator, const char *rule)
{
	bool of_balancer = rule && (strcmp(rule, "load-balancer") == 0 || strcmp(rule, "management") == 0);
	return of_balancer || !translator->nat_place.file ? translator->place : translator->nat_place;
}

void translate_drop(struct world *world, const struct translator *translator, struct packet *packet, enum reason reason,
		    const char *rule, const char *detail)
{
	struct verdict verdict = {.reason = reason,
				  .by = world->nodes[translator->node].name,
				  .rule = rule,
				  .detail = detail,
				  .place = translate_place(translator, rule)};
	/* An appliance is a machine: what it drops it has seen arrive. Outside a NAT that is none only what leaves it
	 * is seen. */
	path_drop(world, translator->node, packet, &verdict,
		  world->nodes[translator->node].kind == NODE_STATION ? STEP_SEEN | STEP_INBOUND : 0);
}

/* A NAT whose own address comes round to it once more may give it the port that it has. */
static bool is_unchanged(const struct packet *packet, const struct tuple *before)
{
	const struct ipv4_header *ip = packet_ip_const(packet);
	if (!be32_equal(ip->src, before->src) || !be32_equal(ip->dst, before->dst))
		return false; /* nearly always */
	struct tuple after = packet_tuple(packet);
	return tuple_equal(before, &after);
}

void translate_tell(struct world *world, const struct translator *translator, const struct packet *packet,
		    uint32_t flags, const char *rule, const struct tuple *before)
{
	if (is_unchanged(packet, before)) {
		if ((flags & STEP_INBOUND) != 0) /* a connection of the machine's own, which kept its port */
			return;
		path_step(world, translator->node, packet, STEP_FORWARD, STEP_SEEN, NULL, NULL);
		return;
	}
	world->flows[packet->flow].translated++;
	world->counts.translated++;
	if (!trail_wanted(&world->trail, STEP_TRANSLATE))
		return;
	struct verdict verdict = {
		.by = world->nodes[translator->node].name, .rule = rule, .place = translate_place(translator, rule)};
	path_step(world, translator->node, packet, STEP_TRANSLATE, flags, &verdict, before);
}

static void count_exhausted(struct world *world, struct translator *translator, const struct station *from,
			    const struct packet *packet)
{
	struct connection *connection = connection_at(world, packet->connection);
	if (connection->flags & CONNECTION_EXHAUSTED)
		return;
	connection->flags |= CONNECTION_EXHAUSTED;
	translator->exhausted++;
	if (from && from->kind == STATION_WORKER)
		translator->exhausted_by_worker[from->number]++;
	nat_note_refused(translator->nat, packet_ip_const(packet)->src);
}

/* Azure's own word at its load balancer. */
const char *translate_rule(const struct translator *translator)
{
	return translator->region != NONE && translator->site == NONE ? "snat" : "nat";
}

bool translate_is_error(const struct packet *packet)
{
	const struct icmp_header *icmp = packet_l4_const(packet);
	return packet_ip_const(packet)->proto == PROTO_ICMP && !packet_is_fragment(packet) && icmp->type != ICMP_ECHO &&
	       icmp->type != ICMP_ECHO_REPLY;
}

/* RFC 5508 REQ-3: neither the error nor the IP header inside it may be damaged; the rest of what is inside is nobody's
 * business here. */
enum reason translate_error_about(const struct packet *packet, struct tuple *ret)
{
	if (!icmp_error_inner(packet, ret))
		return REASON_NO_MAPPING;
	return packet_checksums_valid(packet) && packet_inner_checksum_valid(packet) ? REASON_NONE
										     : REASON_BAD_CHECKSUM;
}

static void failed(struct world *world, struct packet *packet, int error)
{
	world_fail(world, error);
	packets_put(&world->packets, packet);
}

/* What a fragment's datagram is known by; a packet that is none has no use for it. */
static struct fragment_key key_of(const struct packet *packet, bool outbound)
{
	const struct ipv4_header *ip = packet_ip_const(packet);
	return (struct fragment_key){outbound, ip->proto, ip->id, ip->src, ip->dst};
}

/* ---- outward ---- */

/* An error from the inside, about a packet that came in: it leaves from the address to which that packet came. */
static struct packet *error_out(struct world *world, struct translator *translator, struct packet *packet)
{
	const struct tuple before = packet_tuple(packet);
	struct tuple inner;
	struct nat_answer answer = {.reason = translate_error_about(packet, &inner)};
	if (answer.reason == REASON_NONE)
		nat_error(translator->nat, true, &inner, world->now, &answer);
	if (answer.reason != REASON_NONE) {
		translate_drop(world, translator, packet, answer.reason, translate_rule(translator), NULL);
		return NULL;
	}
	packet_rewrite_inner_dst(packet, answer.addr, answer.port);
	packet_rewrite_src(packet, answer.addr, answer.port);
	translate_tell(world, translator, packet, STEP_SEEN | STEP_REALM, translate_rule(translator), &before);
	return packet;
}

static struct packet *fragment_out(struct world *world, struct translator *translator, struct packet *packet, be32 addr)
{
	const struct tuple before = packet_tuple(packet);
	packet_rewrite_src(packet, addr, before.src_port);
	translate_tell(world, translator, packet, STEP_SEEN | STEP_REALM, translate_rule(translator), &before);
	return packet;
}

struct packet *translate_out(struct world *world, uint32_t index, const struct station *from, struct packet *packet)
{
	struct translator *translator = &world->translators[index];
	struct nat_question question =
		question_of(world, packet, from && from->kind == STATION_WORKER ? from->number : 0, ICMP_ECHO_REPLY);
	struct nat_answer answer;
	const struct fragment_key key = key_of(packet, true);
	bool is_first = packet_is_fragment(packet);
	packet->next = NULL;
	if (__builtin_expect(is_first, 0)) {
		be32 addr;
		enum fragment_way way = fragments_ask(world, index, &key, packet, &addr);
		if (way != FRAGMENT_IS_FIRST)
			return way == FRAGMENT_ON ? fragment_out(world, translator, packet, addr) : NULL;
	}
	if (__builtin_expect(translator->divert != NULL, 0) && !is_first) {
		packet = divert_out(world, translator, &question, translate_is_error(packet), packet);
		arm(world, index);
		return packet;
	}
	if (__builtin_expect(translate_is_error(packet), 0))
		return error_out(world, translator, packet);
	int r = nat_outbound(translator->nat, &question, world->now, &answer);
	if (r < 0) {
		failed(world, packet, r);
		return NULL;
	}
	if (answer.reason != REASON_NONE) {
		if (answer.reason == REASON_SNAT_PORTS_EXHAUSTED)
			count_exhausted(world, translator, from, packet);
		translate_drop(world, translator, packet, answer.reason, translate_rule(translator), NULL);
		return NULL;
	}
	if (answer.created || (question.tcp_flags & (TCP_FIN | TCP_RST | TCP_SYN)) != 0)
		arm(world, index);
	connection_at(world, packet->connection)->mapping = answer.mapping;
	packet_rewrite_src(packet, answer.addr, answer.port);
	translate_tell(world, translator, packet, STEP_SEEN | STEP_REALM, translate_rule(translator), &question.tuple);
	if (__builtin_expect(is_first, 0))
		packet->next = fragments_release(world, index, &key, answer.addr);
	return packet;
}

bool translate_own(struct world *world, uint32_t index, struct packet *packet)
{
	struct translator *translator = &world->translators[index];
	struct nat_question question = question_of(world, packet, 0, ICMP_ECHO_REPLY);
	struct nat_answer answer;
	question.own = true;
	if (translator->divert || translate_is_error(packet) ||
	    (be16_to(packet_ip_const(packet)->flags_fragment) & IPV4_OFFSET_MASK) != 0 ||
	    !nat_has_address(translator->nat, question.tuple.src))
		return true;
	int r = nat_outbound(translator->nat, &question, world->now, &answer);
	if (r < 0) {
		failed(world, packet, r);
		return false;
	}
	if (answer.reason == REASON_SNAT_PORTS_EXHAUSTED) {
		count_exhausted(world, translator, NULL, packet);
		translate_drop(world, translator, packet, answer.reason, translate_rule(translator), NULL);
		return false;
	}
	arm(world, index);
	if (answer.reason != REASON_NONE || be16_equal(answer.port, question.tuple.src_port))
		return true;
	packet_rewrite_src(packet, answer.addr, answer.port);
	translate_tell(world, translator, packet, STEP_SEEN | STEP_REALM, translate_rule(translator), &question.tuple);
	return true;
}

/* ---- inward ---- */

static const char *why_no_mapping(const struct translator *translator, const struct tuple *tuple, bool ever)
{
	if (ever)
		return "the mapping that this port had towards the sender has ended";
	if (translator->ase == NONE)
		return "nobody inside asked for it";
	return be16_to(tuple->dst_port) == 0 ? NULL : "no load balancing rule for this port, and no mapping";
}

static void explain(const struct translator *translator, const struct tuple *tuple, enum reason reason,
		    struct verdict *ret)
{
	bool ever = nat_port_was_mapped(translator->nat, tuple->proto, tuple->dst, be16_to(tuple->dst_port));
	ret->reason = reason == REASON_NO_MAPPING && !ever && translator->ase != NONE ? REASON_VIP_PORT_CLOSED : reason;
	ret->detail = ret->reason == REASON_FILTERED ? NULL : why_no_mapping(translator, tuple, ever);
}

static enum translate_way error_in(struct world *world, struct translator *translator, struct packet *packet,
				   struct verdict *ret)
{
	const struct tuple before = packet_tuple(packet);
	struct tuple inner;
	struct nat_answer answer = {.reason = translate_error_about(packet, &inner)};
	if (answer.reason == REASON_NONE)
		nat_error(translator->nat, false, &inner, world->now, &answer);
	if (answer.reason != REASON_NONE) {
		ret->reason = answer.reason;
		ret->detail = answer.reason == REASON_NO_MAPPING ? "the error is about no packet of a mapping" : NULL;
		return TRANSLATE_UNKNOWN;
	}
	packet_rewrite_inner_src(packet, answer.addr, answer.port);
	packet_rewrite_dst(packet, answer.addr, answer.port);
	translate_tell(world, translator, packet, STEP_REALM | STEP_INBOUND, translate_rule(translator), &before);
	return TRANSLATE_DONE;
}

static enum translate_way fragment_in(struct world *world, struct translator *translator, struct packet *packet,
				      be32 addr)
{
	const struct tuple before = packet_tuple(packet);
	packet_rewrite_dst(packet, addr, before.dst_port);
	translate_tell(world, translator, packet, STEP_REALM | STEP_INBOUND, translate_rule(translator), &before);
	return TRANSLATE_DONE;
}

enum translate_way translate_in(struct world *world, uint32_t index, struct packet *packet, struct verdict *ret)
{
	struct translator *translator = &world->translators[index];
	struct nat_question question = question_of(world, packet, 0, ICMP_ECHO);
	const struct tuple before = question.tuple;
	struct nat_answer answer;
	const struct fragment_key key = key_of(packet, false);
	bool is_first = packet_is_fragment(packet);
	*ret = (struct verdict){.by = world->nodes[translator->node].name, .place = translate_place(translator, NULL)};
	packet->next = NULL;
	if (__builtin_expect(is_first, 0)) {
		be32 addr;
		enum fragment_way way = fragments_ask(world, index, &key, packet, &addr);
		if (way != FRAGMENT_IS_FIRST)
			return way == FRAGMENT_ON ? fragment_in(world, translator, packet, addr) : TRANSLATE_TAKEN;
	}
	if (__builtin_expect(translator->divert != NULL, 0) && !is_first)
		return divert_in(world, translator, &question, translate_is_error(packet), packet, ret);
	if (__builtin_expect(translate_is_error(packet), 0))
		return error_in(world, translator, packet, ret);
	int r = nat_inbound(translator->nat, &question, world->now, &answer);
	if (r < 0) {
		failed(world, packet, r);
		return TRANSLATE_TAKEN;
	}
	if (answer.reason != REASON_NONE) {
		explain(translator, &before, answer.reason, ret);
		return TRANSLATE_UNKNOWN;
	}
	if (answer.created || (question.tcp_flags & (TCP_FIN | TCP_RST)) != 0)
		arm(world, index);
	connection_at(world, packet->connection)->mapping = answer.mapping;
	packet_rewrite_dst(packet, answer.addr, answer.port);
	translate_tell(world, translator, packet, STEP_REALM | STEP_INBOUND, translate_rule(translator), &before);
	if (__builtin_expect(is_first, 0))
		packet->next = fragments_release(world, index, &key, answer.addr);
	return TRANSLATE_DONE;
}

/* ---- on from here ---- */

void translate_inside(struct world *world, const struct translator *translator, struct packet *packet)
{
	const struct node *node = &world->nodes[translator->node];
	uint32_t to = address_find(world, translator->realm, packet_ip_const(packet)->dst);
	if (node->kind == NODE_STATION && be32_equal(packet_ip_const(packet)->dst, translator->addr))
		station_input(world, node->index, packet);
	else if (node->kind == NODE_STATION) /* an appliance forwards by the routes of its subnet */
		path_leave(world, node->index, packet);
	else if (to != NONE && translator->site != NONE &&
		 nat_has_address(translator->nat, packet_ip_const(packet)->src))
		/* It turned round here, and has the site's own wire before it. At a VIP it came back through the
		 * region. */
		fabric_private(world, translator->node, to, LINK_SUBNET, packet);
	else if (to != NONE)
		path_deliver(world, world->nodes[to].index, packet);
	else /* what forced tunnelling had sent to a site's NAT */
		gateway_in(world, translator->node, translator->site, packet);
}

void translate_outside(struct world *world, const struct translator *translator, struct packet *packet)
{
	const struct node *node = &world->nodes[translator->node];
	if (node->kind == NODE_STATION)
		path_leave(world, node->index, packet);
	else
		fabric_public(world, translator->node, translator->region, packet);
}

void translate_in_and_on(struct world *world, uint32_t index, struct packet *packet)
{
	const struct translator *translator = &world->translators[index];
	struct verdict verdict;
	switch (translate_in(world, index, packet, &verdict)) {
	case TRANSLATE_DONE:
		break;
	case TRANSLATE_UNKNOWN:
		path_drop(world, translator->node, packet, &verdict, 0);
		return;
	case TRANSLATE_TAKEN:
		return;
	}
	for (struct packet *next; packet; packet = next) {
		next = packet->next;
		translate_inside(world, translator, packet);
	}
}
