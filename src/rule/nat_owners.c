/* DOC: what each owner has: how many ports and mappings, now and over all. An owner is an instance, whether it has a
 * block of ports or shares one pool with others; or an inside address, where a NAT gives each of them a block.
 * A port of a block is its owner's alone. In a pool that is shared a port may serve several owners at once, towards
 * different destinations: then its uses by each of them are counted apart, in a table that only grows, with an entry
 * for each owner and port that ever met. */
#include "base/random.h"
#include "rule/nat_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- uses of shared ports ---- */

static uint64_t use_key(const struct nat *nat, const struct nat_mapping *m)
{
	return (uint64_t)(nat_owner(nat, m) + 1) << 32 | (uint64_t)m->address << 24 |
	       (uint64_t)nat_proto_index(m->inside.proto) << 16 | m->outside_port;
}

static struct nat_use *find_use(const struct nat_uses *uses, uint64_t key)
{
	uint32_t i = (uint32_t)random_mix(key) & uses->mask;
	while (uses->slots[i].key != 0 && uses->slots[i].key != key)
		i = (i + 1) & uses->mask;
	return &uses->slots[i];
}

/* The entry; made where there is none. NULL where memory is short. */
static struct nat_use *use_of(struct nat_uses *uses, uint64_t key)
{
	uint32_t size = uses->slots ? uses->mask + 1 : 0;
	if (uses->n + 1 > size / 4 * 3) {
		struct nat_uses grown = {.mask = size ? size * 2 - 1 : 63, .n = uses->n};
		grown.slots = calloc((size_t)grown.mask + 1, sizeof *grown.slots);
		if (!grown.slots)
			return NULL;
		for (uint32_t i = 0; i < size; i++)
			if (uses->slots[i].key != 0)
				*find_use(&grown, uses->slots[i].key) = uses->slots[i];
		free(uses->slots);
		*uses = grown;
	}
	struct nat_use *use = find_use(uses, key);
	uses->n += use->key == 0;
	use->key = key;
	return use;
}

/* ---- ports ---- */

static bool is_shared(const struct nat *nat)
{
	return nat->blocks.block_ports == 0 && nat->blocks.n_owners > 1 && !nat_doubles(nat);
}

int nat_owner_take(struct nat *nat, const struct nat_mapping *mapping, bool port_is_new)
{
	struct nat_owner *owner = &nat->owners[nat_owner(nat, mapping)];
	if (is_shared(nat)) {
		struct nat_use *use = use_of(&nat->uses, use_key(nat, mapping));
		if (!use)
			return -ENOMEM;
		port_is_new = use->n++ == 0;
	}
	if (port_is_new && ++owner->ports_in_use > owner->ports_in_use_peak)
		owner->ports_in_use_peak = owner->ports_in_use;
	return 0;
}

void nat_owner_release(struct nat *nat, const struct nat_mapping *mapping, bool port_is_free)
{
	if (is_shared(nat))
		port_is_free = --find_use(&nat->uses, use_key(nat, mapping))->n == 0;
	nat->owners[nat_owner(nat, mapping)].ports_in_use -= port_is_free;
}

/* ---- life ---- */

/* A pool that one owner had alone counted nothing apart. */
static int recount(struct nat *nat)
{
	free(nat->uses.slots);
	nat->uses = (struct nat_uses){0};
	for (uint32_t i = 0; is_shared(nat) && nat->by_inside.slots && i <= nat->by_inside.mask; i++) {
		if (nat->by_inside.slots[i].index == POOL_NONE ||
		    nat_rests(nat_mapping_at(nat, nat->by_inside.slots[i].index)))
			continue;
		struct nat_use *use =
			use_of(&nat->uses, use_key(nat, nat_mapping_at(nat, nat->by_inside.slots[i].index)));
		if (!use)
			return -ENOMEM;
		use->n++;
	}
	return 0;
}

static int reserve_owners(struct nat *nat, uint32_t n)
{
	if (n <= nat->capacity_owners)
		return 0;
	uint32_t capacity = n > 2 * nat->capacity_owners ? n : 2 * nat->capacity_owners;
	struct nat_owner *owners = realloc(nat->owners, capacity * sizeof *owners);
	if (!owners)
		return -ENOMEM;
	memset(owners + nat->capacity_owners, 0, (capacity - nat->capacity_owners) * sizeof *owners);
	nat->owners = owners;
	nat->capacity_owners = capacity;
	return 0;
}

static void count_reserved(struct nat *nat, uint32_t owner)
{
	uint16_t first;
	uint32_t n_ports;
	nat_block(nat, owner, &first, &n_ports);
	nat->owners[owner].reserved = 0;
	for (uint32_t port = first; nat->any_reserved && port < first + n_ports; port++)
		nat->owners[owner].reserved += nat_port_reserved(nat, (uint16_t)port);
}

/* Who is gone keeps its counts: what was made and what expired is reported at the end of a run, too. */
int nat_owners_set(struct nat *nat, const struct nat_blocks *blocks)
{
	uint32_t n = blocks->n_owners > 0 ? blocks->n_owners : 1;
	if (reserve_owners(nat, n) < 0)
		return -ENOMEM;
	nat->n_owners = n > nat->n_owners ? n : nat->n_owners;
	nat->blocks = *blocks;
	for (uint32_t i = 0; i < (blocks->block_ports == 0 ? 1 : n); i++)
		count_reserved(nat, i);
	return recount(nat);
}

/* ---- owners that are inside addresses ---- */

void nat_blocks_by_source(struct nat *nat, uint32_t block_ports)
{
	nat->by_source = true;
	nat->blocks = (struct nat_blocks){
		.n_owners = 0, .block_ports = block_ports, .root_ports = block_ports, .n_roots = UINT32_MAX};
	nat->n_owners = 0;
}

static uint32_t source_tag(be32 source)
{
	return (uint32_t)random_mix(be32_key(source));
}

/* nat->n_owners where it has no number yet. */
uint32_t nat_owner_find(const struct nat *nat, be32 source)
{
	const struct nat_index *index = &nat->by_owner;
	uint32_t tag = source_tag(source);
	for (uint32_t i = tag & index->mask; index->slots && index->slots[i].index; i = (i + 1) & index->mask)
		if (index->slots[i].tag == tag && be32_equal(nat->owners[index->slots[i].index - 1].source, source))
			return index->slots[i].index - 1;
	return nat->n_owners;
}

int nat_owner_of_source(struct nat *nat, be32 source, uint32_t *ret)
{
	uint32_t owner = nat_owner_find(nat, source);
	*ret = owner;
	if (owner < nat->n_owners)
		return 0;
	if (nat_index_reserve(&nat->by_owner) < 0 || reserve_owners(nat, owner + 1) < 0)
		return -ENOMEM;
	nat->n_owners++;
	nat->blocks.n_owners = nat->n_owners;
	nat->owners[owner].source = source;
	nat->owners[owner].block = nat->n_blocks[nat_address_number(nat, owner, source)]++;
	count_reserved(nat, owner);
	nat_index_put(&nat->by_owner, source_tag(source), owner + 1);
	nat->by_owner.n++;
	return 0;
}

uint32_t nat_n_sources(const struct nat *nat)
{
	return nat->by_source ? nat->n_owners : 0;
}

be32 nat_source(const struct nat *nat, uint32_t owner)
{
	return nat->owners[owner].source;
}

void nat_note_refused(struct nat *nat, uint32_t owner, be32 source)
{
	owner = nat->by_source ? nat_owner_find(nat, source) : owner;
	if (owner < nat->n_owners)
		nat->owners[owner].refused++;
}

void nat_owners_deinit(struct nat *nat)
{
	nat_index_deinit(&nat->by_owner);
	free(nat->owners);
	free(nat->uses.slots);
}

void nat_metrics(const struct nat *nat, uint32_t owner, struct nat_metrics *ret)
{
	if (owner == UINT32_MAX) {
		*ret = (struct nat_metrics){
			.ports_in_use = nat->ports_in_use,
			.ports_in_use_peak = nat->ports_in_use_peak,
			.mappings = nat->n_live,
			.mappings_total = nat->n_total,
			.expired = nat->n_expired,
		};
		return;
	}
	*ret = (struct nat_metrics){0};
	if (owner >= nat->n_owners)
		return;
	const struct nat_owner *of = &nat->owners[owner];
	*ret = (struct nat_metrics){of->ports_in_use,   of->ports_in_use_peak, of->mappings,
				    of->mappings_total, of->expired,           of->refused};
}
