/* DOC: from a model to nodes. The order is fixed: fabrics, then environments, hosts, lent addresses and resolvers, each
 * sorted by name, so that indices (which break ties between events of one instant) depend on the network alone and not
 * on the traffic. */
#include "network/drive.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t add_node(struct world *world, enum node_kind kind, uint32_t index, const char *name,
			 const char *description)
{
	if (!name || !description) {
		world_fail(world, -ENOMEM);
		name = "";
		description = "";
	}
	world->nodes[world->n_nodes] =
		(struct node){name, description, kind, index, kind == NODE_REGION ? index : NONE, random_name(name)};
	return world->n_nodes++;
}

static struct mac mac_of(be32 addr, bool azure)
{
	uint32_t a = be32_to(addr);
	uint8_t low[3] = {(uint8_t)(a >> 16), (uint8_t)(a >> 8), (uint8_t)a};
	/* Azure's guests have Microsoft's 00:0d:3a; the others a locally administered address (IEEE 802). */
	if (azure)
		return (struct mac){{0x00, 0x0d, 0x3a, low[0], low[1], low[2]}};
	return (struct mac){{0x02, 0x00, (uint8_t)(a >> 24), low[0], low[1], low[2]}};
}

static uint32_t add_station(struct world *world, struct station station, const char *name, const char *description)
{
	uint32_t index = world->n_stations++;
	station.node = add_node(world, NODE_STATION, index, name, description);
	station.next_port = 49152;
	station.ip_id = (uint16_t)random_name(name);
	bool azure =
		station.kind != STATION_INTERNET && station.kind != STATION_PUBLIC_DNS && station.kind != STATION_SITE;
	station.mac = mac_of(station.addr, azure);
	world->stations[index] = station;
	world->nodes[station.node].region = station.region;
	world_fail(world, address_add(world, station.realm, station.addr, station.node));
	if (station.public_ip.raw != 0)
		world_fail(world, address_add(world, NONE, station.public_ip, station.node));
	return index;
}

static uint32_t add_translator(struct world *world, struct translator translator, const struct nat_rules *config,
			       const char *name, const char *description)
{
	uint32_t index = world->n_translators++;
	translator.node = add_node(world, NODE_TRANSLATOR, index, name, description);
	translator.armed = INSTANT_NEVER;
	world->translators[index] = translator;
	world->nodes[translator.node].region = translator.region;
	world_fail(world, address_add(world, NONE, translator.addr, translator.node));
	for (size_t i = 0; i < config->n_addresses; i++)
		if (config->addresses[i].raw != translator.addr.raw)
			world_fail(world, address_add(world, NONE, config->addresses[i], translator.node));
	world_fail(world, translate_build(world, index, config));
	return index;
}

/* An appliance's NAT stands where its machine does, and translates to that machine's address. */
static uint32_t add_own_nat(struct world *world, const struct station *station, const struct nat_rules *config,
			    struct place place)
{
	uint32_t index = world->n_translators++;
	world->translators[index] = (struct translator){.node = station->node,
							.addr = station->addr,
							.region = NONE,
							.realm = station->realm,
							.ase = NONE,
							.site = NONE,
							.armed = INSTANT_NEVER,
							.place = place};
	world_fail(world, translate_build(world, index, config));
	return index;
}

static const char *text_of_address(struct world *world, be32 addr)
{
	char text[ADDR_TEXT_BYTES];
	return arena_strdup(world->arena, addr_print(addr, text));
}

/* ---- the parts ---- */

static void build_fabrics(struct world *world)
{
	const struct model *model = world->model;
	for (uint32_t i = 0; i < model->n_regions; i++)
		world->region_node[i] =
			add_node(world, NODE_REGION, i, arena_printf(world->arena, "region/%s", model->regions[i].name),
				 arena_printf(world->arena, "network of region %s", model->regions[i].name));
	world->backbone_node = add_node(world, NODE_BACKBONE, 0, "backbone", "network between Azure's regions");
	world->internet_node = add_node(world, NODE_INTERNET, 0, "internet", "the public Internet");
}

static const struct service_port front_end_ports[] = {{0}};

static void build_environment(struct world *world, uint32_t ase)
{
	const struct ase_config *config = &world->model->ases[ase];
	const struct subnet_config *subnet = &world->model->subnets[config->subnet];
	const char *vnet = world->model->vnets[subnet->vnet].name;
	const char *vip = text_of_address(world, config->vip);

	struct translator translator = {.addr = config->vip,
					.region = config->region,
					.realm = subnet->vnet,
					.ase = ase,
					.site = NONE,
					.place = config->place};
	world->ase_translator[ase] =
		add_translator(world, translator, &config->snat, arena_printf(world->arena, "%s/vip", config->name),
			       arena_printf(world->arena, "public VIP of %s, %s", config->name, vip ? vip : ""));

	uint32_t n = config->front_ends + config->max_workers;
	for (uint32_t i = 0; i < n; i++) {
		bool front_end = i < config->front_ends;
		uint32_t number = front_end ? i : i - config->front_ends;
		const char *role = front_end ? "front-end" : "worker";
		const char *addr = text_of_address(world, config->addresses[i]);
		struct station station = {
			.kind = front_end ? STATION_FRONT_END : STATION_WORKER,
			.addr = config->addresses[i],
			.realm = subnet->vnet,
			.vnet = subnet->vnet,
			.site = NONE,
			.own_nat = NONE,
			.subnet = config->subnet,
			.region = config->region,
			.ase = ase,
			.number = number,
			.translator = world->ase_translator[ase],
			.exists = front_end || number < config->workers,
			.up = true,
			.ttl = 128,
			.listen = front_end_ports,
		};
		uint32_t index = add_station(
			world, station, arena_printf(world->arena, "%s/%s-%u", config->name, role, number),
			arena_printf(world->arena, "%s %u of %s, %s in %s/%s", front_end ? "front end" : "worker",
				     number, config->name, addr ? addr : "", vnet, subnet->name));
		if (i == 0)
			world->first_front_end[ase] = index;
		if (i == config->front_ends)
			world->first_worker[ase] = index;
	}
	world->workers[ase] = config->workers;
	world_fail(world, vip_build(world, world->ase_translator[ase]));
}

/* What Azure's platform services listen on where the scenario does not say (azure-facts.md, "What an environment must
 * reach"). */
static const struct service_port storage_ports[] = {
	{.port = 80, .proto = PROTO_TCP}, {.port = 443, .proto = PROTO_TCP}, {.port = 445, .proto = PROTO_TCP}};
static const struct service_port sql_ports[] = {{.port = 1433, .proto = PROTO_TCP}};
static const struct service_port management_ports[] = {{.port = 443, .proto = PROTO_TCP}};

static void service_defaults(struct station *station, enum service_kind service)
{
	switch (service) {
	case SERVICE_NONE:
		return;
	case SERVICE_STORAGE:
		station->listen = storage_ports;
		station->n_listen = 3;
		return;
	case SERVICE_SQL:
		station->listen = sql_ports;
		station->n_listen = 1;
		return;
	case SERVICE_MANAGEMENT:
		station->listen = management_ports;
		station->n_listen = 1;
		return;
	}
}

static void build_host(struct world *world, uint32_t host)
{
	const struct host_config *config = &world->model->hosts[host];
	struct station station = {.addr = config->addr,
				  .realm = NONE,
				  .vnet = NONE,
				  .site = NONE,
				  .subnet = NONE,
				  .region = NONE,
				  .ase = NONE,
				  .number = host,
				  .translator = NONE,
				  .own_nat = NONE,
				  .forwards = config->forwards,
				  .exists = true,
				  .up = true,
				  .ttl = 64,
				  .listen = config->listen,
				  .n_listen = (uint32_t)config->n_listen};
	const char *addr = text_of_address(world, config->addr);
	const char *description = NULL;
	switch (config->kind) {
	case HOST_VM:
		station.kind = STATION_VM;
		station.subnet = config->subnet;
		station.vnet = station.realm = world->model->subnets[config->subnet].vnet;
		station.region = config->region;
		station.public_ip = config->public_ip;
		station.translator = world->vnet_outbound[station.vnet];
		description = arena_printf(world->arena, "%s %s, %s in %s/%s", config->forwards ? "appliance" : "VM",
					   config->name, addr ? addr : "", world->model->vnets[station.vnet].name,
					   world->model->subnets[config->subnet].name);
		break;
	case HOST_SERVICE:
		station.kind = STATION_SERVICE;
		station.region = config->region;
		if (config->n_listen == 0)
			service_defaults(&station, config->service);
		description = arena_printf(world->arena, "platform service %s, %s in region %s", config->name,
					   addr ? addr : "", world->model->regions[config->region].name);
		break;
	case HOST_SITE:
		station.kind = STATION_SITE;
		station.site = config->site;
		station.realm = realm_of_site(world, config->site);
		description = arena_printf(world->arena, "machine %s, %s at %s", config->name, addr ? addr : "",
					   world->model->sites[config->site].name);
		break;
	case HOST_INTERNET:
		station.kind = STATION_INTERNET;
		description = arena_printf(world->arena, "Internet host %s, %s", config->name, addr ? addr : "");
		break;
	}
	uint32_t index = add_station(world, station, config->name, description);
	world->host_station[host] = index;
	if (config->kind == HOST_VM && config->has_nat)
		world->stations[index].own_nat =
			add_own_nat(world, &world->stations[index], &config->nat, config->place);
}

/* A site's gateway, and its NAT to the Internet. */
static void build_site(struct world *world, uint32_t site)
{
	const struct site_config *config = &world->model->sites[site];
	world->gateway_node[site] = world->site_translator[site] = NONE;
	if (config->has_gateway)
		world->gateway_node[site] =
			add_node(world, NODE_GATEWAY, site, arena_printf(world->arena, "gateway/%s", config->name),
				 arena_printf(world->arena, "%s gateway between %s and %s",
					      config->kind == GATEWAY_VPN ? "VPN" : "ExpressRoute",
					      world->model->vnets[config->vnet].name, config->name));
	if (!config->has_nat)
		return;
	const char *addr = text_of_address(world, config->nat.addresses[0]);
	struct translator translator = {.addr = config->nat.addresses[0],
					.region = NONE,
					.realm = realm_of_site(world, site),
					.ase = NONE,
					.site = site,
					.place = config->place};
	world->site_translator[site] = add_translator(
		world, translator, &config->nat, arena_printf(world->arena, "%s/nat", config->name),
		arena_printf(world->arena, "NAT between %s and the Internet, %s", config->name, addr ? addr : ""));
}

/* Azure lends machines without a public address one for their outbound calls
 * (load-balancer-outbound-connections-classic, case 3). */
static void build_lent_address(struct world *world, uint32_t vnet)
{
	const struct vnet_config *config = &world->model->vnets[vnet];
	struct nat_rules nat = world->model->default_snat;
	nat.ports_per_worker = NAT_PORTS_SHARED;
	be32 addr = be32_from(OUTBOUND_ADDR_BASE + vnet);
	const char *text = text_of_address(world, addr);
	struct translator translator = {
		.addr = addr, .region = config->region, .realm = vnet, .ase = NONE, .site = NONE};
	world->vnet_outbound[vnet] =
		add_translator(world, translator, &nat, arena_printf(world->arena, "%s/outbound", config->name),
			       arena_printf(world->arena, "address lent to machines of %s for outbound calls, %s",
					    config->name, text ? text : ""));
}

static void build_resolvers(struct world *world)
{
	static const struct service_port dns_ports[] = {{.port = 53, .proto = PROTO_UDP}};
	struct station azure = {.kind = STATION_AZURE_DNS,
				.addr = be32_from(AZURE_DNS_ADDR),
				.realm = NONE,
				.vnet = NONE,
				.site = NONE,
				.subnet = NONE,
				.region = NONE,
				.ase = NONE,
				.translator = NONE,
				.own_nat = NONE,
				.exists = true,
				.up = true,
				.ttl = 128,
				.listen = dns_ports,
				.n_listen = 1};
	world->azure_dns = add_station(world, azure, "azure-dns", "Azure's resolver, 168.63.129.16");
	struct station internet = azure;
	internet.kind = STATION_PUBLIC_DNS;
	internet.addr = be32_from(PUBLIC_DNS_ADDR);
	internet.ttl = 64;
	world->public_dns = add_station(world, internet, "public-dns", "a resolver on the Internet, 198.18.0.53");
}

static void build_links(struct world *world)
{
	for (size_t i = 0; i < LINK_CLASS_COUNT; i++) {
		const struct link_config *config = &world->model->links[i];
		world->links[i] =
			(struct link_properties){config->latency_ns,      config->jitter_ns,   config->loss_parts,
						 config->rate_bits_per_s, config->queue_bytes, config->up};
		world->link_by[i] = link_class_name((enum link_class)i);
	}
	for (size_t i = 0; i < world->model->n_subnets; i++) {
		const struct subnet_config *subnet = &world->model->subnets[i];
		world->subnet_by[i] = arena_printf(world->arena, "subnet/%s/%s", world->model->vnets[subnet->vnet].name,
						   subnet->name);
		if (!world->subnet_by[i])
			world_fail(world, -ENOMEM);
	}
	fabric_refresh(world);
}

static bool allocate(struct world *world)
{
	const struct model *model = world->model;
	size_t n_stations = model->n_hosts + 2;
	for (size_t i = 0; i < model->n_ases; i++)
		n_stations += model->ases[i].front_ends + model->ases[i].max_workers;
	size_t n_translators = model->n_ases + model->n_vnets + model->n_sites + model->n_hosts;
	size_t n_nodes = model->n_regions + 2 + n_stations + n_translators + model->n_sites;

	struct arena *arena = world->arena;
	world->nodes = arena_array(arena, n_nodes, sizeof *world->nodes);
	world->stations = arena_array(arena, n_stations, sizeof *world->stations);
	world->translators = arena_array(arena, n_translators, sizeof *world->translators);
	world->region_node = arena_array(arena, model->n_regions, sizeof *world->region_node);
	world->first_front_end = arena_array(arena, model->n_ases, sizeof *world->first_front_end);
	world->first_worker = arena_array(arena, model->n_ases, sizeof *world->first_worker);
	world->ase_translator = arena_array(arena, model->n_ases, sizeof *world->ase_translator);
	world->workers = arena_array(arena, model->n_ases, sizeof *world->workers);
	world->host_station = arena_array(arena, model->n_hosts, sizeof *world->host_station);
	world->vnet_outbound = arena_array(arena, model->n_vnets, sizeof *world->vnet_outbound);
	world->subnet_by = arena_array(arena, model->n_subnets, sizeof *world->subnet_by);
	world->app_on_all = arena_array(arena, model->n_apps, sizeof *world->app_on_all);
	world->app_on = arena_array(arena, model->n_apps, sizeof *world->app_on);
	world->app_n_on = arena_array(arena, model->n_apps, sizeof *world->app_n_on);
	world->event_inert = arena_array(arena, model->n_events, sizeof *world->event_inert);
	world->event_why = arena_array(arena, model->n_events, sizeof *world->event_why);
	world->host_names = arena_array(arena, n_nodes + model->n_hosts, sizeof *world->host_names);
	world->gateway_node = arena_array(arena, model->n_sites, sizeof *world->gateway_node);
	world->site_translator = arena_array(arena, model->n_sites, sizeof *world->site_translator);
	world->nsgs = arena_array(arena, model->n_nsgs, sizeof *world->nsgs);
	world->nsg_by = arena_array(arena, model->n_nsgs, sizeof *world->nsg_by);
	world->nsg_used = arena_array(arena, model->n_nsgs, sizeof *world->nsg_used);
	world->tags = arena_array(arena, model->n_subnets, sizeof *world->tags);
	world->routes = arena_array(arena, model->n_subnets, sizeof *world->routes);
	world->tables = arena_array(arena, model->n_route_tables, sizeof *world->tables);
	world->table_by = arena_array(arena, model->n_route_tables, sizeof *world->table_by);
	world->route_used = arena_array(arena, model->n_route_tables, sizeof *world->route_used);
	return world->nodes && world->stations && world->translators && world->region_node && world->first_front_end &&
	       world->first_worker && world->ase_translator && world->workers && world->host_station &&
	       world->vnet_outbound && world->subnet_by && world->app_on_all && world->app_on && world->app_n_on &&
	       world->event_inert && world->event_why && world->host_names && world->gateway_node &&
	       world->site_translator && world->nsgs && world->nsg_by && world->nsg_used && world->tags &&
	       world->routes && world->tables && world->table_by && world->route_used;
}

static int host_name_compare(const void *a, const void *b)
{
	const struct world_host_name *x = a, *y = b;
	if (x->addr.raw != y->addr.raw)
		return be32_to(x->addr) < be32_to(y->addr) ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void add_host_name(struct world *world, be32 addr, const char *name)
{
	world->host_names[world->n_host_names++] = (struct world_host_name){addr, name};
}

static void build_host_names(struct world *world)
{
	for (uint32_t i = 0; i < world->n_stations; i++) {
		const struct station *station = &world->stations[i];
		add_host_name(world, station->addr, world->nodes[station->node].name);
		if (station->public_ip.raw != 0)
			add_host_name(world, station->public_ip, world->nodes[station->node].name);
	}
	for (uint32_t i = 0; i < world->n_translators; i++)
		if (world->nodes[world->translators[i].node].kind == NODE_TRANSLATOR)
			add_host_name(world, world->translators[i].addr, world->nodes[world->translators[i].node].name);
	for (uint32_t i = 0; i < world->model->n_sites; i++)
		if (world->gateway_node[i] != NONE)
			add_host_name(world, be32_from(GATEWAY_ADDR_BASE + i),
				      world->nodes[world->gateway_node[i]].name);
	qsort(world->host_names, world->n_host_names, sizeof *world->host_names, host_name_compare);
}

int world_build(struct world *world)
{
	const struct model *model = world->model;
	if (!allocate(world))
		return -ENOMEM;
	build_fabrics(world);
	for (uint32_t i = 0; i < model->n_ases; i++)
		build_environment(world, i);
	for (uint32_t i = 0; i < model->n_vnets; i++)
		build_lent_address(world, i);
	for (uint32_t i = 0; i < model->n_sites; i++)
		build_site(world, i);
	for (uint32_t i = 0; i < model->n_hosts; i++)
		build_host(world, i);
	build_resolvers(world);
	build_links(world);
	build_host_names(world);
	for (uint32_t i = 0; i < model->n_apps; i++) {
		world->app_on_all[i] = model->apps[i].on_all;
		world->app_on[i] = model->apps[i].on;
		world->app_n_on[i] = model->apps[i].n_on;
	}
	for (uint32_t i = 0; i < world->n_stations; i++)
		machine_choose_way_out(world, &world->stations[i]);
	station_init(world);
	int r = security_build(world);
	if (r == 0)
		r = routing_build(world);
	return r < 0 ? r : world->error;
}
