/* DOC: ports that double. An inside address begins with `min` ports and gets as many again each time that they do not
 * suffice, up to `max` (GCP's dynamic port allocation: 32 to 65,536). The range of an outside address is cut into units of
 * `min` ports; each belongs to one owner at most, for good. The first free units are taken, so that the order of growth
 * alone says who has which. */
#include "rule/nat_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t range_of(const struct nat *nat)
{
	return (uint32_t)nat->rules.port_last - nat->rules.port_first + 1;
}

static uint32_t units_of_address(const struct nat *nat)
{
	return (range_of(nat) + nat->rules.ports_min - 1) / nat->rules.ports_min;
}

static uint32_t *owner_of_unit(const struct nat *nat, uint32_t address, uint32_t unit)
{
	return &nat->unit_owners[(size_t)address * units_of_address(nat) + unit];
}

int nat_units_begin(struct nat *nat)
{
	if (!nat_doubles(nat))
		return 0;
	nat->unit_owners = calloc((size_t)nat->rules.n_addresses * units_of_address(nat), sizeof *nat->unit_owners);
	return nat->unit_owners ? 0 : -ENOMEM;
}

static uint32_t first_free(const struct nat *nat, uint32_t address, uint32_t from)
{
	uint32_t n = units_of_address(nat);
	while (from < n && *owner_of_unit(nat, address, from) != 0)
		from++;
	return from;
}

static bool may_grow(const struct nat *nat, uint32_t n_units)
{
	return (uint64_t)n_units * nat->rules.ports_min < nat->rules.ports_max;
}

static void share_of_unit(const struct nat *nat, uint32_t unit, struct nat_share *share)
{
	uint32_t offset = unit * nat->rules.ports_min, left = range_of(nat) - offset;
	share->first = (uint16_t)(nat->rules.port_first + offset);
	share->n = left < nat->rules.ports_min ? left : nat->rules.ports_min;
	share->n_reserved = 0;
}

static uint32_t n_units(const struct nat *nat, uint32_t owner)
{
	return owner < nat->n_owners ? nat->owners[owner].n_units : 0;
}

/* Where the last port towards the destination was found, so that a full block is not looked through each time. */
static uint32_t unit_to_begin_with(const struct nat *nat, const struct nat_share *share, uint32_t destination)
{
	const struct nat_destination *d = destination == POOL_NONE ? NULL : pool_at(&nat->destinations, destination);
	uint32_t n = n_units(nat, share->owner);
	for (uint32_t i = 0; d && i < n; i++) {
		uint32_t first = nat->rules.port_first + nat->owners[share->owner].units[i] * nat->rules.ports_min;
		if (d->next_port >= first && d->next_port < first + nat->rules.ports_min)
			return i;
	}
	return 0;
}

uint32_t nat_units_choose(const struct nat *nat, const struct nat_share *of, const struct tuple *inside,
			  uint32_t destination, struct instant now)
{
	struct nat_share share = *of;
	uint32_t n = n_units(nat, of->owner), begin = unit_to_begin_with(nat, of, destination);
	for (uint32_t i = 0; i < n; i++) {
		share_of_unit(nat, nat->owners[of->owner].units[(begin + i) % n], &share);
		uint32_t port = nat_port_choose(nat, &share, inside, destination, now);
		if (port != NAT_NO_PORT)
			return port;
	}
	if (share.unused_alone)
		return NAT_NO_PORT; /* those that it has may serve several destinations first */
	for (uint32_t unit = first_free(nat, of->address, 0); may_grow(nat, n) && unit < units_of_address(nat);
	     unit = first_free(nat, of->address, unit + 1)) {
		share_of_unit(nat, unit, &share);
		uint32_t port = nat_port_choose(nat, &share, inside, destination, now);
		if (port != NAT_NO_PORT)
			return port;
	}
	return NAT_NO_PORT;
}

static int add_unit(struct nat *nat, uint32_t owner, uint32_t address, uint32_t unit)
{
	struct nat_owner *of = &nat->owners[owner];
	uint32_t *units = realloc(of->units, (of->n_units + 1) * sizeof *units);
	if (!units)
		return -ENOMEM;
	of->units = units;
	of->units[of->n_units++] = unit;
	*owner_of_unit(nat, address, unit) = owner + 1;
	return 0;
}

int nat_units_take(struct nat *nat, uint32_t owner, uint32_t address, uint16_t port)
{
	uint32_t unit = (uint32_t)(port - nat->rules.port_first) / nat->rules.ports_min;
	if (port < nat->rules.port_first || port > nat->rules.port_last || *owner_of_unit(nat, address, unit) != 0)
		return 0;
	uint32_t had = nat->owners[owner].n_units, wanted = had == 0 ? 1 : 2 * had;
	int r = add_unit(nat, owner, address, unit);
	while (r == 0 && nat->owners[owner].n_units < wanted && may_grow(nat, nat->owners[owner].n_units)) {
		uint32_t next = first_free(nat, address, 0);
		if (next == units_of_address(nat))
			break;
		r = add_unit(nat, owner, address, next);
	}
	return r;
}

uint32_t nat_units_ports(const struct nat *nat, uint32_t owner)
{
	return n_units(nat, owner) * nat->rules.ports_min;
}

void nat_units_deinit(struct nat *nat)
{
	for (uint32_t i = 0; i < nat->capacity_owners; i++)
		free(nat->owners[i].units);
	free(nat->unit_owners);
}
