/* DOC: fills in the report (out/report.h) from what the world and the judge know, and watches where opening packets
 * were seen. */
#include "base/units.h"
#include "facade/facade.h"
#include "scenario/values.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- sights ---- */

static uint32_t n_listed(const struct flow_config *flow)
{
	return flow->count < REPORT_MAX_CONNECTIONS ? flow->count : REPORT_MAX_CONNECTIONS;
}

/* A front end sees two openings, the call and its own: each is kept. A retransmission, and later data of a late push,
 * only where nothing was before. */
static bool is_known(const struct sight_list *list, const struct step *step)
{
	for (const struct sight *sight = list->first; sight; sight = sight->next)
		if (sight->node == step->node && tuple_equal(&sight->tuple, &step->after))
			return true;
	return false;
}

static int watch(void *context, const struct step *step)
{
	struct pp_run *run = context;
	if (!(step->flags & STEP_SEEN) || step->index_in_flow >= n_listed(&run->model->flows[step->flow]) ||
	    !judge_is_opening(run->model, step))
		return 0;
	struct sight_list *list = &run->sights[step->flow][step->index_in_flow];
	if (is_known(list, step))
		return 0;
	struct sight *sight = arena_alloc(run->arena, sizeof *sight);
	if (!sight)
		return -ENOMEM;
	*sight = (struct sight){NULL, step->node, step->at, step->packet->id, step->after};
	if (list->last)
		list->last->next = sight;
	else
		list->first = sight;
	list->last = sight;
	return 0;
}

int facade_sights_begin(struct pp_run *run)
{
	const struct model *model = run->model;
	run->sights = arena_array(run->arena, model->n_flows, sizeof *run->sights);
	if (!run->sights)
		return -ENOMEM;
	for (size_t i = 0; i < model->n_flows; i++) {
		run->sights[i] = arena_array(run->arena, n_listed(&model->flows[i]), sizeof **run->sights);
		if (!run->sights[i])
			return -ENOMEM;
	}
	uint32_t wants =
		1u << STEP_ORIGINATE | 1u << STEP_TRANSLATE | 1u << STEP_FORWARD | 1u << STEP_DELIVER | 1u << STEP_DROP;
	/* What a flow with `late` sends opens nothing, and its first data are kept all the same. */
	bool openings_only = true;
	uint32_t below = 0; /* the number of the last connection that is listed, and one more */
	for (uint32_t i = 0; i < model->n_flows; i++) {
		openings_only = openings_only && !model->flows[i].is_held_push;
		below = world_connection_number(run->world, i, n_listed(&model->flows[i]));
	}
	struct trail_observer observer = {
		.wants = wants, .openings_only = openings_only, .below = below, .step = watch, .context = run};
	return trail_observe(world_trail(run->world), observer);
}

/* ---- flows ---- */

const char *facade_connection_name(struct arena *arena, const struct model *model, uint32_t flow, uint32_t index)
{
	const struct flow_config *config = &model->flows[flow];
	return config->repeated ? arena_printf(arena, "%s[%u]", config->name, index) : config->name;
}

struct flow_in_file {
	const struct model *model;
	uint32_t flow;
};

static int compare_in_file(const void *a, const void *b)
{
	const struct flow_in_file *x = a, *y = b;
	const struct flow_config *flows = x->model->flows;
	if (model_stands_before(x->model, flows[x->flow].place, flows[y->flow].place))
		return -1;
	if (model_stands_before(x->model, flows[y->flow].place, flows[x->flow].place))
		return 1;
	return x->flow < y->flow ? -1 : x->flow > y->flow;
}

uint32_t *facade_flows_in_file_order(struct arena *arena, const struct model *model)
{
	uint32_t *order = arena_array(arena, model->n_flows, sizeof *order);
	struct flow_in_file *items = malloc((model->n_flows + 1) * sizeof *items);
	for (uint32_t i = 0; items && i < model->n_flows; i++)
		items[i] = (struct flow_in_file){model, i};
	if (items && model->n_flows > 1)
		qsort(items, model->n_flows, sizeof *items, compare_in_file);
	for (uint32_t i = 0; order && items && i < model->n_flows; i++)
		order[i] = items[i].flow;
	if (!items)
		order = NULL;
	free(items);
	return order;
}

static struct report_cause report_cause(const struct cause *cause)
{
	return cause ? (struct report_cause){cause->what, cause->helps, cause->settings, cause->n_settings}
		     : (struct report_cause){0};
}

static int fill_connection(void *context, size_t flow, uint32_t index, struct report_connection *ret)
{
	struct pp_run *run = context;
	struct world_connection c;
	world_connection(run->world, (uint32_t)flow, index, &c);
	*ret = (struct report_connection){
		.name = facade_connection_name(run->arena, run->model, (uint32_t)flow, index),
		.outcome = c.started ? outcome_name(c.outcome) : "not_started",
		.started = c.started,
		.ended = c.outcome != OUTCOME_NONE,
		.started_at = c.started_at,
		.ended_at = c.ended_at,
		.from = c.from,
		.proto = run->model->flows[flow].proto,
		.from_addr = c.from_addr,
		.to_addr = c.to_addr,
		.from_port = c.from_port,
		.to_port = c.to_port,
		.retransmissions = c.retransmissions,
		.lost = c.loss,
	};
	if (c.loss)
		ret->loss = (struct report_loss){c.loss->verdict, world_node_name(run->world, c.loss->node), c.loss->at,
						 c.loss->packet_id, c.loss->tuple};
	ret->cause = report_cause(facade_cause_of(run, (uint32_t)flow, index));
	size_t n = 0;
	for (const struct sight *sight = run->sights ? run->sights[flow][index].first : NULL; sight;
	     sight = sight->next)
		n++;
	struct report_sight *sights = arena_array(run->arena, n, sizeof *sights);
	if (!sights || !ret->name)
		return -ENOMEM;
	ret->sights = sights;
	for (const struct sight *sight = run->sights ? run->sights[flow][index].first : NULL; sight;
	     sight = sight->next)
		sights[ret->n_sights++] = (struct report_sight){world_node_name(run->world, sight->node), sight->at,
								sight->packet, sight->tuple};
	return 0;
}

#define N_OUTCOMES (OUTCOME_COUNT + 1) /* and not started */

/* Returns how many there are: those of packets made by hand belong to flows that make them. */
static size_t count_outcomes(const struct pp_run *run, uint32_t flow, uint32_t first, uint32_t last,
			     struct report_count counts[N_OUTCOMES])
{
	uint64_t found[N_OUTCOMES] = {0};
	bool is_crafted = run->model->flows[flow].n_packets > 0;
	size_t n = 0;
	for (uint32_t i = first; i < last; i++) {
		struct world_connection c;
		world_connection(run->world, flow, i, &c);
		found[c.started ? c.outcome : OUTCOME_COUNT]++;
	}
	for (size_t i = 0; i < N_OUTCOMES; i++)
		if (is_crafted || (i != OUTCOME_FORWARDED && i != OUTCOME_DROPPED))
			counts[n++] = (struct report_count){
				i == OUTCOME_COUNT ? "not_started" : outcome_name((enum outcome)i), found[i]};
	return n;
}

static int fill_flow(struct pp_run *run, uint32_t index, struct report_flow *ret)
{
	const struct flow_config *config = &run->model->flows[index];
	struct report_count *outcomes = arena_array(run->arena, 2 * N_OUTCOMES, sizeof *outcomes),
			    *counts = arena_array(run->arena, 6, sizeof *counts);
	if (!outcomes || !counts)
		return -ENOMEM;
	struct world_counts packets;
	world_flow_counts(run->world, index, &packets);
	const struct report_count filled[6] = {
		{"sent", packets.originated},       {"delivered", packets.delivered},
		{"dropped", packets.dropped},       {"in_flight", packets.in_flight},
		{"translated", packets.translated}, {"retransmissions", packets.retransmissions}};
	memcpy(counts, filled, sizeof filled);
	size_t n_outcomes = count_outcomes(run, index, 0, config->count, outcomes);
	(void)count_outcomes(run, index, n_listed(config), config->count, outcomes + N_OUTCOMES);
	*ret = (struct report_flow){
		.name = config->name,
		.proto = proto_name(config->proto),
		.to = config->to_text,
		.place = config->place,
		.n_connections = config->count,
		.outcomes = outcomes,
		.n_outcomes = n_outcomes,
		.counts = counts,
		.n_counts = 6,
		.n_listed = n_listed(config),
		.outcomes_unlisted = outcomes + N_OUTCOMES,
		.n_outcomes_unlisted = config->count > n_listed(config) ? n_outcomes : 0,
		.connection = fill_connection,
		.context = run,
	};
	return 0;
}

static int fill_flows(struct pp_run *run, struct report *report)
{
	struct report_flow *flows = arena_array(run->arena, run->model->n_flows, sizeof *flows);
	int r = flows ? 0 : -ENOMEM;
	for (uint32_t i = 0; r == 0 && i < run->model->n_flows; i++)
		r = fill_flow(run, i, &flows[i]);
	report->flows = flows;
	report->n_flows = run->model->n_flows;
	return r;
}

/* ---- the network ---- */

static int fill_nat(struct pp_run *run, uint32_t node, struct report_nat *ret)
{
	struct world_nat_metrics m;
	world_nat_metrics(run->world, node, NONE, &m);
	const struct report_count filled[] = {
		{"ports_in_use", m.ports_in_use}, {"ports_in_use_peak", m.ports_in_use_peak},
		{"mappings", m.mappings},         {"mappings_total", m.mappings_total},
		{"expired", m.expired},           {"exhausted", m.exhausted}};
	struct report_count *counts = arena_array(run->arena, 6, sizeof *counts);
	if (!counts)
		return -ENOMEM;
	memcpy(counts, filled, sizeof filled);
	*ret = (struct report_nat){world_node_name(run->world, node), counts, 6};
	return 0;
}

static int fill_nats(struct pp_run *run, struct report *report)
{
	const struct model *model = run->model;
	struct report_nat *nats = arena_array(run->arena, model->elements->n, sizeof *nats);
	int r = nats ? 0 : -ENOMEM;
	report->nats = nats;
	for (uint32_t i = element_next_nat(model, 0); r == 0 && i != NONE; i = element_next_nat(model, i + 1))
		r = fill_nat(run, i, &nats[report->n_nats++]);
	return r;
}

static int fill_needs(struct pp_run *run, const struct world_health_change *change, const struct cause *cause,
		      struct report_health *ret)
{
	struct report_need *needs = arena_array(run->arena, N_NEEDS, sizeof *needs);
	if (!needs)
		return -ENOMEM;
	*ret = (struct report_health){.at = change->at, .unreachable = needs, .cause = report_cause(cause)};
	for (size_t k = 0; k < N_NEEDS; k++) {
		const struct world_need_loss *loss = &change->losses[k];
		if (change->failing & 1u << k)
			needs[ret->n_unreachable++] = (struct report_need){
				facade_need_name(k),
				{loss->verdict, world_node_name(run->world, loss->node), loss->at, 0, loss->tuple}};
	}
	return 0;
}

static int fill_environment(struct pp_run *run, uint32_t ase, struct report_environment *ret)
{
	size_t n;
	const struct world_health_change *changes = world_health_changes(run->world, &n);
	struct report_health *health = arena_array(run->arena, n, sizeof *health);
	int r = health ? 0 : -ENOMEM;
	*ret = (struct report_environment){.name = run->model->ases[ase].name, .health = health};
	for (size_t i = 0; r == 0 && i < n; i++)
		if (changes[i].ase == ase)
			r = fill_needs(run, &changes[i], causes_of_change(run->causes, i), &health[ret->n_health++]);
	return r;
}

static int fill_environments(struct pp_run *run, struct report *report)
{
	size_t n = run->model->n_ases;
	struct report_environment *environments = arena_array(run->arena, n, sizeof *environments);
	int r = environments ? 0 : -ENOMEM;
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = fill_environment(run, i, &environments[i]);
	report->environments = environments;
	report->n_environments = n;
	return r;
}

static int fill_warnings(struct pp_run *run, struct report *report)
{
	struct report_warning *warnings = arena_array(run->arena, run->n_warnings, sizeof *warnings);
	if (!warnings)
		return -ENOMEM;
	for (size_t i = 0; i < run->n_warnings; i++)
		warnings[i] = (struct report_warning){run->warnings[i].message, run->warnings[i].place};
	report->warnings = warnings;
	report->n_warnings = run->n_warnings;
	return 0;
}

static int fill_events(struct pp_run *run, struct report *report)
{
	size_t n = run->model->n_events;
	struct report_event *events = arena_array(run->arena, n, sizeof *events);
	if (!events)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct event_config *event = &run->model->events[i];
		const char *why = NULL;
		bool inert = world_event_was_inert(run->world, i, &why);
		events[i] = (struct report_event){{event->at_ns}, event->text, event->place, inert ? why : NULL};
	}
	report->events = events;
	report->n_events = n;
	return 0;
}

/* ---- all of it ---- */

static int fill_expectations(struct pp_run *run, struct report *report)
{
	struct report_expectation *items = arena_array(run->arena, run->n_judgements, sizeof *items);
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < run->n_judgements; i++) {
		const struct judgement *j = &run->judgements[i];
		items[i] = (struct report_expectation){
			.name = j->name,
			.pass = j->pass,
			.place = j->place,
			.expected = j->expected,
			.actual = j->actual,
			.because = j->because,
			.where = j->where,
			.rule_place = j->rule_place,
			.flow = j->has_packet ? run->model->flows[j->flow].name : NULL,
			.packet = j->packet_id,
			.capture = j->has_packet ? facade_capture_of(run, j->flow) : NULL,
			.cause = report_cause(facade_cause_of_judgement(run, j)),
		};
	}
	report->expectations = items;
	report->n_expectations = run->n_judgements;
	return 0;
}

static int fill_settings(struct pp_run *run, struct report *report)
{
	size_t n;
	const struct scenario_setting *settings = scenario_settings(run->arena, run->model, &n);
	struct report_setting *items = settings ? arena_array(run->arena, n ? n : 1, sizeof *items) : NULL;
	for (size_t i = 0; items && i < n; i++)
		items[i] = (struct report_setting){settings[i].path, settings[i].value};
	report->settings = items;
	report->n_settings = n;
	return items ? 0 : -ENOMEM;
}

static const char *made_from(const void *context, struct place place)
{
	return model_source(context, place);
}

int facade_report(struct pp_run *run)
{
	const struct model *model = run->model;
	char start[UNITS_TEXT_BYTES];
	struct world_counts counts;
	pp_summary summary;
	world_counts(run->world, &counts);
	pp_run_summary(run, &summary);
	const struct report_count totals[] = {
		{"sent", counts.originated},       {"delivered", counts.delivered},
		{"dropped", counts.dropped},       {"in_flight", counts.in_flight},
		{"translated", counts.translated}, {"retransmissions", counts.retransmissions},
		{"mappings", summary.mappings},    {"events", counts.events}};
	struct report report = {
		.made_from = made_from,
		.made_from_context = run->model,
		.program = FACADE_PROGRAM,
		.scenario = model->name,
		.file = model->file,
		.about = model->about,
		.sources = run->scenario->sources,
		.n_sources = run->scenario->n_sources,
		.overrides = run->scenario->overrides,
		.n_overrides = run->scenario->n_overrides,
		.seed = model->seed,
		.start = units_print_wall_time(model->start_unix_ns, start),
		.end = world_now(run->world),
		.counts = totals,
		.n_counts = sizeof totals / sizeof *totals,
		.files = run->files,
		.n_files = run->n_files,
	};
	int r = fill_settings(run, &report);
	r = r ? r : fill_expectations(run, &report);
	r = r ? r : fill_flows(run, &report);
	r = r ? r : fill_nats(run, &report);
	r = r ? r : fill_environments(run, &report);
	r = r ? r : fill_events(run, &report);
	r = r ? r : fill_warnings(run, &report);
	return r ? r : report_write(&report, &run->report);
}
