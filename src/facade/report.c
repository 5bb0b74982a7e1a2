/* DOC: fills in the report (out/report.h) from what the world and the judge know, and watches where opening packets were seen. */
#include "facade/facade.h"
#include "base/units.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- sights ---- */

static uint32_t n_listed(const struct flow_config *flow)
{
	return flow->count < REPORT_MAX_CONNECTIONS ? flow->count : REPORT_MAX_CONNECTIONS;
}

/* The first opening packet at each point, for each listed connection. */
static int watch(void *context, const struct step *step)
{
	struct pp_run *run = context;
	if (!(step->flags & STEP_SEEN) || !(step->packet->flags & PACKET_OPENING) || step->index_in_flow >= n_listed(&run->model->flows[step->flow]))
		return 0;
	struct sight_list *list = &run->sights[step->flow][step->index_in_flow];
	for (const struct sight *sight = list->first; sight; sight = sight->next)
		if (sight->node == step->node)
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
	uint32_t wants = 1u << STEP_ORIGINATE | 1u << STEP_TRANSLATE | 1u << STEP_FORWARD | 1u << STEP_DELIVER | 1u << STEP_DROP;
	return trail_observe(world_trail(run->world), (struct trail_observer){wants, watch, run});
}

/* ---- flows ---- */

const char *facade_connection_name(struct arena *arena, const struct model *model, uint32_t flow, uint32_t index)
{
	const struct flow_config *config = &model->flows[flow];
	return config->repeated ? arena_printf(arena, "%s[%u]", config->name, index) : config->name;
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
		.lost = c.loss != NULL,
	};
	if (c.loss)
		ret->loss = (struct report_loss){c.loss->verdict, world_node_name(run->world, c.loss->node), c.loss->at, c.loss->packet_id, c.loss->tuple};
	size_t n = 0;
	for (const struct sight *sight = run->sights ? run->sights[flow][index].first : NULL; sight; sight = sight->next)
		n++;
	struct report_sight *sights = arena_array(run->arena, n, sizeof *sights);
	if (!sights || !ret->name)
		return -ENOMEM;
	ret->sights = sights;
	for (const struct sight *sight = run->sights ? run->sights[flow][index].first : NULL; sight; sight = sight->next)
		sights[ret->n_sights++] = (struct report_sight){world_node_name(run->world, sight->node), sight->at, sight->packet, sight->tuple};
	return 0;
}

#define N_OUTCOMES (OUTCOME_COUNT + 1) /* and not started */

static void count_outcomes(const struct pp_run *run, uint32_t flow, uint32_t first, uint32_t last, struct report_count counts[N_OUTCOMES])
{
	for (size_t i = 0; i < OUTCOME_COUNT; i++)
		counts[i] = (struct report_count){outcome_name((enum outcome)i), 0};
	counts[OUTCOME_COUNT] = (struct report_count){"not_started", 0};
	for (uint32_t i = first; i < last; i++) {
		struct world_connection c;
		world_connection(run->world, flow, i, &c);
		counts[c.started ? c.outcome : OUTCOME_COUNT].value++;
	}
}

static int fill_flow(struct pp_run *run, uint32_t index, struct report_flow *ret)
{
	const struct flow_config *config = &run->model->flows[index];
	struct report_count *outcomes = arena_array(run->arena, 2 * N_OUTCOMES, sizeof *outcomes), *counts = arena_array(run->arena, 6, sizeof *counts);
	if (!outcomes || !counts)
		return -ENOMEM;
	struct world_counts packets;
	world_flow_counts(run->world, index, &packets);
	const struct report_count filled[6] = {{"sent", packets.originated},       {"delivered", packets.delivered},   {"dropped", packets.dropped},
					       {"in_flight", packets.in_flight}, {"translated", packets.translated}, {"retransmissions", packets.retransmissions}};
	memcpy(counts, filled, sizeof filled);
	count_outcomes(run, index, 0, config->count, outcomes);
	count_outcomes(run, index, n_listed(config), config->count, outcomes + N_OUTCOMES);
	*ret = (struct report_flow){
		.name = config->name,
		.proto = proto_name(config->proto),
		.to = config->to_text,
		.place = config->place,
		.n_connections = config->count,
		.outcomes = outcomes,
		.n_outcomes = N_OUTCOMES,
		.counts = counts,
		.n_counts = 6,
		.n_listed = n_listed(config),
		.outcomes_unlisted = outcomes + N_OUTCOMES,
		.n_outcomes_unlisted = config->count > n_listed(config) ? N_OUTCOMES : 0,
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

static int fill_nats(struct pp_run *run, struct report *report)
{
	size_t n = run->model->n_ases;
	struct report_nat *nats = arena_array(run->arena, n, sizeof *nats);
	if (!nats)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		struct world_nat_metrics m;
		world_nat_metrics(run->world, i, NONE, &m);
		const struct report_count filled[] = {{"ports_in_use", m.ports_in_use}, {"ports_in_use_peak", m.ports_in_use_peak}, {"mappings", m.mappings},
						      {"mappings_total", m.mappings_total}, {"expired", m.expired}, {"exhausted", m.exhausted}};
		struct report_count *counts = arena_array(run->arena, 6, sizeof *counts);
		if (!counts)
			return -ENOMEM;
		memcpy(counts, filled, sizeof filled);
		nats[i] = (struct report_nat){world_node_name(run->world, world_node(run->world, (struct point){POINT_VIP, i, 0})), counts, 6};
	}
	report->nats = nats;
	report->n_nats = n;
	return 0;
}

static int fill_environments(struct pp_run *run, struct report *report)
{
	static const char *const needs[] = {"storage", "sql", "management"};
	size_t n = run->model->n_ases;
	struct report_environment *environments = arena_array(run->arena, n, sizeof *environments);
	const char **because = arena_array(run->arena, 3 * n, sizeof *because);
	if (!environments || !because)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		struct world_loss losses[3];
		uint32_t failing = world_health(run->world, i, losses);
		environments[i] = (struct report_environment){.name = run->model->ases[i].name, .healthy = failing == 0, .because = because + 3 * i};
		for (size_t k = 0; k < 3; k++)
			if (failing & 1u << k)
				because[3 * i + environments[i].n_because++] = needs[k];
	}
	report->environments = environments;
	report->n_environments = n;
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

/* ---- settings: what was in force, as --set takes it ---- */

struct settings {
	struct pp_run *run;
	struct report_setting *items;
	size_t n, capacity;
	bool failed;
};

static void setting(struct settings *s, const char *path, const char *value)
{
	if (s->n == s->capacity || !path || !value) {
		s->failed = true;
		return;
	}
	s->items[s->n++] = (struct report_setting){path, value};
}

static void duration_setting(struct settings *s, const char *path, int64_t ns)
{
	char text[UNITS_TEXT_BYTES];
	setting(s, path, arena_strdup(s->run->arena, units_print_duration(ns, text)));
}

static void number_setting(struct settings *s, const char *path, uint64_t number)
{
	setting(s, path, arena_printf(s->run->arena, "%llu", (unsigned long long)number));
}

static void link_settings(struct settings *s)
{
	char text[UNITS_TEXT_BYTES];
	struct arena *arena = s->run->arena;
	for (size_t i = 0; i < LINK_CLASS_COUNT; i++) {
		const struct link_config *link = &s->run->model->links[i];
		const char *name = link_class_name((enum link_class)i);
		duration_setting(s, arena_printf(arena, "network.links.%s.latency", name), link->latency_ns);
		duration_setting(s, arena_printf(arena, "network.links.%s.jitter", name), link->jitter_ns);
		/* A fraction of 2^32 as a decimal: nine places are finer than 2^-29. */
		uint64_t nano = (link->loss_parts * UINT64_C(1000000000) + (UINT64_C(1) << 31)) >> 32;
		setting(s, arena_printf(arena, "network.links.%s.loss", name),
			arena_printf(arena, "%llu.%09llu", (unsigned long long)(nano / 1000000000), (unsigned long long)(nano % 1000000000)));
		if (link->rate_bits_per_s)
			setting(s, arena_printf(arena, "network.links.%s.rate", name), arena_strdup(arena, units_print_rate(link->rate_bits_per_s, text)));
		if (link->queue_bytes)
			setting(s, arena_printf(arena, "network.links.%s.queue", name), arena_strdup(arena, units_print_size(link->queue_bytes, text)));
		setting(s, arena_printf(arena, "network.links.%s.state", name), link->up ? "up" : "down");
	}
}

static void ase_settings(struct settings *s, const struct ase_config *ase)
{
	static const char *const depends[] = {"endpoint-independent", "address-dependent", "address-and-port-dependent"};
	static const char *const allocation[] = {"sequential", "preserve", "random"};
	struct arena *arena = s->run->arena;
	const struct nat_config *nat = &ase->snat;
	const char *path = arena_printf(arena, "network.ases.%s", ase->name);
	if (!path) {
		s->failed = true;
		return;
	}
	number_setting(s, arena_printf(arena, "%s.front_ends", path), ase->front_ends);
	number_setting(s, arena_printf(arena, "%s.workers", path), ase->workers);
	setting(s, arena_printf(arena, "%s.snat.mapping", path), depends[nat->mapping]);
	setting(s, arena_printf(arena, "%s.snat.filtering", path), depends[nat->filtering]);
	setting(s, arena_printf(arena, "%s.snat.allocation", path), allocation[nat->allocation]);
	setting(s, arena_printf(arena, "%s.snat.port_range", path), arena_printf(arena, "%u-%u", nat->port_first, nat->port_last));
	if (nat->ports_per_worker == NAT_PORTS_AUTO || nat->ports_per_worker == NAT_PORTS_SHARED)
		setting(s, arena_printf(arena, "%s.snat.ports_per_worker", path), nat->ports_per_worker == NAT_PORTS_AUTO ? "auto" : "shared");
	else
		number_setting(s, arena_printf(arena, "%s.snat.ports_per_worker", path), nat->ports_per_worker);
	setting(s, arena_printf(arena, "%s.snat.reuse", path), nat->reuse == NAT_REUSE_PER_DESTINATION ? "per-destination" : "never");
	setting(s, arena_printf(arena, "%s.snat.hairpin", path), nat->hairpin ? "true" : "false");
	setting(s, arena_printf(arena, "%s.snat.icmp", path), nat->translate_icmp ? "translate" : "drop");
	setting(s, arena_printf(arena, "%s.snat.fragments", path), nat->translate_fragments ? "translate" : "drop");
	duration_setting(s, arena_printf(arena, "%s.snat.tcp_idle", path), nat->tcp_idle_ns);
	duration_setting(s, arena_printf(arena, "%s.snat.tcp_transitory", path), nat->tcp_transitory_ns);
	duration_setting(s, arena_printf(arena, "%s.snat.tcp_reset", path), nat->tcp_reset_ns);
	duration_setting(s, arena_printf(arena, "%s.snat.udp_idle", path), nat->udp_idle_ns);
	duration_setting(s, arena_printf(arena, "%s.snat.icmp_idle", path), nat->icmp_idle_ns);
}

static int fill_settings(struct pp_run *run, struct report *report)
{
	struct settings s = {.run = run, .capacity = 2 + 6 * LINK_CLASS_COUNT + 16 * run->model->n_ases};
	s.items = arena_array(run->arena, s.capacity, sizeof *s.items);
	if (!s.items)
		return -ENOMEM;
	number_setting(&s, "seed", run->model->seed);
	if (run->model->has_stop)
		duration_setting(&s, "stop", run->model->stop_ns);
	link_settings(&s);
	for (size_t i = 0; i < run->model->n_ases; i++)
		ase_settings(&s, &run->model->ases[i]);
	report->settings = s.items;
	report->n_settings = s.n;
	return s.failed ? -ENOMEM : 0;
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
		};
	}
	report->expectations = items;
	report->n_expectations = run->n_judgements;
	return 0;
}

int facade_report(struct pp_run *run)
{
	const struct model *model = run->model;
	char start[UNITS_TEXT_BYTES];
	struct world_counts counts;
	pp_summary summary;
	world_counts(run->world, &counts);
	pp_run_summary(run, &summary);
	const struct report_count totals[] = {{"sent", counts.originated},       {"delivered", counts.delivered},   {"dropped", counts.dropped},
					      {"in_flight", counts.in_flight}, {"translated", counts.translated}, {"retransmissions", counts.retransmissions},
					      {"mappings", summary.mappings},   {"events", counts.events}};
	struct report report = {
		.program = FACADE_PROGRAM,
		.scenario = model->name,
		.file = model->file,
		.about = model->about,
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
	return r ? r : report_write(&report, &run->report);
}
