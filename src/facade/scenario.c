/* DOC: scenarios as embedders see them: diagnostics, calls that they do not make, and what a name means. Loading is
 * load.c's. */
#include "base/names.h"
#include "base/units.h"
#include "facade/facade.h"
#include "scenario/schema.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *pp_schema(void)
{
	char *text;
	return schema_print(&text) < 0 ? NULL : text;
}

const char *pp_version(void)
{
	return PKTPATH_VERSION;
}

void pp_scenario_free(pp_scenario *scenario)
{
	if (!scenario)
		return;
	diag_deinit(&scenario->diags);
	arena_free(scenario->arena);
	free(scenario);
}

size_t pp_scenario_n_diagnostics(const pp_scenario *scenario)
{
	return scenario->diags.n;
}

void pp_scenario_diagnostic(const pp_scenario *scenario, size_t index, pp_diagnostic *ret)
{
	const struct diag *diag = &scenario->diags.items[index];
	*ret = (pp_diagnostic){diag->severity == DIAG_ERROR,
			       diag->place.file,
			       diag->place.line,
			       diag->place.column,
			       diag->message,
			       diag->hint,
			       diag->excerpt,
			       scenario->model ? model_source(scenario->model, diag->place) : NULL};
}

size_t pp_scenario_n_files(const pp_scenario *scenario)
{
	return scenario->n_sources;
}

const char *pp_scenario_file(const pp_scenario *scenario, size_t index)
{
	return scenario->sources[index].file;
}

/* A packet is captured about so often: as sent, after each rewrite, and at both ends and a NAT. */
#define COPIES 6
#define PACKET_BYTES 150  /* its headers, and those of the file */
#define PACKETS_ANYWAY 10 /* of a connection, to open and to close it */
#define PAYLOAD_BYTES 1460

static uint64_t capture_bytes(const struct flow_config *flow)
{
	uint64_t payload = ((uint64_t)flow->send_bytes + flow->reply_bytes) * (flow->rounds ? flow->rounds : 1);
	uint64_t packets = PACKETS_ANYWAY + payload / PAYLOAD_BYTES * 3 / 2;
	return (payload + packets * PACKET_BYTES) * COPIES * flow->count;
}

void pp_scenario_info_get(const pp_scenario *scenario, pp_scenario_info *ret)
{
	const struct model *model = scenario->model;
	*ret = (pp_scenario_info){
		.name = model->name,
		.file = model->file,
		.about = model->about,
		.seed = model->seed,
		.n_environments = model->n_ases,
		.n_hosts = model->n_hosts,
		.n_flows = model->n_flows,
		.n_events = model->n_events,
		.n_expectations = model->n_expects,
		.stop_ns = model->has_stop ? model->stop_ns : -1,
	};
	const struct flow_config *first = NULL;
	for (size_t i = 0; i < model->n_flows; i++) {
		const struct flow_config *flow = &model->flows[i];
		ret->n_connections += flow->count;
		ret->capture_bytes += capture_bytes(flow);
		if (!first || model_stands_before(model, flow->place, first->place))
			first = flow;
	}
	ret->first_flow = first ? first->name : NULL;
}

void pp_scenario_flow(const pp_scenario *scenario, size_t index, pp_flow *ret)
{
	const struct flow_config *flow = &scenario->model->flows[index];
	*ret = (pp_flow){flow->name, flow->to_text, flow->count};
}

/* ---- a call that the scenario does not make ---- */

static const char *free_name(struct pp_scenario *scenario)
{
	const struct model *model = scenario->model;
	const char *name = "probe";
	for (unsigned number = 2;; number++) {
		bool taken = false;
		for (size_t i = 0; i < model->n_flows; i++)
			taken |= strcmp(model->flows[i].name, name) == 0;
		if (!taken)
			return name;
		name = arena_printf(scenario->arena, "probe-%u", number);
		if (!name)
			return NULL;
	}
}

int pp_scenario_add_call(pp_scenario *scenario, const char *from, const char *to, int64_t at_ns, const char **ret_flow)
{
	struct model *model = scenario->model;
	size_t n = model->n_flows;
	*ret_flow = free_name(scenario);
	struct flow_config *flows = arena_array(scenario->arena, n + 1, sizeof *flows);
	if (!flows || !*ret_flow)
		return -ENOMEM;
	struct flow_config *flow = &flows[n];
	*flow = (struct flow_config){.name = *ret_flow, .at_ns = at_ns};
	int r = scenario_make_call(scenario->arena, model, from, to, &scenario->diags, flow);
	if (r != 0)
		return r;
	if (model->has_stop && at_ns > model->stop_ns) {
		diag_error(&scenario->diags, PLACE_NONE, "ask for an earlier time",
			   "the scenario stops before the call would be made");
		return scenario->diags.failed ? -ENOMEM : 1;
	}
	if (n > 0)
		memcpy(flows, model->flows, n * sizeof *flows);
	model->flows = flows;
	model->n_flows = n + 1;
	return 0;
}

/* ---- names ---- */

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

int pp_scenario_resolve(pp_scenario *scenario, const char *name, pp_resolution *ret)
{
	const struct model *model = scenario->model;
	*ret = (pp_resolution){0};
	for (size_t i = 0; i < model->n_apps; i++) {
		const struct app_config *app = &model->apps[i];
		const char *path = arena_printf(scenario->arena, "%s/%s", model->ases[app->ase].name, app->name);
		if (!path)
			return -ENOMEM;
		if (strcasecmp(name, app->dns) == 0 || strcmp(name, path) == 0) {
			resolve_app(scenario, app, ret);
			return ret->what ? 0 : -ENOMEM;
		}
	}
	for (size_t i = 0; i < model->n_web_apps; i++) {
		const struct web_app_config *app = &model->web_apps[i];
		if (strcasecmp(name, app->dns) == 0 || strcmp(name, app->name) == 0) {
			resolve_web_app(scenario, app, ret);
			return ret->what ? 0 : -ENOMEM;
		}
	}
	for (size_t i = 0; i < model->n_hosts; i++) {
		const struct host_config *host = &model->hosts[i];
		const char *dns = facade_dns_of_host(scenario->arena, model, host);
		if (!dns)
			return -ENOMEM;
		if (strcmp(name, host->name) == 0 || strcasecmp(name, dns) == 0) {
			resolve_host(scenario, host, ret);
			return ret->what ? 0 : -ENOMEM;
		}
	}
	const char *const *names;
	size_t n;
	int r = pp_scenario_names(scenario, PP_NAME_RESOLVABLE, &names, &n);
	ret->nearest = r == 0 ? name_nearest(name, names, n) : NULL;
	return r < 0 ? r : 1;
}

const char *pp_nearest(const char *name, const char *const *candidates, size_t n)
{
	return name_nearest(name, candidates, n);
}

int pp_parse_duration(const char *text, int64_t *ret_ns)
{
	return units_duration(text, ret_ns) == UNITS_OK ? 0 : 1;
}
