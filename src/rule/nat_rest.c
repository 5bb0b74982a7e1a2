/* DOC: a port that rests. Where `hold` says so a mapping that has ended keeps its port from a new mapping towards the same
 * destination for a time: from the second FIN, from a reset, or from the end of a UDP mapping (Azure: nat-gateway-resource,
 * "port reuse timers"). The mapping counts as ended from then on, and its port as free; but it stays in the table until the
 * rest is over, so that the closed connection's last packets pass. Its last use is NEVER then, and `armed` the rest's end,
 * which no packet puts off. By its inside tuple it is found until a new mapping takes that. */
#include "net/header.h"
#include "rule/nat_internal.h"

static int64_t rest_ns(const struct nat *nat, const struct nat_mapping *mapping, enum nat_end why)
{
	const struct nat_hold *hold = &nat->rules.hold;
	if (mapping->inside.proto == PROTO_UDP)
		return hold->has_udp && why == NAT_END_IDLE ? hold->udp_ns : 0;
	if (mapping->inside.proto != PROTO_TCP)
		return 0;
	return why == NAT_END_CLOSED && hold->has_fin  ? hold->fin_ns
	       : why == NAT_END_RESET && hold->has_rst ? hold->rst_ns
						       : 0;
}

bool nat_has_left(const struct nat *nat, const struct nat_mapping *mapping, struct instant now)
{
	if (!nat_is_due(nat, mapping, now))
		return false;
	int64_t rest = nat_rests(mapping) ? 0 : rest_ns(nat, mapping, nat_end_by_timer(nat, mapping));
	return rest == 0 || instant_reached(now, instant_add(nat_due(nat, mapping), rest));
}

int nat_end_or_rest(struct nat *nat, uint32_t mapping, enum nat_end why, struct instant at)
{
	struct nat_mapping *m = nat_mapping_at(nat, mapping);
	int64_t rest = nat_rests(m) ? 0 : rest_ns(nat, m, why);
	if (rest == 0) {
		nat_end(nat, mapping, why, at);
		return 0;
	}
	nat_leave(nat, mapping, why, at);
	nat_table_rest(nat, mapping);
	if (m->inside.proto == PROTO_UDP)
		nat_table_hide(nat, mapping);
	m->last_used = INSTANT_NEVER;
	nat->n_resting++;
	return nat_arm_at(nat, mapping, instant_add(at, rest));
}

uint32_t nat_n_resting(const struct nat *nat)
{
	return nat->n_resting;
}

void nat_each_resting(const struct nat *nat, void (*each)(void *context, const struct nat_resting *resting),
		      void *context)
{
	for (uint32_t i = 1; nat->n_resting > 0 && i < nat->mappings.n_used; i++) {
		const struct nat_mapping *m = nat_mapping_at(nat, i);
		if (!nat_rests(m) || instant_is_never(m->armed))
			continue;
		enum nat_end why = nat_end_by_timer(nat, m);
		struct nat_resting resting = {
			.mapping = m,
			.maker = nat->makers[i],
			.timer = m->inside.proto == PROTO_UDP ? "port_hold.udp"
				 : why == NAT_END_RESET       ? "port_hold.rst"
							      : "port_hold.fin",
			.since = (struct instant){m->armed.ns - rest_ns(nat, m, why)},
			.until = m->armed,
		};
		each(context, &resting);
	}
}

bool nat_is_over(const struct nat_mapping *mapping, const struct nat_packet *packet)
{
	return mapping->inside.proto != PROTO_TCP || (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

int nat_rest_again(struct nat *nat, uint32_t mapping, const struct nat_packet *packet, struct instant now)
{
	const struct nat_hold *hold = &nat->rules.hold;
	struct instant until = instant_add(now, hold->rst_ns);
	bool is_sooner = hold->has_rst && (packet->tcp_flags & TCP_RST) != 0 &&
			 instant_before(until, nat_mapping_at(nat, mapping)->armed);
	return is_sooner ? nat_arm_at(nat, mapping, until) : 0;
}
