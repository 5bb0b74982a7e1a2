/* DOC: the usual segment at a NAT, at once. In the middle of a TCP connection neither the answer nor the state of the
 * mapping changes: what nat_decide.c and nat_timer.c find out step by step comes to a new time of the last use and two
 * counters. What a rule, a flag, a timer or the table makes unusual is left to them. */
#include "net/header.h"
#include "rule/nat_internal.h"

/* No rule asks more of such a segment than its mapping. */
bool nat_is_usual(const struct nat *nat)
{
	const struct nat_rules *rules = &nat->rules;
	return !nat_tracks(nat, PROTO_TCP) && !rules->reset_on_idle && rules->n_statics == 0 && !rules->doubts_resets &&
	       rules->limits.per_destination == 0 && nat_mapping_depends(nat, PROTO_TCP) >= rules->filtering;
}

/* The mapping of the hint, at an instant at which nothing is due. */
static const struct nat_mapping *hinted(const struct nat *nat, uint32_t hint, struct instant now)
{
	if (!nat->is_usual || nat->n_resting > 0 || instant_reached(now, nat->expiry) || hint == POOL_NONE ||
	    hint >= nat->mappings.n_used)
		return NULL;
	const struct nat_mapping *m = nat_mapping_at(nat, hint);
	return m->inside.proto == PROTO_TCP && !instant_is_never(m->armed) ? m : NULL;
}

const struct nat_mapping *nat_known_out(const struct nat *nat, uint32_t hint, const struct tuple *tuple,
					struct instant now)
{
	const struct nat_mapping *m = hinted(nat, hint, now);
	return m && tuple_equal(&m->inside, tuple) ? m : NULL;
}

const struct nat_mapping *nat_known_in(const struct nat *nat, uint32_t hint, const struct tuple *tuple,
				       struct instant now)
{
	const struct nat_mapping *m = hinted(nat, hint, now);
	return m && be32_equal(tuple->src, m->inside.dst) && be16_equal(tuple->src_port, m->inside.dst_port) &&
			       be16_to(tuple->dst_port) == m->outside_port &&
			       be32_equal(tuple->dst, nat_outside_address(nat, m))
		       ? m
		       : NULL;
}

bool nat_known_changes(const struct nat_mapping *known, bool inbound, uint8_t tcp_flags)
{
	return (tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0 || (inbound && (known->state & NAT_SEEN_IN) == 0);
}

void nat_known_use(struct nat *nat, uint32_t hint, uint32_t ip_bytes, struct instant now)
{
	struct nat_mapping *m = nat_mapping_at(nat, hint);
	m->last_used = now;
	m->packets += m->packets < UINT32_MAX;
	m->bytes += ip_bytes;
}
