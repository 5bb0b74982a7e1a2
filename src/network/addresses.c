/* DOC: who has an address. Private addresses belong to a realm, a VNet or a site, public ones to the world; one table
 * holds all, keyed by (realm or none, address). Names and end points of flows become addresses here, at the moment of
 * the call. */
#include "network/world_internal.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t slot_of(const struct address_table *table, uint32_t realm, be32 addr)
{
	/* One multiplication (Knuth 6.4) spreads them well enough: a table is small, and every packet asks. */
	return (uint32_t)(((uint64_t)realm << 32 | be32_key(addr)) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & table->mask;
}

static void put(struct address_table *table, struct place_of_address place)
{
	uint32_t i = slot_of(table, place.realm, place.addr);
	while (table->slots[i].node != NONE)
		i = (i + 1) & table->mask;
	table->slots[i] = place;
}

int address_add(struct world *world, uint32_t realm, be32 addr, uint32_t node)
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
	put(table, (struct place_of_address){addr, realm, node});
	table->n++;
	return 0;
}

static uint32_t find_slot(const struct address_table *table, uint32_t realm, be32 addr)
{
	uint32_t i = slot_of(table, realm, addr);
	while (table->slots[i].node != NONE && (table->slots[i].addr.raw != addr.raw || table->slots[i].realm != realm))
		i = (i + 1) & table->mask;
	return i;
}

uint32_t address_find(const struct world *world, uint32_t realm, be32 addr)
{
	return world->addresses.slots[find_slot(&world->addresses, realm, addr)].node;
}

void address_remove(struct world *world, uint32_t realm, be32 addr)
{
	struct address_table *table = &world->addresses;
	uint32_t hole = find_slot(table, realm, addr);
	if (table->slots[hole].node == NONE)
		return;
	/* Those behind the gap that would be looked for at or before it move up. */
	for (uint32_t i = (hole + 1) & table->mask; table->slots[i].node != NONE; i = (i + 1) & table->mask) {
		uint32_t home = slot_of(table, table->slots[i].realm, table->slots[i].addr);
		if (((i - home) & table->mask) >= ((i - hole) & table->mask)) {
			table->slots[hole] = table->slots[i];
			hole = i;
		}
	}
	table->slots[hole].node = NONE;
	table->n--;
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

bool vnets_are_peers(const struct world *world, uint32_t a, uint32_t b)
{
	const struct vnet_config *config = &world->model->vnets[a];
	for (size_t i = 0; i < config->n_peers; i++)
		if (config->peers[i] == b)
			return true;
	return false;
}

/* Inside the topology of a VNet: in it, in a peer, or behind its gateway. */
static bool is_inside(const struct world *world, const struct machine *from, uint32_t vnet)
{
	if (from->kind == ELEMENT_SITE_MACHINE)
		return site_joins(world, from->site, vnet);
	return from->vnet == vnet || (from->vnet != NONE && vnets_are_peers(world, from->vnet, vnet));
}

/* A service's name gives its private endpoint's address in the networks that the endpoint names. A VM's name gives its own address inside the topology, and its public one outside; without a public one its own,
 * which leads nowhere from there. */
static be32 host_address(const struct host_config *host, const struct world *world, const struct machine *from)
{
	uint32_t endpoint = host->kind == HOST_SERVICE
				    ? endpoint_of_name(world->model, (uint32_t)(host - world->model->hosts), from->vnet)
				    : NONE;
	if (endpoint != NONE)
		return element_at(world->model, endpoint)->addr;
	if (host->kind != HOST_VM || host->public_ip.raw == 0 ||
	    is_inside(world, from, world->model->subnets[host->subnet].vnet))
		return host->addr;
	return host->public_ip;
}

/* The same of a web app's name. */
static be32 web_app_address(const struct world *world, uint32_t app, const struct machine *from)
{
	uint32_t endpoint = endpoint_of_name(world->model, endpoint_target_of_app(world->model, app), from->vnet);
	return endpoint != NONE ? element_at(world->model, endpoint)->addr : world->model->web_apps[app].addr;
}

static be32 vip_of(const struct world *world, uint32_t ase)
{
	be32 internal = world->model->ases[ase].internal;
	return internal.raw != 0 ? internal : translator_at(world, world->model->elements->vip[ase])->addr;
}

be32 resolve_endpoint(const struct world *world, const struct endpoint *to, const struct machine *from)
{
	switch (to->kind) {
	case ENDPOINT_HOST:
		return host_address(&world->model->hosts[to->index], world, from);
	case ENDPOINT_APP:
		return vip_of(world, world->model->apps[to->index].ase);
	case ENDPOINT_WORKER:
		return element_at(world->model, element_worker(world->model, to->index, to->worker))->addr;
	case ENDPOINT_FRONTEND:
		return translator_at(world, world->model->elements->frontend[to->index])->addr;
	case ENDPOINT_ASE:
		return vip_of(world, to->index);
	case ENDPOINT_WEB_APP:
		return web_app_address(world, to->index, from);
	case ENDPOINT_ADDRESS:
		break;
	}
	return to->addr;
}

static struct machine asker(uint32_t vnet, uint32_t site)
{
	enum element_kind kind = site != NONE   ? ELEMENT_SITE_MACHINE
				 : vnet != NONE ? ELEMENT_MACHINE
						: ELEMENT_INTERNET_HOST;
	return (struct machine){.kind = kind, .vnet = vnet, .site = site};
}

be32 world_answer(const struct world *world, const struct endpoint *to, uint32_t vnet, uint32_t site)
{
	const struct machine from = asker(vnet, site);
	return resolve_endpoint(world, to, &from);
}

bool world_resolve(const struct world *world, const char *dns_name, uint32_t vnet, uint32_t site, be32 *ret)
{
	const struct machine from = asker(vnet, site);
	for (size_t i = 0; i < world->model->n_apps; i++)
		if (strcasecmp(world->model->apps[i].dns, dns_name) == 0) {
			*ret = vip_of(world, world->model->apps[i].ase);
			return true;
		}
	for (size_t i = 0; i < world->model->n_web_apps; i++)
		if (strcasecmp(world->model->web_apps[i].dns, dns_name) == 0) {
			*ret = web_app_address(world, (uint32_t)i, &from);
			return true;
		}
	for (size_t i = 0; i < world->model->n_hosts; i++) {
		const struct host_config *host = &world->model->hosts[i];
		if (host->dns && strcasecmp(host->dns, dns_name) == 0) {
			*ret = host_address(host, world, &from);
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
