/* DOC: who has an address. Private addresses belong to a VNet, public ones to the world; one table holds both, keyed by (VNet or none, address). Names and end
 * points of flows become addresses here, at the moment of the call. */
#include "azure/world_internal.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t slot_of(const struct address_table *table, uint32_t vnet, be32 addr)
{
	return (uint32_t)(random_mix((uint64_t)vnet << 32 | addr.raw) >> 32) & table->mask;
}

static void put(struct address_table *table, struct place_of_address place)
{
	uint32_t i = slot_of(table, place.vnet, place.addr);
	while (table->slots[i].node != NONE)
		i = (i + 1) & table->mask;
	table->slots[i] = place;
}

int address_add(struct world *world, uint32_t vnet, be32 addr, uint32_t node)
{
	struct address_table *table = &world->addresses;
	uint32_t size = table->slots ? table->mask + 1 : 0;
	if (table->n + 1 > size / 2) {
		struct address_table grown = {.mask = size ? size * 2 - 1 : 63, .n = table->n};
		grown.slots = malloc(((size_t)grown.mask + 1) * sizeof *grown.slots);
		if (!grown.slots)
			return -ENOMEM;
		for (uint32_t i = 0; i <= grown.mask; i++)
			grown.slots[i].node = NONE;
		for (uint32_t i = 0; i < size; i++)
			if (table->slots[i].node != NONE)
				put(&grown, table->slots[i]);
		free(table->slots);
		*table = grown;
	}
	put(table, (struct place_of_address){addr, vnet, node});
	table->n++;
	return 0;
}

uint32_t address_find(const struct world *world, uint32_t vnet, be32 addr)
{
	const struct address_table *table = &world->addresses;
	for (uint32_t i = slot_of(table, vnet, addr); table->slots[i].node != NONE; i = (i + 1) & table->mask)
		if (table->slots[i].addr.raw == addr.raw && table->slots[i].vnet == vnet)
			return table->slots[i].node;
	return NONE;
}

bool vnet_holds(const struct world *world, uint32_t vnet, be32 addr)
{
	const struct vnet_config *config = &world->model->vnets[vnet];
	for (size_t i = 0; i < config->n_space; i++)
		if (prefix_contains(config->space[i], addr))
			return true;
	return false;
}

uint32_t vnet_of_address(const struct world *world, be32 addr)
{
	for (uint32_t i = 0; i < world->model->n_vnets; i++)
		if (vnet_holds(world, i, addr))
			return i;
	return NONE;
}

/* ---- names ---- */

/* A VM's name gives its own address inside its VNet, and its public one outside; without a public one its own, which leads nowhere from there. */
static be32 host_address(const struct host_config *host, const struct world *world, uint32_t from_vnet)
{
	if (host->kind != HOST_VM || host->public_ip.raw == 0 || world->model->subnets[host->subnet].vnet == from_vnet)
		return host->addr;
	return host->public_ip;
}

be32 resolve_endpoint(const struct world *world, const struct endpoint *to, const struct station *from)
{
	switch (to->kind) {
	case ENDPOINT_HOST:
		return host_address(&world->model->hosts[to->index], world, from->vnet);
	case ENDPOINT_APP:
		return world->model->ases[world->model->apps[to->index].ase].vip;
	case ENDPOINT_WORKER:
		return world->stations[world->first_worker[to->index] + to->worker].addr;
	case ENDPOINT_ASE:
		return world->model->ases[to->index].vip;
	case ENDPOINT_ADDRESS:
		break;
	}
	return to->addr;
}

bool world_resolve(const struct world *world, const char *dns_name, be32 *ret)
{
	for (size_t i = 0; i < world->model->n_apps; i++)
		if (strcasecmp(world->model->apps[i].dns, dns_name) == 0) {
			*ret = world->model->ases[world->model->apps[i].ase].vip;
			return true;
		}
	for (size_t i = 0; i < world->model->n_hosts; i++) {
		const struct host_config *host = &world->model->hosts[i];
		if (host->dns && strcasecmp(host->dns, dns_name) == 0) {
			*ret = host_address(host, world, NONE);
			return true;
		}
		if (host->kind != HOST_VM || host->dns)
			continue;
		char name[256];
		(void)snprintf(name, sizeof name, "%s.%s.internal.cloudapp.net", host->name,
			       world->model->vnets[world->model->subnets[host->subnet].vnet].name);
		if (strcasecmp(name, dns_name) == 0) {
			*ret = host->addr;
			return true;
		}
	}
	return false;
}
