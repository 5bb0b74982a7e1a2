/* DOC: scenarios as embedders see them: loading, diagnostics, and what a name means. */
#include "facade/facade.h"
#include "scenario/schema.h"
#include "base/names.h"
#include "base/units.h"
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

/* Filters belong to libpcap, so they are tried here, at their place, and not when the run is under way; whatever else is wrong, so that all of it is told
 * at once. */
static int try_filter(struct pp_scenario *scenario, const char *expression, struct place place)
{
	char errbuf[256];
	struct filter *filter = NULL;
	if (!expression)
		return 0;
	int r = filter_new(expression, &filter, errbuf);
	if (r > 0)
		diag_error(&scenario->diags, place, "see pcap-filter(7)", "the filter does not compile: %s", errbuf);
	filter_free(filter);
	return r < 0 ? r : 0;
}

static int try_filters(struct pp_scenario *scenario, const struct model *model)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < model->n_taps; i++)
		r = try_filter(scenario, model->taps[i].filter, model->taps[i].filter_place);
	for (size_t i = 0; r == 0 && i < model->n_expects; i++)
		if (model->expects[i].kind == EXPECT_TAP)
			r = try_filter(scenario, model->expects[i].filter, model->expects[i].filter_place);
	return r;
}

struct source {
	const char *name;
	const char *text; /* NULL: read the file */
	size_t text_bytes;
};

/* The loader draws excerpts of what it found; what was found since needs the text once more. A file that cannot be read twice goes without. */
static void add_excerpts(struct diag_list *diags, const struct source *source)
{
	struct buf text = {0};
	FILE *file = source->text ? NULL : fopen(source->name, "re");
	if (source->text)
		diag_add_excerpts(diags, source->name, source->text, source->text_bytes);
	if (!file)
		return;
	size_t n = 1;
	while (n > 0 && text.size_bytes <= SCENARIO_MAX_BYTES && buf_reserve(&text, 65536)) {
		n = fread(text.data + text.size_bytes, 1, 65536, file);
		text.size_bytes += n;
	}
	(void)fclose(file);
	diag_add_excerpts(diags, source->name, buf_text(&text), text.size_bytes);
	buf_free(&text);
}

static int load(const struct source *source, const pp_override *overrides, size_t n_overrides, pp_scenario **ret)
{
	*ret = NULL;
	struct pp_scenario *scenario = calloc(1, sizeof *scenario);
	struct scenario_override *copies = calloc(n_overrides ? n_overrides : 1, sizeof *copies);
	int r = scenario && copies ? 0 : -ENOMEM;
	if (r == 0) {
		scenario->arena = arena_new();
		r = scenario->arena ? 0 : -ENOMEM;
	}
	if (r == 0) {
		diag_init(&scenario->diags, scenario->arena);
		for (size_t i = 0; i < n_overrides; i++)
			copies[i] = (struct scenario_override){overrides[i].path, overrides[i].value};
		const char *name = arena_strdup(scenario->arena, source->name);
		r = !name	  ? -ENOMEM :
		    source->text ? scenario_read_text(scenario->arena, name, source->text, source->text_bytes, copies, n_overrides, &scenario->diags, &scenario->model, &scenario->tree) :
				   scenario_read_file(scenario->arena, name, copies, n_overrides, &scenario->diags, &scenario->model, &scenario->tree);
	}
	if (r == 0 && scenario->model)
		r = try_filters(scenario, scenario->model);
	free(copies);
	if (r == 0 && scenario->diags.failed)
		r = -ENOMEM;
	if (r < 0) {
		pp_scenario_free(scenario);
		return r;
	}
	if (scenario->diags.n_errors > 0) {
		add_excerpts(&scenario->diags, source);
		scenario->model = NULL;
	}
	*ret = scenario;
	return scenario->model ? 0 : 1;
}

int pp_scenario_load(const char *path, const pp_override *overrides, size_t n_overrides, pp_scenario **ret)
{
	return load(&(struct source){.name = path}, overrides, n_overrides, ret);
}

int pp_scenario_load_text(const char *name, const char *text, size_t text_bytes, const pp_override *overrides, size_t n_overrides, pp_scenario **ret)
{
	return load(&(struct source){name, text, text_bytes}, overrides, n_overrides, ret);
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
	*ret = (pp_diagnostic){diag->severity == DIAG_ERROR, diag->place.file, diag->place.line, diag->place.column, diag->message, diag->hint, diag->excerpt};
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
	};
	const struct flow_config *first = NULL;
	for (size_t i = 0; i < model->n_flows; i++) {
		const struct flow_config *flow = &model->flows[i];
		ret->n_connections += flow->count;
		if (!flow->place.file && first)
			continue;
		if (!first || flow->place.line < first->place.line || (flow->place.line == first->place.line && flow->place.column < first->place.column))
			first = flow;
	}
	ret->first_flow = first ? first->name : NULL;
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
		diag_error(&scenario->diags, PLACE_NONE, "ask for an earlier time", "the scenario stops before the call would be made");
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
	ret->has_public = true;
	ret->public_addr = be32_to(ase->vip);
}

static const char *dns_of_host(struct pp_scenario *scenario, const struct host_config *host)
{
	if (host->dns || host->kind != HOST_VM)
		return host->dns ? host->dns : host->name;
	return arena_printf(scenario->arena, "%s.%s.internal.cloudapp.net", host->name,
			    scenario->model->vnets[scenario->model->subnets[host->subnet].vnet].name);
}

static void resolve_host(struct pp_scenario *scenario, const struct host_config *host, pp_resolution *ret)
{
	const struct model *model = scenario->model;
	ret->dns_name = dns_of_host(scenario, host);
	if (host->kind == HOST_SITE) {
		ret->inside = model->sites[host->site].name;
		ret->what = arena_printf(scenario->arena, "machine %s at %s", host->name, ret->inside);
		ret->has_private = true;
		ret->private_addr = be32_to(host->addr);
		return;
	}
	if (host->kind != HOST_VM) {
		ret->what = arena_printf(scenario->arena, "%s %s", host->kind == HOST_SERVICE ? "platform service" : "Internet host", host->name);
		ret->has_public = true;
		ret->public_addr = be32_to(host->addr);
		return;
	}
	const struct subnet_config *subnet = &model->subnets[host->subnet];
	ret->what = arena_printf(scenario->arena, "VM %s in %s/%s", host->name, model->vnets[subnet->vnet].name, subnet->name);
	ret->has_private = true;
	ret->private_addr = be32_to(host->addr);
	ret->inside = model->vnets[subnet->vnet].name;
	ret->has_public = host->public_ip.raw != 0;
	ret->public_addr = be32_to(host->public_ip);
}

int pp_scenario_resolve(pp_scenario *scenario, const char *name, pp_resolution *ret)
{
	const struct model *model = scenario->model;
	size_t n = 0;
	const char **names = arena_array(scenario->arena, 2 * (model->n_apps + model->n_hosts) + 1, sizeof *names);
	if (!names)
		return -ENOMEM;
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
		names[n++] = app->dns;
		names[n++] = path;
	}
	for (size_t i = 0; i < model->n_hosts; i++) {
		const struct host_config *host = &model->hosts[i];
		const char *dns = dns_of_host(scenario, host);
		if (!dns)
			return -ENOMEM;
		if (strcmp(name, host->name) == 0 || strcasecmp(name, dns) == 0) {
			resolve_host(scenario, host, ret);
			return ret->what ? 0 : -ENOMEM;
		}
		names[n++] = host->name;
		names[n++] = dns;
	}
	ret->nearest = name_nearest(name, names, n);
	return 1;
}

const char *pp_nearest(const char *name, const char *const *candidates, size_t n)
{
	return name_nearest(name, candidates, n);
}

int pp_parse_duration(const char *text, int64_t *ret_ns)
{
	return units_duration(text, ret_ns) == UNITS_OK ? 0 : 1;
}

char *pp_print_address(uint32_t addr, char *text)
{
	return addr_print(be32_from(addr), text);
}
