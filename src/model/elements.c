/* DOC: what stands in the network is registered here, in the order that elements.h gives. A model that holds mistakes is
 * registered, too, as what it says of its elements is checked afterwards: a reference may then be NONE. */
#include "model/elements.h"
#include "model/decided_by.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct element_traits element_traits[ELEMENT_KIND_COUNT] = {
	[ELEMENT_REGION] = {.word = "region", .owner = OWNER_REGION},
	[ELEMENT_BACKBONE] = {.word = "backbone"},
	[ELEMENT_INTERNET] = {.word = "internet"},
	[ELEMENT_GATEWAY] = {.word = "gateway", .owner = OWNER_SITE},
	[ELEMENT_VIP] = {.word = "vip", .owner = OWNER_ENVIRONMENT, .is_nat_alone = true, .has_instances = true},
	[ELEMENT_LENT] = {.word = "lent address", .owner = OWNER_VNET, .is_nat_alone = true},
	[ELEMENT_SITE_NAT] = {.word = "site NAT", .owner = OWNER_SITE, .is_nat_alone = true},
#define KIND_STANDS_NAT_ALONE .is_nat_alone = true
#define KIND_STANDS_END_POINT .is_end_point = true, .is_next_hop = true, .is_azures = true
#define KIND_STANDS_CALLED .is_end_point = true, .is_azures = true
#define KIND_STANDS_SERVICE .is_end_point = true, .is_azures = true
#define KIND_TRAITS(KIND, kind, article, words, schema, help, stands)                                                  \
	[ELEMENT_##KIND] = {.word = (words), .owner = OWNER_##KIND, KIND_STANDS_##stands},
	NETWORK_KINDS(KIND_TRAITS)[ELEMENT_FRONT_END] = {"front end", OWNER_ENVIRONMENT, .is_end_point = true,
							 .can_stop = true, .is_azures = true},
	[ELEMENT_INTERNAL] = {.word = "internal address", .owner = OWNER_ENVIRONMENT, .is_nat_alone = true},
	[ELEMENT_FRONTEND] = {.word = "frontend", .owner = OWNER_FRONTEND, .is_nat_alone = true, .has_instances = true},
	[ELEMENT_APP_OUTBOUND] = {.word = "outbound addresses",
				  .owner = OWNER_WEB_APP,
				  .is_nat_alone = true,
				  .has_instances = true},
	[ELEMENT_APP_INSTANCE] = {"instance", OWNER_WEB_APP, .is_end_point = true, .can_stop = true, .is_azures = true},
	[ELEMENT_WORKER] = {"worker", OWNER_ENVIRONMENT, .is_end_point = true, .can_stop = true, .is_azures = true},
	[ELEMENT_MACHINE] = {"machine", OWNER_HOST, .is_end_point = true, .can_stop = true, .is_azures = true},
	[ELEMENT_APPLIANCE] = {"appliance", OWNER_HOST, .is_end_point = true, .can_stop = true, .is_azures = true},
	[ELEMENT_INTERNET_HOST] = {"internet host", OWNER_HOST, .is_end_point = true, .can_stop = true},
	[ELEMENT_SERVICE] = {"service", OWNER_HOST, .is_end_point = true, .can_stop = true, .is_azures = true},
	[ELEMENT_SITE_MACHINE] = {"site host", OWNER_HOST, .is_end_point = true, .can_stop = true},
	[ELEMENT_AZURE_DNS] = {.word = "azure dns", .is_end_point = true, .is_azures = true},
	[ELEMENT_PUBLIC_DNS] = {.word = "public dns", .is_end_point = true},
};
_Static_assert(sizeof element_traits / sizeof *element_traits == ELEMENT_KIND_COUNT, "traits of each kind");

/* ---- registering ---- */

struct registering {
	struct arena *arena;
	struct model *model;
	struct elements *elements;
	bool failed;
};

/* Of an element that stands nowhere in particular. */
static struct element element_of(enum element_kind kind, uint32_t owner)
{
	return (struct element){.kind = kind,
				.owner = owner,
				.region = NONE,
				.realm = NONE,
				.vnet = NONE,
				.subnet = NONE,
				.site = NONE};
}

static const char *noted(struct registering *r, const char *text)
{
	r->failed |= !text;
	return text ? text : "";
}

static uint32_t add(struct registering *r, struct element element, const char *name, const char *description)
{
	element.name = noted(r, name);
	element.description = noted(r, description);
	r->elements->items[r->elements->n] = element;
	return r->elements->n++;
}

static const char *text_of(struct registering *r, be32 addr)
{
	char text[ADDR_TEXT_BYTES];
	return noted(r, arena_strdup(r->arena, addr_print(addr, text)));
}

static void stand_in_subnet(const struct model *model, struct element *element, uint32_t subnet)
{
	element->subnet = subnet;
	if (subnet != NONE)
		element->vnet = element->realm = model->subnets[subnet].vnet;
}

/* "contoso/data" */
static const char *subnet_name(struct registering *r, uint32_t subnet)
{
	const struct model *model = r->model;
	if (subnet == NONE)
		return "";
	return noted(r, arena_printf(r->arena, "%s/%s", model->vnets[model->subnets[subnet].vnet].name,
				     model->subnets[subnet].name));
}

static void add_fabrics(struct registering *r)
{
	for (uint32_t i = 0; i < r->model->n_regions; i++) {
		const struct region_config *config = &r->model->regions[i];
		struct element region = element_of(ELEMENT_REGION, i);
		region.region = i;
		region.place = config->place;
		(void)add(r, region, arena_printf(r->arena, "region/%s", config->name),
			  arena_printf(r->arena, "network of region %s", config->name));
	}
	(void)add(r, element_of(ELEMENT_BACKBONE, 0), "backbone", "network between Azure's regions");
	(void)add(r, element_of(ELEMENT_INTERNET, 0), "internet", "the public Internet");
}

static void add_instance(struct registering *r, uint32_t ase, uint32_t i)
{
	const struct ase_config *config = &r->model->ases[ase];
	bool front_end = i < config->front_ends;
	struct element instance = element_of(front_end ? ELEMENT_FRONT_END : ELEMENT_WORKER, ase);
	instance.number = front_end ? i : i - config->front_ends;
	instance.region = config->region;
	stand_in_subnet(r->model, &instance, config->subnet);
	instance.addr = config->addresses ? config->addresses[i] : ADDR_NONE;
	instance.place = config->place;
	(void)add(r, instance,
		  arena_printf(r->arena, "%s/%s-%u", config->name, front_end ? "front-end" : "worker", instance.number),
		  arena_printf(r->arena, "%s %u of %s, %s in %s", element_traits[instance.kind].word, instance.number,
			       config->name, text_of(r, instance.addr), subnet_name(r, config->subnet)));
}

static void add_environment(struct registering *r, uint32_t ase)
{
	const struct ase_config *config = &r->model->ases[ase];
	struct element vip = element_of(ELEMENT_VIP, ase);
	vip.region = config->region;
	vip.realm = config->subnet == NONE ? NONE : r->model->subnets[config->subnet].vnet;
	vip.addr = config->vip.raw != 0     ? config->vip
		   : config->n_outbound > 0 ? config->outbound[0]
					    : be32_from(ENVIRONMENT_ADDR_BASE + ase);
	vip.place = config->place;
	vip.nat = &config->snat;
	vip.nat_name = config->name;
	r->elements->vip[ase] =
		add(r, vip, arena_printf(r->arena, "%s/vip", config->name),
		    config->vip.raw != 0
			    ? arena_printf(r->arena, "public VIP of %s, %s", config->name, text_of(r, config->vip))
			    : arena_printf(r->arena, "outbound addresses of %s", config->name));
	for (uint32_t i = 0; i < config->front_ends + config->max_workers; i++)
		add_instance(r, ase, i);
}

static void add_internal(struct registering *r, uint32_t ase)
{
	const struct ase_config *config = &r->model->ases[ase];
	struct element internal = element_of(ELEMENT_INTERNAL, ase);
	r->elements->internal[ase] = NONE;
	if (config->internal.raw == 0)
		return;
	internal.region = config->region;
	stand_in_subnet(r->model, &internal, config->subnet);
	internal.addr = config->internal;
	internal.place = config->place;
	internal.nat_name = config->name;
	r->elements->internal[ase] =
		add(r, internal, arena_printf(r->arena, "%s/internal", config->name),
		    arena_printf(r->arena, "internal address of %s, %s", config->name, text_of(r, config->internal)));
}

/* Azure lends machines without a public address one for their outbound calls
 * (load-balancer-outbound-connections-classic, case 3). Where a VNet has no such machine, it is unused. */
static bool is_lent(const struct model *model, uint32_t vnet)
{
	for (size_t i = 0; i < model->n_hosts; i++) {
		const struct host_config *host = &model->hosts[i];
		if (host->kind == HOST_VM && host->public_ip.raw == 0 && host->subnet != NONE &&
		    model->subnets[host->subnet].vnet == vnet && !model->subnets[host->subnet].is_private &&
		    !balancers_are_standard(model, (uint32_t)i))
			return true;
	}
	return false;
}

static void add_lent(struct registering *r, uint32_t vnet)
{
	const struct vnet_config *config = &r->model->vnets[vnet];
	struct element lent = element_of(ELEMENT_LENT, vnet);
	lent.region = config->region;
	lent.realm = vnet;
	lent.addr = be32_from(OUTBOUND_ADDR_BASE + vnet);
	lent.place = config->place;
	lent.nat = is_lent(r->model, vnet) ? &r->model->lent_nat : NULL;
	lent.nat_name = config->name;
	r->elements->lent[vnet] = add(r, lent, arena_printf(r->arena, "%s/outbound", config->name),
				      arena_printf(r->arena, "address lent to machines of %s for outbound calls, %s",
						   config->name, text_of(r, lent.addr)));
}

static void add_gateway(struct registering *r, uint32_t site)
{
	const struct site_config *config = &r->model->sites[site];
	struct element gateway = element_of(ELEMENT_GATEWAY, site);
	gateway.addr = be32_from(GATEWAY_ADDR_BASE + site);
	gateway.place = config->gateway_place;
	r->elements->gateway[site] = add(r, gateway, arena_printf(r->arena, "gateway/%s", config->name),
					 arena_printf(r->arena, "%s gateway between %s and %s",
						      config->kind == GATEWAY_VPN ? "VPN" : "ExpressRoute",
						      r->model->vnets[config->vnet].name, config->name));
}

static void add_site(struct registering *r, uint32_t site)
{
	const struct site_config *config = &r->model->sites[site];
	r->elements->gateway[site] = r->elements->nat[site] = NONE;
	if (config->has_gateway)
		add_gateway(r, site);
	if (!config->has_nat)
		return;
	struct element nat = element_of(ELEMENT_SITE_NAT, site);
	nat.realm = realm_of_site(r->model, site);
	nat.addr = config->nat.n_addresses > 0 ? config->nat.addresses[0] : ADDR_NONE;
	nat.place = config->place;
	nat.nat = &config->nat;
	nat.nat_name = config->name;
	r->elements->nat[site] =
		add(r, nat, arena_printf(r->arena, "%s/nat", config->name),
		    arena_printf(r->arena, "NAT between %s and the Internet, %s", config->name, text_of(r, nat.addr)));
}

/* What a kind's own file says of its item. */
static void add_item(struct registering *r, enum network_kind kind, enum element_kind of, register_item *fill,
		     const struct kind_item *item, uint32_t index)
{
	struct element element = element_of(of, index);
	element.place = item->place;
	r->failed |= !fill(r->arena, r->model, index, &element);
	r->elements->of_kind[kind][index] = add(r, element, item->name, element.description);
}

static void add_kinds(struct registering *r)
{
	const struct model *model = r->model;
#define KIND_ADD(KIND, kind, article, words, schema, help, stands)                                                     \
	for (uint32_t i = 0; i < model->n_##kind##s; i++)                                                              \
		add_item(r, KIND_##KIND, ELEMENT_##KIND, register_##kind,                                              \
			 (const struct kind_item *)(const void *)&model->kind##s[i], i);
	NETWORK_KINDS(KIND_ADD)
}

static void add_app_outbound(struct registering *r, uint32_t app)
{
	const struct web_app_config *config = &r->model->web_apps[app];
	struct element outbound = element_of(ELEMENT_APP_OUTBOUND, app);
	outbound.region = config->region;
	outbound.realm = config->subnet == NONE ? web_app_realm(r->model) : r->model->subnets[config->subnet].vnet;
	outbound.addr = config->nat.n_addresses > 0 ? config->nat.addresses[0] : ADDR_NONE;
	outbound.place = config->place;
	outbound.nat = &config->nat;
	outbound.nat_name = config->name;
	r->elements->app_outbound[app] = add(r, outbound, arena_printf(r->arena, "%s/outbound", config->name),
					     arena_printf(r->arena, "outbound addresses of web app %s, %s",
							  config->name, text_of(r, outbound.addr)));
}

static void add_app_instance(struct registering *r, uint32_t app, uint32_t number)
{
	const struct web_app_config *config = &r->model->web_apps[app];
	struct element instance = element_of(ELEMENT_APP_INSTANCE, app);
	instance.number = number;
	instance.region = config->region;
	instance.realm = web_app_realm(r->model);
	stand_in_subnet(r->model, &instance, config->subnet);
	instance.addr = config->addresses ? config->addresses[number] : ADDR_NONE;
	instance.place = config->place;
	(void)add(r, instance, arena_printf(r->arena, "%s/instance-%u", config->name, number),
		  arena_printf(r->arena, "instance %u of web app %s, %s in %s", number, config->name,
			       text_of(r, instance.addr),
			       config->subnet == NONE ? "the service's own network" : subnet_name(r, config->subnet)));
}

static void add_apps(struct registering *r)
{
	for (uint32_t i = 0; i < r->model->n_web_apps; i++) {
		add_app_outbound(r, i);
		for (uint32_t k = 0; k < r->model->web_apps[i].instances; k++)
			add_app_instance(r, i, k);
	}
}

/* A balancer's NAT is called by its name, where it has one; further ones by their frontends. */
static const char *nat_name_of_frontend(struct registering *r, uint32_t index)
{
	const struct frontend_config *config = &r->model->frontends[index];
	const struct balancer_config *balancer = &r->model->balancers[config->balancer];
	for (const struct frontend_config *other = balancer->frontends; other < config; other++)
		if (other->translates)
			return NULL;
	return balancer->name;
}

static void add_frontend(struct registering *r, uint32_t index)
{
	const struct frontend_config *config = &r->model->frontends[index];
	const struct balancer_config *balancer = &r->model->balancers[config->balancer];
	struct element frontend = element_of(ELEMENT_FRONTEND, index);
	const char *name = noted(r, arena_printf(r->arena, "%s/%s", balancer->name, config->name));
	frontend.region = balancer->region;
	frontend.realm = balancer->vnet;
	if (config->is_internal)
		stand_in_subnet(r->model, &frontend, config->subnet);
	frontend.addr = config->addr;
	frontend.place = config->place;
	frontend.nat = config->translates ? &config->nat : NULL;
	frontend.nat_name = config->translates ? nat_name_of_frontend(r, index) : NULL;
	if (!frontend.nat_name)
		frontend.nat_name = name;
	r->elements->frontend[index] = add(r, frontend, name,
					   arena_printf(r->arena, "%s frontend of load balancer %s, %s",
							config->is_internal ? "internal" : "public", balancer->name,
							text_of(r, config->addr)));
}

static const char *add_vm(struct registering *r, const struct host_config *config, struct element *host)
{
	host->region = config->region;
	stand_in_subnet(r->model, host, config->subnet);
	if (config->forwards || config->has_nat)
		host->kind = ELEMENT_APPLIANCE;
	if (config->has_nat)
		host->nat = &config->nat;
	host->nat_name = config->name;
	return arena_printf(r->arena, "%s %s, %s in %s", config->forwards ? "appliance" : "VM", config->name,
			    text_of(r, config->addr), subnet_name(r, config->subnet));
}

static void add_host(struct registering *r, uint32_t index)
{
	static const enum element_kind kinds[] = {[HOST_VM] = ELEMENT_MACHINE,
						  [HOST_INTERNET] = ELEMENT_INTERNET_HOST,
						  [HOST_SERVICE] = ELEMENT_SERVICE,
						  [HOST_SITE] = ELEMENT_SITE_MACHINE};
	const struct host_config *config = &r->model->hosts[index];
	struct element host = element_of(kinds[config->kind], index);
	const char *addr = text_of(r, config->addr), *description = NULL;
	host.addr = config->addr;
	host.place = config->place;
	switch (config->kind) {
	case HOST_VM:
		description = add_vm(r, config, &host);
		break;
	case HOST_SERVICE:
		host.region = config->region;
		description = arena_printf(r->arena, "platform service %s, %s in region %s", config->name, addr,
					   config->region == NONE ? "" : r->model->regions[config->region].name);
		break;
	case HOST_SITE:
		host.site = config->site;
		host.realm = config->site == NONE ? NONE : realm_of_site(r->model, config->site);
		description = arena_printf(r->arena, "machine %s, %s at %s", config->name, addr,
					   config->site == NONE ? "" : r->model->sites[config->site].name);
		break;
	case HOST_INTERNET:
		description = arena_printf(r->arena, "Internet host %s, %s", config->name, addr);
		break;
	}
	r->elements->host[index] = add(r, host, config->name, description);
}

static void add_resolvers(struct registering *r)
{
	struct element azure = element_of(ELEMENT_AZURE_DNS, 0), public = element_of(ELEMENT_PUBLIC_DNS, 0);
	azure.addr = be32_from(AZURE_DNS_ADDR);
	public.addr = be32_from(PUBLIC_DNS_ADDR);
	r->elements->azure_dns = add(r, azure, "azure-dns", "Azure's resolver, 168.63.129.16");
	r->elements->public_dns = add(r, public, "public-dns", "a resolver on the Internet, 198.18.0.53");
}

static struct elements *allocate(struct arena *arena, const struct model *model)
{
	struct elements *elements = arena_alloc(arena, sizeof *elements);
	if (!elements)
		return NULL;
	size_t n = model->n_regions + 4 + model->n_vnets + 2 * model->n_sites + model->n_frontends + model->n_hosts;
	for (size_t i = 0; i < model->n_ases; i++)
		n += 2u + model->ases[i].front_ends + model->ases[i].max_workers;
#define KIND_COUNT_ALL(KIND, kind, article, words, schema, help, stands) n += model->n_##kind##s;
	NETWORK_KINDS(KIND_COUNT_ALL)
	for (size_t i = 0; i < model->n_web_apps; i++)
		n += 1u + model->web_apps[i].instances;
	elements->items = arena_array(arena, n, sizeof *elements->items);
	elements->names = arena_array(arena, n, sizeof *elements->names);
	elements->vip = arena_array(arena, model->n_ases, sizeof *elements->vip);
	elements->lent = arena_array(arena, model->n_vnets, sizeof *elements->lent);
	elements->gateway = arena_array(arena, model->n_sites, sizeof *elements->gateway);
	elements->nat = arena_array(arena, model->n_sites, sizeof *elements->nat);
	elements->internal = arena_array(arena, model->n_ases, sizeof *elements->internal);
	elements->frontend = arena_array(arena, model->n_frontends, sizeof *elements->frontend);
	elements->host = arena_array(arena, model->n_hosts, sizeof *elements->host);
	elements->app_outbound = arena_array(arena, model->n_web_apps, sizeof *elements->app_outbound);
	bool all = elements->app_outbound && elements->items && elements->names && elements->vip && elements->lent &&
		   elements->gateway && elements->nat && elements->internal && elements->frontend && elements->host;
#define KIND_ALLOCATE(KIND, kind, article, words, schema, help, stands)                                                \
	elements->of_kind[KIND_##KIND] = arena_array(arena, model->n_##kind##s, sizeof *elements->of_kind[0]);         \
	all = all && elements->of_kind[KIND_##KIND];
	NETWORK_KINDS(KIND_ALLOCATE)
	return all ? elements : NULL;
}

/* Expectations call a lent address by its VNet, where no other NAT is called so. */
static void name_lent(struct registering *r)
{
	const struct model *model = r->model;
	for (uint32_t i = 0; i < model->n_vnets; i++) {
		struct element *lent = &r->elements->items[r->elements->lent[i]];
		bool unique = true;
		for (uint32_t k = 0; lent->nat && k < r->elements->n; k++) {
			const struct element *other = &r->elements->items[k];
			unique &= other == lent || !other->nat || strcmp(other->nat_name, lent->nat_name) != 0;
		}
		if (!unique)
			lent->nat_name = lent->name;
	}
}

static int by_name(const void *a, const void *b)
{
	const struct element_name *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order != 0 ? order : (x->element > y->element) - (x->element < y->element);
}

int elements_register(struct arena *arena, struct model *model)
{
	struct registering r = {.arena = arena, .model = model, .elements = allocate(arena, model)};
	if (!r.elements)
		return -ENOMEM;
	add_fabrics(&r);
	for (uint32_t i = 0; i < model->n_ases; i++)
		add_environment(&r, i);
	for (uint32_t i = 0; i < model->n_vnets; i++)
		add_lent(&r, i);
	for (uint32_t i = 0; i < model->n_sites; i++)
		add_site(&r, i);
	add_kinds(&r);
	add_apps(&r);
	for (uint32_t i = 0; i < model->n_ases; i++)
		add_internal(&r, i);
	for (uint32_t i = 0; i < model->n_frontends; i++)
		add_frontend(&r, i);
	for (uint32_t i = 0; i < model->n_hosts; i++)
		add_host(&r, i);
	add_resolvers(&r);
	name_lent(&r);
	for (uint32_t i = 0; i < r.elements->n; i++)
		r.elements->names[i] = (struct element_name){r.elements->items[i].name, i};
	qsort(r.elements->names, r.elements->n, sizeof *r.elements->names, by_name);
	model->elements = r.elements;
	return r.failed ? -ENOMEM : decided_by_register(arena, model);
}
