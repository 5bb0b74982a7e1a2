/* DOC: the network of a scenario as boxes. What there is many of is drawn up to a number that one can look at, and a box says how many more
 * there are; what a call passes is always drawn. Things that only carry packets (a region, the backbone, the Internet) are the boxes
 * around, so that a way can cross them. Instances that the timeline adds later are drawn with a broken line. */
#include "facade/drawing.h"
#include <errno.h>
#include <inttypes.h>

#define MAX_HOSTS 12u      /* of a subnet, a site, the Internet, a region's services */
#define MAX_INSTANCES 6u   /* of a kind in an environment */
#define MAX_CONTAINERS 24u /* virtual networks, sites */
#define MAX_SUBNETS 16u    /* of a virtual network */

static bool is_wanted(const struct network *network, struct point point)
{
	uint32_t node = world_node(network->world, point);
	return network->wanted && node != NONE && network->wanted[node];
}

static void add_more(struct network *network, uint32_t parent, uint32_t n_left, const char *what)
{
	if (n_left > 0)
		(void)network_add(network, TOPOLOGY_MORE, parent,
				  network_text(network, arena_printf(network->arena, "%" PRIu32 " more", n_left)), what);
}

/* ---- hosts ---- */

static const char *services(struct network *network, const struct service_port *ports, size_t n)
{
	struct buf text = {0};
	for (size_t i = 0; i < n && i < 4; i++)
		buf_printf(&text, "%s%u/%s", i > 0 ? " " : "", ports[i].port, proto_name(ports[i].proto));
	if (n > 4)
		buf_printf(&text, " +%zu", n - 4);
	const char *made = buf_failed(&text) ? NULL : arena_strdup(network->arena, buf_text(&text));
	buf_free(&text);
	return network_text(network, made);
}

static void add_host(struct network *network, uint32_t parent, uint32_t index)
{
	const struct host_config *host = &network->model->hosts[index];
	uint32_t box = network_add(network, host->has_nat ? TOPOLOGY_ADDRESS : TOPOLOGY_CHIP, parent, host->name,
				   network_addr(network, host->addr));
	network_is_node(network, box, (struct point){.kind = POINT_HOST, .index = index});
	network_hover(
		network, box, "%s",
		world_node_description(network->world, world_node(network->world, (struct point){.kind = POINT_HOST, .index = index})));
	if (host->n_listen > 0)
		network_line(network, box, "%s", services(network, host->listen, host->n_listen));
	if (host->forwards)
		network_line(network, box, host->has_nat ? "forwards, translates" : "forwards");
	if (host->dns)
		network_hover(network, box, "known as %s", host->dns);
	if (host->kind == HOST_VM)
		network_nsg(network, box, host->nsg);
}

static bool is_in(const struct host_config *host, enum host_kind kind, uint32_t container)
{
	if (host->kind != kind)
		return false;
	return kind == HOST_INTERNET || (kind == HOST_VM ? host->subnet : kind == HOST_SITE ? host->site : host->region) == container;
}

static void add_hosts(struct network *network, uint32_t parent, enum host_kind kind, uint32_t container)
{
	uint32_t n = 0, n_left = 0;
	for (uint32_t i = 0; i < network->model->n_hosts; i++) {
		if (!is_in(&network->model->hosts[i], kind, container))
			continue;
		if (n++ < MAX_HOSTS || is_wanted(network, (struct point){.kind = POINT_HOST, .index = i}))
			add_host(network, parent, i);
		else
			n_left++;
	}
	add_more(network, parent, n_left, "hosts");
}

static bool has_hosts(const struct network *network, enum host_kind kind, uint32_t container)
{
	for (size_t i = 0; i < network->model->n_hosts; i++)
		if (is_in(&network->model->hosts[i], kind, container))
			return true;
	return false;
}

/* ---- environments ---- */

static const char *workers_of(struct network *network, const struct app_config *app)
{
	struct buf text = {0};
	if (app->on_all)
		buf_puts(&text, "all workers");
	for (size_t i = 0; !app->on_all && i < app->n_on && i < 6; i++)
		buf_printf(&text, "%sworker-%" PRIu32, i > 0 ? ", " : "", app->on[i]);
	if (!app->on_all && app->n_on > 6)
		buf_printf(&text, " and %zu more", app->n_on - 6);
	const char *made = buf_failed(&text) ? NULL : arena_strdup(network->arena, buf_text(&text));
	buf_free(&text);
	return network_text(network, made);
}

static void add_instance(struct network *network, uint32_t parent, uint32_t ase, bool front, uint32_t number)
{
	const struct ase_config *config = &network->model->ases[ase];
	const char *name = network_text(network, arena_printf(network->arena, "%s-%" PRIu32, front ? "front-end" : "worker", number));
	be32 addr = config->addresses[front ? number : config->front_ends + number];
	uint32_t box = network_add(network, TOPOLOGY_CHIP, parent, name, network_addr(network, addr));
	struct point point = {front ? POINT_FRONT_END : POINT_WORKER, ase, number};
	network_is_node(network, box, point);
	network_hover(network, box, "%s", world_node_description(network->world, world_node(network->world, point)));
	if (!front && number >= config->workers && !network->failed) {
		network->boxes[box].later = true;
		network_hover(network, box, "not there at the start: the timeline adds it");
	}
}

static void add_instances(struct network *network, uint32_t parent, uint32_t ase, bool front)
{
	const struct ase_config *config = &network->model->ases[ase];
	uint32_t n = front ? config->front_ends : config->max_workers, n_left = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (i < MAX_INSTANCES || is_wanted(network, (struct point){front ? POINT_FRONT_END : POINT_WORKER, ase, i}))
			add_instance(network, parent, ase, front, i);
		else
			n_left++;
	}
	add_more(network, parent, n_left, front ? "front ends" : "workers");
}

static uint32_t add_environment(struct network *network, uint32_t parent, uint32_t ase)
{
	const struct ase_config *config = &network->model->ases[ase];
	uint32_t box = network_add(network, TOPOLOGY_ENVIRONMENT, parent, config->name, "environment");
	for (uint32_t i = 0; i < config->n_apps && i < 6; i++) {
		const struct app_config *app = &network->model->apps[config->app_first + i];
		network_line(network, box, "app %s on %s, %s", app->name, workers_of(network, app),
			     services(network, app->listen, app->n_listen));
		network_hover(network, box, "app %s is known as %s", app->name, app->dns);
	}
	if (config->n_apps > 6)
		network_line(network, box, "and %" PRIu32 " more apps", config->n_apps - 6);
	add_instances(network, box, ase, true);
	add_instances(network, box, ase, false);
	return box;
}

/* ---- Azure ---- */

/* An address beside the box whose it is, in the column of its region. */
static void add_address(struct network *network, uint32_t region, uint32_t beside, const char *name, be32 addr, struct point point)
{
	uint32_t box = network_add(network, TOPOLOGY_ADDRESS, region, name, network_addr(network, addr));
	uint32_t node = world_node(network->world, point);
	if (network->failed)
		return;
	network->boxes[box].beside = beside;
	if (point.kind == POINT_HOST)
		network->own_address_of_node[node] = box;
	else
		network_is_node(network, box, point);
	if (node != NONE)
		network_hover(network, box, "%s", world_node_description(network->world, node));
}

static bool uses_outbound(const struct network *network, uint32_t vnet)
{
	for (size_t i = 0; i < network->model->n_hosts; i++) {
		const struct host_config *host = &network->model->hosts[i];
		if (host->kind == HOST_VM && network->model->subnets[host->subnet].vnet == vnet && host->public_ip.raw == 0)
			return true;
	}
	return false;
}

static void add_subnet(struct network *network, uint32_t region, uint32_t vnet, uint32_t subnet)
{
	const struct model *model = network->model;
	const struct subnet_config *config = &model->subnets[subnet];
	uint32_t box = network_add(network, TOPOLOGY_SUBNET, vnet, config->name, network_prefixes(network, &config->cidr, 1));
	network_nsg(network, box, config->nsg);
	network_routes(network, box, config->routes);
	for (uint32_t i = 0; i < model->n_ases; i++) {
		if (model->ases[i].subnet != subnet)
			continue;
		uint32_t environment = add_environment(network, box, i);
		const char *name = network_text(network, arena_printf(network->arena, "%s/vip", model->ases[i].name));
		add_address(network, region, environment, name, model->ases[i].vip, (struct point){.kind = POINT_VIP, .index = i});
	}
	add_hosts(network, box, HOST_VM, subnet);
	for (uint32_t i = 0, n = 0; i < model->n_hosts && n < MAX_HOSTS; i++) {
		const struct host_config *host = &model->hosts[i];
		if (host->kind != HOST_VM || host->subnet != subnet || host->public_ip.raw == 0)
			continue;
		const char *name = network_text(network, arena_printf(network->arena, "%s's own", host->name));
		add_address(network, region, box, name, host->public_ip, (struct point){.kind = POINT_HOST, .index = i});
		n++;
	}
}

/* Is something of it on the way of a call? */
static bool has_wanted(const struct network *network, uint32_t vnet)
{
	const struct model *model = network->model;
	for (uint32_t i = 0; i < model->n_hosts; i++)
		if (model->hosts[i].kind == HOST_VM && model->subnets[model->hosts[i].subnet].vnet == vnet &&
		    is_wanted(network, (struct point){.kind = POINT_HOST, .index = i}))
			return true;
	for (uint32_t i = 0; i < model->n_ases; i++)
		if (model->subnets[model->ases[i].subnet].vnet == vnet)
			return true; /* environments are what it is all about */
	return false;
}

static void add_vnet(struct network *network, uint32_t region, uint32_t vnet)
{
	const struct model *model = network->model;
	const struct vnet_config *config = &model->vnets[vnet];
	uint32_t box = network_add(network, TOPOLOGY_VNET, region, config->name, network_prefixes(network, config->space, config->n_space)),
		 n = 0, n_left = 0;
	for (size_t i = 0; i < config->n_peers && i < 6; i++)
		network_line(network, box, "peered with %s", model->vnets[config->peers[i]].name);
	if (config->n_peers > 6)
		network_line(network, box, "and with %zu more", config->n_peers - 6);
	for (uint32_t i = 0; i < model->n_subnets; i++) {
		if (model->subnets[i].vnet != vnet)
			continue;
		if (n++ < MAX_SUBNETS || has_wanted(network, vnet))
			add_subnet(network, region, box, i);
		else
			n_left++;
	}
	add_more(network, box, n_left, "subnets");
	if (uses_outbound(network, vnet)) {
		uint32_t node = world_node(network->world, (struct point){.kind = POINT_OUTBOUND, .index = vnet});
		const char *name = network_text(network, arena_printf(network->arena, "%s/outbound", config->name));
		add_address(network, region, box, name, world_nat_address(network->world, node),
			    (struct point){.kind = POINT_OUTBOUND, .index = vnet});
	}
}

static void add_services(struct network *network, uint32_t region, uint32_t index, bool dns)
{
	bool azure_dns = dns && index == 0;
	if (!has_hosts(network, HOST_SERVICE, index) && !azure_dns)
		return;
	uint32_t box = network_add(network, TOPOLOGY_SERVICES, region, "platform services", NULL);
	add_hosts(network, box, HOST_SERVICE, index);
	if (!azure_dns)
		return;
	uint32_t chip = network_add(network, TOPOLOGY_CHIP, box, "azure-dns", network_addr(network, be32_from(AZURE_DNS_ADDR)));
	network_is_node(network, chip, (struct point){.kind = POINT_DNS});
}

static void add_region(struct network *network, uint32_t index)
{
	const struct model *model = network->model;
	uint32_t box = network_add(network, TOPOLOGY_REGION, TOPOLOGY_NONE, model->regions[index].name, "Azure region"), n = 0, n_left = 0;
	network_is_node(network, box, (struct point){.kind = POINT_REGION, .index = index});
	for (uint32_t i = 0; i < model->n_vnets; i++) {
		if (model->vnets[i].region != index)
			continue;
		if (n++ < MAX_CONTAINERS || has_wanted(network, i))
			add_vnet(network, box, i);
		else
			n_left++;
	}
	add_more(network, box, n_left, "virtual networks");
	add_services(network, box, index, is_wanted(network, (struct point){.kind = POINT_DNS}));
}

/* ---- outside ---- */

static uint32_t box_of_vnet(const struct network *network, uint32_t vnet)
{
	for (uint32_t i = 0; i < network->n; i++)
		if (network->boxes[i].kind == TOPOLOGY_VNET && network->boxes[i].name == network->model->vnets[vnet].name)
			return i;
	return TOPOLOGY_NONE;
}

static void add_site(struct network *network, uint32_t index)
{
	const struct site_config *site = &network->model->sites[index];
	uint32_t box = network_add(network, site->has_gateway ? TOPOLOGY_SITE : TOPOLOGY_HOME, TOPOLOGY_NONE, site->name,
				   network_prefixes(network, site->prefixes, site->n_prefixes));
	if (site->has_gateway) {
		const char *name = network_text(network, arena_printf(network->arena, "gateway/%s", site->name));
		uint32_t gateway = network_add(network, TOPOLOGY_ADDRESS, box, name, site->kind == GATEWAY_VPN ? "VPN" : "ExpressRoute");
		network_is_node(network, gateway, (struct point){.kind = POINT_GATEWAY, .index = index});
		network_hover(network, gateway, "joins %s to %s; it advertises %s", site->name, network->model->vnets[site->vnet].name,
			      network_prefixes(network, site->advertises, site->n_advertises));
		if (!network->failed)
			network->boxes[gateway].joins = box_of_vnet(network, site->vnet);
	}
	if (site->has_nat) {
		struct point point = {.kind = POINT_SITE_NAT, .index = index};
		uint32_t node = world_node(network->world, point);
		const char *name = network_text(network, arena_printf(network->arena, "%s/nat", site->name));
		uint32_t nat =
			network_add(network, TOPOLOGY_ADDRESS, box, name, network_addr(network, world_nat_address(network->world, node)));
		network_is_node(network, nat, point);
		network_hover(network, nat, "%s", world_node_description(network->world, node));
	}
	add_hosts(network, box, HOST_SITE, index);
}

static bool site_is_wanted(const struct network *network, uint32_t site)
{
	for (uint32_t i = 0; i < network->model->n_hosts; i++)
		if (is_in(&network->model->hosts[i], HOST_SITE, site) && is_wanted(network, (struct point){.kind = POINT_HOST, .index = i}))
			return true;
	return false;
}

static void add_sites(struct network *network)
{
	for (uint32_t i = 0; i < network->model->n_sites; i++)
		if (i < MAX_CONTAINERS || site_is_wanted(network, i))
			add_site(network, i);
}

static void add_internet(struct network *network)
{
	uint32_t box = network_add(network, TOPOLOGY_INTERNET, TOPOLOGY_NONE, "Internet", NULL);
	network_is_node(network, box, (struct point){.kind = POINT_INTERNET});
	add_hosts(network, box, HOST_INTERNET, 0);
	if (!is_wanted(network, (struct point){.kind = POINT_PUBLIC_DNS}))
		return;
	uint32_t chip = network_add(network, TOPOLOGY_CHIP, box, "public-dns", network_addr(network, be32_from(PUBLIC_DNS_ADDR)));
	network_is_node(network, chip, (struct point){.kind = POINT_PUBLIC_DNS});
}

int network_draw(struct network *network, struct arena *arena, const struct pp_run *run, const bool *wanted)
{
	uint32_t n_nodes = world_n_nodes(run->world);
	*network = (struct network){.arena = arena, .model = run->model, .world = run->world, .wanted = wanted};
	network->box_of_node = arena_array(arena, n_nodes, sizeof *network->box_of_node);
	network->own_address_of_node = arena_array(arena, n_nodes, sizeof *network->own_address_of_node);
	if (!network->box_of_node || !network->own_address_of_node)
		return -ENOMEM;
	for (uint32_t i = 0; i < n_nodes; i++)
		network->box_of_node[i] = network->own_address_of_node[i] = TOPOLOGY_NONE;
	for (uint32_t i = 0; i < run->model->n_regions; i++)
		add_region(network, i);
	if (run->model->n_regions > 1) {
		uint32_t box = network_add(network, TOPOLOGY_BACKBONE, TOPOLOGY_NONE, "backbone", NULL);
		network_is_node(network, box, (struct point){.kind = POINT_BACKBONE});
	}
	add_sites(network);
	add_internet(network);
	return network->failed ? -ENOMEM : 0;
}
