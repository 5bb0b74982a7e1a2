/* DOC: the files of a run: captures, trail.txt, nat.csv, report.json, written beside and put into place together. */
#include "base/units.h"
#include "facade/facade.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct capture_node node_of(const struct world *world, uint32_t node)
{
	return (struct capture_node){world_node_name(world, node), world_node_description(world, node),
				     world_node_is_end_point(world, node), world_node_is_nat(world, node)};
}

static int copy_taps(struct pp_run *run, struct capture_tap **ret)
{
	const struct model *model = run->model;
	static const enum capture_at at[] = {[TAP_REALMS] = CAPTURE_REALMS,
					     [TAP_ALL] = CAPTURE_ALL,
					     [TAP_DROPS] = CAPTURE_DROPS,
					     [TAP_POINT] = CAPTURE_NODE};
	struct capture_tap *taps = arena_array(run->arena, model->n_taps, sizeof *taps);
	if (!taps)
		return -ENOMEM;
	for (size_t i = 0; i < model->n_taps; i++) {
		const struct tap_config *tap = &model->taps[i];
		taps[i] = (struct capture_tap){
			.file = tap->file,
			.at = at[tap->at],
			.node = tap->at == TAP_POINT ? tap->point : 0,
			.flows = tap->flows,
			.n_flows = tap->n_flows,
			.snaplen = tap->snaplen,
			.filter = tap->filter,
			.notes = tap->notes,
			.names = tap->names,
		};
	}
	*ret = taps;
	return 0;
}

/* In full with the first packet that a connection loses in a way; later ones refer to that. */
static void put_cause(void *context, const struct step *step, struct buf *note)
{
	const struct pp_run *run = context;
	uint64_t like;
	const struct cause *cause = causes_of_step(run->causes, step, &like);
	if (cause && like > 0)
		buf_printf(note, "cause: as of packet %llu", (unsigned long long)like);
	else if (cause)
		buf_printf(note, "cause: %s %s", cause->what, cause->helps);
}

int facade_captures(struct pp_run *run)
{
	const struct model *model = run->model;
	if (run->captures.application)
		return 0;
	struct capture_tap *taps;
	size_t n_names;
	const struct world_host_name *known = world_host_names(run->world, &n_names);
	uint32_t n_nodes = world_n_nodes(run->world);
	struct capture_node *nodes = arena_array(run->arena, n_nodes, sizeof *nodes);
	struct pcapng_name *names = arena_array(run->arena, n_names, sizeof *names);
	uint32_t *counts = arena_array(run->arena, model->n_flows, sizeof *counts);
	char start[UNITS_TEXT_BYTES];
	const char *comment =
		arena_printf(run->arena, "scenario %s, seed %llu; second 0 of the run is %s", model->name,
			     (unsigned long long)model->seed, units_print_wall_time(model->start_unix_ns, start));
	if (!nodes || !names || !counts || !comment || copy_taps(run, &taps) < 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < n_nodes; i++)
		nodes[i] = node_of(run->world, i);
	for (size_t i = 0; i < n_names; i++)
		names[i] = (struct pcapng_name){known[i].addr, known[i].name};
	for (size_t i = 0; i < model->n_flows; i++)
		counts[i] = model->flows[i].count;
	run->captures = (struct capture_config){
		.application = FACADE_PROGRAM,
		.comment = comment,
		.start_unix_ns = model->start_unix_ns,
		.flow_names = run->flow_names,
		.flow_counts = counts,
		.n_flows = model->n_flows,
		.nodes = nodes,
		.n_nodes = n_nodes,
		.names = names,
		.n_names = n_names,
		.defaults = !model->taps_none,
		.taps = taps,
		.n_taps = model->n_taps,
		.cause = put_cause,
		.cause_context = run,
	};
	return 0;
}

static int mapping_line(void *context, const struct world_mapping *m)
{
	struct pp_run *run = context;
	run->n_mappings++;
	int r = m->why ? causes_mapping(run->causes, m) : 0;
	if (r == 0 && run->watch_mapping)
		r = run->watch_mapping(run->watch_context, m);
	if (r < 0)
		return r;
	if (!run->nat_file)
		return 0;
	const struct model *model = run->model;
	struct nat_csv_line line = {
		.nat = m->nat,
		.inside = m->inside,
		.outside_addr = m->outside_addr,
		.outside_port = m->outside_port,
		.created = m->created,
		.last_used = m->last_used,
		.ended = m->ended,
		.why = m->why,
		.packets = m->packets,
		.bytes = m->bytes,
		.flow = model->flows[m->flow].name,
		.index = m->index_in_flow,
		.repeated = model->flows[m->flow].repeated,
		.app = model_app_of_flow(model, m->flow),
		.timer = m->timer,
	};
	return nat_csv_write(run->nat_file, &line);
}

static bool is_guarded(const struct model *model, const struct element *element)
{
	bool by_card = element_is_vm(element->kind) && model->hosts[element->owner].nsg != NONE;
	return by_card || model->subnets[element->subnet].nsg != NONE;
}

static int begin_flow_logs(struct pp_run *run)
{
	const struct model *model = run->model;
	uint32_t n_nodes = world_n_nodes(run->world);
	struct flow_log_node *nodes = arena_array(run->arena, n_nodes, sizeof *nodes);
	if (!nodes)
		return -ENOMEM;
	for (uint32_t i = 0; i < n_nodes; i++) {
		const struct element *element = element_at(model, i);
		nodes[i] = (struct flow_log_node){.addr = element->addr};
		if (!element_is_end_point(element->kind) || element->vnet == NONE || element->subnet == NONE)
			continue;
		nodes[i].vnet = model->vnets[element->vnet].name;
		nodes[i].guarded = is_guarded(model, element);
	}
	struct flow_log_config config = {model->name, model->start_unix_ns, nodes, n_nodes};
	int r = flow_log_new(&config, &run->flow_log);
	return r < 0 ? r : trail_observe(world_trail(run->world), flow_log_observer(run->flow_log));
}

static int begin_files(struct pp_run *run)
{
	int r = facade_captures(run);
	if (r == 0 && !run->options.no_traces) {
		r = capture_new(&run->captures, run->output, &run->capture);
		r = r < 0 ? r : trail_observe(world_trail(run->world), capture_observer(run->capture));
	}
	if (r == 0 && run->options.trail) {
		r = trail_text_new(&run->captures, run->output, &run->trail);
		r = r < 0 ? r : trail_observe(world_trail(run->world), trail_text_observer(run->trail));
	}
	if (r == 0 && run->options.flow_logs)
		r = begin_flow_logs(run);
	return r < 0 ? r : nat_csv_open(run->output, &run->nat_file);
}

void facade_observe_nat(struct pp_run *run)
{
	world_observe_nat(run->world, mapping_line, run);
}

static void keep_notes(void *context, const char *lines)
{
	struct pp_run *run = context;
	run->notes = arena_strdup(run->arena, lines);
	if (!run->notes)
		run->notes = "files that are not of an earlier run were renamed\n";
}

int facade_output_begin(struct pp_run *run)
{
	char *path = NULL;
	facade_observe_nat(run);
	if (!run->options.directory)
		return 0;
	int r = output_begin(run->options.directory, &run->output, &path);
	if (r < 0) {
		(void)facade_fail(run, r, "%s: %s; nothing was written", path ? path : run->options.directory,
				  r == -EBUSY ? "another run of pktpath is writing there" : strerror(-r));
		free(path);
		return r;
	}
	output_observe_notes(run->output, keep_notes, run);
	return begin_files(run);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of all files, the report's own among them, which is not open yet. */
static int note_files(struct pp_run *run)
{
	size_t n;
	const char *const *names = output_names(run->output, &n);
	run->files = arena_array(run->arena, n + 1, sizeof *run->files);
	if (!run->files || !names)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		run->files[i] = arena_strdup(run->arena, names[i]);
		if (!run->files[i])
			return -ENOMEM;
	}
	run->files[n] = REPORT_FILE;
	run->n_files = n + 1;
	qsort(run->files, run->n_files, sizeof *run->files, compare_names);
	return 0;
}

static int write_report(struct pp_run *run)
{
	struct output_file *file;
	int r = facade_report(run);
	if (r == 0)
		r = output_open(run->output, REPORT_FILE, &file);
	return r < 0 ? r : output_write(file, run->report.data, run->report.size_bytes);
}

int facade_output_finish(struct pp_run *run)
{
	int r = world_nat_flush(run->world);
	if (r < 0 || !run->output)
		return r < 0 ? r : facade_report(run);
	if (run->capture)
		r = capture_finish(run->capture, world_now(run->world));
	if (r == 0 && run->flow_log)
		r = flow_log_finish(run->flow_log, run->output);
	if (r == 0)
		r = note_files(run);
	if (r == 0)
		r = write_report(run);
	if (r < 0)
		return r;
	run->capture = capture_free(run->capture);
	run->trail = trail_text_free(run->trail);
	run->flow_log = flow_log_free(run->flow_log);
	char *path = NULL;
	r = output_commit(run->output, &path);
	run->output = NULL;
	if (r < 0)
		(void)facade_fail(run, r, "%s: %s; " FACADE_UNTOUCHED, path ? path : run->options.directory,
				  strerror(-r));
	free(path);
	return r;
}

void facade_output_abort(struct pp_run *run)
{
	run->capture = capture_free(run->capture);
	run->trail = trail_text_free(run->trail);
	run->flow_log = flow_log_free(run->flow_log);
	if (run->output)
		output_abort(run->output);
	run->output = NULL;
}

const char *facade_capture_of(const struct pp_run *run, uint32_t flow)
{
	if (run->options.no_traces || run->model->taps_none)
		return NULL;
	size_t name_bytes = strlen(run->flow_names[flow]);
	for (size_t i = 0; i < run->n_files; i++)
		if (strncmp(run->files[i], run->flow_names[flow], name_bytes) == 0 &&
		    strcmp(run->files[i] + name_bytes, ".pcapng") == 0)
			return run->files[i];
	return NULL;
}
