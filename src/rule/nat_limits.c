/* DOC: how many mappings a NAT may have at once: of all, of one inside address, and of one destination (address, port and
 * protocol) at one outside address. Azure's NAT gateway has 50,000 towards a destination and two million in all, AWS's
 * 55,000 (docs/nat.md has the sources). The counts are kept in one table, and by no NAT that has no limit. A mapping that
 * depends on less than the destination counts towards each that it was used for. What is due ends first: where its timer
 * has not run yet it is counted away. */
#include "base/random.h"
#include "rule/nat_internal.h"
#include <errno.h>
#include <stdlib.h>

struct key {
	uint64_t a, b;
};

static struct key key_host(be32 inside)
{
	return (struct key){inside.raw, 1};
}

static struct key key_towards(uint32_t address, uint8_t proto, be32 remote, be16 port)
{
	return (struct key){(uint64_t)remote.raw << 32 | (uint64_t)port.raw << 16 | proto, (uint64_t)address + 2};
}

static struct nat_count *find(const struct nat_counts *counts, struct key key)
{
	uint32_t i = (uint32_t)random_join(key.a, key.b) & counts->mask;
	while (counts->slots[i].b != 0 && (counts->slots[i].a != key.a || counts->slots[i].b != key.b))
		i = (i + 1) & counts->mask;
	return &counts->slots[i];
}

static uint32_t count_of(const struct nat *nat, struct key key)
{
	return nat->by_limit.slots ? find(&nat->by_limit, key)->n : 0;
}

/* Room for one more; what counts nothing any more goes away with that. */
static int reserve(struct nat_counts *counts)
{
	uint32_t size = counts->slots ? counts->mask + 1 : 0;
	if (counts->n + 1 <= size / 4 * 3)
		return 0;
	struct nat_counts grown = {.mask = size ? size * 2 - 1 : 63};
	grown.slots = calloc((size_t)grown.mask + 1, sizeof *grown.slots);
	if (!grown.slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < size; i++)
		if (counts->slots[i].n > 0) {
			*find(&grown, (struct key){counts->slots[i].a, counts->slots[i].b}) = counts->slots[i];
			grown.n++;
		}
	free(counts->slots);
	*counts = grown;
	return 0;
}

static int add(struct nat *nat, struct key key)
{
	if (reserve(&nat->by_limit) < 0)
		return -ENOMEM;
	struct nat_count *count = find(&nat->by_limit, key);
	nat->by_limit.n += count->b == 0;
	count->a = key.a;
	count->b = key.b;
	count->n++;
	return 0;
}

static void take_away(struct nat *nat, struct key key)
{
	find(&nat->by_limit, key)->n--;
}

/* ---- mappings begin and end ---- */

static struct key key_of(const struct nat_mapping *m)
{
	return key_towards(m->address, m->inside.proto, m->inside.dst, m->inside.dst_port);
}

int nat_limits_take(struct nat *nat, const struct nat_mapping *m)
{
	if (!nat_is_limited(nat))
		return 0;
	int r = add(nat, key_host(m->inside.src));
	if (r < 0)
		return r;
	r = add(nat, key_of(m));
	if (r < 0)
		take_away(nat, key_host(m->inside.src));
	return r;
}

int nat_limits_take_towards(struct nat *nat, const struct nat_mapping *m, be32 remote, be16 remote_port)
{
	return nat_is_limited(nat) ? add(nat, key_towards(m->address, m->inside.proto, remote, remote_port)) : 0;
}

void nat_limits_release(struct nat *nat, const struct nat_mapping *m)
{
	if (!nat_is_limited(nat))
		return;
	take_away(nat, key_host(m->inside.src));
	take_away(nat, key_of(m));
	for (uint32_t i = nat_sessions(nat, m); i != POOL_NONE;) {
		const struct nat_session *session = pool_at(&nat->sessions, i);
		take_away(nat, key_towards(m->address, m->inside.proto, session->addr, session->port));
		i = session->next;
	}
}

/* ---- the packet ---- */

struct asked { /* one more of what? */
	enum nat_limit limit;
	uint32_t address; /* of the outside, by number */
	const struct tuple *inside;
	uint32_t without; /* a mapping that ends with this packet; POOL_NONE */
};

/* By how much a mapping counts. */
static uint32_t weight(const struct nat *nat, const struct nat_mapping *m, const struct asked *asked)
{
	const struct tuple *inside = asked->inside;
	if (asked->limit == NAT_LIMIT_MAPPINGS)
		return 1;
	if (asked->limit == NAT_LIMIT_HOST)
		return m->inside.src.raw == inside->src.raw;
	if (m->address != asked->address || m->inside.proto != inside->proto)
		return 0;
	uint32_t n = m->inside.dst.raw == inside->dst.raw && m->inside.dst_port.raw == inside->dst_port.raw;
	for (uint32_t i = nat_sessions(nat, m); i != POOL_NONE;) {
		const struct nat_session *session = pool_at(&nat->sessions, i);
		n += session->addr.raw == inside->dst.raw && session->port.raw == inside->dst_port.raw;
		i = session->next;
	}
	return n;
}

/* What is counted and has ended at this instant, or ends with this packet. */
static uint32_t n_ended(const struct nat *nat, const struct asked *asked, struct instant now)
{
	uint32_t n = 0;
	const struct nat_index *index = &nat->by_inside;
	bool any = asked->without != POOL_NONE || instant_reached(now, nat->expiry);
	for (uint32_t i = 0; any && index->slots && i <= index->mask; i++) {
		uint32_t mapping = index->slots[i].index;
		const struct nat_mapping *m = mapping == POOL_NONE ? NULL : nat_mapping_at(nat, mapping);
		if (m && !nat_rests(m) && (mapping == asked->without || nat_is_due(nat, m, now)))
			n += weight(nat, m, asked);
	}
	return n;
}

static bool is_full(const struct nat *nat, const struct asked *asked, uint64_t count, uint32_t most, struct instant now)
{
	return most != 0 && count >= most && count - n_ended(nat, asked, now) >= most;
}

enum nat_limit nat_limit(const struct nat *nat, const struct nat_share *share, const struct tuple *inside,
			 struct instant now)
{
	const struct nat_limits *limits = &nat->rules.limits;
	struct asked asked = {NAT_LIMIT_MAPPINGS, share->address, inside, share->without};
	if (is_full(nat, &asked, nat->n_live, limits->mappings, now))
		return asked.limit;
	asked.limit = NAT_LIMIT_HOST;
	if (is_full(nat, &asked, count_of(nat, key_host(inside->src)), limits->per_host, now))
		return asked.limit;
	asked.limit = NAT_LIMIT_DESTINATION;
	struct key towards = key_towards(share->address, inside->proto, inside->dst, inside->dst_port);
	return is_full(nat, &asked, count_of(nat, towards), limits->per_destination, now) ? asked.limit
											  : NAT_LIMIT_NONE;
}

enum nat_limit nat_limit_towards(const struct nat *nat, const struct nat_mapping *m, const struct tuple *inside,
				 struct instant now)
{
	const struct asked asked = {NAT_LIMIT_DESTINATION, m->address, inside, POOL_NONE};
	if (nat_mapping_depends(nat, inside->proto) == NAT_ON_ADDRESS_AND_PORT ||
	    nat_knows(nat, m, inside->dst, inside->dst_port))
		return NAT_LIMIT_NONE;
	struct key towards = key_towards(m->address, inside->proto, inside->dst, inside->dst_port);
	return is_full(nat, &asked, count_of(nat, towards), nat->rules.limits.per_destination, now)
		       ? NAT_LIMIT_DESTINATION
		       : NAT_LIMIT_NONE;
}
