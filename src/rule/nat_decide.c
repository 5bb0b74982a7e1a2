/* DOC: what a NAT decides about a packet, without doing anything. Outbound: is there a mapping, or can one be made?
 * Inbound: is there a mapping, and may this outsider use it? The answer is a new address, or a reason. A mapping that is
 * due at that instant is none, though its timer has not run yet.
 *
 * What is one to one (nat_fixed.c) is answered first, without a table.
 *
 * Outbound, step by step:
 *  1. A protocol that is not translated: icmp-not-translated.
 *  2. The mapping of this inside tuple.
 *  3. None: only a packet that opens something makes one. A TCP segment without SYN belongs to a mapping that is gone:
 *     no-mapping.
 *  4. A free port of the owner's block, or snat-ports-exhausted.
 * Inbound:
 *  1. as above.
 *  2. The mapping of (port, remote end). With a looser filter than the mapping's own dependence, the oldest mapping of
 *     the port whose filter admits the sender.
 *  3. None: a forward of the port (nat_fixed.c).
 *  4. None: filtered where the port is in use towards others, else no-mapping. Who came in by another's mapping has one
 *     of its own from then on. */
#include "net/header.h"
#include "rule/nat_internal.h"

static bool is_translated(const struct nat *nat, uint8_t proto)
{
	return proto == PROTO_TCP || proto == PROTO_UDP ||
	       (nat_is_query(proto) && nat->rules.translate_icmp && (proto == PROTO_ICMP || !nat->rules.echo_alone));
}

/* Of TCP a SYN alone: what is in the middle of a connection belongs to a mapping, or to one that is gone. */
static bool opens(const struct nat_packet *packet)
{
	return packet->tuple.proto != PROTO_TCP ||
	       (packet->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

/* A segment from inside in the middle of a connection, and no end of one: it may be one that was forgotten. */
static bool picks_up(const struct nat *nat, const struct nat_packet *packet)
{
	return nat->rules.loose && (packet->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_ACK;
}

/* It belongs to nothing. */
static void answer_invalid(const struct nat *nat, const struct nat_packet *packet, struct nat_answer *ret)
{
	ret->reason = REASON_NO_MAPPING;
	ret->untranslated = nat->rules.invalid == NAT_INVALID_UNTRANSLATED;
	if (!ret->untranslated || ret->inbound)
		return;
	ret->reason = REASON_NONE;
	ret->addr = packet->tuple.src;
	ret->port = packet->tuple.src_port;
}

void nat_decide_invalid(const struct nat *nat, bool inbound, const struct nat_packet *packet, struct nat_answer *ret)
{
	*ret = (struct nat_answer){.inbound = inbound};
	answer_invalid(nat, packet, ret);
}

/* It may begin a connection with the NAT itself. */
static bool is_new(const struct nat *nat, const struct nat_packet *packet)
{
	return packet->tuple.proto == PROTO_UDP || packet->unasked ||
	       (packet->tuple.proto == PROTO_TCP && (opens(packet) || picks_up(nat, packet)));
}

static void refuse_inbound(const struct nat *nat, const struct nat_packet *packet, enum reason reason,
			   struct nat_answer *ret)
{
	ret->reason = reason;
	ret->untranslated = nat->rules.invalid == NAT_INVALID_UNTRANSLATED || is_new(nat, packet);
}

static bool is_refused_at_once(const struct nat *nat, const struct nat_packet *packet, struct nat_answer *ret)
{
	if (!is_translated(nat, packet->tuple.proto))
		ret->reason = REASON_ICMP_NOT_TRANSLATED;
	else if (packet->unasked && ret->inbound)
		refuse_inbound(nat, packet, REASON_NO_MAPPING, ret);
	else if (packet->unasked)
		answer_invalid(nat, packet, ret);
	return ret->reason != REASON_NONE || ret->untranslated;
}

/* ---- a connection that is followed ---- */

/* A segment of which the flags alone are known fits every window. */
static struct nat_segment segment_of(const struct nat_packet *packet)
{
	if (packet->segment)
		return *packet->segment;
	return (struct nat_segment){.flags = packet->tcp_flags, .window = UINT16_MAX, .scale = NAT_NO_SCALE};
}

static struct nat_track_rules track_rules(const struct nat *nat, const struct nat_packet *packet)
{
	return (struct nat_track_rules){
		.timers = &nat->rules.states,
		.liberal = nat->rules.tcp_state != NAT_TCP_STATE_STRICT || !packet->segment,
		.loose = nat->rules.loose,
	};
}

/* `mapping` NONE: does it begin a connection? */
static enum nat_track_verdict look(const struct nat *nat, const struct nat_packet *packet, uint32_t mapping,
				   bool by_outside, struct instant now, struct nat_looked *ret)
{
	const struct nat_track_rules rules = track_rules(nat, packet);
	const struct nat_segment segment = segment_of(packet);
	if (mapping != POOL_NONE)
		ret->track = *nat_track_of(nat, nat_mapping_at(nat, mapping));
	ret->verdict = mapping == POOL_NONE ? nat_track_begin(&rules, &segment, by_outside, now, &ret->track)
					    : nat_track_segment(&rules, &segment, by_outside, now, &ret->track);
	return ret->verdict;
}

static inline uint32_t unless_due(const struct nat *nat, uint32_t mapping, struct instant now)
{
	return mapping == POOL_NONE || nat_is_due(nat, nat_mapping_at(nat, mapping), now) ? POOL_NONE : mapping;
}

/* The same for a packet: a mapping whose port rests is none for what begins something. */
static inline uint32_t unless_over(const struct nat *nat, uint32_t mapping, const struct nat_packet *packet,
				   struct instant now)
{
	mapping = unless_due(nat, mapping, now);
	if (__builtin_expect(nat->n_resting == 0, 1) || mapping == POOL_NONE)
		return mapping;
	const struct nat_mapping *m = nat_mapping_at(nat, mapping);
	return nat_rests(m) && nat_is_over(m, packet) ? POOL_NONE : mapping;
}

static void answer_out(const struct nat *nat, uint32_t mapping, struct nat_answer *ret)
{
	const struct nat_mapping *m = nat_mapping_at(nat, mapping);
	ret->addr = nat->rules.addresses[m->address];
	ret->port = be16_from(m->outside_port);
	ret->mapping = mapping;
}

/* The record of a destination ends with its last mapping, that which is due included. */
static uint32_t live_destination(const struct nat *nat, uint32_t destination, struct instant now)
{
	const struct nat_index *index = &nat->by_outside;
	if (destination == POOL_NONE || !instant_reached(now, nat->expiry))
		return destination;
	for (uint32_t i = 0; index->slots && i <= index->mask; i++) {
		if (index->slots[i].index == POOL_NONE)
			continue;
		const struct nat_mapping *m = nat_mapping_at(nat, index->slots[i].index);
		if (m->destination == destination && !nat_has_left(nat, m, now))
			return destination;
	}
	return POOL_NONE;
}

/* At the first outside address that has room and a port for it, beginning with that of `share`. */
static uint32_t find_port(const struct nat *nat, const struct nat_packet *packet, struct instant now,
			  struct nat_share *share, struct nat_answer *ret)
{
	uint32_t port = NAT_NO_PORT, i = 0;
	do {
		ret->limit = nat_is_limited(nat) ? nat_limit(nat, share, &packet->tuple, now) : NAT_LIMIT_NONE;
		if (ret->limit != NAT_LIMIT_NONE)
			continue;
		ret->destination = live_destination(
			nat, nat_destination_find(nat, share->owner, share->address, &packet->tuple), now);
		if (packet->own)
			port = nat_port_kept(nat, share, &packet->tuple, now);
		if (port == NAT_NO_PORT && nat_doubles(nat))
			port = nat_units_choose(nat, share, &packet->tuple, ret->destination, now);
		else if (port == NAT_NO_PORT)
			port = nat_port_choose(nat, share, &packet->tuple, ret->destination, now);
	} while (port == NAT_NO_PORT && nat_share_next(nat, ++i, share));
	return port;
}

/* An end to which a forward leads has that port outside, where a mapping is for all destinations. */
static bool answer_as_forwarded(const struct nat *nat, const struct nat_packet *packet, const struct nat_share *share,
				struct instant now, struct nat_answer *ret)
{
	uint16_t port;
	if (nat_mapping_depends(nat, packet->tuple.proto) != NAT_ON_ENDPOINT ||
	    !nat_forward_out(nat, &packet->tuple, &port))
		return false;
	ret->destination =
		live_destination(nat, nat_destination_find(nat, share->owner, share->address, &packet->tuple), now);
	ret->addr = nat->rules.addresses[share->address];
	ret->port = be16_from(port);
	ret->created = true;
	return true;
}

/* `without`: a mapping that ends with this packet. */
static void answer_new(const struct nat *nat, const struct nat_packet *packet, uint32_t without, struct instant now,
		       struct nat_answer *ret)
{
	struct nat_share first, share;
	uint32_t port = NAT_NO_PORT;
	nat_share(nat, packet, without, now, &first);
	if (nat_forwards(nat) && answer_as_forwarded(nat, packet, &first, now, ret))
		return;
	if (nat->rules.reuse == NAT_REUSE_WHEN_EXHAUSTED) {
		share = first;
		share.unused_alone = true;
		port = find_port(nat, packet, now, &share, ret);
	}
	if (port == NAT_NO_PORT) {
		share = first;
		port = find_port(nat, packet, now, &share, ret);
	}
	if (port == NAT_NO_PORT) {
		ret->reason = REASON_SNAT_PORTS_EXHAUSTED;
		return;
	}
	ret->addr = nat->rules.addresses[share.address];
	ret->port = be16_from((uint16_t)port);
	ret->created = true;
}

/* A mapping for several destinations has a limited number of each. */
static void answer_known(const struct nat *nat, const struct nat_packet *packet, uint32_t mapping, struct instant now,
			 struct nat_answer *ret)
{
	ret->limit = nat_limit_towards(nat, nat_mapping_at(nat, mapping), &packet->tuple, now);
	if (__builtin_expect(ret->limit == NAT_LIMIT_NONE, 1))
		answer_out(nat, mapping, ret);
	else
		ret->reason = REASON_SNAT_PORTS_EXHAUSTED;
}

static void followed_out(const struct nat *nat, const struct nat_packet *packet, uint32_t mapping, struct instant now,
			 struct nat_answer *ret, struct nat_looked *looked)
{
	enum nat_track_verdict verdict = look(nat, packet, mapping, false, now, looked);
	if (verdict == NAT_TRACK_ANEW && look(nat, packet, POOL_NONE, false, now, looked) != NAT_TRACK_INVALID) {
		answer_new(nat, packet, mapping, now, ret);
		return;
	}
	ret->mapping = mapping;
	if (verdict == NAT_TRACK_INVALID)
		answer_invalid(nat, packet, ret);
	else if (mapping != POOL_NONE)
		answer_out(nat, mapping, ret);
	else
		answer_new(nat, packet, POOL_NONE, now, ret);
}

void nat_look_outbound(const struct nat *nat, const struct nat_packet *packet, struct instant now,
		       struct nat_answer *ret, struct nat_looked *looked)
{
	*ret = (struct nat_answer){0};
	if (__builtin_expect(nat->rules.n_statics > 0, 0) &&
	    nat_static_out(nat, packet->tuple.src, packet->tuple.src_port, ret))
		return;
	if (is_refused_at_once(nat, packet, ret))
		return;
	uint32_t mapping = unless_over(nat, nat_find_outbound(nat, packet), packet, now);
	if (nat_tracks(nat, packet->tuple.proto))
		followed_out(nat, packet, mapping, now, ret, looked);
	else if (mapping != POOL_NONE && nat->rules.limits.per_destination != 0)
		answer_known(nat, packet, mapping, now, ret);
	else if (mapping != POOL_NONE)
		answer_out(nat, mapping, ret);
	else if (opens(packet) || picks_up(nat, packet))
		answer_new(nat, packet, POOL_NONE, now, ret);
	else
		answer_invalid(nat, packet, ret);
}

void nat_decide_outbound(const struct nat *nat, const struct nat_packet *packet, struct instant now,
			 struct nat_answer *ret)
{
	struct nat_looked looked;
	nat_look_outbound(nat, packet, now, ret, &looked);
}

/* The oldest mapping of the port whose filter admits this sender. Rare, and so it may look at all. */
static uint32_t find_admitting(const struct nat *nat, uint32_t address, const struct tuple *arriving,
			       struct instant now)
{
	uint32_t best = POOL_NONE;
	const struct nat_index *index = &nat->by_outside;
	for (uint32_t i = 0; index->slots && i <= index->mask; i++) {
		uint32_t candidate = index->slots[i].index;
		if (candidate == POOL_NONE)
			continue;
		const struct nat_mapping *m = nat_mapping_at(nat, candidate);
		if (m->inside.proto != arriving->proto || m->outside_port != be16_to(arriving->dst_port) ||
		    m->address != address || nat_rests(m) || nat_is_due(nat, m, now) ||
		    !nat_permits(nat, m, arriving->src, arriving->src_port))
			continue;
		if (best == POOL_NONE || nat_mapping_order(m, nat_mapping_at(nat, best)) < 0)
			best = candidate;
	}
	return best;
}

struct tuple nat_opened_from_outside(const struct nat_mapping *mapping, const struct tuple *arriving)
{
	struct tuple opened = tuple_reverse(*arriving);
	opened.src = mapping->inside.src;
	opened.src_port = mapping->inside.src_port;
	return opened;
}

static uint32_t by_anothers(const struct nat *nat, const struct nat_packet *packet, struct instant now,
			    struct nat_answer *ret)
{
	const struct tuple *tuple = &packet->tuple;
	uint32_t address = nat_address_find(nat, tuple->dst);
	if (!nat_port_is_used(nat, address, tuple->proto, be16_to(tuple->dst_port), now)) {
		refuse_inbound(nat, packet, REASON_NO_MAPPING, ret);
		return POOL_NONE;
	}
	uint32_t mapping = nat->rules.filtering < nat_mapping_depends(nat, tuple->proto)
				   ? find_admitting(nat, address, tuple, now)
				   : POOL_NONE;
	if (mapping == POOL_NONE) {
		refuse_inbound(nat, packet, REASON_FILTERED, ret);
		return POOL_NONE;
	}
	struct tuple opened = nat_opened_from_outside(nat_mapping_at(nat, mapping), tuple);
	ret->created = opens(packet) && !nat_is_query(tuple->proto) &&
		       unless_due(nat, nat_find_inside(nat, &opened), now) == POOL_NONE;
	return mapping;
}

static bool begins_in(const struct nat *nat, const struct nat_packet *packet, struct instant now,
		      struct nat_answer *ret, struct nat_looked *looked)
{
	if (look(nat, packet, POOL_NONE, true, now, looked) != NAT_TRACK_INVALID)
		return true;
	ret->mapping = POOL_NONE;
	ret->created = false;
	answer_invalid(nat, packet, ret);
	return false;
}

/* True where the port is forwarded: then that is the answer. `over`: a mapping that ends by this packet, or NONE. */
static bool by_forward(const struct nat *nat, const struct nat_packet *packet, uint32_t over, struct instant now,
		       struct nat_answer *ret, struct nat_looked *looked)
{
	const struct tuple *tuple = &packet->tuple;
	const struct nat_forward *forward =
		nat_forwards(nat) && nat_address_find(nat, tuple->dst) < nat->rules.n_addresses
			? nat_forward_of(nat, tuple)
			: NULL;
	if (!forward)
		return false;
	const struct tuple inside = nat_forwarded(forward, tuple);
	ret->fixed = &forward->fixed;
	if (!opens(packet)) {
		refuse_inbound(nat, packet, REASON_NO_MAPPING, ret);
		return true;
	}
	/* The machine's own call to this end point has another port. */
	uint32_t own = unless_due(nat, nat_find_inside(nat, &inside), now);
	if (own != POOL_NONE && own != over) {
		refuse_inbound(nat, packet, REASON_FILTERED, ret);
		return true;
	}
	ret->created = true;
	if (nat_tracks(nat, tuple->proto) && !begins_in(nat, packet, now, ret, looked))
		return true;
	ret->addr = inside.src;
	ret->port = inside.src_port;
	return true;
}

/* A SYN from outside at a connection that is over: the connection ends, and the SYN is what it would be without it. */
static bool anew_in(const struct nat *nat, const struct nat_packet *packet, uint32_t over, struct instant now,
		    struct nat_answer *ret, struct nat_looked *looked)
{
	ret->mapping = over;
	if (by_forward(nat, packet, over, now, ret, looked))
		return false;
	if (nat->rules.filtering < nat_mapping_depends(nat, packet->tuple.proto)) {
		ret->created = true;
		return begins_in(nat, packet, now, ret, looked);
	}
	refuse_inbound(nat, packet, REASON_NO_MAPPING, ret);
	return false;
}

static bool followed_in(const struct nat *nat, const struct nat_packet *packet, uint32_t mapping, struct instant now,
			struct nat_answer *ret, struct nat_looked *looked)
{
	if (ret->created)
		return begins_in(nat, packet, now, ret, looked);
	enum nat_track_verdict verdict = look(nat, packet, mapping, true, now, looked);
	if (verdict == NAT_TRACK_ANEW)
		return anew_in(nat, packet, mapping, now, ret, looked);
	if (verdict != NAT_TRACK_INVALID)
		return true;
	ret->mapping = mapping;
	answer_invalid(nat, packet, ret);
	return false;
}

void nat_look_inbound(const struct nat *nat, const struct nat_packet *packet, struct instant now,
		      struct nat_answer *ret, struct nat_looked *looked)
{
	const struct tuple *tuple = &packet->tuple;
	*ret = (struct nat_answer){.inbound = true};
	if (__builtin_expect(nat->rules.n_statics > 0, 0) && nat_static_in(nat, tuple->dst, tuple->dst_port, ret))
		return;
	if (is_refused_at_once(nat, packet, ret))
		return;
	uint32_t found = nat_find_inbound(nat, packet), mapping = unless_over(nat, found, packet, now);
	if (mapping == POOL_NONE && unless_due(nat, found, now) != POOL_NONE) {
		refuse_inbound(nat, packet, REASON_NO_MAPPING, ret); /* the port rests */
		return;
	} else if (mapping == POOL_NONE && by_forward(nat, packet, POOL_NONE, now, ret, looked)) {
		return;
	} else if (mapping == POOL_NONE) {
		mapping = by_anothers(nat, packet, now, ret);
		if (mapping == POOL_NONE)
			return;
	} else if (!nat_permits(nat, nat_mapping_at(nat, mapping), tuple->src, tuple->src_port) &&
		   !nat_forward_admits(nat, nat_mapping_at(nat, mapping), tuple)) {
		ret->reason = REASON_FILTERED;
		return;
	}
	if (nat_tracks(nat, tuple->proto) && !followed_in(nat, packet, mapping, now, ret, looked))
		return;
	const struct nat_mapping *m = nat_mapping_at(nat, mapping);
	ret->addr = m->inside.src;
	ret->port = m->inside.src_port;
	ret->mapping = mapping;
}

void nat_decide_inbound(const struct nat *nat, const struct nat_packet *packet, struct instant now,
			struct nat_answer *ret)
{
	struct nat_looked looked;
	nat_look_inbound(nat, packet, now, ret, &looked);
}

void nat_error(const struct nat *nat, bool outbound, const struct tuple *inner, struct instant now,
	       struct nat_answer *ret)
{
	*ret = (struct nat_answer){.inbound = !outbound};
	if (__builtin_expect(nat->rules.n_statics > 0, 0) &&
	    (outbound ? nat_static_out(nat, inner->dst, inner->dst_port, ret)
		      : nat_static_in(nat, inner->src, inner->src_port, ret)))
		return;
	if (!nat->rules.translate_icmp || nat->rules.echo_alone) {
		ret->reason = REASON_ICMP_NOT_TRANSLATED;
		return;
	}
	struct tuple sent = tuple_reverse(*inner); /* by the inside, to the packet's sender */
	struct nat_outside outside = {nat_address_find(nat, inner->src), be16_to(inner->src_port), inner->proto,
				      inner->dst, inner->dst_port};
	uint32_t mapping =
		unless_due(nat, outbound ? nat_find_inside(nat, &sent) : nat_find_outside(nat, outside), now);
	if (mapping != POOL_NONE && nat_rests(nat_mapping_at(nat, mapping)) && inner->proto != PROTO_TCP)
		mapping = POOL_NONE;
	if (mapping == POOL_NONE) {
		ret->reason = REASON_NO_MAPPING;
		ret->untranslated = nat->rules.invalid == NAT_INVALID_UNTRANSLATED;
		return;
	}
	const struct nat_mapping *m = nat_mapping_at(nat, mapping);
	ret->addr = outbound ? nat_outside_address(nat, m) : m->inside.src;
	ret->port = outbound ? be16_from(m->outside_port) : m->inside.src_port;
	ret->mapping = mapping;
}
