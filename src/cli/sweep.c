/* pktpath sweep: a scenario with other values, over and over, and what that comes to. */
#include "cli/sweep_job.h"
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- measures ---- */

static const char *const default_measures[] = {"calls",     "failed_share", "exhausted", "ports.peak", "ports.p50",
					       "ports.p95", "ports.p99",    "mappings",  "latency.p99"};

static int add_measure(struct sweep *sweep, const char *name)
{
	struct sweep_measure *grown;
	for (size_t i = 0; i < sweep->n_measures; i++)
		if (strcmp(sweep->measures[i].name, name) == 0)
			return STATUS_OK;
	grown = realloc(sweep->measures, (sweep->n_measures + 1) * sizeof *grown);
	if (!grown)
		return STATUS_SYSTEM;
	sweep->measures = grown;
	grown[sweep->n_measures++] = (struct sweep_measure){strdup(name), PP_MEASURE_COUNT};
	return grown[sweep->n_measures - 1].name ? STATUS_OK : STATUS_SYSTEM;
}

/* "a,b" */
static int add_measures(struct sweep *sweep, const char *list)
{
	char *copy = strdup(list), *next = copy;
	int status = copy ? STATUS_OK : STATUS_SYSTEM;
	for (char *name; status == STATUS_OK && (name = strsep(&next, ","));)
		if (*name)
			status = add_measure(sweep, name);
	free(copy);
	return status;
}

static int unknown_measure(const struct command *command, const char *name, const pp_measure *items, size_t n)
{
	const char **names = calloc(n + 1, sizeof *names);
	for (size_t i = 0; names && i < n; i++)
		names[i] = items[i].name;
	const char *nearest = names ? pp_nearest(name, names, n) : NULL;
	int status =
		nearest ? usage_error(command, "--measure: unknown measure `%s`; did you mean `%s`?", name, nearest)
			: usage_error(command,
				      "--measure: unknown measure `%s`; there are failed_share, exhausted, ports.p99, "
				      "latency.p99, flow.NAME.failed, "
				      "nat.NAME.ports.peak and others (docs/capacity.md)",
				      name);
	free(names);
	return status;
}

/* A run that has not moved knows all its measures by name. */
static int learn_measures(const struct command *command, struct sweep_job *job, const pp_scenario *scenario)
{
	struct sweep *sweep = &job->sweep;
	const pp_measure *items;
	size_t n;
	pp_run *run = NULL;
	pp_meter *meter = NULL;
	int r = pp_run_new(scenario, NULL, &run);
	if (r == 0)
		r = pp_meter_new(run, &meter);
	if (r == 0)
		r = pp_meter_names(meter, &items, &n);
	int status = r < 0 ? STATUS_SYSTEM : STATUS_OK;
	for (size_t i = 0; status == STATUS_OK && i < sweep->n_measures; i++) {
		struct sweep_measure *measure = &sweep->measures[i];
		const pp_measure *known = sweep_measure_named(items, n, measure->name);
		if (known)
			measure->kind = known->kind;
		else
			status = unknown_measure(command, measure->name, items, n);
	}
	pp_meter_free(meter);
	pp_run_free(run);
	return status;
}

/* ---- the plan ---- */

static int too_many(const struct command *command, const struct sweep *sweep, uint64_t n_seeds)
{
	uint64_t n = n_seeds;
	size_t largest = 0;
	bool counted = true;
	for (size_t i = 0; i < sweep->n_varies; i++) {
		counted &= !__builtin_mul_overflow(n, (uint64_t)sweep->varies[i].n, &n);
		largest = sweep->varies[i].n > sweep->varies[largest].n ? i : largest;
	}
	if (counted && n <= SWEEP_MAX_RUNS)
		return STATUS_OK;
	if (sweep->n_varies == 0 || sweep->varies[largest].n < 2)
		return usage_error(command, "%" PRIu64 " runs are more than %u; give fewer seeds", n, SWEEP_MAX_RUNS);
	return usage_error(
		command,
		"%s%" PRIu64
		" runs are more than %u; give fewer seeds or values: %s has %zu, a step (A..B:STEP) or a factor "
		"(A..Bx2) makes them fewer",
		counted ? "" : "more than ", counted ? n : UINT64_MAX, SWEEP_MAX_RUNS, sweep->varies[largest].path,
		sweep->varies[largest].n);
}

static char *digest(const struct sweep_job *job, const pp_scenario *scenario)
{
	char *text = NULL;
	uint64_t hash = digest_text(digest_bytes(DIGEST_BEGIN, job->text, job->bytes), "");
	hash = digest_text(digest_overrides(hash, &job->settings->overrides), pp_version());
	bool good = digest_scenario(&hash, scenario, 1);
	return !good || asprintf(&text, "%016" PRIx64, hash) < 0 ? NULL : text;
}

/* So many seeds that even the combination with the fewest calls has enough. */
static int seeds_for_find(struct sweep_job *job)
{
	struct sweep *sweep = &job->sweep;
	uint64_t needed = find_min_calls(sweep), fewest = UINT64_MAX;
	size_t n = sweep_n_combinations(sweep);
	for (size_t i = 0; i < n && i < 1000; i++) {
		pp_scenario *scenario = NULL;
		pp_scenario_info info;
		if (sweep_load(job, i, NULL, &scenario) == 0) {
			pp_scenario_info_get(scenario, &info);
			fewest = info.n_connections < fewest ? info.n_connections : fewest;
		}
		pp_scenario_free(scenario);
	}
	if (fewest > 0 && fewest != UINT64_MAX && sweep->n_seeds < (needed + fewest - 1) / fewest)
		sweep->n_seeds = (needed + fewest - 1) / fewest;
	return STATUS_OK;
}

static int parse_varies(const struct command *command, const struct sweep_settings *settings, struct sweep *sweep)
{
	int status = STATUS_OK;
	sweep->varies = calloc(settings->n_varies + 1, sizeof *sweep->varies);
	if (!sweep->varies)
		return STATUS_SYSTEM;
	for (size_t i = 0; status == STATUS_OK && i < settings->n_varies; i++) {
		status = vary_parse(command, settings->varies[i], &sweep->varies[sweep->n_varies++]);
		const char *path = sweep->varies[i].path;
		if (status == STATUS_OK && strcmp(path, "seed") == 0)
			status = usage_error(command, "--vary seed: say --seeds N, and --seed N for the first");
		for (size_t k = 0; status == STATUS_OK && k < i; k++)
			if (strcmp(sweep->varies[k].path, path) == 0)
				status = usage_error(command, "--vary: `%s` is varied twice", path);
	}
	for (size_t i = 0; status == STATUS_OK && !settings->find && settings->n_measures == 0 &&
			   i < sizeof default_measures / sizeof *default_measures;
	     i++)
		status = add_measure(sweep, default_measures[i]);
	for (size_t i = 0; status == STATUS_OK && i < settings->n_measures; i++)
		status = add_measures(sweep, settings->measures[i]);
	if (status == STATUS_OK && settings->find)
		status = find_parse(command, settings->find, sweep);
	return status;
}

static int plan(const struct command *command, struct sweep_job *job)
{
	struct sweep *sweep = &job->sweep;
	const struct sweep_settings *settings = job->settings;
	pp_scenario *scenario = NULL;
	int status = parse_varies(command, settings, sweep);
	sweep->n_seeds = settings->n_seeds;
	if (status == STATUS_OK)
		status = too_many(command, sweep, sweep->n_seeds);
	if (status == STATUS_OK)
		status = load_scenario(settings->path, &settings->overrides, &scenario);
	if (status == STATUS_OK) {
		pp_scenario_info info;
		pp_scenario_info_get(scenario, &info);
		sweep->scenario = strdup(info.name);
		sweep->first_seed = info.seed;
		sweep->digest = digest(job, scenario);
		status = sweep->scenario && sweep->digest ? sweep_find_values(job, scenario) : STATUS_SYSTEM;
	}
	pp_scenario_free(scenario);
	if (status == STATUS_OK)
		status = sweep_try_values(job);
	scenario = NULL;
	if (status == STATUS_OK)
		status = sweep_load(job, 0, NULL, &scenario) == 0 ? learn_measures(command, job, scenario)
								  : STATUS_SYSTEM;
	pp_scenario_free(scenario);
	if (status == STATUS_OK && sweep->find)
		status = find_value_of(command, sweep);
	if (status == STATUS_OK && sweep->find)
		status = seeds_for_find(job);
	return status == STATUS_OK ? too_many(command, sweep, sweep->n_seeds) : status;
}

/* ---- all of it ---- */

static int report(const struct sweep_job *job, const struct work *work, const struct records *records)
{
	struct values values = {0};
	int status = sweep_read_values(&job->sweep, records, &values);
	size_t n_trouble = 0, n = 0;
	for (size_t i = 0; status == STATUS_OK && i < records->n; i++) {
		n += !!records->items[i];
		n_trouble += sweep_has_trouble(&values, i);
	}
	if (status == STATUS_OK && job->settings->json) {
		sweep_print_json(&values);
	} else if (status == STATUS_OK) {
		if (job->sweep.find && work->options.shard.count == 1)
			print_find(stdout, &values);
		if (!job->settings->quiet)
			printf("%zu run%s%s      %s/\n", n, n == 1 ? "" : "s",
			       work->options.shard.count > 1 ? " of this part" : "", work->directory);
		if (!job->settings->quiet && work->options.shard.count > 1)
			printf("next: pktpath merge PART... -o DIR, once all %" PRIu64 " parts are done\n",
			       work->options.shard.count);
	}
	if (n_trouble > 0 && status == STATUS_OK) {
		fprintf(stderr, "pktpath: %zu of %zu runs could not be made; sweep.csv says why of each\n", n_trouble,
			n);
		status = STATUS_FAILED;
	}
	values_free(&values);
	return status;
}

static char *default_output(const struct sweep_job *job)
{
	const struct shard *shard = &job->settings->work.shard;
	char *path = NULL;
	int n = shard->count > 1 ? asprintf(&path, "sweeps/%s.%" PRIu64 "-of-%" PRIu64, job->sweep.scenario,
					    shard->index, shard->count)
				 : asprintf(&path, "sweeps/%s", job->sweep.scenario);
	return n < 0 ? NULL : path;
}

static int do_it(struct sweep_job *job)
{
	const struct sweep_settings *settings = job->settings;
	char *output = settings->output ? strdup(settings->output) : default_output(job),
	     *text = sweep_print_plan(&job->sweep);
	struct records records = {0};
	struct work work = {.kind = "sweep",
			    .directory = output,
			    .plan = text,
			    .options = settings->work,
			    .quiet = settings->quiet,
			    .n = sweep_n_combinations(&job->sweep) * (size_t)job->sweep.n_seeds,
			    .name = sweep_name_case,
			    .run = sweep_run_case,
			    .context = job};
	int status = output && text ? work_do(&work, &records) : STATUS_SYSTEM;
	if (status == STATUS_OK)
		status = sweep_write(&work, &records);
	if (status == STATUS_OK)
		status = report(job, &work, &records);
	work_records_free(&records);
	free(output);
	free(text);
	return status;
}

static int slurp(const char *path, char **ret, size_t *ret_bytes)
{
	FILE *in = input_file(path), *out = in ? open_memstream(ret, ret_bytes) : NULL;
	int error = in ? out ? 0 : ENOMEM : errno;
	char buffer[4096];
	for (size_t n; !error && (n = fread(buffer, 1, sizeof buffer, in)) > 0;)
		(void)fwrite(buffer, 1, n, out);
	if (in && ferror(in))
		error = errno ? errno : EIO;
	if (in)
		(void)fclose(in);
	if (out && (fclose(out) != 0 || !*ret) && !error)
		error = ENOMEM;
	if (!error)
		return STATUS_OK;
	fprintf(stderr, "pktpath: %s: %s\n", path, error_text(error));
	return error == ENOENT ? STATUS_USAGE : STATUS_SYSTEM;
}

static int sweep(const struct command *command, const struct sweep_settings *settings)
{
	struct sweep_job job = {.settings = settings};
	int status = slurp(settings->path, &job.text, &job.bytes);
	if (status == STATUS_OK)
		status = plan(command, &job);
	if (status == STATUS_OK)
		status = do_it(&job);
	for (size_t i = 0; job.values && i < job.sweep.n_varies; i++) {
		for (size_t k = 0; job.values[i] && k < job.sweep.varies[i].n; k++)
			free(job.values[i][k]);
		free(job.values[i]);
	}
	free(job.values);
	free(job.text);
	sweep_free(&job.sweep);
	return status;
}

/* ---- the command line ---- */

enum { OPTION_VARY = 256, OPTION_SEEDS, OPTION_MEASURE, OPTION_FIND, OPTION_JSON, OPTION_HELP };

static const struct option long_options[] = {{"vary", required_argument, NULL, OPTION_VARY},
					     {"seeds", required_argument, NULL, OPTION_SEEDS},
					     {"measure", required_argument, NULL, OPTION_MEASURE},
					     {"find", required_argument, NULL, OPTION_FIND},
					     {"output", required_argument, NULL, 'o'},
					     WORK_OPTIONS,
					     OVERRIDE_OPTIONS,
					     {"json", no_argument, NULL, OPTION_JSON},
					     {"quiet", no_argument, NULL, 'q'},
					     {"help", no_argument, NULL, OPTION_HELP},
					     {NULL, 0, NULL, 0}};

static int take(const struct command *command, struct sweep_settings *settings, int c)
{
	int status;
	if (overrides_take(command, &settings->overrides, c, &status) ||
	    work_options_take(command, &settings->work, c, &status))
		return status;
	switch (c) {
	case OPTION_VARY:
		settings->varies[settings->n_varies++] = optarg;
		return STATUS_OK;
	case OPTION_MEASURE:
		settings->measures[settings->n_measures++] = optarg;
		return STATUS_OK;
	case OPTION_SEEDS:
		if (!parse_number(optarg, SWEEP_MAX_RUNS, &settings->n_seeds) || settings->n_seeds == 0)
			return usage_error(command, "--seeds takes a number from 1 to %u, not `%s`", SWEEP_MAX_RUNS,
					   optarg);
		return STATUS_OK;
	case OPTION_FIND:
		settings->find = optarg;
		return STATUS_OK;
	case 'o':
		settings->output = optarg;
		return STATUS_OK;
	case OPTION_JSON:
		settings->json = true;
		return STATUS_OK;
	default:
		settings->quiet = settings->overrides.quiet = true;
		return STATUS_OK;
	}
}

int command_sweep(const struct command *command, int argc, char **argv)
{
	struct sweep_settings settings = {.work = WORK_OPTIONS_DEFAULT, .n_seeds = 1};
	int c, status = STATUS_OK;
	settings.varies = calloc((size_t)argc, sizeof *settings.varies);
	settings.measures = calloc((size_t)argc, sizeof *settings.measures);
	if (!settings.varies || !settings.measures)
		status = STATUS_SYSTEM;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":o:j:qh", long_options, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			goto done;
		}
		status = c == ':' || c == '?' ? option_error(command, c, argv, long_options)
					      : take(command, &settings, c);
	}
	if (status == STATUS_OK && argc - optind != 1)
		status = usage_error(command, argc == optind ? "which scenario?" : "it takes one scenario");
	settings.path = argv[optind];
	if (status == STATUS_OK)
		status = sweep(command, &settings);
done:
	free(settings.varies);
	free(settings.measures);
	overrides_free(&settings.overrides);
	return status;
}
