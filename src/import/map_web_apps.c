/* DOC: web apps of the multi-tenant service: those that stand in no environment. What their plan says is the number of
 * instances; an integration is a property of the app, or a resource below it. A subnet takes the apps of one plan, and
 * in the scenario one app: further ones of a plan are noted. */
#include "import/map.h"
#include <string.h>

#define SITES "Microsoft.Web/sites"

struct resource *map_plan_of(struct map *map, struct resource *app)
{
	const char *id = prop_id(app->body, "serverFarmId");
	if (!id)
		id = prop_text(app->body, "appServicePlanId");
	return resource_find(map->import, id, "Microsoft.Web/serverfarms");
}

static bool is_assumed(const struct map *map, const struct js *at)
{
	for (size_t i = 0; i < map->import->n_assumed; i++)
		if (map->import->assumed[i].at == at)
			return true;
	return false;
}

int64_t map_plan_size(struct map *map, struct resource *plan)
{
	int64_t n;
	if (prop_int(plan->body, "sku.capacity", &n) || prop_int(plan->body, "numberOfWorkers", &n))
		return n;
	struct js *at = prop(plan->body, "sku.capacity");
	at = at ? at : prop(plan->body, "numberOfWorkers");
	if (js_is_unknown(at) && !is_assumed(map, at))
		assume(map->import, at, NULL, "%s: 1 instance", plan->label);
	return 1;
}

static void put_instances(struct map *map, struct doc *doc, struct resource *app)
{
	struct resource *plan = map_plan_of(map, app);
	if (!plan)
		return;
	plan->mapped = true;
	int64_t n = map_plan_size(map, plan);
	if (n > 1 && n <= 100)
		doc_scalar(map->store, doc, "instances", store_printf(map->store, "%lld", (long long)n));
}

/* ---- addresses ---- */

static void put_inbound(struct map *map, struct doc *doc, struct resource *app)
{
	const char *found = prop_text(app->body, "inboundIpAddress"), *option = address_of(map->import, app->label);
	be32 addr;
	if (option || (found && addr_parse(found, &addr))) {
		doc_scalar(map->store, doc, "inbound", option ? option : found);
		return;
	}
	bool assumed;
	struct doc *scalar =
		doc_scalar(map->store, doc, "inbound", map_public_address(map, NULL, app->label, app->given, &assumed));
	if (assumed)
		scalar->comment = store_printf(map->store, "ASSUMED: Azure allots it. --address %s=IP", app->label);
}

/* "203.0.113.1,203.0.113.2". */
static void put_outbound(struct map *map, struct doc *doc, struct resource *app)
{
	const char *text = prop_text(app->body, "outboundIpAddresses"), *name;
	struct doc *list = doc_list(map->store, doc, "outbound", true);
	bool assumed;
	for (const char *p = text; p && *p;) {
		size_t n = strcspn(p, ", ");
		const char *one = store_text(map->store, p, n);
		be32 addr;
		if (n > 0 && one && addr_parse(one, &addr))
			doc_scalar(map->store, list, NULL, one);
		p += n + strspn(p + n, ", ");
	}
	if (list->first)
		return;
	name = store_printf(map->store, "%s/outbound", app->label);
	doc_scalar(map->store, list, NULL, map_public_address(map, NULL, name, app->given, &assumed));
	if (assumed)
		list->comment = store_printf(map->store, "ASSUMED: Azure allots it. --address %s=IP", name);
}

/* ---- integration ---- */

/* Whose property names the subnet: the app, or a resource below it; NULL where there is no integration. */
static struct js *integration_of(struct map *map, struct resource *app, const char **ret_path)
{
	static const char *const types[] = {SITES "/networkConfig", SITES "/virtualNetworkConnections"};
	static const char *const keys[] = {"subnetResourceId", "vnetResourceId"};
	*ret_path = "virtualNetworkSubnetId";
	struct js *body = prop(app->body, *ret_path) ? app->body : NULL;
	for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
		size_t n;
		struct child *children = map_children(map, app, "none", types[t], &n);
		for (size_t i = 0; i < n; i++) {
			const char *id = prop_id(children[i].body, keys[t]);
			bool names_network = t == 1 && id && !text_holds(id, "/subnets/"); /* by a gateway */
			if (!prop(children[i].body, keys[t]) || names_network)
				continue;
			if (children[i].resource)
				children[i].resource->mapped = true;
			if (body)
				continue;
			body = children[i].body;
			*ret_path = keys[t];
		}
	}
	return body;
}

/* A switch of these settings; one whose value is not known is off, and noted. */
static bool is_on(struct map *map, const struct resource *app, struct js *settings, const char *name)
{
	struct js *at = prop(settings, name);
	const char *text = js_string(at);
	if (js_is_unknown(at))
		note_prop(map->import, SEVERITY_MAY, at, "%s: %s: %s; the scenario is as without it", app->given, name,
			  at->why);
	return at && !js_is_unknown(at) && (js_is_true(at) || (text && strcmp(text, "1") == 0));
}

/* Settings of an app may be resources of their own: "web" has its configuration, "appsettings" its variables. */
static bool settings_route_all(struct map *map, struct resource *app)
{
	static const char name[] = "WEBSITE_VNET_ROUTE_ALL";
	size_t n;
	bool all = is_on(map, app, prop(app->body, "appSettings"), name);
	struct child *children = map_children(map, app, "none", SITES "/config", &n);
	for (size_t i = 0; i < n; i++) {
		bool variables = text_same(children[i].label, "appsettings");
		all |= is_on(map, app, children[i].body, variables ? name : "vnetRouteAllEnabled");
	}
	return all;
}

static bool routes_all(struct map *map, struct resource *app)
{
	struct js *settings = prop(app->body, "siteConfig.appSettings");
	bool all = settings_route_all(map, app) || prop_true(app->body, "vnetRouteAllEnabled") ||
		   prop_true(app->body, "siteConfig.vnetRouteAllEnabled") ||
		   prop_true(app->body, "outboundVnetRouting.allTraffic") ||
		   prop_true(app->body, "outboundVnetRouting.applicationTraffic");
	each_item(item, settings)
	{
		const char *name = js_string(js_get(item, "name")), *value = js_string(js_get(item, "value"));
		all |= name && value && strcmp(name, "WEBSITE_VNET_ROUTE_ALL") == 0 && strcmp(value, "1") == 0;
	}
	return all;
}

/* Whether another app has the subnet already. */
static bool is_taken(struct map *map, const struct resource *app, const struct subnet_fact *subnet)
{
	for (const struct doc *at = map->apps->first; at; at = at->next) {
		struct doc *other = doc_get(at, "integrated");
		if (strcmp(at->key, app->given) != 0 && other && strcmp(other->text, subnet->given) == 0)
			return true;
	}
	return false;
}

/* ---- who may call ---- */

/* "Any", or all addresses: a restriction of nothing. */
static bool admits_all(struct js *restriction)
{
	const char *action = prop_text(restriction, "action"), *address = prop_text(restriction, "ipAddress");
	address = address ? address : prop_text(restriction, "ip_address");
	return (!action || text_same(action, "Allow")) && address &&
	       (text_same(address, "Any") || strcmp(address, "0.0.0.0/0") == 0);
}

static void note_restrictions(struct map *map, const struct resource *app, struct js *settings)
{
	struct js *list = prop(settings, "ipSecurityRestrictions"),
		  *rest = prop(settings, "ipSecurityRestrictionsDefaultAction");
	const char *action = js_string(rest);
	if (action && text_same(action, "Deny"))
		note_prop(map->import, SEVERITY_CHANGES, rest,
			  "%s: access restrictions deny by default; the scenario admits all callers", app->given);
	each_item(item, list)
	{
		const char *name = prop_text(item, "name");
		if (item->kind == JS_OBJECT && item->n > 0 && !admits_all(item))
			note_prop(map->import, SEVERITY_CHANGES, item,
				  "%s: access restriction %s; the scenario admits all callers", app->given,
				  name ? name : "");
	}
}

void map_note_restrictions(struct map *map, struct resource *app)
{
	struct js *open = prop(app->body, "publicNetworkAccess");
	const char *text = js_string(open);
	size_t n;
	if (text && text_same(text, "Disabled"))
		note_prop(map->import, SEVERITY_CHANGES, open,
			  "%s: closed but for private endpoints; the scenario admits all callers", app->given);
	note_restrictions(map, app, prop(app->body, "siteConfig"));
	struct child *children = map_children(map, app, "none", SITES "/config", &n);
	for (size_t i = 0; i < n; i++)
		if (text_same(children[i].label, "web"))
			note_restrictions(map, app, children[i].body);
}

static void put_integration(struct map *map, struct doc *doc, struct resource *app)
{
	const char *path;
	struct js *body = integration_of(map, app, &path);
	struct subnet_fact *subnet =
		body ? map_subnet_of(map, body, path, store_printf(map->store, "%s: its integration", app->given))
		     : NULL;
	if (!subnet)
		return;
	if (is_taken(map, app, subnet)) {
		note(map->import, SEVERITY_CHANGES, app->body,
		     "%s: integration into %s, which another app of the plan has; the scenario has one app a subnet",
		     app->given, subnet->given);
		return;
	}
	doc_scalar(map->store, doc, "integrated", subnet->given);
	if (routes_all(map, app))
		doc_scalar(map->store, doc, "route_all", "true");
	if (!subnet->caller)
		subnet->caller = app->given;
}

void map_web_apps(struct map *map)
{
	for (size_t i = 0; knows("network.web_apps.integrated") && i < map->import->n_resources; i++) {
		struct resource *app = map->import->resources[i];
		if (!resource_is(app, SITES) || app->existing || app->mapped)
			continue;
		app->mapped = true;
		app->given = map_name(map, "hosts", app->label);
		struct doc *doc = map_object(map, map->apps, app->given, app->label, app->body);
		map_source(map, doc, app->body);
		map_put_region(map, doc, app);
		put_instances(map, doc, app);
		put_inbound(map, doc, app);
		put_outbound(map, doc, app);
		put_integration(map, doc, app);
		map_note_restrictions(map, app);
		map_entry(map, app->given, store_printf(map->store, "%s:443/tcp", app->given), app->body);
	}
}
