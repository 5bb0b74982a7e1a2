/* DOC: what everybody's address is, inside and outside. Peers inside a network see a machine's own address (L10).
 * Outside they see: an environment's VIP for all of its instances, each from its own block of ports (L8); a machine's
 * own public address, or the one that Azure lends to its network, or, where its routes lead it out through an appliance
 * or a site (forced tunnelling), that one's; a site's NAT. What a route table does with single destinations is not told
 * here, calls tell it. */
#include "facade/facade.h"
#include <errno.h>
#include <inttypes.h>

struct listing {
	struct pp_run *run;
	pp_address *items;
	size_t n;
	int error;
};

static const char *noted(struct listing *listing, const char *text)
{
	if (!text)
		listing->error = -ENOMEM;
	return text ? text : "";
}

static pp_address *add(struct listing *listing, const char *name, const char *what)
{
	pp_address *item = &listing->items[listing->n++];
	*item = (pp_address){.name = noted(listing, name), .what = noted(listing, what)};
	return item;
}

static void set_inside(pp_address *item, be32 addr)
{
	item->has_inside = true;
	item->inside = be32_to(addr);
}

static void set_outside(pp_address *item, be32 addr, const char *by)
{
	item->has_outside = true;
	item->outside = be32_to(addr);
	item->by = by;
}

/* ---- environments ---- */

/* "app on worker-0, worker-2"; the address is told where there is one worker. */
static void list_app(struct listing *listing, uint32_t app, uint32_t vip)
{
	const struct pp_run *run = listing->run;
	const struct app_config *config = &run->model->apps[app];
	const struct ase_config *ase = &run->model->ases[config->ase];
	uint32_t n = world_workers(run->world, config->ase), n_on = 0, only = 0;
	be32 outside = ADDR_NONE;
	bool several = false; /* addresses, from which its calls leave */
	struct buf text = {0};
	for (uint32_t i = 0; i < n; i++) {
		if (!world_app_runs(run->world, app, i))
			continue;
		buf_printf(&text, "%sworker-%" PRIu32, n_on > 0 ? ", " : "app on ", i);
		be32 from = world_nat_outside(run->world, vip, i, ase->addresses[ase->front_ends + i]);
		several |= n_on > 0 && from.raw != outside.raw;
		outside = from;
		n_on++;
		only = i;
	}
	const char *what = n_on == n && n > 1 ? arena_printf(run->arena, "app on all %" PRIu32 " workers", n)
			   : n_on == 0        ? "app on no worker"
					      : arena_strdup(run->arena, buf_text(&text));
	buf_free(&text);
	pp_address *item = add(listing, arena_printf(run->arena, "%s/%s", ase->name, config->name), what);
	if (n_on == 1)
		set_inside(item, ase->addresses[ase->front_ends + only]);
	if (!several)
		set_outside(item, n_on > 0 ? outside : world_nat_address(run->world, vip),
			    world_node_name(run->world, vip));
}

static void list_instances(struct listing *listing, uint32_t index, uint32_t vip)
{
	const struct pp_run *run = listing->run;
	const struct ase_config *ase = &run->model->ases[index];
	uint32_t n_workers = world_workers(run->world, index);
	for (uint32_t i = 0; i < ase->front_ends + n_workers; i++) {
		bool front = i < ase->front_ends;
		uint32_t number = front ? i : i - ase->front_ends;
		uint32_t node =
			world_node(run->world, (struct point){front ? POINT_FRONT_END : POINT_WORKER, index, number});
		pp_address *item = add(listing, world_node_name(run->world, node), front ? "front end" : "worker");
		set_inside(item, ase->addresses[i]);
		set_outside(item,
			    front ? world_nat_address(run->world, vip)
				  : world_nat_outside(run->world, vip, number, ase->addresses[i]),
			    world_node_name(run->world, vip));
		uint16_t first;
		uint32_t n;
		if (front || !world_nat_block(run->world, vip, number, &first, &n) || n == 0)
			continue;
		item->port_first = first;
		item->port_last = (uint16_t)(first + n - 1);
	}
}

static void list_environment(struct listing *listing, uint32_t index)
{
	const struct pp_run *run = listing->run;
	const struct ase_config *ase = &run->model->ases[index];
	const struct subnet_config *subnet = &run->model->subnets[ase->subnet];
	uint32_t vip = world_node(run->world, (struct point){.kind = POINT_VIP, .index = index});
	pp_address *item =
		add(listing, world_node_name(run->world, vip),
		    arena_printf(run->arena, "VIP, before %s/%s", run->model->vnets[subnet->vnet].name, subnet->name));
	set_outside(item, world_nat_address(run->world, vip), NULL);
	for (uint32_t i = 0; i < ase->n_apps; i++)
		list_app(listing, ase->app_first + i, vip);
	list_instances(listing, index, vip);
}

/* ---- hosts ---- */

#define MAX_EXITS 8 /* appliances behind each other */

static void set_outside_of_site(struct listing *listing, pp_address *item, uint32_t index, be32 inside)
{
	const struct pp_run *run = listing->run;
	if (!run->model->sites[index].has_nat)
		return;
	uint32_t nat = world_node(run->world, (struct point){.kind = POINT_SITE_NAT, .index = index});
	set_outside(item, world_nat_outside(run->world, nat, 0, inside), world_node_name(run->world, nat));
}

/* Of a machine without a public address: where its routes lead it out. An appliance that does not translate cannot be
 * an exit for others. */
static void set_exit(struct listing *listing, pp_address *item, const struct host_config *host)
{
	const struct pp_run *run = listing->run;
	const struct model *model = run->model;
	for (unsigned n = 0; n < MAX_EXITS; n++) {
		uint32_t node = world_node(run->world, (struct point){.kind = POINT_HOST,
								      .index = (uint32_t)(host - model->hosts)}),
			 target;
		const char *by = n > 0 ? host->name : NULL;
		switch (host->public_ip.raw != 0 ? EXIT_INTERNET : world_exit_of(run->world, node, &target)) {
		case EXIT_INTERNET:
			if (host->public_ip.raw != 0) {
				set_outside(item, host->public_ip, by);
			} else {
				uint32_t lent = world_node(run->world,
							   (struct point){.kind = POINT_OUTBOUND,
									  .index = model->subnets[host->subnet].vnet});
				set_outside(item, world_nat_address(run->world, lent),
					    world_node_name(run->world, lent));
			}
			return;
		case EXIT_SITE:
			set_outside_of_site(listing, item, target, host->addr);
			return;
		case EXIT_APPLIANCE:
			if (!model->hosts[target].has_nat)
				return;
			host = &model->hosts[target];
			break;
		case EXIT_NONE:
			return;
		}
	}
}

static void list_machine(struct listing *listing, const struct host_config *host)
{
	const struct pp_run *run = listing->run;
	const struct subnet_config *subnet = &run->model->subnets[host->subnet];
	pp_address *item = add(listing, host->name,
			       arena_printf(run->arena, "%s in %s/%s", host->forwards ? "appliance" : "machine",
					    run->model->vnets[subnet->vnet].name, subnet->name));
	set_inside(item, host->addr);
	set_exit(listing, item, host);
}

static void list_site_machine(struct listing *listing, const struct host_config *host)
{
	const struct pp_run *run = listing->run;
	const struct site_config *site = &run->model->sites[host->site];
	pp_address *item = add(listing, host->name, arena_printf(run->arena, "machine at %s", site->name));
	set_inside(item, host->addr);
	set_outside_of_site(listing, item, host->site, host->addr);
}

static void list_host(struct listing *listing, const struct host_config *host)
{
	switch (host->kind) {
	case HOST_VM:
		list_machine(listing, host);
		break;
	case HOST_SITE:
		list_site_machine(listing, host);
		break;
	case HOST_INTERNET:
		set_outside(add(listing, host->name, "host on the Internet"), host->addr, NULL);
		break;
	case HOST_SERVICE:
		set_outside(add(listing, host->name,
				arena_printf(listing->run->arena, "platform service in %s",
					     listing->run->model->regions[host->region].name)),
			    host->addr, NULL);
		break;
	}
}

int pp_run_addresses(pp_run *run, const pp_address **ret, size_t *ret_n)
{
	const struct model *model = run->model;
	size_t n = model->n_ases + model->n_apps + model->n_hosts;
	for (uint32_t i = 0; i < model->n_ases; i++)
		n += model->ases[i].front_ends + world_workers(run->world, i);
	struct listing listing = {.run = run, .items = arena_array(run->arena, n, sizeof *listing.items)};
	if (!listing.items)
		return -ENOMEM;
	for (uint32_t i = 0; i < model->n_ases; i++)
		list_environment(&listing, i);
	for (size_t i = 0; i < model->n_hosts; i++)
		list_host(&listing, &model->hosts[i]);
	*ret = listing.items;
	*ret_n = listing.n;
	return listing.error;
}
