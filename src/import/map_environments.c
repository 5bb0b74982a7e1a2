/* DOC: App Service Environments and their apps. An app belongs to an environment by its own profile or by its plan's.
 * The public address, and how many machines there are, few inputs say: what is assumed is marked. */
#include "import/map.h"
#include <string.h>

#define ENVIRONMENTS "Microsoft.Web/hostingEnvironments"

/* ---- where it stands ---- */

/* The id of the subnet; of old templates the network's, with the name of the subnet beside it. */
static const char *subnet_id(struct map *map, struct resource *ase)
{
	const char *id = prop_id(ase->body, "virtualNetwork"), *subnet = prop_text(ase->body, "virtualNetwork.subnet");
	if (!id)
		id = prop_text(ase->body, "vnetResourceId");
	if (!subnet || !*subnet)
		subnet = prop_text(ase->body, "vnetSubnetName");
	return id && subnet && *subnet && !text_holds(id, "/subnets/")
		       ? store_printf(map->store, "%s/subnets/%s", id, subnet)
		       : id;
}

/* ---- addresses ---- */

static struct js *networking(struct map *map, struct resource *ase)
{
	struct js *inside = prop(ase->body, "networkingConfiguration");
	size_t n;
	struct child *children = map_children(map, ase, "configurations", ENVIRONMENTS "/configurations", &n);
	for (size_t i = 0; !inside && i < n; i++)
		if (text_same(children[i].label, "networking"))
			inside = children[i].body;
	return inside;
}

static struct js *first_address(struct js *configuration, const char *path)
{
	struct js *list = prop(configuration, path);
	each_item(item, list)
	{
		be32 addr;
		const char *text = js_string(item);
		item->mark = MARK_USED;
		if (text && addr_parse(text, &addr))
			return item;
	}
	return NULL;
}

static bool is_internal(struct map *map, struct resource *ase, struct js **ret_at)
{
	const char *mode = prop_text(ase->body, "internalLoadBalancingMode");
	(void)map;
	*ret_at = prop(ase->body, "internalLoadBalancingMode");
	return mode && !text_same(mode, "None") && strcmp(mode, "0") != 0;
}

/* An address of the subnet for an internal environment: its last but one, which instances reach last. */
static const char *internal_address(struct map *map, const struct subnet_fact *subnet, struct js *from,
				    const char *label, const char *given, bool *ret_assumed)
{
	char text[ADDR_TEXT_BYTES];
	const char *option = address_of(map->import, label);
	*ret_assumed = false;
	if (option)
		return option;
	if (from)
		return js_string(from);
	*ret_assumed = true;
	uint64_t size = prefix_size(subnet->cidr);
	const char *address = store_printf(
		map->store, "%s", addr_print(prefix_nth(subnet->cidr, (uint32_t)(size > 8 ? size - 6 : 4)), text));
	assume(map->import, NULL, store_printf(map->store, "--address %s=IP", label), "%s: inside address %s", given,
	       address);
	return address;
}

static const char *vip_text(struct map *map, struct resource *ase, struct js *from, bool *ret_assumed)
{
	const char *option = address_of(map->import, ase->label);
	*ret_assumed = false;
	if (option || from)
		return option ? option : js_string(from);
	return map_public_address(map, NULL, ase->label, ase->given, ret_assumed);
}

static void put_assumed_scalar(struct map *map, struct doc *doc, const char *key, const char *text, bool assumed,
			       const char *label)
{
	struct doc *scalar = doc_scalar(map->store, doc, key, text);
	if (assumed)
		scalar->comment = label ? store_printf(map->store, "ASSUMED: Azure allots it. --address %s=IP", label)
					: "ASSUMED";
}

static void put_outbound(struct map *map, struct doc *doc, struct resource *ase, struct js *configuration)
{
	struct doc *list = doc_list(map->store, doc, "outbound", true);
	struct js *addresses = prop(configuration, "linuxOutboundIpAddresses");
	bool assumed;
	if (!addresses || addresses->n == 0)
		addresses = prop(configuration, "windowsOutboundIpAddresses");
	mark_all(prop(configuration, "windowsOutboundIpAddresses"), MARK_USED);
	each_item(item, addresses)
	{
		if (js_string(item) && !js_is_unknown(item))
			doc_scalar(map->store, list, NULL, js_string(item));
		item->mark = MARK_USED;
	}
	if (list->first)
		return;
	const char *name = store_printf(map->store, "%s/outbound", ase->label);
	doc_scalar(map->store, list, NULL, map_public_address(map, NULL, name, ase->given, &assumed));
	list->comment = store_printf(map->store, "ASSUMED: Azure allots it. --address %s=IP", name);
}

/* What v3 opens besides the apps' ports. */
static void put_ports(struct map *map, struct doc *doc, struct js *configuration)
{
	static const char *const switches[][2] = {{"ftpEnabled", "ftp"}, {"remoteDebugEnabled", "debug"}};
	struct doc *list = doc_list(map->store, doc, "ports", true);
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
		if (prop_true(configuration, switches[i][0]))
			doc_scalar(map->store, list, NULL, switches[i][1]);
	list->dropped = !list->first;
}

static void put_addresses(struct map *map, struct doc *doc, struct resource *ase, const struct subnet_fact *subnet,
			  bool v3)
{
	struct js *configuration = networking(map, ase), *mode, *external, *inside;
	bool internal = is_internal(map, ase, &mode), assumed, can = knows("network.ases.internal");
	external = first_address(configuration, "externalInboundIpAddresses");
	inside = first_address(configuration, "internalInboundIpAddresses");
	bool newer = v3 && knows("network.ases.generation");
	if (internal && !can)
		note_prop(map->import, SEVERITY_CHANGES, mode,
			  "%s: internal load balancer: apps answer on an inside address, not on the VIP", ase->given);
	if (!(internal && can && newer)) {
		const char *vip = vip_text(map, ase, external, &assumed);
		put_assumed_scalar(map, doc, "vip", vip, assumed, ase->label);
	}
	if (internal && can) {
		const char *name = newer ? ase->label : store_printf(map->store, "%s/internal", ase->label),
			   *address = internal_address(map, subnet, inside, name, ase->given, &assumed);
		put_assumed_scalar(map, doc, "internal", address, assumed, name);
	}
	if (newer)
		put_outbound(map, doc, ase, configuration);
	else if (v3)
		note(map->import, SEVERITY_CHANGES, ase->body,
		     "%s: generation v3: the network carries what it sends by its own routes, from addresses of its "
		     "own",
		     ase->given);
	mark_all(prop(configuration, "linuxOutboundIpAddresses"), MARK_USED);
	mark_all(prop(configuration, "windowsOutboundIpAddresses"), MARK_USED);
}

/* ---- machines and apps ---- */

static bool is_in(struct map *map, struct resource *ase, struct js *body)
{
	static const char *const paths[] = {"hostingEnvironmentProfile.id", "hostingEnvironmentProfile",
					    "hostingEnvironmentId", "hostingEnvironment"};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		const char *id = prop_id(body, paths[i]);
		struct js *name = prop(body, "hostingEnvironmentProfile.name");
		if (!id && js_string(name))
			id = js_string(name);
		if (id && resource_find(map->import, id, ENVIRONMENTS) == ase)
			return true;
	}
	return false;
}

static void put_counts(struct map *map, struct doc *doc, struct resource *ase)
{
	int64_t front_ends = 0, workers = 0, n;
	struct js *pools = prop(ase->body, "workerPools");
	each_item(pool, pools)
	{
		if (prop_int(pool, "workerCount", &n))
			workers += n;
	}
	for (size_t i = 0; i < map->import->n_resources; i++) {
		struct resource *plan = map->import->resources[i];
		if (!resource_is(plan, "Microsoft.Web/serverfarms") || plan->existing || !is_in(map, ase, plan->body))
			continue;
		plan->mapped = true;
		workers += pools && pools->n ? 0 : map_plan_size(map, plan);
	}
	bool counted = prop_int(ase->body, "multiRoleCount", &front_ends) && front_ends > 0;
	put_assumed_scalar(map, doc, "front_ends",
			   counted ? store_printf(map->store, "%lld", (long long)front_ends) : "2", !counted, NULL);
	put_assumed_scalar(map, doc, "workers",
			   workers > 0 ? store_printf(map->store, "%lld", (long long)workers) : "2", workers <= 0,
			   NULL);
	if (!counted || workers <= 0)
		assume(map->import, ase->body, NULL, "%s: how many %s", ase->given,
		       !counted && workers <= 0 ? "front ends and workers"
		       : counted                ? "workers"
						: "front ends");
}

static void put_apps(struct map *map, struct doc *doc, struct resource *ase, bool internal)
{
	struct doc *apps = doc_map(map->store, doc, "apps", false);
	for (size_t i = 0; i < map->import->n_resources; i++) {
		struct resource *app = map->import->resources[i];
		if (!resource_is(app, "Microsoft.Web/sites") || app->existing)
			continue;
		struct resource *plan = map_plan_of(map, app);
		if (!is_in(map, ase, app->body) && !(plan && is_in(map, ase, plan->body)))
			continue;
		app->mapped = true;
		app->given = map_name(map, store_printf(map->store, "apps of %s", ase->given), app->label);
		struct doc *item = doc_map(map->store, apps, app->given, true);
		item->comment = map_where(map, app->given, app->label, app->body);
		item->from = app->body;
		item->what = store_printf(map->store, "%s/%s", ase->given, app->given);
		map_note_restrictions(map, app);
		if (!internal)
			map_entry(map, store_printf(map->store, "%s-%s", ase->given, app->given),
				  store_printf(map->store, "%s/%s:443/tcp", ase->given, app->given), app->body);
	}
	apps->dropped = doc_is_empty(apps);
}

static void put_environment(struct map *map, struct resource *ase)
{
	const char *kind = prop_text(ase->body, "kind");
	struct js *mode;
	bool v3 = kind && text_holds(kind, "v3"), v2 = kind && text_holds(kind, "v2");
	ase->given = map_name(map, "hosts", ase->label);
	const char *id = subnet_id(map, ase);
	struct subnet_fact *subnet = map_subnet(map, id);
	if (!subnet || !subnet->given) {
		const char *label = id ? strrchr(id, '/') : NULL;
		note(map->import, SEVERITY_CHANGES, ase->body, "environment %s: its subnet %s is not among the inputs",
		     ase->label, label ? label + 1 : "");
		ase->given = NULL;
		ase->mapped = false;
		return;
	}
	ase->mapped = true;
	struct doc *doc = map_object(map, map->ases, ase->given, ase->label, ase->body);
	map_source(map, doc, ase->body);
	doc_scalar(map->store, doc, "subnet", subnet->given);
	if (knows("network.ases.generation") && (v2 || v3))
		doc_scalar(map->store, doc, "generation", v3 ? "v3" : "v2");
	if (!kind)
		assume(map->import, ase->body, NULL, "%s: generation v1, as it has no kind", ase->given);
	put_addresses(map, doc, ase, subnet, v3);
	if (v3)
		put_ports(map, doc, networking(map, ase));
	put_counts(map, doc, ase);
	put_apps(map, doc, ase, is_internal(map, ase, &mode));
	if (!subnet->caller)
		subnet->caller = store_printf(map->store, "%s/worker-0", ase->given);
}

void map_environments(struct map *map)
{
	for (size_t i = 0; i < map->import->n_resources; i++)
		if (resource_is(map->import->resources[i], ENVIRONMENTS) && !map->import->resources[i]->existing)
			put_environment(map, map->import->resources[i]);
}
