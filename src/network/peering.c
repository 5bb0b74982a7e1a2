/* DOC: peerings as they are now, and the gateways that networks use through them. Each side of a peering has four
 * switches, which the timeline may change; nothing passes where one side is missing.
 *
 *   access              asked at the sender's side, of every packet
 *   forwarded           asked at the receiver's side, of packets whose source is outside of the other network's space
 *   gateway_transit     of the side that has the gateway, with
 *   use_remote_gateway  of the side that has none: it learns that gateway's routes, and the site knows its space
 *
 * Most scenarios have all peerings open; these pay for one test of a flag. */
#include "network/drive.h"
#include <errno.h>

const struct peering_config *peering_side(const struct world *world, uint32_t vnet, uint32_t other)
{
	const struct peering_sides *sides = &world->peerings[vnet];
	size_t at = peering_before(sides->items, sides->n, other);
	return at < sides->n && sides->items[at].vnet == other ? &sides->items[at] : NULL;
}

static bool is_open(const struct peering_config *side)
{
	return side->switches.access && side->switches.forwarded;
}

static bool has_gateway(const struct world *world, uint32_t vnet)
{
	for (size_t i = 0; i < world->model->n_sites; i++)
		if (world->model->sites[i].has_gateway && world->model->sites[i].vnet == vnet)
			return true;
	return false;
}

/* The peer whose gateway the network uses; NONE. */
static uint32_t remote_of(const struct world *world, uint32_t vnet)
{
	const struct peering_sides *sides = &world->peerings[vnet];
	for (size_t i = 0; i < sides->n; i++) {
		const struct peering_config *here = &sides->items[i], *there = peering_side(world, here->vnet, vnet);
		if (here->switches.use_remote_gateway && there && there->switches.gateway_transit &&
		    has_gateway(world, here->vnet) && !has_gateway(world, vnet))
			return here->vnet;
	}
	return NONE;
}

static void settle(struct world *world)
{
	world->has_shut_peering = world->has_transit = false;
	for (uint32_t i = 0; i < world->model->n_vnets; i++) {
		for (size_t k = 0; k < world->peerings[i].n; k++)
			world->has_shut_peering |= !is_open(&world->peerings[i].items[k]);
		world->remote[i] = remote_of(world, i);
		world->has_transit |= world->remote[i] != NONE;
	}
}

int peering_build(struct world *world)
{
	const struct model *model = world->model;
	world->peerings = arena_array(world->arena, model->n_vnets, sizeof *world->peerings);
	world->remote = arena_array(world->arena, model->n_vnets, sizeof *world->remote);
	if (!world->peerings || !world->remote)
		return -ENOMEM;
	for (uint32_t i = 0; i < model->n_vnets; i++) {
		const struct vnet_config *config = &model->vnets[i];
		struct peering_sides *sides = &world->peerings[i];
		sides->items = arena_array(world->arena, config->n_peerings, sizeof *sides->items);
		if (!sides->items)
			return -ENOMEM;
		for (; sides->n < config->n_peerings; sides->n++)
			sides->items[sides->n] = config->peerings[sides->n];
	}
	settle(world);
	return 0;
}

int peering_set(struct world *world, uint32_t vnet, uint32_t other, const struct peering_switches *switches)
{
	struct peering_sides *sides = &world->peerings[vnet];
	for (size_t i = 0; i < sides->n; i++)
		if (sides->items[i].vnet == other)
			sides->items[i].switches = *switches;
	settle(world);
	int r = security_build_tags(world);
	return r < 0 ? r : routing_refresh(world);
}

/* ---- questions ---- */

bool peering_is_open_to_access(const struct world *world, uint32_t vnet, uint32_t other)
{
	const struct peering_config *side = peering_side(world, vnet, other);
	return side && side->switches.access;
}

static struct verdict refusal(const struct world *world, uint32_t vnet, uint32_t other, const char *rule,
			      const char *detail)
{
	const struct peering_config *side = peering_side(world, vnet, other);
	return (struct verdict){
		.reason = REASON_NOT_PEERED, .by = side->by, .rule = rule, .detail = detail, .place = side->place};
}

bool peering_refuses(const struct world *world, uint32_t from, uint32_t to, be32 src, struct verdict *ret)
{
	const struct peering_config *sends = peering_side(world, from, to), *receives = peering_side(world, to, from);
	if (sends && !sends->switches.access)
		*ret = refusal(world, from, to, "access", "the network's side of the peering allows no access");
	else if (receives && !receives->switches.forwarded && !vnet_holds(world, from, src))
		*ret = refusal(world, to, from, "forwarded",
			       "the other side takes what the peer itself sends, and nothing that it forwards");
	else
		return false;
	return true;
}

/* ---- gateways ---- */

bool site_joins(const struct world *world, uint32_t site, uint32_t vnet)
{
	const struct site_config *config = &world->model->sites[site];
	return config->has_gateway && (config->vnet == vnet || world->remote[vnet] == config->vnet);
}

uint32_t site_vnet_of(const struct world *world, uint32_t site, be32 addr)
{
	const struct site_config *config = &world->model->sites[site];
	if (!config->has_gateway || vnet_holds(world, config->vnet, addr))
		return config->has_gateway ? config->vnet : NONE;
	for (uint32_t i = 0; world->has_transit && i < world->model->n_vnets; i++)
		if (world->remote[i] == config->vnet && vnet_holds(world, i, addr))
			return i;
	return NONE;
}

uint32_t site_find(const struct world *world, uint32_t site, be32 addr)
{
	uint32_t vnet = world->model->sites[site].vnet, found = address_find(world, vnet, addr);
	if (found != NONE || !world->has_transit)
		return found;
	vnet = site_vnet_of(world, site, addr);
	return vnet == NONE ? NONE : address_find(world, vnet, addr);
}
