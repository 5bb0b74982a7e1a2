/* DOC: all mappings of a NAT at once: in order, for tables; and which of them end when the pool of instances changes, or
 * the address. */
#include "rule/nat_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int nat_mapping_order(const struct nat_mapping *x, const struct nat_mapping *y)
{
	if (x->created.ns != y->created.ns)
		return x->created.ns < y->created.ns ? -1 : 1;
	int r = memcmp(&x->inside.src, &y->inside.src, sizeof x->inside.src);
	if (r == 0)
		r = memcmp(&x->inside.src_port, &y->inside.src_port, sizeof x->inside.src_port);
	if (r == 0)
		r = memcmp(&x->inside.dst, &y->inside.dst, sizeof x->inside.dst);
	if (r == 0)
		r = memcmp(&x->inside.dst_port, &y->inside.dst_port, sizeof x->inside.dst_port);
	return r != 0 ? r : (int)x->inside.proto - (int)y->inside.proto;
}

static int gathered_compare(const void *a, const void *b, void *context)
{
	const struct nat *nat = context;
	return nat_mapping_order(nat_mapping_at(nat, *(const uint32_t *)a), nat_mapping_at(nat, *(const uint32_t *)b));
}

/* Indices of all live mappings in the order of nat_each(). */
static int gather(const struct nat *nat, uint32_t **ret, size_t *ret_n)
{
	uint32_t *found = malloc((nat->by_inside.n ? nat->by_inside.n : 1) * sizeof *found);
	if (!found)
		return -ENOMEM;
	size_t n = 0;
	for (uint32_t i = 0; nat->by_inside.slots && i <= nat->by_inside.mask; i++)
		if (nat->by_inside.slots[i].index && !nat_rests(nat_mapping_at(nat, nat->by_inside.slots[i].index)))
			found[n++] = nat->by_inside.slots[i].index;
	qsort_r(found, n, sizeof *found, gathered_compare, (void *)(uintptr_t)nat);
	*ret = found;
	*ret_n = n;
	return 0;
}

uint32_t nat_mapping_owner(const struct nat *nat, const struct nat_mapping *mapping)
{
	return nat_owner(nat, mapping);
}

int nat_each(const struct nat *nat, void (*each)(void *context, const struct nat_mapping *mapping), void *context)
{
	uint32_t *found;
	size_t n;
	int r = gather(nat, &found, &n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		each(context, nat_mapping_at(nat, found[i]));
	free(found);
	return 0;
}

static bool in_block(const struct nat *nat, const struct nat_mapping *m)
{
	uint16_t first;
	uint32_t n;
	nat_block(nat, nat_owner(nat, m), &first, &n);
	return m->outside_port >= first && m->outside_port < first + n;
}

int nat_resize(struct nat *nat, const struct nat_blocks *blocks, struct instant now)
{
	uint32_t *found;
	size_t n;
	int r = blocks->around_reserved && nat->any_reserved ? nat_note_holes(nat) : 0;
	r = r == 0 ? gather(nat, &found, &n) : r;
	if (r < 0)
		return r;
	/* What no longer fits ends while the old blocks still count it. */
	struct nat_blocks before = nat->blocks;
	for (size_t i = 0; i < n; i++) {
		const struct nat_mapping *m = nat_mapping_at(nat, found[i]);
		nat->blocks = *blocks;
		bool gone = blocks->block_ports != 0 && nat_owner(nat, m) >= blocks->n_owners;
		bool stays = !gone && in_block(nat, m);
		nat->blocks = before;
		if (!stays)
			nat_end(nat, found[i], gone ? NAT_END_GONE : NAT_END_RECLAIMED, now);
	}
	free(found);
	return nat_owners_set(nat, blocks);
}

int nat_end_owner(struct nat *nat, uint32_t owner, struct instant now)
{
	uint32_t *found;
	size_t n;
	int r = gather(nat, &found, &n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		if (nat_owner(nat, nat_mapping_at(nat, found[i])) == owner)
			nat_end(nat, found[i], NAT_END_GONE, now);
	free(found);
	return 0;
}

int nat_forget(struct nat *nat, const be32 *inside, struct instant now, size_t *ret_n)
{
	uint32_t *found;
	size_t n;
	int r = gather(nat, &found, &n);
	*ret_n = 0;
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		if (!inside || nat_mapping_at(nat, found[i])->inside.src.raw == inside->raw) {
			nat_end(nat, found[i], NAT_END_FORGOTTEN, now);
			++*ret_n;
		}
	free(found);
	return 0;
}

/* No port rests any more. */
static void wake_all(struct nat *nat, struct instant now)
{
	const struct nat_index *index = &nat->by_outside;
	for (uint32_t i = 0; nat->n_resting > 0 && i <= index->mask;) {
		uint32_t mapping = index->slots[i].index; /* the next may take its place */
		if (mapping != POOL_NONE && nat_rests(nat_mapping_at(nat, mapping)))
			nat_end(nat, mapping, NAT_END_READDRESSED, now);
		else
			i++;
	}
}

int nat_readdress(struct nat *nat, be32 address, struct instant now)
{
	uint32_t *found;
	size_t n;
	int r = gather(nat, &found, &n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		nat_end(nat, found[i], NAT_END_READDRESSED, now);
	free(found);
	wake_all(nat, now);
	nat_ports_forget(nat);
	nat->addresses[0] = address;
	nat->rules.n_addresses = 1;
	return 0;
}
