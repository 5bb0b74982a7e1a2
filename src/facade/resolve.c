/* DOC: what a name means: for people the address inside and that outside, and the networks in which a private endpoint
 * gives it another; and what one resolver answers, which is asked of a world, as a call would meet it at the start. */
#include "base/names.h"
#include "facade/facade.h"
#include "scenario/load.h"
#include <errno.h>
#include <string.h>
#include <strings.h>

static void resolve_app(struct pp_scenario *scenario, const struct app_config *app, pp_resolution *ret)
{
	const struct ase_config *ase = &scenario->model->ases[app->ase];
	ret->dns_name = app->dns;
	ret->what = arena_printf(scenario->arena, "app %s of %s", app->name, ase->name);
	ret->has_public = ase->internal.raw == 0;
	ret->public_addr = facade_addr(ase->vip);
	if (ret->has_public)
		return;
	ret->has_private = true;
	ret->private_addr = facade_addr(ase->internal);
	ret->inside = scenario->model->vnets[scenario->model->subnets[ase->subnet].vnet].name;
}

static void resolve_web_app(struct pp_scenario *scenario, const struct web_app_config *app, pp_resolution *ret)
{
	ret->dns_name = app->dns;
	ret->what = arena_printf(scenario->arena, "web app %s", app->name);
	ret->has_public = true;
	ret->public_addr = facade_addr(app->addr);
}

const char *facade_dns_of_host(struct arena *arena, const struct model *model, const struct host_config *host)
{
	if (host->dns || host->kind != HOST_VM)
		return host->dns ? host->dns : host->name;
	return arena_printf(arena, "%s.%s.internal.cloudapp.net", host->name,
			    model->vnets[model->subnets[host->subnet].vnet].name);
}

static void resolve_host(struct pp_scenario *scenario, const struct host_config *host, pp_resolution *ret)
{
	const struct model *model = scenario->model;
	ret->dns_name = facade_dns_of_host(scenario->arena, scenario->model, host);
	if (host->kind == HOST_SITE) {
		ret->inside = model->sites[host->site].name;
		ret->what = arena_printf(scenario->arena, "machine %s at %s", host->name, ret->inside);
		ret->has_private = true;
		ret->private_addr = facade_addr(host->addr);
		return;
	}
	if (host->kind != HOST_VM) {
		ret->what = arena_printf(scenario->arena, "%s %s",
					 host->kind == HOST_SERVICE ? "platform service" : "Internet host", host->name);
		ret->has_public = true;
		ret->public_addr = facade_addr(host->addr);
		return;
	}
	const struct subnet_config *subnet = &model->subnets[host->subnet];
	ret->what = arena_printf(scenario->arena, "VM %s in %s/%s", host->name, model->vnets[subnet->vnet].name,
				 subnet->name);
	ret->has_private = true;
	ret->private_addr = facade_addr(host->addr);
	ret->inside = model->vnets[subnet->vnet].name;
	ret->has_public = host->public_ip.raw != 0;
	ret->public_addr = facade_addr(host->public_ip);
}

/* ---- private endpoints ---- */

/* The networks in which the name of a service is an endpoint's address. */
static int add_inside(struct pp_scenario *scenario, uint32_t target, pp_resolution *ret)
{
	const struct model *model = scenario->model;
	pp_named_inside *items = arena_array(scenario->arena, model->n_vnets, sizeof *items);
	if (!items)
		return -ENOMEM;
	for (uint32_t i = 0; i < model->n_vnets; i++) {
		uint32_t endpoint = endpoint_of_name(model, target, i);
		if (endpoint == NONE)
			continue;
		const struct element *element = element_at(model, endpoint);
		items[ret->n_networks++] =
			(pp_named_inside){model->vnets[i].name, facade_addr(element->addr), element->name};
	}
	ret->networks = items;
	return 0;
}

/* ---- by name ---- */

/* 0: *ret_thing is an app or a host; 1; -ENOMEM. */
static int find(struct pp_scenario *scenario, const char *name, pp_resolution *ret, struct endpoint *ret_thing)
{
	const struct model *model = scenario->model;
	*ret = (pp_resolution){0};
	for (uint32_t i = 0; i < model->n_apps; i++) {
		const struct app_config *app = &model->apps[i];
		if (strcasecmp(name, app->dns) != 0 && strcmp(name, app->path) != 0)
			continue;
		resolve_app(scenario, app, ret);
		*ret_thing = (struct endpoint){.kind = ENDPOINT_APP, .index = i};
		return ret->what ? 0 : -ENOMEM;
	}
	for (uint32_t i = 0; i < model->n_web_apps; i++) {
		const struct web_app_config *app = &model->web_apps[i];
		if (strcasecmp(name, app->dns) != 0 && strcmp(name, app->name) != 0)
			continue;
		resolve_web_app(scenario, app, ret);
		*ret_thing = (struct endpoint){.kind = ENDPOINT_WEB_APP, .index = i};
		int r = add_inside(scenario, endpoint_target_of_app(model, i), ret);
		return ret->what ? r : -ENOMEM;
	}
	for (uint32_t i = 0; i < model->n_hosts; i++) {
		const struct host_config *host = &model->hosts[i];
		const char *dns = facade_dns_of_host(scenario->arena, model, host);
		if (!dns)
			return -ENOMEM;
		if (strcmp(name, host->name) != 0 && strcasecmp(name, dns) != 0)
			continue;
		resolve_host(scenario, host, ret);
		*ret_thing = (struct endpoint){.kind = ENDPOINT_HOST, .index = i};
		int r = host->kind == HOST_SERVICE ? add_inside(scenario, i, ret) : 0;
		return ret->what ? r : -ENOMEM;
	}
	const char *const *names;
	size_t n;
	int r = pp_scenario_names(scenario, PP_NAME_RESOLVABLE, &names, &n);
	ret->nearest = r == 0 ? name_nearest(name, names, n) : NULL;
	return r < 0 ? r : 1;
}

int pp_scenario_resolve(pp_scenario *scenario, const char *name, pp_resolution *ret)
{
	struct endpoint thing;
	return find(scenario, name, ret, &thing);
}

int pp_scenario_resolve_from(pp_scenario *scenario, const char *name, const char *from, pp_resolution *ret)
{
	const struct model *model = scenario->model;
	struct world *world = NULL;
	struct endpoint thing;
	uint32_t vnet, site;
	const char *hint;
	int r = find(scenario, name, ret, &thing);
	if (r != 0)
		return r;
	if (!scenario_find_asker(model, scenario->arena, from, &vnet, &site, &hint)) {
		ret->nearest = hint;
		return hint ? 2 : -ENOMEM;
	}
	r = world_new(model, model->seed, &world);
	if (r < 0)
		return r;
	ret->answer = facade_addr(world_answer(world, &thing, vnet, site));
	world_free(world);
	for (size_t i = 0; vnet != NONE && i < ret->n_networks; i++)
		if (strcmp(ret->networks[i].network, model->vnets[vnet].name) == 0)
			ret->by = ret->networks[i].by;
	return 0;
}
