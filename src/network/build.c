/* DOC: from a model to a world: each element of the register becomes the node of the same index, and what is behind it:
 * the stack of an end point, a NAT, or both. */
#include "model/elements.h"
#include "network/drive.h"
#include "rule/session.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct mac mac_of(be32 addr, bool azure)
{
	uint32_t a = be32_to(addr);
	uint8_t low[3] = {(uint8_t)(a >> 16), (uint8_t)(a >> 8), (uint8_t)a};
	/* Azure's guests have Microsoft's 00:0d:3a; the others a locally administered address (IEEE 802). */
	if (azure)
		return (struct mac){{0x00, 0x0d, 0x3a, low[0], low[1], low[2]}};
	return (struct mac){{0x02, 0x00, (uint8_t)(a >> 24), low[0], low[1], low[2]}};
}

/* ---- NATs ---- */

static uint32_t add_translator(struct world *world, uint32_t element_index)
{
	const struct element *element = element_at(world->model, element_index);
	uint32_t index = world->n_translators++;
	world->translators[index] = (struct translator){
		.node = element_index,
		.kind = element->kind,
		.addr = element->addr,
		.region = element_is_nat_alone(element->kind) ? element->region : NONE,
		.realm = element->realm,
		.owner = element->owner,
		.armed = INSTANT_NEVER,
		.place = element->kind == ELEMENT_LENT ? PLACE_NONE : element->place, /* the file has no key of it */
	};
	/* A VNet whose machines all have addresses of their own has one that none of them needs. */
	world_fail(world, translate_build(world, index, element->nat ? element->nat : &world->model->lent_nat));
	return index;
}

/* One that stands by itself answers to its addresses; an appliance's are its machine's. */
uint32_t build_nat(struct world *world, uint32_t element_index)
{
	uint32_t index = add_translator(world, element_index);
	const struct element *element = element_at(world->model, element_index);
	world->nodes[element_index].index = index;
	world_fail(world, address_add(world, NONE, element->addr, element_index));
	for (size_t i = 0; element->nat && i < element->nat->n_addresses; i++)
		if (element->nat->addresses[i].raw != element->addr.raw)
			world_fail(world, address_add(world, NONE, element->nat->addresses[i], element_index));
	for (size_t i = 0; element->nat && i < element->nat->n_statics; i++)
		world_fail(world, address_add(world, NONE, element->nat->statics[i].outside, element_index));
	return index;
}

/* Addresses of a shared NAT are each their frontend's own. */
static void build_frontend(struct world *world, uint32_t element_index)
{
	const struct element *element = element_at(world->model, element_index);
	world->nodes[element_index].index = add_translator(world, element_index);
	world_fail(world, address_add(world, element->vnet, element->addr, element_index));
}

static void build_vip(struct world *world, uint32_t element_index)
{
	uint32_t ase = element_at(world->model, element_index)->owner;
	(void)build_nat(world, element_index);
	world->workers[ase] = world->model->ases[ase].workers;
}

/* ---- end points ---- */

static struct machine *add_machine(struct world *world, uint32_t element_index, struct machine machine)
{
	const struct element *element = element_at(world->model, element_index);
	uint32_t index = world->n_machines++;
	machine.node = element_index;
	machine.kind = element->kind;
	machine.addr = element->addr;
	machine.realm = element->realm;
	machine.vnet = element->vnet;
	machine.subnet = element->subnet;
	machine.site = element->site;
	machine.owner = element->owner;
	machine.number = element->number;
	machine.region = element->region;
	machine.own_nat = machine.owner_at = NONE;
	machine.up = true;
	machine.next_port = 49152;
	machine.ip_id = (uint16_t)random_name(element->name);
	machine.mac = mac_of(element->addr, element_traits[element->kind].is_azures);
	world->machines[index] = machine;
	world->nodes[element_index].index = index;
	world_fail(world, address_add(world, machine.realm, machine.addr, element_index));
	if (machine.public_ip.raw != 0)
		world_fail(world, address_add(world, NONE, machine.public_ip, element_index));
	return &world->machines[index];
}

static void build_instance(struct world *world, uint32_t element_index)
{
	static const struct service_port front_end_ports[] = {{0}};
	const struct element *element = element_at(world->model, element_index);
	const struct ase_config *ase = &world->model->ases[element->owner];
	bool exists = element->kind == ELEMENT_FRONT_END || element->number < ase->workers;
	struct machine *machine =
		add_machine(world, element_index,
			    (struct machine){
				    .translator = translator_number(world, world->model->elements->vip[element->owner]),
				    .exists = exists,
				    .sends_no_mail = ase->generation == 2,
				    .answers_by_vip = element->kind == ELEMENT_FRONT_END && ase->generation == 2,
				    .ttl = 128,
				    .listen = front_end_ports,
			    });
	if (machine->kind == ELEMENT_WORKER)
		machine->owner_at = world->translators[machine->translator].node;
}

/* What Azure's platform services listen on where the scenario does not say (azure-facts.md, "What an environment must
 * reach"). */
static const struct service_port storage_ports[] = {
	{.port = 80, .proto = PROTO_TCP}, {.port = 443, .proto = PROTO_TCP}, {.port = 445, .proto = PROTO_TCP}};
static const struct service_port sql_ports[] = {{.port = 1433, .proto = PROTO_TCP}};
static const struct service_port management_ports[] = {{.port = 443, .proto = PROTO_TCP}};

static void service_defaults(struct machine *machine, enum service_kind service)
{
	switch (service) {
	case SERVICE_NONE:
		return;
	case SERVICE_STORAGE:
		machine->listen = storage_ports;
		machine->n_listen = 3;
		return;
	case SERVICE_SQL:
		machine->listen = sql_ports;
		machine->n_listen = 1;
		return;
	case SERVICE_MANAGEMENT:
		machine->listen = management_ports;
		machine->n_listen = 1;
		return;
	}
}

static void build_host(struct world *world, uint32_t element_index)
{
	const struct element *element = element_at(world->model, element_index);
	const struct host_config *config = &world->model->hosts[element->owner];
	struct machine machine = {
		.translator = element->vnet == NONE
				      ? NONE
				      : translator_number(world, world->model->elements->lent[element->vnet]),
		.public_ip = config->public_ip,
		.exists = true,
		.ttl = 64,
		.listen = config->listen,
		.n_listen = (uint32_t)config->n_listen};
	if (element->kind == ELEMENT_SERVICE && config->n_listen == 0)
		service_defaults(&machine, config->service);
	struct machine *added = add_machine(world, element_index, machine);
	if (element->nat)
		added->own_nat = add_translator(world, element_index);
	if (config->stateful && !element->nat)
		world_fail(world, sessions_new(&added->sessions));
}

struct machine *build_machine(struct world *world, uint32_t element_index)
{
	const struct element *element = element_at(world->model, element_index);
	struct machine *machine =
		add_machine(world, element_index, (struct machine){.translator = NONE, .exists = true, .ttl = 64});
	for (size_t i = 0; element->nat && i < element->nat->n_addresses; i++)
		world_fail(world, address_add(world, NONE, element->nat->addresses[i], element_index));
	if (element->nat)
		machine->own_nat = add_translator(world, element_index);
	return machine;
}

static uint32_t build_resolver(struct world *world, uint32_t element_index)
{
	static const struct service_port dns_ports[] = {{.port = 53, .proto = PROTO_UDP}};
	bool azure = element_at(world->model, element_index)->kind == ELEMENT_AZURE_DNS;
	(void)add_machine(world, element_index,
			  (struct machine){.translator = NONE,
					   .exists = true,
					   .ttl = azure ? 128 : 64,
					   .listen = dns_ports,
					   .n_listen = 1});
	return world->nodes[element_index].index;
}

/* ---- everything ---- */

static void build_element(struct world *world, uint32_t index)
{
	const struct element *element = element_at(world->model, index);
	world->nodes[index] = (struct node){.name = element->name,
					    .description = element->description,
					    .kind = element->kind,
					    .index = element->owner,
					    .region = element->region,
					    .identity = random_name(element->name)};
	world->n_nodes++;
	switch (element->kind) {
	case ELEMENT_REGION:
	case ELEMENT_BACKBONE:
	case ELEMENT_INTERNET:
	case ELEMENT_GATEWAY:
		return;
	case ELEMENT_VIP:
		build_vip(world, index);
		return;
	case ELEMENT_LENT:
	case ELEMENT_SITE_NAT:
		(void)build_nat(world, index);
		return;
#define KIND_BUILD(KIND, kind, article, words, schema, help, stands)                                                   \
	case ELEMENT_##KIND:                                                                                           \
		build_##kind(world, index);                                                                            \
		return;
		NETWORK_KINDS(KIND_BUILD)
	case ELEMENT_INTERNAL:
	case ELEMENT_FRONTEND:
		build_frontend(world, index);
		return;
	case ELEMENT_APP_OUTBOUND:
		build_app_outbound(world, index);
		return;
	case ELEMENT_APP_INSTANCE:
		build_app_instance(world, index);
		return;
	case ELEMENT_FRONT_END:
	case ELEMENT_WORKER:
		build_instance(world, index);
		return;
	case ELEMENT_MACHINE:
	case ELEMENT_APPLIANCE:
	case ELEMENT_INTERNET_HOST:
	case ELEMENT_SERVICE:
	case ELEMENT_SITE_MACHINE:
		build_host(world, index);
		return;
	case ELEMENT_AZURE_DNS:
		world->azure_dns = build_resolver(world, index);
		return;
	case ELEMENT_PUBLIC_DNS:
		world->public_dns = build_resolver(world, index);
		return;
	case ELEMENT_KIND_COUNT:
		return;
	}
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
	fabric_refresh(world);
}

static bool allocate(struct world *world)
{
	const struct model *model = world->model;
	size_t n_nodes = model->elements->n, n_machines = 0, n_translators = 0;
	for (uint32_t i = 0; i < n_nodes; i++) {
		const struct element *element = element_at(model, i);
		n_machines += element_is_end_point(element->kind);
		n_translators += element_is_nat_alone(element->kind) || element->nat;
	}
	struct arena *arena = world->arena;
	world->nodes = arena_array(arena, n_nodes, sizeof *world->nodes);
	world->machines = arena_array(arena, n_machines, sizeof *world->machines);
	world->translators = arena_array(arena, n_translators, sizeof *world->translators);
	world->workers = arena_array(arena, model->n_ases, sizeof *world->workers);
	world->app_on_all = arena_array(arena, model->n_apps, sizeof *world->app_on_all);
	world->app_on = arena_array(arena, model->n_apps, sizeof *world->app_on);
	world->app_n_on = arena_array(arena, model->n_apps, sizeof *world->app_n_on);
	world->event_inert = arena_array(arena, model->n_events, sizeof *world->event_inert);
	world->event_why = arena_array(arena, model->n_events, sizeof *world->event_why);
	world->host_names = arena_array(arena, n_nodes + model->n_hosts, sizeof *world->host_names);
	world->nsgs = arena_array(arena, model->n_nsgs, sizeof *world->nsgs);
	world->nsg_used = arena_array(arena, model->n_nsgs, sizeof *world->nsg_used);
	world->tags = arena_array(arena, model->n_subnets, sizeof *world->tags);
	world->routes = arena_array(arena, model->n_subnets, sizeof *world->routes);
	world->tables = arena_array(arena, model->n_route_tables, sizeof *world->tables);
	world->route_used = arena_array(arena, model->n_route_tables, sizeof *world->route_used);
	return world->nodes && world->machines && world->translators && world->workers && world->app_on_all &&
	       world->app_on && world->app_n_on && world->event_inert && world->event_why && world->host_names &&
	       world->nsgs && world->nsg_used && world->tags && world->routes && world->tables && world->route_used;
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
	for (uint32_t i = 0; i < world->n_machines; i++) {
		const struct machine *machine = &world->machines[i];
		add_host_name(world, machine->addr, world->nodes[machine->node].name);
		if (machine->public_ip.raw != 0)
			add_host_name(world, machine->public_ip, world->nodes[machine->node].name);
	}
	for (uint32_t i = 0; i < world->n_nodes; i++)
		if (element_is_nat_alone(world->nodes[i].kind) || world->nodes[i].kind == ELEMENT_GATEWAY)
			add_host_name(world, element_at(world->model, i)->addr, world->nodes[i].name);
	qsort(world->host_names, world->n_host_names, sizeof *world->host_names, host_name_compare);
}

int world_build(struct world *world)
{
	const struct model *model = world->model;
	if (!allocate(world))
		return -ENOMEM;
	for (uint32_t i = 0; i < model->elements->n; i++)
		build_element(world, i);
	for (uint32_t i = 0; i < model->n_ases; i++) /* their front ends are there by now */
		world_fail(world, vip_build(world, i));
	build_links(world);
	build_host_names(world);
	for (uint32_t i = 0; i < model->n_apps; i++) {
		world->app_on_all[i] = model->apps[i].on_all;
		world->app_on[i] = model->apps[i].on;
		world->app_n_on[i] = model->apps[i].n_on;
	}
	int r = world->error < 0 ? world->error : balance_build(world);
	if (r < 0)
		return r;
	world_fail(world, peering_build(world));
	if (world->error < 0)
		return world->error;
	for (uint32_t i = 0; i < world->n_machines; i++)
		machine_choose_way_out(world, &world->machines[i]);
	machine_init(world);
	r = security_build(world);
	if (r == 0)
		r = routing_build(world);
	if (r == 0)
		balance_probe(world);
	return r < 0 ? r : world->error;
}
