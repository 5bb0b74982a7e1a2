/* The runs of a sweep: the scenario with the values of a combination, run and measured. */
#include "cli/sweep_job.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_A_STEP 20000 /* between two looks at signals */

/* ---- one run ---- */

static char *record_text(const char *word, const char *why)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	if (!out)
		return NULL;
	fprintf(out, "%s\t", word);
	ledger_put(out, why);
	return fclose(out) == 0 ? text : NULL;
}

const pp_measure *sweep_measure_named(const pp_measure *items, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(items[i].name, name) == 0)
			return &items[i];
	return NULL;
}

static char *record_measures(const struct sweep *sweep, const pp_measure *items, size_t n)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	if (!out)
		return NULL;
	fputs("ok", out);
	for (size_t i = 0; i < sweep->n_measures; i++) {
		const pp_measure *m = sweep_measure_named(items, n, sweep->measures[i].name);
		if (!m || !m->known)
			fputs("\t-", out);
		else if (m->kind == PP_MEASURE_SHARE)
			fprintf(out, "\t%" PRIu64 "/%" PRIu64, m->part, m->whole);
		else
			fprintf(out, "\t%" PRId64, m->value);
	}
	return fclose(out) == 0 ? text : NULL;
}

static char *measure_run(const struct sweep *sweep, const pp_scenario *scenario)
{
	pp_run *run = NULL;
	pp_meter *meter = NULL;
	const pp_measure *items;
	size_t n;
	char *record = NULL;
	int r = pp_run_new(scenario, NULL, &run);
	if (r == 0)
		r = pp_meter_new(run, &meter);
	while (r == 0 && !signals_caught())
		r = pp_run_step(run, EVENTS_A_STEP);
	bool stopped = r == 0;
	if (r > 0)
		r = pp_run_finish(run);
	if (r == 0 && !stopped)
		r = pp_meter_finish(meter, &items, &n);
	if (r == 0 && !stopped)
		record = record_measures(sweep, items, n);
	else if (r < 0 && r != -ENOMEM)
		record = record_text("failed", run ? pp_run_error(run) : strerror(-r));
	pp_meter_free(meter);
	pp_run_free(run);
	return record;
}

static char *refusal(const pp_scenario *scenario)
{
	for (size_t i = 0; scenario && i < pp_scenario_n_diagnostics(scenario); i++) {
		pp_diagnostic d;
		pp_scenario_diagnostic(scenario, i, &d);
		if (d.error)
			return record_text("refused", d.message);
	}
	return record_text("refused", "the scenario is wrong");
}

/* The values of a combination, then what stands on the command line, which may not name the same settings. */
int sweep_load(const struct sweep_job *job, size_t combination, const char *seed, pp_scenario **ret)
{
	const struct sweep *sweep = &job->sweep;
	const struct overrides *set = &job->settings->overrides;
	size_t n = set->n + sweep->n_varies + 1;
	pp_override *all = calloc(n, sizeof *all);
	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < set->n; i++)
		all[i] = set->items[i];
	for (size_t i = 0; i < sweep->n_varies; i++)
		all[set->n + i] =
			(pp_override){sweep->varies[i].path, job->values[i][sweep_digit(sweep, combination, i)]};
	all[n - 1] = (pp_override){"seed", seed};
	int r = pp_scenario_load_text(job->settings->path, job->text, job->bytes, all, seed ? n : n - 1, ret);
	free(all);
	return r;
}

char *sweep_run_case(void *context, size_t i)
{
	const struct sweep_job *job = context;
	char seed[24];
	pp_scenario *scenario = NULL;
	(void)snprintf(seed, sizeof seed, "%" PRIu64, job->sweep.first_seed + i % job->sweep.n_seeds);
	int r = sweep_load(job, i / (size_t)job->sweep.n_seeds, seed, &scenario);
	char *record = r < 0 ? NULL : r > 0 ? refusal(scenario) : measure_run(&job->sweep, scenario);
	pp_scenario_free(scenario);
	return record;
}

char *sweep_name_case(void *context, size_t i)
{
	const struct sweep_job *job = context;
	return sweep_run_name(&job->sweep, i);
}

/* ---- values ---- */

/* A number where addresses are due is how many: the first one and those that follow it. */
static char *addresses_from(const char *in_force, uint64_t count)
{
	char first[PP_ADDR_TEXT_BYTES];
	char *text = NULL;
	size_t bytes, n = strspn(in_force + (*in_force == '['), "0123456789.");
	FILE *out;
	pp_addr addr;
	(void)snprintf(first, sizeof first, "%.*s", (int)(n < sizeof first ? n : 0), in_force + (*in_force == '['));
	if (pp_addr_parse(first, &addr) != 0 || !(out = open_memstream(&text, &bytes)))
		return NULL;
	for (uint64_t i = 0; i < count; i++) {
		fprintf(out, "%s%s", i > 0 ? ", " : "[", pp_addr_print(addr, first));
		for (int k = 3; k >= 0 && ++addr.bytes[k] == 0;) /* the next one */
			k--;
	}
	fputs("]", out);
	return fclose(out) == 0 ? text : NULL;
}

static bool is_addresses(const char *value)
{
	unsigned a, b, c, d;
	char end = '\0';
	int n = sscanf(value + (*value == '['), "%u.%u.%u.%u%c", &a, &b, &c, &d, &end);
	return n == 4 || (n == 5 && (end == ',' || end == ']'));
}

static char *value_of(pp_scenario *scenario, const struct vary *vary, size_t k)
{
	const char *in_force = pp_scenario_setting(scenario, vary->path);
	uint64_t count;
	if (in_force && is_addresses(in_force) && parse_number(vary->values[k], 4096, &count) && count > 0)
		return addresses_from(in_force, count);
	return strdup(vary->values[k]);
}

int sweep_find_values(struct sweep_job *job, pp_scenario *scenario)
{
	struct sweep *sweep = &job->sweep;
	job->values = calloc(sweep->n_varies + 1, sizeof *job->values);
	if (!job->values)
		return STATUS_SYSTEM;
	for (size_t i = 0; i < sweep->n_varies; i++) {
		const struct vary *vary = &sweep->varies[i];
		job->values[i] = calloc(vary->n + 1, sizeof **job->values);
		for (size_t k = 0; job->values[i] && k < vary->n; k++)
			if (!(job->values[i][k] = value_of(scenario, vary, k)))
				return STATUS_SYSTEM;
		if (!job->values[i])
			return STATUS_SYSTEM;
	}
	return STATUS_OK;
}

/* Each value by itself, with the first of the others: what no scenario can have is said before anything runs. */
int sweep_try_values(const struct sweep_job *job)
{
	const struct sweep *sweep = &job->sweep;
	size_t weight = sweep_n_combinations(sweep);
	for (size_t i = 0; i < sweep->n_varies; i++) {
		weight /= sweep->varies[i].n;
		for (size_t k = 0; k < sweep->varies[i].n && k < 1000; k++) {
			pp_scenario *scenario = NULL;
			int r = sweep_load(job, k * weight, NULL, &scenario);
			if (r > 0) {
				fprintf(stderr, "pktpath sweep: with %s=%s the scenario is wrong\n",
					sweep->varies[i].path, sweep->varies[i].values[k]);
				print_diagnostics(scenario, job->settings->path, WARNINGS_BY_KIND);
			}
			pp_scenario_free(scenario);
			if (r != 0)
				return r > 0 ? STATUS_USAGE : STATUS_SYSTEM;
		}
	}
	return STATUS_OK;
}
