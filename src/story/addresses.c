/* DOC: the address of every machine and app, inside and outside. Peers inside a network see a machine's own address
 * (L10). What the Internet sees is asked of the driver (world_seen_from_outside()): an environment's VIP with a block of
 * ports for each instance (L8), a machine's own public address, the address that Azure lends to its network, or that of
 * the appliance or site through which its routes lead. What a route table does with single destinations is not listed
 * here; calls show it. */
#include "story/explain.h"
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
	item->inside = facade_addr(addr);
}

static void set_outside(pp_address *item, be32 addr, const char *by)
{
	item->has_outside = true;
	item->outside = facade_addr(addr);
	item->by = by;
}

/* What the Internet sees of a machine, as its packets would have it. *ret_by: the node that gives the address. */
static void set_seen(struct listing *listing, pp_address *item, uint32_t node, uint32_t *ret_by)
{
	const struct pp_run *run = listing->run;
	be32 seen = world_seen_from_outside(run->world, node, ret_by);
	if (seen.raw != 0)
		set_outside(item, seen,
			    *ret_by == NONE || *ret_by == node ? NULL : world_node_name(run->world, *ret_by));
}

static uint32_t worker_node(const struct pp_run *run, uint32_t ase, uint32_t number)
{
	return element_worker(run->model, ase, number);
}

/* ---- environments ---- */

/* "app on worker-0, worker-2"; the address is reported where there is one worker. */
static void list_app(struct listing *listing, uint32_t app, uint32_t vip)
{
	const struct pp_run *run = listing->run;
	const struct app_config *config = &run->model->apps[app];
	const struct ase_config *ase = &run->model->ases[config->ase];
	uint32_t n = world_workers(run->world, config->ase), n_on = 0, only = 0, by = NONE;
	be32 outside = ADDR_NONE;
	bool several = false; /* addresses, from which its calls leave */
	struct buf text = {0};
	for (uint32_t i = 0; i < n; i++) {
		if (!world_app_runs(run->world, app, i))
			continue;
		buf_printf(&text, "%sworker-%" PRIu32, n_on > 0 ? ", " : "app on ", i);
		be32 from = world_seen_from_outside(run->world, worker_node(run, config->ase, i), &by);
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
	if (n_on == 0)
		set_outside(item, world_nat_address(run->world, vip), world_node_name(run->world, vip));
	else if (!several && outside.raw != 0)
		set_outside(item, outside, by == NONE ? NULL : world_node_name(run->world, by));
}

static void list_instances(struct listing *listing, uint32_t index, uint32_t vip)
{
	const struct pp_run *run = listing->run;
	const struct ase_config *ase = &run->model->ases[index];
	uint32_t n_workers = world_workers(run->world, index);
	for (uint32_t i = 0; i < ase->front_ends + n_workers; i++) {
		bool front = i < ase->front_ends;
		uint32_t number = front ? i : i - ase->front_ends;
		uint32_t node = front ? element_front_end(run->model, index, number)
				      : element_worker(run->model, index, number);
		pp_address *item = add(listing, world_node_name(run->world, node), front ? "front end" : "worker");
		set_inside(item, ase->addresses[i]);
		uint32_t by;
		set_seen(listing, item, node, &by);
		uint16_t first;
		uint32_t n;
		if (front || by != vip || !world_nat_block(run->world, vip, number, &first, &n) || n == 0)
			continue;
		item->port_first = first;
		item->port_last = (uint16_t)(first + n - 1);
		item->n_ports = world_nat_usable(run->world, vip, first, item->port_last);
	}
}

static void list_environment(struct listing *listing, uint32_t index)
{
	const struct pp_run *run = listing->run;
	const struct ase_config *ase = &run->model->ases[index];
	const struct subnet_config *subnet = &run->model->subnets[ase->subnet];
	uint32_t vip = run->model->elements->vip[index];
	pp_address *item =
		add(listing, world_node_name(run->world, vip),
		    arena_printf(run->arena, "VIP, before %s/%s", run->model->vnets[subnet->vnet].name, subnet->name));
	set_outside(item, world_nat_address(run->world, vip), NULL);
	for (uint32_t i = 0; i < ase->n_apps; i++)
		list_app(listing, ase->app_first + i, vip);
	list_instances(listing, index, vip);
}

/* ---- web apps ---- */

static void list_web_app(struct listing *listing, uint32_t index)
{
	const struct pp_run *run = listing->run;
	const struct web_app_config *config = &run->model->web_apps[index];
	uint32_t outbound = web_app_outbound(run->model, index);
	set_outside(add(listing, config->name, "web app"), config->addr, NULL);
	for (uint32_t i = 0; i < config->instances; i++) {
		uint32_t by, node = web_app_instance(run->model, index, i);
		const struct subnet_config *subnet =
			config->is_integrated ? &run->model->subnets[config->subnet] : NULL;
		pp_address *item = add(listing, world_node_name(run->world, node),
				       subnet ? arena_printf(run->arena, "instance, integrated into %s/%s",
							     run->model->vnets[subnet->vnet].name, subnet->name)
					      : "instance");
		uint16_t first;
		uint32_t n;
		set_inside(item, config->addresses[i]);
		set_seen(listing, item, node, &by);
		if (by != outbound || !world_nat_block(run->world, outbound, i, &first, &n) || n == 0)
			continue;
		item->port_first = first;
		item->port_last = (uint16_t)(first + n - 1);
		item->n_ports = n;
	}
}

/* ---- what stands in a subnet and is no host ---- */

static bool stands_in_subnet(const struct element *element)
{
	return element_is_of_kinds(element->kind) && element_is_end_point(element->kind) && element->subnet != NONE;
}

static size_t count_in_subnets(const struct model *model)
{
	size_t n = 0;
	for (uint32_t i = 0; i < model->elements->n; i++)
		n += stands_in_subnet(element_at(model, i));
	return n;
}

static void list_in_subnets(struct listing *listing)
{
	const struct pp_run *run = listing->run;
	const struct model *model = run->model;
	for (uint32_t i = 0; i < model->elements->n; i++) {
		const struct element *element = element_at(model, i);
		if (!stands_in_subnet(element))
			continue;
		const struct subnet_config *subnet = &model->subnets[element->subnet];
		pp_address *item = add(listing, element->name,
				       arena_printf(run->arena, "%s%s in %s/%s", element_traits[element->kind].word,
						    endpoint_of_whom(run->arena, model, i),
						    model->vnets[subnet->vnet].name, subnet->name));
		set_inside(item, element->addr);
		if (element->nat && element->nat->n_addresses > 0)
			set_outside(item, element->nat->addresses[0], NULL);
	}
}

/* ---- hosts ---- */

static void list_machine(struct listing *listing, const struct host_config *host)
{
	const struct pp_run *run = listing->run;
	const struct subnet_config *subnet = &run->model->subnets[host->subnet];
	const char *what = arena_printf(run->arena, "%s in %s/%s", host->forwards ? "appliance" : "machine",
					run->model->vnets[subnet->vnet].name, subnet->name);
	pp_address *item = add(listing, host->name, what);
	set_inside(item, host->addr);
	uint32_t by, node = run->model->elements->host[host - run->model->hosts];
	set_seen(listing, item, node, &by);
	if (item->by && element_at(run->model, by)->kind == ELEMENT_LENT)
		item->what =
			noted(listing, arena_printf(run->arena, "%s; Azure lends an address, here a stand-in,", what));
}

static void list_site_machine(struct listing *listing, const struct host_config *host)
{
	const struct pp_run *run = listing->run;
	const struct site_config *site = &run->model->sites[host->site];
	pp_address *item = add(listing, host->name, arena_printf(run->arena, "machine at %s", site->name));
	set_inside(item, host->addr);
	uint32_t by, node = run->model->elements->host[host - run->model->hosts];
	set_seen(listing, item, node, &by);
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
	for (size_t i = 0; i < model->n_web_apps; i++)
		n += 1u + model->web_apps[i].instances;
	n += count_in_subnets(model);
	struct listing listing = {.run = run, .items = arena_array(run->arena, n, sizeof *listing.items)};
	if (!listing.items)
		return -ENOMEM;
	for (uint32_t i = 0; i < model->n_ases; i++)
		list_environment(&listing, i);
	for (uint32_t i = 0; i < model->n_web_apps; i++)
		list_web_app(&listing, i);
	list_in_subnets(&listing);
	for (size_t i = 0; i < model->n_hosts; i++)
		list_host(&listing, &model->hosts[i]);
	*ret = listing.items;
	*ret_n = listing.n;
	return listing.error;
}
