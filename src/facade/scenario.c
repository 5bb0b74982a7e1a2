/* DOC: scenarios as embedders see them: diagnostics, and calls that they do not make. Loading is load.c's, what a name
 * means resolve.c's. */
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

const char *pp_nearest(const char *name, const char *const *candidates, size_t n)
{
	return name_nearest(name, candidates, n);
}

int pp_parse_duration(const char *text, int64_t *ret_ns)
{
	return units_duration(text, ret_ns) == UNITS_OK ? 0 : 1;
}
