/* DOC: which ports of an address are taken towards a destination, as bits: where many owners draw from one pool, a search
 * passes over the ports of all others, and a look into the table for each would cost more than the rest of the packet. The
 * first destinations of a NAT have such bits; a search without them, and what a bit does not say, asks the table. */
#include "base/random.h"
#include "rule/nat_internal.h"
#include <stdlib.h>

#define DESTINATIONS 64u

struct nat_taken {
	uint64_t remote, rest; /* address and remote; port and protocol there, as far as a mapping depends on them */
	uint64_t bits[65536 / 64];
};

struct nat_takens {
	struct nat_taken *of[DESTINATIONS];
};

/* Ports of one pool that serve several owners, and several destinations each. */
static bool is_wanted(const struct nat *nat)
{
	return nat->blocks.block_ports == 0 && nat->blocks.n_owners > 1 && nat_reuses(nat) && !nat->rules.kernel_ports;
}

static void key_of(const struct nat *nat, uint32_t address, const struct tuple *inside, uint64_t *ret_remote,
		   uint64_t *ret_rest)
{
	enum nat_depends depends = nat_mapping_depends(nat, inside->proto);
	*ret_remote = (uint64_t)address << 32 | be32_key(nat_masked_addr(depends, inside->dst));
	*ret_rest = (uint64_t)be16_key(nat_masked_port(depends, inside->dst_port)) << 8 | inside->proto;
}

static struct nat_taken **slot_of(const struct nat *nat, uint64_t remote, uint64_t rest)
{
	return &nat->takens->of[random_join(remote, rest) % DESTINATIONS];
}

static bool is_of(const struct nat_taken *taken, uint64_t remote, uint64_t rest)
{
	return taken && taken->remote == remote && taken->rest == rest;
}

static struct nat_taken *make(const struct nat *nat, uint64_t remote, uint64_t rest)
{
	const struct nat_index *index = &nat->by_outside;
	struct nat_taken *taken = calloc(1, sizeof *taken);
	if (!taken)
		return NULL; /* the table says it, too */
	taken->remote = remote;
	taken->rest = rest;
	for (uint32_t i = 0; index->slots && i <= index->mask; i++) {
		uint64_t of_remote, of_rest;
		if (index->slots[i].index == POOL_NONE)
			continue;
		const struct nat_mapping *m = nat_mapping_at(nat, index->slots[i].index);
		key_of(nat, m->address, &m->inside, &of_remote, &of_rest);
		if (of_remote == remote && of_rest == rest)
			taken->bits[m->outside_port / 64] |= UINT64_C(1) << m->outside_port % 64;
	}
	return taken;
}

void nat_taken_add(struct nat *nat, const struct nat_mapping *m)
{
	uint64_t remote, rest;
	if (!nat->takens) {
		if (!is_wanted(nat))
			return;
		nat->takens = calloc(1, sizeof *nat->takens);
		if (!nat->takens)
			return;
	}
	key_of(nat, m->address, &m->inside, &remote, &rest);
	struct nat_taken **slot = slot_of(nat, remote, rest);
	if (!*slot)
		*slot = make(nat, remote, rest);
	if (is_of(*slot, remote, rest))
		(*slot)->bits[m->outside_port / 64] |= UINT64_C(1) << m->outside_port % 64;
}

void nat_taken_remove(struct nat *nat, const struct nat_mapping *m)
{
	uint64_t remote, rest;
	if (!nat->takens)
		return;
	key_of(nat, m->address, &m->inside, &remote, &rest);
	struct nat_taken *taken = *slot_of(nat, remote, rest);
	if (is_of(taken, remote, rest))
		taken->bits[m->outside_port / 64] &= ~(UINT64_C(1) << m->outside_port % 64);
}

const uint64_t *nat_taken_bits(const struct nat *nat, uint32_t address, const struct tuple *inside)
{
	uint64_t remote, rest;
	if (!nat->takens)
		return NULL;
	key_of(nat, address, inside, &remote, &rest);
	const struct nat_taken *taken = *slot_of(nat, remote, rest);
	return is_of(taken, remote, rest) ? taken->bits : NULL;
}

void nat_taken_deinit(struct nat *nat)
{
	for (size_t i = 0; nat->takens && i < DESTINATIONS; i++)
		free(nat->takens->of[i]);
	free(nat->takens);
	nat->takens = NULL;
}
