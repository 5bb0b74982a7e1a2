/* DOC: what all NATs share: an environment's VIP, the addresses that Azure lends, a site's NAT, an appliance. The rules
 * are rule/nat.h's; here a packet becomes a `struct nat_packet`, and the answer a change of its headers or a drop. Each
 * NAT has one timer in the event queue.
 *
 * An ICMP error is translated with the packet inside it (RFC 5508 R4, R5): that one decides. Of a fragmented datagram
 * the first piece does, the others follow it (translate_fragments.c). */
#include "network/drive.h"
#include <errno.h>

/* ---- making ---- */

static void mapping_ended(void *context, const struct nat_mapping *mapping, const struct nat_acks *acks,
			  enum nat_end why, struct instant at)
{
	struct translator *translator = context;
	results_mapping(translator->world, translator, mapping, at, nat_end_name(why));
	if (translator->resets_on_idle && why == NAT_END_IDLE)
		reset_both_ends(translator, mapping, acks);
	ftp_gateway_mapping_ended(translator, mapping);
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
	translator->hairpin = config->hairpin && !config->hairpin_forwards_alone;
	translator->hairpins_forwards = config->hairpin && config->n_forwards > 0;
	translator->has_statics = config->n_statics > 0;
	translator->reads_ftp = (config->algs & NAT_ALG_FTP) != 0;
	translator->has_exceptions = config->n_except > 0 || config->n_only > 0;
	translator->translates_icmp = config->translate_icmp && !config->echo_alone;
	translator->translates_fragments = config->translate_fragments;
	translator->udp_fragments_alone = config->udp_fragments_alone;
	translator->unknown = config->unknown;
	translator->kernel_packets = config->kernel_packets;
	translator->resets_on_idle = config->reset_on_idle;
	translator->nat_place = config->place;
	int r = nat_new(&rules, &translator->nat);
	translator->follows_tcp = r == 0 && nat_follows_tcp(translator->nat);
	translator->is_usual = !translator->has_statics && !translator->has_exceptions && !translator->reads_ftp &&
			       !translator->kernel_packets && !element_is_end_point(translator->kind) &&
			       translator->kind != ELEMENT_SITE_NAT;
	if (r == 0 && !element_has_instances(translator->kind) && config->ports_per_worker != NAT_PORTS_SHARED &&
	    config->ports_per_worker != NAT_PORTS_AUTO)
		nat_blocks_by_source(translator->nat,
				     config->ports_per_worker == NAT_PORTS_DOUBLING ? 0 : config->ports_per_worker);
	if (r == 0)
		nat_observe(translator->nat, mapping_ended, translator);
	return r;
}

/* ---- the timer ---- */

void translate_arm(struct world *world, uint32_t index)
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
	translate_arm(world, index);
	return r;
}

/* ---- the packet, as the NAT sees it ---- */

void translate_packet(const struct packet *packet, uint32_t owner, bool outbound, uint32_t hint, struct nat_packet *ret)
{
	*ret = (struct nat_packet){.tuple = translate_tuple(packet),
				   .owner = owner,
				   .ip_bytes = packet_frame_bytes(packet) - 14,
				   .reference = packet->connection,
				   .hint = hint};
	if (ret->tuple.proto == PROTO_TCP) {
		const struct tcp_header *tcp = packet_l4_const(packet);
		ret->tcp_flags = tcp->flags;
		ret->tcp_ack = be32_to(tcp->ack);
	} else if (nat_is_query(ret->tuple.proto)) { /* replies do not go out, requests not in */
		ret->unasked = icmp_is_request(((const struct icmp_header *)packet_l4_const(packet))->type) != outbound;
	}
}

/* The mapping that its connection had last; none where it is not sent. */
static uint32_t hint_of(const struct ask *ask, const struct packet *packet)
{
	return ask->trial ? POOL_NONE : connection_at(ask->world, packet->connection)->mapping;
}

/* Whole, where the NAT follows TCP. */
static void follow(const struct packet *packet, const struct translator *translator, bool outbound,
		   struct decision *ret)
{
	if (!translator->follows_tcp || ret->nat.packet.tuple.proto != PROTO_TCP)
		return;
	translate_segment(packet, &ret->nat.segment);
	if (__builtin_expect(!!translator->ftp, 0) && !outbound)
		ftp_gateway_segment(translator, &ret->nat.packet.tuple, &ret->nat.segment);
	ret->nat.packet.segment = &ret->nat.segment;
}

static void ask_about_error(const struct translator *translator, bool outbound, const struct packet *packet,
			    struct instant now, struct nat_answer *ret)
{
	const struct icmp_header *error = packet_l4_const(packet);
	struct tuple inner;
	*ret = (struct nat_answer){.reason = translate_error_about(translator, packet, &inner)};
	if (ret->reason != REASON_NONE && translator->kernel_packets) {
		const struct nat_packet about = {.tuple = packet_tuple(packet)};
		nat_decide_invalid(translator->nat, !outbound, &about, ret);
	}
	if (ret->reason != REASON_NONE || ret->untranslated)
		return;
	if (__builtin_expect(!!translator->device, 0) && !outbound)
		inner.src_port = device_models_port(translator, inner.proto, inner.dst, inner.dst_port, inner.src_port);
	nat_error(translator->nat, outbound, &inner, now, ret);
	if (ret->reason == REASON_NONE && error->type == ICMP_REDIRECT)
		ret->reason = REASON_ICMP_NOT_TRANSLATED; /* it would make the two sides speak past the NAT */
}

uint32_t translate_owner_at(const struct world *world, const struct leg *leg)
{
	return leg->from == NONE
		       ? 0
		       : translate_owner_or_first(world, translator_at(world, leg->at), machine_at(world, leg->from));
}

/* What the table says, or what is known without it. */
static void ask_table(const struct ask *ask, const struct translator *translator, bool outbound,
		      const struct packet *packet, struct decision *ret)
{
	struct nat_packet *about = &ret->nat.packet;
	struct nat_answer *answer = &ret->nat.answer;
	ret->nat.reading = translate_read(translator, packet);
	translate_packet(packet, outbound ? translate_owner_at(ask->world, &ask->leg) : 0, outbound,
			 hint_of(ask, packet), about);
	follow(packet, translator, outbound, ret);
	if (__builtin_expect(!!translator->device, 0) && !outbound)
		about->tuple.dst_port = device_models_port(translator, about->tuple.proto, about->tuple.src,
							   about->tuple.src_port, about->tuple.dst_port);
	if (__builtin_expect(ret->nat.reading == READING_INVALID, 0))
		nat_decide_invalid(translator->nat, !outbound, about, answer);
	else if (__builtin_expect(ret->nat.reading == READING_ERROR, 0))
		ask_about_error(translator, outbound, packet, ask->world->now, answer);
	else if (outbound)
		nat_decide_outbound(translator->nat, about, ask->world->now, answer);
	else if (!ask->trial || !translate_is_supposed(ask, &about->tuple, answer))
		nat_decide_inbound(translator->nat, about, ask->world->now, answer);
}

/* What a fragment's datagram is known by. */
static struct fragment_key key_of(const struct packet *packet, bool outbound)
{
	const struct ipv4_header *ip = packet_ip_const(packet);
	return (struct fragment_key){outbound, ip->proto, ip->id, ip->src, ip->dst};
}

/* True where the verdict on the fragment is known; else *ret_packet is the packet to look up in the table. */
static bool decide_fragment(const struct ask *ask, const struct translator *translator, bool outbound,
			    struct decision *ret, const struct packet **ret_packet)
{
	const struct world *world = ask->world;
	be32 addr;
	struct fragment_key key = key_of(ask->packet, outbound);
	ret->nat.fragment = fragments_decide(world, translator, &key, ask->packet, &addr, &ret->nat.whole);
	switch (ret->nat.fragment) {
	case FRAGMENT_NONE:
	case FRAGMENT_IS_FIRST:
		return false;
	case FRAGMENT_COMPLETES:
		*ret_packet = &ret->nat.whole;
		return false;
	case FRAGMENT_ON:
		if (outbound) {
			translator_leave(translator, packet_ip_const(ask->packet)->dst, ret);
			translator_change_source(translator, CHANGE_SRC, addr, (be16){0}, ret);
		} else {
			translator_change_destination(world, translator, packet_ip_const(ask->packet)->src, CHANGE_DST,
						      addr, (be16){0}, ret);
		}
		return true;
	case FRAGMENT_WAITS:
		ret->verb = VERB_TAKEN;
		return true;
	case FRAGMENT_REFUSED:
		translate_drop(world, translator, REASON_FRAGMENT_NOT_TRANSLATED, NULL, NULL, ret);
		return true;
	case FRAGMENT_AGAIN:
		translate_drop(world, translator, REASON_FRAGMENT_NOT_TRANSLATED, translate_rule(translator),
			       "this part of its datagram has arrived before", ret);
		return true;
	case FRAGMENT_OVERLAPS:
		translate_drop(world, translator, REASON_FRAGMENT_NOT_TRANSLATED, translate_rule(translator),
			       "it overlaps other fragments of its datagram, all of which are dropped", ret);
		return true;
	}
	return true;
}

static const char *why_invalid(const struct decision *decision)
{
	return decision->nat.reading == READING_INVALID
		       ? "a checksum or a length in it is wrong, or it is no message that is known"
		       : NULL;
}

void translate_out_decide(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct translator *translator = translator_at(world, ask->leg.at);
	const struct packet *packet = ask->packet;
	ret->nat.answer.is_stateless = false;
	ret->nat.fragment = FRAGMENT_NONE;
	if (__builtin_expect(translator->has_exceptions || translator->has_statics, 0) && translate_fixed_out(ask, ret))
		return;
	if (__builtin_expect(packet_is_fragment(packet), 0) && decide_fragment(ask, translator, true, ret, &packet))
		return;
	ask_table(ask, translator, true, packet, ret);
	const struct nat_answer *answer = &ret->nat.answer;
	if (answer->reason != REASON_NONE && !(ret->nat.reading == READING_ERROR && answer->untranslated)) {
		const char *limit = translate_limit(answer->limit);
		if (!translate_supposed_answer(ask, ret))
			translate_drop(world, translator, answer->reason, translate_rule(translator),
				       limit ? limit : why_invalid(ret), ret);
		return;
	}
	translator_leave(translator, packet_ip_const(packet)->dst, ret);
	if (answer->untranslated)
		return; /* it belongs to nothing, and goes on as it is */
	translator_change_source(translator, ret->nat.reading == READING_ERROR ? CHANGE_SRC_OF_ERROR : CHANGE_SRC,
				 answer->addr, answer->port, ret);
}

static void count_exhausted(struct world *world, struct translator *translator, const struct leg *leg,
			    const struct packet *packet)
{
	struct connection *connection = connection_at(world, packet->connection);
	if (connection->flags & CONNECTION_EXHAUSTED)
		return;
	connection->flags |= CONNECTION_EXHAUSTED;
	if (translator->borrows_nat)
		translator = translator_at(world, balance_nat_node(world, translator));
	translator->exhausted++;
	uint32_t owner = leg->from == NONE ? NONE : translate_owner(world, translator, machine_at(world, leg->from));
	nat_note_refused(translator->nat, owner, packet_ip_const(packet)->src);
}

/* The packet ends because memory is short. */
static void failed(struct world *world, struct packet *packet, int error, struct decision *decision)
{
	world_fail(world, error);
	packets_put(&world->packets, packet);
	decision->verb = VERB_TAKEN;
}

/* True where the commit of the fragment is done. */
static bool commit_fragment(struct world *world, uint32_t index, bool outbound, struct packet *packet,
			    struct decision *decision)
{
	const enum fragment_way way = decision->nat.fragment;
	if (way == FRAGMENT_NONE || way == FRAGMENT_REFUSED)
		return way == FRAGMENT_REFUSED;
	if (!fragments_begin(world, index)) {
		failed(world, packet, -ENOMEM, decision);
		return true;
	}
	struct fragment_key key = key_of(packet, outbound);
	if (way == FRAGMENT_WAITS)
		fragments_hold(world, index, &key, packet, decision);
	else if (way == FRAGMENT_OVERLAPS)
		fragments_drop_others(world, index, &key, decision);
	return way != FRAGMENT_IS_FIRST && way != FRAGMENT_COMPLETES;
}

/* The other fragments of the datagram that this one completes have the same fate. */
static void all_alike(struct world *world, uint32_t index, bool outbound, struct packet *packet,
		      struct decision *decision)
{
	struct fragment_key key = key_of(packet, outbound);
	if (decision->nat.fragment != FRAGMENT_COMPLETES)
		return;
	if (decision->verb == VERB_DROP) {
		fragments_drop_others(world, index, &key, decision);
		return;
	}
	decision->verb = VERB_GO_ALL;
	decision->all = fragments_take_all(world, index, &key, packet);
}

/* A fragment was translated: those that waited for it follow. */
static void release(struct world *world, uint32_t index, bool outbound, struct packet *packet,
		    struct decision *decision)
{
	struct fragment_key key = key_of(packet, outbound);
	all_alike(world, index, outbound, packet, decision);
	if (decision->nat.fragment != FRAGMENT_IS_FIRST)
		return;
	packet->next = fragments_release(world, index, &key, decision->change.addr);
	decision->all = packet;
	if (packet->next)
		decision->verb = VERB_GO_ALL;
}

static void pass_untranslated(struct world *world, uint32_t index, struct packet *packet, struct decision *decision)
{
	const struct translator *translator = &world->translators[index];
	const char *why = decision->nat.reading == READING_ERROR ? "the error is about no packet of a mapping"
			  : why_invalid(decision)                ? why_invalid(decision)
								 : "it belongs to no connection and opens none";
	all_alike(world, index, true, packet, decision);
	if (decision->verb == VERB_GO)
		translate_keep(world, translator, packet, why);
	for (const struct packet *each = decision->verb == VERB_GO_ALL ? decision->all : NULL; each; each = each->next)
		translate_keep(world, translator, each, why);
}

static enum passage back_inside(const struct translator *translator)
{
	return element_is_end_point(translator->kind) ? PASSAGE_NIC_OUT : PASSAGE_NAT_INSIDE;
}

static enum passage back_outside(const struct translator *translator)
{
	return translator->kind == ELEMENT_APPLIANCE ? PASSAGE_NIC_OUT : PASSAGE_PUBLIC;
}

void translate_out_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	struct translator *translator = translator_at(world, leg->at);
	uint32_t index = (uint32_t)(translator - world->translators);
	if (__builtin_expect(decision->nat.answer.is_stateless, 0)) {
		if (decision->change.kind == CHANGE_NONE)
			translate_keep(world, translator, packet, "`except` and `only` keep the source towards it");
		return;
	}
	if (__builtin_expect(decision->nat.fragment != FRAGMENT_NONE, 0) &&
	    commit_fragment(world, index, true, packet, decision))
		return;
	if (__builtin_expect(!!translator->device, 0) && decision->nat.fragment == FRAGMENT_NONE) {
		device_commit(world, translator, true, packet, decision);
		translate_arm(world, index);
		return;
	}
	if (__builtin_expect(decision->nat.answer.untranslated, 0))
		pass_untranslated(world, index, packet, decision);
	if (__builtin_expect(decision->nat.reading != READING_USUAL, 0)) {
		if (!decision->nat.answer.untranslated)
			all_alike(world, index, true, packet, decision);
		return;
	}
	if (decision->nat.answer.reason == REASON_SNAT_PORTS_EXHAUSTED)
		count_exhausted(world, translator, leg, packet);
	else if (__builtin_expect(decision->nat.answer.reason == REASON_NO_MAPPING, 0))
		translate_reset(world, (struct leg){back_inside(translator), leg->at, NONE}, true, packet);
	const struct nat_packet *about = &decision->nat.packet;
	int r = nat_commit(translator->nat, about, &decision->nat.answer, world->now);
	if (r < 0) {
		failed(world, packet, r, decision);
		return;
	}
	if (decision->verb == VERB_DROP || decision->nat.answer.untranslated) {
		if (!decision->nat.answer.untranslated)
			all_alike(world, index, true, packet, decision);
		translate_arm(world, index);
		return;
	}
	if (decision->nat.answer.created || (about->tcp_flags & (TCP_FIN | TCP_RST | TCP_SYN)) != 0)
		translate_arm(world, index);
	connection_at(world, packet->connection)->mapping = decision->nat.answer.mapping;
	if (__builtin_expect(translator->reads_ftp, 0))
		ftp_gateway_out(world, translator, packet, decision);
	if (__builtin_expect(decision->nat.fragment != FRAGMENT_NONE, 0))
		release(world, index, true, packet, decision);
}

/* ---- connections of an appliance's own ---- */

/* The machine calls itself: its calls have a place in the table of its NAT, as those that it forwards, so that no two
 * connections have one tuple outside. Its answers do not. */
static bool is_own_call(const struct ask *ask, const struct translator *translator)
{
	const struct world *world = ask->world;
	const struct packet *packet = ask->packet;
	if ((packet->flags & PACKET_FROM_CALLER) == 0 || translator->device || translate_is_error(packet) ||
	    (be16_to(packet_ip_const(packet)->flags_fragment) & IPV4_OFFSET_MASK) != 0 ||
	    !nat_has_address(translator->nat, packet_ip_const(packet)->src))
		return false;
	return ask->trial || &world->machines[connection_at(world, packet->connection)->caller] ==
				     machine_at(world, translator->node);
}

void translate_own_decide(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct translator *translator = translator_at(world, ask->leg.at);
	const struct nat_answer *answer = &ret->nat.answer;
	decide_go(ret, PASSAGE_NIC_OUT, ask->leg.at, NONE);
	ret->nat.answer.reason = REASON_COUNT; /* not asked */
	if (!is_own_call(ask, translator))
		return;
	translate_packet(ask->packet, 0, true, hint_of(ask, ask->packet), &ret->nat.packet);
	ret->nat.packet.own = true;
	follow(ask->packet, translator, true, ret);
	nat_decide_outbound(translator->nat, &ret->nat.packet, world->now, &ret->nat.answer);
	if (answer->reason == REASON_SNAT_PORTS_EXHAUSTED)
		translate_drop(world, translator, answer->reason, translate_rule(translator), NULL, ret);
	else if (answer->reason == REASON_NONE && !answer->untranslated &&
		 !be16_equal(answer->port, ret->nat.packet.tuple.src_port))
		translator_change_source(translator, CHANGE_SRC, answer->addr, answer->port, ret);
}

void translate_own_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	struct translator *translator = translator_at(world, leg->at);
	if (decision->nat.answer.reason == REASON_COUNT)
		return;
	if (decision->nat.answer.reason == REASON_SNAT_PORTS_EXHAUSTED)
		count_exhausted(world, translator, leg, packet);
	int r = nat_commit(translator->nat, &decision->nat.packet, &decision->nat.answer, world->now);
	if (r < 0)
		failed(world, packet, r, decision);
	translate_arm(world, (uint32_t)(translator - world->translators));
}

/* ---- inward ---- */

static const char *why_no_mapping(const struct translator *translator, const struct tuple *tuple, bool ever)
{
	if (ever)
		return "the mapping that this port had towards the sender has ended";
	if (!translator->balance)
		return "no machine inside has sent to that end point";
	return be16_to(tuple->dst_port) == 0 ? NULL : "no load balancing rule for this port, and no mapping";
}

static void refuse(const struct ask *ask, const struct translator *translator, struct decision *ret)
{
	const struct tuple *tuple = &ret->nat.packet.tuple;
	enum reason reason = ret->nat.answer.reason == REASON_NONE ? REASON_NO_LISTENER : ret->nat.answer.reason;
	bool ever = nat_port_was_mapped(translator->nat, tuple->proto, tuple->dst, be16_to(tuple->dst_port));
	struct verdict verdict = {.by = ask->world->nodes[translator->node].name,
				  .place = translator_place(translator)};
	if (ret->nat.reading != READING_USUAL) {
		verdict.reason = reason;
		verdict.detail = reason != REASON_NO_MAPPING           ? NULL
				 : ret->nat.reading == READING_INVALID ? why_invalid(ret)
								       : "the error is about no packet of a mapping";
	} else {
		verdict.reason =
			reason == REASON_NO_MAPPING && !ever && translator->balance ? REASON_VIP_PORT_CLOSED : reason;
		verdict.detail = verdict.reason == REASON_FILTERED || verdict.reason == REASON_ICMP_NOT_TRANSLATED
					 ? NULL
					 : why_no_mapping(translator, tuple, ever);
	}
	/* At a Linux router it is for the machine itself, where nothing listens; of an appliance its stack will say. */
	ret->nat.for_itself = translator->unknown == NAT_UNKNOWN_ANSWER && ret->nat.answer.untranslated;
	if (ret->nat.for_itself && translator->kind == ELEMENT_SITE_NAT && ret->nat.reading == READING_USUAL) {
		verdict.reason = REASON_NO_LISTENER;
		verdict.detail = "it is for the NAT itself";
	}
	decide_drop(ret, verdict, 0);
}

void translate_in_decide(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct translator *translator = translator_at(world, ask->leg.at);
	const struct packet *packet = ask->packet;
	ret->nat.answer.is_stateless = false;
	ret->nat.fragment = FRAGMENT_NONE;
	if (__builtin_expect(translator->has_statics, 0) && translate_fixed_in(ask, ret))
		return;
	if (__builtin_expect(packet_is_fragment(packet), 0) && decide_fragment(ask, translator, false, ret, &packet))
		return;
	be32 src = packet_ip_const(packet)->src;
	ask_table(ask, translator, false, packet, ret);
	ret->nat.for_itself = false;
	bool is_own = translator->kind == ELEMENT_SITE_NAT && ret->nat.answer.reason == REASON_NONE &&
		      nat_has_address(translator->nat, ret->nat.answer.addr);
	ret->nat.answer.untranslated = ret->nat.answer.untranslated || is_own; /* what an answer of its own has left */
	if (ret->nat.answer.reason != REASON_NONE || is_own)
		refuse(ask, translator, ret);
	else if (__builtin_expect(!!ret->nat.answer.fixed, 0))
		translate_by_fixed(world, translator, false, ret);
	else
		translator_change_destination(world, translator, src,
					      ret->nat.reading == READING_ERROR ? CHANGE_DST_OF_ERROR : CHANGE_DST,
					      ret->nat.answer.addr, ret->nat.answer.port, ret);
}

void translate_in_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	struct translator *translator = translator_at(world, leg->at);
	uint32_t index = (uint32_t)(translator - world->translators);
	if (__builtin_expect(decision->nat.answer.is_stateless, 0))
		return;
	if (__builtin_expect(decision->nat.fragment != FRAGMENT_NONE, 0) &&
	    commit_fragment(world, index, false, packet, decision))
		return;
	if (__builtin_expect(!!translator->device, 0) && decision->nat.fragment == FRAGMENT_NONE) {
		device_commit(world, translator, false, packet, decision);
		return;
	}
	if (__builtin_expect(decision->nat.reading != READING_USUAL, 0)) {
		all_alike(world, index, false, packet, decision);
		return;
	}
	const struct nat_packet *about = &decision->nat.packet;
	int r = nat_commit(translator->nat, about, &decision->nat.answer, world->now);
	if (r < 0) {
		failed(world, packet, r, decision);
		return;
	}
	if (decision->verb == VERB_DROP) {
		struct leg back = {back_outside(translator), leg->at, NONE};
		if (decision->nat.for_itself && translator->kind == ELEMENT_SITE_NAT)
			translate_answer(world, back,
					 decision->nat.fragment == FRAGMENT_COMPLETES ? &decision->nat.whole : packet);
		else if (decision->verdict.reason == REASON_NO_MAPPING)
			translate_reset(world, back, false, packet);
		all_alike(world, index, false, packet, decision);
		translate_arm(world, index);
		return;
	}
	if (decision->nat.answer.created || (about->tcp_flags & (TCP_FIN | TCP_RST)) != 0)
		translate_arm(world, index);
	connection_at(world, packet->connection)->mapping = decision->nat.answer.mapping;
	if (__builtin_expect(translator->reads_ftp, 0)) {
		if (decision->nat.answer.created && decision->nat.answer.fixed)
			ftp_gateway_used(translator, about, &decision->nat.answer);
		ftp_gateway_in(translator, packet, decision);
	}
	if (__builtin_expect(decision->nat.fragment != FRAGMENT_NONE, 0))
		release(world, index, false, packet, decision);
}

void translate_others(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision)
{
	const struct translator *translator = translator_at(world, leg->at);
	uint32_t index = (uint32_t)(translator - world->translators);
	if (commit_fragment(world, index, false, packet, decision) || decision->nat.fragment != FRAGMENT_COMPLETES)
		return;
	if (decision->verb == VERB_STACK)
		decide_go(decision, PASSAGE_STACK, leg->at, NONE);
	all_alike(world, index, false, packet, decision);
}

/* ---- the passages of a NAT that is nothing else ---- */

const struct stage nat_out[] = {
	{"source NAT", translate_out_decide, translate_out_commit, translate_out_suppose},
	{NULL, NULL, NULL, NULL},
};

const struct stage nat_in[] = {
	{"destination NAT", translate_in_decide, translate_in_commit, translate_in_suppose},
	{NULL, NULL, NULL, NULL},
};

static void inside(const struct ask *ask, struct decision *ret)
{
	const struct world *world = ask->world;
	const struct translator *translator = translator_at(world, ask->leg.at);
	const struct ipv4_header *ip = packet_ip_const(ask->packet);
	uint32_t to = address_find(world, translator->realm, ip->dst);
	translator_enter(world, translator, ip->src, ip->dst, ret);
	if (ret->next.passage == PASSAGE_NAT_INSIDE)
		decide_link(ret, translator->node, to, LINK_SUBNET);
}

const struct stage nat_inside[] = {
	{"whose address is it inside?", inside, NULL, NULL},
	{NULL, NULL, NULL, NULL},
};
