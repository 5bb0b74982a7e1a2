/* DOC: the section `ases`: environments and their apps. Addresses are given out in addresses.c. */
#include "model/defaults.h"
#include "scenario/decode.h"
#include "scenario/delegated.h"
#include <string.h>

/* The largest number of workers that the timeline scales the environment to; how many there are at a time is checked
 * with the timeline. */
static uint32_t max_workers(const struct tree *timeline, const char *name, uint32_t workers)
{
	for (const struct tree *event = timeline && timeline->kind == TREE_LIST ? timeline->first : NULL; event;
	     event = event->next) {
		const struct tree *scale = tree_get(event, "scale"), *n = tree_get(event, "workers");
		uint64_t number;
		if (scale && n && scale->kind == TREE_SCALAR && n->kind == TREE_SCALAR &&
		    strcmp(scale->text, name) == 0 && read_number(n->text, 1000, &number) && number > workers)
			workers = (uint32_t)number;
	}
	return workers;
}

/* A list of words as bits, in the order of `words`. */
static uint32_t decode_words(struct decoder *d, const struct tree *node, const char *key, const char *const *words,
			     size_t n_words, uint32_t all)
{
	const struct tree *value = tree_get(node, key);
	if (tree_is_null(value) || (value->kind == TREE_SCALAR && strcmp(value->text, "all") == 0))
		return all;
	size_t n;
	uint32_t bits = 0;
	const struct tree **items = decode_list(d, value, arena_printf(d->arena, "`%s`", key), true, &n);
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < n_words && (items[i]->kind != TREE_SCALAR || strcmp(items[i]->text, words[k]) != 0))
			k++;
		if (k < n_words)
			bits |= 1u << k;
		else
			diag_error(
				d->diags, items[i]->place,
				arena_printf(d->arena, "known: %s, %s, %s, %s", words[0], words[1], words[2], words[3]),
				"`%s` is not a value of `%s`", decode_shown(items[i]), key);
	}
	return bits;
}

uint32_t decode_needs(struct decoder *d, const struct tree *node, const char *key, uint32_t all)
{
	static const char *const words[] = {"storage", "sql", "management", "probe"};
	return decode_words(d, node, key, words, N_NEEDS, all);
}

bool decode_workers(struct decoder *d, const struct tree *node, const struct ase_config *ase, uint32_t **ret,
		    size_t *ret_n)
{
	size_t n;
	const struct tree **items = decode_some(d, node, arena_printf(d->arena, "`%s`", node->key), &n);
	*ret = decode_array(d, n, sizeof **ret);
	*ret_n = 0;
	for (size_t i = 0; *ret && i < n; i++) {
		uint32_t worker;
		bool again = false;
		const char *text = items[i]->kind == TREE_SCALAR ? items[i]->text : "";
		if (!decode_worker(text, &worker)) {
			diag_error(d->diags, items[i]->place, "write worker-0, worker-1, ...", "`%s` is not a worker",
				   text);
			continue;
		}
		for (size_t k = 0; k < *ret_n; k++)
			again = again || (*ret)[k] == worker;
		if (again)
			diag_error(d->diags, items[i]->place, "remove one of the two", "`%s` stands here twice", text);
		else if (worker >= ase->max_workers)
			diag_error(
				d->diags, items[i]->place,
				arena_printf(
					d->arena,
					"`%s` has worker-0 to worker-%u; raise `workers`, or scale it in the timeline",
					ase->name, ase->max_workers - 1),
				"`%s` has no `%s`", ase->name, text);
		else
			(*ret)[(*ret_n)++] = worker;
	}
	return *ret_n == n && n > 0;
}

/* At the start: a worker that the timeline adds is there later, and the app can move to it then. */
static void decode_on(struct decoder *d, const struct tree *on, const struct ase_config *ase, struct app_config *app)
{
	(void)decode_workers(d, on, ase, &app->on, &app->n_on);
	for (size_t i = 0; i < app->n_on; i++)
		if (app->on[i] >= ase->workers)
			diag_error(d->diags, on->place,
				   arena_printf(d->arena,
						"at the start there are %u; move the app there in the timeline",
						ase->workers),
				   "`%s` has no `worker-%u` at the start", ase->name, app->on[i]);
}

static void decode_app(struct decoder *d, const struct tree *node, uint32_t ase_index)
{
	const struct ase_config *ase = &d->model->ases[ase_index];
	struct app_config *app = &d->model->apps[d->model->n_apps++];
	*app = (struct app_config){.name = node->key, .ase = ase_index, .on_all = true, .place = node->key_place};
	app->dns = arena_printf(d->arena, "%s.%s.%s", app->name, ase->name,
				ase->generation == 2 ? DEFAULT_V3_DOMAIN : DEFAULT_APP_DOMAIN);
	app->path = arena_printf(d->arena, "%s/%s", ase->name, app->name);
	uint32_t worker;
	if (strcmp(app->name, "vip") == 0 || decode_worker(app->name, &worker) ||
	    decode_numbered(app->name, "front-end-", &worker))
		diag_error(d->diags, app->place, "choose another name",
			   "`%s/%s` is the name of a point of the environment", ase->name, app->name);
	if (!decode_section(d, node, SECTION_APP))
		return;
	const char *dns = decode_dns_name(d, node, SECTION_APP);
	if (dns)
		app->dns = dns;
	else if (app->dns && !is_dns_name(app->dns))
		diag_error(d->diags, app->place, "give it one: `dns: web.example.net`", "`%s` is not a DNS name",
			   app->dns);
	if (decode_has(node, "on")) {
		app->on_all = false;
		decode_on(d, tree_get(node, "on"), ase, app);
	}
	if (decode_has(node, "listen")) {
		(void)decode_ports(d, tree_get(node, "listen"), &app->listen, &app->n_listen);
		return;
	}
	app->listen = decode_array(d, 2, sizeof *app->listen);
	if (!app->listen)
		return;
	app->listen[0] = (struct service_port){DEFAULT_HTTP_PORT, PROTO_TCP, app->place};
	app->listen[1] = (struct service_port){DEFAULT_HTTPS_PORT, PROTO_TCP, app->place};
	app->n_listen = 2;
}

/* What goes with a generation; the VIP's address stands for its NAT's, where it has none of its own. */
static void decode_generation(struct decoder *d, const struct tree *node, struct ase_config *ase)
{
	size_t n = 0;
	unsigned generation = 0;
	if (decode_enum(d, node, SECTION_ASE, "generation", &generation))
		ase->generation = generation;
	ase->is_later = ase->generation != 0;
	(void)decode_address(d, node, SECTION_ASE, "internal", &ase->internal);
	const struct tree *value = tree_get(node, "outbound");
	const struct tree **items = tree_is_null(value) ? NULL : decode_some(d, value, "`outbound`", &n);
	ase->outbound = decode_array(d, n, sizeof *ase->outbound);
	for (size_t i = 0; ase->outbound && i < n && i < NAT_MAX_ADDRESSES; i++)
		if (decode_scalar_address(d, items[i], &ase->outbound[ase->n_outbound]))
			ase->n_outbound++;
	bool has_vip = decode_has(node, "vip"), has_internal = decode_has(node, "internal"), is_v3 = generation == 2;
	if (is_v3 ? !has_vip && !has_internal : !has_vip)
		diag_error(d->diags, node->place,
			   is_v3 ? "give `vip`, or `internal`" : "Public virtual IP (L2, L8): such as 192.23.1.2",
			   is_v3 ? "an environment of v3 has an inbound address" : "an environment needs `vip`");
	if (is_v3 && has_vip && has_internal)
		diag_error(
			d->diags, decode_place(node, "internal"), "leave one of the two out",
			"an environment of v3 has `vip` or `internal`: its inbound address is public or of its subnet");
	if (!is_v3 && ase->n_outbound > 0)
		diag_error(d->diags, decode_place(node, "outbound"), "leave it out: the VIP is its outbound address",
			   "`outbound` is for environments of v3");
}

/* Of two in one subnet the later one has the error. */
static bool is_earlier_v3(const struct model *model, const char *name, uint32_t than)
{
	for (uint32_t i = than + 1; i < model->n_ases; i++)
		if (strcmp(model->ases[i].name, name) == 0)
			return false;
	uint32_t other = find_by_name(model->ases, model->n_ases, name);
	return other != NONE && other < than && model->ases[other].generation == 2;
}

/* A v3 environment's subnet is delegated: at least a /27, and otherwise empty. Without a NAT gateway it has outbound
 * addresses. */
void check_generations(struct decoder *d)
{
	struct model *model = d->model;
	for (uint32_t i = 0; i < model->n_ases; i++) {
		const struct ase_config *ase = &model->ases[i];
		const struct subnet_config *subnet = ase->subnet == NONE ? NULL : &model->subnets[ase->subnet];
		if (ase->generation != 2 || !subnet)
			continue;
		if (subnet->cidr.length > 27 && subnet->cidr.length < 32)
			diag_error(d->diags, subnet->place, "use a /27 or larger",
				   "subnet `%s` is too small for an environment of v3", subnet->name);
		struct occupant *others;
		size_t n = subnet_occupants(d, ase->subnet, &others);
		for (size_t k = 0; k < n; k++)
			if (others[k].name != ase->name && !is_earlier_v3(model, others[k].name, i))
				diag_error(d->diags, others[k].place, "put it into another subnet",
					   "subnet `%s` is delegated to environment `%s`: %s `%s` cannot stand in it",
					   subnet->name, ase->name, others[k].what, others[k].name);
	}
}

/* Without `ports`: all of v1 and v2, none of v3, whose management has no traffic in the subnet
 * (environment/networking). */
static void decode_port_groups(struct decoder *d, const struct tree *node, struct ase_config *ase)
{
	static const char *const groups[] = {"ftp", "debug", "management", "web-deploy"};
	bool is_v3 = ase->generation == 2;
	uint32_t known = VIP_PORTS_FTP | VIP_PORTS_DEBUG | (is_v3 ? VIP_PORTS_WEB_DEPLOY : VIP_PORTS_MANAGEMENT);
	ase->ports = is_v3 && !decode_has(node, "ports") ? 0 : decode_words(d, node, "ports", groups, 4, known);
	if ((ase->ports & ~known) != 0)
		diag_error(d->diags, decode_place(node, "ports"),
			   is_v3 ? "leave it out: no management traffic enters the subnet" : "leave it out",
			   "`%s` is for environments of %s", is_v3 ? "management" : "web-deploy",
			   is_v3 ? "v1 and v2" : "v3");
	ase->ports &= known;
}

static bool leads_out_by_route(const struct model *model, const struct subnet_config *subnet)
{
	for (size_t i = 0; subnet->routes != NONE && i < model->route_tables[subnet->routes].n_routes; i++) {
		const struct route *route = &model->route_tables[subnet->routes].routes[i];
		if (route->prefix.length == 0 && route->hop != HOP_INTERNET && route->hop != HOP_VNET)
			return true;
	}
	bool learns = subnet->routes == NONE || model->route_tables[subnet->routes].gateway_routes;
	for (size_t i = 0; learns && i < model->n_sites; i++)
		for (size_t k = 0; k < model->sites[i].n_advertises; k++)
			if (model->sites[i].has_gateway && model->sites[i].advertises[k].length == 0 &&
			    vnet_uses_gateway_of(model->vnets, subnet->vnet, model->sites[i].vnet))
				return true;
	return false;
}

/* Once routes are known. */
void check_outbound(struct decoder *d)
{
	const struct model *model = d->model;
	for (size_t i = 0; i < model->n_ases; i++) {
		const struct ase_config *ase = &model->ases[i];
		if (ase->generation != 2 || ase->subnet == NONE || ase->n_outbound > 0)
			continue;
		const struct subnet_config *subnet = &model->subnets[ase->subnet];
		if (!subnet_has_nat(subnet) && !leads_out_by_route(model, subnet))
			diag_error(
				d->diags, ase->place,
				"give it `outbound: [IP, ...]`, or its subnet a NAT gateway or a default route to an "
				"appliance",
				"environment `%s` has no outbound address", ase->name);
	}
}

/* What is printed as it was loaded has the addresses there, too. */
static bool is_outbound(const struct ase_config *ase)
{
	bool same = ase->snat.n_addresses == ase->n_outbound;
	for (size_t i = 0; same && i < ase->n_outbound; i++)
		same = be32_equal(ase->snat.addresses[i], ase->outbound[i]);
	return same;
}

static void decode_ase(struct decoder *d, const struct tree *node, const struct tree *timeline)
{
	struct model *model = d->model;
	uint32_t index = (uint32_t)model->n_ases++;
	struct ase_config *ase = &model->ases[index];
	int64_t front_ends = 2, workers = 2;
	*ase = (struct ase_config){.name = node->key, .subnet = NONE, .place = node->key_place};
	check_reserved(d, ase->name, ase->place);
	if (decode_section(d, node, SECTION_ASE)) {
		ase->subnet = decode_subnet_ref(d, node, SECTION_ASE, "subnet");
		(void)decode_address(d, node, SECTION_ASE, "vip", &ase->vip);
		decode_generation(d, node, ase);
		(void)decode_int(d, node, SECTION_ASE, "front_ends", &front_ends);
		(void)decode_int(d, node, SECTION_ASE, "workers", &workers);
	}
	ase->front_ends = (uint32_t)front_ends;
	ase->workers = (uint32_t)workers;
	ase->max_workers = max_workers(timeline, ase->name, ase->workers);
	if (ase->subnet != NONE)
		ase->region = model->vnets[model->subnets[ase->subnet].vnet].region;
	decode_nat(d, tree_get(node, "snat"), ase->place, NAT_PROFILE_AZURE, &ase->snat);
	if (ase->generation == 2 && ase->snat.n_addresses > 0 && !is_outbound(ase))
		diag_error(d->diags, decode_place(tree_get(node, "snat"), "address"), "name them under `outbound`",
			   "the addresses of an environment of v3 are its `outbound`");
	if (ase->generation == 2 && ase->n_outbound > 0) {
		ase->snat.addresses = ase->outbound;
		ase->snat.n_addresses = (uint32_t)ase->n_outbound;
	}
	check_snat(d, ase);
	(void)decode_duration(d, node, SECTION_ASE, "idle", &ase->idle_ns);
	decode_port_groups(d, node, ase);
	ase->needs = decode_needs(d, node, "needs", 0);
	size_t n;
	const struct tree **apps = decode_map(d, tree_get(node, "apps"), "apps", &n);
	ase->app_first = (uint32_t)model->n_apps;
	ase->n_apps = (uint32_t)n;
	for (size_t i = 0; i < n; i++)
		decode_app(d, apps[i], index);
}

void decode_ases(struct decoder *d, const struct tree *timeline)
{
	struct model *model = d->model;
	size_t n, n_apps = 0;
	const struct tree **items = decode_map(d, tree_get(tree_get(d->root, "network"), "ases"), "ases", &n);
	for (size_t i = 0; i < n; i++)
		n_apps += tree_count(items[i], "apps");
	model->ases = decode_array(d, n, sizeof *model->ases);
	model->apps = decode_array(d, n_apps, sizeof *model->apps);
	for (size_t i = 0; model->ases && model->apps && i < n; i++)
		decode_ase(d, items[i], timeline);
}

/* Where an environment does not say what it needs, it needs every service that the scenario has; of v3 the balancer's
 * probe alone: it has no dependency that the network could cut off (environment/networking). */
void resolve_needs(struct decoder *d)
{
	static const uint32_t bits[] = {[SERVICE_NONE] = 0,
					[SERVICE_STORAGE] = NEED_STORAGE,
					[SERVICE_SQL] = NEED_SQL,
					[SERVICE_MANAGEMENT] = NEED_MANAGEMENT};
	struct model *model = d->model;
	uint32_t has = 0;
	for (size_t i = 0; i < model->n_hosts; i++)
		has |= model->hosts[i].kind == HOST_SERVICE ? bits[model->hosts[i].service] : 0;
	for (size_t i = 0; i < model->n_ases; i++) {
		struct ase_config *ase = &model->ases[i];
		bool is_v3 = ase->generation == 2;
		const struct tree *needs =
			tree_get(tree_get(tree_get(tree_get(d->root, "network"), "ases"), ase->name), "needs");
		if (tree_is_null(needs) || (needs->kind == TREE_SCALAR && strcmp(needs->text, "all") == 0))
			ase->needs = is_v3 ? 0 : has;
		if (!is_v3 && (ase->needs & NEED_PROBE))
			diag_error(d->diags, needs->place, "leave it out", "`probe` is for environments of v3");
		if (is_v3 && (ase->needs & NEED_MANAGEMENT))
			diag_error(d->diags, needs->place, "leave it out: no management traffic enters the subnet",
				   "`management` is for environments of v1 and v2");
		if (is_v3)
			ase->needs |= NEED_PROBE;
	}
}
