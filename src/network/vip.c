/* DOC: what an environment's VIP has besides its balancer (balance.c): which ports are open, a block of ports for each
 * worker's outbound calls, management ports, and a change of its address. */
#include "model/defaults.h"
#include "model/snat_ports.h"
#include "network/balance.h"
#include <errno.h>

/* ---- making ---- */

static void open_port(struct translator *translator, uint16_t port)
{
	translator->open[port / 8] = (uint8_t)(translator->open[port / 8] | 1u << (port % 8));
	nat_reserve(translator->nat, port);
}

/* The VIP's ports (L2; "Controlling inbound traffic to an App Service Environment"). Any caller may use an app's ports,
 * whatever their number. */
static void open_ports(struct world *world, struct translator *translator)
{
	size_t n;
	const struct ase_config *ase = &world->model->ases[translator->owner];
	const struct vip_ports *groups = default_vip_ports(ase->generation == 2, &n);
	for (size_t i = 0; i < n; i++)
		for (uint32_t port = groups[i].first; (ase->ports & groups[i].group) && port <= groups[i].last; port++)
			open_port(translator, (uint16_t)port);
	for (uint32_t a = ase->app_first; a < ase->app_first + ase->n_apps; a++)
		for (size_t i = 0; i < world->model->apps[a].n_listen; i++)
			if (world->model->apps[a].listen[i].proto == PROTO_TCP)
				open_port(translator, world->model->apps[a].listen[i].port);
}

int vip_build(struct world *world, uint32_t ase)
{
	uint32_t index = translator_number(world, world->model->elements->vip[ase]);
	struct translator *translator = &world->translators[index];
	if (!translator->nat)
		return -ENOMEM;
	open_ports(world, translator);
	int r = balance_build_vip(world, index);
	return r < 0 ? r : vip_resize(world, ase);
}

int vip_resize(struct world *world, uint32_t ase)
{
	/* While it is being built the present number of workers is the model's. */
	const struct ase_config *config = &world->model->ases[ase];
	uint32_t n = world->workers[ase] ? world->workers[ase] : config->workers;
	const struct translator *translator = translator_at(world, world->model->elements->vip[ase]);
	struct nat_blocks blocks = {.n_owners = n > 0 ? n : 1, .n_roots = UINT32_MAX};
	if (config->snat.ports_per_worker == NAT_PORTS_SHARED) {
		blocks.block_ports = 0;
	} else if (config->snat.ports_per_worker == NAT_PORTS_AUTO) {
		blocks.block_ports = azure_snat_ports(n);
		blocks.root_ports = azure_snat_ports(1);
		blocks.n_roots = AZURE_SNAT_FIRST_TIER;
	} else {
		blocks.block_ports = blocks.root_ports = config->snat.ports_per_worker;
	}
	return nat_resize(translator->nat, &blocks, world->now);
}

void vip_instance_gone(struct world *world, const struct machine *machine)
{
	if (machine->kind == ELEMENT_WORKER)
		world_fail(world,
			   nat_end_owner(world->translators[machine->translator].nat, machine->number, world->now));
	if (machine->own_nat != NONE)
		world_fail(world, nat_end_owner(world->translators[machine->own_nat].nat, 0, world->now));
}

/* ---- management ---- */

/* Ports 454 and 455 are Azure's own, unless an app listens there. */
bool vip_is_for_management(const struct world *world, const struct translator *translator, uint16_t port)
{
	if (port < DEFAULT_MANAGEMENT_FIRST || port > DEFAULT_MANAGEMENT_LAST)
		return false;
	const struct ase_config *ase = &world->model->ases[translator->owner];
	for (uint32_t a = ase->app_first; a < ase->app_first + ase->n_apps; a++)
		for (size_t i = 0; i < world->model->apps[a].n_listen; i++)
			if (world->model->apps[a].listen[i].port == port &&
			    world->model->apps[a].listen[i].proto == PROTO_TCP)
				return false;
	return true;
}

bool vip_is_management(const struct world *world, be32 addr)
{
	if (default_is_management_address(addr))
		return true;
	uint32_t node = address_find(world, NONE, addr);
	if (node == NONE || !element_is_end_point(world->nodes[node].kind))
		return false;
	const struct machine *machine = &world->machines[world->nodes[node].index];
	return machine->kind == ELEMENT_SERVICE && world->model->hosts[machine->owner].service == SERVICE_MANAGEMENT;
}
