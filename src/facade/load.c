/* DOC: loading a scenario, from a file, from memory, or from the report of an earlier run. The text and what replaced
 * parts of it are kept: a report holds both, so that a run can be replayed from its own output, wherever that was moved
 * and whatever became of the file. */
#include "facade/facade.h"
#include "out/report_read.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Filters belong to libpcap, so they are tried here, at their place, and not when the run is under way; whatever else
 * is wrong, so that all of it is reported at once. */
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

static int keep_overrides(struct pp_scenario *scenario, const pp_override *overrides, size_t n)
{
	struct report_setting *kept = arena_array(scenario->arena, n, sizeof *kept);
	if (!kept)
		return -ENOMEM;
	scenario->overrides = kept;
	for (size_t i = 0; i < n; i++) {
		const char *value = overrides[i].value; /* NULL takes the item away */
		kept[i] = (struct report_setting){arena_strdup(scenario->arena, overrides[i].path),
						  value ? arena_strdup(scenario->arena, value) : NULL};
		if (!kept[i].path || (value && !kept[i].value))
			return -ENOMEM;
	}
	scenario->n_overrides = n;
	return 0;
}

int facade_take_text(struct pp_scenario *scenario, const struct source *from, struct source *ret)
{
	char *text = NULL;
	int r = 0;
	*ret = (struct source){.file = arena_strdup(scenario->arena, from->file), .text_bytes = from->text_bytes};
	if (from->text)
		text = arena_strndup(scenario->arena, from->text, from->text_bytes);
	else
		r = scenario_slurp(scenario->arena, from->file, &text, &ret->text_bytes);
	ret->text = text;
	return r == 0 && !(text && ret->file) ? -ENOMEM : r;
}

/* `stored` as in struct scenario_input. */
static int read_scenario(struct pp_scenario *scenario, const struct source *from, const pp_override *overrides,
			 size_t n, const struct source *stored, size_t n_stored)
{
	struct scenario_override *copies = arena_array(scenario->arena, n, sizeof *copies);
	struct scenario_input input = {.overrides = copies, .n_overrides = n, .stored = stored, .n_stored = n_stored};
	struct scenario_read read = {0};
	if (!copies)
		return -ENOMEM;
	int r = keep_overrides(scenario, overrides, n);
	for (size_t i = 0; r == 0 && i < n; i++)
		copies[i] = (struct scenario_override){scenario->overrides[i].path, scenario->overrides[i].value};
	r = r < 0 ? r : facade_take_text(scenario, from, &input.source);
	if (r == 0)
		r = scenario_read(scenario->arena, &input, &scenario->diags, &read);
	scenario->model = read.model;
	scenario->tree = read.tree;
	scenario->sources = read.sources;
	scenario->n_sources = read.n_sources;
	if (r == 0 && scenario->model)
		r = try_filters(scenario, scenario->model);
	if (r == 0 && scenario->diags.n_errors > 0) {
		/* The loader drew excerpts of what it found; what was found since has none so far. */
		diag_add_excerpts(&scenario->diags, scenario->sources, scenario->n_sources);
		scenario->model = NULL;
	}
	return r == 0 && scenario->diags.failed ? -ENOMEM : r;
}

struct pp_scenario *facade_scenario_new(void)
{
	struct pp_scenario *scenario = calloc(1, sizeof *scenario);
	if (!scenario)
		return NULL;
	scenario->arena = arena_new();
	diag_init(&scenario->diags, scenario->arena);
	if (scenario->arena)
		return scenario;
	free(scenario);
	return NULL;
}

static int finish(struct pp_scenario *scenario, int error, pp_scenario **ret)
{
	*ret = NULL;
	if (error < 0) {
		pp_scenario_free(scenario);
		return error;
	}
	*ret = scenario;
	return scenario->model ? 0 : 1;
}

static int load(const struct source *source, const pp_override *overrides, size_t n_overrides, pp_scenario **ret)
{
	struct pp_scenario *scenario = facade_scenario_new();
	*ret = NULL;
	if (!scenario)
		return -ENOMEM;
	return finish(scenario, read_scenario(scenario, source, overrides, n_overrides, NULL, 0), ret);
}

int pp_scenario_load(const char *path, const pp_override *overrides, size_t n_overrides, pp_scenario **ret)
{
	return load(&(struct source){.file = path}, overrides, n_overrides, ret);
}

int pp_scenario_load_text(const char *name, const char *text, size_t text_bytes, const pp_override *overrides,
			  size_t n_overrides, pp_scenario **ret)
{
	return load(&(struct source){name, text, text_bytes}, overrides, n_overrides, ret);
}

/* ---- from a report ---- */

static int replay(struct pp_scenario *scenario, const struct report_source *from)
{
	pp_override *overrides = arena_array(scenario->arena, from->n_overrides, sizeof *overrides);
	if (!overrides)
		return -ENOMEM;
	for (size_t i = 0; i < from->n_overrides; i++)
		overrides[i] = (pp_override){from->overrides[i].path, from->overrides[i].value};
	return read_scenario(scenario, &from->source, overrides, from->n_overrides, from->included, from->n_included);
}

int pp_scenario_load_report(const char *path, pp_scenario **ret)
{
	struct pp_scenario *scenario = facade_scenario_new();
	struct report_source from;
	*ret = NULL;
	if (!scenario)
		return -ENOMEM;
	struct buf text = {0};
	int r = report_slurp(path, &text);
	if (r == 0) {
		scenario->origin = arena_strndup(scenario->arena, buf_text(&text), text.size_bytes);
		scenario->origin_bytes = text.size_bytes;
		r = scenario->origin
			    ? report_source_read(scenario->arena, scenario->origin, scenario->origin_bytes, &from)
			    : -ENOMEM;
	}
	buf_free(&text);
	if (r > 0) {
		diag_error(&scenario->diags, PLACE_NONE, "run its scenario again: pktpath run SCENARIO",
			   "%s holds no run that can be replayed", path);
		r = scenario->diags.failed ? -ENOMEM : 0;
	} else if (r == 0) {
		r = replay(scenario, &from);
	}
	return finish(scenario, r, ret);
}
