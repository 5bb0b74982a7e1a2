/* DOC: which address and port a new mapping gets. Of several outside addresses an inside address keeps one: the
 * instance's by its number, else that which the inside address gives when divided by their number, so that it depends
 * on nothing else (RFC 4787 R2, R11). Each owner has a block of ports (or all share one); a port is free for a mapping
 * when no other mapping has it towards the same destination (where ports are reused), or at all. Sequential allocation
 * keeps a cursor for each owner and destination, so a flow's ports do not depend on flows to another.
 * Preserving allocation takes the source's port, else one like it, else any. */
#include "base/random.h"
#include "net/header.h"
#include "rule/nat_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_UNPRIVILEGED 1024u

bool nat_port_reserved(const struct nat *nat, uint16_t port)
{
	return (nat->reserved[port / 8] >> (port % 8) & 1) != 0;
}

void nat_reserve(struct nat *nat, uint16_t port)
{
	nat->reserved[port / 8] = (uint8_t)(nat->reserved[port / 8] | 1u << (port % 8));
	nat->any_reserved = true;
}

/* Where an owner's block starts: a root, or the far half of the block of the owner from which it was split when the pool
 * doubled. */
static uint64_t block_offset(const struct nat_blocks *blocks, uint32_t owner)
{
	uint64_t offset = 0;
	while (owner >= blocks->n_roots) {
		uint32_t size = blocks->n_roots; /* of the pool when it doubled and this owner joined */
		uint32_t half = blocks->root_ports / 2;
		while (owner >= 2 * (uint64_t)size) {
			size *= 2;
			half /= 2;
		}
		offset += half;
		owner -= size;
	}
	return offset + (uint64_t)owner * blocks->root_ports;
}

int nat_note_holes(struct nat *nat)
{
	const uint32_t all = sizeof nat->reserved;
	uint16_t *holes = malloc(all * sizeof *holes);
	if (!holes)
		return -ENOMEM;
	free(nat->holes);
	nat->holes = holes;
	nat->n_holes = 0;
	for (uint32_t eight = nat->rules.port_first / 8u; eight < all; eight++)
		if (nat->reserved[eight] == UINT8_MAX)
			nat->holes[nat->n_holes++] = (uint16_t)(eight * 8);
	return 0;
}

/* The port that is the nth of those outside of holes. */
static uint32_t beside_holes(const struct nat *nat, uint64_t n)
{
	uint64_t port = nat->rules.port_first + n;
	for (uint32_t i = 0; i < nat->n_holes && nat->holes[i] <= port; i++)
		port += 8;
	return port < nat->rules.port_last ? (uint32_t)port : nat->rules.port_last;
}

static void ports_around_holes(const struct nat *nat, uint32_t block, uint16_t *ret_first, uint32_t *ret_n)
{
	uint64_t offset = block_offset(&nat->blocks, block);
	uint32_t first = beside_holes(nat, offset), last = beside_holes(nat, offset + nat->blocks.block_ports - 1);
	*ret_first = (uint16_t)first;
	*ret_n = last - first + 1;
}

/* The `block`th of an address. */
static void ports_of_block(const struct nat *nat, uint32_t block, uint16_t *ret_first, uint32_t *ret_n)
{
	uint32_t range = (uint32_t)nat->rules.port_last - nat->rules.port_first + 1;
	uint64_t offset = block_offset(&nat->blocks, block);
	bool is_there = offset < range;
	if (__builtin_expect(nat->n_holes > 0, 0) && is_there) {
		ports_around_holes(nat, block, ret_first, ret_n);
		return;
	}
	*ret_first = (uint16_t)(nat->rules.port_first + (is_there ? offset : 0));
	*ret_n = !is_there                                            ? 0
		 : range - (uint32_t)offset < nat->blocks.block_ports ? range - (uint32_t)offset
								      : nat->blocks.block_ports;
}

void nat_block(const struct nat *nat, uint32_t owner, uint16_t *ret_first, uint32_t *ret_n)
{
	*ret_first = nat->rules.port_first;
	*ret_n = (uint32_t)nat->rules.port_last - nat->rules.port_first + 1;
	if (nat->blocks.block_ports != 0)
		ports_of_block(nat, nat->by_source ? nat->owners[owner].block : owner / nat->rules.n_addresses,
			       ret_first, ret_n);
}

/* By TCP's forwards: plots have one line for both. */
static bool is_forwards(const struct nat *nat, uint16_t port)
{
	return nat_forwards(nat) && !nat->rules.kernel_ports && nat_forward_at(nat, PROTO_TCP, port);
}

uint32_t nat_usable(const struct nat *nat, uint16_t first, uint16_t last)
{
	uint32_t n = 0;
	for (uint32_t port = first; port <= last; port++)
		n += !nat_port_reserved(nat, (uint16_t)port) && !is_forwards(nat, (uint16_t)port);
	return n;
}

/* An inside address without a number would get the next block of its outside address. */
static void share_of_newcomer(const struct nat *nat, struct nat_share *ret)
{
	ports_of_block(nat, nat->n_blocks[ret->address], &ret->first, &ret->n);
	ret->n_reserved = 0;
	for (uint32_t port = ret->first; port < ret->first + ret->n; port++)
		ret->n_reserved += nat_port_reserved(nat, (uint16_t)port);
}

static uint64_t chance(const struct nat *nat, const struct tuple *inside, uint64_t which)
{
	return random_join(random_join(nat->rules.seed, which),
			   random_join((uint64_t)be32_key(inside->src) << 32 | be32_key(inside->dst),
				       (uint64_t)be16_key(inside->src_port) << 32 |
					       (uint64_t)be16_key(inside->dst_port) << 16 | inside->proto));
}

/* docs/nat.md, "Addresses by chance": a function of numbers, so that it is the same on every machine. */
static uint32_t address_by_chance(const struct nat *nat, const struct tuple *inside)
{
	uint64_t addresses = (uint64_t)be32_to(inside->src) << 32 | be32_to(inside->dst),
		 ports = (uint64_t)be16_to(inside->src_port) << 32 | (uint64_t)be16_to(inside->dst_port) << 16 |
			 inside->proto;
	return random_below(random_join(nat->rules.seed, random_join(addresses, ports)), nat->rules.n_addresses);
}

/* Blocks of ports are an inside address's, or a worker's, at one outside address. */
static bool is_paired(const struct nat *nat)
{
	return nat->rules.pooling == NAT_POOLING_PAIRED || nat->rules.n_addresses == 1 ||
	       nat->blocks.block_ports != 0 || nat_doubles(nat);
}

static uint32_t pooled_address(const struct nat *nat, const struct nat_share *share, const struct tuple *inside)
{
	uint32_t n = nat->rules.n_addresses, own = nat_address_find(nat, inside->src);
	if (is_paired(nat) || own < n)
		return nat_address_number(nat, share->owner, inside->src);
	switch (nat->rules.pooling) {
	case NAT_POOLING_PAIRED:
	case NAT_POOLING_ONE_AT_A_TIME:
		break;
	case NAT_POOLING_BY_DESTINATION:
		if (share->same_source != POOL_NONE)
			return nat_mapping_at(nat, share->same_source)->address;
		return random_below(
			random_join(nat->rules.seed, (uint64_t)be32_key(inside->src) << 32 | be32_key(inside->dst)), n);
	case NAT_POOLING_RANDOM:
		return address_by_chance(nat, inside);
	}
	return 0;
}

static void fill_share(const struct nat *nat, struct nat_share *share)
{
	if (nat->by_source && share->owner == nat->n_owners && !nat_doubles(nat)) {
		share_of_newcomer(nat, share);
		return;
	}
	nat_block(nat, share->owner, &share->first, &share->n);
	share->n_reserved = nat->owners[nat->blocks.block_ports == 0 ? 0 : share->owner].reserved;
}

void nat_share(const struct nat *nat, const struct nat_packet *packet, uint32_t without, struct instant now,
	       struct nat_share *ret)
{
	const struct tuple *inside = &packet->tuple;
	*ret = (struct nat_share){
		.owner = nat->by_source ? nat_owner_find(nat, inside->src) : packet->owner,
		.without = without,
		.same_source = nat->by_displaced.n > 0 ? nat_find_displaced(nat, inside, without, now) : POOL_NONE,
		.opens = packet->segment,
	};
	ret->address = pooled_address(nat, ret, inside);
	fill_share(nat, ret);
}

bool nat_share_next(const struct nat *nat, uint32_t i, struct nat_share *share)
{
	if (i >= nat->rules.n_addresses || is_paired(nat) || nat->rules.pooling == NAT_POOLING_BY_DESTINATION)
		return false;
	share->address = (share->address + 1) % nat->rules.n_addresses;
	fill_share(nat, share);
	return true;
}

uint32_t nat_address_number(const struct nat *nat, uint32_t owner, be32 inside)
{
	uint32_t n = nat->rules.n_addresses, own = n == 1 ? 0 : nat_address_find(nat, inside);
	if (own < n && n > 1)
		return own; /* the machine's own connections keep their address */
	return n == 1 ? 0 : (nat->blocks.block_ports != 0 && !nat->by_source ? owner : be32_to(inside)) % n;
}

uint32_t nat_address_find(const struct nat *nat, be32 address)
{
	uint32_t i = 0;
	while (i < nat->rules.n_addresses && nat->rules.addresses[i].raw != address.raw)
		i++;
	return i;
}

bool nat_has_address(const struct nat *nat, be32 address)
{
	return nat_address_find(nat, address) < nat->rules.n_addresses ||
	       (__builtin_expect(nat->rules.n_statics > 0, 0) && nat_is_static(nat, address));
}

be32 nat_address_of(const struct nat *nat, uint32_t owner, be32 inside)
{
	return nat->rules.addresses[nat_address_number(nat, owner, inside)];
}

be32 nat_outside_address(const struct nat *nat, const struct nat_mapping *mapping)
{
	return nat->rules.addresses[mapping->address];
}

static const struct nat_ports *ports_of(const struct nat *nat, uint32_t address, uint8_t proto)
{
	return &nat->ports[address].of[nat_proto_index(proto)];
}

/* What is due, and still counted. Rare: a decision between the end of a mapping and its timer. */
static bool any_lives(const struct nat *nat, uint32_t address, uint8_t proto, uint16_t port, struct instant now)
{
	const struct nat_index *index = &nat->by_outside;
	for (uint32_t i = 0; index->slots && i <= index->mask; i++) {
		if (index->slots[i].index == POOL_NONE)
			continue;
		const struct nat_mapping *m = nat_mapping_at(nat, index->slots[i].index);
		if (m->inside.proto == proto && m->outside_port == port && m->address == address && !nat_rests(m) &&
		    !nat_is_due(nat, m, now))
			return true;
	}
	return false;
}

bool nat_port_is_used(const struct nat *nat, uint32_t address, uint8_t proto, uint16_t port, struct instant now)
{
	const uint32_t *n = address < nat->rules.n_addresses ? ports_of(nat, address, proto)->n_mappings : NULL;
	return n && n[port] > 0 && (!instant_reached(now, nat->expiry) || any_lives(nat, address, proto, port, now));
}

/* A hairpin from the very end point that it calls would come back to its own sender. */
static bool calls_itself(const struct nat *nat, uint32_t address, const struct tuple *inside, uint16_t port)
{
	return !nat_is_query(inside->proto) && be16_to(inside->dst_port) == port &&
	       be32_equal(inside->dst, nat->rules.addresses[address]);
}

/* A connection that is over leaves its port to a new one, where the kernel looks so hard. */
static bool gives_way(const struct nat *nat, const struct nat_share *share, uint32_t other)
{
	return share->opens && nat_tracks(nat, PROTO_TCP) && !nat_rests(nat_mapping_at(nat, other)) &&
	       (share->opens->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN &&
	       nat_track_gives_way(nat_track_of(nat, nat_mapping_at(nat, other)), share->opens);
}

enum effort { EFFORT_USUAL, EFFORT_HARD };

static bool port_is_free_by(const struct nat *nat, const struct nat_share *share, const struct tuple *inside,
			    uint16_t port, enum effort effort, struct instant now)
{
	uint32_t address = share->address;
	if ((!nat_is_query(inside->proto) && nat_port_reserved(nat, port)) || calls_itself(nat, address, inside, port))
		return false;
	/* Netfilter distinguishes a forwarded connection by its whole tuple, others by the port. */
	if (nat_forwards(nat) && !nat->rules.kernel_ports && nat_forward_at(nat, inside->proto, port))
		return false;
	if ((!nat_reuses(nat) || share->unused_alone) && nat_port_is_used(nat, address, inside->proto, port, now))
		return false;
	if (!nat_reuses(nat) && nat->n_resting == 0 && !nat->rules.hold.has_udp)
		return true;
	uint32_t other = nat_find_outside(
		nat, (struct nat_outside){address, port, inside->proto, inside->dst, inside->dst_port});
	return other == POOL_NONE || other == share->without || nat_has_left(nat, nat_mapping_at(nat, other), now) ||
	       (effort == EFFORT_HARD && inside->proto == PROTO_TCP && gives_way(nat, share, other));
}

static bool port_is_free(const struct nat *nat, const struct nat_share *share, const struct tuple *inside,
			 uint16_t port, struct instant now)
{
	return port_is_free_by(nat, share, inside, port, EFFORT_USUAL, now);
}

/* How much a port has of the source's: 2 where it lies on the same side of 1024 (RFC 4787 R3a) and, for UDP, is as even
 * or odd (R4); 1 where it lies there. */
static unsigned likeness(const struct tuple *inside, uint16_t port)
{
	uint16_t wanted = be16_to(inside->src_port);
	if ((port < FIRST_UNPRIVILEGED) != (wanted < FIRST_UNPRIVILEGED))
		return 0;
	return inside->proto == PROTO_UDP && (port & 1) != (wanted & 1) ? 1 : 2;
}

/* The first free port of a share, beginning at its `start`th, that is at least so like the source's. */
static uint32_t first_free(const struct nat *nat, const struct nat_share *share, const struct tuple *inside,
			   uint32_t start, unsigned least, struct instant now)
{
	/* Where nothing is due, a port that some mapping has is not free. */
	const uint64_t *taken = share->without == POOL_NONE && !instant_reached(now, nat->expiry)
					? nat_taken_bits(nat, share->address, inside)
					: NULL;
	for (uint32_t i = 0; i < share->n; i++) {
		uint32_t at = (start + i) % share->n;
		uint16_t port = (uint16_t)(share->first + at);
		if (taken && (taken[port / 64] >> port % 64 & 1) != 0) {
			if (port % 64 == 0 && taken[port / 64] == UINT64_MAX && at + 64 <= share->n)
				i += 63;
			continue;
		}
		if ((least == 0 || likeness(inside, port) >= least) && port_is_free(nat, share, inside, port, now))
			return port;
	}
	return NAT_NO_PORT;
}

/* With a block of its own and reuse, the destination's count says at once that nothing is left; and that of the ports in
 * use, that each serves some destination. */
static bool nothing_is_left(const struct nat *nat, const struct nat_share *share, uint8_t proto, uint32_t n_reserved,
			    uint32_t destination, struct instant now)
{
	if (share->n <= n_reserved)
		return true;
	if (share->unused_alone && nat->blocks.block_ports == 0 && !instant_reached(now, nat->expiry) &&
	    ports_of(nat, share->address, proto)->n_in_use >= share->n - n_reserved)
		return true;
	if (!nat_reuses(nat) || destination == POOL_NONE || instant_reached(now, nat->expiry))
		return false;
	const struct nat_destination *d = pool_at(&nat->destinations, destination);
	return d->n_used >= share->n - n_reserved;
}

uint32_t nat_port_kept(const struct nat *nat, const struct nat_share *share, const struct tuple *inside,
		       struct instant now)
{
	uint16_t port = be16_to(inside->src_port);
	return port_is_free(nat, share, inside, port, now) ? port : NAT_NO_PORT;
}

/* ---- as netfilter chooses: nf_nat_core.c's behaviour, docs/conformance.md ---- */

#define MOST_TRIES 128u
#define HARD_TRIES 32u
#define LEAST_TRIES 16u
#define FIRST_OF_LOW 600u /* of the ports below 1024, for those from 512 on */

static void class_of(const struct nat *nat, const struct tuple *inside, struct nat_share *share)
{
	uint16_t wanted = be16_to(inside->src_port);
	if (nat_is_query(inside->proto)) {
		share->first = 0;
		share->n = 65536;
	} else if (nat->rules.port_classes && nat->blocks.block_ports == 0) {
		share->first = wanted < 512 ? 1 : wanted < FIRST_UNPRIVILEGED ? FIRST_OF_LOW : FIRST_UNPRIVILEGED;
		share->n = (wanted < 512                  ? 512
			    : wanted < FIRST_UNPRIVILEGED ? FIRST_UNPRIVILEGED
							  : 65536) -
			   share->first;
	}
}

/* The search begins somewhere and is bounded: then again elsewhere with half as many tries. */
static uint32_t found_by_chance(const struct nat *nat, const struct nat_share *share, const struct tuple *inside,
				struct instant now)
{
	uint32_t n = share->n < MOST_TRIES ? share->n : MOST_TRIES;
	for (uint32_t round = 0;; round++) {
		uint32_t start = random_below(chance(nat, inside, round), 65536);
		for (uint32_t i = 0; i < n; i++) {
			uint16_t port = (uint16_t)(share->first + (start + i) % share->n);
			if (port_is_free_by(nat, share, inside, port, n - i <= HARD_TRIES ? EFFORT_HARD : EFFORT_USUAL,
					    now))
				return port;
		}
		if (n >= share->n || n < LEAST_TRIES)
			return NAT_NO_PORT;
		n /= 2;
	}
}

static uint32_t kernels_choice(const struct nat *nat, const struct nat_share *from, const struct tuple *inside,
			       struct instant now)
{
	struct nat_share share = *from;
	uint16_t wanted = be16_to(inside->src_port);
	class_of(nat, inside, &share);
	if (share.n == 0)
		return NAT_NO_PORT;
	if (share.same_source != POOL_NONE) {
		const struct nat_mapping *same = nat_mapping_at(nat, share.same_source);
		if (same->address == share.address && same->outside_port >= share.first &&
		    same->outside_port < share.first + share.n &&
		    port_is_free(nat, &share, inside, same->outside_port, now))
			return same->outside_port;
	}
	bool in_range = wanted >= share.first && wanted < share.first + share.n;
	if ((in_range || (nat->rules.port_classes && nat->blocks.block_ports == 0)) &&
	    port_is_free(nat, &share, inside, wanted, now))
		return wanted;
	return found_by_chance(nat, &share, inside, now);
}

/* ---- as the other NATs do ---- */

uint32_t nat_port_choose(const struct nat *nat, const struct nat_share *share, const struct tuple *inside,
			 uint32_t towards, struct instant now)
{
	const struct nat_destination *destination = towards == POOL_NONE ? NULL : pool_at(&nat->destinations, towards);
	uint16_t first = share->first;
	uint32_t n = share->n;
	bool is_query = nat_is_query(inside->proto);
	if (nat->rules.kernel_ports)
		return kernels_choice(nat, share, inside, now);
	/* The range is one of ports: any identifier may stay as it is. */
	bool keeps_any = is_query && nat->rules.allocation == NAT_ALLOCATES_PRESERVE && nat->blocks.block_ports == 0;
	bool own_block = !keeps_any && !nat_doubles(nat) && (nat->blocks.block_ports != 0 || nat->blocks.n_owners == 1);
	uint32_t n_reserved = is_query ? 0 : share->n_reserved;
	if (own_block ? nothing_is_left(nat, share, inside->proto, n_reserved, towards, now) : n <= n_reserved)
		return NAT_NO_PORT;

	uint32_t start = 0;
	uint16_t wanted = be16_to(inside->src_port);
	/* An end that had to take another port once has it towards others too, where it is free there. */
	const struct nat_mapping *same =
		share->same_source == POOL_NONE ? NULL : nat_mapping_at(nat, share->same_source);
	if (same && same->address == share->address && port_is_free(nat, share, inside, same->outside_port, now))
		return same->outside_port;
	switch (nat->rules.allocation) {
	case NAT_ALLOCATES_SEQUENTIAL:
		if (destination && destination->next_port >= first && destination->next_port < first + n)
			start = destination->next_port - first;
		break;
	case NAT_ALLOCATES_PRESERVE:
		if (keeps_any && wanted != 0 && port_is_free(nat, share, inside, wanted, now))
			return wanted;
		if (wanted >= first && wanted < first + n)
			start = wanted - first;
		break;
	case NAT_ALLOCATES_RANDOM:
		start = random_below(
			random_join(nat->rules.seed,
				    random_join((uint64_t)be32_key(inside->src) << 32 | be32_key(inside->dst),
						(uint64_t)be16_key(inside->src_port) << 32 |
							(uint64_t)be16_key(inside->dst_port) << 16 | inside->proto)),
			n);
		break;
	}
	uint32_t port = NAT_NO_PORT;
	for (unsigned least = nat->rules.allocation == NAT_ALLOCATES_PRESERVE && !is_query ? 3 : 1;
	     port == NAT_NO_PORT && least-- > 0;)
		port = first_free(nat, share, inside, start, least, now);
	return port;
}

int nat_port_take(struct nat *nat, const struct nat_mapping *mapping)
{
	struct nat_ports *ports = &nat->ports[mapping->address].of[nat_proto_index(mapping->inside.proto)];
	if (!ports->n_mappings) {
		ports->n_mappings = calloc(65536, sizeof *ports->n_mappings);
		ports->ever = calloc(65536 / 8, 1);
		if (!ports->n_mappings || !ports->ever) {
			free(ports->n_mappings);
			free(ports->ever);
			*ports = (struct nat_ports){0};
			return -ENOMEM;
		}
	}
	uint16_t port = mapping->outside_port;
	ports->ever[port / 8] = (uint8_t)(ports->ever[port / 8] | 1u << (port % 8));
	int r = nat_owner_take(nat, mapping, ports->n_mappings[port] == 0);
	if (r < 0)
		return r;
	if (ports->n_mappings[port]++ > 0)
		return 0;
	ports->n_in_use++;
	if (++nat->ports_in_use > nat->ports_in_use_peak)
		nat->ports_in_use_peak = nat->ports_in_use;
	return 0;
}

void nat_port_release(struct nat *nat, const struct nat_mapping *mapping)
{
	struct nat_ports *ports = &nat->ports[mapping->address].of[nat_proto_index(mapping->inside.proto)];
	bool is_free = --ports->n_mappings[mapping->outside_port] == 0;
	nat->ports_in_use -= is_free;
	ports->n_in_use -= is_free;
	nat_owner_release(nat, mapping, is_free);
}

bool nat_port_was_mapped(const struct nat *nat, uint8_t proto, be32 address, uint16_t port)
{
	uint32_t number = nat_address_find(nat, address);
	const uint8_t *ever = number < nat->rules.n_addresses ? ports_of(nat, number, proto)->ever : NULL;
	return ever && (ever[port / 8] >> (port % 8) & 1) != 0;
}

void nat_ports_forget(struct nat *nat)
{
	for (size_t i = 0; i < nat->n_ports; i++)
		for (size_t k = 0; k < NAT_N_PROTOS; k++)
			if (nat->ports[i].of[k].ever)
				memset(nat->ports[i].of[k].ever, 0, 65536 / 8);
}
