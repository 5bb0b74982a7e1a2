/* DOC: lints of a run: rules that decided nothing, routes that took no packet, hosts that no packet came near. They are
 * what a reader of the scenario takes for effective. What an environment's health depends on counts as used. A rule or route that only the timeline adds counts, too; one that
 * it changes is one and the same. */
#include "network/world_internal.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct finder {
	const struct world *world;
	int (*each)(void *context, const char *what, struct place place);
	void *context;
	bool *reported; /* by id */
	int error;
};

static void __attribute__((format(printf, 3, 4)))
report(struct finder *finder, struct place place, const char *format, ...)
{
	char what[256];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(what, sizeof what, format, args);
	va_end(args);
	int r = finder->error < 0 ? 0 : finder->each(finder->context, what, place);
	if (r < 0)
		finder->error = r;
}

/* ---- rules ---- */

static void rules(struct finder *finder, uint32_t nsg, const struct nsg_rules *rules)
{
	for (size_t direction = 0; direction < NSG_DIRECTION_COUNT; direction++)
		for (uint32_t i = 0; i < rules->n[direction]; i++) {
			const struct nsg_rule *rule = &rules->rules[direction][i];
			if (finder->world->nsg_used[nsg][rule->id] > 0 || finder->reported[rule->id])
				continue;
			finder->reported[rule->id] = true;
			report(finder, rule->place, "rule `%s` of `%s` matched no packet", rule->name,
			       finder->world->model->nsgs[nsg].name);
		}
}

static int all_rules(struct finder *finder, uint32_t nsg)
{
	const struct model *model = finder->world->model;
	finder->reported = calloc(model->nsgs[nsg].n_ids + 1, sizeof *finder->reported);
	if (!finder->reported)
		return -ENOMEM;
	rules(finder, nsg, &model->nsgs[nsg].rules);
	for (size_t i = 0; i < model->n_events; i++)
		if (model->events[i].kind == EVENT_NSG && model->events[i].nsg == nsg)
			rules(finder, nsg, &model->events[i].rules);
	free(finder->reported);
	return finder->error;
}

/* ---- routes ---- */

static void routes(struct finder *finder, uint32_t table, const struct route *routes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (finder->world->route_used[table][routes[i].id] > 0 || finder->reported[routes[i].id])
			continue;
		finder->reported[routes[i].id] = true;
		report(finder, routes[i].place, "route `%s` of `%s` took no packet", routes[i].name,
		       finder->world->model->route_tables[table].name);
	}
}

static int all_routes(struct finder *finder, uint32_t table)
{
	const struct model *model = finder->world->model;
	finder->reported = calloc(model->route_tables[table].n_ids + 1, sizeof *finder->reported);
	if (!finder->reported)
		return -ENOMEM;
	routes(finder, table, model->route_tables[table].routes, model->route_tables[table].n_routes);
	for (size_t i = 0; i < model->n_events; i++)
		if (model->events[i].kind == EVENT_ROUTE && model->events[i].route_table == table)
			routes(finder, table, model->events[i].routes, model->events[i].n_routes);
	free(finder->reported);
	return finder->error;
}

/* ---- hosts ---- */

/* A service that an environment needs is asked for by its health. */
static bool is_needed(const struct model *model, const struct host_config *host)
{
	static const uint32_t needs[] = {[SERVICE_NONE] = 0,
					 [SERVICE_STORAGE] = NEED_STORAGE,
					 [SERVICE_SQL] = NEED_SQL,
					 [SERVICE_MANAGEMENT] = NEED_MANAGEMENT};
	for (size_t i = 0; i < model->n_ases; i++)
		if (host->kind == HOST_SERVICE && (model->ases[i].needs & needs[host->service]))
			return true;
	return false;
}

/* A call to it that was lost on the way is a use, too. */
static bool is_called(const struct model *model, uint32_t host)
{
	for (size_t i = 0; i < model->n_flows; i++) {
		const struct endpoint *to = &model->flows[i].to;
		if ((to->kind == ENDPOINT_HOST && to->index == host) ||
		    (to->kind == ENDPOINT_ADDRESS && to->addr.raw == model->hosts[host].addr.raw))
			return true;
	}
	return false;
}

int world_each_unused(const struct world *world, int (*each)(void *context, const char *what, struct place place),
		      void *context)
{
	struct finder finder = {.world = world, .each = each, .context = context};
	const struct model *model = world->model;
	int r = 0;
	for (uint32_t i = 0; r == 0 && i < model->n_nsgs; i++)
		r = all_rules(&finder, i);
	for (uint32_t i = 0; r == 0 && i < model->n_route_tables; i++)
		r = all_routes(&finder, i);
	for (uint32_t i = 0; r == 0 && i < model->n_hosts; i++)
		if (!machine_at(world, model->elements->host[i])->used && !is_needed(model, &model->hosts[i]) &&
		    !is_called(model, i)) {
			report(&finder, model->hosts[i].place, "no packet came from host `%s`, went to it or passed it",
			       model->hosts[i].name);
			r = finder.error;
		}
	return r;
}
