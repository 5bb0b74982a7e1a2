/* DOC: the mappings of a NAT and how they are found: by inside tuple for what goes out, by outside port and remote end
 * for what comes in. As much of the remote end belongs to either key as the mapping depends on (RFC 4787 4.1). */
#include "base/fetch.h"
#include "base/random.h"
#include "rule/nat_internal.h"
#include <errno.h>
#include <stdlib.h>

struct key {
	uint64_t a, b;
};

static struct key key_inside(const struct nat *nat, const struct tuple *t)
{
	enum nat_depends depends = nat_mapping_depends(nat, t->proto);
	return (struct key){(uint64_t)be32_key(t->src) << 32 | be32_key(nat_masked_addr(depends, t->dst)),
			    (uint64_t)be16_key(t->src_port) << 32 |
				    (uint64_t)be16_key(nat_masked_port(depends, t->dst_port)) << 16 | t->proto};
}

static struct key key_outside(const struct nat *nat, struct nat_outside o)
{
	enum nat_depends depends = nat_mapping_depends(nat, o.proto);
	return (struct key){(uint64_t)o.address << 32 | be32_key(nat_masked_addr(depends, o.remote)),
			    (uint64_t)o.port << 32 | (uint64_t)be16_key(nat_masked_port(depends, o.remote_port)) << 16 |
				    o.proto};
}

static struct key key_destination(const struct nat *nat, uint32_t owner, uint32_t address, const struct tuple *t)
{
	enum nat_depends depends = nat_mapping_depends(nat, t->proto);
	return (struct key){(uint64_t)owner << 32 | be32_key(nat_masked_addr(depends, t->dst)),
			    (uint64_t)address << 32 | (uint64_t)be16_key(nat_masked_port(depends, t->dst_port)) << 16 |
				    t->proto};
}

static struct key key_outside_of(const struct nat *nat, const struct nat_mapping *m)
{
	return key_outside(nat, (struct nat_outside){m->address, m->outside_port, m->inside.proto, m->inside.dst,
						     m->inside.dst_port});
}

static struct key key_destination_of(const struct nat *nat, const struct nat_destination *d)
{
	struct tuple tuple = {.dst = d->addr, .dst_port = d->port, .proto = d->proto};
	return key_destination(nat, d->owner, d->address, &tuple);
}

static uint32_t key_hash(struct key key)
{
	return (uint32_t)(random_mix(key.a ^ random_mix(key.b)) >> 32);
}

static bool key_equal(struct key x, struct key y)
{
	return x.a == y.a && x.b == y.b;
}

static struct key key_source(const struct tuple *t)
{
	return (struct key){be32_key(t->src), (uint64_t)be16_key(t->src_port) << 32 | t->proto};
}

/* ---- the index ---- */

void nat_index_deinit(struct nat_index *index)
{
	free(index->slots);
	*index = (struct nat_index){0};
}

void nat_index_put(struct nat_index *index, uint32_t tag, uint32_t value)
{
	uint32_t i = tag & index->mask;
	while (index->slots[i].index)
		i = (i + 1) & index->mask;
	index->slots[i] = (struct nat_slot){tag, value};
}

/* Room for one more, with at most three quarters of the slots taken. */
int nat_index_reserve(struct nat_index *index)
{
	uint32_t size = index->slots ? index->mask + 1 : 0;
	if (index->n + 1 <= size / 4 * 3)
		return 0;
	struct nat_index grown = {.mask = size ? size * 2 - 1 : 63, .n = index->n};
	grown.slots = calloc((size_t)grown.mask + 1, sizeof *grown.slots);
	if (!grown.slots)
		return -ENOMEM;
	slab_advise_large(grown.slots, ((size_t)grown.mask + 1) * sizeof *grown.slots);
	for (uint32_t i = 0; i < size; i++)
		if (index->slots[i].index)
			nat_index_put(&grown, index->slots[i].tag, index->slots[i].index);
	free(index->slots);
	*index = grown;
	return 0;
}

static void index_remove(struct nat_index *index, uint32_t tag, uint32_t value)
{
	uint32_t hole = tag & index->mask;
	while (index->slots[hole].index != value)
		hole = (hole + 1) & index->mask;
	/* Close the gap: an entry that stands behind it and would be looked for at or before it moves up. */
	for (uint32_t i = (hole + 1) & index->mask; index->slots[i].index; i = (i + 1) & index->mask) {
		uint32_t home = index->slots[i].tag & index->mask;
		if (((i - home) & index->mask) >= ((i - hole) & index->mask)) {
			index->slots[hole] = index->slots[i];
			hole = i;
		}
	}
	index->slots[hole] = (struct nat_slot){0};
	index->n--;
}

/* ---- destinations, looked for ---- */

static struct nat_destination *destination_at(const struct nat *nat, uint32_t index)
{
	return pool_at(&nat->destinations, index);
}

static uint32_t find_destination(const struct nat *nat, struct key key)
{
	const struct nat_index *index = &nat->by_destination;
	uint32_t tag = key_hash(key);
	if (index->slots)
		for (uint32_t i = tag & index->mask; index->slots[i].index; i = (i + 1) & index->mask)
			if (index->slots[i].tag == tag &&
			    key_equal(key, key_destination_of(nat, destination_at(nat, index->slots[i].index))))
				return index->slots[i].index;
	return POOL_NONE;
}

/* ---- mappings ---- */

uint32_t nat_find_inside(const struct nat *nat, const struct tuple *inside)
{
	const struct nat_index *index = &nat->by_inside;
	if (!index->slots)
		return POOL_NONE;
	struct key key = key_inside(nat, inside);
	uint32_t tag = key_hash(key);
	for (uint32_t i = tag & index->mask; index->slots[i].index; i = (i + 1) & index->mask)
		if (index->slots[i].tag == tag &&
		    key_equal(key, key_inside(nat, &nat_mapping_at(nat, index->slots[i].index)->inside)))
			return index->slots[i].index;
	return POOL_NONE;
}

uint32_t nat_find_outside(const struct nat *nat, struct nat_outside outside)
{
	const struct nat_index *index = &nat->by_outside;
	if (!index->slots)
		return POOL_NONE;
	struct key key = key_outside(nat, outside);
	uint32_t tag = key_hash(key);
	for (uint32_t i = tag & index->mask; index->slots[i].index; i = (i + 1) & index->mask)
		if (index->slots[i].tag == tag &&
		    key_equal(key, key_outside_of(nat, nat_mapping_at(nat, index->slots[i].index))))
			return index->slots[i].index;
	return POOL_NONE;
}

static inline bool is_live(const struct nat *nat, uint32_t mapping)
{
	return mapping != POOL_NONE && mapping < nat->mappings.n_used &&
	       !instant_is_never(nat_mapping_at(nat, mapping)->armed) && !nat_rests(nat_mapping_at(nat, mapping));
}

uint32_t nat_find_outbound(const struct nat *nat, const struct nat_packet *packet)
{
	if (is_live(nat, packet->hint) && tuple_equal(&packet->tuple, &nat_mapping_at(nat, packet->hint)->inside))
		return packet->hint;
	return nat_find_inside(nat, &packet->tuple);
}

/* The answer to the packet that made the mapping. */
static bool is_outside_of(const struct nat *nat, const struct nat_mapping *m, const struct tuple *tuple)
{
	return tuple->src.raw == m->inside.dst.raw && tuple->dst.raw == nat_outside_address(nat, m).raw &&
	       tuple->src_port.raw == m->inside.dst_port.raw && be16_to(tuple->dst_port) == m->outside_port &&
	       tuple->proto == m->inside.proto;
}

static uint32_t find_answered(const struct nat *nat, const struct tuple *arriving)
{
	struct nat_outside outside = {nat_address_find(nat, arriving->dst), be16_to(arriving->dst_port),
				      arriving->proto, arriving->src, arriving->src_port};
	return nat_find_outside(nat, outside);
}

uint32_t nat_find_inbound(const struct nat *nat, const struct nat_packet *packet)
{
	if (is_live(nat, packet->hint) && is_outside_of(nat, nat_mapping_at(nat, packet->hint), &packet->tuple))
		return packet->hint;
	return find_answered(nat, &packet->tuple);
}

const struct nat_mapping *nat_mapping_of_arriving(const struct nat *nat, const struct tuple *arriving,
						  struct instant now)
{
	uint32_t mapping = find_answered(nat, arriving);
	const struct nat_mapping *m = mapping == POOL_NONE ? NULL : nat_mapping_at(nat, mapping);
	return m && !nat_is_due(nat, m, now) ? m : NULL;
}

/* Its port, or address, decides about those of further mappings of the same inside end. */
static bool is_displaced(const struct nat *nat, const struct nat_mapping *m)
{
	return nat->rules.allocation == NAT_ALLOCATES_PRESERVE &&
	       (m->outside_port != be16_to(m->inside.src_port) ||
		(nat->rules.kernel_ports && nat->rules.n_addresses > 1)) &&
	       nat_mapping_depends(nat, m->inside.proto) != NAT_ON_ENDPOINT;
}

/* Of several the newest. */
uint32_t nat_find_displaced(const struct nat *nat, const struct tuple *inside, uint32_t without, struct instant now)
{
	const struct nat_index *index = &nat->by_displaced;
	struct key key = key_source(inside);
	uint32_t tag = key_hash(key), best = POOL_NONE;
	for (uint32_t i = tag & index->mask; index->n > 0 && index->slots[i].index; i = (i + 1) & index->mask) {
		uint32_t candidate = index->slots[i].index;
		const struct nat_mapping *m = nat_mapping_at(nat, candidate);
		if (index->slots[i].tag == tag && candidate != without && key_equal(key, key_source(&m->inside)) &&
		    !nat_is_due(nat, m, now) &&
		    (best == POOL_NONE || nat_mapping_order(nat_mapping_at(nat, best), m) < 0))
			best = candidate;
	}
	return best;
}

int nat_table_add(struct nat *nat, uint32_t mapping)
{
	const struct nat_mapping *m = nat_mapping_at(nat, mapping);
	bool displaced = is_displaced(nat, m);
	int r = nat_index_reserve(&nat->by_inside);
	if (r == 0)
		r = nat_index_reserve(&nat->by_outside);
	if (r == 0 && displaced)
		r = nat_index_reserve(&nat->by_displaced);
	if (r < 0)
		return r;
	if (displaced) {
		nat_index_put(&nat->by_displaced, key_hash(key_source(&m->inside)), mapping);
		nat->by_displaced.n++;
	}
	nat_index_put(&nat->by_inside, key_hash(key_inside(nat, &m->inside)), mapping);
	nat_index_put(&nat->by_outside, key_hash(key_outside_of(nat, m)), mapping);
	nat->by_inside.n++;
	nat->by_outside.n++;
	nat_taken_add(nat, m);
	return 0;
}

static void fetch_slot(const struct nat_index *index, struct key key)
{
	if (index->slots)
		fetch_line(&index->slots[key_hash(key) & index->mask]);
}

void nat_fetch(const struct nat *nat, uint32_t mapping)
{
	if (mapping != POOL_NONE && mapping < nat->mappings.n_used)
		fetch_line(nat_mapping_at(nat, mapping));
}

/* The port is a guess: where nothing is in the way, sequential allocation goes on there. */
void nat_fetch_new(const struct nat *nat, uint32_t owner, const struct tuple *tuple)
{
	fetch_slot(&nat->by_inside, key_inside(nat, tuple));
	uint32_t destination = nat_destination_find(nat, owner, nat_address_number(nat, owner, tuple->src), tuple);
	if (destination == POOL_NONE)
		return;
	const struct nat_destination *d = destination_at(nat, destination);
	fetch_slot(&nat->by_outside, key_outside(nat, (struct nat_outside){d->address, d->next_port, tuple->proto,
									   tuple->dst, tuple->dst_port}));
}

void nat_table_fetch(const struct nat *nat, uint32_t mapping)
{
	const struct nat_mapping *m = nat_mapping_at(nat, mapping);
	fetch_slot(&nat->by_inside, key_inside(nat, &m->inside));
	fetch_slot(&nat->by_outside, key_outside_of(nat, m));
}

/* It was created NEVER. */
static bool is_hidden(const struct nat_mapping *m)
{
	return instant_is_never(m->created);
}

void nat_table_remove(struct nat *nat, uint32_t mapping)
{
	const struct nat_mapping *m = nat_mapping_at(nat, mapping);
	if (!is_hidden(m))
		index_remove(&nat->by_inside, key_hash(key_inside(nat, &m->inside)), mapping);
	index_remove(&nat->by_outside, key_hash(key_outside_of(nat, m)), mapping);
	nat_taken_remove(nat, m);
	if (!nat_rests(m) && is_displaced(nat, m))
		index_remove(&nat->by_displaced, key_hash(key_source(&m->inside)), mapping);
}

void nat_table_rest(struct nat *nat, uint32_t mapping)
{
	const struct nat_mapping *m = nat_mapping_at(nat, mapping);
	if (is_displaced(nat, m))
		index_remove(&nat->by_displaced, key_hash(key_source(&m->inside)), mapping);
}

void nat_table_hide(struct nat *nat, uint32_t mapping)
{
	struct nat_mapping *m = nat_mapping_at(nat, mapping);
	index_remove(&nat->by_inside, key_hash(key_inside(nat, &m->inside)), mapping);
	m->created = INSTANT_NEVER;
}

/* ---- destinations, made ---- */

uint32_t nat_destination_find(const struct nat *nat, uint32_t owner, uint32_t address, const struct tuple *inside)
{
	return find_destination(nat, key_destination(nat, owner, address, inside));
}

uint32_t nat_destination_make(struct nat *nat, uint32_t owner, uint32_t address, const struct tuple *inside)
{
	struct nat_index *index = &nat->by_destination;
	if (nat_index_reserve(index) < 0)
		return POOL_NONE;
	uint32_t made = pool_get(&nat->destinations);
	if (made == POOL_NONE)
		return POOL_NONE;
	enum nat_depends depends = nat_mapping_depends(nat, inside->proto);
	*destination_at(nat, made) = (struct nat_destination){
		.owner = owner,
		.addr = nat_masked_addr(depends, inside->dst),
		.port = nat_masked_port(depends, inside->dst_port),
		.proto = inside->proto,
		.address = (uint8_t)address,
	};
	nat_index_put(index, key_hash(key_destination(nat, owner, address, inside)), made);
	index->n++;
	return made;
}

void nat_destination_drop(struct nat *nat, uint32_t destination)
{
	index_remove(&nat->by_destination, key_hash(key_destination_of(nat, destination_at(nat, destination))),
		     destination);
	pool_put(&nat->destinations, destination);
}

/* ---- filtering ---- */

static bool same_remote(enum nat_depends depends, be32 a, be16 a_port, be32 b, be16 b_port)
{
	return nat_masked_addr(depends, a).raw == nat_masked_addr(depends, b).raw &&
	       nat_masked_port(depends, a_port).raw == nat_masked_port(depends, b_port).raw;
}

bool nat_permits(const struct nat *nat, const struct nat_mapping *mapping, be32 remote, be16 remote_port)
{
	enum nat_depends depends = nat->rules.filtering;
	if (nat_is_query(mapping->inside.proto) && depends == NAT_ON_ADDRESS_AND_PORT)
		depends =
			NAT_ON_ADDRESS; /* an echo's identifier is the sender's: the far side has no port of its own */
	if (same_remote(depends, mapping->inside.dst, mapping->inside.dst_port, remote, remote_port))
		return true;
	for (uint32_t i = nat_sessions(nat, mapping); i != POOL_NONE;) {
		const struct nat_session *session = pool_at(&nat->sessions, i);
		if (same_remote(depends, session->addr, session->port, remote, remote_port))
			return true;
		i = session->next;
	}
	return false;
}

struct nat_session *nat_session_find(const struct nat *nat, const struct nat_mapping *mapping, be32 remote,
				     be16 remote_port)
{
	for (uint32_t i = nat_sessions(nat, mapping); i != POOL_NONE;) {
		struct nat_session *session = pool_at(&nat->sessions, i);
		if (session->addr.raw == remote.raw && session->port.raw == remote_port.raw)
			return session;
		i = session->next;
	}
	return NULL;
}

/* TCP's connections are kept apart whatever the filter: the mapping lives as long as one of them. So are destinations of
 * which there is a limited number. */
bool nat_knows(const struct nat *nat, const struct nat_mapping *mapping, be32 remote, be16 remote_port)
{
	if (mapping->inside.proto != PROTO_TCP && nat->rules.limits.per_destination == 0)
		return nat_permits(nat, mapping, remote, remote_port);
	return same_remote(NAT_ON_ADDRESS_AND_PORT, mapping->inside.dst, mapping->inside.dst_port, remote,
			   remote_port) ||
	       nat_session_find(nat, mapping, remote, remote_port);
}

int nat_permit(struct nat *nat, struct nat_mapping *mapping, be32 remote, be16 remote_port)
{
	if (nat_knows(nat, mapping, remote, remote_port))
		return 0;
	uint32_t made = pool_get(&nat->sessions);
	if (made == POOL_NONE)
		return -ENOMEM;
	if (nat_limits_take_towards(nat, mapping, remote, remote_port) < 0) {
		pool_put(&nat->sessions, made);
		return -ENOMEM;
	}
	struct nat_session *session = pool_at(&nat->sessions, made);
	*session = (struct nat_session){.addr = remote, .port = remote_port, .next = mapping->sessions};
	mapping->sessions = made;
	return 0;
}

void nat_forget_sessions(struct nat *nat, struct nat_mapping *mapping)
{
	if (nat_tracks(nat, mapping->inside.proto)) {
		pool_put(&nat->tracks, mapping->sessions);
		mapping->sessions = POOL_NONE;
	}
	if (nat_has_ways(nat, mapping->inside.proto)) {
		pool_put(&nat->ways, mapping->sessions);
		mapping->sessions = POOL_NONE;
	}
	while (mapping->sessions != POOL_NONE) {
		uint32_t session = mapping->sessions;
		mapping->sessions = ((struct nat_session *)pool_at(&nat->sessions, session))->next;
		pool_put(&nat->sessions, session);
	}
}
